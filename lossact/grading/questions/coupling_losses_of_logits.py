"""Exercise coupling/losses_of_logits: softplus, log-sum-exp by rows, and the binary loss of a logit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import binary_cross_entropy_with_logits, logsumexp, sigmoid, softplus
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_X = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
_SCORES = np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]])
_Z = np.array([2.0, -1.0, 0.5])
_Y = np.array([1.0, 0.0, 0.0])


# --- inputs ---------------------------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [(_X,), (rng.normal(size=(3, 2)),), (rng.normal(scale=3, size=(2, 2, 2)),)]


def _far_from_zero(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-40.0, 40.0]),),
        (np.array([-800.0, 800.0]),),
        (np.array([-100.0, -20.0, 1e5]),),
        (np.array([100.0, -30.0], dtype=np.float32),),
    ]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    # Cut off, the softplus of an integer k is max(k, 0). As floats the same numbers tell the faults apart.
    return [(np.array([-3, 0, 4]),), (rng.integers(-5, 6, size=(2, 3)),), (np.array([-3.0, 0.0, 4.0]),)]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_X,), (rng.normal(size=(2, 3)),)]


def _loud(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1000.0]),), (np.array([-1000.0, 0.5]),)]


def _rows(rng: np.random.Generator) -> list[Arguments]:
    # A square array too: a maximum along the wrong axis broadcasts there without an error.
    return [
        (_SCORES,),
        (rng.normal(size=(3, 3)),),
        (rng.normal(scale=3, size=(4, 5)),),
        (np.array([[2, 1, 0], [-1, 3, 1]]),),
        (np.array([[1.5], [-2.5]]),),
    ]


def _wide_rows(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 200.0], [1.0, 2.0]]),),
        (np.array([[0.0, 800.0], [5.0, 4.0]]),),
        (np.array([[-1000.0, -1001.0, -1002.0], [1000.0, 999.0, 998.0]]),),
        (np.array([[800.0, 0.0]]),),
        (np.array([[1.0, -np.inf, 0.0]]),),
        (np.array([[100.0, 99.0], [-100.0, -99.0]], dtype=np.float32),),
    ]


def _rows_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_SCORES,)]


def _loud_rows(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([[1000.0, 0.0]]),), (np.array([[-1000.0, -1001.0], [0.5, 800.0]]),)]


def _labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_Z, _Y),
        (rng.normal(scale=2, size=6), rng.permutation([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])),
        (rng.normal(size=(4, 3)), rng.permutation([1.0, 0.0] * 6).reshape(4, 3)),
        (rng.normal(size=(2, 2)), np.array([[1.0, 0.0], [1.0, 1.0]]), 1.0),
    ]


def _weighted(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.0, 0.0]), np.array([1.0, 0.0]), 3.0),
        (_Z, _Y, 0.5),
        (rng.normal(scale=2, size=5), rng.permutation([1.0, 0.0, 0.0, 0.0, 1.0]), 4.0),
    ]


def _soft_labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.0, -2.0]), np.array([0.9, 0.1])),
        (rng.normal(size=(2, 3)), rng.uniform(0.05, 0.95, size=(2, 3)), 2.0),
    ]


def _integer_labels(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z, np.array([1, 0, 0])), (np.array([2, -1, 0, 3]), np.array([0, 1, 1, 1]), 2)]


def _sure_logits(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([800.0, -800.0, 0.0]), np.array([0.0, 1.0, 1.0])),
        (np.array([200.0, -200.0]), np.array([0.0, 1.0])),
        (np.array([40.0]), np.array([0.0])),
        (np.array([-40.0]), np.array([1.0])),
        (np.array([800.0]), np.array([1.0])),
        (np.array([-800.0]), np.array([0.0])),
        (np.array([-900.0, 2.0]), np.array([1.0, 0.0]), 3.0),
    ]


def _single_precision(rng: np.random.Generator) -> list[Arguments]:
    z = np.array([17.0, -20.0, 100.0, -1.0], dtype=np.float32)
    return [
        (z, np.array([0.0, 1.0, 0.0, 1.0], dtype=np.float32)),
        (z[:1], np.array([0.0], dtype=np.float32), 2.0),
    ]


def _mixed_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z[:, np.newaxis], _Y), (rng.normal(size=4), np.array([[1.0], [0.0], [1.0], [0.0]]), 2.0)]


def _labels_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z, _Y, 2.0)]


def _loud_labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-1000.0, 1000.0]), np.array([1.0, 0.0])),
        (np.array([-1000.0, 1000.0, 0.5]), np.array([0.0, 1.0, 1.0]), 2.0),
    ]


# --- wrong answers: softplus ----------------------------------------------------------------------------


def _as_typed(z: Any) -> Any:
    return np.log(1 + np.exp(z))


def _log1p_as_typed(z: Any) -> Any:
    return np.log1p(np.exp(z))


def _exponent_upward(z: Any) -> Any:
    return np.maximum(z, 0) + np.log1p(np.exp(np.abs(z)))


def _one_plus_tiny(z: Any) -> Any:
    return np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))


def _max_forgotten(z: Any) -> Any:
    return np.log1p(np.exp(-np.abs(z)))


def _without_abs(z: Any) -> Any:
    return np.maximum(z, 0) + np.log1p(np.exp(-z))


def _only_the_corner(z: Any) -> Any:
    return np.maximum(z, 0.0)


def _clipped_first(z: Any) -> Any:
    return np.log1p(np.exp(np.clip(z, -30, 30)))


def _softplus_in_bits(z: Any) -> Any:
    return softplus(z) / np.log(2)


def _softplus_in_integers(z: Any) -> Any:
    result = np.zeros_like(z)
    result[...] = softplus(z)
    return result


def _softplus_in_place(z: Any) -> Any:
    result = softplus(z)
    np.abs(z, out=z)
    return result


def _both_branches(z: Any) -> Any:
    return np.where(z > 0, z + np.log1p(np.exp(-np.abs(z))), np.log1p(np.exp(z)))


# --- wrong answers: log-sum-exp -------------------------------------------------------------------------


def _rows_as_typed(Z: Any) -> Any:
    return np.log(np.sum(np.exp(Z), axis=1))


def _rows_max_forgotten(Z: Any) -> Any:
    return logsumexp(Z, 1) - np.max(Z, axis=1)


def _rows_max_subtracted(Z: Any) -> Any:
    return logsumexp(Z, 1) - 2 * np.max(Z, axis=1)


def _global_max(Z: Any) -> Any:
    return np.max(Z) + np.log(np.sum(np.exp(Z - np.max(Z)), axis=1))


def _row_min(Z: Any) -> Any:
    low = np.min(Z, axis=1)
    return low + np.log(np.sum(np.exp(Z - low[:, np.newaxis]), axis=1))


def _along_columns(Z: Any) -> Any:
    return logsumexp(Z, 0)


def _over_everything(Z: Any) -> Any:
    return logsumexp(Z.ravel(), 0)


def _as_a_column(Z: Any) -> Any:
    return logsumexp(Z, 1)[:, np.newaxis]


def _without_keepdims(Z: Any) -> Any:
    top = np.max(Z, axis=1)
    return top + np.log(np.sum(np.exp(Z - top), axis=1))


def _mean_of_exp(Z: Any) -> Any:
    return logsumexp(Z, 1) - np.log(Z.shape[1])


def _the_largest(Z: Any) -> Any:
    return np.max(Z, axis=1)


def _sum_of_the_row(Z: Any) -> Any:
    return np.sum(Z, axis=1)


def _rows_in_bits(Z: Any) -> Any:
    return logsumexp(Z, 1) / np.log(2)


def _rows_in_place(Z: Any) -> Any:
    result = logsumexp(Z, 1)
    Z -= np.max(Z, axis=1, keepdims=True)
    return result


# --- wrong answers: the binary loss ---------------------------------------------------------------------

Part = Callable[[Any, Any, Any], Any]


def _terms(z: Any, y: Any, w: Any) -> Any:
    return w * y * softplus(-z) + (1 - y) * softplus(z)


def _slopes(z: Any, y: Any, w: Any) -> Any:
    return (1 - y) * sigmoid(z) - w * y * sigmoid(-z)


def _same_shape(z: Any, y: Any) -> None:
    if z.shape != y.shape:
        raise ValueError(f"z has shape {z.shape}, y has shape {y.shape}")


def _any_shape(z: Any, y: Any) -> None:
    """Refuses nothing."""


def _pair(
    terms: Part = _terms,
    slopes: Part = _slopes,
    reduce: Callable[[Any], Any] = np.mean,
    divisor: Callable[[int], float] = float,
    check: Callable[[Any, Any], None] = _same_shape,
) -> Callable[..., Any]:
    """bce_with_logits with one part exchanged; `terms` and `slopes` take (z, y, pos_weight)."""

    def answer(z: Any, y: Any, pos_weight: Any = 1.0) -> Any:
        check(z, y)
        return reduce(terms(z, y, pos_weight)), slopes(z, y, pos_weight) / divisor(z.size)

    return answer


def _weight(y: Any, w: Any) -> Any:
    return 1 + (w - 1) * y


def _typed_terms(z: Any, y: Any, w: Any) -> Any:
    return w * y * np.log(1 + np.exp(-z)) + (1 - y) * np.log(1 + np.exp(z))


def _upward_terms(z: Any, y: Any, w: Any) -> Any:
    return (1 - y) * z + _weight(y, w) * (np.log1p(np.exp(np.abs(z))) + np.maximum(-z, 0))


def _terms_without_max(z: Any, y: Any, w: Any) -> Any:
    return (1 - y) * z + _weight(y, w) * np.log1p(np.exp(-np.abs(z)))


def _terms_of_probability(z: Any, y: Any, w: Any) -> Any:
    p = sigmoid(z)
    return -w * y * np.log(p) - (1 - y) * np.log(1 - p)


def _clipped_terms(z: Any, y: Any, w: Any) -> Any:
    p = np.clip(sigmoid(z), 1e-7, 1 - 1e-7)
    return -w * y * np.log(p) - (1 - y) * np.log(1 - p)


def _clipped_slopes(z: Any, y: Any, w: Any) -> Any:
    p = sigmoid(z)
    return np.where((p > 1e-7) & (p < 1 - 1e-7), _slopes(z, y, w), 0.0)


def _sigmoid_first(part: Part) -> Part:
    return lambda z, y, w: part(sigmoid(z), y, w)


def _hard(part: Part) -> Part:
    return lambda z, y, w: part(z, np.where(y > 0.5, 1.0, 0.0), w)


def _overflowing_slopes(z: Any, y: Any, w: Any) -> Any:
    p = 1 / (1 + np.exp(-z))
    return _weight(y, w) * p - w * y


def _weighted_mean(z: Any, y: Any, pos_weight: Any = 1.0) -> Any:
    _same_shape(z, y)
    total = np.sum(_weight(y, pos_weight))
    return np.sum(_terms(z, y, pos_weight)) / total, _slopes(z, y, pos_weight) / total


def _targets_first(z: Any, y: Any, pos_weight: Any = 1.0) -> Any:
    _same_shape(z, y)
    return np.mean(_terms(y, z, pos_weight)), _slopes(y, z, pos_weight) / z.size


def _like_the_labels(z: Any, y: Any, pos_weight: Any = 1.0) -> Any:
    _same_shape(z, y)
    slopes = np.zeros_like(y)
    slopes[...] = _slopes(z, y, pos_weight) / z.size
    return np.mean(_terms(z, y, pos_weight)), slopes


def _in_place(z: Any, y: Any, pos_weight: Any = 1.0) -> Any:
    _same_shape(z, y)
    result = np.mean(_terms(z, y, pos_weight)), _slopes(z, y, pos_weight) / z.size
    np.abs(z, out=z)
    return result


def _bce_with_logits(z: Any, y: Any, pos_weight: Any = 1.0) -> Any:
    return binary_cross_entropy_with_logits.value_and_grad(z, y, pos_weight=pos_weight)


# --- questions ------------------------------------------------------------------------------------------

_IN_PLACE_WHY = (
    "The caller still holds that array. The next layer, or the next call, works with other numbers."
)
_BITS_WHY = "log2 counts bits. Only with the natural logarithm is the gradient p - y."
_LINE = tuple(np.linspace(-6, 6, 41))

_SOFTPLUS = Question(
    name="softplus",
    reference=softplus,
    checks=(
        Check("ordinary logits, of any shape", _ordinary, points=Decimal(2)),
        Check("logits far from 0, on either side", _far_from_zero, points=Decimal(2), atol=0.0),
        Check("integers, and the same numbers as floats", _integers),
        Check("the logits are left as they were", _to_keep, watch="inputs"),
        Check("no warning at ±1000", _loud, watch="warnings"),
    ),
    misconceptions=(
        Misconception(
            id="M43",
            name="You typed log(1 + exp(z)) as it stands.",
            function=_as_typed,
            sees="At 800 yours is inf, and 800 is wanted; at -40 yours is 0, and 4e-18 is wanted.",
            why="exp overflows from 710 on (in float32 from 89), long before its logarithm is large.",
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="E3.3a",
            name="log1p has saved the small side. The large one still overflows.",
            function=_log1p_as_typed,
            sees="At -40 yours is right; at 800 it is inf, and 800 is wanted.",
            why="log(1 + e^z) = z + log(1 + e^-z). For z > 0 the second form has nothing that overflows.",
            probe="np.log1p(np.exp(800.0)), 800 + np.log1p(np.exp(-800.0))",
        ),
        Misconception(
            id="M44",
            name="You took exp(+|z|) where exp(-|z|) belongs.",
            function=_exponent_upward,
            sees="Your numbers are too large by |z|, and inf from 710 on.",
            why="Once max(z, 0) is taken out, what is left inside the exponential is never positive.",
            probe="softplus(np.array([-2.0, 2.0]))  # 0.127 and 2.127 are wanted",
        ),
        Misconception(
            id="E3.3b",
            name="You take log(1 + e) of a tiny e. The 1 swallows it.",
            function=_one_plus_tiny,
            sees="At -40 yours is 0, and 4.2e-18 is wanted.",
            why="The logarithm of a probability near 1 is such a number. As 0 it has lost all its digits.",
            probe="np.log(1 + 1e-18), np.log1p(1e-18)",
        ),
        Misconception(
            id="M53",
            name="You took max(z, 0) out of the logarithm and did not add it.",
            function=_max_forgotten,
            sees="For z < 0 yours is right, for z > 0 it is too small by z.",
            why="The softplus grows with z. Yours falls on both sides of 0.",
            probe="softplus(np.array([5.0]))  # 5.0067 is wanted",
        ),
        Misconception(
            id="E3.3c",
            name="The exponent lacks its absolute value: exp(-z) grows on the negative side.",
            function=_without_abs,
            sees="For z > 0 yours is right, for z < 0 it is too large by |z|.",
            why="max(z, 0) + log(1 + e^-|z|) has one formula for both signs, and the bars are what makes it "
            "so.",
            probe="softplus(np.array([-5.0]))  # 0.0067 is wanted",
        ),
        Misconception(
            id="E3.3d",
            name="That is max(z, 0), the corner that the softplus rounds off.",
            function=_only_the_corner,
            sees="Far from 0 yours is right; at 0 it is 0, and log 2 = 0.693 is wanted.",
            why="As the cost of a logit it would say that z = 0.001 is beyond doubt.",
            probe="softplus(np.array([0.0]))",
        ),
        Misconception(
            id="M45",
            name="You clipped z to ±30. Then nothing overflows, and nothing counts any more.",
            function=_clipped_first,
            sees="At 800 yours is 30.",
            why="Stable is not clipped. Beyond the clip the function is flat, and its gradient 0.",
            probe="softplus(np.array([100.0, 800.0]))  # 100 and 800 are wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Here it is the natural one.",
            function=_softplus_in_bits,
            sees="Your numbers are the right ones times 1.4427.",
            why=_BITS_WHY,
            probe="softplus(np.array([0.0]))  # log 2 = 0.693, not 1",
        ),
        Misconception(
            id="M07",
            name="You wrote the results into an array of integers.",
            function=_softplus_in_integers,
            sees="Floats are right; of integers you return whole numbers.",
            why="np.zeros_like(z) has the dtype of z, and what is written into integers is cut off.",
            probe="out = np.zeros_like(np.array([0, 1])); out[...] = 0.693; out",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_softplus_in_place,
            sees="After the call the logits are other numbers.",
            why=_IN_PLACE_WHY,
            probe="z = np.array([-1.0, 2.0]); softplus(z); z",
        ),
        Misconception(
            id="E3.3e",
            name="np.where computes both sides everywhere, also the one that overflows.",
            function=_both_branches,
            sees="All numbers are right; at 1000 NumPy warns of an overflow.",
            why="What you do not pick is computed all the same. With automatic differentiation, inf in the "
            "branch not taken gives a gradient of nan.",
            probe="np.where(True, 1.0, np.exp(1000.0))",
        ),
    ),
    hints=(
        "Far to the right log(1 + e^z) is almost z. How large is the difference?",
        "Take e^z out of the brackets for z > 0. One formula with max(z, 0) and |z| does for both signs.",
        "For a tiny e, log(1 + e) has a NumPy function of its own. Compare both at e = 1e-18.",
        "NumPy also has a function for log(e^a + e^b). Which a and b give the softplus?",
    ),
    curve=Curve("logit z", _LINE, lambda z: (np.array([z]),), lambda values: float(values[0][0])),
)

_LOG_SUM_EXP = Question(
    name="log_sum_exp_rows",
    reference=lambda Z: logsumexp(Z, 1),
    checks=(
        Check("rows of ordinary scores", _rows, points=Decimal(2)),
        Check("rows with scores far apart, or far from 0", _wide_rows, points=Decimal(2)),
        Check("the scores are left as they were", _rows_to_keep, watch="inputs"),
        Check("no warning at ±1000", _loud_rows, watch="warnings"),
    ),
    misconceptions=(
        Misconception(
            id="M46",
            name="You take exp of the scores as they are.",
            function=_rows_as_typed,
            sees="Ordinary rows are right; a row with 800 gives inf, a row of -1000s gives -inf.",
            why="log Σ exp(z) = m + log Σ exp(z - m) for any m. Choose m so that nothing overflows.",
            probe="np.exp(np.array([800.0, -1000.0]))",
        ),
        Misconception(
            id="M53",
            name="You took the largest score away inside and did not add it outside.",
            function=_rows_max_forgotten,
            sees="Each of your numbers is too small by the largest score of its row.",
            why="Without the m a loss that is built on this becomes negative.",
            probe="log_sum_exp_rows(np.array([[5.0, 5.0]]))  # 5 + log 2 = 5.693 is wanted",
        ),
        Misconception(
            id="E3.3f",
            name="You took the largest score away inside, and outside once more instead of adding it.",
            function=_rows_max_subtracted,
            sees="Each of your numbers is too small by twice the largest score of its row.",
            why="exp(z) = exp(m) exp(z - m): the factor exp(m) comes out of the logarithm as + m.",
            probe="log_sum_exp_rows(np.array([[5.0, 5.0]]))  # 5 + log 2 = 5.693 is wanted",
        ),
        Misconception(
            id="M47",
            name="You took away the largest score of the whole array, not of each row.",
            function=_global_max,
            sees="Right until one row lies far below another; then -inf.",
            why="In a row that lies 1000 below, every exponential is 0.",
            probe="log_sum_exp_rows(np.array([[-1000.0, -1001.0], [0.0, 1.0]]))",
        ),
        Misconception(
            id="M48",
            name="You took away the smallest score of each row instead of the largest.",
            function=_row_min,
            sees="Right until a row is wide; then inf or nan.",
            why="What is left to exponentiate must not be positive.",
            probe="log_sum_exp_rows(np.array([[0.0, 800.0]]))  # 800 is wanted",
        ),
        Misconception(
            id="M51",
            name="You summed along the columns. The scores that belong together stand in a row.",
            function=_along_columns,
            sees="You return one number for each column.",
            why="Samples would be mixed with each other.",
            probe="log_sum_exp_rows(np.zeros((2, 3))).shape  # (2,) is wanted",
        ),
        Misconception(
            id="E3.3g",
            name="You summed over the whole array.",
            function=_over_everything,
            sees="You return one number; one for each row is wanted.",
            why="Each sample has a loss of its own, and so a normaliser of its own.",
            probe="np.shape(log_sum_exp_rows(np.zeros((2, 3))))  # (2,) is wanted",
        ),
        Misconception(
            id="E3.3h",
            name="You return a column of shape (N, 1).",
            function=_as_a_column,
            sees="The numbers are right, the shape is (N, 1) instead of (N,).",
            why="(N, 1) minus (N,) is (N, N): the next line of a loss broadcasts without an error.",
            probe="log_sum_exp_rows(np.zeros((2, 3))).shape  # (2,) is wanted",
        ),
        Misconception(
            id="M50",
            name="You took the maxima without keepdims=True, so they are spread over the wrong axis.",
            function=_without_keepdims,
            sees="Some shapes raise an error; a square array gives wrong numbers without one.",
            why="(N, K) minus (N,) means: minus one number for each column.",
            probe="(np.zeros((3, 3)) - np.array([1.0, 2.0, 3.0]))[0]",
        ),
        Misconception(
            id="E3.3i",
            name="You averaged the exponentials instead of summing them.",
            function=_mean_of_exp,
            sees="Each of your numbers is too small by log K.",
            why="Softmax divides by the sum. With the mean its probabilities would sum to K.",
            probe="log_sum_exp_rows(np.array([[0.0, 0.0]]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="E3.3j",
            name="You returned the largest score: what log-sum-exp is close to, not what it is.",
            function=_the_largest,
            sees="Wide rows are right; your numbers are too small by up to log K where scores are close.",
            why="The maximum moves with one score only. Log-sum-exp moves with all of them, by their "
            "softmax.",
            probe="log_sum_exp_rows(np.array([[0.0, 0.0]]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="E3.3k",
            name="You let log and exp cancel. Between them stands a sum.",
            function=_sum_of_the_row,
            sees="Your numbers are the sums of the rows.",
            why="log(e^a + e^b) is not a + b; log(e^a e^b) is.",
            probe="log_sum_exp_rows(np.array([[0.0, 0.0]]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Here it is the natural one.",
            function=_rows_in_bits,
            sees="Your numbers are the right ones times 1.4427.",
            why=_BITS_WHY,
            probe="log_sum_exp_rows(np.array([[7.0]]))  # 7 is wanted",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_rows_in_place,
            sees="After the call the scores are shifted.",
            why=_IN_PLACE_WHY,
            probe="Z = np.array([[1.0, 2.0]]); log_sum_exp_rows(Z); Z",
        ),
    ),
    hints=(
        "Start with the definition for one row: the logarithm of the sum of exp(z).",
        "Take one number m away from the whole row. What has to be added outside so that nothing changes?",
        "Which m makes every exponent 0 or negative, and one of them 0? Each row has its own.",
        "Try [[-1000, -1000]]: the right answer is -1000 + log 2.",
    ),
    curve=Curve(
        "first of three scores, the others 0",
        _LINE,
        lambda z: (np.array([[z, 0.0, 0.0]]),),
        lambda values: float(values[0][0]),
    ),
)

_BCE = Question(
    name="bce_with_logits",
    reference=_bce_with_logits,
    checks=(
        Check("loss and gradient with labels 0 and 1", _labels, points=Decimal(3)),
        Check("a weight for the positive class", _weighted, points=Decimal(2)),
        Check("labels between 0 and 1", _soft_labels),
        Check("integers", _integer_labels),
        Check("logits that are sure", _sure_logits, points=Decimal(2)),
        Check("float32", _single_precision, rtol=1e-5),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _labels_to_keep, watch="inputs"),
        Check("no warning at ±1000", _loud_labels, watch="warnings"),
    ),
    misconceptions=(
        Misconception(
            id="M88",
            name="You applied the sigmoid before, and the loss applies it again: to loss and gradient.",
            function=_pair(terms=_sigmoid_first(_terms), slopes=_sigmoid_first(_slopes)),
            sees="However sure the logits, your loss stays above 0.3133 where y = 1, above 0.6931 where y = "
            "0.",
            why="Probabilities, read as logits, lie between 0 and 1: the network can say 0.50 to 0.73, no "
            "more.",
            probe="bce_with_logits(np.array([100.0, -100.0]), np.array([1.0, 0.0]))[0]  # 0 is wanted",
        ),
        Misconception(
            id="M88",
            name="You applied the sigmoid before, and the loss applies it again. The gradient is right.",
            function=_pair(terms=_sigmoid_first(_terms)),
            sees="The gradient is right; the loss stays above 0.3133 where y = 1, above 0.6931 where y = 0.",
            why="The curve of your training would flatten at a floor that is not there.",
            probe="bce_with_logits(np.array([100.0, -100.0]), np.array([1.0, 0.0]))[0]  # 0 is wanted",
        ),
        Misconception(
            id="M18",
            name="You weighted every sample. pos_weight is for the positive ones alone.",
            function=_pair(
                terms=lambda z, y, w: w * _terms(z, y, 1), slopes=lambda z, y, w: w * _slopes(z, y, 1)
            ),
            sees="With pos_weight 3 your loss and your gradient are three times those without it.",
            why="A factor on everything is a larger learning rate. The balance of the classes stays what it "
            "was.",
            probe="bce_with_logits(np.array([0.0]), np.array([0.0]), 3.0)  # 0.693, 0.5: there is no "
            "positive",
        ),
        Misconception(
            id="E3.3l",
            name="You weighted the negative class.",
            function=_pair(
                terms=lambda z, y, w: _terms(-z, 1 - y, w), slopes=lambda z, y, w: -_slopes(-z, 1 - y, w)
            ),
            sees="Right without a weight; with it, the samples with y = 0 count more, those with y = 1 do "
            "not.",
            why="pos_weight = N-/N+ is there to lift a rare positive class. This presses it down.",
            probe="bce_with_logits(np.array([0.0]), np.array([1.0]), 3.0)  # 2.079 and -1.5 are wanted",
        ),
        Misconception(
            id="E3.3m",
            name="You weighted the loss and forgot its gradient.",
            function=_pair(slopes=lambda z, y, w: _slopes(z, y, 1)),
            sees="The loss is right; with a weight the gradient is that of the loss without it.",
            why="Descent sees the gradient alone: the weight would be printed and never used.",
            probe="bce_with_logits(np.array([0.0]), np.array([1.0]), 3.0)[1]  # -1.5 is wanted",
        ),
        Misconception(
            id="E3.3n",
            name="pos_weight has no effect in your function.",
            function=_pair(terms=lambda z, y, w: _terms(z, y, 1), slopes=lambda z, y, w: _slopes(z, y, 1)),
            sees="Another weight gives the same loss and the same gradient.",
            why="With 2 positives in 100 samples, the answer 'never' costs little, and is what is learnt.",
            probe="bce_with_logits(np.array([0.0]), np.array([1.0]), 3.0)  # 2.079 and -1.5 are wanted",
        ),
        Misconception(
            id="M15",
            name="You divided by the sum of the weights. Here, as in torch's loss of this name, it is by n.",
            function=_weighted_mean,
            sees="Right without a weight; with it, loss and gradient are too small if the weight is above 1.",
            why="Both are in use: torch's cross_entropy for classes divides by the sum of the weights. Then "
            "the weight does not change the size of a step, only its direction.",
            probe="bce_with_logits(np.array([0.0, 0.0]), np.array([1.0, 0.0]), 3.0)[0]  # 1.3863 if by n",
            convention=True,
        ),
        Misconception(
            id="M43",
            name="You typed log(1 + exp(z)) as it stands.",
            function=_pair(terms=_typed_terms),
            sees="Ordinary logits are right; at ±800 the loss is inf or nan.",
            why="exp overflows from 710 on (in float32 from 89), and 0 times inf is nan.",
            probe="0 * np.log(1 + np.exp(800.0))",
        ),
        Misconception(
            id="M34",
            name="You took the logarithm of a finished sigmoid.",
            function=_pair(terms=_terms_of_probability),
            sees="Ordinary logits are right; at z = 40, y = 0 the loss is inf, and 40 is wanted.",
            why="σ(40) is 1 in float64, σ(17) in float32. What 1 - p has lost, no logarithm brings back.",
            probe="1 - 1 / (1 + np.exp(-40.0)), 1 - 1 / (1 + np.exp(np.float32(-17)))",
        ),
        Misconception(
            id="M45",
            name="You clipped the probability at 1e-7. Stable is not clipped.",
            function=_pair(terms=_clipped_terms, slopes=_clipped_slopes),
            sees="No sample costs more than 16.118, and beyond the clip the gradient is 0.",
            why="The sample that is most wrong teaches nothing: at z = 17, y = 0 the slope 1 has become 0.",
            probe="bce_with_logits(np.array([17.0]), np.array([0.0]))  # 17 and 1 are wanted",
        ),
        Misconception(
            id="M45",
            name="You clipped the probability at 1e-7 in the loss, and the gradient does not know of it.",
            function=_pair(terms=_clipped_terms),
            sees="The gradient is right; no sample costs more than 16.118.",
            why="Value and gradient no longer belong together, and a gradient check fails where it matters.",
            probe="bce_with_logits(np.array([800.0]), np.array([0.0]))[0]  # 800 is wanted",
        ),
        Misconception(
            id="M44",
            name="You took exp(+|z|) where exp(-|z|) belongs.",
            function=_pair(terms=_upward_terms),
            sees="The gradient is right; each sample costs |z| too much, and inf from 710 on.",
            why="Once the maximum is taken out, what is left inside the exponential is never positive.",
            probe="bce_with_logits(np.array([2.0]), np.array([1.0]))[0]  # 0.127 is wanted",
        ),
        Misconception(
            id="M53",
            name="You took the maximum out of the logarithm and did not add it.",
            function=_pair(terms=_terms_without_max),
            sees="The gradient is right; for z < 0 each sample costs |z| too little, and some less than "
            "nothing.",
            why="log(1 + e^-z) = max(-z, 0) + log(1 + e^-|z|). Both parts belong to the loss.",
            probe="bce_with_logits(np.array([-5.0]), np.array([1.0]))[0]  # 5.007 is wanted",
        ),
        Misconception(
            id="M95",
            name="You multiplied p - y by p (1 - p) once more.",
            function=_pair(slopes=lambda z, y, w: _slopes(z, y, w) * sigmoid(z) * sigmoid(-z)),
            sees="The loss is right, the gradient is at most a quarter of what it should be.",
            why="The slope of the sigmoid has already cancelled against the 1/p of the logarithm.",
            probe="bce_with_logits(np.array([10.0]), np.array([0.0]))[1]  # about 1 is wanted",
        ),
        Misconception(
            id="M40",
            name="You kept y log p alone. Where y = 0, nothing is left of the loss.",
            function=_pair(terms=lambda z, y, w: w * y * softplus(-z)),
            sees="The gradient is right; a sample with y = 0 costs nothing, whatever was said.",
            why="The answer 'always 1' would be perfect.",
            probe="bce_with_logits(np.array([5.0]), np.array([0.0]))[0]  # 5.007 is wanted",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the logarithms is missing.",
            function=_pair(terms=lambda z, y, w: -_terms(z, y, w)),
            sees="The gradient is right, the loss is the right one times -1.",
            why="The logarithm of a probability is never positive, so a loss without the minus never is.",
            probe="bce_with_logits(np.array([0.0]), np.array([1.0]))[0]  # 0.693 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign of the gradient is turned round: y - p.",
            function=_pair(slopes=lambda z, y, w: -_slopes(z, y, w)),
            sees="The loss is right, the gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step makes the loss worse.",
            probe="bce_with_logits(np.array([0.0]), np.array([1.0]))[1]  # -0.5 is wanted",
        ),
        Misconception(
            id="M09",
            name="The gradient is not divided by n, although the loss is a mean.",
            function=_pair(divisor=lambda n: 1.0),
            sees="The loss is right, the gradient is n times the right one.",
            why="Value and gradient need the same reduction, or the step grows with the batch.",
            probe="bce_with_logits(np.zeros(4), np.ones(4))[1]  # -1/8 each",
        ),
        Misconception(
            id="M10",
            name="The gradient is divided by n twice.",
            function=_pair(divisor=lambda n: float(n) ** 2),
            sees="The loss is right, the gradient is the right one divided by n.",
            why="It still points downhill, so training seems to work; it is only n times too slow.",
            probe="bce_with_logits(np.zeros(4), np.ones(4))[1]  # -1/8 each",
        ),
        Misconception(
            id="M01",
            name="You summed the loss over the batch instead of averaging it.",
            function=_pair(reduce=np.sum),
            sees="The gradient is right, the loss is n times the right one.",
            why="Value and gradient need the same reduction, or no gradient check can pass.",
            probe="bce_with_logits(np.zeros(3), np.ones(3))[0]  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_pair(reduce=lambda terms: np.mean(terms) / np.log(2)),
            sees="The gradient is right, the loss is the right one times 1.4427.",
            why=_BITS_WHY,
            probe="bce_with_logits(np.array([0.0]), np.array([1.0]))[0]  # log 2 = 0.693, not 1",
        ),
        Misconception(
            id="M19",
            name="Logits and targets have changed places.",
            function=_targets_first,
            sees="Your function reads its second argument as logits, and loss and gradient fit no label.",
            why="The squared error hides a wrong order. A cross-entropy does not: 15.0 for 0.164 in one "
            "report.",
            probe="bce_with_logits(np.array([9.0]), np.array([1.0]))[0]  # sure and right: 0.0001 is wanted",
        ),
        Misconception(
            id="E3.3o",
            name="You rounded the labels to 0 and 1. A label may be a probability.",
            function=_pair(terms=_hard(_terms), slopes=_hard(_slopes)),
            sees="Labels 0 and 1 are right, 0.9 counts as 1.",
            why="Smoothed labels and the answers of a teacher lie between, and would lose what they say.",
            probe="bce_with_logits(np.array([0.0]), np.array([0.5]))[1]  # 0 is wanted",
        ),
        Misconception(
            id="M07",
            name="You wrote the gradient into an array of integers.",
            function=_like_the_labels,
            sees="Right with float labels; with integer labels the gradient is whole numbers, mostly 0.",
            why="np.zeros_like(y) has the dtype of y, and what is written into integers is cut off.",
            probe="dz = np.zeros_like(np.array([0, 1])); dz[...] = 0.5; dz",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
            function=_pair(check=_any_shape),
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why="NumPy stretches them to (n, n): every logit meets every label, and the number looks "
            "plausible.",
            probe="(np.zeros((4, 1)) - np.zeros(4)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_in_place,
            sees="After the call the logits are other numbers.",
            why=_IN_PLACE_WHY,
            probe="z = np.array([-1.0, 2.0]); bce_with_logits(z, np.array([0.0, 1.0])); z",
        ),
        Misconception(
            id="E3.3p",
            name="Your sigmoid takes exp(-z) of any z, and that overflows on the negative side.",
            function=_pair(slopes=_overflowing_slopes),
            sees="All numbers are right; at -1000 NumPy warns of an overflow.",
            why="Here 1/(1 + inf) happens to be the right 0. One who reads warnings must look into each of "
            "them.",
            probe="1 / (1 + np.exp(-np.array([-1000.0])))",
        ),
    ),
    hints=(
        "Write -log σ(z) and -log(1 - σ(z)) with the softplus. Each is one call.",
        "The first belongs to y, and carries pos_weight; the second belongs to 1 - y.",
        "Differentiate both: the slope of the softplus is the sigmoid. Divide by the number of elements.",
        "At z = 0, y = [1, 0] and pos_weight 3 the loss is (3 log 2 + log 2) / 2 = 1.3863.",
    ),
    curve=Curve(
        "logit z, with y = 0; drawn is the loss",
        tuple(np.linspace(-30, 30, 61)),
        lambda z: (np.array([z]), np.array([0.0])),
    ),
)

QUESTIONS = (_SOFTPLUS, _LOG_SUM_EXP, _BCE)
