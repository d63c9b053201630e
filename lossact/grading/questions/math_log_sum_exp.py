"""Exercise math/log_sum_exp: the logarithm of a sum of exponentials, its gradient and its Hessian."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import log_softmax, softmax
from lossact import logsumexp as exact
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_Z = np.array([2.0, 1.0, 0.1])


# --- inputs ---------------------------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_Z,),
        (rng.normal(size=5),),
        (rng.normal(scale=2, size=3) - 1.5,),
        (rng.normal(size=2) + 2,),
        (np.array([0.7]),),
        (np.array([3, -1, 0, 2]),),
    ]


def _shifted(rng: np.random.Generator) -> list[Arguments]:
    z = rng.normal(size=4)
    return [(z + 3,), (z,), (z - 20,), (z + 20,)]


def _far_out(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.0, 200.0]),),
        (np.array([0.0, 1000.0]),),
        (np.array([1000.0, 1000.0]),),
        (np.array([-1000.0, -1001.0, -1002.0]),),
        (np.array([0.0, 800.0, -800.0]),),
        (np.array([5000.0]),),
    ]


def _masked(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-np.inf, 0.0, 1.0]),),
        (np.array([-np.inf, -np.inf]),),
        (np.array([0.5, np.inf]),),
    ]


def _no_vectors(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.normal(size=(2, 3)),), (rng.normal(size=(3, 1)),), (np.float64(1.0),)]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z,), (rng.normal(size=4),)]


# --- wrong answers --------------------------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses what is no vector and leaves its input alone.


def _refuse(z: Any) -> None:
    if np.ndim(z) != 1:
        raise ValueError(f"z has shape {np.shape(z)}; one vector is wanted")


def _of(formula: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function of a vector that refuses everything else."""

    def answer(z: Any) -> Any:
        _refuse(z)
        with np.errstate(all="ignore"):
            return formula(z)

    return answer


def _lse(z: Any) -> Any:
    return exact(z, 0)


def _with_shift(z: Any, shift: Any) -> Any:
    """The right value by a shift that must keep the exponentials small, and infinities as they come."""
    largest = np.max(z)
    return largest if np.isinf(largest) else shift + np.log(np.sum(np.exp(z - shift)))


def _masked_are_nan(z: Any) -> Any:
    m = np.max(z)
    return m + np.log(np.sum(np.exp(z - m)))


def _in_place(z: Any) -> Any:
    value = _lse(z)
    z -= np.max(z)
    return value


def _rows_too(z: Any) -> Any:
    return exact(np.ravel(z), 0)


def _p(z: Any) -> Any:
    return softmax(z, 0)


def _p_rows_too(z: Any) -> Any:
    return softmax(np.ravel(z), 0).reshape(np.shape(z))


def _p_without_max(z: Any) -> Any:
    return np.exp(z) / np.sum(np.exp(z))


def _p_with_min(z: Any) -> Any:
    e = np.exp(z - np.min(z))
    return e / np.sum(e)


def _p_padded(z: Any) -> Any:
    return np.exp(z) / (np.sum(np.exp(z)) + 1e-8)


def _p_in_place(z: Any) -> Any:
    p = _p(z)
    z -= np.max(z)
    return p


def _one_hot(z: Any) -> Any:
    return np.eye(len(z))[np.argmax(z)]


def _covariance(p: Any) -> Any:
    return np.diag(p) - np.outer(p, p)


