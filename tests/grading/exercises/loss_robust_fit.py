"""Of the exercise loss/robust_fit."""

from lossact.datasets import stackloss

_X, _Y = stackloss().x, stackloss().y

FORMULAS = {
    "mad_scale": (
        "def mad_scale(residuals):\n    return np.median(np.abs(residuals)) / 0.6744897501960817",
        """
def mad_scale(residuals):
    size = np.sort(np.abs(residuals))
    n = len(size)
    return (size[n // 2] + size[(n - 1) // 2]) / 2 / 0.6745
""",
    ),
    "huber_weights": (
        "def huber_weights(u, k):\n    return k / np.maximum(np.abs(u), k)",
        """
def huber_weights(u, k):
    far = np.abs(u) > k
    return np.where(far, k / np.where(far, np.abs(u), 1), 1)
""",
    ),
    "robust_fit": (
        """
def robust_fit(X, y, k=1.345):
    if X.ndim != 2 or y.shape != X.shape[:1]:
        raise ValueError("shapes do not fit")
    A = np.column_stack([np.ones(len(X)), X])
    beta = np.linalg.lstsq(A, y)[0]
    for _ in range(50):
        r = y - A @ beta
        s = np.median(np.abs(r)) / 0.6744897501960817
        if s == 0:
            break
        w = 1 / np.maximum(np.abs(r), k * s)
        B = w[:, None] * A
        beta = np.linalg.solve(B.T @ A, B.T @ y)
    return beta
""",
    ),
    "huber_efficiency": (
        """
def huber_efficiency(k):
    from lossact import normal_cdf
    inside = normal_cdf(k) - normal_cdf(-k)
    height = np.exp(-(k**2) / 2) / np.sqrt(2 * np.pi)
    return inside**2 / (inside - 2 * k * height + k**2 * (1 - inside))
""",
    ),
    "kind_of_outlier": (
        """
def kind_of_outlier(X, y, i):
    from lossact.grading import all_questions
    fit, scale = all_questions()["robust_fit"].reference, all_questions()["mad_scale"].reference
    A = np.column_stack([np.ones(len(X)), X])
    share = A[i] @ np.linalg.pinv(A)[:, i]
    r = y - A @ fit(X, y)
    far = np.abs(r[i]) > 2.69 * scale(r)
    return "leverage" if share > 0.5 else "residual" if far else "neither"
""",
    ),
}

PLANNED = "M29 M31 M32"

FINGERPRINTS = [
    ("robust_fit", "M29", (_X, _Y), [-38.3924, 0.8363, 0.6872, -0.1080]),
    ("robust_fit", "E1.6a", (_X, _Y), [-41.0512, 0.8267, 0.9385, -0.1286]),
    # Fifty steps; in the limit it is -39.6899.
    ("robust_fit", "M31", (_X, _Y), [-39.6521, 0.8304, 0.5809, -0.0621]),
    ("robust_fit", "E1.6g", (_X, _Y), [-41.4678, 0.8987, 0.6908, -0.1137]),
    ("robust_fit", "E1.6l", (_X, _Y), [-40.7174, 0.7934, 1.0425, -0.1349]),
]
