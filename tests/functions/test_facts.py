"""Every fact that a function declares about itself is so, found from its values alone.

A vector function is looked at along one of its scores, the others held still; its Lipschitz constant is
the largest spectral norm of its Jacobian. The gradients are not asked: they have tests of their own.
"""

import numpy as np
import pytest

from tests.functions.cases import ACTIVATIONS, CLASS_LOSSES, FUNCTIONS, LOSSES, MARGIN_LOSSES

NEAR = np.arange(-120, 121) / 20  # holds every kink: 0, and the targets plus and minus 1
WIDE = np.unique(
    [*NEAR, *np.linspace(-60, 60, 241), *(sign * x for sign in (-1, 1) for x in (1e3, 1e10, 1e300))]
)
STEP = 1e-6


def along_one_score(name):
    """The activation as a function of one number, given an array of them."""
    function = FUNCTIONS[name]
    if function.elementwise:
        return function
    return lambda x: function(np.stack([x, np.full_like(x, 0.3), np.full_like(x, -0.2)], axis=1), 1)[:, 0]


def of_one_prediction(name):
    """The loss of one sample as a function of the first number in its input, for some targets each."""
    loss = FUNCTIONS[name]
    if name in CLASS_LOSSES:
        others = [-0.7, -1.9]
        rows = lambda x: np.stack([x, *(np.full_like(x, other) for other in others)], axis=1)  # noqa: E731
        return [
            lambda x, label=label: loss(rows(x), np.full(len(x), label), reduction="none")
            for label in range(3)
        ]
    targets = (
        (0.0, 0.3, 1.0) if "binary" in name else (-1.0, 1.0) if name in MARGIN_LOSSES else (0.0, 1.0, -2.0)
    )
    return [lambda x, y=y: loss(x, np.full_like(x, y), reduction="none") for y in targets]


def inside(name, points):
    """The points strictly inside the domain of a loss."""
    low, high = FUNCTIONS[name].facts.domain
    if (low, high) == (0, 1):
        points = np.unique([*(0.5 + points / 12.5), *np.geomspace(1e-40, 0.01, 40)])
    return points[(points > low) & (points < high)]


def difference(high, low, gap):
    """`(high - low) / gap`, in longdouble so that it does not overflow."""
    return (high.astype(np.longdouble) - low) / gap


def jump_of_the_slope(function, points):
    """The largest difference between the slope to the right and the slope to the left."""
    step = np.minimum(STEP, np.min(np.diff(points)) / 2)
    right, here, left = function(points + step), function(points), function(points - step)
    return np.max(np.abs(right - 2 * here + left) / step)


def highest_near(score, points):
    """The point at which `score` is largest, found by ever finer grids around the best of `points`."""
    best = points[np.argmax(score(points))]
    for width in (0.05, 1e-3, 1e-5, 1e-7):
        points = best + width * np.linspace(-1, 1, 201)
        best = points[np.argmax(score(points))]
    return np.array([best])


