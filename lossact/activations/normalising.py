"""Activations that turn a vector of scores into a distribution: every entry looks at its neighbours."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossact._arrays import FloatArray, IntArray
from lossact._blocks import holds_nan, shared, within
from lossact._declare import activation


def _one_largest(input: FloatArray, dim: int) -> NDArray[np.bool_]:
    """A mask of one largest entry in each vector along `dim` (nan counts as largest)."""
    mask = np.zeros(input.shape, dtype=bool)
    if input.size:
        np.put_along_axis(mask, np.expand_dims(np.argmax(input, axis=dim), dim), True, axis=dim)
    return mask


def shifted_exponentials(input: FloatArray, dim: int) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """What softmax and its relatives share: `(input - max, exp(input - max), largest)` along `dim`.

    `largest` marks one largest entry of each vector. Its exponential is exactly 1, so the sum of the
    others says how far the distribution is from certain, to full precision.
    """
    largest = _one_largest(input, dim)
    difference = input - np.max(input, axis=dim, keepdims=True, initial=-np.inf)
    # 0 by definition: inf - inf would turn the limit of a single infinite score into nan.
    shifted = np.where(largest & ~np.isnan(input), 0, difference)
    return shifted, np.exp(shifted), largest


def sum_of_others(values: FloatArray, axis: int) -> FloatArray:
    """For each entry the sum of all the others along `axis`.

    The total minus the entry, except for the entry largest in size: it may dominate the total so far that
    nothing of the others is left in it, so for that one they are added up.
    """
    largest = _one_largest(np.abs(values), axis)
    rest = np.sum(np.where(largest, 0, values), axis=axis, keepdims=True)
    return np.where(largest, rest, np.sum(values, axis=axis, keepdims=True) - values)


def softmax_with_complement(input: FloatArray, dim: int) -> tuple[FloatArray, FloatArray]:
    """`(p, 1 - p)` for p = softmax(input), both to full relative precision.

    `1 - p` computed as written is 0 as soon as p rounds to 1; as the share of the others it is not.
    """
    _, exponentials, _ = shifted_exponentials(input, dim)
    total = np.sum(exponentials, axis=dim, keepdims=True)
    return exponentials / total, sum_of_others(exponentials, dim) / total


def sum_along(values: FloatArray) -> FloatArray:
    """The sum along axis 1, which is kept."""
    if values.ndim == 2 and values.shape[1] <= 256:
        # Short sums one by one are where this is faster than np.sum; long ones would drift.
        return np.einsum("ij->i", values)[:, np.newaxis]
    return np.add.reduce(values, axis=1, keepdims=True)


def positions(index: IntArray, shape: tuple[int, ...]) -> IntArray:
    """Where in the flattened array of `shape` the entries are that have these indices on axis 1."""
    samples, classes, *rest = shape
    if not rest:
        return index + _starts(samples, classes)
    inner = math.prod(rest)
    starts = _starts(samples, classes).reshape(samples, 1, *(1 for _ in rest))
    return (index + starts) * inner + np.arange(inner).reshape(1, 1, *rest)


@functools.lru_cache(maxsize=4)
def _starts(samples: int, classes: int) -> IntArray:
    """Where the vectors start, which is the same for one block after the other."""
    return np.arange(0, samples * classes, max(classes, 1))[:samples, np.newaxis]


@shared
def largest(x: FloatArray) -> IntArray:
    """Where in the flattened array a largest entry of each vector along axis 1 is (nan counts as largest)."""
    if not x.size:
        return np.zeros((x.shape[0], min(1, x.shape[1]), *x.shape[2:]), np.intp)
    return positions(x.argmax(axis=1)[:, np.newaxis], x.shape)


@shared
def exponentials(x: FloatArray) -> FloatArray:
    """What softmax and its relatives share: exponentials that are proportional to it along axis 1.

    In a block of ordinary scores they are exp(x) as it stands, and nothing is rounded beforehand. Elsewhere
    it is exp(x - max(x)), where the largest is 1.
    """
    limit = 75 if x.dtype == np.float32 else 600
    if within(x, -limit, limit):
        return np.exp(x, order="C")
    return np.exp(shifted(x))


@shared
def shifted(x: FloatArray) -> FloatArray:
    """`x - max(x)` along axis 1."""
    at = largest(x)
    top = x.reshape(-1)[at]
    difference = np.subtract(x, top, order="C")
    # 0 by definition: inf - inf would turn the limit of a single infinite score into nan.
    difference.reshape(-1)[at] = np.where(np.isnan(top), top, 0)
    return difference


def distance_from_largest(x: FloatArray, at: IntArray) -> FloatArray:
    """`max(x) - x` along axis 1 for the entries at these positions."""
    top, flat = largest(x), x.reshape(-1)
    distance = flat[top] - flat[at]
    if holds_nan(distance):
        # 0 is the limit for a single infinite score.
        distance = np.where((at == top) & ~np.isnan(flat[at]), 0, distance)
    return distance


@shared
def softmax_parts(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The sum of all but the largest of the exponentials along axis 1, and the largest one.

    The sum of the others says how far the distribution is from certain, to full precision.
    """
    every = exponentials(x)
    at = largest(x)
    top = every.reshape(-1)[at]
    others = every.copy()
    # nan stays, so that a vector of a single nan is not certain.
    others.reshape(-1)[at] = np.where(np.isnan(top), top, 0) if holds_nan(top) else 0
    return sum_along(others), top


