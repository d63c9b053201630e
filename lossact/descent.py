"""Gradient descent as a loop that records what happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, as_float_array, as_number


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
