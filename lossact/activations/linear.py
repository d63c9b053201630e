"""The activation that does nothing: the head of a regression."""

from __future__ import annotations

import numpy as np

from lossact._arrays import FloatArray, Numbers
from lossact._blocks import nan_where_nan
from lossact._declare import activation


@activation(
    range=(-np.inf, np.inf), monotonic=True, smooth=True, saturates="no", symmetry="odd", lipschitz=1.0
)
def identity(input: Numbers) -> FloatArray:
    """The identity, the output activation of a regression.

    .. math:: f(x) = x

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    A new array of the same shape.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    A stack of layers with this activation is one affine map, however deep it is [1]_.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville: Deep Learning, MIT Press 2016, section 6.1.

    Examples
    --------
    >>> identity([-1.5, 2.0]).tolist()
    [-1.5, 2.0]
    """
    return np.asarray(input)


@identity.derivative
def _(input: FloatArray) -> FloatArray:
    # A constant 1 would hide nan. An infinite x has slope 1 all the same.
    return nan_where_nan(np.ones_like(input), input)
