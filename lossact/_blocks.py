"""How a formula is evaluated fast: in blocks, with shared steps, without branches.

A NumPy expression reads and writes memory once for each of its operations. On blocks that stay in the
level-2 cache the same expression takes a fraction of the time, and its temporaries are as small as a
block. So every formula of this package is given one block after the other, and knows nothing of it:

* `elements` cuts arrays of one shape, `samples` cuts vectors along an axis into rows, `batches` cuts
  arrays of any shapes along the axis of their samples;
* `shared` marks a step that a value and its derivative have in common: it is taken once for both;
* `within` asks whether a whole block lies in a range in which a shorter formula is as exact;
* `select`, `where_true`, `is_not_zero`, `positive_part`, `minus_abs`, `total` and the like are what
  `np.where`, `np.heaviside`, `np.maximum` or `np.sum` would be, without the branch that is mispredicted for
  every other element, without the slow loop that NumPy has for an array and a number, and without drift.
"""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray

P = ParamSpec("P")
R = TypeVar("R")

# Bytes of an array that is evaluated as a whole: with its temporaries it still lies in a cache.
WHOLE = 1 << 20
# Elements in a part of a larger array: ten float64 temporaries of this size fit into 1 MB. Much smaller
# parts would be dominated by the half microsecond that a call of NumPy takes, whatever it does.
BLOCK = 3 << 12
# Bytes of a part of an array of vectors: their formulas make more calls, and have fewer temporaries.
VECTORS = 5 << 15

# The C library on Linux returns freed memory to the system as soon as more than twice the largest array freed
# so far lies idle; each page of the next array then costs up to 2 microseconds, ten times the arithmetic on
# it. An array of 16 MB, allocated and freed without being touched, raises that limit for good. (Most programs
# have done so by the time they hold data of any size.)
np.empty(1 << 24, np.uint8)

_INTEGER: dict[Any, np.dtype[np.signedinteger[Any]]] = {
    np.dtype(np.float32): np.dtype(np.int32),
    np.dtype(np.float64): np.dtype(np.int64),
}
_SIGN_BIT: dict[Any, np.signedinteger[Any]] = {
    np.dtype(np.float32): np.int32(-(2**31)),
    np.dtype(np.float64): np.int64(-(2**63)),
}


class _Memory(threading.local):
    """What the steps of the block at hand have come to; None while nothing is shared."""

    steps: dict[Any, tuple[Any, Any]] | None = None


_memory = _Memory()


class sharing:
    """A context in which a `shared` step with the same arguments is taken once.

    It gives the dictionary that remembers them, to be cleared for each block.
    """

    __slots__ = ("_outer",)

    def __enter__(self) -> dict[Any, Any]:
        self._outer, _memory.steps = _memory.steps, {}
        return _memory.steps

    def __exit__(self, *_: object) -> None:
        _memory.steps = self._outer


def shared(step: Callable[P, R]) -> Callable[P, R]:
    """Mark a step that several formulas take on the same arrays. Its result must not be changed."""

    @functools.wraps(step)
    def once(*args: P.args, **kwargs: P.kwargs) -> R:
        steps = _memory.steps
        if steps is None or kwargs:
            return step(*args, **kwargs)
        # Two arguments are the same if they are one object. The arguments are kept with the result, so
        # that none of them makes way for another object of the same identity.
        key = (step, *map(id, args))
        if key not in steps:
            steps[key] = args, step(*args, **kwargs)
        found: R = steps[key][1]
        return found

    return once


def within(x: NDArray[Any], low: float | np.floating[Any], high: float | np.floating[Any]) -> bool:
    """Whether every number of the block lies between `low` and `high`; not if one is nan.

    Nearly every block does where the bounds are those of ordinary numbers, and to ask costs no more than an
    addition. So a formula may take the short way there, and the careful one in the other blocks. An infinite
    bound is not looked at.
    """
    if not x.size:
        return True
    # The position of an extreme is found faster than the extreme itself. nan counts as extreme in either way.
    return (low == -math.inf or x.item(x.argmin()) >= low) and (
        high == math.inf or x.item(x.argmax()) <= high
    )


def holds_nan(x: FloatArray) -> bool:
    """Whether a number of the block is nan."""
    return x.size > 0 and math.isnan(x.item(x.argmin()))


