"""Exercise coupling/train_a_neuron: one neuron under two losses, and the slope that no loss can cancel."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np

from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

_ETA = 0.15


# --- inputs ---------------------------------------------------------------------------------------------


def _runs(loss: str) -> Callable[[np.random.Generator], list[Arguments]]:
    def inputs(rng: np.random.Generator) -> list[Arguments]:
        w, b, eta = float(rng.uniform(0.5, 1.5)), float(rng.uniform(-1, 1)), float(rng.uniform(0.3, 0.9))
        return [
            (2.0, 2.0, _ETA, 3, loss),
            (0.6, 0.9, _ETA, 300, loss),
            (2.0, 2.0, _ETA, 300, loss),
            (w, b, eta, 40, loss),
            (-0.5, -1.0, 0.7, 1, loss),
        ]

    return inputs


def _whole_numbers(rng: np.random.Generator) -> list[Arguments]:
    return [(2, 2, 1, 5, "cross-entropy"), (1, 0, 1, 5, "quadratic")]


def _unknown_losses(rng: np.random.Generator) -> list[Arguments]:
    return [(2.0, 2.0, _ETA, 3, "hinge"), (0.6, 0.9, _ETA, 3, "")]


def _chains(loss: str) -> Callable[[np.random.Generator], list[Arguments]]:
    def inputs(rng: np.random.Generator) -> list[Arguments]:
        def drawn() -> Arguments:
            x, w1, b1, w2, b2 = map(float, rng.uniform(0.4, 1.6, size=5) * rng.choice([-1, 1], size=5))
            return (x, float(rng.uniform()), w1, b1, w2, b2, loss)

        return [
            (1.0, 0.0, 0.5, 0.5, 1.5, 0.25, loss),
            drawn(),
            drawn(),
            drawn(),
            (2, 1, 1, -1, -1, 1, loss),
        ]

    return inputs


def _sure_hidden_units(rng: np.random.Generator) -> list[Arguments]:
    return [
        (1.0, 0.0, 5.0, 5.0, 1.5, 1.5, "cross-entropy"),
        (1.0, 0.0, 5.0, 5.0, 1.5, 1.5, "quadratic"),
        (2.0, 1.0, -3.0, -2.0, 1.0, -4.0, "cross-entropy"),
    ]


def _unknown_losses_of_chains(rng: np.random.Generator) -> list[Arguments]:
    return [(1.0, 0.0, 0.5, 0.5, 1.5, 0.25, "hinge"), (1.0, 0.0, 0.5, 0.5, 1.5, 0.25, "mse")]


# --- answers: the run of one neuron ---------------------------------------------------------------------


def _sigmoid(z: float) -> float:
    return 1 / (1 + float(np.exp(-z)))


def _known(loss: str) -> None:
    if loss not in ("quadratic", "cross-entropy"):
        raise ValueError(f"loss is {loss!r}; 'quadratic' or 'cross-entropy' is wanted")


Delta = Callable[[float, float], float]


def _quadratic_delta(p: float, z: float) -> float:
    return p * p * (1 - p)


def _entropy_delta(p: float, z: float) -> float:
    return p


def _trained(
    quadratic: Delta = _quadratic_delta,
    entropy: Delta = _entropy_delta,
    check: Callable[[str], None] = _known,
) -> Callable[..., Any]:
    """train_neuron with one δ exchanged; each δ takes p and z."""

    def answer(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
        check(loss)
        delta = quadratic if loss == "quadratic" else entropy
        outputs = np.empty(steps)
        for step in range(steps):
            z = w + b
            slope = delta(_sigmoid(z), z)
            w, b = w - eta * slope, b - eta * slope
            outputs[step] = _sigmoid(w + b)
        return outputs

    return answer


train_neuron = _trained()


def _anything_goes(loss: str) -> None:
    """Refuses nothing."""


def _delta_of(loss: str) -> Delta:
    _known(loss)
    return _quadratic_delta if loss == "quadratic" else _entropy_delta


def _one_after_the_other(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    delta, outputs = _delta_of(loss), []
    for _ in range(steps):
        w -= eta * delta(_sigmoid(w + b), w + b)
        b -= eta * delta(_sigmoid(w + b), w + b)
        outputs.append(_sigmoid(w + b))
    return np.array(outputs)


def _weight_alone(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    delta, outputs = _delta_of(loss), []
    for _ in range(steps):
        w -= eta * delta(_sigmoid(w + b), w + b)
        outputs.append(_sigmoid(w + b))
    return np.array(outputs)


def _uphill(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    return train_neuron(w, b, -eta, steps, loss)


def _with_start(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    return np.concatenate([[_sigmoid(w + b)], train_neuron(w, b, eta, steps, loss)])


def _before_each_step(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    return _with_start(w, b, eta, steps, loss)[:-1]


def _last_alone(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    return train_neuron(w, b, eta, steps, loss)[-1]


def _logits(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    p = train_neuron(w, b, eta, steps, loss)
    return np.log(p) - np.log1p(-p)


def _in_integers(w: float, b: float, eta: float, steps: int, loss: str) -> Any:
    delta, parameters, outputs = _delta_of(loss), np.array([w, b]), np.empty(steps)
    for step in range(steps):
        z = float(parameters.sum())
        parameters[:] = parameters - eta * delta(_sigmoid(z), z)
        outputs[step] = _sigmoid(float(parameters.sum()))
    return outputs


# --- answers: a hidden and an output weight -------------------------------------------------------------


def _forward(x: float, w1: float, b1: float, w2: float, b2: float) -> tuple[float, float]:
    hidden = _sigmoid(w1 * x + b1)
    return hidden, _sigmoid(w2 * hidden + b2)


def _output_delta(p: float, y: float, loss: str) -> float:
    return (p - y) * p * (1 - p) if loss == "quadratic" else p - y


def _own_slope(hidden: float, z: float, loss: str) -> float:
    return hidden * (1 - hidden)


def _chain(
    delta: Callable[[float, float, str], float] = _output_delta,
    slope: Callable[[float, float, str], float] = _own_slope,
    check: Callable[[str], None] = _known,
) -> Callable[..., Any]:
    """hidden_and_output_gradient with one factor exchanged: δ of the output, or the hidden unit's slope."""

    def answer(x: float, y: float, w1: float, b1: float, w2: float, b2: float, loss: str) -> Any:
        check(loss)
        hidden, p = _forward(x, w1, b1, w2, b2)
        sent = delta(p, y, loss)
        return sent * w2 * slope(hidden, w1 * x + b1, loss) * x, sent * hidden

    return answer


