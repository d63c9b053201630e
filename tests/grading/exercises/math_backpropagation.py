"""Of the exercise math/backpropagation."""

import numpy as np

from lossact import tanh

_LOSS = """
    a = x
    for W, b in zip(weights[:-1], biases[:-1]):
        a = act(a @ W + b)
    z = a @ weights[-1] + biases[-1]
"""

FORMULAS = {
    "mlp_loss": (
        f"""
def mlp_loss(weights, biases, x, y, act):{_LOSS}
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(y)), y])
""",
        f"""
def mlp_loss(weights, biases, x, y, act):{_LOSS}
    total = 0
    for n in range(len(y)):
        total += np.logaddexp.reduce(z[n] - z[n, y[n]])
    return total / len(y)
""",
    ),
    "mlp_gradients": (
        """
def mlp_gradients(weights, biases, x, y, act):
    inputs, zs = [x], []
    for W, b in zip(weights, biases):
        zs.append(inputs[-1] @ W + b)
        inputs.append(act(zs[-1]))
    e = np.exp(zs[-1] - np.max(zs[-1], axis=1, keepdims=True))
    delta = (e / np.sum(e, axis=1, keepdims=True) - np.eye(e.shape[1])[y]) / len(y)
    found = []
    for layer in range(len(weights) - 1, -1, -1):
        found = [inputs[layer].T @ delta, np.sum(delta, axis=0)] + found
        if layer > 0:
            delta = act.grad(zs[layer - 1]) * (delta @ weights[layer].T)
    return tuple(found)
""",
        # Sample by sample: the Jacobian of the logits for each layer's z, and outer products.
        """
def mlp_gradients(weights, biases, x, y, act):
    found = [np.zeros_like(part) for pair in zip(weights, biases) for part in pair]
    for n in range(len(y)):
        zs, a = [], [x[n]]
        for W, b in zip(weights, biases):
            zs.append(a[-1] @ W + b)
            a.append(act(zs[-1]))
        p = np.exp(zs[-1] - np.logaddexp.reduce(zs[-1]))
        p[y[n]] -= 1
        jacobian = np.eye(len(p))
        for layer in range(len(weights) - 1, -1, -1):
            found[2 * layer] += np.outer(a[layer], jacobian @ p) / len(y)
            found[2 * layer + 1] += jacobian @ p / len(y)
            jacobian = weights[layer] @ jacobian
            if layer > 0:
                jacobian = np.diag(act.grad(zs[layer - 1])) @ jacobian
    return tuple(found)
""",
    ),
    "distinct_units": (
        """
def distinct_units(W_in, b, W_out):
    units = np.vstack([W_in, b, W_out.T])
    return np.unique(units, axis=1).shape[1]
""",
        """
def distinct_units(W_in, b, W_out):
    different = 0
    for j in range(len(b)):
        new = True
        for i in range(j):
            if np.all(W_in[:, i] == W_in[:, j]) and b[i] == b[j] and np.all(W_out[i] == W_out[j]):
                new = False
        different += new
    return different
""",
    ),
    "train_mlp": (
        # Slips in the gradients are those of the question before; here it is the loop.
        """
from lossact.grading.questions.math_backpropagation import mlp_gradients
def train_mlp(weights, biases, x, y, act, eta, steps):
    parameters = [part for pair in zip(weights, biases) for part in pair]
    for step in range(steps):
        slopes = mlp_gradients(parameters[0::2], parameters[1::2], x, y, act)
        parameters = [part - eta * slope for part, slope in zip(parameters, slopes)]
    return tuple(parameters)
""",
    ),
}

PLANNED = "M09 M10 M85 M137 M138 M139 M140"

# One sample of three classes, no hidden layer: dW is x times the row of the gradient that the plan states.
_ROW = ([np.array([[2.0, 1.0, 0.1]])], [np.zeros(3)], np.array([[1.0], [1.0]]), np.array([0, 0]), tanh)

FINGERPRINTS = [
    ("mlp_gradients", "M140", _ROW, [[-0.1136, 0.0808, 0.0329]]),
]
