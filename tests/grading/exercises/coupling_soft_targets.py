"""Of the exercise coupling/soft_targets."""

import numpy as np

P, Q = np.array([0.36, 0.48, 0.16]), np.ones(3) / 3
STUDENT, TEACHER = np.array([[0.0, 1.0, 2.0]]), np.array([[1.0, 1.0, 0.0]])

_SAME_SHAPES = """
    if {0}.shape != {1}.shape:
        raise ValueError("shapes differ")
"""
_KL_SHAPES = _SAME_SHAPES.format("p", "q")
_DISTILL_SHAPES = _SAME_SHAPES.format("zs", "zt")

FORMULAS = {
    "smooth_targets": (
        """
def smooth_targets(y, K, eps):
    if np.any(y < 0) or np.any(y >= K):
        raise ValueError("labels out of range")
    return (1 - eps) * np.eye(K)[y] + eps / K
""",
        """
def smooth_targets(y, K, eps):
    if np.min(y) < 0 or np.max(y) >= K:
        raise ValueError("labels out of range")
    t = np.ones((len(y), K)) * eps / K
    t[np.arange(len(y)), y] += 1 - eps
    return t
""",
    ),
    "excess_loss": (
        """
def excess_loss(Z, y, eps):
    K = Z.shape[1]
    t = (1 - eps) * np.eye(K)[y] + eps / K
    shifted = Z - np.max(Z, axis=1, keepdims=True)
    logp = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    loss = -np.sum(t * logp)
    floor = -np.sum(t * np.log(np.where(t > 0, t, 1)))
    return (loss - floor) / len(Z)
""",
        """
def excess_loss(Z, y, eps):
    K = Z.shape[1]
    high, low = 1 - eps + eps / K, eps / K
    floor = -high * np.log(high)
    if eps > 0:
        floor = floor - (K - 1) * low * np.log(low)
    m = np.max(Z, axis=1)
    lse = m + np.log(np.sum(np.exp(Z - m[:, None]), axis=1))
    scores = (1 - eps) * Z[np.arange(len(y)), y] + eps * np.mean(Z, axis=1)
    return np.mean(lse - scores) - floor
""",
    ),
    "kl": (
        f"""
def kl(p, q):{_KL_SHAPES}
    p = p / np.sum(p, axis=-1, keepdims=True)
    q = q / np.sum(q, axis=-1, keepdims=True)
    terms = np.where(p > 0, p * np.log(np.where(p > 0, p, 1) / q), 0)
    return np.mean(np.sum(terms, axis=-1))
""",
        f"""
def kl(p, q):{_KL_SHAPES}
    p, q = np.atleast_2d(p), np.atleast_2d(q)
    p = (p.T / np.sum(p, axis=1)).T
    q = (q.T / np.sum(q, axis=1)).T
    there = p > 0
    return np.sum(p[there] * (np.log(p[there]) - np.log(q[there]))) / len(p)
""",
    ),
    "distill_loss": (
        f"""
def distill_loss(zs, zt, T):{_DISTILL_SHAPES}
    s = zs / T - np.max(zs / T, axis=1, keepdims=True)
    t = zt / T - np.max(zt / T, axis=1, keepdims=True)
    logq = s - np.log(np.sum(np.exp(s), axis=1, keepdims=True))
    logp = t - np.log(np.sum(np.exp(t), axis=1, keepdims=True))
    loss = T**2 * np.mean(np.sum(np.exp(logp) * (logp - logq), axis=1))
    return loss, T * (np.exp(logq) - np.exp(logp)) / len(zs)
""",
        f"""
def distill_loss(zs, zt, T):{_DISTILL_SHAPES}
    def logs(z):
        m = np.max(z, axis=1)
        return (z.T - m - np.log(np.sum(np.exp(z.T - m), axis=0))).T

    a, b = logs(zs / T), logs(zt / T)
    loss = T * T * np.sum(np.exp(b) * (b - a)) / len(zs)
    return loss, T * T * (np.exp(a) - np.exp(b)) / T / len(zs)
""",
    ),
}

PLANNED = "M105 M106 M107 M113 M114 M115 M116 M20"

FINGERPRINTS = [
    ("smooth_targets", "M105", (np.array([0]), 3, 0.1), [[0.9, 0.05, 0.05]]),
    ("excess_loss", "M107", (np.log([[0.91] + 9 * [0.01]]), np.array([0]), 0.1), 0.5003),
    ("kl", "M115", (P, Q), 0.0975),
    ("kl", "M20", (P, Q), 0.0284),
    ("distill_loss", "M114", (STUDENT, TEACHER, 4.0), 6.3220),
]
