"""Divergences, entropies and overlaps are within 4 units in the last place of the truth, in value and slopes.

The truth is the definition with 400 digits. A sum of terms of both signs is measured against their size. For
logits, what one unit in the last place of each of them does to the result is forgiven: their softmax
needs them divided by the temperature, which rounds.
"""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import lossact
from tests.functions.cases import DTYPES
from tests.functions.test_against_truth import numbers
from tests.functions.truth import FAR, Truth, mp, number

LIMIT = 4
log, exp = mp.log, mp.exp
ZERO = mp.mpf(0)


def check_parts(name, given, options, truths, limit=LIMIT):
    """The value of one sample and all its slopes; each truth is a number, or a tuple for `Truth`."""
    loss = getattr(lossact, name)
    with np.errstate(all="raise"):
        value, slopes = loss.value_and_grad(*given, reduction="sum", wrt=loss.differentiable, **options)
    answers = {"value": [value], **dict(zip(loss.differentiable, slopes, strict=True))}
    for part, found in answers.items():
        assert np.asarray(found).dtype == given[0].dtype
        wanted = truths[part] if part != "value" else [truths[part]]
        for answer, true in zip(np.ravel(found), wanted, strict=True):
            true = true if isinstance(true, tuple) else (true,)
            error = Truth(*true).error(answer)
            assert error <= limit, f"{part}: {error:.3g} ULP: {answer!r}, truth {float(true[0])!r}, {given}"


def xlogy(x, y):
    return x * log(y) if x else ZERO


# --- probabilities

ROWS = [
    [0.5, 0.5],
    [1.0, 0.0],
    [0.0, 0.0, 1.0],
    [0.25, 0.25, 0.5],
    [0.7, 0.1, 0.2],
    [0.1, 0.7, 0.2],
    [1 - 1e-10, 1e-10],
    [0.3, 0.7 - 1e-30, 1e-30],
    [1e-300, 1.0],
    [1e-310, 1e-320, 1.0],
    [1e-40, 1e-44, 1.0],
    [0.9999999, 1e-7],
    [1.0],
    [0.36787944117144233, 0.36787944117144233, 0.26424111765711533],
    [0.05] * 20,
]


def distributions(dtype):
    rng = np.random.default_rng(0)
    found = [np.array(row, dtype) for row in ROWS]
    found += [
        rng.dirichlet(np.full(size, share)).astype(dtype) for size in (2, 5, 40) for share in (0.1, 1, 30)
    ]
    return [np.minimum(row, 1) for row in found]


def distribution_pairs(dtype):
    """Unlike ones, alike ones, and ones that are nearly alike."""
    rows = distributions(dtype)
    found = [(q, p) for q, p in itertools.product(rows, rows) if len(q) == len(p)]
    rng = np.random.default_rng(1)
    for p in rows:
        for size in (1e-12, 1e-7, 1e-3, 0.1, 0.6):
            q = np.clip(p * (1 + size * rng.normal(size=len(p)).astype(dtype)), 0, 1).astype(dtype)
            found.append((q, p))
        found.append((np.nextafter(p, dtype(0)), p))
    return found


def jensen_shannon(q, p):
    terms = [
        xlogy(a, 2 * a / (a + b) if a else 1) + xlogy(b, 2 * b / (a + b) if b else 1)
        for a, b in zip(q, p, strict=True)
    ]
    return mp.fsum(terms) / 2


def half_log_share(a, b):
    return ZERO if a == b else -FAR if a == 0 else log(2 * a / (a + b)) / 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_jensen_shannon_divergence(dtype):
    for q, p in distribution_pairs(dtype):
        a, b = [number(x) for x in q], [number(x) for x in p]
        truths = {
            "value": jensen_shannon(a, b),
            "input": [half_log_share(x, y) for x, y in zip(a, b, strict=True)],
            "target": [half_log_share(y, x) for x, y in zip(a, b, strict=True)],
        }
        check_parts("jensen_shannon_divergence", [q, p], {}, truths)


