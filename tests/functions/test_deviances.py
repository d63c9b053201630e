"""The losses of positive targets are within 4 units in the last place of the truth, in value and every slope.

The truth is the textbook formula with 400 digits. Where terms of both signs are added, an error counts
against their size; where the logarithm of an argument is multiplied by a large number, what one unit in the
last place of that argument does to the result is forgiven.
"""

import inspect

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lossact
from tests.functions.cases import DTYPES
from tests.functions.test_against_truth import numbers
from tests.functions.truth import FAR, Truth, mp, number

LIMIT = 4
# The deviance of another power than 0, 1 and 2 is, near its root, a product of a square and four factors.
TWEEDIE_LIMIT = 6
log, exp = mp.log, mp.exp
ZERO = mp.mpf(0)


def msle(x, y):
    return {
        "value": (log(1 + x) - log(1 + y)) ** 2,
        "input": 2 * (log(1 + x) - log(1 + y)) / (1 + x),
        "target": 2 * (log(1 + y) - log(1 + x)) / (1 + y),
    }


def tweedie(mu, y, p):
    if mu == y:
        # Exactly; powers of huge numbers may need more than 400 digits to say so.
        return dict.fromkeys(("value", "input", "target"), ZERO)
    top = max(y, ZERO)
    if p == 1:
        value, by_target = 2 * ((y * log(y / mu) if y else 0) - y + mu), 2 * log(y / mu) if y else -FAR
    elif p == 2:
        value, by_target = 2 * (log(mu / y) + y / mu - 1), 2 * (1 / mu - 1 / y)
    else:
        value = 2 * (
            top ** (2 - p) / ((1 - p) * (2 - p)) - y * mu ** (1 - p) / (1 - p) + mu ** (2 - p) / (2 - p)
        )
        by_target = -FAR if top == 0 and p > 1 else 2 * (top ** (1 - p) - mu ** (1 - p)) / (1 - p)
    return {"value": value, "input": 2 * (mu - y) / mu**p, "target": by_target}


def stirling(y):
    return y * log(y) - y + log(2 * mp.pi * y) / 2


def poisson_nll(x, y, log_input, full, eps, unit):
    beyond = full and y > 1
    rate = exp(x) if log_input else x + eps
    log_rate = x if log_input else log(rate) if rate else -FAR
    counted = y * log_rate if y else ZERO
    value = (rate if log_input else x) - counted + (stirling(y) if beyond else 0)
    by_input = rate - y if log_input else 1 - y / rate if y else mp.mpf(1)
    by_target = -log_rate + (log(y) + 1 / (2 * y) if beyond else 0)
    sizes = abs(rate) + abs(counted)
    # What the terms have in common has been taken out; the rounding of the rate is left.
    slack = abs(x * by_input) * unit
    return {
        "value": (value, value if beyond else sizes, slack),
        "input": (by_input, rate + y if log_input else (abs(x - y) + eps) / rate if rate else 1, 0),
        "target": (
            by_target,
            abs(log_rate) + (log(y) + 1 / y if beyond else 0) if log_input else 0,
            0 if log_input else 2 * unit,
        ),
    }


def gaussian(x, y, v, full, eps):
    v, e = max(v, eps), x - y
    constant = log(2 * mp.pi) / 2 if full else 0
    return {
        "value": ((log(v) + e * e / v) / 2 + constant, (abs(log(v)) + e * e / v) / 2 + constant, 0),
        "input": e / v,
        "target": -e / v,
        "var": ((1 / v - (e / v) ** 2) / 2, (1 / v + (e / v) ** 2) / 2, 0),
    }


def worst_error(name, arrays, options, true, limit=LIMIT):
    """Of value and all slopes at once; `true` is given exact numbers."""
    loss = getattr(lossact, name)
    with np.errstate(all="raise"):
        value, slopes = loss.value_and_grad(*arrays, reduction="none", wrt=loss.differentiable, **options)
    answers = {"value": value, **dict(zip(loss.differentiable, slopes, strict=True))}
    exact = [true(*map(number, row)) for row in zip(*arrays, strict=True)]
    for part, found in answers.items():
        assert found.dtype == arrays[0].dtype
        for row, answer, truths in zip(zip(*arrays, strict=True), found, exact, strict=True):
            wanted = truths[part] if isinstance(truths[part], tuple) else (truths[part],)
            error = Truth(*wanted).error(answer)
            assert error <= limit, f"{part}: {error:.3g} ULP at {row}: {answer!r}, truth {float(wanted[0])!r}"


