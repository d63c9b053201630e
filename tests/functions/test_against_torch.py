"""Names, arguments, values and gradients are those of `torch.nn.functional` on ordinary inputs.

Gradients are compared through autograd with an upstream gradient that differs from entry to entry, so that
a wrong factor, axis or transpose shows. Where lossact departs on purpose (the tails that torch rounds away,
its clamp in the gradient of binary_cross_entropy, infinite scores), the truth is asked instead.
"""

import inspect
import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lossact import softmax
from tests.functions.cases import (
    ACTIVATIONS,
    DTYPES,
    ELEMENTWISE,
    FUNCTIONS,
    LOSSES,
    OPTIONS,
    PAIRED_LOSSES,
    WEIGHTED_LOSSES,
    arguments,
    class_axis,
)

SHAPES = [(5,), (4, 3), (2, 3, 4, 5)]
REDUCTIONS = ("mean", "sum", "none")
NOT_IN_TORCH = {
    "arctan",
    "exponential",
    "exponential_loss",
    "gumbel_minimum_cdf",
    "hinge_loss",
    "identity",
    "lisht",
    "log_cosh_loss",
    "mape_loss",
    "normal_cdf",
    "pinball_loss",
    "pseudo_huber_loss",
    "quick_gelu",
    "relu_squared",
    "sparse_plus",
    "sparse_sigmoid",
    "squared_hinge_loss",
    "squareplus",
}
TORCH_NAMES = [name for name in FUNCTIONS if name not in NOT_IN_TORCH]
# Defaults that are not those of torch on purpose: torch's cut would drop digits in float64.
OTHER_DEFAULTS = {("softplus", "threshold"): None}
DEPRECATED = {"size_average", "reduce", "inplace", "_stacklevel"}


def tensor(value):
    return torch.from_numpy(np.array(value)) if isinstance(value, np.ndarray) else value


def torch_value_and_vjp(name, positional, options, upstream):
    """The value in torch, and the gradient with respect to the first argument given the value's own."""
    x, *rest = map(tensor, positional)
    x.requires_grad_()
    value = getattr(F, name)(x, *rest, **{key: tensor(option) for key, option in options.items()})
    (gradient,) = torch.autograd.grad(
        value, x, tensor(np.broadcast_to(upstream, value.shape)).to(value.dtype)
    )
    return value.detach().numpy(), gradient.numpy()


# torch 2.13 holds 1/6 and alpha in float32 when it computes these gradients in float64.
FLOAT32_IN_TORCH = ("celu", "hardsigmoid")


def agree(ours, theirs, tolerance=None):
    assert ours.dtype == theirs.dtype
    assert np.shape(ours) == theirs.shape
    tolerance = tolerance or (1e-5 if ours.dtype == np.float32 else 1e-12)
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance / 10)


def compare_activation(name, x, options, seed=0):
    function = FUNCTIONS[name]
    upstream = np.random.default_rng(seed).normal(size=x.shape).astype(x.dtype)
    value, gradient = torch_value_and_vjp(name, [x], options, upstream)
    agree(function(x, **options), value)
    tolerance = 1e-5 if name in FLOAT32_IN_TORCH else None
    agree(function.vjp(x, upstream, **options), gradient, tolerance)
    if function.elementwise:
        agree(function.grad(x, **options) * upstream, gradient, tolerance)


def compare_loss(name, positional, options):
    """In each reduction; for "none" the gradient of every sample's own loss times the upstream one."""
    function, x = FUNCTIONS[name], positional[0]
    for reduction in REDUCTIONS:
        chosen = {**options, "reduction": reduction}
        ours, gradient = function.value_and_grad(*positional, **chosen)
        upstream = np.random.default_rng(1).normal(size=np.shape(ours)).astype(x.dtype)
        value, wanted = torch_value_and_vjp(name, positional, chosen, upstream)
        agree(ours, value)
        if np.ndim(ours) and upstream.shape != x.shape:
            upstream = np.expand_dims(upstream, class_axis(x.shape))
        agree(gradient * upstream, wanted)


def torch_signature(name):
    """The signature; that of a function written in C++ is the first line of its docstring."""
    function = getattr(F, name)
    try:
        return inspect.signature(function)
    except ValueError:
        line = function.__doc__.strip().splitlines()[0]
        return inspect.signature(eval(f"lambda {line[line.index('(') + 1 : line.index(')')]}: None"))


