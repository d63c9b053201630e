"""Exercises as data, and everything that judges an answer."""

from lossact.grading.cell import check
from lossact.grading.judge import judge
from lossact.grading.question import (
    Check,
    Curve,
    Misconception,
    Question,
    all_questions,
    find_question,
)
from lossact.grading.verdict import Verdict

__all__ = [
    "Check",
    "Curve",
    "Misconception",
    "Question",
    "Verdict",
    "all_questions",
    "check",
    "find_question",
    "judge",
]
