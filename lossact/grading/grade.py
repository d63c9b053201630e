"""One notebook graded: plain data that can be stored, sent, and written in any form."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from lossact.grading import process, sentences
from lossact.grading.judge import judge
from lossact.grading.notebook import NotebookError, parse_exercise
from lossact.grading.question import exercises, handed_out


@dataclass(frozen=True)
class Settings:
    """How notebooks are graded. Two runs with equal settings give equal grades.

    Attributes
    ----------
    seed : of the inputs that answers are judged on.
    cell_seconds, call_seconds : how long one cell and one call of a function may take.
    isolation : "full" refuses to grade without the layers that `isolation.REQUIRED` names; "basic" takes
        what there is.
    hints : how many steps of each hint a learner is told.
    """

    seed: int = 0
    cell_seconds: float = process.CELL_SECONDS
    call_seconds: float = process.CALL_SECONDS
    isolation: str = "full"
    hints: int = 3


@dataclass(frozen=True)
class QuestionGrade:
    """One question of a notebook: its points, exact, and what the learner is told."""

    name: str
    points: Decimal
    total: Decimal
    status: str
    text: str
    html: str
    misconceptions: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True)
class Grade:
    """One notebook: its questions, or why it has none.

    Attributes
    ----------
    exercise : the name of the exercise; "" if it is not known.
    questions : in the order of the exercise. One that the notebook has lost counts with 0 points.
    problem : a sentence for the learner where the notebook could not be graded, else "".
    layers : the isolation that was in force.
    """

    exercise: str
    questions: tuple[QuestionGrade, ...]
    problem: str
    layers: tuple[str, ...]
    seconds: float

    @property
    def points(self) -> Decimal:
        """The points earned."""
        return sum((question.points for question in self.questions), Decimal(0))

    @property
    def total(self) -> Decimal:
        """The points that could be earned."""
        return sum((question.total for question in self.questions), Decimal(0))

    def to_json(self) -> str:
        """Everything, as text."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Grade:
        """What `to_json` wrote."""
        data = json.loads(text)
        questions = tuple(
            QuestionGrade(
                **{
                    **each,
                    "points": Decimal(each["points"]),
                    "total": Decimal(each["total"]),
                    "misconceptions": tuple(map(tuple, each["misconceptions"])),
                }
            )
            for each in data["questions"]
        )
        return cls(**{**data, "questions": questions, "layers": tuple(data["layers"])})


def grade_notebook(
    text: str, settings: Settings, name: str = "notebook", folder: Path | None = None
) -> Grade:
    """Grade the text of a notebook. Whatever is in it, there is a grade or a sentence, never an error.

    Parameters
    ----------
    text : the notebook file.
    settings : how to grade.
    name : what the sentences call it.
    folder : a folder that the notebook may read, for data that was handed in with it.

    Raises
    ------
    IsolationError
        If a learner's code cannot be confined as the settings demand; nothing has been run then.
    """
    start = time.monotonic()
    try:
        exercise = parse_exercise(text, name)
    except NotebookError as error:
        return not_graded(str(error), time.monotonic() - start)
    if exercise is None:
        return not_graded(sentences.NOTHING_TO_GRADE.format(path=name), time.monotonic() - start)
    title, names = _whole_exercise(exercise.questions)
    if not names:
        return not_graded(sentences.UNKNOWN_EXERCISE.format(path=name), time.monotonic() - start)
    with _limits(settings):
        layers = process.layers_in_force(settings.isolation)
        with process.Workspace(exercise.cells, handed_out(names), folder) as workspace:
            questions = tuple(_grade_question(workspace, question, settings) for question in names)
    return Grade(title, questions, "", layers, time.monotonic() - start)


def not_graded(problem: str, seconds: float = 0.0) -> Grade:
    """What stands in the place of a grade: why there is none."""
    return Grade("", (), problem, (), seconds)


def _whole_exercise(named: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The exercise that holds the first known question named, and all its questions: a notebook that has
    lost some of them, or hides them, is worth no more for it."""
    for title, questions in exercises().items():
        known = [name for name in named if name in questions]
        if known:
            return title, questions
    return "", ()


def _grade_question(workspace: process.Workspace, name: str, settings: Settings) -> QuestionGrade:
    start = time.monotonic()
    verdict = judge(name, workspace.function(name), seed=settings.seed, picture=True)
    verdict = replace(verdict, hints_shown=settings.hints)
    return QuestionGrade(
        name=name,
        points=verdict.points,
        total=verdict.total,
        status=verdict.status,
        text=str(verdict),
        html=verdict.html(),
        misconceptions=tuple((each.id, each.name) for each in verdict.misconceptions),
        seconds=time.monotonic() - start,
    )


@contextmanager
def _limits(settings: Settings) -> Iterator[None]:
    before: tuple[Any, ...] = process.CELL_SECONDS, process.CALL_SECONDS
    process.CELL_SECONDS, process.CALL_SECONDS = settings.cell_seconds, settings.call_seconds
    try:
        yield
    finally:
        process.CELL_SECONDS, process.CALL_SECONDS = before
