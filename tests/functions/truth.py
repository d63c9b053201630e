"""The truth: every value and gradient straight from its definition, with 400 digits.

Nothing of the package is used here, and no formula is rearranged to be kind to rounding: with 400 digits
`1 - s` keeps more than 70 of them even where it is as small as the smallest double, and below that the
truth rounds to 0 anyway. Infinity stands for a number far beyond the largest double, so that the limits
at infinity come out of the same formulas. A `Truth` also says how far an answer may be off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import mpmath
import numpy as np

mp = mpmath.mp.clone()
mp.dps = 400
exp, log = cache(mp.exp), cache(mp.log)
FAR = mp.mpf(10) ** 400


def number(x: Any) -> Any:
    """A float as an exact number; infinity as a number that no float can hold."""
    x = float(x)
    return mp.sign(x) * FAR if np.isinf(x) else mp.mpf(x)


@dataclass(frozen=True)
class Truth:
    """A true number, and what an answer that is as good as can be asked for may be off.

    `scale` is the sum of the absolute values of the terms whose sum is the number: where they cancel, an
    error counts against their size. `slack` is what the rounding of an inner argument does to the number.
    A value of nan wants the answer nan. `sides` gives the two limits at a kink: whoever follows another
    convention than this package may answer anything between them.
    """

    value: Any
    scale: Any = 0
    slack: Any = 0
    sides: Callable[[], tuple[Any, Any]] | None = field(default=None, compare=False)

    def error(self, answer: Any) -> float:
        """The error of `answer` in units of its last place (ULP), subnormal numbers included."""
        info = np.finfo(np.asarray(answer).dtype)
        if np.isnan(answer) or mp.isnan(self.value):
            return 0.0 if np.isnan(answer) and mp.isnan(self.value) else np.inf
        limit = mp.mpf(2) ** int(info.maxexp)
        value = min(max(self.value, -limit), limit)
        size = min(max(abs(value), self.scale), limit)
        exponent = max(mp.mag(size) - 1, int(info.minexp)) if size else int(info.minexp)
        distance = abs(min(max(number(answer), -limit), limit) - value)
        return float(max(distance - self.slack, 0) / mp.mpf(2) ** (exponent - int(info.nmant)))

    def allows(self, answer: Any, units: float) -> bool:
        """Whether `answer` lies between the limits from both sides, or within `units` of one of them."""
        if self.sides is None or np.isnan(answer):
            return False
        low, high = sorted(self.sides())
        return low <= number(answer) <= high or any(Truth(x).error(answer) <= units for x in (low, high))


def sigmoid(x):
    return 1 / (1 + exp(-x))


def tanh(x):
    return (exp(x) - exp(-x)) / (exp(x) + exp(-x))


def clipped(x, low, high):
    return min(max(x, low), high)


def quotient(a, b):
    """`a / b` as the limit from inside: nothing divided by nothing is nothing."""
    return mp.mpf(0) if a == 0 else mp.sign(a) * FAR if b == 0 else a / b


def huber(e, delta):
    return e * e / 2 if abs(e) <= delta else delta * (abs(e) - delta / 2)


def selu_constants():
    """`(alpha, scale)` in closed form, from mean 0 and variance 1 of selu at a standard normal number."""
    e, half, two = mp.e, mp.erfc(1 / mp.sqrt(2)), mp.erfc(mp.sqrt(2))
    alpha = -mp.sqrt(2 / mp.pi) / (half * mp.sqrt(e) - 1)
    square = 2 * two * e**2 + mp.pi * half**2 * e - 2 * (2 + mp.pi) * half * mp.sqrt(e) + mp.pi + 2
    return alpha, (1 - half * mp.sqrt(e)) * mp.sqrt(2 * mp.pi) / mp.sqrt(square)


SELU_ALPHA, SELU_SCALE = selu_constants()


def softplus(x, beta=1, threshold=None):
    return x if threshold is not None and beta * x > threshold else log(1 + exp(beta * x)) / beta


def softplus_slope(x, beta=1, threshold=None):
    return mp.mpf(1) if threshold is not None and beta * x > threshold else sigmoid(beta * x)


def squareplus(x, b):
    # The left tail cancels in twice as many digits as the largest double has.
    with mp.workdps(1600):
        return (x + mp.sqrt(x * x + b)) / 2


def squareplus_slope(x, b):
    with mp.workdps(1600):
        return (1 + x / mp.sqrt(x * x + b)) / 2


def normal_gate(x):
    """The normal distribution function and its slope; beyond 1e4 they are 0 and 1 in every float."""
    if abs(x) > 1e4:
        return mp.mpf(x > 0), mp.mpf(0)
    return mp.erfc(-x / mp.sqrt(2)) / 2, mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def gumbel_exponent(x):
    """A score beyond which 1 - exp(-e^x) is 1 in every float, and its slope 0."""
    return min(x, mp.mpf(20))


def sigmoid_gate(x):
    return sigmoid(x), sigmoid(x) * sigmoid(-x)


def mish_gate(x):
    gate = tanh(log(1 + exp(x))) if x < 1e4 else mp.mpf(1)
    return gate, (1 - gate**2) * sigmoid(x)


def gelu_gate(x, approximate="none"):
    if approximate == "none":
        return normal_gate(x)
    cubic, twice = mp.mpf("0.044715"), 2 * mp.sqrt(2 / mp.pi)
    gate, slope = sigmoid_gate(twice * (x + cubic * x**3))
    return gate, slope * twice * (1 + 3 * cubic * x * x)


def lisht_gate(x):
    gate = tanh(x) if abs(x) < 1e4 else mp.sign(x)
    return gate, 1 - gate**2


def quick_gelu_gate(x):
    gate, slope = sigmoid_gate(mp.mpf("1.702") * x)
    return gate, mp.mpf("1.702") * slope


def gated(gate):
    """x times a gate that depends on x: the function, its slope, and the size of the terms of the slope."""

    def value(x, **options):
        return x * gate(x, **options)[0]

    def slope(x, **options):
        opening, change = gate(x, **options)
        return opening + x * change

    def terms(x, **options):
        opening, change = gate(x, **options)
        return abs(opening) + abs(x * change)

    return value, slope, terms


# Functions of one number, and their slopes; at a kink the convention of torch.nn.functional.
ACTIVATIONS = {
    "arctan": (mp.atan, lambda x: 1 / (1 + x * x)),
    "relu_squared": (lambda x: max(x, 0) ** 2, lambda x: 2 * max(x, mp.mpf(0))),
    "sparse_plus": (
        lambda x: mp.mpf(0) if x <= -1 else x if x >= 1 else (x + 1) ** 2 / 4,
        lambda x: clipped(x + 1, 0, 2) / 2,
    ),
    "sparse_sigmoid": (lambda x: clipped(x + 1, 0, 2) / 2, lambda x: mp.mpf(-1 < x < 1) / 2),
    "identity": (lambda x: x, lambda x: mp.mpf(1)),
    "exponential": (exp, exp),
    "gumbel_minimum_cdf": (
        lambda x: 1 - exp(-exp(gumbel_exponent(x))),
        lambda x: exp(gumbel_exponent(x) - exp(gumbel_exponent(x))),
    ),
    "normal_cdf": (lambda x: normal_gate(x)[0], lambda x: normal_gate(x)[1]),
    "gelu": gated(gelu_gate)[:2],
    "hardswish": (
        lambda x: x * clipped(x + 3, 0, 6) / 6,
        lambda x: mp.mpf(0) if x <= -3 else mp.mpf(1) if x >= 3 else (2 * x + 3) / 6,
    ),
    "lisht": gated(lisht_gate)[:2],
    "mish": gated(mish_gate)[:2],
    "quick_gelu": gated(quick_gelu_gate)[:2],
    "silu": gated(sigmoid_gate)[:2],
    "softplus": (softplus, softplus_slope),
    "squareplus": (squareplus, squareplus_slope),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    "tanh": (tanh, lambda x: 1 - tanh(x) ** 2),
    "relu": (lambda x: max(x, 0), lambda x: mp.mpf(x > 0)),
    "leaky_relu": (
        lambda x, negative_slope: x if x > 0 else negative_slope * x,
        lambda x, negative_slope: mp.mpf(1) if x > 0 else negative_slope,
    ),
    "logsigmoid": (lambda x: log(sigmoid(x)), lambda x: 1 - sigmoid(x)),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "hardsigmoid": (lambda x: clipped(x + 3, 0, 6) / 6, lambda x: mp.mpf(-3 < x < 3) / 6),
    "hardtanh": (
        lambda x, min_val, max_val: clipped(x, min_val, max_val),
        lambda x, min_val, max_val: mp.mpf(min_val < x < max_val),
    ),
    "relu6": (lambda x: clipped(x, 0, 6), lambda x: mp.mpf(0 < x < 6)),
    "elu": (
        lambda x, alpha: x if x > 0 else alpha * (exp(x) - 1),
        lambda x, alpha: mp.mpf(1) if x > 0 else alpha * exp(x),
    ),
    "celu": (
        lambda x, alpha: x if x > 0 else alpha * (exp(x / alpha) - 1),
        lambda x, alpha: mp.mpf(1) if x > 0 else exp(x / alpha),
    ),
    "selu": (
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * (exp(x) - 1)),
        lambda x: SELU_SCALE * (1 if x > 0 else SELU_ALPHA * exp(x)),
    ),
    "hardshrink": (
        lambda x, lambd: x if abs(x) > lambd else mp.mpf(0),
        lambda x, lambd: mp.mpf(abs(x) > lambd),
    ),
    "softshrink": (
        lambda x, lambd: mp.sign(x) * max(abs(x) - lambd, 0),
        lambda x, lambd: mp.mpf(abs(x) > lambd),
    ),
    "tanhshrink": (lambda x: x - tanh(x), lambda x: tanh(x) ** 2),
}


def bce(p, y):
    return -y * max(log(p), -100) - (1 - y) * max(log(1 - p), -100)


def pseudo_huber_root(e, delta):
    return mp.sqrt(1 + (e / delta) ** 2)


def sign_or_slope(e, beta):
    return e / beta if abs(e) < beta else mp.sign(e)


# Functions of a prediction x, a probability p or a logit z, and of a target y, with their slopes.
LOSSES = {
    "mse_loss": (lambda x, y: (x - y) ** 2, lambda x, y: 2 * (x - y)),
    "l1_loss": (lambda x, y: abs(x - y), lambda x, y: mp.sign(x - y)),
    "huber_loss": (
        lambda x, y, delta: huber(x - y, delta),
        lambda x, y, delta: clipped(x - y, -delta, delta),
    ),
    "binary_cross_entropy": (bce, lambda p, y: quotient(1 - y, 1 - p) - quotient(y, p)),
    "binary_cross_entropy_with_logits": (
        lambda z, y: y * log(1 + exp(-z)) + (1 - y) * log(1 + exp(z)),
        lambda z, y: sigmoid(z) - y,
    ),
    "exponential_loss": (lambda x, y: exp(-y * x), lambda x, y: -y * exp(-y * x)),
    "hinge_loss": (lambda x, y: max(0, 1 - y * x), lambda x, y: -y if y * x < 1 else mp.mpf(0)),
    "log_cosh_loss": (lambda x, y: log((exp(x - y) + exp(y - x)) / 2), lambda x, y: tanh(x - y)),
    "mape_loss": (
        lambda x, y, eps: abs(x - y) / max(abs(y), eps),
        lambda x, y, eps: mp.sign(x - y) / max(abs(y), eps),
    ),
    "pinball_loss": (
        lambda x, y, tau: tau * (y - x) if y > x else (1 - tau) * (x - y),
        lambda x, y, tau: mp.mpf(0) if x == y else -tau if x < y else 1 - tau,
    ),
    "pseudo_huber_loss": (
        lambda x, y, delta: delta**2 * (pseudo_huber_root(x - y, delta) - 1),
        lambda x, y, delta: (x - y) / pseudo_huber_root(x - y, delta),
    ),
    "smooth_l1_loss": (
        lambda x, y, beta: huber(x - y, beta) / beta if beta else abs(x - y),
        lambda x, y, beta: sign_or_slope(x - y, beta),
    ),
    "soft_margin_loss": (lambda x, y: log(1 + exp(-y * x)), lambda x, y: -y * sigmoid(-y * x)),
    "squared_hinge_loss": (lambda x, y: max(0, 1 - y * x) ** 2, lambda x, y: -2 * y * max(0, 1 - y * x)),
}

RESIDUAL = (
    "mse_loss",
    "l1_loss",
    "huber_loss",
    "smooth_l1_loss",
    "log_cosh_loss",
    "pinball_loss",
    "pseudo_huber_loss",
)


def opposite(slope):
    """A function of x - y has by y the opposite of its slope by x."""
    return lambda x, y, **options: -slope(x, y, **options)


# Slopes by other arguments than the first.
FURTHER = {
    **{name: {"target": opposite(LOSSES[name][1])} for name in RESIDUAL},
    "binary_cross_entropy": {"target": lambda p, y: log(1 - p) - log(p)},
    "binary_cross_entropy_with_logits": {"target": lambda z, y: -z},
}

# The two terms of a slope that has a root at which nothing but cancellation can be asked for: sigma(z)
# near a target between 0 and 1, a gate and its change where they balance. One unit in the logit or input
# moves it by as much as it is wrong.
TERMS = {
    "binary_cross_entropy_with_logits": lambda z, y: (1 - y) * sigmoid(z) + y * sigmoid(-z),
    "gelu": gated(gelu_gate)[2],
    "mish": gated(mish_gate)[2],
    "quick_gelu": gated(quick_gelu_gate)[2],
    "silu": gated(sigmoid_gate)[2],
}


def parts(entry: Any) -> dict[str, Any]:
    """An entry of these tables by part: "value", and the names of the arguments it is differentiated by.

    A pair is the value and the slope by the first argument, `input`; a dict names further arguments.
    """
    return entry if isinstance(entry, dict) else dict(zip(("value", "input"), entry, strict=True))


def true_parts(name: str) -> dict[str, Any]:
    """What the tables know of a function, by part."""
    return {**parts({**ACTIVATIONS, **LOSSES}[name]), **FURTHER.get(name, {})}


def terms_of(name: str, part: str) -> Any:
    """The function for `Truth.scale` of one part; an entry of TERMS that is no dict is for `input`."""
    entry = TERMS.get(name, {})
    return (entry if isinstance(entry, dict) else {"input": entry}).get(part)


def true_at(name: str, part: str, point: Mapping[str, Any], options: Mapping[str, Any]) -> Truth:
    """The truth of one part of a function of the tables, at one number for each of its arguments."""
    if any(mp.isnan(x) for x in point.values()):
        return Truth(mp.nan)
    true, terms = true_parts(name)[part], terms_of(name, part)
    moved = "input" if part == "value" else part

    def sides():
        step = max(abs(point[moved]) * mp.mpf(10) ** -350, 1 / FAR)
        return tuple(true(*{**point, moved: point[moved] + d}.values(), **options) for d in (-step, step))

    scale = terms(*point.values(), **options) if terms else 0
    return Truth(true(*point.values(), **options), scale, sides=sides)


class Scores:
    """A vector of scores with everything that is said about its softmax.

    Softmax is a function of `x - max(x)`, and that difference rounds when the scores are far apart: the
    relative error of exp(d) is the absolute error of d. `moved[i]` is what this inevitable rounding may
    do to the probability i; it is 0 where the differences are exact.
    """

    def __init__(self, x: np.ndarray) -> None:
        self.x = [number(entry) for entry in x]
        exponentials = [exp(entry) for entry in self.x]
        total = mp.fsum(exponentials)
        self.p = [entry / total for entry in exponentials]
        with np.errstate(all="ignore"):
            shifted = x - np.max(x)
        rounding = [
            abs(number(d) - (entry - max(self.x))) if np.isfinite(d) else mp.mpf(0)
            for d, entry in zip(shifted, self.x, strict=True)
        ]
        mean = self.dot(rounding)
        self.moved = [p * (r * (1 - p) + mean - p * r) for p, r in zip(self.p, rounding, strict=True)]

    def dot(self, other):
        return mp.fsum(p * entry for p, entry in zip(self.p, other, strict=True))

    def softmax(self) -> list[Truth]:
        return [Truth(p, slack=moved) for p, moved in zip(self.p, self.moved, strict=True)]

    def log_softmax(self) -> list[Truth]:
        return [Truth(log(p), slack=moved / p) for p, moved in zip(self.p, self.moved, strict=True)]

    def softmax_vjp(self, upstream) -> list[Truth]:
        """The Jacobian s_i (delta_ij - s_j) times `upstream`; only differences of `upstream` count."""
        g = [number(entry) for entry in upstream]
        truths = []
        for i, p in enumerate(self.p):
            value = p * (g[i] - self.dot(g))
            apart = [abs(g[i] - entry) for entry in g]
            slack = mp.fsum(
                d * (self.moved[i] * q + p * moved)
                for d, q, moved in zip(apart, self.p, self.moved, strict=True)
            )
            truths.append(Truth(value, scale=p * self.dot(apart), slack=slack))
        return truths

    def log_softmax_vjp(self, upstream) -> list[Truth]:
        """g_i - s_i (the sum of g), which is also minus the slope of a cross-entropy of masses g."""
        g = [number(entry) for entry in upstream]
        total, size = mp.fsum(g), mp.fsum(abs(entry) for entry in g)
        return [
            Truth(
                g[i] - p * total,
                scale=abs(g[i]) * (1 - p) + p * (size - abs(g[i])),
                slack=abs(total) * self.moved[i],
            )
            for i, p in enumerate(self.p)
        ]

    def cross_entropy(self, mass) -> Truth:
        m = [number(entry) for entry in mass]
        return Truth(
            -mp.fsum(entry * log(p) for entry, p in zip(m, self.p, strict=True)),
            slack=mp.fsum(
                abs(entry) * moved / p for entry, moved, p in zip(m, self.moved, self.p, strict=True)
            ),
        )
