"""The data sets are the published ones, complete, and come from the package itself."""

import socket

import numpy as np
import pytest

from lossact.datasets import breast_cancer, diabetes

EACH = pytest.mark.parametrize("load", [diabetes, breast_cancer])


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
    assert data.x.dtype == data.y.dtype == np.float64
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


@EACH
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
