"""Of the exercise loss/hinge."""

import numpy as np

SCORE, Y = np.array([2, -1.5, 0.3]), np.array([1.0, -1.0, 1.0])
S, LABEL = np.array([[-2.85, 0.86, 0.28]]), np.array([2])

_SIGNS = """
    if score.shape != y.shape:
        raise ValueError("shapes differ")
    if not np.all(np.abs(y) == 1):
        raise ValueError("labels other than -1 and 1")
"""
_FITS = """
    if S.ndim != 2 or y.shape != S.shape[:1]:
        raise ValueError("shapes do not fit")
    if np.any(y < 0) or np.any(y >= S.shape[1]):
        raise ValueError("a label out of range")
    rows = np.arange(len(S))
"""

FORMULAS = {
    "hinge": (
        f"""
def hinge(score, y):{_SIGNS}
    return np.mean(np.maximum(0, 1 - y * score))
""",
        f"""
def hinge(score, y):{_SIGNS}
    missing = 1.0 - y * score
    return np.sum(missing[missing > 0]) / y.size
""",
    ),
    "hinge_grad": (
        f"""
def hinge_grad(score, y):{_SIGNS}
    return np.where(y * score < 1, -y, 0) / y.size
""",
        f"""
def hinge_grad(score, y):{_SIGNS}
    short = (1 - y * score > 0).astype(float)
    return -short * y / len(y)
""",
    ),
    "multiclass_hinge": (
        f"""
def multiclass_hinge(S, y):{_FITS}
    missing = np.maximum(0, S - S[rows, y][:, None] + 1.0)
    missing[rows, y] = 0
    return np.sum(missing) / len(S)
""",
        f"""
def multiclass_hinge(S, y):{_FITS}
    total = 0.0
    for i in rows:
        for j in range(S.shape[1]):
            if j != y[i]:
                total += max(0, S[i, j] - S[i, y[i]] + 1)
    return total / len(S)
""",
    ),
    "multiclass_hinge_grad": (
        f"""
def multiclass_hinge_grad(S, y):{_FITS}
    grad = np.where(S - S[rows, y][:, None] + 1 > 0, 1.0, 0.0)
    grad[rows, y] = 0
    grad[rows, y] = -np.sum(grad, axis=1)
    return grad / len(S)
""",
        f"""
def multiclass_hinge_grad(S, y):{_FITS}
    close = (S > S[rows, y][:, None] - 1).astype(float)
    return (close - np.eye(S.shape[1])[y] * np.sum(close, axis=1, keepdims=True)) / len(S)
""",
    ),
}

PLANNED = "M128"

FINGERPRINTS = [
    ("hinge", "M128", (SCORE, Y), 0.567),
    ("multiclass_hinge", "E1.5j", (S, LABEL), 2.58),
    ("multiclass_hinge", "E1.5l", (S, LABEL), 1.58 / 3),
    ("multiclass_hinge", "E1.5j", (np.zeros((2, 10)), np.array([3, 9])), 10),
]
