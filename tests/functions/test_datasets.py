"""The data sets are the published ones, complete, and come from the package itself."""

import socket

import numpy as np
import pytest

from lossact.datasets import (
    anscombe_third,
    beetles,
    breast_cancer,
    counts,
    diabetes,
    digits,
    moons,
    stackloss,
    wine,
)

EACH = pytest.mark.parametrize(
    "load", [diabetes, breast_cancer, digits, wine, stackloss, beetles, counts, anscombe_third]
)
LARGE = pytest.mark.parametrize("load", [diabetes, breast_cancer, wine, stackloss])


@pytest.mark.parametrize(
    ("load", "shape", "mean", "median", "ends"),
    [(diabetes, (442, 10), 152.13, 140.5, (25, 346)), (breast_cancer, (569, 30), 0.6274, 1, (0, 1))],
)
def test_shape_and_target(load, shape, mean, median, ends):
    data = load()
    assert (data.x.shape, data.y.shape, len(data.features)) == (shape, shape[:1], shape[1])
    assert data.y.mean() == pytest.approx(mean, abs=0.005 if mean > 1 else 0.00005)
    assert np.median(data.y) == median
    assert (data.y.min(), data.y.max()) == ends
    assert np.array_equal(data.y, np.round(data.y))


@EACH
def test_the_numbers_are_complete_and_named(load):
    data = load()
    assert data.x.dtype == np.float64
    assert data.y.dtype == (np.int64 if load in (digits, wine) else np.float64)
    assert np.isfinite(data.x).all()
    assert len({*data.features, data.target}) == data.x.shape[1] + 1
    assert all(name.strip() == name != "" for name in data.features)
    assert data.source.endswith(".")


def test_the_features_are_in_their_original_units():
    """Ages in years and body mass indices, not the scaled columns that are often passed around."""
    data = diabetes()
    age, bmi = (data.x[:, data.features.index(name)] for name in ("age", "bmi"))
    assert (age.min(), age.max()) == (19, 79)
    assert bmi.mean() == pytest.approx(26.376, abs=0.001)


def test_benign_is_1():
    """Of the tumours, 357 are benign; they are the smaller ones."""
    data = breast_cancer()
    assert data.y.sum() == 357
    assert data.x[data.y == 1, 0].mean() < data.x[data.y == 0, 0].mean()


@LARGE
def test_standardised(load):
    scaled = load().standardised()
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1)


@EACH
def test_nothing_is_read_from_the_network(load, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert len(load().y)


@EACH
def test_whoever_changes_the_arrays_changes_a_copy(load):
    data = load()
    data.x[:], data.y[:] = 0, 0
    assert load().x.any()
    assert load().y.any()


@pytest.mark.parametrize(
    ("load", "shape", "total", "features"),
    [
        (digits, (1797, 64), 8070, 561718),
        (wine, (178, 13), 167, 159975.296),
        (stackloss, (21, 3), 368, 3524),
        (beetles, (8, 2), 291, 495.3474),
        (counts, (9, 2), 150, 36),
        (anscombe_third, (11, 1), 82.5, 99),
    ],
)
def test_totals_are_those_of_the_source(load, shape, total, features):
    data = load()
    assert data.x.shape == shape
    assert data.y.sum() == pytest.approx(total)
    assert data.x.sum() == pytest.approx(features)


def test_least_squares_on_the_tables_gives_the_published_lines():
    def fit(data):
        return np.linalg.lstsq(np.column_stack([np.ones(len(data.y)), data.x]), data.y, rcond=None)[0]

    np.testing.assert_allclose(fit(anscombe_third()), [3.0025, 0.4997], atol=5e-5)
    np.testing.assert_allclose(fit(stackloss()), [-39.9197, 0.7156, 1.2953, -0.1521], atol=5e-5)


def test_classes_are_counted_from_0():
    assert np.bincount(digits().y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(wine().y).tolist() == [59, 71, 48]


def test_split_deals_out_every_row_once():
    data = digits()
    kept, held_out = data.split(test=450, seed=3)
    assert (kept.x.shape, held_out.x.shape) == ((1347, 64), (450, 64))
    both = np.concatenate([np.column_stack([part.x, part.y]) for part in (kept, held_out)])
    whole = np.column_stack([data.x, data.y])
    assert np.array_equal(both[np.lexsort(both.T)], whole[np.lexsort(whole.T)])
    assert np.array_equal(data.split(test=450, seed=3)[1].x, held_out.x)
    assert not np.array_equal(data.split(test=450, seed=4)[1].x, held_out.x)


@pytest.mark.parametrize("test", [0, 178, -1])
def test_a_split_needs_rows_on_both_sides(test):
    with pytest.raises(ValueError, match=r"a number of rows from 1 to 177 is wanted"):
        wine().split(test=test, seed=0)


def test_moons_lie_on_two_half_circles():
    data = moons(41, noise=0.0, rng=np.random.default_rng(0))
    assert np.bincount(data.y.astype(int)).tolist() == [21, 20]
    upper, lower = data.x[data.y == 0], data.x[data.y == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert upper[:, 1].min() > -1e-12
    assert lower[:, 1].max() < 0.5 + 1e-12
    noisy = moons(4000, noise=0.2, rng=np.random.default_rng(0))
    assert np.std(noisy.x - moons(4000, noise=0.0, rng=np.random.default_rng(0)).x) == pytest.approx(
        0.2, rel=0.05
    )


@pytest.mark.parametrize(("n", "noise"), [(1, 0.1), (10, -0.1)])
def test_moons_need_points_and_a_noise(n, noise):
    with pytest.raises(ValueError, match="2 points or more and no negative noise"):
        moons(n, noise=noise, rng=np.random.default_rng(0))
