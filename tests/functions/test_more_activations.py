"""Activations of other arguments than the tables have, or with outputs of another shape.

The domain of logit is [0, 1]; threshold has no defaults; prelu has a weight; rrelu and gumbel_softmax draw
random numbers; glu and its relatives halve an axis; logsumexp drops it.
"""

import inspect
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

import lossact
from lossact import (
    geglu,
    gelu,
    glu,
    gumbel_softmax,
    log_softmax,
    logit,
    logsumexp,
    prelu,
    reglu,
    relu,
    rrelu,
    sigmoid,
    silu,
    softmax,
    softmin,
    sparse_sigmoid,
    sparsemax,
    swiglu,
    threshold,
)
from lossact.gradcheck import numerical_gradient
from tests.functions import truth
from tests.functions.cases import DTYPES
from tests.functions.quantities import Call, Quantity, ask
from tests.functions.test_against_truth import LIMIT, around, numbers, rows, upstreams
from tests.functions.test_arguments import LAYOUTS, NOT_NUMBERS, refuses
from tests.functions.truth import Scores, Truth, exp, log, mp, number

each_dtype = pytest.mark.parametrize("dtype", DTYPES)
UNITS = {"glu": sigmoid, "swiglu": silu, "geglu": gelu, "reglu": relu}
each_unit = pytest.mark.parametrize("name", UNITS)
VECTORS = {"softmin": {}, "logsumexp": {}, "sparsemax": {}, "gumbel_softmax": {"rng": 3}}
ELEMENTWISE = {
    "logit": {},
    "threshold": {"threshold": 0.4, "value": -1.5},
    "prelu": {"weight": 0.3},
    "rrelu": {},
}
ALL = {**ELEMENTWISE, **{name: {"dim": 1} for name in UNITS}}
ALL |= {name: {**options, "dim": 1} for name, options in VECTORS.items()}
each_function = pytest.mark.parametrize("name", ALL)


def inputs(name, shape=(3, 4), dtype=np.float64):
    rng = np.random.default_rng(len(shape))
    return (rng.uniform(0.05, 0.95, shape) if name == "logit" else 2 * rng.normal(size=shape)).astype(dtype)


def unequal(shape):
    found = np.random.default_rng(7).uniform(0.2, 3, shape)
    return np.where(np.indices(shape).sum(axis=0) % 2, -found, found)


def prove(quantity, limit=LIMIT):
    """Every number of the answer is within `limit` units of the truth, and nobody is warned."""
    with np.errstate(all="raise"):
        answers = ask(getattr(lossact, quantity.name), quantity.part, quantity.call)
    errors = [true.error(answer) for answer, true in zip(answers, quantity.truths, strict=True)]
    at = int(np.argmax(errors))
    assert errors[at] <= limit, (
        f"{errors[at]:.3g} ULP of {quantity.name} {quantity.part} at {quantity.call.where(at)}: "
        f"{answers[at]!r}, truth {quantity.truths[at].value}"
    )


def agree(ours, theirs):
    assert ours.dtype == theirs.numpy().dtype
    assert np.shape(ours) == tuple(theirs.shape)
    tolerance = 1e-5 if ours.dtype == np.float32 else 1e-12
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=tolerance, atol=tolerance)


def is_slope(gradient, function, x):
    np.testing.assert_allclose(gradient, numerical_gradient(function, x), rtol=1e-6, atol=1e-8)


# --- the truth, by definition -------------------------------------------------------------------------


def probabilities(dtype):
    x = np.abs(numbers(dtype))
    small = x[(x < 0.5) | np.isnan(x)]
    near = [p for edge in (0.25, 0.5, 0.75, 1) for p in around(edge, dtype) if p <= 1]
    return np.array([*small, *(1 - small), *np.linspace(0.01, 0.99, 99), *near, -0.0], dtype)


def logits(dtype):
    p = probabilities(dtype)
    exact = [number(each) if np.isfinite(each) else mp.nan for each in p]
    far = truth.FAR
    values = [
        Truth(x if mp.isnan(x) else -far if x == 0 else far if x == 1 else log(x) - log(1 - x)) for x in exact
    ]
    slopes = [Truth(x if mp.isnan(x) else far if x in (0, 1) else 1 / (x * (1 - x))) for x in exact]
    yield Quantity("logit", "value", Call({"input": p}, each=True), values)
    yield Quantity("logit", "input", Call({"input": p}, each=True), slopes)
    for eps in (0.0, 1e-3, 0.3, 0.5):
        x = np.array([*p, -2, 3, np.inf, -np.inf], dtype)
        low, high = number(dtype(eps)), number(1 - dtype(eps))
        cut = [mp.nan if np.isnan(each) else min(max(number(each), low), high) for each in x]
        values = [
            Truth(c if mp.isnan(c) else -far if c == 0 else far if c == 1 else log(c) - log(1 - c))
            for c in cut
        ]
        inside = [c == number(each) for c, each in zip(cut, x, strict=True)]
        slopes = [
            Truth(c if mp.isnan(c) else 0 if not within else far if c in (0, 1) else 1 / (c * (1 - c)))
            for c, within in zip(cut, inside, strict=True)
        ]
        yield Quantity("logit", "value", Call({"input": x, "eps": eps}, each=True), values)
        yield Quantity("logit", "input", Call({"input": x, "eps": eps}, each=True), slopes)


