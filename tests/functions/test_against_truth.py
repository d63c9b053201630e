"""Every value and every gradient is within 4 units in the last place (ULP) of the truth.

On every finite input, in float32 and float64, without a floating-point warning even where the caller
asked for errors; at infinity the answer is the limit, nan where there is none, and nan stays nan. Where
the function itself magnifies a rounding that nobody can avoid, `truth.Truth` says by how much:

* softmax and its relatives are functions of x - max(x), which rounds when the scores are far apart;
* a gradient that is a sum of terms of both signs (sigma(z) - y for a target between 0 and 1, p - y for
  class probabilities, a vector-Jacobian product) is measured against the size of its terms.
"""

import numpy as np
import pytest

import lossact
from tests.functions import truth
from tests.functions.cases import (
    DTYPES,
    ELEMENTWISE,
    FUNCTIONS,
    LOSSES,
    MARGIN_LOSSES,
    PAIRED_LOSSES,
    arguments,
    numeric_options,
)
from tests.functions.truth import Scores, Truth, number

LIMIT = 4

# What is worse than LIMIT: the quantity, the reason, and an input that shows it. Nothing else is.
TWO_PROBABILITIES = 8  # softmax.vjp: two of them meet in each of its terms, each with the rounding of its exp
KNOWN = [
    (
        "softmax.vjp",
        "a probability below the smallest normal number has few digits, and a huge factor brings them up",
        lambda: lossact.softmax.vjp([-740.0, 0.0], [1e20, 0.0], 0)[0],
        lambda: Scores(np.array([-740.0, 0.0])).softmax_vjp([1e20, 0.0])[0],
    ),
    (
        "cross_entropy",
        "the difference of two logits overflows, although a tiny share of it is wanted",
        lambda: lossact.cross_entropy([1e308, -1e308], [1.0, 1e-20]),
        lambda: Scores(np.array([1e308, -1e308])).cross_entropy([1.0, 1e-20]),
    ),
    (
        "gelu.grad, approximate='tanh'",
        "its tail is a product of six rounded factors",
        lambda: lossact.gelu.grad(-4.880096797779372, approximate="tanh"),
        lambda: Truth(truth.ACTIVATIONS["gelu"][1](number(-4.880096797779372), approximate="tanh")),
    ),
]
GELU_TANH_LIMIT = 8  # in float64


def numbers(dtype):
    """Ordinary numbers, neighbours of 0 and 1, and what breaks careless formulas; infinities too."""
    info = np.finfo(dtype)
    positive = [*np.geomspace(0.01, 15, 24), *np.random.default_rng(0).uniform(0, 3, 12)]
    positive += [1e-8, 1e-30, 1e-40, 1e-300, info.tiny, info.smallest_subnormal, 5 * info.smallest_subnormal]
    positive += [16, 16.7, 17.3, 20, 36.7, 38.1, 40, 88, 88.8, 103.9, 104, 354.9, 709.8, 710, 745, 745.2]
    positive += [
        1e4,
        1e19,
        1e38,
        1e300,
        info.max,
        np.inf,
        np.nextafter(dtype(1), 2),
        np.nextafter(dtype(1), 0),
    ]
    with np.errstate(all="ignore"):
        found = np.array([0, 1, *positive]).astype(dtype)
    return np.concatenate([found, -found])


# Where a formula changes, beside 0, 1, and plus and minus the options.
KINKS = {
    # Where the slope of a gated function has its root, too.
    "gelu": [-0.7517915246935645, -0.7524614220710162],
    # Where exp(-e^x) is ill-conditioned, and where it is subnormal and then 0.
    "gumbel_minimum_cdf": [*np.linspace(2, 7, 101), 4.64, 6.564, 6.614],
    "hardsigmoid": [-3, 3],
    "hardswish": [-3, -1.5, 3],
    "mish": [-1.1924312145154952],
    "relu6": [6],
    "silu": [-1.2784645427610738],
    # Where the square of 1 + |x| overflows in float32 and the slope is not 0 yet.
    "softsign": [-1e20, 1e20],
    "tanhshrink": [-1.5, 1.5],
}


def around(value, dtype):
    value = dtype(value)
    return [np.nextafter(value, dtype(-np.inf)), value, np.nextafter(value, dtype(np.inf))]


