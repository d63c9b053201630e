"""Activations that multiply their input by a gate: by something between 0 and 1 that depends on it.

The gated linear units at the end cut a vector into halves a and b, and pass a through a gate made of b.
"""

from __future__ import annotations

import numpy as np

from lossact._arithmetic import product_in_two_parts
from lossact._arrays import FloatArray, Numbers
from lossact._blocks import (
    at_least,
    clamp,
    minus_abs,
    positive_part,
    select,
    select_by_sign,
    shared,
    where_true,
    within,
)
from lossact._declare import activation
from lossact._normal import normal_product, normal_product_slope
from lossact.activations.squashing import ordinary_sigmoid


def _finite(x: FloatArray) -> FloatArray:
    """`x` with infinities made the largest finite numbers: there a closed gate is 0, and inf * 0 is nan."""
    largest = np.finfo(x.dtype).max
    return clamp(x, -largest, largest)


@shared
def _decay(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """exp(-|x|) as two factors that stay normal numbers where their product no longer does.

    In the far left tail x exp(x) has more digits than exp(x), if x is multiplied by one factor first.
    """
    size = np.abs(x)
    limit = size.dtype.type(64 if size.dtype == np.float32 else 512)
    is_far = size > limit
    # Between the limit and its double, where exp(-|x|) vanishes, the difference is exact.
    near = np.exp(-select(is_far, size - limit, size))
    return near, select(is_far, np.exp(-limit), size.dtype.type(1))


@activation(
    range=(-0.27846454276107380, np.inf),
    monotonic=False,
    smooth=True,
    saturates="left",
    lipschitz=1.0998393201288669,
)
def silu(input: Numbers) -> FloatArray:
    r"""The sigmoid linear unit, also called swish: the input times its sigmoid.

    .. math:: f(x) = x \sigma(x), \qquad f'(x) = \sigma(x) (1 + x \sigma(-x))

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape. The smallest value, -0.2785, is taken at x = -1.2785.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] Elfwing, Uchibe, Doya: Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
       Reinforcement Learning, Neural Networks 107, 2018.
    .. [2] Ramachandran, Zoph, Le: Searching for Activation Functions, 2017.

    Examples
    --------
    >>> silu([-np.inf, 0.0, 2.0]).round(4).tolist()
    [-0.0, 0.0, 1.7616]
    >>> silu.grad(0.0)
    np.float64(0.5)
    """
    x = np.asarray(input)
    ordinary = ordinary_sigmoid(x)
    if ordinary is not None:
        return x * ordinary[0]
    # Only exp(-|x|) is taken: on the left the formula is x e^x / (1 + e^x), on the right x / (1 + e^-x).
    near, far = _decay(x)
    return select_by_sign(x, _finite(x) * near * far, x) / (1 + near * far)


@silu.derivative
def _(input: FloatArray) -> FloatArray:
    ordinary = ordinary_sigmoid(input)
    if ordinary is not None:
        gate, total = ordinary
        return gate * (1 + input / total)
    x = _finite(input)
    near, far = _decay(input)
    decay = near * far
    # Numerator and denominator times (1 + exp(-|x|))^2, so that no sigmoid is rounded before the sum.
    left, right = (1 + x + decay) * near * far, 1 + decay + x * decay
    return select_by_sign(x, left, right) / (1 + decay) ** 2


@activation(range=(-0.375, np.inf), monotonic=False, smooth=False, saturates="left", lipschitz=1.5)
def hardswish(input: Numbers) -> FloatArray:
    r"""The sigmoid linear unit with straight lines for its sigmoid.

    .. math:: f(x) = x \, \frac{\min(\max(x + 3, 0), 6)}{6}, \qquad
              f'(x) = \begin{cases} 0 & x \le -3 \\ (2x + 3) / 6 & -3 < x < 3 \\ 1 & x \ge 3 \end{cases}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape with values in [-0.375, inf).

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    At the kinks -3 and 3 the derivative is the one of the outer line, 0 and 1, as
    `torch.nn.functional.hardswish` has it.

    References
    ----------
    .. [1] Howard et al.: Searching for MobileNetV3, ICCV 2019, section 5.2.

    Examples
    --------
    >>> hardswish([-4.0, -1.5, 3.0]).tolist()
    [-0.0, -0.375, 3.0]
    >>> hardswish.grad([-3.0, 0.0, 3.0]).tolist()
    [0.0, 0.5, 1.0]
    """
    # Cut off below before it is multiplied, because -inf * 0 is nan.
    return at_least(np.asarray(input), -3) * ((_bent(input) + 3) / 6)


@hardswish.derivative
def _(input: FloatArray) -> FloatArray:
    # (2 x + 3) / 6 inside, and outside (x + 3) / 6 of the nearer kink, which is 0 or 1.
    inside = where_true(np.abs(input) < 3, input)
    return (_bent(input) * (1 + inside) + 3) / 6


@shared
def _bent(x: FloatArray) -> FloatArray:
    return clamp(x, -3, 3)


@activation(
    range=(0.0, np.inf),
    monotonic=False,
    smooth=True,
    saturates="no",
    symmetry="even",
    lipschitz=1.1996786402577338,
)
def lisht(input: Numbers) -> FloatArray:
    r"""The linearly scaled hyperbolic tangent: a smooth absolute value.

    .. math:: f(x) = x \tanh x, \qquad f'(x) = \tanh x + \frac{x}{\cosh^2 x}

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
    .. [1] Roy, Manna, Dubey, Chaudhuri: LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent Activation
       Function for Neural Networks, 2019.

    Examples
    --------
    >>> lisht([-2.0, 0.0, 2.0]).round(4).tolist()
    [1.9281, 0.0, 1.9281]
    >>> lisht.grad(0.0)
    np.float64(0.0)
    """
    return np.asarray(input) * _tanh(input)


@lisht.derivative
def _(input: FloatArray) -> FloatArray:
    # 1 / cosh(x)^2 by way of exp(-2|x|), as in the derivative of tanh. Both terms have the sign of x.
    decay = np.exp(2 * minus_abs(input))
    return _tanh(input) + _finite(input) * (4 * decay / (1 + decay) ** 2)


@shared
def _tanh(x: FloatArray) -> FloatArray:
    return np.tanh(x)


@activation(
    range=(-0.30884341301725041, np.inf),
    monotonic=False,
    smooth=True,
    saturates="left",
    lipschitz=1.0884981612517279,
)
def mish(input: Numbers) -> FloatArray:
    r"""The input times the hyperbolic tangent of its softplus.

    .. math:: f(x) = x \tanh \log(1 + e^x), \qquad
              f'(x) = \tanh \log(1 + e^x) + \frac{x \sigma(x)}{\cosh^2 \log(1 + e^x)}

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape. The smallest value, -0.3088, is taken at x = -1.1924.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    References
    ----------
    .. [1] Misra: Mish: A Self Regularized Non-Monotonic Activation Function, BMVC 2020.

    Examples
    --------
    >>> mish([-np.inf, 0.0, 2.0]).round(4).tolist()
    [-0.0, 0.0, 1.944]
    >>> mish.grad(0.0)
    np.float64(0.6)
    """
    x = np.asarray(input)
    if within(x, *_MISH_ORDINARY):
        # With e = exp(x) the gate is e (2 + e) / (2 + e (2 + e)).
        rise, product = _mish_parts(x)[1:]
        return x * (product / (2 + product))
    # With e = exp(x) the gate is e (1 + e / 2) / q, q = 1 + e (1 + e / 2); on the right the same in exp(-x).
    near, far = _decay(x)
    decay = near * far
    rise = 1 + decay / 2
    left = _finite(x) * near * far * (rise / (1 + decay * rise))
    right = x * ((1 + 2 * decay) / (1 + 2 * decay * (1 + decay)))
    return select_by_sign(x, left, right)


@mish.derivative
def _(input: FloatArray) -> FloatArray:
    if within(input, *_MISH_ORDINARY):
        # In the same e and q = 2 + e (2 + e) the derivative is e ((2 + e) q + 4 x (1 + e)) / q^2.
        e, rise, product = _mish_parts(input)
        q = 2 + product
        return e * (rise * q + 4 * input * (1 + e)) / (q * q)
    x = _finite(input)
    near, far = _decay(input)
    decay = near * far
    # In the same e and q the derivative is e ((1 + e / 2) q + x (1 + e)) / q^2.
    rise = 1 + decay / 2
    q = 1 + decay * rise
    left = (rise * q + x * (1 + decay)) * near * far / q**2
    # And on the right, with e = exp(-x) and q = 1 + 2 e (1 + e), ((1 + 2 e) q + 4 x e^2 (1 + e)) / q^2.
    q = 1 + 2 * decay * (1 + decay)
    right = ((1 + 2 * decay) * q + 4 * decay * decay * (1 + decay) * x) / q**2
    return select_by_sign(x, left, right)


# Here the fourth power of exp(x) does not overflow, and its first is a normal number.
_MISH_ORDINARY = -80.0, 20.0


@shared
def _mish_parts(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """e, 2 + e and e (2 + e) for e = exp(x)."""
    e = np.exp(x)
    rise = 2 + e
    return e, rise, e * rise


# 2 sqrt(2 / pi), and 0.044715 times it, each with the part that does not fit into a float64.
_LINEAR, _LINEAR_REST = 1.5957691216057308, -9.96930880911092e-17
_CUBIC, _CUBIC_REST = 0.07135481627260025, -6.175149918155315e-19


@shared
def _tanh_parts(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """x in float64, |x|, and exp(-u) in two factors, for u = 2 sqrt(2 / pi) (|x| + 0.044715 |x|^3).

    u is carried in two parts, because the exponential magnifies the rounding of a large argument.
    """
    # Beyond 100 the gate is 0 or 1 in every float, and x^3 has not overflown yet.
    x = clamp(x.astype(np.float64, copy=False), -100, 100)
    size = np.abs(x)
    square, square_rest = product_in_two_parts(size, size)
    cubic, cubic_rest = product_in_two_parts(square, np.full_like(square, _CUBIC))
    factor = _LINEAR + cubic
    lost = _LINEAR - (factor - (factor - _LINEAR)) + (cubic - (factor - _LINEAR))
    u, rest = product_in_two_parts(size, factor)
    rest = rest + size * (lost + _LINEAR_REST + cubic_rest + square_rest * _CUBIC + square * _CUBIC_REST)
    near, far = _decay(u)
    return x, size, near - near * rest, far


def _is_exact(approximate: str) -> bool:
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate is {approximate!r}; 'none' or 'tanh' is wanted.")
    return approximate == "none"


@activation(
    range=(-0.16997120747990370, np.inf),
    monotonic=False,
    smooth=True,
    saturates="left",
    lipschitz=1.1289041451851548,
)
def gelu(input: Numbers, approximate: str = "none") -> FloatArray:
    r"""The Gaussian error linear unit: the input times the normal distribution function.

    .. math:: f(x) = x \Phi(x), \qquad f'(x) = \Phi(x) + x \varphi(x)

    With `approximate="tanh"` the gate is a sigmoid instead, which is close to it:

    .. math:: f(x) = \frac{x}{2} \left( 1 + \tanh u \right) = x \sigma(2u), \qquad
              u = \sqrt{2 / \pi} \, (x + 0.044715 x^3)

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).
    approximate : "none" or "tanh".

    Returns
    -------
    Array of the same shape. The smallest value, -0.17, is taken at x = -0.7518.

    Raises
    ------
    ValueError
        If `approximate` is neither "none" nor "tanh".
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    float32 is computed in float64 and rounded at the end. In float64, left of -1, the derivative of the tanh
    form may be off by up to 8 units in the last place, because it is a product of several rounded factors.
    The facts are those of the exact form.

    References
    ----------
    .. [1] Hendrycks, Gimpel: Gaussian Error Linear Units (GELUs), arXiv:1606.08415, 2016.

    Examples
    --------
    >>> gelu([-np.inf, 0.0, 2.0]).round(4).tolist()
    [-0.0, 0.0, 1.9545]
    >>> gelu([-np.inf, 0.0, 2.0], approximate="tanh").round(4).tolist()
    [-0.0, 0.0, 1.9546]
    >>> gelu.grad(0.0)
    np.float64(0.5)
    """
    exact = np.asarray(input)
    if _is_exact(approximate):
        return normal_product(exact)
    x, _, near, far = _tanh_parts(exact)
    total = 1 + near * far
    left, gate = x * near * far / total, select_by_sign(x, near * far, np.float64(1)) / total
    return select(x < -1, left, exact * gate)


@gelu.derivative
def _(input: FloatArray, approximate: str) -> FloatArray:
    if _is_exact(approximate):
        return normal_product_slope(input)
    # sigma(2u) + x (2u)' sigma(2u) sigma(-2u), times the square of 1 + exp(-2|u|).
    x, size, near, far = _tanh_parts(input)
    decay, rise = near * far, size * (_LINEAR + 3 * _CUBIC * size * size)
    square = (1 + decay) ** 2
    left, right = (1 + decay - rise) * near * far / square, (1 + decay + rise * decay) / square
    return select_by_sign(x, left, right)


# What 1.702 has lost by rounding to a float64.
_STEEPNESS, _STEEPNESS_REST = 1.702, 4.263256414560601e-17


@shared
def _steep_parts(x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """x, u = 1.702 |x|, and exp(-u) in two factors; u is carried in two parts."""
    # Beyond 1000 the gate is 0 or 1 in every float.
    x = clamp(x, -1000, 1000)
    size = np.abs(x)
    u, rest = product_in_two_parts(size, np.full_like(size, _STEEPNESS))
    near, far = _decay(u)
    return x, u, near - near * (rest + size * _STEEPNESS_REST), far


def _steep_decay(x: FloatArray, low: float, high: float) -> tuple[FloatArray, FloatArray]:
    """x, cut off where the gate is 0 or 1 in float32, and exp(-1.702 x), both in float64."""
    x = clamp(x.astype(np.float64), low, high)
    return x, np.exp(-_STEEPNESS * x)


@activation(
    range=(-0.27846454276107380 / 1.702, np.inf),
    monotonic=False,
    smooth=True,
    saturates="left",
    lipschitz=1.0998393201288669,
)
def quick_gelu(input: Numbers) -> FloatArray:
    r"""The sigmoid form of the Gaussian error linear unit: the input times a steep sigmoid of it.

    .. math:: f(x) = x \sigma(1.702 x), \qquad
              f'(x) = \sigma(u) (1 + u \sigma(-u)), \quad u = 1.702 x

    Parameters
    ----------
    input : array of any shape, float32 or float64 (integers become float64).

    Returns
    -------
    Array of the same shape. The smallest value, -0.1636, is taken at x = -0.7512.

    Raises
    ------
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    float32 is computed in float64 and rounded at the end.

    References
    ----------
    .. [1] Hendrycks, Gimpel: Gaussian Error Linear Units (GELUs), arXiv:1606.08415, 2016.

    Examples
    --------
    >>> quick_gelu([-np.inf, 0.0, 2.0]).round(4).tolist()
    [-0.0, 0.0, 1.9357]
    >>> quick_gelu.grad(0.0)
    np.float64(0.5)
    """
    exact = np.asarray(input)
    if exact.dtype == np.float32:
        x, decay = _steep_decay(exact, -1000, np.inf)
        return x / (1 + decay)
    x, _, near, far = _steep_parts(exact)
    decay = near * far
    return select_by_sign(x, x * near * far, exact) / (1 + decay)


@quick_gelu.derivative
def _(input: FloatArray) -> FloatArray:
    if input.dtype == np.float32:
        x, decay = _steep_decay(input, -200, 200)
        return (1 + decay + _STEEPNESS * x * decay) / np.square(1 + decay)
    x, u, near, far = _steep_parts(input)
    decay = near * far
    left, right = (1 + decay - u) * near * far, 1 + decay + u * decay
    return select_by_sign(x, left, right) / (1 + decay) ** 2


@shared
def _halves(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The first and the second half of the vectors on axis 1."""
    length = x.shape[1] // 2
    return np.ascontiguousarray(x[:, :length]), np.ascontiguousarray(x[:, length:])


@shared
def _two_factors(b: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """sigmoid(b) as two factors that stay normal numbers where their product no longer does; exp(-|b|)."""
    near, far = _decay(b)
    decay, one = near * far, b.dtype.type(1)
    return select_by_sign(b, near, one) / (1 + decay), select_by_sign(b, far, one), decay


@activation(
    range=(-np.inf, np.inf),
    monotonic=False,
    smooth=True,
    saturates="no",
    lipschitz=np.inf,
    elementwise=False,
    output="half",
)
def glu(input: Numbers, dim: int = -1) -> FloatArray:
    r"""The gated linear unit: one half of the vector, times the sigmoid of the other.

    .. math:: f(a, b) = a \, \sigma(b)

    Parameters
    ----------
    input : array of at least one dimension, float32 or float64 (integers become float64), that has an even
        length along `dim`. The first half is a, the second b.
    dim : the axis that is cut into halves.

    Returns
    -------
    Array of the shape of `input`, but half as long along `dim`.

    Raises
    ------
    ValueError
        If `input` has an odd length along `dim`.
    TypeError
        If `input` is not made of real numbers.
    numpy.exceptions.AxisError
        If `input` has no axis `dim`.

    Notes
    -----
    As in `torch.nn.functional.glu` it is the first half that passes, and the second that is the gate.

    References
    ----------
    .. [1] Dauphin, Fan, Auli, Grangier: Language Modeling with Gated Convolutional Networks, ICML 2017.

    Examples
    --------
    >>> glu([3.0, -2.0, 0.0, np.inf]).tolist()
    [1.5, -2.0]
    >>> glu.vjp([4.0, 0.0], [1.0]).tolist()
    [0.5, 1.0]
    """
    a, b = _halves(np.asarray(input))
    gate, rest, _ = _two_factors(b)
    return a * gate * rest


@glu.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    a, b = _halves(input)
    gate, rest, decay = _two_factors(b)
    # sigma(b) sigma(-b) = exp(-|b|) / (1 + exp(-|b|))^2, in two factors too.
    near, far = _decay(b)
    slope = grad_output * a * (near / (1 + decay) ** 2) * far
    return np.concatenate([grad_output * gate * rest, slope], axis=1)


@activation(
    range=(-np.inf, np.inf),
    monotonic=False,
    smooth=True,
    saturates="no",
    lipschitz=np.inf,
    elementwise=False,
    output="half",
)
def swiglu(input: Numbers, dim: int = -1) -> FloatArray:
    r"""The gated linear unit with `silu` (swish) for a gate.

    .. math:: f(a, b) = a \, b \, \sigma(b)

    Parameters
    ----------
    input : array of at least one dimension, float32 or float64 (integers become float64), that has an even
        length along `dim`. The first half is a, the second b.
    dim : the axis that is cut into halves.

    Returns
    -------
    Array of the shape of `input`, but half as long along `dim`.

    Raises
    ------
    ValueError
        If `input` has an odd length along `dim`.
    TypeError
        If `input` is not made of real numbers.
    numpy.exceptions.AxisError
        If `input` has no axis `dim`.

    Notes
    -----
    The halves are in the order of `torch.nn.functional.glu`. There is no matrix in it: `input` holds the two
    linear maps of the paper side by side.

    References
    ----------
    .. [1] Shazeer: GLU Variants Improve Transformer, arXiv:2002.05202, 2020.

    Examples
    --------
    >>> swiglu([3.0, -2.0, 0.0, 2.0]).round(4).tolist()
    [0.0, -3.5232]
    >>> swiglu.vjp([4.0, 0.0], [1.0]).tolist()
    [0.0, 2.0]
    """
    a, b = _halves(np.asarray(input))
    return _times_silu(a, b)


def _times_silu(a: FloatArray, b: FloatArray) -> FloatArray:
    """a b sigmoid(b)."""
    gate, rest, _ = _two_factors(b)
    b = at_least(b, -np.finfo(b.dtype).max)
    # First the gate times b, which stays an ordinary number unless b is tiny; then it goes to a first.
    is_tiny = np.abs(b) < 1
    return select(is_tiny, b, a) * (select(is_tiny, a, b) * gate) * rest


@swiglu.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    a, b = _halves(input)
    _, rest, decay = _two_factors(b)
    near, _ = _decay(b)
    finite = _finite(b)
    # As in the derivative of silu, in two factors.
    numerator = select_by_sign(b, (1 + finite + decay) * near, 1 + decay + finite * decay)
    slope = grad_output * a * (numerator / (1 + decay) ** 2) * rest
    return np.concatenate([_times_silu(grad_output, b), slope], axis=1)


@activation(
    range=(-np.inf, np.inf),
    monotonic=False,
    smooth=True,
    saturates="no",
    lipschitz=np.inf,
    elementwise=False,
    output="half",
)
def geglu(input: Numbers, dim: int = -1) -> FloatArray:
    r"""The gated linear unit with `gelu`, in its exact form, for a gate.

    .. math:: f(a, b) = a \, b \, \Phi(b)

    Parameters
    ----------
    input : array of at least one dimension, float32 or float64 (integers become float64), that has an even
        length along `dim`. The first half is a, the second b.
    dim : the axis that is cut into halves.

    Returns
    -------
    Array of the shape of `input`, but half as long along `dim`.

    Raises
    ------
    ValueError
        If `input` has an odd length along `dim`.
    TypeError
        If `input` is not made of real numbers.
    numpy.exceptions.AxisError
        If `input` has no axis `dim`.

    Notes
    -----
    The halves are in the order of `torch.nn.functional.glu`. There is no matrix in it: `input` holds the two
    linear maps of the paper side by side.

    References
    ----------
    .. [1] Shazeer: GLU Variants Improve Transformer, arXiv:2002.05202, 2020.

    Examples
    --------
    >>> geglu([3.0, -2.0, 0.0, 2.0]).round(4).tolist()
    [0.0, -3.909]
    >>> geglu.vjp([4.0, 0.0], [1.0]).tolist()
    [0.0, 2.0]
    """
    a, b = _halves(np.asarray(input))
    return a * _gelu(b)


@geglu.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    a, b = _halves(input)
    slope = grad_output * a * normal_product_slope(b)
    return np.concatenate([grad_output * _gelu(b), slope], axis=1, dtype=input.dtype)


@shared
def _gelu(b: FloatArray) -> FloatArray:
    return normal_product(b)


@activation(
    range=(-np.inf, np.inf),
    monotonic=False,
    smooth=False,
    saturates="no",
    lipschitz=np.inf,
    elementwise=False,
    output="half",
)
def reglu(input: Numbers, dim: int = -1) -> FloatArray:
    r"""The gated linear unit with `relu` for a gate.

    .. math:: f(a, b) = a \max(0, b)

    Parameters
    ----------
    input : array of at least one dimension, float32 or float64 (integers become float64), that has an even
        length along `dim`. The first half is a, the second b.
    dim : the axis that is cut into halves.

    Returns
    -------
    Array of the shape of `input`, but half as long along `dim`.

    Raises
    ------
    ValueError
        If `input` has an odd length along `dim`.
    TypeError
        If `input` is not made of real numbers.
    numpy.exceptions.AxisError
        If `input` has no axis `dim`.

    Notes
    -----
    The halves are in the order of `torch.nn.functional.glu`. There is no matrix in it: `input` holds the two
    linear maps of the paper side by side. At b = 0 the derivative by b is 0, as that of
    `relu`.

    References
    ----------
    .. [1] Shazeer: GLU Variants Improve Transformer, arXiv:2002.05202, 2020.

    Examples
    --------
    >>> reglu([3.0, -2.0, -1.0, 2.0]).tolist()
    [0.0, -4.0]
    >>> reglu.vjp([4.0, 2.0], [1.0]).tolist()
    [2.0, 4.0]
    """
    a, b = _halves(np.asarray(input))
    return a * positive_part(b)


@reglu.derivative
def _(input: FloatArray, grad_output: FloatArray, dim: int) -> FloatArray:
    a, b = _halves(input)
    return np.concatenate([grad_output * positive_part(b), grad_output * a * where_true(b > 0, b)], axis=1)
