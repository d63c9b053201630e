"""A learner's notebook, running in a process of its own, as seen by the process that judges it."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossact.grading import child
from lossact.grading.outcome import Outcome

CELL_SECONDS = 20.0
"""How long one cell of a notebook may run."""

CALL_SECONDS = 5.0
"""How long one call of a function may take."""

_START_SECONDS = 60.0


class ChildGone(Exception):
    """The process ran out of time or ended; `str()` of it says which, for the learner."""


@dataclass
class Workspace:
    """The cells of a notebook, executed in a child process that holds neither questions nor reference.

    A cell that fails costs only what it defines: the next ones run all the same. When the process hangs or
    dies it is ended, and a new one repeats the cells that worked.

    Parameters
    ----------
    cells : the notebook's code cells as (id, source), in their order.
    """

    cells: Sequence[tuple[str, str]]
    cell_errors: dict[str, dict[str, Any]] = field(default_factory=dict, init=False)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _replies: queue.Queue[str] = field(default_factory=queue.Queue, init=False)
    _scratch: tempfile.TemporaryDirectory[str] | None = field(default=None, init=False)
    _worked: list[tuple[str, str]] | None = field(default=None, init=False)

    def call(self, function: str, arguments: Sequence[Any]) -> Outcome:
        """Call a function that the notebook defines."""
        try:
            self._ensure_running()
            reply = self._ask(
                {"do": "call", "function": function, "arguments": child.encode(list(arguments))},
                CALL_SECONDS,
            )
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
            return Outcome.gone(f"ended with an answer that cannot be read ({error})")

    def function(self, name: str) -> RemoteFunction:
        """The notebook's function `name`, to be judged."""
        return RemoteFunction(self, name)

    def close(self) -> None:
        """End the process and remove its scratch folder."""
        self._end()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ensure_running(self) -> None:
        if self._process is not None:
            return
        self._start()
        if self._worked is not None:
            for cell in self._worked:
                self._run(cell)
            return
        self._worked = []
        for cell in self.cells:
            try:
                error = self._run(cell)
            except ChildGone as gone:
                self.cell_errors[cell[0]] = {"type": "", "message": str(gone), "line": None, "source": ""}
                self._start()
                for earlier in self._worked:
                    self._run(earlier)
                continue
            if error is None:
                self._worked.append(cell)
            else:
                self.cell_errors[cell[0]] = error

    def _run(self, cell: tuple[str, str]) -> dict[str, Any] | None:
        name, source = cell
        reply = self._ask({"do": "run", "source": source, "name": f"cell {name}"}, CELL_SECONDS)
        return reply or None

    def _blame(self, function: str) -> dict[str, Any] | None:
        """The error of the cell that should define `function`, or else of the first one that failed."""
        for name, source in self.cells:
            if name in self.cell_errors and re.search(rf"^def {re.escape(function)}\b", source, re.MULTILINE):
                return self.cell_errors[name]
        return next(iter(self.cell_errors.values()), None)

    def _start(self) -> None:
        self._end()
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="lossact-")
        package = Path(__file__).parent.parent
        self._process = subprocess.Popen(
            [sys.executable, "-I", child.__file__, str(package)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            cwd=self._scratch.name,
        )
        self._replies = queue.Queue()
        threading.Thread(target=_read, args=(self._process.stdout, self._replies), daemon=True).start()
        # The first reply waits for NumPy's import; that time is not the learner's.
        self._ask({"do": "run", "source": "", "name": "start"}, _START_SECONDS)

    def _ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._replies.get(timeout=seconds)
        except queue.Empty:
            self._end()
            raise ChildGone(f"did not end within {seconds:g} seconds") from None
        except OSError:
            line = ""
        if not line:
            self._end()
            raise ChildGone("ended the process it ran in")
        reply = json.loads(line)
        return reply if isinstance(reply, dict) else {}

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process = None


@dataclass(frozen=True)
class RemoteFunction:
    """A function of a workspace. It is not called directly: `lossact.grading.judge` asks for outcomes."""

    workspace: Workspace
    name: str

    def outcome(self, arguments: Sequence[Any]) -> Outcome:
        """What a call does, as arrays and plain data."""
        return self.workspace.call(self.name, arguments)


def _read(stream: Any, replies: queue.Queue[str]) -> None:
    with contextlib.suppress(ValueError):  # closed while reading
        for line in stream:
            replies.put(line)
    replies.put("")
