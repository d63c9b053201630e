"""Losses for a class: as a probability, as a logit, as a signed score, or as a vector of scores.

In the class losses the class axis is 1, after the batch, with any number of axes behind it; a single
vector of scores has its classes on axis 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arithmetic import product_in_two_parts, sum_in_two_parts
from lossact._arrays import FloatArray, IntArray, Numbers, as_array, as_float_array, same_shape, weight_like
from lossact._blocks import (
    at_least,
    holds_nan,
    is_not_zero,
    nan_where_nan,
    positive_part,
    select,
    select_by_sign,
    shared,
    within,
)
from lossact._declare import loss
from lossact.activations.normalising import (
    distance_from_largest,
    exponentials,
    largest,
    log_probabilities,
    log_softmax,
    log_softmax_vjp,
    positions,
    softmax_parts,
    softmax_with_complement,
    sum_of_others,
)
from lossact.activations.squashing import decay, log_one_and_exponential, logistic, ordinary_exponential


def _read_binary(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)
    for key in ("weight", "pos_weight"):
        if arguments.get(key) is not None:
            arguments[key] = weight_like(name, arguments[key], input.shape, key)


def _check_probability(name: str, arguments: dict[str, Any]) -> None:
    probability = arguments["input"]
    if within(probability, 0, 1):
        return
    outside = (probability < 0) | (probability > 1)
    if np.any(outside):
        raise ValueError(
            f"{name}: input holds {probability[outside].flat[0]!s}; probabilities between 0 and 1 are "
            "wanted. For raw scores (logits) use binary_cross_entropy_with_logits."
        )


def _check_margin(name: str, arguments: dict[str, Any]) -> None:
    target = arguments["target"]
    if np.all(target * target == 1):
        return
    wrong = ~np.isnan(target) & (np.abs(target) != 1)
    if np.any(wrong):
        raise ValueError(
            f"{name}: target holds {target[wrong].flat[0]!s}; -1 and 1 are wanted. "
            "Convert labels 0 and 1 by `2 * target - 1`."
        )


def _times(factor: FloatArray, term: FloatArray) -> FloatArray:
    """`factor * term` where a factor of 0 means that the term does not count, even if it is infinite."""
    return np.where((factor == 0) & ~np.isnan(term), 0, factor * term)


@loss(
    read=_read_binary, check=_check_probability, convex=True, smooth=True, lipschitz=np.inf, domain=(0.0, 1.0)
)
def binary_cross_entropy(
    input: Numbers, target: Numbers, weight: Numbers | None = None, *, reduction: str = "mean"
) -> FloatArray:
    r"""The binary cross-entropy of probabilities, in nats.

    .. math:: \ell(p, y) = -y \log p - (1 - y) \log(1 - p), \qquad
              \frac{\partial \ell}{\partial p} = \frac{1 - y}{1 - p} - \frac{y}{p}

    Parameters
    ----------
    input : probabilities in [0, 1], any shape, float32 or float64.
    target : labels 0 and 1, or probabilities between; exactly the shape of `input`.
    weight : factor for each element; must broadcast to the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a probability lies outside [0, 1], or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    Each logarithm is clamped at -100 in the value, as `torch.nn.functional.binary_cross_entropy` does.
    The gradient is the exact derivative; torch's own clamp returns 0 or -1e12 where p is 0.
    If you hold a logit, do not come here: `binary_cross_entropy_with_logits` loses no digit on the way.

    References
    ----------
    .. [1] Good: Rational Decisions, Journal of the Royal Statistical Society B 14, 1952.

    Examples
    --------
    >>> binary_cross_entropy([0.5, 0.9], [1.0, 1.0], reduction="none").round(4).tolist()
    [0.6931, 0.1054]
    """
    losses = -target * at_least(np.log(input), -100)
    losses -= (1 - target) * at_least(np.log1p(-input), -100)
    return losses if weight is None else losses * weight


@binary_cross_entropy.derivative
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    # (p - y) / (p (1 - p)): one difference, so nothing cancels near p = y. At a certain and right answer
    # it is 0 / 0; the limit is the slope of -log(1 - p) at 0, which is 1, and of -log p at 1, which is -1.
    variance = np.abs(input * (1 - input))
    slope = (input - target) / variance
    if not within(variance, np.finfo(input.dtype).smallest_subnormal, np.inf):
        slope = np.where((variance == 0) & (input == target), 1 - 2 * input, slope)
    return slope if weight is None else slope * weight


@binary_cross_entropy.derivative("target")
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    # log(1 - p) - log p; where the two are alike, from the distance of (1 - p) / p to 1, of which only a
    # division rounds.
    near = np.abs(input - 0.5) < 0.25
    slope = np.where(near, np.log1p((1 - 2 * input) / input), np.log1p(-input) - np.log(input))
    slope = np.where(np.isnan(target), target, slope)
    return slope if weight is None else slope * weight


@shared
def _bend(x: FloatArray) -> FloatArray:
    """log(1 + exp(-|x|)), which is what softplus(x) exceeds max(x, 0) by."""
    odds = ordinary_exponential(x)
    return np.log1p(decay(x) if odds is None else np.minimum(odds, 1 / odds))


@shared
def _costs(logit: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What a logit costs if the label is 1, log(1 + exp(-z)), and if it is 0, log(1 + exp(z))."""
    bend = _bend(logit)
    return positive_part(-logit) + bend, positive_part(logit) + bend


