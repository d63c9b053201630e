"""Exercise activation/relu_family: functions with a kink at 0, and their slopes on both sides of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import celu, elu, leaky_relu, relu
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_X = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
_OFF_THE_KINK = np.array([-2.0, -0.5, 0.25, 0.5, 2.0])


# --- inputs ---------------------------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [(_X,), (rng.normal(scale=2, size=(3, 2)),), (rng.normal(size=(2, 3, 2)),)]


def _ordinary_off_the_kink(rng: np.random.Generator) -> list[Arguments]:
    return [(_OFF_THE_KINK,), (rng.normal(scale=2, size=(3, 2)),), (rng.normal(size=9),)]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-2, 1, 3]),), (np.array([[4, -1], [-3, 2], [5, -7]]),)]


def _kink(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1.0, 0.0, 2.0]),)]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_OFF_THE_KINK,), (rng.normal(size=(2, 3)),)]


def _with_alpha(*alphas: float) -> Callable[[np.random.Generator], list[Arguments]]:
    def inputs(rng: np.random.Generator) -> list[Arguments]:
        shapes = [(3, 2), (9,), (2, 2, 3)]
        drawn = [rng.normal(scale=2, size=shape) for shape in shapes]
        return [(x, alpha) for x, alpha in zip([_OFF_THE_KINK, *drawn], alphas, strict=False)]

    return inputs


def _integers_with_alpha(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-2, 1, 3]), 0.3), (np.array([[4, -1], [-3, 2], [5, -7]]), 1.6)]


def _kink_with_alpha(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1.0, 0.0, 2.0]), 0.1), (np.array([0.0, 1.5, -0.5]), 0.4)]


def _to_keep_with_alpha(rng: np.random.Generator) -> list[Arguments]:
    return [(_OFF_THE_KINK, 0.1), (rng.normal(size=(2, 3)), 0.3)]


def _elu_ordinary(rng: np.random.Generator) -> list[Arguments]:
    # 0 with alpha = 1 alone: for any other alpha the slope has a jump there, and no value is the right one.
    return [
        (_X, 1.0),
        (rng.normal(scale=2, size=(3, 2)), 0.5),
        (rng.normal(scale=2, size=9), 1.5),
    ]


def _far_out(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1000.0, -1.5, 1.5, 1000.0]), 1.0), (np.array([800.0, -800.0, -0.5]), 0.5)]


def _just_below_zero(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1e-3, -1e-8, -1e-12]), 1.0), (np.array([-1e-10, -2.0]), 0.5)]


# --- wrong answers: relu --------------------------------------------------------------------------------


def _column_maximum(x: Any) -> Any:
    return np.max(x, 0)


def _as_one_number(x: Any) -> Any:
    return max(0, x)


def _negative_part(x: Any) -> Any:
    return np.minimum(x, 0)


def _folded(x: Any) -> Any:
    return np.abs(x)


def _relu_in_place(x: Any) -> Any:
    x[x < 0] = 0
    return x


# --- wrong answers: the slope of relu -------------------------------------------------------------------


def _slope_at_zero(value: float) -> Callable[[Any], Any]:
    def answer(x: Any) -> Any:
        return np.where(x == 0, value, relu.grad(x))

    return answer


def _by_division(x: Any) -> Any:
    with np.errstate(all="ignore"):
        return relu(x) / x


def _sign(x: Any) -> Any:
    return np.sign(x)


def _slope_with_if(x: Any) -> Any:
    return 1.0 if x > 0 else 0.0


def _slope_mirrored(x: Any) -> Any:
    return relu.grad(-x)


def _relu_slope_in_place(x: Any) -> Any:
    x[x < 0] = 0
    x[x > 0] = 1
    return x


# --- wrong answers: leaky relu --------------------------------------------------------------------------


def _other_side(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, alpha * x, x)


def _relu_first(x: Any, alpha: Any) -> Any:
    return leaky_relu(relu(x), alpha)


def _larger_of_two(x: Any, alpha: Any) -> Any:
    return np.maximum(x, alpha * x)


def _fixed_slope(x: Any, alpha: Any) -> Any:
    return leaky_relu(x, 0.01)


def _leaky_with_if(x: Any, alpha: Any) -> Any:
    return x if x > 0 else alpha * x


def _constant_leak(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, x, alpha)


def _leak_upwards(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, x, -alpha * x)


def _leak_into_integers(x: Any, alpha: Any) -> Any:
    out = np.zeros_like(x)
    out[...] = leaky_relu(x, alpha)
    return out


def _leaky_in_place(x: Any, alpha: Any) -> Any:
    x = np.asarray(x, dtype=float)
    x[x < 0] *= alpha
    return x


# --- wrong answers: the slope of leaky relu -------------------------------------------------------------


def _leaky_slope_at_zero(value: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    def answer(x: Any, alpha: Any) -> Any:
        return np.where(x == 0, value(alpha), leaky_relu.grad(x, alpha))

    return answer


def _dead_again(x: Any, alpha: Any) -> Any:
    return relu.grad(x)


def _fixed_leaky_slope(x: Any, alpha: Any) -> Any:
    return leaky_relu.grad(x, 0.01)


def _leaky_slope_with_if(x: Any, alpha: Any) -> Any:
    return 1.0 if x > 0 else alpha


def _leaky_itself(x: Any, alpha: Any) -> Any:
    return leaky_relu(x, alpha)


def _leaky_by_division(x: Any, alpha: Any) -> Any:
    with np.errstate(all="ignore"):
        return leaky_relu(x, alpha) / x


def _slopes_exchanged(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, alpha, 1.0)


def _slope_of_the_larger(x: Any, alpha: Any) -> Any:
    return np.where((x > 0) == (alpha < 1), 1.0, alpha)


def _negative_leak(x: Any, alpha: Any) -> Any:
    return np.where(x > 0, 1.0, -alpha)


def _leaky_slope_into_integers(x: Any, alpha: Any) -> Any:
    out = np.ones_like(x)
    out[...] = leaky_relu.grad(x, alpha)
    return out


def _leaky_slope_in_place(x: Any, alpha: Any) -> Any:
    x = np.asarray(x, dtype=float)
    x[...] = leaky_relu.grad(x, alpha)
    return x


# --- wrong answers: elu and its slope -------------------------------------------------------------------

_Part = Callable[[Any, Any], Any]


def _pair(value: _Part | None = None, slope: _Part | None = None) -> _Part:
    """elu_and_grad with another formula left of 0; to the right the value is x and the slope 1."""

    def answer(x: Any, alpha: Any) -> Any:
        left = np.minimum(x, 0)
        right_value, right_slope = elu.value_and_grad(x, alpha)
        with np.errstate(over="ignore"):
            return (
                right_value if value is None else np.where(x > 0, x, value(left, alpha)),
                right_slope if slope is None else np.where(x > 0, 1.0, slope(left, alpha)),
            )

    return answer


def _exponential_of_all(x: Any, alpha: Any) -> Any:
    x = x.astype(float)
    return np.where(x > 0, x, alpha * np.expm1(x)), np.where(x > 0, 1.0, alpha * np.exp(x))


def _slope_by_masks(x: Any, alpha: Any) -> Any:
    x = x.astype(float)
    return elu(x, alpha), (x > 0) + (x <= 0) * alpha * np.exp(x)


def _both_by_masks(x: Any, alpha: Any) -> Any:
    x = x.astype(float)
    value = (x > 0) * x + (x <= 0) * alpha * np.expm1(x)
    return value, (x > 0) + (x <= 0) * alpha * np.exp(x)


def _value_alone(x: Any, alpha: Any) -> Any:
    return elu(x, alpha)


def _value_twice(x: Any, alpha: Any) -> Any:
    return elu(x, alpha), elu(x, alpha)


def _value_plus_one(x: Any, alpha: Any) -> Any:
    return elu(x, alpha), np.where(x > 0, 1.0, elu(x, alpha) + 1)


def _alpha_everywhere(x: Any, alpha: Any) -> Any:
    return alpha * elu(x, 1.0), alpha * elu.grad(x, 1.0)


def _without_alpha(x: Any, alpha: Any) -> Any:
    return elu.value_and_grad(x, 1.0)


def _celu(x: Any, alpha: Any) -> Any:
    return celu.value_and_grad(x, alpha)


def _slope_first(x: Any, alpha: Any) -> Any:
    return elu.grad(x, alpha), elu(x, alpha)


def _elu_into_integers(x: Any, alpha: Any) -> Any:
    value, slope = np.zeros_like(x), np.ones_like(x)
    value[...], slope[...] = elu.value_and_grad(x, alpha)
    return value, slope


def _elu_in_place(x: Any, alpha: Any) -> Any:
    slope = elu.grad(x, alpha)
    x = np.asarray(x, dtype=float)
    x[...] = elu(x, alpha)
    return x, slope


# --- questions ------------------------------------------------------------------------------------------

_LINE = tuple(np.linspace(-3, 3, 60))  # 0 is not among them
_AXIS = "x"
_IN_PLACE = "You changed the caller's array."
_IN_PLACE_WHY = (
    "A backward pass looks at the inputs again. PyTorch stops there: 'modified by an inplace operation'."
)
_TRUNCATED = "Your values were cut down to integers, by an array of integers."
_TRUNCATED_WHY = "`np.zeros_like(x)` takes the dtype of `x`. What does not fit is cut off without a word."
_TRUNCATED_PROBE = "np.zeros_like(np.array([1, 2])).dtype"


def _point(x: float) -> Arguments:
    return (np.array([x]),)


def _pick(values: tuple[Any, ...]) -> float:
    return float(values[0][0])


def _leaky_point(x: float) -> Arguments:
    return np.array([x]), 0.1


_RELU = Question(
    name="relu",
    reference=relu,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M64",
            name="np.max looks for the largest entry of an array, along an axis. It compares with no number.",
            function=_column_maximum,
            sees="You return one number for each column, or one for all, and it can be negative.",
            why="In np.max(x, 0) the 0 is an axis. Most of your units are lost without an error.",
            probe="relu(np.array([-3.0, -1.0, 2.0])).shape  # (3,) is wanted",
        ),
        Misconception(
            id="M64",
            name="You compared the whole array as if it were one number, with max(0, x) or with if.",
            function=_as_one_number,
            sees="Python says that the truth value of an array is ambiguous.",
            why="x > 0 has one answer for each entry; `if` and `max` of Python want a single one.",
            probe="np.array([-1.0, 2.0]) > 0",
        ),
        Misconception(
            id="E2.3a",
            name="You kept the negative side and threw the positive one away.",
            function=_negative_part,
            sees="Your values are never above 0.",
            why="The rectifier lets through what is positive: of 0 and x it is the larger.",
            probe="relu(np.array([-3.0, 3.0]))  # 0 and 3 are wanted",
        ),
        Misconception(
            id="E2.3b",
            name="You folded the negative side up instead of setting it to 0.",
            function=_folded,
            sees="At -2 you have 2, and 0 is wanted.",
            why="|x| is the same for x and -x. A unit that is silent on one side is another thing.",
            probe="relu(np.array([-3.0, 3.0]))  # 0 and 3 are wanted",
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_relu_in_place,
            sees="After the call the negative inputs are 0.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); relu(x); x",
        ),
    ),
    hints=(
        "What should become of -3, of 0, and of 3? Write the three answers down.",
        "Each entry is looked at by itself: the result has the shape of x.",
        "NumPy has one function for the larger of two arrays, entry by entry, and another for the largest "
        "entry of one array. Read help(np.maximum) and help(np.max).",
    ),
    curve=Curve(_AXIS, _LINE, _point, _pick),
)

_RELU_GRAD = Question(
    name="relu_grad",
    reference=relu.grad,
    checks=(
        Check("ordinary values, in any shape", _ordinary_off_the_kink, points=Decimal(2)),
        Check("integers", _integers),
        Check("a number at 0 itself: 0, 1/2 or 1", _kink),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M63",
            name="The slope at 0 is a convention. You use 1, we use 0; both earn the points.",
            function=_slope_at_zero(1.0),
            sees="At 0 you have 1. Elsewhere nothing differs.",
            why="PyTorch itself uses three: 0 for relu, 1 for clamp, 1/2 for maximum with 0.",
            probe="relu_grad(np.array([0.0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M63",
            name="The slope at 0 is a convention. You use 1/2, we use 0; both earn the points.",
            function=_slope_at_zero(0.5),
            sees="At 0 you have 1/2. Elsewhere nothing differs.",
            why="PyTorch itself uses three: 0 for relu, 1 for clamp, 1/2 for maximum with 0.",
            probe="relu_grad(np.array([0.0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M65",
            name="You returned the function, not its slope.",
            function=relu,
            sees="Your values grow with x: at 2 you have 2, and 1 is wanted.",
            why="Right of 0 the line has one slope everywhere. A slope that grows makes gradients explode.",
            probe="relu_grad(np.array([1.0, 10.0, 100.0]))  # three equal numbers are wanted",
        ),
        Misconception(
            id="M66",
            name="You divided relu(x) by x, and 0 / 0 is nan.",
            function=_by_division,
            sees="Right everywhere but at 0, where you have nan.",
            why="Inputs of 0 are common (a black pixel, a unit that is off), and one nan spoils all weights.",
            probe="relu_grad(np.array([0.0]))",
        ),
        Misconception(
            id="E2.3c",
            name="The sign of x is the slope of |x|. Left of 0 the rectifier is flat.",
            function=_sign,
            sees="For negative x you have -1, and 0 is wanted.",
            why="A unit that is off must pass no gradient; with -1 its weights would move the wrong way.",
            probe="relu_grad(np.array([-3.0, 3.0]))  # 0 and 1 are wanted",
        ),
        Misconception(
            id="E2.3d",
            name="The two sides are exchanged: the slope is 1 where x is positive.",
            function=_slope_mirrored,
            sees="Your slope is 1 for negative x and 0 for positive x.",
            why="The gradient would go to the units that are off, and to none that is on.",
            probe="relu_grad(np.array([-3.0, 3.0]))  # 0 and 1 are wanted",
        ),
        Misconception(
            id="E2.3q",
            name="You asked of the whole array, with `if`, what has one answer for each entry.",
            function=_slope_with_if,
            sees="Python says that the truth value of an array is ambiguous.",
            why="x > 0 is an array of truths. np.where chooses by it, entry by entry.",
            probe="np.array([-1.0, 2.0]) > 0",
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_relu_slope_in_place,
            sees="After the call the inputs are 0 and 1.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); relu_grad(x); x",
        ),
    ),
    hints=(
        "Draw the function. How steep is it left of 0, and how steep to the right?",
        "The slope has two values only. A comparison tells which of them holds.",
        "Compare with (relu(x + h) - relu(x - h)) / (2 h) for h = 1e-5, away from 0.",
    ),
    curve=Curve(_AXIS, _LINE, _point, _pick),
)

_LEAKY_RELU = Question(
    name="leaky_relu",
    reference=leaky_relu,
    checks=(
        Check("ordinary values, in any shape", _with_alpha(0.1, 0.25, 0.2, 0.5), points=Decimal(2)),
        # With one below 1 in it, where the larger of x and alpha x is right.
        Check("slopes above 1 as well", _with_alpha(2.0, 0.5, 3.0)),
        Check("integers", _integers_with_alpha),
        Check("the input is left as it was", _to_keep_with_alpha, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M67",
            name="The small slope is on the wrong side: alpha belongs to negative x.",
            function=_other_side,
            sees="At 2 you have 2 alpha, at -2 you have -2.",
            why="The leak lets a unit that is off still learn; yours damps the units that are on.",
            probe="leaky_relu(np.array([-2.0, 2.0]), 0.1)  # -0.2 and 2 are wanted",
        ),
        Misconception(
            id="M68",
            name="Nothing leaks: what is negative was already 0 before alpha came, or alpha was never used.",
            function=_relu_first,
            sees="Your values are 0 for every negative x.",
            why="alpha times 0 is 0. That is the ReLU again, with its dead units.",
            probe="leaky_relu(np.array([-2.0, 2.0]), 0.1)  # -0.2 and 2 are wanted",
        ),
        Misconception(
            id="M69",
            name="The larger of x and alpha x is right only while alpha is below 1.",
            function=_larger_of_two,
            sees="With alpha = 2 you have -2 at x = -2, and -4 is wanted.",
            why="A learnt alpha (PReLU) may pass 1, and then this formula exchanges the two sides.",
            probe="leaky_relu(np.array([-2.0, 2.0]), 2.0)  # -4 and 2 are wanted",
        ),
        Misconception(
            id="E2.3e",
            name="You used 0.01 for alpha, whatever was given.",
            function=_fixed_slope,
            sees="Another alpha gives the same values.",
            why="0.01 is a common default, not part of the function.",
            probe="leaky_relu(np.array([-2.0]), 0.1), leaky_relu(np.array([-2.0]), 0.5)",
        ),
        Misconception(
            id="E2.3f",
            name="You returned alpha itself for negative x, not alpha times x.",
            function=_constant_leak,
            sees="All negative x give the same positive number.",
            why="alpha is a slope. A constant has slope 0, and the unit is dead again.",
            probe="leaky_relu(np.array([-1.0, -2.0]), 0.1)  # -0.1 and -0.2 are wanted",
        ),
        Misconception(
            id="E2.3g",
            name="The leak goes up: it has the sign of -alpha.",
            function=_leak_upwards,
            sees="Your values are positive on both sides of 0.",
            why="Leaky ReLU grows everywhere; yours falls left of 0, and the gradient there turns round.",
            probe="leaky_relu(np.array([-2.0, 2.0]), 0.1)  # -0.2 and 2 are wanted",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_leak_into_integers,
            sees="With integer inputs the leak is cut to a whole number, often to 0.",
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="E2.3q",
            name="You asked of the whole array, with `if`, what has one answer for each entry.",
            function=_leaky_with_if,
            sees="Python says that the truth value of an array is ambiguous.",
            why="x > 0 is an array of truths. np.where chooses by it, entry by entry.",
            probe="np.array([-1.0, 2.0]) > 0",
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_leaky_in_place,
            sees="After the call the negative inputs are multiplied by alpha.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); leaky_relu(x, 0.1); x",
        ),
    ),
    hints=(
        "Two lines meet at 0. What is the slope of each?",
        "Which of the two lines holds is decided by the sign of x, not by which of them is larger.",
        "Try alpha = 2 as well as alpha = 0.1: the values at -2 are -4 and -0.2.",
    ),
    curve=Curve(_AXIS, _LINE, _leaky_point, _pick),
)

_LEAKY_RELU_GRAD = Question(
    name="leaky_relu_grad",
    reference=leaky_relu.grad,
    checks=(
        Check("ordinary values, in any shape", _with_alpha(0.1, 0.25, 0.2, 0.5), points=Decimal(2)),
        Check("slopes above 1 as well", _with_alpha(2.0, 0.5, 3.0)),
        Check("integers", _integers_with_alpha),
        Check("a number at 0 itself: alpha, 1, or half way between", _kink_with_alpha),
        Check("the input is left as it was", _to_keep_with_alpha, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M63",
            name="The slope at 0 is a convention. You use 1, we use alpha; both earn the points.",
            function=_leaky_slope_at_zero(lambda alpha: 1.0),
            sees="At 0 you have 1. Elsewhere nothing differs.",
            why="Every number between alpha and 1 is the slope of a line that touches the kink.",
            probe="leaky_relu_grad(np.array([0.0]), 0.1)",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M63",
            name="The slope at 0 is a convention. You use the mean, we use alpha; both earn the points.",
            function=_leaky_slope_at_zero(lambda alpha: (1 + alpha) / 2),
            sees="At 0 you have (1 + alpha)/2. Elsewhere nothing differs.",
            why="Every number between alpha and 1 is the slope of a line that touches the kink.",
            probe="leaky_relu_grad(np.array([0.0]), 0.1)",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M70",
            name="You used the slope of the ReLU. The leak has a slope, too.",
            function=_dead_again,
            sees="Your slope is 0 for negative x.",
            why="The unit leaks forward but learns nothing: with gradient 0 it stays dead.",
            probe="leaky_relu_grad(np.array([-2.0, 2.0]), 0.1)  # 0.1 and 1 are wanted",
        ),
        Misconception(
            id="E2.3e",
            name="You used 0.01 for alpha, whatever was given.",
            function=_fixed_leaky_slope,
            sees="Another alpha gives the same slopes.",
            why="Value and slope then belong to two functions, and no gradient check passes.",
            probe="leaky_relu_grad(np.array([-2.0]), 0.1), leaky_relu_grad(np.array([-2.0]), 0.5)",
        ),
        Misconception(
            id="M65",
            name="You returned the function, not its slope.",
            function=_leaky_itself,
            sees="Your values grow with x: at 2 you have 2, and 1 is wanted.",
            why="A slope that grows with the input makes gradients explode.",
            probe="leaky_relu_grad(np.array([1.0, 10.0]), 0.1)  # two equal numbers are wanted",
        ),
        Misconception(
            id="M66",
            name="You divided the value by x, and 0 / 0 is nan.",
            function=_leaky_by_division,
            sees="Right everywhere but at 0, where you have nan.",
            why="Inputs of 0 are common (a black pixel, a unit that is off), and one nan spoils all weights.",
            probe="leaky_relu_grad(np.array([0.0]), 0.1)",
        ),
        Misconception(
            id="M67",
            name="The small slope is on the wrong side: alpha belongs to negative x.",
            function=_slopes_exchanged,
            sees="Your slope is alpha for positive x and 1 for negative x.",
            why="The units that are on would learn ten times too slowly with alpha = 0.1.",
            probe="leaky_relu_grad(np.array([-2.0, 2.0]), 0.1)  # 0.1 and 1 are wanted",
        ),
        Misconception(
            id="M69",
            name="You asked which of x and alpha x is larger. With alpha above 1 that exchanges the sides.",
            function=_slope_of_the_larger,
            sees="Right for alpha = 0.1; with alpha = 2 the slopes 1 and 2 have changed places.",
            why="A learnt alpha (PReLU) may pass 1.",
            probe="leaky_relu_grad(np.array([-2.0, 2.0]), 2.0)  # 2 and 1 are wanted",
        ),
        Misconception(
            id="E2.3g",
            name="The slope on the left has the wrong sign.",
            function=_negative_leak,
            sees="Your slope is -alpha for negative x.",
            why="Leaky ReLU grows everywhere, so no slope of it is negative.",
            probe="leaky_relu_grad(np.array([-2.0, 2.0]), 0.1)  # 0.1 and 1 are wanted",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_leaky_slope_into_integers,
            sees="With integer inputs your slope is 0 for negative x.",
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="E2.3q",
            name="You asked of the whole array, with `if`, what has one answer for each entry.",
            function=_leaky_slope_with_if,
            sees="Python says that the truth value of an array is ambiguous.",
            why="x > 0 is an array of truths. np.where chooses by it, entry by entry.",
            probe="np.array([-1.0, 2.0]) > 0",
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_leaky_slope_in_place,
            sees="After the call the inputs are alpha and 1.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); leaky_relu_grad(x, 0.1); x",
        ),
    ),
    hints=(
        "The slope has two values only. Which numbers are they?",
        "It depends on the sign of x alone, not on how large x is.",
        "Compare with (leaky_relu(x + h, alpha) - leaky_relu(x - h, alpha)) / (2 h), also for alpha = 2.",
    ),
    curve=Curve(_AXIS, _LINE, _leaky_point, _pick),
)

_ELU = Question(
    name="elu_and_grad",
    reference=elu.value_and_grad,
    checks=(
        Check("value and slope at ordinary x", _elu_ordinary, points=Decimal(3)),
        Check("integers", _integers_with_alpha),
        Check("values near -1000 and 1000, without a warning or a nan", _far_out, watch="warnings"),
        # No absolute tolerance: the value itself is about 1e-12.
        Check("all digits just below 0", _just_below_zero, atol=0),
        Check("the input is left as it was", _to_keep_with_alpha, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M55",
            name="You take exp of large positive numbers, in a branch whose result is thrown away.",
            function=_exponential_of_all,
            sees="The numbers are right, and NumPy warns of an overflow at x = 1000.",
            why="np.where computes both branches. In automatic differentiation the unused inf becomes nan.",
            probe="np.where(np.array([1000.0]) > 0, 1.0, np.exp(np.array([1000.0])))",
        ),
        Misconception(
            id="M55",
            name="You masked the exponential by a multiplication in the slope, and 0 times inf is nan.",
            function=_slope_by_masks,
            sees="The value is right everywhere; the slope is nan at x = 1000, and 1 is wanted.",
            why="The network predicts well and then one large input turns every weight into nan.",
            probe="elu_and_grad(np.array([1000.0]), 1.0)[1]",
        ),
        Misconception(
            id="M55",
            name="You masked the exponential by a multiplication, twice, and 0 times inf is nan.",
            function=_both_by_masks,
            sees="Value and slope are nan at x = 1000.",
            why="A mask by multiplication hides numbers, but neither inf nor nan.",
            probe="0 * np.exp(np.array([1000.0]))",
        ),
        Misconception(
            id="M71",
            name="The -1 is missing: the left branch must reach 0 where the right one starts.",
            function=_pair(value=lambda x, a: a * np.exp(x)),
            sees="Your value jumps at 0, by alpha.",
            why="Left of 0 the function should fall from 0 to -alpha, so that the mean output comes near 0.",
            probe="elu_and_grad(np.array([-1e-9, 1e-9]), 1.0)[0]  # both nearly 0",
        ),
        Misconception(
            id="M71",
            name="The sign in the exponent of the value is turned round.",
            function=_pair(value=lambda x, a: a * np.expm1(-x)),
            sees="Your value explodes to the left: at -2 it is 6.39, and -0.86 is wanted.",
            why="ELU saturates at -alpha; that is what makes it quiet for inputs far on the left.",
            probe="elu_and_grad(np.array([-10.0]), 1.0)[0]  # nearly -1 is wanted",
        ),
        Misconception(
            id="M71",
            name="The sign in the exponent is turned round, in the value and in the slope.",
            function=_pair(value=lambda x, a: a * np.expm1(-x), slope=lambda x, a: a * np.exp(-x)),
            sees="Value and slope explode to the left: at -2 the slope is 7.39, and 0.14 is wanted.",
            why="ELU saturates at -alpha; that is what makes it quiet for inputs far on the left.",
            probe="elu_and_grad(np.array([-10.0]), 1.0)  # nearly -1 and 0 are wanted",
        ),
        Misconception(
            id="M65",
            name="You returned the value twice, not the value and its slope.",
            function=_value_twice,
            sees="Both parts are the same.",
            why="Right of 0 the slope is 1 everywhere.",
            probe="elu_and_grad(np.array([1.0, 10.0]), 1.0)[1]  # 1 and 1 are wanted",
        ),
        Misconception(
            id="M70",
            name="You used the slope of the ReLU: 0 for negative x.",
            function=_pair(slope=lambda x, a: 0 * x),
            sees="The value is right, the slope is 0 left of 0.",
            why="A unit just left of 0 should still learn: with alpha = 1 its slope there is near 1.",
            probe="elu_and_grad(np.array([-0.01]), 1.0)[1]  # 0.99 is wanted",
        ),
        Misconception(
            id="E2.3h",
            name="The -1 is a constant: it has slope 0 and is not part of the derivative.",
            function=_pair(slope=lambda x, a: a * np.expm1(x)),
            sees="The value is right, the slope left of 0 is negative.",
            why="ELU grows everywhere, so its slope is never negative.",
            probe="elu_and_grad(np.array([-1.0]), 1.0)[1]  # 0.37 is wanted",
        ),
        Misconception(
            id="E2.3i",
            name="alpha is missing in the slope.",
            function=_pair(slope=lambda x, a: np.exp(x)),
            sees="The value is right, the slope is right only for alpha = 1.",
            why="A factor in the value is a factor in the slope.",
            probe="elu_and_grad(np.array([-1.0]), 0.5)[1]  # 0.18 is wanted",
        ),
        Misconception(
            id="E2.3j",
            name="The slope left of 0 is the value plus alpha, not plus 1.",
            function=_value_plus_one,
            sees="The value is right, the slope is right only for alpha = 1.",
            why="alpha exp(x) = alpha (exp(x) - 1) + alpha. The shortcut with 1 is that of alpha = 1.",
            probe="elu_and_grad(np.array([-50.0]), 0.5)[1]  # nearly 0 is wanted",
        ),
        Misconception(
            id="E2.3k",
            name="alpha is not used at all.",
            function=_without_alpha,
            sees="Another alpha gives the same numbers.",
            why="alpha says where the function levels off: at -alpha.",
            probe="elu_and_grad(np.array([-50.0]), 0.5)[0]  # nearly -0.5 is wanted",
        ),
        Misconception(
            id="E2.3l",
            name="alpha is missing in the value.",
            function=_pair(value=lambda x, a: np.expm1(x)),
            sees="The slope is right, the value is right only for alpha = 1.",
            why="alpha says where the function levels off: at -alpha.",
            probe="elu_and_grad(np.array([-50.0]), 0.5)[0]  # nearly -0.5 is wanted",
        ),
        Misconception(
            id="E2.3m",
            name="alpha multiplies both sides. Right of 0 the function is x itself.",
            function=_alpha_everywhere,
            sees="At 2 you have 2 alpha, and 2 is wanted.",
            why="A factor on both sides only rescales; alpha is there to set the two sides apart.",
            probe="elu_and_grad(np.array([2.0]), 0.5)  # 2 and 1 are wanted",
        ),
        Misconception(
            id="E2.3n",
            name="You divided x by alpha inside the exponential. That is another function, CELU.",
            function=_celu,
            sees="Right for alpha = 1 only; your slope has no jump at 0 for any alpha.",
            why="CELU was made to be smooth for every alpha. Weights trained with ELU do not fit it.",
            probe="elu_and_grad(np.array([-1.0]), 0.5)  # -0.316 and 0.184 are wanted",
        ),
        Misconception(
            id="E2.3o",
            name="The order is turned round: the value comes first, then the slope.",
            function=_slope_first,
            sees="Your first part has the numbers of the slope.",
            why="Whoever unpacks the pair reads them in the order that was agreed.",
            probe="elu_and_grad(np.array([5.0]), 1.0)  # 5 and 1 are wanted",
        ),
        Misconception(
            id="E2.3p",
            name="exp(x) - 1 loses its digits when x is near 0.",
            function=_pair(value=lambda x, a: a * (np.exp(x) - 1)),
            sees="At -1e-12 your value is off in the fifth digit; below 1e-16 it would be 0.",
            why="exp(x) is stored to 16 digits next to 1. After taking 1 away, only the last few are left.",
            probe="np.exp(-1e-12) - 1, np.expm1(-1e-12)",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_elu_into_integers,
            sees="With integer inputs the numbers left of 0 are 0.",
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="E2.3r",
            name="You returned the value alone; the pair of value and slope is wanted.",
            function=_value_alone,
            sees="One array came back, and a tuple of two is wanted.",
            why="The backward pass needs the slope, and value and slope share the exponential.",
            probe="type(elu_and_grad(np.array([1.0]), 1.0))",
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_elu_in_place,
            sees="After the call the inputs are the outputs.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); elu_and_grad(x, 1.0); x",
        ),
    ),
    hints=(
        "Check four points with alpha = 1: at -1000 the pair is -1 and 0, at -2 it is -0.8647 and 0.1353, "
        "at 2 it is 2 and 1, and the same at 1000 with 1000 for 2.",
        "Which numbers go into the exponential? Only the negative ones are needed. What could stand in the "
        "place of the others before exp is called?",
        "Compare the slope with central differences of the value, for alpha = 0.5 as well.",
        "For digits near 0 look at help(np.expm1).",
    ),
    curve=Curve(_AXIS, _LINE, lambda x: (np.array([x]), 1.0), _pick),
)

QUESTIONS = (_RELU, _RELU_GRAD, _LEAKY_RELU, _LEAKY_RELU_GRAD, _ELU)
