"""Exercise coupling/four_heads: one residual for four heads, fits, and heads that do not cancel."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from math import erf, lgamma
from typing import Any, NamedTuple

import numpy as np

from lossact import log_softmax, logsumexp, normal_cdf, sigmoid, softmax, softplus
from lossact.datasets import beetles, counts
from lossact.grading.question import Arguments, Check, Curve, Misconception, Question

Function = Callable[[Any], Any]

_HEADS = ("identity", "sigmoid", "softmax", "exponential")


# --- inputs: the residual -------------------------------------------------------------------------------


def _shares(rng: np.random.Generator, n: int, k: int) -> Any:
    weights = rng.uniform(0.2, 2, size=(n, k))
    return weights / np.sum(weights, axis=1, keepdims=True)


def _four(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("identity", np.array([1.3, -0.2]), np.array([0.4, 1.0])),
        ("sigmoid", np.array([1.3, -0.2]), np.array([0.4, 1.0])),
        ("softmax", np.array([[1.3, 0.0, 0.0]]), np.array([[0.4, 0.35, 0.25]])),
        ("exponential", np.array([1.3, -0.2]), np.array([0.4, 1.0])),
        ("identity", rng.normal(size=5), rng.normal(scale=2, size=5)),
        ("sigmoid", rng.normal(scale=2, size=6), rng.permutation([0.0, 1, 0, 1, 0.3, 0.8])),
        ("softmax", rng.normal(size=(5, 3)), np.eye(3)[rng.integers(0, 3, size=5)]),
        ("softmax", rng.normal(size=(3, 3)), _shares(rng, 3, 3)),
        ("exponential", rng.normal(size=6), rng.permutation([0.0, 1, 2, 3, 5, 9])),
    ]


def _whole(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("identity", np.array([3, -1, 0]), np.array([1, 1, 2])),
        ("sigmoid", np.array([2, -1, 0]), np.array([1, 0, 1])),
        ("softmax", np.array([[2, 1, 0], [-1, 3, 1]]), np.array([[1, 0, 0], [0, 0, 1]])),
        ("exponential", np.array([2, -1, 0]), np.array([4, 0, 1])),
    ]


def _far_out(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("sigmoid", np.array([800.0, -800.0, 60.0]), np.array([0.0, 1.0, 0.5])),
        ("sigmoid", np.array([800.0, -800.0]), np.array([1.0, 0.0])),
        ("softmax", np.array([[0.0, 800.0], [-1000.0, -1001.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])),
        ("exponential", np.array([-800.0, 2.0]), np.array([0.0, 3.0])),
        ("identity", np.array([1000.0, -1000.0]), np.array([0.0, 1.0])),
    ]


def _no_heads(rng: np.random.Generator) -> list[Arguments]:
    z, y = rng.normal(size=3), np.array([0.0, 1.0, 1.0])
    return [("tanh", z, y), ("Sigmoid", z, y), ("", z, y)]


def _mixed_shapes(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("sigmoid", rng.normal(size=(3, 1)), np.array([0.0, 1.0, 1.0])),
        ("identity", rng.normal(size=3), rng.normal(size=(3, 1))),
        ("exponential", rng.normal(size=3), np.array([2.0])),
        ("softmax", rng.normal(size=(3, 2)), np.array([[1.0, 0.0]])),
    ]


def _four_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("identity", rng.normal(size=3), rng.normal(size=3)),
        ("sigmoid", rng.normal(size=3), np.array([0.0, 1.0, 1.0])),
        ("softmax", rng.normal(size=(2, 3)), _shares(rng, 2, 3)),
        ("exponential", rng.normal(size=3), np.array([0.0, 1.0, 4.0])),
    ]


# --- inputs: fits ---------------------------------------------------------------------------------------


def _beetles() -> tuple[Any, Any, Any]:
    """The log dose with a constant, the share of dead, the size of the group."""
    dose, size = beetles().x.T
    return np.column_stack([np.ones(len(dose)), dose]), beetles().y / size, size.copy()


def _counts() -> tuple[Any, Any]:
    outcome, treatment = counts().x.T
    columns = [outcome == 2, outcome == 3, treatment == 2, treatment == 3]
    return np.column_stack([np.ones(9), *columns]).astype(float), counts().y


def _groups(rng: np.random.Generator, head: str, rows: int, columns: int) -> tuple[Any, Any, Any]:
    """X with a constant, the mean of each group, and the size of the group."""
    X = np.column_stack([np.ones(rows), rng.normal(size=(rows, columns - 1))])
    size = rng.permutation(np.linspace(8, 60, rows).astype(int)).astype(float)
    z = X @ np.concatenate([[0.3], rng.uniform(0.4, 0.9, size=columns - 1)])
    if head == "identity":
        return X, z + rng.normal(size=rows), size
    if head == "exponential":
        return X, rng.poisson(size * np.exp(z)) / size, size
    heads: dict[str, Function] = {"sigmoid": sigmoid, "probit": normal_cdf, "cloglog": _cloglog}
    f = heads[head]
    return X, rng.binomial(size.astype(int), f(z)) / size, size


def _none_and_all(rng: np.random.Generator) -> tuple[Any, Any, Any]:
    """Groups of which one survived as a whole, one not at all."""
    X = np.column_stack([np.ones(6), np.arange(6) - 2.5 + rng.uniform(-0.1, 0.1, size=6)])
    return X, np.array([0.0, 0.2, 0.3, 0.6, 0.9, 1.0]), np.array([9.0, 10, 20, 15, 10, 12])


def _sigmoid_groups(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("sigmoid", *_beetles()),
        ("sigmoid", *_none_and_all(rng)),
        ("sigmoid", *_groups(rng, "sigmoid", 15, 3)),
    ]


def _count_groups(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("exponential", *_counts(), np.ones(9)),
        ("exponential", *_groups(rng, "exponential", 12, 2)),
        ("exponential", *_groups(rng, "exponential", 15, 3)),
    ]


def _line_groups(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("identity", *_groups(rng, "identity", 12, 2)),
        ("identity", *_groups(rng, "identity", 9, 3)),
    ]


def _single(rng: np.random.Generator) -> list[Arguments]:
    x = rng.normal(size=40)
    X = np.column_stack([np.ones(40), x])
    # The labels of the middle are set, so that no dose separates them.
    labels = np.where(rng.random(40) < sigmoid(x), 1.0, 0.0)
    order = np.argsort(x)
    labels[order[[2, 12, 17, 22, 27]]] = 1.0
    labels[order[[10, 15, 20, 25, 37]]] = 0.0
    return [
        ("sigmoid", X, labels, None),
        ("exponential", *_counts(), None),
        ("identity", X, x + rng.normal(size=40), None),
    ]


def _no_fits(rng: np.random.Generator) -> list[Arguments]:
    X, y, n = _groups(rng, "sigmoid", 6, 2)
    return [("softmax", X, y, n), ("probit", X, y, n), ("", X, y, None)]


def _misfits(rng: np.random.Generator) -> list[Arguments]:
    X, y, n = _groups(rng, "sigmoid", 6, 2)
    return [
        ("sigmoid", X, y, n[:1]),
        ("sigmoid", X, y[:, np.newaxis], n),
        ("identity", X, y, n[:, np.newaxis]),
        ("exponential", X, y[:-1], n),
        ("sigmoid", X, y, n[:-1]),
    ]


def _fits_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [("sigmoid", *_beetles()), ("exponential", *_groups(rng, "exponential", 8, 2))]


def _doses(rng: np.random.Generator) -> list[Arguments]:
    return [
        ("cloglog", *_beetles()),
        ("cloglog", *_none_and_all(rng)),
        ("cloglog", *_groups(rng, "cloglog", 15, 3)),
        ("probit", *_beetles()),
        ("probit", *_none_and_all(rng)),
        ("probit", *_groups(rng, "probit", 15, 3)),
    ]


def _doses_of_sigmoid(rng: np.random.Generator) -> list[Arguments]:
    return [("sigmoid", *_beetles()), ("sigmoid", *_groups(rng, "probit", 12, 3))]


def _no_doses(rng: np.random.Generator) -> list[Arguments]:
    X, y, n = _groups(rng, "sigmoid", 6, 2)
    return [("identity", X, y, n), ("logit", X, y, n)]


def _doses_that_misfit(rng: np.random.Generator) -> list[Arguments]:
    X, y, n = _groups(rng, "sigmoid", 6, 2)
    return [("probit", X, y, n[:1]), ("cloglog", X, y[:, np.newaxis], n), ("sigmoid", X, y, n[:-1])]


def _doses_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [("probit", *_beetles()), ("cloglog", *_groups(rng, "cloglog", 8, 2))]


# --- inputs: the deviance -------------------------------------------------------------------------------


def _fitted(rng: np.random.Generator) -> list[Arguments]:
    X, y, n = _beetles()
    return [
        (sigmoid(X @ np.array([-60.717, 34.27]))[:-1], y[:-1], n[:-1]),
        (rng.uniform(0.1, 0.9, size=5), rng.uniform(0.1, 0.9, size=5), np.array([3.0, 8, 20, 5, 11])),
        (rng.uniform(0.1, 0.9, size=3), np.array([0.5, 0.25, 0.75]), np.array([4, 8, 4])),
        (np.array([0.2]), np.array([0.4]), np.array([10.0])),
    ]


def _all_or_none(rng: np.random.Generator) -> list[Arguments]:
    p = rng.uniform(0.1, 0.9, size=4)
    return [
        (np.array([0.9, 0.3]), np.array([1.0, 0.5]), np.array([60.0, 8.0])),
        (np.array([0.9, 0.3]), np.array([0.75, 0.0]), np.array([4.0, 8.0])),
        (p, np.array([1.0, 0.0, 0.25, 1.0]), np.array([6.0, 9.0, 4.0, 2.0])),
        (p, np.array([1, 0, 0, 1]), np.array([1, 1, 1, 1])),
    ]


def _deviance_misfits(rng: np.random.Generator) -> list[Arguments]:
    p, y, n = rng.uniform(0.1, 0.9, size=4), rng.uniform(0.1, 0.9, size=4), np.array([6.0, 9, 4, 2])
    return [(p[:, np.newaxis], y, n), (p, y[:, np.newaxis], n), (p, y, n[:, np.newaxis]), (p, y, n[:1])]


def _deviance_to_keep(rng: np.random.Generator) -> list[Arguments]:
    return [(np.array([0.9, 0.3]), np.array([1.0, 0.0]), np.array([60.0, 8.0])), _fitted(rng)[1]]


# --- right answers --------------------------------------------------------------------------------------


def _cloglog(z: Any) -> Any:
    return -np.expm1(-np.exp(z))


def _one_head(head: str, known: tuple[str, ...]) -> None:
    if head not in known:
        raise ValueError(f"head is {head!r}; one of {', '.join(known)} is wanted")


def _one_shape(**arrays: Any) -> None:
    if len({np.shape(each) for each in arrays.values()}) > 1:
        told = ", ".join(f"{name} has shape {np.shape(each)}" for name, each in arrays.items())
        raise ValueError(told)


def _predict(head: str, z: Any) -> Any:
    if head == "identity":
        return z
    if head == "sigmoid":
        return sigmoid(z)
    return softmax(z, 1) if head == "softmax" else np.exp(z)


def _cost(head: str, z: Any, y: Any) -> Any:
    """The loss of each sample."""
    if head == "identity":
        return (z - y) ** 2 / 2
    if head == "sigmoid":
        return softplus(z) - y * z
    if head == "softmax":
        return logsumexp(z, 1) - np.sum(y * z, axis=1)
    return np.exp(z) - y * z


def _residual(head: str, z: Any, y: Any) -> Any:
    _one_head(head, _HEADS)
    _one_shape(z=z, y=y)
    return np.mean(_cost(head, z, y)), (_predict(head, z) - y) / len(z)


class _Parts(NamedTuple):
    """A head with what a fit of it takes: its slope, the variance of its noise, and a first logit for y."""

    f: Function
    slope: Function
    variance: Function
    link: Function


def _bernoulli(p: Any) -> Any:
    return p * (1 - p)


def _logit_near(y: Any) -> Any:
    return np.log((y + 0.5) / (1.5 - y))


_FITS = {
    "identity": _Parts(lambda z: z, np.ones_like, np.ones_like, lambda y: y),
    "sigmoid": _Parts(sigmoid, lambda z: _bernoulli(sigmoid(z)), _bernoulli, _logit_near),
    "exponential": _Parts(np.exp, np.exp, lambda p: p, lambda y: np.log(y + 0.5)),
}
_DOSES = {
    "sigmoid": _FITS["sigmoid"],
    "probit": _Parts(normal_cdf, normal_cdf.grad, _bernoulli, lambda y: 0.6 * _logit_near(y)),
    "cloglog": _Parts(_cloglog, lambda z: np.exp(z - np.exp(z)), _bernoulli, lambda y: 0.7 * _logit_near(y)),
}


def _start(head: _Parts, X: Any, y: Any) -> Any:
    return np.linalg.lstsq(X, head.link(y), rcond=None)[0]


def _newton(head: _Parts, X: Any, y: Any, n: Any, steps: int = 100) -> Any:
    """The weights of the greatest likelihood, by Fisher's scoring (Newton's method, if the link is "
    "canonical)."""
    w = _start(head, X, y)
    for _ in range(steps):
        z = X @ w
        p, slope = head.f(z), head.slope(z)
        weight = n * slope / head.variance(p)
        step = np.linalg.solve(X.T @ ((weight * slope)[:, np.newaxis] * X), X.T @ (weight * (y - p)))
        w = w + step
        if np.max(np.abs(step)) <= 1e-11 * np.max(np.abs(w)):
            break
    return w


