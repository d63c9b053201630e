"""Of the exercise loss/averages_and_weights."""

import numpy as np

Z, Y = np.array([[2, 1, 0.1], [-1, 3, 0.5]]), np.array([0, 2])
W, ONES = np.array([1.0, 1.0, 4.0]), np.ones(3)
LOSSES = np.array([0.41703002, 2.59567])
PROB, LABELS = np.array([[0.88], [0.27], [0.62]]), np.array([1, 0, 0])
TARGET, LOG_INPUT = np.array([[0.36, 0.48, 0.16]]), np.log(np.full((1, 3), 1 / 3))

_SAME_SHAPES = """
    if losses.shape != y.shape:
        raise ValueError("shapes differ")
"""
_SAME_BATCHES = """
    if batch_losses.shape != sizes.shape:
        raise ValueError("shapes differ")
"""
_SAME_ROWS = """
    if target.shape != log_input.shape:
        raise ValueError("shapes differ")
"""

FORMULAS = {
    "weighted_mean": (
        f"""
def weighted_mean(losses, y, w):{_SAME_SHAPES}
    return np.sum(w[y] * losses) / np.sum(w[y])
""",
        f"""
def weighted_mean(losses, y, w):{_SAME_SHAPES}
    return np.average(losses, weights=w[y])
""",
        f"""
def weighted_mean(losses, y, w):{_SAME_SHAPES}
    share = w[y] / w[y].sum()
    return share @ losses
""",
    ),
    "weighted_cross_entropy": (
        """
def weighted_cross_entropy(Z, y, w):
    losses = -log_softmax(Z, 1)[np.arange(len(y)), y]
    return np.sum(w[y] * losses) / np.sum(w[y])
""",
        """
def weighted_cross_entropy(Z, y, w):
    each = np.eye(Z.shape[1])[y] * w
    return -np.sum(each * log_softmax(Z, 1)) / np.sum(each)
""",
        """
def weighted_cross_entropy(Z, y, w):
    m = np.max(Z, axis=1)
    losses = m + np.log(np.sum(np.exp(Z - m[:, None]), axis=1)) - Z[np.arange(len(y)), y]
    return np.mean(w[y] * losses) / np.mean(w[y])
""",
    ),
    "accuracy": (
        """
def accuracy(prob, y):
    prob = prob.reshape(-1)
    if prob.shape != y.shape:
        raise ValueError("lengths differ")
    return np.mean((prob > 0.5) == y)
""",
        """
def accuracy(prob, y):
    decided = np.round(prob.ravel())
    if len(decided) != len(y):
        raise ValueError("lengths differ")
    return np.sum(decided == y) / len(y)
""",
    ),
    "epoch_mean": (
        f"""
def epoch_mean(batch_losses, sizes):{_SAME_BATCHES}
    return np.sum(batch_losses * sizes) / np.sum(sizes)
""",
        f"""
def epoch_mean(batch_losses, sizes):{_SAME_BATCHES}
    total, count = 0.0, 0
    for loss, size in zip(batch_losses, sizes):
        total += loss * size
        count += size
    return total / count
""",
    ),
    "kl_batchmean": (
        f"""
def kl_batchmean(target, log_input):{_SAME_ROWS}
    safe = np.where(target > 0, target, 1.0)
    return np.sum(target * (np.log(safe) - log_input)) / len(target)
""",
        f"""
def kl_batchmean(target, log_input):{_SAME_ROWS}
    entropy = -np.sum(target * np.log(np.maximum(target, 1e-300)), axis=1)
    return np.mean(-np.sum(target * log_input, axis=1) - entropy)
""",
    ),
}

PLANNED = "M06 M14 M15 M16 M17 M20 M21"

FINGERPRINTS = [
    ("weighted_mean", "M15", (LOSSES, Y, W), 5.400),
    ("weighted_mean", "M17", (LOSSES, Y, W), 1.506),
    ("weighted_cross_entropy", "M15", (Z, Y, W), 5.400),
    ("weighted_cross_entropy", "M16", (Z, Y, W), 0.8888),
    ("weighted_cross_entropy", "M17", (Z, Y, W), 1.506),
    ("weighted_cross_entropy", "M21", (Z, Y, ONES), 0.502),
    ("accuracy", "M06", (PROB, LABELS), 0.4444),
    ("epoch_mean", "M14", (np.array([1.0, 1.0, 5.0]), np.array([64, 64, 3])), 2.3333),
    ("kl_batchmean", "M20", (TARGET, LOG_INPUT), 0.0284),
    ("kl_batchmean", "M115", (TARGET, LOG_INPUT), 0.0975),
]
