"""An activation and a loss as one function of the logit.

Seen from the logit, the pair is what counts: which gradient reaches the weights depends on both parts.
Three pairs fit so well that the derivative of the activation cancels and the gradient is the residual,
prediction minus target; they are computed in one step, without the rounding of the parts. Every other
pair can be built too, by the chain rule, to see what it does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, as_float_array
from lossact._declare import Activation, Loss
from lossact.activations import identity, sigmoid, softmax
from lossact.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
)


class Coupling:
    r"""An activation followed by a loss, as a function of the logit `z`.

    .. math:: C(z, y) = L(f(z), y), \qquad \frac{\partial C}{\partial z} = f'(z)\, L'(f(z), y)

    Attributes
    ----------
    activation, loss : the two parts.
    residual_factor : the number c in the gradient c (p - y) of one sample, p being the prediction; None
        for a pair in which the derivative of the activation does not cancel.
    """

    def __init__(
        self,
        activation: Activation,
        loss: Loss,
        *,
        fused: Loss | None = None,
        residual_factor: float | None = None,
    ) -> None:
        self.activation = activation
        self.loss = loss
        self.residual_factor = residual_factor
        self._fused = fused

    def __repr__(self) -> str:
        return f"<coupling {self.activation.__name__} + {self.loss.__name__}>"

    def predict(self, logit: ArrayLike) -> FloatArray:
        """The activation of the logit: what the network says. Classes on axis 1, as in the losses."""
        if self.activation.elementwise:
            return self.activation(logit)
        return self.activation(logit, self._class_axis(logit))

    def __call__(self, logit: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> FloatArray:
        """The loss of `predict(logit)` against `target`; the shapes are those of the loss."""
        if self._fused is not None:
            return self._fused(logit, target, reduction=reduction)
        return self.loss(self.predict(logit), target, reduction=reduction)

    def grad(self, logit: ArrayLike, target: ArrayLike, *, reduction: str = "mean") -> FloatArray:
        """The gradient with respect to the logit; same shape and dtype as `logit`."""
        if self._fused is not None:
            return self._fused.grad(logit, target, reduction=reduction)
        upstream = self.loss.grad(self.predict(logit), target, reduction=reduction)
        axis: list[Any] = [] if self.activation.elementwise else [self._class_axis(logit)]
        return self.activation.vjp(logit, upstream, *axis)

    def value_and_grad(
        self, logit: ArrayLike, target: ArrayLike, *, reduction: str = "mean"
    ) -> tuple[FloatArray, FloatArray]:
        """`(self(...), self.grad(...))`."""
        return (
            self(logit, target, reduction=reduction),
            self.grad(logit, target, reduction=reduction),
        )

    @staticmethod
    def _class_axis(logit: ArrayLike) -> int:
        return 0 if np.ndim(as_float_array(logit, "logit")) == 1 else 1


identity_mse = Coupling(identity, mse_loss, fused=mse_loss, residual_factor=2.0)
"""Regression: Gaussian noise. The factor is 2 because `mse_loss` has no half."""

sigmoid_bce = Coupling(
    sigmoid, binary_cross_entropy, fused=binary_cross_entropy_with_logits, residual_factor=1.0
)
"""Two classes, or several yes-or-no questions: Bernoulli noise."""

softmax_ce = Coupling(softmax, cross_entropy, fused=cross_entropy, residual_factor=1.0)
"""One of K classes: categorical noise."""

_FITTING = (identity_mse, sigmoid_bce, softmax_ce)


def couple(activation: Activation, loss: Loss) -> Coupling:
    """The pair of `activation` and `loss`.

    Returns the fused pair where it is one of `identity_mse`, `sigmoid_bce`, `softmax_ce`, and the chain
    rule over the two parts otherwise.

    Raises
    ------
    TypeError
        If an argument is not an activation or a loss of this package.
    ValueError
        For `cross_entropy` after anything but softmax: it takes logits and applies the softmax itself.

    Examples
    --------
    >>> from lossact import sigmoid, mse_loss
    >>> couple(sigmoid, mse_loss).grad([10.0], [0.0]).round(7).tolist()
    [9.08e-05]
    """
    if not isinstance(activation, Activation):
        raise TypeError(f"activation is {activation!r}; an activation such as lossact.sigmoid is wanted.")
    if not isinstance(loss, Loss):
        raise TypeError(f"loss is {loss!r}; a loss such as lossact.mse_loss is wanted.")
    for pair in _FITTING:
        if pair.activation is activation and pair.loss is loss:
            return pair
    if loss is cross_entropy:
        raise ValueError(
            f"{activation.__name__} is followed by cross_entropy, which takes logits and applies the softmax "
            "itself; softmax is wanted before it, or another loss after the activation."
        )
    return Coupling(activation, loss)
