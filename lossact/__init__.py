"""lossact: losses, activations and their gradients, exactly, in NumPy.

Names, arguments and defaults are those of `torch.nn.functional`. Each function carries its gradient:
`mse_loss(input, target)` is the loss, `mse_loss.grad(input, target)` its gradient.

On every finite input value and gradient are within 4 units in the last place of the exact ones, or within
what the rounding of an inner difference does to them; tests/functions says for which. In float64 gelu and
the softmax's vjp may be off by 8, mish's gradient and log_cosh_loss by 6. An infinite input gives the limit,
or nan where there is none. nan stays nan. No function warns about floating-point errors.
"""

from importlib import import_module
from typing import Any

from lossact.activations import (
    celu,
    elu,
    gelu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    identity,
    leaky_relu,
    lisht,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softshrink,
    softsign,
    squareplus,
    tanh,
    tanhshrink,
)
from lossact.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    exponential_loss,
    hinge_loss,
    huber_loss,
    l1_loss,
    log_cosh_loss,
    mse_loss,
    nll_loss,
    pinball_loss,
    pseudo_huber_loss,
    smooth_l1_loss,
    soft_margin_loss,
    squared_hinge_loss,
)

__version__ = "0.1.0"

_SUBMODULES = ("couplings", "datasets", "descent", "gradcheck", "grading", "networks", "plotting")

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "cross_entropy",
    "elu",
    "exponential_loss",
    "gelu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_loss",
    "huber_loss",
    "identity",
    "l1_loss",
    "leaky_relu",
    "lisht",
    "log_cosh_loss",
    "log_softmax",
    "logsigmoid",
    "mish",
    "mse_loss",
    "nll_loss",
    "pinball_loss",
    "pseudo_huber_loss",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "squared_hinge_loss",
    "squareplus",
    "tanh",
    "tanhshrink",
]


def __getattr__(name: str) -> Any:
    # Imported when first used, so that `import lossact` costs no more than NumPy.
    if name in _SUBMODULES:
        return import_module(f"lossact.{name}")
    raise AttributeError(f"module 'lossact' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBMODULES, "__version__"])
