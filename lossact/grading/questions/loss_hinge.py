"""Exercise loss/hinge: the hinge loss of two classes and of many, each with its gradient."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import hinge_loss, sigmoid, softmax
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_SCORE = np.array([2.0, -1.5, 0.3])
_Y = np.array([1.0, -1.0, 1.0])
_S = np.array([[-2.85, 0.86, 0.28]])  # the scores of CS231n; the true class is the last
_LABEL = np.array([2])


# --- inputs: two classes --------------------------------------------------------------------------------


def _signs(rng: np.random.Generator, n: int) -> Any:
    return rng.permutation(np.resize([1.0, -1.0], n))


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    # Each batch holds a margin below 0, one between 0 and 1, and one above 1, for either label.
    y = _signs(rng, 6)
    margin = np.concatenate([rng.uniform(-2, -0.1, 6), rng.uniform(0.1, 0.9, 6), rng.uniform(1.1, 3, 6)])
    return [
        (_SCORE, _Y),
        (margin * np.tile(y, 3), np.tile(y, 3)),
        (rng.normal(scale=2, size=7), _signs(rng, 7)),
        (np.array([0.4]), np.array([-1.0])),
    ]


def _whole_numbers(rng: np.random.Generator) -> list[Arguments]:
    # No score of 1 or -1: a margin of exactly 1 has a check of its own.
    scores = np.array([-3, -2, 0, 2, 3])
    return [
        (np.array([2, -2, 0]), np.array([1, 1, -1])),
        (rng.permutation(scores), np.array([1, -1, 1, -1, 1])),
        (0.5 * rng.permutation(scores), np.array([1, 1, -1, -1, 1])),
    ]


def _at_the_kink(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.0, -1.0, 0.5]), np.array([1.0, -1.0, 1.0])),
        (np.array([1.0, 1.0, 2.0, -1.0]), np.array([1.0, -1.0, 1.0, -1.0])),
    ]


def _other_labels(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_SCORE, np.array([1.0, 0.0, 1.0])),
        (np.array([0.5, 2.0]), np.array([0, 1])),
        (_SCORE, np.array([1.0, 2.0, -1.0])),
    ]


def _mixed_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_SCORE[:, np.newaxis], _Y),
        (rng.normal(size=3), _Y[:, np.newaxis]),
        (rng.normal(size=(2, 1)), np.array([[1.0, -1.0]])),
    ]


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_SCORE, _Y), (rng.normal(scale=2, size=6), _signs(rng, 6))]


# --- inputs: many classes -------------------------------------------------------------------------------


def _scores(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_S, _LABEL),
        (rng.normal(size=(3, 3)), np.array([2, 0, 0])),
        (rng.normal(scale=2, size=(6, 4)), np.array([0, 3, 1, 2, 3, 1])),
        (rng.normal(scale=0.5, size=(4, 5)), rng.integers(0, 5, size=4)),
    ]


def _at_chance(rng: np.random.Generator) -> list[Arguments]:
    level = float(rng.uniform(2, 5))
    return [
        (np.zeros((2, 10)), np.array([3, 9])),
        (np.full((3, 4), level), np.array([0, 1, 3])),
        (np.full((5, 3), -level), np.array([0, 1, 2, 2, 0])),
    ]


def _whole_scores(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[3, 1, 5], [0, 4, 0]]), np.array([0, 1])),
        (3 * rng.permutation(np.arange(12)).reshape(3, 4), rng.integers(0, 4, size=3)),
    ]


def _scores_at_the_kink(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[2.0, 1.0, 0.0]]), np.array([0])),
        (np.array([[2.0, 1.0, 3.0], [0.0, 1.0, 1.0]]), np.array([0, 1])),
    ]


def _labels_that_do_not_fit(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(3, 4)), np.array([[0], [3], [1]])),
        (rng.normal(size=(3, 4)), np.array([0, 3])),
        (rng.normal(size=4), np.array([0])),
    ]


def _labels_out_of_range(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(2, 3)), np.array([0, -1])),
        (rng.normal(size=(2, 3)), np.array([1, 3])),
    ]


def _scores_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_S, _LABEL), (rng.normal(size=(3, 4)), np.array([1, 0, 3]))]


# --- wrong answers: two classes -------------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses what is to be refused and leaves its inputs alone.


def _refuse_shapes(score: Any, y: Any) -> None:
    if score.shape != y.shape:
        raise ValueError(f"score has shape {score.shape}, y has shape {y.shape}")


def _refuse_labels(y: Any) -> None:
    if not np.all(np.abs(y) == 1):
        raise ValueError("y holds other labels than -1 and 1")


def _of(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of the score and the label that refuses what is to be refused."""

    def answer(score: Any, y: Any) -> Any:
        _refuse_shapes(score, y)
        _refuse_labels(y)
        return formula(score, y)

    return answer


def _missing(score: Any, y: Any) -> Any:
    return np.maximum(0.0, 1 - y * score)


def _broadcast(score: Any, y: Any) -> Any:
    _refuse_labels(y)
    return np.mean(_missing(score, y))