def _hessian(formula: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function of the softmax of a vector."""
    return _of(lambda z: formula(_p(z)))


def _hessian_rows_too(z: Any) -> Any:
    return _covariance(_p(np.ravel(z)))


def _hessian_in_place(z: Any) -> Any:
    p = _p(z)
    z -= np.max(z)
    return _covariance(p)


# --- questions ------------------------------------------------------------------------------------------

_OVERFLOW_WHY = (
    "exp overflows from 710 on (in float32 from 89), and below -745 it is 0. A shift by the largest number "
    "costs nothing and cures both."
)
_VECTOR_WHY = (
    "A batch of rows has one value for each row. A sum over the whole array mixes the samples, and the "
    "number looks plausible."
)
_IN_PLACE_WHY = (
    "The caller still holds that array. The next layer, or the next call, works with other scores."
)
_MIN_WHY = "What is left to exponentiate must not be positive. With the smallest taken away it all is."

_LOGSUMEXP = Question(
    name="logsumexp",
    reference=_of(_lse),
    checks=(
        Check("vectors of one to five numbers", _ordinary, points=Decimal(2)),
        Check("a vector and the same with a number added to all", _shifted),
        Check("large numbers, far apart", _far_out, points=Decimal(2)),
        Check("infinities", _masked),
        Check("what is no vector is refused with a ValueError", _no_vectors),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M53",
            name="You took the largest number away and did not add it back.",
            function=_of(lambda z: _with_shift(z, np.max(z)) - (0 if np.isinf(np.max(z)) else np.max(z))),
            sees="Your value is too small by the largest entry, and never above log K.",
            why="log Σ exp(z) = m + log Σ exp(z - m). Without the m all vectors of equal entries look alike.",
            probe="logsumexp(np.array([5.0, 5.0]))  # 5.693 is wanted",
        ),
        Misconception(
            id="M53",
            name="You subtracted the largest number at the end instead of adding it.",
            function=_of(
                lambda z: _with_shift(z, np.max(z)) - (0 if np.isinf(np.max(z)) else 2 * np.max(z)),
            ),
            sees="Your value is too small by twice the largest entry.",
            why="exp(z) = exp(m) · exp(z - m), and the logarithm of the first factor is +m.",
            probe="logsumexp(np.array([5.0, 5.0]))  # 5.693 is wanted",
        ),
        Misconception(
            id="M135",
            name="You took the function for shift invariant: you centred the numbers first, and the mean is "
            "lost.",
            function=_of(lambda z: _lse(z - np.mean(z)) if np.all(np.isfinite(z)) else _lse(z)),
            sees="Adding 3 to all numbers does not change your value; it should grow by 3.",
            why="softmax(z + b) = softmax(z), but lse(z + b) = lse(z) + b: a smooth maximum moves along. One "
            "well-known textbook asks for a proof of the contrary.",
            probe="logsumexp(np.array([0.0, 0.0])), logsumexp(np.array([3.0, 3.0]))",
        ),
        Misconception(
            id="M46",
            name="You take exp of the numbers as they are.",
            function=_of(lambda z: np.log(np.sum(np.exp(z)))),
            sees="Ordinary vectors are right; 800 gives inf, -1000 gives -inf.",
            why=_OVERFLOW_WHY,
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M46",
            name="You cut the numbers off before the exponential, so that it cannot overflow.",
            function=_of(
                lambda z: np.log(np.sum(np.exp(np.clip(z, -500, 500)))) if np.all(np.isfinite(z)) else _lse(z)
            ),
            sees="Beyond 500 your value does not grow any more.",
            why="The warning is gone and the number is wrong: lse(5000) is 5000. Its gradient would be 0 "
            "there.",
            probe="logsumexp(np.array([5000.0]))  # 5000 is wanted",
        ),
        Misconception(
            id="M48",
            name="You took away the smallest number instead of the largest.",
            function=_of(lambda z: _with_shift(z, np.min(z)) if np.all(np.isfinite(z)) else _lse(z)),
            sees="Right until the numbers are far apart; then inf.",
            why=_MIN_WHY,
            probe="logsumexp(np.array([0.0, 800.0]))  # 800 is wanted",
        ),
        Misconception(
            id="M48",
            name="You took away the mean instead of the largest number.",
            function=_of(lambda z: _with_shift(z, np.mean(z)) if np.all(np.isfinite(z)) else _lse(z)),
            sees="Right until one number is 710 above the mean; then inf.",
            why="Only the largest as shift makes sure that no exponential is above 1 and one of them is 1.",
            probe="logsumexp(np.array([0.0, 800.0, -800.0]))  # 800 is wanted",
        ),
        Misconception(
            id="E4.5a",
            name="You averaged the exponentials instead of summing them.",
            function=_of(lambda z: _lse(z) - np.log(len(z))),
            sees="Your value is too small by log K.",
            why="With the mean it lies between the mean and the maximum; with the sum between the maximum "
            "and the maximum plus log K.",
            probe="logsumexp(np.array([0.0, 0.0]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="E4.5b",
            name="You returned the maximum.",
            function=_of(np.max),
            sees="Your value is too small, most of all where the numbers are close together.",
            why="The maximum has a corner where two numbers are equal, and its gradient sees one of them "
            "alone. lse is the smooth one.",
            probe="logsumexp(np.array([0.0, 0.0]))  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="E4.5c",
            name="You added a 1 inside the logarithm, as in softplus.",
            function=_of(lambda z: exact(np.append(z, 0.0), 0)),
            sees="A single number does not come back as it is.",
            why="log(1 + exp(z)) is the lse of two numbers, 0 and z. Here no 0 is given.",
            probe="logsumexp(np.array([0.7]))  # 0.7 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. The one that undoes exp is the natural one.",
            function=_of(lambda z: _lse(z) / np.log(2)),
            sees="Your numbers are the right ones times 1.4427.",
            why="Of a single number z, log(exp(z)) must be z.",
            probe="logsumexp(np.array([0.7]))  # 0.7 is wanted",
        ),
        Misconception(
            id="E4.5d",
            name="Infinities give nan: you subtract an infinite maximum from itself.",
            function=_of(_masked_are_nan),
            sees="Finite vectors are right; nothing but -inf, or one inf, gives nan.",
            why="A score of -inf is how a choice is forbidden. A row in which all are forbidden turns a "
            "whole batch into nan.",
            probe="-np.inf - np.max(np.array([-np.inf, -np.inf]))",
        ),
        Misconception(
            id="M51",
            name="You sum over everything, whatever shape comes in.",
            function=_rows_too,
            sees="An array of two axes goes through without an error.",
            why=_VECTOR_WHY,
            probe="np.exp(np.zeros((2, 3))).sum()",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_of(_in_place),
            sees="After the call the numbers are shifted.",
            why=_IN_PLACE_WHY,
            probe="z = np.array([1.0, 2.0]); logsumexp(z); z",
        ),
    ),
    hints=(
        "log Σ exp(z) does not change if you write each z as m + (z - m). What comes out of the sum?",
        "Which m makes the largest exponential exactly 1? The others can then only be too small to matter.",
        "Try it on [0], [0, 0] and [1000, 1000]: 0, log 2 and 1000 + log 2.",
        "An infinite maximum is the answer itself. What does m - m give then?",
    ),
    curve=Curve(
        axis="first of two numbers, the other being 0",
        points=tuple(np.linspace(-3, 3, 41)),
        call=lambda point: (np.array([point, 0.0]),),
    ),
)

_GRAD = Question(
    name="logsumexp_grad",
    reference=_of(_p),
    checks=(
        Check("vectors of one to five numbers", _ordinary, points=Decimal(2)),
        Check("a vector and the same with a number added to all", _shifted),
        Check("large numbers, far apart", _far_out, points=Decimal(2)),
        Check("what is no vector is refused with a ValueError", _no_vectors),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E4.5e",
            name="The inner derivative is missing: you gave 1/Σ exp(z) to all.",
            function=_of(lambda z: np.full(len(z), np.exp(-_lse(z)))),
            sees="All entries of your gradient are equal.",
            why="log has the slope 1/sum, and each exp(z) in the sum has a slope of its own.",
            probe="logsumexp_grad(np.array([0.0, 1.0])).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E4.5f",
            name="You did not divide by the sum.",
            function=_of(np.exp),
            sees="Your entries do not sum to 1.",
            why="Adding b to all numbers raises lse by b, so the slopes must sum to exactly 1.",
            probe="logsumexp_grad(np.array([0.0, 1.0])).sum()  # 1 is wanted",
        ),
        Misconception(
            id="E4.5b",
            name="You gave the gradient of the maximum: 1 for the largest, 0 for the others.",
            function=_of(_one_hot),
            sees="Your entries are 0 and 1.",
            why="lse is smooth: the second largest pulls as well, the more the closer it comes.",
            probe="logsumexp_grad(np.array([0.0, 0.0]))  # one half each is wanted",
        ),
        Misconception(
            id="M77",
            name="You gave p(1 - p): that is one derivative further, the slope of p.",
            function=_of(lambda z: _p(z) * (1 - _p(z))),
            sees="Your entries do not sum to 1, and none is above 1/4.",
            why="The gradient of lse is the softmax p itself. p(1 - p) stands on the diagonal of the "
            "Hessian.",
            probe="logsumexp_grad(np.array([0.0, 0.0]))  # one half each is wanted",
        ),
        Misconception(
            id="M135",
            name="You took the mean away, as if slopes had to sum to 0: p - 1/K.",
            function=_of(lambda z: _p(z) - 1 / len(z)),
            sees="Your entries sum to 0 instead of 1.",
            why="They would sum to 0 if lse did not change under a common shift. It does: lse(z + b) = "
            "lse(z) + b.",
            probe="logsumexp_grad(np.array([0.0, 1.0])).sum()  # 1 is wanted",
        ),
        Misconception(
            id="M90",
            name="You returned the logarithm of the gradient: log p.",
            function=_of(lambda z: log_softmax(z, 0)),
            sees="None of your entries is positive.",
            why="lse grows with each of its numbers, so no slope can be negative.",
            probe="logsumexp_grad(np.array([0.0, 0.0]))  # one half each is wanted",
        ),
        Misconception(
            id="M09",
            name="You divided by K as well.",
            function=_of(lambda z: _p(z) / len(z)),
            sees="Your entries sum to 1/K instead of 1.",
            why="lse is a sum over its numbers, not a mean.",
            probe="logsumexp_grad(np.array([0.0, 1.0])).sum()  # 1 is wanted",
        ),
        Misconception(
            id="M46",
            name="You take exp of the numbers as they are.",
            function=_of(_p_without_max),
            sees="Ordinary vectors are right; 800 or -1000 gives nan.",
            why=_OVERFLOW_WHY,
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M48",
            name="You took away the smallest number instead of the largest.",
            function=_of(_p_with_min),
            sees="Right until the numbers are far apart; then nan.",
            why=_MIN_WHY,
            probe="logsumexp_grad(np.array([0.0, 800.0]))  # 0 and 1 are wanted",
        ),
        Misconception(
            id="M49",
            name="You added a small number to the sum, so that it is not 0.",
            function=_of(_p_padded),
            sees="Where all numbers are about -20 or below, your entries do not sum to 1.",
            why="The sum of exponentials may be as small as it likes; a fixed 1e-8 is not small beside it. "
            "Shift, do not pad.",
            probe="logsumexp_grad(np.array([-1000.0, -1000.0]))  # one half each is wanted",
        ),
        Misconception(
            id="M51",
            name="You sum over everything, whatever shape comes in.",
            function=_p_rows_too,
            sees="An array of two axes goes through without an error.",
            why=_VECTOR_WHY,
            probe="np.exp(np.zeros((2, 3))).sum()",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_of(_p_in_place),
            sees="After the call the numbers are shifted.",
            why=_IN_PLACE_WHY,
            probe="z = np.array([1.0, 2.0]); logsumexp_grad(z); z",
        ),
    ),
    hints=(
        "One slope for each number: the result has the shape of z.",
        "The derivative of log is 1 over its argument; then the derivative of the argument, exp(z).",
        "Add b to all numbers: lse grows by b. What must the slopes sum to?",
        "You know this function. Write it so that [0, 800] is no trouble.",
    ),
    curve=Curve(
        axis="first of two numbers, the other being 0",
        points=tuple(np.linspace(-4, 4, 41)),
        call=lambda point: (np.array([point, 0.0]),),
        pick=lambda values: float(values[0][0]),
    ),
)

_EVEN_PAIR = "logsumexp_hessian(np.array([0.0, 0.0]))  # 1/4 on the diagonal, -1/4 beside it"
_ROW_SUMS = "logsumexp_hessian(np.array([2.0, 1.0, 0.1])).sum(axis=1)  # zeros are wanted"

_HESSIAN = Question(
    name="logsumexp_hessian",
    reference=_hessian(_covariance),
    checks=(
        Check("vectors of one to five numbers", _ordinary, points=Decimal(2)),
        Check("a vector and the same with a number added to all", _shifted),
        Check("large numbers, far apart", _far_out),
        Check("what is no vector is refused with a ValueError", _no_vectors),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M77",
            name="You gave a vector, p(1 - p), as if each number acted on its own slope alone.",
            function=_hessian(lambda p: p * (1 - p)),
            sees="Your result has the shape (K,) instead of (K, K).",
            why="Raising one number lowers the share of all others. Times the vector (1, 0, -1) at the "
            "first probe yours gives (0.225, 0, -0.089); right is (0.290, -0.136, -0.154).",
            probe="logsumexp_hessian(np.array([0.0, 0.0])).shape  # (2, 2) is wanted",
        ),
        Misconception(
            id="M77",
            name="Only the diagonal is there: p(1 - p), and 0 elsewhere.",
            function=_hessian(lambda p: np.diag(p * (1 - p))),
            sees="All entries of your matrix off the diagonal are 0.",
            why="The shares sum to 1: what one gains the others lose, -p_i p_j each.",
            probe=_ROW_SUMS,
        ),
        Misconception(
            id="E4.5g",
            name="The product p pᵀ is missing: you gave p on the diagonal.",
            function=_hessian(np.diag),
            sees="Your rows sum to p instead of 0.",
            why="The derivative of 1/Σ exp(z) was forgotten: the denominator depends on each z too.",
            probe=_ROW_SUMS,
        ),
        Misconception(
            id="E4.5h",
            name="The diagonal p is missing: you gave -p pᵀ.",
            function=_hessian(lambda p: -np.outer(p, p)),
            sees="Your rows sum to -p instead of 0, and no entry is positive.",
            why="On the diagonal the numerator depends on z as well, which adds p. Without it the curvature "
            "would be negative and lse not convex.",
            probe=_EVEN_PAIR,
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: p pᵀ - diag(p).",
            function=_hessian(lambda p: np.outer(p, p) - np.diag(p)),
            sees="Your matrix is the right one times -1.",
            why="lse is convex: its curvature is nowhere negative. Yours would make it a hill.",
            probe=_EVEN_PAIR,
        ),
        Misconception(
            id="E4.5i",
            name="You added p pᵀ instead of subtracting it.",
            function=_hessian(lambda p: np.diag(p) + np.outer(p, p)),
            sees="No entry of your matrix is negative.",
            why="The other shares fall when one rises, so what stands off the diagonal is negative.",
            probe=_ROW_SUMS,
        ),
        Misconception(
            id="E4.5j",
            name="p @ p is one number. The outer product of two vectors is a matrix.",
            function=_hessian(lambda p: np.diag(p) - p @ p),
            sees="All entries of your matrix off the diagonal are equal.",
            why="For vectors @ sums the products up, and NumPy then takes that number away from each entry "
            "without a word.",
            probe="np.array([1.0, 2.0]) @ np.array([1.0, 2.0])",
        ),
        Misconception(
            id="E4.5k",
            name="You wrote p_i (1 - p_j) everywhere; the 1 belongs on the diagonal alone.",
            function=_hessian(lambda p: np.outer(p, 1 - p)),
            sees="Your diagonal is right; off it your entries are too large by p_i, and the matrix is not "
            "symmetric.",
            why="The derivative of p_i by z_j is p_i (1 - p_j) for i = j and -p_i p_j else.",
            probe=_ROW_SUMS,
        ),
        Misconception(
            id="E4.5l",
            name="You multiplied the matrix by p once more.",
            function=_hessian(lambda p: p[:, np.newaxis] * _covariance(p)),
            sees="Your rows still sum to 0, but the matrix is not symmetric.",
            why="The Hessian of lse is the Jacobian of the softmax, diag(p) - p pᵀ, and nothing more.",
            probe="h = logsumexp_hessian(np.array([2.0, 1.0, 0.1]))\nh - h.T",
        ),
        Misconception(
            id="M46",
            name="You take exp of the numbers as they are.",
            function=_of(lambda z: _covariance(_p_without_max(z))),
            sees="Ordinary vectors are right; 800 or -1000 gives nan.",
            why=_OVERFLOW_WHY,
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M48",
            name="You took away the smallest number instead of the largest.",
            function=_of(lambda z: _covariance(_p_with_min(z))),
            sees="Right until the numbers are far apart; then nan.",
            why=_MIN_WHY,
            probe="logsumexp_hessian(np.array([0.0, 800.0]))  # zeros are wanted",
        ),
        Misconception(
            id="M51",
            name="You sum over everything, whatever shape comes in.",
            function=_hessian_rows_too,
            sees="An array of two axes goes through without an error.",
            why=_VECTOR_WHY,
            probe="np.exp(np.zeros((2, 3))).sum()",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_of(_hessian_in_place),
            sees="After the call the numbers are shifted.",
            why=_IN_PLACE_WHY,
            probe="z = np.array([1.0, 2.0]); logsumexp_hessian(z); z",
        ),
    ),
    hints=(
        "A matrix of shape (K, K): in row i stand the slopes of p_i by each of the numbers.",
        "Take the derivative of exp(z_i) / Σ exp(z) by z_j, once for j = i and once for j ≠ i.",
        "A common shift does not change p. What does each row sum to, then?",
        "It is the covariance matrix of a one-hot draw with the probabilities p.",
    ),
    curve=Curve(
        axis="first of two numbers, the other being 0",
        points=tuple(np.linspace(-5, 5, 41)),
        call=lambda point: (np.array([point, 0.0]),),
        pick=lambda values: float(values[0][0, 1]),
    ),
)

QUESTIONS = (_LOGSUMEXP, _GRAD, _HESSIAN)
