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
from tests.functions.quantities import Call, Quantity, ask
from tests.functions.truth import Scores, Truth, mp, number

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
    (
        "mish.grad",
        "its left tail is a product and a quotient of many rounded factors",
        lambda: lossact.mish.grad(-18.287522411891853),
        lambda: truth.true_at("mish", "input", {"input": number(-18.287522411891853)}, {}),
    ),
    (
        "log_cosh_loss",
        "near 0 it is half a square, which doubles the rounding of the difference and of the sinh",
        lambda: lossact.log_cosh_loss(np.float32(-0.3994229), np.float32(0.3)),
        lambda: truth.true_at(
            "log_cosh_loss",
            "value",
            {"input": number(np.float32(-0.3994229)), "target": number(np.float32(0.3))},
            {},
        ),
    ),
    (
        "log_cosh_loss",
        "near 0 it is half a square, which doubles the rounding of the difference and of the sinh",
        lambda: lossact.log_cosh_loss(0.04902917906147605, 0.3),
        lambda: truth.true_at(
            "log_cosh_loss", "value", {"input": number(0.04902917906147605), "target": number(0.3)}, {}
        ),
    ),
]
GELU_TANH_LIMIT = 8  # of the slope, in float64
LIMITS = {
    ("gelu", "input"): GELU_TANH_LIMIT,
    ("softmax", "input"): TWO_PROBABILITIES,
    ("log_cosh_loss", "value"): 6,
}


def numbers(dtype):
    """Ordinary numbers, neighbours of 0 and 1, and what breaks careless formulas; infinities and nan too."""
    info, rng = np.finfo(dtype), np.random.default_rng(0)
    positive = [*np.geomspace(0.01, 15, 24), *rng.uniform(0, 3, 24)]
    # Where exponentials fade, and every order of magnitude.
    positive += [*rng.uniform(3, 40, 32), *rng.uniform(40, 110, 32), *rng.uniform(110, 750, 32)]
    positive += [*10 ** rng.uniform(-323, 308, 64), *10 ** rng.uniform(-45, 38, 64)]
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
    return np.concatenate([found, -found, [dtype(np.nan)]])


# Where a formula changes, beside 0, 1, and plus and minus the options.
KINKS = {
    # Where the slope of a gated function has its root, too.
    "gelu": [-0.7517915246935645, -0.7524614220710162],
    # Where exp(-e^x) is ill-conditioned, and where it is subnormal and then 0.
    "gumbel_minimum_cdf": [*np.linspace(2, 7, 101), 4.64, 6.564, 6.614],
    "hardsigmoid": [-3, 3],
    "hardswish": [-3, -1.5, 3],
    "mish": [-1.1924312145154952],
    "quick_gelu": [-0.7511543736],
    "relu6": [6],
    "silu": [-1.2784645427610738],
    # Where the square of 1 + |x| overflows, in float32 or float64, and the slope is not 0 yet.
    "softsign": [-1e20, 1e20, -1e160, 1e160],
    "tanhshrink": [-1.5, 1.5],
}


def around(value, dtype):
    with np.errstate(over="ignore"):
        value = dtype(value)
    return [np.nextafter(value, dtype(-np.inf)), value, np.nextafter(value, dtype(np.inf))]


def worst(answers, truths, inputs):
    """The largest error, and a sentence about where it is."""
    errors = [true.error(answer) for answer, true in zip(answers, truths, strict=True)]
    at = int(np.argmax(errors))
    true = truths[at].value
    return errors[at], f"{errors[at]:.3g} ULP at {inputs[at]}: {answers[at]!r}, truth {float(true)!r}"


def prove(quantity, limit=None):
    """One quantity, under a caller who wants an error for every warning.

    Once at all inputs together, and once at each alone: a formula may take a shorter way in a block that
    holds ordinary numbers only.
    """
    name, part, call, _ = quantity
    with np.errstate(all="raise"):
        together = ask(FUNCTIONS[name], part, call)
        alone = [ask(FUNCTIONS[name], part, each) for each in call.one_by_one()]
    for answers in (together, np.concatenate(alone)) if alone else (together,):
        prove_answers(answers, quantity, limit)


def prove_answers(answers, quantity, limit):
    name, part, call, truths = quantity
    errors = [true.error(answer) for answer, true in zip(answers, truths, strict=True)]
    at = int(np.argmax(errors))
    assert errors[at] <= (limit or LIMITS.get((name, part), LIMIT)), (
        f"{errors[at]:.3g} ULP at {call.where(at)}: {answers[at]!r}, truth {float(truths[at].value)!r}"
    )


def parts(names):
    """Each function of `names` with every part of it that the tables know the truth of."""
    return [(name, part) for name in names for part in truth.true_parts(name)]


def tried(name, part, dtype, options, columns):
    """The quantity at `columns` of inputs, which are arrays by the names of the arguments."""
    exact = {key: value if isinstance(value, str) else number(dtype(value)) for key, value in options.items()}
    points = (
        dict(zip(columns, map(number, row), strict=True)) for row in zip(*columns.values(), strict=True)
    )
    truths = [truth.true_at(name, part, point, exact) for point in points]
    reduction = {"reduction": "none"} if name in LOSSES else {}
    return Quantity(name, part, Call({**columns, **options, **reduction}, each=True), truths)


