"""Exercise activation/stacks_of_layers: affine layers collapse, bent ones do not, and many factors make 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np

from lossact import relu, softplus, tanh
from lossact.datasets import moons
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question
from lossact.grading.questions._shared import broadcasts, changes_input, mixed_shapes

Layers = tuple[list[Any], list[Any]]

# A network that was trained on the two moons.
_MOON_WEIGHTS = [
    np.array([[1.7, -2.3, 2.2, -0.7], [-0.8, 0.8, 1.9, 0.7]]),
    np.array([[-0.5, -0.3, -2.2], [0.0, -2.4, 0.6], [-0.9, -2.1, 0.0], [-0.2, 1.8, 2.3]]),
    np.array([[-0.1], [3.0], [-2.9]]),
]
_MOON_BIASES = [np.array([-1.5, -0.5, -0.6, 1.7]), np.array([0.0, 1.8, 0.9]), np.array([5.0])]


# --- inputs ---------------------------------------------------------------------------------------------


def _layers(rng: np.random.Generator, *sizes: int) -> Layers:
    weights: list[Any] = [rng.normal(size=shape) for shape in pairwise(sizes)]
    return weights, [rng.normal(size=size) for size in sizes[1:]]


def _stacks(rng: np.random.Generator) -> list[Arguments]:
    return [
        ([np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])], [np.array([5.0, 6.0]), np.array([7.0])]),
        _layers(rng, 3, 4, 2),
        _layers(rng, 3, 4, 3),
        _layers(rng, 2, 5, 3, 4),
        _layers(rng, 1, 3, 2, 4, 2),
    ]


def _square_stacks(rng: np.random.Generator) -> list[Arguments]:
    return [_layers(rng, 2, 2, 2), _layers(rng, 3, 3, 3, 3)]


def _one_layer(rng: np.random.Generator) -> list[Arguments]:
    return [_layers(rng, 3, 2), _layers(rng, 2, 2)]


def _a_bias_too_few(rng: np.random.Generator) -> list[Arguments]:
    weights, biases = _layers(rng, 3, 3, 3)
    return [(weights, biases[:1]), (weights[:1], biases), ([*weights, np.eye(3)], biases)]


def _stacks_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [_layers(rng, 2, 3, 2), _layers(rng, 2, 2, 2, 2)]


def _networks(rng: np.random.Generator) -> list[Arguments]:
    # The activations are not 0 at 0, or fall: where each of them stands can be seen.
    small = [np.array([[1.0, -1.0]]), np.array([[-1.0], [2.0]])], [np.array([0.5, 0.0]), np.array([-3.0])]
    return [
        (np.array([[2.0], [-1.0]]), *small, relu),
        (rng.normal(size=(5, 3)), *_layers(rng, 3, 4, 2), tanh),
        (rng.normal(size=(4, 2)), *_layers(rng, 2, 3, 5, 1), softplus),
        (rng.normal(size=(3, 3)), *_layers(rng, 3, 2, 4, 3, 2), np.cos),
    ]


def _square_networks(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(2, 2)), *_layers(rng, 2, 2, 2), tanh),
        (rng.normal(size=(3, 3)), *_layers(rng, 3, 3, 3, 3), softplus),
    ]


def _no_hidden_layer(rng: np.random.Generator) -> list[Arguments]:
    return [
        (rng.normal(size=(6, 3)), *_layers(rng, 3, 2), relu),
        (rng.normal(size=(4, 2)), *_layers(rng, 2, 1), tanh),
    ]


def _two_moons(rng: np.random.Generator) -> list[Arguments]:
    points = moons(1000, noise=0.2, rng=rng)
    return [(points.x, _MOON_WEIGHTS, _MOON_BIASES, relu)]


def _sorted(arguments: Arguments, values: tuple[Any, ...]) -> dict[str, float | bool]:
    """How well the outputs tell the moons apart: the first half of the points is one moon."""
    (logits,) = values
    count = len(arguments[0])
    if logits.shape != (count, 1):
        raise ValueError(f"the shape is {logits.shape}, and {(count, 1)} is wanted")
    return {
        "share of points sorted right": round(
            float(np.mean((logits[:, 0] > 0) == (np.arange(count) >= 500))), 3
        ),
        "lowest output": round(float(np.min(logits)), 3),
    }


def _networks_a_bias_too_few(rng: np.random.Generator) -> list[Arguments]:
    weights, biases = _layers(rng, 2, 2, 2)
    x = rng.normal(size=(3, 2))
    return [(x, weights, biases[:1], tanh), (x, weights[:1], biases, tanh)]


def _networks_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(rng.normal(size=(3, 2)), *_layers(rng, 2, 3, 2), tanh)]


def _probabilities(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([0.9, 0.2, 0.5]), np.array([1, 0, 1])),
        (rng.uniform(0.05, 0.95, size=7), rng.integers(0, 2, size=7)),
        (rng.uniform(0.05, 0.95, size=4), np.array([0.0, 1.0, 1.0, 0.0])),
    ]


def _thousands(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.full(2000, 0.5), np.ones(2000, dtype=int)),
        (rng.uniform(0.1, 0.9, size=5000), rng.integers(0, 2, size=5000)),
    ]


def _sure_and_right(rng: np.random.Generator) -> list[Arguments]:
    return [
        (np.array([1.0, 0.0, 0.8]), np.array([1, 0, 1])),
        (np.array([0.0, 0.0, 1.0]), np.array([0, 0, 1])),
    ]


def _called_impossible(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.7, 0.0]), np.array([1, 1])), (np.array([1.0, 0.6]), np.array([0, 1]))]


def _probabilities_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.9, 0.2]), np.array([1, 0])), (rng.uniform(size=6), rng.integers(0, 2, size=6))]


# --- answers: one layer for many ------------------------------------------------------------------------


def _as_many(weights: Sequence[Any], biases: Sequence[Any]) -> None:
    if len(weights) != len(biases):
        raise ValueError(f"{len(weights)} weights and {len(biases)} biases; as many of each are wanted")


Step = Callable[[Any, Any, Any, Any], Any]


def _collapsed(
    weight: Step = lambda W, b, V, c: W @ V, bias: Step = lambda W, b, V, c: b @ V + c, check: bool = True
) -> Callable[..., Any]:
    """collapse with one rule exchanged; each rule takes the layer so far and the next one."""

    def answer(weights: list[Any], biases: list[Any]) -> Any:
        if check:
            _as_many(weights, biases)
        W, b = weights[0], biases[0]
        for V, c in zip(weights[1:], biases[1:], strict=False):
            W, b = weight(W, b, V, c), bias(W, b, V, c)
        return W, b

    return answer


collapse = _collapsed()


def _two_layers_only(weights: list[Any], biases: list[Any]) -> Any:
    _as_many(weights, biases)
    return collapse(weights[:2], biases[:2])


def _collapsed_transposed(weights: list[Any], biases: list[Any]) -> Any:
    W, b = collapse(weights, biases)
    return W.T, b


def _bias_first(weights: list[Any], biases: list[Any]) -> Any:
    W, b = collapse(weights, biases)
    return b, W


def _into_the_last_bias(weights: list[Any], biases: list[Any]) -> Any:
    _as_many(weights, biases)
    W, b = weights[-1], biases[-1]
    for V, c in zip(weights[-2::-1], biases[-2::-1], strict=True):
        b += c @ W
        W = V @ W
    return W, b


# --- answers: a forward pass ----------------------------------------------------------------------------


def _forward(
    layer: Callable[[Any, Any, Any], Any] = lambda a, W, b: a @ W + b,
    bends: Callable[[int, int], bool] = lambda number, count: number < count - 1,
    check: bool = True,
) -> Callable[..., Any]:
    """mlp_forward with one thing exchanged; `bends` says which layers, counted from 0, have an activation."""

    def answer(x: Any, weights: list[Any], biases: list[Any], act: Any) -> Any:
        if check:
            _as_many(weights, biases)
        a = x
        for number, (W, b) in enumerate(zip(weights, biases, strict=False)):
            a = layer(a, W, b)
            if bends(number, len(weights)):
                a = act(a)
        return a

    return answer


mlp_forward = _forward()


def _input_bent(x: Any, weights: list[Any], biases: list[Any], act: Any) -> Any:
    return mlp_forward(act(x), weights, biases, act)


def _bias_behind(x: Any, weights: list[Any], biases: list[Any], act: Any) -> Any:
    _as_many(weights, biases)
    a = x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        a = act(a @ W) + b
    return a @ weights[-1] + biases[-1]


def _without_last_layer(x: Any, weights: list[Any], biases: list[Any], act: Any) -> Any:
    _as_many(weights, biases)
    a = x
    for W, b in zip(weights[:-1], biases[:-1], strict=True):
        a = act(a @ W + b)
    return a


def _popped(x: Any, weights: list[Any], biases: list[Any], act: Any) -> Any:
    _as_many(weights, biases)
    W, b = weights.pop(), biases.pop()
    a = x
    for V, c in zip(weights, biases, strict=True):
        a = act(a @ V + c)
    return a @ W + b


# --- answers: the logarithm of a likelihood -------------------------------------------------------------


def _of_what_happened(p: Any, y: Any) -> Any:
    if np.shape(p) != np.shape(y):
        raise ValueError(f"p has shape {np.shape(p)}, y has shape {np.shape(y)}")
    return np.where(y == 1, p, 1 - p)


def _quietly(formula: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """An answer from `formula`, which takes the probabilities of what happened, and the labels."""

    def answer(p: Any, y: Any) -> Any:
        q = _of_what_happened(p, y)
        with np.errstate(all="ignore"):
            return formula(q, y)

    return answer


log_likelihood = _quietly(lambda q, y: np.sum(np.log(q)))


def _zero_times_infinity(p: Any, y: Any) -> Any:
    _of_what_happened(p, y)
    with np.errstate(all="ignore"):
        return np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))


def _labels_not_looked_at(p: Any, y: Any) -> Any:
    _of_what_happened(p, y)
    with np.errstate(all="ignore"):
        return np.sum(np.log(p))


def _classes_exchanged(p: Any, y: Any) -> Any:
    return log_likelihood(1 - p, y)


def _of_any_shapes(p: Any, y: Any) -> Any:
    with np.errstate(all="ignore"):
        return np.sum(np.log(np.where(y == 1, p, 1 - p)))


def _probabilities_in_place(p: Any, y: Any) -> Any:
    _of_what_happened(p, y)
    p[y == 0] = 1 - p[y == 0]
    with np.errstate(all="ignore"):
        return np.sum(np.log(p))


# --- questions ------------------------------------------------------------------------------------------

_STACK = (
    "V, W = [np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])], [np.array([5.0, 6.0]), np.array([7.0])]\n"
)
_SQUARE = (
    "V = [np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])]\n"
    "W = [np.array([0.0, 1.0]), np.array([0.0, 0.0])]\n"
)
_NETWORK = (
    "V = [np.array([[1.0, -1.0]]), np.array([[-1.0], [2.0]])]\nW = [np.array([0.5, 0.0]), np.array([-3.0])]\n"
)
_TOO_FEW = Misconception(
    id="E2.1h",
    name="You do not refuse lists of unlike length, and zip leaves out what has no partner.",
    function=_collapsed(check=False),
    sees="With a bias too few there is an answer instead of a ValueError, that of a shorter stack.",
    why="zip stops at the end of the shorter list without a word. A layer that is left out is hard to find "
    "later.",
    probe="list(zip([1, 2, 3], [4, 5]))",
)

_COLLAPSE = Question(
    name="collapse",
    reference=collapse,
    checks=(
        Check("stacks of two to four layers", _stacks, points=Decimal(2)),
        Check("square layers, where every product has a shape that fits", _square_stacks),
        Check("a stack of one layer", _one_layer),
        Check("as many biases as weights, or a ValueError", _a_bias_too_few),
        Check("the lists and arrays are left as they were", _stacks_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E2.1a",
            name="Only the last bias is left in your b. The earlier ones are lost.",
            function=_collapsed(bias=lambda W, b, V, c: c),
            sees="W is right. At x = 0 the stack gives something else than your b.",
            why="b1 is added before the second layer, so it goes through W2 like every signal: b1 W2 + b2.",
            probe=_STACK + "collapse(V, W)[1]  # 46 is wanted: 5 * 3 + 6 * 4 + 7",
        ),
        Misconception(
            id="E2.1b",
            name="You added the biases up as they are. An early one has to go through the later weights.",
            function=_collapsed(bias=lambda W, b, V, c: b + c),
            sees="W is right. Layers of unlike width give an error or one number too many; square ones a "
            "wrong b.",
            why="What is added before the second layer is multiplied by W2: b1 W2 + b2.",
            probe=_SQUARE + "collapse(V, W)[1]  # [3, 1] is wanted: the second row of the second matrix",
        ),
        Misconception(
            id="E2.1d",
            name="You sent b1 through W2 and did not add b2.",
            function=_collapsed(bias=lambda W, b, V, c: b @ V),
            sees="W is right. Your b does not change when a later bias does.",
            why="Every layer adds its own bias, the last one too.",
            probe=_STACK + "collapse(V, W)[1]  # 46 is wanted, 39 comes from the first bias",
        ),
        Misconception(
            id="E2.1e",
            name="You sent the sum of both biases through W2. The second is added behind it.",
            function=_collapsed(bias=lambda W, b, V, c: (b + c) @ V),
            sees="W is right. Square layers give a wrong b, others an error or a wrong b.",
            why="(x W1 + b1) W2 + b2: the bracket ends before b2.",
            probe="V = [np.eye(2), 10 * np.eye(2)]\nW = [np.zeros(2), np.ones(2)]\n"
            "collapse(V, W)[1]  # [1, 1] is wanted",
        ),
        Misconception(
            id="E2.1c",
            name="The product stands in the wrong order. A sample is a row: x meets W1 first.",
            function=_collapsed(weight=lambda W, b, V, c: V @ W),
            sees="Layers of unlike width mostly give an error. Square ones give another matrix and none.",
            why="(x W1) W2 = x (W1 W2). With columns, as in many books, it would be W2 W1.",
            probe=_SQUARE + "collapse(V, W)[0]  # [[7, 2], [3, 1]] is wanted",
        ),
        Misconception(
            id="M137",
            name="You multiplied the matrices element by element, with *.",
            function=_collapsed(weight=lambda W, b, V, c: W * V),
            sees="Layers of unlike width give an error or a strange shape. Square ones give a wrong matrix.",
            why="Each output of a layer is a sum over all its inputs. That is the product with @.",
            probe=_SQUARE + "collapse(V, W)[0]  # [[7, 2], [3, 1]] is wanted",
        ),
        Misconception(
            id="E2.1f",
            name="Your W is the transposed one. Here a layer computes x W + b, and W has shape (in, out).",
            function=_collapsed_transposed,
            sees="Rows and columns of your W are exchanged.",
            why="torch.nn.Linear stores its weight as (out, in) and transposes it in use. Not here.",
            probe=_STACK + "collapse(V, W)[0].shape, collapse(V[:1], W[:1])[0].shape  # (1, 1), (1, 2)",
            convention=True,
        ),
        Misconception(
            id="E2.1g",
            name="You returned b first. The order is W, b.",
            function=_bias_first,
            sees="Both arrays are right and stand in the other's place.",
            why="W, b = collapse(...) would give each the other's name.",
            probe=_STACK + "[each.shape for each in collapse(V, W)]  # W has two axes",
        ),
        Misconception(
            id="E2.1i",
            name="You multiplied the first two layers. A stack can have more, or just one.",
            function=_two_layers_only,
            sees="Two layers are right. For three you get the map without the last one.",
            why="The same step, repeated, takes in one layer after the other.",
            probe="V = [np.eye(1)] * 3\nW = [np.ones(1)] * 3\ncollapse(V, W)[1]  # 3 is wanted",
        ),
        _TOO_FEW,
        Misconception(
            id="M08",
            name="You changed what the caller handed in: an array with +=, or a list with pop.",
            function=_into_the_last_bias,
            sees="After the call the lists or arrays that were passed in are not what they were.",
            why="The caller still holds them. The second call with the same arguments gives another answer.",
            probe="b = [np.ones(1), np.zeros(1)]\ncollapse([np.eye(1), np.eye(1)], b); b[1]  # still 0",
        ),
    ),
    hints=(
        "Write two layers below each other and put the first into the second: (x W1 + b1) W2 + b2.",
        "Multiply out. What stands behind x is W, and everything else is b.",
        "Treat what you have so far as one layer, and take in the next. Repeat to the end.",
        "At x = 0 the stack gives b. Send zeros through the layers one by one and compare.",
    ),
)

_FORWARD = Question(
    name="mlp_forward",
    reference=mlp_forward,
    checks=(
        Check("networks with one to three hidden layers", _networks, points=Decimal(3)),
        Check("layers that are all of one width", _square_networks),
        Check("no hidden layer", _no_hidden_layer),
        Check("given weights sort the two moons", _two_moons, measure=_sorted),
        Check("as many biases as weights, or a ValueError", _networks_a_bias_too_few),
        Check("the lists and arrays are left as they were", _networks_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M80",
            name="Your hidden layers do not bend anything: the activation is never used.",
            function=_forward(bends=lambda number, count: False),
            sees="Your network is one affine map, that of collapse. The moons are sorted with 83 percent "
            "instead of 97.",
            why="However many layers are stacked without an activation, they can say what one can say.",
            probe=_NETWORK
            + "mlp_forward(np.array([[1.0], [-1.0], [0.0]]), V, W, np.tanh)  # no straight line",
        ),
        Misconception(
            id="M81",
            name="The activation is used behind the last layer as well.",
            function=_forward(bends=lambda number, count: True),
            sees="With relu none of your outputs is below 0, with tanh none is above 1.",
            why="A logit or a predicted number may have any size and sign. On the moons a ReLU at the end "
            "leaves a loss of at least 0.347.",
            probe=_NETWORK + "mlp_forward(np.array([[1.0]]), V, W, lambda z: np.maximum(z, 0))  # -4.5",
        ),
        Misconception(
            id="E2.1k",
            name="You used the activation on the input, too.",
            function=_input_bent,
            sees="With relu an input of -1 gives the same as an input of 0.",
            why="The input is data, not a pre-activation. What relu cuts off there no layer can bring back.",
            probe=_NETWORK + "mlp_forward(np.array([[-1.0]]), V, W, lambda z: np.maximum(z, 0))  # -1",
        ),
        Misconception(
            id="E2.1l",
            name="You added the bias of a hidden layer behind the activation.",
            function=_bias_behind,
            sees="Right without hidden layers, wrong with one.",
            why="The bias says where a unit bends. Behind the activation it only shifts what comes out: all "
            "units would bend at the same place.",
            probe=_NETWORK + "mlp_forward(np.array([[-0.5]]), V, W, lambda z: np.maximum(z, 0))  # -2",
        ),
        Misconception(
            id="E2.1m",
            name="The biases are left out.",
            function=_forward(layer=lambda a, W, b: a @ W),
            sees="At x = 0 a network with relu or tanh gives 0.",
            why="Without biases every line and every bend goes through the origin.",
            probe=_NETWORK + "mlp_forward(np.array([[0.0]]), V, W, lambda z: np.maximum(z, 0))  # -3.5",
        ),
        Misconception(
            id="E2.1n",
            name="Only the first layer has an activation. Every layer but the last has one.",
            function=_forward(bends=lambda number, count: number == 0 < count - 1),
            sees="Right with one hidden layer, wrong with two.",
            why="Affine layers in a row collapse into one, behind a bent layer as well.",
            probe="V = [np.eye(1)] * 3\nW = [np.ones(1)] * 3\n"
            "mlp_forward(np.array([[1.0]]), V, W, lambda z: z**2)  # 26 is wanted",
        ),
        Misconception(
            id="E2.1o",
            name="You transposed the weights. Here a layer computes x W + b, and W has shape (in, out).",
            function=_forward(layer=lambda a, W, b: a @ W.T + b),
            sees="Layers of unlike width give an error. Square ones give wrong numbers and none.",
            why="torch.nn.Linear stores its weight as (out, in) and transposes it in use. Not here.",
            probe="V = [np.array([[1.0, 2.0], [0.0, 1.0]])]\nW = [np.zeros(2)]\n"
            "mlp_forward(np.array([[1.0, 0.0]]), V, W, np.tanh)  # [[1, 2]] is wanted: the first row",
        ),
        Misconception(
            id="E2.1p",
            name="You stopped before the last layer.",
            function=_without_last_layer,
            sees="You return as many columns as the last hidden layer has units.",
            why="The last layer has no activation, but it has weights and a bias.",
            probe=_NETWORK + "mlp_forward(np.array([[1.0], [2.0]]), V, W, np.tanh).shape  # (2, 1)",
        ),
        Misconception(
            id="E2.1h",
            name=_TOO_FEW.name,
            function=_forward(check=False),
            sees=_TOO_FEW.sees,
            why=_TOO_FEW.why,
            probe=_TOO_FEW.probe,
        ),
        Misconception(
            id="M08",
            name="You took the last layer out of the caller's lists.",
            function=_popped,
            sees="After the call the lists that were passed in are shorter.",
            why="pop changes the list for everyone who holds it. The second call computes a smaller network.",
            probe=_NETWORK + "mlp_forward(np.array([[1.0]]), V, W, np.tanh); len(V)  # 2 is wanted",
        ),
    ),
    hints=(
        "For each layer: multiply by W, add b, and bend if it is not the last.",
        "Keep one array a. It starts as x, and each layer makes the next a of it.",
        "How does your loop know that a layer is the last one? Try a network that has only one layer.",
        "With act = lambda z: z the answer must be that of collapse.",
    ),
    curve=Curve(
        "one input; drawn is the output of a network with two hidden ReLUs",
        tuple(np.linspace(-3, 3, 61)),
        lambda x: (
            np.array([[x]]),
            [np.array([[1.0, -1.0]]), np.array([[-1.0], [2.0]])],
            [np.array([0.5, 0.0]), np.array([-1.0])],
            relu,
        ),
        lambda values: float(values[0][0, 0]),
    ),
)

_LOG_LIKELIHOOD = Question(
    name="log_likelihood",
    reference=log_likelihood,
    checks=(
        Check("a few samples", _probabilities, points=Decimal(2)),
        Check("thousands of samples", _thousands, points=Decimal(2)),
        Check("samples that are sure and right", _sure_and_right),
        Check("a label that was called impossible", _called_impossible),
        Check("shapes that differ are refused with a ValueError", mixed_shapes()),
        Check("the arrays are left as they were", _probabilities_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M54",
            name="You returned the likelihood itself, the product of the probabilities.",
            function=_quietly(lambda q, y: np.prod(q)),
            sees="Your number is between 0 and 1. For thousands of samples it is exactly 0.",
            why="0.5 to the power 1075 is below everything that float64 can hold. The sum of logarithms is "
            "-745 there.",
            probe="0.5**1074, 0.5**1075",
        ),
        Misconception(
            id="M54",
            name="You took the logarithm of the product. By then the product is 0.",
            function=_quietly(lambda q, y: np.log(np.prod(q))),
            sees="A few samples are right. Thousands give -inf.",
            why="The logarithm of a product is the sum of the logarithms. Only the sum stays in range.",
            probe="log_likelihood(np.full(2000, 0.5), np.ones(2000))  # -1386.29 is wanted",
        ),
        Misconception(
            id="M40",
            name="You counted the samples with y = 1 only.",
            function=_quietly(lambda q, y: np.sum(np.log(np.where(y == 1, q, 1)))),
            sees="Samples of class 0 add nothing.",
            why="Whoever says p = 1 to everything would get the best score.",
            probe="log_likelihood(np.array([0.2]), np.array([0]))  # -0.2231 is wanted",
        ),
        Misconception(
            id="E2.1q",
            name="You took p for every sample and never looked at y.",
            function=_labels_not_looked_at,
            sees="Other labels give the same number.",
            why="p is the probability of class 1. If class 0 came, what had been promised to it is 1 - p.",
            probe="log_likelihood(np.array([0.2]), np.array([0]))  # -0.2231 is wanted",
        ),
        Misconception(
            id="E2.1r",
            name="The classes are exchanged: you took p where y is 0.",
            function=_classes_exchanged,
            sees="Your number is the right one for the opposite labels.",
            why="p is the probability of class 1. The better the network, the worse your score.",
            probe="log_likelihood(np.array([0.2]), np.array([0]))  # -0.2231 is wanted",
        ),
        Misconception(
            id="E2.1s",
            name="You returned the mean. The logarithm of a likelihood is a sum over the samples.",
            function=_quietly(lambda q, y: np.mean(np.log(q))),
            sees="Your number is the right one divided by N.",
            why="Divided by -N it is the loss that is trained with. The probability of all is a sum.",
            probe="log_likelihood(np.array([0.5, 0.5]), np.array([1, 0]))  # 2 ln 0.5 = -1.386",
        ),
        Misconception(
            id="M42",
            name="The sign is that of the loss. The logarithm of a probability is not positive.",
            function=_quietly(lambda q, y: -np.sum(np.log(q))),
            sees="Each of your numbers is the right one times -1.",
            why="The negative log-likelihood is what is minimised. Here the log-likelihood itself is asked "
            "for.",
            probe="log_likelihood(np.array([0.5]), np.array([1]))  # -0.693 is wanted",
            convention=True,
        ),
        Misconception(
            id="M33",
            name="You took log2. Here it is the natural logarithm.",
            function=_quietly(lambda q, y: np.sum(np.log2(q))),
            sees="Your numbers are the right ones times 1.4427.",
            why="log2 counts bits. With the natural one the sum goes with exp and the losses of this course.",
            probe="log_likelihood(np.array([0.5]), np.array([1]))  # -0.693 is wanted",
        ),
        Misconception(
            id="M33",
            name="You took log10. Here it is the natural logarithm.",
            function=_quietly(lambda q, y: np.sum(np.log10(q))),
            sees="Your numbers are the right ones times 0.4343.",
            why="With the natural logarithm the sum goes with exp and the losses of this course.",
            probe="log_likelihood(np.array([0.5]), np.array([1]))  # -0.693 is wanted",
        ),
        Misconception(
            id="E2.1t",
            name="You added the probabilities up without a logarithm.",
            function=_quietly(lambda q, y: np.sum(q)),
            sees="Your number is positive and grows with each sample.",
            why="Independent probabilities are multiplied. Their logarithms are what is added.",
            probe="log_likelihood(np.array([0.5, 0.5]), np.array([1, 1]))  # the log of 0.25",
        ),
        Misconception(
            id="M34",
            name="You kept the probabilities away from 0. Here a label that was impossible costs everything.",
            function=_quietly(lambda q, y: np.sum(np.log(np.clip(q, 1e-12, None)))),
            sees="A label that had the probability 0 gives about -28 instead of -inf.",
            why="A loss is cut off so that training can go on. A likelihood of 0 is 0.",
            probe="log_likelihood(np.array([0.0]), np.array([1]))  # -inf is wanted",
        ),
        Misconception(
            id="E2.1u",
            name="You computed 0 times the logarithm of 0, which is nan.",
            function=_zero_times_infinity,
            sees="One sample that is sure and right makes the whole sum nan.",
            why="y log p + (1 - y) log(1 - p) takes the logarithm of the class that did not come, too.",
            probe="0.0 * np.log(np.array([0.0]))",
        ),
        broadcasts(_of_any_shapes),
        changes_input(
            _probabilities_in_place,
            "p = np.array([0.2]); log_likelihood(p, np.array([0])); p  # still 0.2",
        ),
    ),
    hints=(
        "What probability had each sample's own label? p where y is 1; and where y is 0?",
        "The probability of all labels together is the product of these. Its logarithm is a sum.",
        "0.9 and 0.2 with the labels 1 and 0: ln 0.9 + ln 0.8 = -0.3285.",
        "Try 2000 samples of p = 0.5. The answer is 2000 ln 0.5 = -1386.29.",
    ),
    curve=Curve(
        "number of samples with p = 0.5",
        tuple(float(count) for count in range(1, 2001, 50)),
        lambda count: (np.full(int(count), 0.5), np.ones(int(count))),
    ),
)

QUESTIONS = (_COLLAPSE, _FORWARD, _LOG_LIKELIHOOD)