def near_and_far(y, dtype):
    """Predictions at every distance from the target `y`."""
    factors = [1.00001, 0.999, 1.01, 1.1, 0.7, 0.51, 2.1, 0.49, 3.7, 0.2, 30, 0.02]
    with np.errstate(all="ignore"):
        found = [
            np.nextafter(y, dtype(np.inf)),
            y,
            np.nextafter(y, dtype(0)),
            *(y * dtype(f) for f in factors),
        ]
    return [x for x in found if 0 < x < np.inf]


def positive_pairs(dtype, zero_target=False):
    info = np.finfo(dtype)
    positive = [x for x in numbers(dtype) if 0 < x < np.inf]
    with np.errstate(all="ignore"):
        targets = [
            dtype(y) for y in (1, 0.3, 2.5, 1e-8, 1e10, 1e-30, 1e30, info.max, 7 * info.smallest_subnormal)
        ]
    found = [(x, y) for y in targets for x in [*positive[::4], *near_and_far(y, dtype)]]
    rng = np.random.default_rng(1)
    y = 10.0 ** rng.uniform(-3, 3, 150)
    x = y * 10.0 ** rng.uniform(-2, 2, 150)
    found += zip(x.astype(dtype), y.astype(dtype), strict=True)
    if zero_target:
        found += [(x, dtype(0)) for x in positive]
    return [np.array(part) for part in zip(*found, strict=True)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_msle_loss(dtype):
    x, y = positive_pairs(dtype, zero_target=True)
    edge = np.nextafter(dtype(-1), dtype(0))
    low = np.array([-0.5, -0.9, -1e-8, -1e-30, 0, -0.3, edge, 2, 1e10, np.finfo(dtype).max], dtype)
    more = [part.ravel() for part in np.meshgrid(low, low)]
    worst_error("msle_loss", [np.append(x, more[0]), np.append(y, more[1])], {}, msle)


POWERS = [-20.3, -2.7, -0.3, -1e-9, 1, 1 + 1e-9, 1.1, 1.5, 1.9, 2 - 1e-9, 2, 2 + 1e-9, 2.3, 3, 5.3, 20.0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("power", POWERS)
def test_tweedie_deviance_loss(power, dtype):
    """For every power, near 1 and 2 as well, which take formulas of their own."""
    arrays = positive_pairs(dtype, zero_target=power < 2)
    if power < 0:
        arrays = [np.append(arrays[0], arrays[0][::5]), np.append(arrays[1], -arrays[1][::5])]
    limit = LIMIT if power in (1, 2) else TWEEDIE_LIMIT
    worst_error(
        "tweedie_deviance_loss", arrays, {"power": power}, lambda x, y: tweedie(x, y, number(power)), limit
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "power"), [("poisson_deviance_loss", 1), ("gamma_deviance_loss", 2)])
def test_a_deviance_with_a_name_is_the_one_of_its_power(name, power, dtype):
    arrays = positive_pairs(dtype, zero_target=power < 2)
    worst_error(name, arrays, {}, lambda x, y: tweedie(x, y, power))
    for wrt in ("input", "target"):
        ours = getattr(lossact, name).grad(*arrays, reduction="none", wrt=wrt)
        general = lossact.tweedie_deviance_loss.grad(*arrays, reduction="none", power=power, wrt=wrt)
        info = np.finfo(dtype)
        np.testing.assert_allclose(ours, general, rtol=8 * info.eps, atol=4 * info.smallest_subnormal)


@pytest.mark.parametrize("dtype", DTYPES)
def test_power_0_is_the_squared_error(dtype):
    x, y = (np.random.default_rng(0).normal(size=(2, 20))).astype(dtype)
    wrt = ("input", "target")
    ours = lossact.tweedie_deviance_loss.value_and_grad(x, y, wrt=wrt)
    theirs = lossact.mse_loss.value_and_grad(x, y, wrt=wrt)
    assert ours[0] == theirs[0]
    np.testing.assert_array_equal(ours[1], theirs[1])


def log_rates(dtype):
    counts = [dtype(y) for y in (0, 0.3, 1, np.nextafter(dtype(1), dtype(2)), 2, 7.3, 1e4, 1e10, 1e-30, 1e30)]
    found = [(x, y) for y in counts for x in numbers(dtype)[::3] if np.isfinite(x)]
    for y in counts[1:]:
        root = dtype(np.log(y))
        shifts = [0, 1e-6, -1e-4, 0.01, 0.3, -0.3, 0.99, 1.01, -0.99, -1.01, 3, -3]
        found += [(root + dtype(shift), y) for shift in shifts]
    return [np.array(part) for part in zip(*found, strict=True)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("full", [False, True])
def test_poisson_nll_loss_of_log_rates(full, dtype):
    unit = number(np.finfo(dtype).eps)
    worst_error(
        "poisson_nll_loss",
        log_rates(dtype),
        {"full": full},
        lambda x, y: poisson_nll(x, y, True, full, 0, unit),
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("eps", [1e-8, 0.0, 0.1])
@pytest.mark.parametrize("full", [False, True])
def test_poisson_nll_loss_of_rates(full, eps, dtype):
    x, y = positive_pairs(dtype, zero_target=True)
    if eps:
        x, y = np.append(x, [0, 0, 0]).astype(dtype), np.append(y, [0, 0.5, 3]).astype(dtype)
    exact, unit = number(dtype(eps)), number(np.finfo(dtype).eps)
    worst_error(
        "poisson_nll_loss",
        [x, y],
        {"log_input": False, "full": full, "eps": eps},
        lambda x, y: poisson_nll(x, y, False, full, exact, unit),
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("eps", [1e-6, 1e-30, 0.5])
@pytest.mark.parametrize("full", [False, True])
def test_gaussian_nll_loss(full, eps, dtype):
    finite = [x for x in numbers(dtype)[::2] if np.isfinite(x)]
    variances = list(np.array([1, 0.3, 2.5, 1e-8, 1e-6, 1e10, 1e30, 0, np.finfo(dtype).max], dtype))
    found = [(x, dtype(y), v) for v in variances for y in (0, 0.3) for x in finite]
    found += [(dtype(np.sqrt(v) * f), dtype(0), v) for v in variances for f in (1, -1, 1.00001, 0.999)]
    arrays = [np.array(part) for part in zip(*found, strict=True)]
    least = number(dtype(eps))
    worst_error(
        "gaussian_nll_loss",
        arrays,
        {"full": full, "eps": eps},
        lambda x, y, v: gaussian(x, y, v, full, least),
    )


INF = np.inf
# Function, options, prediction, target, then the limits of the value and of the slopes by both.
LIMITS = [
    ("msle_loss", {}, INF, 1, INF, 0, -INF),
    ("msle_loss", {}, 1, INF, INF, -INF, 0),
    ("poisson_deviance_loss", {}, INF, 1, INF, 2, -INF),
    ("poisson_deviance_loss", {}, 1, INF, INF, -INF, INF),
    ("poisson_deviance_loss", {}, INF, 0, INF, 2, -INF),
    ("poisson_deviance_loss", {}, 3, 0, 6, 2, -INF),
    ("gamma_deviance_loss", {}, INF, 4, INF, 0, -0.5),
    ("gamma_deviance_loss", {}, 4, INF, INF, -INF, 0.5),
    ("tweedie_deviance_loss", {}, INF, 1, INF, INF, -INF),
    ("tweedie_deviance_loss", {"power": 1.0}, INF, 1, INF, 2, -INF),
    ("tweedie_deviance_loss", {"power": 2.0}, INF, 4, INF, 0, -0.5),
    ("tweedie_deviance_loss", {"power": 1.5}, INF, 4, INF, 0, -2),
    ("tweedie_deviance_loss", {"power": 1.5}, 4, INF, INF, -INF, 2),
    ("tweedie_deviance_loss", {"power": 1.5}, 4, 0, 8, 1, -INF),
    ("tweedie_deviance_loss", {"power": 3.0}, INF, 2, 0.5, 0, -0.25),
    ("tweedie_deviance_loss", {"power": 3.0}, 2, INF, INF, -INF, 0.25),
    ("tweedie_deviance_loss", {"power": -1.0}, INF, 2, INF, INF, -INF),
    ("tweedie_deviance_loss", {"power": -1.0}, 2, INF, INF, -INF, INF),
    ("tweedie_deviance_loss", {"power": -1.0}, 2, -INF, INF, INF, -4),
    ("tweedie_deviance_loss", {"power": -1.0}, 3, 0, 18, 18, -9),
    ("poisson_nll_loss", {}, INF, 3, INF, INF, -INF),
    ("poisson_nll_loss", {}, -INF, 3, INF, -3, INF),
    ("poisson_nll_loss", {}, -INF, 0, 0, 0, INF),
    ("poisson_nll_loss", {}, 0, INF, 1, -INF, 0),
    ("poisson_nll_loss", {}, 2, INF, -INF, -INF, -2),
    ("poisson_nll_loss", {"full": True}, 2, INF, INF, -INF, INF),
    ("poisson_nll_loss", {"full": True}, INF, 3, INF, INF, -INF),
    ("poisson_nll_loss", {"full": True}, -INF, 3, INF, -3, INF),
    ("poisson_nll_loss", {"log_input": False}, INF, 3, INF, 1, -INF),
    ("poisson_nll_loss", {"log_input": False}, INF, 0, INF, 1, -INF),
    ("poisson_nll_loss", {"log_input": False, "eps": 0.0}, 0, 3, INF, -INF, INF),
    ("poisson_nll_loss", {"log_input": False, "eps": 0.0}, 0, 0, 0, 1, INF),
    ("poisson_nll_loss", {"log_input": False, "full": True}, INF, 3, INF, 1, -INF),
    ("poisson_nll_loss", {"log_input": False, "full": True}, 3, INF, INF, -INF, INF),
    ("gaussian_nll_loss", {"var": 1.0}, INF, 3, INF, INF, -INF),
    ("gaussian_nll_loss", {"var": 1.0}, 3, -INF, INF, INF, -INF),
    ("gaussian_nll_loss", {"var": INF}, 3, 1, INF, 0, 0),
    ("gaussian_nll_loss", {"var": 0.0, "eps": 0.0}, 3, 1, INF, INF, -INF),
    ("mape_loss", {}, 1, INF, 1, 0, 0),
    ("mape_loss", {}, INF, 2, INF, 0.5, -INF),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "options", "x", "y", "value", "by_input", "by_target"), LIMITS)
def test_limits(name, options, x, y, value, by_input, by_target, dtype):
    """Among ordinary numbers, whose losses do not change for it."""
    loss, options = getattr(lossact, name), {**options, "reduction": "none"}
    both = np.array([[2, 3], [x, y], [1, 1]], dtype).T
    with np.errstate(all="raise"):
        found, slopes = loss.value_and_grad(*both, wrt=("input", "target"), **options)
        alone = loss(*both[:, 0], **options)
    assert (found[1], slopes[0][1], slopes[1][1]) == (value, by_input, by_target)
    assert found[0] == alone


@pytest.mark.parametrize("options", [{}, {"full": True}, {"log_input": False, "full": True}])
def test_terms_that_are_both_too_large_are_compared_by_their_logarithms(options):
    loss = lossact.poisson_nll_loss
    if options == {}:
        assert loss(712.0, 1e307) == -np.inf
        assert loss(1e10, 1e307) == np.inf
    assert loss(1e10, 1e307, **options) > 0


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("msle_loss", {}),
        ("poisson_deviance_loss", {}),
        ("gamma_deviance_loss", {}),
        *(("tweedie_deviance_loss", {"power": power}) for power in (-1.5, 0.0, 1.0, 1.5, 2.0, 3.0)),
        ("poisson_nll_loss", {}),
        ("poisson_nll_loss", {"full": True}),
        ("poisson_nll_loss", {"log_input": False}),
        ("poisson_nll_loss", {"log_input": False, "full": True}),
        ("gaussian_nll_loss", {"var": 1.0}),
        ("mape_loss", {}),
    ],
)
def test_no_limit_and_nan(name, options):
    """Infinite beside infinite has no limit; nan in either argument stays nan in every part."""
    loss, options = getattr(lossact, name), {**options, "reduction": "none"}
    wrt = ("input", "target")
    if name != "poisson_nll_loss":
        assert np.isnan(loss(np.inf, np.inf, **options))
        assert np.isnan(loss.grad(np.inf, np.inf, **options)) or name in ("gamma_deviance_loss", "msle_loss")
    for x, y in ([np.nan, 2.0], [2.0, np.nan], [0.5, np.nan], [np.nan, 1.0]):
        value, slopes = loss.value_and_grad(x, y, wrt=wrt, **options)
        assert np.isnan(value)
        for part in slopes:
            # A slope may not depend on the argument that is nan.
            assert np.isnan(part) or np.isfinite(part)
        touched = slopes[0] if np.isnan(x) else slopes[1]
        assert np.isnan(touched) or (name == "poisson_nll_loss" and np.isnan(y))


def tensors(*arrays):
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def compare_with_torch(name, arrays, options, reduction, wrt=("input", "target")):
    parts = tensors(*arrays)
    value = getattr(F, name)(*parts, **options, reduction=reduction)
    upstream = np.asarray(np.random.default_rng(1).normal(size=value.shape), arrays[0].dtype)
    theirs = torch.autograd.grad(value, parts, torch.from_numpy(upstream))
    ours, slopes = getattr(lossact, name).value_and_grad(*arrays, **options, reduction=reduction, wrt=wrt)
    rtol = 3e-5 if arrays[0].dtype == np.float32 else 1e-11
    np.testing.assert_allclose(ours, value.detach().numpy(), rtol=rtol)
    for mine, other in zip(slopes, theirs, strict=True):
        if upstream.shape == mine.shape or reduction != "none":
            np.testing.assert_allclose(mine * upstream, other.numpy(), rtol=rtol, atol=rtol)
        assert mine.shape == other.shape


REDUCTIONS = ("mean", "sum", "none")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("log_input", [True, False])
@pytest.mark.parametrize("full", [True, False])
def test_poisson_nll_loss_is_the_one_of_torch(log_input, full, shape, reduction, dtype):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=shape), rng.uniform(0.01, 5, shape)
    arrays = [np.asarray(part, dtype) for part in ((x if log_input else np.exp(x)), y)]
    compare_with_torch("poisson_nll_loss", arrays, {"log_input": log_input, "full": full}, reduction)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    ("shape", "var_shape"),
    [
        ((5,), (5,)),
        ((5,), ()),
        ((5,), (1,)),
        ((), ()),
        ((4, 3), (4, 3)),
        ((4, 3), (4,)),
        ((4, 3), (4, 1)),
        ((4, 3), (1, 3)),
        ((2, 3, 4), (2, 3)),
        ((2, 3, 4), (2, 1, 4)),
        ((1, 3), (1,)),
    ],
)
def test_gaussian_nll_loss_is_the_one_of_torch(shape, var_shape, reduction, dtype):
    """For every shape of the variance, whose gradient has that shape."""
    rng = np.random.default_rng(0)
    x, y, var = rng.normal(size=shape), rng.normal(size=shape), rng.uniform(0, 1, var_shape)
    arrays = [np.asarray(part, dtype) for part in (x, y, var)]
    for options in ({}, {"full": True}, {"eps": 0.5}):
        compare_with_torch("gaussian_nll_loss", arrays, options, reduction, ("input", "target", "var"))


