"""How near two vectors are: functions that the losses for embeddings are made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers
from lossact._declare import similarity
from lossact._vectors import clamped_side, column, cosine, direction, distance, times_cosine_slope


def check_eps(name: str, arguments: dict[str, Any]) -> None:
    if not 0 <= arguments["eps"] < np.inf:
        raise ValueError(f"{name}: eps is {arguments['eps']!r}; a finite number not less than 0 is wanted.")


def check_degree(name: str, arguments: dict[str, Any]) -> None:
    if np.isnan(arguments["p"]):
        raise ValueError(f"{name}: p is {arguments['p']!r}; a real number, or inf or -inf, is wanted.")


def _read_distance(name: str, arguments: dict[str, Any]) -> None:
    check_degree(name, arguments)
    if not np.isfinite(arguments["eps"]):
        raise ValueError(f"{name}: eps is {arguments['eps']!r}; a finite number is wanted.")
    if not isinstance(arguments["keepdim"], (bool, np.bool_)):
        raise TypeError(f"{name}: keepdim is {arguments['keepdim']!r}; True or False is wanted.")


@similarity(read=_read_distance)
def pairwise_distance(
    x1: Numbers, x2: Numbers, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> FloatArray:
    r"""The distance of vectors, pair by pair: the p-norm of their difference.

    .. math:: d(x_1, x_2) = \Bigl( \sum_k |\delta_k|^p \Bigr)^{1/p}, \qquad
              \delta = x_1 - x_2 + \varepsilon, \qquad
              \frac{\partial d}{\partial x_{1k}} = \operatorname{sign}(\delta_k)
              \Bigl( \frac{|\delta_k|}{d} \Bigr)^{p - 1} = -\frac{\partial d}{\partial x_{2k}}

    Parameters
    ----------
    x1 : vectors along the last axis, shape (..., K), float32 or float64 (integers become float64).
    x2 : vectors of a shape that broadcasts with `x1`.
    p : the degree of the norm, any real number: 2 Euclidean, 1 Manhattan, inf the largest absolute
        difference, -inf the smallest, 0 the number of differences that are not 0.
    eps : a small number that is added to each difference, in the unit of the vectors.
    keepdim : whether the last axis stays, with length 1.

    Returns
    -------
    The distances, shape (...) or with `keepdim` (..., 1), in the unit of the vectors.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, or `p` or `eps` is not a number.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    `eps` is there to keep the gradient away from 0 / 0 at equal vectors. As in torch it is added to the
    difference with its sign, so that the distance is not quite symmetric, and equal vectors are eps K^(1/p)
    apart. Where the distance is 0 the gradient is taken as 0, as torch does; for p = 0 it is 0 everywhere,
    for p = inf and -inf entries that are equally large share it.

    Neither the sum nor a power overflows where the distance itself is a float, and x1 - x2 + eps is rounded
    once.

    References
    ----------
    .. [1] Minkowski: Geometrie der Zahlen, Teubner 1896.

    Examples
    --------
    >>> pairwise_distance([[3.0, 0.0], [1e200, 0.0]], [[0.0, 4.0], [0.0, 1e200]], eps=0.0).tolist()
    [5.0, 1.414213562373095e+200]
    >>> pairwise_distance.vjp([3.0, 0.0], [0.0, 4.0], 1.0, eps=0.0).round(4).tolist()
    [0.6, -0.8]
    """
    return distance(x1, x2, p, eps).value


@pairwise_distance.derivative
def _(x1: FloatArray, x2: FloatArray, grad_output: FloatArray, p: float, eps: float, **_: Any) -> FloatArray:
    return column(grad_output) * direction(distance(x1, x2, p, eps), p)


@pairwise_distance.derivative("x2")
def _(x1: FloatArray, x2: FloatArray, grad_output: FloatArray, p: float, eps: float, **_: Any) -> FloatArray:
    return -column(grad_output) * direction(distance(x1, x2, p, eps), p)


@similarity(read=check_eps)
def cosine_similarity(x1: Numbers, x2: Numbers, dim: int = 1, eps: float = 1e-8) -> FloatArray:
    r"""The cosine of the angle between vectors, pair by pair.

    .. math:: s = \frac{x_1 \cdot x_2}{\max(|x_1|, \varepsilon) \max(|x_2|, \varepsilon)}, \qquad
              \frac{\partial s}{\partial x_1} = \frac{1}{|x_1|}
              \Bigl( \frac{x_2}{|x_2|} - s \frac{x_1}{|x_1|} \Bigr)

    Parameters
    ----------
    x1 : vectors along the axis `dim`, float32 or float64 (integers become float64).
    x2 : vectors of a shape that broadcasts with `x1`.
    dim : the axis of the vectors in the common shape.
    eps : the length below which a vector counts as that long; not less than 0.

    Returns
    -------
    Numbers from -1 to 1 of the common shape without the axis `dim`.

    Raises
    ------
    ValueError
        If the shapes do not broadcast, or `eps` is less than 0.
    TypeError
        If an argument is not made of real numbers.
    numpy.exceptions.AxisError
        If there is no axis `dim`.

    Notes
    -----
    A vector shorter than `eps` is divided by a constant, so its gradient is that of a dot product. (torch
    differentiates the length there as if it had not been clamped.) The gradient of nearly parallel vectors,
    which is nearly 0, is exact: it is what x2 leaves when its projection on x1 has been taken away.

    References
    ----------
    .. [1] Salton, McGill: Introduction to Modern Information Retrieval, McGraw-Hill 1983.

    Examples
    --------
    >>> cosine_similarity([[1.0, 0.0], [1.0, 2.0]], [[1.0, 1.0], [-2.0, 1.0]]).round(4).tolist()
    [0.7071, 0.0]
    >>> cosine_similarity.vjp([3.0, 0.0], [1.0, 1.0], 1.0, dim=0, wrt=("x1", "x2"))[0].round(4).tolist()
    [0.0, 0.2357]
    """
    return cosine(clamped_side(x1, eps), clamped_side(x2, eps))


@cosine_similarity.derivative
def _(x1: FloatArray, x2: FloatArray, grad_output: FloatArray, eps: float, **_: Any) -> FloatArray:
    return times_cosine_slope(column(grad_output), clamped_side(x1, eps), clamped_side(x2, eps))


@cosine_similarity.derivative("x2")
def _(x1: FloatArray, x2: FloatArray, grad_output: FloatArray, eps: float, **_: Any) -> FloatArray:
    return times_cosine_slope(column(grad_output), clamped_side(x2, eps), clamped_side(x1, eps))