def jacobian(function, x):
    moved = x + STEP * np.concatenate([np.eye(len(x)), -np.eye(len(x))])
    upper, lower = np.split(function(moved, 1), 2)
    return (upper - lower).T / (2 * STEP)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_range(name):
    """No value lies outside, and each end is reached or come as near to as floats can."""
    low, high = FUNCTIONS[name].facts.range
    function = along_one_score(name)
    values = function(np.append(WIDE, highest_near(lambda x: -function(x), NEAR)))
    # A minimum that is no round number may be missed by its rounding.
    lowest = low - 4 * np.finfo(float).eps * abs(low)
    assert np.all((lowest <= values) & (values <= high))
    assert values.min() < -1e100 if low == -np.inf else values.min() - low < 1e-12
    assert values.max() > 1e100 if high == np.inf else high - values.max() < 1e-12


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_monotonic(name):
    values = along_one_score(name)(WIDE)
    assert np.all(values[1:] >= values[:-1]) == FUNCTIONS[name].facts.monotonic


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_smooth(name):
    assert (jump_of_the_slope(along_one_score(name), NEAR) < 1e-3) == FUNCTIONS[name].facts.smooth


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_saturates(name):
    """Far out on a side the slope is as good as 0 exactly where the facts say so."""
    function = along_one_score(name)
    ends = (function(np.array(ends)) for ends in ([-2e12, -1e12], [1e12, 2e12]))
    # What overflows does not saturate.
    left, right = (bool(np.isfinite(end).all() and abs(end[1] - end[0]) / 1e12 < 1e-12) for end in ends)
    found = {(True, True): "both sides", (True, False): "left", (False, True): "right", (False, False): "no"}
    assert found[left, right] == FUNCTIONS[name].facts.saturates


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_symmetry(name):
    function = FUNCTIONS[name]
    x = NEAR if function.elementwise else np.random.default_rng(0).normal(size=(50, 3))
    options = [] if function.elementwise else [1]
    there, mirrored = function(x, *options), function(-x, *options)
    found = (
        "odd" if np.array_equal(mirrored, -there) else "even" if np.array_equal(mirrored, there) else "none"
    )
    assert found == function.facts.symmetry


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_lipschitz(name):
    """The steepest slope found is the constant; one without a bound keeps growing with the classes."""
    function, constant = FUNCTIONS[name], FUNCTIONS[name].facts.lipschitz
    if function.elementwise:
        points = WIDE[np.isfinite(function(WIDE))]
        steepest = np.max(np.abs(difference(function(points)[1:], function(points)[:-1], np.diff(points))))
        # To each side, because the steepest slope may be the one on one side of a kink.
        near = max(np.max(np.abs(function(NEAR + h) - function(NEAR))) / 1e-7 for h in (1e-7, -1e-7))
        slope = lambda x: np.abs(function(x + 1e-4) - function(x - 1e-4)) / 2e-4  # noqa: E731
        steepest = max(steepest, near, slope(highest_near(slope, NEAR))[0])
        assert steepest > 1e6 if constant == np.inf else steepest == pytest.approx(constant, rel=1e-6)
        return
    rng = np.random.default_rng(0)
    points = [
        rng.normal(scale=scale, size=size) for scale in (0.1, 1, 9) for size in (2, 3, 6) for _ in range(9)
    ]
    points += [np.zeros(2), np.zeros(5), np.array([50.0, 0, 0])]
    points += [np.concatenate([[50.0], np.zeros(classes - 1)]) for classes in (100, 400)]
    steepest = max(np.linalg.norm(jacobian(function, x), 2) for x in points)
    assert steepest > 15 if constant == np.inf else steepest == pytest.approx(constant, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_convex(name):
    """No chord lies below the curve.

    binary_cross_entropy is looked at from 1e-40 on: below 4e-44 its clamp at 100 bends it the other way.
    """
    points = inside(name, NEAR)
    a, b = points[:, None], points[None, :]
    below = False
    for loss in of_one_prediction(name):
        for share in (0.5, 0.1):
            middle = loss(np.ravel(share * a + (1 - share) * b)).reshape(len(points), -1)
            chord = share * loss(points)[:, None] + (1 - share) * loss(points)[None, :]
            below |= np.any(middle > chord + 1e-12 * (1 + abs(chord)))
    assert (not below) == FUNCTIONS[name].facts.convex


@pytest.mark.parametrize("name", LOSSES)
def test_loss_smooth(name):
    points = inside(name, NEAR)
    if FUNCTIONS[name].facts.domain == (0, 1):
        points = points[(points > 0.02) & (points < 0.98)]
    jump = max(jump_of_the_slope(loss, points) for loss in of_one_prediction(name))
    assert (jump < 1e-2) == FUNCTIONS[name].facts.smooth


@pytest.mark.parametrize("name", LOSSES)
def test_loss_lipschitz(name):
    """The longest gradient of one sample, from differences of the loss in each direction."""
    loss, constant = FUNCTIONS[name], FUNCTIONS[name].facts.lipschitz
    if name in CLASS_LOSSES:
        rng = np.random.default_rng(0)
        rows = [*rng.normal(scale=5, size=(40, 3)), np.array([50.0, 0, -50.0]), np.array([0, 50.0, -50])]
        steepest = 0
        for x in (row - 60 for row in rows):
            moved = x + STEP * np.concatenate([np.eye(3), -np.eye(3)])
            upper, lower = np.split(loss(moved, np.zeros(6, int), reduction="none"), 2)
            steepest = max(steepest, np.linalg.norm(upper - lower) / (2 * STEP))
    else:
        points = inside(name, WIDE)
        values = [function(points) for function in of_one_prediction(name)]
        finite = [value < np.inf for value in values]
        steepest = max(
            np.max(np.abs(difference(value[here][1:], value[here][:-1], np.diff(points[here]))))
            for value, here in zip(values, finite, strict=True)
        )
    assert steepest > 1e6 if constant == np.inf else steepest == pytest.approx(constant, rel=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_domain(name):
    """Inside and at its ends the loss is not negative; beyond an end it is, or the input is refused."""
    low, high = FUNCTIONS[name].facts.domain
    for function in of_one_prediction(name)[:1]:
        ends = [max(low, -1e100), min(high, 1e100)]
        assert all(function(np.array([end]))[0] >= 0 for end in [*ends, sum(ends) / 2])
        for beyond in ([low - 1e-9] if low > -np.inf else []) + ([high + 1e-9] if high < np.inf else []):
            try:
                assert function(np.array([beyond]))[0] < 0
            except ValueError:
                continue
