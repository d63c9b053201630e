"""Exercise math/step_size: how large a step gradient descent takes, and how fast it is then."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

from lossact.datasets import diabetes
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

# --- right answers --------------------------------------------------------------------------------------


def _with_intercept(X: Any) -> Any:
    return np.column_stack([np.ones(len(X)), X])


def _curvatures(X: Any) -> Any:
    """The eigenvalues of the Hessian of the mean squared error, in increasing order."""
    A = _with_intercept(X)
    return np.linalg.eigvalsh(2 / len(A) * A.T @ A)


def _limit(curvatures: Any) -> float:
    return float(2 / curvatures[-1])


def _rate(curvatures: Any, lr: float) -> float:
    return float(np.max(np.abs(1 - lr * curvatures)))


def _best(curvatures: Any) -> float:
    return float(2 / (curvatures[0] + curvatures[-1]))


def _max_lr(X: Any) -> float:
    return _limit(_curvatures(X))


def _gd_rate(X: Any, lr: float) -> float:
    return _rate(_curvatures(X), lr)


def _best_lr(X: Any) -> float:
    return _best(_curvatures(X))


# --- inputs ---------------------------------------------------------------------------------------------


@cache
def _diabetes() -> Any:
    return diabetes().standardised()


@cache
def _diabetes_raw() -> Any:
    return diabetes().x


def _features(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    """Columns of different means and spreads, so that the intercept is not orthogonal to them."""
    return rng.normal(size=shape) * rng.uniform(0.3, 2, size=shape[1]) + rng.uniform(0.5, 1.5, size=shape[1])


def _tables(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([[1.0], [2.0], [3.0]]),),
        (_features(rng, (7, 2)),),
        (_features(rng, (30, 4)),),
        (rng.integers(-3, 5, size=(6, 2)),),
        (0.2 * rng.normal(size=(9, 3)) + 0.1,),
    ]


def _patients(rng: np.random.Generator) -> list[Arguments]:
    return [(_diabetes(),), (rng.normal(size=(100, 1)) * 5,), (_diabetes_raw(),)]


def _tables_twice(rng: np.random.Generator) -> list[Arguments]:
    X = _features(rng, (5, 2))
    return [(np.tile(X, (2, 1)),), (np.tile(X, (5, 1)),)]


def _tables_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_features(rng, (6, 3)),), (rng.normal(size=(4, 1)),)]


def _steps_of_all_sizes(rng: np.random.Generator) -> list[Arguments]:
    small, large = _features(rng, (7, 2)), _features(rng, (30, 4))
    return [
        (np.array([[1.0], [2.0], [3.0]]), 0.1),
        (small, 0.2 * _max_lr(small)),
        (small, 0.95 * _max_lr(small)),
        (large, 0.4 * _max_lr(large)),
        (large, 0.99 * _max_lr(large)),
        (rng.integers(-3, 5, size=(6, 2)), 0.03),
    ]


def _steps_on_patients(rng: np.random.Generator) -> list[Arguments]:
    X = _diabetes()
    limit = _max_lr(X)
    return [(X, limit / 2), (X, _best_lr(X)), (X, 0.01), (rng.normal(size=(100, 1)) * 5, 0.01)]


def _steps_too_large(rng: np.random.Generator) -> list[Arguments]:
    X, small = _diabetes(), _features(rng, (7, 2))
    return [(X, 1.01 * _max_lr(X)), (small, 3 * _max_lr(small)), (small, 3 / _curvatures(small)[0])]


def _no_progress(rng: np.random.Generator) -> list[Arguments]:
    """A column twice over: the difference of its two weights never moves."""
    X = _features(rng, (8, 2))
    twice = np.column_stack([X, X[:, 0]])
    return [
        (twice, 0.4 * _max_lr(twice)),
        (twice, 1.2 * _max_lr(twice)),
        (X, 0.0),
    ]


def _tables_with_step(rng: np.random.Generator) -> list[Arguments]:
    return [(_features(rng, (6, 3)), 0.05), (rng.normal(size=(4, 1)), 0.1)]


def _tables_twice_with_step(rng: np.random.Generator) -> list[Arguments]:
    X = _features(rng, (5, 2))
    lr = 0.3 * _max_lr(X)
    return [(np.tile(X, (2, 1)), lr), (np.tile(X, (5, 1)), lr)]


# --- wrong answers --------------------------------------------------------------------------------------
# Each has one fault: other curvatures, or another number made of the right ones.

Curvatures = Callable[[Any], Any]


def _of_half(X: Any) -> Any:
    return _curvatures(X) / 2


def _of_sum(X: Any) -> Any:
    return _curvatures(X) * len(X)


def _of_half_sum(X: Any) -> Any:
    return _curvatures(X) * len(X) / 2


def _unbiased(X: Any) -> Any:
    return _curvatures(X) * len(X) / (len(X) - 1)


def _without_intercept(X: Any) -> Any:
    X = np.asarray(X, dtype=np.float64)
    return np.linalg.eigvalsh(2 / len(X) * X.T @ X)


def _not_squared(X: Any) -> Any:
    return 2 / len(X) * np.sort(np.linalg.svd(_with_intercept(X), compute_uv=False))


def _centred(X: Any) -> Any:
    """As if each column had the mean 0."""
    A = _with_intercept(X - np.mean(X, axis=0))
    return np.linalg.eigvalsh(2 / len(A) * A.T @ A)


def _diagonal(X: Any) -> Any:
    return np.sort(2 * np.mean(_with_intercept(X) ** 2, axis=0))


def _limit_with(curvatures: Curvatures) -> Callable[[Any], float]:
    return lambda X: _limit(curvatures(X))


def _rate_with(curvatures: Curvatures) -> Callable[[Any, float], float]:
    return lambda X, lr: _rate(curvatures(X), lr)


def _best_with(curvatures: Curvatures) -> Callable[[Any], float]:
    return lambda X: _best(curvatures(X))


def _of_curvatures(formula: Callable[[Any], Any]) -> Callable[[Any], float]:
    return lambda X: float(formula(_curvatures(X)))


def _of_curvatures_and_step(formula: Callable[[Any, float], Any]) -> Callable[[Any, float], float]:
    return lambda X, lr: float(formula(_curvatures(X), lr))


def _in_place(answer: Callable[..., float]) -> Callable[..., float]:
    """Standardises a copy for the answer's sake, but centres the caller's array on the way."""

    def spoiling(X: Any, *others: float) -> float:
        result = answer(X, *others)
        if X.dtype == np.float64:
            X -= X.mean(axis=0)
        return result

    return spoiling


# --- questions ------------------------------------------------------------------------------------------

_LIMIT_PROBE = "max_lr(np.array([[1.0], [2.0], [3.0]]))"
_RATE_PROBE = "gd_rate(np.array([[1.0], [2.0], [3.0]]), 0.1)"
_BEST_PROBE = "best_lr(np.array([[1.0], [2.0], [3.0]]))"


def _shared(answer: Callable[[Curvatures], Callable[..., float]], probe: str) -> tuple[Misconception, ...]:
    """The misconceptions about the Hessian, for an answer that is made of its eigenvalues."""
    return (
        Misconception(
            id="M134",
            name="Those are the curvatures of half the mean squared error. Ours has no half.",
            function=answer(_of_half),
            sees="All your curvatures are half of the right ones, so your steps are twice as long.",
            why="Halve the loss and the limit of the step doubles. A learning rate from a book with the half "
            "in its loss diverges without it.",
            probe=probe,
            convention=True,
        ),
        Misconception(
            id="M134",
            name="Those are the curvatures of the sum of squares. Ours is the mean.",
            function=answer(_of_sum),
            sees="All your curvatures are the right ones times N, and twice the same rows have twice the "
            "curvature.",
            why="The limit of the step scales with the reduction: a learning rate that is right for the mean "
            "is N times too large for the sum.",
            probe=probe,
        ),
        Misconception(
            id="M134",
            name="XᵀX alone belongs to half the sum of squares. The mean squared error has the factor 2/N.",
            function=answer(_of_half_sum),
            sees="All your curvatures are the right ones times N/2.",
            why="The factor in front of the loss stands in front of its Hessian, too.",
            probe=probe,
        ),
        Misconception(
            id="E4.3a",
            name="You forgot the column of ones: the intercept is a weight as well.",
            function=answer(_without_intercept),
            sees="With centred columns you are right, or nearly; with others you are not.",
            why="Features that are not centred share their direction with the intercept. That makes the "
            "largest curvature larger and the smallest smaller.",
            probe=probe,
        ),
        Misconception(
            id="E4.3b",
            name="You took the singular values of the matrix. The Hessian has their squares.",
            function=answer(_not_squared),
            sees="Your curvatures grow like X, not like X².",
            why="Features that are ten times larger need steps that are a hundred times smaller.",
            probe=probe,
        ),
        Misconception(
            id="E4.3c",
            name="You centred the columns, or used their covariance. The model gets X as it is.",
            function=answer(_centred),
            sees="With centred columns you are right; with others you are not.",
            why="Centring is a good idea, for it makes the condition better. But then the model must be "
            "given the centred columns, too.",
            probe=probe,
        ),
        Misconception(
            id="E4.3d",
            name="You divided by N - 1. The mean runs over N samples.",
            function=answer(_unbiased),
            sees="Your curvatures are the right ones times N / (N - 1).",
            why="N - 1 belongs to the estimate of a variance. The Hessian has the 1/N of its loss.",
            probe=probe,
        ),
        Misconception(
            id="E4.3e",
            name="You took the diagonal of the Hessian for its eigenvalues.",
            function=answer(_diagonal),
            sees="With columns that are orthogonal you are right; with others you are not.",
            why="What makes descent slow or unstable lies along a mixture of weights: correlated columns "
            "together curve more than each alone.",
            probe=probe,
        ),
    )


_MAX_LR = Question(
    name="max_lr",
    reference=_max_lr,
    checks=(
        Check("tables of several shapes", _tables, points=Decimal(2)),
        Check("the same rows several times over", _tables_twice),
        Check("442 patients, standardised and raw, and one wide column", _patients),
        Check("the inputs are left as they were", _tables_to_keep, watch="inputs"),
    ),
    misconceptions=(
        *_shared(_limit_with, _LIMIT_PROBE),
        Misconception(
            id="E4.3f",
            name="Half of the limit: with 1/λ the steepest direction is solved in one step, and up to 2/λ it "
            "still converges.",
            function=_of_curvatures(lambda c: 1 / c[-1]),
            sees="Your number is half of the right one.",
            why="Along one direction the error is multiplied by 1 - lr λ in each step. It may go down to -1.",
            probe=_LIMIT_PROBE,
        ),
        Misconception(
            id="E4.3g",
            name="You took the smallest curvature. The steepest direction diverges first.",
            function=_of_curvatures(lambda c: 2 / c[0]),
            sees="Your number is far too large: by the condition number.",
            why="For the standardised patients that is 470 times the limit. The loss overflows within a "
            "hundred steps.",
            probe=_LIMIT_PROBE,
        ),
        Misconception(
            id="E4.3h",
            name="You took the sum of all curvatures, the trace. The largest alone sets the limit.",
            function=_of_curvatures(lambda c: 2 / np.sum(c)),
            sees="Your number is too small, the more so the more columns there are.",
            why="Each direction lives by its own curvature. The bound is safe, and for the patients 2.7 "
            "times too strict.",
            probe=_LIMIT_PROBE,
        ),
        Misconception(
            id="E4.3i",
            name="That is the largest curvature itself.",
            function=_of_curvatures(lambda c: c[-1]),
            sees="Your number grows with the features; a step must shrink.",
            why="The unit of a step is 1 over that of a curvature.",
            probe=_LIMIT_PROBE,
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_in_place(_max_lr),
            sees="After the call the columns of X are centred.",
            why="The caller still holds that array. The second call with the same arguments gives another "
            "answer.",
            probe="X = np.ones((2, 1)); max_lr(X); X",
        ),
    ),
    hints=(
        "Write the model as A w, where A is X with a column of ones in front. What is the Hessian of the "
        "mean of (A w - y)²? It does not depend on y.",
        "Along an eigenvector with eigenvalue λ each step multiplies the error by 1 - lr λ. For which lr is "
        "that between -1 and 1?",
        "For X = [[1], [2], [3]] the Hessian is [[2, 4], [4, 28/3]], its eigenvalues are 0.241 and 11.09, "
        "and the limit is 0.180.",
    ),
    curve=Curve(
        axis="a number added to all entries of a column",
        points=tuple(np.linspace(-3, 3, 31)),
        call=lambda point: (np.array([[-1.0], [0.0], [1.0]]) + point,),
    ),
)

_GD_RATE = Question(
    name="gd_rate",
    reference=_gd_rate,
    checks=(
        Check("steps of several sizes", _steps_of_all_sizes, points=Decimal(2)),
        Check("the same rows several times over", _tables_twice_with_step),
        Check("442 patients, standardised, and one wide column", _steps_on_patients, rtol=1e-8),
        Check("steps that are too large", _steps_too_large),
        Check("a direction in which nothing moves", _no_progress),
        Check("the inputs are left as they were", _tables_with_step, watch="inputs"),
    ),
    misconceptions=(
        *_shared(_rate_with, _RATE_PROBE),
        Misconception(
            id="E4.3j",
            name="You look at the steepest direction only. The flattest may be slower.",
            function=_of_curvatures_and_step(lambda c, lr: abs(1 - lr * c[-1])),
            sees="With lr = 1/λmax you return 0, as if one step were enough.",
            why="For the patients 1/λmax leaves 0.9979 of the error in the flattest direction: 3244 steps "
            "for a factor of 1000.",
            probe="gd_rate(np.array([[1.0], [2.0], [3.0]]), 0.09)  # 0.978 is wanted",
        ),
        Misconception(
            id="M133",
            name="You look at the flattest direction only, and think that a step is safe because it is small "
            "there.",
            function=_of_curvatures_and_step(lambda c, lr: abs(1 - lr * c[0])),
            sees="Steps beyond the limit look fine to you.",
            why="The steepest direction diverges first. With a step 1 percent beyond the limit its error "
            "grows by 2 percent each time.",
            probe="gd_rate(np.array([[1.0], [2.0], [3.0]]), 0.2)  # 1.219 is wanted",
        ),
        Misconception(
            id="E4.3k",
            name="The absolute value is missing: the error may change its sign and grow all the same.",
            function=_of_curvatures_and_step(lambda c, lr: np.max(1 - lr * c)),
            sees="Steps beyond the limit look fine to you.",
            why="A factor of -1.2 is worse than one of 0.9: the iterates jump from side to side, farther "
            "each time.",
            probe="gd_rate(np.array([[1.0], [2.0], [3.0]]), 0.2)  # 1.219 is wanted",
        ),
        Misconception(
            id="E4.3l",
            name="That is the rate of the loss, which is quadratic in the error. We ask for that of the "
            "weights.",
            function=_of_curvatures_and_step(lambda c, lr: _rate(c, lr) ** 2),
            sees="Your number is the square of the right one.",
            why="Both are in use. After many steps the distance to the best weights shrinks by the rate, the "
            "excess loss by its square.",
            probe=_RATE_PROBE,
            convention=True,
        ),
        Misconception(
            id="E4.3m",
            name="You averaged over the directions. The slowest is the one that you wait for.",
            function=_of_curvatures_and_step(lambda c, lr: np.mean(np.abs(1 - lr * c))),
            sees="Your number is too small whenever the curvatures differ.",
            why="After a hundred steps the fast directions have nothing left to do, and the slow one has "
            "hardly begun.",
            probe=_RATE_PROBE,
        ),
        Misconception(
            id="E4.3n",
            name="You took the fastest direction. The slowest is the one that you wait for.",
            function=_of_curvatures_and_step(lambda c, lr: np.min(np.abs(1 - lr * c))),
            sees="Your number is too small, and near 0 for some steps.",
            why="After a hundred steps the fast directions have nothing left to do, and the slow one has "
            "hardly begun.",
            probe=_RATE_PROBE,
        ),
        Misconception(
            id="E4.3o",
            name="You cut the rate at 1. A step that is too large makes the error grow.",
            function=_of_curvatures_and_step(lambda c, lr: min(_rate(c, lr), 1.0)),
            sees="Beyond the limit you return 1.",
            why="A rate of 1 stands still, one of 1.02 overflows: after 36000 steps there is no float64 "
            "left.",
            probe="gd_rate(np.array([[1.0], [2.0], [3.0]]), 0.2)  # 1.219 is wanted",
        ),
        Misconception(
            id="E4.3p",
            name="You leave out the directions that do not curve. Their weights never move: the rate is 1.",
            function=_of_curvatures_and_step(
                lambda c, lr: _rate(c[c > 1e-10 * c[-1]], lr),
            ),
            sees="Where a column is there twice you return less than 1.",
            why="The loss does not mind, but the weights keep their start in that direction for ever.",
            probe="gd_rate(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), 0.01) > 0.9999",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_in_place(_gd_rate),
            sees="After the call the columns of X are centred.",
            why="The caller still holds that array. The second call with the same arguments gives another "
            "answer.",
            probe="X = np.ones((2, 1)); gd_rate(X, 0.1); X",
        ),
    ),
    hints=(
        "Take the eigenvalues from max_lr. Each direction has a factor of its own, 1 - lr λ.",
        "After many steps one direction has the largest error left. Which: the one whose factor is nearest "
        "to 0, or farthest from it?",
        "Run descent for 200 steps from a random start and divide the last two distances to the best "
        "weights. That quotient is the rate.",
        "For X = [[1], [2], [3]] and lr = 0.1 it is 0.976; for lr = 0.2 it is 1.219.",
    ),
    curve=Curve(
        axis="lr, for X = [[1], [2], [3]]",
        points=tuple(np.linspace(0, 0.25, 51)),
        call=lambda point: (np.array([[1.0], [2.0], [3.0]]), float(point)),
    ),
)

_BEST_LR = Question(
    name="best_lr",
    reference=_best_lr,
    checks=(
        Check("tables of several shapes", _tables, points=Decimal(2)),
        Check("the same rows several times over", _tables_twice),
        Check("442 patients, standardised, and one wide column", lambda rng: _patients(rng)[:2]),
        Check("the inputs are left as they were", _tables_to_keep, watch="inputs"),
    ),
    misconceptions=(
        *_shared(_best_with, _BEST_PROBE),
        Misconception(
            id="M133",
            name="You stayed on the safe side with half of the limit. The best step is nearly the limit "
            "itself.",
            function=_of_curvatures(lambda c: 1 / c[-1]),
            sees="Your number is nearly half of the right one where the curvatures differ much.",
            why="For the patients the limit is 0.2485, the best step 0.2480: half of it needs twice as many "
            "steps, 3244 instead of 1624 for a factor of 1000.",
            probe=_BEST_PROBE,
        ),
        Misconception(
            id="M133",
            name="You took a tenth of the limit, to be safe. Smaller is not safer, only slower.",
            function=_of_curvatures(lambda c: 0.2 / c[-1]),
            sees="Your number is about a tenth of the right one.",
            why="Below the limit every step converges, and the slowest direction needs ten times as many. "
            "Standardise instead: for the patients that raises the limit from 0.0000136 to 0.25.",
            probe=_BEST_PROBE,
        ),
        Misconception(
            id="E4.3q",
            name="That is the limit. There the steepest direction no longer converges.",
            function=_of_curvatures(lambda c: 2 / c[-1]),
            sees="Your number is a little too large.",
            why="At 2/λmax the steepest direction jumps from side to side for ever: its factor is -1.",
            probe="gd_rate(np.array([[1.0], [2.0], [3.0]]), best_lr(np.array([[1.0], [2.0], [3.0]])))  # "
            "below 1",
        ),
        Misconception(
            id="E4.3r",
            name="You balanced the curvatures by their product. The factors 1 - lr λ are balanced by the "
            "sum.",
            function=_of_curvatures(lambda c: 1 / np.sqrt(c[0] * c[-1])),
            sees="Your number is too large wherever the curvatures differ much, often beyond the limit.",
            why="The best step makes the slowest directions equally slow: 1 - lr λmin = lr λmax - 1.",
            probe=_BEST_PROBE,
        ),
        Misconception(
            id="E4.3s",
            name="You took the mean of all curvatures. Only the largest and the smallest matter.",
            function=_of_curvatures(lambda c: 1 / np.mean(c)),
            sees="With two weights you are right, with more you are not.",
            why="The directions between are faster than both ends, whatever their number.",
            probe="best_lr(np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 1.0]]))",
        ),
        Misconception(
            id="E4.3t",
            name="The numerator is 2: you are off by that factor.",
            function=_of_curvatures(lambda c: 1 / (c[0] + c[-1])),
            sees="Your number is half of the right one.",
            why="1 - lr λmin = lr λmax - 1 has the 1 twice.",
            probe=_BEST_PROBE,
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_in_place(_best_lr),
            sees="After the call the columns of X are centred.",
            why="The caller still holds that array. The second call with the same arguments gives another "
            "answer.",
            probe="X = np.ones((2, 1)); best_lr(X); X",
        ),
    ),
    hints=(
        "Draw |1 - lr λ| against lr for the largest and for the smallest λ. The rate is the upper one of the "
        "two curves. Where is it lowest?",
        "Where the falling line 1 - lr λmin meets the rising line lr λmax - 1.",
        "Compare gd_rate at your step with gd_rate at steps 1 percent smaller and larger: both must be "
        "greater.",
        "For X = [[1], [2], [3]] it is 0.176.",
    ),
)

QUESTIONS = (_MAX_LR, _GD_RATE, _BEST_LR)
