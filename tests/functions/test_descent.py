"""Gradient descent takes the steps that its formula says and records each of them."""

import numpy as np
import pytest

from lossact.descent import descend


def bowl(x):
    return np.sum(x**2), 2 * x


def quartic(x):
    return np.sum(x**4), 4 * x**3


@pytest.mark.parametrize("start", [[1.0, -2.0], [[3.0], [0.5]], 4, np.array([1, 2], np.float32)], ids=str)
def test_on_a_bowl_every_step_shrinks_by_the_same_factor(start):
    run = descend(bowl, start, learning_rate=0.1, steps=7)
    factors = (1 - 2 * 0.1) ** np.arange(8.0)
    wanted = factors.reshape(-1, *np.ones(np.ndim(start), int)) * np.asarray(start, float)
    assert run.parameters.dtype == np.float64
    assert run.parameters.shape == (8, *np.shape(start))
    np.testing.assert_allclose(run.parameters, wanted)
    np.testing.assert_allclose(run.losses, [np.sum(point**2) for point in run.parameters])
    assert np.array_equal(run.end, run.parameters[-1])
    assert run.overflowed_at is None


def test_no_step_records_the_start_alone():
    run = descend(bowl, [3.0], learning_rate=0.1, steps=0)
    assert (run.parameters.tolist(), run.losses.tolist(), run.overflowed_at) == ([[3.0]], [9.0], None)


def test_the_start_is_not_changed_and_the_function_cannot_spoil_the_record():
    start = np.array([1.0, 2.0])

    def spoils(x):
        slope = 2 * x
        x[:] = 99
        return 0.0, slope

    run = descend(spoils, start, learning_rate=0.25, steps=2)
    assert start.tolist() == [1.0, 2.0]
    assert run.parameters.tolist() == [[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]]


def test_the_record_ends_where_the_loss_overflows():
    run = descend(quartic, [3.0], learning_rate=1.0, steps=100)
    assert run.overflowed_at == len(run.losses) - 1 == len(run.parameters) - 1 < 20
    assert np.isfinite(run.losses[:-1]).all()
    assert not np.isfinite(run.losses[-1])


@pytest.mark.parametrize(
    ("function", "start", "step"),
    [
        (lambda x: (np.nan, x), 1.0, 0),
        (lambda x: (0.0, x), np.inf, 0),
        (lambda x: (0.0, np.full_like(x, np.nan)), 1.0, 1),
        (lambda x: (0.0, -x), 1.0, 2),  # 1, then 1e200, then 1e400: the loss is finite all the same
    ],
)
def test_the_step_after_which_something_is_not_finite(function, start, step):
    run = descend(function, [start], learning_rate=1e200, steps=5)
    assert run.overflowed_at == step
    assert len(run.losses) == len(run.parameters) == step + 1


@pytest.mark.parametrize(
    ("function", "options", "error", "words"),
    [
        (bowl, {"steps": -1}, ValueError, ["steps is -1", "0 or more"]),
        (
            lambda x: (0.0, np.ones((2, 1))),
            {},
            ValueError,
            ["gradient", "(2, 1)", "(2,)", "must be the same"],
        ),
        (lambda x: (0.0, 1.0), {}, ValueError, ["gradient", "()", "(2,)"]),
        (lambda x: (x**2, 2 * x), {}, ValueError, ["loss", "(2,)", "one number"]),
        (lambda x: (0.0, None), {}, TypeError, ["gradient", "object", "real numbers"]),
        (lambda x: (None, x), {}, TypeError, ["loss", "object", "real numbers"]),
    ],
)
def test_what_it_refuses(function, options, error, words):
    with pytest.raises(error) as caught:
        descend(function, [1.0, 2.0], **{"learning_rate": 0.1, "steps": 3, **options})
    assert all(word in str(caught.value) for word in words), caught.value
