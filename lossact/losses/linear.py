"""The cross-entropy of a linear layer, without its logits in memory."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers, as_float_array, as_integer
from lossact._blocks import shared
from lossact._declare import Batch, loss
from lossact.losses.classification import _read_classes, cross_entropy

# Logits in a block: enough for the matrix products to run at full speed, a few megabytes at most.
LOGITS = 1 << 20


def _read_linear(name: str, arguments: dict[str, Any]) -> None:
    input = as_float_array(arguments["input"], "input")
    linear_weight = as_float_array(arguments["linear_weight"], "linear_weight").astype(
        input.dtype, copy=False
    )
    if input.ndim not in (1, 2):
        raise ValueError(
            f"{name}: input has shape {input.shape}; a sample of shape (features,) or a batch of shape "
            "(N, features) is wanted."
        )
    if linear_weight.ndim < 2 or linear_weight.shape[-1] != input.shape[-1]:
        raise ValueError(
            f"{name}: linear_weight has shape {linear_weight.shape}; with input of shape {input.shape} a "
            f"shape (K, {input.shape[-1]}) or (K, d1, ..., {input.shape[-1]}) is wanted."
        )
    outputs = linear_weight.shape[:-1]
    if len(outputs) > 1 and input.ndim == 1:
        raise ValueError(
            f"{name}: linear_weight has shape {linear_weight.shape}, which is for a batch; input has shape "
            f"{input.shape}, a single sample."
        )
    linear_bias = arguments["linear_bias"]
    if linear_bias is not None:
        linear_bias = as_float_array(linear_bias, "linear_bias").astype(input.dtype, copy=False)
        if linear_bias.shape != outputs:
            raise ValueError(
                f"{name}: linear_bias has shape {linear_bias.shape}; the shape {outputs} of linear_weight "
                "without its last axis is wanted."
            )
    ignored = arguments["ignore_index"]
    of_labels = {
        # Of the logits only the shape is looked at.
        "input": np.broadcast_to(np.zeros((), input.dtype), input.shape[:-1] + outputs),
        "target": arguments["target"],
        "weight": arguments["weight"],
        "ignore_index": -100 if ignored is None else as_integer(ignored, f"{name}: ignore_index"),
        "label_smoothing": arguments["label_smoothing"],
    }
    _read_classes(name, of_labels, "the logits have")
    if ignored is not None and of_labels["target"].dtype.kind == "f":
        raise ValueError(
            f"{name}: ignore_index is {ignored!r}, but target holds class probabilities; integer class "
            "labels are wanted with it."
        )
    del of_labels["input"]
    arguments.update(of_labels, input=input, linear_weight=linear_weight, linear_bias=linear_bias)


def _shape(*, input: FloatArray, linear_weight: FloatArray, **_: Any) -> tuple[int, ...]:
    """One loss for each sample, and for each output of the layer beside the classes."""
    return input.shape[:-1] + linear_weight.shape[1:-1]


def _height(*, linear_weight: FloatArray, **_: Any) -> int:
    return max(1, LOGITS // int(np.prod(linear_weight.shape[:-1])))


@shared
def _logits(input: FloatArray, linear_weight: FloatArray, linear_bias: FloatArray | None) -> FloatArray:
    outputs = linear_weight.shape[:-1]
    logits = (input @ linear_weight.reshape(-1, input.shape[-1]).T).reshape(input.shape[:-1] + outputs)
    if linear_bias is not None:
        logits += linear_bias
    return logits


@shared
def _slopes_of(
    logits: FloatArray, target: Any, weight: FloatArray | None, ignore_index: int, label_smoothing: float
) -> FloatArray:
    """The gradient of each sample's loss by its logits."""
    return cross_entropy.grad(
        logits,
        target,
        weight,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        reduction="none",
    )


def _slopes(
    input: FloatArray,
    linear_weight: FloatArray,
    linear_bias: FloatArray | None,
    target: Any,
    weight: FloatArray | None,
    ignore_index: int,
    label_smoothing: float,
    **_: Any,
) -> FloatArray:
    """The same of a block, as a matrix with one row a sample."""
    logits = _logits(input, linear_weight, linear_bias)
    slopes = _slopes_of(logits, target, weight, ignore_index, label_smoothing)
    return slopes.reshape(-1, int(np.prod(linear_weight.shape[:-1])))