@pytest.mark.parametrize("dtype", DTYPES)
def test_entropy(dtype):
    for p in distributions(dtype):
        exact = [number(x) for x in p]
        slopes = [(-log(x) - 1, abs(log(x)) + 1) if x else FAR for x in exact]
        check_parts("entropy", [p], {}, {"value": -mp.fsum(xlogy(x, x) for x in exact), "input": slopes})


@pytest.mark.parametrize("dtype", DTYPES)
def test_distribution_cross_entropy(dtype):
    for q, p in distribution_pairs(dtype):
        pairs = [(number(x), number(y)) for x, y in zip(q, p, strict=True)]
        truths = {
            "value": -mp.fsum(xlogy(y, x) if x or not y else -FAR for x, y in pairs),
            "input": [-y / x if x else -FAR if y else ZERO for x, y in pairs],
            "target": [-log(x) if x else FAR for x, _ in pairs],
        }
        check_parts("distribution_cross_entropy", [q, p], {}, truths)


@pytest.mark.parametrize("dtype", DTYPES)
def test_kl_div(dtype):
    """Class by class; near a right answer the rounding of the logarithm counts against its size."""
    x = np.array([x for x in numbers(dtype) if x < 3 and np.isfinite(x)])
    for p in np.array([0, 1, 0.3, 1e-8, 1e-30, 1e-310, 0.9999999, 2.5], dtype):
        near = [np.log(p)] if p else []
        for each in np.append(x, near).astype(dtype):
            a, b = number(each), number(p)
            truths = {
                "value": (b * (log(b) - a), b * (abs(log(b)) + abs(a)), 0) if b else ZERO,
                "input": [-b],
                "target": [(log(b) - a + 1, abs(log(b)) + abs(a) + 1, 0) if b else None],
            }
            if not p:
                loss = lossact.kl_div
                assert loss(each, p) == 0 == loss.grad(each, p)
                assert loss.grad(each, p, wrt="target") == -np.inf
                continue
            check_parts("kl_div", [each, p], {}, truths)


@pytest.mark.parametrize("dtype", DTYPES)
def test_kl_div_of_logarithms(dtype):
    x = [x for x in numbers(dtype)[::3] if -np.inf < x <= 0]
    for t in [0, -0.3, -1, -20, -88.7, -100, -103.9, -140, -708, -745.2, -1e4, -np.inf, 2.5]:
        for each in x:
            a, b = number(each), number(dtype(t))
            truths = {
                "value": (exp(b) * (b - a), exp(b) * abs(b - a)),
                "input": [-exp(b)],
                "target": [(exp(b) * (b - a + 1), exp(b) * (abs(b - a) + 1))],
            }
            check_parts("kl_div", [each, dtype(t)], {"log_target": True}, truths)


# --- logits

LOGITS = [
    [0.0, 0.0],
    [20.0, 0.0],
    [0.0, 200.0],
    [1.0, -2.0, 0.0],
    [3.3],
    [0.1, 16.7, -3.3],
    [30.1, 0.3, -5.7, 12.9],
    [1e4, 0.3, 1e4],
    [104.3, 0.2, 0.7],
    [710.3, 0.1, 0.2],
    [1e-8, -1e-8, 1e-30],
]


def logit_pairs(dtype):
    rng = np.random.default_rng(0)
    rows = [np.array(row, dtype) for row in LOGITS] + list((3 * rng.normal(size=(5, 4))).astype(dtype))
    found = [(s, t) for s, t in itertools.product(rows, rows) if len(s) == len(t)]
    for t in rows:
        for size in (1e-12, 1e-5, 1e-2, 0.5):
            found.append((t + (size * rng.normal(size=len(t))).astype(dtype), t))
        found.append((t + dtype(5.0), t))
    return found


