"""What one call of a function did, and whether two such outcomes are the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossact._arrays import FloatArray
from lossact.grading import child, sentences


@dataclass(frozen=True)
class Outcome:
    """What one call did. Exactly one of `values`, `error` and `unusable` is there.

    Attributes
    ----------
    values : the arrays returned.
    several : whether they came as a tuple.
    error : type, message, line and source of the exception; type is "" where no exception was raised
        because the process hung or ended.
    unusable : what came back, in words, where it was neither numbers nor arrays.
    changed : whether the arguments were changed.
    warned : messages of the warnings.
    measured : where a check measures what came back: the names of the numbers in `values`, and what they
        are, in their own types.
    """

    values: tuple[FloatArray, ...] | None = None
    several: bool = False
    error: dict[str, Any] | None = None
    unusable: str | None = None
    changed: bool = False
    warned: tuple[str, ...] = ()
    measured: dict[str, float | bool] | None = None

    @classmethod
    def of(cls, function: Callable[..., Any], arguments: Sequence[Any]) -> Outcome:
        """Call a function in this process."""
        return cls.from_reply(child.perform(function, arguments))

    @classmethod
    def from_reply(cls, reply: dict[str, Any]) -> Outcome:
        """Read what `child.perform` says.

        Raises
        ------
        ValueError
            If it is not of that form: then somebody else wrote it.
        """
        values, error, unusable = reply["values"], reply["error"], reply["unusable"]
        if values is not None and not all(isinstance(value, np.ndarray) for value in values):
            raise ValueError("values that are no arrays")
        if error is not None:
            if set(error) != {"type", "message", "line", "source"}:
                raise ValueError("an error without its parts")
            error = {key: error[key] if key == "line" else str(error[key]) for key in error}
        if (values is None) + (error is None) + (unusable is None) != 2:
            raise ValueError("not exactly one outcome")
        return cls(
            values=None if values is None else tuple(values),
            several=bool(reply["several"]),
            error=error,
            unusable=None if unusable is None else str(unusable),
            changed=bool(reply["changed"]),
            warned=tuple(str(message) for message in reply["warned"]),
        )

    @classmethod
    def missing(cls, function: str, blame: dict[str, Any] | None) -> Outcome:
        """The notebook defines no such function; `blame` is the error of a cell that failed."""
        message = sentences.MISSING.format(function=function)
        if blame is not None:
            message += " " + sentences.CELL_FAILED.format(error=error_text(blame))
        return cls(error={"type": "", "message": message, "line": None, "source": ""})

    @classmethod
    def gone(cls, reason: str) -> Outcome:
        """The process that held the function hung or ended."""
        return cls(error={"type": "", "message": reason, "line": None, "source": ""})

    def untouched(self, function: str) -> bool:
        """Whether `function` is still the one that was handed out."""
        # By its message: an answer that calls another one, not written yet, is not untouched itself.
        return (
            self.error is not None
            and self.error["type"] == "NotImplementedError"
            and self.error["message"] == sentences.STUB.format(function=function)
        )


def same_values(first: Outcome, second: Outcome, *, rtol: float, atol: float) -> bool:
    """Whether two outcomes are the same numbers in the same shapes, or the same kind of failure."""
    if first.values is None or second.values is None:
        if first.error is not None and second.error is not None:
            # A process that hung or ended is like no other failure.
            return bool(first.error["type"] == second.error["type"] != "")
        return first.unusable is not None and first.unusable == second.unusable
    return (
        len(first.values) == len(second.values)
        and first.several == second.several
        and all(
            a.shape == b.shape and _close(a, b, rtol, atol)
            for a, b in zip(first.values, second.values, strict=True)
        )
    )


def _close(a: FloatArray, b: FloatArray, rtol: float, atol: float) -> bool:
    if "U" in (a.dtype.kind, b.dtype.kind):
        return a.dtype.kind == b.dtype.kind and str(a) == str(b)
    return np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True)


def error_text(error: dict[str, Any]) -> str:
    """An exception in one line, with the learner's own line where it is known."""
    text = f"{error['type']}: {error['message']}" if error["type"] else str(error["message"])
    if error.get("line"):
        text += " " + sentences.AT_LINE.format(line=error["line"], source=error["source"])
    return text


def values_text(outcome: Outcome, digits: int = 7) -> str:
    """What a call returned, short enough to read."""
    if outcome.values is None:
        return outcome.unusable or ""
    if outcome.measured is not None:
        return "; ".join(f"{name}: {_measured_text(each, digits)}" for name, each in outcome.measured.items())
    parts = [array_text(value, digits) for value in outcome.values]
    return f"({', '.join(parts)})" if outcome.several else parts[0]


def _measured_text(value: float | bool, digits: int) -> str:
    if isinstance(value, bool | np.bool_):
        return sentences.YES if value else sentences.NO
    return array_text(float(value), digits)


def array_text(value: Any, digits: int = 7) -> str:
    """An array or number as one would type it; large arrays by their shape alone."""
    if callable(value):
        return str(getattr(value, "__name__", value))
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(array_text(each, digits) for each in value)}]"
    array = np.asarray(value)
    if array.size > 24:
        return sentences.LARGE_ARRAY.format(shape=array.shape)
    if array.ndim == 0:
        number = array[()]
        if array.dtype.kind == "U":
            return repr(str(number))
        return f"{number:.{digits}g}" if isinstance(number, np.floating) else str(number)
    return "[" + ", ".join(array_text(row, digits) for row in array) + "]"
