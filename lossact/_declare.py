"""How a function and its derivative are declared: together, as one object.

`@activation(...)` and `@loss(...)` turn a plain formula into a callable that also knows its gradient and
its facts. What all functions share (reading the arguments, silencing NumPy's floating-point warnings
where the limit is right anyway, reducing a loss over the batch) happens here and nowhere else, so that
the text of a function stays its formula.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from lossact._arrays import FloatArray, as_float_array, as_integer, as_number

Saturation = Literal["both sides", "left", "right", "no"]
Symmetry = Literal["odd", "even", "none"]
REDUCTIONS = ("mean", "sum", "none")


@dataclass(frozen=True)
class ActivationFacts:
    """What is true of an activation with its default arguments; each fact is proved by a test.

    Attributes
    ----------
    range : the infimum and the supremum of its values.
    monotonic : whether it never falls.
    smooth : whether the derivative exists everywhere.
    saturates : where the derivative tends to 0.
    symmetry : "odd" if f(-x) = -f(x), "even" if f(-x) = f(x).
    lipschitz : the largest absolute slope (for a vector function: the spectral norm of its Jacobian).
    """

    range: tuple[float, float]
    monotonic: bool
    smooth: bool
    saturates: Saturation
    symmetry: Symmetry
    lipschitz: float


@dataclass(frozen=True)
class LossFacts:
    """What is true of a loss as a function of its input; each fact is proved by a test.

    Attributes
    ----------
    convex : whether it is convex in `input`.
    smooth : whether the gradient exists everywhere inside the domain of `input`.
    lipschitz : the largest absolute gradient of one sample; infinite if there is none.
    domain : the values that `input` may take.
    """

    convex: bool
    smooth: bool
    lipschitz: float
    domain: tuple[float, float]


def _without_annotations(signature: inspect.Signature) -> inspect.Signature:
    parameters = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    return inspect.Signature(parameters)


class _Declared:
    """What activations and losses share: a name, a docstring, and arguments read from the signature."""

    def __init__(self, formula: Callable[..., Any]) -> None:
        functools.update_wrapper(self, formula)
        self.__name__ = formula.__name__
        self._formula = formula
        self._signature = inspect.signature(formula)
        self.__text_signature__ = str(_without_annotations(self._signature))
        self._derivative: Callable[..., FloatArray] | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.__name__}{self.__text_signature__}>"

    def __reduce__(self) -> str:
        # Pickled by name, like a plain function, so that a worker process can be handed one.
        return self.__name__

    def _arguments(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        signature: inspect.Signature | None = None,
        method: str = "",
    ) -> dict[str, Any]:
        signature = signature or self._signature
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            wanted = f"{self.__name__}{method}{_without_annotations(signature)}"
            raise TypeError(f"{wanted}: {error}") from None
        bound.apply_defaults()
        for name, parameter in signature.parameters.items():
            # An argument whose default is a number must be one.
            if isinstance(parameter.default, float):
                bound.arguments[name] = as_number(bound.arguments[name], f"{self.__name__}: {name}")
            elif isinstance(parameter.default, int):
                bound.arguments[name] = as_integer(bound.arguments[name], f"{self.__name__}: {name}")
        return bound.arguments

    def _derive(self, **arguments: Any) -> FloatArray:
        if self._derivative is None:
            raise NotImplementedError(f"{self.__name__} has been declared without a derivative.")
        return self._derivative(**arguments)


class Activation(_Declared):
    """An activation: its value, its derivative, and its facts.

    `f(input)` is the value, `f.vjp(input, grad_output)` the gradient that backpropagation hands on.
    An elementwise activation also has `f.grad(input)`, its derivative at each element.
    """

    def __init__(self, formula: Callable[..., Any], facts: ActivationFacts, elementwise: bool) -> None:
        super().__init__(formula)
        self.facts = facts
        self.elementwise = elementwise
        first, *rest = self._signature.parameters.values()
        upstream = inspect.Parameter("grad_output", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self._vjp_signature = inspect.Signature([first, upstream, *rest])

    def __call__(self, *args: Any, **kwargs: Any) -> FloatArray:
        arguments = self._read(self._arguments(args, kwargs))
        with np.errstate(all="ignore"):
            return self._formula(**arguments)[()]

    def derivative(self, formula: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
        """Declare the derivative: of `(input, ...)`, or `(input, grad_output, ...)` for a vector function."""
        self._derivative = formula
        return formula

    def grad(self, *args: Any, **kwargs: Any) -> FloatArray:
        """The derivative at each element of `input`; same shape and dtype as `input`."""
        if not self.elementwise:
            raise TypeError(
                f"{self.__name__} is not elementwise: its derivative is a matrix. "
                f"Use {self.__name__}.vjp(input, grad_output, ...)."
            )
        arguments = self._read(self._arguments(args, kwargs))
        with np.errstate(all="ignore"):
            return self._derive(**arguments)[()]

    def vjp(self, *args: Any, **kwargs: Any) -> FloatArray:
        """The vector-Jacobian product: the gradient with respect to `input`, given the one of the output.

        Called as `f.vjp(input, grad_output, ...)` with the further arguments of `f`.

        Raises
        ------
        ValueError
            If `grad_output` has another shape than `input`.
        """
        arguments = self._read(self._arguments(args, kwargs, self._vjp_signature, ".vjp"))
        upstream = as_float_array(arguments.pop("grad_output"), "grad_output")
        if upstream.shape != arguments["input"].shape:
            raise ValueError(
                f"{self.__name__}.vjp: input has shape {arguments['input'].shape} and grad_output has "
                f"shape {upstream.shape}; they must be the same."
            )
        with np.errstate(all="ignore"):
            upstream = upstream.astype(arguments["input"].dtype, copy=False)
            if self.elementwise:
                return (upstream * self._derive(**arguments))[()]
            return self._derive(grad_output=upstream, **arguments)[()]

    def _read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        arguments["input"] = as_float_array(arguments["input"], "input")
        if "dim" in arguments:
            name = f"{self.__name__}: dim"
            dim = as_integer(arguments["dim"], name)
            arguments["dim"] = normalize_axis_index(dim, arguments["input"].ndim, name)
        return arguments


class Loss(_Declared):
    """A loss: its value, its gradient with respect to `input`, and its facts.

    `f(input, target)` is the loss reduced over the batch, `f.grad(input, target)` its gradient, and
    `f.value_and_grad(input, target)` both.  The formula itself is written for single samples.
    """

    def __init__(
        self,
        formula: Callable[..., Any],
        facts: LossFacts,
        read: Callable[[str, dict[str, Any]], None],
    ) -> None:
        super().__init__(formula)
        self.facts = facts
        self._prepare = read
        self._divisor: Callable[..., float] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> FloatArray:
        return self._value(*self._read(args, kwargs))

    def derivative(self, formula: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
        """Declare the derivative of a single sample's loss with respect to `input`."""
        self._derivative = formula
        return formula

    def divisor(self, formula: Callable[..., float]) -> Callable[..., float]:
        """Declare what `reduction="mean"` divides by, where that is not the number of elements."""
        self._divisor = formula
        return formula

    def grad(self, *args: Any, **kwargs: Any) -> FloatArray:
        """The gradient with respect to `input`; same shape and dtype as `input`.

        With `reduction="mean"` or `"sum"` it is the gradient of the reduced loss. With `"none"` it
        holds, for each sample, the gradient of that sample's own loss.
        """
        return self._grad(*self._read(args, kwargs))

    def value_and_grad(self, *args: Any, **kwargs: Any) -> tuple[FloatArray, FloatArray]:
        """`(f(...), f.grad(...))` with the arguments read once."""
        arguments, dtype = self._read(args, kwargs)
        return self._value(arguments, dtype), self._grad(arguments, dtype)

    def _read(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[dict[str, Any], Any]:
        """The arguments, checked, and the dtype of the result, which is that of the input."""
        arguments = self._arguments(args, kwargs)
        reduction = arguments["reduction"]
        if reduction not in REDUCTIONS:
            raise ValueError(
                f"{self.__name__}: reduction is {reduction!r}; one of 'mean', 'sum', 'none' is wanted."
            )
        arguments["input"] = as_float_array(arguments["input"], "input")
        dtype = arguments["input"].dtype
        with np.errstate(all="ignore"):
            self._prepare(self.__name__, arguments)
        return arguments, dtype

    def _value(self, arguments: dict[str, Any], dtype: Any) -> FloatArray:
        with np.errstate(all="ignore"):
            losses: FloatArray = self._formula(**arguments)
            if arguments["reduction"] == "none":
                return losses.astype(dtype, copy=False)[()]
            # float64 sums keep a float32 mean within half a unit and out of overflow.
            total = np.sum(losses, dtype=np.float64)
            if arguments["reduction"] == "mean":
                total = np.float64(total) / self._count(arguments)
            return total.astype(dtype)

    def _grad(self, arguments: dict[str, Any], dtype: Any) -> FloatArray:
        with np.errstate(all="ignore"):
            gradient = self._derive(**arguments)
            if arguments["reduction"] == "mean":
                # One division, here: a forgotten or doubled 1/n is the commonest error of all.
                count = self._count(arguments).astype(gradient.dtype)
                mean = gradient / count
                # With every label ignored the mean is 0 / 0, but a sample without a say has no slope.
                gradient = mean if count else np.where(gradient == 0, gradient, mean)
            return gradient.astype(dtype, copy=False)[()]

    def _count(self, arguments: dict[str, Any]) -> np.float64:
        if self._divisor is None:
            return np.float64(arguments["input"].size)
        return np.float64(self._divisor(**arguments))


def activation(
    *,
    range: tuple[float, float],
    monotonic: bool,
    smooth: bool,
    saturates: Saturation,
    lipschitz: float,
    symmetry: Symmetry = "none",
    elementwise: bool = True,
) -> Callable[[Callable[..., Any]], Activation]:
    """Declare an activation with its facts; see `ActivationFacts`."""
    facts = ActivationFacts(range, monotonic, smooth, saturates, symmetry, lipschitz)
    return lambda formula: Activation(formula, facts, elementwise)


def loss(
    *,
    read: Callable[[str, dict[str, Any]], None],
    convex: bool,
    smooth: bool,
    lipschitz: float,
    domain: tuple[float, float] = (-np.inf, np.inf),
) -> Callable[[Callable[..., Any]], Loss]:
    """Declare a loss with its facts (see `LossFacts`) and the way its arguments are read."""
    facts = LossFacts(convex, smooth, lipschitz, domain)
    return lambda formula: Loss(formula, facts, read)