def rectifiers(dtype):
    x = np.array([*numbers(dtype), *around(0.4, dtype), *around(-2, dtype)], dtype)
    exact = [mp.nan if np.isnan(each) else number(each) for each in x]
    for limit, value in ((0.4, -1.5), (-2.0, 0.3), (0.0, 0.0)):
        options = {"threshold": limit, "value": value}
        t, v = number(dtype(limit)), number(dtype(value))
        found = [Truth(e if mp.isnan(e) or e > t else v) for e in exact]
        yield Quantity("threshold", "value", Call({"input": x, **options}, each=True), found)
        found = [Truth(e if mp.isnan(e) else mp.mpf(e > t)) for e in exact]
        yield Quantity("threshold", "input", Call({"input": x, **options}, each=True), found)
    leaks = [("prelu", {"weight": w}, number(dtype(w))) for w in (0.3, -2.5, 1e-30)]
    leaks += [
        ("rrelu", {"lower": low, "upper": high}, number(dtype((low + high) / 2)))
        for low, high in ((1 / 8, 1 / 3), (-0.5, 0.1), (0.7, 0.7))
    ]
    for name, options, w in leaks:
        found = [Truth(e if mp.isnan(e) or e > 0 else w * e) for e in exact]
        yield Quantity(name, "value", Call({"input": x, **options}, each=True), found)
        found = [Truth(e if mp.isnan(e) else mp.mpf(1) if e > 0 else w) for e in exact]
        yield Quantity(name, "input", Call({"input": x, **options}, each=True), found)


def unit_gates(name):
    """The gate of a unit, its slope, and the size of the terms of the slope."""
    if name == "glu":
        return truth.ACTIVATIONS["sigmoid"][0], truth.sigmoid_gate, None
    value, slope = truth.ACTIVATIONS[{"swiglu": "silu", "geglu": "gelu", "reglu": "relu"}[name]]
    return value, slope, {"swiglu": truth.TERMS["silu"], "geglu": truth.TERMS["gelu"]}.get(name)


def units(dtype, name):
    value, slope, terms = unit_gates(name)
    if name == "glu":
        slope = lambda x: truth.sigmoid(x) * truth.sigmoid(-x)  # noqa: E731
    b = numbers(dtype)
    b = b[np.isfinite(b)]
    sizes = [0.3, -2.5, 1e-20, 1e15] if name != "geglu" else [0.3, -1.0]
    for a in sizes:
        for g in (1.0, -0.7):
            x = np.stack([np.full_like(b, a), b], axis=1)
            upstream = np.full((len(b), 1), g, dtype)
            a_exact, g_exact, points = number(dtype(a)), number(dtype(g)), [number(each) for each in b]
            yield Quantity(name, "value", Call({"input": x}), [Truth(a_exact * value(p)) for p in points])
            both = []
            for p in points:
                both.append(Truth(g_exact * value(p)))
                scale = abs(g_exact * a_exact) * terms(p) if terms else 0
                # The slope of geglu is a product with that of gelu, which is a number of the dtype.
                slack = abs(g_exact * a_exact) * number(np.finfo(dtype).smallest_subnormal)
                both.append(Truth(g_exact * a_exact * slope(p), scale=scale, slack=slack))
            yield Quantity(name, "input", Call({"input": x}, upstream), both)


def exact_sparsemax(x):
    """`(p, support)` by trying every size of the support."""
    exact = [number(each) for each in x]
    falling = sorted(exact, reverse=True)
    for size in range(len(x), 0, -1):
        tau = (mp.fsum(falling[:size]) - 1) / size
        if falling[size - 1] > tau:
            break
    return [max(e - tau, mp.mpf(0)) for e in exact], [e > tau for e in exact]