def _filled(value: Any, x: FloatArray) -> FloatArray:
    """An array of the shape and dtype of `x` that holds `value` everywhere; it must not be changed.

    NumPy takes the minimum or maximum of two arrays four times as fast as that of an array and a number. A
    number that has been asked for before is not written again.
    """
    key = x.dtype.num, value
    held = _constants.get(key)
    if held is None or held.size < x.size:
        if x.nbytes > WHOLE:
            return np.full_like(x, value)
        if len(_constants) >= 16:
            _constants.clear()
        held = np.full(max(4096, 1 << (x.size - 1).bit_length()), value, x.dtype)
        held.setflags(write=False)
        _constants[key] = held
    return held[: x.size].reshape(x.shape)


_constants: dict[Any, FloatArray] = {}


def at_least(x: FloatArray, low: Any) -> FloatArray:
    """`np.maximum(x, low)` for a number `low`; nan stays nan."""
    return np.maximum(x, _filled(low, x))


def at_most(x: FloatArray, high: Any) -> FloatArray:
    """`np.minimum(x, high)` for a number `high`; nan stays nan."""
    return np.minimum(x, _filled(high, x))


def clamp(x: FloatArray, low: Any, high: Any) -> FloatArray:
    """`np.clip(x, low, high)` for two numbers; nan stays nan."""
    # In the dtype of x, because a Python number may be too large for it.
    clipped: FloatArray = np.clip(x, x.dtype.type(low), x.dtype.type(high))
    return clipped


def positive_part(x: FloatArray) -> FloatArray:
    """max(x, 0)."""
    return np.maximum(x, _filled(0, x))


def minus_abs(x: FloatArray) -> FloatArray:
    """-|x| in one step: the sign bit is set."""
    bits: FloatArray = np.bitwise_or(x.view(_INTEGER[x.dtype]), _SIGN_BIT[x.dtype]).view(x.dtype)
    return bits


def select(condition: NDArray[np.bool_], chosen: Any, other: Any) -> FloatArray:
    """`np.where(condition, chosen, other)` for floats, at one speed whatever the condition.

    `np.where` branches for each element; where the condition is as good as random that takes ten times
    as long. Here the bits of both are masked.
    """
    dtype = np.result_type(chosen, other)
    integer = _INTEGER[dtype]
    return _masked(np.negative(condition.view(np.int8)).astype(integer), chosen, other, dtype)


def select_by_sign(x: FloatArray, left: Any, right: Any) -> FloatArray:
    """`np.where(np.signbit(x), left, right)` for floats of the dtype of `x`, like `select`."""
    # Shifted to the right an integer is filled up with copies of its sign bit.
    bits = x.view(_INTEGER[x.dtype])
    return _masked(np.right_shift(bits, 8 * x.dtype.itemsize - 1), left, right, x.dtype)


def _masked(mask: NDArray[Any], chosen: Any, other: Any, dtype: Any) -> FloatArray:
    """`chosen` where all bits of the integers in `mask` are set, `other` where none is; changes `mask`."""
    a, b = np.asarray(chosen, dtype).view(mask.dtype), np.asarray(other, dtype).view(mask.dtype)
    differing = a ^ b
    fits = differing.ndim == 0 or differing.shape == mask.shape
    bits = np.bitwise_and(mask, differing, out=mask if fits and mask.ndim else None)
    bits ^= b
    selected: FloatArray = bits.view(dtype)
    return selected


def is_not_zero(size: FloatArray) -> FloatArray:
    """1 where a number that is not negative is greater than 0, 0 where it is 0, nan where it is nan."""
    # The next integer from a positive number upwards is at least 1, however small the number is.
    steps = np.ceil(size)
    return np.minimum(steps, _filled(1, size), out=steps)


def where_true(condition: NDArray[np.bool_], x: FloatArray) -> FloatArray:
    """1 where the condition holds and 0 where it does not, as floats like `x`; nan where `x` is nan."""
    return nan_where_nan(condition.astype(x.dtype), x)


def nan_where_nan(values: FloatArray, x: FloatArray) -> FloatArray:
    """`values`, but nan where `x` is nan."""
    # Of a block without nan, which is nearly every block, only the minimum has been looked at.
    return np.where(np.isnan(x), x, values) if holds_nan(x) else values


def total(losses: FloatArray) -> float:
    """The sum of a block, in float64: it neither drifts nor overflows where float32 would."""
    if losses.dtype == np.float64:
        return float(np.add.reduce(losses, axis=None))
    # To read float32 as float64 takes longer than to add it. Three times one half of the numbers is added to
    # the other, which rounds each of them by half a unit and so, in the mean, nothing away.
    halves, count = losses.reshape(-1), losses.size
    if count % 8 == 0 and count >= 4096:
        for _ in range(3):
            count //= 2
            halves = halves[:count] + halves[count:]
    found = float(np.add.reduce(halves.astype(np.float64)))
    if math.isfinite(found) or halves.size == losses.size:
        return found
    return float(np.sum(losses, dtype=np.float64))


