"""Of the exercise activation/softmax."""

import numpy as np

Z = np.array([[2, 1, 0.1], [-1, 3, 0.5]])
P, V = np.array([0.65900, 0.24243, 0.09857]), np.array([1.0, 0.0, -1.0])
ONE, TWO, AXIS = np.array(1.0), np.array(2.0), np.array(1)

_SAME_SHAPES = """
    if s.shape != v.shape:
        raise ValueError("the shapes differ")"""

FORMULAS = {
    "softmax": (
        """
def softmax(Z, axis, T):
    z = Z / T
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)
""",
        """
def softmax(Z, axis, T):
    m = np.expand_dims(np.max(Z, axis), axis)
    log_sum = np.log(np.sum(np.exp((Z - m) / T), axis))
    return np.exp((Z - m) / T - np.expand_dims(log_sum, axis))
""",
    ),
    "softmax_jvp": (
        f"""
def softmax_jvp(s, v):{_SAME_SHAPES}
    return s * (v - np.sum(s * v, axis=-1, keepdims=True))
""",
        f"""
def softmax_jvp(s, v):{_SAME_SHAPES}
    jacobian = s[..., :, None] * (np.eye(s.shape[-1]) - s[..., None, :])
    return np.sum(jacobian * v[..., None, :], axis=-1)
""",
    ),
    "binary_softmax": (
        """
def binary_softmax(z):
    scores = np.stack([np.zeros(len(z)), z], axis=1)
    e = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return e[:, 1] / np.sum(e, axis=1)
""",
        "def binary_softmax(z):\n    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))",
    ),
}

PLANNED = "M46 M47 M48 M49 M50 M51 M77 M78 M79"

FINGERPRINTS = [
    ("softmax", "M51", (Z, AXIS, ONE), [[0.9526, 0.1192, 0.4013], [0.0474, 0.8808, 0.5987]]),
    ("softmax", "M78", (np.array([[1.0, 0.0]]), AXIS, TWO), [[0.8808, 0.1192]]),
    ("softmax", "M47", (np.array([[-1000.0, -1001.0], [0.0, 0.0]]), AXIS, ONE), [[np.nan] * 2, [0.5] * 2]),
    ("softmax", "M48", (np.array([[0.0, 800.0]]), AXIS, ONE), [[0.0, np.nan]]),
    ("softmax", "M49", (np.array([[-1000.0, -1000.0]]), AXIS, ONE), [[0.0, 0.0]]),
    ("softmax_jvp", "M77", (P, V), [0.2247, 0, -0.0889]),
    ("binary_softmax", "M79", (np.array([2.0, -1.0]),), [1, 1]),
]
