"""Arithmetic that keeps what rounding would drop.

The relative error of exp(p) is the absolute error of p. Half a unit in the last place of p = -700 is
6e-14, so an exponential of a rounded product loses up to 250 units in its own last place. Carrying the
product in two parts prevents that. A sum in two parts does the same where terms of both signs meet.

What log(1 + u) and exp(x) - 1 differ by from u and x is of second order near 0, where the difference
of the two holds nothing but their rounding. There it is a polynomial; likelihoods and divergences are
made of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray, IntArray
from lossact._blocks import select


def _halves(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`x` as a sum of two numbers with half as many digits each, whose products are therefore exact."""
    integer, dropped = (np.int32, 12) if x.dtype == np.float32 else (np.int64, 27)
    bits: NDArray[Any] = x.view(integer)
    high = (bits & -(integer(1) << integer(dropped))).view(x.dtype)
    return high, x - high


def product_in_two_parts(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rounded product of two floats of one dtype, and what has been rounded away (Dekker, 1971).

    Where the product overflows the second part is 0.
    """
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    rest = a_high * b_high - product + a_high * b_low + a_low * b_high + a_low * b_low
    return product, np.where(np.isfinite(rest), rest, 0)


def mantissa_and_exponent(x: FloatArray | np.floating[Any] | float) -> tuple[Any, IntArray]:
    """`np.frexp(x)`, with the exponent 0 where x is nan or infinite.

    There C leaves it open, and in WebAssembly it is whatever the memory held.
    """
    mantissa, exponent = np.frexp(x)
    return mantissa, np.where(np.isfinite(x), exponent, 0)[()]


def _polynomial(x: FloatArray, coefficients: tuple[float, ...]) -> FloatArray:
    """The sum of the coefficients times the powers of `x`, that of x^0 first (Horner's rule)."""
    result = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        result *= x
        result += x.dtype.type(coefficient)
    return result


# (artanh(r) / r - 1) / r^2 as a polynomial in r^2 for |r| up to 1/2, and (exp(x) - 1 - x) / x^2 for |x| up
# to 1: interpolated in the Chebyshev points of the interval, where the Taylor series would need half as
# many terms again.
_ARTANH = {
    np.dtype(np.float32): (
        0.33333333437307106,
        0.19999959336215828,
        0.14288286042811285,
        0.11050830395223991,
        0.09751940865741168,
        0.040916230718241735,
        0.1562916538185637,
    ),
    np.dtype(np.float64): (
        0.3333333333333333,
        0.20000000000000864,
        0.14285714285490106,
        0.11111111133938968,
        0.09090907881509189,
        0.07692345940270638,
        0.06665886352701884,
        0.05893099692590042,
        0.05160769881147162,
        0.05441915418234587,
        0.012292448728540531,
        0.13557903913692299,
        -0.14450491183414468,
        0.21098097885975797,
    ),
}
_EXPONENTIAL = {
    np.dtype(np.float32): (
        0.499999997814,
        0.166666666468,
        0.0416667365952,
        0.00833333967592,
        0.00138853969118,
        0.000198381019687,
        2.53585122446e-05,
        2.80628025823e-06,
    ),
    np.dtype(np.float64): (
        0.5,
        0.16666666666666666,
        0.04166666666666609,
        0.008333333333333299,
        0.0013888888888981404,
        0.00019841269841324198,
        2.4801587246096818e-05,
        2.7557319191381816e-06,
        2.755733506893373e-07,
        2.5052117695907823e-08,
        2.0874435575864273e-09,
        1.6057679623801638e-10,
        1.1639194124150522e-11,
        7.746178593018827e-13,
    ),
}


def gap_below_tangent(u: FloatArray, r: FloatArray, unit: FloatArray | float = 1.0) -> FloatArray:
    """u - log(1 + u), by which the logarithm lies below its tangent, for `u` from -2/3 to 2 (not beyond).

    Given `u` and r = u / (2 + u), which often is a quotient of a difference and a sum that are known better
    than `u`. With a `unit`, u is given in multiples of it, and so is the gap.
    """
    # log(1 + u) = 2 artanh(r), and u - 2 r = u r: what is of first order has gone (Loader, 2000).
    square = r * r
    return r * (u - unit * (2 * square * _polynomial(square, _ARTANH[r.dtype])))


def gap_above_tangent(x: FloatArray) -> FloatArray:
    """exp(x) - 1 - x, by which the exponential lies above its tangent, for every `x`."""
    near = x * x * _polynomial(x, _EXPONENTIAL[x.dtype])
    return select(np.abs(x) <= 1, near, np.expm1(x) - x)


def sum_in_two_parts(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rounded sum of two floats, and what has been rounded away (Knuth, 1969).

    Where the sum is not finite the second part is 0.
    """
    total = a + b
    share = total - a
    rest = (a - (total - share)) + (b - share)
    return total, np.where(np.isfinite(rest), rest, 0)


def is_near(share: FloatArray) -> NDArray[np.bool_]:
    """Whether a relative difference is so small that `gap_below_tangent` takes it."""
    return (share >= -2 / 3) & (share <= 2)


def contrast_of(a: FloatArray, b: FloatArray) -> FloatArray:
    """(a - b) / (a + b) for numbers that are not negative."""
    total = a + b
    contrast = (a - b) / total
    if total.size and np.max(total) == np.inf:
        contrast = np.where(total == np.inf, (0.5 * a - 0.5 * b) / (0.5 * a + 0.5 * b), contrast)
    return contrast


def log_of_ratio(a: FloatArray, b: FloatArray) -> FloatArray:
    """log(a / b) for numbers that are not negative, even if the ratio is out of range or near 1."""
    share, ratio = (a - b) / b, a / b
    log = select(is_near(share), np.log1p(share), np.log(ratio))
    info = np.finfo(ratio.dtype)
    if ratio.size and not (np.min(ratio) >= info.tiny and np.max(ratio) <= info.max):
        out_of_range = (ratio < info.tiny) | (ratio > info.max)
        log = np.where(out_of_range, np.log(a) - np.log(b), log)
    return log
