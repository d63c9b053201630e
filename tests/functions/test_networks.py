"""The network's outputs and gradients are those of a network written in torch, and of finite differences.

Gains are those of the closed forms, of scipy's quadrature and of the publications; the flow of the gradient
is that of torch's autograd.
"""

import numpy as np
import pytest
import torch
from scipy import integrate

from lossact import (
    arctan,
    binary_cross_entropy_with_logits,
    cross_entropy,
    elu,
    exponential,
    gelu,
    hardshrink,
    hardswish,
    hardtanh,
    huber_loss,
    identity,
    leaky_relu,
    logit,
    mish,
    mse_loss,
    relu,
    relu6,
    relu_squared,
    selu,
    sigmoid,
    silu,
    softmax,
    softplus,
    softshrink,
    tanh,
)
from lossact.couplings import couple, sigmoid_bce, softmax_ce
from lossact.gradcheck import numerical_gradient
from lossact.networks import MLP, gain, gradient_flow

SIZES = [(3, 1), (3, 4, 2), (2, 5, 4, 3)]
HIDDEN = [identity, sigmoid, tanh, relu, leaky_relu]
ENDS = [mse_loss, huber_loss, binary_cross_entropy_with_logits, cross_entropy]
ENDS += [sigmoid_bce, softmax_ce, couple(tanh, mse_loss)]


def problem(sizes, end, samples=6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, sizes[0]))
    if end in (cross_entropy, softmax_ce):
        return x, rng.integers(0, sizes[-1], samples)
    return x, rng.uniform(size=(samples, sizes[-1]))


def network(sizes, activation=tanh, seed=1):
    """With biases that are not 0, so that they are seen."""
    made = MLP(sizes, activation, rng=np.random.default_rng(seed), gain=1.5)
    made.parameters = made.parameters + np.random.default_rng(2).normal(scale=0.3, size=made.parameters.shape)
    return made


def loss_at(made, x, target, end):
    def value(parameters):
        made.parameters = parameters
        return end(made(x), target)

    return value


