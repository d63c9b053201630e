"""How far two distributions are apart, how uncertain one is, and how little two sets overlap.

Distributions are vectors of probabilities on the class axis, which is 1, after the batch, with any number of
axes behind it; a single vector has its classes on axis 0. That probabilities sum to 1 is not checked: each
loss is its formula, differentiated with respect to every entry on its own.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossact._arithmetic import gap_above_tangent, gap_below_tangent, log_of_ratio
from lossact._arrays import FloatArray, Numbers, as_float_array, same_shape
from lossact._blocks import select, shared
from lossact._declare import REDUCTIONS, loss
from lossact.activations.normalising import log_softmax, shifted_exponentials


def _read_pair(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)


def _read_vectors(name: str, arguments: dict[str, Any]) -> None:
    if "target" in arguments:
        _read_pair(name, arguments)
    input = arguments["input"] = as_float_array(arguments["input"], "input")
    if input.ndim == 0:
        raise ValueError(f"{name}: input is a single number; a vector of classes is wanted.")
    if input.shape[min(1, input.ndim - 1)] == 0:
        raise ValueError(f"{name}: input has shape {input.shape}; at least one class is wanted.")


def _refuse_outside(name: str, key: str, values: Any, upper: float, wanted: str) -> None:
    outside = (values < 0) | (values > upper)
    if np.any(outside):
        raise ValueError(f"{name}: {key} holds {values[outside].flat[0]!s}; {wanted} are wanted.")


def _check_probabilities(name: str, arguments: dict[str, Any]) -> None:
    for key in ("input", "target"):
        if key in arguments:
            wanted = "probabilities between 0 and 1"
            _refuse_outside(name, key, np.asarray(arguments[key]), 1.0, wanted)


def _sum(terms: Any) -> FloatArray:
    """The sum over the classes, in float64: as many as there may be, it does not drift."""
    total: FloatArray = np.sum(terms, axis=1, dtype=np.float64)
    return total


def _log(probability: Any) -> FloatArray:
    """The logarithm, finite at 0, so that there it makes nothing of what is multiplied by 0."""
    return np.log(np.maximum(probability, np.finfo(probability.dtype).smallest_subnormal))


# --- divergences


def _read_kl_div(name: str, arguments: dict[str, Any]) -> None:
    _read_pair(name, arguments)
    if not isinstance(arguments["log_target"], bool | np.bool_):
        raise TypeError(f"{name}: log_target is {arguments['log_target']!r}; True or False is wanted.")


def _check_kl_div(name: str, arguments: dict[str, Any]) -> None:
    if not arguments["log_target"]:
        wanted = "with log_target=False, probabilities not less than 0"
        _refuse_outside(name, "target", np.asarray(arguments["target"]), np.inf, wanted)


@loss(
    read=_read_kl_div,
    check=_check_kl_div,
    convex=True,
    smooth=True,
    lipschitz=1.0,
    domain=(-np.inf, 0.0),
    reductions=(*REDUCTIONS, "batchmean"),
)
def kl_div(
    input: Numbers, target: Numbers, *, reduction: str = "mean", log_target: bool = False
) -> FloatArray:
    r"""The Kullback-Leibler divergence of log-probabilities from a target distribution, in nats.

    .. math:: \ell(x, p) = p\, (\log p - x), \qquad \frac{\partial \ell}{\partial x} = -p, \qquad
              \frac{\partial \ell}{\partial p} = \log p - x + 1

    for each class, where x is the logarithm of the predicted probability; their sum is the divergence. With
    `log_target`, where y is the logarithm of p,

    .. math:: \ell(x, y) = e^y (y - x), \qquad \frac{\partial \ell}{\partial x} = -e^y, \qquad
              \frac{\partial \ell}{\partial y} = e^y (y - x + 1)

    Parameters
    ----------
    input : predicted log-probabilities (not probabilities), any shape, float32 or float64; the first axis is
        the batch.
    target : probabilities, or their logarithms with `log_target`; exactly the shape of `input`.
    reduction : "batchmean", the sum divided by the length of the first axis, is the divergence of the
        distributions; "mean" over all elements, which divides by the number of classes too; "sum", or "none"
        for one number an element.
    log_target : whether `target` holds logarithms.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats. A single element may be
    negative, the sum over two distributions is not.

    Raises
    ------
    ValueError
        If the shapes differ, a probability is less than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or `log_target` is not a bool.

    Notes
    -----
    A class of probability 0 costs nothing, whatever was predicted, not even a log-probability of -inf, where
    torch 2.13 returns nan. In its gradient with respect to a target of 0 torch returns nan, too; the slope of
    p log p there is -inf. The facts are those of targets that are probabilities.

    References
    ----------
    .. [1] Kullback, Leibler: On Information and Sufficiency, Annals of Mathematical Statistics 22, 1951.

    Examples
    --------
    >>> log_q = np.log([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    >>> p = [[0.5, 0.5, 0.0], [0.1, 0.1, 0.8]]
    >>> kl_div(log_q, p, reduction="batchmean").round(4)
    np.float64(0.1733)
    >>> kl_div.grad(log_q, p, reduction="batchmean")[0].tolist()
    [-0.25, -0.25, -0.0]
    """
    if log_target:
        return _times_exponential(target - np.asarray(input), target, input)
    losses = target * (_log(target) - input)
    # 0 times infinity, which costs nothing.
    return _without_nan(losses, np.isinf(input) & (target == 0))


@kl_div.derivative
def _(input: FloatArray, target: FloatArray, log_target: bool, **_: Any) -> FloatArray:
    slope = -np.exp(target) if log_target else -target
    return np.where(np.isnan(input), input, slope)


@kl_div.derivative("target")
def _(input: FloatArray, target: FloatArray, log_target: bool, **_: Any) -> FloatArray:
    if log_target:
        return _times_exponential(target - input + 1, target, input)
    return np.log(target) - input + 1


@kl_div.divisor
def _(*, input: FloatArray, reduction: str, **_: Any) -> float:
    return len(input) if reduction == "batchmean" and input.ndim else input.size


def _without_nan(values: FloatArray, nothing: Any) -> FloatArray:
    """`values`, with 0 for nan where `nothing` says so."""
    # Of a block without nan, which is nearly every block, only the minimum has to be looked at.
    if values.size and np.isnan(np.min(values)):
        return np.where(np.isnan(values) & nothing, 0, values)
    return values


def _times_exponential(factor: Any, exponent: Any, input: Any) -> FloatArray:
    """`factor` times exp(exponent), also where the exponential has few digits or none; 0 at -inf."""
    exponential = np.exp(exponent)
    product = factor * exponential
    tiny = exponential < np.finfo(exponential.dtype).tiny
    if np.any(tiny):
        root = np.exp(0.5 * exponent)
        halves = _without_nan(factor * root * root, (root == 0) & ~np.isnan(input))
        product = np.where(tiny, halves, product)
    return product


@loss(
    read=_read_vectors,
    check=_check_probabilities,
    vector_axis=1,
    arrays=("input", "target"),
    convex=True,
    smooth=True,
    lipschitz=np.inf,
    domain=(0.0, 1.0),
)
def jensen_shannon_divergence(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The Jensen-Shannon divergence: the mean divergence of two distributions from their middle, in nats.

    .. math:: \ell(q, p) = \tfrac12 \sum_k q_k \log \frac{q_k}{m_k}
              + \tfrac12 \sum_k p_k \log \frac{p_k}{m_k}, \qquad m = \tfrac12 (q + p), \qquad
              \frac{\partial \ell}{\partial q_k} = \tfrac12 \log \frac{q_k}{m_k}

    and the same with respect to p.

    Parameters
    ----------
    input : predicted probabilities in [0, 1] of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64.
        K classes on axis 1.
    target : the other distribution, exactly the shape of `input`.
    reduction : "mean" over the pairs of distributions, "sum", or "none" for one divergence a pair.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its class axis; in nats,
    from 0 for equal distributions to log 2 for those that have no class in common.

    Raises
    ------
    ValueError
        If the shapes differ, an entry is outside [0, 1], or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is symmetric to the last digit, finite even for classes that one of the two excludes, and
    the square of `scipy.spatial.distance.jensenshannon`. Near equal distributions it is an eighth of the sum
    of (q - p)^2 / m, of which the definition loses every digit. Where both probabilities are 0 the gradient
    is taken as 0, as it is wherever they are equal; where one alone is, its slope is -inf.

    References
    ----------
    .. [1] Lin: Divergence Measures Based on the Shannon Entropy, IEEE Transactions on Information Theory 37,
       1991.

    Examples
    --------
    >>> q, p = [[0.5, 0.5], [1.0, 0.0]], [[0.5, 0.5], [0.0, 1.0]]
    >>> jensen_shannon_divergence(q, p, reduction="none").round(4).tolist()
    [0.0, 0.6931]
    >>> (jensen_shannon_divergence([0.5 + 2**-30, 0.5 - 2**-30], [0.5, 0.5]) * 2**61).round(6)
    np.float64(1.0)
    """
    low, high = np.minimum(input, target), np.maximum(input, target)
    # With m - p added to p log(p / m), which changes no sum, every term of either distribution is positive:
    # p times the gap between log(m / p) and its tangent.
    half = 0.5 * (high - low)
    of_high = gap_below_tangent(-half, -half / (2 * high - half), high)
    near = gap_below_tangent(half, half / (2 * low + half), low)
    ratio = np.minimum((low + half) / low, np.finfo(low.dtype).max)
    of_low = select(half <= 2 * low, near, half - low * np.log(ratio))
    return 0.5 * _sum(np.where(high == 0, 0, of_high + of_low))


@jensen_shannon_divergence.derivative
def _js_slope(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    share = (input - target) / (input + target)
    far = log_of_ratio(input, 0.5 * input + 0.5 * target)
    slope = 0.5 * select(share >= -0.5, np.log1p(share), far)
    return _without_nan(slope, (input == 0) & (target == 0))


@jensen_shannon_divergence.derivative("target")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return _js_slope(target, input)


def _read_distillation(name: str, arguments: dict[str, Any]) -> None:
    _read_vectors(name, arguments)
    if not 0 < arguments["temperature"] < np.inf:
        raise ValueError(
            f"{name}: temperature is {arguments['temperature']!r}; a finite number greater than 0 is wanted."
        )


@loss(
    read=_read_distillation,
    vector_axis=1,
    arrays=("input", "target"),
    convex=True,
    smooth=True,
    lipschitz=2 * math.sqrt(2),
)
def distillation_loss(
    input: Numbers, target: Numbers, *, temperature: float = 2.0, reduction: str = "mean"
) -> FloatArray:
    r"""The divergence of a student's softened distribution from its teacher's, in nats.

    .. math:: \ell(z, t) = T^2 \sum_k p_k \log \frac{p_k}{q_k}, \qquad q = \mathrm{softmax}(z / T), \qquad
              p = \mathrm{softmax}(t / T)

    .. math:: \frac{\partial \ell}{\partial z} = T (q - p), \qquad
              \frac{\partial \ell}{\partial t_k} = T p_k \left(\log \frac{p_k}{q_k}
              - \sum_j p_j \log \frac{p_j}{q_j}\right)

    Parameters
    ----------
    input : the student's logits, of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64. K classes on
        axis 1.
    target : the teacher's logits (not probabilities), exactly the shape of `input`.
    temperature : T, greater than 0, by which the logits of both are divided; the higher, the more the
        teacher's small probabilities count.
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its class axis; in nats
    times the square of `temperature`.

    Raises
    ------
    ValueError
        If the shapes differ, `temperature` is not greater than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    The factor T^2 keeps the size of the gradients when the temperature changes, so that the loss can be added
    to a cross-entropy of true labels; [1]_ gives that one the smaller weight. Without it, it is
    `kl_div(log_softmax(z / T), log_softmax(t / T), log_target=True)` summed over the classes. In [1]_ the
    cross-entropy stands in place of the divergence, which has the same gradient for the student. The facts
    are those of temperature 2.

    References
    ----------
    .. [1] Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network, NIPS Deep Learning Workshop,
       2015, section 2.

    Examples
    --------
    >>> student, teacher = [[1.0, 2.0, 0.5]], [[2.0, 4.0, -1.0]]
    >>> distillation_loss(student, teacher, temperature=2.0).round(4)
    np.float64(0.5375)
    >>> distillation_loss.grad(student, teacher, temperature=2.0).round(4).tolist()
    [[0.0761, -0.4173, 0.3412]]
    """
    _, terms, _, _ = _distillation_parts(input, target, temperature)
    return np.square(float(temperature)) * _sum(terms)


@shared
def _distillation_parts(
    student: Any, teacher: Any, temperature: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """p; p log(p / q) + q - p, class by class; q - p; and d = log(q / p)."""
    scale = student.dtype.type(temperature)
    p, largest = _softmax(teacher / scale)
    q, _ = _softmax(student / scale)
    # log(q / p) is the difference of the logits, less the logarithm of the mean of its exponential under p.
    # Seen from its value at the teacher's first choice it vanishes with the difference of the two.
    difference = student - teacher
    apart = (difference - np.sum(np.where(largest, difference, 0), axis=1, keepdims=True)) / scale
    off = apart - np.log1p(np.sum(p * np.expm1(apart), axis=1, keepdims=True))
    # Far apart the exponentials magnify the rounding of p, and may overflow; the logarithms have all digits.
    is_far = ~(np.max(np.abs(apart), axis=1, keepdims=True) <= 8)
    if np.any(is_far):
        direct = log_softmax(student / scale, 1) - log_softmax(teacher / scale, 1)
        off = np.where(is_far, direct, off)
    # Where the two are alike their difference is p (e^d - 1), where q is larger by far q (1 - e^-d).
    change = select(off > 0, -q * np.expm1(-off), p * np.expm1(off))
    terms = select(np.abs(off) <= 1, p * gap_above_tangent(off), change - p * off)
    excluded = p == 0
    if np.any(excluded):
        change, terms = np.where(excluded, q, change), np.where(excluded, q, terms)
    return p, terms, change, off


def _softmax(scores: Any) -> tuple[FloatArray, Any]:
    """The softmax over the classes, and a mask of one largest entry of each vector."""
    _, exponentials, largest = shifted_exponentials(scores, 1)
    return exponentials / np.sum(exponentials, axis=1, keepdims=True), largest


@distillation_loss.derivative
def _(input: FloatArray, target: FloatArray, temperature: float, **_: Any) -> FloatArray:
    change = _distillation_parts(input, target, temperature)[2]
    return input.dtype.type(temperature) * change


@distillation_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, temperature: float, **_: Any) -> FloatArray:
    p, terms, _change, off = _distillation_parts(input, target, temperature)
    divergence = np.expand_dims(_sum(terms), 1).astype(input.dtype)
    slope = input.dtype.type(-temperature) * p * (off + divergence)
    return _without_nan(slope, p == 0)


# --- uncertainty


@loss(
    read=_read_vectors,
    check=_check_probabilities,
    vector_axis=1,
    arrays=("input",),
    convex=False,
    smooth=True,
    lipschitz=np.inf,
    domain=(0.0, 1.0),
)
def entropy(input: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The Shannon entropy of distributions, in nats: a regulariser, and the least cross-entropy there is.

    .. math:: H(p) = -\sum_k p_k \log p_k, \qquad \frac{\partial H}{\partial p_k} = -\log p_k - 1

    Parameters
    ----------
    input : probabilities in [0, 1] of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64. K classes on
        axis 1.
    reduction : "mean" over the distributions, "sum", or "none" for one entropy a distribution.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its class axis; in nats,
    from 0 for a certain distribution to log K for an even one.

    Raises
    ------
    ValueError
        If an entry is outside [0, 1], `input` is a single number, or `reduction` is unknown.
    TypeError
        If `input` is not made of real numbers.

    Notes
    -----
    It is `scipy.stats.entropy(p, axis=1)`, which divides by the sum of p first. It is concave: added to a
    loss it makes predictions certain, subtracted it keeps them uncertain. At a probability of 0 its slope is
    inf.

    References
    ----------
    .. [1] Shannon: A Mathematical Theory of Communication, Bell System Technical Journal 27, 1948.

    Examples
    --------
    >>> entropy([[0.5, 0.5, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]], reduction="none").round(4).tolist()
    [0.6931, 0.0]
    >>> entropy.grad([0.25, 0.75]).round(4).tolist()
    [0.3863, -0.7123]
    """
    return 0 - _sum(input * _log(input))


@entropy.derivative
def _(input: FloatArray, **_: Any) -> FloatArray:
    return -np.log(input) - 1


@loss(
    read=_read_vectors,
    check=_check_probabilities,
    vector_axis=1,
    arrays=("input", "target"),
    convex=True,
    smooth=True,
    lipschitz=np.inf,
    domain=(0.0, 1.0),
)
def distribution_cross_entropy(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The cross-entropy of two distributions that are given as probabilities, in nats.

    .. math:: H(p, q) = -\sum_k p_k \log q_k, \qquad
              \frac{\partial H}{\partial q_k} = -\frac{p_k}{q_k}, \qquad
              \frac{\partial H}{\partial p_k} = -\log q_k

    Parameters
    ----------
    input : predicted probabilities q in [0, 1] of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64.
        K classes on axis 1.
    target : true probabilities p, exactly the shape of `input`.
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its class axis; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, an entry is outside [0, 1], or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `keras.losses.categorical_crossentropy` of probabilities, which divides q by its sum and clips it at
    1e-7 first. Here nothing is clipped: a class that happens although its probability is 0 costs inf, one
    that does not happen costs nothing. If you hold logits, `cross_entropy` loses no digit on the way.

    References
    ----------
    .. [1] Cover, Thomas: Elements of Information Theory, 2nd edition, Wiley 2006, chapter 2.

    Examples
    --------
    >>> distribution_cross_entropy([0.25, 0.25, 0.5], [0.5, 0.5, 0.0]).round(4)
    np.float64(1.3863)
    >>> distribution_cross_entropy.grad([0.25, 0.25, 0.5], [0.5, 0.5, 0.0]).tolist()
    [-2.0, -2.0, 0.0]
    """
    terms = target * np.log(input)
    return 0 - _sum(_without_nan(terms, (np.asarray(input) == 0) & (target == 0)))


@distribution_cross_entropy.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return 0 - _without_nan(target / input, (input == 0) & (target == 0))


@distribution_cross_entropy.derivative("target")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return np.where(np.isnan(target), target, 0 - np.log(input))


# --- overlap


def _read_overlap(name: str, arguments: dict[str, Any]) -> None:
    _read_pair(name, arguments)
    if arguments["input"].ndim == 0:
        raise ValueError(f"{name}: input is a single number; at least one sample of many is wanted.")
    for key in ("alpha", "beta", "smooth"):
        if key in arguments and not 0 <= arguments[key] < np.inf:
            raise ValueError(
                f"{name}: {key} is {arguments[key]!r}; a finite number not less than 0 is wanted."
            )


@loss(
    read=_read_overlap,
    check=_check_probabilities,
    vector_axis=slice(1, None),
    arrays=("input", "target"),
    convex=False,
    smooth=True,
    lipschitz=np.inf,
    domain=(0.0, 1.0),
)
def dice_loss(
    input: Numbers, target: Numbers, *, smooth: float = 1e-5, reduction: str = "mean"
) -> FloatArray:
    r"""The soft Dice loss: how little a predicted region and the true one overlap.

    .. math:: \ell(x, y) = 1 - \frac{2 \sum_i x_i y_i + s}{\sum_i x_i + \sum_i y_i + s}, \qquad
              \frac{\partial \ell}{\partial x_i} = \frac{2 \sum_j x_j y_j + s - 2 y_i U}{U^2}, \qquad
              U = \sum_i x_i + \sum_i y_i + s

    and the same with respect to y.

    Parameters
    ----------
    input : predicted probabilities in [0, 1] of shape (N, d1, ...) with all axes but the first belonging to
        one sample, or (d,) for a single sample; float32 or float64.
    target : masks of 0 and 1, or probabilities between; exactly the shape of `input`.
    smooth : s, not less than 0, added above and below. With it an empty prediction of an empty mask costs 0;
        without, it is 0 / 0 and gives nan.
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of shape (N,); in [0, 1].

    Raises
    ------
    ValueError
        If the shapes differ, an entry is outside [0, 1], `smooth` is less than 0, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    The sums are linear in x and y, as in MONAI's `DiceLoss` (whose `smooth_nr` and `smooth_dr` of 1e-5 are s
    here) and Keras' `dice`; [1]_ has squares below. MONAI takes one overlap a channel: reshape (N, C, ...)
    to (N C, ...) for that. Logits are refused; take their sigmoid or softmax first. The loss is computed as
    the share of what does not overlap, so that a nearly perfect prediction keeps its digits.

    References
    ----------
    .. [1] Milletari, Navab, Ahmadi: V-Net: Fully Convolutional Neural Networks for Volumetric Medical Image
       Segmentation, 3DV 2016.

    Examples
    --------
    >>> dice_loss([[0.5, 1.0, 0.0, 0.5]], [[1, 1, 0, 0]], smooth=0.0)
    np.float64(0.25)
    >>> dice_loss.grad([[0.5, 1.0, 0.0, 0.5]], [[1, 1, 0, 0]], smooth=0.0).tolist()
    [[-0.3125, -0.3125, 0.1875, 0.1875]]
    """
    return _tversky(input, target, 0.5, 0.5, 0.5 * smooth)


@dice_loss.derivative
def _dice_slope(input: FloatArray, target: FloatArray, smooth: float, **_: Any) -> FloatArray:
    return _tversky_slope(input, target, 0.5, 0.5, 0.5 * smooth)


@dice_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, smooth: float, **_: Any) -> FloatArray:
    return _dice_slope(target, input, smooth)


@loss(
    read=_read_overlap,
    check=_check_probabilities,
    vector_axis=slice(1, None),
    arrays=("input", "target"),
    convex=False,
    smooth=True,
    lipschitz=np.inf,
    domain=(0.0, 1.0),
)
def tversky_loss(
    input: Numbers,
    target: Numbers,
    *,
    alpha: float = 0.5,
    beta: float = 0.5,
    smooth: float = 1e-5,
    reduction: str = "mean",
) -> FloatArray:
    r"""The Tversky loss: a Dice loss that weighs what is found too much and what is missed.

    .. math:: \ell(x, y) = 1 - \frac{P + s}{P + \alpha F + \beta M + s}, \qquad
              P = \sum_i x_i y_i, \quad F = \sum_i x_i (1 - y_i), \quad M = \sum_i y_i (1 - x_i)

    .. math:: \frac{\partial \ell}{\partial x_i} =
              \frac{\alpha (1 - y_i)(P + s) - y_i \bigl(\beta (P + s) + \alpha F + \beta M\bigr)}
              {(P + \alpha F + \beta M + s)^2}

    Parameters
    ----------
    input : predicted probabilities in [0, 1] of shape (N, d1, ...) with all axes but the first belonging to
        one sample, or (d,) for a single sample; float32 or float64.
    target : masks of 0 and 1, or probabilities between; exactly the shape of `input`.
    alpha : the weight of F, the false positives; not less than 0.
    beta : the weight of M, the false negatives; not less than 0.
    smooth : s, not less than 0, added above and below. With it an empty prediction of an empty mask costs 0;
        without, it is 0 / 0 and gives nan.
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of shape (N,); in [0, 1].

    Raises
    ------
    ValueError
        If the shapes differ, an entry is outside [0, 1], a weight or `smooth` is less than 0, or `reduction`
        is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    Both weights 1/2 give the Dice loss (with half its `smooth`), both weights 1 the Jaccard loss. Names and
    defaults are those of MONAI's `TverskyLoss` (`smooth_nr` and `smooth_dr` are s here) and Keras' `tversky`;
    [1]_ finds a beta greater than alpha better for small lesions. Logits are refused; take their sigmoid or
    softmax first.

    References
    ----------
    .. [1] Salehi, Erdogmus, Gholipour: Tversky Loss Function for Image Segmentation Using 3D Fully
       Convolutional Deep Networks, MLMI 2017.
    .. [2] Tversky: Features of Similarity, Psychological Review 84, 1977.

    Examples
    --------
    >>> tversky_loss([[0.5, 1.0, 0.0, 0.5]], [[1, 1, 0, 0]], alpha=0.3, beta=0.7, smooth=0.0)
    np.float64(0.25)
    >>> tversky_loss([[1.0, 1.0, 1.0, 1.0]], [[1, 1, 0, 0]], alpha=1.0, beta=1.0, smooth=0.0)
    np.float64(0.5)
    """
    return _tversky(input, target, alpha, beta, smooth)


@tversky_loss.derivative
def _(
    input: FloatArray, target: FloatArray, alpha: float, beta: float, smooth: float, **_: Any
) -> FloatArray:
    return _tversky_slope(input, target, alpha, beta, smooth)


@tversky_loss.derivative("target")
def _(
    input: FloatArray, target: FloatArray, alpha: float, beta: float, smooth: float, **_: Any
) -> FloatArray:
    # A miss of the one is a false finding of the other.
    return _tversky_slope(target, input, beta, alpha, smooth)


@shared
def _overlap(x: Any, y: Any) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The sums of what both hold, of what x alone and of what y alone holds, in float64."""
    # Products in float64, too: in float32 those of small probabilities are 0.
    products = (np.multiply(a, b, dtype=np.float64) for a, b in ((x, y), (x, 1 - y), (y, 1 - x)))
    both, first, second = map(_sum, products)
    return both, first, second


def _tversky(x: Any, y: Any, alpha: float, beta: float, smooth: float) -> FloatArray:
    both, first, second = _overlap(x, y)
    # The share of what does not overlap: 1 minus the share of what does would cancel where it is good.
    apart = alpha * first + beta * second
    return apart / (both + apart + smooth)


def _tversky_slope(x: FloatArray, y: FloatArray, alpha: float, beta: float, smooth: float) -> FloatArray:
    both, first, second = _overlap(x, y)
    apart = alpha * first + beta * second
    union = both + apart + smooth
    overlap, loss = (both + smooth) / union, apart / union
    outside, inside = alpha * overlap / union, (beta * overlap + loss) / union
    dtype = x.dtype
    return (1 - y) * np.expand_dims(outside, 1).astype(dtype) - y * np.expand_dims(inside, 1).astype(dtype)
