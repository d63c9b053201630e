"""Activations that pull every number towards 0: small ones become 0, or nearly so."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers
from lossact._blocks import clamp, is_not_zero, select, shared, where_true
from lossact._declare import activation


@activation(
    range=(-np.inf, np.inf), monotonic=True, smooth=False, saturates="no", symmetry="odd", lipschitz=np.inf
)
def hardshrink(input: Numbers, lambd: float = 0.5) -> FloatArray:
    r"""Hard thresholding: small numbers become 0, the others stay.

    .. math:: f(x) = \begin{cases} x & |x| > \lambda \\ 0 & |x| \le \lambda \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    lambd : the largest size that becomes 0. A negative one leaves every number as it is.

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    It jumps at -lambd and lambd; there the derivative is taken as 0, as `torch.nn.functional.hardshrink`
    does.

    References
    ----------
    .. [1] Donoho, Johnstone: Ideal Spatial Adaptation by Wavelet Shrinkage, Biometrika 81, 1994.

    Examples
    --------
    >>> hardshrink([-2.0, 0.5, 0.75]).tolist()
    [-2.0, 0.0, 0.75]
    >>> hardshrink.grad([-2.0, 0.5, 0.75]).tolist()
    [1.0, 0.0, 1.0]
    """
    x = np.asarray(input)
    return x * _stays(x, lambd)


@hardshrink.derivative
def _(input: FloatArray, lambd: float) -> FloatArray:
    return _stays(input, lambd)


@shared
def _stays(x: FloatArray, lambd: float) -> FloatArray:
    """1 for what stays, 0 for what becomes 0."""
    return where_true(np.abs(x) > x.dtype.type(lambd), x)


def _not_negative(dtype: Any, lambd: float) -> Any:
    if not lambd >= 0:
        raise ValueError(f"softshrink: lambd is {lambd}; at least 0 is wanted.")
    return dtype.type(lambd)


@activation(
    range=(-np.inf, np.inf), monotonic=True, smooth=False, saturates="no", symmetry="odd", lipschitz=1.0
)
def softshrink(input: Numbers, lambd: float = 0.5) -> FloatArray:
    r"""Soft thresholding: every number moves towards 0 by `lambd`, or to 0 if that is nearer.

    .. math:: f(x) = \operatorname{sign}(x) \max(0, |x| - \lambda)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    lambd : how far each number moves, at least 0.

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    ValueError
        If `lambd` is negative or nan.
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    It is the proximal map of lambd abs(x): the u with the least (u - x)^2 / 2 + lambd abs(u).
    At the kinks the derivative is taken as 0, as `torch.nn.functional.softshrink` does.

    References
    ----------
    .. [1] Donoho: De-Noising by Soft-Thresholding, IEEE Transactions on Information Theory 41, 1995.

    Examples
    --------
    >>> softshrink([-2.0, 0.5, 0.75]).tolist()
    [-1.5, 0.0, 0.25]
    >>> softshrink.grad([-2.0, 0.5, 0.75]).tolist()
    [1.0, 0.0, 1.0]
    """
    return _shrunk(np.asarray(input), lambd)


@softshrink.derivative
def _(input: FloatArray, lambd: float) -> FloatArray:
    return is_not_zero(np.abs(_shrunk(input, lambd)))


@shared
def _shrunk(x: FloatArray, lambd: float) -> FloatArray:
    lambd = _not_negative(x.dtype, lambd)
    return x - clamp(x, -lambd, lambd)


@activation(
    range=(-np.inf, np.inf), monotonic=True, smooth=True, saturates="no", symmetry="odd", lipschitz=1.0
)
def tanhshrink(input: Numbers) -> FloatArray:
    r"""What tanh takes away from its input: flat at 0, and a line of slope 1 far out.

    .. math:: f(x) = x - \tanh x, \qquad f'(x) = \tanh^2 x

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    Near 0 it is x^3 / 3. There the difference is nothing but rounding, so for abs(x) < 1.5 it comes from
    Lambert's continued fraction, in which all terms are positive:

    .. math:: x - \tanh x = x \frac{c}{1 + c}, \qquad
              c = \cfrac{x^2}{3 + \cfrac{x^2}{5 + \cfrac{x^2}{7 + \cdots}}}

    References
    ----------
    .. [1] Lambert: Memoire sur quelques proprietes remarquables des quantites transcendentes circulaires
       et logarithmiques, 1768.

    Examples
    --------
    >>> tanhshrink([0.0, 1e-100, 100.0]).tolist()
    [0.0, 3.3333333333333334e-301, 99.0]
    >>> tanhshrink.grad([0.0, 100.0]).tolist()
    [0.0, 1.0]
    """
    x = np.asarray(input)
    square = np.square(x)
    # Cut off there the fraction is right to the last place for all |x| < 1.5.
    last = 21 if x.dtype == np.float64 else 13
    denominator = last + square / (last + 2)
    for odd in range(last - 2, 1, -2):
        denominator = odd + square / denominator
    share = square / denominator
    return select(np.abs(x) < 1.5, x * (share / (1 + share)), x - _tanh(x))


@tanhshrink.derivative
def _(input: FloatArray) -> FloatArray:
    return np.square(_tanh(input))


@shared
def _tanh(x: FloatArray) -> FloatArray:
    return np.tanh(x)
