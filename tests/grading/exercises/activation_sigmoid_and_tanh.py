"""Of the exercise activation/sigmoid_and_tanh."""

import numpy as np

X = np.array([-2, -0.5, 0, 0.5, 2])

FORMULAS = {
    "sigmoid": (
        """
def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))
""",
        """
def sigmoid(x):
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))
""",
    ),
    "sigmoid_grad": (
        """
def sigmoid_grad(x):
    small = np.exp(-np.abs(x))
    return small / (1 + small) ** 2
""",
        """
def sigmoid_grad(x):
    s = (1 + np.tanh(x / 2)) / 2
    return s * (1 - s)
""",
    ),
    "sigmoid_grad_from_output": (
        "def sigmoid_grad_from_output(s):\n    return s * (1 - s)",
        "def sigmoid_grad_from_output(s):\n    return s - s**2",
        "def sigmoid_grad_from_output(s):\n    return 0.25 - (s - 0.5) ** 2",
    ),
    "tanh_from_sigmoid": (
        """
def tanh_from_sigmoid(x):
    small = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - small) / (1 + small)
""",
        """
def tanh_from_sigmoid(x):
    small = np.exp(-np.abs(2 * x))
    s = np.where(x >= 0, 1 / (1 + small), small / (1 + small))
    return 2 * s - 1
""",
    ),
    "tanh_grad": (
        "def tanh_grad(x):\n    return 1 - np.tanh(x) ** 2",
        """
def tanh_grad(x):
    small = np.exp(-2 * np.abs(x))
    return 4 * small / (1 + small) ** 2
""",
        "def tanh_grad(x):\n    return (1 - np.tanh(x)) * (1 + np.tanh(x))",
    ),
}

PLANNED = "M56 M57 M58 M59 M60 M61 M62 M07"

FINGERPRINTS = [
    ("sigmoid_grad", "M57", (X,), [-6, -0.75, 0, 0.25, -2]),
    ("sigmoid_grad", "M58", (X,), [0.2491, 0.2414, 0.2350, 0.2278, 0.2073]),
    ("sigmoid", "M60", (X,), [8.389, 2.6487, 2, 1.6065, 1.1353]),
    ("tanh_from_sigmoid", "M61", (X,), [-0.7616, -0.2449, 0, 0.2449, 0.7616]),
    ("tanh_grad", "M62", (X,), [-3, 0.75, 1, 0.75, -3]),
]