def vectors(dtype):
    for x in rows(dtype):
        minus = Scores(-x)
        if np.sum(x == -np.inf) < 2:
            yield Quantity("softmin", "value", Call({"input": x, "dim": 0}), minus.softmax())
        scores = Scores(x)
        total = log(mp.fsum(exp(e) for e in scores.x))
        moved = mp.fsum(scores.moved)
        call = {"input": x, "dim": 0}
        top = max(scores.x)
        size = abs(top) + abs(total - top)
        yield Quantity("logsumexp", "value", Call(call), [Truth(total, scale=size, slack=moved)])
        yield Quantity(
            "logsumexp",
            "input",
            Call(call, np.asarray(dtype(1.7))),
            [Truth(number(dtype(1.7)) * p, slack=2 * m) for p, m in zip(scores.p, scores.moved, strict=True)],
        )
        if np.isfinite(x).all():
            for g in upstreams(len(x), dtype):
                opposite = [Truth(-t.value, scale=t.scale, slack=t.slack) for t in minus.softmax_vjp(g)]
                yield Quantity("softmin", "input", Call(call, g), opposite)
            near = np.array(x - np.max(x)) if np.ptp(x) < 1e4 else x
            for z in (x, (near / dtype(4)).astype(dtype)):
                p, support = exact_sparsemax(z)
                # The differences to the largest round, and a share is a difference of them: it is as
                # exact as a number next to 1.
                found = [Truth(e, scale=mp.mpf(1) if s else 0) for e, s in zip(p, support, strict=True)]
                yield Quantity("sparsemax", "value", Call({"input": z, "dim": 0}), found)
                for g in upstreams(len(z), dtype):
                    kept = [number(e) for e, s in zip(g, support, strict=True) if s]
                    mean = mp.fsum(kept) / len(kept)
                    found = [
                        Truth(
                            number(e) - mean if s else mp.mpf(0), scale=abs(number(e)) + abs(mean) if s else 0
                        )
                        for e, s in zip(g, support, strict=True)
                    ]
                    yield Quantity("sparsemax", "input", Call({"input": z, "dim": 0}, g), found)


def quantities(dtype):
    """What this module judges, for `tests.functions.quantities`."""
    yield from logits(dtype)
    yield from rectifiers(dtype)
    for name in UNITS:
        yield from units(dtype, name)
    yield from vectors(dtype)


@each_dtype
@pytest.mark.parametrize("family", [logits, rectifiers, vectors])
def test_truth(family, dtype):
    for quantity in family(dtype):
        prove(quantity, 8 if (quantity.name, quantity.part) == ("softmin", "input") else LIMIT)


@each_unit
@each_dtype
def test_truth_of_gated_units(name, dtype):
    for quantity in units(dtype, name):
        prove(quantity)


# --- torch and differences ----------------------------------------------------------------------------


def torch_glu(gate):
    def unit(x, dim):
        a, b = x.chunk(2, dim)
        return a * gate(b)

    return unit


IN_TORCH = {
    "logit": lambda x, dim: torch.special.logit(x),
    "threshold": lambda x, dim: F.threshold(x, 0.4, -1.5),
    "rrelu": lambda x, dim: F.rrelu(x),
    "glu": F.glu,
    "swiglu": torch_glu(F.silu),
    "geglu": torch_glu(F.gelu),
    "reglu": torch_glu(F.relu),
    "softmin": F.softmin,
    "logsumexp": torch.logsumexp,
}


@each_dtype
@pytest.mark.parametrize("shape", [(4,), (2, 4), (4, 6, 2), (2, 4, 2, 6)])
@pytest.mark.parametrize("name", IN_TORCH)
def test_torch(name, shape, dtype):
    function, x = getattr(lossact, name), inputs(name, shape, dtype)
    for dim in range(-len(shape), len(shape)) if name not in ELEMENTWISE else [0]:
        options = ELEMENTWISE.get(name, {"dim": dim})
        z = torch.tensor(x, requires_grad=True)
        wanted = IN_TORCH[name](z, dim)
        agree(function(x, **options), wanted.detach())
        g = unequal(tuple(wanted.shape)).astype(dtype)
        (gradient,) = torch.autograd.grad(wanted, z, torch.tensor(g))
        agree(function.vjp(x, g, **options), gradient)


@each_dtype
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4), (2, 3, 1, 5)])
def test_prelu_in_torch_by_both_arguments(shape, dtype):
    x = inputs("prelu", shape, dtype)
    weights = [np.array([0.3]), np.array(0.3)]
    weights += [np.linspace(-0.5, 1.5, shape[1])] if len(shape) > 1 else []
    for weight in weights:
        w, z = torch.tensor(weight.astype(dtype), requires_grad=True), torch.tensor(x, requires_grad=True)
        wanted = F.prelu(z, w)
        agree(prelu(x, weight.astype(dtype)), wanted.detach())
        g = unequal(shape).astype(dtype)
        by_input, by_weight = torch.autograd.grad(wanted, (z, w), torch.tensor(g))
        ours = prelu.vjp(x, g, weight.astype(dtype), wrt=("input", "weight"))
        agree(ours[0], by_input)
        agree(ours[1], by_weight)
        assert np.shape(prelu.vjp(x, g, weight, wrt="weight")) == weight.shape


@pytest.mark.parametrize("weight", [np.array(0.3), np.array([0.3]), np.linspace(-0.5, 1.5, 3)])
def test_prelu_by_its_weight_is_the_slope(weight):
    x = inputs("prelu", (4, 3, 2))
    g = unequal(x.shape)
    gradient = prelu.vjp(x, g, weight, wrt="weight")
    is_slope(gradient, lambda w: np.sum(g * prelu(x, w)), weight)


