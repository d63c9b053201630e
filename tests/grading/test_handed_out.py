"""A notebook may use what its exercise hands out, and nothing else of the reference package."""

from dataclasses import replace

import numpy as np
import pytest

from lossact import sigmoid, softmax
from lossact.grading import judge, question
from lossact.grading.process import Workspace

FUNCTIONS = ("sigmoid", "softmax", "mse_loss")


@pytest.fixture
def call():
    def call(source, *arguments, functions=FUNCTIONS):
        with Workspace([("1", source)], functions) as workspace:
            outcome = workspace.call("f", arguments)
            assert not workspace.cell_errors, workspace.cell_errors
            return outcome

    return call


X = np.array([[-2.0, 0.5, 3.0], [0.0, 1.0, -40.0]])


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("import lossact\ndef f(x):\n    return lossact.sigmoid(x)", sigmoid(X)),
        ("from lossact import sigmoid\ndef f(x):\n    return sigmoid.grad(x)", sigmoid.grad(X)),
        ("from lossact import softmax as s\ndef f(x):\n    return s(x, dim=1)", softmax(X, 1)),
        ("from lossact import softmax\ndef f(x):\n    return softmax.vjp(x, x, 1)", softmax.vjp(X, X, 1)),
        ("from lossact import sigmoid\ndef f(x):\n    return sigmoid(x.tolist())", sigmoid(X)),
    ],
)
def test_what_is_handed_out_works(call, source, wanted):
    (value,) = call(source, X).values
    np.testing.assert_array_equal(value, wanted)


def test_value_and_gradient_come_as_a_pair(call):
    outcome = call("from lossact import mse_loss\ndef f(x):\n    return mse_loss.value_and_grad(x, 0 * x)", X)
    assert outcome.several
    np.testing.assert_allclose(outcome.values[0], np.mean(X**2))
    np.testing.assert_allclose(outcome.values[1], 2 * X / X.size)


def test_an_error_of_it_is_the_learners_to_see(call):
    outcome = call("from lossact import mse_loss\ndef f(x):\n    return mse_loss(x, x[0])", X)
    assert outcome.error["type"] == "ValueError"
    assert "shape" in outcome.error["message"]


@pytest.mark.parametrize("name", ["tanh", "cross_entropy", "activations", "gradcheck", "no_such_thing"])
@pytest.mark.parametrize("form", ["from lossact import {0}", "import lossact\n    lossact.{0}"])
def test_what_is_not_handed_out_cannot_be_imported(call, name, form):
    outcome = call(f"def f(x):\n    {form.format(name)}", X)
    assert outcome.error["type"] == "ImportError"
    assert "the reference package is not at hand" in outcome.error["message"]


@pytest.mark.parametrize(
    "attack",
    [
        "sigmoid.__name__ = 'tanh'",
        "sigmoid._HandedOut__name = 'tanh'\n    sigmoid.__name__ = 'tanh'",
        "type(sigmoid)._compute(sigmoid, '__init__', (), {})",
        "type(sigmoid)._compute(sigmoid, '_formula', (x,), {})",
    ],
)
def test_a_renamed_one_is_not_computed(call, attack):
    outcome = call(f"from lossact import sigmoid\ndef f(x):\n    {attack}\n    return sigmoid(x)", X)
    assert outcome.values is None
    assert outcome.error["type"] == "ImportError"


def test_the_question_says_what_is_handed_out(monkeypatch):
    names = question.all_questions()
    changed = {**names, "tanh_grad": replace(names["tanh_grad"], hands_out=("tanh",))}
    monkeypatch.setattr(question, "all_questions", lambda: changed)
    assert question.handed_out(["tanh_grad", "sigmoid", "unknown"]) == ("tanh",)
    source = "from lossact import tanh\ndef tanh_grad(x):\n    return 1 - tanh(x) ** 2"
    for functions, status in ((question.handed_out(["tanh_grad"]), "right"), ((), "wrong")):
        with Workspace([("1", source)], functions) as workspace:
            assert judge("tanh_grad", workspace.function("tanh_grad")).status == status


@pytest.mark.parametrize("name", list(question.all_questions()))
def test_no_exercise_hands_out_what_it_asks_for(name):
    asked = question.all_questions()[name]
    assert name not in asked.hands_out
    for each in asked.hands_out:
        assert getattr(__import__("lossact"), each) is not asked.reference


def cube(x):
    return x**3


@pytest.mark.parametrize(
    ("source", "arguments", "wanted"),
    [
        ("def f(g, x):\n    return g(x) + g(2 * x)", (cube, X), 9 * X**3),
        ("def f(x, g):\n    return g.grad(x)", (X, sigmoid), sigmoid.grad(X)),
        ("def f(g, h, x):\n    return g(h(x))", (cube, sigmoid, X), sigmoid(X) ** 3),
        ("def f(g, x):\n    return np.array([g(each) for each in x])", (cube, X[0]), X[0] ** 3),
    ],
)
def test_a_function_among_the_arguments_can_be_called(call, source, arguments, wanted):
    outcome = call(f"import numpy as np\n{source}", *arguments, functions=())
    assert outcome.error is None
    np.testing.assert_allclose(outcome.values[0], wanted)
    assert not outcome.changed


@pytest.mark.parametrize(
    "attack",
    [
        "return g.__func__(x)",
        "return g._compute('__globals__', (), {})",
        "g.__name__ = 'sigmoid'\n    return g(x)",
        "g.__name__ = 'argument 1'\n    return g(x)",
    ],
)
def test_of_an_argument_no_more_than_its_values_can_be_had(call, attack):
    outcome = call(f"def f(g, x):\n    {attack}", cube, X, functions=())
    assert outcome.values is None


def test_an_argument_of_an_earlier_call_is_out_of_reach():
    source = "kept = []\ndef f(g, x):\n    kept.append(g)\n    return g(x)\ndef h(x):\n    return kept[0](x)"
    with Workspace([("1", source)], ()) as workspace:
        assert workspace.call("f", (cube, X)).values is not None
        assert workspace.call("h", (X,)).error["type"] == "ImportError"


def test_lists_of_arrays_are_copied_and_watched(call):
    given = [X.copy(), X[0].copy()]
    outcome = call("def f(xs):\n    return xs[0] @ xs[1]", given)
    np.testing.assert_allclose(outcome.values[0], X @ X[0])
    assert not outcome.changed
    assert call("def f(xs):\n    xs[1] += 1\n    return xs[1]", given).changed
    assert np.array_equal(given[1], X[0])


@pytest.mark.parametrize(("word", "usable"), [("vanishing", True), ("", True), ("x" * 201, False)])
def test_one_word_may_come_back(call, word, usable):
    outcome = call(f"def f(x):\n    return {word!r}", X)
    assert (outcome.values is not None) == usable
    if usable:
        assert str(outcome.values[0]) == word
    else:
        assert outcome.unusable == "a str"