hidden_and_output_gradient = _chain()


def _hidden_slope_cancels_too(hidden: float, z: float, loss: str) -> float:
    return 1.0 if loss == "cross-entropy" else hidden * (1 - hidden)


def _twice_the_slope(p: float, y: float, loss: str) -> float:
    return (p - y) * p * (1 - p)


def _error_sent_back(x: float, y: float, w1: float, b1: float, w2: float, b2: float, loss: str) -> Any:
    _known(loss)
    hidden, p = _forward(x, w1, b1, w2, b2)
    return (p - y) * w2 * hidden * (1 - hidden) * x, _output_delta(p, y, loss) * hidden


def _sent_back_without_weight(
    x: float, y: float, w1: float, b1: float, w2: float, b2: float, loss: str
) -> Any:
    _known(loss)
    hidden, p = _forward(x, w1, b1, w2, b2)
    sent = _output_delta(p, y, loss)
    return sent * hidden * (1 - hidden) * x, sent * hidden


def _sent_back_by_own_weight(
    x: float, y: float, w1: float, b1: float, w2: float, b2: float, loss: str
) -> Any:
    _known(loss)
    hidden, p = _forward(x, w1, b1, w2, b2)
    sent = _output_delta(p, y, loss)
    return sent * w1 * hidden * (1 - hidden) * x, sent * hidden


def _of_the_biases(x: float, y: float, w1: float, b1: float, w2: float, b2: float, loss: str) -> Any:
    _known(loss)
    hidden, p = _forward(x, w1, b1, w2, b2)
    sent = _output_delta(p, y, loss)
    return sent * w2 * hidden * (1 - hidden), sent


