"""How a formula is evaluated fast: in blocks, with shared steps, without branches.

A NumPy expression reads and writes memory once for each of its operations. On blocks that stay in the
level-2 cache the same expression takes a fraction of the time, and its temporaries are as small as a
block. So every formula of this package is given one block after the other, and knows nothing of it:

* `elements` cuts arrays of one shape, `samples` cuts vectors along an axis into rows;
* `shared` marks a step that a value and its derivative have in common: it is taken once for both;
* `select`, `where_true` and `total` are what `np.where`, a step function and `np.sum` would be, without
  the branch that is mispredicted for every other element, and without drift.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from lossact._arrays import FloatArray

P = ParamSpec("P")
R = TypeVar("R")

# Elements in a block: three or four float32 or float64 temporaries of this size fit into 1 MB of cache.
BLOCK = 1 << 14

_INTEGER = {np.dtype(np.float32): np.dtype(np.int32), np.dtype(np.float64): np.dtype(np.int64)}


class _Memory(threading.local):
    """What the steps of the block at hand have come to; None while nothing is shared."""

    steps: dict[Any, tuple[Any, Any]] | None = None


_memory = _Memory()


@contextmanager
def sharing() -> Iterator[None]:
    """Inside, a `shared` step with the same arguments is taken once."""
    outer, _memory.steps = _memory.steps, {}
    try:
        yield
    finally:
        _memory.steps = outer


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
            steps[key] = args, step(*args)
        found: R = steps[key][1]
        return found

    return once


def select(condition: NDArray[np.bool_], chosen: Any, other: Any) -> FloatArray:
    """`np.where(condition, chosen, other)` for floats, at one speed whatever the condition.

    `np.where` branches for each element; where the condition is as good as random that takes ten times
    as long. Here the bits of both are masked.
    """
    dtype = np.result_type(chosen, other)
    integer = _INTEGER[dtype]
    mask = np.negative(condition.view(np.int8)).astype(integer)
    a, b = np.asarray(chosen, dtype).view(integer), np.asarray(other, dtype).view(integer)
    bits = np.asarray(a ^ b) & mask
    bits ^= b
    return bits.view(dtype)


def where_true(condition: NDArray[np.bool_], x: FloatArray) -> FloatArray:
    """1 where the condition holds and 0 where it does not, as floats like `x`; nan where `x` is nan."""
    steps = condition.astype(x.dtype)
    # Of a block without nan, which is nearly every block, only the minimum has to be looked at.
    if x.size and np.isnan(np.min(x)):
        steps = np.where(np.isnan(x), x, steps)
    return steps


def total(losses: FloatArray) -> float:
    """The sum of a block, in float64: it neither drifts nor overflows where float32 would."""
    return float(np.sum(losses, dtype=np.float64))


Block = dict[str, Any]
# New arrays for results, and the blocks: parts of the given arrays by name, and of the new ones.
Cut = tuple[list[NDArray[Any]], Iterator[tuple[Block, list[NDArray[Any]]]]]


def elements(arrays: Mapping[str, NDArray[Any]], dtype: Any, results: int, result_dtype: Any) -> Cut:
    """Cut arrays that broadcast to one shape into equal blocks.

    Returns `results` new arrays of that shape and `result_dtype`, and an iterator over pairs: the parts
    of `arrays` as floats of `dtype`, by name, and the parts of the new arrays that belong to them.
    """
    first, *others = arrays.values()
    alike = all(other.shape == first.shape for other in others)
    shape = first.shape if alike else np.broadcast_shapes(*(array.shape for array in arrays.values()))
    if first.size <= BLOCK and (alike or np.prod(shape, dtype=np.int64) <= BLOCK):
        new = [np.empty(shape, result_dtype) for _ in range(results)]
        block = {
            name: array if array.dtype == dtype else array.astype(dtype) for name, array in arrays.items()
        }
        return new, iter([(block, new)])
    # NumPy's own iterator: it deals with strides, broadcasting and dtypes, and copies only if it must.
    iterator = np.nditer(
        [*arrays.values(), *[None] * results],
        flags=["external_loop", "buffered", "zerosize_ok"],
        op_flags=[*[["readonly"]] * len(arrays), *[["writeonly", "allocate"]] * results],  # type: ignore[list-item]
        op_dtypes=[*[dtype] * len(arrays), *[result_dtype] * results],
        casting="same_kind",
        buffersize=BLOCK,
    )

    def blocks() -> Iterator[tuple[Block, list[NDArray[Any]]]]:
        with iterator:
            for parts in iterator:
                yield dict(zip(arrays, parts, strict=False)), list(parts[len(arrays) :])

    return list(iterator.operands[len(arrays) :]), blocks()


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

    With a `stop` the vectors extend along all axes from `axis` to there. `vectors` have one shape; `numbers`
    have the same without those axes. In a block the vectors lie on axis 1: it has shape (n, K) or (n, K, d),
    and its numbers (n,) or (n, d). `results` says, a letter each, which new arrays are wanted: "v" of the
    shape of the vectors, "n" of the shape of the numbers.
    """
    first = next(iter(vectors.values()))
    stop = axis + 1 if stop is None else stop
    shape = first.shape
    size = int(np.prod(shape[axis:stop], dtype=np.int64))
    outer = int(np.prod(shape[:axis], dtype=np.int64))
    inner = int(np.prod(shape[stop:], dtype=np.int64))
    without = shape[:axis] + shape[stop:]
    trailing = (inner,) if inner != 1 else ()
    new = [np.empty(shape if kind == "v" else without, result_dtype) for kind in results]
    shapes = {"v": (outer, size, *trailing), "n": (outer, *trailing)}
    flat = [array.reshape(shapes[kind]) for kind, array in zip(results, new, strict=True)]
    given = {name: array.reshape(shapes["v"]) for name, array in vectors.items()}
    singles = {name: array.reshape(shapes["n"]) for name, array in numbers.items()}
    wide = max(1, min(inner, BLOCK // max(size, 1)))
    tall = max(1, BLOCK // max(size * wide, 1)) if wide == inner else 1

    def cut(array: NDArray[Any], top: int, left: int, is_vector: bool) -> NDArray[Any]:
        part = array[top : top + tall]
        if not trailing:
            return part
        return part[:, :, left : left + wide] if is_vector else part[:, left : left + wide]

    def blocks() -> Iterator[tuple[Block, list[NDArray[Any]]]]:
        for top in range(0, outer, tall):
            for left in range(0, inner, wide):
                block: Block = {}
                for name, array in given.items():
                    block[name] = cut(array, top, left, True).astype(dtype, copy=False)
                for name, array in singles.items():
                    part = cut(array, top, left, False)
                    block[name] = part.astype(dtype, copy=False) if part.dtype.kind == "f" else part
                yield (
                    block,
                    [cut(array, top, left, kind == "v") for kind, array in zip(results, flat, strict=True)],
                )

    return new, blocks()
