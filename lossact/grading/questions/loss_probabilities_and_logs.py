"""Exercise loss/probabilities_and_logs: the logarithm of a probability, where it ends, and its slope."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import binary_cross_entropy, sigmoid, softmax
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question
from lossact.grading.questions._shared import broadcasts, changes_input, mixed_shapes, residual

_PROB = sigmoid(np.array([2.0, -1.0, 0.5]))
_TARGET = np.array([1.0, 0.0, 0.0])
_P = softmax(np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]]), 1)
_Y = np.array([0, 2])
_SCORES = softmax(np.array([[-2.85, 0.86, 0.28]]), 1)
_EPS = 1e-7


# --- inputs: two classes --------------------------------------------------------------------------------


def _hard(rng: np.random.Generator, shape: tuple[int, ...]) -> Arguments:
    # Both labels are there, whatever is drawn.
    labels = np.resize([1.0, 0.0, 0.0, 1.0, 1.0], int(np.prod(shape)))
    return rng.uniform(0.1, 0.9, size=shape), rng.permutation(labels).reshape(shape)


def _probabilities(rng: np.random.Generator) -> list[Arguments]:
    return [(_PROB, _TARGET), _hard(rng, (7,)), _hard(rng, (3, 4))]


def _soft_targets(rng: np.random.Generator) -> list[Arguments]:
    soft = rng.uniform(0.1, 0.9, size=5)
    return [
        (np.array([0.5]), np.array([0.25])),
        (rng.uniform(0.1, 0.9, size=6), rng.uniform(0.1, 0.9, size=6)),
        (soft, soft),
    ]


def _certain(rng: np.random.Generator) -> list[Arguments]:
    # One probability a call: each of the four corners tells another fault.
    corners = [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0), (1.0, 1.0)]
    return [
        *((np.array([prob]), np.array([target])) for prob, target in corners),
        (np.array([0.0, 1.0, 0.3, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])),
        (np.array([0, 1, 1, 0]), np.array([0, 1, 0, 1])),
    ]


def _another_eps(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.001]), np.array([1.0]), 0.01),
        (np.array([0.999, 0.5, 0.4]), np.array([0.0, 1.0, 0.0]), 0.01),
        (np.array([0.0, 1.0]), np.array([1.0, 0.0]), 1e-3),
    ]


def _single_precision(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.0], dtype=np.float32), np.array([0.0], dtype=np.float32)),
        (np.array([1.0], dtype=np.float32), np.array([0.0]), 1e-9),
        (_PROB.astype(np.float32), _TARGET.astype(np.float32)),
    ]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_PROB, _TARGET), (np.array([0.0, 1.0, 0.5]), np.array([0.0, 0.0, 1.0]))]


def _nearly_certain(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1e-6]), np.array([1.0])),
        (np.array([1e-6, 1 - 1e-6, 0.5]), np.array([0.0, 0.0, 1.0])),
    ]


def _inside_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_PROB, _TARGET), _hard(rng, (5,))]


# --- inputs: several classes ----------------------------------------------------------------------------


def _rows(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_P, _Y),
        (_SCORES, np.array([2])),
        (rng.dirichlet(np.full(3, 2.0), 3), np.array([2, 0, 1])),
        (rng.dirichlet(np.full(4, 2.0), 6), np.array([1, 3, 0, 3, 2, 1])),
    ]


def _impossible(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[1.0, 0.0]]), np.array([1])),
        (np.array([[0.3, 0.7], [1.0, 0.0], [0.0, 1.0]]), np.array([0, 1, 1])),
        (np.array([[0.999, 0.001], [0.5, 0.5]]), np.array([1, 0]), 0.01),
    ]


def _long_batch(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.full((400, 10), 0.1), np.zeros(400, dtype=int)),
        (rng.dirichlet(np.full(5, 2.0), 1797), rng.integers(0, 5, size=1797)),
    ]


def _labels_of_another_shape(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_P, _Y[:, np.newaxis]),
        (rng.dirichlet(np.ones(3), 4), np.array([1])),
        (rng.dirichlet(np.ones(3), 2), np.array([1, 0, 2])),
    ]


def _labels_out_of_range(rng: np.random.Generator) -> list[Arguments]:
    return [(_P, np.array([-1, 2])), (_P, np.array([3, 0]))]


def _rows_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_P, _Y), (np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 1]))]


# --- the right answers ----------------------------------------------------------------------------------


def _bce(prob: Any, target: Any, eps: float = _EPS) -> Any:
    residual(prob, target)
    p = np.clip(prob.astype(float), eps, 1 - eps)
    return np.mean(-target * np.log(p) - (1 - target) * np.log(1 - p))


def _of_labels(P: Any, y: Any) -> Any:
    """The probability that each row gives to its label."""
    if y.shape != P.shape[:1]:
        raise ValueError(f"P has shape {P.shape}, y has shape {y.shape}")
    if np.any(y < 0) or np.any(y >= P.shape[1]):
        raise ValueError(f"labels from 0 to {P.shape[1] - 1} are wanted")
    return P[np.arange(len(P)), y]


def _ce(P: Any, y: Any, eps: float = _EPS) -> Any:
    return np.mean(-np.log(np.maximum(_of_labels(P, y), eps)))


# --- wrong answers: two classes -------------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses mixed shapes and leaves its inputs alone.


def _terms(formula: Callable[[Any, Any, float], Any]) -> Callable[..., Any]:
    """bce as the mean of a formula of (clipped p, target, eps)."""

    def answer(prob: Any, target: Any, eps: float = _EPS) -> Any:
        residual(prob, target)
        return np.mean(formula(np.clip(prob.astype(float), eps, 1 - eps), target, eps))

    return answer


def _raw_terms(formula: Callable[[Any, Any, float], Any]) -> Callable[..., Any]:
    """bce as the mean of a formula of (p as it is given, target, eps)."""

    def answer(prob: Any, target: Any, eps: float = _EPS) -> Any:
        residual(prob, target)
        with np.errstate(all="ignore"):
            return np.mean(formula(prob.astype(float), target, eps))

    return answer


def _each(p: Any, t: Any) -> Any:
    return -t * np.log(p) - (1 - t) * np.log(1 - p)


def _bce_swapped(prob: Any, target: Any, eps: float = _EPS) -> Any:
    residual(prob, target)
    return _bce(target, prob, eps)


def _bce_single(prob: Any, target: Any, eps: float = _EPS) -> Any:
    residual(prob, target)
    p = np.clip(prob, eps, 1 - eps)  # of float32 stays float32, where 1 - 1e-9 is 1
    with np.errstate(all="ignore"):
        return np.mean(_each(p, target))


def _bce_own_eps(prob: Any, target: Any, eps: float = _EPS) -> Any:
    return _bce(prob, target)


def _bce_clamped_logs(p: Any, t: Any, eps: float) -> Any:
    return -t * np.maximum(np.log(p), -100) - (1 - t) * np.maximum(np.log(1 - p), -100)


def _bce_of_sigmoid(prob: Any, target: Any, eps: float = _EPS) -> Any:
    return _bce(sigmoid(prob), target, eps)


def _bce_sum(prob: Any, target: Any, eps: float = _EPS) -> Any:
    return _bce(prob, target, eps) * np.size(prob)


def _bce_broadcast(prob: Any, target: Any, eps: float = _EPS) -> Any:
    p = np.clip(prob.astype(float), eps, 1 - eps)
    return np.mean(_each(p, target))


def _bce_in_place(prob: Any, target: Any, eps: float = _EPS) -> Any:
    value = _bce(prob, target, eps)
    prob[...] = 1 - prob
    return value


# --- wrong answers: the slope ---------------------------------------------------------------------------


def _slope(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """The gradient of bce as a formula of (p, target), divided by n."""

    def answer(prob: Any, target: Any) -> Any:
        return formula(prob, target) / residual(prob, target).size

    return answer


def _swapped_slope(prob: Any, target: Any) -> Any:
    residual(prob, target)
    with np.errstate(all="ignore"):
        return (target - prob) / (target * (1 - target)) / prob.size


def _slope_n_twice(prob: Any, target: Any) -> Any:
    return binary_cross_entropy.grad(prob, target) / np.size(prob)


def _slope_without_n(prob: Any, target: Any) -> Any:
    return binary_cross_entropy.grad(prob, target, reduction="sum")


def _slope_broadcast(prob: Any, target: Any) -> Any:
    return (prob - target) / (prob * (1 - prob)) / prob.size


def _slope_in_place(prob: Any, target: Any) -> Any:
    gradient = binary_cross_entropy.grad(prob, target)
    prob -= target
    return gradient


# --- wrong answers: several classes ---------------------------------------------------------------------


def _picked(formula: Callable[[Any, float], Any]) -> Callable[..., Any]:
    """The loss as a formula of (the probabilities of the labels, eps)."""

    def answer(P: Any, y: Any, eps: float = _EPS) -> Any:
        with np.errstate(all="ignore"):
            return formula(_of_labels(P, y), eps)

    return answer


def _whole_rows(formula: Callable[[Any, Any, float], Any]) -> Callable[..., Any]:
    """The loss as a formula of (P cut off at eps, labels, eps)."""

    def answer(P: Any, y: Any, eps: float = _EPS) -> Any:
        _of_labels(P, y)
        return formula(np.maximum(P, eps), y, eps)

    return answer


def _one_hot_mean(P: Any, y: Any, eps: float) -> Any:
    return np.mean(-np.eye(P.shape[1])[y] * np.log(P))


def _labels_from_one(P: Any, y: Any, eps: float) -> Any:
    return np.mean(-np.log(P[np.arange(len(P)), y - 1]))


def _of_the_largest(P: Any, y: Any, eps: float) -> Any:
    return np.mean(-np.log(np.max(P, axis=1)))


def _each_class_by_itself(P: Any, y: Any, eps: float) -> Any:
    return np.mean(np.sum(_each(np.clip(P, eps, 1 - eps), np.eye(P.shape[1])[y]), axis=1))


def _softmax_again(P: Any, y: Any, eps: float = _EPS) -> Any:
    return _ce(softmax(P, 1), y, eps)


def _ce_own_eps(P: Any, y: Any, eps: float = _EPS) -> Any:
    return _ce(P, y)


def _any_shape(P: Any, y: Any, eps: float = _EPS) -> Any:
    if np.any(y < 0) or np.any(y >= P.shape[1]):
        raise ValueError("labels out of range")
    return np.mean(-np.log(np.maximum(P[np.arange(len(P)), y], eps)))


def _any_label(P: Any, y: Any, eps: float = _EPS) -> Any:
    if y.shape != P.shape[:1]:
        raise ValueError("shapes differ")
    return np.mean(-np.log(np.maximum(P[np.arange(len(P)), y], eps)))


def _ce_in_place(P: Any, y: Any, eps: float = _EPS) -> Any:
    value = _ce(P, y, eps)
    np.log(np.maximum(P, eps), out=P)
    return value


# --- questions ------------------------------------------------------------------------------------------

_LOG2_WHY = "log2 counts bits. Only with the natural logarithm is the slope of log p equal to 1/p."
_BELOW_ZERO_WHY = (
    "It also keeps the logarithm finite, but a certain and right answer then has a loss below 0. We clip, so "
    "that p stays a probability."
)
_UNCLIPPED_WHY = (
    "A sigmoid rounds to exactly 1 from a logit of 37 on (in float32 from 17). One such sample makes the "
    "loss of the batch inf or nan, and the next step every weight."
)
_OUTSIDE_WHY = (
    "log 0 is -inf, and -inf plus any eps is -inf. The eps must get to p before the logarithm does."
)

_BCE = Question(
    name="bce",
    reference=_bce,
    checks=(
        Check("probabilities with targets 0 and 1", _probabilities, points=Decimal(2)),
        Check("targets between 0 and 1", _soft_targets),
        Check("probabilities of exactly 0 and 1", _certain, points=Decimal(2)),
        Check("another eps", _another_eps),
        Check("probabilities in float32", _single_precision),
        Check("shapes that differ are refused with a ValueError", mixed_shapes()),
        Check("the inputs are left as they were", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M19",
            name="You took target for prob: the logarithm is of the prediction, the target is the weight.",
            function=_bce_swapped,
            sees="Your value is several times too large: with hard targets it is made of log eps.",
            why="The squared error is the same both ways and hides the mistake. This loss does not: here "
            "0.4714 becomes 5.43, and without a clip inf.",
            probe="bce(np.array([0.9]), np.array([1.0]))  # 0.105 is wanted",
        ),
        Misconception(
            id="M34",
            name="You did not clip the probabilities, or you called np.clip and did not keep what it "
            "returned.",
            function=_raw_terms(lambda p, t, eps: _each(p, t)),
            sees="Ordinary probabilities are right; with 0 or 1 your value is inf or nan.",
            why=_UNCLIPPED_WHY,
            probe="p = np.array([0.0, 1.0])\nnp.clip(p, 0.1, 0.9)\np  # np.clip leaves p as it is",
        ),
        Misconception(
            id="M35",
            name="You added eps to the logarithm, not to what it is taken of.",
            function=_raw_terms(lambda p, t, eps: -t * (np.log(p) + eps) - (1 - t) * (np.log(1 - p) + eps)),
            sees="With a probability of 0 or 1 your value is still inf or nan; all others are off by eps.",
            why=_OUTSIDE_WHY,
            probe="with np.errstate(all='ignore'):\n    outside = np.log(np.array([0.0])) + 1e-7\noutside",
        ),
        Misconception(
            id="M36",
            name="You protect log p only. log(1 - p) needs it as well.",
            function=_raw_terms(
                lambda p, t, eps: -t * np.log(np.clip(p, eps, 1 - eps)) - (1 - t) * np.log(1 - p)
            ),
            sees="A probability of 0 is right, one of 1 gives inf or nan.",
            why="The two classes play the same part. A network that is sure of the other one breaks the "
            "loss.",
            probe="bce(np.array([1.0]), np.array([0.0]))  # 16.118 is wanted, as for 0 against 1",
        ),
        Misconception(
            id="M36",
            name="You protect log(1 - p) only. log p needs it as well.",
            function=_raw_terms(
                lambda p, t, eps: -t * np.log(p) - (1 - t) * np.log(1 - np.clip(p, eps, 1 - eps))
            ),
            sees="A probability of 1 is right, one of 0 gives inf or nan.",
            why="The two classes play the same part. A network that is sure of the other one breaks the "
            "loss.",
            probe="bce(np.array([0.0]), np.array([1.0]))  # 16.118 is wanted",
        ),
        Misconception(
            id="M37",
            name="You clipped in float32. There 1 - eps is not what it looks like.",
            function=_bce_single,
            sees="In float64 all is right. In float32 a probability of 1 gives 15.94 instead of 16.12, and "
            "inf with eps = 1e-9.",
            why="Below 1 the numbers of float32 are 6e-8 apart, so 1 - 1e-9 is 1, and the logarithm of 1 - "
            "p is -inf.",
            probe="np.float32(1) - np.float32(1e-9) == 1",
        ),
        Misconception(
            id="M38",
            name="You clipped and added eps as well.",
            function=_terms(lambda p, t, eps: -t * np.log(p + eps) - (1 - t) * np.log(1 - p + eps)),
            sees="A probability of 0 gives 15.425 instead of 16.118: the difference is log 2.",
            why="Once is enough. Twice moves every loss, and the results of two programs no longer agree.",
            probe="bce(np.array([0.0]), np.array([1.0])), -np.log(1e-7), -np.log(2e-7)",
        ),
        Misconception(
            id="E1.4a",
            name="You use an eps of your own and not the argument.",
            function=_bce_own_eps,
            sees="Right for eps = 1e-7; another eps changes nothing.",
            why="eps says how sure a prediction may be. Whoever sets it wants it to count.",
            probe="bce(np.array([0.0]), np.array([1.0]), 0.01)  # 4.605 is wanted",
        ),
        Misconception(
            id="E1.4b",
            name="You added eps inside the logarithms instead of clipping.",
            function=_raw_terms(lambda p, t, eps: -t * np.log(p + eps) - (1 - t) * np.log(1 - p + eps)),
            sees="Right to about eps; with eps = 0.01 the difference shows.",
            why=_BELOW_ZERO_WHY,
            probe="bce(np.array([1.0]), np.array([1.0]))  # not below 0",
            convention=True,
        ),
        Misconception(
            id="E1.4c",
            name="You cut the logarithms off at -100, as torch does. Here the probabilities are clipped.",
            function=_raw_terms(_bce_clamped_logs),
            sees="A probability of 0 gives 100 instead of 16.118, and eps changes nothing.",
            why="Both keep the loss finite; a single sure mistake counts six times as much there as here.",
            probe="bce(np.array([0.0]), np.array([1.0]))  # 16.118 here, 100 in torch",
            convention=True,
        ),
        Misconception(
            id="E1.4d",
            name="You read the target as yes or no: only a target of exactly 1 counts as 1.",
            function=_terms(lambda p, t, eps: np.where(t == 1, -np.log(p), -np.log(1 - p))),
            sees="Targets 0 and 1 are right, those between are treated as 0.",
            why="A soft target of 0.9 would be learnt as a plain no. Both logarithms count, with t and 1 - "
            "t.",
            probe="bce(np.array([0.9]), np.array([0.9]))  # 0.325 is wanted, the least for this target",
        ),
        Misconception(
            id="M40",
            name="You left out the term of the other class, (1 - t) log(1 - p).",
            function=_terms(lambda p, t, eps: -t * np.log(p)),
            sees="A target of 0 costs nothing, whatever is predicted.",
            why="Then the best prediction is 1 for every sample. In the example 0.4714 becomes 0.0423.",
            probe="bce(np.array([0.99]), np.array([0.0]))  # 4.605 is wanted",
        ),
        Misconception(
            id="M41",
            name="You wrote 1 - log p where log(1 - p) belongs.",
            function=_terms(lambda p, t, eps: -t * np.log(p) - (1 - t) * (1 - np.log(p))),
            sees="For targets of 0 your loss is negative, below -1.",
            why="It falls without end as p goes to 0 and rewards nothing but that.",
            probe="bce(np.array([0.5]), np.array([0.0]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the logarithms is missing.",
            function=_terms(lambda p, t, eps: -_each(p, t)),
            sees="Your value is the right one times -1.",
            why="Descent on this loss drives each prediction away from its target.",
            probe="bce(np.array([0.5]), np.array([1.0]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You took log2. Losses here are in nats, with the natural logarithm.",
            function=_terms(lambda p, t, eps: _each(p, t) / np.log(2)),
            sees="Your value is the right one times 1.4427.",
            why=_LOG2_WHY,
            probe="bce(np.array([0.5]), np.array([1.0]))  # log 2 = 0.693, not 1",
        ),
        Misconception(
            id="M33",
            name="You took log10. Losses here are in nats, with the natural logarithm.",
            function=_terms(lambda p, t, eps: _each(p, t) / np.log(10)),
            sees="Your value is the right one times 0.4343.",
            why="Only with the natural logarithm is the slope of log p equal to 1/p.",
            probe="bce(np.array([0.1]), np.array([1.0]))  # log 10 = 2.303, not 1",
        ),
        Misconception(
            id="E1.4e",
            name="The two logarithms have changed places: p is the probability of class 1.",
            function=_terms(lambda p, t, eps: _each(p, 1 - t)),
            sees="A right and sure prediction costs most.",
            why="Training would turn every answer into its opposite.",
            probe="bce(np.array([0.9]), np.array([1.0]))  # 0.105 is wanted",
        ),
        Misconception(
            id="M88",
            name="You applied the sigmoid. The arguments are probabilities already.",
            function=_bce_of_sigmoid,
            sees="However sure and right the prediction, your loss does not fall below 0.3133.",
            why="The sigmoid of a number from 0 to 1 lies between 0.5 and 0.731: no prediction is ever sure, "
            "and none is ever a no.",
            probe="bce(np.array([1.0]), np.array([1.0]))  # 0.0000001 is wanted",
        ),
        Misconception(
            id="M01",
            name="You summed the losses instead of averaging them.",
            function=_bce_sum,
            sees="Your value is the right one times the number of elements.",
            why="A sum grows with the batch, and the gradient with it.",
            probe="bce(np.full(4, 0.5), np.ones(4)), bce(np.full(8, 0.5), np.ones(8))",
        ),
        broadcasts(_bce_broadcast),
        changes_input(_bce_in_place, "p = np.array([0.0, 0.4]); bce(p, np.array([1.0, 0.0])); p"),
    ),
    hints=(
        "Two terms for each sample: t log p and (1 - t) log(1 - p). A target of 1 leaves one of them.",
        "Clip p before you take any logarithm, and use what np.clip returns.",
        "What is `np.clip(np.float32([1]), 1e-9, 1 - 1e-9)`? Print its dtype, and then 1 minus it.",
        "Make a plot, or a table: for target 0.3 the loss must be least at p = 0.3.",
    ),
    curve=Curve(
        axis="predicted probability, for a target of 0.3",
        points=tuple(np.linspace(0.02, 0.98, 49)),
        call=lambda p: (np.array([p]), np.array([0.3])),
    ),
)

_BCE_GRAD = Question(
    name="bce_grad",
    reference=binary_cross_entropy.grad,
    checks=(
        Check("probabilities with targets 0 and 1", _probabilities, points=Decimal(2)),
        Check("targets between 0 and 1", _soft_targets),
        Check("probabilities near 0 and 1", _nearly_certain),
        Check("shapes that differ are refused with a ValueError", mixed_shapes()),
        Check("the inputs are left as they were", _inside_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E1.4f",
            name="That is the gradient with respect to the logit. Asked for is the one with respect to p.",
            function=_slope(lambda p, t: p - t),
            sees="Your gradient is the expected one times p (1 - p).",
            why="p - t comes out only after the slope of the sigmoid, p (1 - p), has been multiplied in. "
            "That the two cancel is the whole point of the pair.",
            probe="bce_grad(np.array([0.001]), np.array([1.0]))  # -1000 is wanted",
        ),
        Misconception(
            id="E1.4g",
            name="You multiplied by p (1 - p) instead of dividing.",
            function=_slope(lambda p, t: (p - t) * p * (1 - p)),
            sees="Your gradient is smallest where the prediction is surest, and wrong.",
            why="That is the gradient of half the squared error behind a sigmoid: it vanishes where it is "
            "needed most.",
            probe="bce_grad(np.array([0.001]), np.array([1.0]))  # -1000 is wanted",
        ),
        Misconception(
            id="E1.4h",
            name="The inner derivative of 1 - p is missing: it is -1.",
            function=_slope(lambda p, t: -t / p - (1 - t) / (1 - p)),
            sees="No element of your gradient is positive.",
            why="Every prediction would be pushed up, those of class 0 as well.",
            probe="bce_grad(np.array([0.5]), np.array([0.0]))  # too high: must be positive",
        ),
        Misconception(
            id="M40",
            name="You left out the term of the other class.",
            function=_slope(lambda p, t: -t / p),
            sees="Where the target is 0 your gradient is 0.",
            why="Nothing pulls a prediction down any more, and all end at 1.",
            probe="bce_grad(np.array([0.5]), np.array([0.0]))  # 2 is wanted",
        ),
        Misconception(
            id="M19",
            name="You took target for prob.",
            function=_swapped_slope,
            sees="With targets of 0 and 1 your gradient is inf.",
            why="The squared error only changes its sign when the two change places. This loss is not "
            "symmetric.",
            probe="bce_grad(np.array([0.2]), np.array([0.5]))  # -1.875 is wanted",
        ),
        Misconception(
            id="M09",
            name="You forgot to divide by n.",
            function=_slope_without_n,
            sees="Your gradient is the right one times the number of elements.",
            why="The loss is a mean, so each of its slopes has a 1/n.",
            probe="bce_grad(np.full(2, 0.5), np.ones(2)), bce_grad(np.full(4, 0.5), np.ones(4))",
        ),
        Misconception(
            id="M10",
            name="You divided by n twice.",
            function=_slope_n_twice,
            sees="Your gradient is the right one divided by the number of elements.",
            why="It still points downhill, so training seems to work; it is only n times too slow.",
            probe="bce_grad(np.full(4, 0.5), np.ones(4)).sum()  # -2 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round.",
            function=lambda prob, target: -binary_cross_entropy.grad(prob, target),
            sees="Your gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step climbs.",
            probe="bce_grad(np.array([0.5]), np.array([1.0]))  # too low: must be negative",
        ),
        Misconception(
            id="M13",
            name="You took the size of the slope and lost its direction.",
            function=lambda prob, target: np.abs(binary_cross_entropy.grad(prob, target)),
            sees="No element of your gradient is negative.",
            why="A prediction that is too low would be pushed lower still.",
            probe="bce_grad(np.array([0.5]), np.array([1.0]))  # too low: must be negative",
        ),
        broadcasts(_slope_broadcast),
        changes_input(_slope_in_place, "p = np.array([0.5]); bce_grad(p, np.array([1.0])); p"),
    ),
    hints=(
        "What is the derivative of log p, and what that of log(1 - p)?",
        "Both terms over one denominator: a fraction that is 0 where p = t comes out.",
        "The loss is a mean of n elements. What does that do to each slope?",
    ),
    curve=Curve(
        axis="predicted probability, for a target of 0.3",
        points=tuple(np.linspace(0.05, 0.95, 46)),
        call=lambda p: (np.array([p, 0.5]), np.array([0.3, 0.5])),
        pick=lambda values: float(values[0][0]),
    ),
)

_CE = Question(
    name="cross_entropy_from_probs",
    reference=_ce,
    checks=(
        Check("rows of probabilities", _rows, points=Decimal(2)),
        Check("a true class of probability 0, and another eps", _impossible),
        Check("a batch of 400, and one of 1797", _long_batch),
        Check("labels of another shape than (N,) are refused with a ValueError", _labels_of_another_shape),
        Check("labels outside 0 to K - 1 are refused with a ValueError", _labels_out_of_range),
        Check("the inputs are left as they were", _rows_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M93",
            name="You wrote P[:, y], which takes every listed column of every row.",
            function=_whole_rows(lambda P, y, eps: np.mean(-np.log(P[:, y]))),
            sees="A batch of one is right. In the example you get 2.356 instead of 1.506.",
            why="P[:, y] has shape (N, N): each row meets the labels of all others. P[np.arange(N), y] pairs "
            "row i with label i.",
            probe="np.zeros((2, 3))[:, np.array([0, 2])].shape",
        ),
        Misconception(
            id="M21",
            name="You averaged over the classes as well: the mean of a one-hot product has N K elements.",
            function=_whole_rows(_one_hot_mean),
            sees="Your value is the right one divided by K.",
            why="Of the K terms of a one-hot row, one counts. With 1000 classes the loss is 1000 times too "
            "small.",
            probe="cross_entropy_from_probs(np.full((1, 4), 0.25), np.array([0]))  # log 4 = 1.386",
        ),
        Misconception(
            id="M92",
            name="You averaged all logarithms and never looked at the label.",
            function=_whole_rows(lambda P, y, eps: np.mean(-np.log(P))),
            sees="Another label gives the same loss.",
            why="The loss is least when all classes are equally likely: the network learns to say nothing.",
            probe="P = np.array([[0.9, 0.1]])\n"
            "cross_entropy_from_probs(P, np.array([0])), cross_entropy_from_probs(P, np.array([1]))",
        ),
        Misconception(
            id="M94",
            name="You read the labels as 1 to K. They run from 0 to K - 1.",
            function=_whole_rows(_labels_from_one),
            sees="Your loss is that of the class one place before.",
            why="In NumPy the index -1 is the last entry, so label 0 raises no error.",
            probe="np.array([10, 20, 30])[0 - 1]",
        ),
        Misconception(
            id="M90",
            name="You returned the mean probability; its logarithm is missing.",
            function=_picked(lambda p, eps: -np.mean(p)),
            sees="Your value lies between -1 and 0.",
            why="A wrong and sure answer then costs at most 1 more than a right one; with the logarithm "
            "there is no limit.",
            probe="cross_entropy_from_probs(np.array([[0.9, 0.1]]), np.array([1]))  # 2.303 is wanted",
        ),
        Misconception(
            id="M54",
            name="You multiplied the probabilities and took the logarithm at the end.",
            function=_picked(lambda p, eps: -np.log(np.prod(np.maximum(p, eps))) / len(p)),
            sees="Short batches are right, long ones give inf.",
            why="0.1 to the power of 400 is 0 in floating point. The sum of the logarithms is -921.",
            probe="0.1**300, 0.1**400",
        ),
        Misconception(
            id="E1.4i",
            name="You took the mean before the logarithm. The logarithm comes first.",
            function=_picked(lambda p, eps: -np.log(np.mean(np.maximum(p, eps)))),
            sees="A batch of one is right; for others your value is too small.",
            why="One sample with probability 0 is then hidden by the others. It should cost most of all.",
            probe="cross_entropy_from_probs(np.array([[0.98, 0.02], [0.02, 0.98]]), np.array([0, 0]))  # "
            "1.966",
        ),
        Misconception(
            id="E1.4j",
            name="You took the largest probability of each row, not that of the true class.",
            function=_whole_rows(_of_the_largest),
            sees="Right where the prediction is right; a wrong and sure answer costs next to nothing.",
            why="Then it pays to be sure, not to be right.",
            probe="cross_entropy_from_probs(np.array([[0.99, 0.01]]), np.array([1]))  # 4.605 is wanted",
        ),
        Misconception(
            id="E1.4k",
            name="You added log(1 - p) of the other classes, as if each class were a question of its own.",
            function=_whole_rows(_each_class_by_itself),
            sees="Your value is too large; for two classes it is exactly twice the right one.",
            why="The probabilities of a row sum to 1, so the others are held down by the true one already.",
            probe="cross_entropy_from_probs(np.array([[0.5, 0.5]]), np.array([0]))  # log 2 = 0.693",
        ),
        Misconception(
            id="M87",
            name="You applied the softmax. The rows are probabilities already.",
            function=_softmax_again,
            sees="However sure and right the rows, your loss does not fall below log(e + K - 1) - 1.",
            why="For ten classes that is 1.46, where guessing has 2.30. Read as scores, probabilities are "
            "never far apart.",
            probe="cross_entropy_from_probs(np.array([[1.0, 0.0, 0.0]]), np.array([0]))  # 0 is wanted",
        ),
        Misconception(
            id="M34",
            name="You did not cut the probabilities off at eps, or did not keep what NumPy returned.",
            function=_picked(lambda p, eps: np.mean(-np.log(p))),
            sees="A true class of probability 0 gives inf.",
            why="One such sample makes the mean of the batch inf, however right all others are.",
            probe="P = np.array([[1.0, 0.0]])\nnp.maximum(P, 0.1)\nP  # np.maximum leaves P as it is",
        ),
        Misconception(
            id="M35",
            name="You added eps to the logarithm, not to what it is taken of.",
            function=_picked(lambda p, eps: np.mean(-(np.log(p) + eps))),
            sees="A true class of probability 0 still gives inf; all others are off by eps.",
            why=_OUTSIDE_WHY,
            probe="with np.errstate(all='ignore'):\n    outside = np.log(np.array([0.0])) + 1e-7\noutside",
        ),
        Misconception(
            id="M38",
            name="You cut off at eps and added eps as well.",
            function=_picked(lambda p, eps: np.mean(-np.log(np.maximum(p, eps) + eps))),
            sees="A probability of 0 gives 15.425 instead of 16.118: the difference is log 2.",
            why="Once is enough. Twice moves every loss, and the results of two programs no longer agree.",
            probe="cross_entropy_from_probs(np.array([[1.0, 0.0]]), np.array([1]))  # 16.118 is wanted",
        ),
        Misconception(
            id="E1.4b",
            name="You added eps inside the logarithm instead of cutting off.",
            function=_picked(lambda p, eps: np.mean(-np.log(p + eps))),
            sees="Right to about eps; with eps = 0.01 the difference shows.",
            why=_BELOW_ZERO_WHY,
            probe="cross_entropy_from_probs(np.array([[1.0, 0.0]]), np.array([0]), 0.01)  # not below 0",
            convention=True,
        ),
        Misconception(
            id="E1.4a",
            name="You use an eps of your own and not the argument.",
            function=_ce_own_eps,
            sees="Right for eps = 1e-7; another eps changes nothing.",
            why="eps says how sure a prediction may be. Whoever sets it wants it to count.",
            probe="cross_entropy_from_probs(np.array([[1.0, 0.0]]), np.array([1]), 0.01)  # 4.605 is wanted",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the logarithm is missing.",
            function=_picked(lambda p, eps: np.mean(np.log(np.maximum(p, eps)))),
            sees="Your value is the right one times -1.",
            why="The logarithm of a probability is never positive, so a loss without the minus never is.",
            probe="cross_entropy_from_probs(np.array([[0.5, 0.5]]), np.array([0]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You took log2. Losses here are in nats, with the natural logarithm.",
            function=_picked(lambda p, eps: np.mean(-np.log2(np.maximum(p, eps)))),
            sees="Your value is the right one times 1.4427.",
            why=_LOG2_WHY,
            probe="cross_entropy_from_probs(np.array([[0.5, 0.5]]), np.array([0]))  # 0.693, not 1",
        ),
        Misconception(
            id="M33",
            name="You took log10. Losses here are in nats, with the natural logarithm.",
            function=_picked(lambda p, eps: np.mean(-np.log10(np.maximum(p, eps)))),
            sees="Your value is the right one times 0.4343.",
            why="Only with the natural logarithm is the slope of log p equal to 1/p.",
            probe="cross_entropy_from_probs(np.array([[0.9, 0.1]]), np.array([1]))  # 2.303, not 1",
        ),
        Misconception(
            id="M01",
            name="You summed over the samples instead of averaging.",
            function=_picked(lambda p, eps: np.sum(-np.log(np.maximum(p, eps)))),
            sees="Your value is the right one times N.",
            why="A sum grows with the batch, and the gradient with it.",
            probe="cross_entropy_from_probs(np.full((3, 2), 0.5), np.array([0, 1, 1]))  # 0.693 is wanted",
        ),
        Misconception(
            id="M05",
            name="You do not refuse labels of another shape, and NumPy pairs each row with each label.",
            function=_any_shape,
            sees="Labels of shape (N, 1) go through without an error.",
            why="The index has shape (N, N): each row meets the labels of all others, and the mean looks "
            "plausible.",
            probe="np.zeros((2, 3))[np.arange(2), np.array([[0], [2]])].shape",
        ),
        Misconception(
            id="E1.4l",
            name="You take a label of -1, which NumPy reads as the last class.",
            function=_any_label,
            sees="A label of -1 goes through without an error.",
            why="Many data sets write -1 for an unknown label. Those samples would all be taught as the last "
            "class.",
            probe="np.array([10, 20, 30])[-1]",
        ),
        changes_input(
            _ce_in_place, "P = np.array([[0.9, 0.1]]); cross_entropy_from_probs(P, np.array([0])); P"
        ),
    ),
    hints=(
        "First one number for each row: the probability of its own label. np.arange(N) counts the rows.",
        "Cut off at eps, take the logarithm, change the sign, and average: in this order.",
        "Which labels can be an index without an error, although they are wrong? Try -1, and shape (N, 1).",
    ),
    curve=Curve(
        axis="probability of the true class, the first of two",
        points=tuple(np.linspace(0.02, 1, 50)),
        call=lambda p: (np.array([[p, 1 - p]]), np.array([0])),
    ),
)

QUESTIONS = (_BCE, _BCE_GRAD, _CE)
