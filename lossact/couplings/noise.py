"""What the target is, given the prediction: noise models with their variance, and links to the score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lossact._arrays import FloatArray, Numbers, as_float_array
from lossact._declare import Activation, Loss
from lossact.activations import (
    exponential,
    gumbel_minimum_cdf,
    identity,
    normal_cdf,
    sigmoid,
    softmax,
    softplus,
)
from lossact.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
    poisson_nll_loss,
)


def _inside(mean: Numbers, domain: tuple[float, float], where: str) -> FloatArray:
    """A mean as floats, refused where it lies outside of `domain`."""
    array = as_float_array(mean, "mean")
    outside = (array < domain[0]) | (array > domain[1])
    if np.any(outside):
        raise ValueError(
            f"{where}: mean holds {array[outside].flat[0]!s}; numbers from {domain[0]:g} to {domain[1]:g} "
            "are wanted."
        )
    return array


@dataclass(frozen=True)
class NoiseModel:
    """An exponential family with dispersion 1, as far as a coupling has to know it.

    Attributes
    ----------
    name : what it is called.
    canonical : the activation whose score is the natural parameter, the inverse of the canonical link.
    domain : the least and the greatest mean.
    """

    name: str
    canonical: Activation[...]
    domain: tuple[float, float]
    _variance: Callable[[FloatArray], FloatArray]

    def variance(self, mean: Numbers) -> FloatArray:
        """The variance function: how the variance of the target hangs on its mean."""
        with np.errstate(all="ignore"):
            return self._variance(_inside(mean, self.domain, f"the variance of {self.name} noise"))


def _share_variance(mean: FloatArray) -> FloatArray:
    return mean * (1 - mean)


GAUSSIAN = NoiseModel(
    "Gaussian", identity, (-np.inf, np.inf), lambda mean: np.where(np.isnan(mean), mean, np.ones_like(mean))
)
BERNOULLI = NoiseModel("Bernoulli", sigmoid, (0.0, 1.0), _share_variance)
CATEGORICAL = NoiseModel("categorical", softmax, (0.0, 1.0), _share_variance)
POISSON = NoiseModel("Poisson", exponential, (0.0, np.inf), np.array)

NOISE: dict[Loss[...], NoiseModel] = {
    mse_loss: GAUSSIAN,
    binary_cross_entropy: BERNOULLI,
    binary_cross_entropy_with_logits: BERNOULLI,
    cross_entropy: CATEGORICAL,
    nll_loss: CATEGORICAL,
    poisson_nll_loss: POISSON,
}
"""The noise model whose negative log-likelihood a loss is, up to a factor and a constant."""


def _logit(p: FloatArray) -> FloatArray:
    # In the middle log p - log(1 - p) would cancel; 2 p - 1 is exact there.
    middle = np.log1p((2 * p - 1) / (1 - p))
    return np.where(np.abs(p - 0.5) < 0.25, middle, np.log(p / (1 - p)))


def _probit(p: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(ndtri(p.astype(np.float64)), p.dtype)


def _complementary_log_log(p: FloatArray) -> FloatArray:
    return np.log(-np.log1p(-p))


def _inverse_softplus(mean: FloatArray) -> FloatArray:
    # log(e^m - 1): of small means as it stands, and of large ones, where e^m overflows, m plus a rest.
    return np.where(mean < 1, np.log(np.expm1(mean)), mean + np.log1p(-np.exp(-mean)))


@dataclass(frozen=True)
class Link:
    """The inverse of an activation: from the mean to the score."""

    name: str
    domain: tuple[float, float]
    _formula: Callable[[FloatArray], FloatArray]

    def __call__(self, mean: Numbers) -> FloatArray:
        with np.errstate(all="ignore"):
            return self._formula(_inside(mean, self.domain, f"the {self.name} link"))


LINKS: dict[Activation[...], Link] = {
    identity: Link("identity", (-np.inf, np.inf), np.array),
    sigmoid: Link("logit", (0.0, 1.0), _logit),
    softmax: Link("log", (0.0, 1.0), np.log),
    exponential: Link("log", (0.0, np.inf), np.log),
    softplus: Link("inverse softplus", (0.0, np.inf), _inverse_softplus),
    normal_cdf: Link("probit", (0.0, 1.0), _probit),
    gumbel_minimum_cdf: Link("complementary log-log", (0.0, 1.0), _complementary_log_log),
}
"""The link that an activation is the inverse of, for those that have one."""