def test_a_variance_that_is_one_number():
    """For all elements, as a Python number or a 0-d array, and without making float32 float64."""
    x, y = np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32)
    wanted = lossact.gaussian_nll_loss(x, y, np.full((4, 3), 0.3, np.float32))
    for var in (0.3, np.float32(0.3), np.array(0.3)):
        assert lossact.gaussian_nll_loss(x, y, var) == wanted
        gradient = lossact.gaussian_nll_loss.grad(x, y, var, wrt="var")
        assert gradient.shape == ()
        assert gradient.dtype == np.float32
    tensor = F.gaussian_nll_loss(*map(torch.from_numpy, (x, y)), 0.3)
    np.testing.assert_allclose(wanted, tensor.numpy(), rtol=1e-6)
    assert lossact.gaussian_nll_loss(x, y, 1) == lossact.gaussian_nll_loss(x, y, 1.0)


def test_a_clamped_variance_has_the_slope_of_its_clamp():
    slope = lossact.gaussian_nll_loss.grad(2.0, 0.0, 0.0, eps=0.5, wrt="var")
    assert slope == lossact.gaussian_nll_loss.grad(2.0, 0.0, 0.5, wrt="var") == 0.5 / 0.5 - 0.5 * 16


@pytest.mark.parametrize("name", ["poisson_nll_loss", "gaussian_nll_loss"])
def test_signatures_are_those_of_torch(name):
    deprecated = {"size_average", "reduce"}
    wanted = [
        (each.name, each.default)
        for each in inspect.signature(getattr(F, name)).parameters.values()
        if each.name not in deprecated
    ]
    found = [
        (each.name, each.default) for each in inspect.signature(getattr(lossact, name)).parameters.values()
    ]
    assert found == wanted


