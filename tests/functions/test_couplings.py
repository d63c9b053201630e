"""Couplings: their losses against the truth, what is canonical, and what they say of themselves."""

import pickle
import re

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import lossact
from lossact import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    exponential,
    gumbel_minimum_cdf,
    hardsigmoid,
    hinge_loss,
    identity,
    l1_loss,
    leaky_relu,
    log_softmax,
    mse_loss,
    nll_loss,
    normal_cdf,
    poisson_nll_loss,
    relu,
    sigmoid,
    softmax,
    softplus,
    tanh,
)
from lossact.couplings import (
    Coupling,
    cloglog_bce,
    couple,
    exp_poisson,
    identity_mse,
    probit_bce,
    sentences,
    sigmoid_bce,
    softmax_ce,
    softplus_poisson,
)
from lossact.couplings.coupling import FITTING
from lossact.gradcheck import numerical_gradient
from tests.functions.cases import DTYPES, class_axis
from tests.functions.test_against_truth import LIMIT, around, numbers, worst
from tests.functions.truth import Truth, exp, log, mp, normal_gate, number
from tests.functions.truth import sigmoid as true_sigmoid
from tests.functions.truth import softplus as true_softplus

SCALAR = {name: pair for name, pair in FITTING.items() if name != "softmax_ce"}
SHARES = ("sigmoid_bce", "probit_bce", "cloglog_bce")
COUNTS = ("exp_poisson", "softplus_poisson")
CANONICAL = ("identity_mse", "sigmoid_bce", "softmax_ce", "exp_poisson")

each = pytest.mark.parametrize("name", FITTING)
each_scalar = pytest.mark.parametrize("name", SCALAR)
each_dtype = pytest.mark.parametrize("dtype", DTYPES)


# The truth: each loss of the logit as the sum of terms, so that what cancels can be told from what is wrong.


def negative_log_normal(z):
    """-log Phi(z), and phi(z) / Phi(z)."""
    if z > 60:
        return mp.mpf(0), mp.mpf(0)
    if z < -1e8:
        # The first terms of the asymptotic series; the next one is 1e-16 of the last here.
        return z * z / 2 + log(-z * mp.sqrt(2 * mp.pi)), -z - 1 / z
    share, density = normal_tail(z)
    return -log(share), density / share


def normal_tail(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2, mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def probit_terms(z, y):
    (if_1, slope_1), (if_0, slope_0) = negative_log_normal(z), negative_log_normal(-z)
    return [y * if_1, (1 - y) * if_0], [(1 - y) * slope_0, -y * slope_1]


def cloglog_terms(z, y):
    rate = exp(z)
    if z < -900:
        # -log(1 - exp(-e^z)) is -z but for e^z.
        if_1, slope_1 = -z, mp.mpf(1)
    else:
        # 1 - exp(-rate) cancels in as many digits as exp(-rate) has zeros.
        near = exp(min(z, mp.mpf(8)))
        with mp.workdps(2000):
            if_1, slope_1 = -mp.log(1 - mp.exp(-near)), near / (mp.exp(near) - 1)
    return [y * if_1, (1 - y) * rate], [(1 - y) * rate, -y * slope_1]


def exp_poisson_terms(z, y):
    return [exp(z), -y * z], [exp(z), -y]


def softplus_poisson_terms(z, y):
    if z > 1e4:
        mean, logarithm, over = z, log(z), 1 / z
    elif z < -900:
        # Below exp(-900), far below the smallest double, softplus is the exponential and its logarithm z.
        mean, logarithm, over = mp.mpf(0), z, mp.mpf(1)
    else:
        mean = true_softplus(z)
        logarithm, over = log(mean), true_sigmoid(z) / mean
    return [mean, -y * logarithm], [true_sigmoid(z), -y * over]


TERMS = {
    "probit_bce": probit_terms,
    "cloglog_bce": cloglog_terms,
    "exp_poisson": exp_poisson_terms,
    "softplus_poisson": softplus_poisson_terms,
}


def rounding_of_the_logit(name, z, y, dtype):
    """What two units in the last place of z do to y log softplus(z), which is ill-conditioned at its root."""
    if name != "softplus_poisson" or not 0 < z < 2:
        return 0
    return 2 * y * true_sigmoid(number(z)) / true_softplus(number(z)) * number(np.spacing(dtype(z)))


def grid(dtype):
    ordinary = np.random.default_rng(5).uniform(-9, 9, 150)
    kinks = [-0.5, 0, 1, np.log(np.e - 1), 4.64, 6.564, 6.614, 8, 37.5, 64, -8.3, -13, -38.5]
    # Where e^z overflows and a share of it does not.
    share = [np.log(np.finfo(dtype).max) + step for step in (-0.1, 0.1, 0.9)]
    extra = [*ordinary, *np.linspace(2, 7, 60), *share]
    points = [x for value in kinks for x in around(value, dtype)]
    return np.unique([*numbers(dtype), *np.array(extra, dtype), *points])


def targets(name, dtype):
    if name in SHARES:
        return [dtype(y) for y in (0, 1, 0.3, 1e-8, np.nextafter(dtype(1), 0))]
    return [dtype(y) for y in (0, 1, 3, 0.25, 1e10)]


@each_dtype
@pytest.mark.parametrize("name", TERMS)
def test_the_loss_of_the_logit_against_the_truth(name, dtype):
    """Value and gradient, in both tails, and under a caller who wants an error for every warning."""
    z = grid(dtype)
    for y in targets(name, dtype):
        with np.errstate(all="raise"):
            value, gradient = FITTING[name].value_and_grad(z, np.full_like(z, y), reduction="none")
        terms = [TERMS[name](number(x), number(y)) for x in z]
        slack = [rounding_of_the_logit(name, x, number(y), dtype) for x in z]
        for answers, part in ((value, 0), (gradient, 1)):
            truths = [
                Truth(mp.fsum(term[part]), mp.fsum(map(abs, term[part])), free if part == 0 else 0)
                for term, free in zip(terms, slack, strict=True)
            ]
            error, sentence = worst(answers, truths, z)
            assert error <= LIMIT, f"{name}, y = {y}, part {part}: {sentence}"


@pytest.mark.parametrize(
    ("pair", "fused"),
    [
        (identity_mse, mse_loss),
        (sigmoid_bce, binary_cross_entropy_with_logits),
        (softmax_ce, cross_entropy),
        (exp_poisson, poisson_nll_loss),
    ],
)
def test_four_of_them_are_losses_that_are_proved_elsewhere(pair, fused):
    z = np.random.default_rng(0).normal(scale=20, size=(6, 3))
    target = np.arange(6) % 3 if pair is softmax_ce else np.arange(18.0).reshape(6, 3) % 2
    for reduction in ("mean", "sum", "none"):
        ours = pair.value_and_grad(z, target, reduction=reduction)
        theirs = fused.value_and_grad(z, target, reduction=reduction)
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def ordinary(name, shape, seed=0):
    """Logits and targets of the coupling `name`."""
    rng = np.random.default_rng([seed, *shape])
    z = rng.normal(scale=1.5, size=shape)
    if name == "softmax_ce":
        axis = class_axis(shape)
        return z, rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :])
    if name in SHARES:
        return z, rng.uniform(size=shape)
    return z, rng.poisson(2.0, shape).astype(float)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)])
