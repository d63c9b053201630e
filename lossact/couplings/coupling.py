"""Couplings: the seven that fit, and any other pair to see what it does."""

from __future__ import annotations

from typing import Any

import numpy as np

from lossact._arrays import FloatArray, Numbers, as_float_array
from lossact._declare import Activation, Function, Loss
from lossact.activations import (
    exponential,
    gumbel_minimum_cdf,
    identity,
    log_softmax,
    normal_cdf,
    sigmoid,
    softmax,
    softplus,
)
from lossact.couplings import fused
from lossact.couplings.explanation import Explanation, explain
from lossact.couplings.noise import GAUSSIAN, LINKS, NOISE, NoiseModel
from lossact.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
    poisson_nll_loss,
)


class Coupling:
    r"""An activation followed by a loss, as a function of the logit `z`.

    .. math:: C(z, y) = L(f(z), y), \qquad \frac{\partial C}{\partial z} = f'(z)\, L'(f(z), y)

    Parameters
    ----------
    activation : the activation f of the output.
    loss : the loss L of what the activation gives, or a coupling, which puts its own activation between.
    fused : the same as a loss of the logit, if there is one that is computed in one step.

    Attributes
    ----------
    activation, loss : the two parts.
    then : the coupling that comes after the activation, if `loss` is one or brings its own activation;
        None otherwise.
    noise : the noise model whose negative log-likelihood the loss is, or None.
    residual_factor : the number c in the gradient c (p - y) of one sample, p being the prediction; None
        for a pair in which the derivative of the activation does not cancel.
    """

    def __init__(
        self, activation: Activation[...], loss: Loss[...] | Coupling, *, fused: Loss[...] | None = None
    ) -> None:
        self.activation = activation
        self.loss = loss
        self.then: Coupling | None = loss if isinstance(loss, Coupling) else _BRINGS.get(loss)
        self.noise: NoiseModel | None = self.then.noise if self.then else NOISE.get(self.last)
        self.residual_factor = self._residual_factor()
        self._fused = fused
        self._options: dict[str, Any] = _OPTIONS.get(loss, {}) if isinstance(loss, Loss) else {}

    @property
    def last(self) -> Loss[...]:
        """The loss at the end, where couplings are coupled."""
        return self.loss.last if isinstance(self.loss, Coupling) else self.loss

    def _residual_factor(self) -> float | None:
        if self.then is not None:
            # The softmax of a log-softmax is the softmax: nothing has changed.
            same = self.activation is identity or (
                self.activation is log_softmax and self.then.activation is softmax
            )
            return self.then.residual_factor if same else None
        if self.noise is None or self.activation is not self.noise.canonical or self.loss is nll_loss:
            return None
        return 2.0 if self.loss is mse_loss else 1.0

    @property
    def name(self) -> str:
        """The names of its parts, in the order in which they are applied."""
        return f"{self.activation.__name__} + {self.loss_name}"

    @property
    def loss_name(self) -> str:
        return self.loss.short_name if isinstance(self.loss, Coupling) else self.loss.__name__

    @property
    def short_name(self) -> str:
        """The name under which this module has it, or that of its parts."""
        return next((name for name, pair in FITTING.items() if pair is self), self.name)

    @property
    def fitting(self) -> Coupling:
        """The coupling to take where this one has a fault, and itself where it has none."""
        if self.then is not None:
            return self.then.fitting
        by_activation = {pair.activation: pair for pair in FITTING.values()} | {log_softmax: softmax_ce}
        same = by_activation.get(self.activation, identity_mse)
        # A loss that takes any number says nothing of the target, so the activation has to; and no other
        # activation than these two says that there are classes.
        if self.noise in (None, GAUSSIAN, same.noise) or same is softmax_ce:
            return same
        return by_activation[self.noise.canonical]

    def __repr__(self) -> str:
        return f"<coupling {self.name}>"

    @property
    def canonical(self) -> bool:
        """Whether the logit is the natural parameter of the noise model: the gradient is the residual."""
        return self.residual_factor is not None

    @property
    def why(self) -> str:
        """A sentence that says why it is canonical, or why not."""
        return self.explain().reason

    def predict(self, logit: Numbers) -> FloatArray:
        """What the network says of this logit: the prediction that is compared with the target.

        That is the activation of the logit, or, where the loss brings another activation, that one of it.
        Classes are on axis 1, as in the losses.
        """
        output = self.activation(logit, *self._axis(logit))
        return output if self.then is None else self.then.predict(output)

    def link(self, mean: Numbers) -> FloatArray:
        """The logit that `predict` turns into `mean`: the inverse of the activation.

        For softmax, which does not change if a number is added to all logits, it is the logarithm of the
        probabilities. The result has the shape and dtype of `mean`.

        Raises
        ------
        NotImplementedError
            If the activation is not the inverse of one of the links of this package.
        ValueError
            If `mean` holds a number that the activation cannot give.
        """
        if self.activation not in LINKS:
            raise NotImplementedError(f"{self.name}: no inverse of {self.activation.__name__} is known here.")
        return LINKS[self.activation](mean if self.then is None else self.then.link(mean))

    def variance(self, mean: Numbers) -> FloatArray:
        """The variance of the target where its mean is `mean`, by the noise model with dispersion 1.

        For classes it is the one of each entry of a one-hot target.

        Raises
        ------
        NotImplementedError
            If the loss is not the likelihood of a noise model.
        ValueError
            If `mean` holds a number that cannot be a mean.
        """
        if self.noise is None:
            raise NotImplementedError(f"{self.name}: the loss is not the likelihood of a noise model.")
        return self.noise.variance(mean)

    def __call__(self, logit: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
        """The loss of `predict(logit)` against `target`; the shapes are those of the loss."""
        if self._fused is not None:
            return self._fused(logit, target, reduction=reduction)
        output = self.activation(logit, *self._axis(logit))
        return self.loss(output, target, reduction=reduction, **self._options)

    def grad(self, logit: Numbers, target: Numbers, *, reduction: str = "mean") -> FloatArray:
        """The gradient with respect to the logit; same shape and dtype as `logit`."""
        if self._fused is not None:
            gradient: FloatArray = self._fused.grad(logit, target, reduction=reduction)
            return gradient
        return self.value_and_grad(logit, target, reduction=reduction)[1]

    def value_and_grad(
        self, logit: Numbers, target: Numbers, *, reduction: str = "mean"
    ) -> tuple[FloatArray, FloatArray]:
        """`(self(...), self.grad(...))`."""
        if self._fused is not None:
            return self._fused.value_and_grad(logit, target, reduction=reduction)
        axis = self._axis(logit)
        output = self.activation(logit, *axis)
        value, upstream = self.loss.value_and_grad(output, target, reduction=reduction, **self._options)
        return value, self.activation.vjp(logit, upstream, *axis)

    def explain(self) -> Explanation:
        """What the pair is, whether it fits and why, with numbers computed for it.

        Printed it is a short text; its parts can be read one by one, see `Explanation`.

        Examples
        --------
        >>> from lossact import mse_loss, sigmoid
        >>> found = couple(sigmoid, mse_loss).explain()
        >>> found.canonical, found.fault
        (False, 'vanishing')
        >>> found.numbers["gradient"], found.numbers["matched"]  # doctest: +ELLIPSIS
        (-9.07...e-05, -0.9999...)
        """
        return explain(self)

    def _axis(self, logit: Numbers) -> list[Any]:
        if self.activation.elementwise:
            return []
        return [0 if np.ndim(as_float_array(logit, "logit")) == 1 else 1]


# What makes a loss one of the prediction, where by default it is one of something else.
_OPTIONS: dict[Loss[...], dict[str, Any]] = {poisson_nll_loss: {"log_input": False, "eps": 0.0}}

# Losses that apply an activation before they compare; filled below, where there are couplings.
_BRINGS: dict[Loss[...], Coupling] = {}

identity_mse = Coupling(identity, mse_loss, fused=mse_loss)
"""Regression: Gaussian noise. The factor of the residual is 2 because `mse_loss` has no half."""

sigmoid_bce = Coupling(sigmoid, binary_cross_entropy, fused=binary_cross_entropy_with_logits)
"""Two classes, or several yes-or-no questions: Bernoulli noise, logit link."""

probit_bce = Coupling(normal_cdf, binary_cross_entropy, fused=fused.probit_bce)
"""Two classes that a normal tolerance divides: Bernoulli noise, probit link."""

cloglog_bce = Coupling(gumbel_minimum_cdf, binary_cross_entropy, fused=fused.cloglog_bce)
"""Whether at least one event happens: Bernoulli noise, complementary log-log link."""

softmax_ce = Coupling(softmax, cross_entropy, fused=cross_entropy)
"""One of K classes: categorical noise."""

exp_poisson = Coupling(exponential, poisson_nll_loss, fused=poisson_nll_loss)
"""Counts whose effects multiply: Poisson noise, log link."""

softplus_poisson = Coupling(softplus, poisson_nll_loss, fused=fused.softplus_poisson)
"""Counts whose effects add up: Poisson noise, a rate that grows like the score."""

FITTING: dict[str, Coupling] = {
    "identity_mse": identity_mse,
    "sigmoid_bce": sigmoid_bce,
    "probit_bce": probit_bce,
    "cloglog_bce": cloglog_bce,
    "softmax_ce": softmax_ce,
    "exp_poisson": exp_poisson,
    "softplus_poisson": softplus_poisson,
}
"""The couplings that are computed in one step, by name."""

_BRINGS[binary_cross_entropy_with_logits] = sigmoid_bce


def couple(activation: Activation[...], loss: Loss[...] | Coupling) -> Coupling:
    """The pair of `activation` and `loss`, whether it fits or not.

    Parameters
    ----------
    activation : an activation that needs nothing but its input (and the axis of the classes).
    loss : a loss of a prediction and a target. Or a coupling, to put its own activation after the first one:
        `couple(softmax, softmax_ce)` is the softmax taken twice, what one gets from
        `torch.nn.functional.cross_entropy(softmax(z), y)`. `binary_cross_entropy_with_logits` counts as
        `sigmoid_bce` here, and `poisson_nll_loss` is the one of a rate (log_input=False, eps=0).

    Returns
    -------
    The fused pair where it is one of `identity_mse`, `sigmoid_bce`, `probit_bce`, `cloglog_bce`,
    `softmax_ce`, `exp_poisson`, `softplus_poisson`, and the chain rule over the two parts otherwise.

    Raises
    ------
    TypeError
        If an argument is not an activation or a loss of this package.
    ValueError
        For `cross_entropy` after anything but softmax, because it takes logits and applies the softmax
        itself; and for an activation or a loss that needs further arguments.

    Examples
    --------
    >>> from lossact import sigmoid, mse_loss
    >>> couple(sigmoid, mse_loss).grad([10.0], [0.0]).round(7).tolist()
    [9.08e-05]
    >>> couple(softmax, softmax_ce)([[100.0] + 9 * [0.0]], [0]).round(4)
    np.float64(1.4612)
    """
    if not isinstance(activation, Activation):
        raise TypeError(f"activation is {activation!r}; an activation such as lossact.sigmoid is wanted.")
    if not isinstance(loss, Loss | Coupling):
        raise TypeError(f"loss is {loss!r}; a loss such as lossact.mse_loss is wanted.")
    _needs_only(activation, {"input", "dim"}, "its input")
    if isinstance(loss, Loss):
        _needs_only(loss, {"input", "target"}, "a prediction and a target")
    for pair in FITTING.values():
        if pair.activation is activation and pair.loss is loss:
            return pair
    if activation is identity and (isinstance(loss, Coupling) or loss in _BRINGS):
        return loss if isinstance(loss, Coupling) else _BRINGS[loss]
    if loss is cross_entropy:
        name = activation.__name__
        raise ValueError(
            f"{name} is followed by cross_entropy, which takes logits and applies the softmax itself; "
            f"softmax is wanted before it, or another loss after {name}. For {name} and then softmax, as in "
            f"cross_entropy({name}(z), y), write couple({name}, softmax_ce)."
        )
    return Coupling(activation, loss)


def _needs_only(function: Function[Any], known: set[str], what: str) -> None:
    """Refuse a function with an argument that a coupling does not give it."""
    parameters = function._parameters
    further = [each.name for each in parameters if each.default is each.empty and each.name not in known]
    if further or not known >= {each.name for each in parameters[: len(known) - ("dim" in known)]}:
        raise ValueError(
            f"{function.__name__} takes {', '.join(each.name for each in parameters)}; a function of {what} "
            "alone is wanted."
        )