@loss(
    read=_read_binary,
    arrays=("input", "target", "weight", "pos_weight"),
    convex=True,
    smooth=True,
    lipschitz=1.0,
)
def binary_cross_entropy_with_logits(
    input: Numbers,
    target: Numbers,
    weight: Numbers | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Numbers | None = None,
) -> FloatArray:
    r"""The binary cross-entropy of logits: sigmoid and loss in one, in nats.

    .. math:: \ell(z, y) = y \log(1 + e^{-z}) + (1 - y) \log(1 + e^{z}), \qquad
              \frac{\partial \ell}{\partial z} = \sigma(z) - y

    Parameters
    ----------
    input : logits, any shape, float32 or float64 (integers become float64).
    target : labels 0 and 1, or probabilities between; exactly the shape of `input`.
    weight : factor for each element; must broadcast to the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.
    pos_weight : factor for the term of the positive class; must broadcast to the shape of `input`. With
        N-/N+ both classes weigh the same.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville: Deep Learning, MIT Press 2016, section 6.2.2.2.

    Examples
    --------
    >>> binary_cross_entropy_with_logits([17.0, 1000.0], [0.0, 1.0], reduction="none").round(4).tolist()
    [17.0, 0.0]
    >>> binary_cross_entropy_with_logits.grad([0.0, 1000.0], [1.0, 0.0], reduction="sum").tolist()
    [-0.5, 1.0]
    """
    # Two terms of one sign: max(z, 0) - z y + log1p(exp(-|z|)) cancels where the answer is right.
    positive = target if pos_weight is None else target * pos_weight
    below, above = _costs(input)
    losses = positive * below + (1 - target) * above
    if not within(losses, -np.inf, np.finfo(losses.dtype).max):
        losses = _times(positive, below) + _times(1 - target, above)
    return losses if weight is None else losses * weight


@binary_cross_entropy_with_logits.derivative
def _(
    input: FloatArray,
    target: FloatArray,
    weight: FloatArray | None,
    pos_weight: FloatArray | None,
    **_: Any,
) -> FloatArray:
    positive = target if pos_weight is None else target * pos_weight
    # sigma(z) - y as a difference of what is missing on each side: exact where the answer is right.
    # Both sigmoids have the denominator 1 + exp(z), and the numerators are exp(z) and 1.
    negative, odds = 1 - target, ordinary_exponential(input)
    if odds is not None:
        slope = (negative * odds - positive) / (1 + odds)
    else:
        small = decay(input)
        slope = select_by_sign(input, negative * small - positive, negative - positive * small) / (1 + small)
    return slope if weight is None else slope * weight


@binary_cross_entropy_with_logits.derivative("target")
def _(
    input: FloatArray,
    target: FloatArray,
    weight: FloatArray | None,
    pos_weight: FloatArray | None,
    **_: Any,
) -> FloatArray:
    # log(1 + e^-z) - log(1 + e^z) is -z.
    slope = -input
    if pos_weight is not None:
        below, above = _costs(input)
        slope = _times(pos_weight, below) - above
    slope = np.where(np.isnan(target), target, slope)
    return slope if weight is None else slope * weight


@loss(read=_read_binary, check=_check_margin, convex=True, smooth=True, lipschitz=1.0)
def soft_margin_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The soft margin loss: the logistic loss of labels -1 and 1, in nats.

    .. math:: \ell(x, y) = \log(1 + e^{-y x}), \qquad
              \frac{\partial \ell}{\partial x} = -y\, \sigma(-y x)

    Parameters
    ----------
    input : scores, whose sign is the decision; any shape, float32 or float64 (integers become float64).
    target : labels -1 and 1, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `binary_cross_entropy_with_logits` with labels -1 and 1 in place of 0 and 1. A confident wrong
    answer costs abs(x); in torch 2.13 the exponential overflows there, and the loss is inf. Targets other
    than -1 and 1, which torch takes without a check, are refused.

    References
    ----------
    .. [1] Friedman, Hastie, Tibshirani: Additive Logistic Regression: A Statistical View of Boosting,
       Annals of Statistics 28, 2000.

    Examples
    --------
    >>> soft_margin_loss([0.0, -1000.0], [1.0, 1.0], reduction="none").round(4).tolist()
    [0.6931, 1000.0]
    >>> soft_margin_loss.grad([0.0, -1000.0], [1.0, 1.0], reduction="none").tolist()
    [-0.5, -1.0]
    """
    return log_one_and_exponential(_wrong_side(input, target))


@soft_margin_loss.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return -target * logistic(_wrong_side(input, target))


@shared
def _wrong_side(input: FloatArray, target: FloatArray) -> FloatArray:
    """How far a score lies on the wrong side of 0."""
    return -target * input


@loss(read=_read_binary, check=_check_margin, convex=True, smooth=False, lipschitz=1.0)
def hinge_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The hinge loss: what is missing from a margin of 1.

    .. math:: \ell(x, y) = \max(0, 1 - y x), \qquad
              \frac{\partial \ell}{\partial x} = \begin{cases} -y & y x < 1 \\ 0 & y x > 1 \end{cases}

    Parameters
    ----------
    input : scores, whose sign is the decision; any shape, float32 or float64 (integers become float64).
    target : labels -1 and 1, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    At the kink, a margin of exactly 1, the gradient is taken as 0. `sklearn.metrics.hinge_loss` and
    `keras.losses.hinge` are the same for labels -1 and 1; Keras also turns labels 0 and 1 into -1 and 1,
    which are refused here. torch has no loss of this name; its `hinge_embedding_loss` is another one.

    References
    ----------
    .. [1] Cortes, Vapnik: Support-Vector Networks, Machine Learning 20, 1995.

    Examples
    --------
    >>> hinge_loss([0.25, 3.0, 0.5], [1.0, 1.0, -1.0], reduction="none").tolist()
    [0.75, 0.0, 1.5]
    >>> hinge_loss.grad([0.25, 1.0, 0.5], [1.0, 1.0, -1.0], reduction="sum").tolist()
    [-1.0, 0.0, 1.0]
    """
    return _missing(input, target)


