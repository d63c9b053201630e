"""Losses that want the right classes ahead of the wrong ones by a margin, or each on its own side of 0.

In the margin losses the class axis is 1, after the batch, with any number of axes behind it; a single
vector of scores has its classes on axis 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossact._arithmetic import sum_in_two_parts
from lossact._arrays import FloatArray, IntArray, Numbers, as_array, as_float_array, same_shape, weight_like
from lossact._blocks import select, shared, where_true
from lossact._declare import class_axis, loss
from lossact.losses.classification import logit_parts

BoolArray = NDArray[np.bool_]


def _read_scores(name: str, arguments: dict[str, Any]) -> FloatArray:
    input = as_float_array(arguments["input"], "input")
    if input.ndim == 0:
        raise ValueError(f"{name}: input is a single number; a vector of class scores is wanted.")
    if input.shape[class_axis(input.ndim)] == 0:
        raise ValueError(f"{name}: input has shape {input.shape}; at least one class is wanted.")
    return input


def _read_integers(name: str, target: Numbers, what: str) -> IntArray:
    labels = as_array(target, "target")
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{name}: target has dtype {labels.dtype}; {what} are wanted.")
    return labels.astype(np.int64, copy=False)


def _read_labels(name: str, arguments: dict[str, Any]) -> None:
    input = _read_scores(name, arguments)
    axis = class_axis(input.ndim)
    classes, samples = input.shape[axis], input.shape[:axis] + input.shape[axis + 1 :]
    target = _read_integers(name, arguments["target"], "integer class labels")
    if target.shape != samples:
        raise ValueError(
            f"{name}: input has shape {input.shape}, so integer labels of shape {samples} are wanted; "
            f"target has shape {target.shape}."
        )
    _check_labels(name, target, 0, classes)
    if arguments["p"] not in (1, 2):
        raise ValueError(f"{name}: p is {arguments['p']!r}; 1 or 2 is wanted.")
    if not np.isfinite(arguments["margin"]):
        raise ValueError(f"{name}: margin is {arguments['margin']!r}; a finite number is wanted.")
    weight = arguments["weight"]
    if weight is not None:
        weight = as_float_array(weight, "weight")
        if weight.shape != (classes,):
            raise ValueError(
                f"{name}: weight has shape {weight.shape}; one weight a class, shape ({classes},), is wanted."
            )
    arguments.update(input=input, target=target, weight=weight)


def _check_labels(name: str, target: IntArray, least: int, classes: int) -> None:
    if target.size and (np.min(target) < least or np.max(target) >= classes):
        wrong = target[(target < least) | (target >= classes)].flat[0]
        raise ValueError(
            f"{name}: target holds label {wrong}; with {classes} classes, labels from {least} to "
            f"{classes - 1} are wanted."
        )


def _shortfall(input: FloatArray, position: IntArray, margin: Any) -> FloatArray:
    """max(0, margin - x_y + x_j) for each j, where `position` holds y; its class axis has length 1."""
    # Of three numbers, two sums and what both of them round away: the margin is next to nothing beside
    # large scores, and next to the kink all of them nearly cancel.
    difference, rest = sum_in_two_parts(input, -np.take_along_axis(input, position, axis=1))
    shortfall, dropped = sum_in_two_parts(difference, np.full_like(difference, margin))
    return np.maximum(shortfall + (rest + dropped), 0)


@shared
def _multi_margin_parts(
    input: FloatArray, target: IntArray, margin: float, weight: FloatArray | None
) -> tuple[FloatArray, IntArray, Any]:
    """By how much each wrong class lacks the margin, where the right one is, and the factor of a term."""
    position = np.expand_dims(target, 1)
    shortfall = _shortfall(input, position, input.dtype.type(margin))
    # The class itself does not count, unless it is nan.
    own = np.take_along_axis(input, position, axis=1)
    np.put_along_axis(shortfall, position, np.where(np.isnan(own), own, 0), axis=1)
    factor: Any = input.dtype.type(1)
    if weight is not None:
        factor = weight.astype(input.dtype)[position]
    return shortfall, position, factor / input.shape[1]


@loss(
    read=_read_labels,
    vector_axis=1,
    arrays=("input", "target"),
    convex=True,
    smooth=False,
    lipschitz=1.0,
)
def multi_margin_loss(
    input: Numbers,
    target: Numbers,
    p: int = 1,
    margin: float = 1.0,
    weight: Numbers | None = None,
    *,
    reduction: str = "mean",
) -> FloatArray:
    r"""The multi-class hinge loss: what the right class lacks of a margin over each of the others.

    .. math:: \ell(x, y) = \frac{w_y}{K} \sum_{j \ne y} \max(0, \text{margin} - x_y + x_j)^p

    .. math:: \frac{\partial \ell}{\partial x_j} = \frac{w_y}{K}\, p \max(0, \text{margin} - x_y + x_j)^{p-1}
              \quad (j \ne y), \qquad
              \frac{\partial \ell}{\partial x_y} = -\sum_{j \ne y} \frac{\partial \ell}{\partial x_j}

    Parameters
    ----------
    input : scores of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64. K classes on axis 1.
    target : class labels, integers from 0 to K - 1, of the shape of `input` without its class axis.
    p : 1 or 2, the power of each shortfall.
    margin : how far ahead the right class should be, in units of `input`.
    weight : one factor a class, shape (K,); a sample has the factor of its label.
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `target`.

    Raises
    ------
    ValueError
        If a shape does not fit, a label is out of range, `p` is neither 1 nor 2, `margin` is not finite, or
        `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or `target` not of integers.

    Notes
    -----
    At the kink, a shortfall of exactly 0, the gradient is taken as 0, as torch does. The weight stands
    outside of the power and does not enter into what "mean" divides by, as torch computes it; the
    documentation of `torch.nn.MultiMarginLoss` writes it inside the power. torch takes no axes after the
    class axis. The facts are those of the defaults.

    References
    ----------
    .. [1] Weston, Watkins: Support Vector Machines for Multi-Class Pattern Recognition, ESANN 1999.

    Examples
    --------
    >>> multi_margin_loss([[0.1, 0.2, 0.4, 0.8]], [3], reduction="none").round(4).tolist()
    [0.325]
    >>> multi_margin_loss.grad([[0.0, 2.0, 0.5, -1.0]], [1]).tolist()
    [[0.0, 0.0, 0.0, 0.0]]
    >>> multi_margin_loss.grad([[0.0, 2.0, 1.5, -1.0]], [1]).tolist()
    [[0.0, -0.25, 0.25, 0.0]]
    """
    shortfall, _, factor = _multi_margin_parts(input, target, margin, weight)
    return np.sum(factor * shortfall if p == 1 else factor * np.square(shortfall), axis=1)


@multi_margin_loss.derivative
def _(
    input: FloatArray, target: IntArray, p: int, margin: float, weight: FloatArray | None, **_: Any
) -> FloatArray:
    shortfall, position, factor = _multi_margin_parts(input, target, margin, weight)
    # A count is exact, so it is multiplied last; a sum of large shortfalls could overflow before that.
    slope = where_true(shortfall > 0, shortfall) if p == 1 else factor * (2 * shortfall)
    np.put_along_axis(slope, position, 0 - np.sum(slope, axis=1, keepdims=True), axis=1)
    return slope * factor if p == 1 else slope


def _read_label_lists(name: str, arguments: dict[str, Any]) -> None:
    input = _read_scores(name, arguments)
    target = _read_integers(name, arguments["target"], "integer class labels, ended by -1,")
    if target.shape != input.shape:
        raise ValueError(
            f"{name}: input has shape {input.shape} and target has shape {target.shape}; they must be the "
            "same: each sample has a list of its labels, filled up with -1."
        )
    _check_labels(name, target, -1, input.shape[class_axis(input.ndim)])
    arguments.update(input=input, target=target)


@shared
def _label_lists(target: FloatArray) -> tuple[IntArray, BoolArray, BoolArray]:
    """The labels, in slots along axis 1; which of the slots count; and which of the classes are no label."""
    labels = target.astype(np.int64)
    listed = np.logical_and.accumulate(labels >= 0, axis=1)
    slots = int(np.max(np.sum(listed, axis=1), initial=0))
    labels, listed = labels[:, :slots], listed[:, :slots]
    other = np.ones(target.shape, bool)
    for slot in range(slots):
        position = labels[:, slot : slot + 1]
        remains = np.take_along_axis(other, position, axis=1) & ~listed[:, slot : slot + 1]
        np.put_along_axis(other, position, remains, axis=1)
    return labels, listed, other


def _slots(input: FloatArray, target: FloatArray) -> Iterator[tuple[IntArray, FloatArray]]:
    """For each slot of the lists its class, and what that lacks of the margin over each that is no label."""
    labels, listed, other = _label_lists(target)
    for slot in range(labels.shape[1]):
        position, counts = labels[:, slot : slot + 1], listed[:, slot : slot + 1]
        shortfall = _shortfall(input, position, input.dtype.type(1))
        yield position, select(other & counts, shortfall, np.zeros_like(input))


@loss(
    read=_read_label_lists,
    vector_axis=1,
    convex=True,
    smooth=False,
    lipschitz=np.inf,
)
def multilabel_margin_loss(input: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
    r"""The multi-label hinge loss: what each label lacks of a margin of 1 over each class that is none.

    .. math:: \ell(x, y) = \frac{1}{K} \sum_{i \in y} \sum_{j \notin y} \max(0, 1 - x_i + x_j)

    .. math:: \frac{\partial \ell}{\partial x_j} = \frac{1}{K} \sum_{i \in y} [1 - x_i + x_j > 0]
              \quad (j \notin y), \qquad
              \frac{\partial \ell}{\partial x_i} = -\frac{1}{K} \sum_{j \notin y} [1 - x_i + x_j > 0]
              \quad (i \in y)

    Parameters
    ----------
    input : scores of shape (N, K), (N, K, d1, ...) or (K,), float32 or float64. K classes on axis 1.
    target : integers, exactly the shape of `input`: along the class axis the labels of a sample, from 0 to
        K - 1, up to the first -1. What follows the first -1 does not count.
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its class axis.

    Raises
    ------
    ValueError
        If the shapes differ, a label is out of range, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers, or `target` not of integers.

    Notes
    -----
    A label that is listed twice counts twice, as in torch. At the kink, a shortfall of exactly 0, the
    gradient is taken as 0, as torch does. torch takes no axes after the class axis.

    References
    ----------
    .. [1] Elisseeff, Weston: A Kernel Method for Multi-Labelled Classification, NIPS 2001.

    Examples
    --------
    >>> multilabel_margin_loss([[0.1, 0.2, 0.4, 0.8]], [[3, 0, -1, 1]]).round(4)
    np.float64(0.85)
    >>> multilabel_margin_loss.grad([[0.0, 2.0, 0.5, -1.0]], [[1, 0, -1, -1]]).tolist()
    [[-0.25, 0.0, 0.25, 0.0]]
    """
    losses = np.where(np.isnan(np.max(input, axis=1)), np.nan, 0.0)
    for _, shortfall in _slots(input, target):
        losses = losses + np.sum(shortfall, axis=1, dtype=np.float64)
    return losses / input.shape[1]


@multilabel_margin_loss.derivative
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    slope = np.where(np.isnan(input), input, 0)
    for position, shortfall in _slots(input, target):
        steps = where_true(shortfall > 0, shortfall)
        slope = slope + steps
        own = np.take_along_axis(slope, position, axis=1) - np.sum(steps, axis=1, keepdims=True)
        np.put_along_axis(slope, position, own, axis=1)
    return slope / input.shape[1]


def _read_soft_margins(name: str, arguments: dict[str, Any]) -> None:
    input, target = same_shape(name, arguments["input"], arguments["target"])
    arguments.update(input=input, target=target)
    arguments["input"] = _read_scores(name, arguments)
    if input.shape[-1] == 0:
        raise ValueError(f"{name}: input has shape {input.shape}; at least one class is wanted.")
    if arguments["weight"] is not None:
        arguments["weight"] = weight_like(name, arguments["weight"], input.shape)


def _weighted_share(terms: FloatArray, weight: FloatArray | None) -> FloatArray:
    return (terms if weight is None else terms * weight) / terms.shape[1]


@loss(read=_read_soft_margins, vector_axis=-1, convex=True, smooth=True, lipschitz=1.0)
def multilabel_soft_margin_loss(
    input: Numbers, target: Numbers, weight: Numbers | None = None, *, reduction: str = "mean"
) -> FloatArray:
    r"""The binary cross-entropy of logits, averaged over the classes of a sample, in nats.

    .. math:: \ell(z, y) = \frac{1}{K} \sum_k w_k \bigl(y_k \log(1 + e^{-z_k})
              + (1 - y_k) \log(1 + e^{z_k})\bigr), \qquad
              \frac{\partial \ell}{\partial z_k} = \frac{w_k}{K} (\sigma(z_k) - y_k)

    Parameters
    ----------
    input : logits of shape (..., K), float32 or float64 (integers become float64). K classes on the last
        axis.
    target : labels 0 and 1, or probabilities between; exactly the shape of `input`.
    weight : factors, which must broadcast to the shape of `input`; usually one a class, shape (K,).
    reduction : "mean" over the samples, "sum", or "none" for one loss a sample.

    Returns
    -------
    A scalar, or with `reduction="none"` an array of the shape of `input` without its last axis; in nats.

    Raises
    ------
    ValueError
        If the shapes differ, there is no class, or `reduction` is unknown.
    TypeError
        If an argument is not made of real numbers.

    Notes
    -----
    It is `binary_cross_entropy_with_logits` with one loss a sample instead of one a class. The class axis
    is the last one, as in torch, where other class losses have it at 1.

    References
    ----------
    .. [1] Goodfellow, Bengio, Courville: Deep Learning, MIT Press 2016, section 6.2.2.2.

    Examples
    --------
    >>> multilabel_soft_margin_loss([[0.0, 9.0], [0.0, -9.0]], [[1, 1], [0, 1]], reduction="none").round(4)
    array([0.3466, 4.8466])
    >>> multilabel_soft_margin_loss.grad([[0.0, 1000.0]], [[1, 0]]).tolist()
    [[-0.25, 0.5]]
    """
    return np.sum(_weighted_share(logit_parts(input, target)[2], weight), axis=1)


@multilabel_soft_margin_loss.derivative
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    decay, against, _losses = logit_parts(input, target)
    slope = np.copysign(1 / (1 + decay), input) * (against - (1 - against) * decay)
    return _weighted_share(slope, weight)


@multilabel_soft_margin_loss.derivative("target")
def _(input: FloatArray, target: FloatArray, weight: FloatArray | None, **_: Any) -> FloatArray:
    return _weighted_share(np.where(np.isnan(target), target, -input), weight)


@multilabel_soft_margin_loss.derivative("weight")
def _(input: FloatArray, target: FloatArray, **_: Any) -> FloatArray:
    return _weighted_share(logit_parts(input, target)[2], None)
