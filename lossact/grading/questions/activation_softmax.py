"""Exercise activation/softmax: softmax along an axis, its Jacobian, and two classes from one unit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import sigmoid, softmax
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_Z = np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]])
_S = np.array([0.5, 0.3, 0.2])


# --- inputs ---------------------------------------------------------------------------------------------


def _arrays(rng: np.random.Generator) -> list[Arguments]:
    # A square array too: what was summed without its axis broadcasts there without an error.
    return [
        (_Z, 1, 1.0),
        (rng.normal(size=(3, 3)), 1, 1.0),
        (rng.normal(scale=3, size=(4, 2)), 0, 1.0),
        (rng.normal(size=(2, 3, 4)), 1, 1.0),
        (rng.normal(size=5), 0, 1.0),
    ]


def _temperatures(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z, 1, 2.0), (rng.normal(size=(3, 4)), -1, 0.5), (rng.normal(scale=3, size=(2, 3)), 0, 10.0)]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([[2, 1, 0], [-1, 3, 1]]), 1, 1.0), (np.array([[1, 0], [2, 4]]), 0, 2.0)]


def _far_apart(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 800.0], [5.0, 4.0]]), 1, 1.0),
        (np.array([[-1000.0, -1001.0, -1002.0], [-2000.0, -2000.0, -2001.0]]), 1, 1.0),
        (np.array([[-1000.0, -1001.0, -1002.0], [1000.0, 999.0, 998.0]]), 1, 1.0),
        (np.array([[1e4, 1e4 + 1], [1.0, 2.0]]), 0, 1.0),
    ]


def _far_apart_with_temperature(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[10.0, 10.01, 9.99]]), 1, 0.01),
        (np.array([[1000.0, 1002.0], [3.0, 1.0]]), 1, 10.0),
        (np.array([[-1000.0, -1001.0]]), 1, 0.5),
    ]


def _scores_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z, 1, 1.0), (rng.normal(size=(2, 3)), 0, 2.0)]


def _probabilities(rng: np.random.Generator, *shape: int) -> Any:
    return softmax(rng.normal(size=shape), -1)


def _one_row(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_S, np.array([1.0, 0.0, -1.0])),
        (_probabilities(rng, 4), rng.normal(size=4)),
        (_probabilities(rng, 5), 2 + rng.normal(size=5)),
    ]


def _several_rows(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_probabilities(rng, 2, 3), rng.normal(size=(2, 3))),
        (_probabilities(rng, 3, 3), rng.normal(size=(3, 3))),
        (_probabilities(rng, 4, 2), 1 + rng.normal(size=(4, 2))),
    ]


def _sure(rng: np.random.Generator) -> list[Arguments]:
    # The first is not quite sure: the others give 0, which is too easy a guess.
    return [
        (np.array([0.99, 0.01, 0.0]), np.array([2.0, 5.0, 1.0])),
        (np.array([1.0, 0.0, 0.0]), np.array([2.0, 5.0, 1.0])),
        (_S, np.array([3.0, 3.0, 3.0])),
    ]


def _other_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_probabilities(rng, 2, 3), rng.normal(size=3)),
        (_probabilities(rng, 3), rng.normal(size=(2, 3))),
        (_probabilities(rng, 2, 3), rng.normal(size=(2, 1))),
    ]


def _pair_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_S, np.array([1.0, 0.0, -1.0])), (_probabilities(rng, 2, 3), rng.normal(size=(2, 3)))]


def _one_unit(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([2.0, -1.0, 0.5]),), (rng.normal(scale=2, size=6),), (rng.normal(size=1),)]


def _integer_units(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([2, -1, 0]),), (np.array([3, 1, -4, 5]),)]


def _far_units(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1000.0, 1.5, 1000.0]),), (np.array([2000.0, -0.5]),)]


# --- wrong answers: softmax -----------------------------------------------------------------------------


def _shares(e: Any, axis: Any) -> Any:
    return e / np.sum(e, axis=axis, keepdims=True)


def _quietly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its overflows kept quiet: warnings are not what is asked for here."""

    def answer(*arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*arguments)

    return answer


def _along_samples(Z: Any, axis: Any, T: Any) -> Any:
    return softmax(Z / T, 0)


def _along_axis_one(Z: Any, axis: Any, T: Any) -> Any:
    return _shares(np.exp((Z - np.max(Z, axis=1, keepdims=True)) / T), 1)


def _along_last(Z: Any, axis: Any, T: Any) -> Any:
    return softmax(Z / T, -1)


