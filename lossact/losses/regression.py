"""Losses for a real-valued target. `input` is the prediction and has the shape of `target`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, same_shape, weight_like
from lossact._declare import loss


def _read(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)
    if arguments["weight"] is not None:
        weight = weight_like(name, arguments["weight"], input.shape).astype(input.dtype)
        arguments["weight"] = np.broadcast_to(weight, input.shape)
    if "delta" in arguments and not arguments["delta"] > 0:
        raise ValueError(f"{name}: delta is {arguments['delta']!r}; a number greater than 0 is wanted.")


def _weighted(values: FloatArray, weight: FloatArray | None) -> FloatArray:
    return values if weight is None else values * weight


def _total_weight(*, input: FloatArray, weight: FloatArray | None, **_: Any) -> float:
    return input.size if weight is None else float(np.sum(weight, dtype=np.float64))


@loss(read=_read, convex=True, smooth=True, lipschitz=np.inf)
def mse_loss(
    input: ArrayLike, target: ArrayLike, *, reduction: str = "mean", weight: ArrayLike | None = None
) -> FloatArray:
    r"""The mean squared error.

    .. math:: L = \frac{1}{n} \sum_i (x_i - y_i)^2, \qquad
              \frac{\partial L}{\partial x_i} = \frac{2}{n} (x_i - y_i)

    There is no factor 1/2; textbooks that want the gradient x - y put it there (Bishop: Pattern
    Recognition and Machine Learning, Springer 2006, equation 1.2).

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.
    weight : factor for each element; must broadcast to the shape of `input`. "mean" then divides by the
        sum of the weights, as `torch.nn.functional.mse_loss` does.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in squared units of `target`.

    Raises
    ------
    ValueError
        If the shapes differ, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    References
    ----------
    .. [1] Gauss: Theoria combinationis observationum erroribus minimis obnoxiae, 1821.

    Examples
    --------
    >>> mse_loss([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0])
    np.float64(9.125)
    >>> mse_loss.grad([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0]).tolist()
    [0.25, -0.25, 0.0, 3.0]
    """
    return _weighted(np.square(input - target), weight)


@mse_loss.derivative
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(2 * (input - target), weight)


mse_loss.divisor(_total_weight)


@loss(read=_read, convex=True, smooth=False, lipschitz=1.0)
def l1_loss(
    input: ArrayLike, target: ArrayLike, *, reduction: str = "mean", weight: ArrayLike | None = None
) -> FloatArray:
    r"""The mean absolute error.

    .. math:: L = \frac{1}{n} \sum_i |x_i - y_i|, \qquad
              \frac{\partial L}{\partial x_i} = \frac{1}{n} \operatorname{sign}(x_i - y_i)

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.
    weight : factor for each element; must broadcast to the shape of `input`. "mean" then divides by the
        sum of the weights, as `torch.nn.functional.l1_loss` does.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in units of `target`.

    Raises
    ------
    ValueError
        If the shapes differ, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    Where prediction and target are equal the gradient is taken as 0, the middle of the subgradients
    [-1, 1], as torch does.

    References
    ----------
    .. [1] Laplace: Theorie analytique des probabilites, 1812.

    Examples
    --------
    >>> l1_loss([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0])
    np.float64(1.75)
    >>> l1_loss.grad([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0]).tolist()
    [0.25, -0.25, 0.0, 0.25]
    """
    return _weighted(np.abs(input - target), weight)


@l1_loss.derivative
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(np.sign(input - target), weight)


l1_loss.divisor(_total_weight)


@loss(read=_read, convex=True, smooth=True, lipschitz=1.0)
def huber_loss(
    input: ArrayLike,
    target: ArrayLike,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: ArrayLike | None = None,
) -> FloatArray:
    r"""The Huber loss: half the squared error for small residuals, linear beyond `delta`.

    .. math:: \ell(e) = \begin{cases} \tfrac12 e^2 & |e| \le \delta \\
              \delta (|e| - \tfrac12 \delta) & |e| > \delta \end{cases},
              \qquad \ell'(e) = \max(-\delta, \min(\delta, e)), \qquad e = x - y

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.
    delta : the residual, in units of `target`, at which the loss turns linear; greater than 0.
    weight : factor for each element; must broadcast to the shape of `input`. "mean" still divides by the
        number of elements, as `torch.nn.functional.huber_loss` does (and unlike `mse_loss`).

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in squared units of `target`.

    Raises
    ------
    ValueError
        If the shapes differ, `delta` is not greater than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `delta` times the "smooth L1" loss with beta = delta. The facts are those of delta = 1.

    References
    ----------
    .. [1] Huber: Robust Estimation of a Location Parameter, Annals of Mathematical Statistics 35, 1964.

    Examples
    --------
    >>> huber_loss([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0], delta=1.0)
    np.float64(1.4375)
    >>> huber_loss.grad([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0]).tolist()
    [0.125, -0.125, 0.0, 0.25]
    """
    size = np.abs(input - target)
    delta = size.dtype.type(delta)
    quadratic = np.minimum(size, delta)
    # Half the square of the part below delta, plus delta for each unit beyond, if there is any: without
    # the condition an infinite delta would be multiplied by 0.
    beyond = np.where(size > delta, delta * (size - delta), 0)
    return _weighted(0.5 * quadratic * quadratic + beyond, weight)


@huber_loss.derivative
def _(input: FloatArray, target: FloatArray, delta: float, weight: FloatArray | None, **_: Any) -> FloatArray:
    bound = input.dtype.type(delta)
    return _weighted(np.clip(input - target, -bound, bound), weight)