def _input_for_both(x: float, y: float, w1: float, b1: float, w2: float, b2: float, loss: str) -> Any:
    dw1, _ = hidden_and_output_gradient(x, y, w1, b1, w2, b2, loss)
    _, p = _forward(x, w1, b1, w2, b2)
    return dw1, _output_delta(p, y, loss) * x


def _other_order(*arguments: Any) -> Any:
    dw1, dw2 = hidden_and_output_gradient(*arguments)
    return dw2, dw1


def _chain_uphill(*arguments: Any) -> Any:
    dw1, dw2 = hidden_and_output_gradient(*arguments)
    return -dw1, -dw2


# --- questions ------------------------------------------------------------------------------------------

_HALF_WHY = (
    "Without the half every gradient is twice as large, and so is every step: 0.0775 instead of 0.2028 after "
    "300 steps from w = b = 2."
)
_ELSE_PROBE = "losses = ['quadratic', 'cross-entropy']\n'cross entropy' in losses  # the dash is missing"
_ELSE_WHY = "A misspelt name gives a run that looks like any other, and you compare a loss with itself."
_SLOPE_TWICE_WHY = (
    "The slope of the cross-entropy, (p - y)/(p (1 - p)), has σ' as its denominator. They have cancelled: p "
    "- y "
    "is what is left."
)