@each
def test_the_gradient_is_the_slope_of_the_value(name, shape, reduction):
    pair = FITTING[name]
    z, target = ordinary(name, shape)
    value, gradient = pair.value_and_grad(z, target, reduction=reduction)
    upstream = np.random.default_rng(1).uniform(0.3, 2, np.shape(value))
    spread = upstream
    if np.ndim(value) and np.shape(value) != shape:
        spread = np.expand_dims(upstream, class_axis(shape))
    numeric = numerical_gradient(lambda z: np.sum(upstream * pair(z, target, reduction=reduction)), z)
    np.testing.assert_allclose(spread * gradient, numeric, rtol=1e-6, atol=1e-8)
    assert np.array_equal(pair.grad(z, target, reduction=reduction), gradient)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@each_scalar
def test_one_step_and_two_steps_agree_where_the_parts_are_accurate(name, reduction):
    """For softmax_ce, whose loss takes no probabilities, tests/functions/test_gradients.py asks the same."""
    pair = FITTING[name]
    in_two_steps = Coupling(pair.activation, pair.loss)
    z, target = ordinary(name, (4, 3))
    for ours, theirs in zip(
        pair.value_and_grad(z, target, reduction=reduction),
        in_two_steps.value_and_grad(z, target, reduction=reduction),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-13)


# What is canonical, and the variance.


def one_hot(name, target, z):
    if name != "softmax_ce":
        return target
    axis = class_axis(z.shape)
    return np.moveaxis(np.eye(z.shape[axis])[target], -1, axis)


@pytest.mark.parametrize("shape", [(5,), (40, 3), (2, 3, 4)])
@each
def test_the_gradient_is_the_residual_exactly_where_the_coupling_is_canonical(name, shape):
    pair = FITTING[name]
    z, target = ordinary(name, shape)
    residual = pair.predict(z) - one_hot(name, target, z)
    gradient = pair.grad(z, target, reduction="none")
    assert pair.canonical == (name in CANONICAL)
    if pair.canonical:
        np.testing.assert_allclose(gradient, pair.residual_factor * residual, rtol=1e-13, atol=1e-15)
    else:
        assert pair.residual_factor is None
        ratio = gradient / residual
        assert np.ptp(ratio) > 0.1, "a constant factor would make it canonical"


@each_scalar
def test_the_gradient_is_the_residual_times_slope_over_variance(name):
    """Of every pair of a link and the likelihood of its noise model, canonical or not."""
    pair = FITTING[name]
    z, target = ordinary(name, (40,))
    mean, slope = pair.activation.value_and_grad(z)
    factor = 2 if pair.loss is mse_loss else 1
    weighted = factor * (mean - target) * slope / pair.variance(mean)
    np.testing.assert_allclose(pair.grad(z, target, reduction="none"), weighted, rtol=1e-11, atol=1e-13)


