"""Exercise coupling/soft_targets: smoothed labels and their floor, the divergence, a teacher's answers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import log_softmax, softmax
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_SCORES = np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]])
_LABELS = np.array([0, 2])
_P = np.array([0.36, 0.48, 0.16])
_Q = np.array([1.0, 1.0, 1.0]) / 3
_STUDENT = np.array([[0.0, 1.0, 2.0]])
_TEACHER = np.array([[1.0, 1.0, 0.0]])


# --- inputs ---------------------------------------------------------------------------------------------


def _labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_LABELS, 3, 0.1),
        (rng.integers(0, 5, size=4), 5, 0.3),
        (np.array([1, 2, 0]), 3, 0.25),
        (np.array([0]), 4, 0.6),
    ]


def _ends(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1, 0, 3]), 4, 0.0), (np.array([0, 2]), 3, 1.0)]


def _labels_outside(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0, -1]), 3, 0.1), (np.array([1, 3]), 3, 0.1)]


def _smoothed(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_SCORES, _LABELS, 0.1),
        (rng.normal(size=(3, 3)), np.array([2, 0, 0]), 0.2),
        (rng.normal(scale=2, size=(5, 4)), rng.integers(0, 4, size=5), 0.4),
        (np.array([[2, 1, 0], [-1, 3, 1]]), np.array([1, 1]), 0.1),
    ]


def _unsmoothed(rng: np.random.Generator) -> list[Arguments]:
    return [(_SCORES, _LABELS, 0.0), (rng.normal(size=(4, 2)), np.array([0, 1, 1, 0]), 0.0)]


def _near_the_floor(rng: np.random.Generator) -> list[Arguments]:
    best = np.log([[0.28 / 3 + 0.72, 0.28 / 3, 0.28 / 3]])
    return [(best, np.array([0]), 0.28), (best + 5, np.array([1]), 0.28), (np.zeros((2, 3)), _LABELS, 0.28)]


def _wide_scores(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 800.0]]), np.array([0]), 0.1),
        (np.array([[-1000.0, 1000.0, 0.0], [3.0, 1.0, 2.0]]), np.array([1, 0]), 0.2),
        (np.array([[800.0, 0.0]]), np.array([0]), 0.0),
        (np.array([[1000.0, 999.0]]), np.array([0]), 0.1),
    ]


def _scores_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_SCORES, _LABELS, 0.1)]


def _distributions(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_P, _Q),
        (_Q, _P),
        (rng.dirichlet(np.ones(4), size=3), rng.dirichlet(np.ones(4), size=3)),
        (rng.dirichlet(np.ones(3), size=3), rng.dirichlet(np.ones(3), size=3)),
    ]


def _weights(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([9.0, 12.0, 4.0]), np.array([2.0, 2.0, 2.0])),
        (np.array([9, 12, 4]), np.array([1, 2, 1])),
        (rng.uniform(0.5, 3, size=(2, 4)), rng.uniform(0.5, 3, size=(2, 4))),
        (rng.uniform(0.5, 3, size=(3, 3)), rng.uniform(0.5, 3, size=(3, 3))),
    ]


def _zeros(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.0, 0.5, 0.5]), np.array([0.2, 0.3, 0.5])),
        (np.array([0.5, 0.5]), np.array([1.0, 0.0])),
        (np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([[0.5, 0.5, 0.0], [0.25, 0.0, 0.75]])),
    ]


def _other_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [(_P, np.stack([_Q, _P])), (np.ones((2, 1)) / 2, np.ones((2, 3)) / 3)]


def _weights_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_P * 2, _Q * 3), (rng.uniform(0.5, 3, size=(2, 3)), rng.uniform(0.5, 3, size=(2, 3)))]


def _pupils(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_STUDENT, _TEACHER, 4.0),
        (rng.normal(size=(2, 4)), rng.normal(scale=2, size=(2, 4)), 2.0),
        (rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), 3.0),
        (rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), 1.5),
    ]


def _hot_pupils(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_STUDENT, _TEACHER, 100.0),
        (rng.normal(size=(2, 4)), rng.normal(size=(2, 4)), 1000.0),
    ]


def _whole_pupils(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([[0, 1, 2], [3, 1, 0]]), np.array([[1, 1, 0], [2, 2, 1]]), 2)]


def _wide_pupils(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 2000.0]]), np.array([[1.0, 0.0]]), 1.0),
        (np.array([[2.0, 1.0, 0.0]]), np.array([[3000.0, 0.0, 1.0]]), 2.0),
        (np.array([[-3000.0, -3001.0]]), np.array([[-3000.0, -3002.0]]), 2.0),
        (np.array([[3000.0, 0.0]]), np.array([[0.0, 3000.0]]), 2.0),
    ]


def _pupils_of_other_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [(_SCORES, _TEACHER, 2.0), (np.zeros((2, 3)), np.zeros((2, 1)), 2.0)]


def _pupils_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_STUDENT, _TEACHER, 4.0)]


# --- answers: smoothed targets --------------------------------------------------------------------------


def _in_range(y: Any, classes: int) -> None:
    if np.any((y < 0) | (y >= classes)):
        raise ValueError(f"labels from 0 to {classes - 1} are wanted")


def _targets(
    right: Callable[[int, float], float] = lambda K, eps: 1 - eps + eps / K,
    other: Callable[[int, float], float] = lambda K, eps: eps / K,
) -> Callable[..., Any]:
    """smooth_targets with one number exchanged: that of the right class, or that of the others."""

    def answer(y: Any, K: int, eps: float) -> Any:
        _in_range(y, K)
        rows = np.full((len(y), K), float(other(K, eps)))
        rows[np.arange(len(y)), y] = right(K, eps)
        return rows

    return answer


smooth_targets = _targets()


def _labels_from_one(y: Any, K: int, eps: float) -> Any:
    _in_range(y, K)
    return smooth_targets((y - 1) % K, K, eps)


def _cut_to_integers(y: Any, K: int, eps: float) -> Any:
    return smooth_targets(y, K, eps).astype(int)


def _classes_by_rows(y: Any, K: int, eps: float) -> Any:
    return smooth_targets(y, K, eps).T


def _any_label(y: Any, K: int, eps: float) -> Any:
    return (1 - eps) * np.eye(K)[y % K] + eps / K


def _first_column(y: Any, K: int, eps: float) -> Any:
    _in_range(y, K)
    rows = np.full((len(y), K), eps / K)
    rows[:, y] += 1 - eps
    return rows


# --- answers: the loss above its floor ------------------------------------------------------------------


def _entropies(t: Any) -> Any:
    """The entropy of each row; a class of probability 0 adds nothing."""
    return -np.sum(t * np.log(np.where(t > 0, t, 1)), axis=1)


def _costs(t: Any, logp: Any) -> Any:
    return -np.sum(t * logp, axis=1)


Costs = Callable[[Any, Any], Any]


def _excess(
    targets: Callable[..., Any] = smooth_targets,
    costs: Costs = _costs,
    floor: Costs = lambda t, logp: _entropies(t),
    reduce: Callable[[Any], Any] = np.mean,
    logs: Callable[[Any], Any] = lambda Z: log_softmax(Z, 1),
) -> Callable[..., Any]:
    """excess_loss with one part exchanged; `costs` and `floor` take the targets and log p, by rows."""

    def answer(Z: Any, y: Any, eps: float) -> Any:
        t, logp = targets(y, Z.shape[1], eps), logs(Z)
        return reduce(costs(t, logp) - floor(t, logp))

    return answer


excess_loss = _excess()


def _log_of_softmax(Z: Any) -> Any:
    return np.log(softmax(Z, 1))


def _without_max(Z: Any) -> Any:
    return Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))


def _above_the_plain_loss(Z: Any, y: Any, eps: float) -> Any:
    t, logp = smooth_targets(y, Z.shape[1], eps), log_softmax(Z, 1)
    return np.mean(_costs(t, logp) - _costs(smooth_targets(y, Z.shape[1], 0.0), logp))


def _excess_in_place(Z: Any, y: Any, eps: float) -> Any:
    result = excess_loss(Z, y, eps)
    Z -= np.max(Z, axis=1, keepdims=True)
    return result


# --- answers: the divergence ----------------------------------------------------------------------------


def _same_shape(first: Any, second: Any) -> None:
    if first.shape != second.shape:
        raise ValueError(f"shapes {first.shape} and {second.shape} differ")


def _any_shape(first: Any, second: Any) -> None:
    """Refuses nothing."""


def _normalised(weights: Any) -> Any:
    return weights / np.sum(weights, axis=-1, keepdims=True)


def _terms(p: Any, q: Any) -> Any:
    return np.where(p > 0, p * (np.log(np.where(p > 0, p, 1)) - np.log(q)), 0)


def _divergence(
    terms: Costs = _terms,
    reduce: Callable[[Any], Any] = lambda terms: np.mean(np.sum(terms, axis=-1)),
    normalise: Callable[[Any], Any] = _normalised,
    check: Callable[[Any, Any], None] = _same_shape,
) -> Callable[..., Any]:
    """kl with one part exchanged; `terms` takes p and q."""

    def answer(p: Any, q: Any) -> Any:
        check(p, q)
        return reduce(terms(normalise(p), normalise(q)))

    return answer


kl = _divergence()


def _no_terms_of_zero(part: Costs) -> Costs:
    return lambda p, q: np.where(p > 0, part(p, q), 0)


def _kl_in_place(p: Any, q: Any) -> Any:
    result = kl(p, q)
    p /= np.sum(p, axis=-1, keepdims=True)
    return result


# --- answers: a teacher's answers -----------------------------------------------------------------------

Loss = Callable[[Any, Any, Any], Any]


def _distil_rows(ls: Any, lt: Any, T: Any) -> Any:
    return T**2 * np.sum(np.exp(lt) * (lt - ls), axis=1)


def _distil_slopes(ls: Any, lt: Any, T: Any) -> Any:
    return T * (np.exp(ls) - np.exp(lt))


def _distil(
    rows: Loss = _distil_rows,
    slopes: Loss = _distil_slopes,
    student: Callable[[Any, Any], Any] = lambda z, T: z / T,
    teacher: Callable[[Any, Any], Any] = lambda z, T: z / T,
    reduce: Callable[[Any], Any] = np.mean,
    divisor: Callable[[Any], float] = lambda z: len(z),
    logs: Callable[[Any], Any] = lambda z: log_softmax(z, 1),
    check: Callable[[Any, Any], None] = _same_shape,
) -> Callable[..., Any]:
    """distill_loss with one part exchanged; `rows` and `slopes` take log p of student and teacher, and T."""

    def answer(zs: Any, zt: Any, T: Any) -> Any:
        check(zs, zt)
        ls, lt = logs(student(zs, T)), logs(teacher(zt, T))
        return reduce(rows(ls, lt, T)), slopes(ls, lt, T) / divisor(zs)

    return answer


distill_loss = _distil()


def _reverse_rows(ls: Any, lt: Any, T: Any) -> Any:
    return _distil_rows(lt, ls, T)


def _reverse_slopes(ls: Any, lt: Any, T: Any) -> Any:
    gap = ls - lt
    return T * np.exp(ls) * (gap - np.sum(np.exp(ls) * gap, axis=1, keepdims=True))


def _times(factor: Callable[[Any], Any], part: Loss) -> Loss:
    return lambda ls, lt, T: part(ls, lt, T) * factor(T)


def _changed_places(zs: Any, zt: Any, T: Any) -> Any:
    return distill_loss(zt, zs, T)


def _hard_teacher(zs: Any, zt: Any, T: Any) -> Any:
    _same_shape(zs, zt)
    labels = np.eye(zs.shape[1])[np.argmax(zt, axis=1)]
    ls = log_softmax(zs / T, 1)
    return T**2 * np.mean(-np.sum(labels * ls, axis=1)), T * (np.exp(ls) - labels) / len(zs)


def _distil_in_place(zs: Any, zt: Any, T: Any) -> Any:
    result = distill_loss(zs, zt, T)
    if zs.dtype.kind == "f":
        zs /= T
    return result


# --- questions ------------------------------------------------------------------------------------------

_IN_PLACE_WHY = (
    "The caller still holds that array. The next layer, or the next call, works with other numbers."
)
_BITS_WHY = "log2 counts bits. Only with the natural logarithm is the gradient p - y."
_FINISHED_WHY = "A probability of e^-800 is 0 in floating point, and the logarithm cannot get it back."
_WITHOUT_MAX_WHY = (
    "Adding a constant to a row does not change its softmax. Take away the largest score first."
)
_ENTRIES_WHY = "The K terms of a row make up one divergence. Only the N samples are averaged."

_SMOOTH = Question(
    name="smooth_targets",
    reference=smooth_targets,
    checks=(
        Check("smoothed rows", _labels, points=Decimal(2)),
        Check("no smoothing, and nothing but smoothing", _ends),
        Check("labels out of range are refused with a ValueError", _labels_outside),
    ),
    misconceptions=(
        Misconception(
            id="M105",
            name="You spread ε over the K - 1 wrong classes. Here it is spread over all K, the right one "
            "too.",
            function=_targets(lambda K, eps: 1 - eps, lambda K, eps: eps / (K - 1)),
            sees="For K = 3 and ε = 0.1 the right class gets 0.9 from you, and 0.9333 is wanted.",
            why="Both are in use. Over all K, the target is a mixture of label and uniform answer, and ε = 1 "
            "is the uniform one. It is what torch does. The best gap of two logits depends on it.",
            probe="smooth_targets(np.array([0]), 3, 0.1)  # 0.9333, 0.0333, 0.0333",
            convention=True,
        ),
        Misconception(
            id="M106",
            name="You added 1/K where ε/K belongs.",
            function=_targets(lambda K, eps: 1 - eps + 1 / K, lambda K, eps: 1 / K),
            sees="With ε = 0.1 your rows sum to 1.9.",
            why="The two shares 1 - ε and ε must make 1, or the target is no distribution and p - y has no "
            "zero.",
            probe="smooth_targets(np.array([0]), 3, 0.1).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E3.5a",
            name="You took ε from the right class and gave it to nobody.",
            function=_targets(lambda K, eps: 1 - eps, lambda K, eps: 0.0),
            sees="The wrong classes have 0, and your rows sum to 1 - ε.",
            why="It is the small share of the wrong classes that keeps the logits finite.",
            probe="smooth_targets(np.array([0]), 4, 0.2).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E3.5b",
            name="The right class lacks its own share ε/K.",
            function=_targets(lambda K, eps: 1 - eps),
            sees="The wrong classes are right, and your rows sum to 1 - ε/K.",
            why="The uniform part goes to every class, also to the right one.",
            probe="smooth_targets(np.array([0]), 4, 0.2).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E3.5c",
            name="Each wrong class gets all of ε. It is to be shared.",
            function=_targets(other=lambda K, eps: eps),
            sees="With K classes your wrong entries are K times too large.",
            why="With a thousand classes and ε = 0.1 the wrong ones would weigh a hundred times the right "
            "one.",
            probe="smooth_targets(np.array([0]), 4, 0.2).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E3.5d",
            name="ε and 1 - ε have changed places: ε is what is spread, not what is kept.",
            function=_targets(lambda K, eps: eps + (1 - eps) / K, lambda K, eps: (1 - eps) / K),
            sees="With ε = 0 your rows are uniform; they should be one-hot.",
            why="A small ε is meant as a small change.",
            probe="smooth_targets(np.array([0]), 3, 0.0)  # 1, 0, 0",
        ),
        Misconception(
            id="M94",
            name="You read the labels as 1 to K. They run from 0 to K - 1.",
            function=_labels_from_one,
            sees="Each row is that of the class one place before.",
            why="In NumPy the index -1 is the last entry, so label 0 raises no error.",
            probe="smooth_targets(np.array([0]), 3, 0.0)  # 1, 0, 0",
        ),
        Misconception(
            id="M93",
            name="You wrote rows[:, y], which takes every listed column of every row.",
            function=_first_column,
            sees="All your rows are the same, with a high entry for each label of the batch.",
            why="rows[np.arange(N), y] pairs row i with label i.",
            probe="smooth_targets(np.array([0, 2]), 3, 0.0)  # one 1 in each row",
        ),
        Misconception(
            id="M07",
            name="You cut the targets down to integers.",
            function=_cut_to_integers,
            sees="Where a fraction is due, yours is 0.",
            why="An array made from integer labels holds integers, and what is written into it is cut off.",
            probe="t = np.zeros_like(np.array([[0, 1]])); t[...] = 0.5; t",
        ),
        Misconception(
            id="E3.5e",
            name="Your array is transposed: a row is a sample, a column a class.",
            function=_classes_by_rows,
            sees="You return the shape (K, N); (N, K) is wanted.",
            why="With N = K nothing would raise an error, and samples and classes would be mixed up.",
            probe="smooth_targets(np.array([0, 2]), 3, 0.1).shape  # (2, 3) is wanted",
        ),
        Misconception(
            id="E3.5f",
            name="You take labels that do not exist.",
            function=_any_label,
            sees="The label -1 goes through; a ValueError is wanted.",
            why="np.eye(K)[-1] is the last class. Many data sets mark a missing label by -1.",
            probe="np.eye(3)[-1]",
        ),
    ),
    hints=(
        "A smoothed target is a mixture: the share 1 - ε of the one-hot row, the share ε of the uniform row.",
        "What does the uniform row hold, for K classes? Does it leave out the right one?",
        "Every row must sum to 1. With ε = 0 it is one-hot, with ε = 1 uniform.",
    ),
    curve=Curve(
        "ε, for K = 3; drawn is the entry of the right class",
        tuple(np.linspace(0, 1, 21)),
        lambda eps: (np.array([0]), 3, eps),
        lambda values: float(values[0][0, 0]),
    ),
)

_EXCESS = Question(
    name="excess_loss",
    reference=excess_loss,
    checks=(
        Check("the loss above its floor", _smoothed, points=Decimal(3)),
        Check("without smoothing it is the plain loss", _unsmoothed),
        Check("nothing is left at the best scores", _near_the_floor, points=Decimal(2)),
        Check("scores far apart", _wide_scores),
        Check("the scores are left as they were", _scores_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M107",
            name="That is the whole smoothed loss. Its floor, the entropy of the targets, is still in it.",
            function=_excess(floor=lambda t, logp: 0.0),
            sees="At the best scores there are, yours is not 0 but the entropy of a target.",
            why="With ε = 0.1 and K = 10 the floor is 0.5003. Beside a plain loss of 0.05 that looks like a "
            "failure, and is none.",
            probe="excess_loss(np.log([[0.91] + 9 * [0.01]]), np.array([0]), 0.1)  # 0 is wanted",
        ),
        Misconception(
            id="E3.5g",
            name="You subtracted the plain loss, that of the labels without smoothing.",
            function=_above_the_plain_loss,
            sees="For scores that are sure and right yours is large; for uniform scores it is 0.",
            why="The floor is the least that any scores can reach, so it must not depend on the scores.",
            probe="excess_loss(np.zeros((1, 3)), np.array([0]), 0.1)  # not 0",
        ),
        Misconception(
            id="E3.5h",
            name="You subtracted log K, the loss of the uniform answer.",
            function=_excess(floor=lambda t, logp: np.log(t.shape[1])),
            sees="For uniform scores yours is 0, and for better ones negative.",
            why="log K is the entropy of a uniform target. A smoothed one is far less uncertain.",
            probe="excess_loss(np.zeros((1, 3)), np.array([0]), 0.1)  # 0.807 is wanted",
        ),
        Misconception(
            id="M136",
            name="You subtracted the entropy of the prediction. The floor is the entropy of the targets.",
            function=_excess(floor=lambda t, logp: _entropies(np.exp(logp))),
            sees="At the best scores yours is 0 as it should be, elsewhere it is off, and may be negative.",
            why="Cross-entropy = entropy of the target + divergence. Only the first is out of the network's "
            "hands.",
            probe="excess_loss(np.zeros((1, 3)), np.array([0]), 0.1)  # 0.807 is wanted",
        ),
        Misconception(
            id="M105",
            name="You spread ε over the K - 1 wrong classes. Here it is spread over all K.",
            function=_excess(
                targets=_targets(lambda K, eps: 1 - eps, lambda K, eps: eps / (K - 1)),
            ),
            sees="Without smoothing yours is right; the best scores of your targets are not those of ours.",
            why="For K = 3, ε = 0.1 the best gap of two logits is log 28 = 3.33 here, log 18 = 2.89 with "
            "yours.",
            probe="excess_loss(np.log([[28.0, 1.0, 1.0]]), np.array([0]), 0.1)  # 0 is wanted",
            convention=True,
        ),
        Misconception(
            id="E3.5i",
            name="Where a target is 0, your floor is nan.",
            function=_excess(floor=lambda t, logp: -np.sum(t * np.log(t), axis=1)),
            sees="With smoothing yours is right; with ε = 0 it is nan.",
            why="0 log 0 counts as 0: that is its limit. A certain label has the entropy 0.",
            probe="0.0 * np.log(0.0), 1e-300 * np.log(1e-300)",
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax.",
            function=_excess(logs=_log_of_softmax),
            sees="Ordinary scores are right; with a score of 800 the loss is inf or nan.",
            why=_FINISHED_WHY,
            probe="np.log(np.exp(-800.0))",
        ),
        Misconception(
            id="M46",
            name="You take exp of the scores as they are. It overflows from 710 on.",
            function=_excess(logs=_without_max),
            sees="Ordinary scores are right; with a score of 800 the loss is inf or nan.",
            why=_WITHOUT_MAX_WHY,
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M01",
            name="You summed over the batch instead of averaging.",
            function=_excess(reduce=np.sum),
            sees="Your value is N times the right one.",
            why="A sum grows with the batch, and the best learning rate with it.",
            probe="excess_loss(np.zeros((4, 2)), np.zeros(4, dtype=int), 0.0)  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M21",
            name="You averaged over the classes too.",
            function=_excess(
                costs=lambda t, logp: _costs(t, logp) / t.shape[1],
                floor=lambda t, logp: _entropies(t) / t.shape[1],
            ),
            sees="Your value is the right one divided by K.",
            why=_ENTRIES_WHY,
            probe="excess_loss(np.zeros((1, 4)), np.array([0]), 0.0)  # log 4 = 1.386 is wanted",
        ),
        Misconception(
            id="M42",
            name="The sign is turned round: floor minus loss.",
            function=_excess(reduce=lambda rows: -np.mean(rows)),
            sees="Your value is the right one times -1.",
            why="What lies above a floor is positive.",
            probe="excess_loss(np.zeros((1, 3)), np.array([0]), 0.1)  # 0.807 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_excess(reduce=lambda rows: np.mean(rows) / np.log(2)),
            sees="Your value is the right one times 1.4427.",
            why=_BITS_WHY,
            probe="excess_loss(np.zeros((1, 2)), np.array([0]), 0.0)  # log 2 = 0.693, not 1",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_excess_in_place,
            sees="After the call the scores are shifted.",
            why=_IN_PLACE_WHY,
            probe="Z = np.array([[1.0, 2.0]]); excess_loss(Z, np.array([0]), 0.1); Z",
        ),
    ),
    hints=(
        "First the loss itself: the cross-entropy of the smoothed targets and the log-softmax of the scores.",
        "What does that loss become if the softmax is exactly the target? Nothing can be lower.",
        "That number is the entropy of the target. Take care of its 0 log 0 when ε is 0.",
        "Try the scores log([0.91, 0.01, ...]) with K = 10, ε = 0.1: the loss is 0.5003, and 0 is left.",
    ),
    curve=Curve(
        "first of three scores, the others 0, with label 0 and ε = 0.1",
        tuple(np.linspace(-2, 10, 49)),
        lambda z: (np.array([[z, 0.0, 0.0]]), np.array([0]), 0.1),
    ),
)

_KL = Question(
    name="kl",
    reference=kl,
    checks=(
        Check("distributions, one or one in each row", _distributions, points=Decimal(3)),
        Check("weights that do not sum to 1, such as counts", _weights, points=Decimal(2)),
        Check("probabilities of 0", _zeros),
        Check("shapes that differ are refused with a ValueError", _other_shapes),
        Check("the inputs are left as they were", _weights_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M115",
            name="The direction is turned round: that is KL(q ‖ p).",
            function=_divergence(terms=lambda p, q: _terms(q, p)),
            sees="Exchange your arguments, and your value is right.",
            why="KL(p ‖ q) averages over what p does. It is infinite where q rules out what p does, and "
            "only there.",
            probe="kl(np.array([0.36, 0.48, 0.16]), np.ones(3))  # 0.0853, and 0.0975 the other way round",
        ),
        Misconception(
            id="M115",
            name="You subtracted q where log q belongs.",
            function=_divergence(terms=_no_terms_of_zero(lambda p, q: p * (np.log(p) - q))),
            sees="Your value is negative: -1.347 for 0.0853.",
            why="No divergence is negative. torch.kl_div is called with log q, and gives this number if "
            "given q.",
            probe="kl(np.array([0.5, 0.5]), np.array([0.5, 0.5]))  # 0 is wanted",
        ),
        Misconception(
            id="M116",
            name="You did not bring the weights to the sum 1.",
            function=_divergence(normalise=lambda weights: weights * 1.0),
            sees="Distributions are right; counts give numbers of any size, also negative ones.",
            why="Only of two distributions is it known that the divergence is not negative.",
            probe="kl(np.array([1.0, 1.0]), np.array([2.0, 2.0]))  # 0 is wanted",
        ),
        Misconception(
            id="E3.5j",
            name="You divided by the sum of the whole array. Each row is a distribution of its own.",
            function=_divergence(normalise=lambda weights: weights / np.sum(weights)),
            sees="Single vectors are right; of several rows each counts as a part of one distribution.",
            why="A row that holds more counts would weigh more, and the result shrinks with the batch.",
            probe="kl(np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([[3.0, 1.0], [3.0, 1.0]]))  # 0.1438",
        ),
        Misconception(
            id="M20",
            name="You averaged over all entries. The classes of a row are summed.",
            function=_divergence(reduce=np.mean),
            sees="Your value is the right one divided by K.",
            why=_ENTRIES_WHY + " The default of torch.kl_div is this mean over all entries.",
            probe="kl(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M01",
            name="You summed over the rows instead of averaging.",
            function=_divergence(reduce=np.sum),
            sees="Single vectors are right; of N rows your value is N times the right one.",
            why="A sum grows with the batch, and the best learning rate with it.",
            probe="kl(np.array([[1.0, 0.0]] * 3), np.array([[0.5, 0.5]] * 3))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M136",
            name="That is the cross-entropy. The entropy of p is still in it.",
            function=_divergence(terms=_no_terms_of_zero(lambda p, q: -p * np.log(q))),
            sees="Your value of two equal distributions is not 0.",
            why="Cross-entropy = entropy of p + divergence. The slope by q is the same, the number is not.",
            probe="kl(np.array([0.5, 0.5]), np.array([0.5, 0.5]))  # 0 is wanted",
        ),
        Misconception(
            id="M42",
            name="The sign is turned round: log(q/p) instead of log(p/q).",
            function=_divergence(terms=lambda p, q: -_terms(p, q)),
            sees="Your value is the right one times -1.",
            why="No divergence is negative.",
            probe="kl(np.array([0.9, 0.1]), np.array([0.5, 0.5]))  # positive",
        ),
        Misconception(
            id="E3.5k",
            name="You took the mean of both directions.",
            function=_divergence(terms=lambda p, q: (_terms(p, q) + _terms(q, p)) / 2),
            sees="Your value does not change if the arguments are exchanged; the right one does.",
            why="Which distribution weighs the logarithms is the point: the teacher's, not the student's.",
            probe="kl(np.array([0.36, 0.48, 0.16]), np.ones(3))  # 0.0853 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Divergences here are in nats, with the natural one.",
            function=_divergence(reduce=lambda terms: np.mean(np.sum(terms, axis=-1)) / np.log(2)),
            sees="Your value is the right one times 1.4427.",
            why=_BITS_WHY,
            probe="kl(np.array([1.0, 0.0]), np.array([0.5, 0.5]))  # log 2 = 0.693, not 1",
        ),
        Misconception(
            id="E3.5l",
            name="Where p is 0, you compute 0 times the logarithm of 0, and that is nan.",
            function=_divergence(terms=lambda p, q: p * np.log(p / q)),
            sees="Right until a p is 0; then nan.",
            why="0 log 0 counts as 0: that is its limit. A class that p rules out adds nothing.",
            probe="0.0 * np.log(0.0), 1e-300 * np.log(1e-300)",
        ),
        Misconception(
            id="M35",
            name="You padded the logarithms with 1e-12, so that none is infinite.",
            function=_divergence(terms=lambda p, q: p * (np.log(p + 1e-12) - np.log(q + 1e-12))),
            sees="Right until q is 0 where p is not; there yours is finite, and inf is wanted.",
            why="Here 13.1 comes out: a number that comes from your 1e-12, not from the data.",
            probe="kl(np.array([0.5, 0.5]), np.array([1.0, 0.0]))  # inf is wanted",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy stretches one to the other.",
            function=_divergence(check=_any_shape),
            sees="Shapes (K,) and (N, K) go through without an error.",
            why="A batch would be compared with one distribution, and the number looks plausible.",
            probe="(np.zeros(3) - np.zeros((2, 3))).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_kl_in_place,
            sees="After the call the weights are divided by their sum; integer counts raise an error.",
            why="p /= p.sum() writes into the caller's array, and an array of integers cannot hold the "
            "result.",
            probe="p = np.array([9.0, 12.0, 4.0]); kl(p, np.ones(3)); p",
        ),
    ),
    hints=(
        "First divide each row by its sum. A single vector is one row: which axis is right for both?",
        "Then log p - log q for each class, weighed by p, and summed over the classes.",
        "Average over the rows. Where p is 0, the term is 0; where q is 0 and p is not, it is inf.",
        "For counts [9, 12, 4] against [1, 1, 1] the divergence is 0.0852996.",
    ),
    curve=Curve(
        "probability p of the first of two classes, with q = 1/3",
        tuple(np.linspace(0.02, 0.98, 49)),
        lambda p: (np.array([p, 1 - p]), np.array([1.0, 2.0]) / 3),
    ),
)

_T_WHY = (
    "The slope of the divergence shrinks like 1/T². Without the factor T² every new temperature would need "
    "another learning rate, or another weight beside the loss of the labels."
)
_T_INSIDE_WHY = "z enters as z/T, so the chain rule brings a factor 1/T. Of T² one T is left."

_DISTILL = Question(
    name="distill_loss",
    reference=distill_loss,
    checks=(
        Check("loss and gradient", _pupils, points=Decimal(4)),
        Check("high temperatures", _hot_pupils),
        Check("scores and temperatures that are integers", _whole_pupils),
        Check("scores far apart", _wide_pupils, points=Decimal(2)),
        Check("shapes that differ are refused with a ValueError", _pupils_of_other_shapes),
        Check("the scores are left as they were", _pupils_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M113",
            name="The factor T² is missing.",
            function=_distil(
                rows=_times(lambda T: 1 / T**2, _distil_rows),
                slopes=_times(lambda T: 1 / T**2, _distil_slopes),
            ),
            sees="Loss and gradient are the right ones divided by T².",
            why=_T_WHY,
            probe="[distill_loss(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]), T)[0] for T in (1, 10, "
            "100)]",
        ),
        Misconception(
            id="E3.5m",
            name="You multiplied by T instead of T².",
            function=_distil(
                rows=_times(lambda T: 1 / T, _distil_rows), slopes=_times(lambda T: 1 / T, _distil_slopes)
            ),
            sees="Loss and gradient are the right ones divided by T.",
            why=_T_WHY,
            probe="[distill_loss(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]), T)[0] for T in (1, 10, "
            "100)]",
        ),
        Misconception(
            id="E3.5n",
            name="The gradient lacks the 1/T from inside the softmax.",
            function=_distil(slopes=_times(lambda T: T, _distil_slopes)),
            sees="The loss is right, the gradient is T times the right one.",
            why=_T_INSIDE_WHY,
            probe="distill_loss(np.array([[0.0, 9.0]]), np.array([[9.0, 0.0]]), 3.0)[1]  # -2.715 and 2.715",
        ),
        Misconception(
            id="E3.5o",
            name="The gradient is p - q as at T = 1. One factor T is missing.",
            function=_distil(slopes=_times(lambda T: 1 / T, _distil_slopes)),
            sees="The loss is right, the gradient is the right one divided by T.",
            why=_T_INSIDE_WHY,
            probe="distill_loss(np.array([[0.0, 9.0]]), np.array([[9.0, 0.0]]), 3.0)[1]  # -2.715 and 2.715",
        ),
        Misconception(
            id="E3.5p",
            name="The factor T² stands in the loss and not in its gradient.",
            function=_distil(slopes=_times(lambda T: 1 / T**2, _distil_slopes)),
            sees="The loss is right, the gradient is the right one divided by T².",
            why="Descent sees the gradient alone: there the factor is needed.",
            probe="distill_loss(np.array([[0.0, 9.0]]), np.array([[9.0, 0.0]]), 3.0)[1]  # -2.715 and 2.715",
        ),
        Misconception(
            id="M114",
            name="You softened the teacher alone. Both go through the same temperature.",
            function=_distil(student=lambda z, T: z, slopes=_times(lambda T: T, _distil_slopes)),
            sees="A student with the teacher's own scores does not get the loss 0.",
            why="At T = 4 the first example gives 6.32 for 0.754: a student that is no worse, only less "
            "soft.",
            probe="distill_loss(np.array([[2.0, 0.0]]), np.array([[2.0, 0.0]]), 4.0)[0]  # 0 is wanted",
        ),
        Misconception(
            id="E3.5q",
            name="You softened the student alone. Both go through the same temperature.",
            function=_distil(teacher=lambda z, T: z),
            sees="A student with the teacher's own scores does not get the loss 0.",
            why="The student would learn scores T times those of the teacher.",
            probe="distill_loss(np.array([[2.0, 0.0]]), np.array([[2.0, 0.0]]), 4.0)[0]  # 0 is wanted",
        ),
        Misconception(
            id="M115",
            name="The direction is turned round, in loss and gradient: that is KL(student ‖ teacher).",
            function=_distil(rows=_reverse_rows, slopes=_reverse_slopes),
            sees="Neither loss nor gradient is right; at high temperatures they come close.",
            why="Weighed by the student, a class costs little as long as the student does not name it.",
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)[0]  # 1.8136 is wanted",
        ),
        Misconception(
            id="M115",
            name="The loss has the direction turned round, KL(student ‖ teacher); the gradient has not.",
            function=_distil(rows=_reverse_rows),
            sees="The gradient is right, and not that of your loss.",
            why="Weighed by the student, a class costs little as long as the student does not name it.",
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)[0]  # 1.8136 is wanted",
        ),
        Misconception(
            id="M115",
            name="You subtracted the student's probabilities where their logarithms belong.",
            function=_distil(rows=lambda ls, lt, T: T**2 * np.sum(np.exp(lt) * (lt - np.exp(ls)), axis=1)),
            sees="The gradient is right; your loss is negative.",
            why="torch.kl_div wants log q as its first argument, and takes q without a word.",
            probe="distill_loss(np.zeros((1, 2)), np.zeros((1, 2)), 1.0)[0]  # 0 is wanted",
        ),
        Misconception(
            id="M19",
            name="Student and teacher have changed places.",
            function=_changed_places,
            sees="Your gradient is the right one times -1, and your loss that of the other direction.",
            why="The teacher stands still. A step against this gradient moves the student away from it.",
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)  # 1.8136 is wanted",
        ),
        Misconception(
            id="M20",
            name="You averaged over all entries, in loss and gradient. The classes of a row are summed.",
            function=_distil(
                rows=lambda ls, lt, T: _distil_rows(ls, lt, T) / ls.shape[1], divisor=lambda z: z.size
            ),
            sees="Loss and gradient are the right ones divided by K.",
            why=_ENTRIES_WHY + " With a thousand classes the teacher would fall silent.",
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)[0]  # 1.8136 is wanted",
        ),
        Misconception(
            id="M20",
            name="You averaged the loss over all entries. The classes of a row are summed.",
            function=_distil(rows=lambda ls, lt, T: _distil_rows(ls, lt, T) / ls.shape[1]),
            sees="The gradient is right, the loss is the right one divided by K.",
            why=_ENTRIES_WHY,
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)[0]  # 1.8136 is wanted",
        ),
        Misconception(
            id="M78",
            name="You multiplied the scores by the temperature. They are divided.",
            function=_distil(student=lambda z, T: z * T, teacher=lambda z, T: z * T),
            sees="The higher T, the surer your softmax; it should become softer.",
            why="At a high temperature the small answers of the teacher show. This hides them.",
            probe="distill_loss(np.array([[0.0, 3.0]]), np.array([[3.0, 0.0]]), 100.0)[1]  # -1.5 and 1.5",
        ),
        Misconception(
            id="M136",
            name="The cross-entropy with the teacher's answers. We subtract their entropy: the divergence "
            "is meant.",
            function=_distil(rows=lambda ls, lt, T: -(T**2) * np.sum(np.exp(lt) * ls, axis=1)),
            sees="The gradient is right; for a perfect student your loss is not 0.",
            why="The two differ by a constant of the teacher and train alike. The divergence says how much "
            "is left.",
            probe="distill_loss(np.zeros((1, 2)), np.zeros((1, 2)), 1.0)[0]  # 0 is wanted, not log 2",
            convention=True,
        ),
        Misconception(
            id="E3.5r",
            name="You took the teacher's best class for a label.",
            function=_hard_teacher,
            sees="Your numbers do not change if the teacher becomes less sure.",
            why="What a teacher adds to a label is how much each wrong class resembles the right one.",
            probe="distill_loss(np.zeros((1, 2)), np.array([[0.1, 0.0]]), 1.0)[0]  # 0.00125 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign of the gradient is turned round.",
            function=_distil(slopes=_times(lambda T: -1, _distil_slopes)),
            sees="The loss is right, the gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step leads away from the teacher.",
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)[1]  # the second is "
            "positive",
        ),
        Misconception(
            id="M09",
            name="The gradient is not divided by N, although the loss is a mean.",
            function=_distil(divisor=lambda z: 1.0),
            sees="The loss is right, the gradient is N times the right one.",
            why="Value and gradient need the same reduction, or the step grows with the batch.",
            probe="distill_loss(np.array([[0.0, 50.0]] * 4), np.array([[50.0, 0.0]] * 4), 1.0)[1][0]  # ±1/4",
        ),
        Misconception(
            id="M140",
            name="The gradient is divided by the number of classes as well.",
            function=_distil(divisor=lambda z: z.size),
            sees="The loss is right, the gradient is the right one divided by K.",
            why="The mean runs over the N samples. Over the classes the loss is a sum.",
            probe="distill_loss(np.array([[0.0, 50.0]]), np.array([[50.0, 0.0]]), 1.0)[1]  # -1 and 1",
        ),
        Misconception(
            id="M01",
            name="You summed the loss over the batch instead of averaging it.",
            function=_distil(reduce=np.sum),
            sees="The gradient is right, the loss is N times the right one.",
            why="Value and gradient need the same reduction, or no gradient check can pass.",
            probe="distill_loss(np.array([[0.0, 5.0]] * 3), np.zeros((3, 2)), 1.0)[0]  # 1.8136 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_distil(reduce=lambda rows: np.mean(rows) / np.log(2)),
            sees="The gradient is right, the loss is the right one times 1.4427.",
            why=_BITS_WHY,
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)[0]  # 1.8136 is wanted",
        ),
        Misconception(
            id="M51",
            name="You normalised along the columns. The classes of one sample stand in a row.",
            function=_distil(logs=lambda z: log_softmax(z, 0)),
            sees="With a single row your loss and your gradient are 0.",
            why="Samples would compete with each other, and the answer for one would depend on the batch.",
            probe="distill_loss(np.array([[0.0, 5.0]]), np.array([[0.0, 0.0]]), 1.0)  # 1.8136 is wanted",
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax.",
            function=_distil(logs=_log_of_softmax),
            sees="Ordinary scores are right; where a probability rounds to 0 the loss is inf or nan.",
            why=_FINISHED_WHY,
            probe="np.log(np.exp(-800.0))",
        ),
        Misconception(
            id="M46",
            name="You take exp of the scores as they are. It overflows from 710 on.",
            function=_distil(logs=_without_max),
            sees="Ordinary scores are right; scores of ±3000 give inf or nan, in the gradient too.",
            why=_WITHOUT_MAX_WHY,
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy stretches one to the other.",
            function=_distil(check=_any_shape),
            sees="Shapes (N, K) and (1, K) go through without an error.",
            why="Every sample would learn the teacher's answer to one and the same sample.",
            probe="(np.zeros((2, 3)) - np.zeros((1, 3))).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_distil_in_place,
            sees="After the call the student's scores are divided by T.",
            why=_IN_PLACE_WHY,
            probe="zs = np.array([[1.0, 2.0]]); distill_loss(zs, np.zeros((1, 2)), 4.0); zs",
        ),
    ),
    hints=(
        "Divide both scores by T, then take log-softmax by rows. From here on there are two distributions.",
        "The loss is the divergence KL(teacher ‖ student) from the last question, times T².",
        "Without T the gradient is p - q. How often does T come in: once from z/T, and twice from the "
        "factor?",
        "As T grows, the gradient tends to the difference of the scores, each less its mean, divided by N K.",
    ),
    curve=Curve(
        "temperature T; drawn is the loss of [0, 1, 2] against the teacher [1, 1, 0]",
        tuple(np.linspace(1, 20, 39)),
        lambda T: (_STUDENT, _TEACHER, T),
    ),
)

QUESTIONS = (_SMOOTH, _EXCESS, _KL, _DISTILL)
