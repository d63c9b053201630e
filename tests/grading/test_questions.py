"""Each question of the course: the stub earns nothing, the reference all, each misconception is named."""

import ast
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest

from lossact.grading import all_questions, judge
from lossact.grading.sentences import STUB

QUESTIONS = list(all_questions().values())
WRONG = [
    pytest.param(question, misconception, id=f"{question.name}-{misconception.id}-{number}")
    for question in QUESTIONS
    for number, misconception in enumerate(question.misconceptions)
]
SEEDS = (0, 1, 20260101)

# The misconceptions that the plan of the course asks each exercise to name, M02 and M11 as a convention.
PLANNED = {
    ("mse_loss", "mse_loss_grad", "l1_loss_grad"): "M01 M02 M03 M04 M05 M07 M08 M09 M11 M12 M13",
    (
        "sigmoid",
        "sigmoid_grad",
        "sigmoid_grad_from_output",
        "tanh_from_sigmoid",
        "tanh_grad",
    ): "M56 M57 M58 M59 M60 M61 M62 M07",
    ("log_softmax_rows", "softmax_ce"): "M53 M92 M93 M94 M95 M96 M97 M09 M140 M51",
}

Z, Y = np.array([[2, 1, 0.1], [-1, 3, 0.5]]), np.array([0, 2])
P, T = np.array([3, -0.5, 2, 7]), np.array([2.5, 0, 2, 1])
X = np.array([-2, -0.5, 0, 0.5, 2])
# What each wrong answer gives on the canonical inputs, as known before this code was written.
FINGERPRINTS = [
    ("mse_loss", "M01", (P, T), 36.5),
    ("mse_loss", "M02", (P, T), 4.5625),
    ("mse_loss", "M03", (P, T), 3.0208),
    ("mse_loss", "M04", (P, T), 2.25),
    ("mse_loss", "M05", (P[:, None], T), 10.469),
    ("mse_loss", "M07", (P, T), 9.25),
    ("mse_loss_grad", "M09", (P, T), [1, -1, 0, 12]),
    ("mse_loss_grad", "M11", (P, T), [0.125, -0.125, 0, 1.5]),
    ("l1_loss_grad", "M22", (P, T), [0.25, -0.25, 0.25, 0.25]),
    ("sigmoid_grad", "M57", (X,), [-6, -0.75, 0, 0.25, -2]),
    ("sigmoid_grad", "M58", (X,), [0.2491, 0.2414, 0.2350, 0.2278, 0.2073]),
    ("sigmoid", "M60", (X,), [8.389, 2.6487, 2, 1.6065, 1.1353]),
    ("tanh_from_sigmoid", "M61", (X,), [-0.7616, -0.2449, 0, 0.2449, 0.7616]),
    ("tanh_grad", "M62", (X,), [-3, 0.75, 1, 0.75, -3]),
    ("softmax_ce", "M92", (Z, Y), 1.823),
    ("softmax_ce", "M93", (Z, Y), 2.356),
    ("softmax_ce", "M94", (Z, Y), 1.206),
    ("softmax_ce", "M53", (Z, Y), -0.994),
    ("softmax_ce", "M87", (Z, Y), 1.124),
    ("softmax_ce", "M21", (Z, Y), 0.502),
    ("softmax_ce", "M33", (Z, Y), 2.173),
]
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


@pytest.mark.parametrize(("names", "planned"), PLANNED.items())
def test_the_planned_misconceptions_are_there(names, planned):
    there = {m.id for name in names for m in all_questions()[name].misconceptions}
    assert set(planned.split()) <= there


def _wrong(name, identity):
    return next(m for m in all_questions()[name].misconceptions if m.id == identity).function


@pytest.mark.parametrize(("name", "identity", "arguments", "value"), FINGERPRINTS)
def test_wrong_answers_give_the_known_numbers(name, identity, arguments, value):
    given = _wrong(name, identity)(*(argument.copy() for argument in arguments))
    if isinstance(given, tuple):
        given = given[0]
    np.testing.assert_allclose(given, value, atol=6e-4)


@pytest.mark.parametrize(("identity", "first"), GRADIENT_FINGERPRINTS)
def test_wrong_gradients_give_the_known_numbers(identity, first):
    np.testing.assert_allclose(_wrong("softmax_ce", identity)(Z, Y)[1][0, 0], first, atol=6e-5)


@pytest.mark.parametrize(("question", "misconception"), WRONG)
def test_probes_run_and_show_the_fault(question, misconception):
    def shown(function):
        names = {"np": np, question.name: function, "mse_loss": all_questions()["mse_loss"].reference}
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
    for constant in (lambda *args: np.full(np.shape(args[0]), value), lambda *args: value):
        verdict = judge(name, constant)
        for check, result in zip(question.checks, verdict.results, strict=True):
            if check.watch != "inputs":
                assert result.points == 0, f"{constant}: {result.title}"
