"""Losses of a score: an inverse link and the loss of its noise model, in one step and exact in both tails.

The parts lose what the whole keeps. A probability that rounds to 1 has lost the share it lacks, and one
that rounds to 0 its logarithm; and where the slope of the activation is 0 and the one of the loss infinite,
their product is nan. For the canonical links the losses are `lossact.binary_cross_entropy_with_logits`,
`lossact.cross_entropy` and `lossact.poisson_nll_loss`; here are the ones for other links.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossact import _normal
from lossact._arrays import FloatArray, Numbers, same_shape
from lossact._blocks import select, shared
from lossact._declare import loss
from lossact.activations.inverse_links import gumbel_minimum_tail


def _read(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)


def _check_share(name: str, arguments: dict[str, Any]) -> None:
    target = arguments["target"]
    outside = (target < 0) | (target > 1)
    if np.any(outside):
        raise ValueError(
            f"{name}: target holds {target[outside].flat[0]!s}; labels 0 and 1, or probabilities between, "
            "are wanted."
        )


def _check_count(name: str, arguments: dict[str, Any]) -> None:
    target = arguments["target"]
    negative = target < 0
    if np.any(negative):
        raise ValueError(
            f"{name}: target holds {target[negative].flat[0]!s}; counts, not less than 0, are wanted."
        )


def _times(share: FloatArray, term: FloatArray) -> FloatArray:
    """`share * term`, and 0 where the share is 0 and the term infinite: what has no share does not count."""
    product = share * term
    if np.isnan(np.min(product, initial=0.0)):
        product = np.where((share == 0) & ~np.isnan(term), 0, product)
    return product


@loss(read=_read, check=_check_share, convex=True, smooth=True, lipschitz=np.inf)
def probit_bce(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The binary cross-entropy of the probability Phi(z), in nats.

    .. math:: \ell(z, y) = -y \log \Phi(z) - (1 - y) \log \Phi(-z), \qquad
              \frac{\partial \ell}{\partial z} =
              (1 - y) \frac{\varphi(z)}{\Phi(-z)} - y \frac{\varphi(z)}{\Phi(z)}

    Parameters
    ----------
    input : scores z, any shape, float32 or float64 (integers become float64).
    target : labels 0 and 1, or probabilities between; exactly the shape of `input`.
    reduction : "mean" over all elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a target lies outside [0, 1], or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    A confident wrong answer costs z^2 / 2 and has slope z, where the logit link costs z and has slope 1.

    References
    ----------
    .. [1] Bliss: The Calculation of the Dosage-Mortality Curve, Annals of Applied Biology 22, 1935.

    Examples
    --------
    >>> probit_bce([0.0, -10.0], [1.0, 1.0], reduction="none").round(4).tolist()
    [0.6931, 53.2313]
    >>> probit_bce.grad([0.0, -10.0], [1.0, 1.0], reduction="none").round(4).tolist()
    [-0.7979, -10.0981]
    """
    # In float64, where a small share of a huge loss does not overflow on the way.
    x, y = np.asarray(input, np.float64), np.asarray(target)
    return _times(y, -_normal.log_normal_cdf(x)) + _times(1 - y, -_normal.log_normal_cdf(-x))


@probit_bce.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    # phi(z) / Phi(-z) for the label 0, phi(z) / Phi(z) for the label 1.
    if_0, if_1 = _normal.normal_hazard(-input), _normal.normal_hazard(input)
    return _times(1 - target, if_0) - _times(target, if_1)


# More than -log(1 - y) for every y below 1, and whole, so that it is subtracted without rounding.
_SHIFT = 37.0


def _share_of_exponential(share: FloatArray, x: FloatArray) -> FloatArray:
    """`share * exp(x)`, also where the exponential overflows and its share does not."""
    large = x > 64
    power = np.exp(select(large, x - x.dtype.type(_SHIFT), x))
    product = _times(share, power)
    return select(large, product * product.dtype.type(math.exp(_SHIFT)), product)


