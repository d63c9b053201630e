"""The process in which a learner's code runs when it is graded.

Run as a script (`python -I child.py PACKAGE_FOLDER`), it executes cells and calls functions for the
process that judges. It knows no question and no reference. What crosses the pipe in both directions is
JSON, one message a line, with arrays as base64 of their bytes: a format that cannot execute anything.

This file imports nothing of `lossact`, because it must run where that package is out of reach. The
judging process imports from here how a function is called, so that an answer is treated alike in a
notebook cell and in a graded process.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.machinery
import io
import json
import linecache
import os
import re
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

MAX_ELEMENTS = 1_000_000
NOT_AT_HAND = (
    "cannot import {name!r} while an answer is graded: the reference package is not at hand there. "
    "Write the function with NumPy alone."
)


# --- arrays and numbers as JSON -------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """A number, string, None, array, or a list or dict of these, as what `json` can write."""
    if isinstance(value, np.ndarray):
        return {
            "dtype": value.dtype.str,
            "shape": list(value.shape),
            "bytes": base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii"),
        }
    if isinstance(value, np.generic):
        return encode(np.asarray(value))
    if isinstance(value, list | tuple):
        return {"list": [encode(item) for item in value]}
    if isinstance(value, float):
        # JSON has no nan or inf of its own, and a decimal rounding is not wanted.
        return {"float": value.hex()}
    return value


def decode(value: Any) -> Any:
    """What `encode` was given, with tuples as lists.

    Raises
    ------
    ValueError
        If the message is not one that `encode` writes: another dtype than plain numbers, a size that does
        not fit the bytes, or more than `MAX_ELEMENTS` elements.
    """
    if not isinstance(value, dict):
        return value
    if "float" in value:
        return float.fromhex(value["float"])
    if "list" in value:
        return [decode(item) for item in value["list"]]
    dtype = np.dtype(value["dtype"])
    shape = tuple(int(length) for length in value["shape"])
    data = base64.b64decode(value["bytes"], validate=True)
    if dtype.kind not in "biuf" or min(shape, default=0) < 0:
        raise ValueError(f"an array of dtype {dtype} and shape {shape} is not accepted")
    size = int(np.prod(shape, dtype=np.int64))
    if size > MAX_ELEMENTS or size * dtype.itemsize != len(data):
        raise ValueError(f"an array of shape {shape} with {len(data)} bytes is not accepted")
    return np.frombuffer(data, dtype=dtype).reshape(shape).copy()


# --- one call of a learner's function -------------------------------------------------------------------


def perform(function: Callable[..., Any], arguments: Sequence[Any]) -> dict[str, Any]:
    """Call `function` on copies of `arguments` and say what happened, in plain data.

    Returns
    -------
    dict with the keys
        values : list of arrays, None if there are none.
        several : whether the function returned a tuple.
        unusable : what it returned instead, in words; None if the values can be used.
        error : None, or a dict with type, message, line and source of the exception.
        changed : whether the arguments were changed.
        warned : the messages of the warnings.
    """
    given = [_copy(argument) for argument in arguments]
    kept = [_copy(argument) for argument in arguments]
    result: dict[str, Any] = {
        "values": None,
        "several": False,
        "unusable": None,
        "error": None,
    }
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
        warnings.simplefilter("always")
        try:
            returned = function(*given)
            parts = list(returned) if type(returned) is tuple else [returned]
            values = [_plain(part) for part in parts]
            wrong = next((part for part, value in zip(parts, values, strict=True) if value is None), None)
            if any(value is None for value in values):
                result["unusable"] = _describe(wrong)
            else:
                result.update(values=values, several=type(returned) is tuple)
        except Exception as error:
            result["error"] = describe_error(error)
    result["changed"] = not all(_same(a, b) for a, b in zip(given, kept, strict=True))
    result["warned"] = [str(warning.message)[:200] for warning in caught]
    return result


def _copy(argument: Any) -> Any:
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return bool(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes())
    return bool(a == b)


def _plain(value: Any) -> np.ndarray | None:
    """`value` as an array of plain numbers, or None if it is anything else (a list, a subclass, ...)."""
    if type(value) not in (np.ndarray, int, float, bool) and not isinstance(value, np.generic):
        return None
    array = np.array(value)
    return array if array.dtype.kind in "biuf" and array.size <= MAX_ELEMENTS else None


def _describe(value: Any) -> str:
    if value is None:
        return "None"
    if type(value) is np.ndarray:
        return f"an array of dtype {value.dtype} and shape {value.shape}"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def describe_error(error: BaseException) -> dict[str, Any]:
    """An exception as type, message, and the last line of the learner's own code that led to it."""
    line, source = None, ""
    for frame in traceback.extract_tb(error.__traceback__):
        if _is_learners(frame.filename):
            line, source = frame.lineno, frame.line or ""
    if isinstance(error, SyntaxError):
        line, source = error.lineno, (error.text or "").strip()
    return {
        "type": type(error).__name__,
        "message": str(error)[:500],
        "line": line,
        "source": source[:200],
    }