def distillation(s, t, T, dtype):
    unit = number(np.finfo(dtype).eps)
    # A probability below the smallest normal number has few digits, and a large factor brings them up.
    smallest = number(np.finfo(dtype).smallest_subnormal)
    p, q = ([exp(x / T) for x in row] for row in (t, s))
    p, q = ([x / mp.fsum(row) for x in row] for row in (p, q))
    ratios = [log(a / b) for a, b in zip(p, q, strict=True)]
    divergence = mp.fsum(a * r for a, r in zip(p, ratios, strict=True))
    by_input = [T * (b - a) for a, b in zip(p, q, strict=True)]
    by_target = [T * a * (r - divergence) for a, r in zip(p, ratios, strict=True)]
    moved = [abs(x) * unit / T for x in s], [abs(x) * unit / T for x in t]
    of_q, of_p = (
        [
            x * (m * (1 - x) + mp.fsum(y * n for y, n in zip(row, error, strict=True)) - x * m)
            for x, m in zip(row, error, strict=True)
        ]
        for row, error in ((q, moved[0]), (p, moved[1]))
    )
    value_slack = mp.fsum(
        abs(a) * abs(x) * unit + abs(b) * abs(y) * unit
        for a, b, x, y in zip(by_input, by_target, s, t, strict=True)
    )
    # Moving a logit moves its own log(p / q) by as much, and that of the others by its probability of it.
    common = mp.fsum(a * m for a, m in zip(p, moved[1], strict=True)) + mp.fsum(
        b * m for b, m in zip(q, moved[0], strict=True)
    )
    log_moved = [m + n + common for m, n in zip(*moved, strict=True)]
    by_target_truth = [
        (
            g,
            T * a * (abs(r) + divergence),
            T * (a * (lm + value_slack / T**2) + (pm + smallest) * abs(r - divergence)),
        )
        for g, a, r, lm, pm in zip(by_target, p, ratios, log_moved, of_p, strict=True)
    ]
    differences = [(x - y) / T for x, y in zip(s, t, strict=True)]
    changes = [max(abs(each - other) for other in differences) for each in differences]
    is_far = [abs(g) > T * min(a, b) / 2 for g, a, b in zip(by_input, p, q, strict=True)]
    return {
        "value": (T**2 * divergence, 0, value_slack + T**2 * smallest * mp.fsum(map(abs, ratios))),
        # How much more a logit has changed than the others: where that balances, q and p are alike.
        "input": [
            (g, T * min(b + a, a * apart), T * (qm + pm) if far else T * (a * lm + pm * abs(b - a) / a))
            for g, a, b, qm, pm, lm, apart, far in zip(
                by_input, p, q, of_q, of_p, log_moved, changes, is_far, strict=True
            )
        ],
        "target": by_target_truth,
    }


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("temperature", [1.0, 2.0, 3.0, 0.7])
def test_distillation_loss(temperature, dtype):
    T = number(dtype(temperature))
    for s, t in logit_pairs(dtype):
        truths = distillation([number(x) for x in s], [number(x) for x in t], T, dtype)
        check_parts("distillation_loss", [s, t], {"temperature": temperature}, truths)


# --- overlap


def tversky(x, y, alpha, beta, smooth):
    both = mp.fsum(a * b for a, b in zip(x, y, strict=True))
    apart = alpha * mp.fsum(a * (1 - b) for a, b in zip(x, y, strict=True))
    apart += beta * mp.fsum(b * (1 - a) for a, b in zip(x, y, strict=True))
    union = both + apart + smooth

    def slopes(x, y, alpha, beta):
        terms = [
            (alpha * (1 - b) * (both + smooth), b * (beta * (both + smooth) + apart))
            for _, b in zip(x, y, strict=True)
        ]
        return [((up - down) / union**2, (up + down) / union**2) for up, down in terms]

    return {
        "value": 1 - (both + smooth) / union,
        "input": slopes(x, y, alpha, beta),
        "target": slopes(y, x, beta, alpha),
    }


def masks(dtype):
    rng = np.random.default_rng(0)
    near = np.array([1, 0, 1 - 1e-7, 1e-7, 1e-30, 1e-310, 0.5, 1])
    found = [
        (near, np.round(near)),
        (near, near),
        (np.round(near), np.round(near)),
        (np.zeros(4), np.zeros(4)),
    ]
    found += [
        (np.zeros(4), np.ones(4)),
        (np.full(3, 1e-30), np.zeros(3)),
        (np.full(3, 1e-30), np.full(3, 1e-25)),
    ]
    for size in (1, 7, 100):
        x = rng.uniform(size=size)
        found += [(x, rng.integers(0, 2, size)), (x, rng.uniform(size=size)), (x**9, x > 0.5)]
    return [(np.array(x, dtype), np.array(y, dtype)) for x, y in found]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("smooth", [1e-5, 1.0, 0.0])