def _deviance(p: Any, y: Any, n: Any) -> Any:
    return 2 * np.sum(n * (_part(y, p) + _part(1 - y, 1 - p)))


def _part(y: Any, p: Any) -> Any:
    """y log(y / p), 0 where y is 0."""
    return y * np.log(np.where(y > 0, y, 1) / p)


Fit = Callable[[_Parts, Any, Any, Any], Any]


def _fitting(
    fit: Fit,
    heads: Callable[[str], str] = lambda head: head,
    shapes: bool = True,
    known: bool = True,
) -> Callable[..., Any]:
    """fit_glm by another method of fitting, or with another head than the one asked for."""

    def answer(head: str, X: Any, y: Any, n: Any) -> Any:
        if known:
            _one_head(head, tuple(_FITS))
        n = np.ones(len(y)) if n is None else n
        if shapes:
            _one_shape(y=y, n=n, row=X[:, 0])
        return fit(_FITS.get(heads(head), _FITS["identity"]), X, y, n)

    return answer


def _dosing(
    fit: Fit = _newton,
    heads: dict[str, _Parts] = _DOSES,
    deviance: Callable[[Any, Any, Any], Any] = _deviance,
    shapes: bool = True,
    known: bool = True,
) -> Callable[..., Any]:
    """fit_dose with one part exchanged."""

    def answer(head: str, X: Any, y: Any, n: Any) -> Any:
        if known:
            _one_head(head, tuple(_DOSES))
        if shapes:
            _one_shape(y=y, n=n, row=X[:, 0])
        parts = heads.get(head, heads["cloglog"])
        w = fit(parts, X, y, n)
        with np.errstate(all="ignore"):
            return w, deviance(parts.f(X @ w), y, n)

    return answer


