"""Of the exercise coupling/softmax_cross_entropy."""

import numpy as np

Z, Y = np.array([[2, 1, 0.1], [-1, 3, 0.5]]), np.array([0, 2])

FORMULAS = {
    "log_softmax_rows": (
        """
def log_softmax_rows(Z):
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
""",
        """
def log_softmax_rows(Z):
    m = np.max(Z, axis=1)
    return Z - (m + np.log(np.sum(np.exp(Z - m[:, None]), axis=1)))[:, None]
""",
    ),
    "softmax_ce": (
        """
def softmax_ce(Z, y):
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    logp = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    t = np.eye(Z.shape[1])[y] if y.ndim == 1 else y
    return -np.sum(t * logp) / len(Z), (np.exp(logp) - t) / len(Z)
""",
        """
def softmax_ce(Z, y):
    labels = y if y.ndim == 1 else np.argmax(y, axis=1)
    rows = np.arange(len(Z))
    e = np.exp(Z - np.max(Z, axis=1, keepdims=True))
    m = np.max(Z, axis=1)
    loss = np.mean(m + np.log(np.sum(e, axis=1)) - Z[rows, labels])
    grad = e / np.sum(e, axis=1, keepdims=True)
    grad[rows, labels] -= 1
    return loss, grad / len(Z)
""",
    ),
}

PLANNED = "M53 M92 M93 M94 M95 M96 M97 M09 M140 M51"

FINGERPRINTS = [
    ("softmax_ce", "M92", (Z, Y), 1.823),
    ("softmax_ce", "M93", (Z, Y), 2.356),
    ("softmax_ce", "M94", (Z, Y), 1.206),
    ("softmax_ce", "M53", (Z, Y), -0.994),
    ("softmax_ce", "M87", (Z, Y), 1.124),
    ("softmax_ce", "M21", (Z, Y), 0.502),
    ("softmax_ce", "M33", (Z, Y), 2.173),
]
