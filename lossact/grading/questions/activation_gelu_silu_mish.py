"""Exercise activation/gelu_silu_mish: smooth gates, a slope by the product rule, and their lowest points."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import gelu, mish, sigmoid, silu, softplus, tanh
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

# Not SciPy's: in a browser that would be 14 MB for one function.
erf = np.vectorize(math.erf, otypes=[float])

_X = np.array([-2.0, -0.5, 0.0, 0.5, 2.0])
_CUBIC = 0.044715
_LOW, _HIGH = -6.0, 6.0


# --- inputs ---------------------------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [(_X,), (rng.normal(scale=2, size=(3, 2)),), (rng.normal(scale=2, size=9),)]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-2, 0, 1, 3]),), (np.array([[2, -1, 1], [4, -3, 0]]),)]


def _far_out(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1000.0, 1.5, 1000.0]),), (np.array([800.0, -40.0, -0.5, 40.0, -800.0]),)]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_X,), (rng.normal(size=(2, 3)),)]


def _in_the_form(approximate: str) -> Callable[[np.random.Generator], list[Arguments]]:
    def inputs(rng: np.random.Generator) -> list[Arguments]:
        # At 2.7 the two forms differ most, by 0.00047.
        spread = rng.normal(scale=2, size=(3, 2))
        return [(_X, approximate), (spread, approximate), (np.array([-2.7, 1.0, 2.7]), approximate)]

    return inputs


def _integers_in_both_forms(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-2, 0, 1, 3]), "none"), (np.array([[2, -1, 1], [4, -3, 0]]), "tanh")]


def _other_words(rng: np.random.Generator) -> list[Arguments]:
    return [(_X, "sigmoid"), (_X, "None")]


def _to_keep_in_both_forms(rng: np.random.Generator) -> list[Arguments]:
    return [(_X, "none"), (rng.normal(size=(2, 3)), "tanh")]


def _gates(rng: np.random.Generator) -> list[Arguments]:
    return [(gelu,), (silu,), (mish,)]


def _bowls(rng: np.random.Generator) -> list[Arguments]:
    """Functions with one valley, right of 0."""

    def bowl(place: float, depth: float) -> Callable[[Any], Any]:
        def one_valley(x: Any) -> Any:
            return np.square(np.asarray(x) - place) - depth

        return one_valley

    return [(bowl(rng.uniform(1, 4.5), rng.uniform(0.2, 0.8)),) for _ in range(2)]


def _valleys(side: int) -> Callable[[np.random.Generator], list[Arguments]]:
    """Functions with two valleys on one side of 0, of which the one farther out is deeper."""

    def valleys(near: float, far: float) -> Callable[[Any], Any]:
        def two_valleys(x: Any) -> Any:
            u = side * np.asarray(x)
            return np.square((u - near) * (u - far)) / 8 - u / 4

        return two_valleys

    def inputs(rng: np.random.Generator) -> list[Arguments]:
        return [(valleys(rng.uniform(0.9, 1.3), rng.uniform(4.2, 4.8)),) for _ in range(2)]

    return inputs


# --- wrong answers: GELU --------------------------------------------------------------------------------

_Form = Callable[[Any], Any]


def _forms(exact: _Form | None = None, by_tanh: _Form | None = None) -> Callable[[Any, Any], Any]:
    """gelu with one of its two forms exchanged; other words are refused."""

    def answer(x: Any, approximate: Any) -> Any:
        other = {"none": exact, "tanh": by_tanh}.get(approximate)
        return gelu(x, approximate) if other is None else other(x)

    return answer


def _both(formula: _Form) -> Callable[[Any, Any], Any]:
    return _forms(formula, formula)


def _by_tanh(inner: _Form) -> _Form:
    return lambda x: 0.5 * x * (1 + np.tanh(inner(x)))


def _gate(x: Any) -> Any:
    """The normal distribution function."""
    return 0.5 * (1 + erf(x / np.sqrt(2)))


def _density(x: Any) -> Any:
    return np.exp(-np.square(x) / 2) / np.sqrt(2 * np.pi)


def _forms_exchanged(x: Any, approximate: Any) -> Any:
    return gelu(x, {"none": "tanh", "tanh": "none"}.get(approximate, approximate))


def _gate_alone(x: Any, approximate: Any) -> Any:
    if approximate == "none":
        return _gate(x)
    return 0.5 * (1 + np.tanh(_inner(x))) if approximate == "tanh" else gelu(x, approximate)


def _doubled(x: Any, approximate: Any) -> Any:
    return 2 * gelu(x, approximate)


def _without_one(x: Any, approximate: Any) -> Any:
    return gelu(x, approximate) - x / 2


def _inner(x: Any) -> Any:
    return np.sqrt(2 / np.pi) * (x + _CUBIC * x**3)


def _any_word(x: Any, approximate: Any) -> Any:
    return gelu(x, "tanh" if approximate == "tanh" else "none")


def _gelu_into_integers(x: Any, approximate: Any) -> Any:
    out = np.zeros_like(x)
    out[...] = gelu(x, approximate)
    return out


def _gelu_in_place(x: Any, approximate: Any) -> Any:
    value = gelu(x, approximate)
    if x.dtype.kind == "f":
        x[...] = value
    return value


# --- wrong answers: SiLU and Mish -----------------------------------------------------------------------


def _into_integers(function: _Form) -> _Form:
    def answer(x: Any) -> Any:
        out = np.zeros_like(x)
        out[...] = function(x)
        return out

    return answer


def _in_place(function: _Form) -> _Form:
    def answer(x: Any) -> Any:
        value = function(x)
        if x.dtype.kind == "f":
            x[...] = value
        return value

    return answer


def _silu_overflows(x: Any) -> Any:
    return x / (1 + np.exp(-x.astype(float)))


def _hard_swish(x: Any) -> Any:
    return x * np.clip(x / 6 + 0.5, 0, 1)


def _mish_overflows(x: Any) -> Any:
    return x * np.tanh(np.log(1 + np.exp(x.astype(float))))


def _without_tanh(x: Any) -> Any:
    return x * softplus(x)


def _mish_without_one(x: Any) -> Any:
    return x * tanh(x)


def _without_logarithm(x: Any) -> Any:
    with np.errstate(over="ignore"):
        return x * np.tanh(np.exp(x.astype(float)))


def _wrong_sign_in_log(x: Any) -> Any:
    with np.errstate(over="ignore"):
        return x * np.tanh(np.maximum(x, 0) + np.log1p(np.exp(np.abs(x.astype(float)))))


# --- wrong answers: the lowest point --------------------------------------------------------------------


def _lowest(f: Any, low: float = _LOW, high: float = _HIGH) -> float:
    """Where f is lowest between two ends: a grid, then finer ones about its lowest point."""
    for _ in range(7):
        x = np.linspace(low, high, 241)
        lowest = int(np.argmin(f(x)))
        low, high = x[max(lowest - 1, 0)], x[min(lowest + 1, len(x) - 1)]
    return float((low + high) / 2)


def _from_a_coarse_grid(f: Any) -> Any:
    x = np.linspace(_LOW, _HIGH, 121)
    return x[np.argmin(f(x))]


def _nearest_valley(f: Any) -> Any:
    x, step = 0.0, 0.5
    while step > 1e-6:
        here, left, right = f(np.array([x, x - step, x + step]))
        if min(left, right) < here:
            x += step if right < left else -step
        else:
            step /= 2
    return x


def _right_of_zero(f: Any) -> Any:
    return _lowest(f, 0.0)


def _left_end(f: Any) -> Any:
    return _LOW


def _value_there(f: Any) -> Any:
    return f(np.array([_lowest(f)]))[0]


def _index_there(f: Any) -> Any:
    return np.argmin(f(np.linspace(_LOW, _HIGH, 1001)))


def _highest(f: Any) -> Any:
    x = np.linspace(_LOW, _HIGH, 100_001)
    return x[np.argmax(f(x))]


def _where(arguments: Arguments, values: tuple[Any, ...]) -> dict[str, float | bool]:
    """Where a place lies, seen from the lowest point of a function."""
    (f,) = arguments
    if len(values) != 1 or values[0].shape != ():
        raise ValueError("one number is wanted")
    x, lowest = float(values[0]), _lowest(f)
    grid = np.linspace(_LOW, _HIGH, 1201)
    height = f(grid)
    bottoms = grid[1:-1][(height[1:-1] < height[:-2]) & (height[1:-1] <= height[2:])]
    others = bottoms[np.abs(bottoms - lowest) > 0.1]
    return {
        "at most 0.0001 from the lowest point": abs(x - lowest) <= 1e-4,
        "at most 0.1 from it": abs(x - lowest) <= 0.1,
        "in another valley": bool(np.any(np.abs(x - others) <= 0.1)),
        "at the left end": abs(x - _LOW) < 0.05,
        "at the right end": abs(x - _HIGH) < 0.05,
        "at 0": abs(x) < 1e-3,
        "the least value instead of its place": abs(x - f(np.array([lowest]))[0]) < 1e-3,
        "a count instead of a place": x > _HIGH and x.is_integer(),
    }


# --- questions ------------------------------------------------------------------------------------------

_LINE = tuple(np.linspace(-5, 5, 61))
_TRUNCATED = "Your values were cut down to integers, by an array of integers."
_TRUNCATED_SEES = "With integer inputs your values are whole numbers."
_TRUNCATED_WHY = "`np.zeros_like(x)` takes the dtype of `x`. What does not fit is cut off without a word."
_TRUNCATED_PROBE = "np.zeros_like(np.array([1, 2])).dtype"
_IN_PLACE = "You changed the caller's array."
_IN_PLACE_WHY = "A backward pass looks at the inputs again; the product rule needs x itself."


def _point(x: float) -> Arguments:
    return (np.array([x]),)


def _pick(values: tuple[Any, ...]) -> float:
    return float(values[0][0])


_GELU = Question(
    name="gelu",
    reference=gelu,
    checks=(
        Check("the exact form", _in_the_form("none"), points=Decimal(2)),
        Check("the form with tanh", _in_the_form("tanh"), points=Decimal(2)),
        Check("integers", _integers_in_both_forms),
        Check("other words are refused with a ValueError", _other_words),
        Check("the input is left as it was", _to_keep_in_both_forms, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M72",
            name="You took erf(x) where Φ needs erf(x / √2).",
            function=_forms(exact=lambda x: 0.5 * x * (1 + erf(x))),
            sees="The tanh form is right; the exact one is -0.0047 at -2, and -0.0455 is wanted.",
            why="erf belongs to a normal distribution with variance 1/2. The gate is then too steep.",
            probe="gelu(np.array([-2.0]), 'none'), gelu(np.array([-2.0]), 'tanh')",
        ),
        Misconception(
            id="M73",
            name="You compute the exact form whatever is asked for.",
            function=_both(gelu),
            sees="The form with tanh is off by at most 0.00047.",
            why="Too little to see, too much for weights trained with the other form: name the variant.",
            probe="gelu(np.array([2.7]), 'none') - gelu(np.array([2.7]), 'tanh')  # 0.0005 apart",
        ),
        Misconception(
            id="M73",
            name="You compute the form with tanh whatever is asked for.",
            function=_both(lambda x: gelu(x, "tanh")),
            sees="The exact form is off by at most 0.00047.",
            why="Too little to see, too much for weights trained with the other form: name the variant.",
            probe="gelu(np.array([2.7]), 'none') - gelu(np.array([2.7]), 'tanh')  # 0.0005 apart",
        ),
        Misconception(
            id="M73",
            name="The two forms are exchanged.",
            function=_forms_exchanged,
            sees="Both forms are off by at most 0.00047.",
            why="Too little to see, too much for weights trained with the other form: name the variant.",
            probe="gelu(np.array([2.7]), 'none')  # 2.69064 is wanted, with erf",
        ),
        Misconception(
            id="M74",
            name="The cubic term stands outside of the parentheses, so √(2/π) multiplies x alone.",
            function=_forms(by_tanh=_by_tanh(lambda x: np.sqrt(2 / np.pi) * x + _CUBIC * x**3)),
            sees="The exact form is right; the one with tanh is -0.0394 at -2, and -0.0454 is wanted.",
            why="The error is 13 times as large as that of the formula itself.",
            probe="gelu(np.array([-2.0]), 'tanh')  # -0.0454 is wanted",
        ),
        Misconception(
            id="M74",
            name="The cube is around the sum: it belongs to x in the second term alone.",
            function=_forms(by_tanh=_by_tanh(lambda x: np.sqrt(2 / np.pi) * (x + _CUBIC * x) ** 3)),
            sees="The exact form is right; the one with tanh is too flat about 0.",
            why="At 0 the gate must grow with slope 1/√(2π), as Φ does.",
            probe="gelu(np.array([0.5]), 'tanh')  # 0.3457 is wanted",
        ),
        Misconception(
            id="M74",
            name="You wrote 2/π where √(2/π) is wanted.",
            function=_forms(by_tanh=_by_tanh(lambda x: 2 / np.pi * (x + _CUBIC * x**3))),
            sees="The exact form is right; the one with tanh is -0.0947 at -2, and -0.0454 is wanted.",
            why="At 0 the gate must grow with slope 1/√(2π), as Φ does; half of √(2/π) is that number.",
            probe="np.sqrt(2 / np.pi) / 2, 1 / np.sqrt(2 * np.pi)",
        ),
        Misconception(
            id="M74",
            name="The constant of the cubic term is ten times too large.",
            function=_forms(by_tanh=_by_tanh(lambda x: np.sqrt(2 / np.pi) * (x + 0.44715 * x**3))),
            sees="The exact form is right; the one with tanh is too steep.",
            why="The constant is 0.044715: it corrects a little, and only from |x| = 1 on.",
            probe="gelu(np.array([2.0]), 'none'), gelu(np.array([2.0]), 'tanh')  # alike to 3 decimals",
        ),
        Misconception(
            id="E2.5a",
            name="The factor one half is missing.",
            function=_doubled,
            sees="Your values are twice the right ones.",
            why="The gate must run from 0 to 1, so that a large x comes through as it is.",
            probe="gelu(np.array([10.0]), 'none')  # 10 is wanted",
        ),
        Misconception(
            id="E2.5b",
            name="The 1 in the gate is missing.",
            function=_without_one,
            sees="Your function is the same for x and -x.",
            why="The gate must run from 0 to 1; erf and tanh alone run from -1 to 1.",
            probe="gelu(np.array([-10.0, 10.0]), 'none')  # nearly 0 and 10 are wanted",
        ),
        Misconception(
            id="E2.5c",
            name="You returned the gate. GELU is x times the gate.",
            function=_gate_alone,
            sees="Your values run from 0 to 1.",
            why="The gate says how much of x comes through; x itself must come through.",
            probe="gelu(np.array([10.0]), 'none')  # 10 is wanted",
        ),
        Misconception(
            id="E2.5d",
            name="You took the density for the distribution function.",
            function=_forms(exact=lambda x: x * _density(x)),
            sees="Your exact form dies out on both sides.",
            why="Φ(x) is the probability to lie below x: it grows from 0 to 1.",
            probe="gelu(np.array([10.0]), 'none')  # 10 is wanted",
        ),
        Misconception(
            id="E2.5e",
            name="That is SiLU, x σ(x), not GELU.",
            function=_both(silu),
            sees="At -2 you have -0.2384, and -0.0455 is wanted.",
            why="The two look alike; weights trained with one do not fit the other.",
            probe="gelu(np.array([-2.0]), 'none')  # -0.0455 is wanted",
        ),
        Misconception(
            id="E2.5f",
            name="x σ(1.702 x) is another approximation; the one with tanh is asked for.",
            function=_forms(by_tanh=lambda x: x * sigmoid(1.702 * x)),
            sees="The form with tanh is off by up to 0.02.",
            why="That error is 43 times as large as the one of the form with tanh.",
            probe="gelu(np.array([2.0]), 'none'), gelu(np.array([2.0]), 'tanh')  # alike to 3 decimals",
        ),
        Misconception(
            id="E2.5g",
            name="A word that you do not know is taken for one that you know.",
            function=_any_word,
            sees="gelu(x, 'sigmoid') gives numbers instead of a ValueError.",
            why="A typing error would silently choose the other variant.",
            probe="'tanh' == 'Tanh', 'tanh' == 'tanh '",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_gelu_into_integers,
            sees=_TRUNCATED_SEES,
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_gelu_in_place,
            sees="After the call the inputs are the outputs.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); gelu(x, 'none'); x",
        ),
    ),
    hints=(
        "Three points of the exact form: 0 gives 0, 1 gives 0.8413, -2 gives -0.0455.",
        "Write the gate first. It must be 1/2 at 0, and 0.8413 at 1 (the share of a normal distribution that "
        "lies below one standard deviation).",
        "Write the inner part of the tanh as an expression of its own. At 1 it is 0.8336.",
        "The two forms differ most at ±2.7, by 0.00047. Print the difference.",
    ),
    curve=Curve("x, exact form", _LINE, lambda x: (np.array([x]), "none"), _pick),
)

_GELU_GRAD = Question(
    name="gelu_grad",
    reference=gelu.grad,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("values near -1000 and 1000, without a warning", _far_out, watch="warnings"),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M75",
            name="You treated the gate as a constant: the second half of the product rule is missing.",
            function=_gate,
            sees="At -2 you have 0.0228, and -0.0852 is wanted.",
            why="The gate opens as x grows, and that has a slope, too. Yours never becomes negative.",
            probe="gelu_grad(np.array([-2.0]))  # -0.0852 is wanted",
        ),
        Misconception(
            id="M75",
            name="You differentiated the gate alone: the first half of the product rule is missing.",
            function=lambda x: x * _density(x),
            sees="Your slope is 0 at 0, and one half is wanted.",
            why="For large x the function is x itself: the slope must become 1.",
            probe="gelu_grad(np.array([0.0, 10.0]))  # 0.5 and 1 are wanted",
        ),
        Misconception(
            id="M75",
            name="You added the slope of the gate without its factor x.",
            function=lambda x: _gate(x) + _density(x),
            sees="Your slope at 0 is 0.899, and one half is wanted.",
            why="(f g)' = f' g + f g'. With f = x the second product keeps the x.",
            probe="gelu_grad(np.array([0.0]))  # 0.5 is wanted",
        ),
        Misconception(
            id="E2.5h",
            name="The two products are subtracted, not added.",
            function=lambda x: _gate(x) - x * _density(x),
            sees="At 2 you have 0.869, and 1.085 is wanted.",
            why="The slope of a product is a sum. GELU is steeper than 1 right of 0.75.",
            probe="gelu_grad(np.array([2.0]))  # 1.085 is wanted",
        ),
        Misconception(
            id="E2.5i",
            name="The density lacks its factor 1/√(2π).",
            function=lambda x: _gate(x) + x * np.exp(-np.square(x) / 2),
            sees="At 1 you have 1.448, and 1.083 is wanted.",
            why="The derivative of Φ is the density, and its area is 1.",
            probe="gelu_grad(np.array([1.0]))  # 1.083 is wanted",
        ),
        Misconception(
            id="E2.5j",
            name="The exponent of the density lacks its factor one half.",
            function=lambda x: _gate(x) + x * np.exp(-np.square(x)) / np.sqrt(2 * np.pi),
            sees="At 1 you have 0.988, and 1.083 is wanted.",
            why="The density is exp(-x²/2)/√(2π): it belongs to the variance 1.",
            probe="gelu_grad(np.array([1.0]))  # 1.083 is wanted",
        ),
        Misconception(
            id="M72",
            name="You took erf(x) for erf(x / √2) in the gate.",
            function=lambda x: 0.5 * (1 + erf(x)) + x * _density(x),
            sees="At -2 you have -0.106, and -0.0852 is wanted.",
            why="Gate and density then belong to two distributions.",
            probe="gelu_grad(np.array([-2.0]))  # -0.0852 is wanted",
        ),
        Misconception(
            id="M72",
            name="This is the slope of x (1 + erf(x))/2, without the √2.",
            function=lambda x: 0.5 * (1 + erf(x)) + x * np.exp(-np.square(x)) / np.sqrt(np.pi),
            sees="At -2 you have -0.0183, and -0.0852 is wanted.",
            why="erf belongs to a normal distribution with variance 1/2.",
            probe="gelu_grad(np.array([-2.0]))  # -0.0852 is wanted",
        ),
        Misconception(
            id="M73",
            name="This is the slope of the form with tanh; the one of the exact form is asked for.",
            function=lambda x: gelu.grad(x, "tanh"),
            sees="Your slope is off by at most 0.0009.",
            why="A gradient check of the exact form then fails in the fourth decimal.",
            probe="gelu_grad(np.array([2.0]))  # 1.08523 is wanted",
        ),
        Misconception(
            id="M65",
            name="You returned the function, not its slope.",
            function=gelu,
            sees="Your values grow with x.",
            why="For large x the function is x itself: the slope must become 1.",
            probe="gelu_grad(np.array([10.0]))  # 1 is wanted",
        ),
        Misconception(
            id="E2.5a",
            name="The factor one half of the gate is missing.",
            function=lambda x: 2 * _gate(x) + x * _density(x),
            sees="Your slope at 0 is 1, and one half is wanted.",
            why="The gate must run from 0 to 1.",
            probe="gelu_grad(np.array([0.0]))  # 0.5 is wanted",
        ),
        Misconception(
            id="E2.5e",
            name="That is the slope of SiLU, not of GELU.",
            function=silu.grad,
            sees="At -2 you have -0.0908, and -0.0852 is wanted.",
            why="Value and slope would belong to two functions, and no gradient check passes.",
            probe="gelu_grad(np.array([2.0]))  # 1.0852 is wanted",
        ),
        Misconception(
            id="M76",
            name="You cut the slope off at 0: GELU does fall, left of -0.75.",
            function=lambda x: np.maximum(gelu.grad(x), 0),
            sees="Your slope is never negative.",
            why="GELU has a dip of -0.17. Without the negative slope a unit cannot find its way through it.",
            probe="gelu_grad(np.array([-2.0]))  # -0.0852 is wanted",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_into_integers(gelu.grad),
            sees=_TRUNCATED_SEES,
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_in_place(gelu.grad),
            sees="After the call the inputs are the slopes.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); gelu_grad(x); x",
        ),
    ),
    hints=(
        "GELU is a product, x times Φ(x). How does one differentiate a product?",
        "The derivative of Φ is the density of the normal distribution. It is 0.3989 at 0.",
        "Three points: -2 gives -0.0852, 0 gives 0.5, 2 gives 1.0852.",
        "Compare with (gelu(x + h, 'none') - gelu(x - h, 'none')) / (2 h) for h = 1e-5.",
    ),
    curve=Curve("x", _LINE, _point, _pick),
)

_SILU = Question(
    name="silu",
    reference=silu,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("values near -1000 and 1000, without a warning", _far_out, watch="warnings"),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E2.5c",
            name="You returned the gate. SiLU is x times the gate.",
            function=sigmoid,
            sees="Your values run from 0 to 1.",
            why="The gate says how much of x comes through; x itself must come through.",
            probe="silu(np.array([10.0]))  # nearly 10 is wanted",
        ),
        Misconception(
            id="E2.5k",
            name="That is GELU: its gate is Φ. The gate of SiLU is the sigmoid.",
            function=gelu,
            sees="At -2 you have -0.0455, and -0.2384 is wanted.",
            why="The two look alike; weights trained with one do not fit the other.",
            probe="silu(np.array([-2.0]))  # -0.2384 is wanted",
        ),
        Misconception(
            id="E2.5f",
            name="The factor 1.702 belongs to an approximation of GELU. SiLU has none.",
            function=lambda x: x * sigmoid(1.702 * x),
            sees="At -2 you have -0.0643, and -0.2384 is wanted.",
            why="With a factor in the gate it is another member of the family (Swish with β = 1.702).",
            probe="silu(np.array([-2.0]))  # -0.2384 is wanted",
        ),
        Misconception(
            id="M59",
            name="The sign in the exponent is turned round.",
            function=lambda x: x * sigmoid(-x),
            sees="Your function dies out to the right and follows x to the left.",
            why="The gate must open as x grows.",
            probe="silu(np.array([-10.0, 10.0]))  # nearly 0, nearly 10",
        ),
        Misconception(
            id="E2.5l",
            name="You gated with a straight line that is cut off at 0 and 1: that is Hardswish.",
            function=_hard_swish,
            sees="Your values are exactly 0 left of -3.",
            why="A cheap likeness for small devices; it has kinks, and other values everywhere.",
            probe="silu(np.array([-4.0]))  # -0.0719 is wanted",
        ),
        Misconception(
            id="S5",
            name="You take exp of a large positive number. It overflows, though the limit comes out right.",
            function=_silu_overflows,
            sees="NumPy warns of an overflow at large negative inputs.",
            why="A warning that is always there hides the one that matters.",
            probe="np.exp(np.array([1000.0, -1000.0]))  # which of the two is harmless?",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_into_integers(silu),
            sees=_TRUNCATED_SEES,
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_in_place(silu),
            sees="After the call the inputs are the outputs.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); silu(x); x",
        ),
    ),
    hints=(
        "x times a gate again. This gate is the sigmoid.",
        "Three points: -2 gives -0.2384, 0 gives 0, 2 gives 1.7616.",
        "For the extremes: exp(-|x|) never overflows. Can both halves of the sigmoid be written with it?",
    ),
    curve=Curve("x", _LINE, _point, _pick),
)

_MISH = Question(
    name="mish",
    reference=mish,
    checks=(
        Check("ordinary values, in any shape", _ordinary, points=Decimal(2)),
        Check("integers", _integers),
        Check("values near -1000 and 1000, without a warning", _far_out, watch="warnings"),
        Check("the input is left as it was", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M43",
            name="log(1 + exp(x)) as it stands overflows from 710 on.",
            function=_mish_overflows,
            sees="NumPy warns of an overflow at large inputs.",
            why="tanh hides the inf here. In a loss with the same term it stays, and the gradient is nan.",
            probe="np.log(1 + np.exp(np.array([800.0])))  # 800 is wanted",
        ),
        Misconception(
            id="M44",
            name="The sign in front of |x| is missing: the logarithm must be that of 1 + exp(-|x|).",
            function=_wrong_sign_in_log,
            sees="Your gate is never below 0.6, not even far on the left.",
            why="The rearrangement is there so that the exponential is never large.",
            probe="mish(np.array([-10.0]))  # -0.00045 is wanted",
        ),
        Misconception(
            id="E2.5m",
            name="The tanh is missing: the gate must stay below 1.",
            function=_without_tanh,
            sees="Your values grow like x squared.",
            why="For large x the function is x itself. A square makes activations explode.",
            probe="mish(np.array([10.0]))  # 10 is wanted",
        ),
        Misconception(
            id="E2.5n",
            name="The 1 is missing: log(exp(x)) is x, and your gate is tanh(x).",
            function=_mish_without_one,
            sees="Your function is the same for x and -x.",
            why="Without the 1 the gate becomes negative, and the left side comes through again.",
            probe="mish(np.array([-10.0, 10.0]))  # nearly 0 and 10 are wanted",
        ),
        Misconception(
            id="E2.5o",
            name="The logarithm is missing: your gate is tanh(exp(x)).",
            function=_without_logarithm,
            sees="At 0 your gate is 0.762, and 0.6 is wanted.",
            why="That is another function (TanhExp). softplus is log(1 + exp(x)).",
            probe="mish(np.array([1.0]))  # 0.8651 is wanted",
        ),
        Misconception(
            id="E2.5c",
            name="You returned the gate. Mish is x times the gate.",
            function=lambda x: tanh(softplus(x)),
            sees="Your values run from 0 to 1.",
            why="The gate says how much of x comes through; x itself must come through.",
            probe="mish(np.array([10.0]))  # 10 is wanted",
        ),
        Misconception(
            id="E2.5p",
            name="That is SiLU: its gate is the sigmoid.",
            function=silu,
            sees="At -2 you have -0.2384, and -0.2525 is wanted.",
            why="The two look alike; weights trained with one do not fit the other.",
            probe="mish(np.array([-2.0]))  # -0.2525 is wanted",
        ),
        Misconception(
            id="M07",
            name=_TRUNCATED,
            function=_into_integers(mish),
            sees=_TRUNCATED_SEES,
            why=_TRUNCATED_WHY,
            probe=_TRUNCATED_PROBE,
        ),
        Misconception(
            id="M86",
            name=_IN_PLACE,
            function=_in_place(mish),
            sees="After the call the inputs are the outputs.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([-1.0, 2.0]); mish(x); x",
        ),
    ),
    hints=(
        "From the inside out: softplus, tanh, times x. At 0 softplus is log 2 = 0.6931, and its tanh is 0.6.",
        "Three points: -2 gives -0.2525, 0 gives 0, 2 gives 1.9440.",
        "For softplus without an overflow: np.logaddexp(0, x) is log(exp(0) + exp(x)).",
    ),
    curve=Curve("x", _LINE, _point, _pick),
)

_ARGMIN_OF = Question(
    name="argmin_of",
    reference=_lowest,
    checks=(
        Check("GELU, SiLU and Mish", _gates, points=Decimal(2), measure=_where),
        Check("a valley somewhere else", _bowls, measure=_where),
        Check("two valleys, the deeper one far to the right", _valleys(1), measure=_where),
        Check("two valleys, the deeper one far to the left", _valleys(-1), measure=_where),
    ),
    misconceptions=(
        Misconception(
            id="M76",
            name="You took the function to grow everywhere, so that it is lowest at the left end.",
            function=_left_end,
            sees="You return -6 for every function.",
            why="GELU, SiLU and Mish are not monotone: each has a dip, of -0.17, -0.28 and -0.31.",
            probe="argmin_of(lambda x: (x - 1) ** 2)  # 1 is wanted",
        ),
        Misconception(
            id="M76",
            name="You searched right of 0 only, as if the function were flat on the left like ReLU.",
            function=_right_of_zero,
            sees="For GELU, SiLU and Mish you return 0.",
            why="Their dips lie left of 0: a small negative x gives a more negative output than a large one.",
            probe="argmin_of(lambda x: (x + 1) ** 2)  # -1 is wanted",
        ),
        Misconception(
            id="E2.5q",
            name="You went downhill and stopped in the first valley. There may be a deeper one.",
            function=_nearest_valley,
            sees="One valley is found; of two it is the wrong one that you may find.",
            why="From inside a valley nothing tells that there is another. Look at the whole interval first.",
            probe="argmin_of(lambda x: ((x - 1) * (x - 4.5)) ** 2 - x)  # 4.54 is wanted",
        ),
        Misconception(
            id="E2.5r",
            name="The grid is too coarse: you found the valley, but not its lowest point.",
            function=_from_a_coarse_grid,
            sees="You are within 0.1 of the right place, and 0.0001 is wanted.",
            why="A grid knows no more than its step. Lay a finer one about the best point.",
            probe="argmin_of(lambda x: (x - 0.12345) ** 2)  # 0.1234 or 0.1235 is wanted",
        ),
        Misconception(
            id="E2.5s",
            name="You returned the least value, not the place where it is taken.",
            function=_value_there,
            sees="For GELU you return -0.17, and -0.7518 is wanted.",
            why="min is the height of the lowest point, argmin its place.",
            probe="argmin_of(lambda x: (x - 1) ** 2)  # 1 is wanted",
        ),
        Misconception(
            id="E2.5t",
            name="np.argmin counts: it says which entry is least. You need the x of that entry.",
            function=_index_there,
            sees="You return a whole number far outside of the interval.",
            why="The count depends on how many points your grid has; the place does not.",
            probe="argmin_of(lambda x: (x - 1) ** 2)  # 1 is wanted",
        ),
        Misconception(
            id="E2.5u",
            name="You searched for the highest point.",
            function=_highest,
            sees="For GELU, SiLU and Mish you return the right end, 6.",
            why="The least value is the lowest, on the axis of outputs.",
            probe="argmin_of(lambda x: (x - 1) ** 2)  # 1 is wanted",
        ),
    ),
    hints=(
        "Call f on an array of many points between -6 and 6. Which of the points gives the least value?",
        "How far can the answer of a grid be from the true place? Half a step. Which step do you need for "
        "0.0001, or how could a second grid help?",
        "For GELU the place is -0.7518, for SiLU -1.2785, for Mish -1.1924.",
        "Try a function of your own, with two valleys: lambda x: ((x - 1) * (x - 4.5)) ** 2 - x.",
    ),
)

QUESTIONS = (_GELU, _GELU_GRAD, _SILU, _MISH, _ARGMIN_OF)
