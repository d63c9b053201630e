"""`check(...)` as a learner calls it in a cell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lossact.grading import sentences
from lossact.grading.judge import judge
from lossact.grading.question import find_question
from lossact.grading.verdict import Verdict


def check(
    question_name: str, function: Callable[..., Any] | None = None, *, hints: int = 1, seed: int = 0
) -> Verdict:
    """Judge your function and show the verdict.

    Parameters
    ----------
    question_name : the name of the question, which is the name of the function to write.
    function : your function; looked up by that name in the calling cell if it is left out.
    hints : how many hints the text shows; in a notebook they can be unfolded instead.
    seed : of the inputs that are drawn.

    Returns
    -------
    The verdict; a notebook shows it, and `print` gives it as text.

    Raises
    ------
    ValueError
        If there is no such question.
    TypeError
        If `function` cannot be called, or is not defined yet.
    """
    find_question(question_name)
    if function is None:
        function = sys._getframe(1).f_globals.get(question_name)
    if not callable(function):
        given = "nothing" if function is None else repr(function)
        raise TypeError(sentences.NOT_A_FUNCTION.format(name=question_name, given=given))
    return replace(judge(question_name, function, seed=seed, picture=True), hints_shown=hints)