def _any_label(score: Any, y: Any) -> Any:
    _refuse_shapes(score, y)
    return np.mean(_missing(score, y))


def _of_the_active(score: Any, y: Any) -> Any:
    missing = _missing(score, y)
    return np.sum(missing) / max(1, np.count_nonzero(missing))


def _in_place(score: Any, y: Any) -> Any:
    score *= y
    return np.mean(np.maximum(0.0, 1 - score))


def _slope(score: Any, y: Any) -> Any:
    return np.where(y * score < 1, -y, 0.0)


def _grad(score: Any, y: Any) -> Any:
    return _slope(score, y) / y.size


def _grad_broadcast(score: Any, y: Any) -> Any:
    _refuse_labels(y)
    return _slope(score, y) / score.size


def _grad_any_label(score: Any, y: Any) -> Any:
    _refuse_shapes(score, y)
    return _grad(score, y)


def _grad_per_active(score: Any, y: Any) -> Any:
    active = y * score < 1
    return np.where(active, -y, 0.0) / max(1, np.count_nonzero(active))


def _grad_of_labels_from_zero(score: Any, y: Any) -> Any:
    t = (y + 1) / 2
    return np.where(t * score < 1, -t, 0.0) / y.size


def _grad_of_probability(score: Any, y: Any) -> Any:
    return np.where(y * sigmoid(score) < 1, -y * sigmoid.grad(score), 0.0) / y.size


def _grad_in_place(score: Any, y: Any) -> Any:
    score *= y
    return np.where(score < 1, -y, 0.0) / y.size


# --- wrong answers: many classes ------------------------------------------------------------------------


def _check_fit(S: Any, y: Any) -> None:
    if S.ndim != 2 or y.shape != S.shape[:1]:
        raise ValueError(f"S has shape {S.shape}, y has shape {y.shape}; (N, K) and (N,) are wanted")


def _check_range(S: Any, y: Any) -> None:
    if np.any(y < 0) or np.any(y >= S.shape[1]):
        raise ValueError(f"y holds a label that is not between 0 and {S.shape[1] - 1}")


def _others(S: Any, y: Any) -> Any:
    """1 for each class but the true one."""
    return 1.0 - np.eye(S.shape[1])[y]


def _behind(S: Any, y: Any) -> Any:
    """By how much each class exceeds the true one."""
    return S - S[np.arange(len(S)), y][:, np.newaxis]


