"""lossact: losses, activations and their gradients, exactly, in NumPy.

Names, arguments and defaults are those of `torch.nn.functional`. Each function carries its gradient:
`mse_loss(input, target)` is the loss, `mse_loss.grad(input, target)` its gradient.

On every finite input value and gradient are within 4 units in the last place of the exact ones, or within
what the rounding of an inner difference does to them; tests/functions says for which. In float64 the
slope of gelu in its tanh form, and the vjp of softmax, may be off by 8. An infinite input gives the limit,
or nan where there is none. nan stays nan. No function warns about floating-point errors.
what the rounding of an inner difference does to them; tests/functions says for which. In float64 gelu and
the softmax's vjp may be off by 8, log_cosh_loss by 5. An infinite input gives the limit, or nan where there
is none. nan stays nan. No function warns about floating-point errors.
"""

from importlib import import_module
from typing import Any

from lossact.activations import (
    arctan,
    celu,
    elu,
    exponential,
    gelu,
    gumbel_minimum_cdf,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    identity,
    leaky_relu,
    lisht,
    log_softmax,
    logit,
    logsigmoid,
    mish,
    normal_cdf,
    prelu,
    quick_gelu,
    relu,
    relu6,
    relu_squared,
    rrelu,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softshrink,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
    tanh,
    tanhshrink,
    threshold,
)
from lossact.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    circle_loss,
    contrastive_loss,
    cosine_embedding_loss,
    cross_entropy,
    ctc_loss,
    ctc_loss_with_logits,
    exponential_loss,
    gamma_deviance_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    hinge_loss,
    huber_loss,
    info_nce_loss,
    l1_loss,
    linear_cross_entropy,
    log_cosh_loss,
    mape_loss,
    margin_ranking_loss,
    mse_loss,
    msle_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    nll_loss,
    nt_xent_loss,
    pinball_loss,
    poisson_deviance_loss,
    poisson_nll_loss,
    poly_loss,
    pseudo_huber_loss,
    sigmoid_focal_loss,
    smooth_l1_loss,
    soft_margin_loss,
    squared_hinge_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
    tweedie_deviance_loss,
)
from lossact.similarity import (
    cosine_similarity,
    pairwise_distance,
)

__version__ = "0.1.0"

_SUBMODULES = ("couplings", "datasets", "descent", "gradcheck", "grading", "networks", "plotting")

__all__ = [
    "arctan",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "circle_loss",
    "contrastive_loss",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "ctc_loss_with_logits",
    "elu",
    "exponential",
    "exponential_loss",
    "gamma_deviance_loss",
    "gaussian_nll_loss",
    "gelu",
    "gumbel_minimum_cdf",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "identity",
    "info_nce_loss",
    "l1_loss",
    "leaky_relu",
    "linear_cross_entropy",
    "lisht",
    "log_cosh_loss",
    "log_softmax",
    "logit",
    "logsigmoid",
    "mape_loss",
    "margin_ranking_loss",
    "mish",
    "mse_loss",
    "msle_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normal_cdf",
    "nt_xent_loss",
    "pairwise_distance",
    "pinball_loss",
    "poisson_deviance_loss",
    "poisson_nll_loss",
    "poly_loss",
    "prelu",
    "pseudo_huber_loss",
    "quick_gelu",
    "relu",
    "relu6",
    "relu_squared",
    "rrelu",
    "selu",
    "sigmoid",
    "sigmoid_focal_loss",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squared_hinge_loss",
    "squareplus",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "tweedie_deviance_loss",
]


def __getattr__(name: str) -> Any:
    # Imported when first used, so that `import lossact` costs no more than NumPy.
    if name in _SUBMODULES:
        return import_module(f"lossact.{name}")
    raise AttributeError(f"module 'lossact' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBMODULES, "__version__"])
