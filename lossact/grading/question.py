"""Exercises as data: a question, its checks, and the misconceptions that it can name."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Literal

import numpy as np

from lossact.grading import sentences

Arguments = tuple[Any, ...]
Inputs = Callable[[np.random.Generator], Sequence[Arguments]]
Measure = Callable[[Arguments, tuple[Any, ...]], dict[str, float | bool]]


@dataclass(frozen=True)
class Check:
    """Calls of the learner's function whose outcomes must be those of the reference.

    Attributes
    ----------
    title : what is checked, in a few words a learner reads.
    inputs : takes a seeded generator, returns the arguments of each call, the plainest first: the first
        one that fails is shown. Where the reference raises, the answer must raise the same error.
    points : what passing it is worth.
    watch : also demand that the arguments are left alone ("inputs"), or that NumPy has nothing to warn
        of ("warnings").
    rtol, atol : tolerance of the comparison.
    measure : for answers that may differ from the reference and still be right, such as a trained network:
        what is compared instead of the values. It takes the arguments of the call and the arrays returned,
        where the judge is, and returns telling numbers and truths by name.
    """

    title: str
    inputs: Inputs
    points: Decimal = Decimal(1)
    watch: Literal["values", "inputs", "warnings"] = "values"
    rtol: float = 1e-6
    atol: float = 1e-10
    measure: Measure | None = None


@dataclass(frozen=True)
class Misconception:
    """A wrong answer with a name.

    Attributes
    ----------
    id : its number in the catalogue of misconceptions.
    name : the misunderstanding in one sentence; a learner is told it at once.
    function : an implementation that has this fault and no other.
    sees : what the learner can see: how their numbers differ.
    why : why it matters, in one line.
    probe : code to run that shows it.
    convention : whether the answer is right under another convention; then it is told so.
    accepted : whether that convention earns the points as well.
    """

    id: str
    name: str
    function: Callable[..., Any]
    sees: str
    why: str
    probe: str
    convention: bool = False
    accepted: bool = False

    @property
    def hints(self) -> tuple[str, ...]:
        """The steps after the name: what can be seen, why it matters, a probe to run."""
        return (self.sees, self.why, sentences.PROBE.format(probe=self.probe))


@dataclass(frozen=True)
class Curve:
    """How to draw an answer over the reference, where a curve says more than numbers.

    Attributes
    ----------
    axis : what runs along the horizontal axis.
    points : the values on that axis.
    call : the arguments for one such value.
    pick : the number to draw, out of the tuple of arrays that the call returns.
    """

    axis: str
    points: Sequence[float]
    call: Callable[[float], Arguments]
    pick: Callable[[tuple[Any, ...]], float] = lambda values: float(values[0])


@dataclass(frozen=True)
class Question:
    """One function to write, and everything about it.

    Attributes
    ----------
    name : the name of the function, unique among all questions.
    reference : the right answer.
    checks : what is checked; their points are the question's.
    misconceptions : the wrong answers that are known.
    hints : steps for an answer that fits no known misconception.
    curve : how to draw an answer; None where numbers say more.
    hands_out : names of functions of `lossact` that a notebook with this question may use when it is graded.
    """

    name: str
    reference: Callable[..., Any]
    checks: tuple[Check, ...]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    curve: Curve | None = None
    hands_out: tuple[str, ...] = ()
    points: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", sum((check.points for check in self.checks), Decimal(0)))


@cache
def _by_exercise() -> dict[str, tuple[Question, ...]]:
    from lossact.grading import questions

    return {
        module.name: tuple(import_module(f"{questions.__name__}.{module.name}").QUESTIONS)
        for module in pkgutil.iter_modules(questions.__path__)
        if not module.name.startswith("_")  # what exercises share is no exercise
    }


@cache
def exercises() -> dict[str, tuple[str, ...]]:
    """Every exercise of the course: its name, and the names of its questions in order."""
    return {name: tuple(each.name for each in questions) for name, questions in _by_exercise().items()}


@cache
def all_questions() -> dict[str, Question]:
    """Every question of the course, by name.

    Raises
    ------
    ValueError
        If two questions have one name.
    """
    found: dict[str, Question] = {}
    for questions in _by_exercise().values():
        for question in questions:
            if question.name in found:
                raise ValueError(f"two questions are called {question.name!r}; each needs its own name.")
            found[question.name] = question
    return found


@cache
def _alone(name: str) -> Question | None:
    """The question called `name`, by the text of its module: in a browser every import takes its time."""
    from lossact.grading import questions

    for module in pkgutil.iter_modules(questions.__path__):
        text = pkgutil.get_data(questions.__name__, f"{module.name}.py") or b""
        if not module.name.startswith("_") and f'name="{name}"'.encode() in text:
            for question in import_module(f"{questions.__name__}.{module.name}").QUESTIONS:
                if question.name == name:
                    return question  # type: ignore[no-any-return]
    return None


def find_question(name: str) -> Question:
    """The question called `name`.

    Raises
    ------
    ValueError
        If there is none; the message names those there are.
    """
    try:
        return _alone(name) or all_questions()[name]
    except KeyError:
        known = ", ".join(sorted(all_questions()))
        raise ValueError(sentences.UNKNOWN_QUESTION.format(name=name, known=known)) from None


def handed_out(names: Iterable[str]) -> tuple[str, ...]:
    """The functions of `lossact` that a notebook with these questions may use; unknown names add none."""
    known = all_questions()
    return tuple(sorted({each for name in names if name in known for each in known[name].hands_out}))
