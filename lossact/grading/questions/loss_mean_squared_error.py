"""Exercise loss/mean_squared_error: the squared error, its gradient, and the gradient of the absolute one."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact import l1_loss, mse_loss
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_PREDICTION = np.array([3.0, -0.5, 2.0, 7.0])
_TARGET = np.array([2.5, 0.0, 2.0, 1.0])


# --- inputs ---------------------------------------------------------------------------------------------


def _ordinary(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_PREDICTION, _TARGET),
        (rng.normal(size=5), rng.normal(size=5)),
        (rng.normal(size=(3, 2)), rng.normal(size=(3, 2))),
    ]


def _repeated(rng: np.random.Generator) -> list[Arguments]:
    return [(np.tile(_PREDICTION, 2), np.tile(_TARGET, 2)), (np.tile(rng.normal(size=3), 4), np.zeros(12))]


def _integers(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([3, 0, 2, 7]), np.array([2, 1, 2, 1])),
        (np.array([3, 0, 2, 7]), _TARGET),
        (rng.integers(-9, 9, size=7), rng.integers(-9, 9, size=7)),
    ]


def _mixed_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_PREDICTION[:, np.newaxis], _TARGET),
        (rng.normal(size=3), rng.normal(size=(3, 1))),
        (rng.normal(size=(3, 1)), rng.normal(size=(1, 3))),
    ]


def _one_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(_PREDICTION, _TARGET), (rng.normal(size=7), rng.normal(size=7))]


def _perfect_fits(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([1.0, 2.0]), np.array([1.0, 2.0])), (_PREDICTION, _TARGET)]


# --- wrong answers --------------------------------------------------------------------------------------
# Each has one fault and is otherwise right: it refuses mixed shapes and leaves its inputs alone.


def _residual(input: Any, target: Any) -> Any:
    input, target = np.asarray(input), np.asarray(target)
    if input.shape != target.shape:
        raise ValueError(f"input has shape {input.shape}, target has shape {target.shape}")
    return input - target


def _mean_of_float(e: Any) -> Any:
    return np.mean(np.square(e.astype(float)))


def _mse_sum(input: Any, target: Any) -> Any:
    return np.sum(np.square(_residual(input, target).astype(float)))


def _mse_half(input: Any, target: Any) -> Any:
    return _mean_of_float(_residual(input, target)) / 2


def _mse_root(input: Any, target: Any) -> Any:
    return np.sqrt(_mean_of_float(_residual(input, target)))


def _mse_square_of_mean(input: Any, target: Any) -> Any:
    return np.mean(_residual(input, target)) ** 2


def _mse_broadcast(input: Any, target: Any) -> Any:
    return _mean_of_float(input - target)


def _mse_truncated(input: Any, target: Any) -> Any:
    return _mean_of_float(_residual(input.astype(int), target.astype(int)))


def _mse_in_place(input: Any, target: Any) -> Any:
    _residual(input, target)
    input -= target
    return np.mean(input**2)


def _grad(input: Any, target: Any) -> Any:
    e = _residual(input, target).astype(float)
    return 2 * e / e.size


def _grad_without_n(input: Any, target: Any) -> Any:
    return 2 * _residual(input, target).astype(float)


def _grad_n_twice(input: Any, target: Any) -> Any:
    return _grad(input, target) / input.size


def _grad_of_half(input: Any, target: Any) -> Any:
    return _grad(input, target) / 2


def _grad_uphill(input: Any, target: Any) -> Any:
    return -_grad(input, target)


def _grad_unsigned(input: Any, target: Any) -> Any:
    return np.abs(_grad(input, target))


def _grad_broadcast(input: Any, target: Any) -> Any:
    return 2 * (input - target) / input.size


def _grad_truncated(input: Any, target: Any) -> Any:
    gradient = np.zeros_like(input)
    gradient[...] = _grad(input, target)
    return gradient


def _grad_in_place(input: Any, target: Any) -> Any:
    _residual(input, target)
    input -= target
    return 2 * input / input.size


def _sign_at_zero_is_one(input: Any, target: Any) -> Any:
    e = _residual(input, target)
    return np.where(e >= 0, 1.0, -1.0) / e.size


def _sign_at_zero_is_minus_one(input: Any, target: Any) -> Any:
    e = _residual(input, target)
    return np.where(e > 0, 1.0, -1.0) / e.size


def _sign_by_division(input: Any, target: Any) -> Any:
    e = _residual(input, target)
    return e / np.abs(e) / e.size


def _sign_without_n(input: Any, target: Any) -> Any:
    return np.sign(_residual(input, target)).astype(float)


def _sign_uphill(input: Any, target: Any) -> Any:
    return -l1_loss.grad(input, target)


def _sign_in_place(input: Any, target: Any) -> Any:
    _residual(input, target)
    input -= target
    return np.sign(input) / input.size


def _size_instead_of_sign(input: Any, target: Any) -> Any:
    e = _residual(input, target)
    return np.abs(e) / e.size


def _sign_broadcast(input: Any, target: Any) -> Any:
    return np.sign(input - target) / input.size


# --- questions ------------------------------------------------------------------------------------------

_BROADCAST_WHY = (
    "NumPy stretches (n, 1) against (n,) to (n, n): every prediction meets every target, and the number "
    "that comes out looks plausible."
)
_BROADCAST_PROBE = "import numpy as np\n(np.zeros((4, 1)) - np.zeros(4)).shape"
_IN_PLACE_WHY = (
    "The caller still holds that array. The second call with the same arguments gives another answer."
)

_MSE = Question(
    name="mse_loss",
    reference=mse_loss,
    checks=(
        Check("floats of shapes (N,) and (N, D)", _ordinary),
        Check("the same batch twice over has the same mean", _repeated),
        Check("integers", _integers),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _one_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M01",
            name="You summed the squares instead of averaging them.",
            function=_mse_sum,
            sees="Your value is the right one times the number of elements.",
            why="A sum grows with the batch, and the gradient with it: the learning rate that works for 32 "
            "samples overshoots with 512.",
            probe="mse_loss(np.zeros(4), np.ones(4)), mse_loss(np.zeros(8), np.ones(8))",
        ),
        Misconception(
            id="M02",
            name="Half the mean squared error. This course, like torch, writes it without the half.",
            function=_mse_half,
            sees="Your value is exactly half of the expected one, on every input.",
            why="The half makes the gradient e/n instead of 2e/n. Either is fine as long as the value and "
            "the gradient agree; Bishop's book has the half, torch has not.",
            probe="mse_loss(np.array([1.0]), np.array([0.0]))  # 1 here, 0.5 with the half",
            convention=True,
        ),
        Misconception(
            id="M03",
            name="You took the square root: that is the RMSE.",
            function=_mse_root,
            sees="The square of your value is the expected one.",
            why="The root is a fine number to report, in the units of the target. As a loss its slope is "
            "infinite where the fit is perfect.",
            probe="mse_loss(np.array([3.0]), np.array([0.0]))  # the square of 3 is wanted",
        ),
        Misconception(
            id="M04",
            name="You squared the mean of the errors instead of averaging their squares.",
            function=_mse_square_of_mean,
            sees="Errors of opposite sign cancel in your value.",
            why="A model that is ten too high for one half and ten too low for the other would be perfect.",
            probe="mse_loss(np.array([1.0, -1.0]), np.array([0.0, 0.0]))",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
            function=_mse_broadcast,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_BROADCAST_WHY,
            probe=_BROADCAST_PROBE,
        ),
        Misconception(
            id="M07",
            name="You cut the numbers down to integers before you used them.",
            function=_mse_truncated,
            sees="The digits behind the point have no effect on your value.",
            why="Truncation moves every value towards zero, and the loss no longer notices small errors.",
            probe="mse_loss(np.array([0.9]), np.array([0.0]))",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_mse_in_place,
            sees="After the call the first argument holds the differences.",
            why=_IN_PLACE_WHY,
            probe="p = np.array([3.0]); mse_loss(p, np.array([1.0])); p",
        ),
    ),
    hints=(
        "Write down the difference first. What is done to it, element by element?",
        "How many numbers come out? One. Which operation turns all elements into one that does not grow "
        "with their number?",
        "What should happen if the two shapes differ? Compare `input.shape` with `target.shape` before "
        "you subtract.",
    ),
    curve=Curve(
        axis="prediction, with target 0 and a second, perfect prediction",
        points=tuple(np.linspace(-2, 2, 41)),
        call=lambda point: (np.array([point, 1.0]), np.array([0.0, 1.0])),
    ),
)

_MSE_GRAD = Question(
    name="mse_loss_grad",
    reference=mse_loss.grad,
    checks=(
        Check("floats of shapes (N,) and (N, D)", _ordinary, points=_MSE.checks[0].points * 2),
        Check("integers", _integers),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _one_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M11",
            name="The gradient of half the mean squared error: either your loss has the half, or you forgot "
            "the 2 that comes down from the square.",
            function=_grad_of_half,
            sees="Your gradient is exactly half of the expected one, on every input.",
            why="The derivative of e² is 2e. It is e only for a loss that has ½ in front.",
            probe="h = 1e-5\n"
            "(mse_loss(np.array([3 + h]), np.array([1.0])) - mse_loss(np.array([3 - h]), np.array([1.0])))"
            " / (2 * h)  # what does your own loss say?",
            convention=True,
        ),
        Misconception(
            id="M09",
            name="You forgot to divide by n.",
            function=_grad_without_n,
            sees="Your gradient is the right one times the number of elements.",
            why="The mean has a 1/n, so each of its slopes has it too. Without it the step grows with the "
            "batch.",
            probe="mse_loss_grad(np.ones(2), np.zeros(2)), mse_loss_grad(np.ones(4), np.zeros(4))",
        ),
        Misconception(
            id="M10",
            name="You divided by n twice.",
            function=_grad_n_twice,
            sees="Your gradient is the right one divided by the number of elements.",
            why="It still points downhill, so training seems to work; it is only n times too slow.",
            probe="mse_loss_grad(np.ones(4), np.zeros(4)).sum()  # the slope of a common shift: 2",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: target minus input.",
            function=_grad_uphill,
            sees="Your gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step climbs.",
            probe="mse_loss_grad(np.array([5.0]), np.array([0.0]))  # too high: must be positive",
        ),
        Misconception(
            id="M13",
            name="You took the size of the error and lost its direction.",
            function=_grad_unsigned,
            sees="No element of your gradient is negative.",
            why="A prediction that is too low would be pushed lower still.",
            probe="mse_loss_grad(np.array([-5.0]), np.array([0.0]))  # too low: must be negative",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
            function=_grad_broadcast,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_BROADCAST_WHY,
            probe=_BROADCAST_PROBE,
        ),
        Misconception(
            id="M07",
            name="Your gradient was cut down to integers: by an array of integers, or by //.",
            function=_grad_truncated,
            sees="With integer inputs your gradient has no digits behind the point.",
            why="`np.zeros_like(input)` takes the dtype of `input`. What does not fit is cut off without a "
            "word.",
            probe="np.zeros_like(np.array([3, 4])).dtype",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_grad_in_place,
            sees="After the call the first argument holds the differences.",
            why=_IN_PLACE_WHY,
            probe="p = np.array([3.0]); mse_loss_grad(p, np.array([1.0])); p",
        ),
    ),
    hints=(
        "The gradient has the shape of `input`: one slope for each prediction.",
        "Move one prediction by a little. By how much does the mean of the squares change?",
        "Compare with (mse_loss(input + h) - mse_loss(input - h)) / (2 h), one element at a time.",
    ),
    curve=Curve(
        axis="prediction, with target 0 and a second, perfect prediction",
        points=tuple(np.linspace(-2, 2, 41)),
        call=lambda point: (np.array([point, 1.0]), np.array([0.0, 1.0])),
        pick=lambda values: float(values[0][0]),
    ),
)

_L1_GRAD = Question(
    name="l1_loss_grad",
    reference=l1_loss.grad,
    checks=(
        Check("floats of shapes (N,) and (N, D)", _ordinary),
        Check("a perfect fit", _perfect_fits),
        Check("integers", _integers),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _one_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M22",
            name="At an error of exactly 0 you take the slope 1. We take 0, the middle of all subgradients, "
            "as torch does.",
            function=_sign_at_zero_is_one,
            sees="Only where prediction and target are equal do your numbers differ.",
            why="At the kink every number from -1 to 1 is a valid subgradient; libraries must pick one.",
            probe="l1_loss_grad(np.array([1.0]), np.array([1.0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M22",
            name="At an error of exactly 0 you take the slope -1. We take 0, the middle of all subgradients, "
            "as torch does.",
            function=_sign_at_zero_is_minus_one,
            sees="Only where prediction and target are equal do your numbers differ.",
            why="At the kink every number from -1 to 1 is a valid subgradient; libraries must pick one.",
            probe="l1_loss_grad(np.array([1.0]), np.array([1.0]))",
            convention=True,
            accepted=True,
        ),
        Misconception(
            id="M23",
            name="You divided the error by its own size, which is 0/0 at a perfect fit.",
            function=_sign_by_division,
            sees="Where prediction and target are equal your gradient is nan.",
            why="One perfect prediction is enough: after the next step every weight is nan.",
            probe="l1_loss_grad(np.array([1.0, 2.0]), np.array([1.0, 0.0]))",
        ),
        Misconception(
            id="M09",
            name="You forgot to divide by n.",
            function=_sign_without_n,
            sees="Your gradient is the right one times the number of elements.",
            why="The loss is a mean, so each of its slopes has a 1/n.",
            probe="l1_loss_grad(np.ones(2), np.zeros(2)), l1_loss_grad(np.ones(4), np.zeros(4))",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: target minus input.",
            function=_sign_uphill,
            sees="Your gradient is the right one times -1.",
            why="Descent subtracts the gradient. With this one each step climbs.",
            probe="l1_loss_grad(np.array([5.0]), np.array([0.0]))  # too high: must be positive",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_sign_in_place,
            sees="After the call the first argument holds the differences.",
            why=_IN_PLACE_WHY,
            probe="p = np.array([3.0]); l1_loss_grad(p, np.array([1.0])); p",
        ),
        Misconception(
            id="M13",
            name="You returned the size of the error instead of its sign.",
            function=_size_instead_of_sign,
            sees="Your numbers grow with the error, and none is negative.",
            why="The slope of |e| is 1 or -1, however large e is: that is why outliers pull so little.",
            probe="l1_loss_grad(np.array([1.0, 100.0]), np.zeros(2))",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
            function=_sign_broadcast,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_BROADCAST_WHY,
            probe=_BROADCAST_PROBE,
        ),
    ),
    hints=(
        "Draw |e|. What is its slope on the left, what on the right?",
        "The slope does not depend on how large the error is, only on its sign.",
        "What should it be where the error is exactly 0? Try your function there.",
    ),
    curve=Curve(
        axis="prediction, with target 0 and a second, perfect prediction",
        points=tuple(np.linspace(-2, 2, 40)),
        call=lambda point: (np.array([point, 1.0]), np.array([0.0, 1.0])),
        pick=lambda values: float(values[0][0]),
    ),
)

QUESTIONS = (_MSE, _MSE_GRAD, _L1_GRAD)
