"""The normal distribution, exact in both tails, in plain NumPy.

Everything is made of the scaled tail, Phi(-s) exp(s^2 / 2), which changes slowly, and of exp(-x^2 / 2).
Phi(x) itself is the product of both on the left and 1 minus it on the right; its slope, its logarithm and
the quotient of density and distribution function follow from the same two without a cancellation.

float32 is computed in float64 throughout: there x^2 is exact, nothing is subnormal, and a short formula
is enough, so that it is the faster of the two by far and right to the last place. In float64 the
roundings that exp or a quotient would magnify are kept and put into a small term of a sum that follows.

The formulas say "left for x <= 0, right for x > 0" with a factor that is 0 or 1. They need no branch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray
from lossact._blocks import select, shared

Wide = NDArray[np.float64]

# 1 / sqrt(2 pi), and by how much of itself the float is too large.
DENSITY_AT_ZERO, DENSITY_EXCESS = 0.3989422804014327, 6.247337834861335e-17

# tools/fit_normal_tail.py derives the coefficients; the highest power comes first.
CENTRE, SHIFT = 3.5, 1.5
POLYNOMIAL = (
    -5.192030127408967e-10,
    -4.683967030516089e-10,
    4.504013115637122e-09,
    6.3751776999088286e-09,
    -1.6545648098058958e-08,
    -4.231362547321395e-08,
    1.7045079317511674e-08,
    1.8136246729256373e-07,
    1.6762032856226943e-07,
    -5.311832173263339e-07,
    -1.3888238801528818e-06,
    7.856569567594102e-07,
    7.324580557296877e-06,
    2.849816081897463e-06,
    -3.501625103288124e-05,
    -3.483649203318006e-05,
    0.00018406862423873803,
    0.000213322775016766,
    -0.0012290381211632583,
    -0.0004275810553390357,
    0.009599537114784314,
    -0.02072324205978735,
    0.007227899457930787,
    0.06371445961888776,
    -0.1912824184852884,
)
CONSTANT = 0.5317257681685272
NUMERATOR = (
    0.3989422801362532,
    4.679090580018651,
    26.390300377817407,
    86.36056395376428,
    163.75364591762198,
    148.81795599316845,
)
DENOMINATOR = (
    1.0,
    11.728740188213186,
    67.15074404916308,
    228.1992648973829,
    474.69735452305576,
    564.9863716452103,
    297.635912191378,
)

# Larger |x| need care: exp(-x^2 / 2) gets close to the smallest normal number, and inf meets 0.
_FAR = 30.0
# Beyond it exp(-x^2 / 2) is 0 in every float.
_GONE = 64.0
# exp(-455) is the exponential of a whole number that lies almost on a float.
_STEP = 455.0
# Left of minus this phi(x) / Phi(x) is -x in every float; the scaled tail becomes subnormal further out.
_HUGE = 1e300


def _horner(coefficients: tuple[float, ...], x: Wide) -> Wide:
    first, second, *others = coefficients
    total = x + second if first == 1 else x * first + second
    for coefficient in others:
        total *= x
        total += coefficient
    return total


def _scaled_tail(size: Wide, dtype: np.dtype[Any], rest: Wide | None = None) -> Wide:
    """Phi(-size) exp(size^2 / 2), for results of `dtype`; in float64 times 1 + a tiny `rest`."""
    infinite = not size.max(initial=0) < np.inf
    finite = np.minimum(size, float(np.finfo(dtype).max)) if infinite else size
    if dtype == np.float32:
        tail = _horner(NUMERATOR, finite)
        tail /= _horner(DENOMINATOR, size)
        return tail
    # SHIFT makes the product of scaled tail and denominator nearly constant: then neither the rounding of t
    # nor that of any but the last step of the polynomial matters much.
    t = finite - CENTRE
    t /= finite + CENTRE
    tail = _horner(POLYNOMIAL, t)
    tail *= t
    below = finite + SHIFT
    # What has been rounded away from the denominator. SHIFT has so few digits that the inner difference is
    # exact.
    lost = finite - (below - SHIFT)
    lost /= below
    if rest is not None:
        lost -= rest
    lost *= tail + CONSTANT
    tail -= lost
    tail += CONSTANT
    tail /= size + SHIFT if infinite else below
    return tail


def _exponent(x: Wide, dtype: np.dtype[Any]) -> tuple[Wide, Wide | None]:
    """-x^2 / 2 rounded, and what has been rounded away; None if that is nothing (x was float32).

    exp would magnify that, 0.5 ULP of 700, to hundreds of its own units.
    """
    half = -0.5 * x
    square = half * x
    if dtype == np.float32:
        return square, None
    # Dekker's product: x with its low 27 bits off has a square that is exact, and x^2 - high^2 is
    # (x + high) (x - high).
    high = (np.asarray(x).view(np.int64) & -(1 << 27)).view(np.float64)
    low = x - high
    half_high = -0.5 * high
    high *= half_high
    high -= square
    half += half_high
    half *= low
    high += half
    return square, high


def scaled_tail(size: FloatArray) -> FloatArray:
    """Phi(-size) exp(size^2 / 2) for size >= 0, which falls from 1/2 to 0 like 1 / (size sqrt(2 pi))."""
    return _scaled_tail(size.astype(np.float64, copy=False), size.dtype).astype(size.dtype, copy=False)


class NormalParts(NamedTuple):
    """What the distribution function and its relatives are made of; all in float64, not to be changed.

    Phi(x) is tail * near * far for x <= 0 and 1 - tail * near * far for x > 0. `near * far` is the
    exponential of -x^2 / 2 after rounding; `tail` makes up for the rounding, as a factor 1 + `rest` does.
    """

    x: Wide  # not below -64, so that no product is nan; Phi is 0 there
    size: Wide  # |x|, and not above 64
    right: Wide  # 1 where x > 0, otherwise 0
    tail: Wide  # Phi(-|x|) exp(x^2 / 2) (1 + rest)
    near: Wide  # Both factors are normal numbers where their product is not. What is larger than the
    far: Wide | None  # product has more digits then, if it is multiplied by one after the other. None is 1.
    rest: Wide | None  # what the rounding of -x^2 / 2 has dropped; None if that is nothing


@shared
def normal_parts(x: FloatArray) -> NormalParts:
    """The parts of the normal distribution at `x`, to be put together without cancellation."""
    dtype = x.dtype
    wide = x.astype(np.float64, copy=False)
    size = np.abs(wide)
    far: Wide | None = None
    # Nearly every block lies inside.
    inside = size.max(initial=0) < _FAR
    if not inside:
        wide, size = np.maximum(wide, -_GONE), np.minimum(size, _GONE)
    exponent, rest = _exponent(size, dtype)
    if not inside and dtype == np.float64:
        is_far = exponent < -_STEP
        # Between the step and its double, where exp vanishes, the sum is exact.
        exponent = np.where(is_far, exponent + _STEP, exponent)
        far = np.where(is_far, np.exp(-_STEP), 1.0)
    tail = _scaled_tail(size, dtype, rest)
    return NormalParts(wide, size, (wide > 0).astype(np.float64), tail, np.exp(exponent), far, rest)


def normal_cdf(x: FloatArray) -> FloatArray:
    """The normal distribution function Phi(x)."""
    parts = normal_parts(x)
    tail = parts.tail * parts.near
    if parts.far is not None:
        tail *= parts.far
    return np.abs(parts.right - tail).astype(x.dtype, copy=False)


def normal_product(x: FloatArray) -> FloatArray:
    """x Phi(x): the gelu of x."""
    parts = normal_parts(x)
    # Where Phi(x) is subnormal this has a digit more than Phi(x) has.
    product = parts.size * parts.tail
    product *= parts.near
    if parts.far is not None:
        product *= parts.far
    value = parts.right * parts.x
    value -= product
    return value.astype(x.dtype, copy=False)


def normal_product_slope(x: FloatArray) -> FloatArray:
    """Phi(x) + x phi(x): the slope of x Phi(x)."""
    parts = normal_parts(x)
    moved = parts.size * -DENSITY_AT_ZERO
    if parts.rest is not None:
        moved += moved * (parts.rest - DENSITY_EXCESS)
    moved += parts.tail
    moved *= parts.near
    if parts.far is not None:
        moved *= parts.far
    # On the right it is 1 minus that: the slopes at x and -x add up to 1.
    sign = parts.right * -2
    sign += 1
    moved *= sign
    moved += parts.right
    return moved.astype(x.dtype, copy=False)


def normal_density(x: FloatArray) -> FloatArray:
    """The normal density phi(x) = exp(-x^2 / 2) / sqrt(2 pi)."""
    wide = x.astype(np.float64, copy=False)
    if not np.abs(wide).max(initial=0) < _FAR:
        wide = np.clip(wide, -_GONE, _GONE)
    exponent, rest = _exponent(wide, x.dtype)
    density: Wide = np.exp(exponent)
    density *= DENSITY_AT_ZERO
    if rest is not None:
        rest -= DENSITY_EXCESS
        density += density * rest
    return density.astype(x.dtype, copy=False)


class _Halves(NamedTuple):
    """What the logarithm and its slope share: the exponential is taken on the right only."""

    x: Wide
    size: Wide
    right: Wide  # 1 where x > 0, otherwise 0
    below: Wide  # x where x <= 0, otherwise 0
    decay: Wide  # exp(-x^2 / 2) after rounding where x > 0, otherwise 1
    tail: Wide  # Phi(-|x|) where x > 0, the scaled tail elsewhere
    rest: Wide | None


@shared
def _halves(x: FloatArray) -> _Halves:
    wide = x.astype(np.float64, copy=False)
    size = np.abs(wide)
    right = (wide > 0).astype(np.float64)
    if size.max(initial=0) < _FAR:
        above = wide * right
        below = wide - above
    else:
        above, below = np.clip(wide, 0, _GONE), np.minimum(wide, 0)
    exponent, rest = _exponent(above, x.dtype)
    decay = np.exp(exponent)
    tail = _scaled_tail(size, x.dtype, rest)
    tail *= decay
    return _Halves(wide, size, right, below, decay, tail, rest)


def log_normal_cdf(x: FloatArray) -> FloatArray:
    """log Phi(x), which is like -x^2 / 2 on the left and like -phi(x) / x on the right."""
    halves = _halves(x)
    # In this order only what is too large itself overflows.
    half_square = halves.below * 0.5
    half_square *= halves.below
    left = np.log(halves.tail)
    left -= half_square
    return select(halves.x > 0, np.log1p(-halves.tail), left).astype(x.dtype, copy=False)


def normal_hazard(x: FloatArray) -> FloatArray:
    """phi(x) / Phi(x), the slope of log Phi(x): like -x on the left, like phi(x) on the right."""
    halves = _halves(x)
    # On the left this is 1 / sqrt(2 pi) over the scaled tail, without an exponential.
    gate = halves.right - halves.tail
    if halves.rest is not None:
        # What the numerator lacks is taken from the denominator, and there from the smaller term.
        gate *= halves.rest - DENSITY_EXCESS
        gate += halves.tail
        gate = halves.right - gate
    hazard = halves.decay * DENSITY_AT_ZERO
    hazard /= np.abs(gate)
    if not halves.below.min(initial=0) > -_HUGE:
        hazard = np.where(halves.x < -_HUGE, halves.size, hazard)
    return hazard.astype(x.dtype, copy=False)
