"""Losses for a class: as a probability, as a logit, as a signed score, or as a vector of scores.

In the class losses the class axis is 1, after the batch, with any number of axes behind it; a single
vector of scores has its classes on axis 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, IntArray, as_array, as_float_array, same_shape, weight_like
from lossact._blocks import (
    at_least,
    holds_nan,
    is_not_zero,
    nan_where_nan,
    positive_part,
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
    log_softmax_vjp,
    positions,
    softmax_parts,
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
    input: ArrayLike, target: ArrayLike, weight: ArrayLike | None = None, *, reduction: str = "mean"
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


@shared
def _bend(x: FloatArray) -> FloatArray:
    """log(1 + exp(-|x|)), which is what softplus(x) exceeds max(x, 0) by."""
    odds = ordinary_exponential(x)
    return np.log1p(decay(x) if odds is None else np.minimum(odds, 1 / odds))


@loss(
    read=_read_binary,
    arrays=("input", "target", "weight", "pos_weight"),
    convex=True,
    smooth=True,
    lipschitz=1.0,
)
def binary_cross_entropy_with_logits(
    input: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    reduction: str = "mean",
    pos_weight: ArrayLike | None = None,
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
    below, above = positive_part(-input) + _bend(input), positive_part(input) + _bend(input)
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


@loss(read=_read_binary, check=_check_margin, convex=True, smooth=True, lipschitz=1.0)
def soft_margin_loss(input: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> FloatArray:
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
def hinge_loss(input: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> FloatArray:
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
def squared_hinge_loss(input: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> FloatArray:
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
def exponential_loss(input: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> FloatArray:
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


def _read_classes(name: str, arguments: dict[str, Any]) -> None:
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
                f"{name}: input has shape {input.shape}, so integer labels of shape {samples} are "
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
    target: FloatArray | IntArray,
    weight: FloatArray | None,
    ignore_index: int,
    label_smoothing: float,
) -> FloatArray:
    """How much each class's -log p counts: the (smoothed) target distribution times the class weights."""
    axis = _class_axis(input)
    if target.dtype.kind == "f":
        mass = target if weight is None else target * _along_classes(weight, input)
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
    input: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None = None,
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
    input: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike | None = None,
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