# The cumulant function of each noise model: its derivatives by the natural parameter are mean and variance.
CUMULANT = {
    "Gaussian": lambda theta: theta**2 / 2,
    "Bernoulli": lambda theta: mpmath.log(1 + mpmath.exp(theta)),
    "Poisson": mpmath.exp,
    "categorical": lambda theta: mpmath.log(mpmath.exp(theta) + mpmath.exp("0.3") + mpmath.exp("-0.2")),
}


@pytest.mark.parametrize("name", CANONICAL)
def test_mean_and_variance_are_the_derivatives_of_the_cumulant_function(name):
    pair = FITTING[name]
    cumulant = CUMULANT[pair.noise.name]
    for theta in (-3.7, -0.4, 0.0, 1.3, 4.2):
        z = np.array([theta, 0.3, -0.2] if name == "softmax_ce" else [theta])
        mean = pair.predict(z)
        with mpmath.workdps(60):
            first, second = (float(mpmath.diff(cumulant, mpmath.mpf(theta), order)) for order in (1, 2))
        assert mean[0] == pytest.approx(first, rel=1e-14, abs=1e-15)
        assert pair.variance(mean)[0] == pytest.approx(second, rel=1e-13)
        # The derivative of the mean by the natural parameter, here the logit, is the variance.
        own = pair.activation.vjp(z, np.eye(len(z))[0], *([0] if len(z) > 1 else []))[0]
        assert own == pytest.approx(pair.variance(mean)[0], rel=1e-13)


def test_the_variance_is_the_one_of_samples():
    rng = np.random.default_rng(0)
    draws = {
        "identity_mse": (0.7, lambda size: rng.normal(0.7, size=size)),
        "sigmoid_bce": (0.3, lambda size: rng.binomial(1, 0.3, size)),
        "exp_poisson": (2.5, lambda size: rng.poisson(2.5, size)),
    }
    for name, (mean, draw) in draws.items():
        assert FITTING[name].variance(mean) == pytest.approx(np.var(draw(200_000)), rel=0.02)


@each_dtype
def test_the_variance_keeps_the_dtype_and_refuses_what_is_no_mean(dtype):
    for name, pair in FITTING.items():
        mean = np.array([0.25, 0.5], dtype)
        assert pair.variance(mean).dtype == dtype
        assert not np.shares_memory(pair.variance(mean), mean)
        assert np.isnan(pair.variance([np.nan]))
        if name != "identity_mse":
            with pytest.raises(
                ValueError, match=r"variance of .* noise: mean holds -0\.5; numbers from 0 to"
            ):
                pair.variance([-0.5])
    with pytest.raises(NotImplementedError, match=r"identity \+ l1_loss: the loss is not the likelihood"):
        couple(identity, l1_loss).variance(0.5)


# Links.


@each_scalar
def test_the_link_takes_the_prediction_back_to_the_logit(name):
    pair = FITTING[name]
    z = np.linspace(-6, 6, 97) if name not in ("cloglog_bce",) else np.linspace(-6, 2.5, 97)
    # Towards 1 a probability forgets its logit: by a unit in its last place over the slope.
    forgotten = np.spacing(pair.predict(z)) / pair.activation.grad(z)
    assert np.all(np.abs(pair.link(pair.predict(z)) - z) <= 4 * (forgotten + np.spacing(np.abs(z))))


def test_the_link_of_softmax_is_right_but_for_a_constant():
    z = np.random.default_rng(0).normal(size=(5, 3))
    difference = softmax_ce.link(softmax_ce.predict(z)) - z
    np.testing.assert_allclose(difference, np.broadcast_to(difference[:, :1], z.shape), atol=1e-14)
    np.testing.assert_allclose(
        softmax_ce.predict(softmax_ce.link(softmax_ce.predict(z))), softmax_ce.predict(z)
    )


def probit_of(p):
    """By Newton steps on mpmath's own distribution function."""
    with mpmath.workdps(60):
        p = mpmath.mpf(float(p))
        smaller = min(p, 1 - p)
        guess = -mpmath.sqrt(-2 * mpmath.log(smaller)) if smaller < 0.01 else mpmath.mpf(0)
        z = mpmath.findroot(lambda z: mpmath.log(mpmath.erfc(-z / mpmath.sqrt(2)) / 2 / smaller), guess)
        return z if p < 0.5 else -z


TRUE_LINKS = {
    "sigmoid_bce": lambda p: log(p / (1 - p)),
    "probit_bce": probit_of,
    "cloglog_bce": lambda p: log(-log(1 - p)),
    "exp_poisson": log,
    "softplus_poisson": lambda m: mp.log(mp.expm1(m)) if m < 1000 else m,
}