@pytest.mark.parametrize(("alpha", "beta"), [(None, None), (0.5, 0.5), (0.3, 0.7), (1.0, 1.0), (0.0, 2.0)])
def test_overlap(alpha, beta, smooth, dtype):
    for x, y in masks(dtype):
        if smooth == 0 and not (x.any() and y.any()):
            continue
        given = [number(a) for a in x], [number(b) for b in y]
        if alpha is None:
            half = number(0.5)
            truths = tversky(*given, half, half, half * number(smooth))
            check_parts("dice_loss", [x, y], {"smooth": smooth}, truths)
            dice = 1 - (2 * mp.fsum(a * b for a, b in zip(*given, strict=True)) + number(smooth)) / (
                mp.fsum(given[0]) + mp.fsum(given[1]) + number(smooth)
            )
            assert abs(dice - truths["value"]) < 1e-300
        else:
            truths = tversky(*given, number(alpha), number(beta), number(smooth))
            check_parts("tversky_loss", [x, y], {"alpha": alpha, "beta": beta, "smooth": smooth}, truths)


# --- limits and conventions

INF = np.inf
# Function, options, both arguments as one vector each, then the value and both slopes (None: not asked).
LIMITS = [
    ("kl_div", {}, [-INF], [0.0], 0, [0], [np.nan]),
    ("kl_div", {}, [INF], [0.0], 0, [0], [-INF]),
    ("kl_div", {}, [-INF], [0.5], INF, [-0.5], [INF]),
    ("kl_div", {}, [-2.0], [0.0], 0, [0], [-INF]),
    ("kl_div", {"log_target": True}, [-INF], [-INF], 0, [0], [0]),
    ("kl_div", {"log_target": True}, [-2.0], [-INF], 0, [0], [0]),
    ("kl_div", {"log_target": True}, [INF], [-INF], 0, [0], [0]),
    ("kl_div", {"log_target": True}, [-INF], [0.0], INF, [-1], [INF]),
    (
        "jensen_shannon_divergence",
        {},
        [1.0, 0.0],
        [0.0, 1.0],
        np.log(2),
        [np.log(2) / 2, -INF],
        [-INF, np.log(2) / 2],
    ),
    ("jensen_shannon_divergence", {}, [1.0, 0.0], [1.0, 0.0], 0, [0, 0], [0, 0]),
    ("entropy", {}, [1.0, 0.0], None, 0, [-1, INF], None),
    ("distribution_cross_entropy", {}, [1.0, 0.0], [0.5, 0.5], INF, [-0.5, -INF], [0, INF]),
    ("distribution_cross_entropy", {}, [1.0, 0.0], [1.0, 0.0], 0, [-1, 0], [0, INF]),
    # A class that the teacher, the student, or both exclude.
    ("distillation_loss", {}, [0.0, 0.0], [0.0, -INF], 4 * np.log(2), [-1, 1], [0, 0]),
    ("distillation_loss", {}, [0.0, -INF], [0.0, 0.0], INF, [1, -1], None),
    ("distillation_loss", {}, [0.0, -INF], [3.0, -INF], 0, [0, 0], [0, 0]),
    ("dice_loss", {"smooth": 1.0}, [0.0, 0.0], [0.0, 0.0], 0, [1, 1], [1, 1]),
    ("dice_loss", {"smooth": 0.0}, [0.0, 0.0], [0.0, 0.0], np.nan, None, None),
    ("dice_loss", {"smooth": 0.0}, [1.0, 0.0], [0.0, 1.0], 1, [0, -1], [-1, 0]),
    ("tversky_loss", {"alpha": 0.0}, [1.0, 1.0], [1.0, 0.0], 0, None, None),
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "options", "x", "y", "value", "by_input", "by_target"), LIMITS)
def test_limits_and_conventions(name, options, x, y, value, by_input, by_target, dtype):
    loss = getattr(lossact, name)
    given = [np.array(part, dtype) for part in (x, y) if part is not None]
    tolerance = {"rtol": 4 * np.finfo(dtype).eps, "atol": 0}
    with np.errstate(all="raise"):
        found, slopes = loss.value_and_grad(*given, reduction="sum", wrt=loss.differentiable, **options)
    np.testing.assert_allclose(found, value, **tolerance)
    for slope, wanted in zip(slopes, (by_input, by_target), strict=False):
        if wanted is not None:
            np.testing.assert_allclose(slope, wanted, **tolerance)


