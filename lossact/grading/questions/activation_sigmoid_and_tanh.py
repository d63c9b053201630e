"""Exercise activation/sigmoid_and_tanh: two squashing functions, their slopes, and how they are related."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from lossact import sigmoid, tanh
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

# --- inputs ---------------------------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    # Not 0 alone, nor only symmetric points: sigma(2x) and erf are right there too.
    return [
        (np.array([-2.0, -0.5, 0.0, 0.5, 2.0]),),
        (rng.normal(scale=2, size=(3, 2)),),
        (rng.normal(scale=4, size=9),),
    ]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-2, 0, 1, 3]),), (rng.integers(-5, 6, size=(2, 3)),)]


def _extremes(rng: np.random.Generator) -> list[Arguments]:
    # With an ordinary value in each: far out a slope is 0, which is too easy a guess.
    return [(np.array([-1000.0, 1.5, 1000.0]),), (np.array([-800.0, -40.0, 0.5, 40.0, 800.0]),)]


def _outputs(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.1, 0.25, 0.5, 0.9]),), (rng.uniform(size=(3, 2)),)]


# --- wrong answers --------------------------------------------------------------------------------------


def _formula_overflows(x: Any) -> Any:
    return 1 / (1 + np.exp(-x.astype(float)))


def _mirrored(x: Any) -> Any:
    return sigmoid(-x)


def _without_parentheses(x: Any) -> Any:
    # 1 / 1 + exp(-x), with the exponential that overflows kept quiet so that the fault stands alone.
    with np.errstate(over="ignore"):
        return 1 / 1 + np.exp(-x.astype(float))


def _into_integers(x: Any) -> Any:
    out = np.zeros_like(x)
    out[...] = sigmoid(x)
    return out


def _slope_overflows(x: Any) -> Any:
    s = _formula_overflows(x)
    return s * (1 - s)


def _tanh_slope_overflows(x: Any) -> Any:
    # np.cosh overflows to inf, and 1 / inf is the right 0.
    return 1 / np.cosh(x.astype(float)) ** 2


def _slope_at_the_output(x: Any) -> Any:
    return x * (1.0 - x)


def _squashed_twice(x: Any) -> Any:
    return sigmoid.grad(sigmoid(x))


def _squashed_output(s: Any) -> Any:
    return sigmoid.grad(s)


def _value_as_slope(x: Any) -> Any:
    return sigmoid(x)


def _without_doubling(x: Any) -> Any:
    return 2 * sigmoid(x) - 1


def _without_minus_one(x: Any) -> Any:
    return 2 * sigmoid(2 * x)


def _exponential_ratio(x: Any) -> Any:
    up, down = np.exp(x.astype(float)), np.exp(-x.astype(float))
    return (up - down) / (up + down)


def _tanh_overflows(x: Any) -> Any:
    return 2 / (1 + np.exp(-2 * x.astype(float))) - 1


def _slope_by_ratio(x: Any) -> Any:
    return 1 - _exponential_ratio(x) ** 2


def _slope_without_tanh(x: Any) -> Any:
    return 1.0 - x**2


def _slope_without_square(x: Any) -> Any:
    return 1 - tanh(x)


def _tanh_twice(x: Any) -> Any:
    return tanh.grad(tanh(x))


# --- questions ------------------------------------------------------------------------------------------

_LINE = tuple(np.linspace(-6, 6, 61))
_AXIS = "x"
_OVERFLOW = (
    "You take exp of a large positive number. It overflows, even in a branch whose result is thrown away."
)
_OVERFLOW_WHY = (
    "The limit comes out right here by luck. A warning that is always there hides the one that matters, "
    "and the same formula one step further gives nan."
)


def _point(x: float) -> Arguments:
    return (np.array([x]),)


def _pick(values: tuple[Any, ...]) -> float:
    return float(values[0][0])


_SIGMOID = Question(
    name="sigmoid",
    reference=sigmoid,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        # No absolute tolerance: sigma(-40) is 4e-18, and an exponent that was clipped is not.
        Check("values near -1000 and 1000, without a warning", _extremes, watch="warnings", atol=0),
    ),
    misconceptions=(
        Misconception(
            id="M59",
            name="The sign in the exponent is turned round.",
            function=_mirrored,
            sees="Your curve is the mirror image: it falls from 1 to 0.",
            why="σ must grow with x: a larger logit is a larger probability.",
            probe="sigmoid(np.array([-5.0, 5.0]))  # small, then large",
        ),
        Misconception(
            id="M60",
            name="The parentheses are missing: 1 / 1 + exp(-x) is 1 + exp(-x).",
            function=_without_parentheses,
            sees="Your values are all above 1.",
            why="A division binds tighter than a sum, so only the first 1 is divided.",
            probe="sigmoid(np.array([0.0]))  # one half is wanted",
        ),
        Misconception(
            id="M07",
            name="Your values were cut down to integers: by an array of integers, or by //.",
            function=_into_integers,
            sees="With integer inputs your values are 0.",
            why="`np.zeros_like(x)` takes the dtype of `x`. What does not fit is cut off without a word.",
            probe="np.zeros_like(np.array([1, 2])).dtype",
        ),
        Misconception(
            id="S5",
            name=_OVERFLOW,
            function=_formula_overflows,
            sees="NumPy warns of an overflow at large inputs.",
            why=_OVERFLOW_WHY,
            probe="np.exp(np.array([1000.0, -1000.0]))  # which of the two is harmless?",
        ),
    ),
    hints=(
        "Check three points by hand: 0 gives one half, large x gives 1, small x gives 0.",
        "Check a fourth: σ(2) is 0.8808. A curve of the right shape can still be too steep.",
        "For the extremes: exp(-|x|) never overflows. Can both halves of the curve be written with it?",
    ),
    curve=Curve(_AXIS, _LINE, _point, _pick),
)

_SIGMOID_GRAD = Question(
    name="sigmoid_grad",
    reference=sigmoid.grad,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("values near -1000 and 1000, without a warning", _extremes, watch="warnings"),
    ),
    misconceptions=(
        Misconception(
            id="S5",
            name=_OVERFLOW,
            function=_slope_overflows,
            sees="NumPy warns of an overflow at large inputs.",
            why=_OVERFLOW_WHY,
            probe="np.exp(np.array([1000.0, -1000.0]))  # which of the two is harmless?",
        ),
        Misconception(
            id="M57",
            name="You put the input into the rule that wants the output.",
            function=_slope_at_the_output,
            sees="Your slope is 0 at 0 and at 1, and negative outside.",
            why="σ grows everywhere, so its slope is never negative.",
            probe="sigmoid_grad(np.array([-2.0, 2.0]))  # two equal positive numbers are wanted",
        ),
        Misconception(
            id="M58",
            name="You applied the sigmoid twice: to x, and then to σ(x) again.",
            function=_squashed_twice,
            sees="Your slope is nearly flat, between 0.19 and 0.25 everywhere.",
            why="Know whether you hold the input or the output. Here the input is given.",
            probe="sigmoid_grad(np.array([20.0]))  # nearly 0 is wanted",
        ),
        Misconception(
            id="M65",
            name="You returned the sigmoid itself, not its slope.",
            function=_value_as_slope,
            sees="Your values grow from 0 to 1.",
            why="The slope is largest in the middle and dies away on both sides.",
            probe="sigmoid_grad(np.array([-20.0, 0.0, 20.0]))  # small, 0.25, small",
        ),
    ),
    hints=(
        "The slope is largest at 0. It is 1/4 there.",
        "With s = σ(x) the slope can be written with s alone.",
        "Compare with (sigmoid(x + h) - sigmoid(x - h)) / (2 h) for h = 1e-5.",
    ),
    curve=Curve(_AXIS, _LINE, _point, _pick),
)

_FROM_OUTPUT = Question(
    name="sigmoid_grad_from_output",
    reference=lambda s: s * (1 - s),
    checks=(Check("outputs between 0 and 1, in any shape", _outputs, points=Decimal(2)),),
    misconceptions=(
        Misconception(
            id="M58",
            name="You applied the sigmoid to what is already its output.",
            function=_squashed_output,
            sees="Your slope is nearly flat, between 0.19 and 0.25 everywhere.",
            why="A backward pass keeps the output so that no exponential is needed again.",
            probe="sigmoid_grad_from_output(np.array([0.0, 1.0]))  # saturated: 0 and 0 are wanted",
        ),
    ),
    hints=(
        "You are given s = σ(x), not x. No exponential is needed.",
        "The slope is 0 at s = 0 and at s = 1, and largest half way.",
        "Which product of two factors has exactly those zeros?",
    ),
    curve=Curve("s", tuple(np.linspace(0, 1, 41)), _point, _pick),
)

_TANH = Question(
    name="tanh_from_sigmoid",
    reference=tanh,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("values near -1000 and 1000, without a warning", _extremes, watch="warnings"),
    ),
    misconceptions=(
        Misconception(
            id="M61",
            name="You stretched the curve upwards but not sideways.",
            function=_without_doubling,
            sees="Your curve has the right limits but half the slope.",
            why="What you have is tanh(x/2). The slope at 0 must be 1.",
            probe="tanh_from_sigmoid(np.array([2.0])), np.tanh(2.0), np.tanh(1.0)",
        ),
        Misconception(
            id="M61",
            name="The curve is not moved down: yours runs from 0 to 2.",
            function=_without_minus_one,
            sees="Your values are the right ones plus 1.",
            why="tanh is odd: it must be 0 at 0.",
            probe="tanh_from_sigmoid(np.array([0.0]))  # 0 is wanted",
        ),
        Misconception(
            id="M56",
            name="You divided two exponentials that both overflow.",
            function=_exponential_ratio,
            sees="Your function is right for ordinary x and nan from about 710 on.",
            why="A formula is not an algorithm: inf / inf is nan, and one nan spoils every weight.",
            probe="np.exp(1000.0) / np.exp(1000.0)",
        ),
        Misconception(
            id="S5",
            name=_OVERFLOW,
            function=_tanh_overflows,
            sees="NumPy warns of an overflow at large inputs.",
            why=_OVERFLOW_WHY,
            probe="np.exp(np.array([1000.0, -1000.0]))  # which of the two is harmless?",
        ),
    ),
    hints=(
        "Use your own `sigmoid`. It runs from 0 to 1; tanh runs from -1 to 1.",
        "Stretch it upwards, then move it down. Compare the slopes at 0.",
        "σ has slope 1/4 at 0. Stretched by 2 it has 1/2. tanh has 1. What is still missing?",
    ),
    curve=Curve(_AXIS, _LINE, _point, _pick),
)

_TANH_GRAD = Question(
    name="tanh_grad",
    reference=tanh.grad,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("values near -1000 and 1000, without a warning", _extremes, watch="warnings"),
    ),
    misconceptions=(
        Misconception(
            id="M62",
            name="You put the input into the rule that wants the output.",
            function=_slope_without_tanh,
            sees="Your slope is negative as soon as |x| > 1.",
            why="tanh grows everywhere, so its slope is never negative.",
            probe="tanh_grad(np.array([2.0]))  # small and positive is wanted",
        ),
        Misconception(
            id="M62",
            name="The square is missing: 1 - tanh(x) cannot be the same on both sides.",
            function=_slope_without_square,
            sees="Your slope tends to 2 on the left.",
            why="tanh is odd, so its slope is the same on both sides.",
            probe="tanh_grad(np.array([-2.0, 2.0]))  # two equal numbers are wanted",
        ),
        Misconception(
            id="S5",
            name=_OVERFLOW,
            function=_tanh_slope_overflows,
            sees="NumPy warns of an overflow at large inputs.",
            why=_OVERFLOW_WHY,
            probe="np.cosh(1000.0)  # which of its two exponentials overflows?",
        ),
        Misconception(
            id="M58",
            name="You applied tanh twice: to x, and then to tanh(x) again.",
            function=_tanh_twice,
            sees="Your slope does not fall below 0.41.",
            why="Know whether you hold the input or the output. Here the input is given.",
            probe="tanh_grad(np.array([20.0]))  # nearly 0 is wanted",
        ),
        Misconception(
            id="M56",
            name="You divided two exponentials that both overflow.",
            function=_slope_by_ratio,
            sees="Your function is right for ordinary x and nan from about 710 on.",
            why="A formula is not an algorithm: inf / inf is nan, and one nan spoils every weight.",
            probe="np.exp(1000.0) / np.exp(1000.0)",
        ),
    ),
    hints=(
        "The slope is 1 at 0 and dies away on both sides.",
        "With a = tanh(x) the slope can be written with a alone.",
        "Compare with (tanh(x + h) - tanh(x - h)) / (2 h) for h = 1e-5.",
    ),
    curve=Curve(_AXIS, tuple(np.linspace(-4, 4, 61)), _point, _pick),
)

QUESTIONS = (_SIGMOID, _SIGMOID_GRAD, _FROM_OUTPUT, _TANH, _TANH_GRAD)
