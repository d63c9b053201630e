"""A small multilayer perceptron with its backward pass, written out, and how signals fare in a deep one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

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
        _check_hidden(activation)
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


def gain(activation: Activation[...], *, preserving: Literal["signal", "gradient"] = "signal") -> float:
    r"""The gain that keeps the size of the signal, or of the gradient, from layer to layer.

    With weights of variance gain^2 / fan_in a wide layer turns activations of mean square q into
    pre-activations that are nearly normal with variance gain^2 q. If that variance is to be 1 again,

    .. math:: \text{gain}^2\, E[f(z)^2] = 1, \qquad z \sim N(0, 1)

    and if gradients are to keep their size on the way back through as many units, with z as above,

    .. math:: \text{gain}^2\, E[f'(z)^2] = 1.

    The two gains are equal where f(z) = z f'(z), as for the ReLU, and seldom elsewhere.

    Parameters
    ----------
    activation : an elementwise activation, taken with its default arguments.
    preserving : "signal" for the first equation, "gradient" for the second.

    Raises
    ------
    ValueError
        If `activation` is not elementwise, `preserving` is another word, or the expectation is not a finite
        number greater than 0.
    TypeError
        If `activation` is no activation.

    Notes
    -----
    The expectation is a Gauss-Legendre quadrature on panels of width 1/2 from -16 to 16; kinks at multiples
    of 1/2 lie between panels and cost no accuracy.

    References
    ----------
    .. [1] He, Zhang, Ren, Sun: Delving Deep into Rectifiers, ICCV 2015, section 2.2.
    .. [2] Schoenholz, Gilmer, Ganguli, Sohl-Dickstein: Deep Information Propagation, ICLR 2017.

    Examples
    --------
    >>> from lossact import relu, tanh
    >>> round(gain(relu), 4), round(gain(relu, preserving="gradient"), 4)
    (1.4142, 1.4142)
    >>> round(gain(tanh), 4), round(gain(tanh, preserving="gradient"), 4)
    (1.5925, 1.4674)
    """
    _check_hidden(activation)
    if preserving not in ("signal", "gradient"):
        raise ValueError(f"preserving is {preserving!r}; 'signal' or 'gradient' is wanted.")
    nodes, weights = np.polynomial.legendre.leggauss(16)
    z = (np.arange(-15.75, 16, 0.5)[:, np.newaxis] + nodes / 4).ravel()
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    factor = activation(z) if preserving == "signal" else activation.grad(z)
    expectation = float(np.sum(factor**2 * density * np.tile(weights / 4, 64)))
    if not 0 < expectation < np.inf:
        raise ValueError(
            f"{activation.__name__} has the mean square {expectation}; a finite number greater than 0 is "
            "wanted."
        )
    return float(1 / np.sqrt(expectation))


class GradientFlow(NamedTuple):
    """What `gradient_flow` measures, from the first layer to the last.

    Attributes
    ----------
    std : the standard deviation of each layer's activations, over units and samples; shape (depth,).
    gradient_norm : the norm of each layer's delta, the gradient with respect to z; shape (depth,).
    """

    std: FloatArray
    gradient_norm: FloatArray

    @property
    def ratio(self) -> float:
        """How much of the gradient of the last layer is left in the first."""
        return float(self.gradient_norm[0] / self.gradient_norm[-1])


def gradient_flow(
    activation: Activation[...],
    gain: float,
    *,
    rng: np.random.Generator,
    depth: int = 20,
    width: int = 256,
    samples: int = 64,
) -> GradientFlow:
    """Send normal noise forward and backward through a fresh network, and measure it at every layer.

    The layers are square and have no biases; their weights are normal with variance gain^2 / width. The
    inputs are standard normal, and so is the gradient that arrives at the output of the last layer.

    Parameters
    ----------
    activation : the elementwise activation of every layer, the last one too.
    gain : see `gain`.
    rng : source of the inputs, then of the weights layer by layer, then of the gradient.
    depth, width, samples : layers, units in each, and inputs; each 1 or more.

    Raises
    ------
    ValueError
        If `activation` is not elementwise, or a size is less than 1.
    TypeError
        If `activation` is no activation.

    References
    ----------
    .. [1] Glorot, Bengio: Understanding the Difficulty of Training Deep Feedforward Neural Networks,
       AISTATS 2010.

    Examples
    --------
    >>> from lossact import sigmoid
    >>> gradient_flow(sigmoid, 1.0, rng=np.random.default_rng(0)).ratio < 1e-10
    True
    """
    _check_hidden(activation)
    if min(depth, width, samples) < 1:
        raise ValueError(
            f"depth, width and samples are {depth}, {width} and {samples}; each must be 1 or more."
        )
    signal: FloatArray = rng.normal(size=(samples, width))
    weights: list[FloatArray] = []
    pre_activations: list[FloatArray] = []
    std = np.empty(depth)
    for layer in range(depth):
        weights.append(rng.normal(0.0, gain / np.sqrt(width), size=(width, width)))
        pre_activations.append(signal @ weights[-1])
        signal = activation(pre_activations[-1])
        std[layer] = np.std(signal)
    upstream = rng.normal(size=signal.shape)
    gradient_norm = np.empty(depth)
    for layer in reversed(range(depth)):
        delta = activation.vjp(pre_activations[layer], upstream)
        gradient_norm[layer] = np.linalg.norm(delta)
        upstream = delta @ weights[layer].T
    return GradientFlow(std, gradient_norm)


def _check_hidden(activation: Activation[...]) -> None:
    if not isinstance(activation, Activation):
        raise TypeError(f"activation is {activation!r}; an activation such as lossact.tanh is wanted.")
    if not activation.elementwise:
        raise ValueError(f"{activation.__name__} is not elementwise; a hidden layer needs one that is.")