@each_dtype
@pytest.mark.parametrize("name", TRUE_LINKS)
def test_links_against_the_truth(name, dtype):
    info = np.finfo(dtype)
    small = np.array([1e-30, 1e-8, 0.003, 0.2, 0.25, 0.3, 0.49, 0.6, 0.75, 0.9], dtype)
    points = [
        *small,
        info.tiny,
        *around(0.5, dtype),
        *around(1 - np.exp(-1), dtype),
        *around(np.log(2), dtype),
    ]
    if name in SHARES:
        points += [1 - info.eps, 1 - info.epsneg, 0.999]
    else:
        points += [1, 1.5, 20, 100, 1e10, 1e30, info.max]
    points = np.array(
        [x for x in points if x != (0.5 if name in ("probit_bce", "sigmoid_bce") else -1)], dtype
    )
    link = TRUE_LINKS[name]
    with np.errstate(all="raise"):
        answers = FITTING[name].link(points)
    truths = []
    for x in points:
        # At a root that is no float the link is ill-conditioned: a unit in the mean moves it by so much.
        rooted = name in ("cloglog_bce", "softplus_poisson") and 0.2 < x < 0.8
        moved = abs(link(number(np.nextafter(x, dtype(0)))) - link(number(x))) if rooted else 0
        truths.append(Truth(link(number(x)), slack=moved))
    assert answers.dtype == dtype
    error, sentence = worst(answers, truths, points)
    assert error <= LIMIT, sentence


def test_links_at_the_ends_and_beyond():
    for name in SHARES:
        assert FITTING[name].link([0.0, 1.0]).tolist() == [-np.inf, np.inf]
        for outside in (-0.25, 1.25, np.inf):
            with pytest.raises(ValueError, match=rf"link: mean holds {outside}; numbers from 0 to 1"):
                FITTING[name].link([0.5, outside])
    for name in COUNTS:
        assert FITTING[name].link([0.0, np.inf]).tolist() == [-np.inf, np.inf]
        with pytest.raises(ValueError, match=r"link: mean holds -1\.0; numbers from 0 to inf"):
            FITTING[name].link([-1.0])
    for pair in FITTING.values():
        assert np.isnan(pair.link([np.nan])).all()
    assert sigmoid_bce.link(0.5) == probit_bce.link(0.5) == 0
    with pytest.raises(NotImplementedError, match=r"relu \+ mse_loss: no inverse of relu"):
        couple(relu, mse_loss).link([1.0])


# Arguments.


@each
@each_dtype
def test_dtypes_single_numbers_and_empty_arrays(name, dtype):
    pair = FITTING[name]
    z, target = ordinary(name, (4, 3))
    value, gradient = pair.value_and_grad(z.astype(dtype), target)
    assert (value.dtype, gradient.dtype, pair.predict(z.astype(dtype)).dtype) == (dtype,) * 3
    if name == "softmax_ce":
        assert pair.grad(np.zeros((0, 3), dtype), np.zeros(0, int)).shape == (0, 3)
        return
    assert pair(dtype(0.5), dtype(1)).shape == ()
    assert pair.grad(np.zeros((0, 3), dtype), np.zeros((0, 3))).shape == (0, 3)
    whole = pair.value_and_grad(np.array([1, -2]), np.array([1, 0]))
    assert np.array_equal(whole[1], pair.grad([1.0, -2.0], [1.0, 0.0]))


@each_scalar
def test_nan_stays_nan_in_its_place(name):
    pair = FITTING[name]
    with np.errstate(all="raise"):
        for z, y in (([0.5, np.nan], [1.0, 1.0]), ([0.5, 0.5], [1.0, np.nan])):
            value, gradient = pair.value_and_grad(z, y, reduction="none")
            assert np.isnan(value).tolist() == np.isnan(gradient).tolist() == [False, True]
        assert np.isnan(pair.predict([0.5, np.nan])).tolist() == [False, True]


@each_dtype
def test_the_limits_at_infinite_logits(dtype):
    ends = np.array([-np.inf, np.inf], dtype)
    limits = {
        ("probit_bce", 0): ([0, np.inf], [0, np.inf]),
        ("probit_bce", 1): ([np.inf, 0], [-np.inf, 0]),
        ("cloglog_bce", 0): ([0, np.inf], [0, np.inf]),
        ("cloglog_bce", 1): ([np.inf, 0], [-1, 0]),
        ("exp_poisson", 0): ([0, np.inf], [0, np.inf]),
        ("exp_poisson", 3): ([np.inf, np.inf], [-3, np.inf]),
        ("softplus_poisson", 0): ([0, np.inf], [0, 1]),
        ("softplus_poisson", 3): ([np.inf, np.inf], [-3, 1]),
    }
    for (name, y), (losses, slopes) in limits.items():
        value, gradient = FITTING[name].value_and_grad(ends, np.full(2, y, dtype), reduction="none")
        assert (value.tolist(), gradient.tolist()) == (losses, slopes), (name, y)


