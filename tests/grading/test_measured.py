"""Checks that measure what came back, and answers that are words."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from lossact.grading import judge, question
from lossact.grading.question import Check, Misconception, Question


def unbiased(seed, n):
    return np.random.default_rng(seed).normal(0, 1 / np.sqrt(n), size=(n, n))


def spread(arguments, values):
    (weights,) = values
    n = arguments[1]
    if weights.shape != (n, n):
        raise ValueError(f"the shape is {weights.shape}")
    return {"standard deviation times root n": round(float(weights.std() * np.sqrt(n)), 1), "mean is 0": True}


DRAW = Question(
    name="draw",
    reference=unbiased,
    checks=(Check("the spread", lambda rng: [(int(rng.integers(99)), 50)], measure=spread),),
    misconceptions=(
        Misconception(
            "X1",
            "You took the variance for the standard deviation.",
            lambda seed, n: np.random.default_rng(seed).normal(0, 1 / n, size=(n, n)),
            "Your weights are too small.",
            "The signal dies out.",
            "draw(0, 50).std()",
        ),
    ),
    hints=("one", "two", "three"),
)
NAME = Question(
    name="kind",
    reference=lambda x: "falls" if x[0] > x[-1] else "rises",
    checks=(Check("curves", lambda rng: [(np.array([2.0, 1.0]),), (np.array([1.0, 2.0]),)]),),
    misconceptions=(
        Misconception(
            "X2",
            "You took the one for the other.",
            lambda x: "rises" if x[0] > x[-1] else "falls",
            "Your words are exchanged.",
            "A loss that rises is broken.",
            "kind(np.array([2.0, 1.0]))",
        ),
    ),
    hints=("one", "two", "three"),
)


@pytest.fixture(autouse=True)
def questions(monkeypatch):
    monkeypatch.setattr(question, "all_questions", lambda: {"draw": DRAW, "kind": NAME})


def test_other_random_numbers_with_the_right_spread_are_right():
    verdict = judge("draw", lambda seed, n: np.random.default_rng(seed + 7).normal(0, n**-0.5, size=(n, n)))
    assert verdict.status == "right"


def test_what_is_measured_wrong_is_named_and_shown():
    verdict = judge("draw", lambda seed, n: np.random.default_rng(5).normal(0, 1 / n, size=(n, n)))
    assert [each.id for each in verdict.misconceptions] == ["X1"]
    assert verdict.points == 0
    text = str(verdict)
    assert "Of what your function returned: standard deviation times root n: 0.1\n" in text
    assert "Expected: standard deviation times root n: 1\n" in text
    assert "mean is 0" not in text  # only what differs


@pytest.mark.parametrize("value", [np.ones(3), 1.0, (np.ones((50, 50)), 2.0)])
def test_what_cannot_be_measured_earns_nothing_and_is_said(value):
    verdict = judge("draw", lambda seed, n: value)
    assert verdict.points == 0
    assert verdict.status == "wrong"
    assert "which cannot be judged" in str(verdict)


def test_truths_are_shown_in_words(monkeypatch):
    check = replace(DRAW.checks[0], measure=lambda _, values: {"is square": values[0].ndim == 2})
    changed = replace(DRAW, checks=(check,))
    monkeypatch.setattr(question, "all_questions", lambda: {"draw": changed})
    text = str(judge("draw", lambda seed, n: np.ones(n)))
    assert "is square: no" in text
    assert "Expected: is square: yes" in text


def test_words_are_compared_as_they_are():
    assert judge("kind", lambda x: "falls" if x[0] > x[-1] else "rises").points == Decimal(1)
    assert judge("kind", lambda x: "Falls" if x[0] > x[-1] else "rises").points == 0
    wrong = judge("kind", lambda x: "rises" if x[0] > x[-1] else "falls")
    assert [each.id for each in wrong.misconceptions] == ["X2"]
    assert "Your function returned: 'rises'" in str(wrong)
    assert "Expected: 'falls'" in str(wrong)


@pytest.mark.parametrize("answer", [1.0, np.zeros(2), None])
def test_numbers_for_a_word_are_wrong(answer):
    verdict = judge("kind", lambda x: answer)
    assert (verdict.points, verdict.status) == (0, "wrong")
    assert str(verdict)
