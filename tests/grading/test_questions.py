"""Each question of the course: the stub earns nothing, the reference all, each misconception is named."""

import ast
import copy
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest

import lossact
from lossact.grading import all_questions, judge
from lossact.grading.question import exercises
from lossact.grading.sentences import STUB
from tests.grading.exercises import DATA

QUESTIONS = list(all_questions().values())
WRONG = [
    pytest.param(question, misconception, id=f"{question.name}-{misconception.id}-{number}")
    for question in QUESTIONS
    for number, misconception in enumerate(question.misconceptions)
]
SEEDS = (0, 1, 20260101)

FINGERPRINTS = [each for data in DATA.values() for each in data.FINGERPRINTS]
# Their gradients of the cross-entropy, at the first score of the first sample.
Z, Y = np.array([[2, 1, 0.1], [-1, 3, 0.5]]), np.array([0, 2])
GRADIENT_FINGERPRINTS = [
    ("M95", -0.0383),
    ("M96", -0.1705),
    ("M140", -0.0568),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_stub_earns_nothing(question):
    def stub(*arguments):
        raise NotImplementedError(STUB.format(function=question.name))

    verdict = judge(question.name, stub)
    assert (verdict.points, verdict.status) == (0, "untouched")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_reference_earns_all(question, seed):
    verdict = judge(question.name, question.reference, seed=seed)
    assert (verdict.points, verdict.status) == (question.points, "right")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("question", "misconception"), WRONG)
def test_each_misconception_is_named_and_no_other(question, misconception, seed):
    verdict = judge(question.name, misconception.function, seed=seed)
    assert verdict.misconceptions == (misconception,)
    assert not verdict.unexplained
    assert misconception.name in str(verdict)
    assert (verdict.points == verdict.total) == misconception.accepted
    assert (verdict.status == "other convention") == misconception.convention


def test_every_exercise_has_its_data():
    assert set(DATA) == set(exercises())


@pytest.mark.parametrize("exercise", DATA)
def test_the_planned_misconceptions_are_there(exercise):
    there = {m.id for name in exercises()[exercise] for m in all_questions()[name].misconceptions}
    assert set(DATA[exercise].PLANNED.split()) <= there


def _wrong(name, identity):
    return next(m for m in all_questions()[name].misconceptions if m.id == identity).function


@pytest.mark.parametrize(("name", "identity", "arguments", "value"), FINGERPRINTS)
def test_wrong_answers_give_the_known_numbers(name, identity, arguments, value):
    given = _wrong(name, identity)(*(copy.deepcopy(argument) for argument in arguments))
    if isinstance(given, tuple):
        given = given[0]
    if np.ndim(given) > np.ndim(value):
        given = given[-1]
    np.testing.assert_allclose(given, value, atol=6e-4)


@pytest.mark.parametrize(("identity", "first"), GRADIENT_FINGERPRINTS)
def test_wrong_gradients_give_the_known_numbers(identity, first):
    np.testing.assert_allclose(_wrong("softmax_ce", identity)(Z, Y)[1][0, 0], first, atol=6e-5)


@pytest.mark.parametrize(("question", "misconception"), WRONG)
def test_probes_run_and_show_the_fault(question, misconception):
    def shown(function):
        names = {"np": np, **{name: other.reference for name, other in all_questions().items()}}
        names.update({name: getattr(lossact, name) for name in question.hands_out})
        names[question.name] = function
        *statements, last = ast.parse(misconception.probe).body
        exec(compile(ast.Module(statements, []), "probe", "exec"), names)
        with np.errstate(all="ignore"):
            return repr(eval(compile(ast.Expression(last.value), "probe", "eval"), names))

    if question.name in misconception.probe and "your own loss" not in misconception.probe:
        assert shown(misconception.function) != shown(question.reference)
    else:
        assert shown(question.reference)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_texts_are_there_and_points_add_up(question):
    assert len(question.hints) >= 3
    assert question.points == sum(check.points for check in question.checks)
    assert all(isinstance(check.points, Decimal) for check in question.checks)
    for misconception in question.misconceptions:
        assert all(len(text) > 15 for text in (misconception.name, misconception.sees, misconception.why))
    names = Counter(misconception.name for misconception in question.misconceptions)
    assert max(names.values()) == 1


def _reference(name):
    return all_questions()[name].reference


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sigmoid", lambda x: _reference("sigmoid")(2 * x)),
        ("sigmoid", lambda x: np.clip(x / 6 + 0.5, 0, 1)),
        ("sigmoid", lambda x: np.full(x.shape, 0.5)),
        ("tanh_from_sigmoid", lambda x: np.clip(x, -1.0, 1.0)),
        ("tanh_from_sigmoid", lambda x: 2 / np.pi * np.arctan(np.pi / 2 * x)),
        ("softmax_ce", lambda Z, y: (0.0, np.zeros_like(Z))),
        ("mse_loss", lambda input, target: 0.0),
    ],
)
def test_functions_that_only_share_properties_earn_nothing_for_values(name, function):
    verdict = judge(name, function)
    assert not verdict.results[0].passed
    assert 0 in verdict.unexplained


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5, np.nan, np.inf])
@pytest.mark.parametrize("name", all_questions())
def test_a_constant_earns_nothing_for_its_values(name, value):
    """Of the shape of the input, or a single number; what refuses bad input may still be right."""
    question = all_questions()[name]

    def like_the_input(*args):
        return np.full(np.shape(args[0]) if isinstance(args[0], np.ndarray) else (), value)

    for constant in (like_the_input, lambda *args: value):
        verdict = judge(name, constant)
        for check, result in zip(question.checks, verdict.results, strict=True):
            if check.watch != "inputs":
                assert result.points == 0, f"{constant}: {result.title}"


@pytest.mark.parametrize("exercise", exercises())
def test_a_check_loads_its_own_exercise_alone_and_no_scipy(exercise):
    """In a browser SciPy is 14 MB, and each module of questions takes its time."""
    script = (
        "import sys\nfrom lossact.grading import find_question\n"
        f"find_question({exercises()[exercise][0]!r})\n"
        "print([m for m in sys.modules if m.startswith('lossact.grading.questions.') and '._' not in m])\n"
        "print(any(m.split('.')[0] in ('scipy', 'matplotlib') for m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == [f"['lossact.grading.questions.{exercise}']", "False"]
