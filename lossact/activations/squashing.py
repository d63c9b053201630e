"""Activations that squash the real line into an interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers, as_number
from lossact._blocks import (
    at_least,
    at_most,
    clamp,
    minus_abs,
    nan_where_nan,
    positive_part,
    select,
    select_by_sign,
    shared,
    where_true,
    within,
)
from lossact._declare import activation


@shared
def decay(x: FloatArray) -> FloatArray:
    """exp(-|x|), which cannot overflow and keeps the digits of either tail."""
    return np.exp(minus_abs(x))


@shared
def ordinary_exponential(x: FloatArray) -> FloatArray | None:
    """exp(x), or None for a block in which it or its inverse is infinite or subnormal somewhere."""
    limit = 87 if x.dtype == np.float32 else 708
    return np.exp(x) if within(x, -limit, limit) else None


@shared
def ordinary_sigmoid(x: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """`(sigmoid(x), 1 + exp(x))` for a block with an `ordinary_exponential`, otherwise None."""
    odds = ordinary_exponential(x)
    if odds is None:
        return None
    total = 1 + odds
    return odds / total, total


@shared
def logistic(x: FloatArray) -> FloatArray:
    """The sigmoid, as a step of other formulas."""
    ordinary = ordinary_sigmoid(x)
    if ordinary is not None:
        return ordinary[0]
    # Only exp(-|x|) is taken: it cannot overflow, and the left tail keeps all its digits.
    return select_by_sign(x, decay(x), x.dtype.type(1)) / (1 + decay(x))


@shared
def log_one_and_exponential(x: FloatArray) -> FloatArray:
    """log(1 + exp(x)), the softplus, as a step of other formulas."""
    odds = ordinary_exponential(x)
    if odds is not None:
        return np.log1p(odds)
    # max(x, 0) + log(1 + e^-|x|): nothing overflows, and log1p keeps a small exponential.
    return positive_part(x) + np.log1p(decay(x))


@activation(range=(0.0, 1.0), monotonic=True, smooth=True, saturates="both sides", lipschitz=0.25)
def sigmoid(input: Numbers) -> FloatArray:
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
    return logistic(np.asarray(input))


@sigmoid.derivative
def _(input: FloatArray) -> FloatArray:
    # sigma(x) sigma(-x), not s (1 - s): once s rounds to 1 the second form is 0.
    ordinary = ordinary_sigmoid(input)
    if ordinary is not None:
        value, total = ordinary
        return value / total
    return decay(input) / (1 + decay(input)) ** 2


@activation(
    range=(-1.0, 1.0), monotonic=True, smooth=True, saturates="both sides", symmetry="odd", lipschitz=1.0
)
def tanh(input: Numbers) -> FloatArray:
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
    decay = np.exp(2 * minus_abs(input))
    return 4 * decay / (1 + decay) ** 2


@activation(range=(-np.inf, 0.0), monotonic=True, smooth=True, saturates="right", lipschitz=1.0)
def logsigmoid(input: Numbers) -> FloatArray:
    r"""The logarithm of the sigmoid, without ever forming a probability that could round to 0 or 1.

    .. math:: f(x) = \log \sigma(x) = -\log(1 + e^{-x}), \qquad f'(x) = \sigma(-x)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in (-inf, 0].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] Maechler: Accurately Computing log(1 - exp(-|a|)), vignette of the R package Rmpfr, 2012.

    Examples
    --------
    >>> logsigmoid([-800.0, 0.0]).round(4).tolist()
    [-800.0, -0.6931]
    >>> logsigmoid.grad(0.0)
    np.float64(0.5)
    """
    return -log_one_and_exponential(_negative(np.asarray(input)))


@logsigmoid.derivative
def _(input: FloatArray) -> FloatArray:
    return logistic(_negative(input))


@shared
def _negative(x: FloatArray) -> FloatArray:
    return -x


@activation(
    range=(-1.0, 1.0), monotonic=True, smooth=True, saturates="both sides", symmetry="odd", lipschitz=1.0
)
def softsign(input: Numbers) -> FloatArray:
    r"""The softsign: it squashes like tanh, but nears its ends as slowly as 1 / abs(x).

    .. math:: f(x) = \frac{x}{1 + |x|}, \qquad f'(x) = \frac{1}{(1 + |x|)^2}

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
    .. [1] Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks,
       AISTATS 2010.

    Examples
    --------
    >>> softsign([-3.0, 0.0, np.inf]).tolist()
    [-0.75, 0.0, 1.0]
    >>> softsign.grad([-3.0, 0.0]).tolist()
    [0.0625, 1.0]
    """
    x = np.asarray(input)
    # inf / inf is nan; the largest finite number over itself is the limit.
    largest = np.finfo(x.dtype).max
    if not within(x, -largest, largest):
        x = clamp(x, -largest, largest)
    return x / _one_and_size(x)


@softsign.derivative
def _(input: FloatArray) -> FloatArray:
    # First the quotient, then the square: the square of 1 + |x| overflows where the slope is not yet 0.
    return np.square(1 / _one_and_size(input))


@shared
def _one_and_size(x: FloatArray) -> FloatArray:
    return 1 + np.abs(x)


@activation(range=(0.0, 1.0), monotonic=True, smooth=False, saturates="both sides", lipschitz=1 / 6)
def hardsigmoid(input: Numbers) -> FloatArray:
    r"""A sigmoid made of three straight lines.

    .. math:: f(x) = \frac{\min(6, \max(0, x + 3))}{6}

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
    At the kinks -3 and 3 the derivative is taken as 0, as `torch.nn.functional.hardsigmoid` does. The
    slope between is 1/6 to the last digit of the dtype. `jax.nn.hard_sigmoid` is the same function;
    others of that name have slope 1/5.

    References
    ----------
    .. [1] Howard et al.: Searching for MobileNetV3, ICCV 2019, section 5.2.

    Examples
    --------
    >>> hardsigmoid([-4.0, 0.0, 1.5]).tolist()
    [0.0, 0.5, 0.75]
    >>> hardsigmoid.grad([-3.0, 0.0]).round(4).tolist()
    [0.0, 0.1667]
    """
    return clamp(np.asarray(input) + 3, 0, 6) / 6


@hardsigmoid.derivative
def _(input: FloatArray) -> FloatArray:
    # |x| < 3, not 0 < x + 3 < 6: the sum of 3 and the number before 3 rounds to 6.
    return where_true(np.abs(input) < 3, input) / 6


def _bounds(dtype: Any, min_val: float, max_val: float) -> tuple[Any, Any]:
    if not min_val <= max_val:
        raise ValueError(
            f"hardtanh: min_val is {min_val} and max_val is {max_val}; min_val must not be the greater one."
        )
    return dtype.type(min_val), dtype.type(max_val)


@activation(
    range=(-1.0, 1.0), monotonic=True, smooth=False, saturates="both sides", symmetry="odd", lipschitz=1.0
)
def hardtanh(input: Numbers, min_val: float = -1.0, max_val: float = 1.0) -> FloatArray:
    r"""A tanh made of three straight lines: the identity, cut off below and above.

    .. math:: f(x) = \min(\text{max\_val}, \max(\text{min\_val}, x))

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    min_val : the lowest value.
    max_val : the highest value, not less than `min_val`.

    Returns
    -------
    Array of the same shape with values in [min_val, max_val].

    Raises
    ------
    ValueError
        If `min_val` is greater than `max_val`, or one of them is nan.
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kinks the derivative is taken as 0, as `torch.nn.functional.hardtanh` does; jax has 1 there.
    The facts are those of the default bounds.

    References
    ----------
    .. [1] Collobert: Large Scale Machine Learning, thesis, Paris 6, 2004.

    Examples
    --------
    >>> hardtanh([-2.0, 0.5, 1.5]).tolist()
    [-1.0, 0.5, 1.0]
    >>> hardtanh.grad([-2.0, 0.5, 1.0]).tolist()
    [0.0, 1.0, 0.0]
    """
    x = np.asarray(input)
    return clamp(x, *_bounds(x.dtype, min_val, max_val))


@hardtanh.derivative
def _(input: FloatArray, min_val: float, max_val: float) -> FloatArray:
    low, high = _bounds(input.dtype, min_val, max_val)
    return where_true((low < input) & (input < high), input)


@activation(
    range=(-np.pi / 2, np.pi / 2),
    monotonic=True,
    smooth=True,
    saturates="both sides",
    symmetry="odd",
    lipschitz=1.0,
)
def arctan(input: Numbers) -> FloatArray:
    r"""The inverse tangent: it squashes like softsign, with ends at plus and minus pi / 2.

    .. math:: f(x) = \arctan x, \qquad f'(x) = \frac{1}{1 + x^2}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [-pi / 2, pi / 2].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] Abramowitz, Stegun: Handbook of Mathematical Functions, 1964, section 4.4.

    Examples
    --------
    >>> arctan([-1.0, 0.0, np.inf]).round(4).tolist()
    [-0.7854, 0.0, 1.5708]
    >>> arctan.grad([0.0, 2.0]).tolist()
    [1.0, 0.2]
    """
    return np.arctan(input)


@arctan.derivative
def _(input: FloatArray) -> FloatArray:
    # Numerator and denominator over the square of max(|x|, 1), which itself would overflow.
    size = np.abs(input)
    first, second = np.square(1 / at_least(size, 1)), np.square(at_most(size, 1))
    return first / (first + second)


def _read_logit(name: str, arguments: dict[str, Any]) -> None:
    if arguments["eps"] is not None:
        eps = arguments["eps"] = as_number(arguments["eps"], f"{name}: eps")
        if not 0 <= eps <= 0.5:
            raise ValueError(f"{name}: eps is {eps}; None or a number between 0 and 1/2 is wanted.")


def _ends(dtype: Any, eps: float) -> tuple[Any, Any]:
    return dtype.type(eps), 1 - dtype.type(eps)


@activation(
    range=(-np.inf, np.inf),
    monotonic=True,
    smooth=True,
    saturates="no",
    lipschitz=np.inf,
    read=_read_logit,
)
def logit(input: Numbers, eps: float | None = None) -> FloatArray:
    r"""The log-odds of a probability: the inverse of the sigmoid.

    .. math:: f(p) = \log \frac{p}{1 - p}, \qquad f'(p) = \frac{1}{p (1 - p)}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64), of probabilities.
    eps : None, or a number between 0 and 1/2: probabilities are cut off at eps and 1 - eps first.

    Returns
    -------
    Array of the same shape: -inf for 0, inf for 1, and nan outside [0, 1] unless `eps` is given.

    Raises
    ------
    ValueError
        If `eps` is not between 0 and 1/2.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    As in `torch.special.logit` the derivative is nan outside [0, 1]; with `eps` it is 0 outside
    [eps, 1 - eps], and that of the logarithm at both ends. The facts are those inside (0, 1).

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, Chapman and Hall 1989, section 4.3.

    Examples
    --------
    >>> logit([0.0, 0.5, 0.8]).round(4).tolist()
    [-inf, 0.0, 1.3863]
    >>> logit.grad([0.5, 1.0], eps=0.1).tolist()
    [4.0, 0.0]
    """
    p = np.asarray(input)
    if eps is not None:
        p = clamp(p, *_ends(p.dtype, eps))
    # Around the root, p = 1/2, the two logarithms would cancel. There 2 p - 1 is exact.
    return select(np.abs(p - 0.5) < 0.25, np.log1p((2 * p - 1) / (1 - p)), np.log(p) - np.log1p(-p))


@logit.derivative
def _(input: FloatArray, eps: float | None) -> FloatArray:
    low, high = _ends(input.dtype, 0 if eps is None else eps)
    outside = input.dtype.type(np.nan if eps is None else 0)
    # |p|, because a probability of -0 is 0.
    slope = 1 / (np.abs(input) * (1 - input))
    return nan_where_nan(select((low <= input) & (input <= high), slope, outside), input)
