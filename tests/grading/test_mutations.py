"""No slip in a formula goes unnoticed: each mutant of a right answer loses points, or is no mutant.

`pytest tests/grading/test_mutations.py -rP` prints the numbers.
"""

import numpy as np
import pytest

from lossact.grading import all_questions, judge
from lossact.grading.outcome import Outcome, same_values
from tests.grading.mutants import mutants

QUESTIONS = list(all_questions().values())

# Right answers as a textbook or a careful learner writes them. The references themselves are not mutated:
# they also take options that no question asks for, and are written for speed and for the last bit.
_SAME_SHAPES = """
    if input.shape != target.shape:
        raise ValueError("shapes differ")
"""
FORMULAS = {
    "sigmoid": (
        """
def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))
""",
        """
def sigmoid(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
""",
    ),
    "sigmoid_grad": (
        """
def sigmoid_grad(x):
    small = np.exp(-np.abs(x))
    return small / (1 + small) ** 2
""",
        """
def sigmoid_grad(x):
    s = (1 + np.tanh(x / 2)) / 2
    return s * (1 - s)
""",
    ),
    "sigmoid_grad_from_output": (
        "def sigmoid_grad_from_output(s):\n    return s * (1 - s)",
        "def sigmoid_grad_from_output(s):\n    return s - s**2",
        "def sigmoid_grad_from_output(s):\n    return 0.25 - (s - 0.5) ** 2",
    ),
    "tanh_from_sigmoid": (
        """
def tanh_from_sigmoid(x):
    small = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - small) / (1 + small)
""",
        """
def tanh_from_sigmoid(x):
    small = np.exp(-np.abs(2 * x))
    s = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return 2 * s - 1
""",
    ),
    "tanh_grad": (
        "def tanh_grad(x):\n    return 1 - np.tanh(x) ** 2",
        """
def tanh_grad(x):
    small = np.exp(-2 * np.abs(x))
    return 4 * small / (1 + small) ** 2
""",
        "def tanh_grad(x):\n    return (1 - np.tanh(x)) * (1 + np.tanh(x))",
    ),
    "log_softmax_rows": (
        """
def log_softmax_rows(Z):
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
""",
        """
def log_softmax_rows(Z):
    m = np.max(Z, axis=1)
    return Z - (m + np.log(np.sum(np.exp(Z - m[:, None]), axis=1)))[:, None]
""",
    ),
    "softmax_ce": (
        """
def softmax_ce(Z, y):
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    logp = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    t = np.eye(Z.shape[1])[y] if y.ndim == 1 else y
    return -np.sum(t * logp) / len(Z), (np.exp(logp) - t) / len(Z)
""",
        """
def softmax_ce(Z, y):
    labels = y if y.ndim == 1 else np.argmax(y, axis=1)
    rows = np.arange(len(Z))
    e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    m = np.max(Z, axis=1)
    loss = np.mean(m + np.log(np.sum(e, axis=1)) - Z[rows, labels])
    grad = e / np.sum(e, axis=1, keepdims=True)
    grad[rows, labels] -= 1
    return loss, grad / len(Z)
""",
    ),
    "mse_loss": (
        f"""
def mse_loss(input, target):{_SAME_SHAPES}
    return np.mean((input - target) ** 2)
""",
        f"""
def mse_loss(input, target):{_SAME_SHAPES}
    e = (input - target).astype(float)
    return np.sum(e * e) / e.size
""",
        f"""
def mse_loss(input, target):{_SAME_SHAPES}
    return np.mean(np.square(np.abs(target - input)))
""",
    ),
    "mse_loss_grad": (
        f"""
def mse_loss_grad(input, target):{_SAME_SHAPES}
    return 2 * (input - target) / input.size
""",
        f"""
def mse_loss_grad(input, target):{_SAME_SHAPES}
    return -(target - input) / (0.5 * target.size)
""",
    ),
    "l1_loss_grad": (
        f"""
def l1_loss_grad(input, target):{_SAME_SHAPES}
    return np.sign(input - target) / input.size
""",
        f"""
def l1_loss_grad(input, target):{_SAME_SHAPES}
    e = input - target
    return np.where(e > 0, 1.0, np.where(e < 0, -1.0, 0.0)) / e.size
""",
    ),
}


def formulas(question):
    """The right answers to mutate."""
    if question.name not in FORMULAS:
        pytest.fail(f"Write a plain formula of {question.name} into FORMULAS, so that it can be mutated.")
    return FORMULAS[question.name]


def function(source, question):
    """The function that a formula defines."""
    names = {"np": np}
    exec(compile(source, "<formula>", "exec"), names)
    return names[question.name]


def equivalent(mutant, formula, question):
    """Whether two functions agree on inputs of every check, from other seeds and of other sizes."""
    atol = min(1e-13, *(check.atol for check in question.checks))
    for seed in range(40):
        for check in question.checks:
            for arguments in check.inputs(np.random.default_rng(1000 + seed)):
                for scale in (1, 0.003, 0.3, 5):
                    given = _scaled(arguments, scale)
                    a, b = Outcome.of(mutant, given), Outcome.of(formula, given)
                    if not same_values(a, b, rtol=1e-6, atol=atol):
                        return False
    return True


def _scaled(arguments, scale):
    first, *others = arguments
    return (first * scale if first.dtype.kind == "f" else first, *others)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_formulas_are_right_answers(question):
    for source in formulas(question):
        verdict = judge(question.name, function(source, question))
        assert verdict.status == "right", f"{source}\n{verdict}"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_mutant_is_noticed_or_equivalent(question, record_property):
    noticed, same, survived = [], [], []
    for source in formulas(question):
        formula = function(source, question)
        for change, mutated in mutants(source):
            mutant = function(mutated, question)
            if judge(question.name, mutant).status != "right":
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
