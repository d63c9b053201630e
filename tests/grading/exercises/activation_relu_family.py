"""Of the exercise activation/relu_family."""

import numpy as np

X = np.array([-2, -0.5, 0, 0.5, 2])
OFF = np.array([-2, -0.5, 0.5, 2])
TENTH, ONE, TWO = np.array(0.1), np.array(1.0), np.array(2.0)

FORMULAS = {
    "relu": (
        "def relu(x):\n    return np.maximum(x, 0)",
        "def relu(x):\n    return np.where(x > 0, x, 0)",
        "def relu(x):\n    return x * (x > 0)",
        "def relu(x):\n    return (x + np.abs(x)) / 2",
    ),
    "relu_grad": (
        "def relu_grad(x):\n    return np.where(x > 0, 1.0, 0.0)",
        "def relu_grad(x):\n    return (x > 0).astype(float)",
        "def relu_grad(x):\n    return np.heaviside(x, 0)",
    ),
    "leaky_relu": (
        "def leaky_relu(x, alpha):\n    return np.where(x > 0, x, alpha * x)",
        "def leaky_relu(x, alpha):\n    return np.maximum(x, 0) + alpha * np.minimum(x, 0)",
    ),
    "leaky_relu_grad": (
        "def leaky_relu_grad(x, alpha):\n    return np.where(x > 0, 1.0, alpha)",
        "def leaky_relu_grad(x, alpha):\n    return (x > 0) + alpha * (x <= 0)",
    ),
    "elu_and_grad": (
        """
def elu_and_grad(x, alpha):
    left = np.minimum(x, 0)
    return np.where(x > 0, x, alpha * np.expm1(left)), np.where(x > 0, 1.0, alpha * np.exp(left))
""",
        """
def elu_and_grad(x, alpha):
    fall = alpha * np.expm1(np.minimum(x, 0))
    return np.maximum(x, 0) + fall, np.where(x > 0, 1, fall + alpha)
""",
    ),
}

PLANNED = "M07 M55 M63 M64 M65 M66 M67 M68 M69 M70 M71 M86"

FINGERPRINTS = [
    ("relu_grad", "M65", (X,), [0, 0, 0, 0.5, 2]),
    ("relu_grad", "M66", (X,), [0, 0, np.nan, 1, 1]),
    ("leaky_relu", "M67", (X, TENTH), [-2, -0.5, 0, 0.05, 0.2]),
    ("leaky_relu", "M68", (X, TENTH), [0, 0, 0, 0.5, 2]),
    ("leaky_relu", "M69", (X, TWO), [-2, -0.5, 0, 1, 4]),
    ("leaky_relu_grad", "M70", (OFF, TENTH), [0, 0, 1, 1]),
    ("elu_and_grad", "M71", (OFF, ONE), [0.1353, 0.6065, 0.5, 2]),
]
