"""Gradient descent takes the steps that its formula says and records each of them."""

import numpy as np
import pytest

from lossact import tanh
from lossact.couplings import softmax_ce
from lossact.descent import descend, train
from lossact.networks import MLP


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


def small_network():
    return MLP((3, 4, 2), tanh, rng=np.random.default_rng(0))


X, Y = np.random.default_rng(1).normal(size=(10, 3)), np.random.default_rng(2).integers(0, 2, size=10)


def test_training_on_one_batch_is_gradient_descent():
    network, twin = small_network(), small_network()

    def value_and_grad(parameters):
        twin.parameters = parameters
        return twin.value_and_grad(X, Y, softmax_ce)

    run = train(
        network,
        X,
        Y,
        softmax_ce,
        learning_rate=0.3,
        epochs=5,
        batch_size=10,
        rng=np.random.default_rng(3),
    )
    wanted = descend(value_and_grad, twin.parameters, learning_rate=0.3, steps=5)
    np.testing.assert_allclose(network.parameters, wanted.end, rtol=1e-12)
    np.testing.assert_allclose(run.losses, wanted.losses[:5], rtol=1e-12)
    assert run.kept == ()


def test_each_epoch_uses_each_sample_once_and_the_last_batch_may_be_smaller(monkeypatch):
    network, seen = small_network(), []
    original = MLP.value_and_grad

    def spy(self, x, target, loss):
        assert np.array_equal(target, [Y[np.flatnonzero((row == X).all(axis=1))[0]] for row in x])
        seen.append(x)
        return original(self, x, target, loss)

    monkeypatch.setattr(MLP, "value_and_grad", spy)
    train(network, X, Y, softmax_ce, learning_rate=0, epochs=2, batch_size=4, rng=np.random.default_rng(3))
    assert [len(batch) for batch in seen] == [4, 4, 2, 4, 4, 2]
    for epoch in (seen[:3], seen[3:]):
        rows = np.concatenate(epoch)
        assert np.array_equal(rows[np.lexsort(rows.T)], X[np.lexsort(X.T)])
    assert not np.array_equal(seen[0], seen[3])


def test_the_loss_of_an_epoch_counts_samples_not_batches():
    network = small_network()
    run = train(
        network, X, Y, softmax_ce, learning_rate=0, epochs=1, batch_size=4, rng=np.random.default_rng(3)
    )
    assert run.losses[0] == pytest.approx(float(softmax_ce(network(X), Y)), rel=1e-12)


def test_what_is_seen_after_each_epoch_is_kept():
    network = small_network()
    start = network.parameters
    run = train(
        network,
        X,
        Y,
        softmax_ce,
        learning_rate=0.1,
        epochs=3,
        batch_size=5,
        rng=np.random.default_rng(3),
        after_epoch=lambda net: net.parameters,
    )
    assert len(run.kept) == 3
    assert not np.array_equal(run.kept[0], start)
    assert np.array_equal(run.kept[-1], network.parameters)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": Y[:9]}, r"x has 10 rows and target has 9"),
        ({"x": X[:0], "target": Y[:0]}, r"at least one"),
        ({"batch_size": 0}, r"batches of 1 or more"),
        ({"epochs": -1}, r"0 or more epochs"),
    ],
)
def test_training_says_what_it_needs(change, message):
    given = {"x": X, "target": Y, "batch_size": 4, "epochs": 1, **change}
    with pytest.raises(ValueError, match=message):
        train(small_network(), loss=softmax_ce, learning_rate=0.1, rng=np.random.default_rng(0), **given)
