"""The formulas of textbooks in NumPy, as they are printed, by function and part.

None is rearranged to be kind to rounding, and none is a straw man: the softmax subtracts the largest
score, and the logarithms of the binary cross-entropy are clamped, as every textbook says.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import erf


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def sigmoid_slope(x: Any) -> Any:
    return sigmoid(x) * (1 - sigmoid(x))


def normal_gate(x: Any) -> Any:
    return (1 + erf(x / np.sqrt(2).astype(x.dtype))) / 2


def gelu(input: Any, approximate: str = "none") -> Any:
    if approximate == "none":
        return input * normal_gate(input)
    return 0.5 * input * (1 + np.tanh(0.7978845608028654 * (input + 0.044715 * input**3)))


def gelu_slope(input: Any, approximate: str = "none") -> Any:
    if approximate == "none":
        return normal_gate(input) + input * np.exp(-(input**2) / 2) / np.sqrt(2 * np.pi).astype(input.dtype)
    gate = np.tanh(0.7978845608028654 * (input + 0.044715 * input**3))
    slope = 0.7978845608028654 * (1 + 3 * 0.044715 * input**2)
    return 0.5 * (1 + gate) + 0.5 * input * (1 - gate**2) * slope


def mish_slope(x: Any) -> Any:
    gate = np.tanh(np.log(1 + np.exp(x)))
    return gate + x * (1 - gate**2) * sigmoid(x)


def selu(x: Any) -> Any:
    return np.where(x > 0, 1.0507009873554805 * x, 1.7580993408473766 * (np.exp(x) - 1))


def selu_slope(x: Any) -> Any:
    return np.where(x > 0, x.dtype.type(1.0507009873554805), 1.7580993408473766 * np.exp(x))


def softmax(input: Any, dim: int) -> Any:
    exponentials = np.exp(input - np.max(input, axis=dim, keepdims=True))
    return exponentials / np.sum(exponentials, axis=dim, keepdims=True)


def softmax_vjp(input: Any, grad_output: Any, dim: int) -> Any:
    p = softmax(input, dim)
    return p * (grad_output - np.sum(p * grad_output, axis=dim, keepdims=True))


def log_softmax_vjp(input: Any, grad_output: Any, dim: int) -> Any:
    return grad_output - softmax(input, dim) * np.sum(grad_output, axis=dim, keepdims=True)


def one_hot(input: Any, target: Any) -> Any:
    if target.dtype.kind == "f":
        return target
    return np.eye(input.shape[-1], dtype=input.dtype)[target]


def cross_entropy(input: Any, target: Any) -> Any:
    logarithms = np.log(softmax(input, -1))
    if target.dtype.kind == "f":
        return -np.sum(target * logarithms, axis=-1)
    return -np.take_along_axis(logarithms, target[..., None], -1)[..., 0]


def cross_entropy_slope(input: Any, target: Any) -> Any:
    masses = one_hot(input, target)
    return np.sum(masses, axis=-1, keepdims=True) * softmax(input, -1) - masses


def binary_cross_entropy(p: Any, y: Any) -> Any:
    return -(y * np.maximum(np.log(p), -100) + (1 - y) * np.maximum(np.log(1 - p), -100))


def huber_loss(input: Any, target: Any, delta: float = 1.0) -> Any:
    e = input - target
    return np.where(np.abs(e) <= delta, e**2 / 2, delta * (np.abs(e) - delta / 2))


def smooth_l1_loss(input: Any, target: Any, beta: float = 1.0) -> Any:
    e = input - target
    return np.where(np.abs(e) < beta, e**2 / (2 * beta), np.abs(e) - beta / 2)


def smooth_l1_slope(input: Any, target: Any, beta: float = 1.0) -> Any:
    e = input - target
    return np.where(np.abs(e) < beta, e / beta, np.sign(e))


def pseudo_huber_root(input: Any, target: Any, delta: float) -> Any:
    return np.sqrt(1 + ((input - target) / delta) ** 2)


# The names of the arguments are those of lossact; which options a formula does not have, it is not asked.
FORMULAS: dict[str, dict[str, Callable[..., Any]]] = {
    "binary_cross_entropy": {
        "value": lambda input, target: binary_cross_entropy(input, target),
        "input": lambda input, target: (input - target) / (input * (1 - input)),
    },
    "binary_cross_entropy_with_logits": {
        "value": lambda input, target: binary_cross_entropy(sigmoid(input), target),
        "input": lambda input, target: sigmoid(input) - target,
    },
    "celu": {
        "value": lambda input, alpha: np.where(input > 0, input, alpha * (np.exp(input / alpha) - 1)),
        "input": lambda input, alpha: np.where(input > 0, 1, np.exp(input / alpha)),
    },
    "cross_entropy": {"value": cross_entropy, "input": cross_entropy_slope},
    "elu": {
        "value": lambda input, alpha: np.where(input > 0, input, alpha * (np.exp(input) - 1)),
        "input": lambda input, alpha: np.where(input > 0, 1, alpha * np.exp(input)),
    },
    "exponential_loss": {
        "value": lambda input, target: np.exp(-target * input),
        "input": lambda input, target: -target * np.exp(-target * input),
    },
    "gelu": {"value": gelu, "input": gelu_slope},
    "hardshrink": {
        "value": lambda input, lambd: np.where(np.abs(input) > lambd, input, 0),
        "input": lambda input, lambd: np.abs(input) > lambd,
    },
    "hardsigmoid": {
        "value": lambda input: np.clip(input / 6 + 0.5, 0, 1),
        "input": lambda input: np.where(np.abs(input) < 3, input.dtype.type(1 / 6), 0),
    },
    "hardswish": {
        "value": lambda input: input * np.clip(input + 3, 0, 6) / 6,
        "input": lambda input: np.where(input <= -3, 0, np.where(input >= 3, 1, input / 3 + 0.5)),
    },
    "hardtanh": {
        "value": lambda input, min_val, max_val: np.clip(input, min_val, max_val),
        "input": lambda input, min_val, max_val: (min_val < input) & (input < max_val),
    },
    "hinge_loss": {
        "value": lambda input, target: np.maximum(0, 1 - target * input),
        "input": lambda input, target: np.where(target * input < 1, -target, 0),
    },
    "huber_loss": {
        "value": huber_loss,
        "input": lambda input, target, delta: np.clip(input - target, -delta, delta),
    },
    "l1_loss": {
        "value": lambda input, target: np.abs(input - target),
        "input": lambda input, target: np.sign(input - target),
    },
    "leaky_relu": {
        "value": lambda input, negative_slope: np.where(input > 0, input, negative_slope * input),
        "input": lambda input, negative_slope: np.where(input > 0, 1, input.dtype.type(negative_slope)),
    },
    "lisht": {
        "value": lambda input: input * np.tanh(input),
        "input": lambda input: np.tanh(input) + input * (1 - np.tanh(input) ** 2),
    },
    "log_cosh_loss": {
        "value": lambda input, target: np.log(np.cosh(input - target)),
        "input": lambda input, target: np.tanh(input - target),
    },
    "log_softmax": {
        "value": lambda input, dim: np.log(softmax(input, dim)),
        "input": log_softmax_vjp,
    },
    "logsigmoid": {
        "value": lambda input: np.log(sigmoid(input)),
        "input": lambda input: 1 - sigmoid(input),
    },
    "mish": {
        "value": lambda input: input * np.tanh(np.log(1 + np.exp(input))),
        "input": lambda input: mish_slope(input),
    },
    "mse_loss": {
        "value": lambda input, target: (input - target) ** 2,
        "input": lambda input, target: 2 * (input - target),
    },
    "pinball_loss": {
        "value": lambda input, target, tau: np.maximum(tau * (target - input), (tau - 1) * (target - input)),
        "input": lambda input, target, tau: np.where(input < target, input.dtype.type(-tau), 1 - tau),
    },
    "pseudo_huber_loss": {
        "value": lambda input, target, delta: delta**2 * (pseudo_huber_root(input, target, delta) - 1),
        "input": lambda input, target, delta: (input - target) / pseudo_huber_root(input, target, delta),
    },
    "relu": {"value": lambda input: np.maximum(0, input), "input": lambda input: input > 0},
    "relu6": {
        "value": lambda input: np.minimum(np.maximum(0, input), 6),
        "input": lambda input: (input > 0) & (input < 6),
    },
    "selu": {"value": lambda input: selu(input), "input": lambda input: selu_slope(input)},
    "sigmoid": {"value": lambda input: sigmoid(input), "input": lambda input: sigmoid_slope(input)},
    "silu": {
        "value": lambda input: input * sigmoid(input),
        "input": lambda input: sigmoid(input) + input * sigmoid_slope(input),
    },
    "smooth_l1_loss": {"value": smooth_l1_loss, "input": smooth_l1_slope},
    "soft_margin_loss": {
        "value": lambda input, target: np.log(1 + np.exp(-target * input)),
        "input": lambda input, target: -target * np.exp(-target * input) / (1 + np.exp(-target * input)),
    },
    "softmax": {"value": softmax, "input": softmax_vjp},
    "softplus": {
        "value": lambda input, beta: np.log(1 + np.exp(beta * input)) / beta,
        "input": lambda input, beta: sigmoid(beta * input),
    },
    "softshrink": {
        "value": lambda input, lambd: np.sign(input) * np.maximum(np.abs(input) - lambd, 0),
        "input": lambda input, lambd: np.abs(input) > lambd,
    },
    "softsign": {
        "value": lambda input: input / (1 + np.abs(input)),
        "input": lambda input: 1 / (1 + np.abs(input)) ** 2,
    },
    "squared_hinge_loss": {
        "value": lambda input, target: np.maximum(0, 1 - target * input) ** 2,
        "input": lambda input, target: -2 * target * np.maximum(0, 1 - target * input),
    },
    "squareplus": {
        "value": lambda input, b: (input + np.sqrt(input**2 + b)) / 2,
        "input": lambda input, b: (1 + input / np.sqrt(input**2 + b)) / 2,
    },
    "tanh": {"value": lambda input: np.tanh(input), "input": lambda input: 1 - np.tanh(input) ** 2},
    "tanhshrink": {
        "value": lambda input: input - np.tanh(input),
        "input": lambda input: np.tanh(input) ** 2,
    },
}