_TRAIN = Question(
    name="train_neuron",
    reference=train_neuron,
    checks=(
        Check("the outputs under the quadratic loss", _runs("quadratic"), points=Decimal(3)),
        Check("the outputs under the cross-entropy", _runs("cross-entropy"), points=Decimal(3)),
        Check("weights and learning rates that are integers", _whole_numbers),
        Check("a loss of another name is refused with a ValueError", _unknown_losses),
    ),
    misconceptions=(
        Misconception(
            id="M95",
            name="Under the cross-entropy you multiplied p - y by σ'(z) once more.",
            function=_trained(entropy=_quadratic_delta),
            sees="Your two losses give one and the same curve, that of the quadratic loss.",
            why=_SLOPE_TWICE_WHY,
            probe="train_neuron(2.0, 2.0, 0.15, 300, 'cross-entropy')[-1]  # 0.0120 is wanted",
        ),
        Misconception(
            id="E3.1a",
            name="Under the quadratic loss you left out σ'(z), the slope of the activation.",
            function=_trained(quadratic=_entropy_delta),
            sees="Your two losses give one and the same curve, that of the cross-entropy.",
            why="The loss sees p, the weights move z. Between them stands σ'(z): 0.018 at z = 4.",
            probe="train_neuron(2.0, 2.0, 0.15, 150, 'quadratic')[-1]  # 0.9334 is wanted",
        ),
        Misconception(
            id="E3.1b",
            name="The whole squared error. Here the quadratic loss has a half in front.",
            function=_trained(quadratic=lambda p, z: 2 * p * p * (1 - p)),
            sees="After one step of 0.15 you are where the loss with the half is after one step of 0.3.",
            why=_HALF_WHY,
            probe="train_neuron(2.0, 2.0, 0.15, 300, 'quadratic')[-1]  # 0.2028 with the half",
            convention=True,
        ),
        Misconception(
            id="E3.1c",
            name="You moved w first, and then computed the gradient for b with the new w.",
            function=_one_after_the_other,
            sees="The outputs differ from the right ones in the fourth decimal: 0.2026 for 0.2028.",
            why="The gradient belongs to one point. Compute all of it, then move. In a deep network the "
            "mistake is no longer small.",
            probe="train_neuron(2.0, 2.0, 0.15, 300, 'quadratic')[-1]  # print four decimals",
        ),
        Misconception(
            id="E3.1d",
            name="You trained w and left b as it was.",
            function=_weight_alone,
            sees="Your outputs move about half as fast as the right ones.",
            why="z = wx + b with x = 1: both derivatives are 1, so z moves by 2 η δ in a step.",
            probe="train_neuron(0.0, 0.0, 1.0, 1, 'cross-entropy')  # 0.2689 is wanted, σ(-1)",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: you added the gradient.",
            function=_uphill,
            sees="Your outputs rise towards 1, and the target is 0.",
            why="The gradient points to where the loss grows. Descent subtracts it.",
            probe="train_neuron(0.0, 0.0, 1.0, 3, 'cross-entropy')  # must fall from 0.5",
        ),
        Misconception(
            id="M58",
            name="You took the slope of the sigmoid at p instead of at z.",
            function=_trained(quadratic=lambda p, z: p * _sigmoid(p) * (1 - _sigmoid(p))),
            sees="Your quadratic run hardly slows down, even from w = b = 2.",
            why="p is between 0 and 1, and there the slope is at least 0.197. It would never vanish.",
            probe="train_neuron(2.0, 2.0, 0.15, 1, 'quadratic')  # moves by 0.0001 only",
        ),
        Misconception(
            id="M57",
            name="You took z (1 - z) for the slope. The formula with s (1 - s) wants the output of the "
            "sigmoid.",
            function=_trained(quadratic=lambda p, z: p * z * (1 - z)),
            sees="From z = 4 your quadratic run climbs: z (1 - z) is -12 there.",
            why="A slope of the sigmoid is positive and at most one quarter.",
            probe="train_neuron(2.0, 2.0, 0.15, 2, 'quadratic')  # must fall",
        ),
        Misconception(
            id="E3.1e",
            name="Under the cross-entropy you moved by its slope with respect to p, without σ'(z).",
            function=_trained(entropy=lambda p, z: 1 / (1 - p)),
            sees="From w = b = 2 your first step moves w by 8.3: the slope with respect to p is 1/(1 - p) = "
            "55.6.",
            why="A weight is moved by the slope with respect to the weight. A well-known animation has this "
            "slip.",
            probe="train_neuron(2.0, 2.0, 0.15, 1, 'cross-entropy')  # 0.9760 is wanted",
        ),
        Misconception(
            id="E3.1f",
            name="You noted the output before each step instead of behind it.",
            function=_before_each_step,
            sees="Your first number is the output at the start; each number stands one place too late.",
            why="Whoever looks up step 150 reads step 149.",
            probe="train_neuron(0.0, 0.0, 1.0, 1, 'cross-entropy')  # not 0.5: one step has been made",
        ),
        Misconception(
            id="E3.1g",
            name="You noted the start as well. The outputs after the steps are wanted, one for each step.",
            function=_with_start,
            sees="You return one number more than there are steps.",
            why="An array of the wrong length cannot be compared or drawn with the others.",
            probe="train_neuron(2.0, 2.0, 0.15, 5, 'quadratic').shape  # (5,) is wanted",
        ),
        Misconception(
            id="E3.1h",
            name="You returned the last output alone.",
            function=_last_alone,
            sees="You return one number; an array with an entry for each step is wanted.",
            why="The plateau, 150 steps above 0.93, is in the path and not in its end.",
            probe="np.shape(train_neuron(2.0, 2.0, 0.15, 5, 'quadratic'))  # (5,) is wanted",
        ),
        Misconception(
            id="E3.1i",
            name="You returned z, not the output σ(z).",
            function=_logits,
            sees="Some of your numbers are larger than 1 or below 0.",
            why="The output is a probability; z is what the sigmoid is fed with.",
            probe="train_neuron(2.0, 2.0, 0.15, 2, 'cross-entropy')  # between 0 and 1",
        ),
        Misconception(
            id="M07",
            name="You kept w and b in an array of integers, so every step was cut off.",
            function=_in_integers,
            sees="Right for floats; with w = b = 2 as integers the run jumps from whole number to whole "
            "number.",
            why="np.array([2, 2]) holds integers, and what is written into it is rounded towards 0.",
            probe="theta = np.array([2, 2]); theta[:] = theta - 0.9; theta",
        ),
        Misconception(
            id="E3.1j",
            name="Any other name of a loss is taken for the cross-entropy.",
            function=_trained(check=_anything_goes),
            sees="'hinge' gives numbers; a ValueError is wanted.",
            why=_ELSE_WHY,
            probe=_ELSE_PROBE,
        ),
    ),
    hints=(
        "One step needs three numbers: z, p = σ(z), and δ, the slope of the loss with respect to z.",
        "Write δ as slope of the loss times slope of the activation, for each loss. In which one do they "
        "cancel?",
        "dz/dw = x = 1 and dz/db = 1. Move both by the same δ, and note σ of the new z.",
        "Under the quadratic loss 0.6, 0.9 must end at 0.0940 after 300 steps with η = 0.15.",
    ),
    curve=Curve(
        "step, from w = b = 2 under the quadratic loss",
        tuple(float(step) for step in range(1, 302, 10)),
        lambda step: (2.0, 2.0, _ETA, int(step), "quadratic"),
        lambda values: float(values[0][-1]),
    ),
)

