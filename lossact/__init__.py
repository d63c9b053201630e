"""lossact: losses, activations and their gradients, exactly, in NumPy.

Names, arguments and defaults are those of `torch.nn.functional`. Each function carries its gradient:
`mse_loss(input, target)` is the loss, `mse_loss.grad(input, target)` its gradient.

On every finite input value and gradient are within 4 units in the last place of the exact ones, or within
what the rounding of an inner difference does to them; tests/functions says for which. An infinite input
gives the limit, or nan where there is none. nan stays nan. No function warns about floating-point errors.
"""

from importlib import import_module
from typing import Any

from lossact.activations import identity, leaky_relu, log_softmax, relu, sigmoid, softmax, tanh
from lossact.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    l1_loss,
    mse_loss,
    nll_loss,
)

__version__ = "0.1.0"

_SUBMODULES = ("couplings", "datasets", "descent", "gradcheck", "grading", "networks", "plotting")

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "identity",
    "l1_loss",
    "leaky_relu",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]


def __getattr__(name: str) -> Any:
    # Imported when first used, so that `import lossact` costs no more than NumPy.
    if name in _SUBMODULES:
        return import_module(f"lossact.{name}")
    raise AttributeError(f"module 'lossact' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBMODULES, "__version__"])