@pytest.mark.parametrize(
    ("name", "z", "y", "error", "words"),
    [
        ("probit_bce", [0.0], [1.5], ValueError, "probit_bce; target holds 1.5; 0 and 1"),
        ("cloglog_bce", [0.0], [-1.0], ValueError, "cloglog_bce; target holds -1.0; 0 and 1"),
        ("exp_poisson", [0.0], [-1.0], ValueError, "poisson_nll_loss; target holds -1.0; not less than 0"),
        ("softplus_poisson", [0.0], [-1.0], ValueError, "softplus_poisson; target holds -1.0"),
        ("probit_bce", [0.0, 1.0], [[1.0, 1.0]], ValueError, "(2,); (1, 2); must be the same"),
        ("exp_poisson", [1j], [1.0], TypeError, "input; complex128; real numbers"),
        ("cloglog_bce", [0.0], ["a"], TypeError, "target; <U1; real numbers"),
        ("softplus_poisson", [[0.0], [1.0, 2.0]], [1.0], ValueError, "input; different lengths"),
    ],
)
def test_bad_arguments(name, z, y, error, words):
    for method in ("__call__", "grad", "value_and_grad"):
        with pytest.raises(error) as caught:
            getattr(FITTING[name], method)(z, y)
        assert all(word in str(caught.value) for word in words.split("; ")), caught.value


@each
def test_an_unknown_reduction(name):
    z, target = ordinary(name, (4, 3))
    with pytest.raises(ValueError, match=r"reduction is 'avg'; one of 'mean', 'sum', 'none'"):
        FITTING[name](z, target, reduction="avg")


@each
def test_inputs_of_any_layout_are_taken_and_never_changed(name):
    pair = FITTING[name]
    z, target = ordinary(name, (40, 1000))
    wanted = pair.value_and_grad(z, target)
    for layout in (np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2]):
        given, kept = layout(z), z.copy()
        given.flags.writeable = False
        value, gradient = pair.value_and_grad(given, target)
        np.testing.assert_allclose(value, wanted[0], rtol=1e-14)
        np.testing.assert_allclose(gradient, wanted[1], rtol=1e-14)
        assert np.array_equal(given, kept)


always = settings(derandomize=True, deadline=None, max_examples=80)
LOGIT, SHARE, COUNT = st.floats(-30, 30), st.floats(0, 1), st.integers(0, 50)


@given(z=LOGIT, y=SHARE)
@always
def test_the_probit_treats_both_labels_alike(z, y):
    y = 1 - (1 - y)
    assert probit_bce(z, y) == pytest.approx(probit_bce(-z, 1 - y), rel=1e-14)
    assert probit_bce.grad(z, y) == pytest.approx(-probit_bce.grad(-z, 1 - y), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("name", TERMS)
@given(data=st.data(), a=LOGIT, b=LOGIT, share=SHARE)
@always
def test_the_fused_losses_are_convex_in_the_logit(name, data, a, b, share):
    pair = FITTING[name]
    y = data.draw(SHARE if name in SHARES else COUNT)
    chord = share * pair(a, y) + (1 - share) * pair(b, y)
    assert pair(share * a + (1 - share) * b, y) <= chord + 1e-12 * (1 + abs(chord))
    size = abs(pair(a, y)) + abs(pair(b, y)) + abs(pair.grad(a, y) * (b - a))
    assert pair(b, y) >= pair(a, y) + pair.grad(a, y) * (b - a) - 1e-12 * (1 + size)


@given(z=st.lists(LOGIT, min_size=1, max_size=5))
@always
def test_a_batch_twice_has_the_same_mean(z):
    y = np.ones(len(z))
    for pair in SCALAR.values():
        once, twice = pair(z, y), pair(z + z, np.tile(y, 2))
        assert twice == pytest.approx(once, rel=1e-13)


# Published fits.

# Bliss 1935: beetles killed by carbon disulphide, by the logarithm of the dose.
DOSE = np.array([1.6907, 1.7242, 1.7552, 1.7842, 1.8113, 1.8369, 1.8610, 1.8839])
BEETLES = np.array([59, 60, 62, 56, 63, 59, 62, 60])
KILLED = np.array([6, 13, 18, 28, 52, 53, 61, 60])


def fit(pair, design, target, weight, start):
    """The parameters of least weighted loss, by the coupling's own gradient."""

    def objective(parameters):
        value, gradient = pair.value_and_grad(design @ parameters, target, reduction="none")
        return np.sum(weight * value), design.T @ (weight * gradient)

    found = minimize(objective, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 1000})
    return found.x, objective(found.x)[0]


@pytest.mark.parametrize(
    ("name", "deviance"), [("sigmoid_bce", 11.2322), ("probit_bce", 10.1198), ("cloglog_bce", 3.4464)]
)
def test_the_deviance_of_the_beetles_is_the_published_one(name, deviance):
    """Dobson and Barnett, An Introduction to Generalized Linear Models, section 7.3.1."""
    share = KILLED / BEETLES
    design = np.stack([np.ones(8), 20 * (DOSE - DOSE.mean())], axis=1)
    _, loss = fit(FITTING[name], design, share, BEETLES, np.zeros(2))
    least = binary_cross_entropy(share, share, weight=BEETLES, reduction="sum")
    assert 2 * (loss - least) == pytest.approx(deviance, abs=5e-5)


