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
from lossact.losses.embedding import (
    circle_loss,
    contrastive_loss,
    cosine_embedding_loss,
    hinge_embedding_loss,
    info_nce_loss,
    margin_ranking_loss,
    nt_xent_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
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
    "circle_loss",
    "contrastive_loss",
    "cosine_embedding_loss",
    "cross_entropy",
    "exponential_loss",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "info_nce_loss",
    "l1_loss",
    "log_cosh_loss",
    "margin_ranking_loss",
    "mse_loss",
    "nll_loss",
    "nt_xent_loss",
    "pinball_loss",
    "pseudo_huber_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "squared_hinge_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]