def test_prelu_with_many_elements():
    """Also in several blocks, and with arrays that are no single piece."""
    x = np.random.default_rng(0).normal(size=(300, 5, 200))
    weight = np.linspace(-0.5, 1.5, 5)
    g = np.random.default_rng(1).normal(size=x.shape)
    left, by_channel = x <= 0, weight[:, None]
    for z, u in ((x, g), (np.asfortranarray(x), g)):
        assert np.array_equal(prelu(z, weight), np.where(left, by_channel * x, x))
        by_input, by_weight = prelu.vjp(z, u, weight, wrt=("input", "weight"))
        np.testing.assert_allclose(by_input, g * np.where(left, by_channel, 1))
        np.testing.assert_allclose(by_weight, np.sum(g * x * left, axis=(0, 2)))


@each_function
@pytest.mark.parametrize("shape", [(4, 6), (2, 4, 3)])
def test_gradient_is_the_slope(name, shape):
    function, options, x = getattr(lossact, name), ALL[name], inputs(name, shape)
    g = unequal(np.shape(function(x, **options)))
    is_slope(function.vjp(x, g, **options), lambda x: np.sum(g * function(x, **options)), x)
    if name in ELEMENTWISE:
        value, slope = function.value_and_grad(x, **options)
        np.testing.assert_array_equal(slope, function.grad(x, **options))
        np.testing.assert_array_equal(value, function(x, **options))
        np.testing.assert_allclose(g * slope, function.vjp(x, g, **options), rtol=1e-15)


def test_keepdim():
    x = inputs("logsumexp", (3, 4, 2))
    for dim in (-3, -2, -1, 0, 1, 2):
        kept = logsumexp(x, dim, keepdim=True)
        assert np.array_equal(kept, np.expand_dims(logsumexp(x, dim), dim))
        g = unequal(kept.shape)
        wanted = logsumexp.vjp(x, np.squeeze(g, dim), dim)
        assert np.array_equal(logsumexp.vjp(x, g, dim, keepdim=True), wanted)
    refuses(ValueError, ["(3, 4, 2)", "(3, 2)", "(3, 1, 2) is wanted"], logsumexp.vjp, x, x[:, 0], 1, True)


# --- kinks and limits ---------------------------------------------------------------------------------


def test_kinks():
    assert threshold.grad([1.0, -0.0], 1.0, 0.0).tolist() == [0, 0]
    assert prelu.grad([0.0, -0.0], 0.3).tolist() == [0.3, 0.3]
    assert rrelu.grad([0.0, -0.0]).tolist() == [(1 / 8 + 1 / 3) / 2] * 2
    assert reglu.vjp([2.0, 0.0], [1.0]).tolist() == [0, 0]
    assert logit.grad([0.1, 0.9, 0.05], eps=0.1).tolist() == [1 / (0.1 * 0.9), 1 / (0.9 * (1 - 0.9)), 0]
    # The second score lies exactly at tau.
    assert sparsemax([1.0, 0.0], 0).tolist() == [1, 0]
    assert sparsemax.vjp([1.0, 0.0], [3.0, 5.0], 0).tolist() == [0, 0]


def test_limits():
    inf, nan = np.inf, np.nan
    with np.errstate(all="raise"):
        assert np.array_equal(logit([0.0, 1.0, -1e-9, 1.5, inf, -inf]), [-inf, inf, *[nan] * 4], True)
        assert np.array_equal(logit.grad([0.0, -0.0, 1.0, -1e-9, 1.5]), [inf, inf, inf, nan, nan], True)
        assert logsumexp([[-inf, -inf], [inf, 0.0], [inf, inf], [inf, -inf]], 1).tolist() == [
            -inf,
            *[inf] * 3,
        ]
        assert logsumexp.vjp([inf, 0.0], 2.0, 0).tolist() == [2, 0]
        assert sparsemax([inf, 3.0, -inf], 0).tolist() == [1, 0, 0]
        assert np.isnan(sparsemax([[inf, inf, 0.0], [-inf] * 3], 1)).all()
        assert np.isnan(sparsemax.vjp([inf, inf, 0.0], [1.0, 2.0, 3.0], 0)).all()
        assert softmin([-inf, 3.0], 0).tolist() == [1, 0]
        assert glu([[2.0, inf], [2.0, -inf]]).tolist() == [[2], [0]]
        assert swiglu([[2.0, inf], [2.0, -inf]]).tolist() == [[inf], [0]]
        assert geglu([[2.0, inf], [2.0, -inf]]).tolist() == [[inf], [0]]
        assert prelu([inf, -inf], 0.5).tolist() == [inf, -inf]
        assert threshold([inf, -inf], 0.5, 7.0).tolist() == [inf, 7]


