"""Activations of an output whose mean is not on the scale of the score: inverse links of other models.

A generalised linear model says through a link how the mean of the target hangs on a score z. The inverse
of the link is the activation of the output. `identity`, `sigmoid` and `softmax` are three of them; here
are the ones of the logarithm, of the probit, and of the complementary log-log.
"""

from __future__ import annotations

import functools
import math
from decimal import Context, Decimal

import numpy as np

from lossact import _normal
from lossact._arrays import FloatArray, Numbers
from lossact._blocks import select, shared
from lossact._declare import activation


@activation(range=(0.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=np.inf)
def exponential(input: Numbers) -> FloatArray:
    r"""The exponential, inverse of the log link: a score to a rate, a count or another positive mean.

    .. math:: f(x) = e^x, \qquad f'(x) = e^x

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64); the log of the mean.

    Returns
    -------
    Array of the same shape with values in [0, inf]; inf from about 88.7 in float32 and 709.8 in float64.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    Each unit added to the score multiplies the mean by e, so effects multiply. A step that is too long
    overflows; `softplus` gives a positive mean that grows only as fast as the score.

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, 2nd edition, Chapman and Hall 1989, chapter 6.

    Examples
    --------
    >>> exponential([-1.0, 0.0, 2.0]).round(4).tolist()
    [0.3679, 1.0, 7.3891]
    >>> exponential.grad(0.0)
    np.float64(1.0)
    """
    return np.exp(input)


@exponential.derivative
def _(input: FloatArray) -> FloatArray:
    return np.exp(input)


@activation(
    range=(0.0, 1.0), monotonic=True, smooth=True, saturates="both sides", lipschitz=(2 * np.pi) ** -0.5
)
def normal_cdf(input: Numbers) -> FloatArray:
    r"""The standard normal distribution function, inverse of the probit link: a score to a probability.

    .. math:: \Phi(x) = \int_{-\infty}^x \varphi(t)\, dt, \qquad
              \Phi'(x) = \varphi(x) = \frac{e^{-x^2 / 2}}{\sqrt{2 \pi}}

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
    The probit itself is the inverse, the normal quantile. The tails are far thinner than those of the
    `sigmoid`: a score of -10 means a probability of 7.6e-24, not 4.5e-5.

    References
    ----------
    .. [1] Bliss: The Method of Probits, Science 79, 1934.

    Examples
    --------
    >>> normal_cdf([-1.0, 0.0, 1.0]).round(4).tolist()
    [0.1587, 0.5, 0.8413]
    >>> normal_cdf.grad(0.0).round(4)
    np.float64(0.3989)
    """
    return _normal.normal_cdf(np.asarray(input))


@normal_cdf.derivative
def _(input: FloatArray) -> FloatArray:
    return _normal.normal_density(input)


# exp(-e^x) is 0 in both dtypes from 6.62 on, and exp(-e^x) e^x too: nothing changes beyond.
_LAST = 7.0
_STEPS = 16
# (e^r - 1 - r) / r^2, the highest power first.
_SERIES = [1 / math.factorial(k) for k in range(9, 1, -1)]


@functools.cache
def _exponentials() -> tuple[FloatArray, FloatArray]:
    """e^(k / 16) for k = 0, 1, ..., 112: its first half of a double's digits, and what they lack."""
    context = Context(prec=50)
    exact = [context.exp(Decimal(k) / _STEPS) for k in range(round(_LAST) * _STEPS + 1)]
    first = [float(np.float32(float(power))) for power in exact]
    rest = [float(context.subtract(power, Decimal(near))) for power, near in zip(exact, first, strict=True)]
    return np.array(first), np.array(rest)


def _exponential_in_two_parts(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """e^x as its nearest double and what is missing from it, for float64 numbers from 0 to 7."""
    # e^x = e^h (1 + r + r^2 (1/2 + ...)) with h a multiple of 1/16, whose power is known to 24 and 53 bits
    # more, and |r| <= 1/32, which is exact. Of r the first 25 bits are taken apart: their product with 24
    # bits is exact. So nothing is rounded but terms of the size of r^2.
    step = np.rint(x * _STEPS)
    r, index = x - step / _STEPS, step.astype(np.intp)
    del step
    curve = np.full_like(r, _SERIES[0])
    for coefficient in _SERIES[1:]:
        curve *= r
        curve += coefficient
    curve *= r * r
    first = _exponentials()[0].take(index, mode="clip")
    front = np.rint(r * 2.0**30) / 2.0**30
    product = first * front
    value = first + product
    small = first * (r - front + curve) + (first - value + product)
    small += _exponentials()[1].take(index, mode="clip") * (1 + r + curve)
    power = value + small
    small -= power - value
    return power, small


@shared
def gumbel_minimum_tail(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`(exp(-e^x), exp(x - e^x))`: what `gumbel_minimum_cdf` lacks from 1, and its slope.

    Both to full relative precision, however small they are.
    """
    # The relative error of the outer exponential is the absolute error of e^x, which may be 745. Half a unit
    # in its last place would be 250 units of the result, so it is carried with more digits than x has.
    if x.dtype == np.float32:
        near = np.minimum(x, np.float32(_LAST)).astype(np.float64)
        power = np.exp(near)
        return np.exp(-power).astype(np.float32), np.exp(near - power).astype(np.float32)
    near = np.clip(x, 0, _LAST)
    power, rest = _exponential_in_two_parts(near)
    survival = np.exp(-power)
    survival -= survival * rest
    exponent = near - power
    # What the exponent has lost; of a number as small as that the exponential is 1 + itself.
    lost = near - (exponent + power)
    lost -= rest
    slope = np.exp(exponent)
    slope += slope * lost
    del near, power, rest, exponent, lost
    negative = x < 0
    low = np.exp(np.minimum(x, 0))
    left = np.exp(-low)
    return select(negative, left, survival), select(negative, low * left, slope)


@activation(range=(0.0, 1.0), monotonic=True, smooth=True, saturates="both sides", lipschitz=1 / np.e)
def gumbel_minimum_cdf(input: Numbers) -> FloatArray:
    r"""The distribution function of the smallest extreme value, inverse of the complementary log-log link.

    .. math:: f(x) = 1 - \exp(-e^x), \qquad f'(x) = \exp(x - e^x)

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
    It is the probability of at least one event where events are Poisson with the rate e^x; f(0) is
    1 - 1/e = 0.632, not 1/2. It leaves 0 slowly, like e^x, and reaches 1 abruptly. The largest of many
    values has the mirrored distribution, 1 - f(-x), whose link is the log-log.

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, 2nd edition, Chapman and Hall 1989, section 4.3.
    .. [2] Gumbel: Statistics of Extremes, Columbia University Press 1958.

    Examples
    --------
    >>> gumbel_minimum_cdf([-10.0, 0.0, 2.0]).round(6).tolist()
    [4.5e-05, 0.632121, 0.999382]
    >>> gumbel_minimum_cdf.grad(0.0).round(4)
    np.float64(0.3679)
    """
    return -np.expm1(-np.exp(input))


@gumbel_minimum_cdf.derivative
def _(input: FloatArray) -> FloatArray:
    _, slope = gumbel_minimum_tail(input)
    return slope
