"""Activations with a corner at 0: they let one half of the line through."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray
from lossact._declare import activation


@activation(range=(0.0, np.inf), monotonic=True, smooth=False, saturates="left", lipschitz=1.0)
def relu(input: ArrayLike) -> FloatArray:
    r"""The rectified linear unit.

    .. math:: \mathrm{relu}(x) = \max(0, x)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [0, inf).

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kink the derivative is taken as 0, as `torch.nn.functional.relu` does. Any value in [0, 1] is
    a subgradient there.

    References
    ----------
    .. [1] Nair, Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.0, 3.0]
    >>> relu.grad([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.0, 1.0]
    """
    return np.maximum(input, np.zeros((), np.asarray(input).dtype))


@relu.derivative
def _(input: FloatArray) -> FloatArray:
    return np.heaviside(input, np.zeros((), input.dtype))


@activation(range=(-np.inf, np.inf), monotonic=True, smooth=False, saturates="no", lipschitz=1.0)
def leaky_relu(input: ArrayLike, negative_slope: float = 0.01) -> FloatArray:
    r"""The rectified linear unit with a small slope instead of 0 on the left.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ \text{negative\_slope} \cdot x & x \le 0 \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    negative_slope : slope for x <= 0. 0 gives `relu`, 1 the identity. `max(x, slope * x)` is the same
        function only up to a slope of 1; this one follows the definition for every slope.

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kink the derivative is `negative_slope`, as `torch.nn.functional.leaky_relu` has it.

    References
    ----------
    .. [1] Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.

    Examples
    --------
    >>> leaky_relu([-2.0, 3.0]).tolist()
    [-0.02, 3.0]
    >>> leaky_relu.grad([-2.0, 0.0, 3.0]).tolist()
    [0.01, 0.01, 1.0]
    """
    x = np.asarray(input)
    # A slope of 0 is relu at -inf too, where 0 * x would be nan.
    left = x * x.dtype.type(negative_slope) if negative_slope else np.minimum(np.abs(x), 0)
    return np.where(x > 0, x, left)


@leaky_relu.derivative
def _(input: FloatArray, negative_slope: float) -> FloatArray:
    one, slope = input.dtype.type(1), input.dtype.type(negative_slope)
    return np.where(np.isnan(input), input, np.where(input > 0, one, slope))
