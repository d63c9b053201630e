"""Other libraries behind one door: the answer of each to a call of a function of lossact.

A library's functions are data, by lossact's names and with lossact's argument names. torch needs no
table: a function of the same name is called with the same arguments. What a library does not offer (the
function, or an option) it is not asked.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np
from scipy import special

import lossact
from benchmarks.textbook import FORMULAS
from tests.functions.quantities import Call, ask

Table = Mapping[str, Mapping[str, Callable[..., Any]]]


class NotOfferedError(Exception):
    """The library has no such function, or not with these options."""


def fitting(function: Callable[..., Any], name: str, call: Call) -> dict[str, Any]:
    """The arguments of `call` that `function` takes; the others must be at their defaults."""
    taken = inspect.signature(function).parameters
    defaults = inspect.signature(getattr(lossact, name)._formula).parameters
    for key, value in call.arguments.items():
        default = defaults[key].default
        if key not in taken and key != "reduction" and (isinstance(value, np.ndarray) or value != default):
            raise NotOfferedError(f"{name} without {key}")
    return {key: value for key, value in call.arguments.items() if key in taken}


class Lossact:
    title = "lossact"
    package = "lossact"

    def answer(self, name: str, part: str, call: Call) -> np.ndarray:
        return ask(getattr(lossact, name), part, call)


class Formulas:
    """Functions of NumPy arrays from a table, with gradients of their own."""

    def __init__(self, title: str, package: str, table: Table) -> None:
        self.title, self.package, self.table = title, package, table

    def answer(self, name: str, part: str, call: Call) -> np.ndarray:
        function = self.table.get(name, {}).get(part)
        if function is None:
            raise NotOfferedError(name)
        arguments = fitting(function, name, call)
        if call.upstream is not None:
            arguments["grad_output"] = call.upstream
        dtype = call.arguments["input"].dtype
        with np.errstate(all="ignore"):
            return np.ravel(np.asarray(function(**arguments)).astype(dtype))


class Torch:
    title = "torch"
    package = "torch"

    def __init__(self) -> None:
        import torch

        self.torch = torch
        torch.set_num_threads(1)

    def answer(self, name: str, part: str, call: Call) -> np.ndarray:
        torch = self.torch
        function = getattr(torch.nn.functional, name, None) or getattr(torch, name, None)
        if function is None:
            raise NotOfferedError(name)
        arguments = {
            key: torch.tensor(value) if isinstance(value, np.ndarray) else value
            for key, value in call.arguments.items()
        }
        if part == "value":
            return function(**arguments).numpy().ravel()
        by = arguments[part].requires_grad_()
        value = function(**arguments)
        upstream = torch.ones_like(value) if call.upstream is None else torch.tensor(call.upstream)
        return torch.autograd.grad(value, by, upstream)[0].numpy().ravel()


class Jax:
    """`jax.nn` with `optax.losses`, differentiated by `jax.vjp`."""

    title = "jax, optax"
    package = "jax"

    def __init__(self) -> None:
        import jax
        import optax

        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_platforms", "cpu")
        self.jax = jax
        nn, jnp, losses = jax.nn, jax.numpy, optax.losses

        def cross_entropy(input: Any, target: Any) -> Any:
            if target.dtype.kind == "f":
                return losses.softmax_cross_entropy(input, target)
            return losses.softmax_cross_entropy_with_integer_labels(input, target)

        self.table: dict[str, Callable[..., Any]] = {
            "binary_cross_entropy_with_logits": lambda input, target: losses.sigmoid_binary_cross_entropy(
                input, target
            ),
            "celu": lambda input, alpha: nn.celu(input, alpha),
            "cross_entropy": cross_entropy,
            "elu": lambda input, alpha: nn.elu(input, alpha),
            "gelu": lambda input, approximate="none": nn.gelu(input, approximate=approximate == "tanh"),
            "hardsigmoid": lambda input: nn.hard_sigmoid(input),
            "hardswish": lambda input: nn.hard_silu(input),
            "hardtanh": lambda input: nn.hard_tanh(input),
            "hinge_loss": lambda input, target: losses.hinge_loss(input, target),
            "huber_loss": lambda input, target, delta: losses.huber_loss(input, target, delta=delta),
            "leaky_relu": lambda input, negative_slope: nn.leaky_relu(input, negative_slope),
            "log_cosh_loss": lambda input, target: losses.log_cosh(input, target),
            "log_softmax": lambda input, dim: nn.log_softmax(input, dim),
            "logsigmoid": lambda input: nn.log_sigmoid(input),
            "mish": lambda input: nn.mish(input),
            "mse_loss": lambda input, target: losses.squared_error(input, target),
            "relu": lambda input: nn.relu(input),
            "relu6": lambda input: nn.relu6(input),
            "selu": lambda input: nn.selu(input),
            "sigmoid": lambda input: nn.sigmoid(input),
            "silu": lambda input: nn.silu(input),
            "softmax": lambda input, dim: nn.softmax(input, dim),
            "softplus": lambda input: nn.softplus(input),
            "softsign": lambda input: nn.soft_sign(input),
            "squareplus": lambda input, b: nn.squareplus(input, b),
            "tanh": lambda input: jnp.tanh(input),
        }

    def answer(self, name: str, part: str, call: Call) -> np.ndarray:
        if name not in self.table:
            raise NotOfferedError(name)
        function = self.table[name]
        arguments = {
            key: self.jax.numpy.asarray(value) if isinstance(value, np.ndarray) else value
            for key, value in fitting(function, name, call).items()
        }
        if part == "value":
            return np.ravel(function(**arguments))
        value, back = self.jax.vjp(lambda by: function(**{**arguments, part: by}), arguments[part])
        upstream = np.ones_like(value) if call.upstream is None else call.upstream
        return np.ravel(back(self.jax.numpy.asarray(upstream))[0])


def scipy_soft_max(input: Any, target: Any) -> Any:
    if target.dtype.kind == "f":
        return -np.sum(target * special.log_softmax(input, axis=-1), axis=-1)
    return -np.take_along_axis(special.log_softmax(input, axis=-1), target[..., None], -1)[..., 0]


def scipy_soft_max_slope(input: Any, target: Any) -> Any:
    masses = target if target.dtype.kind == "f" else np.eye(input.shape[-1], dtype=input.dtype)[target]
    return np.sum(masses, axis=-1, keepdims=True) * special.softmax(input, axis=-1) - masses


# What one writes who knows scipy.special: its function, and the gradient made of its functions. The
# binary cross-entropy by xlogy is left out: it is right, and infinite where the convention is 100.
SCIPY: Table = {
    "binary_cross_entropy_with_logits": {
        "value": lambda input, target: (
            -target * special.log_expit(input) - (1 - target) * special.log_expit(-input)
        ),
        "input": lambda input, target: special.expit(input) - target,
    },
    "cross_entropy": {"value": scipy_soft_max, "input": scipy_soft_max_slope},
    "gelu": {
        "value": lambda input: input * special.ndtr(input),
        "input": lambda input: (
            special.ndtr(input) + input * np.exp(-(input**2) / 2) / np.sqrt(2 * np.pi).astype(input.dtype)
        ),
    },
    "huber_loss": {"value": lambda input, target, delta: special.huber(delta, input - target)},
    "log_softmax": {
        "value": lambda input, dim: special.log_softmax(input, axis=dim),
        "input": lambda input, grad_output, dim: (
            grad_output - special.softmax(input, axis=dim) * np.sum(grad_output, axis=dim, keepdims=True)
        ),
    },
    "logsigmoid": {
        "value": lambda input: special.log_expit(input),
        "input": lambda input: special.expit(-input),
    },
    "pseudo_huber_loss": {"value": lambda input, target, delta: special.pseudo_huber(delta, input - target)},
    "sigmoid": {
        "value": lambda input: special.expit(input),
        "input": lambda input: special.expit(input) * special.expit(-input),
    },
    "silu": {"value": lambda input: input * special.expit(input)},
    "soft_margin_loss": {
        "value": lambda input, target: -special.log_expit(target * input),
        "input": lambda input, target: -target * special.expit(-target * input),
    },
    "softmax": {
        "value": lambda input, dim: special.softmax(input, axis=dim),
        "input": lambda input, grad_output, dim: (
            special.softmax(input, axis=dim)
            * (grad_output - np.sum(special.softmax(input, axis=dim) * grad_output, axis=dim, keepdims=True))
        ),
    },
    "softplus": {
        "value": lambda input: special.softplus(input),
        "input": lambda input: special.expit(input),
    },
}

LIBRARIES: list[Callable[[], Any]] = [
    Lossact,
    Torch,
    Jax,
    lambda: Formulas("scipy.special", "scipy", SCIPY),
    lambda: Formulas("textbook", "numpy", FORMULAS),
]


def present() -> tuple[list[Any], list[str]]:
    """The libraries that are installed, and the names of what is missing."""
    found, missing = [], []
    for library in LIBRARIES:
        try:
            found.append(library())
        except ModuleNotFoundError as error:
            missing.append(str(error.name))
    return found, missing


def version_of(library: Any) -> str:
    import lossact

    return lossact.__version__ if library.package == "lossact" else version(library.package).split("+")[0]
