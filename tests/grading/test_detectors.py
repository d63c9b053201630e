"""Faults without an entry in the catalogue are found from the numbers alone, and right answers never."""

import math

import numpy as np
import pytest

from lossact.grading import all_questions, judge
from lossact.grading.detectors import DETECTORS, detect
from lossact.grading.detectors import Evidence as Seen
from lossact.grading.judge import inputs_of
from lossact.grading.outcome import Outcome
from lossact.grading.question import Check

FACTORS = {
    "times -1": -1.0,
    "times 1/2": 0.5,
    "times 2": 2.0,
    "times log 2": math.log(2),
    "times 1/log 2": 1 / math.log(2),
    "times log 10": math.log(10),
    "times 1/log 10": 1 / math.log(10),
}
X, Y = np.array([[0.3, -1.0, 2.0], [1.5, 0.2, -0.7]]), np.array([[1.0, 2.0, 0.5], [-1.0, 0.0, 1.0]])


def mean_square(x, y):
    return np.mean((x - y) ** 2)


def slope(x, y):
    return 2 * (x - y) / x.size


def named(answer, reference, *calls):
    """The general faults found for `answer`."""
    check = Check("", lambda rng: calls)
    seen = Seen(
        check,
        calls,
        [Outcome.of(answer, call) for call in calls],
        [Outcome.of(reference, call) for call in calls],
        call=lambda arguments: Outcome.of(answer, arguments),
        reference=lambda arguments: Outcome.of(reference, arguments),
    )
    return {fault.id for fault in detect(seen)}


@pytest.mark.parametrize("identity", FACTORS)
@pytest.mark.parametrize("reference", [mean_square, slope])
def test_a_telling_factor(identity, reference):
    factor = FACTORS[identity]
    assert named(lambda x, y: factor * reference(x, y), reference, (X, Y), (X[:1], Y[:1])) == {identity}


@pytest.mark.parametrize(
    ("identity", "factor"),
    [("n", lambda x: x.size), ("N", lambda x: x.shape[0]), ("K", lambda x: x.shape[1])],
)
@pytest.mark.parametrize("upside_down", [False, True])
def test_a_factor_that_is_a_length(identity, factor, upside_down):
    calls = [(X, Y), (np.tile(X, (2, 2)), np.tile(Y, (2, 2)))]
    power = -1.0 if upside_down else 1.0
    found = named(lambda x, y: slope(x, y) * factor(x) ** power, slope, *calls)
    assert found == {f"times 1/{identity}" if upside_down else f"times {identity}"}


def test_two_causes_that_fit_are_both_said():
    """With two rows a factor of 2 and one of N are the same."""
    assert named(lambda x, y: 2 * slope(x, y), slope, (X, Y)) == {"times 2", "times N"}


def test_transposed():
    assert named(lambda x, y: slope(x, y).T, slope, (X, Y)) == {"transposed"}


def test_right_for_ordinary_inputs_only():
    def overflows(x):
        with np.errstate(all="ignore"):
            return np.exp(x) / (1 + np.exp(x))

    def reference(x):
        return 0.5 * (1 + np.tanh(x / 2))

    assert named(overflows, reference, (np.array([1000.0, -2.0]),)) == {"only ordinary inputs"}
    assert named(lambda x: np.exp(x), reference, (np.array([1000.0, -2.0]),)) == set()


def test_an_input_that_is_changed():
    def changes(x, y):
        x -= y
        return np.mean(x**2)

    assert named(changes, mean_square, (X, Y)) == {"input changed"}


def test_nothing_returned():
    assert named(lambda x, y: None, mean_square, (X, Y)) == {"no value"}


def test_what_depends_on_the_number_of_samples():
    def root(x, y):
        return np.sqrt(np.sum((x - y) ** 2))

    assert named(root, mean_square, (X, Y)) == {"grows with the batch"}


def test_a_wrong_answer_of_no_known_kind_is_not_given_one():
    assert named(lambda x, y: mean_square(x, y) + 0.1, mean_square, (X, Y)) == set()


def test_each_general_fault_has_its_sentences_and_a_test():
    identities = {fault.id for fault, _ in DETECTORS}
    assert len(identities) == len(DETECTORS)
    for fault, _ in DETECTORS:
        assert len(fault.hints) == 3
        assert all(hint.strip() for hint in (fault.name, *fault.hints))


def of_numbers():
    """Questions whose every answer is numbers that are compared as they are: not words, and not measured."""
    for name, question in all_questions().items():
        if any(check.measure is not None for check in question.checks):
            continue
        outcome = Outcome.of(question.reference, inputs_of(question, 0, 0)[0])
        if all(value.dtype.kind in "fiu" for value in outcome.values):
            yield name


@pytest.mark.parametrize("factor", FACTORS.values())
@pytest.mark.parametrize("name", list(of_numbers()))
def test_a_factor_on_any_question_is_named(name, factor):
    """By the question's own catalogue or in general, on every check that has values."""
    question = all_questions()[name]

    def answer(*arguments):
        value = question.reference(*arguments)
        return tuple(factor * part for part in value) if isinstance(value, tuple) else factor * value

    verdict = judge(name, answer)
    assert verdict.points < verdict.total
    assert verdict.causes
    unexplained = {question.checks[number].title for number in verdict.unexplained}
    assert not unexplained
