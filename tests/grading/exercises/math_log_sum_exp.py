"""Of the exercise math/log_sum_exp."""

import numpy as np

Z = np.array([2, 1, 0.1])
P = np.exp(Z) / np.sum(np.exp(Z))

_VECTOR = """
    if z.ndim != 1:
        raise ValueError("no vector")
"""

FORMULAS = {
    "logsumexp": (
        f"""
def logsumexp(z):{_VECTOR}
    m = np.max(z)
    if np.isinf(m):
        return m
    return m + np.log(np.sum(np.exp(z - m)))
""",
        f"""
def logsumexp(z):{_VECTOR}
    return np.logaddexp.reduce(z.astype(float))
""",
    ),
    "logsumexp_grad": (
        f"""
def logsumexp_grad(z):{_VECTOR}
    e = np.exp(z - np.max(z))
    return e / np.sum(e)
""",
        f"""
def logsumexp_grad(z):{_VECTOR}
    m = np.max(z)
    return np.exp(z - (m + np.log(np.sum(np.exp(z - m)))))
""",
    ),
    "logsumexp_hessian": (
        f"""
def logsumexp_hessian(z):{_VECTOR}
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return np.diag(p) - np.outer(p, p)
""",
        f"""
def logsumexp_hessian(z):{_VECTOR}
    e = np.exp(z - np.max(z))
    p = e / np.sum(e)
    return p[:, None] * (np.eye(len(z)) - p[None, :])
""",
    ),
}

PLANNED = "M53 M135 M77"

FINGERPRINTS = [
    # The fault is told by its product with (1, 0, -1): 0.225, 0, -0.089.
    ("logsumexp_hessian", "M77", (Z,), [0.225, P[1] * (1 - P[1]), 0.089]),
    ("logsumexp", "M53", (np.array([5.0, 5.0]),), 0.6931),
]
