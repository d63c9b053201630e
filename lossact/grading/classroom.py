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

import lossact
from lossact.grading import sentences
from lossact.grading.grade import Grade, Settings, grade_notebook
from lossact.grading.gradebook import Gradebook
from lossact.grading.process import IsolationError, layers_in_force
from lossact.grading.submissions import Submission, digest

_TRIES = 2  # how often a notebook is begun before the death of its worker is laid to it
_WATCH_SECONDS = 1.0


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
        )

    return make


def cluster_pool(address: str) -> Pool:
    """Executors on a dask.distributed cluster; each of its workers confines learners' code itself.

    Raises
    ------
    OSError
        If no scheduler answers at the address.
    """

    def make() -> Executor:
        from distributed import Client

        executor: Executor = Client(address, set_as_default=False).get_executor(pure=False, retries=1)
        return executor

    return make


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
                keep(_Task(submission, "", mark), Grade("", (), problem, (), 0.0))
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
    width = 2 * (os.cpu_count() or 1) + 2
    exhausted = False
    try:
        while not exhausted or under_way or again:
            # After a break one at a time, to learn which notebook it was.
            while (again or not exhausted) and len(under_way) < (1 if again else width):
                task = again.pop() if again else next(tasks, None)
                if task is None:
                    exhausted = True
                    break
                folder = task.submission.folder if share_folders else None
                future = executor.submit(_work, task.text, settings, task.submission.name, folder)
                under_way[future] = task
                if task.tries:
                    break
            if not under_way:
                continue
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
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
                        keep(task, Grade("", (), problem, (), 0.0))
                    if isinstance(error, BrokenProcessPool):
                        for other in list(under_way):
                            again.append(under_way.pop(other))
                        executor.shutdown(wait=False, cancel_futures=True)
                        executor = pool()
                        break
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def _work(text: str, settings: Settings, name: str, folder: Path | None) -> str:
    """Grade one notebook, in a worker."""
    return grade_notebook(text, settings, name, folder).to_json()


def _begin_work() -> None:
    """In a new worker: leave Ctrl-C to the command, and do not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    with suppress(IsolationError):
        layers_in_force("basic")  # starts the nursery before the first notebook comes
