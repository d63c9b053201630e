"""The normal distribution, exact in both tails, in plain NumPy.

Everything is made of the scaled tail, Phi(-s) exp(s^2 / 2), which changes slowly, and of exp(-x^2 / 2).
Phi(x) itself is the product of both on the left and 1 minus it on the right; its slope, its logarithm and
the quotient of density and distribution function follow from the same two without a cancellation.

float32 is computed in float64 throughout: there x^2 is exact, nothing is subnormal, and a short formula
is enough, so that this is hardly slower than float32 would be.

The formulas say "left for x <= 0, right for x > 0" with a factor that is 0 or 1. They need no branch.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray
from lossact._blocks import select

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
    0.5317257681685272,
)
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


def _tail_quotient(size: Wide, dtype: np.dtype[Any]) -> tuple[Wide, Wide]:
    """Numerator and denominator of Phi(-size) exp(size^2 / 2), as exact as `dtype` wants it.

    The numerator is finite even where the size is not, so the quotient is 0 there.
    """
    finite = size
    if not size.max(initial=0) < np.inf:
        finite = np.minimum(size, float(np.finfo(dtype).max))
    if dtype == np.float32:
        return _horner(NUMERATOR, finite), _horner(DENOMINATOR, size)
    # SHIFT makes the product of scaled tail and denominator nearly constant: then neither the rounding of t
    # nor that of any but the last step of the polynomial matters much.
    t = finite - CENTRE
    t /= finite + CENTRE
    return _horner(POLYNOMIAL, t), size + SHIFT


def _exponent(x: Wide, dtype: np.dtype[Any]) -> tuple[Wide, Wide | None]:
    """-x^2 / 2 rounded, and what has been rounded away; None if that is nothing (x was float32).

    exp magnifies the rounding of its argument, which is 0.5 ULP of 700, to hundreds of its own units.
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


def _exp(exponent: Wide, rest: Wide | None) -> Wide:
    value: Wide = np.exp(exponent)
    if rest is not None:
        value += value * rest
    return value


def _scaled_tail(size: Wide, dtype: np.dtype[Any]) -> Wide:
    above, below = _tail_quotient(size, dtype)
    above /= below
    return above


def scaled_tail(size: FloatArray) -> FloatArray:
    """Phi(-size) exp(size^2 / 2) for size >= 0, which falls from 1/2 to 0 like 1 / (size sqrt(2 pi))."""
    return _scaled_tail(size.astype(np.float64, copy=False), size.dtype).astype(size.dtype, copy=False)


class NormalParts(NamedTuple):
    """What the distribution function and its relatives are made of; all in float64.

    Phi(x) is tail * near * far for x <= 0 and 1 - tail * near * far for x > 0. The density is
    `DENSITY_AT_ZERO` * near * far.
    """

    x: Wide  # not below -64, so that no product is nan; Phi is 0 there
    size: Wide  # |x|, and not above 64
    right: Wide  # 1 where x > 0, otherwise 0
    tail: Wide  # Phi(-|x|) exp(x^2 / 2)
    near: Wide  # exp(-x^2 / 2) is near * far. Both are normal numbers where the product is not: what is
    far: Wide | float  # larger than the product has more digits, if it is multiplied by one after the other


def normal_parts(x: FloatArray) -> NormalParts:
    """The parts of the normal distribution at `x`, to be put together without cancellation.

    With them the gelu of x, x Phi(x), is `right * x - size * tail * near * far`.
    """
    dtype = x.dtype
    wide = x.astype(np.float64, copy=False)
    size = np.abs(wide)
    far: Wide | float = 1.0
    # Nearly every block lies inside.
    if size.max(initial=0) < _FAR:
        near = _exp(*_exponent(wide, dtype))
    else:
        wide, size = np.maximum(wide, -_GONE), np.minimum(size, _GONE)
        exponent, rest = _exponent(size, dtype)
        is_far = exponent < -_STEP
        # Between the step and its double, where exp vanishes, the sum is exact.
        near = _exp(np.where(is_far, exponent + _STEP, exponent), rest)
        far = np.where(is_far, np.exp(-_STEP), 1.0)
    return NormalParts(wide, size, (wide > 0).astype(np.float64), _scaled_tail(size, dtype), near, far)


def normal_cdf(x: FloatArray) -> FloatArray:
    """The normal distribution function Phi(x)."""
    parts = normal_parts(x)
    tail = parts.tail * parts.near
    tail *= parts.far
    return np.abs(parts.right - tail).astype(x.dtype, copy=False)


def _density(x: Wide, dtype: np.dtype[Any]) -> Wide:
    exponent, rest = _exponent(x, dtype)
    if rest is not None:
        rest -= DENSITY_EXCESS
    density = _exp(exponent, rest)
    density *= DENSITY_AT_ZERO
    return density


def normal_density(x: FloatArray) -> FloatArray:
    """The normal density phi(x) = exp(-x^2 / 2) / sqrt(2 pi)."""
    wide = x.astype(np.float64, copy=False)
    if not np.abs(wide).max(initial=0) < _FAR:
        wide = np.clip(wide, -_GONE, _GONE)
    return _density(wide, x.dtype).astype(x.dtype, copy=False)


def _halves(x: Wide, size: Wide) -> tuple[Wide, Wide, Wide]:
    """1 where x > 0 and otherwise 0; x on the right, else 0, and not above 64; x on the left, else 0."""
    right = (x > 0).astype(np.float64)
    if size.max(initial=0) < _FAR:
        above = x * right
        return right, above, x - above
    return right, np.clip(x, 0, _GONE), np.minimum(x, 0)


def log_normal_cdf(x: FloatArray) -> FloatArray:
    """log Phi(x), which is like -x^2 / 2 on the left and like -phi(x) / x on the right."""
    wide = x.astype(np.float64, copy=False)
    size = np.abs(wide)
    _, above, below = _halves(wide, size)
    # The scaled tail on the left, the tail itself on the right.
    tail = _scaled_tail(size, x.dtype)
    tail *= _exp(*_exponent(above, x.dtype))
    left = np.log(tail)
    below *= below
    below *= 0.5
    left -= below
    return select(wide > 0, np.log1p(-tail), left).astype(x.dtype, copy=False)


def normal_hazard(x: FloatArray) -> FloatArray:
    """phi(x) / Phi(x), the slope of log Phi(x): like -x on the left, like phi(x) on the right."""
    wide = x.astype(np.float64, copy=False)
    size = np.abs(wide)
    right, above, below = _halves(wide, size)
    # On the left this is 1 / sqrt(2 pi) over the scaled tail, without an exponential.
    decay = _exp(*_exponent(above, x.dtype))
    tail = _scaled_tail(size, x.dtype)
    tail *= decay
    right -= tail
    decay *= DENSITY_AT_ZERO
    decay /= np.abs(right)
    if not below.min(initial=0) > -_HUGE:
        decay = np.where(wide < -_HUGE, size, decay)
    return decay.astype(x.dtype, copy=False)
