"""Losses of positive targets: relative errors, negative log-likelihoods, and deviances.

`input` is the prediction (the mean of the distribution, or its logarithm) and has the shape of `target`.

A deviance is twice what the log-likelihood lacks to that of a perfect prediction. It is of second order
in the difference of prediction and target, so that near 0 its terms cancel in every textbook formula; here
what is of first order is taken out beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossact._arithmetic import (
    contrast_of,
    gap_above_tangent,
    gap_below_tangent,
    is_near,
    log_of_ratio,
)
from lossact._arrays import FloatArray, Numbers, as_array, as_float_array, same_shape
from lossact._blocks import select, shared
from lossact._declare import loss


def _read(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)
    for key in ("log_input", "full"):
        if not isinstance(arguments.get(key, False), bool | np.bool_):
            raise TypeError(f"{name}: {key} is {arguments[key]!r}; True or False is wanted.")
    if "eps" in arguments and not 0 <= arguments["eps"] < np.inf:
        raise ValueError(f"{name}: eps is {arguments['eps']!r}; a finite number not less than 0 is wanted.")


def _refuse(name: str, key: str, values: FloatArray, wrong: NDArray[np.bool_], wanted: str) -> None:
    if np.any(wrong):
        found = np.asarray(values)[np.asarray(wrong)].flat[0]
        raise ValueError(f"{name}: {key} holds {found!s}; {wanted} are wanted.")


def _positive(name: str, key: str, values: FloatArray) -> None:
    _refuse(name, key, values, values <= 0, "numbers greater than 0")


def _not_negative(name: str, key: str, values: FloatArray) -> None:
    _refuse(name, key, values, values < 0, "numbers not less than 0")


def _with_limits(
    values: FloatArray, input: FloatArray, target: FloatArray, limits: Callable[[], Any]
) -> FloatArray:
    """`values`, and where they are nan although no argument is, the `limits`."""
    # Of a block without nan, which is nearly every block, only the minimum has to be looked at.
    if not (values.size and np.isnan(np.min(values))):
        return values
    undefined = np.isnan(values) & ~np.isnan(input) & ~np.isnan(target)
    return np.where(undefined, limits(), values)


def _poisson_gap(mu: FloatArray, y: FloatArray, excess: FloatArray) -> FloatArray:
    """y log(y / mu) - y + mu, given mu - y."""
    share, log = excess / y, log_of_ratio(mu, y)
    near = gap_below_tangent(excess, contrast_of(mu, y), y)
    # Below, y log(mu / y) may be infinite alone; above, the share may.
    far = select(share < 0, y * (share - log), excess - y * log)
    return select(is_near(share), near, far)


# --- relative and logarithmic errors


def _check_beyond_minus_one(name: str, arguments: dict[str, Any]) -> None:
    for key in ("input", "target"):
        _refuse(name, key, arguments[key], arguments[key] <= -1, "numbers greater than -1")


@loss(
    read=_read,
    check=_check_beyond_minus_one,
    convex=False,
    smooth=True,
    lipschitz=np.inf,
    domain=(-1.0, np.inf),
)
def msle_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The mean squared logarithmic error, for targets that grow by factors.

    .. math:: \ell(x, y) = \bigl(\log(1 + x) - \log(1 + y)\bigr)^2, \qquad
              \frac{\partial \ell}{\partial x} = \frac{2}{1 + x} \log\frac{1 + x}{1 + y}, \qquad
              \frac{\partial \ell}{\partial y} = \frac{2}{1 + y} \log\frac{1 + y}{1 + x}

    Parameters
    ----------
    input : predictions greater than -1, any shape, float32 or float64 (integers become float64).
    target : the values to predict, greater than -1, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in no unit.

    Raises
    ------
    ValueError
        If the shapes differ, a number is not greater than -1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `sklearn.metrics.mean_squared_log_error`. `keras.losses.mean_squared_logarithmic_error` raises
    everything below 1e-7 to 1e-7 first, so that it has no gradient there; here nothing is clamped. It is
    not convex: where x is more than e times too high, the loss bends downwards.

    References
    ----------
    .. [1] scikit-learn user guide, section "Mean squared logarithmic error".

    Examples
    --------
    >>> msle_loss([2.5, 5.0, 4.0, 8.0], [3.0, 5.0, 2.5, 7.0]).round(5)
    np.float64(0.03973)
    >>> msle_loss.grad([1e-10, 3.0], [0.0, 1.0], reduction="none").round(13).tolist()
    [2e-10, 0.34657359028]
    """
    return np.square(_log_distance(input, target))


