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
    "hinge_loss",
    "huber_loss",
    "l1_loss",
    "log_cosh_loss",
    "mse_loss",
    "nll_loss",
    "pinball_loss",
    "pseudo_huber_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "squared_hinge_loss",
]