def test_the_poisson_regression_of_dobson_is_the_published_one():
    """Dobson 1990, page 93, as in the help page of R's glm."""
    counts = np.array([18, 17, 15, 20, 10, 20, 25, 13, 12])
    outcome, treatment = np.tile(np.arange(3), 3), np.repeat(np.arange(3), 3)
    columns = [np.ones(9), outcome == 1, outcome == 2, treatment == 1, treatment == 2]
    found, loss = fit(exp_poisson, np.stack(columns, axis=1).astype(float), counts, 1.0, np.zeros(5))
    np.testing.assert_allclose(found, [3.0445, -0.4543, -0.2930, 0, 0], atol=5e-5)
    assert 2 * (loss - poisson_nll_loss(counts, counts, False, eps=0.0, reduction="sum")) == pytest.approx(
        5.1291, abs=5e-5
    )


# Any pair, and what it says of itself.

TWICE = couple(softmax, softmax_ce)
PAIRS = {
    "none": [*FITTING.values(), couple(identity, l1_loss), couple(identity, hinge_loss)],
    "vanishing": [
        *map(couple, [sigmoid, softmax, tanh, relu, exponential, normal_cdf], 6 * [mse_loss]),
        couple(sigmoid, l1_loss),
        couple(sigmoid, hinge_loss),
    ],
    "undefined": [couple(hardsigmoid, binary_cross_entropy), couple(relu, poisson_nll_loss)],
    "twice": [
        TWICE,
        couple(sigmoid, sigmoid_bce),
        couple(sigmoid, binary_cross_entropy_with_logits),
        couple(exponential, exp_poisson),
        couple(softplus, softplus_poisson),
        couple(normal_cdf, probit_bce),
    ],
    "narrowed": [
        couple(tanh, binary_cross_entropy_with_logits),
        couple(relu, sigmoid_bce),
        couple(softplus, exp_poisson),
        couple(relu, softmax_ce),
        couple(sigmoid, softmax_ce),
        couple(tanh, softmax_ce),
    ],
    "harmless": [couple(log_softmax, softmax_ce)],
    "in two steps": [couple(log_softmax, nll_loss)],
    "not logarithms": [couple(softmax, nll_loss), couple(identity, nll_loss)],
    "outside": [
        *map(couple, [identity, relu, softplus, tanh], 4 * [binary_cross_entropy]),
        couple(identity, poisson_nll_loss),
    ],
    "competing": [couple(softmax, binary_cross_entropy)],
    "slope stays": [couple(leaky_relu, mse_loss), couple(leaky_relu, softmax_ce)],
}
EVERY = [(fault, pair) for fault, pairs in PAIRS.items() for pair in pairs]
every_pair = pytest.mark.parametrize(("fault", "pair"), EVERY, ids=lambda part: getattr(part, "name", part))


def test_every_fault_is_shown_by_a_pair():
    assert {"none", *sentences.FAULTS} == set(PAIRS)


@every_pair
def test_a_pair_says_what_is_wrong_with_it(fault, pair):
    with np.errstate(all="raise"):
        found = pair.explain()
    assert (found.fault or "none") == fault
    assert (found.consequence is None) == (fault == "none")
    assert found.pair == pair.name
    assert found.canonical == pair.canonical
    assert found.reason == pair.why
    assert found.reason.startswith("Canonical:" if pair.canonical else "Not canonical:")
    assert found.noise == (pair.noise and pair.noise.name)
    text = str(found)
    parts = [found.pair, found.model, found.formula, found.reason, found.consequence or ""]
    assert all(part in text for part in parts)
    assert not re.search(r"[{}]|None", text)
    if fault not in ("none", "slope stays"):
        assert pair.fitting.short_name in found.consequence
    if fault != "none":
        assert pair.activation.__name__ in found.consequence
    assert all(sentences.CASES[case.name] in text for case in found.cases)


@every_pair
def test_a_pair_is_canonical_exactly_where_its_gradient_is_a_residual(fault, pair):
    """Of its own prediction, in all the cases that it can take, up to one factor."""
    factors = []
    for case in pair.explain().cases:
        if case.refusal is None:
            target = (
                np.eye(3)[case.target] if np.shape(case.logit) and np.ndim(case.target) == 0 else case.target
            )
            factors += list(
                np.ravel(
                    case.gradient / np.where(case.prediction == target, np.nan, case.prediction - target)
                )
            )
    factors = np.array(factors)[~np.isnan(factors)]
    steady = len(factors) > 2 and np.allclose(factors, factors[0], rtol=1e-6)
    assert pair.canonical == steady
    if pair.canonical:
        assert factors[0] == pytest.approx(pair.residual_factor, rel=1e-9)


@every_pair
def test_the_numbers_of_the_cases_are_those_of_the_pair(fault, pair):
    """Seen as the chain rule by hand, apart from the coupling."""
    for case in pair.explain().cases:
        if case.refusal:
            with pytest.raises(ValueError, match=re.escape(case.refusal)):
                pair(case.logit, case.target)
            assert case.loss is None
            assert np.isnan(case.pull)
            continue
        axis = [] if pair.activation.elementwise else [0]
        output = pair.activation(case.logit, *axis)
        prediction, value = output, None
        if pair.then is not None:
            prediction = pair.then.activation(output, *([] if pair.then.activation.elementwise else [0]))
        np.testing.assert_allclose(case.prediction, prediction, rtol=1e-14)
        if pair not in FITTING.values():
            options = {"log_input": False, "eps": 0.0} if pair.loss is poisson_nll_loss else {}
            value = pair.loss(output, case.target, reduction="sum", **options)
            np.testing.assert_allclose(case.loss, value, rtol=1e-14)
        if fault not in ("undefined", "outside"):
            numeric = numerical_gradient(lambda z: pair(z, case.target, reduction="sum"), case.logit, 1e-4)  # noqa: B023
            # At 0 relu and its relatives have a kink, where a difference is no slope.
            if pair.activation not in (relu, leaky_relu) or np.all(case.logit != 0):
                np.testing.assert_allclose(case.gradient, numeric, rtol=1e-4, atol=1e-7)