@shared
def _log_distance(input: Any, target: Any) -> FloatArray:
    """log(1 + x) - log(1 + y), up to its sign: one logarithm of a number that is not less than 1."""
    gap, low = np.abs(input - target), np.minimum(input, target)
    share = gap / (1 + low)
    # In float64, because the square doubles the error of the logarithm, which in float32 is one of 1.5 units.
    distance = np.log1p(share, dtype=np.float64)
    if distance.size and np.max(distance) == np.inf:
        distance = np.where(share == np.inf, np.log(gap) - np.log1p(low), distance)
    return distance


@msle_loss.derivative
def _msle_slope(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    distance = _log_distance(input, target)
    slope = 2 * select(input < target, -distance, distance) / (1 + input)
    # The logarithm of an infinite prediction over the prediction itself is nothing.
    return _with_limits(slope, input, target, lambda: np.where(np.isinf(target), np.nan, 0))


@msle_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return _msle_slope(target, input)


def _read_mape(name: str, arguments: dict[str, Any]) -> None:
    _read(name, arguments)
    if arguments["eps"] == 0:
        raise ValueError(f"{name}: eps is {arguments['eps']!r}; a number greater than 0 is wanted.")


def _holding(residual: FloatArray, option: float) -> FloatArray:
    """The residual in a precision in which a positive option does not round to 0."""
    return residual.astype(np.float64) if residual.dtype.type(option) == 0 else residual


@loss(read=_read_mape, convex=True, smooth=False, lipschitz=2.0**52)
def mape_loss(
    input: Numbers, target: Numbers, *, eps: float = 2.220446049250313e-16, reduction: str = "mean"
) -> FloatArray:
    r"""The mean absolute percentage error, as a share: 0.25 is 25 percent.

    .. math:: \ell(x, y) = \frac{|x - y|}{\max(|y|, \epsilon)}, \qquad
              \frac{\partial \ell}{\partial x} = \frac{\operatorname{sign}(x - y)}{\max(|y|, \epsilon)},
              \qquad \frac{\partial \ell}{\partial y} =
              \begin{cases} -\operatorname{sign}(x - y) \operatorname{sign}(y)\, x / y^2 & |y| > \epsilon \\
              -\operatorname{sign}(x - y) / \epsilon & |y| \le \epsilon \end{cases}

    Parameters
    ----------
    input : predictions, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    eps : the least size, in units of `target`, by which an error is divided; greater than 0.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in no unit.

    Raises
    ------
    ValueError
        If the shapes differ, `eps` is not greater than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `sklearn.metrics.mean_absolute_percentage_error`, with the same eps (2^-52).
    `keras.losses.mean_absolute_percentage_error` is 100 times that, with eps = 1e-7. Where prediction and
    target are equal the gradient is taken as 0. A prediction of 0 costs at most 1, one that is too high has
    no such bound: whoever makes this loss small predicts too low.

    References
    ----------
    .. [1] de Myttenaere, Golden, Le Grand, Rossi: Mean Absolute Percentage Error for Regression Models,
       Neurocomputing 192, 2016.

    Examples
    --------
    >>> mape_loss([2.5, 0.0, 2.0, 8.0], [3.0, -0.5, 2.0, 7.0]).round(4)
    np.float64(0.3274)
    >>> mape_loss.grad([2.5, 8.0], [2.0, 10.0], reduction="none").tolist()
    [0.5, -0.1]
    """
    size = _holding(np.abs(input - target), eps)
    losses = size / np.maximum(np.abs(target), size.dtype.type(eps))
    # A prediction is nothing beside an infinite target; it is wrong by all of it.
    return _with_limits(losses, input, target, lambda: np.where(np.isinf(input), np.nan, 1))


@mape_loss.derivative
def _(input: FloatArray, target: FloatArray, eps: float, **_: Any) -> FloatArray:
    residual = _holding(input - target, eps)
    return np.sign(residual) / np.maximum(np.abs(target), residual.dtype.type(eps))


@mape_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, eps: float, **_: Any) -> FloatArray:
    residual = _holding(input - target, eps)
    least = residual.dtype.type(eps)
    sign, size = np.sign(residual), np.abs(target)
    # |x / y - 1| is differentiated as such: its two terms sign(x - y) / |y| and |x - y| / y^2 cancel.
    slope = np.where(size > least, np.sign(target) * (input / target / target), 1 / least)
    return 0 - np.where(sign == 0, 0, sign * slope)


