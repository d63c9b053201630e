"""Activations, one module a family."""

from lossact.activations.gated import (
    gelu,
    hardswish,
    lisht,
    mish,
    quick_gelu,
    silu,
)
from lossact.activations.inverse_links import exponential, gumbel_minimum_cdf, normal_cdf
from lossact.activations.linear import identity
from lossact.activations.normalising import (
    gumbel_softmax,
    log_softmax,
    logsumexp,
    softmax,
    softmin,
    sparsemax,
)
from lossact.activations.rectifiers import (
    celu,
    elu,
    leaky_relu,
    prelu,
    relu,
    relu6,
    relu_squared,
    rrelu,
    selu,
    threshold,
)
from lossact.activations.shrinking import hardshrink, softshrink, tanhshrink
from lossact.activations.smooth import (
    softplus,
    sparse_plus,
    sparse_sigmoid,
    squareplus,
)
from lossact.activations.squashing import (
    arctan,
    hardsigmoid,
    hardtanh,
    logit,
    logsigmoid,
    sigmoid,
    softsign,
    tanh,
)

__all__ = [
    "arctan",
    "celu",
    "elu",
    "exponential",
    "gelu",
    "gumbel_minimum_cdf",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "identity",
    "leaky_relu",
    "lisht",
    "log_softmax",
    "logit",
    "logsigmoid",
    "logsumexp",
    "mish",
    "normal_cdf",
    "prelu",
    "quick_gelu",
    "relu",
    "relu6",
    "relu_squared",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "tanh",
    "tanhshrink",
    "threshold",
]
