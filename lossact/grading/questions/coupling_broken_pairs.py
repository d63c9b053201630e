"""Exercise coupling/broken_pairs: the marks of a pair, a diagnosis from its curve, and the head that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
from scipy.special import expit, xlog1py, xlogy

from lossact.grading.question import Arguments, Check, Curve, Inputs, Misconception, Question
from lossact.grading.questions._shared import changes_input

_VARIANTS = 16  # recorded runs of one kind: more would cost time, and the mark does not depend on it
_LONG, _EVERY = 200, 5
_CLASSES = (3, 4, 5, 6, 10)


# --- inputs: pairs --------------------------------------------------------------------------------------

_FITTING = (
    ("none", "cross_entropy"),
    ("log_softmax", "nll"),
    ("none", "bce_with_logits"),
    ("sigmoid", "bce"),
    ("none", "mse"),
    ("softmax", "mse"),
    ("sigmoid", "mse"),
)
_BROKEN = (
    ("softmax", "cross_entropy"),
    ("sigmoid", "bce_with_logits"),
    ("softmax", "nll"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "bce"),
)


def _fitting(rng: np.random.Generator) -> list[Arguments]:
    return [("none", "cross_entropy", 10)] + [(*pair, int(rng.integers(3, 7))) for pair in _FITTING]


def _broken(rng: np.random.Generator) -> list[Arguments]:
    return [(*pair, 10) for pair in _BROKEN] + [(*pair, int(rng.integers(3, 7))) for pair in _BROKEN]


def _alarms(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("log_softmax", "cross_entropy", 10),
        ("none", "focal_with_logits", 10),
        ("log_softmax", "cross_entropy", int(rng.integers(3, 7))),
        ("none", "focal_with_logits", int(rng.integers(3, 7))),
    ]


def _one_output(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("none", "cross_entropy", 1),
        ("log_softmax", "nll", 1),
        ("none", "bce_with_logits", 1),
        ("sigmoid", "mse", 1),
    ]


def _unknown_words(rng: np.random.Generator) -> list[Arguments]:
    return [("relu", "cross_entropy", 10), ("softmax", "hinge", 10)]


# --- inputs: recorded runs ------------------------------------------------------------------------------
# Each is a linear model, trained for some milliseconds on points around K corners.

Pair = Callable[[Any, Any], tuple[float, Any]]


def _lse(z: Any) -> Any:
    """log Σ exp of each row. These three are called thousands of times on few numbers."""
    largest = np.max(z, axis=-1, keepdims=True)
    return largest + np.log(np.sum(np.exp(z - largest), axis=-1, keepdims=True))


def _log_softmax(z: Any) -> Any:
    return z - _lse(z)


def _softmax(z: Any) -> Any:
    return np.exp(_log_softmax(z))


def _cross_entropy(z: Any, t: Any) -> tuple[float, Any]:
    return float(-np.sum(_log_softmax(z) * t) / len(z)), (_softmax(z) - t) / len(z)


def _through_softmax(p: Any, slope: Any) -> Any:
    return p * (slope - np.sum(p * slope, axis=1, keepdims=True))


def _softmax_twice(z: Any, t: Any) -> tuple[float, Any]:
    p = _softmax(z)
    value, slope = _cross_entropy(p, t)
    return value, _through_softmax(p, slope)


def _no_logarithm(z: Any, t: Any) -> tuple[float, Any]:
    p = _softmax(z)
    return float(-np.sum(p * t) / len(z)), _through_softmax(p, -t / len(z))


def _yes_or_no(z: Any, t: Any) -> tuple[float, Any]:
    return float(np.sum(np.logaddexp(0, z) - t * z) / len(z)), (expit(z) - t) / len(z)


def _sigmoid_twice(z: Any, t: Any) -> tuple[float, Any]:
    p = expit(z)
    value, slope = _yes_or_no(p, t)
    return value, slope * p * (1 - p)


def _squares(z: Any, t: Any) -> tuple[float, Any]:
    return float(np.sum((z - t) ** 2) / len(z)), 2 * (z - t) / len(z)


def _behind_relu(z: Any, t: Any) -> tuple[float, Any]:
    value, slope = _cross_entropy(np.maximum(z, 0), t)
    return value, slope * (z > 0)


def _error_rate(z: Any, t: Any) -> tuple[float, Any]:
    wrong = np.argmax(z, axis=1) != np.argmax(t, axis=1)
    return float(np.mean(wrong)), np.zeros_like(z)  # a small step changes no answer


class _Task:
    """Points around K corners, a part of their labels wrong, and a linear model."""

    def __init__(self, classes: int, rng: np.random.Generator, bias: Any = 0.0, wrong: float = 0.0) -> None:
        self.y = np.repeat(np.arange(classes), 6)
        points = 3 * np.eye(classes)[self.y] + rng.normal(scale=0.5, size=(len(self.y), classes))
        self.x = np.column_stack([points - points.mean(axis=0), np.ones(len(self.y))])
        told = self.y.copy()
        false = rng.permutation(len(told))[: round(wrong * len(told))]
        told[false] = (told[false] + 1) % classes
        self.target = np.eye(classes)[told]
        self.weight = rng.normal(scale=0.1, size=(classes + 1, classes))
        self.weight[-1] += bias

    def losses_and_accuracies(
        self, pair: Pair, rate: float, steps: int = _LONG, every: int = _EVERY, until: float = -np.inf
    ) -> tuple[Any, Any]:
        """Recorded every few steps; stops below `until`, or where the loss is no number."""
        losses, accuracies = [], []
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(steps):
                z = self.x @ self.weight
                value, delta = pair(z, self.target)
                if step % every == 0:
                    losses.append(value)
                    accuracies.append(self._accuracy(np.maximum(z, 0) if pair is _behind_relu else z))
                if np.isnan(value) or value < until:
                    break
                self.weight -= rate * self.x.T @ delta
        return np.array(losses), np.array(accuracies)

    def _accuracy(self, outputs: Any) -> float:
        """The share of right answers; where several outputs are largest, as a lot among them would give."""
        largest = outputs == outputs.max(axis=1, keepdims=True)
        return float(np.mean(largest[np.arange(len(self.y)), self.y] / largest.sum(axis=1)))


Run = tuple[int, Any, Any]


@cache
def _recorded(kind: str, classes: int, variant: int, silent: int = 0) -> Run:
    """K, losses and accuracies of one run."""
    rng = np.random.default_rng([variant, classes, silent])
    if kind in _RUNS:
        pair, rate = _RUNS[kind]
        return (classes, *_Task(classes, rng).losses_and_accuracies(pair, rate))
    return _SPECIAL[kind](classes, rng, silent)


_RUNS: dict[str, tuple[Pair, float]] = {
    "cross-entropy": (_cross_entropy, 0.5),
    "sigmoids": (_yes_or_no, 0.5),
    "squares": (_squares, 0.1),
    "softmax twice": (_softmax_twice, 30.0),
    "sigmoid twice": (_sigmoid_twice, 5.0),
    "no logarithm": (_no_logarithm, 10.0),
    "error rate": (_error_rate, 1.0),
}


def _silent(classes: int, rng: np.random.Generator, silent: int) -> Run:
    bias = np.where(rng.permutation(classes) < silent, -9.0, 0.5)
    return (classes, *_Task(classes, rng, bias).losses_and_accuracies(_behind_relu, 2.0))


def _alone(classes: int, rng: np.random.Generator, silent: int) -> Run:
    share = float(rng.uniform(0.4, 0.8))
    return classes, np.zeros(_LONG // _EVERY), np.full(_LONG // _EVERY, share)


def _overflow(classes: int, rng: np.random.Generator, silent: int) -> Run:
    losses, accuracies = _Task(classes, rng).losses_and_accuracies(_squares, 1e5, steps=100, every=1)
    return classes, losses, accuracies


def _rises(classes: int, rng: np.random.Generator, silent: int) -> Run:
    rate = 2.1 * classes / 9  # the largest curvature is about 2 * 9 / K
    return (classes, *_Task(classes, rng).losses_and_accuracies(_squares, rate, steps=60, every=2))


def _still_falling(classes: int, rng: np.random.Generator, silent: int) -> Run:
    until = 1.01 * _twice_floor(classes)
    task = _Task(classes, rng)
    return (classes, *task.losses_and_accuracies(_cross_entropy, 0.02, steps=900, every=1, until=until))


def _wrong_labels(classes: int, rng: np.random.Generator, silent: int) -> Run:
    """A healthy run that cannot reach 0, and does not come near a mark by chance."""
    while True:
        task = _Task(classes, rng, wrong=float(rng.uniform(0.15, 0.35)))
        losses, accuracies = task.losses_and_accuracies(_cross_entropy, 2.0)
        marks = [_twice_floor(classes), *(_silent_floor(classes, j) for j in range(1, classes))]
        if losses[-1] > 0.1 and min(abs(losses[-1] / mark - 1) for mark in marks) > 0.15:
            return classes, losses, accuracies


_SPECIAL: dict[str, Callable[[int, np.random.Generator, int], Run]] = {
    "silent classes": _silent,
    "one unit": _alone,
    "overflow": _overflow,
    "rises": _rises,
    "still falling": _still_falling,
    "wrong labels": _wrong_labels,
}


def _runs(*kinds: tuple[str, int]) -> Inputs:
    """A run of each kind, with so many classes; 0 for a number that is drawn."""

    def inputs(rng: np.random.Generator) -> list[Arguments]:
        drawn = []
        for kind, classes in kinds:
            number = classes or int(rng.choice(_CLASSES))
            drawn.append(_recorded(kind, number, int(rng.integers(_VARIANTS))))
        return drawn

    return inputs


def _silent_runs(rng: np.random.Generator) -> list[Arguments]:
    def run(classes: int, silent: int) -> Run:
        return _recorded("silent classes", classes, int(rng.integers(_VARIANTS)), silent)

    return [
        run(10, 1),
        run(10, 4),
        run(5, 2),
        run(8, 5),  # stops 2 percent from the floor of a softmax taken twice
        _recorded("softmax twice", 8, int(rng.integers(_VARIANTS))),
        run(4, 4),
        _recorded("cross-entropy", 8, int(rng.integers(_VARIANTS))),
    ]


# --- inputs: targets ------------------------------------------------------------------------------------


def _labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0, 2, 1, 2]),),
        (np.concatenate([rng.integers(0, 5, size=8), [6]]),),  # 5 never occurs
        (np.eye(3)[[0, 2, 2, 1]],),
        (np.eye(4, dtype=int)[rng.integers(0, 4, size=6)],),
        (rng.dirichlet(np.ones(5), size=6),),
    ]


def _questions(rng: np.random.Generator) -> list[Arguments]:
    answers = rng.integers(0, 2, size=(7, 4))
    answers[0], answers[1] = 1, 0
    return [
        (np.array([[1, 0, 1], [0, 0, 0], [1, 0, 0]]),),
        (answers.astype(float),),
        (np.array([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]),),
    ]


def _two_classes(rng: np.random.Generator) -> list[Arguments]:
    column = rng.permutation([0, 1, 1, 0, 1])[:, np.newaxis]
    return [(np.array([1, 0, 0, 1]),), (column,), (np.array([0.0, 1.0, 1.0]),)]


def _measurements(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.5, -2.0, 0.5]),),
        (rng.normal(loc=3, scale=4, size=9),),
        (rng.normal(scale=2, size=(5, 3)),),
        (rng.uniform(0.1, 0.9, size=(6, 1)) * 40 - 8,),
    ]


def _targets_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.normal(size=(4, 2)),), (np.array([0, 2, 1]),), (np.array([[1.0, 1.0], [0.0, 1.0]]),)]


# --- answers: the marks ---------------------------------------------------------------------------------

_HEADS: dict[str, Callable[[Any], Any]] = {
    "none": lambda z: z,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "sigmoid": expit,
}


def _binary(a: Any, t: Any) -> Any:
    return np.logaddexp(0, a) - t * a


def _focal(a: Any, t: Any, p: Any) -> Any:
    of_target = np.where(t == 1, p, 1 - p)
    return np.sum((1 - of_target) ** 2 * _binary(a, t))


_LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "cross_entropy": lambda a, t: _lse(a)[0] - a @ t,
    "nll": lambda a, t: -(a @ t),
    "mse": lambda a, t: np.sum((a - t) ** 2),
    "bce": lambda a, t: -np.sum(xlogy(t, a) + xlog1py(1 - t, -a)),
    "bce_with_logits": lambda a, t: np.sum(_binary(a, t)),
    "focal_with_logits": lambda a, t: _focal(a, t, expit(a)),
}
Value = Callable[[str, str, Any, Any], Any]


def _known_words(head: str, loss: str) -> None:
    if head not in _HEADS or loss not in _LOSSES:
        raise ValueError(f"{head!r} and {loss!r}: one of these is not on the list")


def _value(head: str, loss: str, z: Any, t: Any) -> Any:
    return _LOSSES[loss](_HEADS[head](z), t)


def _least(head: str, loss: str, classes: int, value: Value) -> Any:
    """At the target itself, or with a right logit far above all others."""
    t = np.eye(classes)[0]
    z = t if (head, loss) == ("none", "mse") else 80 * t - 40
    return value(head, loss, z, t)


def _slopes(head: str, loss: str, classes: int, value: Value) -> Any:
    t, h = np.eye(classes)[0], 1e-5
    return np.array(
        [(value(head, loss, h * e, t) - value(head, loss, -h * e, t)) / (2 * h) for e in np.eye(classes)]
    )


def _marks(
    value: Value = _value,
    floor: Callable[..., Any] = _least,
    slopes: Callable[..., Any] = _slopes,
    length: Callable[[Any], Any] = np.linalg.norm,
    check: Callable[[str, str], None] = _known_words,
) -> Callable[..., Any]:
    """marks_of with one part exchanged."""

    def answer(head: str, loss: str, K: int) -> Any:
        check(head, loss)
        t = np.eye(K)[0]
        return (
            value(head, loss, np.zeros(K), t),
            floor(head, loss, K, value),
            length(slopes(head, loss, K, value)),
        )

    return answer


marks_of = _marks()


def _instead(pairs: Mapping[tuple[str, str], Callable[[Any, Any], Any]]) -> Value:
    """The values of these pairs are others; the functions take z and the target."""

    def value(head: str, loss: str, z: Any, t: Any) -> Any:
        other = pairs.get((head, loss))
        return _value(head, loss, z, t) if other is None else other(z, t)

    return value


def _elementwise_mean(head: str, loss: str, z: Any, t: Any) -> Any:
    value = _value(head, loss, z, t)
    return value if loss in ("cross_entropy", "nll") else value / len(z)


def _half_squares(head: str, loss: str, z: Any, t: Any) -> Any:
    return _value(head, loss, z, t) * (0.5 if loss == "mse" else 1)


def _bits(head: str, loss: str, z: Any, t: Any) -> Any:
    has_log = loss != "mse" and (head, loss) != ("softmax", "nll")
    return _value(head, loss, z, t) / (np.log(2) if has_log else 1)


def _one_unit_as_sigmoid(head: str, loss: str, z: Any, t: Any) -> Any:
    if len(z) == 1 and loss in ("cross_entropy", "nll") and head != "softmax":
        return np.sum(_binary(z, t))
    return _value(head, loss, z, t)


def _slopes_at_the_loss(head: str, loss: str, classes: int, value: Value) -> Any:
    """With respect to what the loss receives instead of the logits."""
    t, h, a = np.eye(classes)[0], 1e-5, _HEADS[head](np.zeros(classes))
    return np.array(
        [(_LOSSES[loss](a + h * e, t) - _LOSSES[loss](a - h * e, t)) / (2 * h) for e in np.eye(classes)]
    )


def _floor_zero(head: str, loss: str, classes: int, value: Value) -> Any:
    return 0.0


def _floor_of_sigmoids(head: str, loss: str, classes: int, value: Value) -> Any:
    if (head, loss) == ("sigmoid", "bce_with_logits"):
        return classes * np.log(2)
    return _least(head, loss, classes, value)


def _floor_without_own(head: str, loss: str, classes: int, value: Value) -> Any:
    if loss == "cross_entropy" and head in ("softmax", "sigmoid"):
        return np.log(np.e + classes - 1)
    return _least(head, loss, classes, value)


def _floor_of_ten(head: str, loss: str, classes: int, value: Value) -> Any:
    if loss == "cross_entropy" and head in ("softmax", "sigmoid"):
        return _twice_floor(10)
    return _least(head, loss, classes, value)


def _anything_goes(head: str, loss: str, K: int) -> Any:
    known = head if head in _HEADS else "none", loss if loss in _LOSSES else "cross_entropy"
    return marks_of(*known, K)


def _key_error(head: str, loss: str, K: int) -> Any:
    _ = _HEADS[head], _LOSSES[loss]
    return marks_of(head, loss, K)


# --- answers: the diagnosis -----------------------------------------------------------------------------


def _twice_floor(classes: int) -> float:
    return float(np.log(np.e + classes - 1) - 1)


def _sigmoid_floor(classes: int) -> float:
    return float((classes - 1) * np.log(2) + np.log1p(np.exp(-1)))


def _silent_floor(classes: int, silent: int) -> float:
    return float(silent / classes * np.log(classes))


def _near(loss: float, mark: float) -> bool:
    return bool(abs(loss - mark) < 0.05 * mark)


def _has_stopped(losses: Any) -> bool:
    return bool(abs(losses[-1] - losses[-10]) < 0.01 * losses[-10])


def _too_large_a_step(losses: Any) -> bool:
    return bool(not np.all(np.isfinite(losses)) or losses[-1] > losses[0])


def _stays(losses: Any) -> bool:
    return bool(np.all(losses == losses[0]))


def _is_silent(classes: int, loss: float, accuracy: float, counts: Any) -> bool:
    """Whether for one of these numbers of silent classes both loss and accuracy are as they must be."""
    return any(
        _near(loss, _silent_floor(classes, j)) and accuracy < 1 - 0.5 * j / classes for j in counts(classes)
    )


def _doctor(
    rises: Callable[[Any], bool] = _too_large_a_step,
    stopped: Callable[[Any], bool] = _has_stopped,
    twice: Callable[[int], float] = _twice_floor,
    counts: Callable[[int], Any] = lambda classes: range(1, classes),
    sure: float = 0.9,
    fits: Callable[[float, float], bool] = _near,
) -> Callable[..., str]:
    """diagnose with one rule exchanged."""

    def answer(K: int, losses: Any, accuracies: Any) -> str:
        last = float(losses[-1])
        if rises(losses):
            return "too large a step"
        if last < 0:
            return "no logarithm"
        if _stays(losses):
            return "one unit" if last == 0 else "no gradient"
        if not stopped(losses):
            return "healthy"
        if fits(last, twice(K)) and accuracies[-1] > sure:
            return "softmax twice"
        if _near(last, _sigmoid_floor(K)):
            return "sigmoid twice"
        return "silent classes" if _is_silent(K, last, accuracies[-1], counts) else "healthy"

    return answer


diagnose = _doctor()


def _says(instead: Mapping[str, str]) -> Callable[..., str]:
    """diagnose with some words exchanged."""

    def answer(K: int, losses: Any, accuracies: Any) -> str:
        word = diagnose(K, losses, accuracies)
        return instead.get(word, word)

    return answer


def _by_accuracy(K: int, losses: Any, accuracies: Any) -> str:
    return "healthy" if accuracies[-1] > 0.9 else diagnose(K, losses, accuracies)


def _with_more_in_place(K: int, losses: Any, accuracies: Any) -> str:
    word = diagnose(K, losses, accuracies)
    losses -= losses[-1]
    return word


# --- answers: the head ----------------------------------------------------------------------------------


def _kind(y: Any) -> str:
    """What the targets are: classes, rows of shares, questions, numbers."""
    if np.all((y == 0) | (y == 1)) and (y.ndim == 1 or y.shape[1] == 1):
        return "question"
    if y.ndim == 1 and y.dtype.kind in "iu":
        return "classes"
    if y.ndim == 2 and np.all(y >= 0) and np.allclose(y.sum(axis=1), 1):
        return "shares"
    return "questions" if np.all((y == 0) | (y == 1)) else "numbers"


Declared = Callable[[Any], tuple[str, int, float]]


def _width(y: Any) -> int:
    return 1 if y.ndim == 1 else int(y.shape[1])


def _of_classes(y: Any) -> tuple[str, int, float]:
    classes = int(y.max()) + 1
    return "softmax", classes, float(np.log(classes))


def _of_shares(y: Any) -> tuple[str, int, float]:
    return "softmax", _width(y), float(np.log(_width(y)))


def _of_questions(y: Any) -> tuple[str, int, float]:
    return "sigmoid", _width(y), float(_width(y) * np.log(2))


def _of_numbers(y: Any) -> tuple[str, int, float]:
    return "identity", _width(y), float(np.sum(y**2) / len(y))


def _declared(
    classes: Declared = _of_classes,
    shares: Declared = _of_shares,
    question: Declared = _of_questions,
    questions: Declared = _of_questions,
    numbers: Declared = _of_numbers,
) -> Declared:
    """declare_head with the answer for one kind of target exchanged."""

    def answer(y: Any) -> tuple[str, int, float]:
        by_kind = {
            "classes": classes,
            "shares": shares,
            "question": question,
            "questions": questions,
            "numbers": numbers,
        }
        return by_kind[_kind(y)](y)

    return answer


declare_head = _declared()


def _first_loss(change: Callable[[str, int, float], float]) -> Declared:
    """declare_head with another first loss, from the head, the units and the right first loss."""

    def answer(y: Any) -> tuple[str, int, float]:
        head, units, loss = declare_head(y)
        return head, units, change(head, units, loss)

    return answer


def _exclusive_by_shape(y: Any) -> tuple[str, int, float]:
    return "softmax", _width(y), float(np.sum(y) / len(y) * np.log(_width(y)))


def _as_many_as_occur(y: Any) -> tuple[str, int, float]:
    units = len(np.unique(y))
    return "softmax", units, float(np.log(units))


def _largest_label(y: Any) -> tuple[str, int, float]:
    return "softmax", int(y.max()), float(np.log(y.max()))


def _declared_in_place(y: Any) -> tuple[str, int, float]:
    result = declare_head(y)
    if y.dtype.kind == "f":
        y -= y.mean()
    return result


# --- questions ------------------------------------------------------------------------------------------

_CURVE_PROBE = "import numpy as np\n"


def _curve(losses: str, accuracy: str, classes: int = 10) -> str:
    return f"{_CURVE_PROBE}losses = {losses}\ndiagnose({classes}, losses, np.full(len(losses), {accuracy}))"


_MARKS = Question(
    name="marks_of",
    reference=marks_of,
    checks=(
        Check("pairs that fit", _fitting, points=Decimal(2), rtol=1e-5, atol=1e-8),
        Check("pairs that do not fit", _broken, points=Decimal(3), rtol=1e-5, atol=1e-8),
        Check("two that only look wrong", _alarms, points=Decimal(2), rtol=1e-5, atol=1e-8),
        Check("a single output", _one_output, rtol=1e-5, atol=1e-8),
        Check("a word that is not on the list is refused with a ValueError", _unknown_words),
    ),
    misconceptions=(
        Misconception(
            id="M87",
            name="You took cross_entropy to expect probabilities. It expects logits, and takes a softmax of "
            "whatever it is given.",
            function=_marks(
                _instead(
                    {
                        ("softmax", "cross_entropy"): lambda z, t: -(_log_softmax(z) @ t),
                        ("sigmoid", "cross_entropy"): lambda z, t: np.logaddexp(0, -(z @ t)),
                    }
                )
            ),
            sees="Your softmax + cross_entropy has the marks of a healthy pair: floor 0, pull 0.949 for ten "
            "classes.",
            why="Numbers between 0 and 1, taken for logits, are never far apart: the loss stops at 1.4612.",
            probe="marks_of('softmax', 'cross_entropy', 10)  # 2.3026, 1.4612, 0.0949",
        ),
        Misconception(
            id="M88",
            name="You took bce_with_logits to expect probabilities. It takes a sigmoid of all it is given.",
            function=_marks(_instead({("sigmoid", "bce_with_logits"): lambda z, t: np.sum(_binary(z, t))})),
            sees="Your sigmoid + bce_with_logits has the marks of a healthy pair.",
            why="σ(σ(z)) lies between 0.5 and 0.7311. A target 0 costs at least 0.6931, a target 1 at least "
            "0.3133.",
            probe="marks_of('sigmoid', 'bce_with_logits', 1)[1]  # 0.3133 is wanted",
        ),
        Misconception(
            id="M89",
            name="You took the sigmoid inside the focal loss for a fault, and left it out.",
            function=_marks(_instead({("none", "focal_with_logits"): lambda z, t: _focal(z, t, z)})),
            sees="Your first loss is four times the right one: at z = 0 your weights are 1, not one quarter.",
            why="The weight (1 - p_t)² needs a probability, the cross-entropy beside it needs the logit. Two "
            "uses of one logit are no sigmoid taken twice.",
            probe="marks_of('none', 'focal_with_logits', 1)[0]  # log 2 / 4 = 0.1733",
        ),
        Misconception(
            id="M90",
            name="You took nll to take a logarithm. It returns minus the entry of the right class, as it is.",
            function=_marks(_instead({("softmax", "nll"): lambda z, t: -(_log_softmax(z) @ t)})),
            sees="Your softmax + nll starts at log K; it starts at -1/K.",
            why="The logarithm belongs to the log_softmax in front of it. Without it the loss is negative "
            "and goes to -1.",
            probe="marks_of('softmax', 'nll', 10)  # -0.1, -1, 0.0949",
        ),
        Misconception(
            id="M91",
            name="You counted log_softmax before cross_entropy as a second softmax. It changes nothing.",
            function=_marks(
                _instead(
                    {("log_softmax", "cross_entropy"): lambda z, t: _value("softmax", "cross_entropy", z, t)}
                )
            ),
            sees="Your log_softmax + cross_entropy has the floor 1.4612 for ten classes; it has the floor 0.",
            why="log p is z minus a constant, and a softmax does not see constants. It costs time, and "
            "nothing else.",
            probe="marks_of('log_softmax', 'cross_entropy', 10)[1]  # 0 is wanted",
        ),
        Misconception(
            id="M79",
            name="You gave a single unit under a softmax the marks of a sigmoid.",
            function=_marks(_one_unit_as_sigmoid),
            sees="With K = 1 you have a first loss of 0.6931; it is 0.",
            why="e^z / e^z = 1 whatever z is: loss 0, gradient 0. The network looks perfect and learns "
            "nothing.",
            probe="marks_of('none', 'cross_entropy', 1)  # 0, 0, 0",
        ),
        Misconception(
            id="E3.6a",
            name="You averaged over the K outputs. Here every loss is summed over them.",
            function=_marks(_elementwise_mean),
            sees="The binary, squared and focal losses have marks that are K times too small.",
            why="Averaging is torch's default. With ten outputs the gradient is ten times shorter, and a "
            "fair comparison of pairs is lost.",
            probe="marks_of('none', 'bce_with_logits', 10)[0]  # 10 log 2 = 6.931 here",
            convention=True,
        ),
        Misconception(
            id="M02",
            name="You put a half in front of the squared error; here it has none.",
            function=_marks(_half_squares),
            sees="Only the pairs with mse differ, and there by the factor 2.",
            why="Books do both. Say which, or rates and losses cannot be compared.",
            probe="marks_of('none', 'mse', 10)  # 1, 0, 2 without the half",
            convention=True,
        ),
        Misconception(
            id="M33",
            name="You used the logarithm to base 2. Losses here are in nats.",
            function=_marks(_bits),
            sees="Your marks are 1.4427 times the right ones wherever a logarithm is in them.",
            why="The gradient p - y belongs to the natural logarithm.",
            probe="marks_of('none', 'bce_with_logits', 1)[0]  # 0.6931, not 1",
        ),
        Misconception(
            id="E3.6b",
            name="You gave every pair the floor 0, as if every loss could get there.",
            function=_marks(floor=_floor_zero),
            sees="First loss and pull are right; the floors of the broken pairs are not 0.",
            why="The floor is what gives away a pair that classifies well all the same.",
            probe="marks_of('softmax', 'cross_entropy', 10)[1]  # 1.4612",
        ),
        Misconception(
            id="E3.6c",
            name="For the sigmoid taken twice you gave each output the floor of a target 0. One target is 1.",
            function=_marks(floor=_floor_of_sigmoids),
            sees="Your floor of sigmoid + bce_with_logits is K log 2; it is 0.3799 lower.",
            why="K log 2 is where it got stuck on the digits of the page. The least value that it can have "
            "takes 0.3133 for the target 1.",
            probe="marks_of('sigmoid', 'bce_with_logits', 1)[1]  # 0.3133, not 0.6931",
        ),
        Misconception(
            id="E3.6d",
            name="In the floor of the softmax taken twice you forgot to take away the right entry, 1.",
            function=_marks(floor=_floor_without_own),
            sees="Your floor is 1 too high: 2.4612 for ten classes, which is above the first loss.",
            why="A loss is log Σ exp minus the logit of the right class. The best that a softmax hands over "
            "there is 1.",
            probe="marks_of('softmax', 'cross_entropy', 10)  # the floor must lie below the first loss",
        ),
        Misconception(
            id="E3.6e",
            name="You took the slope with respect to what the loss receives, and not with respect to the "
            "logits.",
            function=_marks(slopes=_slopes_at_the_loss),
            sees="Your pull is right without a head. With one it lacks the factor of the head's derivative.",
            why="A softmax in front divides what comes back by K. That is why such a pair starts slowly.",
            probe="marks_of('softmax', 'cross_entropy', 10)[2]  # 0.0949, not 0.949",
        ),
        Misconception(
            id="E3.6f",
            name="Your pull is the square of the length.",
            function=_marks(length=lambda slopes: np.sum(slopes**2)),
            sees="First loss and floor are right; your third number is the square of the right one.",
            why="A step is as long as the gradient times the rate. The square is not a length.",
            probe="marks_of('none', 'mse', 10)[2]  # 2, not 4",
        ),
        Misconception(
            id="E3.6g",
            name="Your pull is the sum of the absolute slopes, not the length of the gradient.",
            function=_marks(length=lambda slopes: np.sum(np.abs(slopes))),
            sees="First loss and floor are right; your third number is too large where K is above 1.",
            why="The length is the root of the sum of squares. It is what the page compares the pairs by.",
            probe="marks_of('none', 'bce_with_logits', 10)[2]  # 1.581, not 5",
        ),
        Misconception(
            id="E3.6h",
            name="Your pull is the slope at the right class alone.",
            function=_marks(length=lambda slopes: np.abs(slopes[0])),
            sees="First loss and floor are right; your third number is too small where K is above 1.",
            why="All logits move. A sigmoid spends most of its first pull on pushing the others down.",
            probe="marks_of('none', 'bce_with_logits', 10)[2]  # 1.581, not 0.5",
        ),
        Misconception(
            id="E3.6i",
            name="You wrote down the floor for ten classes, whatever K is.",
            function=_marks(floor=_floor_of_ten),
            sees="Your floor of the softmax taken twice is right for K = 10 alone.",
            why="With four classes it is 0.7437. A report that named such a number left out the K.",
            probe="marks_of('softmax', 'cross_entropy', 4)[1]  # 0.7437",
        ),
        Misconception(
            id="E3.6j",
            name="A word that is not on the list gets the marks of another pair.",
            function=_anything_goes,
            sees="'relu' gives numbers; a ValueError is wanted.",
            why="You would compare a run with the marks of a pair that it does not have.",
            probe="'relu' in ('none', 'softmax', 'log_softmax', 'sigmoid')",
        ),
        Misconception(
            id="E3.6k",
            name="A word that is not on the list raises a KeyError, as a dict does. We ask for a ValueError.",
            function=_key_error,
            sees="'relu' raises KeyError: 'relu', which says nothing of what is wanted.",
            why="Whoever calls your function cannot know that it has a dict inside.",
            probe="{'none': 1}.get('relu')  # look before you take",
        ),
    ),
    hints=(
        "Write the loss as a function of z alone: first the head, then the loss, both for one sample of "
        "class 0.",
        "First loss: z = 0. Floor: what happens when the right logit grows without end and all others fall?",
        "For the pull, either use the chain rule or measure each slope by a central difference.",
        "Compare with the page: 0.949 for a softmax with cross-entropy and 0.095 for two, at ten classes.",
    ),
    curve=Curve(
        axis="number of classes; drawn is the floor of a softmax before cross_entropy",
        points=tuple(float(classes) for classes in range(2, 21)),
        call=lambda classes: ("softmax", "cross_entropy", int(classes)),
        pick=lambda values: float(values[1]),
    ),
)

_DIAGNOSE = Question(
    name="diagnose",
    reference=diagnose,
    checks=(
        Check(
            "what one look at the curve tells",
            _runs(
                ("overflow", 0),
                ("rises", 0),
                ("one unit", 2),
                ("error rate", 0),
                ("cross-entropy", 0),
            ),
            points=Decimal(3),
        ),
        Check(
            "losses that stop at a floor, and losses that do not",
            _runs(
                ("softmax twice", 10),
                ("sigmoid twice", 10),
                ("softmax twice", 3),
                ("softmax twice", 0),
                ("sigmoid twice", 0),
                ("sigmoids", 0),
                ("no logarithm", 0),
                ("squares", 0),
            ),
            points=Decimal(3),
        ),
        Check("classes that have gone silent", _silent_runs, points=Decimal(3)),
        Check(
            "healthy runs that look odd",
            _runs(
                ("still falling", 10),
                ("wrong labels", 10),
                ("still falling", 0),
                ("wrong labels", 0),
                ("wrong labels", 4),
                ("softmax twice", 10),
            ),
            points=Decimal(2),
        ),
        Check(
            "the curves are left as they were",
            _runs(("softmax twice", 0), ("cross-entropy", 0)),
            watch="inputs",
        ),
    ),
    misconceptions=(
        Misconception(
            id="M87",
            name="You let a softmax taken twice pass for healthy, because it classifies well.",
            function=_says({"softmax twice": "healthy"}),
            sees="Runs that stop at log(e + K - 1) - 1, do not forget the - 1, are 'healthy' to you.",
            why="It also starts K times too slowly, and its probabilities never leave the range from 0.085 "
            "to 0.232 at ten classes. Only the floor gives it away.",
            probe=_curve("1.47 + np.exp(-np.arange(60.0))", "0.96"),
        ),
        Misconception(
            id="M88",
            name="You let a sigmoid taken twice pass for healthy.",
            function=_says({"sigmoid twice": "healthy"}),
            sees="Runs that stop at (K - 1) log 2 + 0.3133 are 'healthy' to you.",
            why="p never falls below one half, so whoever asks for p > 0.5 gets a yes to every question.",
            probe=_curve("6.58 + np.exp(-np.arange(60.0))", "0.96"),
        ),
        Misconception(
            id="M90",
            name="You took a negative loss for a very good one.",
            function=_says({"no logarithm": "healthy"}),
            sees="A run that goes to -1 is 'healthy' to you.",
            why="Minus the logarithm of a probability is never negative. Here the logarithm is missing.",
            probe=_curve("np.exp(-np.arange(60.0)) - 1", "0.96"),
        ),
        Misconception(
            id="M79",
            name="You took a loss of 0 from the first step on for a perfect network.",
            function=_says({"one unit": "healthy"}),
            sees="A run with the loss 0 throughout is 'healthy' to you.",
            why="A single unit under a softmax says 1 whatever it was shown. The accuracy never moves.",
            probe=_curve("np.zeros(60)", "0.5", 2),
        ),
        Misconception(
            id="M99",
            name="You took a loss that never moves for a healthy run.",
            function=_says({"no gradient": "healthy"}),
            sees="A run with one and the same loss throughout is 'healthy' to you.",
            why="The accuracy, or an argmax, changes in jumps: its slope is 0 and no step is ever made.",
            probe=_curve("np.full(60, 0.9)", "0.1"),
        ),
        Misconception(
            id="M81",
            name="You let a ReLU on the logits pass for healthy.",
            function=_says({"silent classes": "healthy"}),
            sees="Runs that stop at a multiple of log(K) / K are 'healthy' to you.",
            why="An activation behind the last layer, as everywhere: where a logit is negative nothing pulls "
            "it up, and whole classes are lost. With three of ten, 0.69 of loss stay.",
            probe=_curve("0.691 + np.exp(-np.arange(60.0))", "0.73"),
        ),
        Misconception(
            id="E3.6l",
            name="You looked at the accuracy first. A high one says nothing of the pair.",
            function=_by_accuracy,
            sees="Every run with an accuracy above 0.9 is 'healthy' to you, even with a negative loss.",
            why="Softmax twice, sigmoid twice and probabilities without a logarithm classify well here.",
            probe=_curve("np.exp(-np.arange(60.0)) - 1", "0.96"),
        ),
        Misconception(
            id="E3.6m",
            name="You did not ask whether the loss has stopped.",
            function=_doctor(stopped=lambda losses: True),
            sees="A healthy run that happens to pass the mark when the recording ends is 'softmax twice' to "
            "you.",
            why="Every loss that falls to 0 passes 1.4612 on its way. A floor is where it stays.",
            probe=_curve("2.3 - 0.014 * np.arange(60.0)", "0.95"),
        ),
        Misconception(
            id="E3.6n",
            name="You call every loss that stays well above 0 a softmax taken twice.",
            function=_doctor(
                fits=lambda last, mark: last > 0.05 * mark,
                sure=0.6,
                stopped=lambda losses: True,
            ),
            sees="Healthy runs with some wrong labels are 'softmax twice' to you.",
            why="Wrong labels, and smoothed ones, also keep a loss from 0. The fault has its own number.",
            probe=_curve("0.4 + np.exp(-np.arange(60.0))", "0.95"),
        ),
        Misconception(
            id="E3.6o",
            name="You compare with 1.4612, which is the floor for ten classes.",
            function=_doctor(twice=lambda classes: _twice_floor(10)),
            sees="With ten classes you are right; with other numbers you miss the softmax taken twice.",
            why="The floor is log(e + K - 1) - 1: 0.5514 for three classes.",
            probe=_curve("0.553 + np.exp(-np.arange(60.0))", "0.99", 3),
        ),
        Misconception(
            id="E3.6q",
            name="You did not look at the accuracy where two marks are next to each other.",
            function=_doctor(sure=-1.0),
            sees="With eight classes, of which five are silent, you say 'softmax twice'.",
            why="5/8 log 8 = 1.2996 and log(e + 7) - 1 = 1.2740. The softmax taken twice classifies well.",
            probe=_curve("1.30 + np.exp(-np.arange(60.0))", "0.45", 8),
        ),
        Misconception(
            id="E3.6r",
            name="You expect one silent class. There may be more.",
            function=_doctor(counts=lambda classes: [1]),
            sees="Runs that stop at 2, 3, ... times log(K) / K are 'healthy' to you.",
            why="The floor counts the silent classes: on the page it were three with one seed, one with "
            "another.",
            probe=_curve("0.922 + np.exp(-np.arange(60.0))", "0.64"),
        ),
        Misconception(
            id="E3.6s",
            name="You look for nan and inf, and miss a loss that rises and is still finite.",
            function=_doctor(rises=lambda losses: bool(not np.all(np.isfinite(losses)))),
            sees="A run that ends far above its start is 'healthy' to you.",
            why="It is the same fault, some steps earlier. Stopping it there saves the time.",
            probe=_curve("np.exp(np.arange(60.0))", "0.1"),
        ),
        Misconception(
            id="E3.6t",
            name="You compare the last loss with the first. With nan every comparison is false.",
            function=_doctor(rises=lambda losses: bool(losses[-1] > losses[0])),
            sees="A run that ended in nan is not 'too large a step' to you.",
            why="nan > 1 is false, and so is nan < 1. Ask np.isfinite first.",
            probe="import numpy as np\nnp.nan > 1, np.nan < 1, np.isfinite(np.nan)",
        ),
        Misconception(
            id="E3.6u",
            name="A loss that stays, or that stays at 0: you call both 'no gradient'.",
            function=_says({"one unit": "no gradient"}),
            sees="A run with the loss 0 throughout is 'no gradient' to you.",
            why="There is no gradient either, but 0 is the mark of a softmax with nothing to choose from.",
            probe=_curve("np.zeros(60)", "0.5", 2),
        ),
        changes_input(_with_more_in_place, "losses = np.array([2.0] * 20); losses -= losses[-1]; losses[:3]"),
    ),
    hints=(
        "Begin with what excludes everything else: nan, a negative loss, a loss that is the same throughout.",
        "A mark counts only for a loss that has stopped. Compare the last number with the one nine places "
        "before it.",
        "Print the last loss beside log(e + K - 1) - 1, (K - 1) log 2 + 0.3133, and j log(K) / K for each j.",
        "Where two marks lie close together, which of the two faults leaves the accuracy alone?",
    ),
)

_HEAD = Question(
    name="declare_head",
    reference=declare_head,
    checks=(
        Check("one of several classes", _labels, points=Decimal(2)),
        Check("several questions, each with its own answer", _questions, points=Decimal(2)),
        Check("two classes", _two_classes, points=Decimal(2)),
        Check("numbers", _measurements, points=Decimal(2)),
        Check("the targets are left as they were", _targets_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M98",
            name="You put a softmax where several answers of a row can be yes. There the labels compete.",
            function=_declared(questions=_exclusive_by_shape),
            sees="Rows with two ones, or with none, get a 'softmax' from you.",
            why="With m true labels a softmax can give each of them 1/m at best, and m log m of loss stay.",
            probe="declare_head(np.array([[1, 1, 0], [0, 0, 0]]))  # 'sigmoid', 3, 2.0794",
        ),
        Misconception(
            id="M98",
            name="You put K sigmoids where exactly one class is right. Nothing makes their answers sum to 1.",
            function=_declared(
                classes=lambda y: ("sigmoid", int(y.max()) + 1, float((y.max() + 1) * np.log(2))),
                shares=_of_questions,
            ),
            sees="Labels, and rows that sum to 1, get a 'sigmoid' from you.",
            why="Ten sigmoids answer ten questions: on the page their answers for one digit add up to 0.14 "
            "or to 1.55.",
            probe="declare_head(np.array([0, 2, 1]))  # 'softmax', 3, 1.0986",
        ),
        Misconception(
            id="M98",
            name="Only of one-hot rows: you put K sigmoids there, because the targets are zeros and ones.",
            function=_declared(
                shares=lambda y: _of_questions(y) if np.all((y == 0) | (y == 1)) else _of_shares(y)
            ),
            sees="Labels as integers are right. As rows with a single 1 each they get a 'sigmoid' from you.",
            why="The form in which labels are stored does not matter. What decides is whether one excludes "
            "the others.",
            probe="declare_head(np.eye(3))  # 'softmax', 3, 1.0986",
        ),
        Misconception(
            id="M79",
            name="For two classes you took one unit under a softmax. It says 1 whatever it is shown.",
            function=_declared(question=lambda y: ("softmax", 1, 0.0)),
            sees="Targets 0 and 1 get ('softmax', 1) from you.",
            why="e^z / e^z = 1: loss 0 and gradient 0 from the first step on. One unit wants a sigmoid.",
            probe="z = np.array([3.0]); np.exp(z) / np.exp(z).sum()",
        ),
        Misconception(
            id="E3.6v",
            name="Two units under a softmax for two classes. We take one unit under a sigmoid.",
            function=_declared(question=lambda y: ("softmax", 2, float(np.log(2)))),
            sees="Targets 0 and 1 get ('softmax', 2) from you; everything else is as it should be.",
            why="The same model with one number too many: only the difference of the two logits counts.",
            probe="declare_head(np.array([0, 1]))  # 'sigmoid', 1, 0.6931",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M81",
            name="You put a ReLU behind the last layer, as behind every other. It cannot say -2.",
            function=_declared(numbers=lambda y: ("relu", *_of_numbers(y)[1:])),
            sees="Targets that are numbers get a 'relu' from you.",
            why="The head follows the range of the targets. Where a ReLU says 0 there is no gradient either, "
            "and some networks never say anything else.",
            probe="declare_head(np.array([1.5, -2.0]))  # 'identity', 1, 3.125",
        ),
        Misconception(
            id="M99",
            name="You declared the error rate. What is trained, and so declared, is the loss.",
            function=_first_loss(
                lambda head, units, loss: (
                    loss if head == "identity" else 1 - 1 / units if head == "softmax" else 0.5
                )
            ),
            sees="Your first loss for K classes is 1 - 1/K; log K is wanted.",
            why="An accuracy has no slope to follow. The loss that stands in for it starts at log K.",
            probe="declare_head(np.array([0, 2, 1]))[2]  # log 3 = 1.0986",
        ),
        Misconception(
            id="E3.6a",
            name="You averaged over the outputs. Here a loss is summed over them.",
            function=_first_loss(lambda head, units, loss: loss if head == "softmax" else loss / units),
            sees="With one output you are right; with D outputs your first loss is D times too small.",
            why="Averaging is torch's default for the binary and the squared loss. Declare which you use.",
            probe="declare_head(np.array([[1, 1, 0], [0, 0, 0]]))[2]  # 3 log 2 = 2.0794 here",
            convention=True,
        ),
        Misconception(
            id="M33",
            name="You used the logarithm to base 2. Losses here are in nats.",
            function=_first_loss(
                lambda head, units, loss: loss if head == "identity" else float(loss / np.log(2))
            ),
            sees="Your first losses are 1.4427 times the right ones, but for numbers.",
            why="A declared 1.000 against an observed 0.693 looks like a fault of the network.",
            probe="declare_head(np.array([0, 1]))[2]  # 0.6931, not 1",
        ),
        Misconception(
            id="M02",
            name="You put a half in front of the squared error; here it has none.",
            function=_first_loss(lambda head, units, loss: loss / 2 if head == "identity" else loss),
            sees="Only numbers differ, and there by the factor 2.",
            why="Books do both. Say which, or the first loss cannot be checked.",
            probe="declare_head(np.array([1.0, -3.0]))[2]  # 5 without the half",
            convention=True,
        ),
        Misconception(
            id="E3.6w",
            name="For numbers you declared the variance. At the start all outputs are 0, not the mean.",
            function=_declared(
                numbers=lambda y: ("identity", _width(y), float(np.sum((y - y.mean(axis=0)) ** 2) / len(y)))
            ),
            sees="For numbers your first loss is too small by the square of their mean.",
            why="The variance is the loss once the bias is learnt. A first loss far above it tells to "
            "standardise the targets.",
            probe="declare_head(np.array([10.0, 10.0]))[2]  # 100, and the variance is 0",
        ),
        Misconception(
            id="E3.6x",
            name="You counted the labels that occur. A class may be missing from these targets.",
            function=_declared(classes=_as_many_as_occur),
            sees="Right where every class occurs; too few units where one is missing.",
            why="The first image of the missing class would ask for an output that is not there.",
            probe="declare_head(np.array([0, 2, 2]))  # 3 units",
        ),
        Misconception(
            id="E3.6y",
            name="You took the largest label for the number of classes. Labels count from 0.",
            function=_declared(classes=_largest_label),
            sees="You declare one unit too few for integer labels.",
            why="Labels 0, 1, 2 are three classes; torch says 'Target 2 is out of bounds'.",
            probe="declare_head(np.array([0, 2, 1]))[1]  # 3 is wanted",
        ),
        Misconception(
            id="E3.6z",
            name="You always declare one unit for each row, whatever a row holds.",
            function=_declared(numbers=lambda y: ("identity", 1, _of_numbers(y)[2])),
            sees="Numbers of shape (N, D) get one unit from you; D are wanted.",
            why="One output against three targets: NumPy stretches it, and all three get the same answer.",
            probe="declare_head(np.array([[1.0, 2.5], [0.5, 3.0]]))[1]  # 2 is wanted",
        ),
        changes_input(_declared_in_place, "y = np.array([1.5, -2.0]); declare_head(y); y"),
    ),
    hints=(
        "Ask of the targets: can only one be right, can each be yes or no by itself, or are they amounts?",
        "Rows that sum to 1 exclude each other. A single row that does not is enough to say otherwise.",
        "The first loss is the loss at z = 0: every probability is 1/K or 1/2, every number is 0.",
        "Two classes in one column: what does a softmax of one number say?",
    ),
)

QUESTIONS = (_MARKS, _DIAGNOSE, _HEAD)