def worst(answers, truths, inputs):
    """The largest error, and a sentence about where it is."""
    errors = [true.error(answer) for answer, true in zip(answers, truths, strict=True)]
    at = int(np.argmax(errors))
    true = truths[at].value
    return errors[at], f"{errors[at]:.3g} ULP at {inputs[at]}: {answers[at]!r}, truth {float(true)!r}"


def prove(function, inputs, truths):
    """`function` on arrays of `inputs`, under a caller who wants an error for every warning.

    Once on all of them at once, and once on each alone: a formula may take a shorter way in a block that
    holds ordinary numbers only.
    """
    with np.errstate(all="raise"):
        together = function(*map(np.array, zip(*inputs, strict=True)))
        alone = [function(*(np.array([each]) for each in one))[0] for one in inputs]
    for answers in (together, alone):
        error, sentence = worst(answers, truths, inputs)
        assert error <= LIMIT, sentence


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("part", ["value", "gradient"])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_activations(name, part, dtype):
    function, true = FUNCTIONS[name], truth.ACTIVATIONS[name][part == "gradient"]
    terms = truth.TERMS.get(name) if part == "gradient" else None
    for options in numeric_options(name):
        sizes = {key: value for key, value in options.items() if not isinstance(value, str)}
        exact = {**options, **{key: number(dtype(value)) for key, value in sizes.items()}}
        inputs = [(x,) for x in numbers(dtype)]
        kinks = {*KINKS.get(name, []), *(sign * value for value in sizes.values() for sign in (1, -1))}
        inputs += [(x,) for kink in sorted(kinks) for x in around(kink, dtype)]
        prove(
            lambda x, options=options: (function if part == "value" else function.grad)(x, **options),
            inputs,
            [Truth(true(number(x), **exact), terms(number(x), **exact) if terms else 0) for (x,) in inputs],
        )