def test_torch_loses_the_gradient_of_a_full_poisson_loss_at_a_count_of_0():
    """Which is why the one here is its own."""
    count = torch.tensor([0.0], requires_grad=True)
    F.poisson_nll_loss(torch.tensor([0.7]), count, full=True).backward()
    assert torch.isnan(count.grad).all()
    assert lossact.poisson_nll_loss.grad([0.7], [0.0], full=True, wrt="target").tolist() == [-0.7]


def test_a_scaled_pair_has_the_same_gamma_deviance():
    x, y = np.random.default_rng(0).uniform(0.1, 5, (2, 50))
    for power in (-300, 300):
        scaled = np.ldexp(x, power), np.ldexp(y, power)
        assert lossact.gamma_deviance_loss(x, y) == lossact.gamma_deviance_loss(*scaled)


@pytest.mark.parametrize("power", [-0.7, 1.0, 1.4, 2.0, 2.6])
def test_a_deviance_grows_with_its_scale_to_the_power_of_2_minus_p(power):
    x, y = np.random.default_rng(0).uniform(0.1, 5, (2, 50))
    deviance, scaled = (
        lossact.tweedie_deviance_loss(f * x, f * y, power=power, reduction="none") for f in (1, 4.0)
    )
    np.testing.assert_allclose(scaled, deviance * 4 ** (2 - power), rtol=1e-13)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("eps", [2.0**-52, 1e-7, 1.0])
def test_mape_loss_by_its_target(eps, dtype):
    x, y = positive_pairs(dtype, zero_target=True)
    x, y = np.append(x, [-x, x, -x]), np.append(y, [y, -y, -y])
    least = number(dtype(eps))

    def slope(x, y):
        if x == y:
            return ZERO
        share = abs(y) > least
        return mp.sign(x - y) * (-mp.sign(y) * x / y**2 if share else -1 / least)

    with np.errstate(all="raise"):
        found = lossact.mape_loss.grad(x, y, eps=eps, reduction="none", wrt="target")
    errors = [Truth(slope(number(a), number(b))).error(each) for a, b, each in zip(x, y, found, strict=True)]
    at = int(np.argmax(errors))
    assert errors[at] <= LIMIT, (errors[at], x[at], y[at])


def test_an_eps_that_rounds_to_nothing_in_float32_still_counts():
    x, y = np.array([1.0, 0.0, 1e-30], np.float32), np.zeros(3, np.float32)
    value, slope = lossact.mape_loss.value_and_grad(x, y, eps=1e-50, reduction="none")
    assert value.tolist() == [np.inf, 0, np.float32(1e20)]
    assert slope.tolist() == [np.inf, 0, np.inf]