@hinge_loss.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    # 0 is subtracted from so that there is no -0.
    return 0 - target * is_not_zero(_missing(input, target))


@shared
def _missing(input: FloatArray, target: FloatArray) -> FloatArray:
    """What is missing from a margin of 1."""
    return positive_part(1 - target * input)


@loss(read=_read_binary, check=_check_margin, convex=True, smooth=True, lipschitz=np.inf)
def squared_hinge_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The squared hinge loss: the square of what is missing from a margin of 1.

    .. math:: \ell(x, y) = \max(0, 1 - y x)^2, \qquad
              \frac{\partial \ell}{\partial x} = -2 y \max(0, 1 - y x)

    Parameters
    ----------
    input : scores, whose sign is the decision; any shape, float32 or float64 (integers become float64).
    target : labels -1 and 1, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    There is no factor 1/2, as in `keras.losses.squared_hinge`. Keras also turns labels 0 and 1 into -1
    and 1, which are refused here.

    References
    ----------
    .. [1] Chang, Hsieh, Lin: Coordinate Descent Method for Large-scale L2-loss Linear Support Vector
       Machines, Journal of Machine Learning Research 9, 2008.

    Examples
    --------
    >>> squared_hinge_loss([0.25, 3.0, 0.5], [1.0, 1.0, -1.0], reduction="none").tolist()
    [0.5625, 0.0, 2.25]
    >>> squared_hinge_loss.grad([0.25, 3.0, 0.5], [1.0, 1.0, -1.0], reduction="sum").tolist()
    [-1.5, 0.0, 3.0]
    """
    return np.square(_missing(input, target))


@squared_hinge_loss.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return 0 - 2 * target * _missing(input, target)


@loss(read=_read_binary, check=_check_margin, convex=True, smooth=True, lipschitz=np.inf)
def exponential_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The exponential loss, the one that AdaBoost makes small.

    .. math:: \ell(x, y) = e^{-y x}, \qquad \frac{\partial \ell}{\partial x} = -y\, e^{-y x}

    Parameters
    ----------
    input : scores, whose sign is the decision; any shape, float32 or float64 (integers become float64).
    target : labels -1 and 1, exactly the shape of `input`.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is neither -1 nor 1, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    scikit-learn's `GradientBoostingClassifier(loss="exponential")` has it for labels 0 and 1. A wrong
    answer beyond 709 in float64, or 88 in float32, costs more than the largest number and gives inf.

    References
    ----------
    .. [1] Friedman, Hastie, Tibshirani: Additive Logistic Regression: A Statistical View of Boosting,
       Annals of Statistics 28, 2000.

    Examples
    --------
    >>> exponential_loss([0.0, 2.0], [1.0, -1.0], reduction="none").round(4).tolist()
    [1.0, 7.3891]
    >>> exponential_loss.grad([0.0, 2.0], [1.0, -1.0], reduction="none").round(4).tolist()
    [-1.0, 7.3891]
    """
    return _exponential(input, target)


@exponential_loss.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return -target * _exponential(input, target)


@shared
def _exponential(input: FloatArray, target: FloatArray) -> FloatArray:
    return np.exp(-target * input)


def _class_axis(input: FloatArray) -> int:
    return 0 if input.ndim == 1 else 1


def _along_classes(weight: FloatArray, input: FloatArray) -> FloatArray:
    """The weights of the K classes, shaped to multiply an array like `input`."""
    return weight.reshape([-1 if axis == _class_axis(input) else 1 for axis in range(input.ndim)])


