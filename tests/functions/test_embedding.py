"""Distances, cosines and the losses made of them: every value and gradient against 400 digits.

Where the terms of a sum may cancel the error counts against their size, and `scale` says which terms; where
the rounding of an inner number is magnified, `slack` says by how much. Everything else has to be within 4
units in the last place, vectors of any size and however near to each other.
"""

import copy
import inspect
import itertools
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import lossact
from lossact import (
    circle_loss,
    contrastive_loss,
    cosine_embedding_loss,
    cosine_similarity,
    hinge_embedding_loss,
    info_nce_loss,
    margin_ranking_loss,
    nt_xent_loss,
    pairwise_distance,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from lossact.gradcheck import numerical_gradient
from tests.functions.cases import APART, DTYPES
from tests.functions.test_against_truth import LIMIT
from tests.functions.truth import Truth, mp, number

NAMES = sorted(name for name, module in APART.items() if module == "test_embedding")
SIMILARITIES = ["cosine_similarity", "pairwise_distance"]
LOSSES = [name for name in NAMES if name not in SIMILARITIES]
COUPLED = ["info_nce_loss", "nt_xent_loss"]
INF = np.inf


def exact(row):
    return [number(x) for x in row]


def add(*terms):
    return mp.fsum(terms)


def inner(x, y):
    return mp.fsum(a * b for a, b in zip(x, y, strict=True))


# Pairs of vectors: ordinary, equal, parallel, nearly so, orthogonal, huge, tiny, unlike in size.
PAIRS = [
    ([1.0, 2.0, -0.5], [0.3, -1.2, 2.2]),
    ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0002]),
    ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
    ([0.1, 0.2, 0.3, 0.7], [0.1, 0.2, 0.3000001, 0.7]),
    ([0.3, -0.7], [-0.3, 0.7000001]),
    ([1.0, 2.0, 3.0], [3.0, 6.0, 9.0]),
    ([1.0, 0.0], [0.0, 1.0]),
    ([3.0], [-2.0]),
    ([3.0], [2.999]),
    ([1e30, -2e30], [2e30, 1e30]),
    ([1e30, 1.0], [1e30, -1.0]),
    ([3e38, 3e38], [-3e38, 3e38]),
    ([1e-30, 2e-30], [2e-30, -3e-30]),
    ([1e-5, 3e-6], [2e-6, -3e-6]),
    ([1e-8, 3e-9], [2.0, -3.0]),
    ([1e-42, 3e-44], [3e-42, 0.0]),
    ([1e300, -1e300], [1e300, 0.5e300]),
    ([1.7e308, 1e308], [-1.7e308, 3.0]),
    ([1e-300, 1e-308], [-1e-305, 1e-300]),
    ([5e-324, 1e-323], [1e-323, 5e-324]),
    ([1.0, 1e-250], [1.0, -1e-250]),
    ([1e200, 1.0], [1e-200, 1.0]),
    ([0.0, 0.0], [1.0, 2.0]),
    ([0.0, 0.0], [0.0, 0.0]),
    ([-0.0, 1e-6], [1e-6, 0.0]),
    ([1.0, 2.0], [1.0 + 1e-6, 2.0 + 1e-6]),
]
rng = np.random.default_rng(0)
PAIRS += [tuple(rng.normal(size=(2, size))) for size in (2, 3, 5, 17)]
PAIRS += [(x, x + d * rng.normal(size=4)) for d in (1e-3, 1e-6, 1e-9, 1e-13) for x in [rng.normal(size=4)]]
PAIRS += [(x, -3.3 * x + 1e-7 * rng.normal(size=4)) for x in [rng.normal(size=4)]]


def pairs(dtype):
    """The pairs that are finite in `dtype`."""
    with np.errstate(all="ignore"):
        found = [tuple(np.array(x).astype(dtype) for x in pair) for pair in PAIRS]
    return [pair for pair in found if np.isfinite(pair).all()]


def check(answer, truths, where, limit=LIMIT):
    """Each entry of `answer` is as true as its truth demands."""
    answer = np.atleast_1d(answer)
    assert len(answer) == len(truths)
    for given_, true in zip(answer, truths, strict=True):
        error = true.error(given_)
        assert error <= limit, f"{error:.3g} ULP: {given_!r}, truth {float(true.value)!r}, at {where}"


# Distances


def differences(x, y, eps):
    return [a - b + number(eps) for a, b in zip(exact(x), exact(y), strict=True)]


def norm(d, p):
    """The p-norm and its derivative by each entry; the conventions of torch where there is none."""
    sizes, zero = [abs(each) for each in d], mp.mpf(0)
    if p == 0:
        return mp.mpf(sum(size != 0 for size in sizes)), [zero] * len(d)
    if np.isinf(p):
        length = (max if p > 0 else min)(sizes)
        ends = sum(size == length for size in sizes)
        return length, [mp.sign(each) / ends * (abs(each) == length) for each in d]
    p = number(p)
    if (p < 0 and 0 in sizes) or not any(sizes):
        return zero, [zero] * len(d)
    length = mp.fsum(size**p for size in sizes) ** (1 / p)
    return length, [mp.sign(each) * (abs(each) / length) ** (p - 1) if each else zero for each in d]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("eps", [1e-6, 0.0, -0.3])
@pytest.mark.parametrize("p", [2.0, 1.0, INF, 0.0, 3.0, 1.5, 0.5, 40.0, -1.0, -INF])
def test_distance(p, eps, dtype):
    """A general power magnifies the rounding of its base p - 1 times, and of a root 1 / p times."""
    general = np.isfinite(p) and p not in (0, 1, 2)
    unit = np.finfo(np.float64).eps * (1 + abs(p) + 1 / abs(p)) * 2 if general else 0
    steep = 4 * unit * (1 + abs(p - 1)) if general else 0
    for x, y in pairs(dtype):
        length, slopes = norm(differences(x, y, eps), p)
        where = (x, y, p, eps)
        with np.errstate(all="raise"):
            value = pairwise_distance(x, y, p, eps)
            by_x, by_y = pairwise_distance.vjp(x, y, dtype(-1.7), p, eps, wrt=("x1", "x2"))
        check(value, [Truth(length, 0, unit * abs(length))], where)
        sizes = sorted(map(abs, differences(x, y, eps)))
        if np.isinf(p) and any(0 < b - a < b * mp.mpf(10) ** -15 for a, b in itertools.pairwise(sizes)):
            continue  # They are equally large when rounded, and share the slope.
        wanted = [number(dtype(-1.7)) * slope for slope in slopes]
        # The exponent p - 1 magnifies what the root has been rounded by, too.
        check(by_x, [Truth(each, 0, steep * abs(each)) for each in wanted], where)
        np.testing.assert_array_equal(by_y, -by_x)


def test_distance_where_eps_cancels_the_difference():
    """x1 - x2 + eps is rounded once."""
    x, y = np.array([1.0, 1e10]), np.array([1.0 + 1e-6, 1e10])
    for eps in (1e-6, 1e-6 + 1e-13):
        check(
            pairwise_distance(x[:1], y[:1], eps=eps), [Truth(norm(differences(x[:1], y[:1], eps), 2)[0])], eps
        )
    x, y = np.array([np.pi * 1e-12]), np.array([1e-6 + 1e-13])
    check(pairwise_distance(x, y), [Truth(norm(differences(x, y, 1e-6), 2)[0])], "not exact")
    a, b = np.array([1e-6], np.float32), np.array([0], np.float32)
    check(pairwise_distance(b, a), [Truth(norm(differences(b, a, 1e-6), 2)[0])], "float32")


def test_the_digits_of_long_vectors_do_not_drift():
    x, y = rng.normal(size=(2, 5000))
    for shape, dim in (((1, 5000), 1), ((5000, 1), 0)):
        answer = cosine_similarity(x.reshape(shape), y.reshape(shape), dim=dim)[0]
        xs, ys = exact(x), exact(y)
        lengths = mp.sqrt(inner(xs, xs) * inner(ys, ys))
        scale = mp.fsum(abs(a * b) for a, b in zip(xs, ys, strict=True)) / lengths
        check(answer, [Truth(inner(xs, ys) / lengths, scale)], shape)
    check(pairwise_distance(x, y), [Truth(norm(differences(x, y, 1e-6), 2)[0])], "long")


# Angles


