"""Exercise math/backpropagation: the loss of a network, all its gradients, twin units, and training."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from lossact import log_softmax, relu, softmax, softplus, tanh
from lossact.datasets import wine
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

# One network to look at: one input, two hidden units, two classes.
_V = [np.array([[1.0, -0.5]]), np.array([[1.0, -1.0], [0.5, 2.0]])]
_C = [np.array([0.0, 0.5]), np.array([0.0, 0.0])]
_X, _Y = np.array([[2.0], [-1.0], [0.5]]), np.array([0, 1, 1])


# --- inputs ---------------------------------------------------------------------------------------------


def _layers(rng: np.random.Generator, *sizes: int, scale: float = 1.0) -> tuple[list[Any], list[Any]]:
    weights: list[Any] = [rng.normal(size=shape) * scale for shape in pairwise(sizes)]
    return weights, [rng.normal(size=size) for size in sizes[1:]]


def _problem(rng: np.random.Generator, samples: int, *sizes: int, act: Any, scale: float = 1.0) -> Arguments:
    x, y = rng.normal(size=(samples, sizes[0])), rng.integers(0, sizes[-1], size=samples)
    return (*_layers(rng, *sizes, scale=scale), x, y, act)


def _networks(rng: np.random.Generator) -> list[Arguments]:
    return [
        (_V, _C, _X, _Y, tanh),
        _problem(rng, 6, 3, 4, 5, 2, act=tanh),
        _problem(rng, 7, 2, 5, 3, 4, act=softplus),
        _problem(rng, 8, 4, 6, 5, 3, act=relu),
    ]


def _square_networks(rng: np.random.Generator) -> list[Arguments]:
    # As many samples as units: every wrong product has a shape that fits.
    return [_problem(rng, 3, 3, 3, 3, 3, act=tanh), _problem(rng, 4, 4, 4, 4, 4, act=softplus)]


def _shallow_networks(rng: np.random.Generator) -> list[Arguments]:
    return [_problem(rng, 5, 4, 3, act=tanh), _problem(rng, 6, 2, 3, act=relu)]


def _far_apart(rng: np.random.Generator) -> list[Arguments]:
    calls = []
    for act in (tanh, relu):
        weights, biases, x, y, _ = _problem(rng, 6, 2, 3, 4, 3, act=act)
        calls.append(([*weights[:-1], 1500 * weights[-1]], biases, x, y, act))
    # A sample that is certainly wrong: its label has a logit 2000 below the other.
    calls.append(([np.array([[1000.0, -1000.0]])], [np.zeros(2)], np.ones((1, 1)), np.array([1]), tanh))
    return calls


def _to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [_problem(rng, 4, 2, 3, 3, 2, act=tanh)]


def _hidden_layers(rng: np.random.Generator) -> list[Arguments]:
    def drawn(inputs: int, hidden: int, outputs: int) -> Arguments:
        return (
            *rng.normal(size=(1, inputs, hidden)),
            rng.normal(size=hidden),
            rng.normal(size=(hidden, outputs)),
        )

    same = np.full((2, 4), 0.5), np.zeros(4), np.full((4, 3), 0.5)
    W, b, V = drawn(2, 5, 3)
    chosen = np.array([0, 1, 2, 0, 1])
    return [
        same,
        (np.zeros((3, 6)), np.zeros(6), np.zeros((6, 2))),
        drawn(2, 4, 3),
        (W[:, chosen], b[chosen], V[chosen]),
        (W[:, [0, 1, 1, 1, 2, 3]], b[[0, 1, 1, 1, 2, 3]], V[[0, 1, 1, 1, 2, 3]]),
    ]


def _half_twins(rng: np.random.Generator) -> list[Arguments]:
    """Units that are alike in one part only."""
    W, b, V = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=(3, 2))
    one = np.array([0, 0, 0])
    return [
        (W[:, one], b[one], V),
        (W, b[one], V[one]),
        (W[:, one], b, V[one]),
        (np.zeros((2, 4)), np.zeros(4), np.diag([1.0, 2.0, 3.0, 4.0])),
        (np.diag([1.0, 2.0, 3.0]), np.zeros(3), np.zeros((3, 2))),
        (np.array([[1.0, 2.0, -1.0]]), np.zeros(3), np.array([[1.0], [2.0], [-1.0]])),
    ]


def _runs(rng: np.random.Generator, *steps: int) -> list[Arguments]:
    return [
        (*_problem(rng, samples, *sizes, act=act), eta, count)
        for count, samples, sizes, act, eta in zip(
            steps,
            (6, 8, 5),
            ((3, 4, 5, 2), (2, 5, 3, 4), (4, 3)),
            (tanh, relu, tanh),
            (0.5, 0.05, 0.3),
            strict=True,
        )
    ]


def _one_step(rng: np.random.Generator) -> list[Arguments]:
    return [(_V, _C, _X, _Y, tanh, 1.0, 1), *_runs(rng, 1, 1, 1)]


def _many_steps(rng: np.random.Generator) -> list[Arguments]:
    return _runs(rng, 2, 12, 30)


def _no_step(rng: np.random.Generator) -> list[Arguments]:
    return [(*_problem(rng, 4, 2, 3, 2, act=tanh), 0.5, 0)]


def _wine(rng: np.random.Generator) -> list[Arguments]:
    training, _ = wine().split(test=118, seed=0)
    x = (training.x - training.x.mean(axis=0)) / training.x.std(axis=0)
    return [(*_layers(rng, 13, 6, 5, 3, scale=0.4), x, training.y, tanh, 0.5, 30)]


def _on_new_wines(arguments: Arguments, values: tuple[Any, ...]) -> dict[str, float | bool]:
    """The loss of a trained network, and its share of right answers on wines that it was not trained on."""
    wanted = [each.shape for pair in zip(*arguments[:2], strict=True) for each in pair]
    if [value.shape for value in values] != wanted:
        raise ValueError(f"the shapes are {[value.shape for value in values]}, and {wanted} are wanted")
    training, fresh = wine().split(test=118, seed=0)
    weights, biases = list(values[::2]), list(values[1::2])
    x = (fresh.x - training.x.mean(axis=0)) / training.x.std(axis=0)
    logits = _forward(weights, biases, x, tanh)[0][-1]
    return {
        "loss on the wines of the training": float(mlp_loss(weights, biases, *arguments[2:5])),
        "share of right answers on 118 new wines": float(np.mean(np.argmax(logits, axis=1) == fresh.y)),
    }


# --- answers: the loss ----------------------------------------------------------------------------------


def _forward(weights: list[Any], biases: list[Any], x: Any, act: Any) -> tuple[list[Any], list[Any]]:
    """The pre-activation and the input of every layer."""
    pre_activations: list[Any] = []
    layer_inputs = [x]
    for W, b in zip(weights, biases, strict=True):
        pre_activations.append(layer_inputs[-1] @ W + b)
        layer_inputs.append(act(pre_activations[-1]))
    return pre_activations, layer_inputs[:-1]


def _loss_of(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """mlp_loss with another formula of the logits and the labels."""

    def answer(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
        with np.errstate(all="ignore"):
            return formula(_forward(weights, biases, x, act)[0][-1], y)

    return answer


def _picked(log_p: Any, y: Any) -> Any:
    return log_p[np.arange(len(y)), y]


def _naive_softmax(z: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True)


mlp_loss = _loss_of(lambda z, y: -np.mean(_picked(log_softmax(z, 1), y)))


def _loss_of_bent_logits(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    logits = act(_forward(weights, biases, x, act)[0][-1])
    return -np.mean(_picked(log_softmax(logits, 1), y))


def _loss_of_affine_layers(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    return mlp_loss(weights, biases, x, y, lambda z: z)


def _loss_with_shorter_lists(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    loss = mlp_loss(weights, biases, x, y, act)
    weights.pop()
    return loss


# --- answers: the gradients -----------------------------------------------------------------------------


def _backward(
    output: Callable[[Any, Any], Any] = lambda P, Y: (P - Y) / len(Y),
    slope: Callable[[Any, list[Any], list[Any], int], Any] = lambda act, zs, inputs, layer: act.grad(
        zs[layer - 1]
    ),
    through: Callable[[Any, list[Any], int], Any] = lambda delta, weights, layer: delta @ weights[layer].T,
    weight: Callable[[Any, Any], Any] = lambda a, delta: a.T @ delta,
    bias: Callable[[Any], Any] = lambda delta: np.sum(delta, axis=0),
    probabilities: Callable[[Any], Any] = lambda z: softmax(z, 1),
) -> Callable[..., Any]:
    """mlp_gradients with one part exchanged. Layers are counted from 0; `layer` is the one just passed."""

    def answer(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
        zs, inputs = _forward(weights, biases, x, act)
        delta = output(probabilities(zs[-1]), np.eye(zs[-1].shape[1])[y])
        gradients: list[Any] = []
        for layer in reversed(range(len(weights))):
            gradients += [bias(delta), weight(inputs[layer], delta)]
            if layer:
                delta = through(delta, weights, layer) * slope(act, zs, inputs, layer)
        return tuple(reversed(gradients))

    return answer


mlp_gradients = _backward()


def _slope_at_the_output_too(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    zs, inputs = _forward(weights, biases, x, act)
    delta = (softmax(zs[-1], 1) - np.eye(zs[-1].shape[1])[y]) / len(y)
    gradients: list[Any] = []
    for layer in reversed(range(len(weights))):
        delta = delta * act.grad(zs[layer])
        gradients += [np.sum(delta, axis=0), inputs[layer].T @ delta]
        delta = delta @ weights[layer].T
    return tuple(reversed(gradients))


def _inputs_not_activated(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    gradients = list(mlp_gradients(weights, biases, x, y, act))
    zs, _ = _forward(weights, biases, x, act)
    delta = [(softmax(zs[-1], 1) - np.eye(zs[-1].shape[1])[y]) / len(y)]
    for layer in reversed(range(1, len(weights))):
        delta.append(delta[-1] @ weights[layer].T * act.grad(zs[layer - 1]))
    for layer in range(1, len(weights)):
        gradients[2 * layer] = zs[layer - 1].T @ delta[-1 - layer]
    return tuple(gradients)


def _labels_as_numbers(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    return _backward(
        output=lambda P, Y: (P - np.argmax(Y, axis=1)[:, np.newaxis]) / len(Y),
    )(weights, biases, x, y, act)


def _backwards(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    gradients = mlp_gradients(weights, biases, x, y, act)
    return tuple(
        each for pair in reversed(list(zip(gradients[::2], gradients[1::2], strict=True))) for each in pair
    )


def _weights_then_biases(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    gradients = mlp_gradients(weights, biases, x, y, act)
    return (*gradients[::2], *gradients[1::2])


def _lists_turned_round(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    gradients = mlp_gradients(weights, biases, x, y, act)
    weights.reverse()
    biases.reverse()
    return gradients


def _bent_last_layer(weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any) -> Any:
    zs, inputs = _forward(weights, biases, x, act)
    delta = (softmax(act(zs[-1]), 1) - np.eye(zs[-1].shape[1])[y]) / len(y) * act.grad(zs[-1])
    gradients: list[Any] = []
    for layer in reversed(range(len(weights))):
        gradients += [np.sum(delta, axis=0), inputs[layer].T @ delta]
        if layer:
            delta = delta @ weights[layer].T * act.grad(zs[layer - 1])
    return tuple(reversed(gradients))


# --- answers: units that stay alike ---------------------------------------------------------------------


def _different(*parts: Any) -> int:
    """How many different columns there are when the parts are put below each other."""
    return int(np.unique(np.vstack(parts), axis=1).shape[1])


def distinct_units(W_in: Any, b: Any, W_out: Any) -> Any:
    """How many units of a hidden layer will ever differ."""
    return _different(W_in, b, W_out.T)


def _zeros_alone(W_in: Any, b: Any, W_out: Any) -> Any:
    dead = ~np.any(np.vstack([W_in, b, W_out.T]), axis=0)
    return len(b) - max(int(np.sum(dead)) - 1, 0)


# --- answers: training ----------------------------------------------------------------------------------


def _pairs(weights: list[Any], biases: list[Any]) -> tuple[Any, ...]:
    return tuple(each for pair in zip(weights, biases, strict=True) for each in pair)


def _trained(
    gradients: Callable[..., Any] = mlp_gradients,
    step: Callable[[int, Any, float, Any], Any] = lambda number, parameter, eta, slope: (
        parameter - eta * slope
    ),
    count: Callable[[int], int] = lambda steps: steps,
    start: Callable[[Any], Any] = lambda parameter: parameter,
) -> Callable[..., Any]:
    """train_mlp with one part exchanged; `step` also takes the place of the parameter among all."""

    def answer(
        weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
    ) -> Any:
        parameters = [start(each) for each in _pairs(weights, biases)]
        for _ in range(count(steps)):
            slopes = gradients(parameters[::2], parameters[1::2], x, y, act)
            parameters = [
                step(number, parameter, eta, slope)
                for number, (parameter, slope) in enumerate(zip(parameters, slopes, strict=True))
            ]
        return tuple(parameters)

    return answer


train_mlp = _trained()


def _updated_on_the_way(
    weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
) -> Any:
    weights, biases = list(weights), list(biases)
    for _ in range(steps):
        zs, inputs = _forward(weights, biases, x, act)
        delta = (softmax(zs[-1], 1) - np.eye(zs[-1].shape[1])[y]) / len(y)
        for layer in reversed(range(len(weights))):
            weights[layer] = weights[layer] - eta * inputs[layer].T @ delta
            biases[layer] = biases[layer] - eta * np.sum(delta, axis=0)
            if layer:
                delta = delta @ weights[layer].T * act.grad(zs[layer - 1])
    return _pairs(weights, biases)


def _gradient_of_the_start(
    weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
) -> Any:
    slopes = mlp_gradients(weights, biases, x, y, act)
    return tuple(
        parameter - steps * eta * slope
        for parameter, slope in zip(_pairs(weights, biases), slopes, strict=True)
    )


def _sample_by_sample(
    weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
) -> Any:
    parameters = _pairs(weights, biases)
    for _ in range(steps):
        for n in range(len(y)):
            parameters = train_mlp(
                list(parameters[::2]), list(parameters[1::2]), x[n : n + 1], y[n : n + 1], act, eta, 1
            )
    return parameters


def _one_after_the_other(
    weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
) -> Any:
    parameters = list(_pairs(weights, biases))
    for _ in range(steps):
        for number in range(len(parameters)):
            slopes = mlp_gradients(parameters[::2], parameters[1::2], x, y, act)
            parameters[number] = parameters[number] - eta * slopes[number]
    return tuple(parameters)


def _all_weights_first(
    weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
) -> Any:
    parameters = train_mlp(weights, biases, x, y, act, eta, steps)
    return (*parameters[::2], *parameters[1::2])


def _trained_in_place(
    weights: list[Any], biases: list[Any], x: Any, y: Any, act: Any, eta: float, steps: int
) -> Any:
    for _ in range(steps):
        slopes = mlp_gradients(weights, biases, x, y, act)
        for parameter, slope in zip(_pairs(weights, biases), slopes, strict=True):
            parameter -= eta * slope
    return _pairs(weights, biases)


# --- questions ------------------------------------------------------------------------------------------

_ARRAYS = "from lossact import tanh\n"
_SMALL = (
    _ARRAYS + "V = [np.array([[1.0, -0.5]]), np.array([[1.0, -1.0], [0.5, 2.0]])]\n"
    "C = [np.array([0.0, 0.5]), np.array([0.0, 0.0])]\n"
    "x, y = np.array([[2.0], [-1.0], [0.5]]), np.array([0, 1, 1])\n"
)
_SQUARE = (
    _ARRAYS + "V = [np.array([[1.0, 2.0], [0.0, 1.0]])] * 3\nC = [np.zeros(2)] * 3\n"
    "x, y = np.array([[0.5, 0.0], [0.0, 0.1]]), np.array([0, 1])\n"
)
_BENT_WHY = "A logit may have any size and sign; tanh would keep p between 0.12 and 0.88 for two classes."

_LOSS = Question(
    name="mlp_loss",
    reference=mlp_loss,
    hands_out=("tanh",),
    checks=(
        Check("networks with one and two hidden layers", _networks, points=Decimal(2)),
        Check("no hidden layer", _shallow_networks),
        Check("logits far apart", _far_apart),
        Check("the lists and arrays are left as they were", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M81",
            name="The activation is used behind the last layer as well.",
            function=_loss_of_bent_logits,
            sees="Your loss stays moderate, however large the last weights are.",
            why=_BENT_WHY,
            probe=_ARRAYS + "mlp_loss([np.array([[9.0, -9.0]])], [np.zeros(2)], np.ones((1, 1)), "
            "np.array([1]), tanh)  # 18 is wanted",
        ),
        Misconception(
            id="M80",
            name="Your hidden layers do not bend anything: the activation is never used.",
            function=_loss_of_affine_layers,
            sees="Right without hidden layers, wrong with them.",
            why="Layers without an activation collapse into one.",
            probe=_SMALL + "mlp_loss(V, C, x, y, tanh)  # 0.3824 is wanted",
        ),
        Misconception(
            id="M46",
            name="You take exp of the logits as they are. It overflows from 710 on.",
            function=_loss_of(lambda z, y: -np.mean(np.log(_picked(_naive_softmax(z), y)))),
            sees="Ordinary logits are right. Logits of 1000 give nan or inf.",
            why="Adding a constant to a row does not change its softmax. Take the largest logit away first.",
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M52",
            name="You took the logarithm of the finished softmax.",
            function=_loss_of(lambda z, y: -np.mean(np.log(_picked(softmax(z, 1), y)))),
            sees="A sample that is certainly wrong gives inf where 2000 is right.",
            why="A probability of e^-2000 is 0 in floating point, and the logarithm cannot get it back.",
            probe="np.log(np.exp(-2000.0))",
        ),
        Misconception(
            id="E4.6a",
            name="You summed over the samples. The loss is their mean.",
            function=_loss_of(lambda z, y: -np.sum(_picked(log_softmax(z, 1), y))),
            sees="Your loss is the right one times N.",
            why="A sum grows with the batch, and so would the step of the descent.",
            probe=_SMALL + "mlp_loss(V, C, x, y, tanh)  # 0.3824 is wanted",
        ),
        Misconception(
            id="M140",
            name="You divided by N times K. The mean is over the samples alone.",
            function=_loss_of(lambda z, y: -np.mean(_picked(log_softmax(z, 1), y)) / z.shape[1]),
            sees="Your loss is the right one divided by the number of classes.",
            why="For ten classes a network that knows nothing would have 0.23 instead of ln 10 = 2.30.",
            probe=_SMALL + "mlp_loss(V, C, x, y, tanh)  # 0.3824 is wanted",
        ),
        Misconception(
            id="M42",
            name="The minus in front of the logarithm is missing.",
            function=_loss_of(lambda z, y: np.mean(_picked(log_softmax(z, 1), y))),
            sees="Your loss is negative.",
            why="Descent would make the right classes less and less likely.",
            probe=_SMALL + "mlp_loss(V, C, x, y, tanh)  # positive",
        ),
        Misconception(
            id="M93",
            name="You wrote log_p[:, y], which takes every listed column of every row.",
            function=_loss_of(lambda z, y: -np.mean(log_softmax(z, 1)[:, y])),
            sees="Your loss mixes the labels of all samples into every row.",
            why="log_p[:, y] has shape (N, N). log_p[np.arange(N), y] pairs row n with label n.",
            probe="np.zeros((2, 3))[:, np.array([0, 2, 1])].shape",
        ),
        Misconception(
            id="M51",
            name="You normalised along the columns. The classes of one sample stand in a row.",
            function=_loss_of(lambda z, y: -np.mean(_picked(log_softmax(z, 0), y))),
            sees="The loss of one sample depends on the others.",
            why="Samples would compete with each other for probability.",
            probe=_ARRAYS + "mlp_loss([np.zeros((1, 2))], [np.zeros(2)], np.ones((3, 1)), "
            "np.array([0, 1, 1]), tanh)  # ln 2",
        ),
        Misconception(
            id="M08",
            name="You changed the lists or arrays that the caller handed in.",
            function=_loss_with_shorter_lists,
            sees="After the call they are not what they were, or a list is shorter.",
            why="pop and += change them for everyone. The second call computes another network.",
            probe=_SMALL + "mlp_loss(V, C, x, y, tanh); len(V)  # 2 is wanted",
        ),
    ),
    hints=(
        "First the forward pass: multiply by W, add b, bend; the last layer does not bend.",
        "The last z are logits, one row a sample. Which entry of its log-softmax belongs to sample n?",
        "The logarithm of the softmax is z - m - log Σ exp(z - m), with m the largest logit of the row.",
        "With all weights and biases 0 the loss is ln K, whatever x is.",
    ),
    curve=Curve(
        "the first weight of a small network",
        tuple(np.linspace(-3, 3, 41)),
        lambda w: ([np.array([[w, -0.5]]), _V[1]], _C, _X, _Y, tanh),
    ),
)

_GRADIENTS = Question(
    name="mlp_gradients",
    reference=mlp_gradients,
    hands_out=("tanh",),
    checks=(
        Check("networks with one and two hidden layers", _networks, points=Decimal(4)),
        Check(
            "square layers, where every product has a shape that fits", _square_networks, points=Decimal(2)
        ),
        Check("no hidden layer", _shallow_networks),
        Check("logits far apart", _far_apart),
        Check("the lists and arrays are left as they were", _to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M09",
            name="The gradients are not divided by N, although the loss is a mean.",
            function=_backward(output=lambda P, Y: P - Y),
            sees="All your gradients are the right ones times N.",
            why="The loss is a mean, the step a sum: a batch twice as large steps twice as far.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="M10",
            name="You divided by N twice: once in δ, and again in every layer.",
            function=_backward(
                weight=lambda a, delta: a.T @ delta / len(a), bias=lambda delta: np.mean(delta, axis=0)
            ),
            sees="All your gradients are the right ones divided by N.",
            why="The 1/N of the loss is in the first δ and travels down with it. Training crawls, and seems "
            "to work.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="M139",
            name="For the biases you took the mean of δ, and δ holds the 1/N already.",
            function=_backward(bias=lambda delta: np.mean(delta, axis=0)),
            sees="The gradients of the weights are right, those of the biases are too small by 1/N.",
            why="A bias acts on every sample, so its gradient is the sum of δ over them.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="M140",
            name="You divided p - y by N times K. The loss is a mean over N alone.",
            function=_backward(output=lambda P, Y: (P - Y) / P.size),
            sees="All your gradients are the right ones divided by the number of classes.",
            why="np.mean over all entries of an (N, K) array does that unseen. With 1000 classes it crawls.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="M137",
            name="The gradient of a weight is transposed: you computed δᵀa instead of aᵀδ.",
            function=_backward(weight=lambda a, delta: delta.T @ a),
            sees="Your dW have shape (out, in). With square layers they fit, and are wrong.",
            why="dW must have the shape of W: a row for each input, a column for each output.",
            probe=_SMALL + "[each.shape for each in mlp_gradients(V, C, x, y, tanh)]",
        ),
        Misconception(
            id="M137",
            name="You multiplied a @ δ without transposing a.",
            function=_backward(weight=lambda a, delta: a @ delta),
            sees="An error about shapes; but as many samples as units let it through with wrong numbers.",
            why="dW sums over the samples, so the axis of the samples must be the inner one: aᵀδ.",
            probe=_SQUARE
            + "mlp_gradients(V, C, x, y, tanh)[4].round(4)  # [[-0.172, 0.172], [-0.3483, 0.3483]]",
        ),
        Misconception(
            id="M137",
            name="You multiplied a and δ element by element.",
            function=_backward(weight=lambda a, delta: a * delta),
            sees="An error about shapes, or a dW with a row for each sample.",
            why="Every input meets every output of its layer, summed over the samples: aᵀδ.",
            probe=_SQUARE
            + "mlp_gradients(V, C, x, y, tanh)[4].round(4)  # [[-0.172, 0.172], [-0.3483, 0.3483]]",
        ),
        Misconception(
            id="E4.6b",
            name="The slope of the activation is that of the wrong layer.",
            function=_backward(slope=lambda act, zs, inputs, layer: act.grad(zs[layer])),
            sees="The last layer is right. Layers of unlike width give an error, square ones wrong numbers.",
            why="δ goes through W of the upper layer and then meets the slope at the z below it, where the "
            "signal had been bent.",
            probe=_SQUARE + "mlp_gradients(V, C, x, y, tanh)[1].round(4)  # [-0.3728, -0.2114]",
        ),
        Misconception(
            id="E4.6c",
            name="You took the slope at a, the output of the activation. It belongs at z.",
            function=_backward(slope=lambda act, zs, inputs, layer: act.grad(inputs[layer])),
            sees="With relu you are right, with tanh and softplus the earlier layers are wrong.",
            why="act.grad wants what act was given. For relu both are positive together, which hides the "
            "mistake.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[1].round(4)  # [0.3483, -0.2858]",
        ),
        Misconception(
            id="E4.6d",
            name="The slope of the activation is missing on the way back.",
            function=_backward(slope=lambda act, zs, inputs, layer: 1.0),
            sees="The last layer is right. The gradients of earlier ones are too large with tanh.",
            why="A unit that is saturated, or a ReLU that is off, passes nothing on.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[1].round(4)  # [0.3483, -0.2858]",
        ),
        Misconception(
            id="E4.6e",
            name="You multiplied δ of the last layer by the slope of the activation. There is none there.",
            function=_slope_at_the_output_too,
            sees="All gradients are wrong, most of all where the logits are large.",
            why="The last layer has no activation: δ = (p - y)/N is already the gradient with respect to z.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="M81",
            name="Your network has an activation behind the last layer, and you went back through it.",
            function=_bent_last_layer,
            sees="All gradients are wrong; they are the right ones of another network.",
            why=_BENT_WHY,
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="E4.6f",
            name="You sent δ back through W instead of its transpose.",
            function=_backward(through=lambda delta, weights, layer: delta @ weights[layer]),
            sees="The last layer is right. Unlike widths give an error, square ones wrong numbers.",
            why="W takes inputs to outputs. What goes back comes from the outputs: δ Wᵀ.",
            probe=_SQUARE + "mlp_gradients(V, C, x, y, tanh)[1].round(4)  # [-0.3728, -0.2114]",
        ),
        Misconception(
            id="E4.6g",
            name="You sent δ back through the weights of the layer below. It came from the layer above.",
            function=_backward(through=lambda delta, weights, layer: delta @ weights[layer - 1].T),
            sees="The last layer is right. Unlike widths give an error, square ones wrong numbers.",
            why="A unit acts on the loss through the weights that lead away from it.",
            probe=_ARRAYS + "V = [np.eye(2), 5 * np.eye(2)]\nmlp_gradients(V, [np.zeros(2)] * 2, "
            "np.zeros((1, 2)), np.array([0]), tanh)[1]  # [-2.5, 2.5] is wanted",
        ),
        Misconception(
            id="E4.6h",
            name="For dW you took the z of the layer before. What came in were its activations a.",
            function=_inputs_not_activated,
            sees="The first layer and all biases are right, the later dW are not.",
            why="z = aW + b, so dz/dW is a. Keep both in the forward pass: a for dW, z for the slope.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[2][0].round(4)  # [0.0596, -0.0596]",
        ),
        Misconception(
            id="E4.6i",
            name="You returned δ itself for the bias. Its gradient is the sum over the samples.",
            function=_backward(bias=lambda delta: delta),
            sees="Your db have shape (N, out) instead of (out,).",
            why="One bias acts on all samples. NumPy would even let you subtract it: b becomes an (N, out) "
            "array.",
            probe=_SMALL + "[each.shape for each in mlp_gradients(V, C, x, y, tanh)]",
        ),
        Misconception(
            id="E4.6j",
            name="You subtracted the number of the class. y stands for a row with a 1 in its place.",
            function=_labels_as_numbers,
            sees="The entries of your last db do not sum to 0.",
            why="Class 3 is not three times class 1. p - y takes 1 from the right class alone.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].sum()  # 0 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round: y - p.",
            function=_backward(output=lambda P, Y: (Y - P) / len(Y)),
            sees="All your gradients are the right ones times -1.",
            why="Descent subtracts the gradient. With this one each step makes the loss worse.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh)[3].round(4)  # [0.211, -0.211]",
        ),
        Misconception(
            id="E4.6k",
            name="The gradients stand in the order in which you found them, the last layer first.",
            function=_backwards,
            sees="Each is right and stands in the place of another layer.",
            why="Whoever updates with zip would move W1 by the gradient of the last W.",
            probe=_SMALL + "[each.shape for each in mlp_gradients(V, C, x, y, tanh)]",
        ),
        Misconception(
            id="E4.6l",
            name="You returned all dW and then all db. The order is dW1, db1, dW2, db2, and so on.",
            function=_weights_then_biases,
            sees="Each gradient is right, but from the second on they stand in other places.",
            why="Two people who mean the same have to agree on the order.",
            probe=_SMALL + "[each.shape for each in mlp_gradients(V, C, x, y, tanh)]",
        ),
        Misconception(
            id="M46",
            name="You take exp of the logits as they are. It overflows from 710 on.",
            function=_backward(probabilities=_naive_softmax),
            sees="Ordinary logits are right. Logits of 1000 give nan.",
            why="Adding a constant to a row does not change its softmax. Take the largest logit away first.",
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M08",
            name="You changed the lists or arrays that the caller handed in.",
            function=_lists_turned_round,
            sees="After the call they are not what they were, for example in another order.",
            why="reverse() turns the list round for everyone. The next call sees a network upside down.",
            probe=_SMALL + "mlp_gradients(V, C, x, y, tanh); V[0].shape  # (1, 2) is wanted",
        ),
    ),
    hints=(
        "Keep z and the input a of every layer from the forward pass.",
        "At the end δ = (p - y)/N with y as one-hot rows. That is the gradient with respect to the last z.",
        "In each layer: dW from a and δ, db from δ. Find the products by the shapes, then the next δ below.",
        "Prove it yourself: move one entry of W1 by 1e-5 both ways and look at mlp_loss.",
    ),
    curve=Curve(
        "the first weight of a small network; drawn is the gradient for it",
        tuple(np.linspace(-3, 3, 41)),
        lambda w: ([np.array([[w, -0.5]]), _V[1]], _C, _X, _Y, tanh),
        lambda values: float(values[0][0, 0]),
    ),
)

_UNITS = Question(
    name="distinct_units",
    reference=distinct_units,
    checks=(
        Check("layers with and without twins", _hidden_layers, points=Decimal(2)),
        Check("units that are alike in one part only", _half_twins, points=Decimal(2)),
    ),
    misconceptions=(
        Misconception(
            id="M85",
            name="You took zeros alone for dangerous. Any start with equal units keeps them equal.",
            function=_zeros_alone,
            sees="A layer that is 0.5 everywhere counts as many units for you; it has one.",
            why="Equal units compute the same and get the same gradient. A hundred of them are one.",
            probe="distinct_units(np.full((2, 4), 0.5), np.zeros(4), np.full((4, 3), 0.5))  # 1 is wanted",
        ),
        Misconception(
            id="M85",
            name="You counted all units. Twins stay twins: they get the same gradient in every step.",
            function=lambda W_in, b, W_out: len(b),
            sees="Your answer is always the width of the layer.",
            why="Descent treats equal units alike. Only what differs at the start can differ later.",
            probe="distinct_units(np.zeros((3, 6)), np.zeros(6), np.zeros((6, 2)))  # 1 is wanted",
        ),
        Misconception(
            id="E4.6m",
            name="You compared only what leads into the units.",
            function=lambda W_in, b, W_out: _different(W_in, b),
            sees="Units with equal inputs and unlike outputs are one unit for you.",
            why="What comes back to a unit comes through W_out. Where that differs, the first step parts the "
            "units.",
            probe="distinct_units(np.zeros((1, 2)), np.zeros(2), np.array([[1.0], [2.0]]))  # 2 is wanted",
        ),
        Misconception(
            id="E4.6n",
            name="You compared only what leads away from the units.",
            function=lambda W_in, b, W_out: _different(W_out.T),
            sees="Units with equal outputs and unlike inputs are one unit for you.",
            why="They compute different things, so their gradients differ from the first step on.",
            probe="distinct_units(np.array([[1.0, 2.0]]), np.zeros(2), np.zeros((2, 1)))  # 2 is wanted",
        ),
        Misconception(
            id="E4.6o",
            name="You left the biases out of the comparison.",
            function=lambda W_in, b, W_out: _different(W_in, W_out.T),
            sees="Units that differ in the bias alone are one unit for you.",
            why="A bias shifts where the unit bends. Unlike biases make unlike activations, and unlike "
            "gradients.",
            probe="distinct_units(np.ones((1, 2)), np.array([0.0, 1.0]), np.ones((2, 1)))  # 2 is wanted",
        ),
        Misconception(
            id="E4.6p",
            name="You took the rank. A multiple of another unit is not its twin.",
            function=lambda W_in, b, W_out: int(np.linalg.matrix_rank(np.vstack([W_in, b, W_out.T]))),
            sees="Units whose weights are multiples of each other are one unit for you.",
            why="A hidden unit bends: tanh(2z) is not 2 tanh(z). Only equal units stay equal.",
            probe="distinct_units(np.array([[1.0, 2.0]]), np.zeros(2), np.array([[1.0], [2.0]]))  # 2",
        ),
        Misconception(
            id="E4.6q",
            name="You counted the units that are superfluous, not those that remain.",
            function=lambda W_in, b, W_out: len(b) - _different(W_in, b, W_out.T),
            sees="Your answer and the right one add up to the width.",
            why="The number that counts is how many units the layer really has.",
            probe="distinct_units(np.zeros((3, 6)), np.zeros(6), np.zeros((6, 2)))  # 1 is wanted",
        ),
    ),
    hints=(
        "All that belongs to unit j: column j of W_in, entry j of b, row j of W_out.",
        "Put these together into one column a unit. Two units are twins if their columns are equal.",
        "How many different columns are there? np.unique has an axis.",
    ),
)

_TRAIN = Question(
    name="train_mlp",
    reference=train_mlp,
    hands_out=("tanh",),
    checks=(
        Check("one step", _one_step, points=Decimal(2)),
        Check("many steps", _many_steps, points=Decimal(2)),
        Check("no step", _no_step),
        Check("wines of three growers, 30 steps", _wine, points=Decimal(2), rtol=1e-5, measure=_on_new_wines),
        Check("the lists and arrays are left as they were", _one_step, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M138",
            name="You moved the weights of a layer before δ had gone back through them.",
            function=_updated_on_the_way,
            sees="The last layer is right after one step, the earlier ones are slightly off.",
            why="The gradient is that of one network. With new weights on the way it is that of none, and no "
            "error tells you.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[1].round(4)  # [-0.3483, 0.7858]",
        ),
        Misconception(
            id="E4.6r",
            name="You computed new gradients after each single update. All parameters move together.",
            function=_one_after_the_other,
            sees="W1 is right after one step, the later parameters are off.",
            why="One step of gradient descent is taken from one point. You took several smaller ones.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[3].round(4)  # [-0.211, 0.211]",
        ),
        Misconception(
            id="M85",
            name="You began with zeros, not with the weights that are given.",
            function=_trained(start=np.zeros_like),
            sees="Your hidden weights stay 0, however many steps there are.",
            why="From zeros no gradient reaches the hidden layers: it has to pass weights that are 0. Only "
            "the last bias learns.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 5)[0]  # not 0",
        ),
        Misconception(
            id="M12",
            name="You added the gradient. Descent subtracts it.",
            function=_trained(step=lambda number, parameter, eta, slope: parameter + eta * slope),
            sees="After your training the loss is higher than before.",
            why="The gradient points uphill.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[3].round(4)  # [-0.211, 0.211]",
        ),
        Misconception(
            id="E4.6s",
            name="You computed the gradients once, before the loop.",
            function=_gradient_of_the_start,
            sees="One step is right. Several go straight on in the first direction.",
            why="The slope belongs to the place where it was taken. After a step it is another one.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 5)[3].round(4)  # not five times the first step",
        ),
        Misconception(
            id="E4.6t",
            name="You moved the weights and left the biases where they were.",
            function=_trained(
                step=lambda number, parameter, eta, slope: (
                    parameter if number % 2 else parameter - eta * slope
                )
            ),
            sees="Your biases are those from the start.",
            why="A unit that cannot move its bias has to bend where it was put.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[3].round(4)  # [-0.211, 0.211]",
        ),
        Misconception(
            id="E4.6u",
            name="You made one step too few.",
            function=_trained(count=lambda steps: max(steps - 1, 0)),
            sees="After one step nothing has moved.",
            why="range(1, steps) has steps - 1 members.",
            probe="list(range(1, 3))",
        ),
        Misconception(
            id="E4.6v",
            name="You made one step too many.",
            function=_trained(count=lambda steps: steps + 1),
            sees="With steps = 0 the parameters have moved.",
            why="range(steps + 1) has one member more than steps.",
            probe="list(range(3 + 1))",
        ),
        Misconception(
            id="E4.6w",
            name="You made a step for each sample. A step here takes all samples together.",
            function=_sample_by_sample,
            sees="After one step you have moved N times, and the result hangs on the order of the samples.",
            why="That is stochastic gradient descent, a good method and another one.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[3].round(4)  # [-0.211, 0.211]",
        ),
        Misconception(
            id="M09",
            name="Your steps are N times too long: the gradients are not divided by N.",
            function=_trained(gradients=_backward(output=lambda P, Y: P - Y)),
            sees="After one step each parameter has moved N times as far as it should.",
            why="With a sum the best η depends on the size of the batch. A larger batch may diverge.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[3].round(4)  # [-0.211, 0.211]",
        ),
        Misconception(
            id="M10",
            name="Your steps are N times too short: divided by N once in the gradients and once more.",
            function=lambda weights, biases, x, y, act, eta, steps: train_mlp(
                weights, biases, x, y, act, eta / len(y), steps
            ),
            sees="The loss falls, but it crawls. After one step each parameter has moved 1/N of its way.",
            why="The 1/N of the loss is in the gradients already. The step is η times the gradient.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1)[3].round(4)  # [-0.211, 0.211]",
        ),
        Misconception(
            id="E4.6l",
            name="You returned all W and then all b. The order is W1, b1, W2, b2, and so on.",
            function=_all_weights_first,
            sees="Each array is right, but from the second on they stand in other places.",
            why="Two people who mean the same have to agree on the order.",
            probe=_SMALL + "[each.shape for each in train_mlp(V, C, x, y, tanh, 1.0, 1)]",
        ),
        Misconception(
            id="M08",
            name="You trained the caller's arrays in place.",
            function=_trained_in_place,
            sees="After the call the weights that were passed in are the trained ones.",
            why="W -= ... writes into the array that the caller still holds. The second run starts where the "
            "first ended.",
            probe=_SMALL + "train_mlp(V, C, x, y, tanh, 1.0, 1); C[1]  # still [0, 0]",
        ),
    ),
    hints=(
        "Make mlp_gradients right first; its faults show up here as well.",
        "A step: the gradients of all parameters at the present place, then all parameters move at once.",
        "W = W - eta * dW makes a new array. W -= eta * dW writes into the one you were given.",
        "Print mlp_loss before and after. With a small enough eta it must fall in every step.",
    ),
    curve=Curve(
        "number of steps; drawn is the first bias of the last layer",
        tuple(float(steps) for steps in range(0, 41, 2)),
        lambda steps: (_V, _C, _X, _Y, tanh, 0.5, int(steps)),
        lambda values: float(values[3][0]),
    ),
)

QUESTIONS = (_LOSS, _GRADIENTS, _UNITS, _TRAIN)