def log_softmax_vjp(x: FloatArray, grad_output: FloatArray) -> FloatArray:
    """`log_softmax.vjp` along axis 1: grad_output - p sum(grad_output), without cancellation.

    Only a probability near 1 makes the two terms cancel. There they are g (1 - p) - p (sum of the other g).
    """
    every = exponentials(x)
    at = largest(x)
    rest, top = softmax_parts(x)
    total = rest + top
    others = grad_output.copy(order="C")
    g = others.reshape(-1)[at]
    others.reshape(-1)[at] = 0
    sum_of_others = sum_along(others)
    slope = np.subtract(grad_output, every * ((sum_of_others + g) / total), order="C")
    slope.reshape(-1)[at] = g * (rest / total) - top / total * sum_of_others
    return slope


@activation(
    range=(0.0, 1.0),
    monotonic=True,
    smooth=True,
    saturates="both sides",
    lipschitz=0.5,
    elementwise=False,
)
def softmax(input: ArrayLike, dim: int) -> FloatArray:
    r"""The softmax: scores to probabilities that sum to 1 along `dim`.

    .. math:: s_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    Parameters
    ----------
    input : array of at least one dimension, float32 or float64 (integers become float64).
    dim : the axis along which the probabilities sum to 1, usually the class axis.

    Returns
    -------
    Array of the same shape with values in [0, 1].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.
    numpy.exceptions.AxisError
        If `input` has no axis `dim`.

    Notes
    -----
    Its Jacobian is diag(s) - s s^T: symmetric, and of rank K - 1 because adding a constant to all
    scores changes nothing. `softmax.vjp` multiplies by it without building it.

    References
    ----------
    .. [1] Bridle: Probabilistic Interpretation of Feedforward Classification Network Outputs, 1990.

    Examples
    --------
    >>> softmax([1.0, -2.0, 0.0], dim=0).round(4).tolist()
    [0.7054, 0.0351, 0.2595]
    >>> softmax([0.0, 800.0], dim=0).tolist()
    [0.0, 1.0]
    """
    return _probabilities(np.asarray(input))


@softmax.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    probability = _probabilities(input)
    # Only differences of grad_output count, because the probabilities sum to 1. Taken from its value at
    # the largest probability, they leave nothing to cancel there, where p is near 1.
    relative = grad_output - grad_output.reshape(-1)[largest(input)]
    relative -= sum_along(probability * relative)
    return probability * relative


@shared
def _probabilities(x: FloatArray) -> FloatArray:
    every = exponentials(x)
    return every / sum_along(every)


@activation(
    range=(-np.inf, 0.0),
    monotonic=True,
    smooth=True,
    saturates="right",
    lipschitz=np.inf,
    elementwise=False,
)
def log_softmax(input: ArrayLike, dim: int) -> FloatArray:
    r"""The logarithm of the softmax, without ever forming a probability that could round to 0.

    .. math:: \ell_i = x_i - \log \sum_j e^{x_j}

    Parameters
    ----------
    input : array of at least one dimension, float32 or float64 (integers become float64).
    dim : the axis along which the probabilities sum to 1, usually the class axis.

    Returns
    -------
    Array of the same shape with values in (-inf, 0].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.
    numpy.exceptions.AxisError
        If `input` has no axis `dim`.

    References
    ----------
    .. [1] Blanchard, Higham, Higham: Accurately Computing the Log-Sum-Exp and Softmax Functions,
       IMA Journal of Numerical Analysis 41, 2021.

    Examples
    --------
    >>> log_softmax([0.0, 200.0], dim=0).tolist()
    [-200.0, -1.3838965267367376e-87]
    """
    return log_probabilities(np.asarray(input))


@shared
def log_probabilities(x: FloatArray) -> FloatArray:
    """`log_softmax` along axis 1."""
    others, top = softmax_parts(x)
    # log1p of the others: log of a sum that rounds to 1 would call a confident row certain.
    return shifted(x) - np.log1p(others / top)


@log_softmax.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    return log_softmax_vjp(input, grad_output)