_HIDDEN = Question(
    name="hidden_and_output_gradient",
    reference=hidden_and_output_gradient,
    checks=(
        Check("both gradients under the cross-entropy", _chains("cross-entropy"), points=Decimal(3)),
        Check("both gradients under the quadratic loss", _chains("quadratic"), points=Decimal(3)),
        Check("a hidden unit that is sure", _sure_hidden_units, atol=1e-13),
        Check("a loss of another name is refused with a ValueError", _unknown_losses_of_chains),
    ),
    misconceptions=(
        Misconception(
            id="M100",
            name="Under the cross-entropy you dropped the slope of the hidden unit as well.",
            function=_chain(slope=_hidden_slope_cancels_too),
            sees="Right under the quadratic loss; under the cross-entropy dw1 is too large, dw2 is right.",
            why="The loss touches the output alone, so it can cancel the slope of the output alone. A hidden "
            "unit at z = 10 passes on 0.000045 of what reaches it, under any loss.",
            probe="hidden_and_output_gradient(1.0, 0.0, 5.0, 5.0, 1.5, 1.5, 'cross-entropy')  # 6.5e-05, "
            "0.95",
        ),
        Misconception(
            id="M95",
            name="Under the cross-entropy you multiplied p - y by the slope of the output once more.",
            function=_chain(delta=_twice_the_slope),
            sees="Right under the quadratic loss; under the cross-entropy both gradients are too small.",
            why=_SLOPE_TWICE_WHY,
            probe="hidden_and_output_gradient(1.0, 0.0, 0.0, 0.0, 0.0, 4.0, 'cross-entropy')[1]  # 0.491",
        ),
        Misconception(
            id="E3.1a",
            name="Under the quadratic loss you left out the slope of the output.",
            function=_chain(delta=lambda p, y, loss: p - y),
            sees="Both losses give the same gradients, those of the cross-entropy.",
            why="The quadratic loss has nothing that cancels it: δ = (p - y) p (1 - p).",
            probe="hidden_and_output_gradient(1.0, 0.0, 0.0, 0.0, 0.0, 4.0, 'quadratic')[1]  # 0.0087",
        ),
        Misconception(
            id="E3.1k",
            name="You left out the slope of the hidden unit, under both losses.",
            function=_chain(slope=lambda hidden, z, loss: 1.0),
            sees="dw2 is right; dw1 is at least four times too large.",
            why="From z = w1 x + b1 to h = σ(z) the chain has a factor of its own, and it is at most one "
            "quarter.",
            probe="hidden_and_output_gradient(1.0, 0.0, 5.0, 5.0, 1.5, 1.5, 'quadratic')[0]  # 2.9e-06",
        ),
        Misconception(
            id="M58",
            name="You took the slope of the hidden unit at h instead of at its z.",
            function=_chain(slope=lambda hidden, z, loss: _sigmoid(hidden) * (1 - _sigmoid(hidden))),
            sees="dw2 is right; dw1 hardly depends on how sure the hidden unit is.",
            why="Either h (1 - h), or σ(z) (1 - σ(z)). Know whether you hold z or h.",
            probe="hidden_and_output_gradient(1.0, 0.0, 9.0, 9.0, 1.0, 0.0, 'cross-entropy')[0]  # 1.1e-08",
        ),
        Misconception(
            id="M57",
            name="You took z (1 - z) for the slope of the hidden unit.",
            function=_chain(slope=lambda hidden, z, loss: z * (1 - z)),
            sees="dw2 is right; dw1 has the wrong size and often the wrong sign.",
            why="h (1 - h) wants the output h of the unit, not its input z.",
            probe="hidden_and_output_gradient(1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 'cross-entropy')[0]  # positive",
        ),
        Misconception(
            id="E3.1b",
            name="The whole squared error. Here the quadratic loss has a half in front.",
            function=_chain(
                delta=lambda p, y, loss: _output_delta(p, y, loss) * (2 if loss == "quadratic" else 1)
            ),
            sees="Under the quadratic loss both gradients are twice the expected ones.",
            why=_HALF_WHY,
            probe="hidden_and_output_gradient(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 'quadratic')[1]  # 0.0625",
            convention=True,
        ),
        Misconception(
            id="E3.1l",
            name="You sent the error p - y back to the hidden unit, and not δ.",
            function=_error_sent_back,
            sees="dw2 is right; under the quadratic loss dw1 lacks the slope of the output.",
            why="The chain rule goes through the output unit: what goes back is the slope with respect to "
            "its z.",
            probe="hidden_and_output_gradient(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 'quadratic')[0]  # a positive "
            "number below 0.04",
        ),
        Misconception(
            id="E3.1m",
            name="You sent δ back without the weight w2 that it passes on its way.",
            function=_sent_back_without_weight,
            sees="dw2 is right; your dw1 is the right one divided by w2.",
            why="h reaches the output multiplied by w2, so it moves the output w2 times as much.",
            probe="hidden_and_output_gradient(1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 'cross-entropy')[0]  # 0: w2 is "
            "0",
        ),
        Misconception(
            id="E3.1n",
            name="You sent δ back through w1. It passes w2.",
            function=_sent_back_by_own_weight,
            sees="dw2 is right; your dw1 is the right one times w1 / w2.",
            why="The hidden unit hangs on the output by w2. By w1 it hangs on x, which comes after it.",
            probe="hidden_and_output_gradient(1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 'cross-entropy')[0]  # not 0",
        ),
        Misconception(
            id="E3.1o",
            name="These are the gradients of the biases: the last factors, x and h, are missing.",
            function=_of_the_biases,
            sees="Your dw2 is the right one divided by h, your dw1 the right one divided by x.",
            why="d(wa + b)/dw = a. A weight whose input is 0 must get the gradient 0.",
            probe="hidden_and_output_gradient(0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 'cross-entropy')[0]  # 0: x is 0",
        ),
        Misconception(
            id="E3.1p",
            name="You multiplied by x for w2 as well. The input of the output unit is h.",
            function=_input_for_both,
            sees="dw1 is right; your dw2 is the right one times x / h.",
            why="Each weight gets its δ times what came in through that weight.",
            probe="hidden_and_output_gradient(0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 'cross-entropy')[1]  # not 0",
        ),
        Misconception(
            id="E3.1q",
            name="The two gradients are right and stand in the other order.",
            function=_other_order,
            sees="Your first number is the expected second one, and the other way round.",
            why="The weights would be moved by each other's gradients.",
            probe="hidden_and_output_gradient(0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 'cross-entropy')  # dw1 is 0: x "
            "is 0",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: y - p.",
            function=_chain_uphill,
            sees="Each of your numbers is the expected one times -1.",
            why="Descent subtracts the gradient. With this one each step makes the loss worse.",
            probe="hidden_and_output_gradient(1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 'quadratic')  # positive: p is "
            "above y",
        ),
        Misconception(
            id="E3.1j",
            name="Any other name of a loss is taken for the cross-entropy.",
            function=_chain(check=_anything_goes),
            sees="'hinge' gives numbers; a ValueError is wanted.",
            why=_ELSE_WHY,
            probe=_ELSE_PROBE,
        ),
    ),
    hints=(
        "Write the chain from w1 to the loss as a line: w1, z1, h, z2, p, L. Each arrow is one factor.",
        "The last two arrows together are δ. It depends on the loss, and it is the only thing that does.",
        "dw2 is δ times what comes in through w2. dw1 is δ times w2, times the slope of the hidden unit, "
        "times x.",
        "Compare with a difference: move w1 by 1e-5 both ways and look at the loss.",
    ),
    curve=Curve(
        "weight w1 of the hidden unit; drawn is dw1 under the cross-entropy",
        tuple(np.linspace(-8, 8, 41)),
        lambda w1: (1.0, 0.0, w1, 0.0, 1.5, 0.0, "cross-entropy"),
    ),
)

QUESTIONS = (_TRAIN, _HIDDEN)