@each_function
@each_dtype
def test_nan_stays_nan(name, dtype):
    function, options, x = getattr(lossact, name), ALL[name], inputs(name, (3, 4), dtype)
    x[1, 2] = np.nan
    with np.errstate(all="raise"):
        value = function(x, **options)
        gradient = function.vjp(x, np.ones_like(value), **options)
    if name in ELEMENTWISE:
        assert np.array_equal(np.isnan(value), np.isnan(x))
        assert np.array_equal(np.isnan(gradient), np.isnan(x))
    elif name in UNITS:
        # Entry 2 is the gate of entry 0.
        assert np.isnan(value).tolist() == [[False] * 2, [True, False], [False] * 2]
        assert np.array_equal(np.isnan(gradient[1]), [True, False, True, False])
        assert not np.isnan(gradient[[0, 2]]).any()
    else:
        assert np.isnan(value[1]).all()
        assert np.isnan(gradient[1]).all()
        assert not np.isnan(value[[0, 2]]).any()
        assert not np.isnan(gradient[[0, 2]]).any()


@each_unit
def test_nan_in_the_half_that_passes(name):
    x = np.array([[np.nan, 0.3, 0.2, 0.1]])
    assert np.isnan(getattr(lossact, name)(x)).tolist() == [[True, False]]


@pytest.mark.parametrize("name", ["glu", "swiglu", "reglu"])
def test_factors_of_very_different_size(name):
    """A gate too small for a float, times something large. (The gate of geglu is a float before.)"""
    value, _, _ = unit_gates(name)
    for a, b in ((1e20, -742.0), (-1e300, -800.0), (1e-300, -20.0), (1.5e308, 1.25), (1e300, 5e-324)):
        true = Truth(number(a) * value(number(b)))
        assert true.error(getattr(lossact, name)([a, b])[0]) <= LIMIT, (a, b)


# --- facts and properties -----------------------------------------------------------------------------


def test_facts():
    """What can be seen of the facts in values; those of the tables have their own tests."""
    p = np.linspace(0, 1, 1001)
    assert (np.diff(logit(p)) > 0).all()
    assert logit.facts.monotonic
    assert logit.facts.range == (logit(0.0), logit(1.0))
    assert logit.grad(1e-300) > 1e299
    x = np.linspace(-5, 5, 1001)
    assert (np.diff(rrelu(x)) > 0).all()
    assert max(rrelu.grad(x)) == rrelu.facts.lipschitz
    assert (np.diff(prelu(x, -1.0)) < 0).any()
    assert (np.diff(threshold(x, 1.0, 3.0)) < 0).any()
    along = np.stack([x, np.full_like(x, 0.3), np.full_like(x, -0.2)], axis=1)
    assert (np.diff(sparsemax(along, 1)[:, 0]) >= 0).all()
    assert (np.diff(softmin(along, 1)[:, 0]) < 0).all()
    assert (np.diff(logsumexp(along, 1)) > 0).all()
    assert (np.diff(gumbel_softmax(along[:, None], dim=2, rng=0)[:, 0, 0]) != 0).any()
    for function, point, arguments in (
        (sparsemax, np.array([0.3, 0.2, -0.1]), {}),
        (softmin, np.zeros(2), {}),
        (logsumexp, np.array([60.0, 0.0]), {}),
        (gumbel_softmax, np.zeros(2), None),
    ):
        if arguments is None:
            # Where the noise has made them equal.
            point = -noise(2, 0)
            arguments = {"rng": 0}
        size = np.size(function(point, dim=0, **arguments))
        upstream = np.eye(size) if size > 1 else [np.float64(1)]
        jacobian = [function.vjp(point, g, dim=0, **arguments) for g in upstream]
        assert np.linalg.norm(np.array(jacobian), 2) == pytest.approx(function.facts.lipschitz)


def test_sparsemax_of_two_is_the_sparse_sigmoid():
    x = np.linspace(-1, 1, 41)
    np.testing.assert_allclose(sparsemax(np.stack([x, -x], 1), 1)[:, 0], sparse_sigmoid(2 * x), atol=1e-15)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=7))
def test_sparsemax_is_the_nearest_distribution(x):
    p = sparsemax(x, 0)
    assert abs(p.sum() - 1) < 1e-14
    assert (p >= 0).all()
    # The condition of the minimum: no other distribution lies in the direction of x - p.
    difference = np.array(x) - p
    assert difference.max() - p @ difference < 1e-13
    np.testing.assert_allclose(sparsemax(np.array(x) + 1, 0), p, atol=1e-14)


@given(st.lists(st.floats(-600, 600), min_size=1, max_size=5), st.floats(-50, 50))
def test_logsumexp_moves_with_its_scores(x, shift):
    there = logsumexp(np.array(x) + shift, 0)
    np.testing.assert_allclose(there, logsumexp(x, 0) + shift, rtol=1e-13, atol=1e-12)
    np.testing.assert_allclose(np.array(x) - logsumexp(x, 0), log_softmax(x, 0), rtol=1e-9, atol=1e-12)


@given(st.floats(-30, 30))
def test_logit_is_the_inverse_of_the_sigmoid(x):
    assert logit(sigmoid(-abs(x))) == pytest.approx(-abs(x), rel=1e-14, abs=1e-15)