def test_torch_loses_a_class_of_probability_0():
    """In the value if the prediction excludes it, and in the slope by the target always."""
    x, p = torch.tensor([-INF, -1.0]), torch.tensor([0.0, 0.0], requires_grad=True)
    value = F.kl_div(x, p, reduction="none")
    (slope,) = torch.autograd.grad(value.sum(), p)
    assert torch.isnan(value).tolist() == [True, False]
    assert torch.isnan(slope).all()


def test_equal_distributions_are_not_apart_and_the_order_does_not_matter():
    rng = np.random.default_rng(0)
    q, p = rng.dirichlet(np.ones(7), (2, 50))
    loss = lossact.jensen_shannon_divergence
    assert not loss(p, p, reduction="none").any()
    assert not loss.grad(p, p).any()
    assert loss(q, p) == loss(p, q)
    np.testing.assert_array_equal(loss.grad(q, p), loss.grad(p, q, wrt="target"))
    assert np.all(loss(q, p, reduction="none") <= np.log(2))


def test_divergences_from_cross_entropies():
    rng = np.random.default_rng(0)
    q, p = rng.dirichlet(np.ones(7), (2, 50))
    cross, entropy = lossact.distribution_cross_entropy, lossact.entropy
    np.testing.assert_allclose(cross(p, p), entropy(p), rtol=1e-14)
    kl = lossact.kl_div(np.log(q), p, reduction="batchmean")
    np.testing.assert_allclose(cross(q, p) - entropy(p), kl, rtol=1e-12)
    middle = entropy((q + p) / 2) - (entropy(q) + entropy(p)) / 2
    np.testing.assert_allclose(lossact.jensen_shannon_divergence(q, p), middle, rtol=1e-12)
    np.testing.assert_allclose(entropy(np.full((2, 8), 0.125)), np.log(8), rtol=1e-15)


def test_distillation_forgets_a_common_shift_and_is_kl_div_at_temperature_1():
    s, t = np.random.default_rng(0).integers(-40, 40, (2, 9, 5)) / 8
    loss = lossact.distillation_loss
    np.testing.assert_allclose(loss(s + 3, t - 2), loss(s, t), rtol=1e-13)
    logs = [lossact.log_softmax(part, 1) for part in (s, t)]
    kl = lossact.kl_div(*logs, reduction="batchmean", log_target=True)
    np.testing.assert_allclose(loss(s, t, temperature=1.0), kl, rtol=1e-13)
    assert loss(t + 5, t) == 0
    # In the limit of a high temperature it is half the squared difference of centred logits, over K.
    centred = (s - s.mean(axis=1, keepdims=True)) - (t - t.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(
        loss(s, t, temperature=1e6), np.mean(np.sum(centred**2, axis=1)) / 10, rtol=1e-5
    )


def test_dice_is_tversky_with_equal_weights():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=(4, 3, 5)), rng.integers(0, 2, (4, 3, 5))
    dice = lossact.dice_loss.value_and_grad(x, y, smooth=0.5, wrt=("input", "target"))
    tversky = lossact.tversky_loss.value_and_grad(x, y, smooth=0.25, wrt=("input", "target"))
    np.testing.assert_array_equal(dice[0], tversky[0])
    np.testing.assert_array_equal(dice[1], tversky[1])
    jaccard = 1 - np.sum(x * y, axis=(1, 2)) / np.sum(x + y - x * y, axis=(1, 2))
    found = lossact.tversky_loss(x, y, alpha=1.0, beta=1.0, smooth=0.0, reduction="none")
    np.testing.assert_allclose(found, jaccard, rtol=1e-13)


