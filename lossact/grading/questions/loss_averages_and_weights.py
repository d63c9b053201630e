"""Exercise loss/averages_and_weights: what to divide by, and what must not be stretched on the way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import cross_entropy, kl_div, log_softmax, softmax
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question
from lossact.grading.questions._shared import broadcasts, changes_input, mixed_shapes

_Z = np.array([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]])
_Y = np.array([0, 2])
_W = np.array([1.0, 1.0, 4.0])
_LOSSES = np.array([0.417, 2.596])


# --- inputs: weights ------------------------------------------------------------------------------------
# Weights are distinct, and no label is the number of its row: otherwise w[row] would pass for w[label].


def _weights(rng: np.random.Generator, classes: int) -> Any:
    return rng.permutation(np.arange(1.0, classes + 1) + rng.uniform(0.1, 0.4, size=classes))


def _losses_and_labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_LOSSES, _Y, _W),
        (rng.uniform(0.1, 3, size=7), np.array([2, 0, 1, 1, 2, 0, 2]), _weights(rng, 3)),
        (rng.uniform(0.1, 3, size=3), np.array([1, 4, 0]), _weights(rng, 5)),
    ]


def _as_many_samples_as_classes(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.0, 2.0, 4.0]), np.array([2, 0, 1]), np.array([1.0, 10.0, 100.0])),
        (rng.uniform(0.1, 3, size=4), np.array([3, 0, 3, 1]), _weights(rng, 4)),
    ]


def _equal_weights(rng: np.random.Generator) -> list[Arguments]:
    losses = rng.uniform(0.1, 3, size=5)
    return [
        (losses, np.array([1, 2, 0, 1, 1]), np.full(3, 5.0)),
        (losses, np.array([1, 1, 1, 1, 1]), np.array([2.0, 7.0, 3.0])),
        (np.array([3.0]), np.array([1]), np.array([2.0, 7.0])),
    ]


def _whole_numbers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1, 2, 5]), np.array([1, 1, 0]), np.array([2, 5])),
        (rng.integers(1, 9, size=6), np.array([1, 2, 0, 2, 1, 2]), np.array([3, 1, 7])),
    ]


def _losses_of_another_shape(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_LOSSES[:, np.newaxis], _Y, _W),
        (rng.uniform(size=4), np.array([1]), _W),
        (rng.uniform(size=3), np.array([[0], [1], [2]]), _W),
    ]


def _losses_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_LOSSES, _Y, _W), (rng.uniform(0.1, 3, size=5), np.array([1, 2, 0, 1, 1]), _weights(rng, 3))]


def _scores_and_labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_Z, _Y, _W),
        (np.array([[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]]), np.array([2, 1]), np.array([2.0, 4.0, 6.0])),
        (rng.normal(scale=2, size=(3, 3)), np.array([2, 0, 1]), _weights(rng, 3)),
        (rng.normal(scale=2, size=(6, 4)), np.array([1, 3, 0, 3, 2, 1]), _weights(rng, 4)),
    ]


def _equal_class_weights(rng: np.random.Generator) -> list[Arguments]:
    scores = rng.normal(scale=2, size=(5, 3))
    return [
        (scores, np.array([1, 2, 0, 1, 1]), np.full(3, 5.0)),
        (scores, np.array([1, 1, 1, 1, 1]), np.array([2.0, 7.0, 3.0])),
    ]


def _sure_and_wrong(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[-100.0, 100.0], [-100.0, 100.0]]), np.array([0, 1]), np.array([20.0, 10.0])),
        (np.array([[0.0, 2000.0, 0.0], [5.0, 0.0, 1.0]]), np.array([2, 0]), np.array([1.0, 2.0, 3.0])),
    ]


def _scores_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_Z, _Y, _W), (rng.normal(size=(4, 3)), np.array([1, 2, 0, 1]), _weights(rng, 3))]


# --- inputs: accuracy -----------------------------------------------------------------------------------


def _predictions(
    rng: np.random.Generator, right_yes: int, false_yes: int, false_no: int, right_no: int
) -> tuple[Any, Any]:
    """Probabilities and labels with these counts, in random order: the counts tell the faults apart."""
    # One is certain, so that cutting to integers is not the same as calling all of them 0.
    yes, no = right_yes + false_yes, false_no + right_no
    prob = np.concatenate([[1.0], rng.uniform(0.55, 0.99, size=yes - 1), rng.uniform(0.02, 0.45, size=no)])
    y = np.repeat([1, 0, 1, 0], [right_yes, false_yes, false_no, right_no])
    order = rng.permutation(yes + no)
    return prob[order], y[order]


def _vectors(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.88, 0.27, 0.62]), np.array([1, 0, 0])),
        _predictions(rng, 3, 2, 2, 5),
        _predictions(rng, 5, 1, 3, 2),
    ]


def _columns(rng: np.random.Generator) -> list[Arguments]:
    prob, y = _predictions(rng, 3, 2, 2, 5)
    other, labels = _predictions(rng, 5, 1, 3, 2)
    return [
        (np.array([[0.88], [0.27], [0.62]]), np.array([1, 0, 0])),
        (prob[:, np.newaxis], y),
        (other[:, np.newaxis], labels.astype(float)),
    ]


def _one_half(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.5, 0.5, 0.7, 0.2]), np.array([1, 1, 1, 0])),
        (np.array([0.5, 0.5, 0.5, 0.9]), np.array([0, 0, 1, 1])),
    ]


def _lengths_that_differ(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.uniform(size=3), np.array([1])),
        (rng.uniform(size=(3, 1)), np.array([1, 0, 1, 1])),
        (rng.uniform(size=1), np.array([1, 0, 1])),
    ]


def _predictions_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.88, 0.27, 0.62]), np.array([1, 0, 0])),
        (np.array([[0.88], [0.27], [0.62]]), np.array([1, 0, 0])),
    ]


# --- inputs: batches ------------------------------------------------------------------------------------


def _batches(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.0, 1.0, 5.0]), np.array([64, 64, 3])),
        (rng.uniform(0.2, 2, size=5), np.array([32, 32, 32, 32, 7])),
        (rng.uniform(0.2, 2, size=4), rng.permutation([3, 11, 5, 20])),
    ]


def _equal_batches(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.uniform(0.2, 2, size=4), np.full(4, 16)), (np.array([0.7]), np.array([9]))]


def _whole_losses(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1, 1, 5]), np.array([64, 64, 3])), (np.array([2, 9, 4]), np.array([8, 1, 6]))]


def _batches_that_do_not_match(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[1.0], [1.0], [5.0]]), np.array([64, 64, 3])),
        (np.array([1.0, 1.0, 5.0]), np.array([64])),
        (np.array([1.0]), np.array([64, 64, 3])),
    ]


def _batches_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1.0, 1.0, 5.0]), np.array([64.0, 64.0, 3.0])), (rng.uniform(size=3), np.ones(3))]


# --- inputs: divergence ---------------------------------------------------------------------------------


def _distributions(rng: np.random.Generator, rows: int, classes: int) -> Arguments:
    return rng.dirichlet(np.ones(classes), rows), log_softmax(rng.normal(size=(rows, classes)), 1)


def _pairs(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.36, 0.48, 0.16]]), np.log(np.full((1, 3), 1 / 3))),
        _distributions(rng, 3, 3),
        _distributions(rng, 5, 4),
    ]


def _equal_pairs(rng: np.random.Generator) -> list[Arguments]:
    p = rng.dirichlet(np.ones(3), 2)
    return [
        (p, np.log(p)),
        (p[:, :2] / p[:, :2].sum(axis=1, keepdims=True), np.log([[0.9, 0.1], [0.3, 0.7]])),
    ]


def _certain_targets(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[0.0, 1.0]]), np.log(np.array([[0.25, 0.75]]))),
        (np.eye(3)[[2, 0]], _distributions(rng, 2, 3)[1]),
        (np.array([[0.5, 0.5, 0.0]]), np.log(np.array([[0.3, 0.3, 0.4]]))),
        # Without a zero, and blind to every factor: only a logarithm too many shows here.
        (np.array([[0.5, 0.5]]), np.log(np.array([[0.5, 0.5]]))),
    ]


def _pairs_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [_distributions(rng, 3, 4)]


# --- wrong answers: the weighted mean -------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses mixed shapes and leaves its inputs alone.


def _same_shape(first: Any, second: Any) -> None:
    if np.shape(first) != np.shape(second):
        raise ValueError(f"shapes {np.shape(first)} and {np.shape(second)} differ")


def _weighted_mean(losses: Any, y: Any, w: Any) -> Any:
    _same_shape(losses, y)
    return np.sum(w[y] * losses) / np.sum(w[y])


def _refusing(formula: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    def answer(losses: Any, y: Any, w: Any) -> Any:
        _same_shape(losses, y)
        return formula(losses, y, w)

    return answer


def _mean_of_class_means(losses: Any, y: Any, w: Any) -> Any:
    there = np.unique(y)
    means = np.array([np.mean(losses[y == each]) for each in there])
    return np.sum(w[there] * means) / np.sum(w[there])


def _weighted_broadcast(losses: Any, y: Any, w: Any) -> Any:
    return np.sum(w[y] * losses) / np.sum(w[y])


def _weighted_in_place(losses: Any, y: Any, w: Any) -> Any:
    _same_shape(losses, y)
    losses *= w[y]
    return np.sum(losses) / np.sum(w[y])


# --- wrong answers: weighted cross-entropy --------------------------------------------------------------


def _each_loss(log_p: Any, y: Any) -> Any:
    return -log_p[np.arange(len(y)), y]


def _weights_on_scores(Z: Any, y: Any, w: Any) -> Any:
    return np.mean(_each_loss(log_softmax(Z * w, 1), y))


def _weights_on_probabilities(Z: Any, y: Any, w: Any) -> Any:
    return np.mean(_each_loss(log_softmax(Z, 1) + np.log(w), y))


def _ce_mean_over_n(Z: Any, y: Any, w: Any) -> Any:
    return cross_entropy(Z, y, w, reduction="sum") / len(y)


def _ce_sum(Z: Any, y: Any, w: Any) -> Any:
    return cross_entropy(Z, y, w, reduction="sum")


def _ce_by_row(Z: Any, y: Any, w: Any) -> Any:
    v = w[np.arange(len(y)) % len(w)]
    return np.sum(v * _each_loss(log_softmax(Z, 1), y)) / np.sum(v)


def _ce_over_classes(Z: Any, y: Any, w: Any) -> Any:
    return cross_entropy(Z, y, w) / Z.shape[1]


def _ce_all_weights(Z: Any, y: Any, w: Any) -> Any:
    return cross_entropy(Z, y, w, reduction="sum") / np.sum(w)


def _ce_no_weights(Z: Any, y: Any, w: Any) -> Any:
    return cross_entropy(Z, y)


def _ce_negative(Z: Any, y: Any, w: Any) -> Any:
    return -cross_entropy(Z, y, w)


def _ce_of_finished_softmax(Z: Any, y: Any, w: Any) -> Any:
    with np.errstate(all="ignore"):
        return _weighted_mean(_each_loss(np.log(softmax(Z, 1)), y), y, w)


def _ce_along_columns(Z: Any, y: Any, w: Any) -> Any:
    return _weighted_mean(_each_loss(log_softmax(Z, 0), y), y, w)


def _ce_in_place(Z: Any, y: Any, w: Any) -> Any:
    Z -= np.max(Z, axis=1, keepdims=True)
    return cross_entropy(Z, y, w)


# --- wrong answers: accuracy ----------------------------------------------------------------------------


def _accuracy(prob: Any, y: Any) -> Any:
    return _hits(prob, y, lambda p: p > 0.5)


def _hits(prob: Any, y: Any, decide: Callable[[Any], Any]) -> Any:
    p = np.reshape(prob, -1)
    _same_shape(p, y)
    return np.mean(decide(p) == y)


def _accuracy_broadcast(prob: Any, y: Any) -> Any:
    if len(prob) != len(y):
        raise ValueError("lengths differ")
    return np.mean((prob > 0.5) == y)


def _accuracy_unchecked(prob: Any, y: Any) -> Any:
    p = np.reshape(prob, -1)
    p, labels = np.broadcast_arrays(p, y) if 1 in (p.size, y.size) else (p[: len(y)], y[: len(p)])
    return np.mean((p > 0.5) == labels)


def _accuracy_from_half(prob: Any, y: Any) -> Any:
    return _hits(prob, y, lambda p: p >= 0.5)


def _accuracy_above_zero(prob: Any, y: Any) -> Any:
    return _hits(prob, y, lambda p: p > 0)


def _accuracy_cut(prob: Any, y: Any) -> Any:
    return _hits(prob, y, lambda p: p.astype(int))


def _accuracy_uncut(prob: Any, y: Any) -> Any:
    return _hits(prob, y, lambda p: p)


def _accuracy_of_argmax(prob: Any, y: Any) -> Any:
    if np.ndim(prob) == 1:
        return _accuracy(prob, y)
    if len(prob) != len(y):
        raise ValueError("lengths differ")
    return np.mean(np.argmax(prob, axis=1) == y)


def _accuracy_count(prob: Any, y: Any) -> Any:
    return _accuracy(prob, y) * len(y)


def _accuracy_percent(prob: Any, y: Any) -> Any:
    return 100 * _accuracy(prob, y)


def _error_rate(prob: Any, y: Any) -> Any:
    return 1 - _accuracy(prob, y)


def _only_positive_hits(prob: Any, y: Any) -> Any:
    p = np.reshape(prob, -1)
    _same_shape(p, y)
    return np.mean((p > 0.5) * y)


def _accuracy_in_place(prob: Any, y: Any) -> Any:
    _accuracy(prob, y)
    prob[prob > 0.5] = 1
    prob[prob <= 0.5] = 0
    return _accuracy(prob, y)


# --- wrong answers: the mean of an epoch ----------------------------------------------------------------


def _epoch_mean(batch_losses: Any, sizes: Any) -> Any:
    _same_shape(batch_losses, sizes)
    return np.sum(batch_losses * sizes) / np.sum(sizes)


def _epoch(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def answer(batch_losses: Any, sizes: Any) -> Any:
        _same_shape(batch_losses, sizes)
        return formula(batch_losses, sizes)

    return answer


def _running_mean(batch_losses: Any, sizes: Any) -> Any:
    mean = float(batch_losses[0])
    for each in batch_losses[1:]:
        mean = (mean + each) / 2
    return mean


def _full_batches_only(batch_losses: Any, sizes: Any) -> Any:
    return np.mean(batch_losses[sizes == np.max(sizes)])


def _epoch_broadcast(batch_losses: Any, sizes: Any) -> Any:
    return np.sum(batch_losses * sizes) / np.sum(sizes)


def _epoch_in_place(batch_losses: Any, sizes: Any) -> Any:
    total = np.sum(sizes)
    _same_shape(batch_losses, sizes)
    np.multiply(batch_losses, sizes, out=batch_losses, casting="unsafe")
    return np.sum(batch_losses) / total


# --- wrong answers: divergence --------------------------------------------------------------------------


def _kl(target: Any, log_input: Any) -> Any:
    return kl_div(log_input, target, reduction="batchmean")


def _kl_over_all(target: Any, log_input: Any) -> Any:
    return kl_div(log_input, target, reduction="mean")


def _kl_sum(target: Any, log_input: Any) -> Any:
    return kl_div(log_input, target, reduction="sum")


def _kl_other_way(target: Any, log_input: Any) -> Any:
    _same_shape(target, log_input)
    with np.errstate(all="ignore"):
        return np.sum(np.exp(log_input) * (log_input - np.log(target))) / len(target)


def _kl_of_probabilities(target: Any, log_input: Any) -> Any:
    return _kl(target, np.exp(log_input))


def _kl_log_twice(target: Any, log_input: Any) -> Any:
    with np.errstate(all="ignore"):
        return _kl(target, np.log(log_input))


def _kl_without_entropy(target: Any, log_input: Any) -> Any:
    _same_shape(target, log_input)
    return -np.sum(target * log_input) / len(target)


def _kl_negative(target: Any, log_input: Any) -> Any:
    return -_kl(target, log_input)


def _kl_in_bits(target: Any, log_input: Any) -> Any:
    return _kl(target, log_input) / np.log(2)


def _kl_zero_times_infinity(target: Any, log_input: Any) -> Any:
    _same_shape(target, log_input)
    with np.errstate(all="ignore"):
        return np.sum(target * (np.log(target) - log_input)) / len(target)


def _kl_broadcast(target: Any, log_input: Any) -> Any:
    safe = np.where(target > 0, target, 1)
    return np.sum(np.where(target > 0, target * (np.log(safe) - log_input), 0)) / len(target)


def _kl_in_place(target: Any, log_input: Any) -> Any:
    value = _kl(target, log_input)
    target *= np.log(np.where(target > 0, target, 1)) - log_input
    return value


# --- questions ------------------------------------------------------------------------------------------

_MEAN_OVER_N_WHY = (
    "The two losses of PyTorch issue 25571 give 1.0598 with one and 5.2992 with the other. Divided by n, "
    "twice the weights are twice the learning rate; divided by their sum, only their ratio counts."
)
_BY_ROW_WHY = (
    "Sample 2 would get the weight of class 2, whatever it shows. Shuffling the batch would change it."
)

_WEIGHTED_MEAN = Question(
    name="weighted_mean",
    reference=_weighted_mean,
    checks=(
        Check("losses, labels and distinct weights", _losses_and_labels, points=Decimal(2)),
        Check("as many samples as classes", _as_many_samples_as_classes),
        Check("equal weights give the plain mean", _equal_weights),
        Check("integers", _whole_numbers),
        Check(
            "losses and labels of different shapes are refused with a ValueError", _losses_of_another_shape
        ),
        Check("the losses are left as they were", _losses_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M15",
            name="You divided by the number of samples. A weighted mean divides by the sum of the weights.",
            function=_refusing(lambda losses, y, w: np.mean(w[y] * losses)),
            sees="Equal weights of 5 give five times the plain mean.",
            why=_MEAN_OVER_N_WHY,
            probe="weighted_mean(np.array([1.0, 1.0]), np.array([0, 0]), np.array([5.0]))  # 1 is wanted",
        ),
        Misconception(
            id="M17",
            name="You took the weight of the row, not that of the label.",
            function=_refusing(
                lambda losses, y, w: np.sum(w[: len(losses)] * losses) / np.sum(w[: len(losses)])
            ),
            sees="Your value does not depend on the labels; more samples than classes raise an error.",
            why=_BY_ROW_WHY,
            probe="weighted_mean(np.array([0.0, 1.0]), np.array([1, 0]), np.array([1.0, 9.0]))  # 0.1 is "
            "wanted",
        ),
        Misconception(
            id="M17",
            name="You multiplied the losses by w itself, without looking up the labels.",
            function=_refusing(lambda losses, y, w: np.sum(w * losses) / np.sum(w)),
            sees="An error, unless there are as many samples as classes; then a number that is wrong.",
            why=_BY_ROW_WHY,
            probe="weighted_mean(np.array([0.0, 1.0]), np.array([1, 0]), np.array([1.0, 9.0]))  # 0.1 is "
            "wanted",
        ),
        Misconception(
            id="E1.3a",
            name="You divided by the sum of all class weights, not by that of the samples' weights.",
            function=_refusing(lambda losses, y, w: np.sum(w[y] * losses) / np.sum(w)),
            sees="Right only where each class comes exactly once.",
            why="A class that no sample shows would still make the loss smaller, and a longer batch larger.",
            probe="weighted_mean(np.ones(4), np.array([0, 0, 1, 1]), np.array([1.0, 3.0]))  # 1 is wanted",
        ),
        Misconception(
            id="M01",
            name="You did not divide: that is the weighted sum.",
            function=_refusing(lambda losses, y, w: np.sum(w[y] * losses)),
            sees="Losses that are all 1 do not give 1.",
            why="A sum grows with the batch, and the gradient with it.",
            probe="weighted_mean(np.ones(4), np.array([0, 0, 1, 1]), np.array([1.0, 3.0]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.3b",
            name="You left the weights out.",
            function=_refusing(lambda losses, y, w: np.mean(losses)),
            sees="Your value is the plain mean, whatever the weights are.",
            why="A class that is one in a hundred then makes up one hundredth of the loss.",
            probe="weighted_mean(np.array([0.0, 1.0]), np.array([1, 0]), np.array([1.0, 9.0]))  # 0.1 is "
            "wanted",
        ),
        Misconception(
            id="E1.3c",
            name="You divided by the weights instead of multiplying.",
            function=_refusing(lambda losses, y, w: np.sum(losses / w[y]) / np.sum(1 / w[y])),
            sees="The class with the largest weight counts least.",
            why="The rare class, which was to be heard, is silenced.",
            probe="weighted_mean(np.array([0.0, 1.0]), np.array([1, 0]), np.array([1.0, 9.0]))  # 0.1 is "
            "wanted",
        ),
        Misconception(
            id="E1.3d",
            name="You averaged the means of the classes. Here each sample counts, with the weight of its "
            "class.",
            function=_refusing(_mean_of_class_means),
            sees="Right where each class has equally many samples in the batch.",
            why="Then a class counts the same with one sample as with a hundred, and its weight comes on "
            "top.",
            probe="weighted_mean(np.array([0.0, 0.0, 0.0, 1.0]), np.array([0, 0, 0, 1]), np.ones(2))  # 1/4",
            convention=True,
        ),
        broadcasts(_weighted_broadcast),
        changes_input(
            _weighted_in_place,
            "l = np.array([1.0, 2.0]); weighted_mean(l, np.array([0, 1]), np.array([3.0, 5.0])); l",
        ),
    ),
    hints=(
        "Each sample has a weight of its own: that of its class. What does `w[y]` give?",
        "Let all losses be 1. Their mean is 1, whatever the weights. What do you have to divide by?",
        "What happens with losses of shape (n, 1)? Compare the shapes before you multiply.",
    ),
)

_WEIGHTED_CE = Question(
    name="weighted_cross_entropy",
    reference=lambda Z, y, w: cross_entropy(Z, y, w),
    checks=(
        Check("scores, labels and distinct weights", _scores_and_labels, points=Decimal(2)),
        Check("equal weights give the plain mean", _equal_class_weights),
        Check("sure and wrong", _sure_and_wrong),
        Check("the scores are left as they were", _scores_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M16",
            name="You multiplied the scores by the weights. They belong to the losses.",
            function=_weights_on_scores,
            sees="Equal weights change your value, although only their ratio should count.",
            why="Weighted scores are another network, more sure of itself. A weight says how much a sample "
            "counts.",
            probe="Z, y = np.array([[2.0, 0.0]]), np.array([0])\n"
            "weighted_cross_entropy(Z, y, np.ones(2)), weighted_cross_entropy(Z, y, 9 * np.ones(2))",
        ),
        Misconception(
            id="M16",
            name="You multiplied the probabilities by the weights. They belong to the losses.",
            function=_weights_on_probabilities,
            sees="Each loss is off by the logarithm of its weight, whatever the scores are.",
            why="log(w p) = log w + log p: a constant is added, and the gradient does not change at all.",
            probe="Z, y = np.array([[2.0, 0.0]]), np.array([0])\n"
            "weighted_cross_entropy(Z, y, np.ones(2)), weighted_cross_entropy(Z, y, 9 * np.ones(2))",
        ),
        Misconception(
            id="M15",
            name="You divided by the number of samples. A weighted mean divides by the sum of the weights.",
            function=_ce_mean_over_n,
            sees="Equal weights of 5 give five times the plain mean.",
            why=_MEAN_OVER_N_WHY,
            probe="weighted_cross_entropy(np.zeros((1, 2)), np.array([0]), np.array([5.0, 5.0]))  # log 2",
        ),
        Misconception(
            id="M17",
            name="You took the weight of the row, not that of the label.",
            function=_ce_by_row,
            sees="The weight of a sample does not depend on its label.",
            why=_BY_ROW_WHY,
            probe="Z, w = np.array([[9.0, 0.0], [9.0, 0.0]]), np.array([1.0, 9.0])\n"
            "weighted_cross_entropy(Z, np.array([1, 0]), w)  # 8.1 is wanted",
        ),
        Misconception(
            id="M21",
            name="You averaged over the classes as well: the mean of a one-hot product has N K elements.",
            function=_ce_over_classes,
            sees="Your value is the right one divided by K.",
            why="Of the K terms of a one-hot row, one counts. With 1000 classes the loss is 1000 times too "
            "small.",
            probe="weighted_cross_entropy(np.zeros((1, 4)), np.array([0]), np.ones(4))  # log 4 = 1.386",
        ),
        Misconception(
            id="E1.3a",
            name="You divided by the sum of all class weights, not by that of the samples' weights.",
            function=_ce_all_weights,
            sees="Right only where each class comes exactly once.",
            why="A class that no sample shows would still make the loss smaller, and a longer batch larger.",
            probe="weighted_cross_entropy(np.zeros((1, 2)), np.array([0]), np.array([1.0, 3.0]))  # log 2",
        ),
        Misconception(
            id="M01",
            name="You did not divide: that is the weighted sum.",
            function=_ce_sum,
            sees="Your value grows with the batch and with the weights.",
            why="The gradient grows with them, so that each batch size needs its own learning rate.",
            probe="weighted_cross_entropy(np.zeros((3, 2)), np.array([0, 1, 1]), np.ones(2))  # log 2",
        ),
        Misconception(
            id="E1.3b",
            name="You left the weights out.",
            function=_ce_no_weights,
            sees="Your value is the plain mean, whatever the weights are.",
            why="A class that is one in a hundred then makes up one hundredth of the loss.",
            probe="Z, w = np.array([[9.0, 0.0], [9.0, 0.0]]), np.array([1.0, 9.0])\n"
            "weighted_cross_entropy(Z, np.array([1, 0]), w)  # 8.1 is wanted",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the logarithm is missing.",
            function=_ce_negative,
            sees="Your value is the right one times -1.",
            why="The logarithm of a probability is never positive, so a loss without the minus never is.",
            probe="weighted_cross_entropy(np.zeros((1, 2)), np.array([0]), np.ones(2))  # 0.693 is wanted",
        ),
        Misconception(
            id="M51",
            name="You normalised along the columns. The classes of one sample stand in a row.",
            function=_ce_along_columns,
            sees="The loss of one sample depends on the others in its batch.",
            why="Samples compete with each other instead of classes. A batch of one has the loss 0.",
            probe="weighted_cross_entropy(np.array([[0.0, 5.0]]), np.array([0]), np.ones(2))  # 5.007",
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax.",
            function=_ce_of_finished_softmax,
            sees="Where a score lies 2000 below the largest your value is inf.",
            why="A probability of e^-2000 is 0 in floating point, and the logarithm cannot get it back.",
            probe="np.log(np.exp(-2000.0))",
        ),
        changes_input(
            _ce_in_place,
            "Z = np.array([[1.0, 2.0]]); weighted_cross_entropy(Z, np.array([0]), np.ones(2)); Z",
        ),
    ),
    hints=(
        "First the loss of each sample, one number a row. `log_softmax(Z, 1)` has the logarithms of all "
        "classes.",
        "Pair row i with label i: `np.arange(len(y))` counts the rows.",
        "What you have now is what `weighted_mean` takes.",
    ),
    hands_out=("log_softmax",),
)

_ACCURACY = Question(
    name="accuracy",
    reference=_accuracy,
    checks=(
        Check("probabilities of shape (N,)", _vectors),
        Check("probabilities of shape (N, 1), as a network returns them", _columns, points=Decimal(2)),
        Check("a probability of exactly one half", _one_half),
        Check("as many labels as probabilities, or a ValueError", _lengths_that_differ),
        Check("the probabilities are left as they were", _predictions_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M06",
            name="You compared (N, 1) with (N,), and NumPy stretched both to (N, N).",
            function=_accuracy_broadcast,
            sees="Shape (N,) is right. With (N, 1) your value is what guessing would give.",
            why="Every prediction meets every label. Of 0.910 on 100 samples it left 0.508 in a published "
            "program, without an error.",
            probe="(np.zeros((3, 1)) == np.zeros(3)).shape",
        ),
        Misconception(
            id="E1.3e",
            name="You took the largest of one column. There is only one, so the class is always 0.",
            function=_accuracy_of_argmax,
            sees="With (N, 1) your value is the share of zeros among the labels.",
            why="argmax belongs to one column a class. A single probability is compared with one half.",
            probe="np.argmax(np.array([[0.9], [0.2]]), axis=1)",
        ),
        Misconception(
            id="E1.3f",
            name="At exactly one half you decide for 1; we ask for more than one half.",
            function=_accuracy_from_half,
            sees="Only a probability of 0.5 makes a difference.",
            why="Neither is right or wrong, but a network that says 0.5 everywhere is graded by it.",
            probe="accuracy(np.array([0.5]), np.array([0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="E1.3g",
            name="You asked whether the probability is positive. That is the rule for logits.",
            function=_accuracy_above_zero,
            sees="Your value is the share of ones among the labels.",
            why="A logit of 0 is a probability of one half. Probabilities are positive all the same.",
            probe="accuracy(np.array([0.1]), np.array([1]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.3h",
            name="You cut the probabilities down to integers. That makes 0 of all below 1.",
            function=_accuracy_cut,
            sees="Your value is about the share of zeros among the labels.",
            why="astype(int) does not round, it cuts: 0.99 becomes 0.",
            probe="np.array([0.2, 0.99]).astype(int)",
        ),
        Misconception(
            id="E1.3i",
            name="You compared the probabilities themselves with the labels.",
            function=_accuracy_uncut,
            sees="Your value is 0, or nearly: 0.88 is not equal to 1.",
            why="An accuracy needs decisions. First turn each probability into 0 or 1.",
            probe="accuracy(np.array([0.9]), np.array([1]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.3j",
            name="You counted the right ones and did not divide.",
            function=_accuracy_count,
            sees="Your value is the right one times the number of samples.",
            why="A share can be compared between data sets of different size, a count cannot.",
            probe="accuracy(np.array([0.9, 0.9]), np.array([1, 1]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.3k",
            name="You gave it in percent. We use shares, from 0 to 1.",
            function=_accuracy_percent,
            sees="Your value is the right one times 100.",
            why="Both are used. What is read by a program should have no unit to guess.",
            probe="accuracy(np.array([0.9]), np.array([1]))  # 1 here, 100 in percent",
            convention=True,
        ),
        Misconception(
            id="E1.3l",
            name="That is the share of the wrong ones.",
            function=_error_rate,
            sees="Your value and the right one sum to 1.",
            why="Whoever chooses the model with the highest number would choose the worst.",
            probe="accuracy(np.array([0.9]), np.array([1]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.3m",
            name="You counted only the ones that were found. A zero that is called a zero is right, too.",
            function=_only_positive_hits,
            sees="Your value is too small by the share of zeros that are called zeros.",
            why="On data with few ones such a number is small for every model.",
            probe="accuracy(np.array([0.1]), np.array([0]))  # 1 is wanted",
        ),
        Misconception(
            id="M05",
            name="You do not refuse a number of labels that differs from the number of probabilities.",
            function=_accuracy_unchecked,
            sees="Three probabilities and one label go through without an error.",
            why="A label that is lost on the way shifts or stretches all others, and the number still looks "
            "like an accuracy.",
            probe="(np.zeros(3) == np.zeros(1)).shape",
        ),
        changes_input(_accuracy_in_place, "p = np.array([0.9, 0.2]); accuracy(p, np.array([1, 0])); p"),
    ),
    hints=(
        "Two steps: decide for 0 or 1, then compare with the labels.",
        "The mean of an array of True and False is the share of True.",
        "Print the shape of what you take the mean of. It should be (N,), also when prob is (N, 1).",
    ),
)

_EPOCH_MEAN = Question(
    name="epoch_mean",
    reference=_epoch_mean,
    checks=(
        Check("batches of different sizes", _batches, points=Decimal(2)),
        Check("batches of equal size", _equal_batches),
        Check("integers", _whole_losses),
        Check("one size a batch, or a ValueError", _batches_that_do_not_match),
        Check("the losses are left as they were", _batches_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M14",
            name="You averaged the means of the batches, as if all batches were of one size.",
            function=_epoch(lambda batch_losses, sizes: np.mean(batch_losses)),
            sees="Right for equal batches; a short last batch counts as much as a full one.",
            why="Three samples with a loss of 5 after 128 with a loss of 1 give 2.333 instead of 1.092.",
            probe="epoch_mean(np.array([0.0, 1.0]), np.array([99, 1]))  # 0.01 is wanted",
        ),
        Misconception(
            id="E1.3n",
            name="You multiplied by the sizes and then divided by the number of batches.",
            function=_epoch(lambda batch_losses, sizes: np.sum(batch_losses * sizes) / len(sizes)),
            sees="Your value is the right one times the mean size of a batch.",
            why="It is the mean loss of a batch as a sum. With batches of 64 it looks 64 times worse.",
            probe="epoch_mean(np.array([1.0, 1.0]), np.array([8, 8]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.3o",
            name="You divided the losses by the number of samples. They are means already.",
            function=_epoch(lambda batch_losses, sizes: np.sum(batch_losses) / np.sum(sizes)),
            sees="Losses that are all 1 give less than 1.",
            why="That is right for sums of losses. A mean must first be multiplied by its number of samples.",
            probe="epoch_mean(np.array([1.0, 1.0]), np.array([8, 8]))  # 1 is wanted",
        ),
        Misconception(
            id="M01",
            name="You did not divide: that is the sum over all samples.",
            function=_epoch(lambda batch_losses, sizes: np.sum(batch_losses * sizes)),
            sees="Losses that are all 1 give the number of samples.",
            why="The sum of an epoch says nothing without the number of samples beside it.",
            probe="epoch_mean(np.array([1.0, 1.0]), np.array([8, 8]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.3p",
            name="You halved the mean with each new batch, so that the last batch makes up half of it.",
            function=_epoch(_running_mean),
            sees="Your value hangs on the order of the batches, most of all on the last.",
            why="(m + new)/2 is the mean of two numbers, not of all. A running mean needs the count so far.",
            probe="epoch_mean(np.array([0.0, 0.0, 1.0]), np.array([5, 5, 5]))  # 1/3 is wanted",
        ),
        Misconception(
            id="E1.3q",
            name="You left the shorter batches out.",
            function=_epoch(_full_batches_only),
            sees="The loss of a short batch does not change your value.",
            why="Those samples were learnt from, or are to be judged on; their loss belongs to the mean.",
            probe="epoch_mean(np.array([0.0, 1.0]), np.array([3, 1]))  # 0.25 is wanted",
        ),
        broadcasts(_epoch_broadcast),
        changes_input(_epoch_in_place, "l = np.array([1.0, 2.0]); epoch_mean(l, np.array([3, 4])); l"),
    ),
    hints=(
        "What would the mean be if you had the loss of each sample? Batch b would bring n_b numbers.",
        "A mean of n_b numbers, times n_b, is their sum.",
        "Let all losses be 1. Whatever the sizes, what must come out?",
    ),
)

_KL_BATCHMEAN = Question(
    name="kl_batchmean",
    reference=_kl,
    checks=(
        Check("rows of probabilities and of log-probabilities", _pairs, points=Decimal(2)),
        Check("equal distributions have divergence 0", _equal_pairs),
        Check("targets that are certain: 0 log 0 counts as 0", _certain_targets),
        Check("shapes that differ are refused with a ValueError", mixed_shapes()),
        Check("the inputs are left as they were", _pairs_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M20",
            name="You averaged over the classes as well. The classes are summed, only the samples averaged.",
            function=_kl_over_all,
            sees="Your value is the right one divided by K.",
            why="It is torch's default for kl_div, and torch warns of it. In distillation the soft part then "
            "weighs K times less than the paper says.",
            probe="kl_batchmean(np.array([[1.0, 0.0]]), np.log(np.array([[0.5, 0.5]])))  # log 2 = 0.693",
        ),
        Misconception(
            id="M01",
            name="You summed over the samples instead of averaging.",
            function=_kl_sum,
            sees="Your value is the right one times N.",
            why="It grows with the batch, and with it the weight of this term in a sum of losses.",
            probe="kl_batchmean(np.eye(2), np.log(np.full((2, 2), 0.5)))  # log 2 = 0.693",
        ),
        Misconception(
            id="M115",
            name="You took the divergence the other way round: of the target from the prediction.",
            function=_kl_other_way,
            sees="Right where the two are equal; in the example 0.0975 instead of 0.0853.",
            why="It is not symmetric: this way a class that the target excludes makes it infinite.",
            probe="kl_batchmean(np.array([[0.36, 0.48, 0.16]]), np.log(np.full((1, 3), 1 / 3)))  # 0.0853",
        ),
        Misconception(
            id="M115",
            name="You turned the log-probabilities back into probabilities and used these in their place.",
            function=_kl_of_probabilities,
            sees="Your values are negative.",
            why="A divergence is never negative. A negative one tells that something is not a distribution, "
            "or not its logarithm.",
            probe="kl_batchmean(np.array([[0.5, 0.5]]), np.log(np.array([[0.5, 0.5]])))  # 0 is wanted",
        ),
        Misconception(
            id="E1.3r",
            name="You took the logarithm of what is a logarithm already.",
            function=_kl_log_twice,
            sees="Your value is nan: log-probabilities are negative.",
            why="The argument comes out of a log-softmax. Its logarithm has been taken where it is accurate.",
            probe="with np.errstate(all='ignore'):\n    twice = np.log(np.log(np.array([0.5, 0.9])))\ntwice",
        ),
        Misconception(
            id="E1.3s",
            name="You left out the entropy of the target: that is the cross-entropy.",
            function=_kl_without_entropy,
            sees="Right for one-hot targets; for equal distributions not 0.",
            why="The gradient is the same, the value is not: it cannot fall below the entropy of the "
            "targets.",
            probe="kl_batchmean(np.array([[0.5, 0.5]]), np.log(np.array([[0.5, 0.5]])))  # 0 is wanted",
        ),
        Misconception(
            id="M42",
            name="The sign is turned round.",
            function=_kl_negative,
            sees="Your value is the right one times -1.",
            why="A divergence is never negative. Descent on this one drives the two apart.",
            probe="kl_batchmean(np.array([[1.0, 0.0]]), np.log(np.array([[0.5, 0.5]])))  # 0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_kl_in_bits,
            sees="Your value is the right one times 1.4427.",
            why="log2 counts bits. Mixed with a log-softmax, which is natural, it means nothing.",
            probe="kl_batchmean(np.array([[1.0, 0.0]]), np.log(np.array([[0.5, 0.5]])))  # 0.693, not 1",
        ),
        Misconception(
            id="E1.3t",
            name="Where a target is 0 you multiply 0 by the logarithm of 0.",
            function=_kl_zero_times_infinity,
            sees="Your value is nan as soon as one target is 0.",
            why="One hard label in the batch is enough. The limit of t log t at 0 is 0.",
            probe="with np.errstate(all='ignore'):\n    product = 0.0 * np.log(np.array([0.0]))\nproduct",
        ),
        broadcasts(_kl_broadcast),
        changes_input(
            _kl_in_place, "t = np.array([[0.5, 0.5]]); kl_batchmean(t, np.log(np.array([[0.9, 0.1]]))); t"
        ),
    ),
    hints=(
        "One row first: Σ t (log t - q), where q is the log-probability that is given.",
        "The rows are averaged, the classes within a row are summed. By which number do you divide?",
        "A target of 0 costs nothing. np.where computes both branches, so take care what log gets to see.",
    ),
    curve=Curve(
        axis="predicted probability of the first of two classes; its target is 0.3",
        points=tuple(np.linspace(0.02, 0.98, 49)),
        call=lambda p: (np.array([[0.3, 0.7]]), np.log(np.array([[p, 1 - p]]))),
    ),
)

QUESTIONS = (_WEIGHTED_MEAN, _WEIGHTED_CE, _ACCURACY, _EPOCH_MEAN, _KL_BATCHMEAN)