def _is_learners(filename: str) -> bool:
    libraries = (os.path.dirname(os.__file__), os.path.dirname(np.__file__))
    return filename != __file__ and "site-packages" not in filename and not filename.startswith(libraries)


# --- the process itself ---------------------------------------------------------------------------------


_PYTHON_CELL_MAGICS = ("%%time", "%%timeit", "%%capture", "%%prun")
# Magics and shell commands, also assigned; help with a question mark in front or behind.
_IPYTHON_LINE = re.compile(r"^\s*(%|!|\?|[\w, ]+=\s*[%!]|[\w.]+\?+\s*$)")


class _Guard:
    """Refuses to import from the reference package, except what an exercise hands out."""

    handed_out = ("lossact.datasets", "lossact.plotting", "lossact._arrays")

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.startswith("lossact.") and name not in self.handed_out:
            raise ImportError(NOT_AT_HAND.format(name=name))


def close_off_reference(package_folder: str) -> None:
    """Put a `lossact` in place that has the data and the figures, and whose `check` does nothing."""

    def refuse(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(NOT_AT_HAND.format(name=name))

    package = types.ModuleType("lossact")
    package.__path__ = [package_folder]
    package.__spec__ = importlib.machinery.ModuleSpec("lossact", None, is_package=True)
    grading = types.ModuleType("lossact.grading")
    # The notebook's own calls of check() are not what is judged; they pass without a word.
    vars(grading)["__path__"] = []  # a package, so that the guard is asked for what is in it
    vars(grading)["check"] = lambda *args, **kwargs: None
    vars(package).update(grading=grading, __getattr__=refuse)
    sys.modules.update({"lossact": package, "lossact.grading": grading})
    sys.meta_path.insert(0, _Guard())


def run_cell(source: str, name: str, namespace: dict[str, Any]) -> dict[str, Any] | None:
    """Execute one cell; the error as `describe_error` gives it, or None."""
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    try:
        try:
            code = compile(source, name, "exec")
        except SyntaxError:
            code = compile(_without_magics(source), name, "exec")
        exec(code, namespace)
    except Exception as error:
        return describe_error(error)
    return None


def _without_magics(source: str) -> str:
    """The cell with IPython's own lines blanked, so that line numbers stay."""
    lines = source.split("\n")
    if lines[0].startswith("%%") and lines[0].split()[0] not in _PYTHON_CELL_MAGICS:
        return ""  # a cell in another language
    return "\n".join("" if _IPYTHON_LINE.match(line) else line for line in lines)


def serve(requests: io.TextIOBase, replies: io.TextIOBase) -> None:
    """Answer requests, one JSON message a line, until there are no more."""
    namespace: dict[str, Any] = {"__name__": "__main__", "display": print}
    for line in requests:
        request = json.loads(line)
        if request["do"] == "run":
            reply: Any = run_cell(request["source"], request["name"], namespace)
        else:
            function = namespace.get(request["function"])
            if callable(function):
                reply = perform(function, decode(request["arguments"]))
            else:
                reply = {"missing": True}
        if reply and reply.get("values") is not None:
            reply["values"] = encode(reply["values"])
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def main() -> None:
    # The pipe moves to descriptors of its own; what the learner prints or reads goes nowhere.
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.environ["MPLBACKEND"] = "agg"
    close_off_reference(sys.argv[1])
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(requests, replies)


if __name__ == "__main__":
    main()
