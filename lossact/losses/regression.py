"""Losses for a real-valued target. `input` is the prediction and has the shape of `target`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers, same_shape, weight_like
from lossact._blocks import at_most, clamp, select, shared, within
from lossact._declare import loss


def _read(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)
    if arguments.get("weight") is not None:
        arguments["weight"] = weight_like(name, arguments["weight"], input.shape)
    if "delta" in arguments and not arguments["delta"] > 0:
        raise ValueError(f"{name}: delta is {arguments['delta']!r}; a number greater than 0 is wanted.")
    if "beta" in arguments and not arguments["beta"] >= 0:
        raise ValueError(f"{name}: beta is {arguments['beta']!r}; a number not less than 0 is wanted.")
    if "tau" in arguments and not 0 < arguments["tau"] < 1:
        raise ValueError(f"{name}: tau is {arguments['tau']!r}; a number between 0 and 1 is wanted.")


@shared
def _residual(input: FloatArray, target: FloatArray) -> FloatArray:
    return input - target


def _weighted(values: FloatArray, weight: FloatArray | None) -> FloatArray:
    return values if weight is None else values * weight


def _holding(residual: FloatArray, option: float) -> FloatArray:
    """The residual in a precision in which a positive option does not round to 0."""
    return residual.astype(np.float64) if residual.dtype.type(option) == 0 else residual


@shared
def _residual_holding(input: FloatArray, target: FloatArray, option: float) -> FloatArray:
    return _holding(_residual(input, target), option)


def _total_weight(*, input: FloatArray, weight: FloatArray | None, **_: Any) -> float:
    if weight is None:
        return input.size
    # A weight that is broadcast counts as often as it is repeated.
    return float(np.sum(weight, dtype=np.float64)) * (input.size / max(weight.size, 1))


@loss(read=_read, convex=True, smooth=True, lipschitz=np.inf)
def mse_loss(
    input: Numbers, target: Numbers, *, reduction: str = "mean", weight: Numbers | None = None
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
    return _weighted(np.square(_residual(input, target)), weight)


@mse_loss.derivative
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(2 * _residual(input, target), weight)


@mse_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(2 * (target - input), weight)


@mse_loss.derivative("weight")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return np.square(_residual(input, target))


mse_loss.divisor(_total_weight)


@loss(read=_read, convex=True, smooth=False, lipschitz=1.0)
def l1_loss(
    input: Numbers, target: Numbers, *, reduction: str = "mean", weight: Numbers | None = None
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
    return _weighted(np.abs(_residual(input, target)), weight)


@l1_loss.derivative
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(np.sign(_residual(input, target)), weight)


@l1_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(np.sign(target - input), weight)


@l1_loss.derivative("weight")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return np.abs(_residual(input, target))


l1_loss.divisor(_total_weight)


@loss(read=_read, convex=True, smooth=True, lipschitz=1.0)
def huber_loss(
    input: Numbers,
    target: Numbers,
    reduction: str = "mean",
    delta: float = 1.0,
    weight: Numbers | None = None,
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
    return _weighted(_huber(input, target, delta), weight)


def _huber(input: FloatArray, target: FloatArray, delta: float) -> FloatArray:
    residual = _residual_holding(input, target, delta)
    if residual.dtype.type(delta) == np.inf:
        return 0.5 * np.square(residual)
    # With the residual cut off at delta both branches are one product.
    slope = _cut_off(residual, delta)
    return slope * (residual - 0.5 * slope)


@huber_loss.derivative
def _(input: FloatArray, target: FloatArray, delta: float, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted(_cut_off(_residual_holding(input, target, delta), delta), weight)


@shared
def _cut_off(residual: FloatArray, bound: float) -> FloatArray:
    return clamp(residual, -bound, bound)


@huber_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, delta: float, weight: FloatArray | None, **_: Any) -> FloatArray:
    bound = input.dtype.type(delta)
    return _weighted(np.clip(target - input, -bound, bound), weight)


@huber_loss.derivative("weight")
def _(input: FloatArray, target: FloatArray, delta: float, **_: Any) -> FloatArray:
    return _huber(input, target, delta)


@loss(read=_read, convex=True, smooth=True, lipschitz=1.0)
def smooth_l1_loss(
    input: Numbers, target: Numbers, *, reduction: str = "mean", beta: float = 1.0
) -> FloatArray:
    r"""The smooth L1 loss: the absolute error, with a parabola in place of its kink.

    .. math:: \ell(e) = \begin{cases} e^2 / (2 \beta) & |e| < \beta \\
              |e| - \tfrac12 \beta & |e| \ge \beta \end{cases},
              \qquad \ell'(e) = \max(-1, \min(1, e / \beta)), \qquad e = x - y

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.
    beta : the residual, in units of `target`, at which the loss turns linear; not less than 0. With 0 it
        is `l1_loss`.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in units of `target`.

    Raises
    ------
    ValueError
        If the shapes differ, `beta` is less than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is the Huber loss with delta = beta, divided by beta. With `beta=0` the gradient where prediction
    and target are equal is 0, as in torch. The facts are those of beta = 1.

    References
    ----------
    .. [1] Girshick: Fast R-CNN, ICCV 2015, section 2.3 (with beta = 1).

    Examples
    --------
    >>> smooth_l1_loss([3.0, -0.5, 2.0, 7.0], [2.5, 0.0, 2.0, 1.0])
    np.float64(1.4375)
    >>> smooth_l1_loss.grad([3.0, 7.0], [2.5, 1.0], reduction="sum", beta=2.0).tolist()
    [0.25, 1.0]
    """
    residual = _residual_holding(input, target, beta)
    if beta == 0:
        return np.abs(residual)
    if residual.dtype.type(beta) == np.inf:
        # The parabola has no curvature left: nothing costs anything, however far off.
        return 0 * at_most(np.abs(residual), np.finfo(residual.dtype).max)
    # With the residual cut off at beta both branches are one product. First the quotient: the square of a
    # small residual may be 0 where the loss is not.
    return _smooth_sign(residual, beta) * (residual - 0.5 * _cut_off(residual, beta))


@smooth_l1_loss.derivative
def _smooth_l1_slope(input: FloatArray, target: FloatArray, beta: float, **_: Any) -> FloatArray:
    residual = _residual_holding(input, target, beta)
    if beta == 0:
        return np.sign(residual)
    if residual.dtype.type(beta) == np.inf:
        return 0 * at_most(np.abs(residual), np.finfo(residual.dtype).max)
    return _smooth_sign(residual, beta)


@shared
def _smooth_sign(residual: FloatArray, beta: float) -> FloatArray:
    cut = _cut_off(residual, beta)
    return cut if beta == 1 else cut / cut.dtype.type(beta)


@smooth_l1_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, **options: Any) -> FloatArray:
    return _smooth_l1_slope(target, input, **options)


@loss(read=_read, convex=True, smooth=True, lipschitz=1.0)
def log_cosh_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The logarithm of the hyperbolic cosine: half the squared error near 0, linear far out.

    .. math:: \ell(e) = \log \cosh e, \qquad \ell'(e) = \tanh e, \qquad e = x - y

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in no unit,
    which is why the residuals should be measured in a unit of their own size.

    Raises
    ------
    ValueError
        If the shapes differ, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    Beyond a few units it is abs(e) - log 2.

    References
    ----------
    .. [1] Green: Bayesian Reconstructions from Emission Tomography Data Using a Modified EM Algorithm,
       IEEE Transactions on Medical Imaging 9, 1990.

    Examples
    --------
    >>> losses = log_cosh_loss([0.0, 1e-6, 1000.0], [0.0, 0.0, 0.0], reduction="none")
    >>> [f"{loss:.4g}" for loss in losses]
    ['0', '5e-13', '999.3']
    >>> log_cosh_loss.grad([0.5, -1000.0], [0.0, 0.0], reduction="none").round(4).tolist()
    [0.4621, -1.0]
    """
    residual = _residual(input, target)
    # cosh e = 1 + 2 sinh(e / 2)^2, so that near 0 nothing is added to the 1 that log1p takes for granted.
    near = np.log1p(2 * np.square(np.sinh(0.5 * residual)))
    if within(residual, -80, 80):
        return near
    # Further out cosh would overflow, and long before that log(cosh e) is |e| - log 2 to the last digit.
    size = np.abs(residual)
    return select(size < 40, near, size - size.dtype.type(math.log(2)))


