"""Of the exercise math/curvature."""

import numpy as np

FORMULAS = {
    "curvature": (
        """
def curvature(f, z):
    h = np.finfo(float).eps ** 0.25
    return (f(z + h) - 2 * f(z) + f(z - h)) / h**2
""",
        """
def curvature(f, z):
    h = np.finfo(float).eps ** 0.25
    ahead = (f(z + h) - f(z)) / h
    behind = (f(z) - f(z - h)) / h
    return (ahead - behind) / h
""",
    ),
    "mse_sigmoid_curvature": (
        """
def mse_sigmoid_curvature(z, y):
    small = np.exp(-np.abs(z))
    s = np.where(z >= 0, 1.0, small) / (1 + small)
    slope = s * (1 - s)
    return 2 * slope**2 + 2 * (s - y) * slope * (1 - 2 * s)
""",
        """
def mse_sigmoid_curvature(z, y):
    s = (1 + np.tanh(z / 2)) / 2
    return 2 * s * (1 - s) * (2 * s - 3 * s**2 + 2 * y * s - y)
""",
    ),
    "two_weight_hessian": (
        """
def two_weight_hessian(w, x, y):
    u, v = w
    p = (1 + np.tanh(u * v * x / 2)) / 2
    a, r = np.mean(p * (1 - p) * x**2), np.mean((p - y) * x)
    return np.array([[a * v**2, a * u * v + r], [a * u * v + r, a * u**2]])
""",
        """
def two_weight_hessian(w, x, y):
    z = w[0] * w[1] * x
    small = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, small) / (1 + small)
    swapped = w[::-1]
    hessian = np.sum(small / (1 + small) ** 2 * x * x) / len(x) * np.outer(swapped, swapped)
    hessian += (1 - np.eye(2)) * np.mean(p * x - x * y)
    return hessian
""",
    ),
    "find_minima": (
        """
def find_minima(f, grid, barrier):
    values, found = f(grid), []
    highest, lowest = values[0], None
    for i in range(len(values)):
        if lowest is None:
            highest = max(highest, values[i])
            if values[i] <= highest - barrier:
                lowest = i
        elif values[i] < values[lowest]:
            lowest = i
        elif values[i] >= values[lowest] + barrier:
            found.append(grid[lowest])
            highest, lowest = values[i], None
    return np.array(found)
""",
        """
def find_minima(f, grid, barrier):
    values, found = f(grid), []
    for i in range(1, len(values) - 1):
        if values[i] >= values[i - 1] or values[i] > values[i + 1]:
            continue
        left, right = values[:i][::-1], values[i + 1:]
        stops = np.flatnonzero(left <= values[i])
        left = left[:stops[0]] if stops.size > 0 else left
        stops = np.flatnonzero(right < values[i])
        right = right[:stops[0]] if stops.size > 0 else right
        if np.minimum(np.max(left), np.max(right)) >= values[i] + barrier:
            found.append(grid[i])
    return np.array(found)
""",
    ),
}

PLANNED = "M131 M132"

X, Y = np.array([0.9, 0.9, 0.1, 15.2]), np.array([1, 1, 0, 0])
GRID = np.linspace(-4, 8, 1201)


def squared_error(w):
    return np.mean((1 / (1 + np.exp(-np.multiply.outer(w, X))) - Y) ** 2, axis=-1)


FINGERPRINTS = [
    ("find_minima", "E4.2p", (squared_error, GRID, 1e-3), [-0.12]),
    ("find_minima", "M132", (squared_error, GRID, 1e-3), [2.54]),
    ("find_minima", "E4.2w", (squared_error, GRID, 1e-3), [0.2054, 0.3335]),
    ("two_weight_hessian", "M131", (np.zeros(2), np.ones(1), np.ones(1)), [[0, 0], [0, 0]]),
    ("mse_sigmoid_curvature", "M132", (np.array([-2.0]), np.array([1.0])), [0.0220]),
]