def test_sparsemax_of_many_and_in_blocks():
    x = np.random.default_rng(5).normal(size=(40, 1000, 3)).astype(np.float32)
    p = sparsemax(x, 1)
    np.testing.assert_allclose(p.sum(axis=1, dtype=float), 1, rtol=1e-6)
    np.testing.assert_allclose(p[7, :, 2], sparsemax(x[7, :, 2], 0), rtol=1e-6)
    g = np.random.default_rng(6).normal(size=x.shape).astype(np.float32)
    np.testing.assert_array_equal(sparsemax.vjp(x, g, 1)[7, :, 2], sparsemax.vjp(x[7, :, 2], g[7, :, 2], 0))


@each_unit
@pytest.mark.parametrize(("shape", "dim"), [((900, 100), 1), ((900, 100), 0), ((30, 40, 90), 1)])
def test_gated_units_in_blocks(name, shape, dim):
    function, x = getattr(lossact, name), np.random.default_rng(0).normal(size=shape)
    a, b = np.split(x, 2, axis=dim)
    gate = UNITS[name]
    np.testing.assert_allclose(function(x, dim), a * gate(b), rtol=1e-14)
    g = np.random.default_rng(1).normal(size=a.shape)
    wanted = np.concatenate([g * gate(b), g * a * gate.grad(b)], axis=dim)
    np.testing.assert_allclose(function.vjp(x, g, dim), wanted, rtol=1e-12, atol=1e-15)


# --- random numbers -----------------------------------------------------------------------------------


def noise(shape, seed):
    return -np.log(np.random.default_rng(seed).standard_exponential(shape))


@pytest.mark.parametrize("tau", [1.0, 0.3])
def test_gumbel_softmax_is_a_softmax_of_disturbed_scores(tau):
    x = inputs("gumbel_softmax", (3, 4))
    disturbed = (x + noise(x.shape, 5)) / tau
    np.testing.assert_allclose(gumbel_softmax(x, tau, rng=5), softmax(disturbed, 1), rtol=1e-13)
    g = unequal(x.shape)
    wanted = softmax.vjp(disturbed, g, 1) / tau
    np.testing.assert_allclose(gumbel_softmax.vjp(x, g, tau, rng=5), wanted, rtol=1e-12)
    hard = gumbel_softmax(x, tau, hard=True, rng=5)
    assert np.array_equal(hard, np.eye(4)[np.argmax(disturbed, 1)])
    assert np.array_equal(gumbel_softmax.vjp(x, g, tau, True, rng=5), gumbel_softmax.vjp(x, g, tau, rng=5))


def test_gumbel_softmax_draws_each_class_as_often_as_the_softmax_says():
    x = np.array([0.0, 1.0, -1.0])
    shares = gumbel_softmax(np.tile(x, (200_000, 1)), hard=True, rng=1).mean(axis=0)
    np.testing.assert_allclose(shares, softmax(x, 0), atol=5e-3)


@pytest.mark.parametrize("shape", [(), (5,), (500, 600)])
def test_rrelu_in_training(shape):
    x = -np.abs(inputs("rrelu", shape)) - 0.1
    value, slope = rrelu.value_and_grad(x, 0.2, 0.7, training=True, rng=4)
    np.testing.assert_allclose(value, slope * x, rtol=1e-15)
    assert np.all((slope >= 0.2) & (slope <= 0.7))
    assert np.array_equal(rrelu(x, 0.2, 0.7, True, rng=4), value)
    g = unequal(shape)
    np.testing.assert_array_equal(rrelu.vjp(x, g, 0.2, 0.7, True, rng=4), g * slope)
    assert np.array_equal(rrelu.grad(-x, training=True), np.ones(shape))
    if x.size > 1000:
        assert abs(slope.mean() - 0.45) < 0.01
        assert abs(slope.std() - 0.5 / np.sqrt(12)) < 0.01
        for layout in (np.asfortranarray, lambda x: x[::-1].copy()[::-1]):
            assert np.array_equal(rrelu(layout(x), 0.2, 0.7, True, rng=4), value)
            assert np.array_equal(rrelu.vjp(x, layout(g), 0.2, 0.7, True, rng=4), g * slope)


@pytest.mark.parametrize("function", [gumbel_softmax, lambda x, rng: rrelu(x, training=True, rng=rng)])
def test_seeds(function):
    x = np.full((4, 5), -1.0)
    assert np.array_equal(function(x, rng=3), function(x, rng=3))
    assert not np.array_equal(function(x, rng=3), function(x, rng=4))
    assert not np.array_equal(function(x, rng=None), function(x, rng=None))
    generator = np.random.default_rng(3)
    first, second = function(x, rng=generator), function(x, rng=generator)
    assert np.array_equal(first, function(x, rng=3))
    assert not np.array_equal(first, second)
    wanted = function(x, rng=3)
    np.testing.assert_allclose(function(x.astype(np.float32), rng=3), wanted, rtol=1e-5)


