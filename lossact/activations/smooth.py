"""Smooth relatives of the rectified linear unit that never fall."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arithmetic import product_in_two_parts
from lossact._arrays import FloatArray, Numbers, as_number
from lossact._blocks import (
    clamp,
    positive_part,
    select,
    select_by_sign,
    shared,
    where_true,
    within,
)
from lossact._declare import activation
from lossact.activations.squashing import log_one_and_exponential, logistic


def _positive(name: str, argument: str, value: float, x: FloatArray) -> Any:
    """`value` in the dtype of `x`, refused unless it is greater than 0 and finite there."""
    converted = x.dtype.type(value)
    if not 0 < converted < np.inf:
        raise ValueError(f"{name}: {argument} is {value!r}; a finite number greater than 0 is wanted.")
    return converted


@shared
def _softplus_decay(x: FloatArray, beta: float) -> FloatArray:
    """exp(-|beta x|)."""
    beta = _positive("softplus", "beta", beta, x)
    # beta x in two parts, because the exponential magnifies the rounding of a large product.
    scaled, rest = product_in_two_parts(np.abs(x), np.full_like(x, beta))
    decay = np.exp(-scaled)
    return decay - decay * rest


def _cut(x: FloatArray, beta: float, threshold: float | None, line: Any, exact: FloatArray) -> FloatArray:
    """`line` where beta x is greater than the threshold, if there is one, and `exact` elsewhere."""
    if threshold is None:
        return exact
    return select(x * x.dtype.type(beta) > as_number(threshold, "softplus: threshold"), line, exact)


@activation(range=(0.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=1.0)
def softplus(input: Numbers, beta: float = 1.0, threshold: float | None = None) -> FloatArray:
    r"""A smooth upper bound of the rectified linear unit; its derivative is the sigmoid.

    .. math:: f(x) = \frac{1}{\beta} \log(1 + e^{\beta x}), \qquad f'(x) = \sigma(\beta x)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    beta : how sharp the bend at 0 is; greater than 0. The larger, the closer to `relu`.
    threshold : None for the formula as it stands. With a number the value is `input` itself, and the
        derivative 1, wherever beta * input is greater than it.

    Returns
    -------
    Array of the same shape with values in [0, inf).

    Raises
    ------
    ValueError
        If `beta` is not a finite number greater than 0.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    The default of `torch.nn.functional.softplus` is threshold=20. In float32 that rounds correctly; in
    float64 it drops digits: softplus(21) is 21 + 7.6e-10.

    References
    ----------
    .. [1] Dugas, Bengio, Belisle, Nadeau, Garcia: Incorporating Second-Order Functional Knowledge for
       Better Option Pricing, NIPS 2000.

    Examples
    --------
    >>> softplus([-1000.0, 0.0, 1000.0]).round(4).tolist()
    [0.0, 0.6931, 1000.0]
    >>> softplus.grad(0.0)
    np.float64(0.5)
    >>> float(softplus(21.0) - 21.0) > 0, float(softplus(21.0, threshold=20.0) - 21.0) > 0
    (True, False)
    """
    x = np.asarray(input)
    if beta == 1:
        return _cut(x, beta, threshold, x, log_one_and_exponential(x))
    # log(1 + e^x) = max(x, 0) + log(1 + e^-|x|): nothing overflows, and log1p keeps a small exponential.
    bend = np.log1p(_softplus_decay(x, beta)) / x.dtype.type(beta)
    return _cut(x, beta, threshold, x, positive_part(x) + bend)


@softplus.derivative
def _(input: FloatArray, beta: float, threshold: float | None) -> FloatArray:
    one = input.dtype.type(1)
    if beta == 1:
        return _cut(input, beta, threshold, one, logistic(input))
    decay = _softplus_decay(input, beta)
    return _cut(input, beta, threshold, one, select_by_sign(input, decay, one) / (1 + decay))


@activation(range=(0.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=1.0)
def squareplus(input: Numbers, b: float = 4.0) -> FloatArray:
    r"""A smooth upper bound of the rectified linear unit that needs no exponential.

    .. math:: f(x) = \frac{x + \sqrt{x^2 + b}}{2}, \qquad
              f'(x) = \frac12 \left( 1 + \frac{x}{\sqrt{x^2 + b}} \right)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    b : how wide the bend at 0 is; greater than 0. The value at 0 is sqrt(b) / 2. The name and the default
        are those of `jax.nn.squareplus`.

    Returns
    -------
    Array of the same shape with values in [0, inf).

    Raises
    ------
    ValueError
        If `b` is not a finite number greater than 0.
    TypeError
        If an argument is not made of real numbers.

    References
    ----------
    .. [1] Barron: Squareplus: A Softplus-Like Algebraic Rectifier, arXiv:2112.11687, 2021.

    Examples
    --------
    >>> squareplus([-1e8, 0.0, 1.5]).tolist()
    [1e-08, 1.0, 2.0]
    >>> squareplus.grad([0.0, 1.5]).tolist()
    [0.5, 0.8]
    """
    x = np.asarray(input)
    root, _ = _hypotenuse(x, b)
    b = x.dtype.type(b)
    # f(x) f(-x) = b / 4. On the left x + sqrt(x^2 + b) would cancel; b / 4 over the value on the right does
    # not. Halving before adding does not overflow.
    right = 0.5 * np.abs(x) + 0.5 * root
    return select_by_sign(x, b / 4 / right, right)


@squareplus.derivative
def _(input: FloatArray, b: float) -> FloatArray:
    root, square = _hypotenuse(input, b)
    size, bend = np.abs(input), input.dtype.type(b)
    # The slope at -|x| is f(-|x|) / sqrt(x^2 + b), and the slopes at x and -x add up to 1.
    careful = square is None
    left = bend / 4 / (0.5 * size + 0.5 * root) / root if careful else bend / 2 / (size * root + square)
    return select_by_sign(input, left, 1 - left)


@shared
def _hypotenuse(x: FloatArray, b: float) -> tuple[FloatArray, FloatArray | None]:
    """sqrt(x^2 + b), and x^2 + b where that keeps its digits."""
    b = _positive("squareplus", "b", b, x)
    info = np.finfo(x.dtype)
    limit = np.sqrt(info.max) / 2
    # As long as the square does not overflow, and b is so large that nothing is missing where it underflows.
    if within(x, -limit, limit) and info.tiny < b < limit:
        square = np.square(x) + b
        return np.sqrt(square), square
    return np.hypot(x, np.sqrt(b)), None


@activation(range=(0.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=1.0)
def sparse_plus(input: Numbers) -> FloatArray:
    r"""A smooth rectified linear unit that is exactly 0 left of -1 and the identity right of 1.

    .. math:: f(x) = \begin{cases} 0 & x \le -1 \\ (x + 1)^2 / 4 & -1 < x < 1 \\ x & x \ge 1 \end{cases}

    Its derivative is `sparse_sigmoid`.

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
    The name is that of `jax.nn.sparse_plus`. It is to sparsemax what softplus is to softmax.

    References
    ----------
    .. [1] Martins, Astudillo: From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label
       Classification, ICML 2016.

    Examples
    --------
    >>> sparse_plus([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.25, 3.0]
    >>> sparse_plus.grad([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    x = np.asarray(input)
    return select(x >= 1, x, np.square(_ramp(x)))


@sparse_plus.derivative
def _(input: FloatArray) -> FloatArray:
    return _ramp(input)


@shared
def _ramp(x: FloatArray) -> FloatArray:
    """The line from 0 at -1 to 1 at 1, and constant outside."""
    return (clamp(x, -1, 1) + 1) / 2


@activation(range=(0.0, 1.0), monotonic=True, smooth=False, saturates="both sides", lipschitz=0.5)
def sparse_sigmoid(input: Numbers) -> FloatArray:
    r"""A sigmoid made of three straight lines: the derivative of `sparse_plus`.

    .. math:: f(x) = \frac{\min(2, \max(0, x + 1))}{2}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [0, 1].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    The name is that of `jax.nn.sparse_sigmoid`. At the kinks -1 and 1 the derivative is taken as 0, as that
    of `hardsigmoid` is. sparse_sigmoid(2 x) is the first entry of sparsemax([x, -x]).

    References
    ----------
    .. [1] Martins, Astudillo: From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label
       Classification, ICML 2016.

    Examples
    --------
    >>> sparse_sigmoid([-2.0, 0.0, 0.5]).tolist()
    [0.0, 0.5, 0.75]
    >>> sparse_sigmoid.grad([-1.0, 0.0]).tolist()
    [0.0, 0.5]
    """
    return _ramp(np.asarray(input))


@sparse_sigmoid.derivative
def _(input: FloatArray) -> FloatArray:
    return where_true(np.abs(input) < 1, input) / 2