def activation(name, part, dtype):
    for options in numeric_options(name):
        sizes = [value for value in options.values() if not isinstance(value, str)]
        kinks = {*KINKS.get(name, []), *(sign * value for value in sizes for sign in (1, -1))}
        beside = [x for kink in sorted(kinks) for x in around(kink, dtype)]
        x = np.array([*numbers(dtype), *beside], dtype)
        yield tried(name, part, dtype, options, {"input": x})


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "part"), parts(ELEMENTWISE))
def test_activations(name, part, dtype):
    for quantity in activation(name, part, dtype):
        prove(quantity)


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
    finite = [(x, dtype(y)) for y in (0, 0.3, -2.5, 1e-30) for x in numbers(dtype)]
    kinks = [
        (x, dtype(y))
        for y in (0, 0.3, -2.5, 1e-8, 1e10)
        for kink in (0, -delta, delta)
        for x in around(dtype(y) + dtype(kink), dtype)
    ]
    return finite + kinks + [(dtype(0.3), dtype(y)) for y in (np.inf, -np.inf)]


def paired_loss(name, part, dtype):
    for options in numeric_options(name):
        given = pairs(name, dtype, options.get("delta", options.get("beta", 1)))
        # A call of its own for nan, which some libraries refuse.
        for rows in (given, [(np.nan, given[0][1])]):
            x, y = np.array(rows, dtype).T.copy()
            yield tried(name, part, dtype, options, {"input": x, "target": y})


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "part"), parts(PAIRED_LOSSES))
def test_losses_of_one_number(name, part, dtype):
    for quantity in paired_loss(name, part, dtype):
        prove(quantity)


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
    errors = [true.error(answer) for answer, true in zip(answers, truths, strict=True)]
    assert max(errors) <= limit, f"{max(errors):.3g} ULP among {where}"


def unknown(truths):
    """What is true of a row with a nan in it."""
    return [Truth(mp.nan) for _ in truths]


def softmaxes(x):
    """What is judged of softmax and log_softmax at the row `x`."""
    scores, dtype = Scores(np.nan_to_num(x, posinf=np.inf, neginf=-np.inf)), x.dtype.type
    known = unknown if np.isnan(x).any() else list
    row = {"input": x, "dim": 0}
    yield Quantity("softmax", "value", Call(row), known(scores.softmax()))
    yield Quantity("log_softmax", "value", Call(row), known(scores.log_softmax()))
    for g in upstreams(len(x), dtype):
        yield Quantity("softmax", "input", Call(row, g), known(scores.softmax_vjp(g)))
        yield Quantity("log_softmax", "input", Call(row, g), known(scores.log_softmax_vjp(g)))


def cross_entropies(x):
    """Labels, probabilities, class weights and smoothed labels: each is a mass on every class."""
    scores, size, dtype = Scores(np.nan_to_num(x, posinf=np.inf, neginf=-np.inf)), len(x), x.dtype.type
    known = unknown if np.isnan(x).any() else list
    weight = np.linspace(0.5, 2, size).astype(dtype)
    soft = upstreams(size, dtype)[1]
    smooth, even = 1 - number(0.1), number(0.1) / size
    for label in sorted({0, size - 1}):
        hot = [number(entry) for entry in np.eye(size)[label]]
        for target, options, mass in [
            (np.array(label), {}, hot),
            (soft, {}, soft),
            (np.array(label), {"weight": weight}, [number(w) * m for w, m in zip(weight, hot, strict=True)]),
            (np.array(label), {"label_smoothing": 0.1}, [smooth * m + even for m in hot]),
        ]:
            call = Call({"input": x, "target": target, "reduction": "none", **options})
            yield Quantity("cross_entropy", "value", call, known([scores.cross_entropy(mass)]))
            slope = scores.log_softmax_vjp([-m for m in mass])
            yield Quantity("cross_entropy", "input", call, known(slope))


def picked(dtype):
    """nll_loss only picks."""
    x = np.array([[-0.1, -np.inf], [-1e30, -np.finfo(dtype).smallest_subnormal]], dtype)
    for labels in ([0, 1], [1, 0]):
        call = Call({"input": x, "target": np.array(labels), "reduction": "none"})
        yield Quantity("nll_loss", "value", call, [Truth(-number(entry)) for entry in x[[0, 1], labels]])
        one_hot = np.eye(2)[labels].ravel()
        yield Quantity("nll_loss", "input", call, [Truth(-number(entry)) for entry in one_hot])
    call = Call({"input": np.array([np.nan, -0.3], dtype), "target": np.array(0), "reduction": "none"})
    yield Quantity("nll_loss", "value", call, [Truth(mp.nan)])


def quantities(dtype):
    """What this module judges, for `tests.functions.quantities`."""
    for name, part in parts(ELEMENTWISE):
        yield from activation(name, part, dtype)
    for name, part in parts(PAIRED_LOSSES):
        yield from paired_loss(name, part, dtype)
    for x in [*rows(dtype), np.array([0.3, np.nan, 2], dtype)]:
        yield from softmaxes(x)
        yield from cross_entropies(x)
    yield from picked(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("family", [softmaxes, cross_entropies])
def test_functions_of_a_row(family, dtype):
    for x in rows(dtype):
        for quantity in family(x):
            prove(quantity)


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
