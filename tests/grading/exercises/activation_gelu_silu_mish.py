"""Of the exercise activation/gelu_silu_mish."""

import numpy as np

X = np.array([-2.0])
NONE, TANH = np.str_("none"), np.str_("tanh")

_WORDS = """
    if approximate not in ("none", "tanh"):
        raise ValueError("approximate")"""

FORMULAS = {
    "gelu": (
        f"""
from scipy.special import erf
def gelu(x, approximate):{_WORDS}
    inner = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    gate = np.tanh(inner) if approximate == "tanh" else erf(x / np.sqrt(2))
    return 0.5 * x * (1 + gate)
""",
        f"""
import math
def gelu(x, approximate):{_WORDS}
    if approximate == "tanh":
        u = math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x)
        return x / (1 + np.exp(-u))
    return x * np.vectorize(math.erfc)(-x / math.sqrt(2)) / 2
""",
    ),
    "gelu_grad": (
        """
from scipy.special import erf
def gelu_grad(x):
    return 0.5 * (1 + erf(x / np.sqrt(2))) + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
""",
        """
from scipy.special import erfc
def gelu_grad(x):
    u = x / np.sqrt(2)
    return erfc(-u) / 2 + u * np.exp(-u * u) / np.sqrt(np.pi)
""",
    ),
    "silu": (
        """
def silu(x):
    small = np.exp(-np.abs(x))
    return x * np.where(x >= 0, 1, small) / (1 + small)
""",
        "def silu(x):\n    return x * (1 + np.tanh(x / 2)) / 2",
    ),
    "mish": (
        "def mish(x):\n    return x * np.tanh(np.logaddexp(0, x))",
        "def mish(x):\n    return x * np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))",
    ),
    "argmin_of": (
        """
def argmin_of(f):
    low, high = -6, 6
    for _ in range(7):
        x = np.linspace(low, high, 241)
        best = np.argmin(f(x))
        low, high = x[max(best - 1, 0)], x[min(best + 1, 240)]
    return (low + high) / 2
""",
    ),
}

PLANNED = "M72 M73 M74 M75 M76"

FINGERPRINTS = [
    ("gelu", "M72", (X, NONE), [-0.0047]),
    ("gelu", "M73", (X, TANH), [-0.0455]),
    ("gelu", "M74", (X, TANH), [-0.0394]),
    ("gelu_grad", "M75", (X,), [0.0228]),
]
