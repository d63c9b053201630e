"""The process in which a learner's code runs when it is graded.

It executes cells and calls functions for the process that judges. It knows no question and no reference.
What crosses the pipe in both directions is JSON, one message a line, with arrays as base64 of their bytes:
a format that cannot execute anything.

Run as a script it is either such a process itself (`child.py HANDOUT HIDDEN`), or, where a process can be
forked, a nursery of them (`child.py TEMPORARY HIDDEN DESCRIPTOR PRELOAD...`): it imports what takes time
once, runs nothing of a learner's, and forks a confined child for each notebook. All that these may write
lies in a folder that it makes in TEMPORARY, and removes at its end.

This file imports nothing of `lossact`, because it must run where that package is out of reach. The
judging process imports from here how a function is called, so that an answer is treated alike in a
notebook cell and in a graded process.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import importlib.machinery
import importlib.util
import json
import linecache
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

MAX_ELEMENTS = 1_000_000
MAX_CHARACTERS = 200
NOT_AT_HAND = (
    "cannot import {name!r} while an answer is graded: the reference package is not at hand there. "
    "Write the function with NumPy alone."
)


# --- arrays and numbers as JSON -------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """A number, string, None, array, or a list or dict of these, as what `json` can write."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "U" and value.ndim == 0:
        return {"text": str(value)}
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
    if "text" in value:
        return np.array(str(value["text"])[:MAX_CHARACTERS])
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
    if isinstance(argument, list | tuple):
        return type(argument)(map(_copy, argument))
    return argument.copy() if isinstance(argument, np.ndarray) else argument


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return bool(a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


def _plain(value: Any) -> np.ndarray | None:
    """`value` as an array of plain numbers or one word, or None if it is anything else (a list, ...)."""
    if type(value) is str and len(value) <= MAX_CHARACTERS:
        return np.array(value)
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


class Channel:
    """The line to the judging process: requests come in, replies go out, and questions may come between."""

    def __init__(self, requests: int, replies: int) -> None:
        self._requests = os.fdopen(requests, "r", encoding="utf-8")
        self._replies = replies

    def receive(self) -> Any:
        line = self._requests.readline()
        return json.loads(line) if line else None

    def send(self, message: Any) -> None:
        data = memoryview((json.dumps(message) + "\n").encode())
        while data:
            data = data[os.write(self._replies, data) :]

    def ask(self, message: Any) -> Any:
        """Ask the judging process for something while one of its requests is being served."""
        self.send(message)
        return self.receive()


class HandedOut:
    """A function that an exercise hands out, or that is an argument: it is computed where the judge is."""

    def __init__(self, channel: Channel, name: str) -> None:
        self._channel = channel
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._compute("__call__", args, kwargs)

    def grad(self, *args: Any, **kwargs: Any) -> Any:
        return self._compute("grad", args, kwargs)

    def vjp(self, *args: Any, **kwargs: Any) -> Any:
        return self._compute("vjp", args, kwargs)

    def value_and_grad(self, *args: Any, **kwargs: Any) -> Any:
        return self._compute("value_and_grad", args, kwargs)

    def _compute(self, method: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        reply = self._channel.ask(
            {
                "compute": self.__name__,
                "method": method,
                "args": [encode(_numbers(each)) for each in args],
                "kwargs": {key: encode(_numbers(each)) for key, each in kwargs.items()},
            }
        )
        if reply["error"] is not None:
            kind = getattr(builtins, reply["error"]["type"], RuntimeError)
            raise kind(reply["error"]["message"])
        values = [value[()] for value in map(decode, reply["values"])]
        return tuple(values) if reply["several"] else values[0]


def _numbers(value: Any) -> Any:
    return np.asarray(value) if isinstance(value, list | tuple | np.ndarray) else value


def with_functions(message: Any, channel: Channel) -> Any:
    """The message of some arguments, with a stand-in for each that is a function."""
    return {
        "list": [
            HandedOut(channel, each["function"]) if isinstance(each, dict) and "function" in each else each
            for each in message["list"]
        ]
    }


def put_handout_in_place(handout: str, channel: Channel, functions: Sequence[str]) -> None:
    """Put a `lossact` in place that has data, figures and `functions`, and whose `check` does nothing."""

    def find(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in functions:
            return HandedOut(channel, name)
        raise ImportError(NOT_AT_HAND.format(name=name))

    class Guard:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
            if (
                name.startswith("lossact.")
                and not Path(handout, *name.split(".")[1:]).with_suffix(".py").exists()
            ):
                raise ImportError(NOT_AT_HAND.format(name=name))

    package = types.ModuleType("lossact")
    package.__path__ = [handout]
    package.__spec__ = importlib.machinery.ModuleSpec("lossact", None, is_package=True)
    grading = types.ModuleType("lossact.grading")
    # The notebook's own calls of check() are not what is judged; they pass without a word.
    vars(grading)["__path__"] = []  # a package, so that the guard is asked for what is in it
    vars(grading)["check"] = lambda *args, **kwargs: None
    vars(package).update(grading=grading, __getattr__=find)
    sys.modules.update({"lossact": package, "lossact.grading": grading})
    sys.meta_path.insert(0, Guard())


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


def serve(channel: Channel) -> None:
    """Answer requests until there are no more."""
    namespace: dict[str, Any] = {"__name__": "__main__", "display": print}
    while (request := channel.receive()) is not None:
        if request["do"] == "run":
            reply: Any = run_cell(request["source"], request["name"], namespace)
        else:
            function = namespace.get(request["function"])
            if callable(function):
                reply = perform(function, decode(with_functions(request["arguments"], channel)))
            else:
                reply = {"missing": True}
        if reply and reply.get("values") is not None:
            reply["values"] = encode(reply["values"])
        channel.send(reply)


def live(channel: Channel, handout: str, functions: Sequence[str]) -> None:
    """Be the process of one notebook, to the end."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    # Nobody is there to type.
    builtins.input = lambda prompt="": ""
    put_handout_in_place(handout, channel, functions)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(channel)


# --- the nursery ----------------------------------------------------------------------------------------


# What an exercise hands out as files: data, figures, and what these import.
_HANDOUT = ("datasets.py", "plotting.py", "_arrays.py", "data")


def nurse(control: socket.socket, temporary: str, hidden: str, preload: Sequence[str]) -> None:
    """Fork a confined child whenever the judging process asks for one, until it is gone."""
    isolation = _isolation()
    for module in preload:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    confinement = isolation.prepare(Path(hidden))
    children: set[int] = set()
    # Made here, not by the judging process, which may be killed at any moment and then removes nothing.
    folder = Path(tempfile.mkdtemp(prefix="lossact-", dir=temporary))
    try:
        handout = folder / "handout"
        handout.mkdir()
        for name in _HANDOUT:
            source = Path(hidden, name)
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, handout / name)
        layers = {"layers": confinement.layers, "missing": confinement.missing}
        _tell(control, {**layers, "folder": str(folder)})
        _bear(control, str(handout), confinement, children)
    finally:
        for child in list(children):
            _end(child, children)
        remove(str(folder))


def _bear(control: socket.socket, handout: str, confinement: Any, children: set[int]) -> None:
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 1 << 16, 1)
        if not data:
            break
        request = json.loads(data)
        if request["do"] == "end":
            _end(request["pid"], children)
            _tell(control, {})
            continue
        child = os.fork()
        if child == 0:
            _be_born(confinement, descriptors[0], handout, request)
        os.close(descriptors[0])
        children.add(child)
        _tell(control, {"pid": child})


def _be_born(confinement: Any, descriptor: int, handout: str, request: dict[str, Any]) -> None:
    """In a forked child: confine it, then run what the judging process sends. Does not return."""
    try:
        kept = [each for each, _ in getattr(confinement._landlock, "readable", [])]
        _close_others({0, 1, 2, descriptor, *kept})
        os.chdir(request["scratch"])
        os.environ.update(HOME=request["scratch"], TMPDIR=request["scratch"], MPLCONFIGDIR=request["scratch"])
        confinement.enter(Path(request["scratch"]), [Path(each) for each in (handout, *request["readable"])])
        live(Channel(descriptor, os.dup(descriptor)), handout, request["functions"])
    except BaseException as error:
        # Nothing of a learner's has been run; the judging process is told why.
        with contextlib.suppress(OSError):
            os.write(descriptor, (json.dumps({"failed": f"{type(error).__name__}: {error}"}) + "\n").encode())
        os._exit(70)
    os._exit(0)


def _close_others(kept: set[int]) -> None:
    low = 0
    for descriptor in [*sorted(kept), 4096]:
        if low < descriptor:  # an empty range from 0 on would close everything
            os.closerange(low, descriptor)
        low = descriptor + 1


def _end(child: int, children: set[int]) -> None:
    # Not waited for until now, so the number still belongs to this child and to no other process.
    if child in children:
        children.discard(child)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def remove(folder: str) -> None:
    """Remove a folder with all that a learner's code, which has ended, has left in it.

    No link is followed, and folders within folders within folders are brought up to the first level before
    they are removed: so no depth is too deep, and no path too long. What cannot be removed stays.
    """
    if os.rename not in os.supports_dir_fd:
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            while names := os.listdir(top):
                for name in names:
                    _flatten(name, top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _flatten(name: str, top: int) -> None:
    """Remove the entry `name` of the folder `top`; what folders it holds become entries of `top`."""
    try:
        os.unlink(name, dir_fd=top)
        return
    except (IsADirectoryError, PermissionError):  # Linux and macOS say it differently
        pass
    try:
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    except PermissionError:
        os.chmod(name, 0o700, dir_fd=top)
        inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        os.fchmod(inner, 0o700)
        for each in os.listdir(inner):
            try:
                os.unlink(each, dir_fd=inner)
            except (IsADirectoryError, PermissionError):
                os.chmod(each, 0o700, dir_fd=inner)  # or it could not be moved
                os.rename(each, os.urandom(8).hex(), src_dir_fd=inner, dst_dir_fd=top)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)


def _tell(control: socket.socket, message: Any) -> None:
    control.sendall((json.dumps(message) + "\n").encode())


def _isolation() -> Any:
    """The module beside this one, which cannot be imported by name here."""
    spec = importlib.util.spec_from_file_location("isolation", Path(__file__).with_name("isolation.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["isolation"] = module
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Start as the command line says."""
    place, hidden, *rest = sys.argv[1:]
    os.environ["MPLBACKEND"] = "agg"
    if rest:
        nurse(socket.socket(fileno=int(rest[0])), place, hidden, rest[1:])
        return
    channel = Channel(os.dup(0), os.dup(1))
    request = channel.receive()
    channel.send({})
    live(channel, place, request["functions"])


if __name__ == "__main__":
    main()
