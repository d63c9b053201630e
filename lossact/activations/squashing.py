"""Activations that squash the real line into an interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray
from lossact._declare import activation


@activation(range=(0.0, 1.0), monotonic=True, smooth=True, saturates="both sides", lipschitz=0.25)
def sigmoid(input: ArrayLike) -> FloatArray:
    r"""The logistic sigmoid: the probability whose log-odds are `input`.

    .. math:: \sigma(x) = \frac{1}{1 + e^{-x}}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [0, 1]. In float64 it rounds to exactly 1 from about
    x = 36.7 on, in float32 from about 16.6.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville: Deep Learning, MIT Press 2016, section 3.10.

    Examples
    --------
    >>> sigmoid([0.0, 2.0]).round(4).tolist()
    [0.5, 0.8808]
    >>> sigmoid.grad(0.0)
    np.float64(0.25)
    """
    # Only exp(-|x|) is ever taken: it cannot overflow, and the left tail keeps all its digits.
    decay = np.exp(-np.abs(input))
    return np.where(np.signbit(input), decay, 1) / (1 + decay)


@sigmoid.derivative
def _(input: FloatArray) -> FloatArray:
    # sigma(x) sigma(-x), not s (1 - s): once s rounds to 1 the second form is 0.
    decay = np.exp(-np.abs(input))
    return decay / (1 + decay) ** 2


@activation(
    range=(-1.0, 1.0), monotonic=True, smooth=True, saturates="both sides", symmetry="odd", lipschitz=1.0
)
def tanh(input: ArrayLike) -> FloatArray:
    r"""The hyperbolic tangent: the sigmoid, stretched to (-1, 1) and centred at 0.

    .. math:: \tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\sigma(2x) - 1

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [-1, 1].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] LeCun, Bottou, Orr, Mueller: Efficient BackProp, 1998, section 4.4.

    Examples
    --------
    >>> tanh([0.0, 1000.0]).tolist()
    [0.0, 1.0]
    >>> tanh.grad(0.0)
    np.float64(1.0)
    """
    return np.tanh(input)


@tanh.derivative
def _(input: FloatArray) -> FloatArray:
    # 1 / cosh(x)^2 by way of exp(-2|x|): 1 - tanh(x)^2 is 0 from x = 19.1 on although the truth is not.
    decay = np.exp(-2 * np.abs(input))
    return 4 * decay / (1 + decay) ** 2
