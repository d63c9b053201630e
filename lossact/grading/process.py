"""A learner's notebook, running in a process of its own, as seen by the process that judges it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lossact.grading import child, isolation, sentences
from lossact.grading.outcome import Outcome

CELL_SECONDS = 20.0
"""How long one cell of a notebook may run."""

CALL_SECONDS = 5.0
"""How long one call of a function may take."""

QUESTION_SECONDS = 20.0
"""How long all calls of one function may take together."""

SCRATCH_BYTES = isolation.Limits().scratch
"""How much a notebook may write into its scratch folder."""

MESSAGE_BYTES = 64 << 20
"""The largest message that is read from a learner's process."""

_START_SECONDS = 60.0
_LOOK_SECONDS = 0.25  # how often the scratch folder is looked at while waiting
_BLOCK, _DEEPEST = 4096, 32  # of a scratch folder: bytes of an entry, levels of folders
_COMPUTATIONS = 100_000  # how often one request may ask for a function that is handed out

PACKAGE = Path(__file__).parent.parent


class ChildGone(Exception):
    """The process ran out of time or ended; `str()` of it says which, for the learner."""


class IsolationError(RuntimeError):
    """A learner's code cannot be confined as it should be; the message says why and what to do."""


class Line(Protocol):
    """The line to a child: bytes out, whole lines in."""

    def send(self, data: bytes) -> None:
        """Send, or raise OSError if the child is gone."""

    def receive(self, seconds: float) -> bytes | None:
        """The next line, b"" if the child is gone, None if there is none in time."""

    def close(self) -> None:
        """End the child."""


# --- a nursery of forked, confined children ---------------------------------------------------------------


class Nursery:
    """A process that has imported NumPy and forks a confined child for each notebook.

    It runs nothing of a learner's itself. When this process ends, however it ends, the nursery sees its
    line closed, ends its children, removes the folder that all of them wrote into, and then ends itself.

    Attributes
    ----------
    folder : where everything lies that is handed out to children or written by them.
    layers : the layers of isolation in force, as in `isolation.LAYERS`.
    missing : why the others are not.
    """

    def __init__(self, preload: Sequence[str] = ()) -> None:
        self.folder: Path | None = None
        ours, theirs = socket.socketpair()
        self._control = ours
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                child.__file__,
                tempfile.gettempdir(),
                str(PACKAGE),
                str(theirs.fileno()),
                *preload,
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            start_new_session=True,  # Ctrl-C is for the command, which then closes the line
        )
        theirs.close()
        self._control.settimeout(_START_SECONDS)
        try:
            answer = self._answer()
        except (OSError, ValueError) as error:
            self.close()
            raise IsolationError(sentences.NO_NURSERY.format(error=error)) from error
        self.folder = Path(answer["folder"])
        self.layers: tuple[str, ...] = tuple(answer["layers"])
        self.missing: dict[str, str] = dict(answer["missing"])
        atexit.register(self.close)

    def birth(self, scratch: Path, readable: Sequence[Path], functions: Sequence[str]) -> _Forked:
        """A new child that may write `scratch`, read `readable`, and use `functions`."""
        ours, theirs = socket.socketpair()
        request = {
            "do": "fork",
            "scratch": str(scratch),
            "readable": [str(path) for path in readable],
            "functions": list(functions),
        }
        with theirs:
            socket.send_fds(self._control, [(json.dumps(request) + "\n").encode()], [theirs.fileno()])
            return _Forked(self, self._answer()["pid"], ours)

    def end(self, pid: int) -> None:
        """End a child and all that it holds."""
        self._control.sendall((json.dumps({"do": "end", "pid": pid}) + "\n").encode())
        self._answer()

    def close(self) -> None:
        """End the nursery and every child of it."""
        atexit.unregister(self.close)
        with contextlib.suppress(OSError):
            self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self.folder is not None:
            child.remove(str(self.folder))  # if the nursery was ended before it could do so

    def _answer(self) -> dict[str, Any]:
        data = b""
        while not data.endswith(b"\n"):
            part = self._control.recv(1 << 16)
            if not part:
                raise ChildGone("ended the process it ran in")
            data += part
        answer: dict[str, Any] = json.loads(data)
        return answer


