"""Activations that turn a vector of scores into a distribution: every entry looks at its neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossact._arrays import FloatArray
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
    _, exponentials, _ = shifted_exponentials(np.asarray(input), dim)
    return exponentials / np.sum(exponentials, axis=dim, keepdims=True)


@softmax.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    _, exponentials, largest = shifted_exponentials(input, dim)
    probability = exponentials / np.sum(exponentials, axis=dim, keepdims=True)
    # Only differences of grad_output count, because the probabilities sum to 1. Taken from its value at
    # the largest probability, they leave nothing to cancel there, where p is near 1.
    relative = grad_output - np.sum(np.where(largest, grad_output, 0), axis=dim, keepdims=True)
    mean = np.sum(probability * relative, axis=dim, keepdims=True)
    return probability * (relative - mean)


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
    shifted, exponentials, largest = shifted_exponentials(np.asarray(input), dim)
    # log1p of the others: log of a sum that rounds to 1 would call a confident row certain.
    others = np.sum(np.where(largest, 0, exponentials), axis=dim, keepdims=True)
    return shifted - np.log1p(others)


@log_softmax.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    # (I - 1 s^T)^T g, with g_i (1 - s_i) and s_i (the other g) kept apart so that neither cancels.
    probability, complement = softmax_with_complement(input, dim)
    return grad_output * complement - probability * sum_of_others(grad_output, dim)
