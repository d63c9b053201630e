"""Of the exercise coupling/four_heads."""

import numpy as np

from lossact.datasets import beetles


class Word(str):
    """The name of a head among arguments that are copied."""

    def copy(self):
        return self


DOSE, SIZE = beetles().x.T
X, SHARE = np.column_stack([np.ones(8), DOSE]), beetles().y / SIZE
THREE, FIVE = np.array([np.log(3)]), np.array([5.0])

_FITS = """
    n = np.ones(len(y)) if n is None else n
    if y.shape != n.shape or y.shape != X[:, 0].shape:
        raise ValueError("shapes do not fit")
"""

FORMULAS = {
    "glm_residual": (
        """
def glm_residual(head, z, y):
    if z.shape != y.shape:
        raise ValueError("shapes differ")
    if head == "identity":
        p, losses = z, (z - y) ** 2 / 2
    elif head == "sigmoid":
        small = np.exp(-np.abs(z))
        p = np.where(z >= 0, 1, small) / (1 + small)
        losses = np.maximum(z, 0) + np.log1p(small) - y * z
    elif head == "softmax":
        m = np.max(z, axis=1, keepdims=True)
        e = np.exp(z - m)
        total = np.sum(e, axis=1, keepdims=True)
        p = e / total
        losses = np.sum(y * (m + np.log(total) - z), axis=1)
    elif head == "exponential":
        p = np.exp(z)
        losses = p - y * z
    else:
        raise ValueError("unknown head")
    return np.mean(losses), (p - y) / len(z)
""",
    ),
    "fit_glm": (
        f"""
def fit_glm(head, X, y, n):{_FITS}
    if head == "identity":
        z = y
    elif head == "sigmoid":
        z = np.log((y + 0.5) / (1.5 - y))
    elif head == "exponential":
        z = np.log(y + 0.5)
    else:
        raise ValueError("unknown head")
    w = np.linalg.lstsq(X, z, rcond=None)[0]
    for _ in range(20):
        z = X @ w
        if head == "identity":
            p, slope = z, np.ones(len(z))
        elif head == "sigmoid":
            p = 1 / (1 + np.exp(-z))
            slope = p * (1 - p)
        else:
            p = slope = np.exp(z)
        w = w + np.linalg.solve((n * slope * X.T) @ X, X.T @ (n * (y - p)))
    return w
""",
    ),
    "binomial_deviance": (
        """
def binomial_deviance(p, y, n):
    if not (p.shape == y.shape == n.shape):
        raise ValueError("shapes differ")
    dead = y * np.log(np.where(y > 0, y, 1) / p)
    alive = (1 - y) * np.log(np.where(y < 1, 1 - y, 1) / (1 - p))
    return 2 * np.sum(n * (dead + alive))
""",
        """
def binomial_deviance(p, y, n):
    if not (p.shape == y.shape == n.shape):
        raise ValueError("shapes differ")
    total = 0.0
    for p_i, y_i, n_i in zip(p, y, n):
        if y_i > 0:
            total += 2 * n_i * y_i * np.log(y_i / p_i)
        if y_i < 1:
            total += 2 * n_i * (1 - y_i) * np.log((1 - y_i) / (1 - p_i))
    return total
""",
    ),
    "fit_dose": (
        """
def fit_dose(head, X, y, n):
    from lossact import normal_cdf
    if y.shape != n.shape or y.shape != X[:, 0].shape:
        raise ValueError("shapes do not fit")
    if head not in ("sigmoid", "probit", "cloglog"):
        raise ValueError("unknown head")
    def predict(z):
        if head == "sigmoid":
            p = 1 / (1 + np.exp(-z))
            return p, p * (1 - p)
        if head == "probit":
            return normal_cdf.value_and_grad(z)
        p = 1 - np.exp(-np.exp(z))
        return p, (1 - p) * np.exp(z)
    w = np.zeros(X.shape[1])
    for _ in range(20):
        p, slope = predict(X @ w)
        weight = n * slope / (p * (1 - p))
        w = w + np.linalg.solve((weight * slope * X.T) @ X, X.T @ (weight * (y - p)))
    p, slope = predict(X @ w)
    dead = y * np.log(np.where(y > 0, y, 1) / p)
    alive = (1 - y) * np.log(np.where(y < 1, 1 - y, 1) / (1 - p))
    return w, 2 * np.sum(n * (dead + alive))
""",
    ),
}

PLANNED = "M101 M102 M103 M104"

FINGERPRINTS = [
    # https://github.com/pytorch/pytorch/issues/28575
    ("glm_residual", "M103", (Word("exponential"), THREE, FIVE), 2.2944),
    ("fit_glm", "E3.4d", (Word("sigmoid"), X, SHARE, SIZE), [-60.4591, 34.1213]),
    ("fit_dose", "M104", (Word("cloglog"), X, SHARE, SIZE), [-60.7175, 34.2703]),
]