class Angle:
    """The cosine of two vectors, and what its digits depend on."""

    def __init__(self, x, y, squares):
        self.x, self.y = exact(x), exact(y)
        self.squares = [squares(inner(v, v)) for v in (self.x, self.y)]
        self.lengths = mp.sqrt(self.squares[0][0] * self.squares[1][0])

    def cosine(self):
        terms = [
            a * b / self.lengths if self.lengths else mp.mpf(0) for a, b in zip(self.x, self.y, strict=True)
        ]
        return Truth(mp.fsum(terms), mp.fsum(map(abs, terms)))

    def one_minus_cosine(self):
        cosine = self.cosine()
        # An obtuse angle has nothing to cancel: only the sum inside the cosine has.
        return Truth(1 - cosine.value, cosine.scale if cosine.value < 0 else 0)

    def slopes(self, by=0, factor=1):
        """The derivative by one of the vectors.

        Of nearly parallel vectors only the length of the rest counts; where the angle is wide, its two terms.
        """
        x, y = (self.x, self.y) if by == 0 else (self.y, self.x)
        square, free = self.squares[by]
        share = inner(x, y) / square * free
        rest = [b - share * a for a, b in zip(x, y, strict=True)]
        size = mp.sqrt(inner(rest, rest))
        cosine = self.cosine()
        wide = abs(cosine.value) < 0.5
        terms = mp.fsum(abs(a * b) for a, b in zip(x, y, strict=True)) / square
        truths = []
        for a, b, r in zip(x, y, rest, strict=True):
            scale = size * abs(a) / mp.sqrt(square) + (wide and abs(b) + terms * abs(a))
            # What two parts of a float64 number cannot hold.
            slack = (abs(b) + abs(share * a)) * mp.mpf(10) ** -30
            truths.append(Truth(*(abs(factor) * each / self.lengths for each in (r, scale, slack))))
            truths[-1] = Truth(factor * r / self.lengths, truths[-1].scale, truths[-1].slack)
        return truths


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("eps", [1e-8, 1e-3, 1e-300])
def test_cosine_similarity(eps, dtype):
    least = number(eps) ** 2
    for x, y in pairs(dtype):
        angle = Angle(x, y, lambda square: (max(square, least), square >= least))
        with np.errstate(all="raise"):
            value = cosine_similarity(x, y, 0, eps)
            both = cosine_similarity.vjp(x, y, dtype(-1.7), 0, eps, wrt=("x1", "x2"))
        check(value, [angle.cosine()], (x, y, eps))
        for by in (0, 1):
            check(both[by], angle.slopes(by, number(dtype(-1.7))), (x, y, eps, by))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("margin", [0.0, 0.3, -0.4])
def test_cosine_embedding_loss(margin, dtype):
    added = number(1e-12)
    for x, y in pairs(dtype):
        angle = Angle(x, y, lambda square: (square + added, 1))
        with np.errstate(all="raise"):
            for target in (1, -1):
                value, both = cosine_embedding_loss.value_and_grad(
                    x, y, target, margin, "sum", wrt=("input1", "input2")
                )
                cosine = angle.cosine()
                if target == 1:
                    check(value, [angle.one_minus_cosine()], (x, y))
                    factor = -1
                else:
                    excess = cosine.value - number(margin)
                    check(value, [Truth(max(excess, 0), cosine.scale + abs(number(margin)))], (x, y, margin))
                    if abs(excess) < max(1e-12 * cosine.scale, mp.mpf(10) ** -308):
                        continue
                    factor = int(excess >= 0)
                for by in (0, 1):
                    check(both[by], angle.slopes(by, factor), (x, y, target, by))


# Two distances, and a margin


def triplets(dtype):
    with np.errstate(all="ignore"):
        found = [(x, y, np.roll(x, 1) * 0.7 + y * 0.2) for x, y in pairs(dtype)]
        found += [(x, y, x + np.arange(3, 3 + len(x), dtype=dtype)) for x, y in pairs(dtype)]
    return [each for each in found if np.isfinite(each).all()]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("p", "eps"), [(2.0, 1e-6), (2.0, 0.0), (1.0, 1e-6), (INF, 0.0)])
@pytest.mark.parametrize("swap", [False, True])
def test_triplet_margin_loss(p, eps, swap, dtype):
    """The scale of the value is margin + d(a, p) + d(a, n), that of a gradient the sum of its two slopes."""
    names = ("anchor", "positive", "negative")
    for margin, triplet in itertools.product((1.0, 1e-3, 1e5), triplets(dtype)):
        a, q, n = triplet
        near, far, other = (norm(differences(x, y, eps), p) for x, y in ((a, q), (a, n), (q, n)))
        swapped = swap and other[0] < far[0]
        tie = swap and abs(other[0] - far[0]) <= far[0] * mp.mpf(10) ** -14
        longest = other if swapped else far
        excess = number(margin) + near[0] - longest[0]
        scale = number(margin) + near[0] + longest[0]
        with np.errstate(all="raise"):
            value, gradients = triplet_margin_loss.value_and_grad(
                a, q, n, margin, p, eps, swap, reduction="sum", wrt=names
            )
        check(value, [Truth(max(excess, 0), scale)], (triplet, margin))
        if abs(excess) < scale * mp.mpf(10) ** -14 or tie:
            continue
        active, zero = int(excess >= 0), [mp.mpf(0)] * len(a)
        parts = [
            (near[1], zero if swapped else [-each for each in far[1]]),
            ([-each for each in near[1]], [-each for each in other[1]] if swapped else zero),
            (other[1] if swapped else far[1], zero),
        ]
        for gradient, (one, two) in zip(gradients, parts, strict=True):
            truths = [Truth(active * (f + g), abs(f) + abs(g)) for f, g in zip(one, two, strict=True)]
            check(gradient, truths, (triplet, margin))


def test_two_distances_that_are_no_floats_have_a_difference():
    a, p = np.array([1e308, 1e308]), np.array([-1e308, -1e308])
    assert triplet_margin_loss(a, p, p, 2.0) == 2.0
    assert triplet_margin_loss(a, a, p, 2.0) == 0.0
    assert triplet_margin_loss(a, p, a, 2.0) == INF
    assert np.isfinite(triplet_margin_loss.grad(a, p, -p / 2, wrt="positive")).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("margin", [1.0, 1e-3, 3e5])
def test_contrastive_loss(margin, dtype):
    """What a dissimilar pair lacks of the margin is a difference: margin + d is its scale."""
    for x, y in pairs(dtype):
        d = differences(x, y, 0)
        length, slopes = norm(d, 2)
        lacking = max(number(margin) - length, mp.mpf(0))
        scale = number(margin) + length if length < 2 * number(margin) else 0
        with np.errstate(all="raise"):
            for target in (0, 1):
                value, (by_x, by_y) = contrastive_loss.value_and_grad(
                    x, y, target, margin, "sum", wrt=("input1", "input2")
                )
                if target == 0:
                    check(value, [Truth(length**2 / 2)], (x, y))
                    check(by_x, list(map(Truth, d)), (x, y))
                else:
                    unit = mp.mpf(2) ** -52
                    slack = 4 * unit * scale * (lacking + unit * scale)
                    check(value, [Truth(lacking**2 / 2, 0, slack)], (x, y, margin))
                    truths = [Truth(-lacking * slope, scale * abs(slope)) for slope in slopes]
                    check(by_x, truths, (x, y, margin))
                np.testing.assert_array_equal(by_y, -by_x)


def scores(dtype):
    info = np.finfo(dtype)
    some = [
        0,
        1,
        -1,
        0.3,
        -2.5,
        1 + info.eps,
        1e-8,
        1e-30,
        1e10,
        1e30,
        info.tiny,
        info.max / 4,
        -info.max / 4,
    ]
    return [dtype(x) for x in some]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("margin", [0.0, 0.3, 1.0, -0.5])
def test_margin_ranking_loss(margin, dtype):
    """Three terms, rounded once."""
    x, y, target = map(np.array, zip(*itertools.product(scores(dtype), scores(dtype), [-1, 1]), strict=True))
    names = ("input1", "input2", "target")
    with np.errstate(all="raise"):
        value = margin_ranking_loss(x, y, target, margin, "none")
        gradients = margin_ranking_loss.grad(x, y, target, margin, "sum", wrt=names)
    for at, (a, b, t) in enumerate(zip(x, y, target, strict=True)):
        excess = number(dtype(margin)) - int(t) * (number(a) - number(b))
        active = int(excess >= 0)
        check(value[at], [Truth(max(excess, 0))], (a, b, t))
        wanted = (-active * int(t), active * int(t), active * (number(b) - number(a)))
        for gradient, true in zip(gradients, wanted, strict=True):
            check(gradient[at], [Truth(mp.mpf(true))], (a, b, t))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("margin", [1.0, 0.3, 0.0, 1e-30])
def test_hinge_embedding_loss(margin, dtype):
    bound = dtype(margin)
    x = [*scores(dtype), *(np.nextafter(bound, dtype(end)) for end in (-INF, INF)), bound, dtype(INF)]
    x, target = map(np.array, zip(*itertools.product(x, [-1, 1]), strict=True))
    with np.errstate(all="raise"):
        value, gradient = hinge_embedding_loss.value_and_grad(x, target, margin, "none")
    for at, (a, t) in enumerate(zip(x, target, strict=True)):
        lacking = number(bound) - number(a)
        wanted, slope = (number(a), 1) if t == 1 else (max(lacking, mp.mpf(0)), -int(lacking >= 0))
        check(value[at], [Truth(wanted)], (a, t))
        assert gradient[at] == slope


# Softmaxes of cosines


def unit_vectors(rows):
    units, lengths = [], []
    for row in map(exact, rows):
        length = mp.sqrt(inner(row, row))
        units.append([x / length if length else length for x in row])
        lengths.append(length)
    return units, lengths


