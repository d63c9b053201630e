"""pytest grades exercise notebooks: `pytest exercises/` or `pytest my_answer.ipynb`.

Each question of a notebook is a test of its own. It passes with full points; otherwise it fails with the
verdict as its text. The points stand in the summary and in the JUnit report, and the summary says what
learners' code was confined by: as in every other way of grading it runs in a process of its own.

Only what every run of pytest needs is imported here; the rest waits for a notebook.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lossact.grading.notebook import Exercise
    from lossact.grading.process import Workspace
    from lossact.grading.verdict import Verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("lossact", "grading of exercise notebooks")
    group.addoption(
        "--lossact-seed", type=int, default=0, help="seed of the inputs that answers are judged on"
    )
    group.addoption(
        "--lossact-hints", type=int, default=3, help="how many steps of each hint a failure shows"
    )
    group.addoption(
        "--lossact-isolation",
        choices=("full", "basic"),
        default="basic",
        help="full: fail where learners' code cannot be confined; basic: take what layers there are",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.suffix != ".ipynb" or parent.config.getoption("nbval", default=False):
        return None
    from lossact.grading.notebook import NotebookError, read_exercise

    try:
        exercise = read_exercise(file_path)
    except NotebookError as error:
        return Refusal.from_parent(parent, path=file_path, reason=str(error))
    if exercise is not None:
        return ExerciseFile.from_parent(parent, path=file_path, exercise=exercise)
    named = {Path(str(argument).partition("::")[0]).absolute() for argument in parent.config.args}
    if file_path.absolute() in named:
        from lossact.grading import sentences

        reason = sentences.NOTHING_TO_GRADE.format(path=file_path)
        return Refusal.from_parent(parent, path=file_path, reason=reason)
    return None


class Refusal(pytest.File):
    """A notebook that cannot be graded: a failure of its own, never a silent nothing."""

    def __init__(self, reason: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.reason = reason

    def collect(self) -> Iterator[pytest.Item]:
        # A failing item rather than an error of the collection, which would stop the other notebooks.
        yield RefusalItem.from_parent(self, name="notebook")


class RefusalItem(pytest.Item):
    """Fails with the reason why its notebook cannot be graded."""

    parent: Refusal

    def runtest(self) -> None:
        raise CannotGrade(self.parent.reason)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class CannotGrade(Exception):
    """A file that is no notebook, or a notebook without a question."""


class ExerciseFile(pytest.File):
    """An exercise notebook."""

    def __init__(self, exercise: Exercise, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exercise = exercise
        self.workspace: Workspace | None = None

    def collect(self) -> Iterator[pytest.Item]:
        for name in self.exercise.questions:
            yield QuestionItem.from_parent(self, name=name)

    def teardown(self) -> None:
        if self.workspace is not None:
            self.workspace.close()
            self.workspace = None


class QuestionItem(pytest.Item):
    """One question of an exercise notebook."""

    parent: ExerciseFile

    def runtest(self) -> None:
        from lossact.grading.judge import judge
        from lossact.grading.process import Workspace, layers_in_force
        from lossact.grading.question import handed_out

        layers = layers_in_force(self.config.getoption("lossact_isolation"))
        if self.parent.workspace is None:
            exercise = self.parent.exercise
            self.parent.workspace = Workspace(exercise.cells, handed_out(exercise.questions))
        verdict = judge(
            self.name, self.parent.workspace.function(self.name), seed=self.config.getoption("lossact_seed")
        )
        self.user_properties += [
            ("lossact_points", str(verdict.points)),
            ("lossact_total", str(verdict.total)),
            ("lossact_misconceptions", " ".join(m.id for m in verdict.misconceptions)),
            ("lossact_isolation", ", ".join(layers)),
        ]
        if verdict.points < verdict.total:
            raise NotFullPoints(verdict)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, NotFullPoints):
            from dataclasses import replace

            hints = self.config.getoption("lossact_hints")
            return f"{self.parent.path}\n{replace(excinfo.value.verdict, hints_shown=hints)}"
        from lossact.grading.process import IsolationError

        if isinstance(excinfo.value, IsolationError):
            return f"{self.parent.path}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class NotFullPoints(Exception):
    """An answer that did not earn all points."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.headline)
        self.verdict = verdict


def pytest_terminal_summary(terminalreporter: Any) -> None:
    graded = [
        (report.nodeid, dict(report.user_properties))
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if any(name == "lossact_points" for name, _ in report.user_properties)
    ]
    if not graded:
        return
    from lossact.grading import sentences

    terminalreporter.section(sentences.REPORT_TITLE)
    files: dict[str, list[tuple[str, Decimal, Decimal]]] = {}
    for nodeid, properties in graded:
        file, _, question = nodeid.partition("::")
        points, total = Decimal(properties["lossact_points"]), Decimal(properties["lossact_total"])
        files.setdefault(file, []).append((question, points, total))
    for file, rows in files.items():
        points, total = sum((row[1] for row in rows), Decimal()), sum((row[2] for row in rows), Decimal())
        terminalreporter.line(f"{file}: {sentences.REPORT_TOTAL.format(points=points, total=total)}")
        for question, earned, possible in rows:
            terminalreporter.line(
                f"    {question}: {sentences.REPORT_TOTAL.format(points=earned, total=possible)}"
            )
    for layers in sorted({properties["lossact_isolation"] for _, properties in graded}):
        terminalreporter.line(sentences.SUMMARY_LAYERS.format(layers=layers or sentences.NO_LAYERS))