Block = dict[str, Any]
# What becomes of the results of the block at hand: parts of new arrays, which they are written to, or, if
# the block is all there is, only the shape and dtype of the array wanted, in whose place it is put.
Outputs = list[Any]
# New arrays for results, and the blocks: parts of the given arrays by name, and of the new ones.
Cut = tuple[Outputs, Iterator[tuple[Block, Outputs]]]


def put(outputs: Outputs, at: int, values: Any, block: Block) -> None:
    """Make `values` the result number `at` of the block."""
    place = outputs[at]
    if type(place) is not tuple:
        place[...] = values
        return
    shape, dtype = place
    # A new array is the result itself, but neither an argument, nor another result, nor a part of one.
    is_new = type(values) is np.ndarray and values.base is None and values.dtype == dtype
    if not is_new or values.shape != shape or _is_any_of(values, block, outputs):
        result = np.empty(shape, dtype)
        result[...] = values
        values = result
    outputs[at] = values


def _is_any_of(values: NDArray[Any], block: Block, outputs: Outputs) -> bool:
    return any(values is each for part in (block.values(), outputs) for each in part)


def elements(arrays: Mapping[str, NDArray[Any]], dtype: Any, results: int, result_dtype: Any) -> Cut:
    """Cut arrays that broadcast to one shape into equal blocks.

    Returns `results` new arrays of that shape and `result_dtype`, and an iterator over pairs: the parts
    of `arrays` as floats of `dtype`, by name, and the outputs for them (see `put`).
    """
    first = next(iter(arrays.values()))
    shape, alike, of_dtype = first.shape, True, True
    for array in arrays.values():
        alike = alike and array.shape == shape
        of_dtype = of_dtype and array.dtype == dtype
    if not alike:
        shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    if shape and math.prod(shape) * dtype.itemsize <= WHOLE:
        places: Outputs = [(shape, result_dtype)] * results
        block = dict(arrays)
        if not of_dtype:
            block = {name: array.astype(dtype, copy=False) for name, array in arrays.items()}
        return places, iter([(block, places)])
    if not shape:
        # A block has at least one axis, so that a formula need not mind NumPy's scalars.
        arrays = {name: array.astype(dtype, copy=False) for name, array in arrays.items()}
        of_dtype = True
    if alike and of_dtype and all(array.flags.c_contiguous for array in arrays.values()):
        return _slices(arrays, [np.empty(shape, result_dtype) for _ in range(results)])
    # NumPy's own iterator: it deals with strides, broadcasting and dtypes, and copies only if it must.
    given: list[Literal["readonly"]] = ["readonly"]
    new: list[Literal["writeonly", "allocate"]] = ["writeonly", "allocate"]
    iterator = np.nditer(
        [*arrays.values(), *[None] * results],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[*[given] * len(arrays), *[new] * results],
        op_dtypes=[*[dtype] * len(arrays), *[result_dtype] * results],
        casting="same_kind",
        buffersize=BLOCK,
    )

    def blocks() -> Iterator[tuple[Block, Outputs]]:
        with iterator:
            for parts in iterator:
                yield dict(zip(arrays, parts, strict=False)), list(parts[len(arrays) :])

    return list(iterator.operands[len(arrays) :]), blocks()