@shared
def _gumbel_odds(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """`(-log(1 - exp(-e^x)), e^x / (exp(e^x) - 1))`: the loss for y = 1, and how steeply it falls."""
    survival, slope = gumbel_minimum_tail(x)
    rate = np.exp(np.minimum(x, 0))
    # On the left the probability is e^x to first order, and -log of it -x. What is left is a ratio near 1.
    ratio = select(rate > 0, -np.expm1(-rate) / rate, np.ones_like(rate))
    # There the survival nears 1, and what it lacks from 1 has lost its digits.
    negative = x < -0.5
    left = -np.minimum(x, 0) - np.log(ratio)
    return (
        select(negative, left, -np.log1p(-survival)),
        select(negative, survival / ratio, slope / (1 - survival)),
    )


@loss(read=_read, check=_check_share, convex=True, smooth=True, lipschitz=np.inf)
def cloglog_bce(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The binary cross-entropy of the probability 1 - exp(-e^z), in nats.

    .. math:: \ell(z, y) = -y \log(1 - \exp(-e^z)) + (1 - y)\, e^z, \qquad
              \frac{\partial \ell}{\partial z} = (1 - y)\, e^z - y \frac{e^z}{\exp(e^z) - 1}

    Parameters
    ----------
    input : scores z, any shape, float32 or float64 (integers become float64).
    target : labels 0 and 1, or probabilities between; exactly the shape of `input`.
    reduction : "mean" over all elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a target lies outside [0, 1], or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    The two labels are not alike: a wrong answer for y = 1 costs -z as with the logit link, a wrong answer
    for y = 0 costs e^z.

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, 2nd edition, Chapman and Hall 1989, section 4.3.

    Examples
    --------
    >>> cloglog_bce([-10.0, 5.0], [1.0, 0.0], reduction="none").round(4).tolist()
    [10.0, 148.4132]
    >>> cloglog_bce.grad([-10.0, 5.0], [1.0, 0.0], reduction="none").round(4).tolist()
    [-1.0, 148.4132]
    """
    x, y = np.asarray(input), np.asarray(target)
    if_1, _ = _gumbel_odds(x)
    return _times(y, if_1) + _share_of_exponential(1 - y, x)


@cloglog_bce.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    if_1 = _gumbel_odds(input)[1]
    return _share_of_exponential(1 - target, input) - target * if_1


@shared
def _softplus_parts(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """softplus(x), its logarithm, and sigmoid(x), all of one exponential."""
    decay = np.exp(-np.abs(x))
    growth = np.log1p(decay)
    negative = x < 0
    mean = np.maximum(x, 0) + growth
    # On the left softplus is e^x to first order, and its logarithm x. What is left is a ratio near 1.
    ratio = select(decay > 0, growth / decay, np.ones_like(decay))
    logarithm = select(negative, np.minimum(x, 0), np.zeros_like(x)) + np.log(select(negative, ratio, mean))
    return mean, logarithm, select(negative, decay, np.ones_like(decay)) / (1 + decay)


@loss(read=_read, check=_check_count, convex=True, smooth=True, lipschitz=np.inf)
def softplus_poisson(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The Poisson loss of the rate softplus(z).

    .. math:: \ell(z, y) = \mu - y \log \mu, \qquad \mu = \log(1 + e^z), \qquad
              \frac{\partial \ell}{\partial z} = \sigma(z) \frac{\mu - y}{\mu}

    Parameters
    ----------
    input : scores z, any shape, float32 or float64 (integers become float64).
    target : counts, not less than 0; exactly the shape of `input`.
    reduction : "mean" over all elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats, up to log(y!).

    Raises
    ------
    ValueError
        If the shapes differ, a count is negative, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    References
    ----------
    .. [1] Dugas, Bengio, Belisle, Nadeau, Garcia: Incorporating Second-Order Functional Knowledge for
       Better Option Pricing, NIPS 2000.

    Examples
    --------
    >>> softplus_poisson([0.0, 100.0, -100.0], [0.0, 3.0, 3.0], reduction="none").round(4).tolist()
    [0.6931, 86.1845, 300.0]
    >>> softplus_poisson.grad([0.0, 100.0, -100.0], [0.0, 3.0, 3.0], reduction="none").round(4).tolist()
    [0.5, 0.97, -3.0]
    """
    # In float64: a large count magnifies the rounding of the logarithm.
    mean, logarithm, _ = _softplus_parts(np.asarray(input, np.float64))
    losses = mean - _times(np.asarray(target), logarithm)
    return select(mean == np.inf, mean, losses)


@softplus_poisson.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    mean, _log, sigmoid = _softplus_parts(input)
    # Far left both are e^x, at last 0, and their quotient 1; far right the mean is infinite.
    relative = (mean - target) * select(mean > 0, sigmoid / mean, np.ones_like(mean))
    return np.where(input > 1, np.where(np.isinf(mean), 1, sigmoid * ((mean - target) / mean)), relative)
