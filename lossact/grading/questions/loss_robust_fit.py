"""Exercise loss/robust_fit: a robust scale, weights, a fit by reweighting, its price, and what it misses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import exp, pi, sqrt
from typing import Any

import numpy as np

from lossact import normal_cdf
from lossact.datasets import anscombe_third, stackloss
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question
from lossact.grading.questions._shared import changes_input

_NORMAL_MAD = 0.6744897501960817
"""The median of |x| for a standard normal x."""


# --- inputs: scale and weights --------------------------------------------------------------------------


def _residuals(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-1.0, 0.5, 3.0, -0.2, 0.9]),),
        (rng.normal(loc=0.7, scale=2, size=9),),
        (rng.normal(loc=-30, scale=50, size=14),),
    ]


def _nearly_half_wild(rng: np.random.Generator) -> list[Arguments]:
    residuals = rng.normal(loc=0.4, size=13)
    residuals[rng.permutation(13)[:6]] = 1e6 * rng.uniform(1, 2, size=6)
    return [(residuals,)]


def _residuals_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1.0, 0.5, 3.0, -0.2, 0.9]),), (rng.normal(size=8),)]


def _near_and_far(rng: np.random.Generator) -> list[Arguments]:
    def around(shape: tuple[int, ...], k: float) -> Any:
        """Residuals of both signs, inside and outside of k."""
        size = int(np.prod(shape))
        place = np.where(
            np.arange(size) % 2, rng.uniform(0.2, 0.9, size=size), rng.uniform(1.3, 4, size=size)
        )
        return rng.permutation(k * place * np.resize([1, -1, -1, 1], size)).reshape(shape)

    return [
        (np.array([-4.0, -1.0, 0.5, 2.0]), 1.0),
        (around((8,), 1.345), 1.345),
        (around((4, 3), 2.5), 2.5),
    ]


def _zero_among_them(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.0, -3.0, 1.0]), 1.345), (np.zeros(4), 0.5)]


def _very_far(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1e12, -1e9, 1e-300]), 1.345), (rng.normal(size=5), 1e9)]


def _whole_residuals(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-4, 0, 1, 8]), 3),
        (rng.permutation(np.array([-9, -2, 1, 5, 7])), 2),
        (np.array([-4.0, 0.5, 8.0]), 3),
    ]


def _weights_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-4.0, 0.0, 0.5, 2.0]), 1.0), (3 * rng.normal(size=6), 1.345)]


# --- inputs: the fit ------------------------------------------------------------------------------------


def _plant() -> tuple[Any, Any]:
    return stackloss().x, stackloss().y


def _settled(X: Any, y: Any, k: float) -> bool:
    """Whether the fit stands still long before its 50 steps are over, as it does for nearly all data."""
    return bool(np.allclose(_fit(X, y, k, 35), _fit(X, y, k, 36), rtol=1e-9, atol=1e-9 * np.ptp(y)))


def _cloud(rng: np.random.Generator, rows: int, columns: int, wild: int, k: float = 1.345) -> tuple[Any, Any]:
    """Points near a plane, some of whose targets are far off, all on one side."""
    while True:
        X = rng.normal(size=(rows, columns)) * rng.uniform(0.5, 3, size=columns) + rng.normal(size=columns)
        y = 2 + X @ rng.uniform(0.5, 2, size=columns) + rng.normal(size=rows)
        y[rng.permutation(rows)[:wild]] += rng.uniform(8, 30, size=wild)
        if _settled(X, y, k):
            return X, y


def _planes(rng: np.random.Generator) -> list[Arguments]:
    return [(*_plant(), 1.345), _cloud(rng, 30, 2, 5), (*_cloud(rng, 24, 1, 3, 2.0), 2.0)]


def _limits(rng: np.random.Generator) -> list[Arguments]:
    return [(*_plant(), 1e6), (*_plant(), 1e-3)]


def _other_units(rng: np.random.Generator) -> list[Arguments]:
    X, y = _plant()
    return [(X, 1000 * y, 1.345), (X, y / 1000, 1.345)]


def _wild_targets(rng: np.random.Generator) -> list[Arguments]:
    X, y = _cloud(rng, 30, 2, 0)
    while True:
        wild = y.copy()
        wild[rng.permutation(30)[:2]] = 1e6, -3e5
        if _settled(X, wild, 1.345):
            return [(X, wild, 1.345)]


def _whole_numbers(rng: np.random.Generator) -> list[Arguments]:
    X, y = _plant()
    return [(X.astype(int), y.astype(int), 2), (X, y, 1)]


def _no_noise(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.normal(size=(8, 2)), np.zeros(8), 1.345)]


def _misfits(rng: np.random.Generator) -> list[Arguments]:
    X, y = _cloud(rng, 12, 1, 1)
    return [(X[:, 0], y, 1.345), (X, y[:, np.newaxis], 1.345), (X, y[:-1], 1.345)]


def _fits_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(*_cloud(rng, 20, 2, 3), 1.345)]


# --- inputs: the price, and single rows -----------------------------------------------------------------


def _limits_of_huber(rng: np.random.Generator) -> list[Arguments]:
    return [(1.345,), (1.0,), (float(rng.uniform(0.5, 0.9)),), (float(rng.uniform(1.6, 2.5)),), (2,)]


def _tiny_and_huge_limits(rng: np.random.Generator) -> list[Arguments]:
    return [(0.05,), (6.0,)]


_FOURTH = (
    np.array([8.0, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8])[:, np.newaxis],
    np.array([6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89]),
)
"""The fourth set of Anscombe (1973)."""

_NOISE = np.array([-0.1, 0.7, 0.3, 0.9, 1.2, -0.5, -0.9, 1.8, 0.5, -0.7, -1.8, -0.3, 0.1, -1.2])
"""Quantiles of normal noise, in no order."""


def _moved(rng: np.random.Generator, X: Any, y: Any, i: int) -> Arguments:
    """The same rows in other units, about another plane, in another order: the same words are right."""
    columns = X.shape[1]
    order = rng.permutation(len(y))
    Z = X * rng.uniform(0.2, 5, size=columns) * rng.choice([-1, 1], size=columns)
    target = rng.uniform(0.2, 5) * rng.choice([-1, 1]) * y + Z @ rng.uniform(-1, 1, size=columns)
    Z = Z + rng.uniform(-9, 9, size=columns)
    return Z[order], (target + rng.uniform(-9, 9))[order], int(np.argmax(order == i))


def _line(rows: int, far: float | None = None, off: float = 0.0) -> tuple[Any, Any]:
    """Rows along a line; in row 4 another x, and a target that is off."""
    X, y = np.arange(float(rows))[:, np.newaxis], np.resize(_NOISE, rows)
    X[4] = X[4] if far is None else far
    y[4] += off
    return X, y


def _rows(rng: np.random.Generator) -> list[Arguments]:
    third = anscombe_third()
    return [
        (third.x, third.y, 2),
        (third.x, third.y / 1000, 2),
        (third.x, third.y, 0),
        (*_FOURTH, 7),
        (*_FOURTH, 3),
        _moved(rng, *_line(14, off=9), 4),
        _moved(rng, *_line(14, off=9), 7),
        _moved(rng, *_line(14, far=60), 4),
    ]


def _hidden_rows(rng: np.random.Generator) -> list[Arguments]:
    """Rows of which least squares says something else, and one of which it does not."""
    X, y = _line(14)
    y[-2:] -= 20
    clear = _moved(rng, *_line(14, off=9), 4)
    return [(*_plant(), 20), _moved(rng, X, y, 12), _moved(rng, X, y, 13), clear]


def _far_and_missed(rng: np.random.Generator) -> list[Arguments]:
    """Rows far out in x: one that the fit does not reach, as many others hold it, and two that it does."""
    return [
        _moved(rng, *_line(42, far=150, off=-60), 4),
        _moved(rng, *_line(14, far=60), 4),
        (*_FOURTH, 7),
    ]


def _rows_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [_moved(rng, *_line(14, off=9), 4)]


# --- answers: scale and weights -------------------------------------------------------------------------


def _scale(residuals: Any) -> Any:
    return np.median(np.abs(residuals)) / _NORMAL_MAD


def _scale_about_median(residuals: Any) -> Any:
    return _scale(residuals - np.median(residuals))


def _no_scale(residuals: Any) -> Any:
    return 1.0


def _raw_scale(residuals: Any) -> Any:
    return np.median(np.abs(residuals))


def _multiplied_scale(residuals: Any) -> Any:
    return np.median(np.abs(residuals)) * _NORMAL_MAD


def _mean_scale(residuals: Any) -> Any:
    return np.mean(np.abs(residuals)) / _NORMAL_MAD


def _signed_scale(residuals: Any) -> Any:
    return np.median(residuals) / _NORMAL_MAD


def _scale_in_place(residuals: Any) -> Any:
    np.abs(residuals, out=residuals)
    residuals.sort()
    return _scale(residuals)


def _weights(u: Any, k: Any) -> Any:
    # A residual of 0 gets the weight 1 without a division by 0.
    return k / np.maximum(np.abs(u), k)


def _weights_of_lad(u: Any, k: Any) -> Any:
    return k / np.maximum(np.abs(u), 1e-12)


def _weights_one_sided(u: Any, k: Any) -> Any:
    return k / np.maximum(u, k)


def _squared_weights(u: Any, k: Any) -> Any:
    return _weights(u, k) ** 2


def _weights_or_nothing(u: Any, k: Any) -> Any:
    return np.where(np.abs(u) <= k, 1.0, 0.0)


def _pulls(u: Any, k: Any) -> Any:
    return np.clip(u, -k, k).astype(float)


def _swapped_weights(u: Any, k: Any) -> Any:
    return np.where(np.abs(u) > k, 1.0, k / np.maximum(np.abs(u), 1e-300))


def _weights_of_unit_pull(u: Any, k: Any) -> Any:
    return np.where(np.abs(u) <= k, 1.0, 1 / np.maximum(np.abs(u), k))


def _pull_over_residual(u: Any, k: Any) -> Any:
    return np.clip(u, -k, k) / u


def _whole_weights(u: Any, k: Any) -> Any:
    weights = np.ones_like(u)
    weights[...] = _weights(u, k)
    return weights


def _weights_in_place(u: Any, k: Any) -> Any:
    if u.dtype.kind == "f":
        np.abs(u, out=u)
    return _weights(u, k)


# --- answers: the fit -----------------------------------------------------------------------------------


def _refuse(X: Any, y: Any) -> None:
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError(f"X has shape {X.shape}, y has shape {y.shape}; (N, D) and (N,) are wanted")


def _with_constant(X: Any) -> Any:
    return np.column_stack([np.ones(len(X)), X])


def _weighted(A: Any, y: Any, w: Any) -> Any:
    B = w[:, np.newaxis] * A
    return np.linalg.solve(B.T @ A, B.T @ y)


def _weighted_in_x_alone(A: Any, y: Any, w: Any) -> Any:
    return np.linalg.solve((w[:, np.newaxis] * A).T @ A, A.T @ y)


def _fitting(
    weights: Callable[[Any, Any], Any] = _weights,
    scale: Callable[[Any], Any] = _scale,
    solve: Callable[[Any, Any, Any], Any] = _weighted,
    columns: Callable[[Any], Any] = _with_constant,
    refuse: Callable[[Any, Any], None] = _refuse,
    stops: bool = True,
    once: bool = False,
) -> Callable[..., Any]:
    """robust_fit with one part exchanged."""

    def answer(X: Any, y: Any, k: Any = 1.345, steps: int = 50) -> Any:
        refuse(X, y)
        A = columns(X)
        beta = np.linalg.lstsq(A, y, rcond=None)[0]
        s = None
        for _ in range(steps):
            r = y - A @ beta
            s = scale(r) if s is None or not once else s
            if s == 0 and stops:
                break
            before, beta = beta, solve(A, y, weights(r / s, k))
            if np.array_equal(before, beta):
                break
        return beta

    return answer


_fit = _fitting()


def _one_step(X: Any, y: Any, k: Any = 1.345) -> Any:
    return _fit(X, y, k, 1)


def _least_squares(X: Any, y: Any, k: Any = 1.345) -> Any:
    return _fit(X, y, k, 0)


def _always_usual_k(X: Any, y: Any, k: Any = 1.345) -> Any:
    return _fit(X, y)


def _constant_last(X: Any, y: Any, k: Any = 1.345) -> Any:
    return np.roll(_fit(X, y, k), -1)


def _anything_fits(X: Any, y: Any) -> None:
    """Refuses nothing."""


def _fit_in_place(X: Any, y: Any, k: Any = 1.345) -> Any:
    _refuse(X, y)
    if y.dtype.kind != "f":
        return _fit(X, y, k)
    middle = np.median(y)
    y -= middle
    beta = _fit(X, y, k)
    beta[0] += middle
    return beta


def _whole_number_weights(X: Any, y: Any, k: Any = 1.345) -> Any:
    if y.dtype.kind == "f":
        return _fit(X, y, k)
    return _fitting(weights=lambda u, k: _weights(u, k).astype(y.dtype))(X, y, k)


# --- answers: the price ---------------------------------------------------------------------------------


def _moments(k: float) -> tuple[float, float]:
    """The share of normal noise within k, and the mean square of the pull."""
    outside = 2 * float(normal_cdf(-k))
    height = exp(-(k**2) / 2) / sqrt(2 * pi)
    return 1 - outside, 1 - outside - 2 * k * height + k**2 * outside


def _efficiency(k: Any) -> Any:
    inside, square = _moments(float(k))
    return inside**2 / square


def _of_moments(formula: Callable[[float, float], float]) -> Callable[..., Any]:
    return lambda k: formula(*_moments(float(k)))


def _free_of_charge(k: Any) -> Any:
    return 1.0


def _of_median(k: Any) -> Any:
    return 2 / pi


def _efficiency_of_unit_noise_cut_off(k: Any) -> Any:
    """The far pulls counted as 0 in the mean square, as if far points were dropped."""
    inside, square = _moments(float(k))
    return inside**2 / (square - float(k) ** 2 * (1 - inside))


# --- answers: one row -----------------------------------------------------------------------------------


def _leverage(X: Any, columns: Callable[[Any], Any] = _with_constant) -> Any:
    A = columns(X)
    return np.einsum("ij,ji->i", A, np.linalg.pinv(A))


def _residuals_of_fit(X: Any, y: Any) -> Any:
    return y - _with_constant(X) @ _fit(X, y)


def _residuals_of_least_squares(X: Any, y: Any) -> Any:
    return y - _with_constant(X) @ _least_squares(X, y)


def _weight_of_row(X: Any, y: Any, i: int, residuals: Callable[..., Any] = _residuals_of_fit) -> float:
    r = residuals(X, y)
    return float(_weights(r / _scale(r), 1.345)[i])


def _kind_by(
    residuals: Callable[..., Any] = _residuals_of_fit,
    columns: Callable[[Any], Any] = _with_constant,
    leverage_first: bool = True,
    leverage_seen: bool = True,
    residual_seen: bool = True,
) -> Callable[..., Any]:
    def answer(X: Any, y: Any, i: int) -> Any:
        far = leverage_seen and _leverage(X, columns)[i] > 0.5
        missed = residual_seen and _weight_of_row(X, y, i, residuals) < 0.5
        if leverage_first:
            return "leverage" if far else "residual" if missed else "neither"
        return "residual" if missed else "leverage" if far else "neither"

    return answer


_kind = _kind_by()


def _other_limit(X: Any, y: Any, i: int) -> Any:
    """Every weight below 1 is taken for the sign of an outlier."""
    if _leverage(X)[i] > 0.5:
        return "leverage"
    return "residual" if _weight_of_row(X, y, i) < 1 else "neither"


def _kind_in_place(X: Any, y: Any, i: int) -> Any:
    word = _kind(X, y, i)
    y -= _with_constant(X) @ _fit(X, y)
    return word


# --- questions ------------------------------------------------------------------------------------------

_TRUNCATED_WHY = (
    "np.ones_like and np.zeros_like copy the dtype as well as the shape; what you write into them is cut "
    "down to integers."
)

_MAD_SCALE = Question(
    name="mad_scale",
    reference=_scale,
    checks=(
        Check("residuals of several sizes", _residuals, points=Decimal(2), rtol=1e-4),
        Check("six wild residuals of thirteen", _nearly_half_wild, rtol=1e-4),
        Check("the residuals are left as they were", _residuals_to_keep, watch="inputs", rtol=1e-4),
    ),
    misconceptions=(
        Misconception(
            id="M29",
            name="Your scale does not depend on the residuals.",
            function=_no_scale,
            sees="You return 1, whatever comes.",
            why="Then k = 1.345 means 1.345 tenths of a percent where somebody recorded tenths of a percent.",
            probe="r = np.array([-1.0, 0.5, 3.0]); mad_scale(r), mad_scale(1000 * r)",
        ),
        Misconception(
            id="E1.6a",
            name="You took the median away first. We measure the residuals from 0.",
            function=_scale_about_median,
            sees="Your value is right only where the median of the residuals is 0.",
            why="Both are used. On the stack loss data the published constant, -41.0265, belongs to the one "
            "about 0; about the median it is -41.0512.",
            probe="mad_scale(np.array([4.0, 5.0, 6.0]))  # 7.41 here, 1.48 about the median",
            convention=True,
        ),
        Misconception(
            id="E1.6b",
            name="You left out the 0.6745, which turns the median into a standard deviation.",
            function=_raw_scale,
            sees="Your value is the expected one times 0.6745.",
            why="A k of 1.345 then acts as one of 0.907, and the efficiency under normal noise falls from "
            "95 % to 89 %.",
            probe="np.median(np.abs(np.random.default_rng(0).normal(size=100_000)))",
        ),
        Misconception(
            id="E1.6c",
            name="You multiplied by 0.6745 instead of dividing.",
            function=_multiplied_scale,
            sees="Your value is the expected one times 0.455, the square of 0.6745.",
            why="The median of |r| is smaller than a standard deviation; it must be made larger.",
            probe="mad_scale(np.array([-0.6745, 0.6745, 0.6745]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.6d",
            name="You measured the residuals by the standard deviation.",
            function=np.std,
            sees="Six wild residuals of thirteen make your scale as large as themselves.",
            why="One wrong value of a hundred can make it 45 times as large, and with it the limit that "
            "should keep the wrong value out.",
            probe="mad_scale(np.array([-1.0, 0.5, -0.2, 0.9, 1e6]))  # 1.33 is wanted",
        ),
        Misconception(
            id="E1.6e",
            name="You took the mean of the absolute residuals, not their median.",
            function=_mean_scale,
            sees="A wild residual changes your value out of all measure.",
            why="A mean follows its largest member. A median gives way when half of the data lie.",
            probe="mad_scale(np.array([-1.0, 0.5, -0.2, 0.9, 1e6]))  # 1.33 is wanted",
        ),
        Misconception(
            id="E1.6f",
            name="You took the median of the residuals with their signs.",
            function=_signed_scale,
            sees="Your value is negative, or near 0 where residuals of both signs balance.",
            why="That is where the residuals lie, not how far they scatter.",
            probe="mad_scale(np.array([-2.0, 0.0, 2.0]))  # 2.97 is wanted",
        ),
        changes_input(_scale_in_place, "r = np.array([2.0, -1.0]); mad_scale(r); r  # [2, -1] is wanted"),
    ),
    hints=(
        "The number must not move when six residuals of thirteen are wild. Which average does that?",
        "Sizes, not signs: what happens to each residual first?",
        "Half of all standard normal numbers lie within 0.6745 of 0. So what must a median of 0.6745 become?",
    ),
)

_ON_A_LINE = tuple(np.linspace(-5, 5, 41))

_HUBER_WEIGHTS = Question(
    name="huber_weights",
    reference=_weights,
    checks=(
        Check("residuals of both signs, near and far", _near_and_far, points=Decimal(3)),
        Check("a residual of 0 has the weight 1", _zero_among_them),
        Check("the same, without a warning", _zero_among_them, watch="warnings"),
        Check("huge and tiny residuals, a huge limit", _very_far),
        Check("integers", _whole_residuals),
        Check("the residuals are left as they were", _weights_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M31",
            name="You weigh every residual by k/|u|, the near ones too: that is the absolute error.",
            function=_weights_of_lad,
            sees="Your weights are above 1 for small residuals, and without end at 0.",
            why="The absolute error is no better Huber loss. On clean normal data it needs 157 observations "
            "where the squared error needs 100, and Huber 105.",
            probe="huber_weights(np.array([0.1, 1.0, 10.0]), 1.345)  # the first two must be 1",
        ),
        Misconception(
            id="M28",
            name="You compared u with k, not its size: far residuals that are negative keep the weight 1.",
            function=_weights_one_sided,
            sees="Your weights are right for positive residuals and 1 for all negative ones.",
            why="Half of all outliers lie below.",
            probe="huber_weights(np.array([-4.0, 4.0]), 1.0)  # twice the same is wanted",
        ),
        Misconception(
            id="E1.6g",
            name="Your weights are the right ones squared.",
            function=_squared_weights,
            sees="At u = 2k your weight is 1/4 instead of 1/2.",
            why="Weight times residual is the pull. With the square it falls off as 1/u, and the loss is no "
            "longer convex.",
            probe="huber_weights(np.array([2.0, 4.0]), 1.0)",
        ),
        Misconception(
            id="E1.6h",
            name="You drop what is far: its weight is 0 instead of k/|u|.",
            function=_weights_or_nothing,
            sees="Your weights are 0 and 1 only.",
            why="A residual just above k would lose all its say at once, and which points are far would "
            "depend on where the fit began.",
            probe="huber_weights(np.array([0.999, 1.001]), 1.0)",
        ),
        Misconception(
            id="E1.6i",
            name="You returned the pull, u cut off at k. The weight is the pull divided by u.",
            function=_pulls,
            sees="Your values are negative for negative residuals, and small for small ones.",
            why="Least squares multiplies by the residual itself. The weight must not hold it, too.",
            probe="huber_weights(np.array([0.1, 10.0]), 1.0)  # 1 and 0.1",
        ),
        Misconception(
            id="M27",
            name="The two branches are exchanged.",
            function=_swapped_weights,
            sees="Your weight is 1 for far residuals, and above 1 for near ones.",
            why="That fit would listen to the outliers most.",
            probe="huber_weights(np.array([0.5, 5.0]), 1.0)  # 1 and 0.2",
        ),
        Misconception(
            id="E1.6j",
            name="You weigh the far residuals by 1/|u| instead of k/|u|.",
            function=_weights_of_unit_pull,
            sees="Your far weights are the right ones divided by k; they jump at k.",
            why="A far point pulls with k, the pull of a point at the limit. Yours pulls with 1.",
            probe="huber_weights(np.array([1.999, 2.001]), 2.0)  # both near 1",
        ),
        Misconception(
            id="E1.6k",
            name="You divide by u, and at u = 0 that is 0/0.",
            function=_pull_over_residual,
            sees="A residual of 0 has the weight nan.",
            why="One nan among the weights makes all coefficients nan. The limit of the weight at 0 is 1.",
            probe="huber_weights(np.array([0.0, 1.0]), 1.345)",
        ),
        Misconception(
            id="M07",
            name="Your weights were cut down to integers by an array of integers.",
            function=_whole_weights,
            sees="With integer residuals the far weights are 0.",
            why=_TRUNCATED_WHY,
            probe="np.ones_like(np.array([3, 4])).dtype",
        ),
        changes_input(
            _weights_in_place, "u = np.array([-4.0, 1.0]); huber_weights(u, 1.0); u  # [-4, 1] is wanted"
        ),
    ),
    hints=(
        "Weight times residual is the pull: u up to k, and k from there on, with the sign of u.",
        "So which number, times 10, is k? And which number, times 0.5, is 0.5?",
        "Try u = 0, and u = -10.",
    ),
    curve=Curve(
        "residual u, in units of the scale (k = 1.345)", _ON_A_LINE, lambda u: (np.array([u]), 1.345)
    ),
)

_PLANT_PROBE = "from lossact.datasets import stackloss\nplant = stackloss()\n"
_PLANT_CALL = "robust_fit(plant.x, plant.y).round(4)"
_TEN = "X, y = np.arange(10.0)[:, np.newaxis], np.arange(10.0) % 3\ny[4] = 50\n"


def _with_one_target_at(place: float) -> Arguments:
    X = np.arange(12.0)
    y = 1 + X / 2 + 0.4 * np.cos(3 * X)
    y[10] = place
    return X[:, np.newaxis], y, 1.345


_ROBUST_FIT = Question(
    name="robust_fit",
    reference=_fit,
    checks=(
        Check("the stack loss data, and two others with outliers", _planes, points=Decimal(4), rtol=1e-4),
        Check("a huge k is least squares, a tiny one the absolute error", _limits, rtol=1e-4),
        Check("the targets in other units", _other_units, rtol=1e-4),
        Check("two targets of thirty are off by a million", _wild_targets, rtol=1e-4),
        Check("integers", _whole_numbers, rtol=1e-4),
        Check("targets without noise, without a warning", _no_noise, watch="warnings"),
        Check("shapes that do not fit are refused with a ValueError", _misfits),
        Check("the inputs are left as they were", _fits_to_keep, watch="inputs", rtol=1e-4),
    ),
    misconceptions=(
        Misconception(
            id="M29",
            name="You compare the residuals with k itself, in the unit of the target, not of their scale.",
            function=_fitting(scale=_no_scale),
            sees="For the stack loss data your constant is -38.3924 instead of -41.0265; in other units of "
            "y it is another fit.",
            why="k = 1.345 is 95 percent efficient if residuals are measured in standard deviations of the "
            "noise. The same y in thousandths would give nearly the absolute error.",
            probe=_PLANT_PROBE + "robust_fit(plant.x, 1000 * plant.y) / 1000",
        ),
        Misconception(
            id="E1.6a",
            name="Your scale is the MAD about the median of the residuals. We measure from 0.",
            function=_fitting(scale=_scale_about_median),
            sees="For the stack loss data your constant is -41.0512 instead of -41.0265.",
            why="Both are used. The published digits tell which algorithm was run, not which is right.",
            probe=_PLANT_PROBE + _PLANT_CALL,
            convention=True,
        ),
        Misconception(
            id="M31",
            name="You weigh every row by k/|u|, the near ones too: that is the fit of the absolute error.",
            function=_fitting(weights=_weights_of_lad),
            sees="For the stack loss data your constant is -39.65, and goes to -39.69 with more steps.",
            why="Robust does not mean absolute. On clean normal data the absolute error pays with 36 percent "
            "of the data, Huber with 5.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6g",
            name="Your weights act squared: rows and targets times w, and least squares squares them again.",
            function=_fitting(weights=_squared_weights),
            sees="For the stack loss data your constant is -41.4678 instead of -41.0265.",
            why="Least squares of w·A and w·y minimises the sum of w² r². For the sum of w r² multiply by "
            "the root of w.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6h",
            name="You drop the far rows: their weight is 0 instead of k/|u|.",
            function=_fitting(weights=_weights_or_nothing),
            sees="Your fit is least squares on some of the rows.",
            why="Which rows are dropped depends on where you began; the loss behind it is not convex.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="M28",
            name="You compare u with k, not its size: rows far below the fit keep the weight 1.",
            function=_fitting(weights=_weights_one_sided),
            sees="Outliers on one side are held, on the other they pull without limit.",
            why="Half of all outliers lie below.",
            probe=_TEN + "robust_fit(X, y), -robust_fit(X, -y)  # twice the same is wanted",
        ),
        Misconception(
            id="E1.6l",
            name="You reweighted once and stopped.",
            function=_one_step,
            sees="For the stack loss data your constant is -40.7174, between least squares and the answer.",
            why="The weights were those of the least squares residuals, which the outliers had a hand in.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6m",
            name="You never reweighted: that is least squares.",
            function=_least_squares,
            sees="For the stack loss data your constant is -39.9197, whatever k is.",
            why="One target that is off by a million moves it without limit.",
            probe=_PLANT_PROBE + "robust_fit(plant.x, plant.y, 0.5) - robust_fit(plant.x, plant.y, 2.0)",
        ),
        Misconception(
            id="E1.6n",
            name="You measured the scale once, from the residuals of least squares, and kept it.",
            function=_fitting(once=True),
            sees="For the stack loss data your constant is -41.1375 instead of -41.0265.",
            why="Those residuals are smeared: with a wild target all of them are large, and so would be your "
            "limit.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6d",
            name="You measured the scale by the standard deviation of the residuals.",
            function=_fitting(scale=np.std),
            sees="For the stack loss data your constant is -41.1757 instead of -41.0265.",
            why="Outliers inflate a standard deviation, and with it the limit that should hold them.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6b",
            name="You left out the 0.6745 in the scale.",
            function=_fitting(scale=_raw_scale),
            sees="For the stack loss data your constant is -38.6888 instead of -41.0265.",
            why="A k of 1.345 then acts as one of 0.907, and the efficiency falls from 95 % to 89 %.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6o",
            name="You forgot the constant: your plane goes through the origin.",
            function=_fitting(columns=lambda X: X),
            sees="You return one coefficient less than is wanted, 3 for the stack loss data.",
            why="X holds the measurements alone. Without a column of ones the fit must give 0 for 0.",
            probe=_PLANT_PROBE + "robust_fit(plant.x, plant.y).shape",
        ),
        Misconception(
            id="E1.6p",
            name="Your constant stands last. It is wanted in front.",
            function=_constant_last,
            sees="Your coefficients are right, but in another order.",
            why="beta[0] is the constant, beta[1] belongs to the first column of X.",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6q",
            name="You put the weights into AᵀwA, but not into the right side.",
            function=_fitting(solve=_weighted_in_x_alone),
            sees="Your coefficients are too large, and a wild target pulls without limit.",
            why="Both sides come from the same sum of w (y - Aβ)².",
            probe=_PLANT_PROBE + _PLANT_CALL,
        ),
        Misconception(
            id="E1.6r",
            name="You did not use k that was given, but 1.345.",
            function=_always_usual_k,
            sees="Your fit is right for k = 1.345 only.",
            why="k is the dial: at 2 the efficiency is 99 %, and an outlier may pull half as much again.",
            probe=_PLANT_PROBE + "robust_fit(plant.x, plant.y, 0.5) - robust_fit(plant.x, plant.y, 2.0)",
        ),
        Misconception(
            id="E1.6s",
            name="Where the scale is 0 you divide by it.",
            function=_fitting(stops=False),
            sees="Targets without noise give nan.",
            why="A scale of 0 says that half of the rows are hit exactly. There is nothing left to improve.",
            probe="robust_fit(np.arange(6.0)[:, np.newaxis], np.zeros(6))",
        ),
        Misconception(
            id="M07",
            name="Your weights were cut down to integers by an array of integers.",
            function=_whole_number_weights,
            sees="With integer targets the far rows count for nothing.",
            why=_TRUNCATED_WHY,
            probe="np.ones_like(np.array([3, 4])).dtype",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that do not fit.",
            function=_fitting(refuse=_anything_fits),
            sees="An X of shape (N,) goes through without an error.",
            why="With y of shape (N, 1) a residual y - Aβ can become (N, N), and its median looks plausible.",
            probe="(np.zeros((4, 1)) - np.zeros(4)).shape",
        ),
        changes_input(_fit_in_place, _TEN + "robust_fit(X, y)\ny"),
    ),
    hints=(
        "Four steps, in a loop: residuals, their scale, weights, weighted least squares.",
        "Weighted least squares solves AᵀWA β = AᵀW y. W is diagonal: multiply the rows of A by w instead.",
        "The first coefficient belongs to a column of ones that you put in front of X.",
        "For the stack loss data the first step gives -40.7174 as constant, fifty give -41.0265.",
    ),
    curve=Curve(
        "one target of twelve; the height is the slope of the fit",
        tuple(np.linspace(-20, 30, 26)),
        _with_one_target_at,
        lambda values: float(values[0][1]),
    ),
)

_EFFICIENCY = Question(
    name="huber_efficiency",
    reference=_efficiency,
    checks=(
        Check("ordinary limits", _limits_of_huber, points=Decimal(3), rtol=2e-3),
        Check("a tiny limit is the median, a huge one the mean", _tiny_and_huge_limits, rtol=2e-2),
    ),
    misconceptions=(
        Misconception(
            id="M31",
            name="You took robustness to be free: the same accuracy for every k.",
            function=_free_of_charge,
            sees="You return 1 for each k.",
            why="On clean normal data the median, a tiny k, wastes 36 percent of the observations. That is "
            "the price of its safety.",
            probe="rng = np.random.default_rng(0)\nx = rng.normal(size=(10_000, 100))\n"
            "x.mean(axis=1).var() / np.median(x, axis=1).var(), huber_efficiency(0.05)",
        ),
        Misconception(
            id="M31",
            name="You gave every k the efficiency of the median.",
            function=_of_median,
            sees="You return 0.6366 for each k.",
            why="Huber is not the absolute error: at k = 1.345 it treats 82 percent of the points as the "
            "square does.",
            probe="huber_efficiency(1.345)  # 0.95 is wanted",
        ),
        Misconception(
            id="E1.6t",
            name="You returned the variance, not the efficiency. They are the inverse of each other.",
            function=lambda k: 1 / _efficiency(k),
            sees="Your values are above 1: 1.0526 at k = 1.345.",
            why="1.0526 says how many times as many observations you need; 0.95 how much of yours is used.",
            probe="huber_efficiency(0.05)  # 0.65 is wanted, not 1.53",
        ),
        Misconception(
            id="E1.6u",
            name="You returned the share of the noise within k. Far points count, too, with a pull of k.",
            function=_of_moments(lambda inside, square: inside),
            sees="Your value at k = 1.345 is 0.8214, and near 0 for a tiny k.",
            why="The median has no point within its limit, and yet an efficiency of 0.64.",
            probe="huber_efficiency(0.05)  # 0.65 is wanted",
        ),
        Misconception(
            id="E1.6v",
            name="You did not square the mean of the slope.",
            function=_of_moments(lambda inside, square: inside / square),
            sees="Your values are above 1, without end for a tiny k.",
            why="A variance is a mean square. Both the pull and what it is divided by are squared.",
            probe="huber_efficiency(0.05)  # 0.65 is wanted",
        ),
        Misconception(
            id="E1.6w",
            name="You compared standard deviations. Efficiency compares variances.",
            function=lambda k: np.sqrt(_efficiency(k)),
            sees="Your value at k = 1.345 is 0.9747, the root of the right one.",
            why="Observations make variances small in proportion, standard deviations only by their root.",
            probe="huber_efficiency(1.345) ** 2",
        ),
        Misconception(
            id="E1.6x",
            name="You summed over one side of 0 only.",
            function=lambda k: _efficiency(k) / 2,
            sees="Your value is half of the right one.",
            why="Both means lose a half, but one of them is squared.",
            probe="huber_efficiency(6.0)  # 1 is wanted",
        ),
        Misconception(
            id="E1.6y",
            name="The 1/√(2π) of the normal density is missing.",
            function=lambda k: _efficiency(k) * sqrt(2 * pi),
            sees="Your value is the right one times 2.5066.",
            why="A density must sum to 1. One of the two means is squared, so the factor does not cancel.",
            probe="huber_efficiency(6.0)  # 1 is wanted",
        ),
        Misconception(
            id="E1.6z",
            name="You left the far points out of the mean square of the pull.",
            function=_efficiency_of_unit_noise_cut_off,
            sees="Your values are too large: 1.74 at k = 1.345.",
            why="Beyond k the pull is k, not 0. These are the points that make a robust answer noisy.",
            probe="huber_efficiency(1.345)  # 0.95 is wanted",
        ),
    ),
    hints=(
        "Both means are sums over a fine grid of u: value times density times step.",
        "E[ψ'(U)] is the share of the noise within k. E[U ψ(U)] is the same number, without the corners.",
        "Try a huge k: the pull is u itself, both means are 1, and so is the efficiency.",
        "At k = 1 the two means are 0.6827 and 0.5161.",
    ),
    curve=Curve("limit k", tuple(np.linspace(0.1, 4, 40)), lambda k: (k,)),
)

_ANSCOMBE = (
    "x4 = np.array([8.0] * 7 + [19.0] + [8.0] * 3)[:, np.newaxis]\n"
    "y4 = np.array([6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89])\n"
)
_THIRD = "from lossact.datasets import anscombe_third\nthird = anscombe_third()\n"
_FAR_CROWD = "X, y = np.arange(40.0)[:, np.newaxis], np.cos(np.arange(40.0))\nX[7], y[7] = 150, -60\n"

_KIND = Question(
    name="kind_of_outlier",
    reference=_kind,
    checks=(
        Check("rows of Anscombe's third and fourth set, and three others", _rows, points=Decimal(3)),
        Check("rows about which least squares is mistaken", _hidden_rows),
        Check("a row far out in x that the fit also misses", _far_and_missed),
        Check("the inputs are left as they were", _rows_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M32",
            name="You looked at the residual alone. A row far out in x makes its own residual small.",
            function=_kind_by(leverage_seen=False),
            sees="Rows with much leverage are 'neither' for you, the lone point of Anscombe's fourth too.",
            why="A robust loss limits the pull of a residual, not the pull times x. The point at x = 19 has "
            "the leverage 1: every fit goes through it.",
            probe=_ANSCOMBE + "kind_of_outlier(x4, y4, 7)",
        ),
        Misconception(
            id="E1.6A",
            name="You looked at the leverage alone.",
            function=_kind_by(residual_seen=False),
            sees="Rows with a wild target are 'neither' for you.",
            why="Leverage comes from x. It cannot know that a target is wrong.",
            probe=_THIRD + "kind_of_outlier(third.x, third.y, 2)",
        ),
        Misconception(
            id="E1.6B",
            name="You took the residuals of least squares. The outliers had a hand in that fit.",
            function=_kind_by(_residuals_of_least_squares),
            sees="Wild rows are 'neither' for you, such as day 21 of the stack loss data, row 20.",
            why="Two wild rows of fourteen, at the end of the line, turn it so far towards themselves that "
            "their weights are 0.92 and 0.91; in the robust fit they are 0.09 and 0.08.",
            probe=_PLANT_PROBE + "kind_of_outlier(plant.x, plant.y, 20)  # its weight is 0.37, not 0.53",
        ),
        Misconception(
            id="E1.6C",
            name="Your leverage has no column of ones.",
            function=_kind_by(columns=lambda X: X),
            sees="For the lone point of Anscombe's fourth set your leverage is 0.36 instead of 1.",
            why="The plane is held by the middle of the data, not by the origin: far means far from there.",
            probe=_ANSCOMBE + "kind_of_outlier(x4, y4, 7)",
        ),
        Misconception(
            id="E1.6D",
            name="You asked for the residual first.",
            function=_kind_by(leverage_first=False),
            sees="A row with both, much leverage and a large residual, is 'residual' for you.",
            why="With much leverage the size of the residual is no evidence: it depends on how far the fit "
            "gave way. Look at x first.",
            probe=_FAR_CROWD + "kind_of_outlier(X, y, 7)",
        ),
        Misconception(
            id="E1.6E",
            name="You took every weight below 1 for an outlier.",
            function=_other_limit,
            sees="Too many rows are 'residual' for you.",
            why="Of clean normal noise 18 percent lies beyond 1.345 standard deviations. A weight below 1/2 "
            "means 2.69, which is 0.7 percent.",
            probe=_PLANT_PROBE + "kind_of_outlier(plant.x, plant.y, 2)  # its weight is 0.79",
        ),
        changes_input(
            _kind_in_place,
            "X, y = np.arange(4.0)[:, np.newaxis], np.array([0.0, 1, 2, 9])\nkind_of_outlier(X, y, 3); y",
        ),
    ),
    hints=(
        "Three questions in this order: is x far, is the target far from the robust fit, or neither?",
        "The leverage of a row is its own share in its fitted value. With the column of ones, A, it is row i "
        "of A (AᵀA)⁻¹ times row i of A.",
        "For the second question, use your robust_fit, mad_scale and huber_weights with k = 1.345.",
    ),
)

QUESTIONS = (_MAD_SCALE, _HUBER_WEIGHTS, _ROBUST_FIT, _EFFICIENCY, _KIND)