@pytest.mark.parametrize("shape", [(300, 400), (20, 30, 50), (6, 5)])
def test_value_and_vjp_of_gumbel_softmax_have_the_same_noise(shape):
    x = np.random.default_rng(0).normal(size=shape)
    y = gumbel_softmax(x, dim=1, rng=9)
    g = np.random.default_rng(1).normal(size=shape)
    wanted = y * (g - np.sum(y * g, axis=1, keepdims=True))
    for z in (x, np.asfortranarray(x)):
        np.testing.assert_allclose(gumbel_softmax.vjp(z, g, dim=1, rng=9), wanted, rtol=1e-9, atol=1e-14)


# --- arguments ----------------------------------------------------------------------------------------


@each_function
@pytest.mark.parametrize("kind", NOT_NUMBERS)
def test_an_input_that_is_no_array_of_numbers(name, kind):
    change, error, words = NOT_NUMBERS[kind]
    first = "logits" if name == "gumbel_softmax" else "input"
    refuses(error, [first, *words], getattr(lossact, name), change(inputs(name)), **ALL[name])


Z = np.zeros((2, 3))
REFUSED = [
    (logit, (Z,), {"eps": -0.1}, ValueError, "logit: eps is -0.1; between 0 and 1/2"),
    (logit, (Z,), {"eps": 0.6}, ValueError, "eps is 0.6"),
    (logit, (Z,), {"eps": np.nan}, ValueError, "eps is nan"),
    (logit, (Z,), {"eps": "a"}, TypeError, "logit: eps; real numbers"),
    (threshold, (Z, 1.0), {}, TypeError, "threshold(input, threshold, value); missing; 'value'"),
    (threshold, (Z, "a", 1.0), {}, TypeError, "threshold: threshold; real numbers"),
    (threshold, (Z, 1.0, None), {}, TypeError, "threshold: value; real numbers"),
    (threshold, (Z, [1.0, 2.0], 1.0), {}, ValueError, "threshold: threshold; (2,); one number"),
    (prelu, (Z, [1.0, 2.0]), {}, ValueError, "prelu; (2, 3); (2,); (3,)"),
    (prelu, (Z, Z), {}, ValueError, "prelu; weight has shape (2, 3)"),
    (prelu, (np.zeros(3), np.ones(3)), {}, ValueError, "input has shape (3,); weight has shape (3,)"),
    (prelu, (Z, "a"), {}, TypeError, "prelu: weight; real numbers"),
    (rrelu, (Z, 0.5, 0.2), {}, ValueError, "rrelu: lower is 0.5; upper is 0.2"),
    (rrelu, (Z, np.nan), {}, ValueError, "lower is nan"),
    (rrelu, (Z, 0.0, np.inf), {}, ValueError, "upper is inf"),
    (rrelu, (Z,), {"training": True, "rng": -1}, ValueError, "rrelu: rng is -1; seed"),
    (rrelu, (Z,), {"training": True, "rng": "a"}, TypeError, "rrelu: rng is 'a'; seed"),
    (glu, (Z,), {}, ValueError, "glu; (2, 3); even length; axis 1"),
    (swiglu, (Z, 5), {}, np.exceptions.AxisError, "swiglu: dim; axis 5"),
    (geglu, (0.0,), {}, np.exceptions.AxisError, "geglu: dim"),
    (reglu, (Z, 0.0), {}, TypeError, "reglu: dim is 0.0; an integer"),
    (softmin, (Z,), {}, TypeError, "softmin; missing; 'dim'"),
    (softmin, (Z, 1), {"dtype": int}, TypeError, "softmin: dtype is <class 'int'>; float32 or float64"),
    (softmax, (Z, 1), {"dtype": "nonsense"}, TypeError, "softmax: dtype is 'nonsense'"),
    (log_softmax, (Z, 1), {"dtype": np.float16}, TypeError, "log_softmax: dtype; float16"),
    (logsumexp, (Z, (0, 1)), {}, TypeError, "logsumexp: dim is (0, 1); an integer"),
    (logsumexp, (1.0, 0), {}, np.exceptions.AxisError, "logsumexp: dim"),
    (sparsemax, (Z, 2), {}, np.exceptions.AxisError, "sparsemax: dim"),
    (gumbel_softmax, (Z, 0.0), {}, ValueError, "gumbel_softmax: tau is 0.0; greater than 0"),
    (gumbel_softmax, (Z, np.nan), {}, ValueError, "tau is nan"),
    (gumbel_softmax, (Z,), {"rng": -1}, ValueError, "gumbel_softmax: rng is -1"),
    (gumbel_softmax, (Z,), {"rng": 0.5}, TypeError, "gumbel_softmax: rng is 0.5"),
    (glu.vjp, (np.zeros((2, 4)), np.zeros((2, 4))), {}, ValueError, "glu.vjp; (2, 4); (2, 2) is wanted"),
    (logsumexp.vjp, (Z, Z, 1), {}, ValueError, "logsumexp.vjp; (2, 3); (2,) is wanted"),
    (sparsemax.vjp, (Z, Z[0], 1), {}, ValueError, "sparsemax.vjp; (3,); must be the same"),
    (prelu.vjp, (Z, Z[0], 1.0), {}, ValueError, "prelu.vjp; must be the same"),
    (prelu.vjp, (Z, Z, 1.0), {"wrt": "slope"}, ValueError, "prelu: wrt is 'slope'; 'input', 'weight'"),
    (glu.grad, (Z[:, :2],), {}, TypeError, "glu; not elementwise; glu.vjp"),
]