# --- wrong answers: the residual ------------------------------------------------------------------------

Loss = Callable[[str, Any, Any], Any]


def _pair(
    loss: Loss | None = None, grad: Loss | None = None, only: tuple[str, ...] = _HEADS
) -> Callable[..., Any]:
    """glm_residual with one part exchanged, for some of the heads."""

    def answer(head: str, z: Any, y: Any) -> Any:
        right = _residual(head, z, y)
        if head not in only:
            return right
        with np.errstate(all="ignore"):
            return (
                right[0] if loss is None else loss(head, z, y),
                right[1] if grad is None else grad(head, z, y),
            )

    return answer


def _dz(head: str, z: Any, y: Any) -> Any:
    return _residual(head, z, y)[1]


def _slope_of(head: str, z: Any) -> Any:
    p = _predict(head, z)
    return {"identity": np.ones_like(p), "exponential": p}.get(head, p * (1 - p))


def _without_half(head: str, z: Any, y: Any) -> Any:
    return np.mean((z - y) ** 2)


def _log_factorial(y: Any) -> Any:
    return np.array([lgamma(each + 1) for each in y])


def _stirling(y: Any) -> Any:
    safe = np.where(y > 1, y, 1)
    return np.where(y > 1, safe * np.log(safe) - safe + np.log(2 * np.pi * safe) / 2, 0.0)


def _full(constant: Function) -> Callable[..., Any]:
    return _pair(
        loss=lambda head, z, y: np.mean(_cost(head, z, y) + constant(y)),
        only=("exponential",),
    )


def _twice_exponential(head: str, z: Any, y: Any) -> Any:
    return np.mean(np.exp(np.exp(z)) - y * np.exp(z))


def _limited(limit: float) -> Misconception:
    return Misconception(
        id="E3.4a",
        name=f"You cut z off at {limit:g}, so that exp cannot overflow.",
        function=lambda head, z, y: _residual(head, np.clip(z, -limit, limit), y),
        sees=f"Beyond {limit:g} your loss does not grow any more.",
        why="The warning is gone and the number is wrong. With automatic differentiation the gradient would "
        "be 0 there: a sample that is very wrong would learn nothing.",
        probe="glm_residual('sigmoid', np.array([800.0]), np.array([0.0]))  # 800 and 1 are wanted",
    )


def _clipped(eps: float) -> Misconception:
    def loss(head: str, z: Any, y: Any) -> Any:
        p = np.clip(_predict(head, z), eps, 1 - eps)
        terms = y * np.log(p) + ((1 - y) * np.log(1 - p) if head == "sigmoid" else 0)
        return -np.sum(terms) / len(z)

    return Misconception(
        id="M45",
        name=f"You cut the probability off at {eps:g} before the logarithm.",
        function=_pair(loss=loss, only=("sigmoid", "softmax")),
        sees=f"A single sample never costs you more than {-np.log(eps):.2f}.",
        why="Not nan is not yet right. softplus(z) - y z has no probability in it, and nothing to cut off.",
        probe="glm_residual('sigmoid', np.array([800.0]), np.array([0.0]))[0]  # 800 is wanted",
    )


def _naive_sigmoid(head: str, z: Any, y: Any) -> Any:
    return np.mean(np.log(1 + np.exp(z)) - y * z)


def _naive_sigmoid_grad(head: str, z: Any, y: Any) -> Any:
    return (np.exp(z) / (1 + np.exp(z)) - y) / len(z)


def _naive_softmax(head: str, z: Any, y: Any) -> Any:
    return np.mean(np.log(np.sum(np.exp(z), axis=1)) - np.sum(y * z, axis=1))


def _naive_softmax_grad(head: str, z: Any, y: Any) -> Any:
    return (np.exp(z) / np.sum(np.exp(z), axis=1, keepdims=True) - y) / len(z)


def _any_head(head: str, z: Any, y: Any) -> Any:
    return _residual(head if head in _HEADS else "exponential", z, y)


def _any_shape(head: str, z: Any, y: Any) -> Any:
    _one_head(head, _HEADS)
    return np.mean(_cost(head, z, y)), (_predict(head, z) - y) / len(z)


def _residual_in_place(head: str, z: Any, y: Any) -> Any:
    loss, grad = _residual(head, z, y)
    z -= y
    return loss, grad


# --- wrong answers: fits --------------------------------------------------------------------------------


