"""Of the exercise coupling/losses_of_logits."""

import numpy as np

Z, Y = np.array([2, -1, 0.5]), np.array([1.0, 0.0, 0.0])
SURE = np.array([800.0, -800.0, 0.0]), np.array([0.0, 1.0, 1.0])

_SAME_SHAPES = """
    if z.shape != y.shape:
        raise ValueError("shapes differ")
"""

FORMULAS = {
    "softplus": (
        "def softplus(z):\n    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))",
        "def softplus(z):\n    return np.logaddexp(0, z)",
        """
def softplus(z):
    small = np.exp(-np.abs(z))
    return np.where(z > 0, z, 0) + np.log1p(small)
""",
    ),
    "log_sum_exp_rows": (
        """
def log_sum_exp_rows(Z):
    m = np.max(Z, axis=1, keepdims=True)
    return (m + np.log(np.sum(np.exp(Z - m), axis=1, keepdims=True)))[:, 0]
""",
        """
def log_sum_exp_rows(Z):
    m = np.max(Z, axis=1)
    return m + np.log(np.sum(np.exp(Z - m[:, None]), axis=1))
""",
        "def log_sum_exp_rows(Z):\n    return np.logaddexp.reduce(Z, axis=1)",
    ),
    "bce_with_logits": (
        f"""
def bce_with_logits(z, y, pos_weight=1.0):{_SAME_SHAPES}
    small = np.exp(-np.abs(z))
    up = np.maximum(z, 0) + np.log1p(small)
    down = np.maximum(-z, 0) + np.log1p(small)
    p = np.where(z > 0, 1 / (1 + small), small / (1 + small))
    loss = np.mean(pos_weight * y * down + (1 - y) * up)
    return loss, ((1 - y) * p - pos_weight * y * (1 - p)) / z.size
""",
        f"""
def bce_with_logits(z, y, pos_weight=1.0):{_SAME_SHAPES}
    weight = 1 + (pos_weight - 1) * y
    loss = np.sum((1 - y) * z + weight * np.logaddexp(0, -z)) / z.size
    p = (1 + np.tanh(z / 2)) / 2
    return loss, (weight * p - pos_weight * y) / z.size
""",
    ),
}

PLANNED = "M43 M44 M45 M53 M88 M18"

FINGERPRINTS = [
    ("bce_with_logits", "M88", (Z, Y), 0.7451),
    ("bce_with_logits", "M45", SURE, 10.9764),
    ("bce_with_logits", "M40", (Z, Y), 0.0423),
]
