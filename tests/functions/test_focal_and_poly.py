"""sigmoid_focal_loss and poly_loss, and what the older class losses say about their targets and weights."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import lossact
from lossact import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    log_softmax,
    nll_loss,
    poly_loss,
    sigmoid_focal_loss,
    softmax,
)
from lossact.gradcheck import numerical_gradient
from tests.functions.test_against_truth import LIMIT, check, numbers, rows, worst
from tests.functions.truth import Scores, Truth, exp, log, mp, number, sigmoid

DTYPES = (np.float32, np.float64)
FOCAL = [
    {},
    {"gamma": 0.0},
    {"gamma": 0.5},
    {"gamma": 1.0},
    {"gamma": 2.5},
    {"gamma": 5.0},
    {"alpha": -1.0},
    {"alpha": 0.8, "gamma": 3.0},
    {"alpha": 0.0},
    {"alpha": 1.0, "gamma": 0.25},
]
HARD, SOFT = (0, 1), (0.3, 1e-8, 1e-30)
# With a label between them the power of a sum of rounded terms is taken, which magnifies what is left of it.
SOFT_LIMIT = 8


def bce(z, y):
    # With a factor of 0 a term does not count.
    return (y * log(1 + exp(-z)) if y else 0) + ((1 - y) * log(1 + exp(z)) if y != 1 else 0)


def power(q, exponent):
    return mp.mpf(1) if exponent == 0 else q**exponent


class Focal:
    """The focal loss of one logit and its slopes, straight from the definition."""

    def __init__(self, z, y, alpha=0.25, gamma=2.0, dtype=np.float64):
        self.z, self.y = number(z), number(y)
        alpha, self.gamma = number(dtype(alpha)), number(dtype(gamma))
        self.balance = mp.mpf(1) if alpha == -1 else alpha * self.y + (1 - alpha) * (1 - self.y)
        self.balance_slope = mp.mpf(0) if alpha == -1 else 2 * alpha - 1
        self.q = (1 - self.y) * sigmoid(self.z) + self.y * sigmoid(-self.z)
        self.entropy = bce(self.z, self.y)

    def value(self):
        return Truth(self.balance * power(self.q, self.gamma) * self.entropy)

    def of(self, terms):
        return Truth(mp.fsum(terms), scale=mp.fsum(abs(term) for term in terms))

    def by_input(self):
        s, t = sigmoid(self.z), sigmoid(-self.z)
        terms = [(1 - self.y) * s * power(self.q, self.gamma), -self.y * t * power(self.q, self.gamma)]
        if self.gamma and self.q:
            terms.append(self.gamma * power(self.q, self.gamma - 1) * (1 - 2 * self.y) * s * t * self.entropy)
        return self.of([self.balance * term for term in terms])

    def by_target(self):
        # Two logarithms whose difference is -z.
        whole = power(self.q, self.gamma)
        terms = [self.balance_slope * whole * self.entropy, -self.balance * whole * self.z]
        if self.gamma and self.q:
            slope = sigmoid(-self.z) - sigmoid(self.z)
            terms.append(self.balance * self.gamma * power(self.q, self.gamma - 1) * slope * self.entropy)
        return self.of(terms)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("part", ["value", "by_input", "by_target"])
@pytest.mark.parametrize("options", FOCAL, ids=str)
def test_focal_loss(options, part, dtype):
    function = {
        "value": sigmoid_focal_loss,
        "by_input": sigmoid_focal_loss.grad,
        "by_target": lambda *args, **kwargs: sigmoid_focal_loss.grad(*args, wrt="target", **kwargs),
    }[part]
    for y in (*HARD, *SOFT, np.nextafter(dtype(1), dtype(0))):
        z = numbers(dtype)
        if y not in HARD:
            # Infinity stands for a number that a power of 1e-30 brings down again.
            z = z[np.isfinite(z)]
        if part == "by_target":
            # Below the smallest normal number exp(-|z|) has few digits, and a power brings them up.
            z = z[abs(z) < 708]
        with np.errstate(all="raise"):
            answers = function(z, np.full_like(z, y), reduction="none", **options)
        truths = [getattr(Focal(each, dtype(y), dtype=dtype, **options), part)() for each in z]
        error, sentence = worst(answers, truths, [(each, y) for each in z])
        # A power that is not whole is taken by a logarithm, which rounds once more.
        hard_limit = LIMIT + (options.get("gamma", 2) % 1 != 0)
        assert error <= (hard_limit if y in HARD else SOFT_LIMIT), sentence


@pytest.mark.parametrize("options", [{}, {"gamma": 0.5}, {"gamma": 0.0}, {"alpha": -1.0}], ids=str)
@pytest.mark.parametrize("y", [0.3, 1.0, 0.0])
def test_focal_loss_at_infinity(options, y):
    """A wrong answer costs without bound, a right one nothing; with a soft label each is partly wrong."""
    value, slope = sigmoid_focal_loss.value_and_grad([np.inf, -np.inf], [y, y], reduction="none", **options)
    wrong = [y < 1, y > 0]
    assert value.tolist() == [np.inf if each else 0 for each in wrong]
    assert (slope != 0).tolist() == wrong
    assert np.isfinite(slope).all()


def torch_focal_loss(z, y, alpha=0.25, gamma=2.0):
    """The formula of torchvision.ops.sigmoid_focal_loss."""
    p = torch.sigmoid(z)
    entropy = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    losses = entropy * (1 - p * y - (1 - p) * (1 - y)) ** gamma
    return losses * (alpha * y + (1 - alpha) * (1 - y)) if alpha >= 0 else losses


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
@pytest.mark.parametrize("options", FOCAL, ids=str)
def test_focal_loss_is_that_of_torchvision(options, shape, dtype):
    rng = np.random.default_rng(1)
    z, y = 2 * rng.normal(size=shape), rng.uniform(0.05, 0.95, shape)
    z, y = np.asarray(z, dtype), np.asarray(y, dtype)
    upstream = rng.normal(size=shape)
    tensors = [torch.from_numpy(each).requires_grad_() for each in (z, y)]
    wanted = torch_focal_loss(*tensors, **options)
    wanted.backward(torch.from_numpy(np.asarray(upstream, dtype)))
    value, slopes = sigmoid_focal_loss.value_and_grad(
        z, y, **options, reduction="none", wrt=("input", "target")
    )
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-11, "atol": 1e-13}
    np.testing.assert_allclose(value, wanted.detach().numpy(), **tolerance)
    for slope, each in zip(slopes, tensors, strict=True):
        np.testing.assert_allclose(slope * upstream, each.grad.numpy(), **tolerance)
        assert slope.dtype == dtype
    for reduction, reduced in (("sum", np.sum), ("mean", np.mean)):
        total = sigmoid_focal_loss(z, y, **options, reduction=reduction)
        np.testing.assert_allclose(total, reduced(value), rtol=1e-5)


EPSILONS = (2.0, 0.0, 0.5, -1.0, 30.0)


class Poly(Scores):
    def poly_loss(self, mass, epsilon):
        costs = [(-log(p), epsilon * (1 - p)) for p in self.p]
        terms = [m * part for m, cost in zip(mass, costs, strict=True) for part in cost if m]
        # A move of a probability changes -log p by as much over p, and 1 - p by as much.
        slack = mp.fsum(
            abs(m) * moved * (1 / p + abs(epsilon))
            for m, moved, p in zip(mass, self.moved, self.p, strict=True)
            if m
        )
        return Truth(mp.fsum(terms), scale=mp.fsum(abs(term) for term in terms), slack=slack)

    def by_target(self, epsilon):
        return [self.poly_loss(row, epsilon) for row in np.eye(len(self.p), dtype=int).astype(object)]

    def by_input(self, mass, epsilon):
        """From the Jacobian of the softmax, without any of the rearrangements."""
        slopes = []
        for k, p in enumerate(self.p):
            parts = [
                (m * (1 / q + epsilon) * q * p, m * moved)
                for m, q, moved in zip(mass, self.p, self.moved, strict=True)
            ]
            own = mass[k] * (1 / p + epsilon) * p
            terms = [*(part for part, _ in parts[:k] + parts[k + 1 :]), own * (p - 1)]
            size = mp.fsum(abs(m) for m in mass) * (1 + abs(epsilon))
            slack = 2 * size * self.moved[k] + abs(epsilon) * p * mp.fsum(moved for _, moved in parts) * 2
            slopes.append(Truth(mp.fsum(terms), scale=mp.fsum(abs(term) for term in terms), slack=slack))
        return slopes


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("epsilon", EPSILONS)
def test_poly_loss(epsilon, dtype):
    for x in rows(dtype):
        if not np.isfinite(x).all():
            continue
        scores, size = Poly(x), len(x)
        if min(scores.p) < 1e-300 * (1 if dtype == np.float64 else 1e270):
            continue
        soft = np.geomspace(1, 1e-20, size).astype(dtype)
        for target in (0, size - 1, soft):
            mass = [number(m) for m in (np.eye(size)[target] if np.ndim(target) == 0 else target)]
            where = (x, target, epsilon)
            options = {"epsilon": epsilon, "reduction": "none"}
            check(lambda: poly_loss(x, target, **options), [scores.poly_loss(mass, number(epsilon))], where)  # noqa: B023
            slopes = scores.by_input(mass, number(epsilon))
            check(lambda: poly_loss.grad(x, target, **options), slopes, where)  # noqa: B023
        by_target = scores.by_target(number(epsilon))
        check(lambda: poly_loss.grad(x, soft, wrt="target", **options), by_target, (x, epsilon))  # noqa: B023


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("p", [38.0, 90.0, 300.0, 700.0])
def test_poly_loss_of_a_confident_answer(p, dtype):
    """A right one costs 1 + epsilon times what is missing from certainty, a wrong one its logit."""
    if dtype == np.float32 and p > 90:
        return
    z = np.array([p, 0], dtype)
    tail = exp(-number(z[0]))
    missing = tail / (1 + tail)
    check(lambda: poly_loss(z, 0), [Truth(-log(1 - missing) + 2 * missing)], p)
    slope = missing * (1 + 2 * (1 - missing))
    check(lambda: poly_loss.grad(z, 0), [Truth(-slope), Truth(slope)], p)
    check(lambda: poly_loss(z, 1), [Truth(-log(missing) + 2 * (1 - missing))], p)


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)])
def test_poly_loss_without_epsilon_is_cross_entropy_in_every_option(shape):
    rng = np.random.default_rng(2)
    z = rng.normal(size=shape)
    axis = 0 if len(shape) == 1 else 1
    labels = rng.integers(0, shape[axis], shape[:axis] + shape[axis + 1 :])
    soft = softmax(rng.normal(size=shape), axis)
    cases = [
        *({"target": labels, "ignore_index": ignored} for ignored in (-100, 1)),
        *({"target": target, "label_smoothing": 0.3} for target in (labels, soft)),
    ]
    for case, reduction in itertools.product(cases, ("mean", "sum", "none")):
        found = poly_loss.value_and_grad(z, epsilon=0.0, reduction=reduction, **case)
        wanted = cross_entropy.value_and_grad(z, reduction=reduction, **case)
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-13)


def unequal(shape):
    return np.random.default_rng(7).uniform(0.2, 3, shape) * np.where(
        np.indices(shape).sum(axis=0) % 2, -1, 1
    )


def is_slope(gradient, function, x):
    np.testing.assert_allclose(gradient, numerical_gradient(function, x), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("epsilon", [2.0, -1.0])
def test_poly_loss_by_central_differences(epsilon, shape, reduction):
    rng = np.random.default_rng(3)
    axis = 0 if len(shape) == 1 else 1
    z, soft = rng.normal(size=shape), softmax(rng.normal(size=shape), axis)
    options = {"epsilon": epsilon, "label_smoothing": 0.2, "reduction": reduction}
    upstream = unequal(np.shape(poly_loss(z, soft, **options)))
    spread = np.expand_dims(upstream, axis) if upstream.shape else upstream
    by_input, by_target = poly_loss.grad(z, soft, wrt=("input", "target"), **options)
    is_slope(spread * by_input, lambda z: np.sum(upstream * poly_loss(z, soft, **options)), z)
    is_slope(spread * by_target, lambda y: np.sum(upstream * poly_loss(z, y, **options)), soft)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("options", FOCAL, ids=str)
def test_focal_loss_by_central_differences(options, shape, reduction):
    rng = np.random.default_rng(4)
    z, y = rng.normal(size=shape), rng.uniform(0.1, 0.9, shape)
    options = {**options, "reduction": reduction}
    upstream = unequal(np.shape(sigmoid_focal_loss(z, y, **options)))
    by_input, by_target = sigmoid_focal_loss.grad(z, y, wrt=("input", "target"), **options)
    is_slope(upstream * by_input, lambda z: np.sum(upstream * sigmoid_focal_loss(z, y, **options)), z)
    is_slope(upstream * by_target, lambda y: np.sum(upstream * sigmoid_focal_loss(z, y, **options)), y)


# What the older losses say about further arguments.


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_cross_entropy_by_its_target(dtype):
    """log(1 - p) - log p, also next to 1/2 where both are alike, and without the clamp of the value."""
    small = np.array([x for x in numbers(dtype) if 0 < x < 0.5], dtype)
    half = dtype(0.5)
    near = [half, np.nextafter(half, dtype(0)), np.nextafter(half, dtype(1)), half + dtype(1e-5)]
    p = np.array([*small, *(1 - small[small > 1e-7]), *near, 0.25, 0.75, 0.2499, 0.7501], dtype)
    truths = [Truth(log(1 - number(each)) - log(number(each))) for each in p]
    for y in (0, 1, 0.3):
        with np.errstate(all="raise"):
            answers = binary_cross_entropy.grad(p, np.full_like(p, y), reduction="none", wrt="target")
        error, sentence = worst(answers, truths, p)
        assert error <= LIMIT, sentence
    ends = binary_cross_entropy.grad([0.0, 1.0], [0.5, 0.5], reduction="none", wrt="target")
    assert ends.tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_cross_entropy_with_logits_by_its_target(dtype):
    z = numbers(dtype)
    z = z[~np.isnan(z)]
    y = np.full_like(z, 0.3)
    slope = binary_cross_entropy_with_logits.grad(z, y, reduction="none", wrt="target")
    assert slope.tolist() == (-z).tolist()
    for weight in (0.4, 1.0, 3.0):
        options = {"pos_weight": np.array(weight, dtype), "reduction": "none", "wrt": "target"}
        factor = number(dtype(weight))
        terms = [(factor * log(1 + exp(-number(x))), -log(1 + exp(number(x)))) for x in z]
        truths = [Truth(sum(pair), scale=pair[0] - pair[1]) for pair in terms]
        with np.errstate(all="raise"):
            answers = binary_cross_entropy_with_logits.grad(z, y, **options)
        error, sentence = worst(answers, truths, z)
        assert error <= LIMIT, sentence


def torch_slopes(function, names, arguments, options, upstream):
    """The gradients of a function of torch by the arguments named."""
    tensors = {
        name: torch.tensor(value, requires_grad=name in names) if isinstance(value, np.ndarray) else value
        for name, value in arguments.items()
    }
    value = function(**tensors, **options)
    value.backward(torch.as_tensor(np.broadcast_to(upstream, value.shape).copy()).to(value.dtype))
    return [tensors[name].grad.numpy() for name in names]


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 3, 4)])
def test_further_gradients_are_those_of_torch(shape, reduction):
    rng = np.random.default_rng(5)
    axis = 0 if len(shape) == 1 else 1
    z, y, p = rng.normal(size=shape), rng.uniform(size=shape), rng.uniform(0.1, 0.9, shape)
    weight, row = rng.uniform(0.5, 2, shape[axis]), rng.uniform(0.5, 2, shape[-1])
    cases = [
        ("binary_cross_entropy", ("input", "target"), {"input": p, "target": y, "weight": row}, {}),
        (
            "binary_cross_entropy_with_logits",
            ("input", "target"),
            {"input": z, "target": y, "weight": row, "pos_weight": row + 1},
            {},
        ),
        (
            "cross_entropy",
            ("input", "target", "weight"),
            {"input": z, "target": y, "weight": weight},
            {"label_smoothing": 0.1},
        ),
    ]
    for name, names, arguments, options in cases:
        options = {**options, "reduction": reduction}
        wanted = torch_slopes(getattr(F, name), names, arguments, options, 1.0)
        for dtype in DTYPES:
            given = {key: value.astype(dtype) for key, value in arguments.items()}
            value, found = getattr(lossact, name).value_and_grad(**given, **options, wrt=names)
            assert value.dtype == dtype
            for one, other in zip(found, wanted, strict=True):
                assert (one.dtype, one.shape) == (dtype, other.shape)
                np.testing.assert_allclose(one, other, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_cross_entropy_by_class_probabilities_and_weights(dtype):
    for x in rows(dtype):
        if not np.isfinite(x).all():
            continue
        scores, size = Scores(x), len(x)
        target, weight = np.linspace(0.1, 1, size).astype(dtype), np.linspace(0.5, 2, size).astype(dtype)
        costs = scores.log_softmax()
        w, y = [number(each) for each in weight], [number(each) for each in target]
        by_target = [Truth(-c.value * f, slack=c.slack * f) for c, f in zip(costs, w, strict=True)]
        by_weight = [Truth(-c.value * f, slack=c.slack * f) for c, f in zip(costs, y, strict=True)]
        for name, truths in (("target", by_target), ("weight", by_weight)):
            check(lambda: cross_entropy.grad(x, target, weight, wrt=name), truths, (x, name))  # noqa: B023


def test_class_weights_are_summed_over_many_blocks():
    z = np.random.default_rng(0).normal(size=(40_000, 3)).astype(np.float32)
    y = softmax(z[::-1], 1)
    found = cross_entropy.grad(z, y, np.ones(3), wrt="weight", reduction="sum")
    costs = -log_softmax(z.astype(float), 1) * y
    np.testing.assert_allclose(found, costs.sum(axis=0), rtol=3e-7)


@pytest.mark.parametrize(
    ("function", "wrt", "words"),
    [
        (cross_entropy, "target", "wrt is 'target'; class labels; probabilities"),
        (cross_entropy, "weight", "wrt is 'weight'; class labels; probabilities"),
        (poly_loss, "target", "wrt is 'target'; class labels; probabilities"),
        (nll_loss, "weight", "nll_loss: wrt is 'weight'; 'input'"),
    ],
)
def test_there_is_no_gradient_by_labels(function, wrt, words):
    weight = {} if function is poly_loss else {"weight": np.ones(3)}
    with pytest.raises((TypeError, ValueError)) as caught:
        function.grad(np.zeros((2, 3)), [0, 1], wrt=wrt, **weight)
    assert all(word in str(caught.value) for word in words.split("; "))


def test_there_is_no_gradient_by_a_weight_that_is_not_given():
    with pytest.raises(ValueError, match="cross_entropy: wrt is 'weight', but weight is not given"):
        cross_entropy.grad(np.zeros((2, 3)), np.full((2, 3), 0.5), wrt="weight")


# What may go in.

Z = np.zeros((2, 3))
REFUSED = [
    (sigmoid_focal_loss, (Z, np.zeros(3)), {}, ValueError, "(2, 3); (3,); must be the same"),
    (sigmoid_focal_loss, (Z, Z + 1.5), {}, ValueError, "target holds 1.5; 0 and 1"),
    (sigmoid_focal_loss, (Z, Z - 1), {}, ValueError, "target holds -1.0; 0 and 1"),
    (sigmoid_focal_loss, (Z, Z), {"alpha": 1.5}, ValueError, "alpha is 1.5; between 0 and 1"),
    (sigmoid_focal_loss, (Z, Z), {"alpha": -0.5}, ValueError, "alpha is -0.5"),
    (sigmoid_focal_loss, (Z, Z), {"alpha": None}, TypeError, "alpha; real numbers"),
    (sigmoid_focal_loss, (Z, Z), {"gamma": -1.0}, ValueError, "gamma is -1.0; not less than 0"),
    (sigmoid_focal_loss, (Z, Z), {"gamma": np.nan}, ValueError, "gamma is nan"),
    (sigmoid_focal_loss, (Z, Z), {"gamma": np.inf}, ValueError, "gamma is inf"),
    (sigmoid_focal_loss, (Z, Z), {"reduction": "avg"}, ValueError, "reduction is 'avg'"),
    (sigmoid_focal_loss, (Z.astype(complex), Z), {}, TypeError, "input; complex128"),
    (sigmoid_focal_loss, (Z, Z.astype(str)), {}, TypeError, "target; <U; real numbers"),
    (sigmoid_focal_loss, (torch.zeros(2), torch.zeros(2)), {}, TypeError, "torch.Tensor"),
    (sigmoid_focal_loss, ([[1.0], [1.0, 2.0]], Z), {}, ValueError, "input; different lengths"),
    (poly_loss, (Z, [0, 3]), {}, ValueError, "label 3; 3 classes"),
    (poly_loss, (Z, [0, 1, 2]), {}, ValueError, "(2, 3); shape (2,); shape (3,)"),
    (poly_loss, (Z, [0.0, 1.0]), {}, ValueError, "float64; (2,); integer class labels"),
    (poly_loss, (0.0, 0), {}, ValueError, "single number"),
    (poly_loss, (Z, [0, 1]), {"epsilon": -1.5}, ValueError, "epsilon is -1.5; not less than -1"),
    (poly_loss, (Z, [0, 1]), {"epsilon": np.nan}, ValueError, "epsilon is nan"),
    (poly_loss, (Z, [0, 1]), {"label_smoothing": 2.0}, ValueError, "label_smoothing is 2.0"),
    (poly_loss, (Z, [0, 1]), {"reduction": None}, ValueError, "reduction is None"),
    (poly_loss, (Z.astype(object), [0, 1]), {}, TypeError, "input; object"),
]


@pytest.mark.parametrize(("function", "positional", "options", "error", "words"), REFUSED)
def test_what_is_refused(function, positional, options, error, words):
    for call in (function, function.grad, function.value_and_grad):
        with pytest.raises(error) as caught:
            call(*positional, **options)
        assert all(word in str(caught.value) for word in words.split("; ")), caught.value


LAYOUTS = [
    np.copy,
    lambda x: np.repeat(x, 2, axis=0)[::2],
    lambda x: x[::-1].copy()[::-1],
    np.asfortranarray,
    lambda x: x.tolist(),
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_an_array_does_not_matter_and_it_is_never_changed(layout):
    rng = np.random.default_rng(6)
    z, y = rng.normal(size=(4, 3)), rng.uniform(size=(4, 3))
    for function, wrt in ((sigmoid_focal_loss, ("input", "target")), (poly_loss, ("input", "target"))):
        wanted = function.value_and_grad(z, y, wrt=wrt)
        given = [layout(z), layout(y)]
        before = [np.array(each) for each in given]
        for each in given:
            if isinstance(each, np.ndarray):
                each.flags.writeable = False
        value, slopes = function.value_and_grad(*given, wrt=wrt)
        np.testing.assert_allclose(value, wanted[0], rtol=1e-14)
        for one, other in zip(slopes, wanted[1], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-13)
        for each, copy in zip(given, before, strict=True):
            np.testing.assert_array_equal(each, copy)


@pytest.mark.parametrize("function", [sigmoid_focal_loss, poly_loss])
def test_nan_stays_nan(function):
    z, y = np.zeros((4, 3)), np.full((4, 3), 0.5)
    z[1, 2] = y[3, 0] = np.nan
    by_row = function is poly_loss
    with np.errstate(all="raise"):
        value, slopes = function.value_and_grad(z, y, reduction="none", wrt=("input", "target"))
        assert np.isnan(function(z, y))
    lost = np.isnan(z) | np.isnan(y)
    if by_row:
        assert np.isnan(value).tolist() == [False, True, False, True]
        assert np.isnan(slopes[0]).all(axis=1).tolist() == [False, True, False, True]
        assert np.isnan(slopes[1]).any(axis=1).tolist() == [False, True, False, True]
        return
    for part in (value, *slopes):
        assert np.array_equal(np.isnan(part), lost)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_empty_batches(reduction):
    for function, target in ((sigmoid_focal_loss, np.empty((0, 3))), (poly_loss, np.empty(0, int))):
        value, slope = function.value_and_grad(np.empty((0, 3), np.float32), target, reduction=reduction)
        assert slope.shape == (0, 3)
        assert slope.dtype == value.dtype == np.float32
        if reduction != "none":
            assert np.array_equal(value, np.nan if reduction == "mean" else 0, equal_nan=True)


@pytest.mark.parametrize("dtype", [np.int8, np.int64, bool])
def test_integers_become_float64(dtype):
    z, y = np.array([1, 0, 1]).astype(dtype), np.array([0, 1, 1]).astype(dtype)
    found = sigmoid_focal_loss.value_and_grad(z, y, reduction="none")
    wanted = sigmoid_focal_loss.value_and_grad(z.astype(float), y.astype(float), reduction="none")
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == np.float64
        np.testing.assert_array_equal(one, other)


# The facts.


def test_facts():
    z = np.linspace(-30, 30, 60_001)
    steepest = max(
        abs(np.diff(sigmoid_focal_loss(z, np.full_like(z, y), reduction="none"))).max() for y in HARD
    )
    assert steepest / (z[1] - z[0]) == pytest.approx(sigmoid_focal_loss.facts.lipschitz, rel=1e-6)
    row = np.stack([z, np.zeros_like(z)], axis=1)
    slope = np.linalg.norm(poly_loss.grad(row, np.zeros(len(z), int), reduction="none"), axis=1)
    assert slope.max() == pytest.approx(poly_loss.facts.lipschitz, rel=1e-6)
    for loss in (
        lambda z: sigmoid_focal_loss(z, np.ones_like(z), reduction="none"),
        lambda z: poly_loss(np.stack([z, np.zeros_like(z)], axis=1), np.zeros(len(z), int), reduction="none"),
    ):
        bend = np.diff(loss(z), 2)
        assert bend.min() < -1e-9
        assert abs(bend).max() < 1e-5
    for function in (sigmoid_focal_loss, poly_loss):
        assert (function.facts.convex, function.facts.smooth) == (False, True)


# Laws.

always = settings(derandomize=True, deadline=None, max_examples=60)
LOGIT, SHARE = st.floats(-50, 50), st.floats(0, 1)


@given(LOGIT, SHARE, st.floats(0, 5))
@always
def test_focal_loss_does_not_mind_which_class_is_the_positive_one(z, y, gamma):
    one = sigmoid_focal_loss.value_and_grad(z, y, alpha=0.25, gamma=gamma)
    other = sigmoid_focal_loss.value_and_grad(-z, 1 - y, alpha=0.75, gamma=gamma)
    np.testing.assert_allclose(one, (other[0], -other[1]), rtol=1e-9, atol=1e-15)


@given(LOGIT, SHARE)
@always
def test_focal_loss_without_gamma_is_the_binary_cross_entropy(z, y):
    found = sigmoid_focal_loss.value_and_grad(z, y, alpha=-1.0, gamma=0.0)
    np.testing.assert_allclose(
        found, binary_cross_entropy_with_logits.value_and_grad(z, y), rtol=1e-12, atol=1e-15
    )


@given(LOGIT, st.floats(-3, 3), st.floats(-1, 5))
@always
def test_poly_loss_forgets_a_common_shift(z, shift, epsilon):
    one = poly_loss([z, 0.0, 1.0], 0, epsilon)
    other = poly_loss([z + shift, shift, 1.0 + shift], 0, epsilon)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-13)
    assert abs(poly_loss.grad([z, 0.0, 1.0], 0, epsilon).sum()) < 1e-12
