"""What a moving figure stores is what the functions give, and the same bytes every time."""

import json
import re

import numpy as np
import pytest

import lossact
from lossact import moving
from lossact.couplings import exp_poisson, sigmoid_bce

FIGURES = {
    each: getattr(moving, each)
    for each in (
        "leaky_relu_slope",
        "activation_gallery",
        "loss_of_the_logit",
        "huber_and_an_outlier",
        "softmax_temperature",
        "gradient_through_depth",
        "descent_in_a_valley",
    )
}


def stored(figure):
    """The numbers as the page holds them."""
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', figure.html())[1])


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_same_every_time_and_not_heavy(name):
    first, second = FIGURES[name]().html(), FIGURES[name]().html()
    assert first == second
    assert len(first) < 60_000
    assert "<svg" in first
    label = re.search(r'data-label="([^"]{60,})"', first)
    assert label, "it is described in words"
    assert "Infinity" not in first
    assert "NaN" not in first


@pytest.mark.parametrize("name", FIGURES)
def test_controls_start_inside_their_values(name):
    data = stored(FIGURES[name]())
    controls = [data.get("slider"), data.get("choice"), data.get("handle"), *data.get("choices", [])]
    controls = [each for each in controls if each]
    assert controls
    for control in controls:
        assert control["label"]
        assert 0 <= control["start"] < len(control["values"])
        if not isinstance(control["values"][0], str):
            assert np.all(np.diff(control["values"]) > 0)


def test_leaky_slopes():
    data = stored(moving.leaky_relu_slope())
    for alpha, (value, slope) in zip(data["slider"]["values"], data["frames"], strict=True):
        np.testing.assert_allclose([value[0], value[-1]], [-4 * alpha, 4], rtol=1e-3)
        np.testing.assert_allclose([slope[0], slope[-1]], [alpha, 1], rtol=1e-3)


def test_the_gallery_holds_each_function_and_its_derivative():
    data = stored(moving.activation_gallery())
    x = np.array(data["x"])
    for name, (value, slope) in zip(data["choice"]["values"], data["frames"], strict=True):
        function = getattr(lossact, name)
        np.testing.assert_allclose(value, function(x), rtol=2e-3, atol=1e-6)
        np.testing.assert_allclose(slope, function.grad(x), rtol=2e-3, atol=1e-6)


def test_each_pair_of_loss_and_activation():
    data = stored(moving.loss_of_the_logit())
    losses, heads = data["choices"]
    x = np.array(data["x"])
    frames = {
        (loss, head): data["frames"][i * len(heads["values"]) + j]
        for i, loss in enumerate(losses["values"])
        for j, head in enumerate(heads["values"])
    }
    p = lossact.sigmoid(x)
    value, slope = frames["squared error", "sigmoid"]
    np.testing.assert_allclose(value, (p - 1) ** 2, rtol=2e-3, atol=1e-9)
    np.testing.assert_allclose(slope, 2 * (p - 1) * p * (1 - p), rtol=2e-3, atol=1e-9)
    for pair, name in (
        (sigmoid_bce, ("cross-entropy", "sigmoid")),
        (exp_poisson, ("Poisson", "exponential")),
    ):
        value, slope = frames[name]
        np.testing.assert_allclose(value, pair(x, np.ones_like(x), reduction="none"), rtol=2e-3, atol=1e-6)
        np.testing.assert_allclose(slope, pair.predict(x) - 1, rtol=2e-3, atol=1e-6)
    assert frames["cross-entropy", "tanh"] is None
    assert frames["Poisson", "identity"] is None
    # Every pair that is there: the slope is that of the curve.
    for name, frame in frames.items():
        if frame is not None:
            value, slope = map(np.array, frame)
            middle = (value[2:] - value[:-2]) / (x[2:] - x[:-2])
            off = np.abs(middle - slope[1:-1]) > 0.05 * (1 + np.abs(slope[1:-1]))
            assert np.count_nonzero(off) <= 4, name


def test_the_line_follows_the_loss():
    data = stored(moving.huber_and_an_outlier())
    points, heights, deltas = np.array(data["points"]), data["handle"]["values"], data["slider"]["values"]
    for row, delta in ((0, deltas[0]), (3, deltas[3]), (len(deltas) - 1, deltas[-1])):
        for column in (0, 13, len(heights) - 1):
            x = np.append(points[:, 0], data["handle"]["x"])
            y = np.append(points[:, 1], heights[column])
            a, b = data["lines"][row][column]
            best = lossact.huber_loss(a + b * x, y, delta=delta)
            for da, db in ((0.02, 0), (-0.02, 0), (0, 0.004), (0, -0.004)):
                assert lossact.huber_loss(a + da + (b + db) * x, y, delta=delta) > best - 1e-6
    squared = np.polyfit(x, y, 1)[::-1]
    np.testing.assert_allclose(data["lines"][-1][-1], squared, rtol=2e-3)


def test_the_bars_sum_to_one():
    data = stored(moving.softmax_temperature())
    for temperature, bars in zip(data["slider"]["values"], data["frames"], strict=True):
        wanted = lossact.softmax(np.array([2, 1, 0.2, -1]) / temperature, 0)
        np.testing.assert_allclose(bars, wanted, rtol=2e-3, atol=1e-9)


def test_relu_keeps_the_gradient_at_root_two_and_the_sigmoid_at_no_gain():
    data = stored(moving.gradient_through_depth())
    grid, gains = data["grid"], data["slider"]["values"]
    relu = grid[data["choice"]["values"].index("relu")]
    assert 0.3 < relu[gains.index(1.414)][0][0] < 3
    assert relu[0][0][0] < 1e-5
    assert relu[-1][0][0] > 1e5
    sigmoid = grid[data["choice"]["values"].index("sigmoid")]
    assert all(row[0][0] < 1e-2 for row in sigmoid)


def test_the_paths_are_gradient_descent():
    data = stored(moving.descent_in_a_valley())
    curvatures = np.array(data["curvatures"])
    for rate, path in zip(data["slider"]["values"], data["paths"], strict=True):
        factors = 1 - rate * curvatures
        np.testing.assert_allclose(path[5], np.array(path[0]) * factors**5, rtol=3e-2, atol=2e-3)


def test_short_numbers_lose_nothing_that_can_be_seen():
    assert moving._short({"a": np.array([1.23456, np.nan, -1e9, 3.0])}) == {"a": [1.235, None, -1e9, 3]}
