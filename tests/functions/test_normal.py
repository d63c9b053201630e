"""The normal distribution is right to the last place in float32, and to a few in float64, in both tails.

The truth is the definition in mpmath, with enough digits that the largest argument of an exponential
(x = 40) loses none that count.
"""

import mpmath
import numpy as np
import pytest

from lossact import _normal
from lossact._blocks import sharing
from tests.functions.truth import Truth
from tools import fit_normal_tail

mp = mpmath.mp.clone()
mp.dps = 80
DTYPES = (np.float32, np.float64)


def upper(x):
    """Phi(-x); beyond 1e4 it is 0 in every float, and the tail of the other side is 1."""
    return mp.mpf(x < 0) if abs(x) > 1e4 else mp.erfc(x / mp.sqrt(2)) / 2


def density(x):
    return mp.mpf(0) if abs(x) > 1e4 else mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def scaled_tail(x):
    """Beyond 1e4 by the first terms of its series in 1 / x^2, of which the next is below 1e-35."""
    if x < 1e4:
        return upper(x) * mp.exp(x * x / 2)
    terms = mp.fsum((-1) ** k * mp.fac2(2 * k - 1) / x ** (2 * k) for k in range(8))
    return terms / (x * mp.sqrt(2 * mp.pi))


def log_cdf(x):
    if x > 0:
        return mp.log1p(-upper(x))
    return mp.log(scaled_tail(-x)) - x * x / 2


def hazard(x):
    return density(x) / upper(-x) if x > 0 else 1 / (scaled_tail(-x) * mp.sqrt(2 * mp.pi))


# The function, the truth, the size of the terms that may cancel, and how many ULP it may be off in float64.
CASES = {
    "scaled_tail": (_normal.scaled_tail, scaled_tail, None, 2.2),
    "normal_cdf": (_normal.normal_cdf, lambda x: upper(-x), None, 3.5),
    "normal_density": (_normal.normal_density, density, None, 2),
    "log_normal_cdf": (_normal.log_normal_cdf, log_cdf, None, 4),
    "normal_hazard": (_normal.normal_hazard, hazard, None, 4),
    "normal_product": (_normal.normal_product, lambda x: x * upper(-x), None, 4),
    "normal_product_slope": (
        _normal.normal_product_slope,
        lambda x: upper(-x) + x * density(x),
        lambda x: upper(-x) + abs(x) * density(x),
        4,
    ),
}
LIMIT_FLOAT32 = 0.55
# Where the value and the slope of x Phi(x) end: there Phi(x) is subnormal or 0 already.
END = {np.float32: 14.5, np.float64: 38.7}


def evaluate(name, x):
    with np.errstate(all="ignore"):
        return CASES[name][0](np.abs(x) if name == "scaled_tail" else x)


def extremes(dtype):
    info = np.finfo(dtype)
    sizes = [0, 1, info.tiny, info.smallest_subnormal, 1e-30, 1e-8, 29.9999, 30, 30.0001, 30.1662, 30.1663]
    sizes += [63.9, 64, 64.1, 1e2, 1e4, 1.0001e4, 1e10, 2.0**52, 1e19, 1e30, info.max / 2, info.max]
    if dtype == np.float64:
        sizes += [1e154, 1.4e154, 0.99e300, 1.01e300, *np.geomspace(1e307, 1.7e308, 50)]
    sizes += [0.7517915246935645, _normal.SHIFT, _normal.CENTRE]
    return np.array([*sizes, *np.negative(sizes)], dtype)


def points(dtype):
    random, end = np.random.default_rng(20), END[dtype]
    found = [
        np.linspace(-end, end, 160),
        random.uniform(-4, 4, 500),
        random.uniform(-end, end, 200),
        -random.uniform(0.94 * end, end, 150),
        random.choice([-1, 1], 150) * np.exp(random.uniform(np.log(np.finfo(dtype).tiny), 3, 150)),
        # Here the rounding of 1 / sqrt(2 pi) would add to the other ones.
        [4.667465529959202, 4.987100108891386],
    ]
    return np.concatenate(found).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_against_the_definition(name, dtype):
    _, truth, terms, limit = CASES[name]
    ordinary, extreme = points(dtype), extremes(dtype)
    # Apart, because one extreme number has the whole block treated with more care.
    x = np.concatenate([ordinary, extreme])
    answers = np.concatenate([evaluate(name, ordinary), evaluate(name, extreme)])
    assert answers.dtype == dtype
    errors = []
    for number, answer in zip(map(mp.mpf, map(float, x)), answers, strict=True):
        number = abs(number) if name == "scaled_tail" else number
        errors.append(Truth(truth(number), terms(number) if terms else 0).error(answer))
    at = int(np.argmax(errors))
    assert errors[at] <= (LIMIT_FLOAT32 if dtype == np.float32 else limit), (
        f"{errors[at]:.3g} ULP at {x[at]!r}: {answers[at]!r}"
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("name", "left", "right"),
    [
        ("scaled_tail", 0, 0),
        ("normal_cdf", 0, 1),
        ("normal_density", 0, 0),
        ("log_normal_cdf", -np.inf, -0.0),
        ("normal_hazard", np.inf, 0),
        ("normal_product", -0.0, np.inf),
        ("normal_product_slope", 0, 1),
    ],
)
def test_limits_at_infinity_and_nan(name, left, right, dtype):
    ordinary = np.array([-1.5, 0.3], dtype)
    answers = evaluate(name, np.array([-np.inf, np.inf, np.nan, *ordinary], dtype))
    np.testing.assert_array_equal(answers[:3], np.array([left, right, np.nan], dtype))
    # What stands beside them changes nothing.
    np.testing.assert_array_equal(answers[3:], evaluate(name, ordinary))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_product_keeps_the_sign_of_zero(dtype):
    assert np.signbit(evaluate("normal_product", np.array([-0.0, 0.0, -np.inf], dtype))).tolist() == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", CASES)
def test_shapes_strides_and_arguments_left_alone(name, dtype):
    x = np.random.default_rng(0).normal(size=(4, 6)).astype(dtype)
    x.flags.writeable = False
    answers = evaluate(name, x)
    np.testing.assert_array_equal(evaluate(name, x[::2, ::3].T), answers[::2, ::3].T)
    np.testing.assert_array_equal(evaluate(name, x[1, 2:3].reshape(())), answers[1, 2])
    assert evaluate(name, x[:0]).shape == (0, 6)
    assert evaluate(name, x[:0]).dtype == dtype


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("outlier", [0.5, 50.0])
def test_shared_steps_are_not_changed_by_those_who_share_them(dtype, outlier):
    x = np.array([*np.random.default_rng(0).normal(size=50), outlier], dtype)
    alone = {name: evaluate(name, x) for name in CASES}
    with sharing():
        for names in (list(CASES), list(CASES)[::-1]):
            for name in names:
                np.testing.assert_array_equal(evaluate(name, x), alone[name])


def test_the_coefficients_are_those_that_the_tool_derives():
    assert [*_normal.POLYNOMIAL, _normal.CONSTANT] == fit_normal_tail.polynomial()
    assert ([*_normal.NUMERATOR], [*_normal.DENOMINATOR]) == fit_normal_tail.quotient()
    exact = 1 / mp.sqrt(2 * mp.pi)
    assert float(exact) == _normal.DENSITY_AT_ZERO
    assert float(mp.mpf(_normal.DENSITY_AT_ZERO) / exact - 1) == _normal.DENSITY_EXCESS