def contrast(one, other, partners, temperature, leave_out_self=False):
    """Losses, and for each cosine the derivative of their sum, its terms, and that by the temperature."""
    tau = number(temperature)
    losses, slopes, by_tau = [], [], mp.mpf(0)
    for i, (u, partner) in enumerate(zip(one, partners, strict=True)):
        logits = [inner(u, v) / tau for v in other]
        powers = [mp.exp(s) * (not (leave_out_self and j == i)) for j, s in enumerate(logits)]
        total = mp.fsum(powers)
        losses.append(mp.log(total) - logits[partner])
        slopes.append([(power / total - (j == partner)) / tau for j, power in enumerate(powers)])
        by_tau -= mp.fsum(g * s for g, s in zip(slopes[-1], logits, strict=True))
    return losses, slopes, by_tau


def embedding_slopes(units, lengths, others, slopes):
    """The gradient by vectors, given the one by their cosines with others, and the size of its terms."""
    truths = []
    for u, length, weights in zip(units, lengths, slopes, strict=True):
        cosines = [inner(u, v) for v in others]
        row = []
        for k, own in enumerate(u):
            terms = [
                g * each
                for g, v, c in zip(weights, others, cosines, strict=True)
                for each in (v[k], -c * own)
            ]
            row.append(
                (mp.fsum(terms) / length, mp.fsum(map(abs, terms)) / length) if length else (length, length)
            )
        truths.append(row)
    return truths