# --- negative log-likelihoods


def _check_poisson(name: str, arguments: dict[str, Any]) -> None:
    _not_negative(name, "target", arguments["target"])
    if not arguments["log_input"]:
        _refuse(
            name,
            "input",
            arguments["input"],
            arguments["input"] < 0,
            "with log_input=False, numbers not less than 0",
        )


@loss(read=_read, check=_check_poisson, convex=True, smooth=True, lipschitz=np.inf)
def poisson_nll_loss(
    input: Numbers,
    target: Numbers,
    log_input: bool = True,
    full: bool = False,
    *,
    eps: float = 1e-8,
    reduction: str = "mean",
) -> FloatArray:
    r"""The negative log-likelihood of counts under Poisson distributions, up to a constant; in nats.

    .. math:: \ell(x, y) = e^x - y x, \qquad
              \frac{\partial \ell}{\partial x} = e^x - y, \qquad
              \frac{\partial \ell}{\partial y} = -x

    for the logarithm of the rate, and for the rate itself (`log_input=False`)

    .. math:: \ell(x, y) = x - y \log(x + \epsilon), \qquad
              \frac{\partial \ell}{\partial x} = 1 - \frac{y}{x + \epsilon}, \qquad
              \frac{\partial \ell}{\partial y} = -\log(x + \epsilon)

    Parameters
    ----------
    input : logarithms of the predicted rates, or the rates (not less than 0); any shape, float32 or float64
        (integers become float64).
    target : the counts, not less than 0, exactly the shape of `input`.
    log_input : whether `input` is the logarithm of the rate.
    full : whether to add Stirling's approximation of log(y!), which is y log y - y + log(2 pi y) / 2, for
        targets greater than 1. It changes no gradient with respect to `input`.
    eps : added to the rate before its logarithm is taken, with `log_input=False`; not less than 0.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a count or a rate is less than 0, `eps` is, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or `log_input` or `full` is not a bool.

    Notes
    -----
    With `full`, what the terms have in common is taken out before they are added: for a million counts the
    loss is about 8, and the terms are 1e7. As in torch, nothing is added for targets up to 1; the gradient
    with respect to `target` is that of the sum that stands there (log y + 1 / (2 y) is added beyond 1), and
    finite at 0, where torch 2.13 returns nan. torch takes negative counts and rates without a check.

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, 2nd edition, Chapman and Hall 1989, chapter 6.

    Examples
    --------
    >>> poisson_nll_loss([0.0, 1.0], [2.0, 3.0], reduction="none").round(4).tolist()
    [1.0, -0.2817]
    >>> poisson_nll_loss.grad([0.0, 1.0], [2.0, 3.0], reduction="none").round(4).tolist()
    [-1.0, -0.2817]
    >>> float(poisson_nll_loss(1e6, 1e6, False, full=True).round(4))
    7.8267
    """
    if log_input:
        losses = _of_log_rate(input, target)
        stirling = _of_log_rate_with_stirling if full else None
    else:
        losses = _of_rate(input, target, eps)
        stirling = (lambda x, y: _of_rate_with_stirling(x, y, eps)) if full else None
    if stirling is None or not np.any(target > 1):
        return losses
    return select(target > 1, stirling(input, np.maximum(target, 1)), losses)


def _of_log_rate(x: Any, y: Any) -> FloatArray:
    def limits() -> FloatArray:
        # A count of 0, and a rate of 1, make the product vanish; where both terms are infinite, their
        # logarithms say which one is larger.
        product = np.where((x == 0) | (y == 0), 0, x * y)
        larger = np.where(x > np.log(y) + np.log(x), np.inf, -np.inf)
        found = np.where((x > 1) & (y < np.inf) & (product == np.inf), larger, np.exp(x) - product)
        return np.where((x == np.inf) & (y < np.inf), np.inf, found)

    return _with_limits(np.exp(x) - y * x, x, y, limits)


