"""Of the exercise math/gradient_check."""

import numpy as np

_SAME = """
    if claimed.shape != x.shape:
        raise ValueError("shapes differ")"""

FORMULAS = {
    "central_difference": (
        """
def central_difference(f, x, h):
    x = x.astype(np.float64)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[index] += h
        behind[index] -= h
        gradient[index] = (f(ahead) - f(behind)) / (2 * h)
    return gradient
""",
        """
def central_difference(f, x, h):
    x = np.array(x, dtype=float)
    def along(i):
        move = (h * np.eye(x.size)[i]).reshape(x.shape)
        return float(f(x + move) - f(x - move)) / h / 2
    if np.size(f(x)) != 1:
        raise ValueError("one number")
    return np.array([along(i) for i in range(x.size)]).reshape(x.shape)
""",
    ),
    "gradcheck": (
        f"""
def gradcheck(f, df, x, h):
    x = x.astype(np.float64)
    claimed = df(x.copy()){_SAME}
    largest = 0.0
    for index in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[index] += h
        behind[index] -= h
        quotient = (f(ahead) - f(behind)) / (2 * h)
        size = np.maximum(np.abs(claimed[index]), np.abs(quotient))
        if size > 0:
            largest = max(largest, np.abs(claimed[index] - quotient) / size)
    return largest
""",
    ),
    "linear_mse_grad": (
        """
def linear_mse_grad(W, x, y):
    error = x @ W
    if error.shape != y.shape:
        raise ValueError("shapes differ")
    return 2 * x.T @ (error - y) / y.size
""",
        """
def linear_mse_grad(W, x, y):
    if y.shape != (len(x), W.shape[1]):
        raise ValueError("shapes differ")
    error = y - x @ W
    return -np.einsum("nd,nk->dk", x, error) / (0.5 * y.shape[0] * y.shape[1])
""",
    ),
    "kink_or_mistake": (
        """
def kink_or_mistake(f, slope, x, h):
    behind, here, ahead = f(np.array([x - h, x, x + h]))
    left, right = (here - behind) / h, (ahead - here) / h
    if np.abs(right - left) > 0.01 * np.maximum(np.abs(left), np.abs(right)):
        return "kink"
    central = (ahead - behind) / (2 * h)
    if np.abs(slope - central) <= 1e-5 * np.maximum(np.abs(slope), np.abs(central)):
        return "right"
    return "wrong"
""",
    ),
}

PLANNED = "M09 M10 M11 M12 M13 M129 M130"


def cubes(x):
    return np.sum(x**3)


def squares(x):
    return np.sum(x**2)


def half(x):
    return x


FINGERPRINTS = [
    ("central_difference", "M129", (cubes, np.array([1.0]), 0.5), [4.75]),
    ("central_difference", "M12", (squares, np.array([1.0, -3.0]), 1e-5), [-2, 6]),
    ("gradcheck", "E4.1j", (squares, half, np.array([1.0, -3.0]), 1e-5), 1 / 3),
    ("gradcheck", "E4.1f", (squares, half, np.array([1.0, -3.0]), 1e-5), 3),
]
