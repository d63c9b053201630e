"""Is this gradient right? Central differences, and the error measured so that the answer means something."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, as_float_array


def numerical_gradient(
    function: Callable[[FloatArray], float], point: ArrayLike, step: float = 1e-5
) -> FloatArray:
    r"""The gradient of a scalar function by central differences, in float64.

    .. math:: \frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}

    Parameters
    ----------
    function : takes an array of the shape of `point`, returns one number. It is given a copy.
    point : where to differentiate, any shape; read as float64.
    step : h, in units of `point`. The truncation error grows with h^2, the rounding error with 1/h; near
        1e-5 both are small for functions and points of ordinary size.

    Returns
    -------
    Array of the shape of `point`.

    Raises
    ------
    ValueError
        If `function` returns more than one number, or `step` is not greater than 0 or vanishes beside an
        entry of `point`.

    References
    ----------
    .. [1] Press et al.: Numerical Recipes, 3rd edition, Cambridge 2007, section 5.7.

    Examples
    --------
    >>> numerical_gradient(lambda x: (x**2).sum(), [1.0, -3.0]).round(6).tolist()
    [2.0, -6.0]
    """
    if not step > 0:
        raise ValueError(f"step is {step!r}; a number greater than 0 is wanted.")
    x = as_float_array(point, "point").astype(np.float64)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[index] += sign * step
            ends.append((moved[index], _scalar(function(moved))))
        (right, upper), (left, lower) = ends
        if right == left:
            raise ValueError(f"step is {step!r}, too small to change {x[index]}; a larger step is wanted.")
        # Divided by the step that was really taken: x + h rounds.
        gradient[index] = (upper - lower) / (right - left)
    return gradient


def relative_error(first: ArrayLike, second: ArrayLike) -> FloatArray:
    r"""How far two arrays are apart, relative to the larger of the two, element by element.

    .. math:: \frac{|a - b|}{\max(|a|, |b|)}, \qquad 0 \text{ where both are } 0

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    a, b = as_float_array(first, "first"), as_float_array(second, "second")
    if a.shape != b.shape:
        raise ValueError(f"first has shape {a.shape} and second has shape {b.shape}; they must be the same.")
    with np.errstate(all="ignore"):
        size = np.maximum(np.abs(a), np.abs(b))
        return np.divide(np.abs(a - b), size, out=np.zeros_like(size), where=size != 0)


def gradcheck(
    function: Callable[[FloatArray], float],
    gradient: Callable[[FloatArray], ArrayLike],
    point: ArrayLike,
    step: float = 1e-5,
) -> float:
    """The largest relative error of `gradient` against central differences of `function` at `point`.

    Below about 1e-7 the gradient is right, above about 1e-3 it is wrong; between, look for a kink near
    `point`, a step that does not fit its size, or an entry so small beside the value of the function that
    the rounding of that value drowns it.

    Parameters
    ----------
    function : takes an array of the shape of `point`, returns one number.
    gradient : takes the same array, returns the gradient in the same shape.
    point : where to compare. Choose generic values: at a kink no comparison means anything, and at 0
        many wrong gradients are right.
    step : h of the central difference.

    Raises
    ------
    ValueError
        If the gradient has another shape than `point`.

    Examples
    --------
    >>> gradcheck(lambda x: (x**2).sum(), lambda x: 2 * x, [1.0, -3.0]) < 1e-9
    True
    >>> round(gradcheck(lambda x: (x**2).sum(), lambda x: x, [1.0, -3.0]), 3)
    0.5
    """
    x = as_float_array(point, "point").astype(np.float64)
    return float(np.max(relative_error(gradient(x.copy()), numerical_gradient(function, x, step))))


def _scalar(value: ArrayLike) -> float:
    array = np.asarray(value)
    if array.size != 1:
        raise ValueError(
            f"the function returned an array of shape {array.shape}; one number is wanted. "
            "Reduce it first, for example by a weighted sum."
        )
    return float(array.reshape(()))
