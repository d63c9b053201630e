"""A small multilayer perceptron with its backward pass, written out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from lossact._arrays import FloatArray, as_float_array
from lossact._declare import Activation, Loss
from lossact.couplings import Coupling


class MLP:
    r"""A multilayer perceptron: affine layers with an activation between them, and none behind the last.

    .. math:: a_0 = x, \qquad z_l = a_{l-1} W_l + b_l, \qquad a_l = f(z_l), \qquad
              \text{output} = z_{\text{last}}

    The last layer gives logits, because its activation belongs to the loss (see `lossact.couplings`).

    Parameters
    ----------
    sizes : number of units from the input to the output, at least two, such as (30, 16, 1).
    activation : the elementwise activation of the hidden layers.
    rng : source of the initial weights, which are normal with variance gain^2 / fan_in.
    gain : sqrt(2) keeps the size of the signal through ReLU layers.

    References
    ----------
    .. [1] Rumelhart, Hinton, Williams: Learning Representations by Back-Propagating Errors, Nature 323,
       1986.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation[...],
        *,
        rng: np.random.Generator,
        gain: float = 1.0,
    ) -> None:
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(
                f"sizes is {tuple(sizes)}; at least an input and an output size, each 1 or more, are wanted."
            )
        if not isinstance(activation, Activation):
            raise TypeError(f"activation is {activation!r}; an activation such as lossact.tanh is wanted.")
        if not activation.elementwise:
            raise ValueError(f"{activation.__name__} is not elementwise; a hidden layer needs one that is.")
        self.activation = activation
        self.weights: list[FloatArray] = [
            rng.normal(0.0, gain / np.sqrt(rows), size=(rows, columns)) for rows, columns in pairwise(sizes)
        ]
        self.biases: list[FloatArray] = [np.zeros(columns) for columns in sizes[1:]]

    def __call__(self, x: ArrayLike) -> FloatArray:
        """The logits of inputs `x` of shape (N, sizes[0]); shape (N, sizes[-1])."""
        return self._forward(x)[0][-1]

    def value_and_grad(
        self, x: ArrayLike, target: ArrayLike, loss: Loss[...] | Coupling
    ) -> tuple[FloatArray, FloatArray]:
        """The loss of the logits and its gradient in the order of `parameters`.

        Parameters
        ----------
        x : inputs of shape (N, sizes[0]).
        target : what `loss` takes beside logits of shape (N, sizes[-1]).
        loss : a loss of logits, or a coupling; its reduction is "mean".
        """
        pre_activations, layer_inputs = self._forward(x)
        value, delta = loss.value_and_grad(pre_activations[-1], target)
        gradients: list[FloatArray] = []
        for layer in reversed(range(len(self.weights))):
            # delta is the gradient with respect to z of this layer and already holds the 1/N of the loss.
            gradients += [np.sum(delta, axis=0), layer_inputs[layer].T @ delta]
            if layer:
                upstream = delta @ self.weights[layer].T
                delta = self.activation.vjp(pre_activations[layer - 1], upstream)
        return value, np.concatenate([gradient.ravel() for gradient in reversed(gradients)])

    @property
    def parameters(self) -> FloatArray:
        """All weights and biases, layer by layer, as one vector (a copy)."""
        pairs = zip(self.weights, self.biases, strict=True)
        return np.concatenate([part.ravel() for pair in pairs for part in pair])

    @parameters.setter
    def parameters(self, vector: ArrayLike) -> None:
        values = as_float_array(vector, "parameters")
        wanted = sum(weight.size + bias.size for weight, bias in zip(self.weights, self.biases, strict=True))
        if values.shape != (wanted,):
            raise ValueError(f"parameters has shape {values.shape}; ({wanted},) is wanted.")
        start = 0
        for layer in range(len(self.weights)):
            for parts in (self.weights, self.biases):
                size, shape = parts[layer].size, parts[layer].shape
                parts[layer] = values[start : start + size].reshape(shape).copy()
                start += size

    def _forward(self, x: ArrayLike) -> tuple[list[FloatArray], list[FloatArray]]:
        """The pre-activation and the input of every layer."""
        signal = as_float_array(x, "x")
        if signal.ndim != 2 or signal.shape[1] != len(self.weights[0]):
            raise ValueError(
                f"x has shape {signal.shape}; (N, {len(self.weights[0])}) is wanted for this network."
            )
        pre_activations: list[FloatArray] = []
        layer_inputs: list[FloatArray] = []
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            layer_inputs.append(signal)
            pre_activations.append(signal @ weight + bias)
            if layer < len(self.weights) - 1:
                signal = self.activation(pre_activations[-1])
        return pre_activations, layer_inputs
