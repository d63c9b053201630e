"""Of the exercise loss/huber_and_pinball."""

import numpy as np

P, T = np.array([3, -0.5, 2, 7]), np.array([2.5, 0, 2, 1])

_SAME_SHAPES = """
    if pred.shape != target.shape:
        raise ValueError("shapes differ")
"""

FORMULAS = {
    "huber": (
        f"""
def huber(pred, target, delta):{_SAME_SHAPES}
    e = np.abs(pred - target)
    return np.mean(np.where(e <= delta, 0.5 * e**2, delta * (e - 0.5 * delta)))
""",
        f"""
def huber(pred, target, delta):{_SAME_SHAPES}
    e = pred - target
    inside = np.clip(e, -delta, delta)
    return np.mean(inside**2 / 2 + delta * np.abs(e - inside))
""",
        f"""
def huber(pred, target, delta):{_SAME_SHAPES}
    e = np.abs(target - pred)
    small = np.minimum(e, delta)
    return np.sum(small * (e - small / 2)) / e.size
""",
    ),
    "huber_grad": (
        f"""
def huber_grad(pred, target, delta):{_SAME_SHAPES}
    return np.clip(pred - target, -delta, delta) / pred.size
""",
        f"""
def huber_grad(pred, target, delta):{_SAME_SHAPES}
    e = pred - target
    return np.where(np.abs(e) < delta, e, delta * np.sign(e)) / e.size
""",
    ),
    "huber_delta": (
        """
def huber_delta(residuals, k=1.345):
    return k * np.median(np.abs(residuals)) / 0.6745
""",
        """
def huber_delta(residuals, k=1.345):
    return 1.4826 * k * np.median(np.sqrt(residuals**2))
""",
    ),
    "pinball": (
        f"""
def pinball(pred, target, tau):{_SAME_SHAPES}
    e = target - pred
    return np.mean(np.maximum(tau * e, (tau - 1) * e))
""",
        f"""
def pinball(pred, target, tau):{_SAME_SHAPES}
    e = pred - target
    return np.mean(np.where(e > 0, (1 - tau) * e, -tau * e))
""",
    ),
}

PLANNED = "M23 M24 M25 M26 M27 M28 M29 M30"

FINGERPRINTS = [
    ("huber", "M24", (P, T, np.float64(2)), 1.2812),
    ("huber", "M25", (P, T, np.float64(2)), 3.0625),
    ("huber", "M26", (P, T, np.float64(2)), 2.625),
    ("huber", "M27", (P, T, np.float64(2)), 3.5),
    ("pinball", "M30", (P, T, np.float64(0.9)), 1.475),
]
