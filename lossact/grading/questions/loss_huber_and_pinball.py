"""Exercise loss/huber_and_pinball: a loss of two branches, its gradient, its threshold, and a tilted loss."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact import huber_loss, pinball_loss
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question
from lossact.grading.questions._shared import broadcasts, changes_input, mixed_shapes, residual

_PRED = np.array([3.0, -0.5, 2.0, 7.0])
_TARGET = np.array([2.5, 0.0, 2.0, 1.0])
_NORMAL_MAD = 0.6744897501960817
"""The median of |x| for a standard normal x."""


# --- inputs ---------------------------------------------------------------------------------------------


def _around(rng: np.random.Generator, shape: tuple[int, ...], delta: float) -> Arguments:
    """Predictions with errors of both signs, inside and outside of delta."""
    size = int(np.prod(shape))
    inside, outside = rng.uniform(0.2, 0.9, size=size), rng.uniform(1.3, 4, size=size)
    sign = np.resize([1, -1, -1, 1], size)
    errors = delta * sign * np.where(np.arange(size) % 2, inside, outside)
    target = rng.normal(size=shape)
    return target + rng.permutation(errors).reshape(shape), target, delta


def _huber_ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [(_PRED, _TARGET, 2.0), _around(rng, (7,), 0.5), _around(rng, (3, 4), 1.5)]


def _too_low(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-5.0, 0.0]), np.array([0.0, 0.0]), 2.0),
        (rng.uniform(-9, -4, size=5), np.zeros(5), 0.5),
    ]


def _near_the_corner(rng: np.random.Generator) -> list[Arguments]:
    beside = 2 * np.array([1.0, -1.0, 0.999, -0.999, 1.001, -1.001])
    return [(np.array([each]), np.zeros(1), 2.0) for each in beside] + [(beside, np.zeros(6), 2.0)]


def _huge_and_tiny_delta(rng: np.random.Generator) -> list[Arguments]:
    pred, target = rng.normal(size=5), rng.normal(size=5)
    return [(_PRED, _TARGET, 1e4), (pred, target, 1e6), (_PRED, _TARGET, 1e-3)]


def _huber_integers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([3, 0, 2, 7]), np.array([2, 1, 2, 1]), 2),
        (rng.integers(-9, 9, size=7), rng.integers(-9, 9, size=7), 3),
        (np.array([3, 0, 2, 7]), np.array([2, 1, 3, 1]), 0.5),
    ]


def _huber_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_PRED, _TARGET, 2.0), _around(rng, (6,), 0.5)]


def _perfect_predictions(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1.0, 2.0, -3.0]), np.array([1.0, 2.0, 4.0]), 0.5), (_PRED, _TARGET, 2.0)]


def _residuals(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([-1.0, 0.5, 3.0, -0.2, 0.9]), 1.345),
        (rng.normal(loc=0.7, scale=2, size=9), 1.345),
        (rng.normal(loc=-1, scale=0.5, size=14), 2.0),
        (rng.normal(loc=0.3, size=11),),
    ]


def _other_units(rng: np.random.Generator) -> list[Arguments]:
    residuals = rng.normal(loc=0.4, size=9)
    return [(1000 * residuals, 1.345), (residuals / 1000, 1.345)]


def _with_liars(rng: np.random.Generator) -> list[Arguments]:
    residuals = rng.normal(loc=0.4, size=13)
    residuals[[2, 5]] = 1e6, -3e5
    return [(residuals, 1.345)]


def _residuals_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([-1.0, 0.5, 3.0, -0.2, 0.9]), 1.345), (rng.normal(loc=0.4, size=8), 1.345)]


def _pinball_ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_PRED, _TARGET, 0.9),
        (*_around(rng, (7,), 1.0)[:2], 0.25),
        (*_around(rng, (3, 4), 1.0)[:2], 0.6),
    ]


def _one_side(rng: np.random.Generator) -> list[Arguments]:
    low = rng.uniform(1, 3, size=4)
    return [
        (np.array([0.0]), np.array([1.0]), 0.9),
        (np.array([1.0]), np.array([0.0]), 0.9),
        (-low, np.zeros(4), 0.2),
        (low, np.zeros(4), 0.2),
    ]


def _pinball_integers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([3, 0, 2, 7]), np.array([2, 1, 2, 1]), 0.9),
        (rng.integers(-9, 0, size=7), rng.integers(1, 9, size=7), 0.3),
    ]


def _pinball_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_PRED, _TARGET, 0.9), (rng.normal(size=7), rng.normal(size=7), 0.3)]


# --- wrong answers: Huber -------------------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses mixed shapes and leaves its inputs alone.


def _huber(pred: Any, target: Any, delta: Any) -> Any:
    return huber_loss(pred, target, delta=delta)


def _branches(
    inside: Callable[[Any, Any], Any] = lambda e, d: 0.5 * e**2,
    outside: Callable[[Any, Any], Any] = lambda e, d: d * (np.abs(e) - 0.5 * d),
    test: Callable[[Any, Any], Any] = lambda e, d: np.abs(e) <= d,
) -> Callable[..., Any]:
    """The Huber loss with one part exchanged; the parts take (error, delta)."""

    def answer(pred: Any, target: Any, delta: Any) -> Any:
        e = residual(pred, target)
        return np.mean(np.where(test(e, delta), inside(e, delta), outside(e, delta)))

    return answer


def _huber_sum(pred: Any, target: Any, delta: Any) -> Any:
    return huber_loss(pred, target, "sum", delta)


def _smooth_l1(pred: Any, target: Any, delta: Any) -> Any:
    return _huber(pred, target, delta) / delta


def _pseudo_huber(pred: Any, target: Any, delta: Any) -> Any:
    e = residual(pred, target)
    return np.mean(delta**2 * (np.sqrt(1 + (e / delta) ** 2) - 1))


def _huber_broadcast(pred: Any, target: Any, delta: Any) -> Any:
    e = pred - target
    return np.mean(np.where(np.abs(e) <= delta, 0.5 * e**2, delta * (np.abs(e) - 0.5 * delta)))


def _huber_truncated(pred: Any, target: Any, delta: Any) -> Any:
    residual(pred, target)
    losses = np.zeros_like(pred)
    losses[...] = huber_loss(pred, target, "none", delta)
    return np.mean(losses)


def _huber_in_place(pred: Any, target: Any, delta: Any) -> Any:
    residual(pred, target)
    pred -= target
    return _huber(pred, np.zeros_like(pred), delta)


# --- wrong answers: the gradient of Huber ---------------------------------------------------------------


def _huber_grad(pred: Any, target: Any, delta: Any) -> Any:
    return huber_loss.grad(pred, target, delta=delta)


def _slopes(
    inside: Callable[[Any, Any], Any] = lambda e, d: e,
    outside: Callable[[Any, Any], Any] = lambda e, d: d * np.sign(e),
    test: Callable[[Any, Any], Any] = lambda e, d: np.abs(e) <= d,
) -> Callable[..., Any]:
    """The gradient with one part exchanged; the parts take (error, delta)."""

    def answer(pred: Any, target: Any, delta: Any) -> Any:
        e = residual(pred, target)
        return np.where(test(e, delta), inside(e, delta), outside(e, delta)) / e.size

    return answer


def _grad_without_n(pred: Any, target: Any, delta: Any) -> Any:
    return huber_loss.grad(pred, target, "sum", delta)


def _grad_n_twice(pred: Any, target: Any, delta: Any) -> Any:
    return _huber_grad(pred, target, delta) / np.size(pred)


def _grad_uphill(pred: Any, target: Any, delta: Any) -> Any:
    return -_huber_grad(pred, target, delta)


def _grad_unsigned(pred: Any, target: Any, delta: Any) -> Any:
    return np.abs(_huber_grad(pred, target, delta))


def _grad_of_smooth_l1(pred: Any, target: Any, delta: Any) -> Any:
    return _huber_grad(pred, target, delta) / delta


def _grad_broadcast(pred: Any, target: Any, delta: Any) -> Any:
    return np.clip(pred - target, -delta, delta) / np.size(pred)


def _grad_truncated(pred: Any, target: Any, delta: Any) -> Any:
    gradient = np.zeros_like(pred)
    gradient[...] = _huber_grad(pred, target, delta)
    return gradient


def _grad_in_place(pred: Any, target: Any, delta: Any) -> Any:
    residual(pred, target)
    pred -= target
    return np.clip(pred, -delta, delta) / pred.size


# --- wrong answers: the threshold -----------------------------------------------------------------------


def _delta(residuals: Any, k: float = 1.345) -> Any:
    return k * np.median(np.abs(residuals)) / _NORMAL_MAD


def _delta_without_scale(residuals: Any, k: float = 1.345) -> Any:
    return float(k)


def _delta_of_std(residuals: Any, k: float = 1.345) -> Any:
    return k * np.std(residuals)


def _delta_of_raw_mad(residuals: Any, k: float = 1.345) -> Any:
    return k * np.median(np.abs(residuals))


def _delta_times(residuals: Any, k: float = 1.345) -> Any:
    return k * np.median(np.abs(residuals)) * _NORMAL_MAD


def _delta_centred(residuals: Any, k: float = 1.345) -> Any:
    return _delta(residuals - np.median(residuals), k)


def _delta_of_mean(residuals: Any, k: float = 1.345) -> Any:
    return k * np.mean(np.abs(residuals)) / _NORMAL_MAD


def _delta_signed(residuals: Any, k: float = 1.345) -> Any:
    return k * np.median(residuals) / _NORMAL_MAD


def _delta_in_place(residuals: Any, k: float = 1.345) -> Any:
    np.abs(residuals, out=residuals)
    return _delta(residuals, k)


# --- wrong answers: pinball -----------------------------------------------------------------------------


def _pinball(pred: Any, target: Any, tau: float) -> Any:
    return pinball_loss(pred, target, tau=tau)


def _pinball_swapped(pred: Any, target: Any, tau: float) -> Any:
    return pinball_loss(pred, target, tau=1 - tau)


def _pinball_doubled(pred: Any, target: Any, tau: float) -> Any:
    return 2 * _pinball(pred, target, tau)


def _pinball_sum(pred: Any, target: Any, tau: float) -> Any:
    return pinball_loss(pred, target, tau=tau, reduction="sum")


def _pinball_minimum(pred: Any, target: Any, tau: float) -> Any:
    e = -residual(pred, target)
    return np.mean(np.minimum(tau * e, (tau - 1) * e))


def _pinball_negative_side(pred: Any, target: Any, tau: float) -> Any:
    e = -residual(pred, target)
    return np.mean(np.where(e >= 0, tau * e, (1 - tau) * e))


def _pinball_one_weight(pred: Any, target: Any, tau: float) -> Any:
    return np.mean(tau * np.abs(residual(pred, target)))


def _pinball_one_side(pred: Any, target: Any, tau: float) -> Any:
    return np.mean(tau * np.maximum(-residual(pred, target), 0))


def _pinball_broadcast(pred: Any, target: Any, tau: float) -> Any:
    e = target - pred
    return np.mean(np.maximum(tau * e, (tau - 1) * e))


def _pinball_truncated(pred: Any, target: Any, tau: float) -> Any:
    residual(pred, target)
    losses = np.zeros_like(pred)
    losses[...] = pinball_loss(pred, target, tau=tau, reduction="none")
    return np.mean(losses)


def _pinball_in_place(pred: Any, target: Any, tau: float) -> Any:
    residual(pred, target)
    pred -= target
    return _pinball(pred, np.zeros_like(pred), tau)


# --- questions ------------------------------------------------------------------------------------------

_TRUNCATED_WHY = (
    "`np.zeros_like(pred)` takes the dtype of `pred`. What does not fit into integers is cut off without a "
    "word."
)
_ONE_SIDED_WHY = (
    "An error of -100 then counts as one of 100 would without Huber: 5000 instead of 198 for delta = 2. "
    "Half of the outliers are negative."
)
_ERRORS = "prediction, with target 0"
_LINE = tuple(np.linspace(-5, 5, 41))

_HUBER = Question(
    name="huber",
    reference=_huber,
    checks=(
        Check("floats of shapes (N,) and (N, D)", _huber_ordinary, points=Decimal(2)),
        Check("predictions that are far too low", _too_low),
        Check("errors at delta, just inside and just outside", _near_the_corner),
        Check("a huge delta gives half the MSE, a tiny one delta times the MAE", _huge_and_tiny_delta),
        Check("integers", _huber_integers),
        Check("shapes that differ are refused with a ValueError", mixed_shapes(2.0)),
        Check("the inputs are left as they were", _huber_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M24",
            name="This is the smooth L1 loss. Huber's is delta times it.",
            function=_smooth_l1,
            sees="Your value is the expected one divided by delta, and right where delta is 1.",
            why="Smooth L1 has slope 1 in its tails, Huber slope delta. torch has both, so a change of delta "
            "changes the size of the steps in one and not in the other.",
            probe="huber(np.array([10.0]), np.array([0.0]), 2.0)  # 18 here, 9 for smooth L1",
            convention=True,
        ),
        Misconception(
            id="M25",
            name="Your tail is delta |e|, without the part that joins it to the parabola.",
            function=_branches(outside=lambda e, d: d * np.abs(e)),
            sees="Each error beyond delta costs delta²/2 too much.",
            why="The loss jumps at delta: just inside it is delta²/2, just outside twice as much.",
            probe="huber(np.array([1.999]), np.zeros(1), 2.0), huber(np.array([2.001]), np.zeros(1), 2.0)",
        ),
        Misconception(
            id="M26",
            name="Your parabola is e², without the half.",
            function=_branches(inside=lambda e, d: e**2),
            sees="Each error inside delta costs twice what is expected.",
            why="Value and slope jump at delta: the slope inside grows to 2 delta and falls to delta.",
            probe="huber(np.array([1.999]), np.zeros(1), 2.0), huber(np.array([2.001]), np.zeros(1), 2.0)",
        ),
        Misconception(
            id="M27",
            name="The two branches have changed places: the parabola belongs to the small errors.",
            function=_branches(test=lambda e, d: np.abs(e) > d),
            sees="An error of 0 gives a negative loss, a large one its full square.",
            why="Outliers then pull harder than anything else, which is what Huber wanted to prevent.",
            probe="huber(np.zeros(1), np.zeros(1), 2.0), huber(np.array([100.0]), np.zeros(1), 2.0)",
        ),
        Misconception(
            id="M28",
            name="You compare the error itself with delta, so errors below -delta count as small.",
            function=_branches(test=lambda e, d: e <= d),
            sees="Right as long as no prediction is more than delta too low.",
            why=_ONE_SIDED_WHY,
            probe="huber(np.array([100.0]), np.zeros(1), 2.0), huber(np.array([-100.0]), np.zeros(1), 2.0)",
        ),
        Misconception(
            id="E1.2a",
            name="Your tail has slope 1: delta is 1 in its formula.",
            function=_branches(outside=lambda e, d: np.abs(e) - 0.5),
            sees="Errors inside delta are right, larger ones are not, except where delta is 1.",
            why="The pieces meet only where delta is 1. Elsewhere the loss jumps.",
            probe="huber(np.array([100.0]), np.zeros(1), 2.0)  # 198 is wanted",
        ),
        Misconception(
            id="E1.2b",
            name="You took the smaller of the two branches. The line lies below the parabola everywhere.",
            function=_branches(inside=lambda e, d: d * (np.abs(e) - 0.5 * d)),
            sees="A perfect prediction gives -delta²/2 instead of 0.",
            why="The line touches the parabola at delta and is below it on both sides, so a minimum or "
            "maximum of the two picks one branch for all errors.",
            probe="huber(np.zeros(1), np.zeros(1), 2.0)  # 0 is wanted",
        ),
        Misconception(
            id="E1.2c",
            name="Every error is squared: the linear branch is never taken.",
            function=_branches(outside=lambda e, d: 0.5 * e**2),
            sees="Your value does not depend on delta.",
            why="That is half the MSE. One error of 100 costs 5000; with delta = 2 it should cost 198.",
            probe="huber(np.array([100.0]), np.zeros(1), 2.0), huber(np.array([100.0]), np.zeros(1), 4.0)",
        ),
        Misconception(
            id="E1.2d",
            name="You took one decision for the whole batch: one error beyond delta makes all linear.",
            function=_branches(test=lambda e, d: np.all(np.abs(e) <= d)),
            sees="Right where all errors lie on one side of delta, wrong where the batch has both.",
            why="What one sample costs would hang on the others in its batch. Each element needs a branch of "
            "its own.",
            probe="huber(np.ones(2), np.zeros(2), 2.0), huber(np.array([1.0, 9.0]), np.zeros(2), 2.0)",
        ),
        Misconception(
            id="E1.2e",
            name="You cut the error off at delta and squared what is left: the tail is flat.",
            function=_branches(outside=lambda e, d: 0.5 * d**2),
            sees="Every error beyond delta costs the same, delta²/2.",
            why="A flat tail has slope 0. A prediction that starts far away gets no gradient and stays "
            "there.",
            probe="huber(np.array([10.0]), np.zeros(1), 2.0), huber(np.array([1e6]), np.zeros(1), 2.0)",
        ),
        Misconception(
            id="E1.2f",
            name="This is the pseudo-Huber loss, a smooth relative with the same limits.",
            function=_pseudo_huber,
            sees="Your value is a little smaller than the expected one for every error but 0.",
            why="At delta it is smaller by 0.086 delta², far out by half of delta². Both are used; here the "
            "two pieces are asked for.",
            probe="huber(np.array([2.0]), np.zeros(1), 2.0)  # 2 here, 1.657 for pseudo-Huber",
            convention=True,
        ),
        Misconception(
            id="M01",
            name="You summed the losses instead of averaging them.",
            function=_huber_sum,
            sees="Your value is the right one times the number of elements.",
            why="A sum grows with the batch, and the gradient with it: the learning rate that works for 32 "
            "samples overshoots with 512.",
            probe="huber(np.ones(4), np.zeros(4), 2.0), huber(np.ones(8), np.zeros(8), 2.0)",
        ),
        Misconception(
            id="M07",
            name="The losses were cut down to integers by an array of integers.",
            function=_huber_truncated,
            sees="With integer predictions a loss of 0.5 counts as 0.",
            why=_TRUNCATED_WHY,
            probe="huber(np.array([1]), np.array([0]), 2.0)  # 0.5 is wanted",
        ),
        broadcasts(_huber_broadcast),
        changes_input(_huber_in_place, "p = np.array([3.0]); huber(p, np.array([1.0]), 2.0); p"),
    ),
    hints=(
        "Write down e = pred - target first, and check that its two shapes were the same.",
        "np.where takes a condition and two arrays, and picks element by element. Which condition tells "
        "small errors from large ones, of both signs?",
        "At |e| = delta both formulas must give delta²/2. Do yours?",
    ),
    curve=Curve(_ERRORS, _LINE, lambda point: (np.array([point]), np.zeros(1), 2.0)),
)

_HUBER_GRAD = Question(
    name="huber_grad",
    reference=_huber_grad,
    checks=(
        Check("floats of shapes (N,) and (N, D)", _huber_ordinary, points=Decimal(2)),
        Check("predictions that are far too low", _too_low),
        Check("errors at delta, just inside and just outside", _near_the_corner),
        Check("a perfect prediction has slope 0, without a warning", _perfect_predictions, watch="warnings"),
        Check("integers", _huber_integers),
        Check("shapes that differ are refused with a ValueError", mixed_shapes(2.0)),
        Check("the inputs are left as they were", _huber_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M23",
            name="You divided the error by its own size, which is 0/0 at a perfect prediction.",
            function=_slopes(outside=lambda e, d: d * (e / np.abs(e))),
            sees="Your numbers are right, and NumPy warns of an invalid value.",
            why="np.where computes both branches everywhere and throws one away. Here it throws the nan "
            "away, but automatic differentiation would bring it back through the branch not taken.",
            probe="e = np.array([0.0])\nwith np.errstate(all='ignore'):\n    kept = e / np.abs(e)\nkept",
        ),
        Misconception(
            id="M28",
            name="You compare the error itself with delta, so errors below -delta count as small.",
            function=_slopes(test=lambda e, d: e <= d),
            sees="Right as long as no prediction is more than delta too low.",
            why="No element of the gradient may be larger than delta/n, in either direction.",
            probe="huber_grad(np.array([100.0]), np.zeros(1), 2.0), "
            "huber_grad(np.array([-100.0]), np.zeros(1), 2.0)",
        ),
        Misconception(
            id="M24",
            name="This is the gradient of the smooth L1 loss. Huber's is delta times it.",
            function=_grad_of_smooth_l1,
            sees="Your gradient is the expected one divided by delta.",
            why="Smooth L1 has slope 1 in its tails, Huber slope delta. Value and gradient must belong to "
            "one loss.",
            probe="huber_grad(np.array([10.0]), np.zeros(1), 2.0)  # 2 here, 1 for smooth L1",
            convention=True,
        ),
        Misconception(
            id="M26",
            name="Your slope inside is 2e: it belongs to a parabola without the half.",
            function=_slopes(inside=lambda e, d: 2 * e),
            sees="Inside delta your numbers are twice the expected ones, outside they are right.",
            why="The slope then grows to 2 delta and falls to delta at the corner: a larger error would pull "
            "less.",
            probe="huber_grad(np.array([1.999]), np.zeros(1), 2.0), huber_grad(np.array([2.001]), "
            "np.zeros(1), 2.0)",
        ),
        Misconception(
            id="M27",
            name="The two branches have changed places: the slope is e for the small errors.",
            function=_slopes(test=lambda e, d: np.abs(e) > d),
            sees="Large errors have large slopes, small ones have delta.",
            why="Outliers pull harder than anything else, which is what Huber wanted to prevent.",
            probe="huber_grad(np.array([100.0]), np.zeros(1), 2.0)  # 2 is wanted",
        ),
        Misconception(
            id="E1.2a",
            name="Your tail has slope 1 or -1, not delta or -delta.",
            function=_slopes(outside=lambda e, d: np.sign(e)),
            sees="Inside delta your numbers are right, outside they are right only for delta = 1.",
            why="The slope of delta |e| is delta. With another number the slope jumps at the corner.",
            probe="huber_grad(np.array([1.999]), np.zeros(1), 2.0), huber_grad(np.array([2.001]), "
            "np.zeros(1), 2.0)",
        ),
        Misconception(
            id="E1.2c",
            name="The slope is e for every error: that is the gradient of half the MSE.",
            function=_slopes(outside=lambda e, d: e),
            sees="Your gradient does not depend on delta.",
            why="One error of 100 pulls with 100; with delta = 2 it should pull with 2.",
            probe="huber_grad(np.array([100.0]), np.zeros(1), 2.0)  # 2 is wanted",
        ),
        Misconception(
            id="E1.2e",
            name="Your slope is 0 beyond delta.",
            function=_slopes(outside=lambda e, d: 0 * e),
            sees="Every error beyond delta has the slope 0.",
            why="Huber weakens outliers but does not drop them. With slope 0 a bad start never gets better.",
            probe="huber_grad(np.array([100.0]), np.zeros(1), 2.0)  # 2 is wanted",
        ),
        Misconception(
            id="E1.2d",
            name="You took one decision for the whole batch: one error beyond delta makes all slopes delta.",
            function=_slopes(test=lambda e, d: np.all(np.abs(e) <= d)),
            sees="Right where all errors lie on one side of delta, wrong where the batch has both.",
            why="How hard one sample pulls would hang on the others in its batch.",
            probe="huber_grad(np.array([1.0, 1.0]), np.zeros(2), 2.0), "
            "huber_grad(np.array([1.0, 9.0]), np.zeros(2), 2.0)",
        ),
        Misconception(
            id="M09",
            name="You forgot to divide by n.",
            function=_grad_without_n,
            sees="Your gradient is the right one times the number of elements.",
            why="The loss is a mean, so each of its slopes has a 1/n.",
            probe="huber_grad(np.ones(2), np.zeros(2), 2.0), huber_grad(np.ones(4), np.zeros(4), 2.0)",
        ),
        Misconception(
            id="M10",
            name="You divided by n twice.",
            function=_grad_n_twice,
            sees="Your gradient is the right one divided by the number of elements.",
            why="It still points downhill, so training seems to work; it is only n times too slow.",
            probe="huber_grad(np.ones(4), np.zeros(4), 2.0).sum()  # the slope of a common shift: 1",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: target minus prediction.",
            function=_grad_uphill,
            sees="Your gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step climbs.",
            probe="huber_grad(np.array([5.0]), np.array([0.0]), 2.0)  # too high: must be positive",
        ),
        Misconception(
            id="M13",
            name="You took the size of the error and lost its direction.",
            function=_grad_unsigned,
            sees="No element of your gradient is negative.",
            why="A prediction that is too low would be pushed lower still.",
            probe="huber_grad(np.array([-5.0]), np.array([0.0]), 2.0)  # too low: must be negative",
        ),
        Misconception(
            id="M07",
            name="Your gradient was cut down to integers by an array of integers.",
            function=_grad_truncated,
            sees="With integer predictions your gradient has no digits behind the point.",
            why=_TRUNCATED_WHY,
            probe="np.zeros_like(np.array([3, 4])).dtype",
        ),
        broadcasts(_grad_broadcast),
        changes_input(_grad_in_place, "p = np.array([3.0]); huber_grad(p, np.array([1.0]), 2.0); p"),
    ),
    hints=(
        "Take the derivative of each branch by itself. What is the slope of the parabola, what of the line?",
        "At delta the two slopes are equal, so nothing jumps. One NumPy function cuts an array off at two "
        "bounds.",
        "The loss is a mean of n elements. What does that do to each slope?",
    ),
    curve=Curve(
        _ERRORS,
        _LINE,
        lambda point: (np.array([point, 1.0]), np.array([0.0, 1.0]), 2.0),
        lambda values: float(values[0][0]),
    ),
)

_HUBER_DELTA = Question(
    name="huber_delta",
    reference=_delta,
    checks=(
        Check("ordinary residuals, with k given or left out", _residuals, rtol=1e-4),
        Check("the same residuals in other units", _other_units, rtol=1e-4),
        Check("two wild residuals among thirteen", _with_liars, rtol=1e-4),
        Check("the residuals are left as they were", _residuals_to_keep, watch="inputs", rtol=1e-4),
    ),
    misconceptions=(
        Misconception(
            id="M29",
            name="You returned k itself. It is meant in units of the noise, not of the target.",
            function=_delta_without_scale,
            sees="Your value is the same for every set of residuals.",
            why="For errors of some hundred units a delta of 1.345 makes Huber the absolute error; for "
            "errors of 0.001 it makes it the squared one.",
            probe="huber_delta(np.array([-1.0, 1.0, 2.0]), 1.345), huber_delta(np.array([-1e3, 1e3, 2e3]), "
            "1.345)",
        ),
        Misconception(
            id="E1.2g",
            name="You measured the noise by the standard deviation.",
            function=_delta_of_std,
            sees="One wild residual makes your delta as large as itself.",
            why="Then the outlier counts as an ordinary error, and Huber protects against nothing.",
            probe="huber_delta(np.array([-1.0, 0.5, -0.2, 0.9, 1e6]), 1.345)",
        ),
        Misconception(
            id="E1.2h",
            name="You left out the 0.6745, which turns the median into a standard deviation.",
            function=_delta_of_raw_mad,
            sees="Your value is the expected one times 0.6745.",
            why="Half of all normal errors are smaller than 0.6745 standard deviations. Without it a k of "
            "1.345 acts as one of 0.907, and the efficiency under normal noise falls from 95 % to 89 %.",
            probe="np.median(np.abs(np.random.default_rng(0).normal(size=100_000)))",
        ),
        Misconception(
            id="E1.2i",
            name="You multiplied by 0.6745 instead of dividing.",
            function=_delta_times,
            sees="Your value is the expected one times 0.455, the square of 0.6745.",
            why="The median of |r| is already smaller than a standard deviation; it must be made larger.",
            probe="huber_delta(np.array([-0.6745, 0.6745, 0.6745]), 1.0)  # 1 is wanted",
        ),
        Misconception(
            id="E1.2j",
            name="You took the median away first. We measure the residuals from 0.",
            function=_delta_centred,
            sees="Your value is right only where the median of the residuals is 0.",
            why="Both are used; that of 0 belongs to the published coefficients for the stack loss data: the "
            "first is -41.0265 with it and -41.0512 with the other.",
            probe="huber_delta(np.array([4.0, 5.0, 6.0]), 1.0)  # 7.41 here, 1.48 about the median",
            convention=True,
        ),
        Misconception(
            id="E1.2k",
            name="You took the mean of the absolute residuals, not their median.",
            function=_delta_of_mean,
            sees="One wild residual changes your value out of all measure.",
            why="A mean follows its largest member. A median gives way only when half of the data lie.",
            probe="huber_delta(np.array([-1.0, 0.5, -0.2, 0.9, 1e6]), 1.345)",
        ),
        Misconception(
            id="E1.2l",
            name="You took the median of the residuals with their signs.",
            function=_delta_signed,
            sees="Your value is negative, or near 0 where residuals of both signs balance.",
            why="That is where the residuals lie, not how far they scatter.",
            probe="huber_delta(np.array([-2.0, 0.0, 2.0]), 1.0)  # 2.97 is wanted",
        ),
        changes_input(
            _delta_in_place, "r = np.array([-1.0, 2.0]); huber_delta(r, 1.345); r  # [-1, 2] is wanted"
        ),
    ),
    hints=(
        "Delta must have the unit of the target. Which number says how large an ordinary residual is?",
        "The number must not move when two residuals of thirteen are wild. Which average does that?",
        "Half of all standard normal numbers lie within 0.6745 of 0. So what does a median of 0.6745 say?",
    ),
)

_PINBALL = Question(
    name="pinball",
    reference=_pinball,
    checks=(
        Check("floats of shapes (N,) and (N, D)", _pinball_ordinary, points=Decimal(2)),
        Check("all predictions too low, or all too high", _one_side),
        Check("integers", _pinball_integers),
        Check("shapes that differ are refused with a ValueError", mixed_shapes(0.9)),
        Check("the inputs are left as they were", _pinball_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M30",
            name="The two weights have changed places, or pred and target have: tau is the price of a "
            "prediction that is too low.",
            function=_pinball_swapped,
            sees="Your value is the expected one for 1 - tau.",
            why="With tau = 0.9 you would fit the 10 % quantile: nine of ten targets would lie above it.",
            probe="pinball(np.array([0.0]), np.array([1.0]), 0.9)  # too low by 1: 0.9 is wanted",
        ),
        Misconception(
            id="E1.2m",
            name="Twice the pinball loss. With the 2, tau = 0.5 gives the absolute error; we leave it out.",
            function=_pinball_doubled,
            sees="Your value is exactly twice the expected one, on every input.",
            why="Some forecasting libraries have the 2. Quantiles are the same with either; learning rates "
            "and published numbers are not.",
            probe="pinball(np.array([0.0]), np.array([1.0]), 0.5)  # 0.5 here, 1 with the 2",
            convention=True,
        ),
        Misconception(
            id="E1.2n",
            name="You took the smaller of the two lines; the loss is the larger one.",
            function=_pinball_minimum,
            sees="Your value is never positive.",
            why="The further off a prediction is, the lower this loss: it has no least value.",
            probe="pinball(np.array([0.0]), np.array([1.0]), 0.9)  # 0.9 is wanted",
        ),
        Misconception(
            id="E1.2o",
            name="For predictions that are too high your cost is negative: the difference changes its sign "
            "there, and your weight does not.",
            function=_pinball_negative_side,
            sees="Predictions that are too low are right, the others count as a gain.",
            why="Where target - pred is negative, the weight must be negative too: tau - 1.",
            probe="pinball(np.array([1.0]), np.array([0.0]), 0.9)  # too high by 1: 0.1 is wanted",
        ),
        Misconception(
            id="E1.2p",
            name="You weighted both sides with tau.",
            function=_pinball_one_weight,
            sees="Too high and too low by the same amount cost the same.",
            why="That is tau times the absolute error. Its best constant is the median for every tau.",
            probe="pinball(np.array([1.0]), np.zeros(1), 0.9), pinball(np.array([-1.0]), np.zeros(1), 0.9)",
        ),
        Misconception(
            id="E1.2q",
            name="Predictions that are too high cost nothing.",
            function=_pinball_one_side,
            sees="Your value is 0 where every prediction is too high.",
            why="Then a prediction of a million is the safest. Its price per unit is 1 - tau.",
            probe="pinball(np.array([1e6]), np.zeros(1), 0.9)  # 100000 is wanted",
        ),
        Misconception(
            id="M01",
            name="You summed the losses instead of averaging them.",
            function=_pinball_sum,
            sees="Your value is the right one times the number of elements.",
            why="A sum grows with the batch, and the gradient with it.",
            probe="pinball(np.ones(4), np.zeros(4), 0.9), pinball(np.ones(8), np.zeros(8), 0.9)",
        ),
        Misconception(
            id="M07",
            name="The losses were cut down to integers by an array of integers.",
            function=_pinball_truncated,
            sees="With integer predictions a loss of 0.9 counts as 0.",
            why=_TRUNCATED_WHY,
            probe="pinball(np.array([0]), np.array([1]), 0.9)  # 0.9 is wanted",
        ),
        broadcasts(_pinball_broadcast),
        changes_input(_pinball_in_place, "p = np.array([3.0]); pinball(p, np.array([1.0]), 0.9); p"),
    ),
    hints=(
        "Take one prediction that is too low by 1. What should it cost? And one that is too high by 1?",
        "Both costs are positive. Which of pred - target and target - pred is positive where?",
        "With tau = 0.5 the result is half the mean absolute error. Is yours?",
    ),
    curve=Curve(_ERRORS, _LINE, lambda point: (np.array([point]), np.zeros(1), 0.9)),
)

QUESTIONS = (_HUBER, _HUBER_GRAD, _HUBER_DELTA, _PINBALL)