def _over_all(Z: Any, axis: Any, T: Any) -> Any:
    e = np.exp((Z - np.max(Z)) / T)
    return e / np.sum(e)


@_quietly
def _without_shift(Z: Any, axis: Any, T: Any) -> Any:
    return _shares(np.exp(Z / T), axis)


@_quietly
def _global_shift(Z: Any, axis: Any, T: Any) -> Any:
    return _shares(np.exp((Z - np.max(Z)) / T), axis)


@_quietly
def _shift_by_smallest(Z: Any, axis: Any, T: Any) -> Any:
    return _shares(np.exp((Z - np.min(Z, axis=axis, keepdims=True)) / T), axis)


@_quietly
def _padded(Z: Any, axis: Any, T: Any) -> Any:
    e = np.exp(Z / T)
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-8)


def _clipped(Z: Any, axis: Any, T: Any) -> Any:
    return _shares(np.exp(np.clip(Z / T, -100, 100)), axis)


@_quietly
def _shift_before_temperature(Z: Any, axis: Any, T: Any) -> Any:
    return _shares(np.exp(Z / T - np.max(Z, axis=axis, keepdims=True)), axis)


def _sum_without_keepdims(Z: Any, axis: Any, T: Any) -> Any:
    e = np.exp((Z - np.max(Z, axis=axis, keepdims=True)) / T)
    return e / np.sum(e, axis=axis)


def _nothing_kept(Z: Any, axis: Any, T: Any) -> Any:
    e = np.exp((Z - np.max(Z, axis=axis)) / T)
    return e / np.sum(e, axis=axis)


def _multiplied_temperature(Z: Any, axis: Any, T: Any) -> Any:
    return softmax(Z * T, axis)


def _without_temperature(Z: Any, axis: Any, T: Any) -> Any:
    return softmax(Z, axis)


def _divided_probabilities(Z: Any, axis: Any, T: Any) -> Any:
    return softmax(Z, axis) / T


def _without_exponential(Z: Any, axis: Any, T: Any) -> Any:
    return Z / T / np.sum(Z / T, axis=axis, keepdims=True)


def _unnormalised(Z: Any, axis: Any, T: Any) -> Any:
    return np.exp((Z - np.max(Z, axis=axis, keepdims=True)) / T)


def _each_by_itself(Z: Any, axis: Any, T: Any) -> Any:
    return sigmoid(Z / T)


def _into_integers(Z: Any, axis: Any, T: Any) -> Any:
    out = np.zeros_like(Z)
    out[...] = softmax(Z / T, axis)
    return out


def _in_place(Z: Any, axis: Any, T: Any) -> Any:
    Z -= np.max(Z, axis=axis, keepdims=True)
    return softmax(Z / T, axis)


# --- wrong answers: the Jacobian times a vector ---------------------------------------------------------


