"""multi_margin_loss, multilabel_margin_loss and multilabel_soft_margin_loss, from their definitions."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lossact import (
    binary_cross_entropy_with_logits,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
)
from lossact.gradcheck import numerical_gradient
from tests.functions.test_against_truth import LIMIT, around, check, numbers, worst
from tests.functions.truth import Truth, exp, log, mp, number, sigmoid

DTYPES = (np.float32, np.float64)
LOSSES = (multi_margin_loss, multilabel_margin_loss, multilabel_soft_margin_loss)
ROWS = [
    [0.3],
    [0.1, 0.2, 0.4, 0.8],
    [0.0, 1.0, 2.0, -1.0],
    [1e8, 1e8 + 1, 1e8 - 1, 1e8 + 0.5],
    [1e-8, -1e-8, 1.0, 1 - 1e-8],
    [1e16, 1.0, -1e16, 1e16 + 2],
    [1e300, -1e300, 0.5, 1e-300],
    [3e37, 1e37, 0.3, -2e37],
    [-np.inf, 0.3, 1.2, -0.4],
    *(3 * np.random.default_rng(0).normal(size=(6, 5))),
]


def rows(dtype):
    with np.errstate(all="ignore"):
        found = [np.array(row).astype(dtype) for row in ROWS]
    kink = [np.array([0.3, other, -2.0], dtype) for other in around(dtype(1.3), dtype)]
    # An overflow on the way into float32 puts two infinite scores on one side.
    return [row for row in found + kink if np.sum(row == np.inf) == 0 and np.sum(row == -np.inf) < 2]


def shortfall(x, own, other, margin):
    return max(number(margin) - number(x[own]) + number(x[other]), 0)


def multi_margin(x, y, p, margin, factor):
    """The loss and its slopes."""
    size = len(x)
    each = [mp.mpf(0) if j == y else shortfall(x, y, j, margin) for j in range(size)]
    value = factor * mp.fsum(short**p for short in each) / size
    slopes = [factor * p * short ** (p - 1) / size if short > 0 else mp.mpf(0) for short in each]
    slopes[y] = -mp.fsum(slopes)
    return Truth(value), [Truth(slope) for slope in slopes]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("margin", [1.0, 0.0, 0.3, -0.5, 1e-8, 1e4])
def test_multi_margin_loss(margin, p, dtype):
    for x in rows(dtype):
        weight = np.linspace(0.3, 2, len(x)).astype(dtype)
        for y, weights in itertools.product(range(len(x)), (None, weight)):
            factor = mp.mpf(1) if weights is None else number(weight[y])
            value, slopes = multi_margin(x, y, p, dtype(margin), factor)
            options = {"p": p, "margin": margin, "weight": weights, "reduction": "none"}
            where = (x, y, options)
            check(lambda: multi_margin_loss(x, y, **options), [value], where)  # noqa: B023
            check(lambda: multi_margin_loss.grad(x, y, **options), slopes, where)  # noqa: B023


def listed(target):
    """The labels before the first -1."""
    return list(itertools.takewhile(lambda label: label >= 0, map(int, target)))


def multilabel_margin(x, target):
    labels, size = listed(target), len(x)
    others = [j for j in range(size) if j not in labels]
    value, slopes = mp.mpf(0), [mp.mpf(0)] * size
    for i, j in itertools.product(labels, others):
        short = shortfall(x, i, j, 1)
        value += short / size
        slopes[j] += mp.mpf(short > 0) / size
        slopes[i] -= mp.mpf(short > 0) / size
    return Truth(value), [Truth(slope) for slope in slopes]


def label_lists(size):
    lists = [[], [0], [size - 1, 0], [0, 0], list(range(size)), [size // 2]]
    for labels in lists:
        row = np.full(size, -1)
        row[: len(labels)] = labels[:size]
        if len(labels) + 1 < size:
            row[len(labels) + 1] = size - 1
        yield row


@pytest.mark.parametrize("dtype", DTYPES)
def test_multilabel_margin_loss(dtype):
    for x in rows(dtype):
        for target in label_lists(len(x)):
            value, slopes = multilabel_margin(x, target)
            where = (x, target)
            check(lambda: multilabel_margin_loss(x, target), [value], where)  # noqa: B023
            check(lambda: multilabel_margin_loss.grad(x, target), slopes, where)  # noqa: B023


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("y", [0, 1, 0.3, 1e-8])
def test_multilabel_soft_margin_loss_of_one_class(y, dtype):
    """Each number as a sample of one class; for a soft label the slope is measured against its terms."""
    z, target = numbers(dtype)[:, None], dtype(y)
    target = np.full_like(z, target)
    exact, share = [number(x) for x in z[:, 0]], number(target[0, 0])
    costs = [
        (share * log(1 + exp(-x)) if share else 0) + ((1 - share) * log(1 + exp(x)) if share != 1 else 0)
        for x in exact
    ]
    slopes = [((1 - share) * sigmoid(x), -share * sigmoid(-x)) for x in exact]
    with np.errstate(all="raise"):
        value, (by_input, by_target, by_weight) = multilabel_soft_margin_loss.value_and_grad(
            z, target, np.ones_like(z), reduction="none", wrt=("input", "target", "weight")
        )
    for answers, truths in (
        (value, [Truth(cost) for cost in costs]),
        (by_input[:, 0], [Truth(sum(pair), scale=pair[0] - pair[1]) for pair in slopes]),
        (by_target[:, 0], [Truth(-x) for x in exact]),
        (by_weight[:, 0], [Truth(cost) for cost in costs]),
    ):
        error, sentence = worst(answers, truths, z[:, 0])
        assert error <= LIMIT, sentence


@pytest.mark.parametrize("dtype", DTYPES)
def test_multilabel_soft_margin_loss_of_many_classes(dtype):
    rng = np.random.default_rng(1)
    for x in (row for row in rows(dtype) if np.isfinite(row).all()):
        y, w = rng.uniform(size=len(x)).astype(dtype), rng.uniform(0.5, 2, len(x)).astype(dtype)
        terms = [
            number(weight)
            * (number(t) * log(1 + exp(-number(z))) + (1 - number(t)) * log(1 + exp(number(z))))
            for z, t, weight in zip(x, y, w, strict=True)
        ]
        check(lambda: multilabel_soft_margin_loss(x, y, w), [Truth(mp.fsum(terms) / len(x))], x)  # noqa: B023


def generic(function, shape, dtype=np.float64, seed=0):
    """A valid input and target."""
    rng = np.random.default_rng([seed, *shape])
    x = (2 * rng.normal(size=shape)).astype(dtype)
    axis = 0 if len(shape) == 1 else 1
    if function is multi_margin_loss:
        return x, rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :])
    if function is multilabel_margin_loss:
        return x, rng.integers(-1, shape[axis], shape)
    return x, rng.uniform(size=shape).astype(dtype)


def variants(function, shape, dtype=np.float64):
    rng = np.random.default_rng(3)
    if function is multi_margin_loss:
        weight = rng.uniform(0.3, 2, shape[0 if len(shape) == 1 else 1]).astype(dtype)
        return [
            {"p": p, "margin": margin, "weight": weights}
            for p, margin, weights in itertools.product((1, 2), (1.0, 0.4), (None, weight))
        ]
    if function is multilabel_soft_margin_loss:
        shapes = [shape, shape[-1:], (*shape[:-1], 1)]
        return [{}, *({"weight": rng.uniform(0.3, 2, each).astype(dtype)} for each in shapes)]
    return [{}]


def unequal(shape):
    return np.random.default_rng(7).uniform(0.2, 3, shape) * np.where(
        np.indices(shape).sum(axis=0) % 2, -1, 1
    )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(4,), (5, 3), (7, 1)])
@pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)
def test_they_are_those_of_torch(function, shape, dtype):
    x, y = generic(function, shape, dtype)
    theirs = getattr(F, function.__name__)
    for options, reduction in itertools.product(variants(function, shape, dtype), ("mean", "sum", "none")):
        tensors = {
            key: torch.tensor(value) if isinstance(value, np.ndarray) else value
            for key, value in options.items()
        }
        wrt = [name for name in function.differentiable if name in ("input", "target") or name in options]
        z, target = torch.tensor(x, requires_grad=True), torch.tensor(y)
        if "target" in wrt:
            target.requires_grad_()
        if "weight" in wrt:
            tensors["weight"].requires_grad_()
        wanted = theirs(z, target, reduction=reduction, **tensors)
        upstream = (unequal(wanted.shape) if len(wrt) == 1 else np.ones(wanted.shape)).astype(dtype)
        wanted.backward(torch.tensor(upstream).to(wanted.dtype))
        found, slopes = function.value_and_grad(x, y, reduction=reduction, wrt=wrt, **options)
        tolerance = {"rtol": 1e-5, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-13}
        np.testing.assert_allclose(found, wanted.detach().numpy(), **tolerance)
        assert found.dtype == dtype
        given = {"input": z, "target": target, **tensors}
        for name, slope in zip(wrt, slopes, strict=True):
            if slope.ndim == 2 and upstream.ndim == 1:
                slope = slope * upstream[:, None]
            elif slope.ndim == 2 or not upstream.ndim:
                slope = slope * upstream
            assert slope.dtype == dtype
            np.testing.assert_allclose(slope, given[name].grad.numpy(), **tolerance)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)
def test_central_differences(function, shape, reduction):
    """With axes behind the classes, too."""
    x, y = generic(function, shape, seed=1)
    for options in variants(function, shape):
        options = {**options, "reduction": reduction}
        upstream = unequal(np.shape(function(x, y, **options)))
        axis = -1 if function is multilabel_soft_margin_loss or len(shape) == 1 else 1
        spread = np.expand_dims(upstream, axis) if upstream.shape else upstream
        for name in function.differentiable:
            if name == "weight":
                continue
            gradient = spread * function.grad(x, y, wrt=name, **options)
            numerical = numerical_gradient(
                lambda at: np.sum(upstream * function(**{"input": x, "target": y, name: at}, **options)),  # noqa: B023
                x if name == "input" else y,
            )
            np.testing.assert_allclose(gradient, numerical, rtol=1e-6, atol=1e-8)
        if options.get("weight") is not None and "weight" in function.differentiable and reduction != "none":
            weight = options.pop("weight")
            numerical = numerical_gradient(lambda w: function(x, y, w, **options), weight)  # noqa: B023
            found = function.grad(x, y, weight, wrt="weight", **options)
            np.testing.assert_allclose(found, numerical, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("function", [multi_margin_loss, multilabel_margin_loss])
def test_trailing_axes_are_more_samples(function):
    x, y = generic(function, (6, 3, 4))
    found = function.value_and_grad(x, y, reduction="none")
    rows = np.moveaxis(x, 1, -1).reshape(-1, 3)
    labels = y.reshape(-1) if y.ndim == 2 else np.moveaxis(y, 1, -1).reshape(-1, 3)
    value, slope = function.value_and_grad(rows, labels, reduction="none")
    np.testing.assert_array_equal(found[0], value.reshape(6, 4))
    np.testing.assert_array_equal(found[1], np.moveaxis(slope.reshape(6, 4, 3), -1, 1))


@pytest.mark.parametrize("p", [1, 2])
def test_at_a_kink_the_slope_is_the_one_of_torch(p):
    x = np.array([[1.0, 0.0, 2.0, 0.5]])
    z = torch.tensor(x, requires_grad=True)
    F.multi_margin_loss(z, torch.tensor([0]), p=p).backward()
    assert multi_margin_loss.grad(x, [0], p=p).tolist() == z.grad.tolist()
    z = torch.tensor(x, requires_grad=True)
    F.multilabel_margin_loss(z, torch.tensor([[0, -1, 1, 1]])).backward()
    assert multilabel_margin_loss.grad(x, [[0, -1, 1, 1]]).tolist() == z.grad.tolist()


def test_a_shortfall_is_exact_beside_large_scores():
    """In float32 1 - 1e8 + (1e8 - 8) is 0 instead of -7, and 9 beside 1e8 is 8."""
    x = np.array([1e8, 1e8 - 8, 1e8 + 8], np.float32)
    assert multi_margin_loss(x, 0, reduction="sum") == np.float32(9 / 3)
    assert multi_margin_loss.grad(x, 0).tolist() == [np.float32(-1 / 3), 0, np.float32(1 / 3)]
    assert multilabel_margin_loss(x, [0, -1, -1]) == 3


@pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)
def test_nan_stays_nan(function):
    x, y = generic(function, (5, 3))
    if function is multilabel_margin_loss:
        y[:] = [0, -1, -1]
    x[1, 0] = x[3, 2] = np.nan
    with np.errstate(all="raise"):
        value, slope = function.value_and_grad(x, y, reduction="none")
        assert np.isnan(function(x, y))
    assert np.isnan(value).tolist() == [False, True, False, True, False]
    assert np.isnan(slope[np.isnan(x)]).all()
    assert np.isfinite(slope[[0, 2, 4]]).all()


def test_infinite_scores():
    """A right class at inf is ahead, a wrong one costs inf; two at inf leave no difference."""
    assert multi_margin_loss([np.inf, 0.0], 0) == 0
    assert multi_margin_loss([np.inf, 0.0], 1) == np.inf
    assert multi_margin_loss.grad([np.inf, 0.0], 1).tolist() == [0.5, -0.5]
    assert np.isnan(multi_margin_loss([np.inf, np.inf], 1))
    assert multilabel_margin_loss([np.inf, 0.0, -np.inf], [0, -1, -1]) == 0
    assert multilabel_margin_loss([np.inf, 0.0, -np.inf], [1, 2, -1]) == np.inf
    value, slope = multilabel_soft_margin_loss.value_and_grad(
        [[np.inf, -np.inf]] * 2, [[1, 0], [0, 0]], reduction="none"
    )
    assert value.tolist() == [0, np.inf]
    assert slope.tolist() == [[0, 0], [0.5, 0]]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)
def test_empty_batches(function, reduction):
    x, y = np.empty((0, 3), np.float32), generic(function, (1, 3))[1][:0]
    value, slope = function.value_and_grad(x, y, reduction=reduction)
    assert (slope.shape, slope.dtype, value.dtype) == ((0, 3), np.float32, np.float32)
    wanted = {"mean": np.nan, "sum": 0, "none": []}[reduction]
    np.testing.assert_array_equal(value, np.array(wanted, np.float32))


Z = np.zeros((2, 3))
LISTS = [[0, -1, -1], [1, 2, -1]]
REFUSED = [
    (multi_margin_loss, (Z, [0, 3]), {}, ValueError, "label 3; 3 classes; from 0 to 2"),
    (multi_margin_loss, (Z, [-1, 0]), {}, ValueError, "label -1; from 0 to 2"),
    (multi_margin_loss, (Z, [0]), {}, ValueError, "(2, 3); (2,); (1,)"),
    (multi_margin_loss, (Z, [[0], [1]]), {}, ValueError, "(2, 3); (2,); (2, 1)"),
    (multi_margin_loss, (Z, [0.0, 1.0]), {}, TypeError, "target; float64; integer class labels"),
    (multi_margin_loss, (Z, [True, False]), {}, TypeError, "target; bool; integer class labels"),
    (multi_margin_loss, (Z, ["0", "1"]), {}, TypeError, "target; <U1"),
    (multi_margin_loss, (Z, [0, 1]), {"p": 3}, ValueError, "p is 3; 1 or 2"),
    (multi_margin_loss, (Z, [0, 1]), {"p": 1.5}, TypeError, "p is 1.5; integer"),
    (multi_margin_loss, (Z, [0, 1]), {"margin": np.nan}, ValueError, "margin is nan; finite"),
    (multi_margin_loss, (Z, [0, 1]), {"margin": "1"}, TypeError, "margin; real numbers"),
    (multi_margin_loss, (Z, [0, 1]), {"weight": [1.0, 2.0]}, ValueError, "weight; (2,); (3,)"),
    (multi_margin_loss, (Z, [0, 1]), {"weight": np.ones((1, 3))}, ValueError, "weight; (1, 3); (3,)"),
    (multi_margin_loss, (0.0, 0), {}, ValueError, "single number"),
    (multi_margin_loss, (np.zeros((2, 0)), [0, 0]), {}, ValueError, "(2, 0); at least one class"),
    (multilabel_margin_loss, (Z, [[0, -1, 3], [0, 0, 0]]), {}, ValueError, "label 3; from -1 to 2"),
    (multilabel_margin_loss, (Z, [[0, -2, 0], [0, 0, 0]]), {}, ValueError, "label -2; from -1 to 2"),
    (multilabel_margin_loss, (Z, [[0, -1], [1, -1]]), {}, ValueError, "(2, 3); (2, 2); the same"),
    (multilabel_margin_loss, (Z, Z), {}, TypeError, "target; float64; integer class labels"),
    (multilabel_margin_loss, (Z, LISTS), {"reduction": "avg"}, ValueError, "reduction is 'avg'"),
    (multilabel_margin_loss, (torch.zeros(2, 3), LISTS), {}, TypeError, "input; torch.Tensor"),
    (multilabel_soft_margin_loss, (Z, np.zeros(3)), {}, ValueError, "(2, 3); (3,); the same"),
    (multilabel_soft_margin_loss, (0.0, 0.0), {}, ValueError, "single number"),
    (multilabel_soft_margin_loss, (np.zeros((2, 0)),) * 2, {}, ValueError, "(2, 0); at least one class"),
    (multilabel_soft_margin_loss, (Z, Z), {"weight": np.ones(2)}, ValueError, "weight; (2,); (2, 3)"),
    (multilabel_soft_margin_loss, (Z, Z), {"weight": "1"}, TypeError, "weight; <U1"),
    (multilabel_soft_margin_loss, (Z.astype(complex), Z), {}, TypeError, "input; complex128"),
    (multilabel_soft_margin_loss, ([[1.0], [1.0, 2.0]], Z), {}, ValueError, "input; different lengths"),
]


@pytest.mark.parametrize(("function", "positional", "options", "error", "words"), REFUSED)
def test_what_is_refused(function, positional, options, error, words):
    for call in (function, function.grad):
        with pytest.raises(error) as caught:
            call(*positional, **options)
        missing = [word for word in words.split("; ") if word not in str(caught.value)]
        assert not missing, caught.value


@pytest.mark.parametrize(
    "layout",
    [
        lambda x: np.repeat(x, 2, axis=0)[::2],
        lambda x: x[::-1].copy()[::-1],
        np.asfortranarray,
        lambda x: x.tolist(),
        np.copy,
    ],
)
@pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)
def test_the_layout_of_an_array_does_not_matter_and_it_is_never_changed(function, layout):
    x, y = generic(function, (6, 4))
    wanted = function.value_and_grad(x, y)
    given = [layout(x), layout(y)]
    before = [np.array(each) for each in given]
    for each in given:
        if isinstance(each, np.ndarray):
            each.flags.writeable = False
    for one, other in zip(function.value_and_grad(*given), wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    for each, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(each, copy)


@pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)
def test_many_blocks_are_as_good_as_one(function):
    x, y = generic(function, (5001, 7))
    value, slope = function.value_and_grad(x, y, reduction="none")
    for part in (slice(0, 3), slice(4998, 5001)):
        few = function.value_and_grad(x[part], y[part], reduction="none")
        np.testing.assert_array_equal(value[part], few[0])
        np.testing.assert_array_equal(slope[part], few[1])
    np.testing.assert_allclose(function(x, y), value.mean(), rtol=1e-13)


def test_facts():
    rng = np.random.default_rng(0)
    ends = 30 * np.eye(60)[:1] - 30
    assert np.linalg.norm(multi_margin_loss.grad(-ends[0], 0)) == pytest.approx(np.sqrt(59 / 60))
    assert multi_margin_loss.facts.lipschitz == multilabel_soft_margin_loss.facts.lipschitz == 1
    lists = np.where(np.arange(400) < 200, np.arange(400), -1)
    assert np.linalg.norm(multilabel_margin_loss.grad(np.zeros(400), lists)) == pytest.approx(10)
    assert multilabel_margin_loss.facts.lipschitz == np.inf
    assert multilabel_soft_margin_loss.grad([-800.0], [1]).tolist() == [-1.0]
    for function in LOSSES:
        _, y = generic(function, (50, 4))
        a, b = 3 * rng.normal(size=(2, 50, 4))
        middle = function(0.3 * a + 0.7 * b, y, reduction="none")
        chord = 0.3 * function(a, y, reduction="none") + 0.7 * function(b, y, reduction="none")
        assert (np.all(middle <= chord + 1e-12)) == function.facts.convex
    sides = multi_margin_loss.grad([[0.0, 1 - 1e-9], [0.0, 1 + 1e-9]], [1, 1], reduction="none")
    assert sides.tolist() == [[0.5, -0.5], [0, 0]]
    assert not multi_margin_loss.facts.smooth
    assert not multilabel_margin_loss.facts.smooth
    assert multilabel_soft_margin_loss.facts.smooth


always = settings(derandomize=True, deadline=None, max_examples=60)
TABLE = arrays(np.float64, (3, 4), elements=st.floats(-50, 50))


@given(TABLE, arrays(np.int64, 3, elements=st.integers(0, 3)), st.integers(-40, 40))
@always
def test_a_margin_forgets_a_common_shift_and_its_slopes_sum_to_nothing(x, y, shift):
    np.testing.assert_allclose(multi_margin_loss(x + shift, y), multi_margin_loss(x, y), rtol=1e-9, atol=1e-9)
    for p in (1, 2):
        slope = multi_margin_loss.grad(x, y, p, reduction="none")
        np.testing.assert_allclose(slope.sum(axis=1), 0, atol=1e-12 * (1 + abs(slope).max()))


@given(TABLE, arrays(np.int64, 3, elements=st.integers(0, 3)))
@always
def test_one_label_in_a_list_is_one_label(x, y):
    lists = np.full((3, 4), -1)
    lists[:, 0] = y
    found = multilabel_margin_loss.value_and_grad(x, lists, reduction="none")
    wanted = multi_margin_loss.value_and_grad(x, y, reduction="none")
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-15)


@given(TABLE, arrays(np.float64, (3, 4), elements=st.floats(0, 1)))
@always
def test_the_soft_margin_is_a_mean_of_binary_cross_entropies(x, y):
    wanted = binary_cross_entropy_with_logits(x, y, reduction="none").mean(axis=-1)
    np.testing.assert_allclose(multilabel_soft_margin_loss(x, y, reduction="none"), wanted, rtol=1e-12)
    doubled = multilabel_soft_margin_loss(np.tile(x, (2, 1)), np.tile(y, (2, 1)))
    np.testing.assert_allclose(doubled, multilabel_soft_margin_loss(x, y), rtol=1e-12)