def pairs(name, dtype, delta):
    """Inputs and targets of the loss `name`."""
    if name == "binary_cross_entropy":
        small = np.array(
            [0, *np.exp([-99, -100, -100.1]), *(x for x in numbers(dtype) if 0 < x < 0.5)], dtype
        )
        inputs = [*small, *np.linspace(0.1, 1, 12, dtype=dtype), *(1 - small)]
        targets = [0, 1, 0.3, 1e-8, np.nextafter(dtype(1), 0), 1e-30]
        return [(x, dtype(y)) for y in targets for x in [*inputs, *around(y, dtype)] if 0 <= x <= 1]
    if name == "binary_cross_entropy_with_logits":
        root = np.log(0.3 / 0.7)
        targets = [0, 1, 0.3, 1e-8, np.nextafter(dtype(1), 0)]
        return [(x, dtype(y)) for y in targets for x in [*numbers(dtype), *around(root, dtype)]]
    if name in MARGIN_LOSSES:
        return [(x, dtype(y)) for y in (-1, 1) for x in [*numbers(dtype), *around(y, dtype)]]
    finite = [(x, dtype(y)) for y in (0, 0.3, -2.5, 1e-30) for x in numbers(dtype)[::2]]
    kinks = [
        (x, dtype(y))
        for y in (0, 0.3, -2.5, 1e-8, 1e10)
        for kink in (0, -delta, delta)
        for x in around(dtype(y) + dtype(kink), dtype)
    ]
    return finite + kinks + [(dtype(0.3), dtype(y)) for y in (np.inf, -np.inf)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("part", ["value", "gradient"])
@pytest.mark.parametrize("name", PAIRED_LOSSES)
def test_losses_of_one_number(name, part, dtype):
    function, true = FUNCTIONS[name], truth.LOSSES[name][part == "gradient"]
    terms = truth.TERMS.get(name) if part == "gradient" else None
    for options in numeric_options(name):
        inputs = pairs(name, dtype, options.get("delta", options.get("beta", 1)))
        exact = {key: number(dtype(value)) for key, value in options.items()}
        truths = []
        for x, y in ((number(x), number(y)) for x, y in inputs):
            truths.append(Truth(true(x, y, **exact), terms(x, y) if terms else 0))
        prove(
            lambda x, y, options=options: (function if part == "value" else function.grad)(
                x, y, reduction="none", **options
            ),
            inputs,
            truths,
        )


ROWS = [
    *([20, 0], [0, 200], [46, 0], [0, 0], [1, -2, 0], [3.3], [0.123] * 5, [-0.0, 0], [16, 15.9, 0.3]),
    *(
        [0.1, 16.7, -3.3],
        [30.1, 0.3, -5.7, 12.9],
        [88.7, 0.1],
        [104.3, 0.2, 0.7],
        [0, -745.1],
        [710.3, 0.1, 0.2],
    ),
    *(
        [1e4, 0.3, 1e4],
        [1e38, 0, 1],
        [1e300, 0, -1e300],
        [1e-8, -1e-8, 1e-30],
        [1e-300, 5e-324],
        [1e-40, -1e-40],
    ),
    *([np.inf, 0.1], [0.5, -np.inf, 0.2], [np.inf, -np.inf], [-np.inf, 3.0]),
    *(6 * np.random.default_rng(0).normal(size=(8, 5))),
]


def rows(dtype):
    with np.errstate(all="ignore"):
        found = [np.array(row).astype(dtype) for row in ROWS]
    # In float32 some become infinite that are not meant to be: two largest entries have no limit.
    return [row for row in found if np.sum(row == np.inf) < 2]


def upstreams(size, dtype):
    unlike = [np.linspace(-1.26, 2.85, size), np.geomspace(1, 1e-20, size), -np.geomspace(1e-8, 1, size)]
    return [row.astype(dtype) for row in [*unlike, *np.eye(size)[:: max(size - 1, 1)], np.full(size, 1.7)]]


def check(function, truths, where, limit=LIMIT):
    with np.errstate(all="raise"):
        answers = np.atleast_1d(function())
    error, sentence = worst(answers, truths, [where] * len(truths))
    assert error <= limit, sentence


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax(dtype):
    for x in rows(dtype):
        scores = Scores(x)
        check(lambda x=x: lossact.softmax(x, 0), scores.softmax(), x)
        check(lambda x=x: lossact.log_softmax(x, 0), scores.log_softmax(), x)
        for g in upstreams(len(x), dtype):
            check(
                lambda x=x, g=g: lossact.softmax.vjp(x, g, 0),
                scores.softmax_vjp(g),
                (x, g),
                TWO_PROBABILITIES,
            )
            check(lambda x=x, g=g: lossact.log_softmax.vjp(x, g, 0), scores.log_softmax_vjp(g), (x, g))


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy(dtype):
    """Labels, probabilities, class weights and smoothed labels: each is a mass on every class."""
    for x in rows(dtype):
        scores, size = Scores(x), len(x)
        weight = np.linspace(0.5, 2, size).astype(dtype)
        soft = upstreams(size, dtype)[1]
        smooth, even = 1 - number(0.1), number(0.1) / size
        for label in {0, size - 1}:
            hot = [number(entry) for entry in np.eye(size)[label]]
            for target, options, mass in [
                (label, {}, hot),
                (soft, {}, soft),
                (label, {"weight": weight}, [number(w) * m for w, m in zip(weight, hot, strict=True)]),
                (label, {"label_smoothing": 0.1}, [smooth * m + even for m in hot]),
            ]:
                where = (x, target, options)
                options = {"reduction": "none", **options}
                value = lossact.cross_entropy
                check(lambda: value(x, target, **options), [scores.cross_entropy(mass)], where)  # noqa: B023
                gradient = scores.log_softmax_vjp([-m for m in mass])
                check(lambda: value.grad(x, target, **options), gradient, where)  # noqa: B023


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_gelu_in_its_left_tail(approximate):
    x = np.random.default_rng(2).uniform(-12, 0, 300)
    value, slope = truth.ACTIVATIONS["gelu"]
    for function, true, terms in (
        (lossact.gelu, value, lambda *_, **__: 0),
        (lossact.gelu.grad, slope, truth.TERMS["gelu"]),
    ):
        exact = [
            Truth(*(part(number(each), approximate=approximate) for part in (true, terms))) for each in x
        ]
        limit = GELU_TANH_LIMIT if approximate == "tanh" else LIMIT
        check(lambda: function(x, approximate), exact, f"{len(x)} inputs", limit)  # noqa: B023


@pytest.mark.parametrize("dtype", DTYPES)
def test_nll_loss(dtype):
    """It only picks, so nothing may be rounded at all."""
    x = np.array([[-0.1, -np.inf], [-1e30, -np.finfo(dtype).smallest_subnormal]], dtype)
    assert lossact.nll_loss(x, [0, 1], reduction="none").tolist() == [-x[0, 0], -x[1, 1]]
    assert lossact.nll_loss(x, [1, 0], reduction="none").tolist() == [np.inf, -x[1, 0]]
    assert lossact.nll_loss.grad(x, [0, 1], reduction="none").tolist() == [[-1, 0], [0, -1]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_many_classes(dtype):
    """A sum of a thousand terms does not drift."""
    x = np.random.default_rng(1).normal(size=1000).astype(dtype)
    scores = Scores(x)
    check(lambda: lossact.softmax(x, 0), scores.softmax(), "1000 classes")
    check(lambda: lossact.log_softmax(x, 0), scores.log_softmax(), "1000 classes")


@pytest.mark.parametrize(("quantity", "reason", "answer", "true"), KNOWN, ids=lambda value: str(value)[:20])
def test_known_exceptions_are_still_exceptions(quantity, reason, answer, true):
    assert true().error(answer()) > LIMIT, f"no longer so, take it out of KNOWN: {reason}"


def test_float32_means_neither_drift_nor_overflow():
    """They are summed in float64: the mean is right to its last place however many there are."""
    x = np.full(1000, 1e18, np.float32)
    assert lossact.mse_loss(x, np.zeros_like(x)) == np.float32(x[0]) ** 2
    x = np.full(300_001, 0.1, np.float32)
    assert lossact.l1_loss(x, np.zeros_like(x)) == x[0]


def test_a_float64_target_keeps_its_digits_under_a_float32_input():
    x, y = np.array([0.1], np.float32), np.array([0.1])
    true = number(x[0]) - number(y[0])
    assert Truth(true**2).error(lossact.mse_loss(x, y)) <= LIMIT
    assert Truth(2 * true).error(lossact.mse_loss.grad(x, y)[0]) <= LIMIT


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_infinite_delta_is_half_the_squared_error(dtype):
    x = np.array([0.0, 3.0, -1e10, np.inf], dtype)
    half = lossact.mse_loss(x, np.zeros_like(x), reduction="none") / 2
    assert lossact.huber_loss(x, np.zeros_like(x), "none", np.inf).tolist() == half.tolist()


@pytest.mark.parametrize("x", [[np.inf, np.inf, 0.0], [-np.inf, -np.inf, -np.inf]])
def test_scores_without_a_limit_give_nan(x):
    assert np.isnan(lossact.softmax(x, 0)).all()
    assert np.isnan(lossact.log_softmax(x, 0)).all()
    assert np.isnan(lossact.cross_entropy.grad(x, 0)).all()


@pytest.mark.parametrize(
    "name", [name for name in PAIRED_LOSSES if "binary" not in name and name not in MARGIN_LOSSES]
)
def test_an_infinite_prediction_of_an_infinite_target_is_nan(name):
    assert np.isnan(FUNCTIONS[name].value_and_grad(np.inf, np.inf)).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_stays_nan(name, dtype):
    """In the entry itself; in the whole row where the entries of a row belong together."""
    function = FUNCTIONS[name]
    (x, *target), options = arguments(name, (4, 3), dtype)
    x[1, 2] = np.nan
    by_row = name in ("softmax", "log_softmax", "cross_entropy")
    touched = np.isnan(x).any(axis=1, keepdims=by_row) if by_row else np.isnan(x)
    with np.errstate(all="raise"):
        if name in LOSSES:
            value = function(x, *target, reduction="none")
            gradient = function.grad(x, *target, reduction="none")
            assert np.isnan(function(x, *target))
        else:
            value, gradient = function(x, **options), function.vjp(x, np.ones_like(x), **options)
    if value.shape != x.shape:
        assert np.isnan(value).tolist() == [False, True, False, False]
    else:
        assert np.array_equal(np.isnan(value), np.broadcast_to(touched, x.shape))
    assert np.array_equal(np.isnan(gradient), np.broadcast_to(touched, x.shape))


@pytest.mark.parametrize("name", PAIRED_LOSSES)
def test_a_target_of_nan_gives_nan(name):
    (x, y), _ = arguments(name)
    y[1, 2] = np.nan
    value, gradient = FUNCTIONS[name](x, y, reduction="none"), FUNCTIONS[name].grad(x, y)
    assert np.array_equal(np.isnan(value), np.isnan(y))
    assert np.array_equal(np.isnan(gradient), np.isnan(y))