@log_cosh_loss.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return np.tanh(_residual(input, target))


@log_cosh_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return np.tanh(target - input)


@loss(read=_read, convex=True, smooth=False, lipschitz=0.5)
def pinball_loss(input: Numbers, target: Numbers, *, tau: float = 0.5, reduction: str = "mean") -> FloatArray:
    r"""The pinball or quantile loss, which the quantile `tau` of the targets makes least.

    .. math:: \ell(x, y) = \max\bigl(\tau (y - x), (\tau - 1)(y - x)\bigr), \qquad
              \frac{\partial \ell}{\partial x} =
              \begin{cases} -\tau & x < y \\ 1 - \tau & x > y \end{cases}

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    tau : the quantile level, between 0 and 1, both excluded. A prediction that is too low costs `tau`
        a unit, one that is too high 1 - `tau`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in units of `target`.

    Raises
    ------
    ValueError
        If the shapes differ, `tau` is not between 0 and 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `sklearn.metrics.mean_pinball_loss`, whose argument is called `alpha`. Here it is `tau`, as in
    [1]_ and most of statistics, because alpha is a slope elsewhere. With tau = 0.5 it is half the
    absolute error. Where prediction and target are equal the gradient is taken as 0, which lies between
    the slopes of the two sides. The facts are those of tau = 0.5.

    References
    ----------
    .. [1] Koenker, Bassett: Regression Quantiles, Econometrica 46, 1978.

    Examples
    --------
    >>> pinball_loss([0.0, 2.0], [1.0, 1.0], tau=0.75, reduction="none").tolist()
    [0.75, 0.25]
    >>> pinball_loss.grad([0.0, 1.0, 2.0], [1.0, 1.0, 1.0], tau=0.75, reduction="sum").tolist()
    [-0.75, 0.0, 0.25]
    """
    residual = _holding_share(_residual(input, target), tau)
    share = residual.dtype.type(tau)
    return np.maximum((1 - share) * residual, -share * residual)