@loss(
    read=_read_linear,
    arrays=("input", "target"),
    batch=Batch(axes={"input": 0, "target": 0}, shape=_shape, height=_height),
    convex=True,
    smooth=True,
    lipschitz=np.inf,
)
def linear_cross_entropy(
    input: Numbers,
    linear_weight: Numbers,
    target: Numbers,
    *,
    linear_bias: Numbers | None = None,
    weight: Numbers | None = None,
    reduction: str = "mean",
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
) -> FloatArray:
    r"""The cross-entropy of a linear layer's logits, a block of samples at a time.

    .. math:: L = \frac{1}{N} \sum_n \ell(A x_n + b, y_n), \qquad
              \frac{\partial L}{\partial x_n} = \frac{1}{N} A^\top \delta_n, \qquad
              \frac{\partial L}{\partial A} = \frac{1}{N} \sum_n \delta_n x_n^\top, \qquad
              \frac{\partial L}{\partial b} = \frac{1}{N} \sum_n \delta_n

    where :math:`\ell` is `cross_entropy` and :math:`\delta_n` its gradient by the logits of sample n.

    Parameters
    ----------
    input : features of shape (N, F), or (F,) for a single sample; float32 or float64.
    linear_weight : the matrix A of the layer, of shape (K, F) for K classes, or (K, d1, ..., F) for more
        than one label a sample.
    target : class labels, integers from 0 to K - 1, of shape (N,) or (N, d1, ...); or class probabilities,
        floats of shape (N, K) or (N, K, d1, ...). For a single sample without N.
    linear_bias : the vector b of the layer, of the shape of `linear_weight` without its last axis.
    weight : one factor a class, shape (K,).
    reduction : "mean", "sum", or "none" for one loss a label. With labels and `weight`, "mean" divides by
        the sum of the weights of the labels; with probabilities by their number.
    ignore_index : a label that does not count, in the loss or in its mean; None for -100. Not with class
        probabilities.
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

    Notes
    -----
    `linear_cross_entropy.grad(..., wrt=("input", "linear_weight", "linear_bias"))` takes every gradient from
    one pass over the samples. At no time are there more than about a million logits, however many samples
    there are; so there are no `options` about the size of a block, which torch has. The logits are sums of F
    products in the dtype of `input`, and their rounding is all that this loss adds to `cross_entropy`.

    References
    ----------
    .. [1] Wijmans, Huval, Hertzberg, Koltun, Kraehenbuehl: Cut Your Losses in Large-Vocabulary Language
       Models, ICLR 2025.

    Examples
    --------
    >>> X, A = [[1.0, 2.0], [0.0, -1.0]], [[0.5, 0.0], [0.0, 1.0], [-1.0, 0.5]]
    >>> linear_cross_entropy(X, A, [1, 0]).round(4)
    np.float64(0.4933)
    >>> gradients = linear_cross_entropy.grad(X, A, [1, 0], wrt=("input", "linear_weight"))
    >>> [gradient.shape for gradient in gradients]
    [(2, 2), (3, 2)]
    """
    return cross_entropy(
        _logits(input, linear_weight, linear_bias),
        target,
        weight,
        ignore_index=ignore_index,  # type: ignore[arg-type]  # a number by now
        label_smoothing=label_smoothing,
        reduction="none",
    )


@linear_cross_entropy.derivative
def _(input: FloatArray, linear_weight: FloatArray, **others: Any) -> FloatArray:
    slopes = _slopes(input, linear_weight, **others)
    return (slopes @ linear_weight.reshape(slopes.shape[1], -1)).reshape(input.shape)


@linear_cross_entropy.derivative("linear_weight", summed=True)
def _(total: FloatArray, input: FloatArray, linear_weight: FloatArray, **others: Any) -> None:
    slopes = _slopes(input, linear_weight, **others)
    features = input.reshape(len(slopes), -1)
    rows = total.reshape(slopes.shape[1], -1)
    # A few rows at a time: the product for all of them would be as large as the gradient itself.
    height = max(1, LOGITS // 4 // max(1, features.shape[1]))
    for start in range(0, len(rows), height):
        rows[start : start + height] += slopes[:, start : start + height].T @ features


@linear_cross_entropy.derivative("linear_bias", summed=True)
def _(total: FloatArray, input: FloatArray, linear_weight: FloatArray, **others: Any) -> None:
    slopes = _slopes(input, linear_weight, **others)
    total += np.sum(slopes, axis=0, dtype=np.float64).reshape(total.shape)


@linear_cross_entropy.derivative("target")
def _(
    input: FloatArray,
    linear_weight: FloatArray,
    linear_bias: FloatArray | None,
    target: Any,
    weight: FloatArray | None,
    label_smoothing: float,
    **_: Any,
) -> FloatArray:
    slopes: FloatArray = cross_entropy.grad(
        _logits(input, linear_weight, linear_bias),
        target,
        weight,
        label_smoothing=label_smoothing,
        reduction="none",
        wrt="target",
    )
    return slopes


@linear_cross_entropy.derivative("weight", summed=True)
def _(
    total: FloatArray,
    input: FloatArray,
    linear_weight: FloatArray,
    linear_bias: FloatArray | None,
    target: Any,
    weight: FloatArray,
    label_smoothing: float,
    **_: Any,
) -> None:
    total += cross_entropy.grad(
        _logits(input, linear_weight, linear_bias),
        target,
        weight,
        label_smoothing=label_smoothing,
        reduction="none",
        wrt="weight",
    )


@linear_cross_entropy.divisor
def _(
    *, target: Any, linear_weight: FloatArray, weight: FloatArray | None, ignore_index: int, **_: Any
) -> float:
    """The summed class weights of the labels, or the number of distributions."""
    if target.dtype.kind == "f":
        return target.size / len(linear_weight)
    labels = target[target != ignore_index]
    return labels.size if weight is None else float(np.sum(weight[labels], dtype=np.float64))
