"""How a function and its derivatives are declared: together, as one object.

`@activation(...)` and `@loss(...)` turn a plain formula into a callable that also knows its gradients and
its facts. What all functions share (reading the arguments, cutting them into blocks, silencing NumPy's
floating-point warnings where the limit is right anyway, reducing a loss over the batch) happens here and
nowhere else, so that the text of a function stays its formula.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, cast, overload

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.typing import NDArray

from lossact import _blocks
from lossact._arrays import FloatArray, as_float_array, as_float_dtype, as_integer, as_number

P = ParamSpec("P")
Formula = Callable[..., Any]
Saturation = Literal["both sides", "left", "right", "no"]
Symmetry = Literal["odd", "even", "none"]
# What an activation of vectors makes of each: a vector as long, one half as long, or a number.
Output = Literal["same", "half", "none"]
_KINDS: dict[Output, str] = {"same": "v", "half": "h", "none": "n"}
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
class Batch:
    """How a loss is cut whose samples are neither numbers nor vectors of one shape: between samples.

    Attributes
    ----------
    axes : the axis of the samples in each of the arrays that have one.
    shape : the shape of the losses, given the arguments; `()` for a single sample, which is not cut.
    height : how many samples a block should hold, given the arguments.
    """

    axes: Mapping[str, int]
    shape: Callable[..., tuple[int, ...]]
    height: Callable[..., int]


@dataclass(frozen=True)
class LossFacts:
    """What is true of a loss as a function of its first argument; each fact is proved by a test.

    Attributes
    ----------
    convex : whether it is convex in its first argument.
    smooth : whether the gradient exists everywhere inside the domain of that argument.
    lipschitz : the largest absolute gradient of one sample; infinite if there is none.
    domain : the values that the argument may take.
    """

    convex: bool
    smooth: bool
    lipschitz: float
    domain: tuple[float, float]


class _Signature:
    """Arguments read by name as Python does, in a fraction of the time of `inspect.Signature.bind`."""

    def __init__(self, title: str, parameters: Sequence[inspect.Parameter]) -> None:
        bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
        self._exact = inspect.Signature(bare)
        self._wanted = f"{title}{self._exact}"
        keyword_only = inspect.Parameter.KEYWORD_ONLY
        self._positional = [each.name for each in parameters if each.kind is not keyword_only]
        self._names = {each.name for each in parameters}
        self._defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
        # An argument whose default is a number must be one.
        self._numbers = [
            (name, default, as_number if type(default) is float else as_integer)
            for name, default in self._defaults.items()
            if type(default) in (float, int)
        ]

    def __str__(self) -> str:
        return str(self._exact)

    def read(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        found = self._defaults.copy()
        found.update(zip(self._positional, args, strict=False))
        strange = len(args) > len(self._positional)
        if kwargs:
            twice = not kwargs.keys().isdisjoint(self._positional[: len(args)])
            strange = strange or twice or not kwargs.keys() <= self._names
            found.update(kwargs)
        # Where no name is unknown, none is missing if there are as many as wanted.
        if strange or len(found) != len(self._names):
            try:
                self._exact.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{self._wanted}: {error}") from None
        for name, default, convert in self._numbers:
            if found[name] is not default:
                found[name] = convert(found[name], f"{function}: {name}")
        return found


class Function(Generic[P]):
    """What activations and losses share: a name, a docstring, its arguments, and its derivatives."""

    def __init__(self, formula: Callable[P, Any], arrays: Sequence[str]) -> None:
        functools.update_wrapper(cast(Any, self), formula)  # what can be called is the subclasses
        self.__name__ = formula.__name__
        self._formula: Formula = formula
        self._parameters = list(inspect.signature(formula).parameters.values())
        self._signature = _Signature(self.__name__, self._parameters)
        self.__text_signature__ = str(self._signature)
        self._first = self._parameters[0].name
        self._arrays = tuple(each.name for each in self._parameters if each.name in arrays)
        self._derivatives: dict[str, Formula] = {}
        self._summed: set[str] = set()

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.__name__}{self.__text_signature__}>"

    def __reduce__(self) -> str:
        # Pickled by name, like a plain function, so that a worker process can be handed one.
        return self.__name__

    @property
    def differentiable(self) -> tuple[str, ...]:
        """The names of the arguments with respect to which there is a gradient."""
        return tuple(self._derivatives)

    @overload
    def derivative(self, argument: Formula) -> Formula: ...
    @overload
    def derivative(self, argument: str, *, summed: bool = False) -> Callable[[Formula], Formula]: ...
    def derivative(
        self, argument: Formula | str, *, summed: bool = False
    ) -> Formula | Callable[[Formula], Formula]:
        """Declare the derivative by the first argument, or by a named one: `@f.derivative("weight")`.

        By an argument that all samples have in common it is `summed`: the formula is given a further
        argument `total`, to which it adds what the samples of a block contribute.
        """
        if not isinstance(argument, str):
            self._derivatives[self._first] = argument
            return argument
        if summed:
            self._summed.add(argument)
        return functools.partial(self._declare_derivative, argument)

    def _declare_derivative(self, name: str, formula: Formula) -> Formula:
        self._derivatives[name] = formula
        return formula

    def _by(self, wrt: str | Sequence[str] | None) -> tuple[str, ...]:
        """The names of the arguments by which a gradient is wanted."""
        names = (self._first,) if wrt is None else (wrt,) if isinstance(wrt, str) else tuple(wrt)
        if not self._derivatives:
            raise NotImplementedError(f"{self.__name__} has been declared without a derivative.")
        for name in names:
            if name not in self._derivatives:
                known = ", ".join(map(repr, self._derivatives))
                raise ValueError(f"{self.__name__}: wrt is {name!r}; one of {known} is wanted.")
        return names

    def _cut(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Of the arguments those that are given element by element."""
        return {name: arguments[name] for name in self._arrays if arguments[name] is not None}