@pytest.mark.parametrize(("function", "positional", "options", "error", "words"), REFUSED)
def test_what_is_refused(function, positional, options, error, words):
    refuses(error, words.split("; "), function, *positional, **options)


@each_function
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_and_inputs_that_stay_as_they_are(name, layout):
    function, options, x = getattr(lossact, name), ALL[name], inputs(name)
    value = function(x, **options)
    g = unequal(value.shape)
    given = LAYOUTS[layout](x), LAYOUTS[layout](g)
    before = [np.array(each) for each in given]
    for each in given:
        if isinstance(each, np.ndarray):
            each.flags.writeable = False
    results = function(given[0], **options), function.vjp(*given, **options)
    for result, wanted in zip(results, (value, function.vjp(x, g, **options)), strict=True):
        np.testing.assert_allclose(result, wanted, rtol=1e-14, atol=1e-15)
        assert not any(np.shares_memory(result, each) for each in given)
    for each, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(each, copy)


@each_function
def test_dtypes(name):
    function, options = getattr(lossact, name), ALL[name]
    for dtype in DTYPES:
        x = inputs(name, dtype=dtype)
        value = function(x, **options)
        assert value.dtype == dtype
        for upstream in DTYPES:
            assert function.vjp(x, np.ones(value.shape, upstream), **options).dtype == dtype
    whole = np.array([[0, 1, 1, 0], [1, 0, 1, 1]])
    for dtype in (np.int8, np.uint16, bool):
        value = function(whole.astype(dtype), **options)
        assert value.dtype == np.float64
        assert np.array_equal(value, function(whole.astype(float), **options))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
@pytest.mark.parametrize("shape", [(3, 4), (300, 500), (2, 3, 4)])
def test_the_dtype_of_the_softmaxes(name, shape):
    function, x = getattr(lossact, name), inputs(name, shape)
    small, upstream = x.astype(np.float32), unequal(shape)
    for dtype in DTYPES:
        value = function(x, 1, dtype=dtype)
        assert value.dtype == dtype
        assert np.array_equal(value, function(x.astype(dtype), 1))
        gradient = function.vjp(x, upstream, 1, dtype=dtype)
        assert gradient.dtype == np.float64
        assert np.array_equal(gradient, function.vjp(x.astype(dtype), upstream.astype(dtype), 1))
        wanted = function(small.astype(dtype), 1)
        assert np.array_equal(function(small, 1, dtype=dtype), wanted)
        assert function.vjp(small, upstream, 1, dtype=dtype).dtype == np.float32
    theirs = getattr(F, name)(torch.tensor(small), 1, dtype=torch.float64)
    agree(function(small, 1, dtype="float64"), theirs)


@each_function
@each_dtype
def test_empty_arrays(name, dtype):
    function, options = getattr(lossact, name), ALL[name]
    for shape in ((0, 4), (3, 0)) if name != "prelu" else ((0, 4),):
        x = np.empty(shape, dtype)
        value = function(x, **options)
        wanted = {"logsumexp": shape[:1]}.get(name, (shape[0], shape[1] // 2) if name in UNITS else shape)
        assert value.shape == wanted
        assert function.vjp(x, np.empty(wanted, dtype), **options).shape == shape
    if name == "logsumexp":
        assert value.tolist() == [-np.inf] * 3
    if name == "prelu":
        assert prelu.vjp(x, x, np.ones(4, dtype), wrt="weight").tolist() == [0] * 4


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_single_numbers(name):
    function, options = getattr(lossact, name), ELEMENTWISE[name]
    for x in (0.25, np.float64(0.25), np.array(0.25)):
        for result in (function(x, **options), function.grad(x, **options), function.vjp(x, 2.0, **options)):
            assert type(result) is np.float64
    assert type(function(np.float32(0.25), **options)) is np.float32


def test_a_vector_of_scores_gives_one_number():
    assert type(logsumexp([1.0, 2.0], 0)) is np.float64
    assert type(prelu.vjp([1.0, -2.0], [1.0, 1.0], 0.5, wrt="weight")) is np.float64


@each_function
def test_signatures(name):
    function = getattr(lossact, name)
    theirs = {"logit": torch.special.logit, "logsumexp": torch.logsumexp}.get(name, getattr(F, name, None))
    if name == "gumbel_softmax":
        assert list(inspect.signature(function).parameters)[:5] == list(inspect.signature(theirs).parameters)
    if name in ("threshold", "rrelu"):
        wanted = [key for key in inspect.signature(theirs).parameters if key != "inplace"]
        assert [key for key in inspect.signature(function).parameters if key != "rng"] == wanted
    assert pickle.loads(pickle.dumps(function)) is function
