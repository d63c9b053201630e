"""Gradient descent as a loop that records what happened, on all samples at once or batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, as_float_array, as_number
from lossact._declare import Loss
from lossact.couplings import Coupling
from lossact.networks import MLP


@dataclass(frozen=True)
class Descent:
    """What gradient descent did.

    Attributes
    ----------
    parameters : array of shape (steps + 1, *start.shape): the start, then the point after each step.
    losses : array of shape (steps + 1,): the loss at each of these points.
    overflowed_at : the step after which the loss or a parameter was no longer finite; None if it never
        happened. The record ends there.
    """

    parameters: FloatArray
    losses: FloatArray
    overflowed_at: int | None

    @property
    def end(self) -> FloatArray:
        """The last point."""
        last: FloatArray = self.parameters[-1]
        return last


@dataclass(frozen=True)
class Training:
    """What training did, epoch by epoch.

    Attributes
    ----------
    losses : array of shape (epochs,): the mean loss of the samples in each epoch, each taken just before
        the step that used it.
    kept : what `after_epoch` returned after each.
    """

    losses: FloatArray
    kept: tuple[Any, ...]


def descend(
    value_and_grad: Callable[[FloatArray], tuple[ArrayLike, ArrayLike]],
    start: ArrayLike,
    *,
    learning_rate: float,
    steps: int,
) -> Descent:
    r"""Plain gradient descent.

    .. math:: \theta_{t+1} = \theta_t - \eta \nabla L(\theta_t)

    Parameters
    ----------
    value_and_grad : takes the parameters, returns the loss and its gradient in their shape.
    start : the first parameters, any shape.
    learning_rate : the step size eta.
    steps : how many steps to take.

    Raises
    ------
    ValueError
        If the gradient has another shape than the parameters, the loss is not one number, or `steps` is
        negative.

    References
    ----------
    .. [1] Cauchy: Methode generale pour la resolution des systemes d'equations simultanees, 1847.

    Examples
    --------
    >>> run = descend(lambda x: (float(x @ x), 2 * x), [1.0, -2.0], learning_rate=0.25, steps=3)
    >>> run.end.tolist(), run.losses.tolist()
    ([0.125, -0.25], [5.0, 1.25, 0.3125, 0.078125])
    """
    if steps < 0:
        raise ValueError(f"steps is {steps!r}; 0 or more is wanted.")
    parameters = as_float_array(start, "start").astype(np.float64)
    path, losses = [parameters.copy()], []
    overflowed_at = None
    with np.errstate(all="ignore"):
        for step in range(steps + 1):
            value, slope = value_and_grad(parameters.copy())
            losses.append(as_number(value, "descend: the loss"))
            if not (np.isfinite(losses[-1]) and np.all(np.isfinite(parameters))):
                overflowed_at = step
                break
            if step == steps:
                break
            gradient = as_float_array(slope, "gradient")
            if gradient.shape != parameters.shape:
                raise ValueError(
                    f"descend: the gradient has shape {gradient.shape} and the parameters have shape "
                    f"{parameters.shape}; they must be the same."
                )
            parameters = parameters - learning_rate * gradient
            path.append(parameters.copy())
    return Descent(np.array(path), np.array(losses), overflowed_at)


def train(
    network: MLP,
    x: ArrayLike,
    target: ArrayLike,
    loss: Loss[...] | Coupling,
    *,
    learning_rate: float,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    after_epoch: Callable[[MLP], Any] | None = None,
) -> Training:
    r"""Stochastic gradient descent on a network, which is changed.

    Each epoch deals the samples out into batches by lot, and takes one step for each batch :math:`B`:

    .. math:: \theta \leftarrow \theta - \eta \nabla \frac{1}{|B|} \sum_{n \in B} L_n(\theta)

    Parameters
    ----------
    network : its parameters are the start, and the end when it returns.
    x : inputs of shape (N, D).
    target : what `loss` takes for N samples; its first axis has length N.
    loss : a loss of logits or a coupling, with reduction "mean".
    learning_rate : the step size eta.
    epochs : how often each sample is seen.
    batch_size : samples in a batch; the last one of an epoch may be smaller.
    rng : deals out the batches.
    after_epoch : is called with the network after each epoch; what it returns is kept.

    Returns
    -------
    Training

    Raises
    ------
    ValueError
        If `x` and `target` differ in length, or a number is too small.

    References
    ----------
    .. [1] Robbins, Monro: A Stochastic Approximation Method, Annals of Mathematical Statistics 22, 1951.

    Examples
    --------
    >>> from lossact import relu
    >>> from lossact.couplings import identity_mse
    >>> network = MLP((1, 8, 1), relu, rng=np.random.default_rng(0), gain=2**0.5)
    >>> x = np.linspace(-1, 1, 64)[:, np.newaxis]
    >>> run = train(network, x, np.abs(x), identity_mse, learning_rate=0.1, epochs=50, batch_size=16,
    ...             rng=np.random.default_rng(1))
    >>> bool(run.losses[-1] < 0.1 * run.losses[0])
    True
    """
    inputs, targets = as_float_array(x, "x"), np.asarray(target)
    count = len(inputs)
    if len(targets) != count or count == 0:
        raise ValueError(
            f"x has {count} rows and target has {len(targets)}; as many of each, and at least one, are "
            "wanted."
        )
    if epochs < 0 or batch_size < 1:
        raise ValueError(
            f"epochs is {epochs!r} and batch_size is {batch_size!r}; 0 or more epochs and batches of 1 or "
            "more are wanted."
        )
    losses: list[float] = []
    kept: list[Any] = []
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            order = rng.permutation(count)
            total = 0.0
            for begin in range(0, count, batch_size):
                batch = order[begin : begin + batch_size]
                value, gradient = network.value_and_grad(inputs[batch], targets[batch], loss)
                network.parameters = network.parameters - learning_rate * gradient
                total += float(value) * len(batch)
            losses.append(total / count)
            if after_epoch is not None:
                kept.append(after_epoch(network))
    return Training(np.array(losses), tuple(kept))
