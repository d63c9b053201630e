"""Of the exercise activation/stacks_of_layers."""

import numpy as np

_REFUSE = """
    if len(weights) != len(biases):
        raise ValueError("a bias for each weight")
"""

FORMULAS = {
    "collapse": (
        f"""
def collapse(weights, biases):{_REFUSE}
    W, b = weights[0], biases[0]
    for k in range(1, len(weights)):
        W = W @ weights[k]
        b = b @ weights[k] + biases[k]
    return W, b
""",
        f"""
def collapse(weights, biases):{_REFUSE}
    W = weights[-1]
    b = biases[-1]
    for k in range(len(weights) - 2, -1, -1):
        b = biases[k] @ W + b
        W = weights[k] @ W
    return W, b
""",
    ),
    "mlp_forward": (
        f"""
def mlp_forward(x, weights, biases, act):{_REFUSE}
    a = x
    for W, b in zip(weights[:-1], biases[:-1]):
        a = act(a @ W + b)
    return a @ weights[-1] + biases[-1]
""",
        f"""
def mlp_forward(x, weights, biases, act):{_REFUSE}
    z = x @ weights[0] + biases[0]
    for k in range(1, len(weights)):
        z = act(z) @ weights[k] + biases[k]
    return z
""",
    ),
    "log_likelihood": (
        """
def log_likelihood(p, y):
    if p.shape != y.shape:
        raise ValueError("shapes")
    return np.sum(np.log(np.where(y == 1, p, 1 - p)))
""",
        """
def log_likelihood(p, y):
    if p.shape != y.shape:
        raise ValueError("shapes")
    return np.log(np.abs(y - 1 + p)).sum()
""",
    ),
}

PLANNED = "M54 M80 M81"

FINGERPRINTS = [
    ("log_likelihood", "M54", (np.full(2000, 0.5), np.ones(2000)), 0.0),
]
