"""Losses, one module a family."""

from lossact.losses.classification import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    exponential_loss,
    hinge_loss,
    nll_loss,
    soft_margin_loss,
    squared_hinge_loss,
)
from lossact.losses.deviances import (
    gamma_deviance_loss,
    gaussian_nll_loss,
    mape_loss,
    msle_loss,
    poisson_deviance_loss,
    poisson_nll_loss,
    tweedie_deviance_loss,
)
from lossact.losses.regression import (
    huber_loss,
    l1_loss,
    log_cosh_loss,
    mse_loss,
    pinball_loss,
    pseudo_huber_loss,
    smooth_l1_loss,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "exponential_loss",
    "gamma_deviance_loss",
    "gaussian_nll_loss",
    "hinge_loss",
    "huber_loss",
    "l1_loss",
    "log_cosh_loss",
    "mape_loss",
    "mse_loss",
    "msle_loss",
    "nll_loss",
    "pinball_loss",
    "poisson_deviance_loss",
    "poisson_nll_loss",
    "pseudo_huber_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "squared_hinge_loss",
    "tweedie_deviance_loss",
]