def _read_classes(name: str, arguments: dict[str, Any], scores: str = "input has") -> None:
    input = as_float_array(arguments["input"], "input")
    if input.ndim == 0:
        raise ValueError(f"{name}: input is a single number; a vector of class scores is wanted.")
    axis = _class_axis(input)
    classes = input.shape[axis]
    if classes == 0:
        raise ValueError(f"{name}: input has shape {input.shape}; at least one class is wanted.")
    samples = input.shape[:axis] + input.shape[axis + 1 :]
    target = as_array(arguments["target"], "target")
    smoothing = arguments.get("label_smoothing", 0.0)
    if not 0 <= smoothing <= 1:
        raise ValueError(f"{name}: label_smoothing is {smoothing!r}; a number between 0 and 1 is wanted.")
    if target.dtype.kind == "f":
        if name == "nll_loss":
            raise TypeError(f"{name}: target has dtype {target.dtype}; integer class labels are wanted.")
        if target.shape != input.shape:
            raise ValueError(
                f"{name}: target has dtype {target.dtype} and shape {target.shape}; either integer class "
                f"labels of shape {samples} or class probabilities of shape {input.shape} are wanted."
            )
        if arguments["ignore_index"] >= 0:
            raise ValueError(
                f"{name}: ignore_index is {arguments['ignore_index']}, but target holds class probabilities; "
                "integer class labels are wanted with it."
            )
        target = as_float_array(target, "target").astype(input.dtype, copy=False)
    else:
        target = target.astype(np.int64, copy=False)
        if target.shape != samples:
            hint = (
                " One-hot labels must be floats to be taken as probabilities."
                if target.shape == input.shape
                else ""
            )
            raise ValueError(
                f"{name}: {scores} shape {input.shape}, so integer labels of shape {samples} are "
                f"wanted; target has shape {target.shape}.{hint}"
            )
        if not _in_range(target, classes) and np.any(
            wrong := (target != arguments["ignore_index"]) & ((target < 0) | (target >= classes))
        ):
            raise ValueError(
                f"{name}: target holds label {target[wrong].flat[0]}; with {classes} classes, labels "
                f"from 0 to {classes - 1} are wanted."
            )
    weight = arguments["weight"]
    if weight is not None:
        weight = as_float_array(weight, "weight").astype(input.dtype)
        if weight.shape != (classes,):
            raise ValueError(
                f"{name}: weight has shape {weight.shape}; one weight a class, shape ({classes},), is wanted."
            )
    arguments.update(input=input, target=target, weight=weight)


def _in_range(target: IntArray, classes: int) -> bool:
    return within(target, 0, classes - 1)


@shared
def _labels(
    input: FloatArray, target: IntArray, weight: FloatArray | None, ignore_index: int
) -> tuple[IntArray, FloatArray | None]:
    """Where in the flattened block the labels are, and how much each sample counts (None: all do, once)."""
    classes = input.shape[1]
    if _in_range(target, classes) and not 0 <= ignore_index < classes:
        kept, label = None, target
    else:
        kept = target != ignore_index
        label = np.where(kept, target, 0)
    at = positions(label[:, np.newaxis], input.shape)
    if kept is None and weight is None:
        return at, None
    share = np.ones(target.shape, input.dtype) if weight is None else weight[label]
    return at, (share if kept is None else share * kept)[:, np.newaxis]


def _label_mass(
    input: FloatArray, target: IntArray, weight: FloatArray | None, ignore_index: int
) -> FloatArray:
    """One-hot labels times their class weight, in the shape of `input`; 0 for an ignored label."""
    axis = _class_axis(input)
    kept = target != ignore_index
    position = np.expand_dims(np.where(kept, target, 0), axis)
    mass = np.zeros_like(input)
    np.put_along_axis(mass, position, np.expand_dims(kept, axis).astype(input.dtype), axis=axis)
    return mass if weight is None else mass * _along_classes(weight, input)


def _target_mass(
    input: FloatArray,
    target: Any,
    weight: FloatArray | None,
    ignore_index: int,
    label_smoothing: float,
) -> FloatArray:
    """How much each class's -log p counts: the (smoothed) target distribution times the class weights."""
    axis = _class_axis(input)
    if target.dtype.kind == "f":
        mass: FloatArray = target if weight is None else target * _along_classes(weight, input)
        kept = np.ones_like(np.take(input, [0], axis=axis))
    else:
        mass = _label_mass(input, target, weight, ignore_index)
        kept = np.expand_dims(target != ignore_index, axis).astype(input.dtype)
    if label_smoothing == 0:
        return mass
    uniform = kept * np.full_like(input, label_smoothing / input.shape[axis])
    if weight is not None:
        uniform = uniform * _along_classes(weight, input)
    return (1 - label_smoothing) * mass + uniform


def _label_weight(
    *, input: FloatArray, target: Any, weight: FloatArray | None, ignore_index: int, **_: Any
) -> float:
    """What "mean" divides by: the summed class weights of the labels, or the number of distributions."""
    if target.dtype.kind == "f":
        return input.size / input.shape[_class_axis(input)]
    if weight is None:
        return target.size - np.count_nonzero(target == ignore_index)
    labels = target[target != ignore_index]
    return float(np.dot(np.bincount(labels, minlength=weight.size), weight.astype(np.float64)))


