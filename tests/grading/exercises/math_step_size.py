"""Of the exercise math/step_size."""

from lossact.datasets import diabetes

_EIGENVALUES = """
    A = np.column_stack([np.ones(len(X)), X])
    curvatures = np.linalg.eigvalsh(2 * A.T @ A / len(X))"""
_SINGULAR = """
    A = np.column_stack([X, np.ones(len(X))])
    curvatures = 2 / len(X) * np.linalg.svd(A)[1] ** 2"""

FORMULAS = {
    "max_lr": (
        f"def max_lr(X):{_EIGENVALUES}\n    return 2 / np.max(curvatures)",
        f"def max_lr(X):{_SINGULAR}\n    return 2 / curvatures[0]",
    ),
    "gd_rate": (
        f"def gd_rate(X, lr):{_EIGENVALUES}\n    return np.max(np.abs(1 - lr * curvatures))",
        f"""
def gd_rate(X, lr):{_EIGENVALUES}
    return np.maximum(1 - lr * curvatures[0], lr * curvatures[-1] - 1)
""",
        """
def gd_rate(X, lr):
    A = np.column_stack([np.ones(len(X)), X])
    step = np.eye(A.shape[1]) - 2 * lr / len(X) * A.T @ A
    return np.linalg.norm(step, ord=2)
""",
    ),
    "best_lr": (
        f"def best_lr(X):{_EIGENVALUES}\n    return 2 / (np.min(curvatures) + np.max(curvatures))",
        f"def best_lr(X):{_SINGULAR}\n    return 1 / np.mean(curvatures[[0, -1]])",
    ),
}

PLANNED = "M133 M134"

X = diabetes().standardised()

FINGERPRINTS = [
    ("max_lr", "M134", (X,), 2 * 0.24850),
    ("gd_rate", "E4.3j", (X, 0.12424796588524024), 0),
    ("gd_rate", "E4.3l", (X, 0.12424796588524024), 0.997873**2),
    ("best_lr", "M133", (X,), 0.24850 / 2),
]