def _of_log_rate_with_stirling(x: Any, y: Any) -> FloatArray:
    """exp(x) - y x + y log y - y + log(2 pi y) / 2 for y of at least 1."""
    log = np.log(y)
    off = x - log
    # With the rate y e^d the first four terms are y (e^d - 1 - d). Far out exp(x) itself has more digits.
    gap = select(np.abs(off) <= 1, y * gap_above_tangent(off), np.exp(x) - y * (1 + off))
    losses = gap + 0.5 * (log + log.dtype.type(math.log(2 * math.pi)))
    return _with_limits(losses, x, y, lambda: np.where((x == np.inf) & (y == np.inf), np.nan, np.inf))


def _of_rate(x: Any, y: Any, eps: float) -> FloatArray:
    def limits() -> FloatArray:
        return np.where(y == 0, x, np.where((x == np.inf) & (y < np.inf), np.inf, np.nan))

    return _with_limits(x - y * np.log(x + x.dtype.type(eps)), x, y, limits)


def _of_rate_with_stirling(x: Any, y: Any, eps: float) -> FloatArray:
    """x - y log(x + eps) + y log y - y + log(2 pi y) / 2 for y of at least 1."""
    eps = x.dtype.type(eps)
    gap = _poisson_gap(x + eps, y, (x - y) + eps) - eps
    log = np.log(y)
    losses = gap + 0.5 * (log + log.dtype.type(math.log(2 * math.pi)))
    return _with_limits(losses, x, y, lambda: np.where((x == np.inf) & (y == np.inf), np.nan, np.inf))


@poisson_nll_loss.derivative
def _(input: FloatArray, target: FloatArray, log_input: bool, eps: float, **_: Any) -> FloatArray:
    if log_input:
        return np.exp(input) - target
    shift = input.dtype.type(eps)
    slope = ((input - target) + shift) / (input + shift)
    # Where no count stands against it, or the rate outgrows every count, a unit of the rate costs 1.
    limits = lambda: np.where((input == np.inf) & (target == np.inf), np.nan, 1)  # noqa: E731
    return _with_limits(slope, input, target, limits)


@poisson_nll_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, log_input: bool, full: bool, eps: float, **_: Any) -> FloatArray:
    rate = input if log_input else input + input.dtype.type(eps)
    slope = -input if log_input else -np.log(rate)
    if full and np.any(target > 1):
        count = np.maximum(target, 1)
        excess = np.log(count) - input if log_input else -log_of_ratio(rate, count)
        slope = select(target > 1, excess + 0.5 / count, slope)
    return np.where(np.isnan(target), target, slope)


def _read_gaussian(name: str, arguments: dict[str, Any]) -> None:
    _read(name, arguments)
    shape, var = arguments["input"].shape, as_array(arguments["var"], "var")
    if var.ndim == 0:
        # One number, as an option is: it does not turn a float32 input into float64.
        var = var.astype(arguments["input"].dtype)
    var = as_float_array(var, "var")
    if np.any(var < 0):
        raise ValueError(f"{name}: var holds {var[var < 0].flat[0]!s}; numbers not less than 0 are wanted.")
    if var.shape == shape[:-1] and var.ndim < len(shape):
        var = var[..., np.newaxis] if var.ndim else var
    elif var.shape != shape and var.ndim and not _is_shared_along_one_axis(var.shape, shape):
        raise ValueError(
            f"{name}: input has shape {shape} and var has shape {var.shape}; one number, the shape of the "
            "input, that shape without its last axis, or that shape with 1 for one of its axes is wanted."
        )
    arguments["var"] = var


