"""Activations with a corner at 0: they let one half of the line through."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers, as_float_array, as_generator, as_number
from lossact._blocks import (
    at_least,
    at_most,
    clamp,
    is_not_zero,
    nan_where_nan,
    positive_part,
    select,
    shared,
    where_true,
)
from lossact._declare import activation


@activation(range=(0.0, np.inf), monotonic=True, smooth=False, saturates="left", lipschitz=1.0)
def relu(input: Numbers) -> FloatArray:
    r"""The rectified linear unit.

    .. math:: \mathrm{relu}(x) = \max(0, x)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [0, inf).

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kink the derivative is taken as 0, as `torch.nn.functional.relu` does. Any value in [0, 1] is
    a subgradient there.

    References
    ----------
    .. [1] Nair, Hinton: Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.

    Examples
    --------
    >>> relu([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.0, 3.0]
    >>> relu.grad([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.0, 1.0]
    """
    return _ramp(np.asarray(input))


@relu.derivative
def _(input: FloatArray) -> FloatArray:
    return is_not_zero(_ramp(input))


@shared
def _ramp(x: FloatArray) -> FloatArray:
    return positive_part(x)


@activation(range=(-np.inf, np.inf), monotonic=True, smooth=False, saturates="no", lipschitz=1.0)
def leaky_relu(input: Numbers, negative_slope: float = 0.01) -> FloatArray:
    r"""The rectified linear unit with a small slope instead of 0 on the left.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ \text{negative\_slope} \cdot x & x \le 0 \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    negative_slope : slope for x <= 0. 0 gives `relu`, 1 the identity. `max(x, slope * x)` is the same
        function only up to a slope of 1; this one follows the definition for every slope.

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kink the derivative is `negative_slope`, as `torch.nn.functional.leaky_relu` has it.

    References
    ----------
    .. [1] Maas, Hannun, Ng: Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013.

    Examples
    --------
    >>> leaky_relu([-2.0, 3.0]).tolist()
    [-0.02, 3.0]
    >>> leaky_relu.grad([-2.0, 0.0, 3.0]).tolist()
    [0.01, 0.01, 1.0]
    """
    x = np.asarray(input)
    if negative_slope == 0:
        # At -inf too, where 0 * x would be nan.
        return positive_part(x)
    # Up to a slope of 1 the line that counts is the upper one on either side, beyond it the lower one.
    upper_or_lower = np.maximum if negative_slope <= 1 else np.minimum
    return upper_or_lower(x, x * x.dtype.type(negative_slope))


@leaky_relu.derivative
def _(input: FloatArray, negative_slope: float) -> FloatArray:
    one, slope = input.dtype.type(1), input.dtype.type(negative_slope)
    return nan_where_nan(select(input > 0, one, slope), input)


@activation(range=(0.0, 6.0), monotonic=True, smooth=False, saturates="both sides", lipschitz=1.0)
def relu6(input: Numbers) -> FloatArray:
    r"""The rectified linear unit, cut off at 6.

    .. math:: f(x) = \min(6, \max(0, x))

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [0, 6].

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kinks 0 and 6 the derivative is taken as 0, as `torch.nn.functional.relu6` does.

    References
    ----------
    .. [1] Krizhevsky: Convolutional Deep Belief Networks on CIFAR-10, 2010.

    Examples
    --------
    >>> relu6([-2.0, 3.0, 8.0]).tolist()
    [0.0, 3.0, 6.0]
    >>> relu6.grad([-2.0, 3.0, 6.0]).tolist()
    [0.0, 1.0, 0.0]
    """
    return clamp(np.asarray(input), 0, 6)


@relu6.derivative
def _(input: FloatArray) -> FloatArray:
    return where_true((input > 0) & (input < 6), input)


@activation(range=(-1.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=1.0)
def elu(input: Numbers, alpha: float = 1.0) -> FloatArray:
    r"""The exponential linear unit: a rectifier that nears `-alpha` on the left.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}, \qquad
              f'(x) = \begin{cases} 1 & x > 0 \\ \alpha e^x & x \le 0 \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    alpha : minus the limit on the left. With 1 the derivative exists at 0 too.

    Returns
    -------
    Array of the same shape, for a positive `alpha` with values from -alpha on.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At 0 the derivative is `alpha`, as `torch.nn.functional.elu` has it. The facts are those of alpha = 1.

    References
    ----------
    .. [1] Clevert, Unterthiner, Hochreiter: Fast and Accurate Deep Network Learning by Exponential Linear
       Units (ELUs), ICLR 2016.

    Examples
    --------
    >>> elu([-1e-20, -1000.0, 3.0]).tolist()
    [-1e-20, -1.0, 3.0]
    >>> elu.grad([0.0, 3.0], alpha=0.5).tolist()
    [0.5, 1.0]
    """
    x = np.asarray(input)
    # expm1, because exp(x) - 1 is 0 as soon as exp(x) rounds to 1. One of the two terms is 0.
    return positive_part(x) + x.dtype.type(alpha) * np.expm1(_negative_part(x))


@elu.derivative
def _(input: FloatArray, alpha: float) -> FloatArray:
    below = _negative_part(input)
    if alpha == 1:
        return np.exp(below)
    factor, one = input.dtype.type(alpha), input.dtype.type(1)
    if abs(factor) > 1:
        # exp(x) may be so small that it has lost digits, and its product with alpha not. In two factors,
        # of which alpha goes to the larger, it loses none.
        near = at_least(below, np.log(np.finfo(input.dtype).tiny) / 1.1)
        return select(input > 0, one, factor * np.exp(near) * np.exp(below - near))
    return select(input > 0, one, factor * np.exp(below))


@shared
def _negative_part(x: FloatArray) -> FloatArray:
    return at_most(x, 0)


def _positive(dtype: Any, alpha: float) -> Any:
    """`alpha` of celu in the dtype of its input."""
    if not 0 < dtype.type(alpha) < np.inf:
        raise ValueError(f"celu: alpha is {alpha}; a finite number greater than 0 is wanted.")
    return dtype.type(alpha)


@activation(range=(-1.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=1.0)
def celu(input: Numbers, alpha: float = 1.0) -> FloatArray:
    r"""The exponential linear unit whose derivative has no jump, whatever `alpha` is.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ \alpha (e^{x / \alpha} - 1) & x \le 0 \end{cases}, \qquad
              f'(x) = \begin{cases} 1 & x > 0 \\ e^{x / \alpha} & x \le 0 \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    alpha : minus the limit on the left, greater than 0.

    Returns
    -------
    Array of the same shape with values from -alpha on.

    Raises
    ------
    ValueError
        If `alpha` is not greater than 0 and finite.
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    For alpha = 1 it is `elu`.

    References
    ----------
    .. [1] Barron: Continuously Differentiable Exponential Linear Units, 2017.

    Examples
    --------
    >>> celu([-1000.0, 3.0], alpha=2.0).tolist()
    [-2.0, 3.0]
    >>> celu.grad([0.0, 3.0], alpha=2.0).tolist()
    [1.0, 1.0]
    """
    x = np.asarray(input)
    alpha = _positive(x.dtype, alpha)
    if alpha == 1:
        return positive_part(x) + np.expm1(_negative_part(x))
    quotient = x / alpha
    # Next to 0 it is x to the last digit, also where the quotient is too small for a float.
    linear = (x > 0) | (np.abs(quotient) < np.finfo(x.dtype).eps / 4)
    return select(linear, x, alpha * np.expm1(quotient))


@celu.derivative
def _(input: FloatArray, alpha: float) -> FloatArray:
    if alpha == 1:
        return np.exp(_negative_part(input))
    # exp magnifies the rounding of x / alpha by as much as the quotient is large, up to 745 times. So the
    # quotient is carried in two parts. Dividing both by a power of 2 first changes no digit.
    half = np.float16 if input.dtype == np.float32 else np.float32
    alpha, power = np.frexp(_positive(input.dtype, alpha))
    x = np.clip(np.ldexp(input, -power), -1000, 0)
    # The first part has so few digits that its product with the leading digits of alpha does not round.
    first = np.rint(x / alpha * 64) / 64
    leading = input.dtype.type(half(alpha))
    second = ((x - first * leading) - first * (alpha - leading)) / alpha
    decay = np.exp(first)
    return decay + decay * np.expm1(second)


# From the first page of the paper, with all the digits of its program: the values for which activations
# of mean 0 and variance 1 keep them.
SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


@activation(
    range=(-SELU_SCALE * SELU_ALPHA, np.inf),
    monotonic=True,
    smooth=False,
    saturates="left",
    lipschitz=SELU_SCALE * SELU_ALPHA,
)
def selu(input: Numbers) -> FloatArray:
    r"""The scaled exponential linear unit, which pulls activations towards mean 0 and variance 1.

    .. math:: f(x) = \lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}, \qquad
              \alpha = 1.67326\ldots, \quad \lambda = 1.05070\ldots

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [-1.7581, inf).

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At 0 the derivative is lambda alpha, the one of the left side, as `torch.nn.functional.selu` has it.
    For a standard normal x both E f(x) = 0 and E f(x)^2 = 1; this fixes alpha and lambda.

    References
    ----------
    .. [1] Klambauer, Unterthiner, Mayr, Hochreiter: Self-Normalizing Neural Networks, NIPS 2017.

    Examples
    --------
    >>> selu([-1000.0, 0.0, 1.0]).round(4).tolist()
    [-1.7581, 0.0, 1.0507]
    >>> selu.grad([0.0, 1.0]).round(4).tolist()
    [1.7581, 1.0507]
    """
    x = np.asarray(input)
    right, left = x.dtype.type(SELU_SCALE), x.dtype.type(SELU_SCALE * SELU_ALPHA)
    # One of the two terms is 0.
    return right * positive_part(x) + left * np.expm1(_negative_part(x))


@selu.derivative
def _(input: FloatArray) -> FloatArray:
    right, left = input.dtype.type(SELU_SCALE), input.dtype.type(SELU_SCALE * SELU_ALPHA)
    # On the right the exponential is 1, and left - right is exact.
    return left * np.exp(_negative_part(input)) - (left - right) * where_true(input > 0, input)


@activation(range=(0.0, np.inf), monotonic=True, smooth=True, saturates="left", lipschitz=np.inf)
def relu_squared(input: Numbers) -> FloatArray:
    r"""The square of the rectified linear unit, whose derivative has no jump.

    .. math:: f(x) = \max(0, x)^2, \qquad f'(x) = 2 \max(0, x)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [0, inf).

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] So, Manke, Liu, Dai, Shazeer, Le: Primer: Searching for Efficient Transformers for Language
       Modeling, NeurIPS 2021.

    Examples
    --------
    >>> relu_squared([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.0, 9.0]
    >>> relu_squared.grad([-2.0, 0.0, 3.0]).tolist()
    [0.0, 0.0, 6.0]
    """
    return np.square(positive_part(np.asarray(input)))


@relu_squared.derivative
def _(input: FloatArray) -> FloatArray:
    return 2 * positive_part(input)


def _read_numbers(name: str, arguments: dict[str, Any]) -> None:
    for option in ("threshold", "value"):
        arguments[option] = as_number(arguments[option], f"{name}: {option}")


@activation(
    range=(-np.inf, np.inf),
    monotonic=False,
    smooth=False,
    saturates="left",
    lipschitz=np.inf,
    read=_read_numbers,
)
def threshold(input: Numbers, threshold: float, value: float) -> FloatArray:
    r"""The identity above a threshold, and one value for all the rest.

    .. math:: f(x) = \begin{cases} x & x > \text{threshold} \\
              \text{value} & x \le \text{threshold} \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    threshold : where the identity begins.
    value : what is put in the place of every number that is not greater.

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    ValueError
        If `threshold` or `value` is not one number.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    At the threshold itself the derivative is 0, as `torch.nn.functional.threshold` has it. The two numbers
    are compared and put in as numbers of the dtype of `input`. The facts hold whatever they are, except that
    the function does not jump, and never falls, where they are equal.

    Examples
    --------
    >>> threshold([-2.0, 1.0, 3.0], 1.0, -5.0).tolist()
    [-5.0, -5.0, 3.0]
    >>> threshold.grad([-2.0, 1.0, 3.0], 1.0, -5.0).tolist()
    [0.0, 0.0, 1.0]
    """
    x = np.asarray(input)
    kind = x.dtype.type
    return nan_where_nan(select(x > kind(threshold), x, kind(value)), x)


@threshold.derivative
def _(input: FloatArray, threshold: float, value: float) -> FloatArray:
    return where_true(input > input.dtype.type(threshold), input)


def _read_channels(name: str, arguments: dict[str, Any]) -> None:
    """The weight in a shape that broadcasts to that of the input."""
    weight = as_float_array(arguments["weight"], f"{name}: weight")
    shape = arguments["input"].shape
    channels = shape[1] if len(shape) > 1 else 1
    if weight.shape not in ((), (1,), (channels,)):
        one = "" if channels == 1 else f" or ({channels},), a slope for each channel on axis 1,"
        raise ValueError(
            f"{name}: input has shape {shape} and weight has shape {weight.shape}; the shape (), (1,){one} "
            "is wanted."
        )
    trailing = (1,) * (len(shape) - 2)
    arguments["weight"] = weight.reshape(() if weight.size == 1 else (channels, *trailing))


@activation(
    range=(-np.inf, np.inf),
    monotonic=False,
    smooth=False,
    saturates="no",
    lipschitz=np.inf,
    arrays=("input", "weight"),
    read=_read_channels,
)
def prelu(input: Numbers, weight: Numbers) -> FloatArray:
    r"""The parametric rectified linear unit: its slope on the left is learned.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ w x & x \le 0 \end{cases}, \qquad
              \frac{\partial f}{\partial w} = \min(0, x)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    weight : the slope w for x <= 0: one number, of shape () or (1,), or one for each channel of an input of
        shape (N, C, ...), of shape (C,).

    Returns
    -------
    Array of the shape and dtype of `input`.

    Raises
    ------
    ValueError
        If `weight` has another shape.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    At the kink the derivative is `weight`, as `torch.nn.functional.prelu` has it. `prelu.vjp(input, weight=w,
    grad_output=g, wrt="weight")` is the gradient by the weight, in the shape in which it was given. The facts
    are those that hold for every weight: with a negative one the function falls on the left.

    References
    ----------
    .. [1] He, Zhang, Ren, Sun: Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
       Classification, ICCV 2015.

    Examples
    --------
    >>> prelu([-2.0, 3.0], 0.25).tolist()
    [-0.5, 3.0]
    >>> x, g = [[-2.0, 1.0], [-4.0, -1.0]], [[1.0, 1.0], [0.5, 3.0]]
    >>> prelu.vjp(x, g, [0.25, 0.5], wrt="weight").tolist()
    [-4.0, -3.0]
    """
    x = np.asarray(input)
    return select(x > 0, x, np.asarray(weight) * x)


@prelu.derivative
def _(input: FloatArray, weight: FloatArray) -> FloatArray:
    slope = select(input > 0, input.dtype.type(1), np.broadcast_to(weight, input.shape))
    return nan_where_nan(slope, input)


@prelu.derivative("weight")
def _(input: FloatArray, weight: FloatArray) -> FloatArray:
    return at_most(input, 0)


def _read_slopes(name: str, arguments: dict[str, Any]) -> None:
    lower, upper = arguments["lower"], arguments["upper"]
    if not -np.inf < lower <= upper < np.inf:
        raise ValueError(
            f"{name}: lower is {lower} and upper is {upper}; finite numbers are wanted, "
            "lower not the greater one."
        )
    if arguments["training"]:
        arguments["rng"] = as_generator(arguments["rng"], f"{name}: rng")
        # In this order the random numbers are drawn, whatever the layout of the arrays is.
        arguments["input"] = np.asarray(arguments["input"], order="C")


@shared
def _random_slopes(x: FloatArray, lower: float, upper: float, rng: np.random.Generator) -> FloatArray:
    return rng.uniform(lower, upper, x.shape).astype(x.dtype, copy=False)


def _left_slope(x: FloatArray, lower: float, upper: float, training: bool, rng: Any) -> Any:
    """The slope of rrelu for x <= 0: a random one for each number, or the mean of all."""
    if training:
        return _random_slopes(x, lower, upper, rng)
    return x.dtype.type((lower + upper) / 2)


@activation(
    range=(-np.inf, np.inf),
    monotonic=True,
    smooth=False,
    saturates="no",
    lipschitz=1.0,
    read=_read_slopes,
)
def rrelu(
    input: Numbers,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
    *,
    rng: int | np.random.Generator | None = None,
) -> FloatArray:
    r"""The randomised leaky rectified linear unit: in training its slope on the left is drawn by lot.

    .. math:: f(x) = \begin{cases} x & x > 0 \\ r x & x \le 0 \end{cases}, \qquad
              r \sim U(\text{lower}, \text{upper}) \text{ in training, else }
              r = \frac{\text{lower} + \text{upper}}{2}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    lower, upper : the interval of the slopes for x <= 0.
    training : whether each number gets a slope of its own, drawn from that interval.
    rng : where the slopes come from in training: a seed, a `numpy.random.Generator`, or None for others in
        each call.

    Returns
    -------
    Array of the same shape.

    Raises
    ------
    ValueError
        If `lower` is greater than `upper`, or one of them is not finite.
    TypeError
        If an argument is not made of real numbers, or `rng` is neither a seed nor a generator.

    Notes
    -----
    At the kink the derivative is r, as `torch.nn.functional.rrelu` has it. `rrelu.value_and_grad` draws once
    for both; two calls with the same integer `rng` draw the same slopes. The facts are those of evaluation.

    References
    ----------
    .. [1] Xu, Wang, Chen, Li: Empirical Evaluation of Rectified Activations in Convolutional Network,
       arXiv:1505.00853, 2015.

    Examples
    --------
    >>> rrelu([-4.8, 3.0]).round(4).tolist()
    [-1.1, 3.0]
    >>> value, slope = rrelu.value_and_grad([-1.0, 3.0], training=True, rng=0)
    >>> bool(value[0] == -slope[0]), bool(1 / 8 <= slope[0] <= 1 / 3)
    (True, True)
    """
    x = np.asarray(input)
    return select(x > 0, x, _left_slope(x, lower, upper, training, rng) * x)


@rrelu.derivative
def _(input: FloatArray, lower: float, upper: float, training: bool, rng: Any) -> FloatArray:
    slope = select(input > 0, input.dtype.type(1), _left_slope(input, lower, upper, training, rng))
    return nan_where_nan(slope, input)