def _classes(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of scores and labels that refuses what is to be refused."""

    def answer(S: Any, y: Any) -> Any:
        _check_fit(S, y)
        _check_range(S, y)
        return formula(S, y)

    return answer


def _sum_over_others(terms: Callable[[Any], Any]) -> Callable[..., Any]:
    """The mean over the samples of `terms(s_j - s_y)`, summed over all classes but the true one."""
    return _classes(lambda S, y: np.sum(_others(S, y) * terms(_behind(S, y))) / len(S))


def _plain(S: Any, y: Any) -> Any:
    return np.sum(_others(S, y) * np.maximum(0.0, _behind(S, y) + 1)) / len(S)


def _every_column(S: Any, y: Any) -> Any:
    # S[:, y] has shape (N, N); its means by row stand where the true scores should.
    true = np.mean(S[:, y], axis=1, keepdims=True)
    return np.sum(_others(S, y) * np.maximum(0.0, S - true + 1)) / len(S)


def _unfit(S: Any, y: Any) -> Any:
    _check_range(np.atleast_2d(S), y)
    return _plain(S, y)


def _out_of_range(S: Any, y: Any) -> Any:
    _check_fit(S, y)
    return _plain(S, y)


def _worst(S: Any, y: Any) -> Any:
    return np.mean(np.max(_others(S, y) * np.maximum(0.0, _behind(S, y) + 1), axis=1))


def _own_in_place(S: Any, y: Any) -> Any:
    rows = np.arange(len(S))
    true = S[rows, y][:, np.newaxis].copy()
    S[rows, y] = -np.inf
    return np.sum(np.maximum(0.0, S - true + 1)) / len(S)


def _violated(S: Any, y: Any) -> Any:
    return _others(S, y) * (_behind(S, y) > -1)


def _with_true(S: Any, y: Any, others: Any, true: Any) -> Any:
    """The slopes of the other classes, and that of the true class, by sample."""
    grad = np.array(others, dtype=float)
    grad[np.arange(len(S)), y] = true
    return grad / len(S)


def _counts(S: Any, y: Any) -> Any:
    violated = _violated(S, y)
    return _with_true(S, y, violated, -np.sum(violated, axis=1))


def _counts_at_the_kink(S: Any, y: Any) -> Any:
    violated = _others(S, y) * (_behind(S, y) >= -1)
    return _with_true(S, y, violated, -np.sum(violated, axis=1))


def _counts_of_one(S: Any, y: Any) -> Any:
    violated = _violated(S, y)
    return _with_true(S, y, violated, -np.any(violated, axis=1).astype(float))


def _counts_with_own(S: Any, y: Any) -> Any:
    violated = _violated(S, y)
    return _with_true(S, y, violated, 1 - np.sum(violated, axis=1))


def _counts_without_margin(S: Any, y: Any) -> Any:
    violated = _others(S, y) * (_behind(S, y) > 0)
    return _with_true(S, y, violated, -np.sum(violated, axis=1))


def _counts_squared(S: Any, y: Any) -> Any:
    slopes = 2 * _others(S, y) * np.maximum(0.0, _behind(S, y) + 1)
    return _with_true(S, y, slopes, -np.sum(slopes, axis=1))


def _counts_of_worst(S: Any, y: Any) -> Any:
    behind = np.where(_others(S, y) == 1, _behind(S, y), -np.inf)
    worst = np.eye(S.shape[1])[np.argmax(behind, axis=1)] * (behind > -1)
    return _with_true(S, y, worst, -np.sum(worst, axis=1))


def _softmax_slope(S: Any, y: Any) -> Any:
    return (softmax(S, 1) - np.eye(S.shape[1])[y]) / len(S)


def _counts_unfit(S: Any, y: Any) -> Any:
    _check_range(np.atleast_2d(S), y)
    return _counts(S, y)


def _counts_out_of_range(S: Any, y: Any) -> Any:
    _check_fit(S, y)
    return _counts(S, y)


def _counts_in_place(S: Any, y: Any) -> Any:
    grad = _counts(S, y)
    S -= S[np.arange(len(S)), y][:, np.newaxis].copy()
    return grad


# --- questions ------------------------------------------------------------------------------------------

_BROADCAST_WHY = (
    "NumPy stretches (n, 1) against (n,) to (n, n): every score meets every label, and the number that "
    "comes out looks plausible."
)
_LABEL_WHY = (
    "With a label 0 the margin is 0 whatever the score: the sample costs exactly 1 for ever, and nothing "
    "pulls at it."
)
_IN_PLACE_WHY = "The caller still holds that array. The next call with it gives another answer."
_RANGE_WHY = (
    "In NumPy the index -1 is the last entry. A label that was -1 for `unknown` trains the last class, and "
    "no error says so."
)

_HINGE = Question(
    name="hinge",
    reference=lambda score, y: hinge_loss(score, y),
    checks=(
        Check("margins below 0, between 0 and 1, and above 1", _ordinary, points=Decimal(2)),
        Check("scores and labels that are integers", _whole_numbers),
        Check("labels other than -1 and 1 are refused with a ValueError", _other_labels),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M128",
            name="You turned the labels into 0 and 1. The hinge loss is written for -1 and 1.",
            function=_of(lambda score, y: np.mean(np.maximum(0.0, 1 - (y + 1) / 2 * score))),
            sees="Every sample of the label -1 costs you exactly 1, whatever its score.",
            why="y · score is the margin only if y has a sign. For score = [2, -1.5, 0.3] and y = [1, -1, 1] "
            "your loss is 0.567 instead of 0.233.",
            probe="hinge(np.array([-5.0]), np.array([-1.0]))  # far on the right side: 0 is wanted",
        ),
        Misconception(
            id="M128",
            name="You put the score through a sigmoid first. The hinge loss takes the raw score.",
            function=_of(lambda score, y: np.mean(np.maximum(0.0, 1 - y * sigmoid(score)))),
            sees="No sample ever costs you exactly 0.",
            why="A probability never reaches the margin of 1, so every sample pulls for ever; and for the "
            "label -1 the loss lies between 1 and 2.",
            probe="hinge(np.array([5.0]), np.array([1.0]))  # 0 is wanted",
        ),
        Misconception(
            id="M128",
            name="You let labels through that are neither -1 nor 1, 0 among them.",
            function=_any_label,
            sees="A label 0 raises no error.",
            why=_LABEL_WHY,
            probe="np.maximum(0, 1 - np.array([0.0]) * np.array([-9.0]))  # what a label 0 costs at any "
            "score",
        ),
        Misconception(
            id="E1.5a",
            name="The margin is missing: you ask for the right sign only, max(0, -y·score).",
            function=_of(lambda score, y: np.mean(np.maximum(0.0, -y * score))),
            sees="Scores that are right by a hair cost you nothing.",
            why="That is the loss of the perceptron. It is 0 for scores that are all 0, so a model that "
            "says nothing has nothing to learn.",
            probe="hinge(np.array([0.0]), np.array([1.0]))  # 1 is wanted",
        ),
        Misconception(
            id="E1.5b",
            name="You took the size of 1 - y·score instead of its positive part.",
            function=_of(lambda score, y: np.mean(np.abs(1 - y * score))),
            sees="The further a sample is on the right side, the more it costs you.",
            why="That is the absolute error of the score against the label: being right by 5 costs as much "
            "as being wrong by 3.",
            probe="hinge(np.array([5.0]), np.array([1.0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5c",
            name="You squared what is missing: that is the squared hinge loss.",
            function=_of(lambda score, y: np.mean(_missing(score, y) ** 2)),
            sees="For one sample your value is the square of the right one.",
            why="It is a loss of its own, smooth at the margin: a score of -2 for the label 1 costs 9 "
            "there, not 3.",
            probe="hinge(np.array([-2.0]), np.array([1.0]))  # 3 is wanted",
        ),
        Misconception(
            id="E1.5d",
            name="The sign of the margin is turned round: 1 + y·score.",
            function=_of(lambda score, y: np.mean(np.maximum(0.0, 1 + y * score))),
            sees="Scores on the right side cost you, those on the wrong side do not.",
            why="Descent on it makes every sample wrong.",
            probe="hinge(np.array([2.0]), np.array([1.0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5e",
            name="You did not cut at 0: samples beyond the margin count as a gain.",
            function=_of(lambda score, y: np.mean(1 - y * score)),
            sees="Your value is negative where all samples are far on the right side.",
            why="Without the cut the loss has no lower end: doubling all weights always makes it better.",
            probe="hinge(np.array([5.0, 0.0]), np.array([1.0, 1.0]))  # 0.5 is wanted",
        ),
        Misconception(
            id="E1.5f",
            name="You averaged the margins first and cut at 0 then.",
            function=_of(lambda score, y: np.maximum(0.0, 1 - np.mean(y * score))),
            sees="Samples beyond the margin pay for those that are short of it.",
            why="The cut has to come for each sample, or one score of 100 hides a hundred wrong ones.",
            probe="hinge(np.array([9.0, -1.0]), np.array([1.0, 1.0]))  # 1 is wanted",
        ),
        Misconception(
            id="M64",
            name="You wrote np.max where np.maximum is wanted.",
            function=_of(lambda score, y: np.max(1 - y * score)),
            sees="Your value is that of the worst sample alone.",
            why="np.max(a, 0) is the largest entry along axis 0. np.maximum(a, 0) compares each entry with "
            "0.",
            probe="np.max(np.array([-3.0, 0.5, 2.0]), 0), np.maximum(np.array([-3.0, 0.5, 2.0]), 0)",
        ),
        Misconception(
            id="M01",
            name="You summed over the samples instead of averaging.",
            function=_of(lambda score, y: np.sum(_missing(score, y))),
            sees="Your value is the right one times the number of samples.",
            why="A sum grows with the batch, and the gradient with it.",
            probe="hinge(np.zeros(4), np.ones(4))  # 1 is wanted",
        ),
        Misconception(
            id="E1.5g",
            name="You averaged over the samples that cost something, not over all.",
            function=_of(_of_the_active),
            sees="Your value does not fall when a sample reaches its margin.",
            why="Nine samples of ten done and one that misses 1: the mean is 0.1, yours is still 1.",
            probe="hinge(np.array([0.0, 9.0]), np.array([1.0, 1.0]))  # 0.5 is wanted",
        ),
        Misconception(
            id="M99",
            name="You counted the wrong signs: that is the error rate.",
            function=_of(lambda score, y: np.mean(np.where(y * score > 0, 0.0, 1.0))),
            sees="Your value is a whole number divided by N.",
            why="A count has no slope: no small step of the weights changes it, so nothing can be learnt.",
            probe="hinge(np.array([0.4]), np.array([1.0]))  # 0.6 is wanted",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
            function=_broadcast,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_BROADCAST_WHY,
            probe="(np.zeros((4, 1)) * np.ones(4)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_of(_in_place),
            sees="After the call the scores have been multiplied by the labels.",
            why=_IN_PLACE_WHY,
            probe="s = np.array([2.0]); hinge(s, np.array([-1.0])); s",
        ),
    ),
    hints=(
        "The margin of a sample is y · score: positive on the right side, negative on the wrong one.",
        "How much is missing from a margin of 1? Nothing, if the margin is 1 or more.",
        "Cut at 0 sample by sample, then take the mean over all samples, those that cost 0 included.",
        "Look at y before you use it: which labels may be in it, and of which shape must it be?",
    ),
    curve=Curve(
        axis="score of a sample with the label 1",
        points=tuple(np.linspace(-2, 3, 41)),
        call=lambda point: (np.array([point]), np.array([1.0])),
    ),
)

_HINGE_GRAD = Question(
    name="hinge_grad",
    reference=lambda score, y: hinge_loss.grad(score, y),
    checks=(
        Check("margins below 0, between 0 and 1, and above 1", _ordinary, points=Decimal(2)),
        Check("a margin of exactly 1", _at_the_kink),
        Check("scores and labels that are integers", _whole_numbers),
        Check("labels other than -1 and 1 are refused with a ValueError", _other_labels),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E1.5h",
            name="At a margin of exactly 1 you take the slope -y. We take 0, as `lossact` does.",
            function=_of(lambda score, y: np.where(y * score <= 1, -y, 0.0) / y.size),
            sees="Only where y·score is exactly 1 do your numbers differ.",
            why="At the kink every number between -y and 0 is a valid subgradient; one has to be picked.",
            probe="hinge_grad(np.array([1.0]), np.array([1.0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M09",
            name="You forgot to divide by N.",
            function=_of(_slope),
            sees="Your gradient is the right one times the number of samples.",
            why="The loss is a mean, so each of its slopes has a 1/N.",
            probe="hinge_grad(np.zeros(4), np.ones(4))  # -1/4 each is wanted",
        ),
        Misconception(
            id="M10",
            name="You divided by N twice.",
            function=_of(lambda score, y: _grad(score, y) / y.size),
            sees="Your gradient is the right one divided by the number of samples.",
            why="It still points downhill, so training seems to work; it is only N times too slow.",
            probe="hinge_grad(np.zeros(4), np.ones(4))  # -1/4 each is wanted",
        ),
        Misconception(
            id="E1.5g",
            name="You divided by the number of samples that are short of the margin, not by N.",
            function=_of(_grad_per_active),
            sees="Your gradient is too large by the same factor everywhere, another one for each batch.",
            why="The last wrong sample of a thousand would get a step 1000 times too long.",
            probe="hinge_grad(np.array([0.0, 9.0]), np.array([1.0, 1.0]))  # -1/2 and 0 are wanted",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: y instead of -y.",
            function=_of(lambda score, y: -_grad(score, y)),
            sees="Your gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step makes the margin smaller.",
            probe="hinge_grad(np.array([0.0]), np.array([1.0]))  # a higher score costs less: negative",
        ),
        Misconception(
            id="M13",
            name="The label is missing: each sample that is short of its margin gets -1.",
            function=_of(lambda score, y: np.where(y * score < 1, -1.0, 0.0) / y.size),
            sees="No entry of your gradient is positive, whatever the labels.",
            why="The samples of the label -1 would be pushed up too, away from their side.",
            probe="hinge_grad(np.array([0.0]), np.array([-1.0]))  # a lower score costs less: positive",
        ),
        Misconception(
            id="E1.5a",
            name="The margin is missing: only samples on the wrong side get a slope.",
            function=_of(lambda score, y: np.where(y * score < 0, -y, 0.0) / y.size),
            sees="Where y·score lies between 0 and 1 your gradient is 0.",
            why="That is the step of the perceptron: it stops at the first line that separates, however "
            "close it runs to a sample.",
            probe="hinge_grad(np.array([0.5]), np.array([1.0]))  # -1 is wanted",
        ),
        Misconception(
            id="E1.5e",
            name="Your gradient is never switched off: samples beyond the margin still get -y.",
            function=_of(lambda score, y: -y / y.size),
            sees="No entry of your gradient is 0.",
            why="Beyond the margin the loss is flat. That only few samples pull is the point of the hinge.",
            probe="hinge_grad(np.array([5.0]), np.array([1.0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5d",
            name="The condition is turned round: you gave the slope to the samples beyond the margin.",
            function=_of(lambda score, y: np.where(y * score > 1, -y, 0.0) / y.size),
            sees="Samples on the wrong side get 0.",
            why="What is right already would be pushed on, what is wrong would stay as it is.",
            probe="hinge_grad(np.array([-1.0, 5.0]), np.array([1.0, 1.0]))  # -1/2 and 0 are wanted",
        ),
        Misconception(
            id="E1.5b",
            name="The slope is that of |1 - y·score|: beyond the margin it pulls back.",
            function=_of(lambda score, y: np.where(y * score == 1, 0.0, np.sign(y * score - 1) * y) / y.size),
            sees="Beyond the margin your gradient is y instead of 0.",
            why="A sample that is safely right would be pulled back to the margin.",
            probe="hinge_grad(np.array([5.0]), np.array([1.0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5c",
            name="The slope is that of the squared hinge: it grows with what is missing.",
            function=_of(lambda score, y: -2 * y * _missing(score, y) / y.size),
            sees="The further a sample is on the wrong side, the larger is your slope.",
            why="The hinge is a straight line: however wrong a sample is, it pulls with 1/N.",
            probe="hinge_grad(np.array([-2.0]), np.array([1.0]))  # -1 is wanted",
        ),
        Misconception(
            id="E1.5i",
            name="You multiplied by the score: that is one step of the chain rule too many.",
            function=_of(lambda score, y: np.where(y * score < 1, -y * score, 0.0) / y.size),
            sees="A score of 0 gets no slope from you.",
            why="y·score has the slope y by the score. The features come in one step later, as the slope of "
            "the score by the weights.",
            probe="hinge_grad(np.array([0.0]), np.array([1.0]))  # -1 is wanted",
        ),
        Misconception(
            id="M128",
            name="You turned the labels into 0 and 1. The hinge loss is written for -1 and 1.",
            function=_of(_grad_of_labels_from_zero),
            sees="The samples of the label -1 get no slope at all.",
            why="Only one of the two classes would pull, and all scores would rise above 1.",
            probe="hinge_grad(np.array([3.0]), np.array([-1.0]))  # 1 is wanted",
        ),
        Misconception(
            id="M128",
            name="You put the score through a sigmoid first. The hinge loss takes the raw score.",
            function=_of(_grad_of_probability),
            sees="Your slopes fade where the score is far out, on the wrong side too.",
            why="At a score of -10 for the label 1 you have a slope of 0.00005 instead of 1: a sample that "
            "is "
            "very wrong learns nothing.",
            probe="hinge_grad(np.array([-10.0]), np.array([1.0]))  # -1 is wanted",
        ),
        Misconception(
            id="M128",
            name="You let labels through that are neither -1 nor 1, 0 among them.",
            function=_grad_any_label,
            sees="A label 0 raises no error.",
            why=_LABEL_WHY,
            probe="np.where(np.array([0.0]) * 9.0 < 1, -np.array([0.0]), 0.0)  # the slope of a label 0",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
            function=_grad_broadcast,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_BROADCAST_WHY,
            probe="(np.zeros((4, 1)) * np.ones(4)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_of(_grad_in_place),
            sees="After the call the scores have been multiplied by the labels.",
            why=_IN_PLACE_WHY,
            probe="s = np.array([2.0]); hinge_grad(s, np.array([-1.0])); s",
        ),
    ),
    hints=(
        "The gradient has the shape of `score`: one slope for each sample.",
        "Draw the loss of one sample with y = 1 over its score. It has two straight parts. What is the slope "
        "of each, and where do they meet?",
        "Compare with (hinge(score + h) - hinge(score - h)) / (2 h), one sample at a time.",
    ),
    curve=Curve(
        axis="score of a sample with the label 1",
        points=tuple(np.linspace(-2, 3, 40)),
        call=lambda point: (np.array([point]), np.array([1.0])),
        pick=lambda values: float(values[0][0]),
    ),
)

_OTHERS_FIVE = "multiclass_hinge(np.zeros((1, 5)), np.array([0]))  # 4 others at chance: 4 is wanted"

_MULTICLASS = Question(
    name="multiclass_hinge",
    reference=_classes(_plain),
    checks=(
        Check("scores of three to five classes", _scores, points=Decimal(3)),
        Check("equal scores cost K - 1", _at_chance),
        Check("scores that are integers", _whole_scores),
        Check("shapes that do not fit are refused with a ValueError", _labels_that_do_not_fit),
        Check("labels outside of 0 to K - 1 are refused with a ValueError", _labels_out_of_range),
        Check("the inputs are left as they were", _scores_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E1.5j",
            name="You counted the true class too. It never falls behind itself.",
            function=_classes(lambda S, y: np.sum(np.maximum(0.0, _behind(S, y) + 1)) / len(S)),
            sees="Your value is the right one plus exactly 1, on every input.",
            why="max(0, s_y - s_y + 1) is 1. The loss could never be 0, and at chance it is K, not K - 1.",
            probe=_OTHERS_FIVE,
        ),
        Misconception(
            id="E1.5a",
            name="The margin is missing: you ask only that no class is above the true one.",
            function=_sum_over_others(lambda d: np.maximum(0.0, d)),
            sees="Equal scores cost you nothing.",
            why="With all scores 0 nothing would be left to learn.",
            probe=_OTHERS_FIVE,
        ),
        Misconception(
            id="E1.5b",
            name="You took the size of s_j - s_y + 1 instead of its positive part.",
            function=_sum_over_others(lambda d: np.abs(d + 1)),
            sees="Classes that are far behind the true one cost you most.",
            why="The loss would be least when all other scores are exactly 1 below the true one.",
            probe="multiclass_hinge(np.array([[9.0, 0.0]]), np.array([0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5c",
            name="You squared what is missing: that is the squared hinge loss.",
            function=_sum_over_others(lambda d: np.maximum(0.0, d + 1) ** 2),
            sees="With two classes and one sample your value is the square of the right one.",
            why="It is a loss of its own (p = 2 in torch). Of the scores -2.85, 0.86, 0.28 it makes 2.4964 "
            "instead of 1.58.",
            probe="multiclass_hinge(np.array([[0.0, 2.0]]), np.array([0]))  # 3 is wanted",
        ),
        Misconception(
            id="E1.5d",
            name="The difference is turned round: s_y - s_j + 1.",
            function=_sum_over_others(lambda d: np.maximum(0.0, 1 - d)),
            sees="The further the true class is in front, the more it costs you.",
            why="Descent on it makes the true class the last one.",
            probe="multiclass_hinge(np.array([[9.0, 0.0]]), np.array([0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5e",
            name="You did not cut at 0: classes that are far behind count as a gain.",
            function=_sum_over_others(lambda d: d + 1),
            sees="Your value is negative where the true class is far in front.",
            why="Without the cut the loss has no lower end, and one class far behind pays for one in front.",
            probe="multiclass_hinge(np.array([[9.0, 0.0]]), np.array([0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5k",
            name="You took the worst other class only: that is the hinge loss of Crammer and Singer. We sum "
            "over "
            "all others, as Weston and Watkins do.",
            function=_classes(_worst),
            sees="With two classes your value is right; with more it is at most the right one.",
            why="At chance it is 1 for any number of classes, ours is K - 1. Keras's categorical_hinge is "
            "yours.",
            probe=_OTHERS_FIVE,
            convention=True,
        ),
        Misconception(
            id="E1.5l",
            name="You divided by K as well, as torch's multi_margin_loss does. Here the classes are summed.",
            function=_classes(lambda S, y: _plain(S, y) / S.shape[1]),
            sees="Your value is the right one divided by the number of classes.",
            why="At chance torch's is (K - 1)/K. A course needs one convention: sum over classes, mean over "
            "samples.",
            probe=_OTHERS_FIVE,
            convention=True,
        ),
        Misconception(
            id="M01",
            name="You summed over the samples instead of averaging.",
            function=_classes(lambda S, y: _plain(S, y) * len(S)),
            sees="Your value is the right one times the number of samples.",
            why="Over the classes the loss is a sum, over the samples it is a mean.",
            probe="multiclass_hinge(np.zeros((4, 2)), np.zeros(4, dtype=int))  # 1 is wanted",
        ),
        Misconception(
            id="M128",
            name="You put the scores through a softmax first. The hinge loss takes the raw scores.",
            function=_classes(lambda S, y: _plain(softmax(S, 1), y)),
            sees="Your loss never falls to 0.",
            why="Two probabilities are never more than 1 apart, so no margin of 1 is ever reached.",
            probe="multiclass_hinge(np.array([[3.0, 0.0]]), np.array([0]))  # 0 is wanted",
        ),
        Misconception(
            id="M93",
            name="You wrote S[:, y], which takes every listed column of every row.",
            function=_classes(_every_column),
            sees="With one sample your value is right, with more it is not.",
            why="S[:, y] has shape (N, N). S[np.arange(N), y] pairs row i with label i.",
            probe="np.zeros((2, 3))[:, np.array([0, 2])].shape",
        ),
        Misconception(
            id="M94",
            name="You read the labels as 1 to K. They run from 0 to K - 1.",
            function=_classes(lambda S, y: _plain(S, (y - 1) % S.shape[1])),
            sees="Your value is that of the class one place before.",
            why="In NumPy the index -1 is the last entry, so label 0 raises no error.",
            probe="multiclass_hinge(np.array([[9.0, 0.0, 0.0]]), np.array([0]))  # 0 is wanted",
        ),
        Misconception(
            id="E1.5m",
            name="You do not refuse shapes that do not fit.",
            function=_unfit,
            sees="Labels of shape (N, 1) go through, or fail somewhere in the middle.",
            why="An index of shape (N, 1) beside one of shape (N,) picks (N, N) scores without an error.",
            probe="np.zeros((3, 4))[np.arange(3), np.array([[0], [3], [1]])].shape",
        ),
        Misconception(
            id="M94",
            name="You do not refuse labels outside of 0 to K - 1.",
            function=_out_of_range,
            sees="The label -1 raises no error.",
            why=_RANGE_WHY,
            probe="np.array([10, 20, 30])[-1]",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_classes(_own_in_place),
            sees="After the call the scores of the true classes have been written over.",
            why=_IN_PLACE_WHY,
            probe="S = np.array([[1.0, 2.0]]); multiclass_hinge(S, np.array([0])); S",
        ),
    ),
    hints=(
        "For one sample: how far should the true class be in front of each of the others?",
        "S - (true score of the row, as a column) + 1 holds what is missing for each class. Where is it of "
        "no "
        "interest?",
        "The true class itself gives exactly 1 in that sum. Take care that it is not counted.",
        "Sum over the classes, mean over the samples. With all scores equal the value must be K - 1.",
    ),
    curve=Curve(
        axis="score of the true class; the two others have 0 and 1",
        points=tuple(np.linspace(-2, 4, 41)),
        call=lambda point: (np.array([[0.0, point, 1.0]]), np.array([1])),
    ),
)

_ONE_OF_THREE = (
    "multiclass_hinge_grad(np.array([[0.0, 0.0, 0.0]]), np.array([0]))  # [-2, 1, 1] is wanted: two are short"
)

_MULTICLASS_GRAD = Question(
    name="multiclass_hinge_grad",
    reference=_classes(_counts),
    checks=(
        Check("scores of three to five classes", _scores, points=Decimal(3)),
        Check("equal scores", _at_chance),
        Check("a class exactly 1 behind", _scores_at_the_kink),
        Check("scores that are integers", _whole_scores),
        Check("shapes that do not fit are refused with a ValueError", _labels_that_do_not_fit),
        Check("labels outside of 0 to K - 1 are refused with a ValueError", _labels_out_of_range),
        Check("the inputs are left as they were", _scores_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E1.5h",
            name="Where a class is exactly 1 behind you give it the slope 1. We take 0, as torch does.",
            function=_classes(_counts_at_the_kink),
            sees="Only where a difference is exactly -1 do your numbers differ.",
            why="At the kink every number from 0 to 1 is a valid subgradient; libraries must pick one.",
            probe="multiclass_hinge_grad(np.array([[1.0, 0.0]]), np.array([0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="E1.5n",
            name="You gave the true class -1. It gets minus the number of classes that are too close.",
            function=_classes(_counts_of_one),
            sees="The rows of your gradient do not sum to 0 where more than one class is too close.",
            why="The true score stands in each term of the sum, so each term that is not 0 pulls at it.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="M96",
            name="The true class gets no slope.",
            function=_classes(lambda S, y: _violated(S, y) / len(S)),
            sees="No entry of your gradient is negative.",
            why="The others would be pushed down and the true score never raised: half of the force is lost.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="M96",
            name="Only the true class gets a slope.",
            function=_classes(lambda S, y: _counts(S, y) * np.eye(S.shape[1])[y]),
            sees="All entries of your gradient but one in each row are 0.",
            why="Each class that is too close stands in the loss as well, with the slope 1.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="E1.5j",
            name="You counted the true class among those that are too close.",
            function=_classes(_counts_with_own),
            sees="The slope of the true class is too large by 1/N, so that your rows sum to 1/N.",
            why="s_y - s_y + 1 is always 1, and its slope is 0: it belongs into neither count.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="E1.5a",
            name="The margin is missing: only classes above the true one get a slope.",
            function=_classes(_counts_without_margin),
            sees="A class that is behind by less than 1 gets nothing from you.",
            why="With equal scores the whole gradient would be 0, and training would never begin.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="E1.5c",
            name="The slope is that of the squared hinge: it grows with what is missing.",
            function=_classes(_counts_squared),
            sees="Times N, your entries are no whole numbers.",
            why="The hinge is made of straight lines. Its slopes are counts.",
            probe="multiclass_hinge_grad(np.array([[0.0, 3.0]]), np.array([0]))  # [-1, 1] is wanted",
        ),
        Misconception(
            id="E1.5k",
            name="You gave a slope to the worst class only: that is the loss of Crammer and Singer. We sum "
            "over "
            "all others, as Weston and Watkins do.",
            function=_classes(_counts_of_worst),
            sees="In each row of your gradient at most two entries are not 0.",
            why="Every class that is too close costs something here, so every one is pushed down.",
            probe=_ONE_OF_THREE,
            convention=True,
        ),
        Misconception(
            id="M09",
            name="The gradient is not divided by N.",
            function=_classes(lambda S, y: _counts(S, y) * len(S)),
            sees="Your gradient is the right one times the number of samples.",
            why="The loss is a mean over the samples, so each of its slopes has a 1/N.",
            probe="multiclass_hinge_grad(np.zeros((2, 2)), np.array([0, 1]))  # halves are wanted",
        ),
        Misconception(
            id="E1.5l",
            name="You divided by K as well, as torch's multi_margin_loss does. Here the classes are summed.",
            function=_classes(lambda S, y: _counts(S, y) / S.shape[1]),
            sees="Your gradient is the right one divided by the number of classes.",
            why="The loss above sums over the classes, and value and gradient need the same reduction.",
            probe=_ONE_OF_THREE,
            convention=True,
        ),
        Misconception(
            id="M12",
            name="The sign is turned round.",
            function=_classes(lambda S, y: 0.0 - _counts(S, y)),
            sees="Your gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step pushes the true class back.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="M128",
            name="You gave softmax minus one-hot: that is the gradient of the cross-entropy.",
            function=_classes(_softmax_slope),
            sees="No entry of your gradient is exactly 0.",
            why="The cross-entropy never lets go of a sample. The hinge does, once the margin is reached.",
            probe="multiclass_hinge_grad(np.array([[9.0, 0.0]]), np.array([0]))  # zeros are wanted",
        ),
        Misconception(
            id="M94",
            name="You read the labels as 1 to K. They run from 0 to K - 1.",
            function=_classes(lambda S, y: _counts(S, (y - 1) % S.shape[1])),
            sees="The negative entry stands one place too far to the left.",
            why="In NumPy the index -1 is the last entry, so label 0 raises no error.",
            probe=_ONE_OF_THREE,
        ),
        Misconception(
            id="E1.5m",
            name="You do not refuse shapes that do not fit.",
            function=_counts_unfit,
            sees="Labels of shape (N, 1) go through, or fail somewhere in the middle.",
            why="An index of shape (N, 1) beside one of shape (N,) picks (N, N) scores without an error.",
            probe="np.zeros((3, 4))[np.arange(3), np.array([[0], [3], [1]])].shape",
        ),
        Misconception(
            id="M94",
            name="You do not refuse labels outside of 0 to K - 1.",
            function=_counts_out_of_range,
            sees="The label -1 raises no error.",
            why=_RANGE_WHY,
            probe="np.array([10, 20, 30])[-1]",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_classes(_counts_in_place),
            sees="After the call the scores are shifted.",
            why=_IN_PLACE_WHY,
            probe="S = np.array([[1.0, 2.0]]); multiclass_hinge_grad(S, np.array([0])); S",
        ),
    ),
    hints=(
        "The gradient has the shape of S. Times N, its entries are whole numbers: they count.",
        "A class that is not the true one stands in one term of the sum. What is its slope there, and when "
        "is "
        "it 0?",
        "The true score stands in every term, with a minus. How many of those terms are not 0?",
        "Each row of the gradient sums to 0. Does yours?",
    ),
    curve=Curve(
        axis="score of the true class; the two others have 0 and 1",
        points=tuple(np.linspace(-2, 4, 40)),
        call=lambda point: (np.array([[0.0, point, 1.0]]), np.array([1])),
        pick=lambda values: float(values[0][0, 1]),
    ),
)

QUESTIONS = (_HINGE, _HINGE_GRAD, _MULTICLASS, _MULTICLASS_GRAD)