def _is_shared_along_one_axis(var: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    if len(var) != len(shape):
        return False
    return [size for size, wanted in zip(var, shape, strict=True) if size != wanted] == [1]


@loss(read=_read_gaussian, arrays=("input", "target", "var"), convex=True, smooth=True, lipschitz=np.inf)
def gaussian_nll_loss(
    input: Numbers,
    target: Numbers,
    var: Numbers,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> FloatArray:
    r"""The negative log-likelihood under normal distributions of given mean and variance; in nats.

    .. math:: \ell(x, y, v) = \tfrac12 \left(\log v + \frac{(x - y)^2}{v}\right), \qquad
              \frac{\partial \ell}{\partial x} = \frac{x - y}{v} = -\frac{\partial \ell}{\partial y}, \qquad
              \frac{\partial \ell}{\partial v} = \tfrac12 \left(\frac1v - \frac{(x - y)^2}{v^2}\right)

    with `eps` in place of every smaller variance.

    Parameters
    ----------
    input : predicted means, any shape, float32 or float64 (integers become float64).
    target : the values to predict, exactly the shape of `input`.
    var : the predicted variances, not less than 0, in squared units of `target`: one number for all, an array
        of the shape of `input`, of that shape without its last axis (one variance for each vector), or of
        that shape with 1 for one of its axes.
    full : whether to add the constant log(2 pi) / 2.
    eps : the least variance; not less than 0.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If a shape does not fit, a variance or `eps` is less than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or `full` is not a bool.

    Notes
    -----
    The clamp is invisible to the gradient, as in `torch.nn.functional.gaussian_nll_loss`: with respect to
    a variance below `eps` it is the slope at `eps`, not 0, so that a variance that has become too small can
    grow again. It has the shape of `var`, summed over the elements that share a variance. The loss is
    convex in the mean, not in the variance.

    References
    ----------
    .. [1] Nix, Weigend: Estimating the Mean and Variance of the Target Probability Distribution,
       IEEE International Conference on Neural Networks, 1994.

    Examples
    --------
    >>> gaussian_nll_loss([0.0, 1.0], [0.5, 3.0], [1.0, 4.0], reduction="none").round(4).tolist()
    [0.125, 1.1931]
    >>> gaussian_nll_loss.grad([0.0, 1.0], [0.5, 3.0], [1.0, 4.0], reduction="none").tolist()
    [-0.5, -0.5]
    >>> gaussian_nll_loss.grad([0.0, 1.0], [0.5, 3.0], [1.0, 4.0], wrt="var", reduction="none").tolist()
    [0.375, 0.0]
    """
    residual, variance = input - target, _variance(var, eps)
    # e (e / v): the square of a large residual may be infinite where the loss is not.
    losses = 0.5 * np.log(variance) + 0.5 * residual * (residual / variance)
    # A variance of 0, with eps = 0: the error outgrows the logarithm.
    unlikely = lambda: np.where((variance == 0) & (residual != 0), np.inf, np.nan)  # noqa: E731
    losses = _with_limits(losses, input, target, unlikely)
    return losses + losses.dtype.type(0.5 * math.log(2 * math.pi)) if full else losses


def _variance(var: Any, eps: float) -> FloatArray:
    return np.maximum(var, var.dtype.type(eps))


@gaussian_nll_loss.derivative
def _(input: FloatArray, target: FloatArray, var: FloatArray, eps: float, **_: Any) -> FloatArray:
    return (input - target) / _variance(var, eps)


@gaussian_nll_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, var: FloatArray, eps: float, **_: Any) -> FloatArray:
    return (target - input) / _variance(var, eps)


@gaussian_nll_loss.derivative("var")
def _(input: FloatArray, target: FloatArray, var: FloatArray, eps: float, **_: Any) -> FloatArray:
    variance = _variance(var, eps)
    ratio = (input - target) / variance
    return 0.5 / variance - 0.5 * ratio * ratio


# --- deviances


def _check_poisson_deviance(name: str, arguments: dict[str, Any]) -> None:
    _positive(name, "input", arguments["input"])
    _not_negative(name, "target", arguments["target"])


def _check_gamma_deviance(name: str, arguments: dict[str, Any]) -> None:
    _positive(name, "input", arguments["input"])
    _positive(name, "target", arguments["target"])


@loss(
    read=_read,
    check=_check_poisson_deviance,
    convex=True,
    smooth=True,
    lipschitz=np.inf,
    domain=(0.0, np.inf),
)
def poisson_deviance_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The Poisson deviance, for counts and rates.

    .. math:: \ell(\mu, y) = 2 \left(y \log \frac{y}{\mu} - y + \mu\right), \qquad
              \frac{\partial \ell}{\partial \mu} = 2 \left(1 - \frac{y}{\mu}\right), \qquad
              \frac{\partial \ell}{\partial y} = 2 \log \frac{y}{\mu}

    Parameters
    ----------
    input : predicted means greater than 0, any shape, float32 or float64 (integers become float64).
    target : the values to predict, not less than 0, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in units of `target`.

    Raises
    ------
    ValueError
        If the shapes differ, a mean is not greater than 0, a target is less than 0, or `reduction` is
        unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `sklearn.metrics.mean_poisson_deviance`, and `tweedie_deviance_loss` with power 1. It differs from
    twice `poisson_nll_loss` of the rate by what depends on the target alone, so that a perfect prediction
    costs 0. At a target of 0 the slope by the target is -inf.

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, 2nd edition, Chapman and Hall 1989, section 2.3.

    Examples
    --------
    >>> poisson_deviance_loss([0.5, 0.5, 2.0, 2.0], [2.0, 0.0, 1.0, 4.0]).round(5)
    np.float64(1.42602)
    >>> (poisson_deviance_loss(1 + 2**-30, 1.0) * 2**60).round(6)
    np.float64(1.0)
    """
    return _poisson_deviance(input, target)


def _poisson_deviance(mu: Any, y: Any) -> FloatArray:
    def limits() -> FloatArray:
        return np.where(y == 0, 2 * mu, np.where((mu == np.inf) & (y == np.inf), np.nan, np.inf))

    return _with_limits(2 * _poisson_gap(mu, y, mu - y), mu, y, limits)


@poisson_deviance_loss.derivative
def _poisson_slope(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    slope = 2 * ((input - target) / input)
    return _with_limits(slope, input, target, lambda: np.where(target == np.inf, np.nan, 2))


@poisson_deviance_loss.derivative("target")
def _poisson_slope_by_target(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return 2 * log_of_ratio(target, input)


@loss(
    read=_read, check=_check_gamma_deviance, convex=False, smooth=True, lipschitz=np.inf, domain=(0.0, np.inf)
)
def gamma_deviance_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The gamma deviance, for positive targets whose errors are in proportion to their size.

    .. math:: \ell(\mu, y) = 2 \left(\log \frac{\mu}{y} + \frac{y}{\mu} - 1\right), \qquad
              \frac{\partial \ell}{\partial \mu} = \frac{2}{\mu} \left(1 - \frac{y}{\mu}\right), \qquad
              \frac{\partial \ell}{\partial y} = 2 \left(\frac{1}{\mu} - \frac{1}{y}\right)

    Parameters
    ----------
    input : predicted means greater than 0, any shape, float32 or float64 (integers become float64).
    target : the values to predict, greater than 0, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in no unit: multiplying both
    arguments by one factor changes nothing.

    Raises
    ------
    ValueError
        If the shapes differ, a number is not greater than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `sklearn.metrics.mean_gamma_deviance`, and `tweedie_deviance_loss` with power 2. Signal processing
    calls half of it the Itakura-Saito distance. It is convex in 1 / mu, not in mu.

    References
    ----------
    .. [1] McCullagh, Nelder: Generalized Linear Models, 2nd edition, Chapman and Hall 1989, chapter 8.

    Examples
    --------
    >>> gamma_deviance_loss([0.5, 0.5, 2.0, 2.0], [2.0, 0.5, 1.0, 4.0]).round(5)
    np.float64(1.05685)
    >>> gamma_deviance_loss.grad([0.5, 2.0], [2.0, 1.0], reduction="none").tolist()
    [-12.0, 0.5]
    """
    return _gamma_deviance(input, target)


def _gamma_deviance(mu: Any, y: Any) -> FloatArray:
    share = (y - mu) / mu
    near = gap_below_tangent(share, contrast_of(y, mu))
    losses = 2 * select(is_near(share), near, share - log_of_ratio(y, mu))
    return _with_limits(losses, mu, y, lambda: np.where((mu == np.inf) & (y == np.inf), np.nan, np.inf))


@gamma_deviance_loss.derivative
def _gamma_slope(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    # The 2 comes last: before it the quotient may be within the range and its double not.
    slope = (input - target) / input / input * 2
    return _with_limits(slope, input, target, lambda: np.where(target == np.inf, np.nan, 0))


@gamma_deviance_loss.derivative("target")
def _gamma_slope_by_target(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    # (y - mu) / (mu y), divided by the larger one first: neither the product nor a quotient leaves the range.
    low, high = np.minimum(input, target), np.maximum(input, target)
    slope = (target - input) / high / low * 2
    return _with_limits(slope, input, target, lambda: 2 / input - 2 / target)


def _read_tweedie(name: str, arguments: dict[str, Any]) -> None:
    _read(name, arguments)
    power = arguments["power"]
    if not (-np.inf < power <= 0 or 1 <= power < np.inf):
        raise ValueError(
            f"{name}: power is {power!r}; a finite number not greater than 0 or not less than 1 is wanted. "
            "Between 0 and 1 there is no Tweedie distribution."
        )


def _check_tweedie(name: str, arguments: dict[str, Any]) -> None:
    power = arguments["power"]
    if power != 0:
        _positive(f"{name} with power {power:g}", "input", arguments["input"])
    if 1 <= power < 2:
        _not_negative(f"{name} with power {power:g}", "target", arguments["target"])
    if power >= 2:
        _positive(f"{name} with power {power:g}", "target", arguments["target"])


@loss(read=_read_tweedie, check=_check_tweedie, convex=True, smooth=True, lipschitz=np.inf)
def tweedie_deviance_loss(
    input: Numbers, target: Numbers, *, power: float = 0.0, reduction: str = "mean"
) -> FloatArray:
    r"""The deviance of a Tweedie distribution, whose variance is a power of its mean.

    .. math:: \ell(\mu, y) = 2 \left(\frac{\max(y, 0)^{2 - p}}{(1 - p)(2 - p)}
              - \frac{y\, \mu^{1 - p}}{1 - p} + \frac{\mu^{2 - p}}{2 - p}\right), \qquad
              \frac{\partial \ell}{\partial \mu} = 2\, \frac{\mu - y}{\mu^p}, \qquad
              \frac{\partial \ell}{\partial y} = 2\, \frac{\max(y, 0)^{1 - p} - \mu^{1 - p}}{1 - p}

    with the limits of this at p = 1 and p = 2.

    Parameters
    ----------
    input : predicted means, any shape, float32 or float64 (integers become float64); greater than 0 unless
        `power` is 0.
    target : the values to predict, exactly the shape of `input`; not less than 0 for a power from 1 to 2 (2
        excluded), greater than 0 from 2 on.
    power : p, not between 0 and 1. 0 is the normal distribution (squared error), 1 the Poisson, 2 the gamma
        and 3 the inverse Gaussian distribution; between 1 and 2 a sum of a Poisson number of gamma numbers,
        which may be exactly 0.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in units of `target` to the
    power of 2 - p.

    Raises
    ------
    ValueError
        If the shapes differ, `power` lies between 0 and 1, a number is not one that `power` allows, or
        `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `sklearn.metrics.mean_tweedie_deviance`, whose terms cancel where the prediction is good or the
    power near 1 or 2. Other powers than 0, 1 and 2 are computed in float64, whatever the input. The facts
    are those of power 0; the loss is convex in the mean up to power 1.

    References
    ----------
    .. [1] Jorgensen: The Theory of Dispersion Models, Chapman and Hall 1997, chapter 4.
    .. [2] McCurdy, Ng, Parlett: Accurate Computation of Divided Differences of the Exponential Function,
       Mathematics of Computation 43, 1984.

    Examples
    --------
    >>> tweedie_deviance_loss([0.5, 0.5, 2.0, 2.0], [2.0, 0.0, 1.0, 4.0], power=1.5).round(5)
    np.float64(1.77817)
    >>> (tweedie_deviance_loss(1 + 2**-30, 1.0, power=3.0) * 2**60).round(6)
    np.float64(1.0)
    """
    if power == 0:
        return np.square(input - target)
    if power == 1:
        return _poisson_deviance(input, target)
    if power == 2:
        return _gamma_deviance(input, target)
    return _tweedie_deviance(np.asarray(input, np.float64), np.asarray(target, np.float64), float(power))


@tweedie_deviance_loss.derivative
def _(input: FloatArray, target: FloatArray, power: float, **_: Any) -> FloatArray:
    if power == 0:
        return 2 * (input - target)
    mu, y = input.astype(np.float64), target.astype(np.float64)
    slope = 2 * _Power(0, power).times(mu - y, mu)

    def limits() -> FloatArray:
        far = np.where(y == np.inf, -np.inf, 0.0 if power > 1 else 2.0 if power == 1 else np.inf)
        return np.where(y == mu, np.where(mu == np.inf, np.nan, 0), far)

    return _with_limits(slope, mu, y, limits)


@tweedie_deviance_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, power: float, **_: Any) -> FloatArray:
    if power == 0:
        return 2 * (target - input)
    if power == 1:
        return _poisson_slope_by_target(input, target)
    if power == 2:
        return _gamma_slope_by_target(input, target)
    mu, y = input.astype(np.float64), target.astype(np.float64)
    slope = 2 * _difference_of_powers(mu, y, log_of_ratio(y, mu), _Power(1, power))
    return _with_limits(slope, mu, y, lambda: np.where(y == mu, 0, np.copysign(np.inf, y - mu)))


class _Power:
    """x to the power of n - p with a whole number n; the exponent may have more digits than a float."""

    def __init__(self, n: int, p: float) -> None:
        self.exponent = n - p
        self._whole, self._rest = (n, -p) if p < 0 else (0, n - p)

    def of(self, x: FloatArray) -> FloatArray:
        power = x**self._rest
        return x**self._whole * power if self._whole else power

    def times(self, factor: FloatArray, x: FloatArray, other: Any = 1) -> FloatArray:
        """`factor` times the power times `other`, even if the power alone leaves the range of floats."""
        power, info = self.of(x), np.finfo(x.dtype)
        product = factor * power * other
        if power.size and not (np.min(power) >= info.tiny and np.max(power) <= info.max):
            out_of_range = (power < info.tiny) | (power > info.max)
            root = x ** (0.5 * self._rest)
            product = np.where(out_of_range, factor * root * other * root * x**self._whole, product)
        return product


def _difference_of_powers(mu: FloatArray, y: FloatArray, log: FloatArray, power: _Power) -> FloatArray:
    """(y^a - mu^a) / a given log(y / mu), which it is for a = 0; a power of what is below 0 is 0."""
    a = power.exponent
    if a == 0:
        return log
    near = power.times(np.expm1(a * log) / a, mu)
    far = (power.of(np.maximum(y, 0)) - power.of(mu)) / a
    return np.where(np.abs(a * log) <= 1, near, far)


def _tweedie_deviance(mu: FloatArray, y: FloatArray, p: float) -> FloatArray:
    r"""The deviance for a power other than 0, 1 and 2, in float64.

    With d = log(y / mu) and b = 2 - p it is 2 mu^b d^2 times the second divided difference of exp at 0, d
    and b d: positive, and as smooth as exp. Where the three points lie together, the difference is taken
    from a Taylor series around their middle. Where they lie apart, it is taken from two first differences
    over the two outermost points, so that little cancels.
    """
    first, second = _Power(1, p), _Power(2, p)
    a, b, log = first.exponent, second.exponent, log_of_ratio(y, mu)
    nodes = (0.0, 1.0, b)
    middle, radius = 0.5 * (max(nodes) + min(nodes)), 0.5 * (max(nodes) - min(nodes))
    off = log * radius
    series = np.zeros_like(off)
    for coefficient in reversed(_taylor([(node - middle) / radius for node in nodes])):
        series *= off
        series += coefficient
    near = second.times(log * log * series * np.exp(middle * log), mu)
    if p < 2:
        # y times the difference of the powers with exponent a; y times y^a is y^b, even for y = 0.
        bent = np.where(
            np.abs(a * log) <= 1,
            first.times(np.expm1(a * log) / a, mu, y),
            (second.of(np.maximum(y, 0)) - first.times(y, mu)) / a,
        )
    if p < 0:
        far = (bent - first.times(y - mu, mu)) / b
    elif p < 2:
        far = bent - _difference_of_powers(mu, y, log, second)
    else:
        far = (second.times((y - mu) / mu, mu) - _difference_of_powers(mu, y, log, second)) / -a

    def limits() -> FloatArray:
        flat = np.maximum(y, 0) ** b / (a * b) if p > 2 else np.inf
        found = np.where(mu == np.inf, np.where(y == np.inf, np.nan, flat), np.inf)
        return np.where((y == mu) & (mu < np.inf), 0, 2 * found)

    return _with_limits(2 * np.where(np.abs(off) <= 1, near, far), mu, y, limits)


def _taylor(nodes: list[float]) -> list[float]:
    """The coefficients of the second divided difference of exp at x times the nodes, in powers of x.

    They are the complete homogeneous symmetric polynomials of the nodes, over (n + 2)!.
    """
    u, v, w = nodes
    of_one, of_two, of_three, coefficients = 1.0, 1.0, 1.0, []
    for n in range(20):
        coefficients.append(of_three / math.factorial(n + 2))
        of_one *= u
        of_two = of_one + v * of_two
        of_three = of_two + w * of_three
    return coefficients
