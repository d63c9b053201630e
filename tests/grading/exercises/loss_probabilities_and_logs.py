"""Of the exercise loss/probabilities_and_logs."""

import numpy as np

PROB, TARGET = 1 / (1 + np.exp(-np.array([2, -1, 0.5]))), np.array([1.0, 0, 0])
NO, YES = np.array([0.0]), np.array([1.0])


def softmax(Z):
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


P, Y = softmax(np.array([[2, 1, 0.1], [-1, 3, 0.5]])), np.array([0, 2])
# Of the course CS231n: the scores -2.85, 0.86, 0.28 with the third class true.
P1, Y1 = softmax(np.array([[-2.85, 0.86, 0.28]])), np.array([2])

_SAME_SHAPES = """
    if prob.shape != target.shape:
        raise ValueError("shapes differ")
"""
_GOOD_LABELS = """
    if y.shape != (len(P),):
        raise ValueError("one label a row")
    if y.min() < 0 or y.max() >= P.shape[1]:
        raise ValueError("labels out of range")
"""

FORMULAS = {
    "bce": (
        f"""
def bce(prob, target, eps=1e-7):{_SAME_SHAPES}
    p = np.clip(prob.astype(float), eps, 1 - eps)
    return -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))
""",
        f"""
def bce(prob, target, eps=1e-7):{_SAME_SHAPES}
    p = np.minimum(np.maximum(prob.astype(float), eps), 1 - eps)
    return np.mean(-np.log(1 - p) - target * np.log(p / (1 - p)))
""",
    ),
    "bce_grad": (
        f"""
def bce_grad(prob, target):{_SAME_SHAPES}
    return (prob - target) / (prob * (1 - prob)) / prob.size
""",
        f"""
def bce_grad(prob, target):{_SAME_SHAPES}
    return ((1 - target) / (1 - prob) - target / prob) / prob.size
""",
    ),
    "cross_entropy_from_probs": (
        f"""
def cross_entropy_from_probs(P, y, eps=1e-7):{_GOOD_LABELS}
    p = P[np.arange(len(y)), y]
    return -np.mean(np.log(np.maximum(p, eps)))
""",
        f"""
def cross_entropy_from_probs(P, y, eps=1e-7):{_GOOD_LABELS}
    targets = np.eye(P.shape[1])[y]
    return -np.sum(targets * np.log(np.maximum(P, eps))) / len(P)
""",
    ),
}

PLANNED = "M19 M33 M34 M35 M36 M37 M38 M40 M41 M42 M93"

FINGERPRINTS = [
    ("bce", "M19", (PROB, TARGET), 5.43),
    ("bce", "M38", (NO, YES), 15.425),
    ("bce", "M40", (PROB, TARGET), 0.0423),
    ("bce", "M41", (PROB, TARGET), -1.22),
    ("bce", "M88", (PROB, TARGET), 0.7451),
    ("bce", "E1.4c", (NO, YES), 100),
    ("cross_entropy_from_probs", "M93", (P, Y), 2.356),
    ("cross_entropy_from_probs", "M92", (P, Y), 1.823),
    ("cross_entropy_from_probs", "M94", (P, Y), 1.206),
    ("cross_entropy_from_probs", "M21", (P, Y), 0.502),
    ("cross_entropy_from_probs", "M87", (P, Y), 1.124),
    ("cross_entropy_from_probs", "M33", (P, Y), 2.173),
    ("cross_entropy_from_probs", "M33", (P1, Y1), 1.5007),
]