@pinball_loss.derivative
def _pinball_slope(input: FloatArray, target: FloatArray, tau: float, **_: Any) -> FloatArray:
    residual = _holding_share(_residual(input, target), tau)
    share = residual.dtype.type(tau)
    # A sign of 0 stays 0; the others are larger than the slopes.
    return clamp(np.sign(residual), -share, 1 - share)


@pinball_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, tau: float, **_: Any) -> FloatArray:
    return 0 - _pinball_slope(input, target, tau)


def _holding_share(residual: FloatArray, tau: float) -> FloatArray:
    """The residual in a precision in which neither `tau` nor 1 - `tau` rounds to 0."""
    return residual if 0 < residual.dtype.type(tau) < 1 else residual.astype(np.float64)


@loss(read=_read, convex=True, smooth=True, lipschitz=1.0)
def pseudo_huber_loss(
    input: Numbers, target: Numbers, *, delta: float = 1.0, reduction: str = "mean"
) -> FloatArray:
    r"""The pseudo-Huber loss: as the Huber loss near 0 and far out, but with all derivatives between.

    .. math:: \ell(e) = \delta^2 \left(\sqrt{1 + (e / \delta)^2} - 1\right), \qquad
              \ell'(e) = \frac{e}{\sqrt{1 + (e / \delta)^2}}, \qquad e = x - y

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    delta : the residual, in units of `target`, around which the loss turns linear; greater than 0.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

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
    It is `scipy.special.pseudo_huber(delta, input - target)`. Far out it is lower than the Huber loss by
    half the square of `delta`. The facts are those of delta = 1.

    References
    ----------
    .. [1] Charbonnier, Blanc-Feraud, Aubert, Barlaud: Deterministic Edge-Preserving Regularization in
       Computed Imaging, IEEE Transactions on Image Processing 6, 1997.

    Examples
    --------
    >>> pseudo_huber_loss([0.75, -1e-9], [0.0, 0.0], reduction="none").tolist()
    [0.25, 5e-19]
    >>> pseudo_huber_loss.grad([0.75, -1e300], [0.0, 0.0], reduction="none").tolist()
    [0.6, -1.0]
    """
    residual = _residual_holding(input, target, delta)
    root = _pseudo_huber_root(residual, delta)
    if root is not None:
        # The root minus 1, times delta^2, is e^2 over the root plus 1: nothing cancels.
        return residual * (residual / (1 + root))
    size = np.abs(residual)
    small, ratio, root = _pseudo_huber_parts(size, delta)
    # The root minus 1, times delta^2, is e^2 / (root of 1 + (e / delta)^2, plus 1): nothing cancels.
    # Beyond delta numerator and denominator are both divided by e / delta, which could overflow.
    return size * (small / (select(small < size, ratio, size.dtype.type(1)) + root))


@pseudo_huber_loss.derivative
def _pseudo_huber_slope(input: FloatArray, target: FloatArray, delta: float, **_: Any) -> FloatArray:
    residual = _residual_holding(input, target, delta)
    root = _pseudo_huber_root(residual, delta)
    if root is not None:
        return residual / root
    small, _ratio, root = _pseudo_huber_parts(np.abs(residual), delta)
    return np.sign(residual) * (small / root)


@pseudo_huber_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, **options: Any) -> FloatArray:
    return _pseudo_huber_slope(target, input, **options)


@shared
def _pseudo_huber_root(residual: FloatArray, delta: float) -> FloatArray | None:
    """The root of 1 + (e / delta)^2, or None for a block in which that square overflows."""
    limit = float(np.sqrt(np.finfo(residual.dtype).max)) / 2 * min(delta, 1.0)
    if not within(residual, -limit, limit):
        return None
    ratio = residual if delta == 1 else residual / residual.dtype.type(delta)
    return np.sqrt(1 + np.square(ratio))


def _pseudo_huber_parts(size: FloatArray, delta: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The smaller of |e| and delta, its share r of the larger one, and the root of 1 + r^2."""
    bound = size.dtype.type(delta)
    small = np.minimum(size, bound)
    # Of an infinite delta every residual, even an infinite one, is no share at all.
    numerator = small if bound < np.inf else np.minimum(small, np.finfo(size.dtype).max)
    ratio = numerator / np.maximum(size, bound)
    return small, ratio, np.sqrt(1 + ratio * ratio)
