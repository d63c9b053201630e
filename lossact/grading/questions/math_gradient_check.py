"""Exercise math/gradient_check: a gradient by differences, the error that means something, kinks."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import mse_loss
from lossact.gradcheck import gradcheck, numerical_gradient, relative_error
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

Function = Callable[[Any], Any]

_H = 1e-5


def _called(name: str, function: Function) -> Function:
    """A function under the name that a learner reads in a verdict."""
    function.__name__ = name
    return function


# --- functions to differentiate, with their gradients ---------------------------------------------------


def _cubes() -> tuple[Function, Function]:
    return _called("sum of x³", lambda x: np.sum(x**3)), _called("3x²", lambda x: 3 * x**2)


def _squares() -> tuple[Function, Function]:
    return _called("sum of x²", lambda x: np.sum(x**2)), _called("2x", lambda x: 2 * x)


def _exponentials() -> tuple[Function, Function]:
    def value(x: Any) -> Any:
        return np.log(np.sum(np.exp(x)))

    return (
        _called("log of the sum of exp(x)", value),
        _called("exp(x) over its sum", lambda x: np.exp(x) / np.sum(np.exp(x))),
    )


def _product() -> tuple[Function, Function]:
    """Each slope depends on every other entry."""
    return (
        _called("square of the sum of x²", lambda x: np.sum(x**2) ** 2),
        _called("4x times the sum of x²", lambda x: 4 * x * np.sum(x**2)),
    )


def _distance(target: Any, unit: float = 1.0) -> tuple[Function, Function]:
    name = "mean of (x - t)²" if unit == 1 else f"{unit:g} times the mean of (x - t)²"
    return (
        _called(name, lambda x: unit * np.mean((x - target) ** 2)),
        _called("2(x - t)/n", lambda x: unit * 2 * (x - target) / np.size(target)),
    )


def _one_sided() -> tuple[Function, Function]:
    return (
        _called("sum of max(x, 0)²", lambda x: np.sum(np.maximum(x, 0) ** 2)),
        _called("2 max(x, 0)", lambda x: 2 * np.maximum(x, 0)),
    )


def _spoilt(gradient: Function, name: str, change: Function) -> Function:
    return _called(name, lambda x: change(gradient(x)))


def _away_from_zero(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """A generic point: both signs, and no entry near 0, where these functions have no slope to speak of."""
    signs = np.where(np.arange(np.prod(shape)) % 2, -1.0, 1.0).reshape(shape)
    return signs * rng.uniform(0.4, 1.6, size=shape)


# --- inputs: central_difference -------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_squares()[0], np.array([1.0, -3.0]), _H),
        (_cubes()[0], _away_from_zero(rng, (5,)), _H),
        (_exponentials()[0], rng.normal(size=3), _H),
    ]


def _matrices(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_squares()[0], np.array([[1.0, -3.0], [2.0, 0.5]]), _H),
        (_product()[0], _away_from_zero(rng, (2, 3)), _H),
        (_exponentials()[0], rng.normal(size=(3, 1)), _H),
        (_cubes()[0], _away_from_zero(rng, (2, 1, 3)), _H),
    ]


def _large_steps(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_cubes()[0], np.array([1.0, -2.0]), 0.5),
        (_product()[0], _away_from_zero(rng, (4,)), 0.25),
        (_exponentials()[0], rng.normal(size=4), 1.0),
    ]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    return [(_squares()[0], np.array([1, -3]), _H), (_cubes()[0], rng.integers(2, 9, size=4), _H)]


def _single(rng: np.random.Generator) -> list[Arguments]:
    x = _away_from_zero(rng, (3,)).astype(np.float32)
    return [(_squares()[0], np.array([1.5, -2.5], dtype=np.float32), 1e-8), (_cubes()[0], x, 1e-8)]


def _not_one_number(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_called("x²", lambda x: x**2), rng.normal(size=3), _H),
        (_called("sums of the columns of x", lambda x: x.sum(axis=0)), rng.normal(size=(2, 3)), _H),
    ]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_squares()[0], np.array([0.1, -0.7, 1.3]), _H), (_cubes()[0], rng.normal(size=(3, 4)), _H)]


# --- wrong answers: central_difference ------------------------------------------------------------------


def _one(value: Any) -> Any:
    if np.size(value) != 1:
        raise ValueError(f"f returned an array of shape {np.shape(value)}; one number is wanted")
    return np.asarray(value).reshape(())[()]


def _moved(x: Any, index: Any, by: float) -> Any:
    moved = x.copy()
    moved[index] += by
    return moved


def _central(f: Function, x: Any, index: Any, h: float) -> Any:
    return (_one(f(_moved(x, index, h))) - _one(f(_moved(x, index, -h)))) / (2 * h)


def _forward(f: Function, x: Any, index: Any, h: float) -> Any:
    return (_one(f(_moved(x, index, h))) - _one(f(x.copy()))) / h


def _tiny_step(f: Function, x: Any, index: Any, h: float) -> Any:
    with np.errstate(all="ignore"):
        return _central(f, x, index, 1e-12)


def _not_halved(f: Function, x: Any, index: Any, h: float) -> Any:
    return 2 * _central(f, x, index, h)


def _turned_round(f: Function, x: Any, index: Any, h: float) -> Any:
    return -_central(f, x, index, h)


def _any_size(f: Function, x: Any, index: Any, h: float) -> Any:
    return np.sum(f(_moved(x, index, h)) - f(_moved(x, index, -h))) / (2 * h)


def _quotients(
    quotient: Callable[[Function, Any, Any, float], Any] = _central, dtype: Callable[[Any], Any] | None = None
) -> Callable[..., Any]:
    """The gradient, entry by entry, in an array of a certain type."""

    def answer(f: Function, x: Any, h: float) -> Any:
        x = np.asarray(x).astype(np.float64 if dtype is None else dtype(x))
        gradient = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            gradient[index] = quotient(f, x, index, h)
        return gradient

    return answer


def _kept_single(x: Any) -> Any:
    return np.float32 if x.dtype == np.float32 else np.float64


def _kept_whole(x: Any) -> Any:
    return x.dtype if x.dtype.kind in "iu" else np.float64


def _all_at_once(f: Function, x: Any, h: float) -> Any:
    x = x.astype(np.float64)
    return (_one(f(x + h)) - _one(f(x - h))) / (2 * h)


def _by_rows(f: Function, x: Any, h: float) -> Any:
    x = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for row in range(len(x)):
        gradient[row] = _central(f, x, row, h)
    return gradient


def _not_put_back(f: Function, x: Any, h: float) -> Any:
    x = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        upper = _one(f(x.copy()))
        x[index] -= 2 * h
        gradient[index] = (upper - _one(f(x.copy()))) / (2 * h)
    return gradient


def _in_place(f: Function, x: Any, h: float) -> Any:
    if x.dtype != np.float64:
        return numerical_gradient(f, x, h)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        upper = _one(f(x.copy()))
        x[index] -= 2 * h
        lower = _one(f(x.copy()))
        x[index] += h
        gradient[index] = (upper - lower) / (2 * h)
    return gradient


# --- inputs: gradcheck ----------------------------------------------------------------------------------


def _right_and_wrong(rng: np.random.Generator) -> list[Arguments]:
    target = rng.normal(size=(2, 3))
    x = target + _away_from_zero(rng, (2, 3))
    f, df = _distance(target)
    n = target.size
    cubes, cubes_df = _cubes()
    return [
        (_squares()[0], _called("x", lambda x: x), np.array([1.0, -3.0]), _H),
        (f, df, x, _H),
        (f, _spoilt(df, "(x - t)/n", lambda g: g / 2), x, _H),
        (f, _spoilt(df, "(x - t)/n", lambda g: g / 2), target + np.abs(x - target), _H),
        (f, _spoilt(df, "2(t - x)/n", lambda g: -g), x, _H),
        (f, _spoilt(df, "2(x - t)", lambda g: g * n), x, _H),
        (f, _spoilt(df, "2(x - t)/n²", lambda g: g / n), x, _H),
        (f, _spoilt(df, "2|x - t|/n", np.abs), x, _H),
        (cubes, cubes_df, _away_from_zero(rng, (4,)), _H),
        (*_exponentials(), rng.normal(size=3), _H),
    ]


def _one_element(rng: np.random.Generator) -> list[Arguments]:
    target = rng.normal(size=(3, 3))
    f, df = _distance(target)
    off = np.ones((3, 3))
    off[0, 2] = 1.05
    x = target + _away_from_zero(rng, (3, 3))
    x[0, 2] = target[0, 2] + 0.2  # a small entry: its error is nothing beside the others
    return [(f, _spoilt(df, "2(x - t)/n, one of nine 5 percent off", lambda g: g * off), x, _H)]


def _small_units(rng: np.random.Generator) -> list[Arguments]:
    target = rng.normal(size=4)
    x = target + _away_from_zero(rng, (4,))
    f, df = _distance(target, 1e-9)
    return [(f, _spoilt(df, "half of the right gradient", lambda g: g / 2), x, _H), (f, df, x, _H)]


def _zeros(rng: np.random.Generator) -> list[Arguments]:
    f, df = _one_sided()
    x = np.array([0.8, -0.6, 1.1, -1.4])
    return [
        (f, df, x, _H),
        (f, df, -np.abs(x), _H),
        (f, _spoilt(df, "max(x, 0)", lambda g: g / 2), x, _H),
        (f, _called("2x", lambda x: 2 * x), _away_from_zero(rng, (5,)), _H),
    ]


def _visible_truncation(rng: np.random.Generator) -> list[Arguments]:
    return [
        (*_cubes(), np.array([1.0, -2.0]), 0.5),
        (*_cubes(), _away_from_zero(rng, (2, 2)), 0.25),
        (*_squares(), np.array([1.0, -3.0]), 0.5),
    ]


def _checked_integers(rng: np.random.Generator) -> list[Arguments]:
    f, df = _squares()
    whole = rng.integers(2, 9, size=4)
    return [
        (f, df, np.array([1, -3]), _H),
        (f, _spoilt(df, "x", lambda g: g / 2), np.array([1, -3]), _H),
        (*_cubes(), whole, _H),
    ]


def _checked_single(rng: np.random.Generator) -> list[Arguments]:
    f, df = _squares()
    x = _away_from_zero(rng, (3,)).astype(np.float32)
    return [
        (f, df, np.array([1.5, -2.5], dtype=np.float32), 1e-6),
        (f, _spoilt(df, "x", lambda g: g / 2), x, 1e-6),
        (*_cubes(), x, 1e-6),
    ]


def _other_shape(rng: np.random.Generator) -> list[Arguments]:
    f, df = _squares()
    x = _away_from_zero(rng, (3,))
    return [
        (f, _spoilt(df, "2x as a column", lambda g: g[:, np.newaxis]), x, _H),
        (f, _spoilt(df, "the sum of 2x", np.sum), x, _H),
        (f, _spoilt(df, "2x as one row", np.ravel), x.reshape(3, 1), _H),
    ]


def _to_keep_checked(rng: np.random.Generator) -> list[Arguments]:
    return [
        (*_squares(), np.array([0.1, -0.7, 1.3]), _H),
        (*_cubes(), rng.uniform(0.5, 2, size=(3, 4)), _H),
    ]


# --- wrong answers: gradcheck ---------------------------------------------------------------------------


def _largest(claimed: Any, numerical: Any) -> Any:
    return np.max(relative_error(claimed, numerical))


def _compared(
    measure: Callable[[Any, Any], Any] = _largest, numerical: Callable[..., Any] = numerical_gradient
) -> Callable[..., Any]:
    """A check with another measure of the error or another numerical gradient; the shapes must agree."""

    def answer(f: Function, df: Function, x: Any, h: float) -> Any:
        point = x.astype(np.float64)
        claimed = np.asarray(df(point.copy()), dtype=np.float64)
        if claimed.shape != x.shape:
            raise ValueError(f"the gradient has shape {claimed.shape} and x has shape {x.shape}")
        with np.errstate(all="ignore"):
            return measure(claimed, numerical(f, x, h))

    return answer


def _absolute(claimed: Any, numerical: Any) -> Any:
    return np.max(np.abs(claimed - numerical))


def _average(claimed: Any, numerical: Any) -> Any:
    return np.mean(relative_error(claimed, numerical))


def _of_lengths(claimed: Any, numerical: Any) -> Any:
    longer = max(np.linalg.norm(claimed), np.linalg.norm(numerical))
    return np.linalg.norm(claimed - numerical) / longer if longer > 0 else 0.0


def _signed(claimed: Any, numerical: Any) -> Any:
    return np.max(np.sign(claimed - numerical) * relative_error(claimed, numerical))


def _against_the_sum(claimed: Any, numerical: Any) -> Any:
    size = np.abs(claimed) + np.abs(numerical)
    return np.max(np.divide(np.abs(claimed - numerical), size, out=np.zeros(size.shape), where=size > 0))


def _against_the_numerical(claimed: Any, numerical: Any) -> Any:
    difference = np.abs(claimed - numerical)
    return np.max(np.where(difference == 0, 0.0, difference / np.abs(numerical)))


def _unguarded(claimed: Any, numerical: Any) -> Any:
    return np.max(np.abs(claimed - numerical) / np.maximum(np.abs(claimed), np.abs(numerical)))


def _padded(claimed: Any, numerical: Any) -> Any:
    size = np.maximum(np.abs(claimed), np.abs(numerical))
    return np.max(np.abs(claimed - numerical) / np.maximum(size, 1e-8))


def _every_entry(claimed: Any, numerical: Any) -> Any:
    return relative_error(claimed, numerical)


def _at_zero(f: Function, df: Function, x: Any, h: float) -> Any:
    return gradcheck(f, df, np.zeros(x.shape), h)


def _any_shape(f: Function, df: Function, x: Any, h: float) -> Any:
    point = x.astype(np.float64)
    claimed, numerical = np.broadcast_arrays(df(point.copy()), numerical_gradient(f, point, h))
    return np.max(relative_error(claimed, numerical))


def _checked_in_place(f: Function, df: Function, x: Any, h: float) -> Any:
    claimed = np.asarray(df(x.astype(np.float64)))
    if claimed.shape != x.shape:
        raise ValueError(f"the gradient has shape {claimed.shape} and x has shape {x.shape}")
    return np.max(relative_error(claimed, _in_place(f, x, h)))


# --- a gradient by hand ---------------------------------------------------------------------------------


def _fits(W: Any, x: Any, y: Any) -> None:
    if np.ndim(W) != 2 or np.ndim(x) != 2 or x.shape[1] != W.shape[0] or y.shape != (len(x), W.shape[1]):
        raise ValueError(f"W has shape {W.shape}, x has shape {x.shape}, y has shape {y.shape}")


def _layer(W: Any, x: Any, y: Any) -> Any:
    _fits(W, x, y)
    return x.T @ mse_loss.grad((x @ W).astype(float), y)


def _layers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(D, K)), rng.normal(size=(N, D)), rng.normal(size=(N, K)))
        for N, D, K in ((4, 3, 2), (3, 3, 3), (5, 2, 4), (2, 1, 1))
    ]


def _layers_twice(rng: np.random.Generator) -> list[Arguments]:
    W, x, y = rng.normal(size=(3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
    return [(W, np.tile(x, (2, 1)), np.tile(y, (2, 1))), (W, np.tile(x[:1], (5, 1)), np.tile(y[:1], (5, 1)))]


def _whole_layers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (
            rng.integers(-4, 5, size=(3, 2)),
            rng.integers(-4, 5, size=(5, 3)),
            rng.integers(-4, 5, size=(5, 2)),
        ),
        (rng.integers(-4, 5, size=(2, 2)), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))),
    ]


def _unfit_layers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(3, 1)), rng.normal(size=(4, 3)), rng.normal(size=4)),
        (rng.normal(size=(3, 4)), rng.normal(size=(4, 3)), rng.normal(size=4)),
        (rng.normal(size=(3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 1))),
        (rng.normal(size=(3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(1, 2))),
    ]


def _layer_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))),
        (rng.normal(size=(2, 2)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))),
    ]


def _layer_times(factor: Callable[[Any, Any], float]) -> Callable[..., Any]:
    return lambda W, x, y: _layer(W, x, y) * factor(x, y)


def _layer_unsigned(W: Any, x: Any, y: Any) -> Any:
    _fits(W, x, y)
    return x.T @ np.abs(mse_loss.grad((x @ W).astype(float), y))


def _layer_turned(W: Any, x: Any, y: Any) -> Any:
    return _layer(W, x, y).T


def _layer_broadcast(W: Any, x: Any, y: Any) -> Any:
    error = x @ W - y
    return 2 * x.T @ error / error.size


def _layer_cut(W: Any, x: Any, y: Any) -> Any:
    return _layer(W, x, y).astype(W.dtype)


def _layer_in_place(W: Any, x: Any, y: Any) -> Any:
    gradient = _layer(W, x, y)
    if y.dtype == np.float64:
        y -= x @ W
    return gradient


# --- kink or mistake ------------------------------------------------------------------------------------


def _slopes(f: Function, x: float, h: float) -> tuple[float, float, float]:
    """The quotients on the left and on the right, and the central one."""
    below, here, above = (float(value) for value in f(np.array([x - h, x, x + h])))
    return (here - below) / h, (above - here) / h, (above - below) / (2 * h)


def _apart(a: float, b: float) -> float:
    return float(relative_error(a, b))


def _kink_or_mistake(f: Function, slope: float, x: float, h: float) -> str:
    left, right, central = _slopes(f, x, h)
    if _apart(left, right) > 0.01:
        return "kink"
    return "right" if _apart(slope, central) < 1e-5 else "wrong"


def _never_a_kink(f: Function, slope: float, x: float, h: float) -> str:
    return "right" if _apart(slope, _slopes(f, x, h)[2]) < 1e-5 else "wrong"


def _one_side_is_enough(f: Function, slope: float, x: float, h: float) -> str:
    left, right, _ = _slopes(f, x, h)
    if _apart(left, right) <= 0.01:
        return _kink_or_mistake(f, slope, x, h)
    return "right" if min(_apart(slope, left), _apart(slope, right)) < 1e-5 else "kink"


def _only_where_it_disagrees(f: Function, slope: float, x: float, h: float) -> str:
    if _never_a_kink(f, slope, x, h) == "right":
        return "right"
    return _kink_or_mistake(f, slope, x, h)


def _all_doubt_is_a_kink(f: Function, slope: float, x: float, h: float) -> str:
    return "right" if _kink_or_mistake(f, slope, x, h) == "right" else "kink"


def _only_exactly_there(f: Function, slope: float, x: float, h: float) -> str:
    """Looks for the kink with steps so small that one beside the point is not seen."""
    left, right, _ = _slopes(f, x, h / 1000)
    if _apart(left, right) > 0.01:
        return "kink"
    return _never_a_kink(f, slope, x, h)


def _absolute_comparison(f: Function, slope: float, x: float, h: float) -> str:
    left, right, central = _slopes(f, x, h)
    if _apart(left, right) > 0.01:
        return "kink"
    return "right" if abs(slope - central) < 1e-5 else "wrong"


def _compared_by_forward(f: Function, slope: float, x: float, h: float) -> str:
    left, right, _ = _slopes(f, x, h)
    if _apart(left, right) > 0.01:
        return "kink"
    return "right" if _apart(slope, right) < 1e-5 else "wrong"


def _relu(x: Any) -> Any:
    return np.maximum(x, 0.0)


def _leaky(x: Any) -> Any:
    return np.where(x > 0, x, 0.1 * x)


def _steep(x: Any) -> Any:
    return np.exp(3 * x)


def _bent(left: float, right: float) -> Function:
    """A line with a bend at 0."""
    return _called(f"{left:g}x below 0, {right:g}x above", lambda x: np.where(x > 0, right * x, left * x))


_called("relu", _relu)
_called("leaky relu with slope 0.1", _leaky)
_called("exp(3x)", _steep)


def _smooth_places(rng: np.random.Generator) -> list[Arguments]:
    x = float(rng.uniform(0.3, 1.2))
    cosine, sine = float(np.cos(x)), np.sin
    return [
        (sine, cosine, x, _H),
        (sine, -cosine, x, _H),
        (sine, 1.01 * cosine, x, _H),
        (sine, cosine * (1 + 1.5e-5), x, _H),
        (sine, cosine * (1 - 7e-6), x, _H),
        (sine, cosine / 3, x, _H),
        (np.cos, -np.sin(x), x, _H),
        (np.cos, -np.sin(x) / 3, x, _H),
        (np.cos, -3 * np.sin(x), x, _H),
        (_steep, 3 * float(np.exp(3 * x)), x, _H),
        (_steep, float(np.exp(3 * x)), x, _H),
    ]


def _at_kinks(rng: np.random.Generator) -> list[Arguments]:
    near = _H * float(rng.uniform(0.3, 0.6))
    return [
        (_relu, 0.0, 0.0, _H),
        (_relu, 0.5, 0.0, _H),
        (np.abs, 0.0, 0.0, _H),
        (_relu, 1.0, near, _H),
        (_leaky, 0.1, -near, _H),
        (_leaky, 0.3, 0.0, _H),
        (_bent(2.0, 1.0), 2.0, 0.0, _H),
        (_bent(-1.0, -2.0), -1.0, 0.0, _H),
        (_bent(-2.0, -1.0), -2.0, near, _H),
        (_bent(1.0, -1.0), 0.0, 0.0, _H),
        (_bent(1.0, 1.015), 1.0, 0.0, _H),
        (_bent(1.0, 1.01005), 1.0, 0.0, _H),
    ]


def _away_from_kinks(rng: np.random.Generator) -> list[Arguments]:
    x = float(rng.uniform(0.3, 1.2))
    return [
        (_relu, 1.0, x, _H),
        (_relu, 0.5, x, _H),
        (_relu, 0.0, -x, _H),
        (_relu, 0.3, -x, _H),
        (_leaky, 0.1, -x, _H),
        (_leaky, 0.0, -x, _H),
        (np.abs, -1.0, -x, _H),
        (np.abs, 1.0, -3 * _H, _H),
    ]


def _in_small_units(rng: np.random.Generator) -> list[Arguments]:
    x = float(rng.uniform(0.3, 1.2))
    sine = _called("sin(x) / 10⁶", lambda x: 1e-6 * np.sin(x))
    relu = _called("relu(x) / 10⁶", lambda x: 1e-6 * np.maximum(x, 0))
    slope = 1e-6 * float(np.cos(x))
    return [(sine, slope / 2, x, _H), (sine, slope, x, _H), (relu, 0.0, 0.0, _H), (relu, 2e-6, x, _H)]


# --- questions ------------------------------------------------------------------------------------------

_IN_PLACE_WHY = (
    "x + h - 2h + h is not always x in floating point. Each check would leave the weights of "
    "your network a little different."
)

_CENTRAL_DIFFERENCE = Question(
    name="central_difference",
    reference=numerical_gradient,
    checks=(
        Check("x of shape (N,), and h = 1e-5", _ordinary, points=Decimal(2)),
        Check("x of other shapes", _matrices),
        Check("a large step: the central quotient, whatever its error", _large_steps),
        Check("integers", _integers),
        Check("float32: the work is done in float64", _single, rtol=1e-5),
        Check("a function that returns several numbers is refused with a ValueError", _not_one_number),
        Check("the inputs are left as they were", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M129",
            name="A forward difference: you compare the point ahead with the point itself.",
            function=_quotients(_forward),
            sees="With h = 0.5 your slope of x³ at 1 is 4.75, and 3.25 is wanted; with h = 1e-5 the fifth "
            "digit is off.",
            why="Its error shrinks with h, that of the central quotient with h²: 5e-6 against 1e-11 at "
            "h = 1e-5, for a function of ordinary size.",
            probe="central_difference(lambda x: (x**3).sum(), np.array([1.0]), 0.5)  # 3.25 is wanted",
        ),
        Misconception(
            id="M129",
            name="You took a tiny step of your own instead of h.",
            function=_quotients(_tiny_step),
            sees="Only the first three or four digits of your slopes are right, and h has no effect on them.",
            why="Each value of f is rounded at the sixteenth digit, and you divide that rounding by the "
            "step: 1e-16 / 1e-12 leaves four digits.",
            probe="central_difference(lambda x: (x**3).sum(), np.array([1.0]), 0.5)  # 3.25 is wanted",
        ),
        Misconception(
            id="M129",
            name="You kept the point in float32, where a step of 1e-8 is lost.",
            function=_quotients(dtype=_kept_single),
            sees="For a float32 array with h = 1e-8 all your slopes are 0.",
            why="float32 has 7 digits: 1.5 + 1e-8 is 1.5 again. With h = 1e-5 the third digit of the "
            "slope is off.",
            probe="x = np.array([1.5], dtype=np.float32)\n"
            "central_difference(lambda x: (x**2).sum(), x, 1e-8)  # 3 is wanted",
        ),
        Misconception(
            id="M07",
            name="You moved the entries of an integer array, which cuts the step off.",
            function=_quotients(dtype=_kept_whole),
            sees="For integers your slopes are huge: 150000 for x² at 2.",
            why="An array of integers holds no 3.00001. NumPy cuts it to 3 without a word.",
            probe="central_difference(lambda x: (x**2).sum(), np.array([2, 5]), 1e-5)  # 4 and 10 are wanted",
        ),
        Misconception(
            id="E4.1a",
            name="You divided by h. The two points are 2h apart.",
            function=_quotients(_not_halved),
            sees="Your slopes are exactly twice the right ones.",
            why="Every right gradient would be reported as half of what it should be.",
            probe="central_difference(lambda x: (x**2).sum(), np.array([3.0]), 1e-5)  # 6 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: behind minus ahead.",
            function=_quotients(_turned_round),
            sees="Your slopes are the right ones times -1.",
            why="Descent subtracts the gradient. With this one each step climbs.",
            probe="central_difference(lambda x: (x**2).sum(), np.array([3.0]), 1e-5)  # 6 is wanted",
        ),
        Misconception(
            id="E4.1b",
            name="You moved all entries at once.",
            function=_all_at_once,
            sees="You return one number: the sum of all slopes.",
            why="That is the slope along the direction (1, 1, ..., 1). Errors of opposite sign cancel in it.",
            probe="central_difference(lambda x: (x**2).sum(), np.array([1.0, -3.0]), 1e-5)  # [2, -6] is "
            "wanted",
        ),
        Misconception(
            id="E4.1c",
            name="You moved whole rows: your loop runs over the first axis only.",
            function=_by_rows,
            sees="Vectors are right. For a matrix all entries of a row get one number, the sum of their "
            "slopes.",
            why="x[i] is a row if x is a matrix. `np.ndindex(x.shape)` runs over every entry of any shape.",
            probe="central_difference(lambda x: (x**2).sum(), np.array([[1.0, 2.0]]), 1e-5)  # [2, 4] is "
            "wanted",
        ),
        Misconception(
            id="E4.1d",
            name="You did not put an entry back before you moved the next one.",
            function=_not_put_back,
            sees="The first slope is right; where entries act on each other, the later ones are not.",
            why="A partial derivative holds all other entries still.",
            probe="central_difference(lambda x: (x**2).sum() ** 2, np.array([1.0, 1.0]), 0.5)  # two equal "
            "slopes",
        ),
        Misconception(
            id="E4.1e",
            name="You let a function through that returns several numbers, and add them up.",
            function=_quotients(_any_size),
            sees="A function that returns an array is not refused.",
            why="The sum is the direction (1, ..., 1): it makes every wrong gradient of a softmax look "
            "right, since probabilities sum to 1.",
            probe="s = lambda x: np.exp(x) / np.exp(x).sum()\nx = np.array([0.3, 1.2])\n"
            "(s(x + [1e-5, 0]) - s(x - [1e-5, 0])).sum() / 2e-5  # the sum hides both slopes",
        ),
        Misconception(
            id="M08",
            name="You moved the entries of the caller's array.",
            function=_in_place,
            sees="The slopes are right, but after the call x differs in the last digits.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([0.1, 0.7]); central_difference(lambda x: (x**3).sum(), x, 1e-5)\n"
            "x - np.array([0.1, 0.7])  # what central_difference left",
        ),
    ),
    hints=(
        "One entry at a time: f once a little ahead, once a little behind. How far apart are the two points?",
        "Work on a copy in float64, and take a fresh one for each entry. Why does that matter for integers?",
        "`for index in np.ndindex(x.shape)` runs over all entries, whatever the number of axes.",
        "Try a function whose gradient you know: the sum of x² has 2x. Then one whose entries act on each "
        "other: the square of that sum has 4x times the sum.",
    ),
    curve=Curve(
        axis="x, for the function x³ with h = 0.5",
        points=tuple(np.linspace(-2, 2, 41)),
        call=lambda point: (_cubes()[0], np.array([point]), 0.5),
        pick=lambda values: float(values[0][0]),
    ),
)

_GRADCHECK = Question(
    name="gradcheck",
    reference=gradcheck,
    checks=(
        Check(
            "right gradients pass, five wrong ones do not",
            _right_and_wrong,
            points=Decimal(3),
            rtol=1e-5,
            atol=1e-6,
        ),
        Check("one element of nine is 5 percent off", _one_element, rtol=1e-5, atol=1e-6),
        Check("a loss in small units", _small_units, rtol=1e-5, atol=1e-6),
        Check("slopes of 0", _zeros, rtol=1e-5, atol=1e-6),
        Check("the step is h", _visible_truncation, rtol=1e-5),
        Check("integers", _checked_integers, rtol=1e-5, atol=1e-6),
        Check("float32: the work is done in float64", _checked_single, rtol=1e-5, atol=1e-6),
        Check("a gradient of another shape is refused with a ValueError", _other_shape),
        Check("the inputs are left as they were", _to_keep_checked, watch="inputs", atol=1e-6),
    ),
    misconceptions=(
        Misconception(
            id="E4.1f",
            name="An absolute error: you did not divide by the size of the slopes.",
            function=_compared(_absolute),
            sees="Your number changes with the units of the loss.",
            why="In units a billion times smaller each wrong gradient passes; in large ones a right "
            "gradient fails for its rounding.",
            probe="gradcheck(lambda x: 1e-9 * (x**2).sum(), lambda x: 1e-9 * x, np.ones(2), 1e-5)"
            "  # 0.5 is wanted",
        ),
        Misconception(
            id="M129",
            name="A forward difference: its own error of 5e-6 and more hides what you look for.",
            function=_compared(numerical=_quotients(_forward)),
            sees="Right gradients get an error near 5e-6 instead of 1e-10.",
            why="Central differences need one call more for each entry, and are right to ten digits.",
            probe="gradcheck(lambda x: (x**3).sum(), lambda x: 3 * x**2, np.array([1.0]), 0.5)"
            "  # 1/13 = 0.0769 is wanted",
        ),
        Misconception(
            id="M129",
            name="You took a tiny step of your own instead of h.",
            function=_compared(numerical=_quotients(_tiny_step)),
            sees="Right gradients get an error near 1e-4, and h has no effect.",
            why="Rounding at the sixteenth digit, divided by 1e-12, leaves four digits of the quotient.",
            probe="gradcheck(lambda x: (x**3).sum(), lambda x: 3 * x**2, np.array([1.0]), 0.5)"
            "  # 1/13 = 0.0769 is wanted",
        ),
        Misconception(
            id="M129",
            name="You differentiated in float32.",
            function=_compared(numerical=_quotients(dtype=_kept_single)),
            sees="For a float32 array right gradients get an error of some percent.",
            why="With 7 digits and h = 1e-6 one digit of the quotient is left.",
            probe="x = np.array([1.5, -2.5], dtype=np.float32)\n"
            "gradcheck(lambda x: (x**2).sum(), lambda x: 2 * x, x, 1e-6) < 1e-6",
        ),
        Misconception(
            id="M130",
            name="You checked at 0 and not at x.",
            function=_at_zero,
            sees="x has no effect on your number.",
            why="At 0 many wrong gradients are right: -7x for the sum of x² gets the error 0 there.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: -7 * x, np.array([1.0]), 1e-5)  # 9/7 is "
            "wanted",
        ),
        Misconception(
            id="E4.1g",
            name="You took the mean over the entries. The largest is wanted.",
            function=_compared(_average),
            sees="Where one element of nine is 5 percent off you return 0.5 percent.",
            why="One wrong entry among many right ones hides in the average, the better the larger the "
            "network.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: 2 * x * np.array([1.5, 1]), np.ones(2), 1e-5)"
            "  # 1/3 is wanted",
        ),
        Misconception(
            id="E4.1h",
            name="You compared the lengths of whole vectors, so that a small entry may be quite wrong.",
            function=_compared(_of_lengths),
            sees="A factor on the whole gradient is measured right, an error in one entry is not.",
            why="A small entry has no weight in the length. The bias of a layer can be all wrong beside its "
            "weights.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: 2 * x * np.array([1, 2]), np.array([9.0, "
            "0.1]), 1e-5)  # 0.5 is wanted",
        ),
        Misconception(
            id="E4.1i",
            name="You forgot the absolute value of the difference.",
            function=_compared(_signed),
            sees="Where the claimed gradient is too small your number is negative or 0.",
            why="The largest of negative numbers is near 0, and a gradient that is too small passes.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: x, np.array([1.0]), 1e-5)  # 0.5 is wanted",
        ),
        Misconception(
            id="E4.1j",
            name="You divided by the sum of the two sizes. We divide by the larger.",
            function=_compared(_against_the_sum),
            sees="A forgotten factor 2 gives 1/3 in your measure, 0.5 in ours; a wrong sign gives 1, and 2 "
            "in ours.",
            why="Both are in use. The larger one gives numbers that are easier to read: half the gradient is "
            "an error of one half.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: x, np.array([1.0]), 1e-5)  # 0.5 in our "
            "measure",
            convention=True,
        ),
        Misconception(
            id="E4.1k",
            name="You divided by the size of the numerical slope. We divide by the larger of the two.",
            function=_compared(_against_the_numerical),
            sees="A gradient that is six times too large has the error 5 in your measure, 5/6 in ours; where "
            "the true slope is 0 yours is infinite.",
            why="It is a measure that others use, but it treats the two unequally, and has no number where "
            "the quotient is 0.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: 6 * x, np.array([1.0]), 1e-5)  # 2/3 in our "
            "measure",
            convention=True,
        ),
        Misconception(
            id="E4.1l",
            name="0 divided by 0: where both slopes are 0 they agree.",
            function=_compared(_unguarded),
            sees="As soon as one slope is 0 on both sides your number is nan.",
            why="Half of all ReLUs are off at any moment. A check that says nan for each of them is of no "
            "use.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: 2 * x, np.array([0.0, 1.0]), 1e-5)",
        ),
        Misconception(
            id="E4.1m",
            name="The small number that guards your division hides errors in small units.",
            function=_compared(_padded),
            sees="Your numbers are right until the slopes themselves are below 1e-8.",
            why="A guard with a size of its own makes the error absolute there. Only exact zeros need one.",
            probe="gradcheck(lambda x: 1e-9 * (x**2).sum(), lambda x: 1e-9 * x, np.ones(2), 1e-5)"
            "  # 0.5 is wanted",
        ),
        Misconception(
            id="E4.1n",
            name="You return an error for each entry. One number is wanted, the largest.",
            function=_compared(_every_entry),
            sees="You return an array of the shape of x.",
            why="A test needs one number to compare with a limit.",
            probe="np.shape(gradcheck(lambda x: (x**2).sum(), lambda x: x, np.ones(3), 1e-5))",
        ),
        Misconception(
            id="M07",
            name="You moved the entries of an integer array, which cuts the step off.",
            function=_compared(numerical=_quotients(dtype=_kept_whole)),
            sees="For integers right gradients get an error of about 1.",
            why="An array of integers holds no 3.00001. NumPy cuts it to 3 without a word.",
            probe="gradcheck(lambda x: (x**2).sum(), lambda x: 2 * x, np.array([2, 5]), 1e-5) < 1e-6",
        ),
        Misconception(
            id="M05",
            name="You let a gradient of another shape through, and NumPy broadcasts it.",
            function=_any_shape,
            sees="Gradients of shapes (n, 1) and () are compared with one of shape (n,) without an error.",
            why="A gradient of another shape cannot be subtracted from the parameters, or worse: it can.",
            probe="(np.ones(3) - np.ones((3, 1))).shape",
        ),
        Misconception(
            id="M08",
            name="You moved the entries of the caller's array.",
            function=_checked_in_place,
            sees="The error is right, but after the call x differs in the last digits.",
            why=_IN_PLACE_WHY,
            probe="x = np.array([0.1, 0.7]); gradcheck(lambda x: (x**3).sum(), lambda x: 3 * x**2, x, 1e-5)\n"
            "x - np.array([0.1, 0.7])  # what gradcheck left",
        ),
    ),
    hints=(
        "Two arrays of one shape: the claimed slopes df(x), and those of your central_difference. What if "
        "their shapes differ?",
        "For each entry: how large is the difference beside the larger of the two slopes? Then one number "
        "for all.",
        "Where both slopes are exactly 0 there is nothing to divide by, and they agree.",
        "Three numbers to know: a forgotten 2 gives 0.5, a wrong sign 2, a forgotten 1/n gives 1 - 1/n.",
    ),
)

_LINEAR_MSE_GRAD = Question(
    name="linear_mse_grad",
    reference=_layer,
    checks=(
        Check("square and other shapes", _layers, points=Decimal(2)),
        Check("the same samples several times over have the same gradient", _layers_twice),
        Check("integers", _whole_layers),
        Check("shapes that do not fit are refused with a ValueError", _unfit_layers),
        Check("the inputs are left as they were", _layer_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M09",
            name="You forgot to divide by the number of elements.",
            function=_layer_times(lambda x, y: y.size),
            sees="Your gradient is the right one times N K. Your own gradcheck says 1 - 1/(N K).",
            why="The mean has a 1/n, so each of its slopes has it too. Without it the step grows with the "
            "batch.",
            probe="linear_mse_grad(np.zeros((1, 1)), np.ones((2, 1)), np.ones((2, 1)))  # -2 is wanted",
        ),
        Misconception(
            id="M10",
            name="You divided by the number of elements twice.",
            function=_layer_times(lambda x, y: 1 / y.size),
            sees="Your gradient is the right one divided by N K. Your own gradcheck says 1 - 1/(N K).",
            why="It still points downhill, so training seems to work; it is only N K times too slow.",
            probe="linear_mse_grad(np.zeros((1, 1)), np.ones((2, 1)), np.ones((2, 1)))  # -2 is wanted",
        ),
        Misconception(
            id="M11",
            name="The gradient of half the mean squared error: you forgot the 2 that comes down from the "
            "square, or your loss has a half in front that ours has not.",
            function=_layer_times(lambda x, y: 0.5),
            sees="Your gradient is half of the expected one. Your own gradcheck says 0.5.",
            why="The derivative of e² is 2e. It is e only for a loss that has ½ in front.",
            probe="linear_mse_grad(np.zeros((1, 1)), np.ones((2, 1)), np.ones((2, 1)))  # -2 is wanted",
            convention=True,
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: target minus prediction.",
            function=_layer_times(lambda x, y: -1),
            sees="Your gradient is the right one times -1. Your own gradcheck says 2.",
            why="Descent subtracts the gradient. With this one each step climbs.",
            probe="linear_mse_grad(np.zeros((1, 1)), np.ones((2, 1)), np.ones((2, 1)))  # -2 is wanted",
        ),
        Misconception(
            id="M13",
            name="You took the size of the errors and lost their direction.",
            function=_layer_unsigned,
            sees="With positive x no entry of your gradient is negative.",
            why="A prediction that is too low would be pushed lower still.",
            probe="linear_mse_grad(np.zeros((1, 1)), np.ones((2, 1)), np.ones((2, 1)))  # -2 is wanted",
        ),
        Misconception(
            id="E4.1o",
            name="You divided by N only. The mean runs over all N K elements.",
            function=_layer_times(lambda x, y: y.shape[1]),
            sees="Your gradient is the right one times K, the number of outputs.",
            why="A loss and a gradient that divide by different numbers do not belong together: gradcheck "
            "says 1 - 1/K.",
            probe="linear_mse_grad(np.zeros((1, 2)), np.ones((1, 1)), np.ones((1, 2)))  # [-1, -1] is wanted",
        ),
        Misconception(
            id="E4.1p",
            name="Your gradient is the transpose of the right one.",
            function=_layer_turned,
            sees="Its shape is (K, D) and not (D, K); where D = K only the values are wrong.",
            why="A gradient has the shape of its parameter. With square matrices nothing warns you, so "
            "choose unequal sizes when you check.",
            probe="linear_mse_grad(np.zeros((3, 2)), np.ones((4, 3)), np.ones((4, 2))).shape  # (3, 2) is "
            "wanted",
        ),
        Misconception(
            id="M05",
            name="You do not refuse targets of another shape, and NumPy broadcasts them.",
            function=_layer_broadcast,
            sees="Predictions of shape (N, 1) and targets of shape (N,) go through without an error.",
            why="NumPy stretches (N, 1) against (N,) to (N, N): every prediction meets every target.",
            probe="(np.zeros((4, 1)) - np.zeros(4)).shape",
        ),
        Misconception(
            id="M07",
            name="Your gradient was cut down to integers.",
            function=_layer_cut,
            sees="With integer weights your gradient has no digits behind the point.",
            why="`np.zeros_like(W)` takes the dtype of W. What does not fit is cut off without a word.",
            probe="linear_mse_grad(np.array([[1]]), np.array([[0.5]]), np.array([[0.2]]))  # 0.3 is wanted",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_layer_in_place,
            sees="After the call y holds the errors.",
            why="The caller still holds that array. The second call with the same arguments gives another "
            "answer.",
            probe="y = np.ones((2, 1)); linear_mse_grad(np.ones((1, 1)), np.ones((2, 1)), y); y",
        ),
    ),
    hints=(
        "Write the error e = xW - y first. What shape has it? Over how many elements does the mean run?",
        "W[d, k] acts on column k of every sample, with the factor x[n, d]. Sum over the samples: which "
        "matrix product is that? The shapes tell you where the transpose goes.",
        "Let your own gradcheck look at it, with f = lambda W: np.mean((x @ W - y) ** 2), random x, y, W and "
        "unequal sizes. 0.5, 2 and 1 - 1/n are the numbers of the usual mistakes.",
    ),
)

_KINK_OR_MISTAKE = Question(
    name="kink_or_mistake",
    reference=_kink_or_mistake,
    checks=(
        Check("smooth functions", _smooth_places),
        Check("at a kink, or with one within reach", _at_kinks, points=Decimal(2)),
        Check("a function with a kink, away from it", _away_from_kinks),
        Check("in small units", _in_small_units),
    ),
    misconceptions=(
        Misconception(
            id="M130",
            name="You compare at a kink, too. There is no slope there to compare with.",
            function=_never_a_kink,
            sees='You never return "kink": at 0 the slope 0 of ReLU is "wrong" for you, and 0.5 is "right".',
            why="At 0 the central quotient of ReLU is ½, the average of both sides. A right gradient fails, "
            "and a slope that no library uses passes.",
            probe="kink_or_mistake(lambda x: np.maximum(x, 0), 0.0, 0.0, 1e-5)  # 'kink' is wanted",
        ),
        Misconception(
            id="M130",
            name="You look for a kink only where the slopes disagree. Agreement at a kink means nothing "
            "either.",
            function=_only_where_it_disagrees,
            sees='At 0 you call the slope 0.5 of ReLU "right".',
            why="The central quotient at a kink is the average of the two sides. A wrong slope may happen to "
            "be it.",
            probe="kink_or_mistake(lambda x: np.maximum(x, 0), 0.5, 0.0, 1e-5)  # 'kink' is wanted",
        ),
        Misconception(
            id="M130",
            name="You see a kink only exactly at x, not one beside it that the step reaches.",
            function=_only_exactly_there,
            sees='At 4e-6, with h = 1e-5, you call the right slope 1 of ReLU "wrong".',
            why="The central quotient straddles the kink: it says 0.70 there. Among a million ReLUs "
            "a few may well be that near.",
            probe="kink_or_mistake(lambda x: np.maximum(x, 0), 1.0, 4e-6, 1e-5)  # 'kink' is wanted",
        ),
        Misconception(
            id="E4.1q",
            name="At a kink you accept the slope of either side.",
            function=_one_side_is_enough,
            sees='At 0 you call the slope 0 of ReLU "right".',
            why="It is a fine slope to return, a subgradient. But differences cannot prove it, and the word "
            "asked for says that: move the point.",
            probe="kink_or_mistake(lambda x: np.maximum(x, 0), 0.0, 0.0, 1e-5)  # 'kink' is wanted",
        ),
        Misconception(
            id="E4.1r",
            name="You call every disagreement a kink.",
            function=_all_doubt_is_a_kink,
            sees='You never return "wrong".',
            why="Then no mistake is ever found. A kink shows in the two one-sided quotients, not in the "
            "claimed slope.",
            probe="kink_or_mistake(np.sin, 0.5, 0.0, 1e-5)  # 'wrong' is wanted",
        ),
        Misconception(
            id="E4.1s",
            name="You compare the claimed slope by an absolute error.",
            function=_absolute_comparison,
            sees="In small units you call a slope right that is twice or half the true one.",
            why="Whether a gradient is right does not depend on the units of the loss.",
            probe="kink_or_mistake(lambda x: 1e-6 * np.sin(x), 5e-7, 0.1, 1e-5)  # 'wrong' is wanted",
        ),
        Misconception(
            id="M129",
            name="You compare the claimed slope with a one-sided quotient, whose own error is too large.",
            function=_compared_by_forward,
            sees='Slopes of functions that curve are "wrong" for you even where they are right.',
            why="A forward difference is off by h/2 times the curvature: 1.5e-5 of the slope for exp(3x).",
            probe="kink_or_mistake(lambda x: np.exp(3 * x), 3.0, 0.0, 1e-5)  # 'right' is wanted",
        ),
    ),
    hints=(
        "Take three values: f at x - h, x and x + h. They give a quotient on the left, one on the right, and "
        "the central one.",
        "Which two of them disagree where a kink lies between x - h and x + h? Ask that first, before you "
        "look at the claimed slope.",
        "Measure both comparisons relative to the larger number, and let 0 against 0 agree.",
    ),
)

QUESTIONS = (_CENTRAL_DIFFERENCE, _GRADCHECK, _LINEAR_MSE_GRAD, _KINK_OR_MISTAKE)