def by_the_class(case, gradient):
    return gradient if np.ndim(gradient) == 0 else gradient[1]


@pytest.mark.parametrize(("fault", "pair"), [(f, p) for f, p in EVERY if "gradient" in p.explain().numbers])
def test_the_numbers_in_the_sentences_are_those_of_the_pair(fault, pair):
    found = pair.explain()
    told = found.numbers
    (case,) = [
        each
        for each in found.cases
        if np.array_equal(each.logit, told["logit"]) and each.target is told["target"]
    ]
    np.testing.assert_equal(told["gradient"], case.pull)
    if not case.refusal:
        gradient = pair.grad(case.logit, case.target, reduction="sum")
        np.testing.assert_equal(told["gradient"], by_the_class(case, gradient) + 0.0)
        assert told["value"] == pair(case.logit, case.target, reduction="sum")
    if pair.noise is pair.fitting.noise or fault != "outside":
        matched = pair.fitting.grad(case.logit, case.target, reduction="sum")
        assert told["matched"] == by_the_class(case, matched)
        assert f"{told['matched']:.5g}" in found.consequence or fault in ("outside", "not logarithms")
    if fault in ("vanishing", "twice") and "floor" in told and told["floor"] != "counts":
        assert abs(told["gradient"]) < 1e-3 * abs(told["matched"])


def test_the_squared_error_of_a_sigmoid_vanishes_where_it_says():
    told = couple(sigmoid, mse_loss).explain().numbers
    p = true_sigmoid(mp.mpf(-10))
    assert told["logit"] == -10
    assert told["target"] == 1
    assert told["slope"] == pytest.approx(float(p * (1 - p)), rel=1e-14)
    assert told["gradient"] == pytest.approx(float(2 * (p - 1) * p * (1 - p)), rel=1e-14)
    assert told["matched"] == pytest.approx(float(p - 1), rel=1e-14)
    text = couple(sigmoid, mse_loss).explain().consequence
    assert all(word in text for word in ("z = -10", "-9.0787e-05", "4.5396e-05", "sigmoid_bce", "-0.99995"))


def test_the_softmax_twice_has_the_floor_it_says():
    told = TWICE.explain().numbers
    for classes in (2, 10, 1000):
        floor = np.log(1 + (classes - 1) / np.e)
        assert told[f"floor_{classes}"] == pytest.approx(floor, rel=1e-14)
        sure = np.where(np.arange(classes) == 0, 1000.0, 0)
        assert TWICE(sure, 0) == pytest.approx(floor, rel=1e-14)
        scores = np.random.default_rng(0).normal(scale=50, size=(200, classes))
        assert TWICE(scores, np.zeros(200, int), reduction="none").min() >= floor - 1e-12
    assert told["high"] == pytest.approx(np.e / (np.e + 2), rel=1e-14)
    assert told["low"] == pytest.approx(1 / (np.e + 2), rel=1e-14)
    assert "1.4612 for 10" in TWICE.explain().consequence