BATCHES = [
    rng.normal(size=(2, 4, 3)),
    (lambda x: np.stack([x, x + 0.05 * rng.normal(size=x.shape)]))(rng.normal(size=(5, 3))),
    np.array([np.eye(3), np.eye(3)[::-1]]),
    np.array([np.eye(3), np.eye(3)]),
    1e30 * rng.normal(size=(2, 3, 2)),
    np.array([[[1e-30, 0.0], [0.0, 3e-42]], [[1.0, 1e-20], [1.0, 1.0]]]),
    np.array([[[0.0, 0.0], [1.0, 2.0]], [[1.0, 0.0], [1.0, 1.0]]]),
    np.array([[[1.0, -2.0]], [[0.5, 0.1]]]),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("temperature", [1.0, 0.07, 0.5])
@pytest.mark.parametrize("kind", ["nt_xent", "info_nce", "symmetric"])
def test_contrast_of_a_batch(kind, temperature, dtype):
    """The rounding of a cosine counts 1 / temperature times in a probability."""
    unit = 8 * mp.mpf(2) ** -52 / number(temperature)
    for batch in BATCHES:
        x, y = batch.astype(dtype)
        (u, lu), (v, lv) = unit_vectors(x), unit_vectors(y)
        n = len(x)
        if kind == "nt_xent":
            function, names, options = nt_xent_loss, ("input1", "input2"), {}
            rows = u + v
            losses, slopes, by_tau = contrast(rows, rows, [*range(n, 2 * n), *range(n)], temperature, True)
            both = [[slopes[i][j] + slopes[j][i] for j in range(2 * n)] for i in range(2 * n)]
            truths = embedding_slopes(rows, lu + lv, rows, both)
            truths = [truths[:n], truths[n:]]
        else:
            function, names = info_nce_loss, ("queries", "keys")
            options = {"symmetric": kind == "symmetric"}
            losses, slopes, by_tau = contrast(u, v, range(n), temperature)
            if kind == "symmetric":
                back = contrast(v, u, range(n), temperature)
                losses = [(a + b) / 2 for a, b in zip(losses, back[0], strict=True)]
                slopes = [[(slopes[i][j] + back[1][j][i]) / 2 for j in range(n)] for i in range(n)]
                by_tau = (by_tau + back[2]) / 2
            truths = [
                embedding_slopes(u, lu, v, slopes),
                embedding_slopes(v, lv, u, [list(column) for column in zip(*slopes, strict=True)]),
            ]
        with np.errstate(all="raise"):
            value = function(x, y, temperature, reduction="none", **options)
            total, gradients = function.value_and_grad(
                x, y, temperature, reduction="sum", wrt=(*names, "temperature"), **options
            )
        # A loss is the logarithm of 1 plus a sum: of a small one, its relative error is that of the sum.
        check(value, [Truth(each, 0, unit * min(1, each)) for each in losses], (batch, kind))
        check(total, [Truth(mp.fsum(losses), 0, n * unit)], (batch, kind))
        for gradient, rows in zip(gradients, truths, strict=False):
            for answer, row in zip(gradient, rows, strict=True):
                check(answer, [Truth(true, scale, unit * scale) for true, scale in row], (batch, kind))
        check(gradients[2], [Truth(by_tau, 0, 8 * n * n * unit / number(temperature))], (batch, kind))


def test_a_confident_info_nce_loss_keeps_its_digits():
    x, temperature = np.eye(4), 1 / 32  # a power of two, so that no logit is rounded
    loss = mp.log(1 + 3 * mp.exp(-1 / number(temperature)))
    check(info_nce_loss(x, x, temperature), [Truth(loss)], "confident")
    assert info_nce_loss(-x, x, 1e-4) == pytest.approx(1e4 + np.log(3), rel=1e-15)


SIMILARITY_ROWS = [
    ([0.9, 0.1, 0.3], [1, 0, 0]),
    ([0.9, 0.8, -0.1, 0.2], [1, 1, 0, 0]),
    ([1.0, -1.0], [1, 0]),
    ([-1.0, 1.0], [1, 0]),
    ([-0.25, 0.25, 0.75, 1.25, 1.3, -0.3], [0, 0, 1, 1, 1, 0]),
    ([0.3, 0.2], [1, 1]),
    ([0.3, 0.2], [0, 0]),
    ([1e-30, 1 - 1e-10], [0, 1]),
    ([0.0, 1.0], [0, 1]),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("margin", "gamma"), [(0.25, 256.0), (0.25, 16.0), (0.4, 1.0), (0.0, 80.0)])
@pytest.mark.parametrize("constant_weights", [False, True])
def test_circle_loss(margin, gamma, constant_weights, dtype):
    """The relative error of an exponential is the absolute error of its logit, gamma (t + m) (t - m)."""
    m, scale = number(margin), number(gamma)
    for s, y in SIMILARITY_ROWS:
        s = np.array(s, dtype)
        gaps = [1 - x if label else x for x, label in zip(exact(s), y, strict=True)]
        logits = [scale * max(t + m, 0) * (t - m) for t in gaps]
        sums = [
            mp.fsum(mp.exp(e) for e, label in zip(logits, y, strict=True) if label == kind) for kind in (0, 1)
        ]
        product = sums[0] * sums[1]
        largest = max(map(abs, logits)) + scale * m * m
        unit = 4 * mp.mpf(2) ** -52 * (1 + 2 * largest)
        with np.errstate(all="raise"):
            value, gradient = circle_loss.value_and_grad(
                s, y, margin, gamma, constant_weights=constant_weights, reduction="sum"
            )
        loss = mp.log(1 + product)
        check(value, [Truth(loss, 0, unit * min(1, loss) if loss < 1 else unit)], (s, y))
        truths = []
        for t, e, label in zip(gaps, logits, y, strict=True):
            weight = max(t + m, mp.mpf(0)) if constant_weights else 2 * t * (t > -m)
            share = product / (1 + product) * mp.exp(e) / sums[label] if sums[label] else mp.mpf(0)
            slope = (-1 if label else 1) * share * scale * weight
            truths.append(
                Truth(slope, share * scale * m * (weight > 0) * constant_weights, unit * abs(slope))
            )
        check(gradient, truths, (s, y))


def test_the_weights_of_the_circle_loss_may_be_detached():
    s = torch.tensor([[0.6, 0.2, 0.5]], dtype=torch.float64, requires_grad=True)
    low = 16 * (s[:, 1:].detach() + 0.25) * (s[:, 1:] - 0.25)
    high = -16 * (1.25 - s[:, :1].detach()) * (s[:, :1] - 0.75)
    loss = F.softplus(torch.logsumexp(low, 1) + torch.logsumexp(high, 1), threshold=1e9)
    loss.sum().backward()
    ours = circle_loss.grad(s.detach().numpy(), [[1, 0, 0]], gamma=16.0, constant_weights=True)
    np.testing.assert_allclose(ours, s.grad.numpy(), rtol=1e-13)


# What holds for all of them


def of(name, shape=(4, 3), dtype=np.float64, seed=0):
    """Valid arguments of a function: the arrays, and further ones."""
    rng = np.random.default_rng([seed, len(name), *shape])
    x, y, z = rng.normal(size=(3, *shape)).astype(dtype)
    signs, bits = rng.choice([-1, 1], shape), rng.integers(0, 2, shape)
    return {
        "circle_loss": ([np.tanh(x), bits.astype(dtype)], {"gamma": 4.0}),
        "contrastive_loss": ([x, y, bits[..., 0].astype(dtype)], {"margin": 3.0}),
        "cosine_embedding_loss": ([x, y, signs[..., 0].astype(dtype)], {"margin": -0.5}),
        "cosine_similarity": ([x, y], {"dim": len(shape) - 1}),
        "hinge_embedding_loss": ([abs(x), signs.astype(dtype)], {}),
        "info_nce_loss": ([x, y], {"temperature": 0.5, "symmetric": True}),
        "margin_ranking_loss": ([x, y, signs.astype(dtype)], {"margin": 0.5}),
        "nt_xent_loss": ([x, y], {}),
        "pairwise_distance": ([x, y], {}),
        "triplet_margin_loss": ([x, y, z], {"margin": 2.0, "swap": True}),
        "triplet_margin_with_distance_loss": ([x, y, z], {"margin": 2.0, "swap": True}),
    }[name]


def function(name):
    return getattr(lossact, name)


def array_names(name):
    """The arrays by which there is a gradient; a temperature is none."""
    return tuple(each for each in function(name).differentiable if each not in ("temperature", "target"))


def results(name, positional, options):
    """The value and all gradients."""
    f = function(name)
    value = f(*positional, **options)
    if name in LOSSES:
        return [value, *f.grad(*positional, wrt=f.differentiable, **options)]
    upstream = np.linspace(-1, 2, np.size(value), dtype=value.dtype).reshape(np.shape(value))
    return [value, *f.vjp(*positional, upstream, wrt=f.differentiable, **options)]


DIFFERENTIABLE = {
    "circle_loss": ("input",),
    "contrastive_loss": ("input1", "input2"),
    "cosine_embedding_loss": ("input1", "input2"),
    "cosine_similarity": ("x1", "x2"),
    "hinge_embedding_loss": ("input",),
    "info_nce_loss": ("queries", "keys", "temperature"),
    "margin_ranking_loss": ("input1", "input2", "target"),
    "nt_xent_loss": ("input1", "input2", "temperature"),
    "pairwise_distance": ("x1", "x2"),
    "triplet_margin_loss": ("anchor", "positive", "negative"),
    "triplet_margin_with_distance_loss": ("anchor", "positive", "negative"),
}


@pytest.mark.parametrize("name", NAMES)
def test_by_which_arguments_there_is_a_gradient(name):
    f = function(name)
    assert f.differentiable == DIFFERENTIABLE[name]
    positional, options = of(name)
    call = f.grad if name in LOSSES else lambda *a, **k: f.vjp(*a, np.ones(4), **k)
    first = call(*positional, **options)
    every = call(*positional, wrt=f.differentiable, **options)
    np.testing.assert_array_equal(first, every[0])
    for each, gradient in zip(f.differentiable, every, strict=True):
        np.testing.assert_array_equal(call(*positional, wrt=each, **options), gradient)
    with pytest.raises(ValueError, match="wrt is 'margin'; one of "):
        call(*positional, wrt="margin", **options)


@pytest.mark.parametrize("shape", [(4, 3), (2, 5)])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", LOSSES)
def test_every_gradient_is_a_slope(name, reduction, shape):
    """By central differences; with "none", of an unequally weighted sum."""
    positional, options = of(name, shape)
    f, options = function(name), {**options, "reduction": reduction}
    if name in COUPLED and reduction == "none":
        with pytest.raises(ValueError, match=r"each loss depends on all samples.*'mean' or 'sum'"):
            f.grad(*positional, **options)
        with pytest.raises(ValueError, match="each loss depends on all samples"):
            f.value_and_grad(*positional, **options)
        return
    names = list(inspect.signature(f).parameters)
    upstream = np.linspace(-1, 2, np.size(f(*positional, **options)))
    upstream = upstream.reshape(np.shape(f(*positional, **options)))
    for at, name_ in enumerate(names[: len(positional)]):
        if name_ not in array_names(name):
            continue
        gradient = f.grad(*positional, wrt=name_, **options)
        spread = upstream[..., None] if 0 < upstream.ndim < gradient.ndim else upstream

        def along(x, at=at):
            moved = [*positional[:at], x, *positional[at + 1 :]]
            return np.sum(upstream * f(*moved, **options))

        slope = numerical_gradient(along, positional[at])
        np.testing.assert_allclose(gradient * spread, slope, rtol=1e-6, atol=1e-8)
    if name in COUPLED:
        tau = options.pop("temperature", 0.5)
        slope = numerical_gradient(lambda t: f(*positional, temperature=t.item(), **options), np.array([tau]))
        assert f.grad(*positional, temperature=tau, wrt="temperature", **options) == pytest.approx(
            slope[0], rel=1e-6
        )


@pytest.mark.parametrize("shape", [(3,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("name", SIMILARITIES)
def test_every_vjp_is_a_slope(name, shape):
    positional, options = of(name, shape)
    f = function(name)
    upstream = np.linspace(-1, 2, np.size(f(*positional, **options))).reshape(
        np.shape(f(*positional, **options))
    )
    for at, gradient in enumerate(f.vjp(*positional, upstream, wrt=("x1", "x2"), **options)):

        def along(x, at=at):
            moved = [*positional[:at], x, *positional[at + 1 :]]
            return np.sum(upstream * f(*moved, **options))

        np.testing.assert_allclose(gradient, numerical_gradient(along, positional[at]), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", LOSSES)
def test_the_reductions_agree(name):
    positional, options = of(name)
    f = function(name)
    each, total, mean = (f(*positional, reduction=how, **options) for how in ("none", "sum", "mean"))
    assert total == pytest.approx(np.sum(each), rel=1e-14)
    assert mean == pytest.approx(np.mean(each), rel=1e-14)
    wrt = f.differentiable
    for one, other in zip(
        f.grad(*positional, reduction="sum", wrt=wrt, **options),
        f.grad(*positional, reduction="mean", wrt=wrt, **options),
        strict=True,
    ):
        np.testing.assert_allclose(one / np.size(each), other, rtol=1e-14)
    if name not in COUPLED:
        value, gradients = f.value_and_grad(*positional, reduction="none", wrt=wrt, **options)
        np.testing.assert_array_equal(value, each)
        np.testing.assert_array_equal(gradients[0], f.grad(*positional, reduction="sum", **options))


# torch


def torch_results(name, positional, options, reduction):
    names = array_names(name)
    tensors = [torch.tensor(x, requires_grad=i < len(names)) for i, x in enumerate(positional)]
    chosen = options if name in SIMILARITIES else {**options, "reduction": reduction}
    value = getattr(F, name)(*tensors, **chosen)
    upstream = torch.linspace(-1, 2, value.numel(), dtype=value.dtype).reshape(value.shape)
    gradients = torch.autograd.grad(value, tensors[: len(names)], upstream)
    return value.detach().numpy(), [g.numpy() for g in gradients], upstream.numpy()


IN_TORCH = [name for name in NAMES if hasattr(F, name)]
VARIANTS = {
    "cosine_embedding_loss": [{}, {"margin": 0.3}],
    "pairwise_distance": [
        {"p": p, "eps": e, "keepdim": k} for p in (1, 2, 3.5, INF) for e in (0, 1e-3) for k in (0, 1)
    ],
    "triplet_margin_loss": [
        {"p": p, "swap": s, "eps": 1e-3} for p in (1.0, 2.0, 3.5, INF) for s in (True, False)
    ],
    "triplet_margin_with_distance_loss": [{}, {"margin": 2.5, "swap": True}],
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", IN_TORCH)
def test_torch_agrees(name, dtype):
    tolerance = 2e-5 if dtype == np.float32 else 1e-11
    for options, reduction in itertools.product(
        [of(name)[1], *VARIANTS.get(name, [])], ["none", "mean", "sum"]
    ):
        options = {k: bool(v) if k == "keepdim" else v for k, v in options.items()}
        positional, _ = of(name, dtype=dtype)
        value, gradients, upstream = torch_results(name, positional, options, reduction)
        f, names = function(name), array_names(name)
        if name in SIMILARITIES:
            ours, found = f(*positional, **options), f.vjp(*positional, upstream, wrt=names, **options)
        else:
            ours, found = f.value_and_grad(*positional, reduction=reduction, wrt=names, **options)
            if upstream.ndim and upstream.ndim < positional[0].ndim:
                upstream = upstream[..., None]
            found = [upstream * each for each in found]
        assert ours.shape == value.shape
        np.testing.assert_allclose(ours, value, rtol=tolerance, atol=tolerance)
        for one, other in zip(found, gradients, strict=True):
            np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", IN_TORCH)
def test_arguments_are_those_of_torch(name):
    try:
        theirs = inspect.signature(getattr(F, name))
    except ValueError:
        line = getattr(F, name).__doc__.strip().splitlines()[0]
        theirs = inspect.signature(eval(f"lambda {line[line.index('(') + 1 : line.index(')')]}: None"))
    theirs = {k: v.default for k, v in theirs.parameters.items() if k not in ("size_average", "reduce")}
    ours = {k: v.default for k, v in inspect.signature(function(name)).parameters.items()}
    assert list(ours.items()) == list(theirs.items())


KINKS = [
    ("triplet_margin_loss", ([[0.0, 0.0]], [[1.0, 0.0]], [[2.0, 0.0]]), {"eps": 0.0}),
    ("triplet_margin_loss", ([[0.0, 0.0]], [[2.0, 0.0]], [[1.0, 0.0]]), {"eps": 0.0, "swap": True}),
    ("triplet_margin_loss", ([[0.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.0]]), {"eps": 0.0}),
    ("triplet_margin_loss", ([[0.0, 0.0]], [[0.0, 0.0]], [[0.0, 0.0]]), {}),
    ("triplet_margin_with_distance_loss", ([[0.0, 0.0]], [[2.0, 0.0]], [[1.0, 0.0]]), {"swap": True}),
    ("cosine_embedding_loss", ([[0.0, 1.0]], [[1.0, 0.0]], [-1.0]), {}),
    ("margin_ranking_loss", ([2.0, 1.0], [1.0, 1.0], [1.0, 1.0]), {"margin": 1.0}),
    ("margin_ranking_loss", ([1.0, 1.0], [1.0, 1.0], [1.0, -1.0]), {}),
    ("hinge_embedding_loss", ([1.0, 0.0], [-1.0, 1.0]), {}),
    *(
        (
            "pairwise_distance",
            ([[1.0, -2.0, 2.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]] * 2),
            {"p": p, "eps": 0.0},
        )
        for p in (0.5, 1.0, 1.5, 2.0, 3.0, INF, -1.0, -INF)
    ),
    ("cosine_similarity", ([[0.0, 0.0]], [[1.0, 2.0]]), {}),
]


@pytest.mark.parametrize(("name", "positional", "options"), KINKS)
def test_at_a_kink_the_slope_is_the_one_of_torch(name, positional, options):
    positional = [np.array(x) for x in positional]
    value, gradients, upstream = torch_results(name, positional, options, "sum")
    f, names = function(name), array_names(name)
    if name in SIMILARITIES:
        ours, found = f(*positional, **options), f.vjp(*positional, upstream, wrt=names, **options)
    else:
        ours, found = f.value_and_grad(*positional, reduction="sum", wrt=names, **options)
        found = [each * upstream for each in found]
    np.testing.assert_allclose(ours, value, atol=1e-12)
    for one, other in zip(found, gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_where_torch_is_wrong():
    """Nearly parallel vectors, large ones, and a length below the clamp; see the notes of the docstrings."""
    near = [np.array([v], np.float32) for v in ([1, 1, 1], [1, 1, 1.0002])]
    one = torch.ones(1)
    assert F.cosine_embedding_loss(*map(torch.from_numpy, near), one).item() == 0
    assert cosine_embedding_loss(*near, [1]) == pytest.approx(4.4e-9, rel=0.02)
    large = [np.array([v], np.float32) for v in ([1e30, 0], [0, 1e30], [1e30, 1e30])]
    assert np.isnan(F.cosine_embedding_loss(*map(torch.from_numpy, large[::2]), one).item())
    assert cosine_embedding_loss(*large[::2], [1]) == pytest.approx(1 - 0.5**0.5)
    assert np.isnan(F.triplet_margin_loss(*map(torch.from_numpy, large)).item())
    assert triplet_margin_loss(*large) == pytest.approx((np.sqrt(2) - 1) * 1e30)
    x, y = (
        torch.tensor([3e-9, 4e-9], dtype=torch.float64, requires_grad=True),
        torch.tensor([1.0, 2.0]).double(),
    )
    F.cosine_similarity(x, y, 0).backward()
    constant = np.array([1, 2]) / np.sqrt(5) / 1e-8
    assert not np.allclose(x.grad.numpy(), constant, rtol=0.1)
    np.testing.assert_allclose(cosine_similarity.vjp([3e-9, 4e-9], [1.0, 2.0], 1.0, 0), constant, rtol=1e-14)


# Arguments


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("target_dtype", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_dtype_of_the_results(name, dtype, target_dtype):
    """That of the first argument; of a similarity the larger one, and each gradient its own argument's."""
    positional, options = of(name, dtype=dtype)
    positional[1:] = [x.astype(target_dtype) for x in positional[1:]]
    found = [each.dtype for each in results(name, positional, options)]
    if name in SIMILARITIES:
        assert found == [np.result_type(dtype, target_dtype), dtype, target_dtype]
    else:
        assert set(found) == {np.dtype(dtype)}


@pytest.mark.parametrize("kind", [np.int8, np.int64, bool])
@pytest.mark.parametrize("name", NAMES)
def test_integers_become_float64(name, kind):
    positional, options = of(name)
    ints = [(x > 0).astype(kind) for x in positional]
    if name in ("cosine_embedding_loss", "hinge_embedding_loss", "margin_ranking_loss"):
        ints[-1] = positional[-1].astype(np.int8)
    for one, other in zip(
        results(name, ints, options), results(name, [x.astype(float) for x in ints], options), strict=True
    ):
        assert one.dtype == np.float64
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("name", NAMES)
def test_the_layout_does_not_matter_and_nothing_is_changed(name):
    positional, options = of(name)
    wanted = results(name, positional, options)
    layouts = [
        np.copy,
        np.asfortranarray,
        lambda x: np.repeat(x, 2, axis=0)[::2],
        lambda x: x[::-1].copy()[::-1],
        lambda x: x.tolist(),
    ]
    for layout in layouts:
        given = [layout(x) for x in positional]
        before = copy.deepcopy(given)
        for x in given:
            if isinstance(x, np.ndarray):
                x.flags.writeable = False
        for one, other in zip(results(name, given, options), wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14, atol=1e-15)
            assert not any(np.shares_memory(one, x) for x in given if isinstance(x, np.ndarray))
        for x, y in zip(given, before, strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("name", NAMES)
def test_blocks_and_axes_do_not_matter(name):
    """Many vectors, of any leading axes, give what each gives by itself."""
    shape = (700, 40) if name in COUPLED else (70, 11, 40)
    positional, options = of(name, shape)
    found = results(name, positional, {**options, "reduction": "sum"} if name in LOSSES else options)
    if name in COUPLED:
        partial, _ = of(name, shape)
        x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in partial)
        losses = function(name)(*positional, reduction="none", **options)
        z = np.concatenate([x, y]) if name == "nt_xent_loss" else x
        logits = z @ (z if name == "nt_xent_loss" else y).T / 0.5
        if name == "nt_xent_loss":
            np.fill_diagonal(logits, -INF)
            labels = np.roll(np.arange(1400), 700)
            expected = lossact.cross_entropy(logits, labels, reduction="none")
        else:
            expected = (
                sum(lossact.cross_entropy(s, np.arange(700), reduction="none") for s in (logits, logits.T))
                / 2
            )
        np.testing.assert_allclose(losses, expected, rtol=1e-11)
        one, other = (torch.tensor(v, requires_grad=True) for v in positional)
        u, v = F.normalize(one), F.normalize(other)
        if name == "nt_xent_loss":
            both = torch.cat([u, v])
            similar = (both @ both.T / 0.5).fill_diagonal_(-INF)
            F.cross_entropy(similar, torch.from_numpy(labels)).backward()
        else:
            similar, labels = u @ v.T / 0.5, torch.arange(700)
            ((F.cross_entropy(similar, labels) + F.cross_entropy(similar.T, labels)) / 2).backward()
        gradients = function(name).grad(*positional, wrt=array_names(name), **options)
        for gradient, wanted in zip(gradients, (one, other), strict=True):
            np.testing.assert_allclose(gradient, wanted.grad.numpy(), rtol=1e-8, atol=1e-13)
        return
    rows = [x.reshape(-1, *x.shape[2:]) for x in positional]
    options = {**options, "dim": 1} if "dim" in options else options
    options = {**options, "reduction": "sum"} if name in LOSSES else options
    wanted = results(name, rows, options)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.reshape(one, np.shape(other)), other, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -2])
def test_cosines_along_every_axis_and_broadcast(dim):
    x, y = rng.normal(size=(4, 3, 5)), rng.normal(size=(1, 3, 1) if dim in (1, -2) else (3, 5))
    a, b = (torch.tensor(v, requires_grad=True) for v in (x, y))
    value = F.cosine_similarity(a, b, dim=dim)
    upstream = np.linspace(-1, 2, value.numel()).reshape(value.shape)
    value.backward(torch.tensor(upstream))
    np.testing.assert_allclose(cosine_similarity(x, y, dim), value.detach().numpy(), rtol=1e-12)
    for one, other in zip(cosine_similarity.vjp(x, y, upstream, dim, wrt=("x1", "x2")), (a, b), strict=True):
        np.testing.assert_allclose(one, other.grad.numpy(), rtol=1e-11, atol=1e-13)


def test_distances_broadcast():
    x, y = rng.normal(size=(4, 1, 5)), rng.normal(size=(3, 5))
    a, b = (torch.tensor(v, requires_grad=True) for v in (x, y))
    value = F.pairwise_distance(a, b)
    upstream = np.linspace(-1, 2, value.numel()).reshape(value.shape)
    value.backward(torch.tensor(upstream))
    np.testing.assert_allclose(pairwise_distance(x, y), value.detach().numpy(), rtol=1e-12)
    for one, other in zip(pairwise_distance.vjp(x, y, upstream, wrt=("x1", "x2")), (a, b), strict=True):
        np.testing.assert_allclose(one, other.grad.numpy(), rtol=1e-11, atol=1e-13)
    assert pairwise_distance(x, y, keepdim=True).shape == (4, 3, 1)
    np.testing.assert_array_equal(
        pairwise_distance.vjp(x, y, upstream[..., None], keepdim=True), pairwise_distance.vjp(x, y, upstream)
    )


@pytest.mark.parametrize("name", NAMES)
def test_empty_batches_and_empty_vectors(name):
    for shape in ((0, 3), (3, 0)):
        positional, options = of(name, shape) if shape[1] else ([], {})
        if not shape[1]:
            full, options = of(name, (3, 2))
            positional = [x[..., :0] if x.ndim == 2 else x for x in full]
        with np.errstate(all="raise"):
            value, *gradients = results(name, positional, options)
        if name in LOSSES and (shape[0] == 0 or name in ("hinge_embedding_loss", "margin_ranking_loss")):
            assert np.isnan(value)
        for gradient, x in zip(gradients, positional, strict=False):
            assert gradient.shape == x.shape or gradient.ndim == 0


@pytest.mark.parametrize("name", [name for name in NAMES if name not in COUPLED])
def test_single_vectors_give_numbers(name):
    """And single numbers, for the losses of numbers."""
    positional, options = of(name, (3,))
    value = function(name)(*positional, **options, **({"reduction": "none"} if name in LOSSES else {}))
    if name in ("hinge_embedding_loss", "margin_ranking_loss"):
        positional = [x[0] for x in positional]
        value = function(name)(*positional, reduction="none", **options)
    assert type(value) is np.float64
    assert all(type(x) in (np.float64, np.ndarray) for x in results(name, positional, options))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_nan_stays_nan(name, dtype):
    """In its vector and nowhere else; everywhere if the samples depend on each other."""
    for at in range(len(of(name)[0])):
        positional, options = of(name, dtype=dtype)
        positional[at][(1, 2) if positional[at].ndim == 2 else 1] = np.nan
        f = function(name)
        with np.errstate(all="raise"):
            if name in SIMILARITIES:
                value = f(*positional, **options)
                gradients = f.vjp(*positional, np.ones(4, dtype), wrt=("x1", "x2"), **options)
            else:
                value = f(*positional, reduction="none", **options)
                wrt = array_names(name)
                gradients = f.grad(*positional, reduction="sum", wrt=wrt, **options)
        if name in COUPLED:
            assert np.isnan(value).all()
            assert all(np.isnan(gradient).all() for gradient in gradients)
            continue
        touched = np.isnan(value)
        assert touched.reshape(4, -1).any(axis=1).tolist() == [False, True, False, False]
        bad = touched if touched.ndim == 2 else np.broadcast_to(touched[:, None], (4, 3))
        for gradient in gradients:
            assert not np.isnan(gradient[~bad]).any()
        assert np.isnan(gradients[0][bad]).all() or name == "margin_ranking_loss"


def test_an_infinite_entry_is_a_direction():
    """The limit where there is one, and nan where there is none."""
    with np.errstate(all="raise"):
        for dtype in DTYPES:
            x = np.array([[INF, 5, 0], [-INF, 1, 0], [INF, -INF, 1]], dtype)
            y = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0]], dtype)
            np.testing.assert_allclose(cosine_similarity(x, y), [0.5**0.5, -(0.5**0.5), np.nan], rtol=1e-6)
            by_x, by_y = cosine_similarity.vjp(x, y, np.ones(3, dtype), wrt=("x1", "x2"))
            assert by_x[:2].tolist() == [[0, 0, 0], [0, 0, 0]]
            np.testing.assert_allclose(by_y[0], np.array([1, -1, 0]) * 8**-0.5, rtol=1e-6)
            assert cosine_embedding_loss(x[:1], y[:1], [1]) == pytest.approx(1 - 0.5**0.5)
            assert cosine_embedding_loss.grad(x[:1], y[:1], [1]).tolist() == [[0, 0, 0]]
            assert pairwise_distance(x, y).tolist() == [INF] * 3
            assert pairwise_distance.vjp(x[:2], y[:2], [1.0, 1.0]).tolist() == [[1, 0, 0], [-1, 0, 0]]
            assert np.isnan(pairwise_distance(x, x)).all()
            assert triplet_margin_loss(y, x, y, reduction="none").tolist() == [INF] * 3
            assert triplet_margin_loss(y, y, x, reduction="none").tolist() == [0] * 3
            assert np.isnan(triplet_margin_loss(y, x, x, reduction="none")).all()
            assert contrastive_loss(x, y, [0, 1, 1], reduction="none").tolist() == [INF, 0, 0]
            assert margin_ranking_loss(x[0], y[0], [1, 1, 1], reduction="none").tolist() == [0, 0, 1 - 1]
            assert margin_ranking_loss(x[1], y[1], [1, 1, 1], reduction="none").tolist()[0] == INF


@pytest.mark.parametrize("name", NAMES)
def test_no_warning_for_a_caller_who_wants_errors(name):
    positional, options = of(name, dtype=np.float32)
    with np.errstate(all="raise"):
        results(name, [positional[0], *(x * 1e300 if x.ndim == 2 and not np.all(abs(x) <= 1) else x
                                        for x in map(np.float64, positional[1:]))], options)  # fmt: skip


def refuses(error, words, f, *positional, **options):
    with pytest.raises(error) as caught:
        f(*positional, **options)
    missing = [word for word in words.split("; ") if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"


NOT_NUMBERS = {
    "complex": (lambda x: x.astype(complex), TypeError, "real numbers"),
    "object": (lambda x: x.astype(object), TypeError, "real numbers"),
    "text": (lambda x: x.astype(str), TypeError, "real numbers"),
    "none": (lambda x: None, TypeError, "real numbers"),
    "masked": (lambda x: np.ma.masked_less(x, 0), TypeError, "masked; filled"),
    "tensor": (lambda x: torch.from_numpy(x), TypeError, "torch.Tensor; detach"),
    "ragged": (lambda x: [[1.0, 2.0], [3.0]], ValueError, "different lengths"),
    "float16": (lambda x: x.astype(np.float16), TypeError, "float16; float32 or float64"),
}


@pytest.mark.parametrize("kind", NOT_NUMBERS)
@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_array_of_numbers(name, kind):
    change, error, words = NOT_NUMBERS[kind]
    parameters = list(inspect.signature(function(name)).parameters)
    for at in range(len(of(name)[0])):
        positional, options = of(name)
        positional[at] = change(positional[at])
        refuses(error, f"{parameters[at]}; {words}", function(name), *positional, **options)


V, W, N = np.ones((4, 3)), np.ones((3, 4)), np.ones(4)
REFUSED = [
    ("cosine_embedding_loss", (V, W, N), {}, ValueError, "(4, 3); (3, 4); must be the same"),
    ("cosine_embedding_loss", (V, V[:1], N), {}, ValueError, "(4, 3); (1, 3); must be the same"),
    ("cosine_embedding_loss", (V, V, np.ones(3)), {}, ValueError, "target has shape (3,); shape (4,)"),
    ("cosine_embedding_loss", (V, V, V), {}, ValueError, "target has shape (4, 3); shape (4,)"),
    ("cosine_embedding_loss", (V, V, 0 * N), {}, ValueError, "target holds 0.0; -1 and 1; 2 * target - 1"),
    ("cosine_embedding_loss", (V, V, N), {"margin": np.nan}, ValueError, "margin is nan"),
    ("cosine_embedding_loss", (V, V, N), {"margin": "0"}, TypeError, "margin; real numbers"),
    ("cosine_embedding_loss", (1.0, 1.0, 1), {}, ValueError, "input1 is a single number; vectors"),
    ("margin_ranking_loss", (N, N[:1], N), {}, ValueError, "(4,); (1,); must be the same"),
    ("margin_ranking_loss", (N, N, 2 * N), {}, ValueError, "target holds 2.0; -1 and 1"),
    ("margin_ranking_loss", (N, N, 1), {}, ValueError, "target has shape (); shape (4,)"),
    ("hinge_embedding_loss", (N, 0 * N), {}, ValueError, "target holds 0.0; -1 and 1"),
    ("hinge_embedding_loss", (N, V), {}, ValueError, "(4,); (4, 3); must be the same"),
    ("hinge_embedding_loss", (N, N), {"margin": INF}, ValueError, "margin is inf; finite"),
    ("triplet_margin_loss", (V, V, W), {}, ValueError, "anchor; negative; (3, 4); must be the same"),
    ("triplet_margin_loss", (V, V[:1], V), {}, ValueError, "positive; (1, 3); must be the same"),
    ("triplet_margin_loss", (V, V, V), {"margin": 0.0}, ValueError, "margin is 0.0; greater than 0"),
    ("triplet_margin_loss", (V, V, V), {"margin": -1}, ValueError, "margin is -1.0; greater than 0"),
    ("triplet_margin_loss", (V, V, V), {"p": np.nan}, ValueError, "p is nan; real number"),
    ("triplet_margin_loss", (V, V, V), {"eps": INF}, ValueError, "eps is inf; finite"),
    ("triplet_margin_loss", (V, V, V), {"swap": 2}, TypeError, "swap is 2; True or False"),
    ("triplet_margin_loss", (1.0, 1.0, 1.0), {}, ValueError, "anchor is a single number"),
    ("triplet_margin_with_distance_loss", (V, V, V), {"margin": 0.0}, ValueError, "margin is 0.0; greater"),
    (
        "triplet_margin_with_distance_loss", (V, V, V), {"distance_function": "l2"}, TypeError,
        "distance_function is 'l2'; function",
    ),
    (
        "triplet_margin_with_distance_loss", (V, V, V), {"distance_function": np.subtract}, ValueError,
        "distance_function; (4, 3); one distance for each pair",
    ),
    ("contrastive_loss", (V, V, -N), {}, ValueError, "target holds -1.0; 0 and 1; similar"),
    ("contrastive_loss", (V, V, N), {"margin": 0.0}, ValueError, "margin is 0.0; greater than 0"),
    ("contrastive_loss", (V, V, V), {}, ValueError, "target has shape (4, 3); shape (4,)"),
    ("nt_xent_loss", (N, N), {}, ValueError, "input1 has shape (4,); shape (N, K)"),
    ("nt_xent_loss", (V, W), {}, ValueError, "(3, 4); must be the same"),
    ("nt_xent_loss", (V, V), {"temperature": 0.0}, ValueError, "temperature is 0.0; greater than 0"),
    ("nt_xent_loss", (V, V), {"temperature": np.nan}, ValueError, "temperature is nan; greater than 0"),
    ("info_nce_loss", (V, V), {"temperature": -1.0}, ValueError, "temperature is -1.0; greater than 0"),
    ("info_nce_loss", (V, V), {"symmetric": 1}, TypeError, "symmetric is 1; True or False"),
    ("info_nce_loss", (V, V[None]), {}, ValueError, "keys; (1, 4, 3); must be the same"),
    ("circle_loss", (V, N), {}, ValueError, "(4, 3); (4,); must be the same"),
    ("circle_loss", (V, -V), {}, ValueError, "target holds -1.0; 0 and 1; high"),
    ("circle_loss", (V, V), {"gamma": 0.0}, ValueError, "gamma is 0.0; greater than 0"),
    ("circle_loss", (V, V), {"margin": np.nan}, ValueError, "margin is nan"),
    ("circle_loss", (V, V), {"constant_weights": 1}, TypeError, "constant_weights is 1; True or False"),
    ("circle_loss", (0.5, 1), {}, ValueError, "input is a single number"),
    ("pairwise_distance", (V, W), {}, ValueError, "x1 has shape (4, 3); x2 has shape (3, 4); broadcast"),
    ("pairwise_distance", (V, V), {"p": np.nan}, ValueError, "p is nan; real number"),
    ("pairwise_distance", (V, V), {"eps": np.nan}, ValueError, "eps is nan; finite"),
    ("pairwise_distance", (V, V), {"keepdim": None}, TypeError, "keepdim is None; True or False"),
    ("pairwise_distance", (1.0, 2.0), {}, np.exceptions.AxisError, "dim"),
    ("cosine_similarity", (V, W), {}, ValueError, "x1 has shape (4, 3); x2 has shape (3, 4); broadcast"),
    ("cosine_similarity", (V, V), {"eps": -1.0}, ValueError, "eps is -1.0; not less than 0"),
    ("cosine_similarity", (V, V), {"dim": 2}, np.exceptions.AxisError, "dim; axis 2"),
    ("cosine_similarity", (V, V), {"dim": 0.5}, TypeError, "dim is 0.5; an integer"),
    ("cosine_similarity", (N, N), {}, np.exceptions.AxisError, "dim; axis 1"),
    ("cosine_similarity", (V, V, 1, 1e-8, 0), {}, TypeError, "cosine_similarity; too many"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "positional", "options", "error", "words"), REFUSED)
def test_what_is_refused(name, positional, options, error, words):
    refuses(error, f"{name}; {words}", function(name), *positional, **options)


@pytest.mark.parametrize("reduction", ["avg", None, 0])
@pytest.mark.parametrize("name", LOSSES)
def test_an_unknown_reduction(name, reduction):
    positional, options = of(name)
    words = f"{name}; {reduction!r}; 'mean', 'sum', 'none'"
    refuses(ValueError, words, function(name), *positional, **{**options, "reduction": reduction})


@pytest.mark.parametrize("name", SIMILARITIES)
def test_an_upstream_gradient_of_another_shape(name):
    words = f"{name}.vjp; output has shape (4,); shape (4, 3); must be the same"
    refuses(ValueError, words, function(name).vjp, V, V, V)
    refuses(TypeError, "missing; grad_output", function(name).vjp, V, V)
    refuses(TypeError, "grad_output; real numbers", function(name).vjp, V, V, ["a"] * 4)


# A distance of one's own


class Manhattan:
    """A distance that knows its gradient, of images instead of vectors."""

    def __call__(self, x1, x2):
        return np.abs(x1 - x2).sum(axis=(1, 2))

    def vjp(self, x1, x2, grad_output, wrt):
        return (1 if wrt == "x1" else -1) * np.sign(x1 - x2) * grad_output[:, None, None]


@pytest.mark.parametrize("swap", [False, True])
def test_a_distance_of_ones_own(swap):
    a, p, n = rng.normal(size=(3, 4, 2, 3))
    names = ("anchor", "positive", "negative")
    options = {"distance_function": Manhattan(), "margin": 3.0, "swap": swap}
    value, found = triplet_margin_with_distance_loss.value_and_grad(
        a, p, n, reduction="none", wrt=names, **options
    )
    tensors = [torch.tensor(x, requires_grad=True) for x in (a, p, n)]
    options["distance_function"] = lambda x, y: (x - y).abs().sum(dim=(1, 2))
    wanted = F.triplet_margin_with_distance_loss(*tensors, reduction="none", **options)
    np.testing.assert_allclose(value, wanted.detach().numpy(), rtol=1e-13)
    wanted.sum().backward()
    for one, other in zip(found, tensors, strict=True):
        np.testing.assert_allclose(one, other.grad.numpy(), rtol=1e-13)


def test_a_distance_without_a_gradient():
    plain = lambda x, y: np.abs(x - y).sum(axis=-1)  # noqa: E731
    assert triplet_margin_with_distance_loss(V, V, 2 * V, distance_function=plain) == 0
    words = "distance_function; no method vjp; pairwise_distance"
    refuses(TypeError, words, triplet_margin_with_distance_loss.grad, V, V, V, distance_function=plain)


def test_the_default_distance_is_the_one_of_the_triplet_margin_loss():
    a, p, n = rng.normal(size=(3, 4, 5))
    names = ("anchor", "positive", "negative")
    one = triplet_margin_loss.value_and_grad(a, p, n, swap=True, wrt=names)
    other = triplet_margin_with_distance_loss.value_and_grad(a, p, n, swap=True, wrt=names)
    np.testing.assert_allclose(one[0], other[0], rtol=1e-14)
    np.testing.assert_allclose(one[1], other[1], rtol=1e-13)


# Facts and properties


def along_first(name):
    """The loss of one sample along a line through its first argument, for some other arguments each."""
    found = []
    for seed in range(6):
        positional, options = of(name, (2, 3) if name in COUPLED else (1, 3), seed=seed)
        for offset in (0.0, 1.0):

            def loss(t, positional=positional, options=options, offset=offset):
                x = positional[0] + 0.0
                x[0] = (positional[1][0] if x.shape == positional[1].shape else x[0]) * offset
                x[0, 0] += t
                return float(function(name)(x, *positional[1:], **{**options, "reduction": "sum"}))

            found.append(loss)
    return found


CONVEX = ["hinge_embedding_loss", "margin_ranking_loss"]


@pytest.mark.parametrize("name", LOSSES)
def test_convex(name):
    points = np.linspace(0 if name == "hinge_embedding_loss" else -3, 3, 25)
    below = False
    for loss in along_first(name):
        values = {t: loss(t) for t in points}
        for a, b in itertools.combinations(points, 2):
            below |= loss((a + b) / 2) > (values[a] + values[b]) / 2 + 1e-9
    assert (not below) == function(name).facts.convex == (name in CONVEX)


def test_the_kinks_that_make_them_not_smooth():
    """The slopes on both sides of a point differ."""
    h, zero, e = 1e-7, np.zeros((1, 2)), np.array([[1.0, 0.0]])
    two = np.array([[1.0, 2.0], [3.0, -1.0]])
    moved = lambda t, at=0: two * (np.arange(2) != at)[:, None] + t * np.array([[1.0, 0], [0, 0]])  # noqa: E731
    lines = {
        "circle_loss": lambda t: circle_loss([[-0.25 + t, 0.5]], [[0, 1]], gamma=4.0),
        "contrastive_loss": lambda t: contrastive_loss(t * e, zero, [1]),
        "cosine_embedding_loss": lambda t: cosine_embedding_loss([[t, 1.0]], e, [-1]),
        "hinge_embedding_loss": lambda t: hinge_embedding_loss([1 + t], [-1]),
        "info_nce_loss": lambda t: info_nce_loss(moved(t), two, 1.0),
        "margin_ranking_loss": lambda t: margin_ranking_loss([t], [0.0], [1]),
        "nt_xent_loss": lambda t: nt_xent_loss(moved(t), two),
        "triplet_margin_loss": lambda t: triplet_margin_loss([[t, 0.0]], zero, zero + 9, 20.0, eps=0.0),
        "triplet_margin_with_distance_loss": lambda t: triplet_margin_with_distance_loss(
            [[t - 1e-6, -1e-6]], zero, zero + 9, margin=20.0
        ),
    }
    assert set(lines) == set(LOSSES)
    for name, line in lines.items():
        right, left = (line(h) - line(0.0)) / h, (line(0.0) - line(-h)) / h
        # The direction of a vector jumps at 0, and so does the value.
        assert abs(right - left) > 0.01, name
        assert not function(name).facts.smooth


def test_lipschitz():
    """The steepest slope found is the constant; one without a bound grows with a shorter or longer vector."""
    steepest = {name: function(name).facts.lipschitz for name in LOSSES}
    wide = rng.normal(size=(3, 400, 2))
    length = lambda g: np.max(np.linalg.norm(g, axis=-1))  # noqa: E731
    options = {"reduction": "sum", "margin": 1e3}
    for f in (triplet_margin_loss, triplet_margin_with_distance_loss):
        slopes = f.grad(*wide, **options)
        assert 1.999 < length(slopes) <= 2.0000001 == pytest.approx(steepest[f.__name__])
    tiny = rng.normal(size=(400, 2)) * 1e-9
    slopes = cosine_embedding_loss.grad(tiny, wide[0], np.ones(400), reduction="sum")
    assert 0.999e6 < length(slopes) <= 1e6 * (1 + 1e-12)
    assert steepest["cosine_embedding_loss"] == 1e6
    for name in ("hinge_embedding_loss", "margin_ranking_loss"):
        positional, options = of(name, (50, 3))
        assert (
            np.max(np.abs(function(name).grad(*positional, reduction="sum", **options)))
            == 1
            == steepest[name]
        )
    assert length(contrastive_loss.grad(1e9 * wide[0], wide[1], np.zeros(400), reduction="sum")) > 1e8
    assert np.abs(circle_loss.grad([[1e5, 0.0]], [[0, 1]])).max() > 1e6
    for f in (info_nce_loss, nt_xent_loss):
        assert length(f.grad(1e-9 * wide[0][:4], wide[1][:4])) > 1e6
    assert all(steepest[name] == INF for name in ("contrastive_loss", "circle_loss", *COUPLED))


def test_domain():
    assert hinge_embedding_loss.facts.domain == (0, INF)
    assert hinge_embedding_loss([0.0], [1]) == 0 > hinge_embedding_loss([-1e-9], [1])
    for name in LOSSES:
        if name != "hinge_embedding_loss":
            assert function(name).facts.domain == (-INF, INF)
        for seed in range(5):
            positional, options = of(name, seed=seed)
            assert np.all(function(name)(*positional, **{**options, "reduction": "none"}) >= 0)


ordinary = st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-3)
vectors = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=ordinary)


@given(vectors, st.data())
@settings(max_examples=50, deadline=None)
def test_cosines_do_not_see_lengths_and_are_symmetric(x, data):
    y = data.draw(arrays(np.float64, x.shape, elements=ordinary))
    one = cosine_similarity(x, y)
    assert np.all(np.abs(one) <= 1 + 1e-15)
    np.testing.assert_array_equal(one, cosine_similarity(y, x))
    np.testing.assert_array_equal(one, cosine_similarity(8 * x, y / 4))
    # Moving along itself changes no direction.
    slope = cosine_similarity.vjp(x, y, np.ones(len(x)))
    np.testing.assert_allclose(np.sum(slope * x, axis=1), 0, atol=1e-12)


@given(vectors, st.data(), st.sampled_from([1.0, 1.5, 2.0, 3.0, INF]))
@settings(max_examples=50, deadline=None)
def test_distances_are_a_metric(x, data, p):
    y, z = (data.draw(arrays(np.float64, x.shape, elements=ordinary)) for _ in range(2))
    d = lambda a, b: pairwise_distance(a, b, p, eps=0.0)  # noqa: E731
    np.testing.assert_array_equal(d(x, y), d(y, x))
    np.testing.assert_array_equal(d(x, x), 0)
    np.testing.assert_array_equal(d(x * 2.0**40, y * 2.0**40), d(x, y) * 2.0**40)
    assert np.all(d(x, z) <= (d(x, y) + d(y, z)) * (1 + 1e-14))


@pytest.mark.parametrize("name", [name for name in LOSSES if name not in COUPLED])
def test_a_batch_twice_has_the_same_mean(name):
    positional, options = of(name)
    twice = [np.concatenate([x, x]) for x in positional]
    f = function(name)
    assert f(*twice, **options) == pytest.approx(f(*positional, **options), rel=1e-14)
    np.testing.assert_allclose(f.grad(*twice, **options)[:4] * 2, f.grad(*positional, **options), rtol=1e-13)


def test_the_order_of_a_batch_does_not_matter_to_its_contrast():
    x, y = rng.normal(size=(2, 6, 3))
    order = rng.permutation(6)
    for f in (nt_xent_loss, info_nce_loss):
        assert f(x, y) == pytest.approx(f(x[order], y[order]), rel=1e-13)
        np.testing.assert_allclose(f.grad(x, y)[order], f.grad(x[order], y[order]), rtol=1e-10, atol=1e-14)
    assert nt_xent_loss(x, y) == pytest.approx(nt_xent_loss(y, x), rel=1e-14)
    assert info_nce_loss(x, y, symmetric=True) == pytest.approx(
        info_nce_loss(y, x, symmetric=True), rel=1e-14
    )
    assert info_nce_loss(x, x[::-1], 1e9) == pytest.approx(np.log(6), rel=1e-8)


# The objects


@pytest.mark.parametrize("name", NAMES)
def test_a_function_is_pickled_by_its_name_and_documented(name):
    f = function(name)
    assert pickle.loads(pickle.dumps(f)) is f
    assert copy.deepcopy(f) is f
    assert repr(f).startswith(f"<{'similarity' if name in SIMILARITIES else 'loss'} {name}(")
    text = inspect.getdoc(f)
    for section in ("Parameters", "Returns", "Raises", "References", "Examples", ".. math::"):
        assert section in text
    for argument in inspect.signature(f).parameters:
        assert f"\n{argument} : " in text


def test_memory_stays_small():
    """Beyond the results: a block, and not an array."""
    import tracemalloc

    x = np.ones((100_000, 20), np.float32)
    x[:, 0] = np.arange(len(x))
    y, n = x[::-1].copy(), np.ones(len(x), np.float32)
    for call in (
        lambda: cosine_embedding_loss.grad(x, y, n),
        lambda: triplet_margin_loss.grad(x, y, x),
        lambda: contrastive_loss.grad(x, y, n),
        lambda: pairwise_distance.vjp(x, y, n),
        lambda: cosine_similarity.vjp(x, y, n),
    ):
        tracemalloc.start()
        call()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < x.nbytes + 2**21


def test_the_exponent_of_nan_may_be_anything(monkeypatch):
    """C leaves it open what frexp says of nan and infinity; in WebAssembly it is what the memory held."""
    frexp = np.frexp

    def open_frexp(x):
        mantissa, exponent = frexp(x)
        return mantissa, np.where(np.isfinite(x), exponent, 2139095040).astype(np.intc)

    x, y = [[np.nan, 0.25, -1.0], [INF, 1.0, 2.0], [1e200, 1e300, 0.0]], np.zeros((3, 3))
    calls = [("contrastive_loss", [x, y, [1, 0, 0]], {"reduction": "none"})]
    calls += [("pairwise_distance", [x, y], {"p": p}) for p in (2.0, 3.0, -1.0, INF)]
    calls += [("cosine_similarity", [x, y], {})]
    calls += [("triplet_margin_loss", [x, y, y], {"margin": m, "reduction": "none"}) for m in (1.0, 1e300)]
    for name, positional, options in calls:
        wanted = results(name, positional, options)
        with monkeypatch.context() as patch:
            patch.setattr(np, "frexp", open_frexp)
            for ours, theirs in zip(results(name, positional, options), wanted, strict=True):
                np.testing.assert_array_equal(ours, theirs)