def _jvp(formula: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """softmax_jvp with another formula; it refuses other shapes as the right one does."""

    def answer(s: Any, v: Any) -> Any:
        if s.shape != v.shape:
            raise ValueError(f"s has shape {s.shape}, v has shape {v.shape}")
        return formula(s, v)

    return answer


def _row_sum(x: Any) -> Any:
    return np.sum(x, axis=-1, keepdims=True)


def _right_jvp(s: Any, v: Any) -> Any:
    return s * (v - _row_sum(s * v))


def _of_one_row_only(s: Any, v: Any) -> Any:
    return (np.diag(s) - np.outer(s, s)) @ v


def _jvp_in_place(s: Any, v: Any) -> Any:
    v -= _row_sum(s * v)
    return s * v


# --- wrong answers: one unit ----------------------------------------------------------------------------


def _single_unit(z: Any) -> Any:
    return softmax(z[:, np.newaxis], 1)[:, 0]


def _over_the_batch(z: Any) -> Any:
    return softmax(z, 0)


def _opposite_scores(z: Any) -> Any:
    return softmax(np.stack([-z, z], axis=1), 1)[:, 1]


def _other_class(z: Any) -> Any:
    return softmax(np.stack([0 * z, z], axis=1), 1)[:, 0]


def _against_one(z: Any) -> Any:
    return softmax(np.stack([0 * z + 1, z], axis=1), 1)[:, 1]


def _both_classes(z: Any) -> Any:
    return softmax(np.stack([0 * z, z], axis=1), 1)


@_quietly
def _one_unit_overflows(z: Any) -> Any:
    return np.exp(z) / (1 + np.exp(z))


# --- questions ------------------------------------------------------------------------------------------

_LINE = tuple(np.linspace(-6, 6, 41))
_UNSHIFTED_WHY = "Adding a constant to a row does not change its softmax. Take away the largest score first."

_SOFTMAX = Question(
    name="softmax",
    reference=lambda Z, axis, T: softmax(Z / T, axis),
    checks=(
        Check("ordinary scores along any axis, T = 1", _arrays, points=Decimal(2)),
        Check("other temperatures", _temperatures),
        Check("integers", _integers),
        Check("scores far apart", _far_apart, points=Decimal(2)),
        Check("large scores with a temperature", _far_apart_with_temperature),
        Check("the scores are left as they were", _scores_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M51",
            name="You normalised along axis 0, whatever axis was given.",
            function=_along_samples,
            sees="With axis=1 the columns sum to 1, and the rows do not.",
            why="Samples would compete with each other, and the answer for one would depend on the batch.",
            probe="softmax(np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]]), 1, 1.0).sum(axis=1)",
        ),
        Misconception(
            id="M51",
            name="You normalised along the last axis, whatever axis was given.",
            function=_along_last,
            sees="Right with axis=-1; with axis=0 the wrong sums are 1.",
            why="Images often come as (N, K, height, width): the classes are then in the middle.",
            probe="softmax(np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]]), 0, 1.0).sum(axis=0)",
        ),
        Misconception(
            id="M51",
            name="You normalised along axis 1, whatever axis was given.",
            function=_along_axis_one,
            sees="Right with axis=1; with axis=0 the wrong sums are 1, and a single row raises an error.",
            why="A function with an argument that it does not use is wrong the first time somebody needs it.",
            probe="softmax(np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]]), 0, 1.0).sum(axis=0)",
        ),
        Misconception(
            id="M51",
            name="You divided by the sum over the whole array.",
            function=_over_all,
            sees="All numbers together sum to 1, instead of each row.",
            why="Two samples would share one probability: with a larger batch all of them become small.",
            probe="softmax(np.zeros((2, 2)), 1, 1.0)  # one half everywhere is wanted",
        ),
        Misconception(
            id="M46",
            name="You take exp of the scores as they are. It overflows from 710 on (in float32 from 89).",
            function=_without_shift,
            sees="Ordinary rows are right; rows near 1000 or -1000 give nan.",
            why=_UNSHIFTED_WHY,
            probe="np.exp(np.array([709.0, 710.0, -1000.0]))",
        ),
        Misconception(
            id="M47",
            name="You took away the largest score of the whole array, not of each row.",
            function=_global_shift,
            sees="Right until one row lies far below another; then that row is nan.",
            why="In a row that lies 1000 below, every exponential is 0, and 0 / 0 is nan.",
            probe="softmax(np.array([[-1000.0, -1001.0], [0.0, 1.0]]), 1, 1.0)",
        ),
        Misconception(
            id="M48",
            name="You took away the smallest score of each row instead of the largest.",
            function=_shift_by_smallest,
            sees="Right until a row is wide: [0, 800] gives nan.",
            why="What is left to exponentiate must not be positive.",
            probe="softmax(np.array([[0.0, 800.0]]), 1, 1.0)",
        ),
        Misconception(
            id="M49",
            name="You added a small number to the denominator instead of shifting the scores.",
            function=_padded,
            sees="A row of numbers near -1000 gives only zeros; its sum is 0, not 1. Near 1000 you have nan.",
            why="The division by 0 is gone, the answer is not back: a shift loses nothing, a pad does.",
            probe="softmax(np.array([[-1000.0, -1000.0]]), 1, 1.0)  # one half each is wanted",
        ),
        Misconception(
            id="E2.4a",
            name="You clipped the scores so that exp does not overflow.",
            function=_clipped,
            sees="Scores beyond the limit become equal: [1000, 999, 998] gives one third each.",
            why="No overflow is not the same as right. The differences between large scores are lost.",
            probe="softmax(np.array([[1000.0, 998.0]]), 1, 1.0)  # 0.88 and 0.12 are wanted",
        ),
        Misconception(
            id="E2.4b",
            name="You took the largest score away before you divided by T: the two do not match.",
            function=_shift_before_temperature,
            sees="Right for ordinary scores; at a low T, or with large scores at a high one, you have nan.",
            why="What is exponentiated is Z / T. Its largest entry is max(Z) / T.",
            probe="softmax(np.array([[10.0, 10.01]]), 1, 0.01)",
        ),
        Misconception(
            id="M50",
            name="You summed without keepdims=True, so the sums are spread over the wrong axis.",
            function=_sum_without_keepdims,
            sees="Some shapes raise an error; a square array gives wrong numbers without one.",
            why="(N, K) divided by (N,) means: each column by one number.",
            probe="(np.ones((3, 3)) / np.array([1.0, 2.0, 4.0]))[0]",
        ),
        Misconception(
            id="M50",
            name="Both the maximum and the sum lack keepdims=True.",
            function=_nothing_kept,
            sees="Some shapes raise an error; a square array gives wrong numbers without one.",
            why="(N, K) minus (N,) means: minus one number for each column.",
            probe="(np.zeros((3, 3)) - np.array([1.0, 2.0, 3.0]))[0]",
        ),
        Misconception(
            id="M78",
            name="You multiplied by the temperature. It divides the scores.",
            function=_multiplied_temperature,
            sees="With T = 2 your probabilities are sharper, and softer ones are wanted.",
            why="Hot means disordered: for large T all classes become equally likely.",
            probe="softmax(np.array([[2.0, 0.0]]), 1, 100.0)  # nearly one half each is wanted",
        ),
        Misconception(
            id="E2.4c",
            name="You did not use the temperature.",
            function=_without_temperature,
            sees="Another T gives the same probabilities.",
            why="Distillation and calibration both turn this one number, and nothing else.",
            probe="softmax(np.array([[2.0, 0.0]]), 1, 100.0)  # nearly one half each is wanted",
        ),
        Misconception(
            id="E2.4d",
            name="You divided the probabilities by T, not the scores.",
            function=_divided_probabilities,
            sees="Each row sums to 1/T.",
            why="The temperature changes how the classes share the probability; the sum stays 1.",
            probe="softmax(np.array([[2.0, 0.0]]), 1, 2.0).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E2.4e",
            name="There is no exponential: you divided the scores by their sum.",
            function=_without_exponential,
            sees="Negative scores give negative probabilities.",
            why="exp makes every score positive and keeps their order.",
            probe="softmax(np.array([[1.0, -0.5]]), 1, 1.0)  # 0.82 and 0.18 are wanted",
        ),
        Misconception(
            id="E2.4f",
            name="You did not divide by the sum.",
            function=_unnormalised,
            sees="The largest entry of each row is 1, and the row sums to more.",
            why="Without the division these are no probabilities.",
            probe="softmax(np.zeros((1, 2)), 1, 1.0)  # one half each is wanted",
        ),
        Misconception(
            id="E2.4g",
            name="You applied the sigmoid to each score by itself.",
            function=_each_by_itself,
            sees="Your rows do not sum to 1, and a score does not lower the others' probabilities.",
            why="One sigmoid for each class answers K yes-or-no questions. Softmax lets the classes compete.",
            probe="softmax(np.array([[5.0, 5.0]]), 1, 1.0)  # one half each is wanted",
        ),
        Misconception(
            id="M07",
            name="Your values were cut down to integers, by an array of integers.",
            function=_into_integers,
            sees="With integer scores all your probabilities are 0.",
            why="`np.zeros_like(Z)` takes the dtype of `Z`. What does not fit is cut off without a word.",
            probe="np.zeros_like(np.array([1, 2])).dtype",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_in_place,
            sees="After the call the scores are shifted.",
            why="The caller still holds that array, and the next call works with shifted scores.",
            probe="Z = np.array([[1.0, 2.0]]); softmax(Z, 1, 1.0); Z",
        ),
    ),
    hints=(
        "Start with one row and T = 1: exp of each score, divided by the sum of these.",
        "Then the axis: try a square array and one that is not. Of [[2, 1, 0.1], [-1, 3, 0.5]] along axis 1 "
        "the first row is [0.659, 0.242, 0.099].",
        "Try [[0, 800]], [[-1000, -1000]], and both in one array. What must be taken away, and from what?",
        "Divide by T before anything else.",
    ),
    curve=Curve(
        "first of three scores, the others 0",
        _LINE,
        lambda z: (np.array([[z, 0.0, 0.0]]), 1, 1.0),
        lambda values: float(values[0][0, 0]),
    ),
)

_SOFTMAX_JVP = Question(
    name="softmax_jvp",
    reference=_jvp(_right_jvp),
    checks=(
        Check("one row", _one_row, points=Decimal(2)),
        Check("several rows", _several_rows, points=Decimal(2)),
        Check("a sure row, and all entries of v equal", _sure),
        Check("other shapes are refused with a ValueError", _other_shapes),
        Check("the inputs are left as they were", _pair_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M77",
            name="You took s (1 - s) for the derivative, as if each probability had its own sigmoid.",
            function=_jvp(lambda s, v: s * (1 - s) * v),
            sees="Your entries do not sum to 0.",
            why="That is the diagonal of the Jacobian. Raising one score lowers all other probabilities.",
            probe="softmax_jvp(np.array([0.5, 0.5]), np.array([1.0, 0.0]))  # 0.25 and -0.25 are wanted",
        ),
        Misconception(
            id="E2.4h",
            name="Only the diagonal diag(s) is there; s sᵀ is missing.",
            function=_jvp(lambda s, v: s * v),
            sees="Your entries do not sum to 0.",
            why="Probabilities sum to 1, so their changes must cancel.",
            probe="softmax_jvp(np.array([0.5, 0.5]), np.array([1.0, 1.0]))  # 0 and 0 are wanted",
        ),
        Misconception(
            id="E2.4i",
            name="The diagonal is missing: you have -s sᵀ alone.",
            function=_jvp(lambda s, v: -s * _row_sum(s * v)),
            sees="Your entries are all of one sign.",
            why="Raising a score raises its own probability.",
            probe="softmax_jvp(np.array([0.5, 0.5]), np.array([1.0, 0.0]))  # 0.25 and -0.25 are wanted",
        ),
        Misconception(
            id="E2.4j",
            name="s sᵀ has the wrong sign: it is taken away from the diagonal.",
            function=_jvp(lambda s, v: s * (v + _row_sum(s * v))),
            sees="Equal entries of v give 2 s instead of 0.",
            why="The classes compete: raising one score lowers the others.",
            probe="softmax_jvp(np.array([0.5, 0.5]), np.array([1.0, 1.0]))  # 0 and 0 are wanted",
        ),
        Misconception(
            id="E2.4k",
            name="The factor s in front is missing.",
            function=_jvp(lambda s, v: v - _row_sum(s * v)),
            sees="A class with probability 0 still changes.",
            why="Where a probability is 0 its slope is 0, too.",
            probe="softmax_jvp(np.array([1.0, 0.0]), np.array([0.0, 1.0]))  # 0 and 0 are wanted",
        ),
        Misconception(
            id="E2.4l",
            name="You took the plain mean of v away, not the mean weighted with s.",
            function=_jvp(lambda s, v: s * (v - np.mean(v, axis=-1, keepdims=True))),
            sees="Your entries sum to 0 only where all probabilities are equal.",
            why="A change of a likely class counts more.",
            probe="softmax_jvp(np.array([0.9, 0.1]), np.array([1.0, 0.0])).sum()  # 0 is wanted",
        ),
        Misconception(
            id="M87",
            name="You applied the softmax to s. It is already the output of one.",
            function=_jvp(lambda s, v: _right_jvp(softmax(s, -1), v)),
            sees="Your numbers are those of a much softer row.",
            why="Know whether you hold the scores or the probabilities. Here the probabilities are given.",
            probe="softmax_jvp(np.array([1.0, 0.0]), np.array([1.0, 0.0]))  # saturated: 0 and 0 are wanted",
        ),
        Misconception(
            id="M51",
            name="You summed over all rows. Each row has a Jacobian of its own.",
            function=_jvp(lambda s, v: s * (v - np.sum(s * v))),
            sees="One row is right, several are not.",
            why="The probabilities of one sample do not depend on the scores of another.",
            probe="softmax_jvp(np.full((2, 2), 0.5), np.array([[1.0, 0.0], [1.0, 0.0]]))",
        ),
        Misconception(
            id="M50",
            name="You summed without keepdims=True, so the sums are spread over the wrong axis.",
            function=_jvp(lambda s, v: s * (v - np.sum(s * v, axis=-1))),
            sees="One row is right. Of several, some shapes raise an error and square ones are wrong.",
            why="(N, K) minus (N,) means: minus one number for each column.",
            probe="(np.zeros((3, 3)) - np.array([1.0, 2.0, 3.0]))[0]",
        ),
        Misconception(
            id="E2.4m",
            name="Your Jacobian is that of one row. For several rows np.diag and np.outer do something else.",
            function=_jvp(_of_one_row_only),
            sees="One row is right, several raise an error.",
            why="np.outer flattens its arguments; np.diag of a matrix takes its diagonal out.",
            probe="np.outer(np.ones((2, 3)), np.ones((2, 3))).shape",
        ),
        Misconception(
            id="M05",
            name="You let NumPy stretch the smaller array; the shapes must be the same.",
            function=_right_jvp,
            sees="A v of another shape gives numbers instead of a ValueError.",
            why="A forgotten axis then goes unnoticed until training does not work.",
            probe="(np.full((2, 2), 0.5) * np.array([1.0, 0.0])).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_jvp(_jvp_in_place),
            sees="After the call v is another.",
            why="v is the gradient that came from above. Another layer may need it, too.",
            probe="v = np.array([1.0, 0.0]); softmax_jvp(np.array([0.5, 0.5]), v); v",
        ),
    ),
    hints=(
        "The derivative of s_i by z_j is s_i (1 - s_i) for i = j and -s_i s_j otherwise. Write the sum over "
        "j of that times v_j.",
        "The sum over j is one number for each row: a mean of v, weighted with s.",
        "With s = [0.5, 0.3, 0.2] and v = [1, 0, -1] the answer is [0.35, -0.09, -0.26]. It sums to 0. If "
        "all entries of v are equal the answer is 0.",
        "Compare the shapes before you compute.",
    ),
)

_BINARY = Question(
    name="binary_softmax",
    reference=sigmoid,
    checks=(
        Check("ordinary scores", _one_unit, points=Decimal(2)),
        Check("integers", _integer_units),
        Check("scores near -1000 and 1000", _far_units),
    ),
    misconceptions=(
        Misconception(
            id="M79",
            name="You took the softmax of a single unit. That is 1 for every score.",
            function=_single_unit,
            sees="All your probabilities are 1.",
            why="A lone unit has nothing to compete with: the gradient is 0 and the network never learns.",
            probe="binary_softmax(np.array([-5.0, 0.0, 5.0]))  # 0.0067, 0.5 and 0.9933 are wanted",
        ),
        Misconception(
            id="M51",
            name="You took the softmax over the batch: the samples compete, and not the two classes.",
            function=_over_the_batch,
            sees="The probabilities of the whole batch sum to 1.",
            why="The answer for one sample would change with the others that happen to be in the batch.",
            probe="binary_softmax(np.zeros(4))  # one half each is wanted",
        ),
        Misconception(
            id="E2.4n",
            name="You gave the other class the score -z. Then the difference of the scores is 2 z.",
            function=_opposite_scores,
            sees="Your curve is too steep: at 2 you have 0.982, and 0.881 is wanted.",
            why="Only the difference of two scores counts, and z is to be that difference.",
            probe="binary_softmax(np.array([2.0]))  # 0.881 is wanted",
        ),
        Misconception(
            id="E2.4o",
            name="You returned the probability of class 0.",
            function=_other_class,
            sees="Your probability falls as z grows.",
            why="z is the score of class 1. A larger score is a larger probability.",
            probe="binary_softmax(np.array([-5.0, 5.0]))  # small, then large",
        ),
        Misconception(
            id="E2.4p",
            name="You gave the other class the score 1. Equal scores are 0 and 0.",
            function=_against_one,
            sees="At z = 0 you have 0.269, and one half is wanted.",
            why="exp(0) = 1 is the 1 in the sigmoid's denominator; the score that belongs to it is 0.",
            probe="binary_softmax(np.array([0.0]))  # one half is wanted",
        ),
        Misconception(
            id="E2.4q",
            name="You returned both classes; the probability of class 1 alone is wanted.",
            function=_both_classes,
            sees="Your array has one axis more than z.",
            why="The second number says nothing new: it is 1 minus the first.",
            probe="binary_softmax(np.array([0.0, 1.0, 2.0])).shape  # (3,) is wanted",
        ),
        Misconception(
            id="M46",
            name="You take exp of the scores as they are. It overflows from 710 on (in float32 from 89).",
            function=_one_unit_overflows,
            sees="Ordinary scores are right; 1000 gives nan.",
            why=_UNSHIFTED_WHY,
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
    ),
    hints=(
        "Two classes need two scores. You are given one, the score of class 1. Which second score makes "
        "z = 0 mean one half?",
        "Three points: z = 0 gives 0.5, z = 2 gives 0.8808, z = -2 gives 0.1192.",
        "np.stack puts two arrays of shape (N,) together to one of shape (N, 2). Your softmax does the rest.",
    ),
    curve=Curve("z", _LINE, lambda z: (np.array([z]),), lambda values: float(values[0][0])),
)

QUESTIONS = (_SOFTMAX, _SOFTMAX_JVP, _BINARY)
