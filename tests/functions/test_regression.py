"""What the regression losses promise beside their values: the slope by target and weight, extreme options.

That value and slope by the prediction are right is proved by the tables of the other modules.
"""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lossact
from lossact.gradcheck import numerical_gradient
from tests.functions.cases import DTYPES, MARGIN_LOSSES, numeric_options
from tests.functions.test_against_truth import pairs

OF_A_RESIDUAL = [
    "huber_loss",
    "l1_loss",
    "log_cosh_loss",
    "mse_loss",
    "pinball_loss",
    "pseudo_huber_loss",
    "smooth_l1_loss",
]
WEIGHTED = ["huber_loss", "l1_loss", "mse_loss"]
REDUCTIONS = ("mean", "sum", "none")


def example(shape, dtype=np.float64):
    rng = np.random.default_rng(3)
    x, y, weight = rng.normal(size=shape), rng.normal(size=shape), rng.uniform(0.2, 3, shape)
    return [part.astype(dtype) for part in (x, y, weight)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", OF_A_RESIDUAL)
def test_the_slope_by_the_target_is_minus_the_one_by_the_prediction(name, dtype):
    """To the last place, at every pair of the table of truths, kinks and extremes among them."""
    loss = getattr(lossact, name)
    for options in numeric_options(name):
        x, y = map(np.array, zip(*pairs(name, dtype, 1), strict=True))
        with np.errstate(all="raise"):
            by_input, by_target = loss.grad(x, y, reduction="none", wrt=("input", "target"), **options)
        assert by_target.dtype == dtype
        np.testing.assert_array_equal(by_target, -by_input)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (5,), (4, 3)])
@pytest.mark.parametrize("name", WEIGHTED)
def test_every_slope_is_the_one_of_torch(name, shape, reduction):
    """Also that of the mean by a weight, which stands in its divisor, too."""
    given = example(shape)
    x, y, weight = (torch.tensor(part, requires_grad=True) for part in given)
    value = getattr(F, name)(x, y, weight=weight, reduction=reduction)
    upstream = np.asarray(np.random.default_rng(1).normal(size=value.shape))
    theirs = torch.autograd.grad(value, (x, y, weight), torch.tensor(upstream))
    wanted = ("input", "target", "weight")
    ours = getattr(lossact, name).grad(*given[:2], weight=given[2], reduction=reduction, wrt=wanted)
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine * upstream, other.numpy(), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("weight_shape", [(), (3,), (4, 1), (1, 1)])
@pytest.mark.parametrize("name", WEIGHTED)
def test_the_slope_by_a_weight_that_is_repeated_has_its_shape(name, weight_shape, reduction):
    x, y, _ = example((4, 3))
    loss, weight = getattr(lossact, name), np.random.default_rng(5).uniform(0.2, 3, weight_shape)
    gradient = loss.grad(x, y, weight=weight, reduction=reduction, wrt="weight")
    assert np.shape(gradient) == weight_shape
    slope = numerical_gradient(lambda w: loss(x, y, weight=w, reduction=reduction), weight)
    np.testing.assert_allclose(gradient, slope, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_weight_that_is_not_given_has_no_slope(name):
    with pytest.raises(ValueError, match=f"{name}: wrt is 'weight', but weight is not given"):
        getattr(lossact, name).grad([1.0], [2.0], wrt="weight")


FAR = np.array([np.inf, -np.inf, 1e38, -1e38, 1.5, 0], np.float32)


def of_float32(name, **options):
    """Losses of the residuals `FAR`, and their slopes, in float32 and from the same numbers in float64."""
    loss = getattr(lossact, name)
    return [
        loss.value_and_grad(x, np.zeros_like(x), reduction="none", **options)
        for x in (FAR, FAR.astype(np.float64))
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("pinball_loss", {"tau": 1e-50}),
        ("pinball_loss", {"tau": 1 - 1e-12}),
        ("huber_loss", {"delta": 1e-50}),
        ("pseudo_huber_loss", {"delta": 1e-50}),
        ("smooth_l1_loss", {"beta": 1e-50}),
    ],
)
def test_an_option_that_rounds_to_nothing_in_float32_still_counts(name, options):
    (value, slope), (exact, exact_slope) = of_float32(name, **options)
    np.testing.assert_array_equal(value, exact.astype(np.float32))
    np.testing.assert_array_equal(slope, exact_slope.astype(np.float32))
    assert value[0] == value[1] == np.inf


@pytest.mark.parametrize("delta", [np.inf, 1e300])
@pytest.mark.parametrize("name", ["huber_loss", "pseudo_huber_loss"])
def test_a_delta_beyond_all_residuals_is_half_the_squared_error(name, delta):
    (value, slope), (exact, exact_slope) = of_float32(name, delta=delta)
    assert value.tolist() == [np.inf, np.inf, np.inf, np.inf, 1.125, 0]
    assert slope.tolist() == FAR.tolist()
    if delta == np.inf:
        assert exact.tolist() == [np.inf, np.inf, *(FAR[2:].astype(float) ** 2 / 2)]
        assert exact_slope.tolist() == FAR.tolist()


def test_a_beta_beyond_all_residuals_leaves_no_loss():
    for value, slope in of_float32("smooth_l1_loss", beta=np.inf):
        assert not value.any()
        assert not slope.any()
    assert np.isnan(lossact.smooth_l1_loss.value_and_grad(np.nan, 0.0, beta=np.inf)).all()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
@pytest.mark.parametrize("name", sorted({*OF_A_RESIDUAL, *MARGIN_LOSSES}))
def test_of_nothing_the_mean_is_nan_and_the_sum_0(name, shape):
    """As in torch, for the losses that torch does not have, too; and nobody is warned."""
    loss, empty = getattr(lossact, name), np.empty(shape, np.float32)
    with np.errstate(all="raise"):
        for reduction in REDUCTIONS:
            value, gradient = loss.value_and_grad(empty, empty, reduction=reduction)
            assert (gradient.shape, gradient.dtype, value.dtype) == (shape, np.float32, np.float32)
            if reduction == "none":
                assert value.shape == shape
            else:
                assert np.isnan(value) if reduction == "mean" else value == 0
