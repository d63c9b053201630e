"""Of the exercise math/entropy."""

import numpy as np

P, EVEN = np.array([0.36, 0.48, 0.16]), np.full(3, 1 / 3)
# https://github.com/pytorch/pytorch/issues/60928: the mean of three terms there is -0.0648.
UNSUMMED = np.array([0.1541, 0.0511, 0.0947]), np.array([0.1132, 0.5477, 0.339])

_ONE = """
    if np.any(p < 0) or np.any(np.abs(np.sum(p, axis=-1) - 1) > 1e-6):
        raise ValueError("no distribution")
"""
_TWO = """
    if p.shape != q.shape:
        raise ValueError("shapes differ")
    if np.any(p < 0) or np.any(np.abs(np.sum(p, axis=-1) - 1) > 1e-6):
        raise ValueError("p is no distribution")
    if np.any(q < 0) or np.any(np.abs(np.sum(q, axis=-1) - 1) > 1e-6):
        raise ValueError("q is no distribution")
"""

FORMULAS = {
    "entropy": (
        f"""
def entropy(p, bits=False):{_ONE}
    safe = np.where(p > 0, p, 1)
    nats = -np.sum(p * np.log(safe), axis=-1)
    return nats / np.log(2) if bits else nats
""",
        f"""
def entropy(p, bits=False):{_ONE}
    terms = np.zeros(p.shape)
    some = p > 0
    terms[some] = p[some] * np.log(1 / p[some])
    total = np.sum(terms, axis=-1)
    return total * 1.4426950408889634 if bits else total
""",
    ),
    "cross_entropy_of": (
        f"""
def cross_entropy_of(p, q):{_TWO}
    return -np.sum(p * np.log(np.where(p > 0, q, 1)), axis=-1)
""",
        f"""
def cross_entropy_of(p, q):{_TWO}
    return np.sum(np.where(p > 0, -p * np.log(q), 0), axis=-1)
""",
    ),
    "kl_divergence": (
        f"""
def kl_divergence(p, q):{_TWO}
    some = p > 0
    return np.sum(p * np.log(np.where(some, p, 1) / np.where(some, q, 1)), axis=-1)
""",
        f"""
def kl_divergence(p, q):{_TWO}
    own = np.sum(p * np.log(np.where(p > 0, p, 1)), axis=-1)
    return own - np.sum(p * np.log(np.where(p > 0, q, 1)), axis=-1)
""",
    ),
}

PLANNED = "M115 M116 M136 M33"

FINGERPRINTS = [
    ("entropy", "M33", (np.full(8, 1 / 8),), 3),
    ("kl_divergence", "M115", (P, EVEN), 0.0975),
    ("kl_divergence", "M20", (P, EVEN), 0.0284),
    ("kl_divergence", "M116", UNSUMMED, 3 * -0.0648),
]
