"""What may go into a function, and the errors for what may not.

Every public function passes its arguments through here, so that a wrong shape or dtype is refused in
one place and with the same sentences.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def as_array(value: ArrayLike, name: str) -> NDArray[Any]:
    """`value` as a plain `numpy.ndarray` of numbers, never a copy of what is one already.

    Raises
    ------
    TypeError
        For what NumPy cannot read as real numbers: strings, objects, complex numbers, tensors of
        another library, and masked arrays (whose mask would be dropped without a word).
    ValueError
        For a list whose rows have different lengths.
    """
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} is a masked array; its mask would be ignored. Pass `{name}.filled(...)` or select "
            "the valid entries first."
        )
    module = type(value).__module__.partition(".")[0]
    if module in {"torch", "jax", "jaxlib", "tensorflow"}:
        raise TypeError(
            f"{name} is a {type(value).__module__}.{type(value).__qualname__}; a NumPy array is wanted. "
            "Convert it first, for example with `.detach().numpy()`."
        )
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} cannot be read as one array: its rows have different lengths. "
            "Give every row the same length."
        ) from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} has dtype {array.dtype}; real numbers are wanted.")
    return array


def as_float_array(value: ArrayLike, name: str) -> FloatArray:
    """`value` as a float array: float32 and float64 stay what they are, integers become float64."""
    if type(value) is np.ndarray and value.dtype in _FLOATS:
        return value
    array = as_array(value, name)
    if array.dtype.kind == "f":
        if array.dtype not in (np.float32, np.float64):
            raise TypeError(
                f"{name} has dtype {array.dtype}; float32 or float64 is wanted. "
                f"Convert it first, for example with `{name}.astype(np.float64)`."
            )
        return array
    return array.astype(np.float64)


def as_number(value: Any, name: str) -> float:
    """`value` as one real number."""
    array = as_array(value, name)
    if array.size != 1:
        raise ValueError(f"{name} has shape {array.shape}; one number is wanted.")
    return float(array.reshape(()))


def as_integer(value: Any, name: str) -> int:
    """`value` as one integer, such as an axis or a label."""
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; an integer is wanted.") from None


def as_float_dtype(value: Any, name: str) -> np.dtype[Any]:
    """`value` as one of the two dtypes in which there is arithmetic."""
    try:
        dtype: np.dtype[Any] = np.dtype(value)
    except TypeError:
        dtype = np.dtype(object)
    if dtype not in _FLOATS:
        raise TypeError(f"{name} is {value!r}; None, float32 or float64 is wanted.")
    return dtype


def as_generator(value: Any, name: str) -> np.random.Generator:
    """`value` as a source of random numbers: a seed, a generator, or None for an unpredictable one."""
    try:
        return np.random.default_rng(value)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"{name} is {value!r}; None, a seed that is not negative, or a numpy.random.Generator is wanted."
        ) from None


def same_shape(function: str, input: ArrayLike, target: ArrayLike) -> tuple[FloatArray, NDArray[Any]]:
    """A prediction as floats and its target, of exactly the same shape.

    An integer or boolean target stays one, and so does a float64 target under a float32 prediction: near the
    root of a loss its digits count, although the result has the dtype of the input.
    """
    prediction = as_float_array(input, "input")
    wanted = as_array(target, "target")
    if wanted.dtype.kind == "f":
        wanted = as_float_array(wanted, "target")
    if prediction.shape != wanted.shape:
        raise ValueError(
            f"{function}: input has shape {prediction.shape} and target has shape {wanted.shape}; "
            "they must be the same. Nothing is broadcast here, because (n, 1) against (n,) would "
            "compare every prediction with every target."
        )
    return prediction, wanted


def weight_like(function: str, weight: ArrayLike, shape: tuple[int, ...], name: str = "weight") -> FloatArray:
    """Rescaling weights that broadcast to `shape` and do not enlarge it."""
    array = as_float_array(weight, name)
    try:
        fits = np.broadcast_shapes(array.shape, shape) == shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{function}: {name} has shape {array.shape}; a shape that broadcasts to {shape} is wanted."
        )
    return array
