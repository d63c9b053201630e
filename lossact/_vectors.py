"""Lengths, distances and angles of vectors, whatever their size.

A block holds its vectors along axis 1, and numbers that belong to them in a column. Everything here is
computed in float64, and in units that are a power of two for each vector, so that no square overflows and
none that counts is lost. A length therefore comes as a number and an exponent: it is `number * 2**exponent`.

The angle of two vectors that are nearly parallel cannot be had from its cosine, which is nearly 1. It is
had from what one of them leaves when its projection on the other has been taken away.

The careful way costs a few times as much, so each step asks of the whole block first whether it is needed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from lossact._arithmetic import mantissa_and_exponent, product_in_two_parts, sum_in_two_parts
from lossact._arrays import FloatArray, IntArray
from lossact._blocks import shared, where_true

# The exponent of an infinite length: 2**INFINITE overflows and 2**-INFINITE is 0.
INFINITE = 4000


def times_power_of_two(x: FloatArray | np.float64, exponent: IntArray) -> FloatArray:
    """`x * 2**exponent`, rounded once."""
    if np.max(np.abs(exponent), initial=0) <= 1000:
        return np.asarray(x * np.ldexp(1.0, exponent))
    half = exponent // 2
    return np.asarray(x * np.ldexp(1.0, half) * np.ldexp(1.0, exponent - half))


def column(numbers: FloatArray) -> FloatArray:
    """Numbers that belong to vectors, one a row."""
    return numbers.astype(np.float64, copy=False)[:, None]


@shared
def dot(x: FloatArray, y: FloatArray) -> FloatArray:
    return np.asarray(np.sum(x * y, axis=1, keepdims=True))


def _ordinary(squares: FloatArray) -> bool:
    """Whether no square has overflowed, and none that has underflowed counts."""
    return bool(np.min(squares, initial=1.0) > 1e-200 and np.max(squares, initial=1.0) < 1e200)


def in_own_unit(x: FloatArray, floor: float = 0.0) -> tuple[FloatArray, IntArray]:
    """Each vector times a power of two, `2**-exponent`, and the exponents.

    The largest entry, or the floor if that is larger, then lies in [1/2, 1). A vector with one infinite
    entry is given as its direction, which is the limit; with two of them there is no limit, but nan.

    Where all the squares are ordinary numbers, which is nearly always, the vectors are their own unit.
    """
    if _ordinary(dot(x, x)) and floor < 1e100:
        return x, np.zeros((len(x), 1), np.intc)
    largest = np.maximum(np.max(np.abs(x), axis=1, keepdims=True, initial=0.0), floor)
    exponent = mantissa_and_exponent(largest)[1]
    infinite = np.isinf(largest)
    if not np.any(infinite):
        return times_power_of_two(x, -exponent), exponent
    exponent = np.where(infinite, INFINITE, exponent)
    ends = np.where(np.isinf(x), np.sign(x), 0.0)
    ends = np.where(np.sum(np.abs(ends), axis=1, keepdims=True) > 1, np.nan, ends)
    return np.where(infinite, ends, times_power_of_two(x, -exponent)), exponent


def difference(x1: FloatArray, x2: FloatArray, eps: float) -> tuple[FloatArray, IntArray]:
    """`x1 - x2 + eps` with one rounding, in units of 2**exponent for the exponents that come with it."""
    none = np.zeros((len(x1), 1), np.intc)
    if x1.dtype == np.float32:
        return np.subtract(x1, x2, dtype=np.float64) + eps, none
    total: FloatArray = x1 - x2 + eps
    if eps and not np.min(np.abs(total), initial=np.inf) > 2 * abs(eps):
        # The difference may be so near to -eps that its rounding counts.
        total, lost = sum_in_two_parts(x1, -x2)
        total, lost_too = sum_in_two_parts(total, np.array(eps))
        total = total + (lost + lost_too)
    if np.max(dot(total, total), initial=0.0) < np.inf:
        return total, none
    finite = np.isfinite(total)
    # A difference of two finite numbers may overflow, but not the one of their quarters.
    quartered = ~np.all(finite, axis=1, keepdims=True)
    unit = np.where(quartered, 0.25, 1.0)
    return np.where(quartered, x1 * unit - x2 * unit + eps * unit, total), np.where(quartered, 2, none)


class Distance(NamedTuple):
    """A distance `length * 2**exponent`, and the difference of the vectors in the unit of that length."""

    difference: FloatArray
    length: FloatArray
    exponent: IntArray

    @property
    def value(self) -> FloatArray:
        return times_power_of_two(self.length, self.exponent)

    @property
    def is_infinite(self) -> Any:
        return self.exponent >= INFINITE


@shared
def distance(x1: FloatArray, x2: FloatArray, p: float, eps: float) -> Distance:
    """The p-norm of `x1 - x2 + eps`, for every real p and for p = inf and -inf."""
    entries, exponent = difference(x1, x2, eps)
    if p == 0:
        return Distance(
            entries, np.sum(where_true(entries != 0, entries), axis=1, keepdims=True), 0 * exponent
        )
    if p > 0:
        entries, unit = in_own_unit(entries)
        exponent = exponent + unit
    elif p < 0:
        # The smallest entry counts most.
        unit = mantissa_and_exponent(np.min(np.abs(entries), axis=1, keepdims=True, initial=np.inf))[1]
        entries, exponent = times_power_of_two(entries, -unit), exponent + unit
    length = _norm(entries, p)
    if p > 0:
        # Two infinite entries have no direction, but a length.
        length = np.where(exponent >= INFINITE, 1.0, length)
    return Distance(entries, length, exponent)


def _norm(entries: FloatArray, p: float) -> FloatArray:
    if p == 2:
        return np.asarray(np.sqrt(dot(entries, entries)))
    size = np.abs(entries)
    if p == 1:
        return np.asarray(np.sum(size, axis=1, keepdims=True))
    if p > 0:
        extreme = np.max(size, axis=1, keepdims=True, initial=0.0)
    else:
        extreme = np.min(size, axis=1, keepdims=True, initial=np.inf)
    if np.isinf(p):
        return np.asarray(extreme)
    # The largest power is 1, so that a high power does not make all of them 0 or infinite.
    powers = np.sum((size / _or_one(extreme)) ** p, axis=1, keepdims=True)
    return np.where(extreme == 0, 0.0, extreme * powers ** (1 / p))


def _or_one(length: FloatArray) -> FloatArray:
    return np.where(length == 0, 1.0, length)


@shared
def direction(distance: Distance, p: float) -> FloatArray:
    """The derivative of the distance by each entry of the first vector; 0 where the distance is 0."""
    entries, length = distance.difference, distance.length
    if p == 0:
        return where_true(np.zeros(entries.shape, np.bool_), entries)
    if p == 1:
        return np.sign(entries)
    if p == 2:
        return entries / _or_one(length)
    if np.isinf(p):
        # Entries that are equally large share the slope.
        extreme = np.where(np.isnan(length), np.nan, np.abs(entries) == length)
        return np.asarray(np.sign(entries) * extreme / np.sum(extreme, axis=1, keepdims=True))
    slope = np.sign(entries) * (np.abs(entries) / _or_one(length)) ** (p - 1)
    return np.where((entries == 0) | (length == 0), 0.0, slope)


class Side(NamedTuple):
    """One of the two vectors of an angle, in its own unit.

    `square` is the square of the length that divides the dot product, `added` what it has more than the
    vector itself; `free` is 0 where that length does not depend on the vector, 1 elsewhere.
    """

    vector: FloatArray
    exponent: IntArray
    square: FloatArray
    added: FloatArray
    free: Any

    @property
    def length(self) -> FloatArray:
        return np.sqrt(self.square)


@shared
def lengthened_side(x: FloatArray, eps: float) -> Side:
    """A vector whose squared length is taken to be |x|^2 + eps."""
    vector, exponent = in_own_unit(x.astype(np.float64, copy=False), np.sqrt(eps))
    added = times_power_of_two(np.float64(eps), -2 * exponent)
    return Side(vector, exponent, dot(vector, vector) + added, added, 1.0)


@shared
def clamped_side(x: FloatArray, eps: float) -> Side:
    """A vector whose length is taken to be max(|x|, eps)."""
    vector, exponent = in_own_unit(x.astype(np.float64, copy=False), eps)
    least = np.square(times_power_of_two(np.float64(eps), -exponent))
    square = dot(vector, vector)
    # nan passes on both ways: it is no less than anything.
    free = np.where(square < least, 0.0, 1.0)
    return Side(vector, exponent, np.maximum(square, least), np.zeros_like(square), free)


@shared
def cosine(one: Side, other: Side) -> FloatArray:
    return dot(one.vector, other.vector) / (one.length * other.length)


@shared
def projection(one: Side, other: Side) -> tuple[FloatArray, FloatArray]:
    """The factor c and `other.vector - c * one.vector`, where c is the dot product over `one.square`.

    The second is orthogonal to the first vector but for what has been added to its length. Where the two
    are nearly parallel it is nearly nothing: so the product keeps both its parts, and what the rounding
    of c has left of the first vector is taken away once more (Kahan's "twice is enough", in Parlett: The
    Symmetric Eigenvalue Problem, Prentice-Hall 1980, section 6-9).
    """
    x, y = one.vector, other.vector
    factor = one.free * dot(x, y) / one.square
    if np.max(np.abs(cosine(one, other)), initial=0.0) < 0.5:
        return factor, y - factor * x
    product, lost = product_in_two_parts(np.broadcast_to(factor, x.shape).copy(), x)
    rest = (y - product) - lost
    correction = one.free * (dot(x, rest) - factor * one.added) / one.square
    return factor, rest - correction * x


def times_cosine_slope(factor: FloatArray, one: Side, other: Side) -> FloatArray:
    """A column of factors times the derivative of the cosine by the first vector."""
    _, rest = projection(one, other)
    # The exponents meet before anything is rounded: neither of the two need be a float by itself.
    mantissa, exponent = mantissa_and_exponent(factor)
    scaled = times_power_of_two(rest, exponent - one.exponent)
    return scaled * (mantissa / (one.length * other.length))


@shared
def one_minus_cosine(one: Side, other: Side) -> FloatArray:
    """1 - cos to full relative precision, for sides of which none is clamped."""
    factor, rest = projection(one, other)
    inner, lengths = dot(one.vector, other.vector), one.length * other.length
    # |x|^2 |y|^2 - (x . y)^2 = |x|^2 |y - c x|^2, and what has been added to the squares: no difference.
    gap = dot(rest, rest) + other.added + factor * factor * one.added
    acute = gap * (one.length / other.length) / (lengths + inner)
    return np.where(inner > 0, acute, 1 - inner / lengths)