def _as_asked(gradients: Sequence[FloatArray], wrt: str | Sequence[str] | None) -> Any:
    """One gradient for one name, a tuple for several."""
    return gradients[0] if wrt is None or isinstance(wrt, str) else tuple(gradients)


def _summed_to(gradient: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """The gradient by an argument of `shape` that was broadcast: summed over where it was repeated."""
    if gradient.shape == shape:
        return gradient
    added = gradient.ndim - len(shape)
    repeated = [axis for axis in range(added, gradient.ndim) if shape[axis - added] == 1]
    summed = np.asarray(np.sum(gradient, axis=(*range(added), *repeated), dtype=np.float64))
    return summed.reshape(shape).astype(gradient.dtype)


class Activation(Function[P]):
    """An activation: its value, its derivative, and its facts.

    `f(input)` is the value, `f.vjp(input, grad_output)` the gradient that backpropagation hands on.
    An elementwise activation also has `f.grad(input)`, its derivative at each element, and
    `f.value_and_grad(input)`, both at little more than the cost of one.
    """

    def __init__(
        self,
        formula: Callable[P, Any],
        facts: ActivationFacts,
        *,
        elementwise: bool = True,
        output: Output = "same",
        arrays: Sequence[str] | None = None,
        read: Callable[[str, dict[str, Any]], None] | None = None,
    ) -> None:
        super().__init__(formula, ())
        self._arrays = (self._first,) if arrays is None else tuple(arrays)
        self.facts = facts
        self.elementwise = elementwise
        self._output = output
        self._prepare = read
        first, *rest = self._parameters
        upstream = inspect.Parameter("grad_output", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self._vjp_signature = _Signature(f"{self.__name__}.vjp", [first, upstream, *rest])

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
        arguments, _ = self._read(self._signature, args, kwargs)
        (value,) = self._evaluate([self._formula], arguments, _KINDS[self._output])
        if arguments.get("keepdim"):
            value = np.expand_dims(value, arguments["dim"])
        return value

    def grad(self, *args: Any, **kwargs: Any) -> FloatArray:
        """The derivative at each element of `input`; same shape and dtype as `input`."""
        arguments, _ = self._read(self._signature, args, kwargs)
        (slope,) = self._evaluate([self._slope()], arguments, "v")
        return slope

    def value_and_grad(self, *args: Any, **kwargs: Any) -> tuple[FloatArray, FloatArray]:
        """`(f(...), f.grad(...))`; what they have in common is computed once."""
        arguments, _ = self._read(self._signature, args, kwargs)
        value, slope = self._evaluate([self._formula, self._slope()], arguments, "vv")
        return value, slope

    def vjp(self, *args: Any, wrt: str | Sequence[str] | None = None, **kwargs: Any) -> Any:
        """The vector-Jacobian product: the gradient with respect to `input`, given the one of the output.

        Called as `f.vjp(input, grad_output, ...)` with the further arguments of `f`. `wrt` names another
        argument of `f.differentiable`, or several for a tuple of gradients.

        Raises
        ------
        ValueError
            If `grad_output` has another shape than the output, or `wrt` names no differentiable argument.
        """
        return self._value_and_vjp((), args, kwargs, wrt)[1]

    def value_and_vjp(
        self, *args: Any, wrt: str | Sequence[str] | None = None, **kwargs: Any
    ) -> tuple[FloatArray, Any]:
        """`(f(...), f.vjp(...))`, called like `f.vjp`; what they have in common is computed once."""
        (value,), gradients = self._value_and_vjp((self._formula,), args, kwargs, wrt)
        return value, gradients

    def _value_and_vjp(
        self,
        values: Sequence[Formula],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        wrt: str | Sequence[str] | None,
    ) -> tuple[list[FloatArray], Any]:
        names = self._by(wrt)
        arguments, shapes = self._read(self._vjp_signature, args, kwargs, names)
        upstream = as_float_array(arguments["grad_output"], "grad_output")
        first, output = arguments[self._first].shape, self._shape(arguments)
        if upstream.shape != output:
            wanted = "they must be the same" if output == first else f"{output} is wanted"
            raise ValueError(
                f"{self.__name__}.vjp: {self._first} has shape {first} and grad_output has shape "
                f"{upstream.shape}; {wanted}."
            )
        if arguments.get("keepdim"):
            upstream = upstream.squeeze(arguments["dim"])
        arguments["grad_output"] = upstream
        formulas = [self._derivatives[name] for name in names]
        if self.elementwise:
            formulas = [_times_upstream(formula) for formula in formulas]
        kinds = "v" * len(names)
        if values:
            formulas = [*map(_without_upstream, values), *formulas]
            kinds = _KINDS[self._output] * len(values) + kinds
        results = self._evaluate(formulas, arguments, kinds)
        count = len(values)
        if arguments.get("keepdim"):
            results[:count] = [np.expand_dims(value, arguments["dim"]) for value in results[:count]]
        found = []
        for name, gradient, shape in zip(names, results[count:], shapes, strict=True):
            found.append(_summed_to(gradient, np.shape(arguments[name])).reshape(shape)[()])
        return results[:count], _as_asked(found, wrt)

    def _slope(self) -> Formula:
        if not self.elementwise:
            raise TypeError(
                f"{self.__name__} is not elementwise: its derivative is a matrix. "
                f"Use {self.__name__}.vjp(input, grad_output, ...)."
            )
        return self._derivatives[self._by(None)[0]]

    def _read(
        self, signature: _Signature, args: Any, kwargs: Any, wrt: Sequence[str] = ()
    ) -> tuple[dict[str, Any], list[tuple[int, ...]]]:
        """The arguments as the formula wants them, and the shapes in which those in `wrt` were given."""
        arguments = signature.read(self.__name__, args, kwargs)
        given = [arguments[name] for name in wrt]
        first = arguments[self._first] = as_float_array(arguments[self._first], self._first)
        if "dim" in arguments:
            name = f"{self.__name__}: dim"
            dim = as_integer(arguments["dim"], name)
            dim = arguments["dim"] = normalize_axis_index(dim, first.ndim, name)
            if self._output == "half" and first.shape[dim] % 2:
                raise ValueError(
                    f"{self.__name__}: {self._first} has shape {first.shape}; an even length along axis "
                    f"{dim} is wanted, because it is cut into halves."
                )
        if arguments.get("dtype") is not None:
            arguments["dtype"] = as_float_dtype(arguments["dtype"], f"{self.__name__}: dtype")
        if self._prepare is not None:
            self._prepare(self.__name__, arguments)
        return arguments, [np.shape(argument) for argument in given]

    def _shape(self, arguments: dict[str, Any]) -> tuple[int, ...]:
        """The shape of the output."""
        shape: tuple[int, ...] = arguments[self._first].shape
        if self._output == "same":
            return shape
        dim = arguments["dim"]
        if self._output == "half":
            length: tuple[int, ...] = (shape[dim] // 2,)
        else:
            length = (1,) if arguments.get("keepdim") else ()
        return shape[:dim] + length + shape[dim + 1 :]

    def _evaluate(
        self, formulas: Sequence[Formula], arguments: dict[str, Any], kinds: str
    ) -> list[FloatArray]:
        """The results of `formulas`, each of the kind that a letter of `kinds` stands for (see `samples`)."""
        given = self._cut(arguments)
        result_dtype = dtype = given[self._first].dtype
        if arguments.get("dtype") is not None:
            dtype = arguments["dtype"]
        if "grad_output" in arguments:
            given["grad_output"] = arguments["grad_output"]
        else:
            result_dtype = dtype
        options = arguments.copy()
        with np.errstate(all="ignore"), _blocks.sharing() as steps:
            if self.elementwise:
                results, blocks = _blocks.elements(given, dtype, len(formulas), result_dtype)
            else:
                is_number = self._output == "none" and "grad_output" in given
                numbers = {"grad_output": given.pop("grad_output")} if is_number else {}
                results, blocks = _blocks.samples(
                    given, numbers, arguments["dim"], dtype, kinds, result_dtype
                )
                options["dim"] = 1
            for block, outputs in blocks:
                options.update(block)
                steps.clear()
                for at, formula in enumerate(formulas):
                    _blocks.put(outputs, at, formula(**options), block)
        return [result[()] for result in results]


def _times_upstream(derivative: Formula) -> Formula:
    return lambda grad_output, **arguments: grad_output * derivative(**arguments)


def _without_upstream(formula: Formula) -> Formula:
    return lambda grad_output, **arguments: formula(**arguments)


class Loss(Function[P]):
    """A loss: its value, its gradients, and its facts.

    `f(input, target)` is the loss reduced over the batch, `f.grad(input, target)` its gradient with respect
    to the first argument, and `f.value_and_grad(input, target)` both. The formula itself is written for
    single samples.
    """

    def __init__(
        self,
        formula: Callable[P, Any],
        facts: LossFacts,
        *,
        read: Callable[[str, dict[str, Any]], None],
        check: Callable[[str, dict[str, Any]], None] | None,
        arrays: Sequence[str],
        vector_axis: int | slice | None,
        batch: Batch | None,
        whole: Callable[..., tuple[int, ...]] | None,
        coupled: bool,
        reductions: Sequence[str],
    ) -> None:
        super().__init__(formula, arrays)
        self.facts = facts
        self._prepare = read
        self._check = check
        self._vector_axis = vector_axis
        self._batch = batch
        self._whole = whole
        self._coupled = coupled
        self._reductions = tuple(reductions)
        self._divisor: Callable[..., float] | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
        value, _ = self._evaluate(args, kwargs, True, ())
        return value

    def divisor(self, formula: Callable[..., float]) -> Callable[..., float]:
        """Declare what `reduction="mean"` divides by, where that is not the number of losses."""
        self._divisor = formula
        return formula

    def grad(self, *args: Any, wrt: str | Sequence[str] | None = None, **kwargs: Any) -> Any:
        """The gradient with respect to the first argument; same shape and dtype as that.

        With `reduction="mean"` or `"sum"` it is the gradient of the reduced loss. With `"none"` it
        holds, for each sample, the gradient of that sample's own loss; a loss of samples that depend on
        each other has no such gradient.

        `wrt` names another argument of `f.differentiable`, or several for a tuple of gradients.
        """
        _, gradients = self._evaluate(args, kwargs, False, self._by(wrt))
        return _as_asked(gradients, wrt)

    def value_and_grad(
        self, *args: Any, wrt: str | Sequence[str] | None = None, **kwargs: Any
    ) -> tuple[FloatArray, Any]:
        """`(f(...), f.grad(...))`; what they have in common is computed once."""
        value, gradients = self._evaluate(args, kwargs, True, self._by(wrt))
        return value, _as_asked(gradients, wrt)

    def _read(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], wrt: Sequence[str]
    ) -> tuple[dict[str, Any], list[tuple[int, ...]]]:
        """The arguments as the formula wants them, and the shapes in which those in `wrt` were given."""
        arguments = self._signature.read(self.__name__, args, kwargs)
        given = [arguments[name] for name in wrt]
        reduction = arguments["reduction"]
        if not isinstance(reduction, str) or reduction not in self._reductions:
            wanted = ", ".join(map(repr, self._reductions))
            raise ValueError(f"{self.__name__}: reduction is {reduction!r}; one of {wanted} is wanted.")
        arguments[self._first] = as_float_array(arguments[self._first], self._first)
        self._prepare(self.__name__, arguments)
        for name in wrt:
            if arguments[name] is None:
                raise ValueError(f"{self.__name__}: wrt is {name!r}, but {name} is not given.")
        return arguments, [np.shape(argument) for argument in given]

    def _evaluate(
        self, args: tuple[Any, ...], kwargs: dict[str, Any], value: bool, wrt: Sequence[str]
    ) -> tuple[FloatArray, list[FloatArray]]:
        """The reduced loss, if `value` is wanted, and the gradients by the arguments named in `wrt`."""
        formulas = [self._derivatives[name] for name in wrt]
        cut = [name for name in wrt if name not in self._summed]
        with np.errstate(all="ignore"), _blocks.sharing() as steps:
            arguments, shapes = self._read(args, kwargs, wrt)
            dtype, reduction = arguments[self._first].dtype, arguments["reduction"]
            if self._coupled and wrt and reduction == "none":
                raise ValueError(
                    f"{self.__name__}: each loss depends on all samples, so with reduction='none' the "
                    "gradients would make a matrix for every sample. reduction='mean' or 'sum' is wanted for "
                    "a gradient."
                )
            each = value and reduction == "none"
            summed, options = 0.0, arguments.copy()
            count = None if reduction in ("sum", "none") else self._count(arguments)
            # A mean that divides by the sum of the weights depends on a weight in its divisor, too.
            divided = count is not None and self._divisor is not None and "weight" in cut
            sums = {name: self._zeros(arguments, name) for name in wrt if name in self._summed}
            results, blocks = self._blocks(arguments, each, cut)
            for block, outputs in blocks:
                options.update(block)
                steps.clear()
                if self._check is not None:
                    self._check(self.__name__, options)
                if value or divided:
                    losses = self._formula(**options)
                    if each:
                        _blocks.put(outputs, 0, losses, block)
                    else:
                        summed += _blocks.total(losses)
                at = each - 1
                for name, formula in zip(wrt, formulas, strict=True):
                    if name in sums:
                        formula(total=sums[name], **options)
                    else:
                        at += 1
                        _put_over(outputs, at, formula(**options), count, block)
            losses = results[0] if each else _mean(summed, count, dtype)
            found = dict(zip(cut, results[each:], strict=True))
            for name, total in sums.items():
                # With every label ignored the mean is 0 / 0, but a sample without a say has no slope.
                found[name] = (total if not count else total / count).astype(dtype)
            gradients = []
            for name, shape in zip(wrt, shapes, strict=True):
                gradient = found[name]
                if divided and count is not None and name == "weight":
                    gradient = gradient - np.float64(summed) / count / count
                gradients.append(_summed_to(gradient, np.shape(arguments[name])).reshape(shape)[()])
        return losses[()], gradients

    def _zeros(self, arguments: dict[str, Any], name: str) -> FloatArray:
        """Where the parts of a summed derivative are added, in float64 unless that would cost memory."""
        shape, dtype = np.shape(arguments[name]), arguments[self._first].dtype
        return np.zeros(shape, np.float64 if np.prod(shape) <= 4 * _blocks.BLOCK else dtype)

    def _blocks(self, arguments: dict[str, Any], each: bool, wrt: Sequence[str]) -> _blocks.Cut:
        """New arrays for the losses, if `each` of them is wanted, and for the gradients; and the blocks."""
        given = self._cut(arguments)
        first = given[self._first]
        # float64 targets keep their digits under a float32 input; weights of float64 change nothing.
        exact = [array for name, array in given.items() if "weight" not in name and array.dtype.kind == "f"]
        dtype = first.dtype
        if any(array.dtype != dtype for array in exact):
            dtype = np.result_type(*exact)
        if self._batch is not None:
            shape = self._batch.shape(**arguments)
            shapes = [shape] * each + [arguments[name].shape for name in wrt]
            if not shape:
                return _blocks.whole(given, dtype, shapes, first.dtype)
            axes, height = self._batch.axes, self._batch.height(**arguments)
            places = [0] * each + [axes[name] for name in wrt]
            return _blocks.batches(given, axes, height, dtype, shapes, places, first.dtype)
        if self._whole is not None:
            shapes = [self._whole(**arguments)] * each + [np.shape(arguments[name]) for name in wrt]
            return _blocks.whole(given, dtype, shapes, first.dtype)
        if self._vector_axis is None:
            return _blocks.elements(given, dtype, each + len(wrt), first.dtype)
        given = {
            name: np.broadcast_to(array, first.shape) if "weight" in name else array
            for name, array in given.items()
        }
        vectors = {name: array for name, array in given.items() if array.ndim == first.ndim}
        numbers = {name: array for name, array in given.items() if name not in vectors}
        kinds = "n" * each + "".join("v" if name in vectors else "n" for name in wrt)
        start, stop = _vector_axes(first.ndim, self._vector_axis)
        return _blocks.samples(vectors, numbers, start, dtype, kinds, first.dtype, stop)

    def _count(self, arguments: dict[str, Any]) -> np.float64:
        """What the mean divides by."""
        if self._divisor is not None:
            return np.float64(self._divisor(**arguments))
        if self._batch is not None:
            return np.float64(np.prod(self._batch.shape(**arguments)))
        if self._whole is not None:
            return np.float64(np.prod(self._whole(**arguments)))
        first = arguments[self._first]
        if self._vector_axis is None:
            given = self._cut(arguments).values()
            if all(array.shape == first.shape for array in given):
                return np.float64(first.size)
            return np.float64(np.prod(np.broadcast_shapes(*(array.shape for array in given))))
        start, stop = _vector_axes(first.ndim, self._vector_axis)
        return np.float64(np.prod(first.shape[:start] + first.shape[stop:]))


def class_axis(dimensions: int, axis: int = 1) -> int:
    """The axis of the classes, or of another `axis` of vectors: the only one there is in a single vector."""
    return min(axis, dimensions - 1) if axis >= 0 else dimensions + axis


def _vector_axes(dimensions: int, axis: int | slice) -> tuple[int, int]:
    """Where the axes of the vectors start and stop: one axis, or all from one on."""
    if isinstance(axis, slice):
        return class_axis(dimensions, axis.start), dimensions
    start = class_axis(dimensions, axis)
    return start, start + 1


def _mean(summed: float, count: np.float64 | None, dtype: Any) -> Any:
    """The sum over `count`, or the sum itself."""
    return dtype.type(summed if count is None else np.float64(summed) / count)


def _put_over(
    outputs: _blocks.Outputs, at: int, slope: FloatArray, count: np.float64 | None, block: _blocks.Block
) -> None:
    """Make the derivative of a mean over `count` samples the result number `at` of the block."""
    # One division, here: a forgotten or doubled 1/n is the commonest error of all.
    if count is None:
        _blocks.put(outputs, at, slope, block)
    elif count == 0:
        # With every label ignored the mean is 0 / 0, but a sample without a say has no slope.
        _blocks.put(outputs, at, np.where(slope == 0, slope, np.nan), block)
    elif type(outputs[at]) is np.ndarray and outputs[at].shape == slope.shape:
        np.divide(slope, slope.dtype.type(count), out=outputs[at])
    else:
        _blocks.put(outputs, at, slope / slope.dtype.type(count), block)


def activation(
    *,
    range: tuple[float, float],
    monotonic: bool,
    smooth: bool,
    saturates: Saturation,
    lipschitz: float,
    symmetry: Symmetry = "none",
    elementwise: bool = True,
    output: Output = "same",
    arrays: Sequence[str] | None = None,
    read: Callable[[str, dict[str, Any]], None] | None = None,
) -> Callable[[Callable[P, Any]], Activation[P]]:
    """Declare an activation with its facts; see `ActivationFacts`.

    An activation that is not elementwise has an argument `dim`; its formula and its derivative are given
    blocks with that axis at 1. Along it the `output` has the same length as the input, or "half" of it, or
    ("none") it lacks that axis, unless an argument `keepdim` keeps it. With an argument `dtype` the input is
    computed in that. `arrays` names the arguments that are cut into blocks, if that is not the first one
    alone, `read` what checks further arguments once, before.
    """
    facts = ActivationFacts(range, monotonic, smooth, saturates, symmetry, lipschitz)
    return lambda formula: Activation(
        formula, facts, elementwise=elementwise, output=output, arrays=arrays, read=read
    )


def loss(
    *,
    read: Callable[[str, dict[str, Any]], None],
    convex: bool,
    smooth: bool,
    lipschitz: float,
    domain: tuple[float, float] = (-np.inf, np.inf),
    arrays: Sequence[str] = ("input", "target", "weight"),
    vector_axis: int | slice | None = None,
    batch: Batch | None = None,
    whole: Callable[..., tuple[int, ...]] | None = None,
    coupled: bool = False,
    check: Callable[[str, dict[str, Any]], None] | None = None,
    reductions: Sequence[str] = REDUCTIONS,
) -> Callable[[Callable[P, Any]], Loss[P]]:
    """Declare a loss with its facts (see `LossFacts`) and the way its arguments are read.

    `read` checks shapes and dtypes once. `arrays` names what is cut into blocks: numbers, each of which is
    a sample, or, with a `vector_axis`, vectors along it, and numbers that belong to them; `slice(1, None)`
    makes one vector of all axes from 1 on. In a block the vectors lie on axis 1. A loss of samples of another
    kind says by `batch` how it is cut, one that is not cut at all by `whole` which shape its losses have; it
    is `coupled` if each of them depends on all samples. `check` looks at the values of each block.
    """
    facts = LossFacts(convex, smooth, lipschitz, domain)
    return lambda formula: Loss(
        formula,
        facts,
        read=read,
        check=check,
        arrays=arrays,
        vector_axis=vector_axis,
        batch=batch,
        whole=whole,
        coupled=coupled,
        reductions=reductions,
    )


class Similarity(Function[P]):
    """A number for each pair of vectors, such as their distance: its value and its gradients.

    `f(x1, x2)` is the value, `f.vjp(x1, x2, grad_output)` the gradient with respect to `x1` that
    backpropagation hands on; with `wrt="x2"` or `wrt=("x1", "x2")` by the other or by both.
    """

    def __init__(self, formula: Callable[P, Any], read: Callable[[str, dict[str, Any]], None]) -> None:
        super().__init__(formula, ("x1", "x2"))
        self._prepare = read
        first, second, *rest = self._parameters
        upstream = inspect.Parameter("grad_output", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self._vjp_signature = _Signature(f"{self.__name__}.vjp", [first, second, upstream, *rest])

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> FloatArray:
        arguments, _ = self._read(self._signature, args, kwargs)
        (value,) = self._evaluate([self._formula], "n", arguments)
        return (np.expand_dims(value, _axis(arguments)) if arguments.get("keepdim") else value)[()]

    def vjp(self, *args: Any, wrt: str | Sequence[str] | None = None, **kwargs: Any) -> Any:
        """The vector-Jacobian product: the gradient with respect to `x1`, given the one of the output.

        Called as `f.vjp(x1, x2, grad_output, ...)` with the further arguments of `f`. `wrt` names another
        argument of `f.differentiable`, or several for a tuple of gradients. An argument that was broadcast
        gets the sum over where it was repeated.

        Raises
        ------
        ValueError
            If `grad_output` has another shape than the output, or `wrt` names no differentiable argument.
        """
        names = self._by(wrt)
        arguments, given = self._read(self._vjp_signature, args, kwargs)
        shape, dim = list(arguments["x1"].shape), _axis(arguments)
        shape[dim : dim + 1] = [1] if arguments.get("keepdim") else []
        upstream = as_float_array(arguments["grad_output"], "grad_output")
        if upstream.shape != tuple(shape):
            raise ValueError(
                f"{self.__name__}.vjp: the output has shape {tuple(shape)} and grad_output has shape "
                f"{upstream.shape}; they must be the same."
            )
        arguments["grad_output"] = upstream.squeeze(dim) if arguments.get("keepdim") else upstream
        gradients = self._evaluate([self._derivatives[name] for name in names], "v" * len(names), arguments)
        summed = [
            _summed_to(gradient, given[name].shape).astype(given[name].dtype, copy=False)
            for name, gradient in zip(names, gradients, strict=True)
        ]
        return _as_asked(summed, wrt)

    def _read(
        self, signature: _Signature, args: Any, kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, FloatArray]]:
        """The arguments, with both vectors in their common shape, and the vectors as they were given."""
        arguments = signature.read(self.__name__, args, kwargs)
        given = {name: as_float_array(arguments[name], name) for name in ("x1", "x2")}
        first, second = given.values()
        try:
            shape = np.broadcast_shapes(first.shape, second.shape)
        except ValueError:
            raise ValueError(
                f"{self.__name__}: x1 has shape {first.shape} and x2 has shape {second.shape}; shapes that "
                "broadcast to each other are wanted."
            ) from None
        arguments.update({name: np.broadcast_to(array, shape) for name, array in given.items()})
        name = f"{self.__name__}: dim"
        dim = normalize_axis_index(as_integer(arguments.get("dim", -1), name), len(shape), name)
        if "dim" in arguments:
            arguments["dim"] = dim
        self._prepare(self.__name__, arguments)
        return arguments, given

    def _evaluate(
        self, formulas: Sequence[Formula], kinds: str, arguments: dict[str, Any]
    ) -> list[FloatArray]:
        """The results of `formulas`: a vector for each "v" in `kinds`, a number for each "n"."""
        vectors = self._cut(arguments)
        numbers = {name: arguments[name] for name in ("grad_output",) if name in arguments}
        dtype, options = np.result_type(*vectors.values()), dict(arguments)
        with np.errstate(all="ignore"):
            results, blocks = _blocks.samples(vectors, numbers, _axis(arguments), dtype, kinds, dtype)
            for block, outputs in blocks:
                options.update({name: _as_rows(part, name in vectors) for name, part in block.items()})
                with _blocks.sharing():
                    for at, (formula, kind) in enumerate(zip(formulas, kinds, strict=True)):
                        _blocks.put(outputs, at, _as_block(formula(**options), kind, block), block)
        return results


def _axis(arguments: dict[str, Any]) -> int:
    """The axis of the vectors: the last one, unless the function has an argument for it."""
    return int(arguments.get("dim", arguments["x1"].ndim - 1))


def _as_rows(part: NDArray[Any], vectors: bool) -> NDArray[Any]:
    """The d n vectors of a block of shape (n, K, d) as rows, and their numbers in the same order."""
    if not vectors:
        return part.reshape(-1)
    rows = np.moveaxis(part, 1, -1)
    return rows.reshape(int(np.prod(rows.shape[:-1])), part.shape[1])


def _as_block(result: FloatArray, kind: str, block: _blocks.Block) -> FloatArray:
    """Rows, or numbers, as the block has them."""
    samples, length, *rest = block["x1"].shape
    if kind == "n":
        return result.reshape(samples, *rest)
    return np.moveaxis(result.reshape(samples, *rest, length), -1, 1)


def similarity(*, read: Callable[[str, dict[str, Any]], None]) -> Callable[[Callable[P, Any]], Similarity[P]]:
    """Declare a number for each pair of vectors, `x1` and `x2`, along the axis `dim` or the last one.

    `read` checks further arguments once. In a block the vectors have the shape (n, K), and numbers (n,).
    """
    return lambda formula: Similarity(formula, read)