@pytest.mark.parametrize("end", ENDS, ids=lambda end: repr(end).partition("(")[0])
@pytest.mark.parametrize("activation", HIDDEN, ids=lambda activation: activation.__name__)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_the_gradient_is_the_slope_of_the_loss(sizes, activation, end):
    made, (x, target) = network(sizes, activation), problem(sizes, end)
    start = made.parameters
    value, gradient = made.value_and_grad(x, target, end)
    assert value == pytest.approx(end(made(x), target))
    wanted = numerical_gradient(loss_at(made, x, target, end), start)
    np.testing.assert_allclose(gradient, wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_it_is_the_same_network_in_torch(sizes):
    made, (x, target) = network(sizes), problem(sizes, mse_loss)
    layers = []
    for weight, bias in zip(made.weights, made.biases, strict=True):
        linear = torch.nn.Linear(*weight.shape, dtype=torch.float64)
        linear.weight.data, linear.bias.data = torch.tensor(weight.T), torch.tensor(bias)
        layers += [linear, torch.nn.Tanh()]
    same = torch.nn.Sequential(*layers[:-1])
    output = same(torch.tensor(x))
    np.testing.assert_allclose(made(x), output.detach().numpy(), rtol=1e-12)
    torch.nn.functional.mse_loss(output, torch.tensor(target)).backward()
    parts = [part for linear in same[::2] for part in (linear.weight.grad.T, linear.bias.grad)]
    gradient = np.concatenate([part.numpy().ravel() for part in parts])
    np.testing.assert_allclose(made.value_and_grad(x, target, mse_loss)[1], gradient, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("end", [mse_loss, softmax_ce], ids=["mse_loss", "softmax_ce"])
def test_a_batch_said_twice_changes_nothing(end):
    made, (x, target) = network((3, 4, 2)), problem((3, 4, 2), end)
    once = made.value_and_grad(x, target, end)
    twice = made.value_and_grad(np.concatenate([x, x]), np.concatenate([target, target]), end)
    for first, second in zip(once, twice, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-12)


def test_the_gradient_of_a_batch_is_the_mean_over_its_samples():
    made, (x, target) = network((3, 4, 2)), problem((3, 4, 2), mse_loss)
    single = [made.value_and_grad(x[[i]], target[[i]], mse_loss)[1] for i in range(len(x))]
    np.testing.assert_allclose(
        made.value_and_grad(x, target, mse_loss)[1], np.mean(single, axis=0), rtol=1e-9
    )


def test_the_initial_weights_have_variance_gain_squared_over_fan_in():
    made = MLP((400, 300, 5), relu, rng=np.random.default_rng(0), gain=np.sqrt(2))
    for weight, rows in zip(made.weights, (400, 300), strict=True):
        assert weight.std() == pytest.approx(np.sqrt(2 / rows), rel=0.03)
        assert abs(weight.mean()) < 0.1 * weight.std()
    assert not any(bias.any() for bias in made.biases)
    again = MLP((400, 300, 5), relu, rng=np.random.default_rng(0), gain=np.sqrt(2))
    assert np.array_equal(made.parameters, again.parameters)


def test_parameters_are_a_copy_layer_by_layer():
    made = network((2, 3, 1))
    vector = made.parameters
    parts = [made.weights[0], made.biases[0], made.weights[1], made.biases[1]]
    assert np.array_equal(vector, np.concatenate([part.ravel() for part in parts]))
    wanted = vector.copy()
    vector[:] = 0
    assert np.array_equal(made.parameters, wanted)
    vector = np.arange(13.0)
    made.parameters = vector
    vector[:] = 0
    assert np.array_equal(made.parameters, np.arange(13.0))
    assert (made.weights[0][1, 2], made.biases[0][0], made.weights[1][2, 0], made.biases[1][0]) == (
        5,
        6,
        11,
        12,
    )


def test_neither_the_data_nor_the_parameters_are_changed_by_a_gradient():
    made, (x, target) = network((3, 4, 2)), problem((3, 4, 2), mse_loss)
    before = made.parameters, x.copy(), target.copy()
    made.value_and_grad(x, target, mse_loss)
    assert all(np.array_equal(a, b) for a, b in zip(before, (made.parameters, x, target), strict=True))


RNG = np.random.default_rng(0)
REFUSED = [
    (lambda: MLP((3,), tanh, rng=RNG), ValueError, ["sizes is (3,)", "an input and an output size"]),
    (lambda: MLP((3, 0, 1), tanh, rng=RNG), ValueError, ["sizes is (3, 0, 1)", "1 or more"]),
    (lambda: MLP((3, 1), softmax, rng=RNG), ValueError, ["softmax", "not elementwise"]),
    (lambda: MLP((3, 1), np.tanh, rng=RNG), TypeError, ["activation is", "tanh", "lossact.tanh"]),
    (lambda: network((3, 1))(np.ones((2, 4))), ValueError, ["x has shape (2, 4)", "(N, 3)"]),
    (lambda: network((3, 1))(np.ones(3)), ValueError, ["x has shape (3,)", "(N, 3)"]),
    (lambda: setattr(network((3, 1)), "parameters", np.ones(3)), ValueError, ["(3,)", "(4,)"]),
    (
        lambda: network((3, 1)).value_and_grad(np.ones((2, 3)), np.ones(2), mse_loss),
        ValueError,
        ["mse_loss", "(2, 1)", "(2,)", "must be the same"],
    ),
]
REFUSED += [
    (lambda: gain(softmax), ValueError, ["softmax", "not elementwise"]),
    (lambda: gain(np.tanh), TypeError, ["activation is", "tanh", "lossact.tanh"]),
    (lambda: gain(tanh, preserving="signals"), ValueError, ["'signals'", "'signal' or 'gradient'"]),
    (lambda: gain(logit), ValueError, ["logit", "nan", "finite number"]),
    (lambda: gradient_flow(np.tanh, 1.0, rng=RNG), TypeError, ["lossact.tanh"]),
    (lambda: gradient_flow(tanh, 1.0, rng=RNG, depth=0), ValueError, ["0, 256 and 64", "1 or more"]),
]


@pytest.mark.parametrize(("action", "error", "words"), REFUSED)
def test_what_a_network_refuses(action, error, words):
    with pytest.raises(error) as caught:
        action()
    assert all(word in str(caught.value) for word in words), caught.value


SQRT2 = np.sqrt(2)
CLOSED = [  # E f² and E f'² by hand
    (identity, 1, 1),
    (relu, 1 / 2, 1 / 2),
    (leaky_relu, (1 + 0.01**2) / 2, (1 + 0.01**2) / 2),
    (relu_squared, 3 / 2, 2),
    (exponential, np.exp(2), np.exp(2)),
]


@pytest.mark.parametrize(
    ("activation", "signal", "slope"), CLOSED, ids=lambda value: getattr(value, "__name__", None)
)
def test_gains_in_closed_form(activation, signal, slope):
    assert gain(activation) == pytest.approx(1 / np.sqrt(signal), rel=1e-13)
    assert gain(activation, preserving="gradient") == pytest.approx(1 / np.sqrt(slope), rel=1e-13)


QUADRATURE = [
    arctan,
    elu,
    gelu,
    hardshrink,
    hardswish,
    hardtanh,
    mish,
    relu6,
    selu,
    sigmoid,
    silu,
    softplus,
    softshrink,
    tanh,
]


@pytest.mark.parametrize("activation", QUADRATURE, ids=lambda activation: activation.__name__)
def test_gains_are_those_of_an_adaptive_quadrature(activation):
    for preserving, factor in (("signal", activation), ("gradient", activation.grad)):
        expectation, _ = integrate.quad(
            lambda z, factor=factor: float(factor(z)) ** 2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi),
            -12,
            12,
            points=(-6, -3, -1, -0.5, 0, 0.5, 1, 3, 6),
            epsabs=1e-13,
            limit=200,
        )
        assert gain(activation, preserving=preserving) == pytest.approx(1 / np.sqrt(expectation), rel=1e-10)


def test_gains_as_published():
    assert gain(relu) == pytest.approx(torch.nn.init.calculate_gain("relu"), rel=1e-13)
    assert gain(leaky_relu) == pytest.approx(torch.nn.init.calculate_gain("leaky_relu", 0.01), rel=1e-13)
    assert gain(selu) == pytest.approx(1, abs=1e-14)  # Klambauer et al. 2017: the fixed point
    assert gain(tanh) == pytest.approx(1.5925, abs=5e-5)
    assert abs(gain(tanh) - torch.nn.init.calculate_gain("tanh")) > 0.07  # 5/3 is not it


def test_no_bent_odd_activation_keeps_both():
    """Var f(z) is at most E f'(z)², with equality for straight lines: Poincaré's inequality."""
    for activation in (arctan, hardtanh, tanh, softshrink):
        assert gain(activation, preserving="gradient") < gain(activation)


@pytest.mark.parametrize("activation", [relu, tanh, gelu], ids=lambda activation: activation.__name__)
def test_the_flow_is_that_of_autograd(activation):
    depth, width, samples, size = 4, 7, 3, 1.3
    flow = gradient_flow(
        activation, size, rng=np.random.default_rng(5), depth=depth, width=width, samples=samples
    )
    rng = np.random.default_rng(5)
    signal = torch.tensor(rng.normal(size=(samples, width)), requires_grad=True)
    same = {relu: torch.relu, tanh: torch.tanh, gelu: torch.nn.functional.gelu}[activation]
    pre_activations, std = [], []
    for _ in range(depth):
        weight = torch.tensor(size / np.sqrt(width) * rng.normal(size=(width, width)))
        pre_activations.append(signal @ weight)
        pre_activations[-1].retain_grad()
        signal = same(pre_activations[-1])
        std.append(signal.std(correction=0).item())
    signal.backward(torch.tensor(rng.normal(size=(samples, width))))
    norms = [z.grad.norm().item() for z in pre_activations]
    np.testing.assert_allclose(flow.std, std, rtol=1e-10)
    np.testing.assert_allclose(flow.gradient_norm, norms, rtol=1e-10)
    assert flow.ratio == pytest.approx(norms[0] / norms[-1])


def test_the_right_gain_keeps_a_deep_relu_network_alive_and_1_does_not():
    ratios = [
        np.exp(
            np.mean(
                [
                    np.log(gradient_flow(relu, size, rng=np.random.default_rng(seed)).ratio)
                    for seed in range(3)
                ]
            )
        )
        for size in (SQRT2, 1.0)
    ]
    assert ratios[0] == pytest.approx(1, rel=0.3)
    assert ratios[1] == pytest.approx(2 ** (-19 / 2), rel=0.3)
