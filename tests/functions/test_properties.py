"""Laws that hold for all inputs, tried on inputs that nobody thought of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lossact import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    nll_loss,
    sigmoid,
    softmax,
    tanh,
)
from lossact.couplings import sigmoid_bce, softmax_ce
from tests.functions.cases import CLASS_LOSSES, FUNCTIONS, LOSSES, MARGIN_LOSSES, PAIRED_LOSSES

always = settings(derandomize=True, deadline=None, max_examples=60)
WIDTH = st.floats(-50, 50)
SHARE = st.floats(0, 1)
LENGTHS = st.integers(1, 6)


def vectors(elements, least=1):
    return st.integers(least, 6).flatmap(lambda size: arrays(np.float64, size, elements=elements))


@st.composite
def loss_arguments(draw, name):
    """An input, a target, and another input for the same target."""
    if name in CLASS_LOSSES:
        shape = (draw(LENGTHS), draw(LENGTHS))
        target = draw(arrays(np.int64, shape[0], elements=st.integers(0, shape[1] - 1)))
        inputs = [draw(arrays(np.float64, shape, elements=WIDTH)) for _ in range(2)]
        if name == "nll_loss":
            inputs = [-abs(x) for x in inputs]
        return inputs[0], target, inputs[1]
    size = draw(LENGTHS)
    elements, targets = {
        "binary_cross_entropy": (st.floats(1e-30, 1 - 1e-12), SHARE),
        "binary_cross_entropy_with_logits": (WIDTH, SHARE),
        **dict.fromkeys(MARGIN_LOSSES, (WIDTH, st.sampled_from([-1.0, 1.0]))),
    }.get(name, (WIDTH, WIDTH))
    draws = [draw(arrays(np.float64, size, elements=kind)) for kind in (elements, targets, elements)]
    return draws[0], draws[1], draws[2]


def close(first, second, tolerance=1e-12):
    np.testing.assert_allclose(first, second, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
@always
def test_the_reductions_agree(name, data):
    """Of the value, and of the gradient."""
    loss = FUNCTIONS[name]
    x, target, _ = data.draw(loss_arguments(name))
    each, slopes = loss.value_and_grad(x, target, reduction="none")
    total, total_slopes = loss.value_and_grad(x, target, reduction="sum")
    mean, mean_slopes = loss.value_and_grad(x, target)
    close(total, each.sum())
    close(mean * each.size, total)
    close(total_slopes, slopes)
    close(mean_slopes * each.size, slopes)


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data(), share=SHARE)
@always
def test_a_convex_loss_lies_below_its_chords_and_above_its_tangents(name, data, share):
    loss = FUNCTIONS[name]
    assert loss.facts.convex
    a, target, b = data.draw(loss_arguments(name))
    here, there = (loss(x, target, reduction="sum") for x in (a, b))
    rise = loss.grad(a, target, reduction="sum") * (b - a)
    rounding = 1e-10 * (1 + here + there + np.sum(np.abs(rise)))
    between = loss(share * a + (1 - share) * b, target, reduction="sum")
    assert between <= share * here + (1 - share) * there + rounding
    assert there >= here + np.sum(rise) - rounding


@pytest.mark.parametrize("name", PAIRED_LOSSES)
@given(data=st.data())
@always
def test_a_loss_is_least_at_its_target(name, data):
    loss = FUNCTIONS[name]
    x, target, _ = data.draw(loss_arguments(name))
    if "logits" in name:
        best = np.log(np.clip(target, 1e-300, None)) - np.log(np.clip(1 - target, 1e-300, None))
    else:
        best = np.inf * target if name in MARGIN_LOSSES else target
    assert np.all(loss(best, target, reduction="none") <= loss(x, target, reduction="none") + 1e-12)


@given(vectors(WIDTH), st.integers(-40, 40))
@always
def test_softmax_forgets_a_common_shift(x, shift):
    close(softmax(x + shift, 0), softmax(x, 0))
    close(log_softmax(x + shift, 0), log_softmax(x, 0))


@given(vectors(WIDTH))
@always
def test_softmax_is_a_distribution_and_the_exponential_of_log_softmax(x):
    close(softmax(x, 0).sum(), 1)
    close(np.exp(log_softmax(x, 0)), softmax(x, 0))
    assert np.all(np.diff(softmax(np.sort(x), 0)) >= 0)


@given(vectors(WIDTH), st.data())
@always
def test_a_gradient_through_softmax_sums_to_nothing(x, data):
    upstream = data.draw(arrays(np.float64, x.shape, elements=st.floats(-3, 3)))
    close(softmax.vjp(x, upstream, 0).sum(), 0)
    close(log_softmax.vjp(x, upstream, 0).sum(), 0)


@given(WIDTH)
@always
def test_sigmoid_and_its_kin(x):
    close(sigmoid(-x), 1 - sigmoid(x))
    close(tanh(x), 2 * sigmoid(2 * x) - 1)
    close(sigmoid(x), softmax([x, 0.0], 0)[0])
    close(sigmoid.grad(x), sigmoid.grad(-x))
    close(sigmoid.grad(x), sigmoid(x) * (1 - sigmoid(x)))
    close(tanh.grad(x), 1 - tanh(x) ** 2)


@given(st.data(), SHARE)
@always
def test_a_label_is_a_one_hot_distribution_and_smoothing_mixes_it_with_the_uniform_one(data, smoothing):
    z, labels, _ = data.draw(loss_arguments("cross_entropy"))
    classes = z.shape[1]
    one_hot = np.eye(classes)[labels]
    mixed = (1 - smoothing) * one_hot + smoothing / classes
    for reduction in ("mean", "sum", "none"):
        wanted = cross_entropy.value_and_grad(z, one_hot, reduction=reduction)
        for found, correct in zip(
            cross_entropy.value_and_grad(z, labels, reduction=reduction), wanted, strict=True
        ):
            close(found, correct)
        wanted = cross_entropy.value_and_grad(z, mixed, reduction=reduction)
        for target in (labels, one_hot):
            smooth = cross_entropy.value_and_grad(z, target, reduction=reduction, label_smoothing=smoothing)
            for found, correct in zip(smooth, wanted, strict=True):
                close(found, correct)


@given(st.data())
@always
def test_cross_entropy_is_nll_loss_of_log_softmax(data):
    z, labels, _ = data.draw(loss_arguments("cross_entropy"))
    weight = data.draw(arrays(np.float64, z.shape[1], elements=st.floats(0.1, 3)))
    options = {"weight": weight, "ignore_index": 0, "reduction": "sum"}
    close(cross_entropy(z, labels, **options), nll_loss(log_softmax(z, 1), labels, **options))


@given(st.data())
@always
def test_an_ignored_sample_is_as_good_as_absent(data):
    z, labels, _ = data.draw(loss_arguments("cross_entropy"))
    kept = labels != 0
    if not kept.any():
        return
    value, slope = cross_entropy.value_and_grad(z, labels, ignore_index=0)
    fewer, fewer_slope = cross_entropy.value_and_grad(z[kept], labels[kept])
    close(value, fewer)
    close(slope[kept], fewer_slope)
    assert not slope[~kept].any()


@given(st.floats(-25, 25), SHARE)
@always
def test_two_classes_can_be_said_in_three_ways(z, y):
    with_logits = binary_cross_entropy_with_logits(z, y)
    close(with_logits, cross_entropy([z, 0.0], [y, 1 - y]))
    close(with_logits, -y * np.log(sigmoid(z)) - (1 - y) * np.log(sigmoid(-z)))
    close(with_logits, binary_cross_entropy(sigmoid(z), y), 1e-4)


@pytest.mark.parametrize("pair", [sigmoid_bce, softmax_ce], ids=repr)
@given(data=st.data())
@always
def test_the_gradient_of_a_sample_points_from_the_target_to_the_prediction(pair, data):
    z, labels, _ = data.draw(loss_arguments("cross_entropy"))
    one_hot = np.eye(z.shape[1])[labels]
    target = labels if pair is softmax_ce else one_hot
    close(pair.grad(z, target, reduction="none"), pair.predict(z) - one_hot)
