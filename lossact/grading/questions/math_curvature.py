"""Exercise math/curvature: second derivatives by differences and by hand, real minima and false ones."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import sigmoid
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

Function = Callable[[Any], Any]

_INPUT, _LABEL = np.array([0.9, 0.9, 0.1, 15.2]), np.array([1.0, 1.0, 0.0, 0.0])
_GRID = np.linspace(-4, 8, 1201)
_LN2 = float(np.log(2))


def _called(name: str, function: Function) -> Function:
    """A function under the name that a learner reads in a verdict."""
    function.__name__ = name
    return function


# --- curvature ------------------------------------------------------------------------------------------


def _second_difference(f: Function, z: Any, h: float = 1e-4) -> Any:
    z = np.asarray(z, dtype=np.float64)
    return (f(z + h) - 2 * f(z) + f(z - h)) / h**2


_SQUARED = _called("(σ(z) - 1)²", lambda z: (sigmoid(z) - 1) ** 2)
_LOGISTIC = _called("-log σ(z)", lambda z: np.logaddexp(0, -z))
_CUBE = _called("z³", lambda z: z**3)
_PARABOLA = _called("3z² - 2z", lambda z: 3 * z**2 - 2 * z)
_HIGH = _called("3z² - 2z + 10", lambda z: 3 * z**2 - 2 * z + 10)
_EXP = _called("exp(z)", lambda z: np.exp(z))
_SINE = _called("sin(2z)", lambda z: np.sin(2 * z))


def _smooth(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_PARABOLA, np.array([0.0, 1.0])),
        (_CUBE, rng.uniform(0.5, 1.5, size=(2, 3))),
        (_HIGH, rng.normal(size=3)),
        (_EXP, rng.normal(size=4)),
        (_SINE, rng.uniform(0.3, 1.2, size=3)),
        (_CUBE, np.array([1, -2])),
    ]


def _to_four_digits(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_CUBE, np.array([1.0, -2.0])),
        (_HIGH, rng.normal(size=5)),
        (_SINE, rng.uniform(0.3, 1.2, size=5)),
        (_SQUARED, -_LN2 - rng.uniform(0.3, 2.0, size=5)),
    ]


def _digits(arguments: Arguments, values: tuple[Any, ...]) -> dict[str, float | bool]:
    f, z = arguments
    if len(values) != 1 or values[0].shape != np.shape(z):
        raise ValueError(f"an array of shape {np.shape(z)} is wanted")
    return {"right to four digits": bool(np.allclose(values[0], _second_difference(f, z), rtol=1e-4, atol=0))}


def _of_a_logit(rng: np.random.Generator) -> list[Arguments]:
    below = -_LN2 - rng.uniform(0.3, 2.0, size=3)
    above = -_LN2 + rng.uniform(0.3, 1.5, size=3)
    return [(_SQUARED, below), (_SQUARED, above), (_LOGISTIC, below), (_LOGISTIC, above)]


def _places_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_PARABOLA, np.array([0.0, 1.0])), (_CUBE, rng.uniform(0.5, 1.5, size=5))]


def _slope(f: Function, z: Any) -> Any:
    return (f(z + 1e-5) - f(z - 1e-5)) / 2e-5


def _not_squared(f: Function, z: Any) -> Any:
    return _second_difference(f, z) * 1e-4


def _middle_once(f: Function, z: Any) -> Any:
    h = 1e-4
    return (f(z + h) - f(z) + f(z - h)) / h**2


def _two_h(f: Function, z: Any) -> Any:
    return _second_difference(f, z) / 4


def _one_sided(f: Function, z: Any) -> Any:
    h = 1e-3
    return (f(z + 2 * h) - 2 * f(z + h) + f(z)) / h**2


# --- the squared error of a sigmoid ---------------------------------------------------------------------


def _curvature(z: Any, y: Any) -> Any:
    s, slope, bend = _sigmoid_and_slopes(z)
    return 2 * (slope**2 + (s - y) * bend)


def _sigmoid_and_slopes(z: Any) -> tuple[Any, Any, Any]:
    s = sigmoid(np.asarray(z, dtype=np.float64))
    slope = s * (1 - s)
    return s, slope, slope * (1 - 2 * s)


def _logits(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-2.0, 0.0, 2.0]), np.array([1.0, 1.0, 1.0])),
        (rng.normal(size=5), np.array([0.0, 1.0, 0.0, 1.0, 1.0])),
        (rng.normal(size=(2, 3)), rng.uniform(size=(2, 3))),
        (np.array([-1, 0, 3]), np.array([1, 0, 0])),
    ]


def _both_signs(rng: np.random.Generator) -> list[Arguments]:
    return [
        (-_LN2 + np.array([-0.1, 0.1]), np.ones(2)),
        (_LN2 + np.array([-0.1, 0.1]), np.zeros(2)),
        (rng.uniform(-3, 3, size=7), np.ones(7)),
    ]


def _extreme_logits(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-800.0, 800.0]), np.array([1.0, 0.0])),
        (np.array([1000.0, -1000.0, 0.5]), np.array([1.0, 0.0, 0.0])),
    ]


def _logits_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.normal(size=4), rng.uniform(size=4)), (np.array([0.5]), np.array([1.0]))]


def _with(formula: Callable[..., Any]) -> Callable[..., Any]:
    """A curvature out of residual, first and second derivative of the sigmoid, and the sigmoid itself."""

    def answer(z: Any, y: Any) -> Any:
        s, slope, bend = _sigmoid_and_slopes(z)
        return formula(s - y, slope, bend, s)

    return answer


def _overflows(z: Any, y: Any) -> Any:
    e = np.exp(-z)
    s = 1 / (1 + e)
    return 2 * ((s * (1 - s)) ** 2 + (s - y) * s * (1 - s) * (1 - 2 * s))


def _exponentials_divided(z: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        e = np.exp(z)
        s = e / (1 + e)
        return 2 * ((s * (1 - s)) ** 2 + (s - y) * s * (1 - s) * (1 - 2 * s))


# --- two weights in a row -------------------------------------------------------------------------------


def _parts(w: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """The means of p (1 - p) x² and of (p - y) x."""
    p = sigmoid(np.asarray(w[0] * w[1] * x, dtype=np.float64))
    return np.mean(p * (1 - p) * x**2), np.mean((p - y) * x)


def _hessian(w: Any, x: Any, y: Any) -> Any:
    inner, residual = _parts(w, x, y)
    across = inner * w[0] * w[1] + residual
    return np.array([[inner * w[1] ** 2, across], [across, inner * w[0] ** 2]])


def _of_parts(formula: Callable[[Any, Any, Any, Any], Any]) -> Callable[..., Any]:
    def answer(w: Any, x: Any, y: Any) -> Any:
        return np.asarray(formula(*_parts(w, x, y), w[0], w[1]), dtype=np.float64)

    return answer


def _weights(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.5, -1.0]), np.array([1.0, 2.0]), np.array([1.0, 0.0])),
        (rng.normal(size=2), rng.normal(size=5), rng.integers(2, size=5).astype(float)),
        (rng.normal(size=2), rng.normal(size=3), np.array([1.0, 0.0, 1.0])),
        (np.array([2, -1]), np.array([1, 3, -2]), np.array([1, 1, 0])),
    ]


def _saddles(rng: np.random.Generator) -> list[Arguments]:
    w = float(rng.uniform(0.5, 1.5))
    return [
        (np.zeros(2), np.array([1.0]), np.array([1.0])),
        (np.array([w, 0.0]), rng.uniform(0.5, 2, size=4), np.ones(4)),
        (np.array([w, -w]), rng.uniform(0.5, 2, size=4), np.array([1.0, 1.0, 1.0, 0.0])),
    ]


def _weights_twice(rng: np.random.Generator) -> list[Arguments]:
    w, x, y = rng.normal(size=2), rng.normal(size=3), np.array([1.0, 0.0, 1.0])
    return [(w, np.tile(x, 2), np.tile(y, 2)), (w, np.tile(x[:1], 4), np.tile(y[:1], 4))]


def _extreme_weights(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([40.0, 20.0]), np.array([1.0, -1.0]), np.array([0.0, 1.0])),
        (np.array([1.0, 1.0]), np.array([900.0, -900.0, 1.0]), np.array([1.0, 0.0, 1.0])),
    ]


def _weights_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.normal(size=2), rng.normal(size=3), np.array([1.0, 0.0, 1.0]))]


def _hessian_overflows(w: Any, x: Any, y: Any) -> Any:
    z = w[0] * w[1] * x
    p = 1 / (1 + np.exp(-z))
    inner, residual = np.mean(p * (1 - p) * x**2), np.mean((p - y) * x)
    across = inner * w[0] * w[1] + residual
    return np.array([[inner * w[1] ** 2, across], [across, inner * w[0] ** 2]])


def _hessian_sum(w: Any, x: Any, y: Any) -> Any:
    return _hessian(w, x, y) * len(x)


def _hessian_without_slope(w: Any, x: Any, y: Any) -> Any:
    _, residual = _parts(w, x, y)
    inner = np.mean(np.square(np.asarray(x, dtype=np.float64)))
    across = inner * w[0] * w[1] + residual
    return np.array([[inner * w[1] ** 2, across], [across, inner * w[0] ** 2]])


# --- minima ---------------------------------------------------------------------------------------------


def _minima(f: Function, grid: Any, barrier: float) -> Any:
    return grid[_low_places(f(grid), barrier)]


def _low_places(values: Any, barrier: float, last: bool = False) -> Any:
    """The places in an array from which the values climb by `barrier` on both sides.

    Walks from left to right and looks in turn for a fall by `barrier` and for a climb by as much.
    """
    found: list[int] = []
    highest, lowest = values[0], -1
    for place, value in enumerate(values):
        if lowest < 0:
            highest = max(highest, value)
            if value <= highest - barrier:
                lowest = place
        elif value < values[lowest] or (last and value == values[lowest] == values[place - 1]):
            lowest = place
        elif value >= values[lowest] + barrier:
            found.append(lowest)
            highest, lowest = value, -1
    return np.array(found, dtype=int)


def _mean_over_points(loss: Callable[[Any, Any], Any], name: str, x: Any, y: Any) -> Function:
    """The mean loss of the logits w x against y, for an array of weights w."""
    return _called(name, lambda w: np.mean(loss(np.multiply.outer(w, x), y), axis=-1))


def _squared_error(z: Any, y: Any) -> Any:
    return (sigmoid(z) - y) ** 2


def _cross_entropy(z: Any, y: Any) -> Any:
    return np.logaddexp(0, z) - y * z


_MSE_OF_FOUR = _mean_over_points(_squared_error, "squared error of σ(w x), four points", _INPUT, _LABEL)
_BCE_OF_FOUR = _mean_over_points(_cross_entropy, "cross-entropy of σ(w x), four points", _INPUT, _LABEL)


def _wells(rng: np.random.Generator) -> Function:
    """Three valleys of different depths: at about -2, 0 and 2, with hills of 0.5 and more between them."""
    shift, depths = float(rng.uniform(-0.2, 0.2)), rng.permutation([1.0, 1.4, 1.8])

    def value(x: Any) -> Any:
        dips = [d * np.exp(-4 * (x - shift - c) ** 2) for d, c in zip(depths, (-2, 0, 2), strict=True)]
        return 0.05 * (x - shift) ** 2 - sum(dips)

    return _called("three valleys", value)


def _landscapes(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_MSE_OF_FOUR, _GRID, 1e-3),
        (_BCE_OF_FOUR, _GRID, 1e-3),
        (_wells(rng), np.linspace(-4, 4, 401), 0.1),
        (_MSE_OF_FOUR, np.linspace(-100, 100, 4001), 1e-3),
    ]


def _barriers(rng: np.random.Generator) -> list[Arguments]:
    near, far = _called("|x² - 4| + x", lambda x: np.abs(x**2 - 4) + x), np.linspace(-4, 4, 161)
    return [
        (_MSE_OF_FOUR, _GRID, 0.06),
        (_MSE_OF_FOUR, _GRID, 0.08),
        (near, far, 2.0),
        (near, far, 2.5),
    ]


_PLATEAU = _called("log(exp(z) + exp(z + 1)) - z", lambda z: np.log(np.exp(z) + np.exp(z + 1)) - z)


def _rounded(rng: np.random.Generator) -> list[Arguments]:
    return [(_PLATEAU, np.linspace(20, 40, 2001), 1e-3)]


def _found_any(arguments: Arguments, values: tuple[Any, ...]) -> dict[str, float | bool]:
    """Which of the rounding errors look like a minimum differs from machine to machine."""
    if len(values) != 1 or values[0].ndim != 1:
        raise ValueError("an array of places is wanted")
    return {"there is a minimum on the plateau": values[0].size > 0}


def _noisy(rng: np.random.Generator) -> list[Arguments]:
    place = float(rng.uniform(-0.5, 0.5))
    return [
        (
            _called("a parabola with ripples", lambda x: (x - place) ** 2 + 0.02 * np.cos(40 * x)),
            np.linspace(-2, 2, 401),
            0.1,
        ),
        (
            _called(
                "two valleys with ripples",
                lambda x: (x**2 - 1) ** 2 + 0.1 * x + 0.01 * np.sin(60 * x + place),
            ),
            np.linspace(-2, 2, 401),
            0.1,
        ),
    ]


def _open_ends(rng: np.random.Generator) -> list[Arguments]:
    grid = np.linspace(-3, 3, 121)
    return [
        (_called("exp(x)", lambda x: np.exp(x)), grid, 1e-3),
        (_called("exp(-x)", lambda x: np.exp(-x)), grid, 1e-3),
        (_called("-x²", lambda x: -(x**2)), grid, 1e-3),
        (_called("always 1", lambda x: np.ones(x.shape)), grid, 1e-3),
        (_called("x³ - 3x", lambda x: x**3 - 3 * x), grid, 0.5),
    ]


def _table(*values: float) -> tuple[Function, Any]:
    """A function that has these values at 0, 1, 2, ..., and that grid."""
    grid = np.arange(len(values), dtype=float)
    name = "values " + " ".join(f"{value:g}" for value in values)
    return _called(name, lambda x: np.interp(x, grid, values)), grid


def _floors(rng: np.random.Generator) -> list[Arguments]:
    return [
        (*_table(3, 1, 1, 1, 3), 1.5),
        (*_table(3, 3, 0, 0, 4, 4, 1, 1, 5), 1.5),
        (*_table(4, 1, 1, 5, 2, 6), 1.5),
        (*_table(4, 3, 2, 3, 4), 1.5),
    ]


def _side_by_side(rng: np.random.Generator) -> list[Arguments]:
    return [
        (*_table(4, 1, 1.5, 0.5, 4), 1.5),
        (*_table(4, 0.5, 1.5, 1, 4), 1.5),
        (*_table(4, 2, 0, 1, 0, 3), 1.5),
        (*_table(0, 1, 4, 5, 1, 3, 2, 2.5), 1.5),
    ]


def _grid_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_wells(rng), np.linspace(-4, 4, 201), 0.1)]


def _candidates(values: Any) -> list[int]:
    """The first place of each floor, also a flat one, between two higher places; not the ends."""
    found, start = [], 0
    for place in range(1, len(values)):
        if values[place] != values[start]:
            if start > 0 and values[start - 1] > values[start] < values[place]:
                found.append(start)
            start = place
    return found


def _climbs(values: Any, place: int) -> tuple[float, float]:
    """How far the values climb to the left and right of a place before they fall below it."""
    here, highest = values[place], []
    for side in (values[:place][::-1], values[place + 1 :]):
        below = np.flatnonzero(side < here)
        before = side[: below[0]] if below.size else side
        highest.append(float(np.max(before, initial=here)) - here)
    return highest[0], highest[1]


def _lowest_only(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    places = _low_places(values, barrier)
    return grid[places[np.argmin(values[places])][None]] if places.size else grid[places]


def _downhill(f: Function, grid: Any, barrier: float) -> Any:
    """Walks down from the middle and stops where every step leads up."""
    values, place = f(grid), len(grid) // 2
    found = _low_places(values, barrier)
    if not found.size:
        return grid[found]
    while True:
        around = values[max(place - 1, 0) : place + 2]
        lowest = max(place - 1, 0) + int(np.argmin(around))
        if values[lowest] >= values[place]:
            break
        place = lowest
    return grid[np.array([found[np.argmin(np.abs(found - place))]])]


def _every_dip(f: Function, grid: Any, barrier: float) -> Any:
    return grid[_candidates(f(grid)) or _NONE]


def _either_side(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    return grid[[p for p in _candidates(values) if max(_climbs(values, p)) >= barrier] or _NONE]


def _highest_anywhere(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    kept = [
        p
        for p in _candidates(values)
        if min(np.max(values[: p + 1]), np.max(values[p:])) >= values[p] + barrier
    ]
    return grid[kept or _NONE]


def _next_point(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    kept = [p for p in _candidates(values) if min(values[p - 1], values[p + 1]) >= values[p] + barrier]
    return grid[kept or _NONE]


def _ends_too(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    walled = np.concatenate([[np.inf], values, [np.inf]])
    return grid[_low_places(walled, barrier) - 1]


def _maxima(f: Function, grid: Any, barrier: float) -> Any:
    return grid[_low_places(-f(grid), barrier)]


def _heights(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    return values[_low_places(values, barrier)]


def _places(f: Function, grid: Any, barrier: float) -> Any:
    return _low_places(f(grid), barrier)


def _no_flat_floor(f: Function, grid: Any, barrier: float) -> Any:
    values = f(grid)
    return grid[[p for p in _low_places(values, barrier) if values[p + 1] > values[p]] or _NONE]


def _whole_floor(f: Function, grid: Any, barrier: float) -> Any:
    values, kept = f(grid), []
    for place in _low_places(values, barrier):
        end = place
        while values[end] == values[place]:
            kept.append(end)
            end += 1
    return grid[kept or _NONE]


def _right_end_of_floor(f: Function, grid: Any, barrier: float) -> Any:
    return grid[_low_places(f(grid), barrier, last=True)]


_NONE: Any = np.array([], dtype=int)


# --- questions ------------------------------------------------------------------------------------------

_CURVATURE = Question(
    name="curvature",
    reference=_second_difference,
    checks=(
        Check("smooth functions, z of shapes (N,) and (N, D)", _smooth, rtol=0.02, atol=0.01),
        Check("two losses of a logit", _of_a_logit, points=Decimal(2), rtol=0.02, atol=1e-4),
        Check("four digits", _to_four_digits, measure=_digits),
        Check("the inputs are left as they were", _places_to_keep, watch="inputs", rtol=0.02, atol=0.01),
    ),
    misconceptions=(
        Misconception(
            id="E4.2a",
            name="That is the slope, the first derivative.",
            function=_slope,
            sees="For 3z² - 2z you return 6z - 2, and 6 is wanted everywhere.",
            why="The slope says where the loss falls. The curvature says whether the slope itself grows: "
            "convex where it does, concave where it shrinks.",
            probe="curvature(lambda z: z**2, np.array([0.0, 5.0]))  # 2 and 2 are wanted",
        ),
        Misconception(
            id="M129",
            name="Your step is too small for a second derivative.",
            function=lambda f, z: _second_difference(f, z, 1e-8),
            sees="Your numbers are 0, or off by several units, and change at random from place to place.",
            why="Values of f are rounded at the sixteenth digit. A first difference divides that by h, a "
            "second one by h²: 1e-16 / 1e-16 is 1. The best step is near 1e-4.",
            probe="curvature(lambda z: z**3, np.array([1.0, 1.1]))  # 6 and 6.6 are wanted",
        ),
        Misconception(
            id="M129",
            name="Your step is somewhat too small for a second derivative.",
            function=lambda f, z: _second_difference(f, z, 1e-6),
            sees="You are right to three digits, and four are wanted.",
            why="Values of f are rounded at the sixteenth digit. A second difference divides that by h²: "
            "with h = 1e-6 four digits are left of f, fewer of its curvature.",
            probe="abs(curvature(lambda z: z**2 + 10, np.linspace(-1, 1, 50)) - 2).max() < 1e-4",
        ),
        Misconception(
            id="E4.2b",
            name="You divided by h. A second difference is divided by h².",
            function=_not_squared,
            sees="Your numbers are near 0, and they change with the step that you choose.",
            why="The difference of two slopes is divided by h once more.",
            probe="curvature(lambda z: z**2, np.array([0.0, 5.0]))  # 2 and 2 are wanted",
        ),
        Misconception(
            id="E4.2c",
            name="The value in the middle must be taken twice.",
            function=_middle_once,
            sees="Your numbers are of the size f / h²: enormous.",
            why="(f(z + h) - f(z)) - (f(z) - f(z - h)) has f(z) twice. Only then does a straight line have "
            "curvature 0.",
            probe="curvature(lambda z: z + 1, np.array([1.0]))  # 0 is wanted",
        ),
        Misconception(
            id="E4.2d",
            name="You divided by (2h)². The two slopes are h apart, not 2h.",
            function=_two_h,
            sees="Your numbers are the right ones divided by 4.",
            why="One slope belongs to z + h/2, the other to z - h/2.",
            probe="curvature(lambda z: z**2, np.array([0.0, 5.0]))  # 2 and 2 are wanted",
        ),
        Misconception(
            id="E4.2e",
            name="Your three points lie on one side of z.",
            function=_one_sided,
            sees="You are off in the third or fourth digit, except for parabolas.",
            why="That is the curvature at z + h. The error of the symmetric form shrinks with h², this one "
            "with h.",
            probe="abs(curvature(lambda z: z**3, np.array([1.0]))[0] - 6) < 1e-4",
        ),
    ),
    hints=(
        "The curvature is the slope of the slope. Take the slope between z and z + h, and the one between z "
        "- h and z.",
        "How far apart are the two places to which these slopes belong?",
        "Try z², which has curvature 2 everywhere, with steps of 1e-2, 1e-4, 1e-6 and 1e-8. Which step is "
        "best?",
    ),
    curve=Curve(
        axis="z, for the loss (σ(z) - 1)²",
        points=tuple(np.linspace(-6, 6, 61)),
        call=lambda point: (_SQUARED, np.array([point])),
        pick=lambda values: float(values[0][0]),
    ),
)

_NO_CONVEXITY = (
    "At z = -2 with y = 1 the true curvature is -0.12, with the first term alone 0.022. The sign is what "
    "matters: where it is negative, going wrong further makes the slope smaller."
)

_MSE_SIGMOID_CURVATURE = Question(
    name="mse_sigmoid_curvature",
    reference=_curvature,
    checks=(
        Check("floats and integers of several shapes", _logits, points=Decimal(2)),
        Check("convex here, concave there", _both_signs),
        Check("far out: 0, and no warning", _extreme_logits, watch="warnings"),
        Check("the inputs are left as they were", _logits_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M132",
            name="You took the squared error for convex in z: the term with the second derivative of the "
            "sigmoid is missing.",
            function=_with(lambda e, slope, bend, s: 2 * slope**2),
            sees="Your curvature is never negative.",
            why=_NO_CONVEXITY,
            probe="mse_sigmoid_curvature(np.array([-2.0]), np.array([1.0]))  # -0.12 is wanted",
        ),
        Misconception(
            id="M132",
            name="That is the curvature in the prediction p. The square is convex there, and z is another "
            "variable.",
            function=_with(lambda e, slope, bend, s: np.full(np.shape(e), 2.0)),
            sees="You return 2 everywhere.",
            why="Convex in p says nothing of z: the sigmoid bends the axis. (σ(z) - 1)² is concave for z < "
            "-log 2.",
            probe="mse_sigmoid_curvature(np.array([-2.0]), np.array([1.0]))  # -0.12 is wanted",
        ),
        Misconception(
            id="M11",
            name="The curvature of half the squared error. This course writes it without the half.",
            function=_with(lambda e, slope, bend, s: slope**2 + e * bend),
            sees="Your numbers are half of the right ones.",
            why="Where the curvature changes its sign does not depend on the factor, but the size of a good "
            "step does.",
            probe="mse_sigmoid_curvature(np.array([0.0]), np.array([1.0]))  # 0.125 is wanted",
            convention=True,
        ),
        Misconception(
            id="E4.2f",
            name="The second derivative of the sigmoid is σ'(1 - 2σ). You left out σ'.",
            function=_with(lambda e, slope, bend, s: 2 * (slope**2 + e * (1 - 2 * s))),
            sees="Far out on the wrong side, where everything is flat, your curvature is near -2.",
            why="σ' = σ - σ²; its derivative is σ' - 2σσ', by the chain rule.",
            probe="mse_sigmoid_curvature(np.array([-9.0]), np.array([1.0]))  # nearly 0 is wanted",
        ),
        Misconception(
            id="E4.2g",
            name="The residual is turned round: y - p instead of p - y.",
            function=_with(lambda e, slope, bend, s: 2 * (slope**2 - e * bend)),
            sees="You find it convex where it is concave: for y = 1 far to the left.",
            why="Of a wrong and confident neuron you would say the opposite of what happens.",
            probe="mse_sigmoid_curvature(np.array([-2.0]), np.array([1.0]))  # -0.12 is wanted",
        ),
        Misconception(
            id="E4.2h",
            name="The first derivative of the sigmoid must be squared in the first term.",
            function=_with(lambda e, slope, bend, s: 2 * (slope + e * bend)),
            sees="At z = 0 you are 0.375 too high, for either label.",
            why="dL/dz = 2(σ - y)σ'. The derivative of σ - y brings another σ'.",
            probe="mse_sigmoid_curvature(np.array([0.0]), np.array([1.0]))  # 0.125 is wanted",
        ),
        Misconception(
            id="E4.2i",
            name="That is the slope, the first derivative.",
            function=_with(lambda e, slope, bend, s: 2 * e * slope),
            sees="At z = 0 with y = 1 you return -0.25, and 0.125 is wanted.",
            why="The slope has one sign for y = 1; the curvature changes its sign at z = -log 2.",
            probe="mse_sigmoid_curvature(np.array([0.0]), np.array([1.0]))  # 0.125 is wanted",
        ),
        Misconception(
            id="E4.2j",
            name="Your sigmoid overflows: exp(-z) is infinite below z = -709.",
            function=_overflows,
            sees="The values are right, but NumPy warns far out.",
            why="Here the infinity is divided away again; in the next formula it will not be.",
            probe="np.exp(710.0)",
        ),
        Misconception(
            id="E4.2k",
            name="Your sigmoid overflows: exp(z) / (1 + exp(z)) is inf / inf above z = 709.",
            function=_exponentials_divided,
            sees="Far to the right your curvature is nan.",
            why="One nan in a batch makes every weight nan at the next step.",
            probe="np.exp(710.0) / (1 + np.exp(710.0))",
        ),
    ),
    hints=(
        "Differentiate once: 2 (σ - y) σ'. That is a product. What are the derivatives of its two factors?",
        "σ' = σ(1 - σ). Its derivative has the factor 1 - 2σ. Where does it change its sign?",
        "Compare with your own `curvature`, at z = -2, 0 and 2, once for y = 1 and once for y = 0.",
    ),
    curve=Curve(
        axis="z, with y = 1",
        points=tuple(np.linspace(-6, 6, 61)),
        call=lambda point: (np.array([point]), np.array([1.0])),
        pick=lambda values: float(values[0][0]),
    ),
)

_TWO_WEIGHT_HESSIAN = Question(
    name="two_weight_hessian",
    reference=_hessian,
    checks=(
        Check("ordinary weights", _weights, points=Decimal(2)),
        Check("where one weight is 0, and other saddles", _saddles),
        Check("the same samples several times over", _weights_twice),
        Check("far out, without a warning", _extreme_weights, watch="warnings"),
        Check("the inputs are left as they were", _weights_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M131",
            name="You took the cross-entropy for convex in the weights: the term with the residual is "
            "missing.",
            function=_of_parts(lambda a, r, u, v: [[a * v * v, a * u * v], [a * u * v, a * u * u]]),
            sees="Your matrix never has a negative eigenvalue. The right one has, at [0, 0] for example.",
            why="The cross-entropy is convex in the logit. The logit is a product of weights, and a product "
            "is no convex function of its factors: at [0, 0], x = y = 1, the eigenvalues are ±0.5.",
            probe="np.linalg.eigvalsh(two_weight_hessian(np.zeros(2), np.ones(1), np.ones(1)))  # -0.5 and "
            "0.5",
        ),
        Misconception(
            id="E4.2l",
            name="You left out what the two weights do together.",
            function=_of_parts(lambda a, r, u, v: [[a * v * v, 0.0], [0.0, a * u * u]]),
            sees="Beside the diagonal you have zeros.",
            why="Whether a point is a saddle is decided there: the diagonal here is never negative.",
            probe="two_weight_hessian(np.zeros(2), np.ones(1), np.ones(1))  # -0.5 beside the diagonal",
        ),
        Misconception(
            id="E4.2m",
            name="The diagonal is the wrong way round.",
            function=_of_parts(lambda a, r, u, v: [[a * u * u, a * u * v + r], [a * u * v + r, a * v * v]]),
            sees="Your first and last entry are exchanged.",
            why="How the loss bends along the first weight depends on the second: it is the factor that the "
            "first one is multiplied by.",
            probe="two_weight_hessian(np.array([0.0, 2.0]), np.ones(1), np.ones(1))  # 1 comes first, then 0",
        ),
        Misconception(
            id="E4.2n",
            name="The residual is turned round: y - p instead of p - y.",
            function=_of_parts(lambda a, r, u, v: [[a * v * v, a * u * v - r], [a * u * v - r, a * u * u]]),
            sees="Beside the diagonal your numbers have a part with the wrong sign.",
            why="At [0, 0] it turns the saddle by a right angle: descent would leave in the direction of the "
            "wrong labels.",
            probe="two_weight_hessian(np.zeros(2), np.ones(1), np.ones(1))  # -0.5 beside the diagonal",
        ),
        Misconception(
            id="M01",
            name="You summed over the samples instead of averaging.",
            function=_hessian_sum,
            sees="Your matrix is the right one times N.",
            why="A sum grows with the batch, and with it the curvature that limits the step.",
            probe="two_weight_hessian(np.zeros(2), np.ones(4), np.ones(4))  # -0.5 beside the diagonal",
        ),
        Misconception(
            id="E4.2o",
            name="The slope of the sigmoid, p(1 - p), is missing.",
            function=_hessian_without_slope,
            sees="Where p is near 0 or 1 your matrix is far too large.",
            why="p - y has the derivative p(1 - p) with respect to z, not 1.",
            probe="two_weight_hessian(np.array([0.0, 2.0]), np.ones(1), np.ones(1))  # 1 comes first, not 4",
        ),
        Misconception(
            id="E4.2j",
            name="Your sigmoid overflows: exp(-z) is infinite below z = -709.",
            function=_hessian_overflows,
            sees="The values are right, but NumPy warns far out.",
            why="Here the infinity is divided away again; in the next formula it will not be.",
            probe="np.exp(710.0)",
        ),
    ),
    hints=(
        "The first derivatives: by u it is the mean of (p - y) x v, by v the mean of (p - y) x u. Check them "
        "first.",
        "In the derivative by u, the weight v occurs twice: once inside of p, once outside. Inside gives a "
        "term with p(1 - p), outside one without.",
        "The matrix is symmetric. At [0, 0] only the residual is left, beside the diagonal.",
        "Compare with differences of the first derivatives, at a point where neither weight is 0.",
    ),
)

_FIND_MINIMA = Question(
    name="find_minima",
    reference=_minima,
    checks=(
        Check("losses of four points, and three valleys", _landscapes, points=Decimal(2)),
        Check("the barrier decides", _barriers),
        Check("rounding noise on a plateau", _rounded, measure=_found_any),
        Check("ripples", _noisy),
        Check("no minimum inside", _open_ends),
        Check("flat floors", _floors),
        Check("a dip beside one that is as deep, or deeper", _side_by_side),
        Check("the inputs are left as they were", _grid_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E4.2p",
            name="You return the lowest place only.",
            function=_lowest_only,
            sees="You find one minimum in every landscape.",
            why="Descent ends in the valley in which it starts. Of the four points under squared error one "
            "run ends at loss 0.21, another at 0.33.",
            probe="find_minima(lambda x: (x**2 - 1) ** 2 + 0.1 * x, np.linspace(-2, 2, 401), 0.1)  # two are "
            "wanted",
        ),
        Misconception(
            id="M132",
            name="You took the loss for convex: you walk downhill from the middle and stop in the first "
            "valley.",
            function=_downhill,
            sees="You find one minimum in every landscape, and not always the lowest.",
            why="The squared error of a sigmoid has two valleys for these four points. From a start at 2 you "
            "would never learn of the better one.",
            probe="find_minima(lambda x: (x**2 - 1) ** 2 + 0.1 * x, np.linspace(-2, 2, 401), 0.1)  # two are "
            "wanted",
        ),
        Misconception(
            id="E4.2q",
            name="You count every dip, however shallow: on a plateau these are rounding errors.",
            function=_every_dip,
            sees="On a flat stretch you find minima, other ones on each grid.",
            why="Where the loss is flat its values differ by 1e-16 up and down. Nothing that you do with the "
            "weights has caused that.",
            probe="plateau = lambda z: np.log(np.exp(z) + np.exp(z + 1)) - z  # 1.3133 for every z\n"
            "len(find_minima(plateau, np.linspace(20, 40, 2001), 1e-3))  # 0 is wanted",
        ),
        Misconception(
            id="E4.2r",
            name="You accept a climb on one side. It must climb by the barrier on both.",
            function=_either_side,
            sees="A ripple on a slope counts as a minimum for you.",
            why="A dip that opens to lower ground on one side, over a rise smaller than the barrier, holds "
            "nobody.",
            probe="find_minima(lambda x: x + 0.2 * np.sin(10 * x), np.linspace(-3, 3, 601), 1.0)  # none is "
            "wanted",
        ),
        Misconception(
            id="E4.2s",
            name="You measure the climb to the highest point anywhere, also beyond deeper ground.",
            function=_highest_anywhere,
            sees="Ripples in a valley count as minima of their own.",
            why="What lies behind a deeper place does not hold anything back: descent runs down to that "
            "place first.",
            probe="find_minima(lambda x: x**2 + 0.02 * np.cos(40 * x), np.linspace(-2, 2, 401), 0.1)  # one "
            "is wanted",
        ),
        Misconception(
            id="E4.2t",
            name="You demand the whole climb from one grid point to the next.",
            function=_next_point,
            sees="You find minima on coarse grids only; on fine ones there are none for you.",
            why="The finer the grid, the smaller each step up. The barrier is a height, whatever the number "
            "of steps.",
            probe="find_minima(lambda x: x**2, np.linspace(-2, 2, 402), 0.1)  # one is wanted",
        ),
        Misconception(
            id="E4.2u",
            name="You count the ends of the grid. There the function may fall on outside.",
            function=_ends_too,
            sees="For exp(x) you return the left end, for -x² both.",
            why="The loss exp(-z) has no minimum at all: each larger grid would find another one.",
            probe="find_minima(lambda x: np.exp(x), np.linspace(-2, 2, 401), 0.1)  # none is wanted",
        ),
        Misconception(
            id="E4.2v",
            name="You searched for hills.",
            function=_maxima,
            sees="Your places lie between the right ones.",
            why="Descent ends in valleys.",
            probe="find_minima(lambda x: np.cos(x), np.linspace(0.5, 8, 751), 0.1)  # 3.14 is wanted",
        ),
        Misconception(
            id="E4.2w",
            name="You return how low it is, not where.",
            function=_heights,
            sees="For the four points you return 0.205 and 0.334, the losses.",
            why="The height is f of the place; from the height the place cannot be had.",
            probe="find_minima(lambda x: (x - 1) ** 2, np.linspace(-2, 3, 501), 0.1)  # 1 is wanted",
        ),
        Misconception(
            id="E4.2x",
            name="You return the number of the grid point, not its place.",
            function=_places,
            sees="You return whole numbers, 388 and 654 for the four points.",
            why="The number depends on how fine the grid is; the place does not.",
            probe="find_minima(lambda x: (x - 1) ** 2, np.linspace(-2, 3, 501), 0.1)  # 1 is wanted",
        ),
        Misconception(
            id="E4.2y",
            name="A flat floor does not count for you: you demand that both neighbours be higher.",
            function=_no_flat_floor,
            sees="Where two neighbouring values are equally low you find nothing.",
            why="A hinge loss is exactly 0 over a whole stretch, and that stretch is its minimum.",
            probe="find_minima(lambda x: np.maximum(np.abs(x) - 1, 0), np.linspace(-3, 3, 61), 0.1)  # -1 is "
            "wanted",
        ),
        Misconception(
            id="E4.2z",
            name="You count every point of a flat floor. It is one minimum.",
            function=_whole_floor,
            sees="Where neighbouring values are equally low you return each of them.",
            why="How many points a floor has depends on the grid.",
            probe="find_minima(lambda x: np.maximum(np.abs(x) - 1, 0), np.linspace(-3, 3, 61), 0.1)  # one "
            "is wanted",
        ),
        Misconception(
            id="E4.2aa",
            name="Of a flat floor you return the right end. We take the left one.",
            function=_right_end_of_floor,
            sees="Only where neighbouring values are equally low do your places differ.",
            why="Every point of the floor is a minimum; one must be picked.",
            probe="find_minima(lambda x: np.maximum(np.abs(x) - 1, 0), np.linspace(-3, 3, 61), 0.1)  # -1 in "
            "ours",
            convention=True,
            accepted=True,
        ),
    ),
    hints=(
        "Call f once, on the whole grid. Then walk through the values from left to right.",
        "Two states take turns: you wait until the values have fallen by the barrier below the highest since "
        "the last minimum; then you keep the lowest until they have climbed by the barrier above it.",
        "Only when that climb is complete is the lowest a minimum. What does this mean at the right end of "
        "the grid?",
        "Try |x² - 4| + x on a grid from -4 to 4, with barriers of 0.1 and 5. How many minima should there "
        "be?",
    ),
)

QUESTIONS = (_CURVATURE, _MSE_SIGMOID_CURVATURE, _TWO_WEIGHT_HESSIAN, _FIND_MINIMA)
