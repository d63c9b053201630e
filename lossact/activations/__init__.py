"""Activations, one module a family."""

from lossact.activations.linear import identity
from lossact.activations.normalising import log_softmax, softmax
from lossact.activations.rectifiers import leaky_relu, relu
from lossact.activations.squashing import sigmoid, tanh

__all__ = ["identity", "leaky_relu", "log_softmax", "relu", "sigmoid", "softmax", "tanh"]
