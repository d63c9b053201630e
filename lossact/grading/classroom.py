"""A whole class graded: on all cores or on many machines, to be stopped and started again at any time."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import lossact
from lossact.grading import sentences
from lossact.grading.grade import Grade, Settings, grade_notebook, not_graded
from lossact.grading.gradebook import Gradebook
from lossact.grading.process import IsolationError, layers_in_force
from lossact.grading.submissions import Submission, digest

_TRIES = 2  # how often a notebook is begun before the death of its worker is laid to it
_WATCH_SECONDS = 1.0
_LOOK_SECONDS = 5.0  # how often it is looked whether a cluster is still there


@dataclass
class Progress:
    """How far the grading has come.

    Attributes
    ----------
    total : how many submissions there are.
    known : how many of them had been graded before and have not changed.
    graded : how many have been graded now.
    """

    total: int
    known: int = 0
    graded: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def rate(self) -> float:
        """Submissions a second."""
        return self.graded / max(time.monotonic() - self.started, 1e-9)


Pool = Callable[[], Executor]


def local_pool(workers: int | None = None) -> Pool:
    """Executors on this machine: one worker a core, each with a nursery of its own."""

    def make() -> Executor:
        return ProcessPoolExecutor(
            workers or os.cpu_count(),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_work,
            initargs=(os.getpid(),),
        )

    return make


def cluster_pool(address: str) -> Pool:
    """Executors on a dask.distributed cluster; each of its workers confines learners' code itself.

    Raises
    ------
    ImportError
        If dask.distributed is not installed.
    OSError
        If no scheduler answers at the address, or it goes away for good.
    """
    import distributed  # noqa: F401  a missing one is said before anything is begun

    return lambda: _Cluster(address)


class _Cluster(Executor):
    """The executor of a cluster, with a client of its own that is closed with it.

    Attributes
    ----------
    width : how many notebooks keep all its workers busy.
    """

    def __init__(self, address: str) -> None:
        from distributed import Client

        self._client = Client(address, set_as_default=False)
        self._executor = self._client.get_executor(pure=False, retries=1)
        self.width = _width(sum(self._client.nthreads().values()))

    @property
    def lost(self) -> bool:
        """Whether the scheduler has been gone for so long that nothing more will come."""
        return str(self._client.status) in ("closed", "closing")

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        try:
            future: Future[Any] = self._executor.submit(function, *args, **kwargs)
        except Exception as error:
            if self.lost:
                raise ConnectionError(sentences.SCHEDULER_LOST) from error
            raise
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if wait and not cancel_futures:
            self._executor.shutdown()
        self._client.close()  # which makes the scheduler forget what it asked for


def _width(workers: int) -> int:
    return 2 * workers + 2


def grade_class(
    submissions: Iterable[Submission],
    book: Gradebook,
    settings: Settings,
    pool: Pool,
    *,
    regrade: bool = False,
    share_folders: bool = True,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Grade what has not been graded yet, and keep each grade as it comes.

    Parameters
    ----------
    submissions : what was handed in.
    book : where the grades are kept. What it holds of an unchanged notebook, made with the same settings, is
        not made again.
    settings : how to grade.
    pool : makes an executor, and another one when that has broken.
    regrade : whether to grade again what has been graded.
    share_folders : whether the workers see this machine's files.
    report : called after each step.

    Raises
    ------
    IsolationError
        If a worker cannot confine learners' code as the settings demand.
    GradebookError
        If a grade cannot be kept.
    OSError
        If the cluster that grades is gone.
    """
    everything = list(submissions)
    progress = Progress(len(everything))
    key = json.dumps({**asdict(settings), "version": lossact.__version__}, sort_keys=True)
    book.forget_all_but({each.name for each in everything})

    def tasks() -> Iterator[_Task]:
        for submission in everything:
            try:
                text, problem = submission.read(), ""
            except ValueError as error:
                text, problem = "", str(error)
            mark = digest(text or problem)
            if not regrade and book.find(submission.name, mark, key):
                progress.known += 1
                report(progress)
            elif problem:
                keep(_Task(submission, "", mark), not_graded(problem))
            else:
                yield _Task(submission, text, mark)

    def keep(task: _Task, grade: Grade) -> None:
        submission = task.submission
        book.store(submission.name, submission.learner, task.digest, key, grade)
        progress.graded += 1
        report(progress)

    _run(tasks(), keep, settings, pool, share_folders)
    return progress


@dataclass
class _Task:
    submission: Submission
    text: str
    digest: str
    tries: int = 0


def _run(
    tasks: Iterator[_Task],
    keep: Callable[[_Task, Grade], None],
    settings: Settings,
    pool: Pool,
    share_folders: bool,
) -> None:
    """Keep every worker busy, with few notebooks in memory at a time; replace a pool that has broken."""
    executor = pool()
    under_way: dict[Future[str], _Task] = {}
    again: list[_Task] = []
    width = executor.width if isinstance(executor, _Cluster) else _width(os.cpu_count() or 1)
    exhausted = False

    def renew() -> None:
        nonlocal executor
        again.extend(under_way.values())
        under_way.clear()
        executor.shutdown(wait=False, cancel_futures=True)
        executor = pool()

    try:
        while not exhausted or under_way or again:
            # After a break one at a time, to learn which notebook it was.
            while (again or not exhausted) and len(under_way) < (1 if again else width):
                task = again.pop() if again else next(tasks, None)
                if task is None:
                    exhausted = True
                    break
                folder = task.submission.folder if share_folders else None
                try:
                    future = executor.submit(_work, task.text, settings, task.submission.name, folder)
                except BrokenProcessPool:  # a worker has died since the last look
                    again.append(task)
                    renew()
                    continue
                under_way[future] = task
                if task.tries:
                    break
            if not under_way:
                continue
            done, _ = wait(under_way, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            if isinstance(executor, _Cluster) and executor.lost:
                raise ConnectionError(sentences.SCHEDULER_LOST)
            for future in done:
                task = under_way.pop(future)
                try:
                    keep(task, Grade.from_json(future.result()))
                except IsolationError:
                    raise
                except Exception as error:  # the worker has died, or the machine it ran on
                    task.tries += 1
                    if task.tries < _TRIES:
                        again.append(task)
                    else:
                        problem = sentences.WORKER_DIED.format(path=task.submission.name, error=error)
                        keep(task, not_graded(problem))
                    if isinstance(error, BrokenProcessPool):
                        renew()
                        break
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


_one_at_a_time = threading.Lock()


def _work(text: str, settings: Settings, name: str, folder: Path | None) -> str:
    """Grade one notebook, in a worker."""
    # A worker of a cluster may have several threads, but it has one nursery.
    with _one_at_a_time:
        return grade_notebook(text, settings, name, folder).to_json()


def _begin_work(command: int) -> None:
    """In a new worker of the process `command`: leave Ctrl-C to it, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        # Not compared with the parent found here: the command may have ended while this worker started.
        while os.getppid() == command:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    with suppress(IsolationError):
        layers_in_force("basic")  # starts the nursery before the first notebook comes