@loss(
    read=_read_classes,
    vector_axis=1,
    arrays=("input", "target"),
    convex=True,
    smooth=True,
    lipschitz=np.sqrt(2),
)
def cross_entropy(
    input: Numbers,
    target: Numbers,
    weight: Numbers | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> FloatArray:
    r"""The cross-entropy of class scores: log-softmax and loss in one, in nats.

    .. math:: \ell(z, y) = -\sum_k w_k\, y_k \log p_k, \qquad p = \mathrm{softmax}(z), \qquad
              \frac{\partial \ell}{\partial z} = p - y \quad (w = 1)

    Parameters
    ----------
    input : logits of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64. K classes on axis 1.
    target : class labels, integers from 0 to K - 1, of the shape of `input` without its class axis; or
        class probabilities, floats of exactly the shape of `input`.
    weight : one factor a class, shape (K,).
    ignore_index : a label that does not count, in the loss or in its mean; not with class probabilities.
    reduction : "mean", "sum", or "none" for one loss a sample. With labels and `weight`, "mean" divides
        by the sum of the weights of the labels, not by N; with probabilities it divides by N.
    label_smoothing : the share, between 0 and 1, of each target that is spread evenly over all K classes.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of the labels; in nats.

    Raises
    ------
    ValueError
        If a shape does not fit, a label is out of range, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville: Deep Learning, MIT Press 2016, section 6.2.2.3.
    .. [2] Szegedy et al.: Rethinking the Inception Architecture for Computer Vision, CVPR 2016, section 7
       (label smoothing).

    Examples
    --------
    >>> Z = [[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]]
    >>> cross_entropy(Z, [0, 2]).round(5)
    np.float64(1.50635)
    >>> cross_entropy.grad(Z, [0, 2])[0].round(4).tolist()
    [-0.1705, 0.1212, 0.0493]
    """
    if target.dtype.kind != "f" and label_smoothing == 0:
        at, share = _labels(input, target, weight, ignore_index)
        others, top = softmax_parts(input)
        # Two terms of one sign: log1p of the others keeps what a sum that rounds to 1 has lost.
        losses = distance_from_largest(input, at) + np.log1p(others / top)
        return (losses if share is None else _times(share, losses))[:, 0]
    axis = _class_axis(input)
    mass = _target_mass(input, target, weight, ignore_index, label_smoothing)
    return np.sum(_times(mass, -log_probabilities(input)), axis=axis)


@cross_entropy.derivative
def _(
    input: FloatArray,
    target: Any,
    weight: FloatArray | None,
    ignore_index: int,
    label_smoothing: float,
    **_: Any,
) -> FloatArray:
    if target.dtype.kind == "f" or label_smoothing != 0:
        return log_softmax_vjp(input, -_target_mass(input, target, weight, ignore_index, label_smoothing))
    at, share = _labels(input, target, weight, ignore_index)
    every = exponentials(input)
    others, top = softmax_parts(input)
    total = others + top
    slope = every / total
    # p - 1 at the label is minus the share of the others: a confident right answer keeps its small gradient.
    slope.reshape(-1)[at] = -np.where(at == largest(input), others, total - every.reshape(-1)[at]) / total
    return slope if share is None else slope * share


def _only_of_probabilities(argument: str, target: Any) -> None:
    if target.dtype.kind != "f":
        raise TypeError(
            f"wrt is {argument!r}, but target holds integer class labels; there is a gradient by {argument} "
            "only with class probabilities."
        )


@cross_entropy.derivative("target")
def _(
    input: FloatArray, target: Any, weight: FloatArray | None, label_smoothing: float, **_: Any
) -> FloatArray:
    _only_of_probabilities("target", target)
    slope = np.where(np.isnan(target), target, (label_smoothing - 1) * log_softmax(input, _class_axis(input)))
    return slope if weight is None else _times(_along_classes(weight, input), slope)


@cross_entropy.derivative("weight", summed=True)
def _(
    total: FloatArray,
    input: FloatArray,
    target: Any,
    weight: FloatArray,
    ignore_index: int,
    label_smoothing: float,
    **_: Any,
) -> None:
    _only_of_probabilities("weight", target)
    mass = _target_mass(input, target, None, ignore_index, label_smoothing)
    losses = _times(mass, -log_softmax(input, _class_axis(input)))
    samples = tuple(axis for axis in range(input.ndim) if axis != _class_axis(input))
    total += np.sum(losses, axis=samples, dtype=np.float64)


cross_entropy.divisor(_label_weight)


@loss(
    read=_read_classes,
    vector_axis=1,
    arrays=("input", "target"),
    convex=True,
    smooth=True,
    lipschitz=1.0,
    domain=(-np.inf, 0.0),
)
def nll_loss(
    input: Numbers,
    target: Numbers,
    weight: Numbers | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> FloatArray:
    r"""The negative log-likelihood of log-probabilities.

    .. math:: \ell(x, y) = -w_y\, x_y

    Parameters
    ----------
    input : log-probabilities (not probabilities: the loss would be negative) of shape (N, K),
        (N, K, d1, ...) or (K,), float32 or float64. `nll_loss(log_softmax(z, 1), y)` is
        `cross_entropy(z, y)`.
    target : class labels, integers from 0 to K - 1, of the shape of `input` without its class axis.
    weight : one factor a class, shape (K,).
    ignore_index : a label that does not count, in the loss or in its mean.
    reduction : "mean" (divided by the sum of the weights of the labels), "sum", or "none".

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `target`; in nats.

    Raises
    ------
    ValueError
        If a shape does not fit, a label is out of range, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or `target` not of integers.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville: Deep Learning, MIT Press 2016, section 5.5.

    Examples
    --------
    >>> nll_loss([[-0.5, -1.0], [-2.0, -0.1]], [0, 1])
    np.float64(0.3)
    """
    scores = np.asarray(input)
    at, share = _labels(scores, target, weight, ignore_index)
    losses = -scores.reshape(-1)[at]
    if share is not None:
        losses = _times(share, losses)
    if holds_nan(scores):
        losses = np.where(np.isnan(scores).any(axis=1, keepdims=True), np.nan, losses)
    return losses[:, 0]


@nll_loss.derivative
def _(
    input: FloatArray, target: IntArray, weight: FloatArray | None, ignore_index: int, **_: Any
) -> FloatArray:
    at, share = _labels(input, target, weight, ignore_index)
    slope = np.zeros(input.shape, input.dtype)
    slope.reshape(-1)[at] = -1 if share is None else -share
    return nan_where_nan(slope, input)


nll_loss.divisor(_label_weight)


def _read_focal(name: str, arguments: dict[str, Any]) -> None:
    _read_binary(name, arguments)
    alpha, gamma = arguments["alpha"], arguments["gamma"]
    if not (0 <= alpha <= 1 or alpha == -1):
        raise ValueError(f"{name}: alpha is {alpha!r}; a number between 0 and 1, or -1 for none, is wanted.")
    if not 0 <= gamma < np.inf:
        raise ValueError(f"{name}: gamma is {gamma!r}; a finite number not less than 0 is wanted.")


def _check_soft_label(name: str, arguments: dict[str, Any]) -> None:
    target = arguments["target"]
    outside = (target < 0) | (target > 1)
    if np.any(outside):
        raise ValueError(
            f"{name}: target holds {target[outside].flat[0]!s}; labels 0 and 1, or probabilities between, "
            "are wanted."
        )


@shared
def logit_parts(z: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """e = exp(-|z|), the part y0 of the target that the logit speaks against, and the binary cross-entropy.

    That is log(1 + e) + y0 |z|, in which nothing cancels. Its slope is (y0 - (1 - y0) e) / (1 + e), with the
    sign of z.
    """
    size = np.abs(z)
    decay = np.exp(-size)
    against = select(np.signbit(z), y, 1 - y)
    # Without a say even an infinite logit costs nothing.
    cost = select(against == 0, np.zeros_like(z), against * size)
    return decay, against, cost + np.log1p(decay)


@shared
def _focal_parts(
    input: FloatArray, target: FloatArray
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray, FloatArray]]:
    """The logit and the target in float64, and their parts.

    In float64, because the factor of a few units in the last place by which float32 exponentials are off
    would be raised to the power gamma.
    """
    z, y = input.astype(np.float64), target.astype(np.float64)
    return z, y, logit_parts(z, y)


@shared
def _power_of_doubt(
    z: FloatArray, y: FloatArray, decay: FloatArray, against: FloatArray, exponent: float
) -> FloatArray:
    """q^exponent for q = (y0 + (1 - y0) e) / (1 + e), the probability 1 - p_t of being wrong."""
    # A hard label has y0 = 0 or 1, and the numerator is e or 1. The power of e is an exponential again, of a
    # product in two parts, because the exponential magnifies the rounding of a large product.
    if exponent == 0:
        return np.ones_like(z)
    if exponent in (1, 2):
        power = np.exp(-exponent * np.abs(z))
    else:
        product, rest = product_in_two_parts(np.abs(z), np.full_like(z, exponent))
        power = np.exp(-product)
        power = np.where(np.isinf(power), power, power - power * rest)
    numerator = select(against == 0, power, np.ones_like(z))
    soft = (against != 0) & (against != 1)
    if np.any(soft):
        numerator = select(soft, _power_of_soft_doubt(z, y, decay, exponent), numerator)
    # What 1 + e rounds away is brought back: the power would magnify it.
    denominator = 1 + decay
    rest = exponent * (decay - (denominator - 1))
    if exponent == 2:
        return numerator / (denominator * (denominator + rest))
    return numerator / (np.power(denominator, exponent) * (1 + rest / denominator))


def _power_of_soft_doubt(z: FloatArray, y: FloatArray, decay: FloatArray, exponent: float) -> FloatArray:
    """The power of the numerator of q for a target between 0 and 1, and what rounding takes from it."""
    other, dropped = sum_in_two_parts(np.ones_like(y), -y)
    negative = np.signbit(z)
    against, within = select(negative, y, other), select(negative, other, y)
    product, rest = product_in_two_parts(within, decay)
    rest += select(negative, dropped * decay, dropped)
    numerator, rounded = sum_in_two_parts(against, product)
    correction = exponent * ((rest + rounded) / numerator)
    return np.power(numerator, exponent) * (1 + np.where(np.isfinite(correction), correction, 0))


def _balance(target: FloatArray, alpha: Any) -> FloatArray:
    """The factor of a sample, `alpha` for a positive and 1 - `alpha` for a negative one."""
    return np.ones_like(target) if alpha == -1 else alpha * target + (1 - alpha) * (1 - target)


def _balanced(target: FloatArray, alpha: Any, term: FloatArray) -> FloatArray:
    if alpha == -1:
        return term
    factor = _balance(target, alpha)
    return _times(factor, term) if alpha in (0, 1) else factor * term


@shared
def _focal_options(input: FloatArray, alpha: float, gamma: float) -> tuple[float, float]:
    """As numbers of the dtype of the input, as if they were arrays."""
    return float(input.dtype.type(alpha)), float(input.dtype.type(gamma))


@loss(read=_read_focal, check=_check_soft_label, convex=False, smooth=True, lipschitz=0.8467374139262986)
def sigmoid_focal_loss(
    input: Numbers,
    target: Numbers,
    alpha: float = 0.25,
    gamma: float = 2.0,
    reduction: str = "mean",
) -> FloatArray:
    r"""The focal loss of logits: a binary cross-entropy in which what is already right hardly counts.

    .. math:: \ell(z, y) = \alpha_t\, (1 - p_t)^\gamma\, \mathrm{CE}(z, y), \qquad
              p_t = y\, \sigma(z) + (1 - y)\, \sigma(-z), \qquad
              \alpha_t = \alpha y + (1 - \alpha) (1 - y)

    .. math:: \frac{\partial \ell}{\partial z} = -\alpha (1 - p)^\gamma
              \bigl(1 - p - \gamma\, p \log p\bigr) \quad (y = 1,\ p = \sigma(z))

    Parameters
    ----------
    input : logits, any shape, float32 or float64 (integers become float64).
    target : labels 0 and 1, or probabilities between; exactly the shape of `input`.
    alpha : the factor of positive samples, between 0 and 1; negative ones have 1 - alpha. With -1 both
        have the factor 1.
    gamma : how little a right answer counts, not less than 0; with 0 it is the balanced cross-entropy.
    reduction : "mean" over all n elements, "sum", or "none" for one loss an element.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input`; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, a target lies outside [0, 1], `alpha` or `gamma` is out of range, or
        `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    `torchvision.ops.sigmoid_focal_loss` has the same order of arguments and defaults but for
    `reduction="none"`; in `optax.losses.sigmoid_focal_loss` alpha is None, which is -1 here. Both form
    1 - p_t by a subtraction and lose it where the answer is confident and right; here it is exact. In [1]_
    the sum is divided by the number of objects, which is for the caller to do.

    References
    ----------
    .. [1] Lin, Goyal, Girshick, He, Dollar: Focal Loss for Dense Object Detection, ICCV 2017.

    Examples
    --------
    >>> sigmoid_focal_loss([0.0, 2.0, -2.0], [1.0, 1.0, 1.0], reduction="none").round(4).tolist()
    [0.0433, 0.0005, 0.4125]
    >>> sigmoid_focal_loss(20.0, 1.0)
    np.float64(2.1891276793938092e-27)
    """
    alpha, gamma = _focal_options(input, alpha, gamma)
    z, y, (decay, against, entropy) = _focal_parts(input, target)
    return _balanced(y, alpha, _power_of_doubt(z, y, decay, against, gamma) * entropy)


@sigmoid_focal_loss.derivative
def _(input: FloatArray, target: FloatArray, alpha: float, gamma: float, **_: Any) -> FloatArray:
    alpha, gamma = _focal_options(input, alpha, gamma)
    z, y, (decay, against, entropy) = _focal_parts(input, target)
    # For a hard label the ratio is 1 or e, also where the numerator underflows with e.
    numerator = against + (1 - against) * decay
    ratio = select(numerator == decay, np.ones_like(z), decay / numerator)
    # Where the entropy is infinite the ratio is 0, and so is their product.
    change = select(ratio == 0, np.zeros_like(z), ratio * entropy)
    slope = gamma * (2 * against - 1) * change + (against - (1 - against) * decay)
    power = np.copysign(_power_of_doubt(z, y, decay, against, gamma), z)
    return _balanced(y, alpha, power * (slope / (1 + decay)))


@sigmoid_focal_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, alpha: float, gamma: float, **_: Any) -> FloatArray:
    alpha, gamma = _focal_options(input, alpha, gamma)
    z, y, (decay, against, entropy) = _focal_parts(input, target)
    balance = _balance(y, alpha)
    change = 0 if alpha == -1 else 2 * alpha - 1
    slope = _times(_power_of_doubt(z, y, decay, against, gamma), change * entropy - balance * z)
    if gamma > 0:
        # The slope of q is 1 - 2 sigma(z) = -tanh(z / 2).
        away = np.copysign(np.expm1(-np.abs(z)) / (1 + decay), -z)
        lower = _power_of_doubt(z, y, decay, against, gamma - 1)
        slope = slope + balance * gamma * away * _times(entropy, lower)
    return slope


@shared
def _softmax_parts(input: FloatArray) -> tuple[FloatArray, FloatArray]:
    return softmax_with_complement(input, 1)


def _poly_costs(input: FloatArray, epsilon: float) -> FloatArray:
    """What each class costs if it is the right one: -log p + epsilon (1 - p)."""
    _, complement = _softmax_parts(input)
    return -log_softmax(input, 1) + input.dtype.type(epsilon) * complement


def _read_poly(name: str, arguments: dict[str, Any]) -> None:
    given = {**arguments, "weight": None}
    _read_classes(name, given)
    arguments.update(input=given["input"], target=given["target"])
    if not -1 <= arguments["epsilon"] < np.inf:
        raise ValueError(
            f"{name}: epsilon is {arguments['epsilon']!r}; a finite number not less than -1 is wanted."
        )


@loss(
    read=_read_poly,
    vector_axis=1,
    arrays=("input", "target"),
    convex=False,
    smooth=True,
    lipschitz=9 / 8 * np.sqrt(2),
)
def poly_loss(
    input: Numbers,
    target: Numbers,
    epsilon: float = 2.0,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> FloatArray:
    r"""The Poly-1 loss of class scores: cross-entropy with another weight on its first power of 1 - p.

    .. math:: \ell(z, y) = \sum_k y_k \bigl(-\log p_k + \epsilon\, (1 - p_k)\bigr), \qquad
              p = \mathrm{softmax}(z)

    .. math:: \frac{\partial \ell}{\partial z_k} = p_k \sum_j m_j - m_k, \qquad
              m_k = y_k (1 + \epsilon\, p_k)

    Parameters
    ----------
    input : logits of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64. K classes on axis 1.
    target : class labels, integers from 0 to K - 1, of the shape of `input` without its class axis; or
        class probabilities, floats of exactly the shape of `input`.
    epsilon : what is added to the coefficient 1 of 1 - p in the series of -log p; not less than -1. With 0
        it is `cross_entropy`, with -1 a confident right answer has next to no gradient.
    ignore_index : a label that does not count, in the loss or in its mean; not with class probabilities.
    reduction : "mean" over the samples that count, "sum", or "none" for one loss a sample.
    label_smoothing : the share, between 0 and 1, of each target that is spread evenly over all K classes.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of the labels; in nats.

    Raises
    ------
    ValueError
        If a shape does not fit, a label or `epsilon` is out of range, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    -log p is the sum of (1 - p)^j / j, whose first coefficient becomes 1 + epsilon. The default is the one
    of `optax.losses.poly_loss_cross_entropy`, and of [1]_ on ImageNet. With epsilon between -1 and 0 the
    two terms have opposite signs, and a loss near 0 has the rounding of the larger one. The facts are
    those of epsilon = 2.

    References
    ----------
    .. [1] Leng, Tan, Liu, Cubuk, Shi, Cheng, Anguelov: PolyLoss: A Polynomial Expansion Perspective of
       Classification Loss Functions, ICLR 2022.

    Examples
    --------
    >>> poly_loss([[2.0, 1.0, 0.1], [-1.0, 3.0, 0.5]], [0, 1], reduction="none").round(4).tolist()
    [1.099, 0.2782]
    >>> poly_loss([[2.0, 1.0, 0.1]], [0], epsilon=0.0).round(4)
    np.float64(0.417)
    """
    mass = _target_mass(input, target, None, ignore_index, label_smoothing)
    each = _poly_costs(input, epsilon)
    return np.sum(_times(mass, each), axis=1)


@poly_loss.derivative
def _(
    input: FloatArray, target: Any, epsilon: float, ignore_index: int, label_smoothing: float, **_: Any
) -> FloatArray:
    probability, complement = _softmax_parts(input)
    mass = _target_mass(input, target, None, ignore_index, label_smoothing)
    slope = input.dtype.type(epsilon)
    # 1 + epsilon p, for a negative epsilon by way of 1 - p: with -1 it is just that.
    factor = 1 + slope * probability if slope >= 0 else (1 + slope) - slope * complement
    mass = mass * factor
    return probability * sum_of_others(mass, 1) - complement * mass


@poly_loss.derivative("target")
def _(input: FloatArray, target: Any, epsilon: float, label_smoothing: float, **_: Any) -> FloatArray:
    _only_of_probabilities("target", target)
    return np.where(np.isnan(target), target, (1 - label_smoothing) * _poly_costs(input, epsilon))


poly_loss.divisor(lambda **arguments: _label_weight(weight=None, **arguments))