def _slices(arrays: Mapping[str, NDArray[Any]], new: list[NDArray[Any]]) -> Cut:
    """The blocks of contiguous arrays of one shape and dtype, which need no iterator."""
    size = new[0].size if new else next(iter(arrays.values())).size
    given, flat = [array.reshape(-1) for array in arrays.values()], [array.reshape(-1) for array in new]
    # As many blocks as there must be, and equally long (of whole vectors of the processor): a short last one
    # would cost as many calls.
    count = max(1, -(-size // BLOCK))
    length = -(-size // count) + 63 & ~63

    def blocks() -> Iterator[tuple[Block, Outputs]]:
        for start in range(0, size, length):
            part = slice(start, start + length)
            block = {name: array[part] for name, array in zip(arrays, given, strict=True)}
            yield block, [array[part] for array in flat]

    return new, blocks()


def samples(
    vectors: Mapping[str, NDArray[Any]],
    numbers: Mapping[str, NDArray[Any]],
    axis: int,
    dtype: Any,
    results: str,
    result_dtype: Any,
    stop: int | None = None,
) -> Cut:
    """Cut arrays of vectors along `axis` into blocks of whole vectors.

    With a `stop` the vectors extend along all axes from `axis` to there. `vectors` have one shape, except
    that their lengths may differ; `numbers` have the same without those axes. In a block the vectors lie on
    axis 1: it has shape (n, K) or (n, K, d), and its numbers (n,) or (n, d). `results` says, a letter each,
    which new arrays are wanted: "v" of the shape of the first vectors, "h" half as long, "n" of the shape of
    the numbers.
    """
    first = next(iter(vectors.values()))
    stop = axis + 1 if stop is None else stop
    shape = first.shape
    size = int(np.prod(shape[axis:stop], dtype=np.int64))
    half = (*shape[:axis], size // 2, *shape[stop:])
    if len(shape) == 2 and (axis, stop) == (1, 2) and first.size * dtype.itemsize <= WHOLE:
        wanted = {"v": shape, "h": half, "n": shape[:1]}
        places: Outputs = [(wanted[kind], result_dtype) for kind in results]
        whole: Block = {name: array.astype(dtype, copy=False) for name, array in vectors.items()}
        whole.update({name: _as_floats(array, dtype) for name, array in numbers.items()})
        return places, iter([(whole, places)])
    outer = int(np.prod(shape[:axis], dtype=np.int64))
    inner = int(np.prod(shape[stop:], dtype=np.int64))
    without = shape[:axis] + shape[stop:]
    trailing = (inner,) if inner != 1 else ()
    wanted = {"v": shape, "h": half, "n": without}
    new = [np.empty(wanted[kind], result_dtype) for kind in results]
    shapes = {"v": (outer, size, *trailing), "h": (outer, size // 2, *trailing), "n": (outer, *trailing)}
    flat = [array.reshape(shapes[kind]) for kind, array in zip(results, new, strict=True)]
    given = {
        name: array.reshape(outer, int(np.prod(array.shape[axis:stop], dtype=np.int64)), *trailing)
        for name, array in vectors.items()
    }
    singles = {name: array.reshape(shapes["n"]) for name, array in numbers.items()}
    # Several arrays of vectors have several times the temporaries.
    length = VECTORS // dtype.itemsize // len(vectors)
    wide = max(1, min(inner, length // max(size, 1)))
    tall = max(1, length // max(size * wide, 1)) if wide == inner else 1

    def cut(array: NDArray[Any], top: int, left: int, is_vector: bool) -> NDArray[Any]:
        part = array[top : top + tall]
        if not trailing:
            return part
        return part[:, :, left : left + wide] if is_vector else part[:, left : left + wide]

    def blocks() -> Iterator[tuple[Block, Outputs]]:
        for top in range(0, outer, tall):
            for left in range(0, inner, wide):
                block: Block = {}
                for name, array in given.items():
                    block[name] = cut(array, top, left, True).astype(dtype, copy=False)
                for name, array in singles.items():
                    block[name] = _as_floats(cut(array, top, left, False), dtype)
                yield (
                    block,
                    [cut(array, top, left, kind != "n") for kind, array in zip(results, flat, strict=True)],
                )

    return new, blocks()


def _as_floats(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Floats as floats of `dtype`; integers, such as labels and lengths, as they are."""
    return array.astype(dtype) if array.dtype.kind == "f" and array.dtype != dtype else array


def whole(
    arrays: Mapping[str, NDArray[Any]], dtype: Any, shapes: Sequence[tuple[int, ...]], result_dtype: Any
) -> Cut:
    """All of the arrays as one block, and new arrays of the given shapes."""
    new = [np.empty(shape, result_dtype) for shape in shapes]
    return new, iter([({name: _as_floats(array, dtype) for name, array in arrays.items()}, new)])


def batches(
    arrays: Mapping[str, NDArray[Any]],
    axes: Mapping[str, int],
    height: int,
    dtype: Any,
    shapes: Sequence[tuple[int, ...]],
    places: Sequence[int],
    result_dtype: Any,
) -> Cut:
    """Cut arrays into blocks of `height` samples, each along its own one of `axes`.

    The new arrays have the given `shapes`, and their samples on the axes `places`.
    """
    new = [np.empty(shape, result_dtype) for shape in shapes]
    name, axis = next(iter(axes.items()))
    count = arrays[name].shape[axis]

    def cut(array: NDArray[Any], axis: int, start: int) -> NDArray[Any]:
        return array[(slice(None),) * axis + (slice(start, start + height),)]

    def blocks() -> Iterator[tuple[Block, list[NDArray[Any]]]]:
        for start in range(0, count, height):
            block = {name: _as_floats(cut(array, axes[name], start), dtype) for name, array in arrays.items()}
            yield block, [cut(array, axis, start) for array, axis in zip(new, places, strict=True)]

    return new, blocks()
