"""Of the exercise loss/mean_squared_error."""

import numpy as np

P, T = np.array([3, -0.5, 2, 7]), np.array([2.5, 0, 2, 1])

_SAME_SHAPES = """
    if input.shape != target.shape:
        raise ValueError("shapes differ")
"""

FORMULAS = {
    "mse_loss": (
        f"""
def mse_loss(input, target):{_SAME_SHAPES}
    return np.mean((input - target) ** 2)
""",
        f"""
def mse_loss(input, target):{_SAME_SHAPES}
    e = (input - target).astype(float)
    return np.sum(e * e) / e.size
""",
        f"""
def mse_loss(input, target):{_SAME_SHAPES}
    return np.mean(np.square(np.abs(target - input)))
""",
    ),
    "mse_loss_grad": (
        f"""
def mse_loss_grad(input, target):{_SAME_SHAPES}
    return 2 * (input - target) / input.size
""",
        f"""
def mse_loss_grad(input, target):{_SAME_SHAPES}
    return -(target - input) / (0.5 * target.size)
""",
    ),
    "l1_loss_grad": (
        f"""
def l1_loss_grad(input, target):{_SAME_SHAPES}
    return np.sign(input - target) / input.size
""",
        f"""
def l1_loss_grad(input, target):{_SAME_SHAPES}
    e = input - target
    return np.where(e > 0, 1.0, np.where(e < 0, -1.0, 0.0)) / e.size
""",
    ),
}

PLANNED = "M01 M02 M03 M04 M05 M07 M08 M09 M11 M12 M13"

FINGERPRINTS = [
    ("mse_loss", "M01", (P, T), 36.5),
    ("mse_loss", "M02", (P, T), 4.5625),
    ("mse_loss", "M03", (P, T), 3.0208),
    ("mse_loss", "M04", (P, T), 2.25),
    ("mse_loss", "M05", (P[:, None], T), 10.469),
    ("mse_loss", "M07", (P, T), 9.25),
    ("mse_loss_grad", "M09", (P, T), [1, -1, 0, 12]),
    ("mse_loss_grad", "M11", (P, T), [0.125, -0.125, 0, 1.5]),
    ("l1_loss_grad", "M22", (P, T), [0.25, -0.25, 0.25, 0.25]),
]
