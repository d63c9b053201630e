"""Exercise coupling/softmax_cross_entropy: log-softmax by rows, and the loss with its gradient."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import cross_entropy, log_softmax, softmax
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_Z = np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]])
_Y = np.array([0, 2])


# --- inputs ---------------------------------------------------------------------------------------------


def _rows(rng: np.random.Generator) -> list[Arguments]:
    # A square array too: a sum along the wrong axis broadcasts there without an error.
    return [
        (_Z,),
        (rng.normal(size=(3, 3)),),
        (rng.normal(scale=3, size=(4, 5)),),
        (np.array([[2, 1, 0], [-1, 3, 1]]),),
    ]


def _wide_rows(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 200.0], [1.0, 2.0]]),),
        (np.array([[0.0, 800.0], [5.0, 4.0]]),),
        (np.array([[-1000.0, -1001.0, -1002.0], [1000.0, 999.0, 998.0]]),),
        (np.array([[800.0, 0.0]]),),
        (np.array([[0.0, 2000.0, 0.0]]),),
    ]


def _rows_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z,)]


def _labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_Z, _Y),
        (rng.normal(size=(3, 3)), np.array([2, 0, 0])),
        (rng.normal(scale=2, size=(5, 4)), rng.integers(0, 4, size=5)),
    ]


def _one_hot(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_Z, np.eye(3)[_Y]),
        (rng.normal(size=(5, 4)), np.eye(4)[rng.integers(0, 4, size=5)]),
    ]


def _wide_labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 800.0]]), np.array([0])),
        (np.array([[-1000.0, 1000.0, 0.0], [3.0, 1.0, 2.0]]), np.array([2, 0])),
    ]


def _labels_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z, _Y)]


# --- wrong answers: log-softmax -------------------------------------------------------------------------


def _along_columns(Z: Any) -> Any:
    return log_softmax(Z, 0)


def _without_max(Z: Any) -> Any:
    with np.errstate(all="ignore"):
        return Z - np.log(np.sum(np.exp(Z), axis=1, keepdims=True))


def _max_not_added_back(Z: Any) -> Any:
    return log_softmax(Z, 1) + np.max(Z, axis=1, keepdims=True)


def _log_of_softmax(Z: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.log(softmax(Z, 1))


def _global_max(Z: Any) -> Any:
    shifted = Z - np.max(Z)
    with np.errstate(all="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


def _row_min(Z: Any) -> Any:
    shifted = Z - np.min(Z, axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))


def _without_keepdims(Z: Any) -> Any:
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1))


def _rows_in_bits(Z: Any) -> Any:
    return log_softmax(Z, 1) / np.log(2)


def _probabilities(Z: Any) -> Any:
    return softmax(Z, 1)


def _rows_in_place(Z: Any) -> Any:
    Z -= np.max(Z, axis=1, keepdims=True)
    return log_softmax(Z, 1)


# --- wrong answers: the loss and its gradient -----------------------------------------------------------


def _targets(Z: Any, y: Any) -> Any:
    return np.eye(Z.shape[1])[y] if y.ndim == 1 else y


def _pair(
    loss: Callable[[Any, Any, Any], Any] | None = None,
    grad: Callable[[Any, Any, Any], Any] | None = None,
    dim: int = 1,
) -> Callable[..., Any]:
    """softmax_ce with one part exchanged; the parts take (log p, one-hot y, N)."""

    def answer(Z: Any, y: Any) -> Any:
        t = _targets(Z, y)
        logp = log_softmax(Z, dim)
        right_loss = -np.sum(t * logp) / len(Z)
        right_grad = (np.exp(logp) - t) / len(Z)
        return (
            right_loss if loss is None else loss(logp, t, len(Z)),
            right_grad if grad is None else grad(np.exp(logp), t, len(Z)),
        )

    return answer


def _every_column(Z: Any, y: Any) -> Any:
    labels = y if y.ndim == 1 else np.argmax(y, axis=1)
    return -np.mean(log_softmax(Z, 1)[:, labels]), cross_entropy.grad(Z, y)


def _labels_from_one(Z: Any, y: Any) -> Any:
    labels = y if y.ndim == 1 else np.argmax(y, axis=1)
    return cross_entropy.value_and_grad(Z, (labels - 1) % Z.shape[1])


def _labels_only(Z: Any, y: Any) -> Any:
    rows = np.arange(len(Z))
    grad = softmax(Z, 1)
    loss = -np.mean(log_softmax(Z, 1)[rows, y])
    grad[rows, y] -= 1
    return loss, grad / len(Z)


def _loss_without_max_back(Z: Any, y: Any) -> Any:
    loss, grad = cross_entropy.value_and_grad(Z, y)
    return loss - np.mean(np.max(Z, axis=1)), grad


def _softmax_first(Z: Any, y: Any) -> Any:
    return cross_entropy(softmax(Z, 1), y), cross_entropy.grad(softmax(Z, 1), y)


def _ce_of_finished_softmax(Z: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        logp, t = np.log(softmax(Z, 1)), _targets(Z, y)
        return -np.sum(logp[t > 0] * t[t > 0]) / len(Z), cross_entropy.grad(Z, y)


def _ce_zero_times_infinity(Z: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        return -np.sum(_targets(Z, y) * np.log(softmax(Z, 1))) / len(Z), cross_entropy.grad(Z, y)


def _ce_without_max_one_hot(Z: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        p, t = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True), _targets(Z, y)
        return -np.sum(t * np.log(p)) / len(Z), (p - t) / len(Z)


def _ce_without_max(Z: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        p = np.exp(Z) / np.sum(np.exp(Z), axis=1, keepdims=True)
        t = _targets(Z, y)
        return -np.sum(np.where(t > 0, t * np.log(p), 0)) / len(Z), (p - t) / len(Z)


def _ce_in_place(Z: Any, y: Any) -> Any:
    Z -= np.max(Z, axis=1, keepdims=True)
    return cross_entropy.value_and_grad(Z, y)


# --- questions ------------------------------------------------------------------------------------------

_IN_PLACE_WHY = (
    "The caller still holds that array. The next layer, or the next call, works with shifted scores."
)
_WITHOUT_MAX = Misconception(
    id="M46",
    name="You take exp of the scores as they are. It overflows from 710 on (in float32 from 89).",
    function=_without_max,
    sees="Ordinary rows are right; rows with a score of 800 give inf or nan.",
    why="Adding a constant to a row does not change its softmax. Take away the largest score first.",
    probe="np.exp(np.array([709.0, 710.0]))",
)
_AXIS = "first of three scores, the others 0"
_LINE = tuple(np.linspace(-6, 6, 41))

_LOG_SOFTMAX = Question(
    name="log_softmax_rows",
    reference=lambda Z: log_softmax(Z, 1),
    checks=(
        Check("rows of ordinary scores", _rows, points=Decimal(2)),
        Check("rows with scores far apart", _wide_rows, points=Decimal(2)),
        Check("the scores are left as they were", _rows_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M51",
            name="You normalised along the columns. The classes of one sample stand in a row.",
            function=_along_columns,
            sees="The probabilities of each column sum to 1, those of a row do not.",
            why="Samples would compete with each other, and the answer for one would depend on the batch.",
            probe="np.exp(log_softmax_rows(np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]]))).sum(axis=1)",
        ),
        _WITHOUT_MAX,
        Misconception(
            id="M53",
            name="You took the largest score away inside the logarithm and did not count it outside.",
            function=_max_not_added_back,
            sees="Each row is off by its largest score.",
            why="log Σ exp(z) = m + log Σ exp(z - m). Without the m the probabilities do not sum to 1.",
            probe="np.exp(log_softmax_rows(np.array([[1.0, 1.0]])))  # one half each is wanted",
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax.",
            function=_log_of_softmax,
            sees="Where the right answer is -800, yours is -inf.",
            why="A probability of e^-800 is 0 in floating point, and the logarithm cannot get it back.",
            probe="np.log(np.exp(-800.0))",
        ),
        Misconception(
            id="M47",
            name="You took away the largest score of the whole array, not of each row.",
            function=_global_max,
            sees="Right until one row lies far below another; then -inf or nan.",
            why="In a row that lies 1000 below, every exponential is 0.",
            probe="log_softmax_rows(np.array([[-1000.0, -1001.0], [0.0, 1.0]]))",
        ),
        Misconception(
            id="M48",
            name="You took away the smallest score of each row instead of the largest.",
            function=_row_min,
            sees="Right until a row is wide; then inf or nan.",
            why="What is left to exponentiate must not be positive.",
            probe="log_softmax_rows(np.array([[0.0, 800.0]]))",
        ),
        Misconception(
            id="M50",
            name="You summed without keepdims=True, so the sums are spread over the wrong axis.",
            function=_without_keepdims,
            sees="Some shapes raise an error; a square array gives wrong numbers without one.",
            why="(N, K) minus (N,) means: minus one number for each column.",
            probe="(np.zeros((3, 3)) - np.array([1.0, 2.0, 3.0]))[0]",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_rows_in_bits,
            sees="Your numbers are the right ones times 1.4427.",
            why="log2 counts bits. Only with the natural logarithm is the gradient p - y.",
            probe="np.exp(log_softmax_rows(np.zeros((1, 2)))).sum()  # 1 is wanted",
        ),
        Misconception(
            id="M90",
            name="You returned the probabilities, not their logarithms.",
            function=_probabilities,
            sees="Your numbers lie between 0 and 1; the logarithm of a probability is never positive.",
            why="Whoever reads them as log-probabilities gets a negative loss.",
            probe="log_softmax_rows(np.zeros((1, 2)))  # -0.693 is wanted",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_rows_in_place,
            sees="After the call the scores are shifted.",
            why=_IN_PLACE_WHY,
            probe="Z = np.array([[1.0, 2.0]]); log_softmax_rows(Z); Z",
        ),
    ),
    hints=(
        "Start with the definition for one row: z minus the logarithm of the sum of exp(z).",
        "Take the largest score of each row away first. What has to be true of the sum then?",
        "Try [[0, 200]]: the right answer is [[-200, 0]], to about 86 decimals.",
    ),
    curve=Curve(_AXIS, _LINE, lambda z: (np.array([[z, 0.0, 0.0]]),), lambda values: float(values[0][0, 0])),
)

_SOFTMAX_CE = Question(
    name="softmax_ce",
    reference=cross_entropy.value_and_grad,
    checks=(
        Check("loss and gradient with class labels", _labels, points=Decimal(3)),
        Check("one-hot targets", _one_hot),
        Check("scores far apart", _wide_labels, points=Decimal(2)),
        Check("the scores are left as they were", _labels_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M92",
            name="You averaged all log-probabilities and never looked at the label.",
            function=_pair(
                loss=lambda logp, t, n: -np.mean(logp),
                grad=lambda p, t, n: (p - 1 / p.shape[1]) / n,
            ),
            sees="Another label gives the same loss.",
            why="The loss is least when all classes are equally likely: the network learns to say nothing.",
            probe="Z = np.array([[2.0, 0.0]]); softmax_ce(Z, np.array([0])), softmax_ce(Z, np.array([1]))",
        ),
        Misconception(
            id="M93",
            name="You wrote P[:, y], which takes every listed column of every row.",
            function=_every_column,
            sees="The loss is off, the gradient is right.",
            why="P[:, y] has shape (N, N). P[np.arange(N), y] pairs row i with label i.",
            probe="np.zeros((2, 3))[:, np.array([0, 2])].shape",
        ),
        Misconception(
            id="M94",
            name="You read the labels as 1 to K. They run from 0 to K - 1.",
            function=_labels_from_one,
            sees="Loss and gradient are those of the class one place before.",
            why="In NumPy the index -1 is the last entry, so label 0 raises no error.",
            probe="np.array([10, 20, 30])[0 - 1]",
        ),
        Misconception(
            id="M94",
            name="You read class labels only; one-hot targets cannot be an index.",
            function=_labels_only,
            sees="Labels are right, one-hot targets raise an error.",
            why="A one-hot row says the same as a label, and soft targets can be said in no other way.",
            probe="np.arange(3)[np.array([0.0, 1.0]).astype(int)]  # an index must be an integer",
        ),
        Misconception(
            id="M95",
            name="You multiplied p - y by p (1 - p) once more.",
            function=_pair(grad=lambda p, t, n: (p - t) * p * (1 - p) / n),
            sees="The loss is right, the gradient is too small, most of all where the network is sure.",
            why="The derivative of the softmax has already cancelled against the 1/p of the logarithm.",
            probe="softmax_ce(np.array([[10.0, 0.0]]), np.array([1]))[1]  # about 1 and -1 are wanted",
        ),
        Misconception(
            id="M96",
            name="You gave a gradient to the true class alone.",
            function=_pair(grad=lambda p, t, n: (p - t) * t / n),
            sees="All entries of the gradient but one are 0.",
            why="Every score is in the denominator of the softmax, so raising any of them lowers the others.",
            probe="softmax_ce(np.array([[2.0, 1.0, 0.1]]), np.array([0]))[1].sum()  # 0 is wanted",
        ),
        Misconception(
            id="M97",
            name="You took 1 away from every class, not from the true one alone.",
            function=_pair(grad=lambda p, t, n: (p - 1) / n),
            sees="Each row of your gradient sums to (1 - K)/N instead of 0.",
            why="y is 1 for one class and 0 for the others.",
            probe="softmax_ce(np.array([[2.0, 1.0, 0.1]]), np.array([0]))[1].sum()  # 0 is wanted",
        ),
        Misconception(
            id="M09",
            name="The gradient is not divided by N, although the loss is a mean.",
            function=_pair(grad=lambda p, t, n: p - t),
            sees="The loss is right, the gradient is N times the right one.",
            why="Value and gradient need the same reduction, or the step grows with the batch.",
            probe="Z = np.zeros((4, 2)); softmax_ce(Z, np.zeros(4, dtype=int))[1][0]  # [-1/8, 1/8]",
        ),
        Misconception(
            id="M10",
            name="The gradient is divided by N twice.",
            function=_pair(grad=lambda p, t, n: (p - t) / n**2),
            sees="The loss is right, the gradient is the right one divided by N.",
            why="It still points downhill, so training seems to work; it is only N times too slow.",
            probe="Z = np.zeros((4, 2)); softmax_ce(Z, np.zeros(4, dtype=int))[1][0]  # [-1/8, 1/8]",
        ),
        Misconception(
            id="M140",
            name="The gradient is divided by the number of classes as well.",
            function=_pair(grad=lambda p, t, n: (p - t) / p.size),
            sees="The loss is right, the gradient is the right one divided by K.",
            why="The mean runs over the N samples. Over the classes the loss is a sum.",
            probe="softmax_ce(np.zeros((1, 4)), np.array([0]))[1]  # -3/4 for the true class is wanted",
        ),
        Misconception(
            id="M21",
            name="The loss is averaged over the classes too.",
            function=_pair(loss=lambda logp, t, n: -np.mean(t * logp)),
            sees="The gradient is right, the loss is the right one divided by K.",
            why="Of the K terms of a one-hot row, one counts; the zeros are not samples.",
            probe="softmax_ce(np.zeros((1, 4)), np.array([0]))[0]  # log 4 = 1.386 is wanted",
        ),
        Misconception(
            id="M01",
            name="You summed the loss over the batch instead of averaging it.",
            function=_pair(loss=lambda logp, t, n: -np.sum(t * logp)),
            sees="The gradient is right, the loss is N times the right one.",
            why="Value and gradient need the same reduction, or no gradient check can pass.",
            probe="softmax_ce(np.zeros((3, 2)), np.zeros(3, dtype=int))[0]  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign of the gradient is turned round: y - p.",
            function=_pair(grad=lambda p, t, n: (t - p) / n),
            sees="The loss is right, the gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step makes the loss worse.",
            probe="softmax_ce(np.array([[0.0, 0.0]]), np.array([0]))[1]  # negative for the true class",
        ),
        Misconception(
            id="M51",
            name="You normalised along the columns. The classes of one sample stand in a row.",
            function=_pair(dim=0),
            sees="The probabilities of each column sum to 1, those of a row do not.",
            why="Samples would compete with each other, and the answer for one would depend on the batch.",
            probe="softmax_ce(np.array([[5.0, 0.0]]), np.array([1]))  # 5.007 is wanted",
        ),
        Misconception(
            id="M53",
            name="You took the largest score away inside the logarithm and did not add it back.",
            function=_loss_without_max_back,
            sees="The gradient is right; the loss is too small by the mean of the largest scores.",
            why="log Σ exp(z) = m + log Σ exp(z - m). Without the m a loss can even be negative.",
            probe="softmax_ce(np.array([[5.0, 5.0]]), np.array([0]))[0]  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M87",
            name="You applied the softmax twice: once to the scores, and once more inside the loss.",
            function=_softmax_first,
            sees="However sure the network is, the loss does not fall below log(e + K - 1) - 1.",
            why="Probabilities lie between 0 and 1; read as scores they can never be far apart.",
            probe="softmax_ce(np.array([[100.0, 0.0, 0.0]]), np.array([0]))[0]  # 0 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_pair(loss=lambda logp, t, n: -np.sum(t * logp) / n / np.log(2)),
            sees="The gradient is right, the loss is the right one times 1.4427.",
            why="log2 counts bits. Only with the natural logarithm is the gradient p - y.",
            probe="softmax_ce(np.zeros((1, 2)), np.array([0]))[0]  # log 2 = 0.693, not 1",
        ),
        Misconception(
            id="M46",
            name=_WITHOUT_MAX.name,
            function=_ce_without_max,
            sees=_WITHOUT_MAX.sees,
            why=_WITHOUT_MAX.why,
            probe=_WITHOUT_MAX.probe,
        ),
        Misconception(
            id="M46",
            name="You take exp of the scores as they are, and then multiply 0 by the logarithm of 0.",
            function=_ce_without_max_one_hot,
            sees="Ordinary rows are right; with a score of 800 the loss and the gradient are nan.",
            why=_WITHOUT_MAX.why,
            probe=_WITHOUT_MAX.probe,
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax.",
            function=_ce_of_finished_softmax,
            sees="Where the right loss is 800, yours is inf.",
            why="A probability of e^-800 is 0 in floating point, and the logarithm cannot get it back.",
            probe="np.log(np.exp(-800.0))",
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax and multiplied it by the one-hot zeros.",
            function=_ce_zero_times_infinity,
            sees="Ordinary rows are right; where a probability rounds to 0 the loss is nan.",
            why="A probability of e^-800 is 0 in floating point, its logarithm -inf, and 0 times inf is nan.",
            probe="0 * np.log(np.exp(-800.0))",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the logarithm is missing.",
            function=_pair(loss=lambda logp, t, n: np.sum(t * logp) / n),
            sees="The gradient is right, the loss is the right one times -1.",
            why="The logarithm of a probability is never positive, so a loss without the minus never is.",
            probe="softmax_ce(np.zeros((1, 2)), np.array([0]))[0]  # 0.693 is wanted",
        ),
        Misconception(
            id="M01",
            name="You summed loss and gradient over the batch instead of averaging them.",
            function=_pair(loss=lambda logp, t, n: -np.sum(t * logp), grad=lambda p, t, n: p - t),
            sees="Loss and gradient are both N times the right ones.",
            why="The two agree with each other, but the step grows with the batch.",
            probe="softmax_ce(np.zeros((3, 2)), np.zeros(3, dtype=int))[0]  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_ce_in_place,
            sees="After the call the scores are shifted.",
            why=_IN_PLACE_WHY,
            probe="Z = np.array([[1.0, 2.0]]); softmax_ce(Z, np.array([0])); Z",
        ),
    ),
    hints=(
        "Return two things: one number, and an array of the shape of Z.",
        "The loss is the mean over the samples of -log p of the true class. Use `log_softmax_rows`.",
        "Each row of the gradient sums to 0, and only the entry of the true class is negative. The mean over "
        "N samples leaves a 1/N in it.",
    ),
    curve=Curve(
        _AXIS, _LINE, lambda z: (np.array([[z, 0.0, 0.0]]), np.array([0])), lambda values: float(values[0])
    ),
)

QUESTIONS = (_LOG_SOFTMAX, _SOFTMAX_CE)