class _Forked:
    """The line to a child of the nursery."""

    def __init__(self, nursery: Nursery, pid: int, line: socket.socket) -> None:
        self._nursery, self._pid, self._line = nursery, pid, line
        self._read = b""

    def send(self, data: bytes) -> None:
        self._line.settimeout(_START_SECONDS)
        self._line.sendall(data)

    def receive(self, seconds: float) -> bytes | None:
        end = time.monotonic() + seconds
        parts = [self._read]
        size = len(self._read)
        while b"\n" not in parts[-1]:
            ready, _, _ = select.select([self._line], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                self._read = b"".join(parts)
                return None
            part = self._line.recv(1 << 18)
            size += len(part)
            if not part:
                return b""
            if size > MESSAGE_BYTES:
                raise ChildGone(f"returned more than {MESSAGE_BYTES >> 20} MB")
            parts.append(part)
        line, _, self._read = b"".join(parts).partition(b"\n")
        return line + b"\n"

    def close(self) -> None:
        self._line.close()
        with contextlib.suppress(OSError, ChildGone, ValueError):
            self._nursery.end(self._pid)


class _Spawned:
    """The line to a child that was started by itself, where processes cannot be forked."""

    def __init__(self, scratch: Path, functions: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", child.__file__, str(PACKAGE), str(PACKAGE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=scratch,
        )
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.send((json.dumps({"functions": list(functions)}) + "\n").encode())
        # The first reply waits for NumPy's import; that time is not the learner's.
        self.receive(_START_SECONDS)

    def send(self, data: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def receive(self, seconds: float) -> bytes | None:
        try:
            return self._lines.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):  # closed while reading
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(b"")


def _environment() -> dict[str, str]:
    """What a learner's process sees of ours: where Python and its libraries are, and nothing else."""
    kept = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    # One thread: others would fight over the cores with the notebooks beside.
    return {**found, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


_nursery: Nursery | None = None


def nursery() -> Nursery | None:
    """The nursery of this process, started when it is first asked for; None where none can be forked."""
    global _nursery
    if not hasattr(os, "fork") or not hasattr(socket, "send_fds"):
        return None
    if _nursery is None or _nursery._process.poll() is not None:
        _nursery = Nursery()
    return _nursery


def _living_nursery() -> Nursery:
    home = nursery()
    assert home is not None
    return home


def _nursery_lives() -> bool:
    return _nursery is None or _nursery._process.poll() is None


def layers_in_force(wanted: str = "full") -> tuple[str, ...]:
    """The layers of isolation that a learner's process has here.

    Raises
    ------
    IsolationError
        If one that is required is missing, unless `wanted` is "basic".
    """
    home = nursery()
    layers = () if home is None else home.layers
    lacking = [name for name in isolation.REQUIRED if name not in layers]
    if lacking and wanted != "basic":
        reasons = {} if home is None else home.missing
        listed = "; ".join(f"{name}: {reasons.get(name, 'not on this system')}" for name in lacking)
        raise IsolationError(sentences.LAYERS_MISSING.format(layers=listed))
    return layers


# --- a notebook ------------------------------------------------------------------------------------------


@dataclass
class Workspace:
    """The cells of a notebook, executed in a child process that holds neither questions nor reference.

    A cell that fails costs only what it defines: the next ones run all the same. When the process hangs or
    dies it is ended, and a new one repeats the cells that worked.

    Parameters
    ----------
    cells : the notebook's code cells as (id, source), in their order.
    functions : names of functions of `lossact` that the exercise hands out.
    folder : the notebook's own folder, if it may be read.
    """

    cells: Sequence[tuple[str, str]]
    functions: Sequence[str] = ()
    folder: Path | None = None
    cell_errors: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)
    _lost: dict[str, str] = field(default_factory=dict, init=False)
    _spent: dict[str, float] = field(default_factory=dict, init=False)
    _given: dict[str, Any] = field(default_factory=dict, init=False)
    _line: Line | None = field(default=None, init=False)
    _scratch: Path | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)
    _worked: list[tuple[str, str]] | None = field(default=None, init=False)

    def call(self, function: str, arguments: Sequence[Any]) -> Outcome:
        """Call a function that the notebook defines.

        One that has hung, ended its process or used up its time is not called again.
        """
        if function in self._lost:
            return Outcome.gone(self._lost[function])
        try:
            self._ensure_running()
            start = time.monotonic()
            left = QUESTION_SECONDS - self._spent.get(function, 0.0)
            # A function among the arguments stays here; the child is given its place as a name to ask for.
            self._given = {
                f"argument {place}": each for place, each in enumerate(arguments) if callable(each)
            }
            sent = [
                {"function": f"argument {place}"} if callable(each) else child.encode(each)
                for place, each in enumerate(arguments)
            ]
            request = {"do": "call", "function": function, "arguments": {"list": sent}}
            try:
                reply = self._ask(request, min(CALL_SECONDS, left))
            except ChildGone as gone:
                if _nursery_lives():
                    self._lost[function] = str(gone)
                    raise
                # Not the learner's doing: all children have gone with the nursery.
                self._ensure_running()
                reply = self._ask(request, min(CALL_SECONDS, left))
            self._spent[function] = self._spent.get(function, 0.0) + time.monotonic() - start
            if self._spent[function] >= QUESTION_SECONDS:
                self._lost[function] = f"took more than {QUESTION_SECONDS:g} seconds in all"
            if reply.get("missing"):
                return Outcome.missing(function, self._blame(function))
            if reply["values"] is not None:
                reply["values"] = list(child.decode(reply["values"]))
            return Outcome.from_reply(reply)
        except ChildGone as gone:
            return Outcome.gone(str(gone))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # Not a message of ours: the learner's code wrote into the pipe.
            self._end()
            self._lost[function] = f"ended with an answer that cannot be read ({type(error).__name__})"
            return Outcome.gone(self._lost[function])

    def function(self, name: str) -> RemoteFunction:
        """The notebook's function `name`, to be judged."""
        return RemoteFunction(self, name)

    def close(self) -> None:
        """End the process and remove its scratch folder."""
        self._end()
        if self._scratch is not None:
            child.remove(str(self._scratch))
            self._scratch = None

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ensure_running(self) -> None:
        if self._line is not None:
            return
        self._start()
        if self._worked is not None:
            self._repeat()
            return
        self._worked = []
        for cell in self.cells:
            try:
                error = self._run_despite_the_nursery(cell)
            except ChildGone as gone:
                self.cell_errors[cell[0]] = {"type": "", "message": str(gone), "line": None, "source": ""}
                self._start()
                self._repeat()
                continue
            if error is None:
                self._worked.append(cell)
            else:
                self.cell_errors[cell[0]] = error

    def _run_despite_the_nursery(self, cell: tuple[str, str]) -> dict[str, Any] | None:
        """Run a cell, and once more if the nursery died meanwhile, which is not the learner's doing."""
        try:
            return self._run(cell)
        except ChildGone:
            if _nursery_lives():
                raise
            self._start()
            self._repeat()
            return self._run(cell)

    def _repeat(self) -> None:
        """Run the cells that worked again, in a new child."""
        for cell in self._worked or ():
            self._run(cell)

    def _run(self, cell: tuple[str, str]) -> dict[str, Any] | None:
        name, source = cell
        reply = self._ask({"do": "run", "source": source, "name": f"cell {name}"}, CELL_SECONDS)
        if reply and set(reply) != {"type", "message", "line", "source"}:
            self._end()
            raise ChildGone("ended with an answer that cannot be read")
        return reply or None

    def _blame(self, function: str) -> dict[str, Any] | None:
        """The error of the cell that should define `function`, or else of the first one that failed."""
        for name, source in self.cells:
            if name in self.cell_errors and re.search(rf"^def {re.escape(function)}\b", source, re.MULTILINE):
                return self.cell_errors[name]
        return next(iter(self.cell_errors.values()), None)

    def _start(self) -> None:
        self.close()
        home = nursery()
        if home is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="lossact-"))
            self._line = _Spawned(self._scratch, self.functions)
        else:
            try:
                self._line = self._born(home)
            except (OSError, ChildGone, ValueError):
                # It has died since it was last asked for something.
                home.close()
                self._line = self._born(_living_nursery())
        try:
            failed = self._ask({"do": "run", "source": "", "name": "start"}, _START_SECONDS).get("failed")
        except ChildGone as gone:
            failed = str(gone)
        if failed:
            self._end()
            raise IsolationError(sentences.NOT_CONFINED.format(error=failed))

    def _born(self, home: Nursery) -> Line:
        self._scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=home.folder))
        return home.birth(self._scratch, [self.folder] if self.folder else [], self.functions)

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        line = self._line
        if line is None:
            raise ChildGone("ended the process it ran in")
        end = time.monotonic() + seconds
        message: dict[str, Any] = request
        try:
            for _ in range(_COMPUTATIONS):
                line.send((json.dumps(message) + "\n").encode())
                reply = self._wait(line, end, seconds)
                if not isinstance(reply, dict) or "compute" not in reply:
                    return reply if isinstance(reply, dict) else {}
                message = self._compute(reply)
            raise ChildGone(f"asked for more than {_COMPUTATIONS} results")
        except ChildGone:
            self._end()
            raise
        except (OSError, ValueError) as error:
            self._end()
            raise ChildGone("ended the process it ran in") from error

    def _wait(self, line: Line, end: float, seconds: float) -> Any:
        """The next message of the child, while its scratch folder is kept an eye on."""
        while True:
            left = end - time.monotonic()
            data = line.receive(min(_LOOK_SECONDS, max(0.0, left)))
            if data == b"":
                raise ChildGone("ended the process it ran in")
            self._look()
            if data is not None:
                return json.loads(data)
            if left <= 0:
                raise ChildGone(f"did not end within {seconds:g} seconds")

    def _look(self) -> None:
        """See from time to time that the scratch folder does not grow without end."""
        now = time.monotonic()
        if self._scratch is not None and now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            if _size(self._scratch) > SCRATCH_BYTES:
                raise ChildGone(f"wrote more than {SCRATCH_BYTES >> 20} MB")

    def _compute(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The result of a function that the exercise hands out, computed here."""
        name, method = str(asked.get("compute")), str(asked.get("method"))
        methods = ("__call__", "grad", "vjp", "value_and_grad")
        if name not in {*self.functions, *self._given} or method not in methods:
            return {"error": {"type": "ImportError", "message": child.NOT_AT_HAND.format(name=name)}}
        import lossact

        try:
            args = [child.decode(each) for each in asked["args"]]
            kwargs = {str(key): child.decode(each) for key, each in asked["kwargs"].items()}
            target = self._given[name] if name in self._given else getattr(lossact, name)
            result = getattr(target, method)(*args, **kwargs)
        except Exception as error:  # whatever a learner's arguments lead to is the learner's to see
            return {"error": {"type": type(error).__name__, "message": str(error)[:500]}}
        several = isinstance(result, tuple)
        return {
            "error": None,
            "several": several,
            "values": [child.encode(each) for each in (result if several else [result])],
        }

    def _end(self) -> None:
        if self._line is not None:
            line, self._line = self._line, None
            line.close()


@dataclass(frozen=True)
class RemoteFunction:
    """A function of a workspace. It is not called directly: `lossact.grading.judge` asks for outcomes."""

    workspace: Workspace
    name: str

    def outcome(self, arguments: Sequence[Any]) -> Outcome:
        """What a call does, as arrays and plain data."""
        return self.workspace.call(self.name, arguments)


def _size(folder: Path) -> int:
    """The bytes of all files below a folder, links not followed; each entry counts as a block at least.

    What lies deeper than `_DEEPEST` is not looked for: it counts as more than any limit.
    """
    total = 0
    waiting = [(str(folder), 0)]
    while waiting:
        path, depth = waiting.pop()
        if depth > _DEEPEST:
            return sys.maxsize
        try:
            entries = list(os.scandir(path))
        except PermissionError:
            return sys.maxsize  # closed so that nobody sees what is in it
        except OSError:
            continue  # just removed
        for entry in entries:
            total += _BLOCK
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((entry.path, depth + 1))
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total