@pytest.mark.parametrize(
    ("pair", "low", "high", "floor_0", "floor_1"),
    [
        (couple(sigmoid, sigmoid_bce), 0.5, sigmoid(1.0), np.log(2), np.log1p(np.exp(-1))),
        (couple(tanh, sigmoid_bce), sigmoid(-1.0), sigmoid(1.0), np.log1p(np.exp(-1)), np.log1p(np.exp(-1))),
        (couple(relu, sigmoid_bce), 0.5, 1.0, np.log(2), 0.0),
        (couple(normal_cdf, probit_bce), 0.5, normal_cdf(1.0), np.log(2), -np.log(normal_cdf(1.0))),
        (couple(exponential, exp_poisson), 1.0, np.inf, 1.0, 1.0),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_a_second_activation_has_the_floors_it_says(pair, low, high, floor_0, floor_1):
    told = pair.explain().numbers
    measured = [told[key] for key in ("low", "high", "floor_0", "floor_1")]
    np.testing.assert_allclose(measured, [low, high, floor_0, floor_1], rtol=1e-13, atol=1e-15)
    z = np.linspace(-30, 6, 500)
    for y, floor in ((0.0, floor_0), (1.0, floor_1)):
        losses = pair(z, np.full_like(z, y), reduction="none")
        assert np.min(losses) >= floor - 1e-12


def test_a_log_softmax_before_the_softmax_is_harmless():
    pair = couple(log_softmax, softmax_ce)
    told = pair.explain().numbers
    assert max(told["difference"], told["gradient_difference"]) < 1e-14
    assert pair.canonical
    assert pair.residual_factor == 1
    z, labels = ordinary("softmax_ce", (20, 4))
    np.testing.assert_allclose(pair.predict(z), softmax(z, 1), rtol=1e-14)
    np.testing.assert_allclose(
        pair.grad(z, labels, reduction="sum"), softmax(z, 1) - np.eye(4)[labels], atol=1e-15
    )


@pytest.mark.parametrize("pair", [probit_bce, cloglog_bce, softplus_poisson], ids=lambda pair: pair.name)
def test_a_coupling_that_is_not_canonical_says_how_it_weights_the_residual(pair):
    told = pair.explain().numbers
    for side in ("low", "high"):
        z = told[side]
        mean = pair.predict(z)
        weight = pair.grad(z, 1.0) / (mean - 1)
        assert told[f"{side}_weight"] == pytest.approx(weight, rel=1e-11)
        assert f"{told[f'{side}_weight']:.4g} at z = {z:g}" in pair.why
    assert pair.noise.canonical.__name__ in pair.why


def test_why_a_coupling_is_canonical():
    for name in CANONICAL:
        pair = FITTING[name]
        assert pair.activation.__name__ in pair.why
        assert pair.noise.name in pair.why
        assert "cancel" in pair.why


def test_what_couple_builds():
    for name, pair in FITTING.items():
        assert couple(pair.activation, pair.loss) is pair
        assert couple(identity, pair) is pair
        assert pair.short_name == name
        assert pair.fitting is pair
        assert pair.then is None
    assert couple(identity, binary_cross_entropy_with_logits) is sigmoid_bce
    twice = couple(sigmoid, binary_cross_entropy_with_logits)
    assert twice.then is sigmoid_bce
    assert twice.predict(0.0) == sigmoid(0.5)
    assert repr(TWICE) == "<coupling softmax + softmax_ce>"
    assert repr(sigmoid_bce) == "<coupling sigmoid + binary_cross_entropy>"
    thrice = couple(sigmoid, twice)
    assert thrice(0.7, 1.0) == sigmoid_bce(sigmoid(sigmoid(0.7)), 1.0)
    assert thrice.fitting is sigmoid_bce
    assert thrice.explain().noise == "Bernoulli"


@pytest.mark.parametrize("pair", [TWICE, *PAIRS["harmless"], couple(relu, softmax_ce)], ids=repr)
@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_gradient_of_a_pair_with_two_activations(pair, shape, reduction):
    z, labels = ordinary("softmax_ce", shape)
    numeric = numerical_gradient(lambda z: pair(z, labels, reduction=reduction), z)
    np.testing.assert_allclose(pair.grad(z, labels, reduction=reduction), numeric, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("parts", "error", "words"),
    [
        ((np.tanh, mse_loss), TypeError, "activation is; lossact.sigmoid"),
        ((sigmoid, np.square), TypeError, "loss is; lossact.mse_loss"),
        ((sigmoid, "sigmoid_bce"), TypeError, "loss is 'sigmoid_bce'"),
        ((relu, cross_entropy), ValueError, "relu; cross_entropy; couple(relu, softmax_ce)"),
    ],
)
def test_what_couple_refuses(parts, error, words):
    with pytest.raises(error) as caught:
        couple(*parts)
    assert all(word in str(caught.value) for word in words.split("; ")), caught.value


def test_couple_refuses_functions_that_need_more():
    """Whatever is offered: with a logit and a target alone they would fail when they are called."""
    for name in lossact.__all__:
        function = getattr(lossact, name)
        needed = [each.name for each in function._parameters if each.default is each.empty]
        if isinstance(function, type(sigmoid)) and set(needed) > {"input"} and needed != ["input", "dim"]:
            with pytest.raises(ValueError, match=f"{name} takes input"):
                couple(function, mse_loss)
        if isinstance(function, type(mse_loss)) and needed != ["input", "target"]:
            with pytest.raises(ValueError, match=f"{name} takes .*a prediction and a target alone"):
                couple(identity, function)


def test_a_coupling_can_travel():
    again = pickle.loads(pickle.dumps(probit_bce))
    assert again(0.3, 1.0) == probit_bce(0.3, 1.0)
    assert str(again.explain()) == str(probit_bce.explain())


def test_the_truth_used_here_is_the_one_of_the_activation():
    """The terms written out above, at an ordinary logit, by the definitions."""
    z, y = mp.mpf("0.7"), mp.mpf("0.3")
    for name, mean in (
        ("probit_bce", normal_gate(z)[0]),
        ("cloglog_bce", 1 - exp(-exp(z))),
    ):
        value = -y * log(mean) - (1 - y) * log(1 - mean)
        assert abs(mp.fsum(TERMS[name](z, y)[0]) - value) < mp.mpf(10) ** -300
    for name, mean in (("exp_poisson", exp(z)), ("softplus_poisson", log(1 + exp(z)))):
        assert abs(mp.fsum(TERMS[name](z, y)[0]) - (mean - y * log(mean))) < mp.mpf(10) ** -300
    assert gumbel_minimum_cdf is cloglog_bce.activation
