"""Activations, one module a family."""

from lossact.activations.gated import gelu, hardswish, lisht, mish, silu
from lossact.activations.inverse_links import exponential, gumbel_minimum_cdf, normal_cdf
from lossact.activations.linear import identity
from lossact.activations.normalising import log_softmax, softmax
from lossact.activations.rectifiers import celu, elu, leaky_relu, relu, relu6, selu
from lossact.activations.shrinking import hardshrink, softshrink, tanhshrink
from lossact.activations.smooth import softplus, squareplus
from lossact.activations.squashing import hardsigmoid, hardtanh, logsigmoid, sigmoid, softsign, tanh

__all__ = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "gumbel_minimum_cdf",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "identity",
    "leaky_relu",
    "lisht",
    "log_softmax",
    "logsigmoid",
    "mish",
    "normal_cdf",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "squareplus",
    "tanh",
    "tanhshrink",
]