@pytest.mark.parametrize("shape", [(6,), (3, 4), (3, 2, 4), (2, 3, 2, 4)])
def test_an_overlap_belongs_to_a_sample_with_all_its_axes(shape):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(size=shape), rng.integers(0, 2, shape)
    flat = (1, -1) if len(shape) == 1 else (shape[0], -1)
    for loss in (lossact.dice_loss, lossact.tversky_loss):
        each, slope = loss.value_and_grad(x, y, reduction="none")
        wanted, wanted_slope = loss.value_and_grad(x.reshape(flat), y.reshape(flat), reduction="none")
        assert np.shape(each) == shape[: len(shape) > 1]
        np.testing.assert_array_equal(np.ravel(each), wanted)
        np.testing.assert_array_equal(slope, wanted_slope.reshape(shape))
        np.testing.assert_allclose(loss(x, y), wanted.mean(), rtol=1e-15)
        np.testing.assert_allclose(loss.grad(x, y), wanted_slope.reshape(shape) / wanted.size, rtol=1e-15)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none", "batchmean"])
@pytest.mark.parametrize("shape", [(), (5,), (4, 3), (2, 3, 4)])
@pytest.mark.parametrize("log_target", [False, True])
@pytest.mark.filterwarnings("ignore:reduction")
def test_kl_div_is_the_one_of_torch(log_target, shape, reduction, dtype):
    rng = np.random.default_rng(0)
    x, y = -rng.uniform(0.1, 5, shape), rng.uniform(0.1, 1, shape)
    arrays = [np.asarray(part, dtype) for part in (x, np.log(y) if log_target else y)]
    parts = [torch.tensor(part, requires_grad=True) for part in arrays]
    value = F.kl_div(*parts, reduction=reduction, log_target=log_target)
    upstream = np.asarray(rng.normal(size=value.shape), dtype)
    theirs = torch.autograd.grad(value, parts, torch.from_numpy(upstream))
    options = {"reduction": reduction, "log_target": log_target}
    ours, slopes = lossact.kl_div.value_and_grad(*arrays, wrt=("input", "target"), **options)
    tolerance = {
        "rtol": 1e-5 if dtype == np.float32 else 1e-12,
        "atol": 1e-6 if dtype == np.float32 else 1e-13,
    }
    np.testing.assert_allclose(ours, value.detach().numpy(), **tolerance)
    for mine, other in zip(slopes, theirs, strict=True):
        np.testing.assert_allclose(mine * upstream, other.numpy(), **tolerance)
    empty = np.empty((0, 3), dtype)
    torch_empty = F.kl_div(*[torch.from_numpy(empty)] * 2, **options)
    np.testing.assert_array_equal(lossact.kl_div(empty, empty, **options), torch_empty.numpy())


@pytest.mark.parametrize("dtype", DTYPES)
def test_distillation_loss_is_what_torch_builds_of_its_parts(dtype):
    s, t = (2 * np.random.default_rng(0).normal(size=(2, 6, 5))).astype(dtype)
    student, teacher = (torch.tensor(part, requires_grad=True) for part in (s, t))
    T = 3.0
    logs = [F.log_softmax(part / T, dim=1) for part in (student, teacher)]
    value = T**2 * F.kl_div(*logs, reduction="batchmean", log_target=True)
    theirs = torch.autograd.grad(value, (student, teacher))
    ours, slopes = lossact.distillation_loss.value_and_grad(s, t, temperature=T, wrt=("input", "target"))
    tolerance = {"rtol": 1e-4, "atol": 1e-6} if dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-14}
    np.testing.assert_allclose(ours, value.detach().numpy(), **tolerance)
    for mine, other in zip(slopes, theirs, strict=True):
        np.testing.assert_allclose(mine, other.numpy(), **tolerance)