def _sizes_forgotten(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    return _newton(head, X, y, np.ones(len(y)))


def _one_step(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    return _newton(head, X, y, n, steps=1)


def _line_on_links(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    root = np.sqrt(n)
    return np.linalg.lstsq(root[:, np.newaxis] * X, root * head.link(y), rcond=None)[0]


def _least_squares_of_head(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    """Gauss and Newton's method: the likelihood if the noise had one variance everywhere."""
    return _newton(head._replace(variance=np.ones_like), X, y, n)


def _constant_added(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    w = _newton(head, X, y, n)
    return np.concatenate([[0.0], w])


def _no_constant(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    return _newton(head, X[:, 1:], y, n)


def _y_in_place(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    w = _newton(head, X, y, n)
    y *= n
    return w


def _balanced(head: _Parts, X: Any, y: Any, n: Any) -> Any:
    """The weights at which p - y is in balance: the least matching loss of the head, not the likelihood."""
    w = _newton(head, X, y, n)
    for _ in range(100):
        z = X @ w
        step = np.linalg.solve(X.T @ ((n * head.slope(z))[:, np.newaxis] * X), X.T @ (n * (y - head.f(z))))
        w = w + step
        if np.max(np.abs(step)) <= 1e-11 * np.max(np.abs(w)):
            break
    return w


def _erf_without_root(z: Any) -> Any:
    return 0.5 + 0.5 * np.vectorize(erf, otypes=[float])(z)


_PROBIT_WIDE = {
    **_DOSES,
    "probit": _DOSES["probit"]._replace(
        f=_erf_without_root, slope=lambda z: np.exp(-(z**2)) / np.sqrt(np.pi)
    ),
}
_MIRRORED = {
    **_DOSES,
    "cloglog": _DOSES["cloglog"]._replace(
        f=lambda z: np.exp(-np.exp(-z)), slope=lambda z: np.exp(-z - np.exp(-z))
    ),
}
_ALL_SIGMOID = dict.fromkeys(_DOSES, _DOSES["sigmoid"])


# --- wrong answers: the deviance ------------------------------------------------------------------------


def _of_groups(formula: Callable[[Any, Any, Any], Any]) -> Callable[..., Any]:
    def answer(p: Any, y: Any, n: Any) -> Any:
        _one_shape(p=p, y=y, n=n)
        with np.errstate(all="ignore"):
            return formula(p, y, n)

    return answer


def _minus_log_likelihood(p: Any, y: Any, n: Any) -> Any:
    return -np.sum(n * (y * np.log(p) + (1 - y) * np.log(1 - p)))


def _nan_at_the_ends(p: Any, y: Any, n: Any) -> Any:
    return 2 * np.sum(n * (y * np.log(y / p) + (1 - y) * np.log((1 - y) / (1 - p))))


def _deviance_in_place(p: Any, y: Any, n: Any) -> Any:
    value = _deviance(p, y, n)
    y[y == 0] = 1e-12
    return value


# --- questions ------------------------------------------------------------------------------------------

_SHAPE_WHY = (
    "NumPy stretches (n, 1) against (n,) to (n, n): every logit meets every target, and the number that "
    "comes out looks plausible."
)
_SHAPE_PROBE = "(np.zeros((4, 1)) - np.zeros(4)).shape"
_HEAD_WHY = (
    "A word that is misspelt then gives a number, and no error says which head was meant. End the list with "
    "a `raise`."
)
_HEAD_PROBE = "'Sigmoid' == 'sigmoid'"
_IN_PLACE_WHY = "The caller still holds that array. The next call with it gives another answer."
_UNKNOWN_RATE = "glm_residual('exponential', np.array([np.log(3.0)]), np.array([5.0]))"
_ONE_LOGIT = "glm_residual('{head}', np.array([2.0]), np.array([0.0]))"

_RESIDUAL = Question(
    name="glm_residual",
    reference=_residual,
    checks=(
        Check("four heads: loss and gradient", _four, points=Decimal(4)),
        Check("logits and targets that are integers", _whole),
        Check("logits far out", _far_out, points=Decimal(2)),
        Check("a head that is not known is refused with a ValueError", _no_heads),
        Check("shapes that differ are refused with a ValueError", _mixed_shapes),
        Check("the inputs are left as they were", _four_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M101",
            name="Your Poisson loss takes the mean for its logarithm: exp is applied twice.",
            function=_pair(loss=_twice_exponential, only=("exponential",)),
            sees="The gradient is right; the loss of the exponential head is far too large.",
            why="The loss is p - y log p with p = exp(z), so exp(z) - y z. torch's poisson_nll_loss takes "
            "z, unless it is told log_input=False.",
            probe=_UNKNOWN_RATE + "[0]  # 3 - 5 log 3 = -2.493 is wanted",
        ),
        Misconception(
            id="M101",
            name="In the exponential head you apply exp twice, in the loss and in the gradient.",
            function=_pair(
                loss=_twice_exponential,
                grad=lambda head, z, y: (np.exp(np.exp(z)) - y) / len(z),
                only=("exponential",),
            ),
            sees="Loss and gradient of the exponential head are far too large, the other heads are right.",
            why="A logit of 2 is a mean of 7.4. With a second exp it is one of 1618.",
            probe=_UNKNOWN_RATE + "  # -2.493 and -2 are wanted",
        ),
        Misconception(
            id="M102",
            name="The exponential is missing: you take the logit itself for the mean, and its logarithm.",
            function=_pair(
                loss=lambda head, z, y: np.mean(z - y * np.log(z)),
                grad=lambda head, z, y: (1 - y / z) / len(z),
                only=("exponential",),
            ),
            sees="Where a logit is negative, your loss of the exponential head is nan.",
            why="A mean count cannot be negative, a logit can. exp (or softplus) is there to keep the two "
            "apart.",
            probe="np.log(np.array([-1.0]))",
        ),
        Misconception(
            id="M103",
            name="Your Poisson loss holds log y! as well. That is the full likelihood; here, as in torch, "
            "the part without z is left out.",
            function=_full(_log_factorial),
            sees="The gradient is right; the loss differs by a number that depends on y alone.",
            why="It changes no gradient and no fit. It does change a comparison: 2.2944 with it for a mean "
            "of 3 and a count of 5, -2.4931 without.",
            probe=_UNKNOWN_RATE + "[0]  # 3 - 5 log 3 = -2.493 is wanted",
            convention=True,
        ),
        Misconception(
            id="M103",
            name="Your Poisson loss holds Stirling's formula for log y!. Here, as in torch by default, the "
            "part without z is left out.",
            function=_full(_stirling),
            sees="The gradient is right; the loss differs by a number that depends on y alone.",
            why="It changes no gradient and no fit. It does change a comparison: 2.2778 with it for a mean "
            "of 3 and a count of 5, 2.2944 with the exact log 5!, -2.4931 without.",
            probe=_UNKNOWN_RATE + "[0]  # 3 - 5 log 3 = -2.493 is wanted",
            convention=True,
        ),
        Misconception(
            id="M95",
            name="You multiplied p - y by the slope of the head once more.",
            function=_pair(grad=lambda head, z, y: _dz(head, z, y) * _slope_of(head, z)),
            sees="The losses are right, and so is the gradient of the identity; the other gradients are not.",
            why="The slope of the head has cancelled already, against the slope of its loss. That is what "
            "makes the four alike.",
            probe=_ONE_LOGIT.format(head="sigmoid") + "[1]  # 0.881 is wanted",
        ),
        Misconception(
            id="M02",
            name="The half before the squared error is missing, so the gradient is 2(p - y).",
            function=_pair(
                loss=_without_half,
                grad=lambda head, z, y: 2 * _dz(head, z, y),
                only=("identity",),
            ),
            sees="The identity head is off by a factor of 2, the other heads are right.",
            why="`mse_loss` has no half. Here it has one, because only then is the gradient p - y like that "
            "of the other three.",
            probe=_ONE_LOGIT.format(head="identity") + "  # 2 and 2 are wanted",
            convention=True,
        ),
        Misconception(
            id="M11",
            name="The half before the squared error is missing, but the gradient has it.",
            function=_pair(loss=_without_half, only=("identity",)),
            sees="The gradients are right, the loss of the identity head is twice the right one.",
            why="Value and gradient must belong together, or no gradient check can pass.",
            probe=_ONE_LOGIT.format(head="identity") + "[0]  # 2 is wanted",
        ),
        Misconception(
            id="E3.4b",
            name="You left out y²/2 in the loss of the identity head: A(z) - y z is the loss up to a "
            "constant.",
            function=_pair(loss=lambda head, z, y: np.mean(z**2 / 2 - y * z), only=("identity",)),
            sees="The gradients are right; the loss of the identity head is too small by half the mean of "
            "y².",
            why="It changes no gradient. But a squared error is never negative, and yours is at a perfect "
            "fit.",
            probe="glm_residual('identity', np.array([3.0]), np.array([3.0]))[0]  # 0 is wanted",
            convention=True,
        ),
        Misconception(
            id="M40",
            name="In the loss of the sigmoid head the term of 1 - y is missing.",
            function=_pair(loss=lambda head, z, y: np.mean(y * softplus(-z)), only=("sigmoid",)),
            sees="The gradients are right; samples with the target 0 cost you nothing.",
            why="Who says yes to everything would have a loss near 0.",
            probe=_ONE_LOGIT.format(head="sigmoid") + "[0]  # 2.127 is wanted",
        ),
        Misconception(
            id="M21",
            name="In the softmax head the loss is averaged over the classes too.",
            function=_pair(loss=lambda head, z, y: -np.mean(y * log_softmax(z, 1)), only=("softmax",)),
            sees="The gradients are right; the loss of the softmax head is the right one divided by K.",
            why="Over the classes the loss is a sum, over the samples a mean.",
            probe="glm_residual('softmax', np.zeros((1, 4)), np.eye(4)[:1])[0]  # log 4 = 1.386 is wanted",
        ),
        Misconception(
            id="M140",
            name="In the softmax head the gradient is divided by the number of classes as well.",
            function=_pair(grad=lambda head, z, y: _dz(head, z, y) / z.shape[1], only=("softmax",)),
            sees="The losses are right; the gradient of the softmax head is the right one divided by K.",
            why="The mean runs over the N samples, so 1/N is all there is: `z.size` is N times K here.",
            probe="glm_residual('softmax', np.zeros((1, 4)), np.eye(4)[:1])[1]  # -3/4 for the true class",
        ),
        Misconception(
            id="M51",
            name="In the softmax head you normalised down the columns. The classes of a sample stand in a "
            "row.",
            function=_pair(
                loss=lambda head, z, y: -np.sum(y * log_softmax(z, 0)) / len(z),
                grad=lambda head, z, y: (softmax(z, 0) - y) / len(z),
                only=("softmax",),
            ),
            sees="The rows of your gradient do not sum to 0.",
            why="Samples would compete with each other, and the answer for one would depend on the batch.",
            probe="glm_residual('softmax', np.zeros((1, 2)), np.eye(2)[:1])[0]  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M09",
            name="The gradient is not divided by N, although the loss is a mean.",
            function=_pair(grad=lambda head, z, y: _dz(head, z, y) * len(z)),
            sees="The losses are right, the gradients are N times the right ones.",
            why="Value and gradient need the same reduction, or the step grows with the batch.",
            probe="glm_residual('identity', np.ones(4), np.zeros(4))[1]  # 1/4 each is wanted",
        ),
        Misconception(
            id="M10",
            name="The gradient is divided by N twice.",
            function=_pair(grad=lambda head, z, y: _dz(head, z, y) / len(z)),
            sees="The losses are right, the gradients are the right ones divided by N.",
            why="It still points downhill, so training seems to work; it is only N times too slow.",
            probe="glm_residual('identity', np.ones(4), np.zeros(4))[1]  # 1/4 each is wanted",
        ),
        Misconception(
            id="M01",
            name="You summed loss and gradient over the batch instead of averaging them.",
            function=_pair(
                loss=lambda head, z, y: np.sum(_cost(head, z, y)),
                grad=lambda head, z, y: _dz(head, z, y) * len(z),
            ),
            sees="Losses and gradients are N times the right ones.",
            why="The two agree with each other, but the step grows with the batch.",
            probe="glm_residual('identity', np.ones(4), np.zeros(4))  # 0.5, and 1/4 each, are wanted",
        ),
        Misconception(
            id="M01",
            name="You summed the loss over the batch instead of averaging it.",
            function=_pair(loss=lambda head, z, y: np.sum(_cost(head, z, y))),
            sees="The gradients are right, the losses are N times the right ones.",
            why="Value and gradient need the same reduction, or no gradient check can pass.",
            probe="glm_residual('identity', np.ones(4), np.zeros(4))[0]  # 0.5 is wanted",
        ),
        Misconception(
            id="M12",
            name="The sign of the gradient is turned round: y - p.",
            function=_pair(grad=lambda head, z, y: 0.0 - _dz(head, z, y)),
            sees="The losses are right, the gradients are the right ones times -1.",
            why="Descent subtracts the gradient. With this one each step makes the loss worse.",
            probe=_ONE_LOGIT.format(head="sigmoid") + "[1]  # 0.881 is wanted",
        ),
        Misconception(
            id="M42",
            name="The minus before y z is a plus in your losses.",
            function=_pair(
                loss=lambda head, z, y: np.mean(_cost(head, z, -y)),
                only=("sigmoid", "softmax", "exponential"),
            ),
            sees="The gradients are right; where all targets are 0 the losses are, too.",
            why="A higher logit must cost less where the target is high.",
            probe="glm_residual('sigmoid', np.array([2.0]), np.array([1.0]))[0]  # 0.127 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Losses here are in nats, with the natural one.",
            function=_pair(
                loss=lambda head, z, y: np.mean(_cost(head, z, y)) / np.log(2), only=("sigmoid", "softmax")
            ),
            sees="The losses of sigmoid and softmax are the right ones times 1.4427.",
            why="log2 counts bits. Only with the natural logarithm is the gradient p - y.",
            probe="glm_residual('sigmoid', np.array([0.0]), np.array([1.0]))[0]  # log 2 = 0.693 is wanted",
        ),
        Misconception(
            id="M43",
            name="In the sigmoid head you take exp of the logit as it is. It overflows from 710 on.",
            function=_pair(loss=_naive_sigmoid, grad=_naive_sigmoid_grad, only=("sigmoid",)),
            sees="Ordinary logits are right; at 800 the loss is inf and the gradient nan.",
            why="log(1 + exp(z)) is max(z, 0) + log(1 + exp(-|z|)), and that exponential is never above 1.",
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        Misconception(
            id="M46",
            name="In the softmax head you take exp of the scores as they are.",
            function=_pair(loss=_naive_softmax, grad=_naive_softmax_grad, only=("softmax",)),
            sees="Ordinary rows are right; with a score of 800 or a row of -1000 you get inf or nan.",
            why="Adding a constant to a row does not change its softmax. Take away the largest score first.",
            probe="np.exp(np.array([709.0, 710.0]))",
        ),
        *(_limited(limit) for limit in (20.0, 30.0, 50.0, 100.0, 500.0, 700.0)),
        *(_clipped(eps) for eps in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)),
        Misconception(
            id="E3.4c",
            name="A head that you do not know is treated like the last one of your list.",
            function=_any_head,
            sees="The head 'tanh' raises no error.",
            why=_HEAD_WHY,
            probe=_HEAD_PROBE,
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts.",
            function=_any_shape,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_SHAPE_WHY,
            probe=_SHAPE_PROBE,
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_residual_in_place,
            sees="After the call z holds something else.",
            why=_IN_PLACE_WHY,
            probe="z = np.array([2.0]); glm_residual('identity', z, np.array([1.0])); z",
        ),
    ),
    hints=(
        "Write p, the mean that each head predicts, in four branches. The gradient is then one line for all.",
        "Each loss is A(z) - y z, up to a term without z. A is z²/2, softplus, log-sum-exp and exp. For the "
        "identity, complete the square.",
        "Losses are means over the N samples; in the softmax head they sum over the classes first.",
        "Which branch can overflow? Try z = 800 with the target 0.",
    ),
    curve=Curve(
        axis="logit of the exponential head, the count being 2",
        points=tuple(np.linspace(-2, 2, 41)),
        call=lambda point: ("exponential", np.array([point]), np.array([2.0])),
    ),
)

_BEETLE_SLOPE = "34.270 is the slope for the beetles"

_FIT = Question(
    name="fit_glm",
    reference=_fitting(_newton),
    checks=(
        Check("shares of groups, by the sigmoid", _sigmoid_groups, points=Decimal(2)),
        Check("counts, by the exponential", _count_groups, points=Decimal(2)),
        Check("means of groups, by the identity", _line_groups),
        Check("one observation in each row: n is None", _single),
        Check("another head is refused with a ValueError", _no_fits),
        Check("shapes that do not fit are refused with a ValueError", _misfits),
        Check("the inputs are left as they were", _fits_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E3.4d",
            name="You did not use n: each group counts once, whatever its size.",
            function=_fitting(_sizes_forgotten),
            sees="For the beetles your slope is 34.121 instead of 34.270; with n = None you are right.",
            why="A share of 63 beetles says more than one of 56. Each row stands for n observations with "
            "the same logit, so its loss counts n times.",
            probe="X, y = np.ones((2, 1)), np.array([0.2, 0.6])\n"
            "fit_glm('identity', X, y, np.array([3.0, 1.0]))  # the mean of four: 0.3",
        ),
        Misconception(
            id="M102",
            name="You fitted the identity, whatever the head: least squares on the targets themselves.",
            function=_fitting(_newton, heads=lambda head: "identity"),
            sees="Only the identity is right.",
            why="A line through shares leaves the range of 0 to 1, and one through counts goes below 0.",
            probe="fit_glm('exponential', np.ones((2, 1)), np.array([2.0, 4.0]), None)  # log 3 = 1.099",
        ),
        Misconception(
            id="E3.4e",
            name="You fitted a line to the transformed targets. That is where to start, not where to end.",
            function=_fitting(_line_on_links),
            sees="The identity is right, the others are near.",
            why="The logarithm of a mean is not the mean of the logarithms, and 0 has none: the little "
            "number you added decides the fit.",
            probe="fit_glm('exponential', np.ones((2, 1)), np.array([2.0, 4.0]), None)  # log 3 = 1.099",
        ),
        Misconception(
            id="E3.4f",
            name="You took one step of Newton's method and stopped.",
            function=_fitting(_one_step),
            sees="The identity is right, the others agree in the first digits.",
            why="One step is exact for a parabola only. The curvature changes with the weights: take it "
            "anew and go on until the step is about 1e-10 of the weights.",
            probe="fit_glm('exponential', np.ones((2, 1)), np.array([2.0, 40.0]), None)  # log 21 = 3.045",
        ),
        Misconception(
            id="M95",
            name="You minimised the squared error behind the head, not the loss that belongs to it.",
            function=_fitting(_least_squares_of_head),
            sees="The identity is right. In the others the rows with p near 1/2, or with large counts, "
            "decide alone.",
            why="The residual is multiplied by the slope of the head once more, as if all rows had one "
            "variance.",
            probe="X = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]])\n"
            "fit_glm('exponential', X, np.array([1.0, 2.0, 9.0]), None)",
        ),
        Misconception(
            id="E3.4g",
            name="You added a constant. X has its columns already.",
            function=_fitting(_constant_added),
            sees="You give one weight more than X has columns.",
            why="Two constants can share the work in any way, so no weight of them has a meaning.",
            probe="fit_glm('identity', np.ones((3, 1)), np.arange(3.0), None).shape  # (1,) is wanted",
        ),
        Misconception(
            id="E3.4h",
            name="You left out the first column of X. The constant has a weight, too.",
            function=_fitting(_no_constant),
            sees="You give one weight less than X has columns, and the others are off.",
            why="Without the constant the logit is 0 where all features are 0, whatever the data say.",
            probe="fit_glm('identity', np.eye(2), np.array([1.0, 2.0]), None).shape  # (2,) is wanted",
        ),
        Misconception(
            id="E3.4c",
            name="A head that you do not know is treated like the identity.",
            function=_fitting(_newton, known=False),
            sees="The head 'probit' raises no error.",
            why=_HEAD_WHY,
            probe=_HEAD_PROBE,
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that do not fit.",
            function=_fitting(_newton, shapes=False),
            sees="A single size of shape (1,) goes through as the size of every group.",
            why="NumPy stretches what has length 1 without a word. A size that was lost on the way changes "
            "the fit, and no error says so.",
            probe="(np.ones(1) * np.zeros(6)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_fitting(_y_in_place),
            sees="After the call y has been multiplied by n.",
            why=_IN_PLACE_WHY,
            probe="y = np.array([0.2, 0.6])\n"
            "fit_glm('identity', np.ones((2, 1)), y, np.array([3.0, 1.0]))\n"
            "y",
        ),
    ),
    hints=(
        "At the best weights the gradient is 0: X.T @ (n * (p - y)), with p from the head.",
        "Newton's step solves (X.T @ (n * V * X)) step = X.T @ (n * (y - p)), V being the slope of the "
        "head: 1, p (1 - p) or p, one number for each row.",
        "Start near: least squares on a logit of y that is finite for y = 0 and y = 1 as well.",
        f"{_BEETLE_SLOPE}, 3.0445 the first weight for the nine counts.",
    ),
)

_DEVIANCE = Question(
    name="binomial_deviance",
    reference=_of_groups(_deviance),
    checks=(
        Check("shares between 0 and 1", _fitted, points=Decimal(2)),
        Check("groups in which all died, or none", _all_or_none),
        Check("shapes that differ are refused with a ValueError", _deviance_misfits),
        Check("the inputs are left as they were", _deviance_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="E3.4i",
            name="The factor 2 is missing.",
            function=_of_groups(lambda p, y, n: _deviance(p, y, n) / 2),
            sees="Your value is half of the right one.",
            why="With the 2 it is a sum of squares where the noise is normal, and can be compared with the "
            "degrees of freedom: 11.23 on 6 for the beetles.",
            probe="binomial_deviance(np.array([0.5]), np.array([1.0]), np.array([1.0]))  # 2 log 2 = 1.386",
        ),
        Misconception(
            id="E3.4d",
            name="You did not use n: each group counts once, whatever its size.",
            function=_of_groups(lambda p, y, n: _deviance(p, y, np.ones(len(y)))),
            sees="Your value is far too small.",
            why="Each row stands for n observations.",
            probe="binomial_deviance(np.array([0.5]), np.array([1.0]), np.array([10.0]))  # 13.86 is wanted",
        ),
        Misconception(
            id="M103",
            name="You did not subtract the floor: that is twice the loss, not twice the loss above the best "
            "one.",
            function=_of_groups(lambda p, y, n: 2 * _minus_log_likelihood(p, y, n)),
            sees="Where p = y your value is not 0.",
            why="The cross-entropy of a share has a floor, its entropy. For the beetles it is 361 of the "
            "372 that you would report.",
            probe="binomial_deviance(np.array([0.5]), np.array([0.5]), np.array([10.0]))  # 0 is wanted",
        ),
        Misconception(
            id="M40",
            name="The term of 1 - y is missing.",
            function=_of_groups(lambda p, y, n: 2 * np.sum(n * _part(y, p))),
            sees="Your value can be negative.",
            why="Those who survived are observations too.",
            probe="binomial_deviance(np.array([0.5]), np.array([0.0]), np.array([1.0]))  # 2 log 2 = 1.386",
        ),
        Misconception(
            id="M14",
            name="You averaged over the observations. A deviance is a sum.",
            function=_of_groups(lambda p, y, n: _deviance(p, y, n) / np.sum(n)),
            sees="Your value is the right one divided by the sum of n.",
            why="It is compared with the number of rows minus the number of weights; a mean cannot be.",
            probe="binomial_deviance(np.array([0.5]), np.array([1.0]), np.array([10.0]))  # 13.86 is wanted",
        ),
        Misconception(
            id="M14",
            name="You averaged over the groups. A deviance is a sum.",
            function=_of_groups(lambda p, y, n: _deviance(p, y, n) / len(n)),
            sees="Your value is the right one divided by the number of groups.",
            why="It is compared with the number of rows minus the number of weights; a mean cannot be.",
            probe="binomial_deviance(np.full(2, 0.5), np.ones(2), np.ones(2))  # 4 log 2 = 2.773 is wanted",
        ),
        Misconception(
            id="E3.4j",
            name="You summed the squared residuals over their variance: that is Pearson's statistic.",
            function=_of_groups(lambda p, y, n: np.sum(n * (y - p) ** 2 / (p * (1 - p)))),
            sees="Near a good fit your value is close to the right one, far from it it is not.",
            why="Both measure the fit, and for large groups they agree. A maximum-likelihood fit minimises "
            "the deviance.",
            probe="binomial_deviance(np.array([0.5]), np.array([1.0]), np.array([1.0]))  # 1.386, not 1",
        ),
        Misconception(
            id="M115",
            name="The two are exchanged: p stands in front of the logarithm, y inside.",
            function=_of_groups(lambda p, y, n: _deviance(y, p, n)),
            sees="Your value is that of (y, p), and inf or nan where all died or none.",
            why="It is 2n times the divergence of p from y, and a divergence has a direction: what happened "
            "stands in front.",
            probe="binomial_deviance(np.array([0.2]), np.array([0.4]), np.array([1.0]))  # 0.209 is wanted",
        ),
        Misconception(
            id="M33",
            name="You used another logarithm. Deviances are in nats, with the natural one.",
            function=_of_groups(lambda p, y, n: _deviance(p, y, n) / np.log(2)),
            sees="Your value is the right one times 1.4427.",
            why="In other units it cannot be compared with the degrees of freedom.",
            probe="binomial_deviance(np.array([0.5]), np.array([1.0]), np.array([1.0]))  # 1.386, not 2",
        ),
        Misconception(
            id="M12",
            name="The sign is turned round.",
            function=_of_groups(lambda p, y, n: -_deviance(p, y, n)),
            sees="Your value is the right one times -1.",
            why="Nothing fits better than p = y, and there the deviance is 0.",
            probe="binomial_deviance(np.array([0.5]), np.array([1.0]), np.array([1.0]))  # 1.386 is wanted",
        ),
        Misconception(
            id="E3.4k",
            name="You take the logarithm of 0 and multiply it by 0.",
            function=_of_groups(_nan_at_the_ends),
            sees="Where all died, or none, your value is nan.",
            why="0 · log 0 is 0 by its limit, but NumPy computes 0 · (-inf), which is nan. At the highest "
            "dose all 60 beetles died.",
            probe="0.0 * np.log(0.0)",
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that differ, and NumPy broadcasts.",
            function=_deviance,
            sees="Shapes (n, 1) and (n,) go through without an error.",
            why=_SHAPE_WHY,
            probe=_SHAPE_PROBE,
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_of_groups(_deviance_in_place),
            sees="After the call the zeros of y are something else.",
            why=_IN_PLACE_WHY,
            probe="y = np.array([0.0]); binomial_deviance(np.array([0.5]), y, np.array([4.0])); y",
        ),
    ),
    hints=(
        "Twice the loss of all observations, above the loss of a model that predicts each share exactly.",
        "A row with the share y and the prediction p stands for n y deaths and n (1 - y) survivors.",
        "y log(y / p) + (1 - y) log((1 - y) / (1 - p)) is 0 for p = y. What is the first term for y = 0?",
    ),
    curve=Curve(
        axis="prediction for 10 beetles of which 3 died",
        points=tuple(np.linspace(0.05, 0.95, 41)),
        call=lambda point: (np.array([point]), np.array([0.3]), np.array([10.0])),
    ),
)

_THREE = (
    "X = np.column_stack([np.ones(4), np.arange(4.0)])\n"
    "y, n = np.array([0.1, 0.2, 0.6, 0.95]), np.full(4, 20.0)\n"
)

_DOSE = Question(
    name="fit_dose",
    reference=_dosing(),
    checks=(
        Check("probit and cloglog: weights and deviance", _doses, points=Decimal(4)),
        Check("the sigmoid: weights and deviance", _doses_of_sigmoid),
        Check("another head is refused with a ValueError", _no_doses),
        Check("shapes that do not fit are refused with a ValueError", _doses_that_misfit),
        Check("the inputs are left as they were", _doses_to_keep, watch="inputs"),
    ),
    misconceptions=(
        Misconception(
            id="M104",
            name="You fitted the sigmoid, whatever the head: the canonical one is convenient, not best.",
            function=_dosing(heads=_ALL_SIGMOID),
            sees="All three heads have one deviance, 11.23 for the beetles.",
            why="For the beetles cloglog has a deviance of 3.45. That p - y comes so easily says nothing of "
            "how doses kill.",
            probe=_THREE + "fit_dose('cloglog', X, y, n)[1], fit_dose('sigmoid', X, y, n)[1]",
        ),
        Misconception(
            id="E3.4l",
            name="You used p - y as the gradient for every head. It is that of the sigmoid only.",
            function=_dosing(_balanced),
            sees="The sigmoid is right; the deviance of probit is 10.204 for the beetles instead of 10.120.",
            why="With another head the slope does not cancel: the gradient is (p - y) f'(z) / (p (1 - p)). "
            "Without that factor you minimise another loss than the likelihood.",
            probe=_THREE + "fit_dose('cloglog', X, y, n)",
        ),
        Misconception(
            id="M95",
            name="You left out the variance: (p - y) f'(z) is the gradient of the squared error.",
            function=_dosing(_least_squares_of_head),
            sees="Every head is off, the sigmoid too.",
            why="A share near 0 or 1 is less uncertain than one near 1/2, and counts for more in the "
            "likelihood.",
            probe=_THREE + "fit_dose('sigmoid', X, y, n)",
        ),
        Misconception(
            id="E3.4d",
            name="You did not use n in the fit: each group counts once, whatever its size.",
            function=_dosing(_sizes_forgotten),
            sees="For the beetles the slope of the sigmoid is 34.121 instead of 34.270.",
            why="Each row stands for n observations, so its loss counts n times.",
            probe="X, y = np.ones((2, 1)), np.array([0.2, 0.6])\n"
            "fit_dose('sigmoid', X, y, np.array([3.0, 1.0]))  # p is the share of four: 0.3",
        ),
        Misconception(
            id="E3.4e",
            name="You fitted a line to the transformed shares. That is where to start, not where to end.",
            function=_dosing(_line_on_links),
            sees="Your weights are near, your deviance is too large.",
            why="A share of 1 has no logit: the little number you took away decides the fit.",
            probe=_THREE + "fit_dose('sigmoid', X, y, n)",
        ),
        Misconception(
            id="E3.4f",
            name="You took one step and stopped.",
            function=_dosing(_one_step),
            sees="Your weights agree in the first digits, your deviance is a little too large.",
            why="One step is exact for a parabola only. Go on until the step is about 1e-10 of the weights.",
            probe=_THREE + "fit_dose('sigmoid', X, y, n)",
        ),
        Misconception(
            id="M72",
            name="The √2 is missing in the normal distribution function: Φ(z) = (1 + erf(z/√2))/2.",
            function=_dosing(heads=_PROBIT_WIDE),
            sees="The deviances are right; the weights of probit are the right ones divided by √2.",
            why="The fit makes up for the wrong unit, so only the weights tell. Nobody could compare them "
            "with yours.",
            probe=_THREE + "fit_dose('probit', X, y, n)[0]",
        ),
        Misconception(
            id="E3.4m",
            name="You turned cloglog round: exp(-exp(-z)) instead of 1 - exp(-exp(z)).",
            function=_dosing(heads=_MIRRORED),
            sees="Probit and sigmoid are right, the deviance of cloglog is not the right one.",
            why="The two are mirror images: one leaves 0 slowly, the other reaches 1 slowly. For the "
            "beetles it is the first that fits.",
            probe=_THREE + "fit_dose('cloglog', X, y, n)",
        ),
        Misconception(
            id="E3.4i",
            name="The factor 2 of the deviance is missing.",
            function=_dosing(deviance=lambda p, y, n: _deviance(p, y, n) / 2),
            sees="The weights are right, the deviance is half of the right one.",
            why="Use your `binomial_deviance`.",
            probe=_THREE + "fit_dose('sigmoid', X, y, n)[1]",
        ),
        Misconception(
            id="M103",
            name="Your deviance has not had its floor taken away: that is twice the loss.",
            function=_dosing(deviance=lambda p, y, n: 2 * _minus_log_likelihood(p, y, n)),
            sees="The weights are right, the deviance is too large by a number that depends on y and n "
            "alone.",
            why="Use your `binomial_deviance`. The best head would be the same, the fit could not be judged.",
            probe=_THREE + "fit_dose('sigmoid', X, y, n)[1]",
        ),
        Misconception(
            id="E3.4c",
            name="A head that you do not know is treated like the last one of your list.",
            function=_dosing(known=False),
            sees="The head 'logit' raises no error.",
            why=_HEAD_WHY,
            probe=_HEAD_PROBE,
        ),
        Misconception(
            id="M05",
            name="You do not refuse shapes that do not fit.",
            function=_dosing(shapes=False),
            sees="A single size of shape (1,) goes through as the size of every group.",
            why="NumPy stretches what has length 1 without a word. A size that was lost on the way changes "
            "the fit, and no error says so.",
            probe="(np.ones(1) * np.zeros(6)).shape",
        ),
        Misconception(
            id="M08",
            name="You changed the caller's array.",
            function=_dosing(_y_in_place, deviance=lambda p, y, n: _deviance(p, y / n, n)),
            sees="After the call y has been multiplied by n.",
            why=_IN_PLACE_WHY,
            probe=_THREE + "fit_dose('sigmoid', X, y, n)\ny",
        ),
    ),
    hints=(
        "The loss is the same for all three heads; only p = f(z) changes. Write f and its slope f' for each.",
        "Chain rule: the slope of the loss by p is (p - y) / (p (1 - p)). Times f'(z) it is the slope by z.",
        "The step is that of `fit_glm` with two factors more: the residual times f'/(p (1 - p)), the "
        "curvature f'² / (p (1 - p)). For the sigmoid, f' is p (1 - p), and both are as before.",
        "For the beetles the deviances are 11.2322, 10.1198 and 3.4464.",
    ),
)

QUESTIONS = (_RESIDUAL, _FIT, _DEVIANCE, _DOSE)
