"""The check of a gradient passes right ones, fails wrong ones, and measures as it says."""

import numpy as np
import pytest

from lossact import mse_loss, sigmoid
from lossact.gradcheck import gradcheck, numerical_gradient, relative_error

X = np.array([[0.3, -1.2, 2.0], [0.7, 1.1, -0.4]])
MATRIX = np.arange(12.0).reshape(4, 3) / 7


def cubes(x):
    return float(np.sum(np.arange(1, x.size + 1).reshape(x.shape) * x**3))


def slope_of_cubes(x):
    return np.arange(1, x.size + 1).reshape(x.shape) * 3 * x**2


@pytest.mark.parametrize("point", [X, X.ravel(), X.T, 0.7, X.tolist(), X.astype(np.float32), [1, 2]], ids=str)
def test_numerical_gradient(point):
    found = numerical_gradient(cubes, point)
    assert found.shape == np.shape(point)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, slope_of_cubes(np.asarray(point, float)), rtol=1e-8)


def test_central_differences_are_exact_for_a_parabola_and_their_error_grows_with_the_square_of_the_step():
    assert numerical_gradient(lambda x: x**2, 3.0, step=0.5) == 6
    errors = [numerical_gradient(lambda x: x**3, 1.0, step=step) - 3 for step in (0.1, 0.2)]
    assert errors == pytest.approx([0.01, 0.04])


def test_the_step_is_the_one_that_was_really_taken():
    """1e8 + 1e-8 rounds to 1e8 + 1.49e-8: divided by 2e-8 the slope of x would be 0.75."""
    assert numerical_gradient(lambda x: x, 1e8, step=1e-8) == 1


def test_neither_the_point_nor_what_comes_after_is_changed_by_the_function():
    point = X.copy()

    def spoils(x):
        value = cubes(x)
        x[:] = 99
        return value

    np.testing.assert_allclose(numerical_gradient(spoils, point), slope_of_cubes(X), rtol=1e-8)
    assert gradcheck(spoils, slope_of_cubes, point) < 1e-7
    assert np.array_equal(point, X)


def test_relative_error_is_measured_against_the_larger_of_the_two():
    found = relative_error([0, 1, 2, -1, 1e-300, 5e-324], [0, 2, 1, 1, 2e-300, 0])
    np.testing.assert_allclose(found, [0, 0.5, 0.5, 2, 0.5, 1])
    assert np.isnan(relative_error([np.inf, np.nan], [np.inf, 1])).all()
    assert relative_error(np.float32(1), np.float32(1)).dtype == np.float32


RIGHT = {
    "cubes": (cubes, slope_of_cubes, X),
    "linear": (lambda x: float(np.sum((MATRIX @ x) ** 2)), lambda x: 2 * MATRIX.T @ (MATRIX @ x), X[0]),
    "sigmoid": (lambda x: sigmoid(x).sum(), sigmoid.grad, X),
    "loss": (lambda x: mse_loss(x, X[::-1]), lambda x: mse_loss.grad(x, X[::-1]), X),
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_gradient_passes(case):
    error = gradcheck(*RIGHT[case])
    assert type(error) is float
    assert error < 1e-7


WRONG = {
    "twice": lambda gradient: 2 * gradient,
    "minus": lambda gradient: -gradient,
    "one part in a thousand": lambda gradient: 1.002 * gradient,
    "one entry": lambda gradient: np.where(
        np.arange(gradient.size).reshape(gradient.shape) == 1, 0, gradient
    ),
    "backwards": lambda gradient: gradient[..., ::-1],
    "not a number": lambda gradient: np.full_like(gradient, np.nan),
}


@pytest.mark.parametrize("mistake", WRONG)
@pytest.mark.parametrize("case", RIGHT)
def test_a_wrong_gradient_fails(case, mistake):
    function, gradient, point = RIGHT[case]
    assert not gradcheck(function, lambda x: WRONG[mistake](gradient(x)), point) < 1e-3


@pytest.mark.parametrize(
    ("action", "error", "words"),
    [
        (lambda: numerical_gradient(cubes, X, step=0), ValueError, ["step is 0", "greater than 0"]),
        (lambda: numerical_gradient(cubes, X, step=np.nan), ValueError, ["step is nan"]),
        (lambda: numerical_gradient(cubes, 1e20), ValueError, ["step is 1e-05", "1e+20", "larger step"]),
        (lambda: numerical_gradient(lambda x: x, X), ValueError, ["(2, 3)", "one number", "weighted sum"]),
        (lambda: relative_error([1.0], 1.0), ValueError, ["(1,)", "()", "must be the same"]),
        (lambda: gradcheck(cubes, lambda x: slope_of_cubes(x).T, X), ValueError, ["(3, 2)", "(2, 3)"]),
        (lambda: gradcheck(cubes, lambda x: x.tolist()[0], X), ValueError, ["(3,)", "(2, 3)"]),
        (lambda: gradcheck(cubes, slope_of_cubes, "x"), TypeError, ["point", "<U1", "real numbers"]),
    ],
)
def test_what_it_refuses(action, error, words):
    with pytest.raises(error) as caught:
        action()
    assert all(word in str(caught.value) for word in words), caught.value
