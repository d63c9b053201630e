"""Every gradient is the slope of its own value, by central differences with unequal upstream gradients."""

import itertools

import numpy as np
import pytest

from lossact import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    huber_loss,
    identity,
    l1_loss,
    leaky_relu,
    log_softmax,
    mse_loss,
    nll_loss,
    relu,
    sigmoid,
    softmax,
    tanh,
)
from lossact.couplings import Coupling, couple, identity_mse, sigmoid_bce, softmax_ce
from lossact.gradcheck import numerical_gradient
from tests.functions.cases import (
    ACTIVATIONS,
    FUNCTIONS,
    LOSSES,
    OPTIONS,
    WEIGHTED_LOSSES,
    arguments,
    class_axis,
)

SHAPES = [(5,), (4, 3), (2, 3, 4)]
LOSS_OPTIONS = {
    "binary_cross_entropy_with_logits": [{}, {"pos_weight": 2.5, "weight": 0.3}],
    "cross_entropy": [{}, {"ignore_index": 1}, {"label_smoothing": 0.2}],
    "nll_loss": [{}, {"ignore_index": 1}],
}


def is_slope(gradient, function, x):
    """Where an entry is small beside the others, the rounding of their sum is all one can compare with."""
    np.testing.assert_allclose(gradient, numerical_gradient(function, x), rtol=1e-6, atol=1e-8)


def unequal(shape):
    return np.random.default_rng(7).uniform(0.2, 3, shape) * np.where(
        np.indices(shape).sum(axis=0) % 2, -1, 1
    )


def weights_of(options, shape):
    """The options, with a number for `weight` made an array of unequal factors of the right shape."""
    return {key: value * abs(unequal(shape)) if "weight" in key else value for key, value in options.items()}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name, shape):
    function, upstream = FUNCTIONS[name], unequal(shape)
    (x,), dim = arguments(name, shape)
    for options in [{}, *OPTIONS.get(name, [])]:
        gradient = function.vjp(x, upstream, **dim, **options)
        is_slope(gradient, lambda x: np.sum(upstream * function(x, **dim, **options)), x)  # noqa: B023


def check_loss(function, x, target, reduction, **options):
    """The gradient of the loss; with reduction="none" the one of an unequally weighted sum."""
    upstream = unequal(np.shape(function(x, target, reduction=reduction, **options)))
    spread = upstream
    if upstream.ndim and upstream.shape != x.shape:
        spread = np.expand_dims(upstream, class_axis(x.shape))
    gradient = spread * function.grad(x, target, reduction=reduction, **options)
    is_slope(gradient, lambda x: np.sum(upstream * function(x, target, reduction=reduction, **options)), x)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LOSSES)
def test_losses(name, shape, reduction):
    (x, target), _ = arguments(name, shape)
    plain = [{}, {"weight": 2.5}] if name in WEIGHTED_LOSSES else [{}]
    for options in LOSS_OPTIONS.get(name, plain) + OPTIONS.get(name, []):
        check_loss(FUNCTIONS[name], x, target, reduction, **weights_of(options, shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_class_losses_with_class_weights_and_probabilities(name, shape):
    (x, labels), _ = arguments(name, shape)
    weight = np.linspace(0.3, 2, shape[class_axis(shape)])
    soft = softmax(arguments("tanh", shape)[0][0], class_axis(shape))
    for target, smoothing in itertools.product([labels, soft], [0.0, 0.3]):
        if name == "cross_entropy":
            check_loss(cross_entropy, x, target, "mean", weight=weight, label_smoothing=smoothing)
        elif target is labels:
            check_loss(nll_loss, x, target, "mean", weight=weight)


ANY_PAIR = [
    *itertools.product([identity, sigmoid, tanh, relu, leaky_relu], [mse_loss, l1_loss, huber_loss]),
    *itertools.product([softmax, log_softmax], [mse_loss, huber_loss]),
    (sigmoid, binary_cross_entropy),
    (softmax, binary_cross_entropy),
    (softmax, cross_entropy),
    (log_softmax, nll_loss),
    (tanh, binary_cross_entropy_with_logits),
]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("activation", "loss"), ANY_PAIR, ids=lambda part: part.__name__)
def test_couplings(activation, loss, shape, reduction):
    pair = couple(activation, loss)
    (z,), _ = arguments(activation.__name__, shape)
    _, target = arguments(loss.__name__, shape, seed=3)[0]
    is_slope(pair.grad(z, target, reduction=reduction), lambda z: pair(z, target, reduction=reduction), z)
    value, gradient = pair.value_and_grad(z, target, reduction=reduction)
    assert value == pair(z, target, reduction=reduction)
    assert np.array_equal(gradient, pair.grad(z, target, reduction=reduction))


FITTING = {
    "identity_mse": (identity_mse, Coupling(identity, mse_loss)),
    "sigmoid_bce": (sigmoid_bce, Coupling(sigmoid, binary_cross_entropy)),
    "softmax_ce": (softmax_ce, Coupling(log_softmax, nll_loss)),
}


def fitting_case(name, shape):
    fused, _ = FITTING[name]
    (z,), _ = arguments(fused.activation.__name__, shape)
    return z, arguments(fused.loss.__name__, shape, seed=3)[0][1]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FITTING)
def test_the_fused_pair_is_the_chain_rule(name, shape, reduction):
    """At logits of ordinary size, where the parts are accurate too."""
    fused, chain = FITTING[name]
    z, target = fitting_case(name, shape)
    np.testing.assert_allclose(fused(z, target, reduction=reduction), chain(z, target, reduction=reduction))
    if reduction != "none" or name != "softmax_ce":
        ours, theirs = (pair.grad(z, target, reduction=reduction) for pair in (fused, chain))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FITTING)
def test_the_gradient_of_a_fitting_pair_is_its_factor_times_the_residual(name, shape):
    fused, _ = FITTING[name]
    z, target = fitting_case(name, shape)
    wanted = target
    if name == "softmax_ce":
        axis = class_axis(shape)
        wanted = np.moveaxis(np.eye(shape[axis])[target], -1, axis)
    gradient = fused.grad(z, target, reduction="none")
    np.testing.assert_allclose(gradient, fused.residual_factor * (fused.predict(z) - wanted), atol=1e-14)


def test_couple_returns_the_fused_pair_and_only_then_promises_a_residual():
    for fused, _ in FITTING.values():
        assert couple(fused.activation, fused.loss) is fused
    for activation, loss in ANY_PAIR:
        pair = couple(activation, loss)
        assert (pair.residual_factor is None) == (pair not in [fused for fused, _ in FITTING.values()])


@pytest.mark.parametrize(
    ("parts", "error", "words"),
    [
        ((np.tanh, mse_loss), TypeError, ["activation is", "tanh", "lossact.sigmoid"]),
        ((sigmoid, np.square), TypeError, ["loss is", "square", "lossact.mse_loss"]),
        ((mse_loss, sigmoid), TypeError, ["activation is", "mse_loss"]),
        ((sigmoid, cross_entropy), ValueError, ["sigmoid", "cross_entropy", "softmax"]),
    ],
    ids=str,
)
def test_couple_refuses(parts, error, words):
    with pytest.raises(error) as caught:
        couple(*parts)
    assert all(word in str(caught.value) for word in words), caught.value