@pytest.mark.parametrize("name", TORCH_NAMES)
def test_arguments_are_those_of_torch(name):
    """Names, order and defaults; what stands behind a deprecated argument of torch must be named."""
    wanted, positional = [], True
    for parameter in torch_signature(name).parameters.values():
        if parameter.name in DEPRECATED:
            positional = False
            continue
        default = inspect.Parameter.empty if parameter.name == "dim" else parameter.default
        default = OTHER_DEFAULTS.get((name, parameter.name), default)
        wanted.append((parameter.name, default, positional))
    found = [
        (parameter.name, parameter.default, parameter.kind is parameter.POSITIONAL_OR_KEYWORD)
        for parameter in inspect.signature(FUNCTIONS[name]).parameters.values()
    ]
    assert found == wanted


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), *SHAPES])
@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if name in TORCH_NAMES])
def test_elementwise_activations(name, shape, dtype):
    for options in [{}, *OPTIONS.get(name, [])]:
        compare_activation(name, *arguments(name, shape, dtype)[0], options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_vector_activations_along_every_axis(name, shape, dtype):
    (x,), _ = arguments(name, shape, dtype)
    for dim in range(-len(shape), len(shape)):
        compare_activation(name, x, {"dim": dim})


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), *SHAPES])
@pytest.mark.parametrize("name", [name for name in PAIRED_LOSSES if name in TORCH_NAMES])
def test_losses_of_one_number(name, shape, dtype):
    positional, _ = arguments(name, shape, dtype)
    rng = np.random.default_rng(2)
    full = rng.uniform(0.1, 3, shape).astype(dtype)
    last = rng.uniform(0.1, 3, shape[-1:]).astype(dtype)
    variants = [{}, *OPTIONS.get(name, [])]
    if name in WEIGHTED_LOSSES:
        variants += [{**options, "weight": full} for options in variants]
    if "binary" in name:
        variants += [{"weight": last}]
    if "logits" in name:
        variants += [{"pos_weight": last}, {"pos_weight": full, "weight": last}]
    for options in variants:
        compare_loss(name, positional, options)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3,), (7, 3), (4, 5), (2, 3, 4, 5)])
@pytest.mark.parametrize("kind", ["labels", "probabilities"])
def test_cross_entropy(kind, shape, dtype):
    """Every combination of class weights, an ignored label and smoothing."""
    (z, target), _ = arguments("cross_entropy", shape, dtype)
    if kind == "probabilities":
        target = softmax(arguments("tanh", shape, dtype, seed=9)[0][0], class_axis(shape))
    weight = np.linspace(0.2, 3, shape[class_axis(shape)]).astype(dtype)
    ignored = [-100] if kind == "probabilities" else [-100, 1]
    for chosen in itertools.product([None, weight], ignored, [0.0, 0.1, 1.0]):
        names = ("weight", "ignore_index", "label_smoothing")
        compare_loss("cross_entropy", [z, target], dict(zip(names, chosen, strict=True)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(3,), (7, 3), (4, 5), (2, 3, 4, 5)])
def test_nll_loss(shape, dtype):
    positional, _ = arguments("nll_loss", shape, dtype)
    weight = np.linspace(0.2, 3, shape[class_axis(shape)]).astype(dtype)
    for weights, ignored in itertools.product([None, weight], [-100, 2]):
        compare_loss("nll_loss", positional, {"weight": weights, "ignore_index": ignored})


@pytest.mark.parametrize("name", ["cross_entropy", "nll_loss"])
def test_nothing_but_ignored_labels(name):
    """The mean of nothing is nan, and yet no gradient flows."""
    (x, _), _ = arguments(name, (2, 3))
    ignored = np.full(2, -100)
    compare_loss(name, [x, ignored], {})
    assert np.isnan(FUNCTIONS[name](x, ignored))


@pytest.mark.parametrize(
    ("name", "positional", "options"),
    [
        ("relu", [0.0, -0.0], {}),
        ("leaky_relu", [0.0, -0.0], {"negative_slope": 0.3}),
        ("hardsigmoid", [-3.0, 3.0], {}),
        ("hardtanh", [-1.0, 1.0], {}),
        ("relu6", [0.0, -0.0, 6.0], {}),
        ("elu", [0.0, -0.0], {"alpha": 0.3}),
        ("celu", [0.0, -0.0], {"alpha": 0.3}),
        ("selu", [0.0, -0.0], {}),
        ("hardshrink", [-0.5, 0.5], {}),
        ("hardshrink", [0.0, -0.0], {"lambd": 0.0}),
        ("softshrink", [-0.5, 0.5], {}),
        ("softshrink", [0.0, -0.0], {"lambd": 0.0}),
        ("l1_loss", [1.5, -2.0], {}),
        ("huber_loss", [0.0, 1.0, -1.0], {}),
        ("huber_loss", [0.5, -0.5], {"delta": 0.5}),
        ("smooth_l1_loss", [0.0, 1.0, -1.0], {}),
        ("smooth_l1_loss", [0.0, 1.0, -1.0], {"beta": 0.0}),
    ],
)
def test_at_a_kink_the_slope_is_the_one_of_torch(name, positional, options):
    x = np.array(positional)
    if name in ACTIVATIONS:
        compare_activation(name, x, options)
    else:
        compare_loss(name, [x, x.copy()] if name == "l1_loss" else [x, np.zeros_like(x)], options)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", [name for name in LOSSES if name in TORCH_NAMES])
def test_empty_arrays(name, reduction):
    """The mean of nothing is nan and the sum 0, as in torch, and nobody is warned."""
    x = np.empty((0, 3))
    target = np.empty(0, int) if name in ("cross_entropy", "nll_loss") else np.empty((0, 3))
    value, gradient = FUNCTIONS[name].value_and_grad(x, target, reduction=reduction)
    wanted = getattr(F, name)(tensor(x), tensor(target), reduction=reduction).numpy()
    np.testing.assert_array_equal(value, wanted)
    assert gradient.shape == x.shape
