"""No slip in a formula goes unnoticed: each mutant of a right answer loses points, or is no mutant.

`pytest tests/grading/test_mutations.py -rP` prints the numbers.
"""

import numpy as np
import pytest

import lossact
from lossact.grading import all_questions, judge
from lossact.grading.judge import inputs_of, measured, passes
from lossact.grading.outcome import Outcome, same_values
from tests.grading.exercises import DATA
from tests.grading.mutants import mutants

QUESTIONS = list(all_questions().values())
FORMULAS = {name: sources for data in DATA.values() for name, sources in data.FORMULAS.items()}


def formulas(question):
    """The right answers to mutate."""
    if question.name not in FORMULAS:
        pytest.fail(f"Write a plain formula of {question.name} into tests/grading/exercises/, to be mutated.")
    return FORMULAS[question.name]


def function(source, question):
    """The function that a formula defines."""
    names = {"np": np, **{each: getattr(lossact, each) for each in question.hands_out}}
    exec(compile(source, "<formula>", "exec"), names)
    return names[question.name]


def outcomes(question, answer):
    """What an answer does in every call of every check."""
    return [
        [
            measured(check, arguments, Outcome.of(answer, arguments))
            for arguments in inputs_of(question, number, 0)
        ]
        for number, check in enumerate(question.checks)
    ]


def results(question, answer, expected):
    """Which checks an answer passes: the judge's verdict without the search for a reason."""
    for number, check in enumerate(question.checks):
        for arguments, wanted in zip(inputs_of(question, number, 0), expected[number], strict=True):
            got = measured(check, arguments, Outcome.of(answer, arguments))
            if not passes(check, got, wanted):
                yield False
                return
    yield True


def equivalent(mutant, formula, question):
    """Whether two functions agree on inputs of every check, from other seeds and of other sizes."""
    atol = min(1e-13, *(check.atol for check in question.checks))
    for seed in range(12):
        for check in question.checks:
            for arguments in check.inputs(np.random.default_rng(1000 + seed)):
                for given in _of_several_sizes(arguments):
                    a, b = (measured(check, given, Outcome.of(each, given)) for each in (mutant, formula))
                    if not same_values(a, b, rtol=1e-6, atol=atol):
                        return False
    return True


def _of_several_sizes(arguments):
    first, *others = arguments
    if isinstance(first, np.ndarray) and first.dtype.kind == "f":
        return [(first * scale, *others) for scale in (1, 0.003, 0.3, 5)]
    return [arguments]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_formulas_are_right_answers(question):
    for source in formulas(question):
        verdict = judge(question.name, function(source, question))
        assert verdict.status == "right", f"{source}\n{verdict}"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_mutant_is_noticed_or_equivalent(question, record_property):
    noticed, same, survived = [], [], []
    expected = outcomes(question, question.reference)
    for source in formulas(question):
        formula = function(source, question)
        for change, mutated in mutants(source):
            mutant = function(mutated, question)
            if not all(results(question, mutant, expected)):
                noticed.append(change)
            elif equivalent(mutant, formula, question):
                same.append(change)
            else:
                survived.append(f"{change}\n{mutated}")
    total = len(noticed) + len(same) + len(survived)
    counts = {"mutants": total, "noticed": len(noticed), "equivalent": len(same)}
    for name, count in counts.items():
        record_property(name, count)
    print(question.name, counts, *(f"equivalent: {change}" for change in same), sep="\n  ")
    assert not survived, "\n\n".join(survived)
    assert noticed


def test_what_differs_somewhere_is_not_called_equivalent():
    question = all_questions()["sigmoid"]
    right = function(FORMULAS["sigmoid"][0], question)
    for other in (lambda x: right(2 * x), lambda x: right(np.clip(x, -30, 30)), lambda x: right(x) + 1e-5):
        assert not equivalent(other, right, question)
    assert equivalent(lambda x: np.exp(-np.logaddexp(0, -x)), right, question)
