"""Sums and products that keep what rounding would drop.

The relative error of exp(p) is the absolute error of p. Half a unit in the last place of p = -700 is
6e-14, so an exponential of a rounded product loses up to 250 units in its own last place. Carrying the
product in two parts prevents that. A sum in two parts does the same where terms of both signs meet.
"""

from __future__ import annotations

import numpy as np

from lossact._arrays import FloatArray


def _halves(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`x` as a sum of two numbers with half as many digits each, whose products are therefore exact."""
    integer, dropped = (np.int32, 12) if x.dtype == np.float32 else (np.int64, 27)
    high = (x.view(integer) & -(integer(1) << integer(dropped))).view(x.dtype)
    return high, x - high


def product_in_two_parts(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rounded product of two floats of one dtype, and what has been rounded away (Dekker, 1971).

    Where the product overflows the second part is 0.
    """
    product = a * b
    (a_high, a_low), (b_high, b_low) = _halves(a), _halves(b)
    rest = a_high * b_high - product + a_high * b_low + a_low * b_high + a_low * b_low
    return product, np.where(np.isfinite(rest), rest, 0)


def sum_in_two_parts(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rounded sum of two floats, and what has been rounded away (Knuth, 1969).

    Where the sum is not finite the second part is 0.
    """
    total = a + b
    share = total - a
    rest = (a - (total - share)) + (b - share)
    return total, np.where(np.isfinite(rest), rest, 0)
