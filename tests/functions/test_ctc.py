"""ctc_loss and ctc_loss_with_logits against a list of all alignments, each of them, with 60 digits."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import lossact.losses.sequence as sequence
from lossact import ctc_loss, ctc_loss_with_logits, log_softmax
from lossact._declare import Loss
from lossact.gradcheck import numerical_gradient
from tests.functions.test_against_truth import LIMIT, worst
from tests.functions.truth import Truth, mp, number

DTYPES = (np.float32, np.float64)
LOSSES = (ctc_loss, ctc_loss_with_logits)
by_name = pytest.mark.parametrize("function", LOSSES, ids=lambda function: function.__name__)


def collapsed(alignment, blank):
    """What an alignment says: repeated classes merged, then blanks dropped."""
    return [label for label, _ in itertools.groupby(alignment) if label != blank]


def enumerated(scores, labels, blank, are_logits):
    """The loss of one sample and its slopes, from every sequence of classes there is."""
    frames, classes = scores.shape
    exact = [[number(score) for score in row] for row in scores]
    p = [[mp.exp(score) for score in row] for row in exact]
    totals = [mp.fsum(row) if are_logits else mp.mpf(1) for row in p]
    p = [[part / total for part in row] for row, total in zip(p, totals, strict=True)]
    meant, shares = mp.mpf(0), [[mp.mpf(0)] * classes for _ in range(frames)]
    for alignment in itertools.product(range(classes), repeat=frames):
        if collapsed(alignment, blank) == list(labels):
            probability = mp.fprod(p[t][k] for t, k in enumerate(alignment))
            meant += probability
            for t, k in enumerate(alignment):
                shares[t][k] += probability
    value = -mp.log(meant)
    posterior = [[share / meant for share in row] for row in shares]
    # The logarithms of an alignment's probability are sums of T numbers of this size, each of which rounds.
    size = mp.fsum(max(abs(score) for score in row) for row in exact) + frames
    return value, posterior, p, size


def truths(scores, labels, blank, are_logits):
    value, posterior, p, size = enumerated(scores, labels, blank, are_logits)
    # The relative error of a probability is the absolute one of its logarithm; float32 is taken in float64.
    rounding = 4 * size * mp.mpf(2) ** -53
    slopes = []
    for q, r in itertools.chain.from_iterable(
        zip(*rows, strict=True) for rows in zip(posterior, p, strict=True)
    ):
        slack = rounding * q * (1 - q)
        if are_logits:
            scale = r * (1 - q) + q * (1 - r)
            slopes.append(Truth(r - q, scale=scale, slack=2 * slack + rounding * r * (1 - r)))
        else:
            slopes.append(Truth(-q, slack=slack))
    if are_logits:
        # Of a softmax only differences of logits count; that of the largest one and another rounds.
        gaps = [[number(max(row)) - number(score) for score in row] for row in scores]
        moved = [mp.fsum(q * gap for q, gap in zip(*rows, strict=True)) for rows in zip(p, gaps, strict=True)]
        return Truth(value, slack=mp.fsum(moved) * mp.mpf(2) ** -53), slopes
    return Truth(value, slack=rounding), slopes


# Frames, classes, labels and the blank.
CASES = [
    (1, 2, [1], 0),
    (3, 2, [], 0),
    (2, 3, [2, 1], 0),
    (3, 2, [1, 1], 0),
    (4, 3, [1, 2], 0),
    (4, 3, [0, 1], 2),
    (5, 3, [1, 1, 2], 0),
    (5, 3, [2, 0, 2], 1),
    (6, 3, [1, 2, 1], 0),
    (6, 2, [0], 1),
]


def score_tables(frames, classes, dtype):
    """Ordinary scores, nearly certain ones, scores far apart, and very small ones."""
    rng = np.random.default_rng([frames, classes])
    plain = rng.normal(size=(frames, classes))
    sure = np.where(rng.integers(0, classes, frames)[:, None] == np.arange(classes), 30.0, 0.0)
    for table in (plain, 5 * plain, sure + plain, 200 * plain, 1e-8 * plain, 2 * sure):
        yield table.astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=str)
@by_name
def test_against_every_alignment(function, case, dtype):
    frames, classes, labels, blank = case
    for scores in score_tables(frames, classes, dtype):
        are_logits = function is ctc_loss_with_logits
        if not are_logits:
            scores = log_softmax(scores, 1)
        value, slopes = truths(scores, labels, blank, are_logits)
        with np.errstate(all="raise"):
            found, gradient = function.value_and_grad(
                scores, np.array(labels, int), frames, len(labels), blank, reduction="sum"
            )
        assert value.error(found) <= LIMIT, (scores, found, float(value.value))
        error, sentence = worst(gradient.ravel(), slopes, [*np.ndindex(scores.shape)])
        assert error <= LIMIT, (sentence, scores)


@pytest.mark.parametrize("gap", [20.0, 38.0, 90.0, 700.0])
def test_a_certain_answer_keeps_its_small_loss_and_its_small_gradient(gap):
    """Where both probabilities round to 1, their difference is still there."""
    scores = np.array([[gap, 0.0, 0.0], [0.0, gap, 0.0], [0.0, 0.0, gap]])
    value, slopes = truths(scores, [1, 2], 0, True)
    found, gradient = ctc_loss_with_logits.value_and_grad(scores, [1, 2], 3, 2, reduction="sum")
    assert 0 < found < 1e-7
    assert value.error(found) <= LIMIT
    assert worst(gradient.ravel(), slopes, [*np.ndindex(scores.shape)])[0] <= LIMIT
    assert gradient[0, 2] > 0 > gradient[1, 1]


def test_no_path_is_lost_far_below_the_others():
    """All of the first frames speak for the blank, and only the last ones for what is right."""
    frames = 400
    scores = np.zeros((frames, 3))
    scores[:, 0] = 20
    labels = np.arange(frames // 2) % 2 + 1
    value = ctc_loss_with_logits(scores, labels, frames, len(labels), reduction="sum")
    assert value == pytest.approx(ctc_in_log_space(log_softmax(scores, 1), labels), rel=1e-13)
    assert value > 3000


def test_a_sample_of_few_labels_keeps_its_digits_beside_one_of_many():
    """States that it does not have would be reached in ever more ways, and leave its own without digits."""
    scores = np.zeros((60, 2, 3))
    scores[..., 0] = 30
    targets = np.zeros((2, 20), int)
    targets[1] = np.arange(20) % 2 + 1
    value = ctc_loss_with_logits(scores, targets, [60, 60], [0, 20], reduction="none")
    missing = 2 * np.exp(-30)
    assert value[0] == pytest.approx(60 * np.log1p(missing), rel=1e-14, abs=0)


def ctc_in_log_space(log_probs, labels, blank=0):
    """Graves' recursion with 60 digits, one state after the other."""
    states = [blank, *itertools.chain.from_iterable((label, blank) for label in map(int, labels))]
    with mp.workdps(60):
        alpha = [mp.mpf(0)] * len(states)
        for t, row in enumerate(log_probs):
            p = {label: mp.exp(mp.mpf(float(row[label]))) for label in set(states)}
            before, alpha = alpha, []
            for s, label in enumerate(states):
                reached = before[s] + (before[s - 1] if s else 0)
                if s > 1 and label not in (blank, states[s - 2]):
                    reached += before[s - 2]
                if t == 0:
                    reached = mp.mpf(s < 2)
                alpha.append(reached * p[label])
        return float(-mp.log(alpha[-1] + (alpha[-2] if len(states) > 1 else 0)))


def forward_backward(log_probs, labels, blank=0):
    """The posterior of each class in each frame, with 60 digits."""
    states = [blank, *itertools.chain.from_iterable((label, blank) for label in map(int, labels))]
    frames, count = len(log_probs), len(states)
    jump = [s > 1 and states[s] not in (blank, states[s - 2]) for s in range(count)]
    with mp.workdps(60):
        p = [[mp.exp(mp.mpf(float(row[label]))) for label in states] for row in log_probs]
        alpha, beta = ([[mp.mpf(0)] * (count + 2) for _ in range(frames)] for _ in range(2))
        for t, s in itertools.product(range(frames), range(count)):
            before = alpha[t - 1]
            reached = before[s] + before[s - 1] + before[s - 2] * jump[s] if t else mp.mpf(s < 2)
            alpha[t][s] = reached * p[t][s]
        for t, s in itertools.product(reversed(range(frames)), range(count)):
            if t == frames - 1:
                beta[t][s] = mp.mpf(s >= count - 2)
                continue
            after = [b * q for b, q in zip(beta[t + 1], [*p[t + 1], 0, 0], strict=True)]
            beta[t][s] = after[s] + after[s + 1] + after[s + 2] * [*jump, False, False][s + 2]
        meant = alpha[-1][count - 1] + alpha[-1][count - 2]
        posterior = np.zeros(log_probs.shape)
        for t, s in itertools.product(range(frames), range(count)):
            posterior[t, states[s]] += float(alpha[t][s] * beta[t][s] / meant)
    return float(-mp.log(meant)), posterior


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("spread", [1, 5])
def test_long_sequences(spread, dtype):
    """The loss to its last places; in float64 the gradient is off by a few units for each frame."""
    rng = np.random.default_rng(0)
    log_probs = log_softmax(spread * rng.normal(size=(120, 5)), 1).astype(dtype)
    labels = rng.integers(1, 5, 15)
    value, posterior = forward_backward(log_probs, labels)
    found, gradient = ctc_loss.value_and_grad(log_probs, labels, 120, 15, reduction="sum")
    unit = float(np.finfo(dtype).eps)
    assert found == pytest.approx(value, rel=4 * unit)
    frames = 8 * 120 if dtype == np.float64 else 1
    kept = posterior > 1e-30
    np.testing.assert_allclose(-gradient[kept], posterior[kept], rtol=frames * unit)


def batch(shape=(12, 5, 6), seed=0, dtype=np.float64):
    """Scores and labels of samples with unequal numbers of frames and labels."""
    frames, samples, classes = shape
    rng = np.random.default_rng([seed, *shape])
    scores = (2 * rng.normal(size=shape)).astype(dtype)
    targets = rng.integers(1, classes, (samples, 4))
    if samples:
        targets[0, 1] = targets[0, 0]
    input_lengths = rng.integers(max(frames - 4, 0), frames + 1, samples)
    target_lengths = np.array([4, 2, 0, 3, 1, 2, 1])[:samples]
    return scores, targets, input_lengths, target_lengths


def prepared(function, scores):
    return scores if function is ctc_loss_with_logits else log_softmax(scores, -1)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@by_name
def test_values_and_gradients_are_those_of_torch(function, reduction, dtype):
    """But for what torch adds to the gradient by log-probabilities: exp(log_probs)."""
    scores, *rest = batch(dtype=dtype)
    scores = prepared(function, scores)
    x = torch.tensor(scores, requires_grad=True)
    log_probs = x.log_softmax(2) if function is ctc_loss_with_logits else x
    wanted = F.ctc_loss(log_probs, *map(torch.tensor, rest), reduction=reduction)
    upstream = np.random.default_rng(1).normal(size=wanted.shape).astype(dtype)
    wanted.backward(torch.tensor(upstream))
    value, gradient = function.value_and_grad(scores, *rest, reduction=reduction)
    gradient = gradient * (upstream if not upstream.ndim else upstream[:, None])
    theirs = x.grad.numpy()
    if function is ctc_loss:
        shares = upstream / (np.maximum(rest[2], 1) * 5 if reduction == "mean" else 1)
        counts = np.arange(len(scores))[:, None] < rest[1]
        theirs = theirs - np.exp(scores) * (counts * shares)[..., None]
    tolerance = {"rtol": 1e-4, "atol": 1e-5} if dtype == np.float32 else {"rtol": 1e-10, "atol": 1e-13}
    assert value.dtype == gradient.dtype == dtype
    np.testing.assert_allclose(value, wanted.detach().numpy(), **tolerance)
    np.testing.assert_allclose(gradient, theirs, **tolerance)


@by_name
def test_all_forms_of_the_arguments_mean_the_same(function):
    scores, targets, input_lengths, target_lengths = batch()
    scores = prepared(function, scores)
    value, gradient = function.value_and_grad(
        scores, targets, input_lengths, target_lengths, reduction="none"
    )
    together = np.concatenate([row[:length] for row, length in zip(targets, target_lengths, strict=True)])
    padded = targets.copy()
    padded[np.arange(4) >= target_lengths[:, None]] = -99
    for form in (
        together,
        padded,
        targets.tolist(),
        targets.astype(np.int16),
        np.pad(targets, ((0, 0), (0, 3))),
    ):
        found = function.value_and_grad(
            scores, form, input_lengths.tolist(), tuple(target_lengths), reduction="none"
        )
        for one, other in zip(found, (value, gradient), strict=True):
            np.testing.assert_array_equal(one, other)
    for n, (length, count) in enumerate(zip(input_lengths, target_lengths, strict=True)):
        labels = targets[n, :count]
        for form in (labels, labels[None], targets[n : n + 1]):
            for lengths in ((length, count), ([length], [count])):
                one, slope = function.value_and_grad(scores[:, n], form, *lengths, reduction="none")
                assert np.shape(one) == ()
                np.testing.assert_allclose(one, value[n], rtol=1e-13)
                np.testing.assert_allclose(slope, gradient[:, n], rtol=1e-11, atol=1e-300)
        # What follows the last frame that counts is not looked at.
        short = function.value_and_grad(scores[:length, n], labels, length, count, reduction="none")
        np.testing.assert_allclose(short[0], value[n], rtol=1e-13)
        np.testing.assert_allclose(short[1], gradient[:length, n], rtol=1e-11, atol=1e-300)


@by_name
def test_frames_that_do_not_count_may_hold_anything(function):
    scores, targets, input_lengths, target_lengths = batch()
    scores = prepared(function, scores)
    wanted = function.value_and_grad(scores, targets, input_lengths, target_lengths)
    for n, length in enumerate(input_lengths):
        scores[length:, n] = [np.nan, np.inf, -np.inf, 1e308, 0, np.nan]
    with np.errstate(all="raise"):
        found = function.value_and_grad(scores, targets, input_lengths, target_lengths)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("blank", [0, 2, 5])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@by_name
def test_central_differences(function, reduction, blank):
    """The inputs of ctc_loss move as independent numbers, no longer normalised."""
    scores, targets, input_lengths, target_lengths = batch((7, 4, 6), seed=3)
    targets = np.where(targets == blank, 0 if blank else 1, targets)
    scores = prepared(function, scores)
    rest = (targets, input_lengths, target_lengths, blank, reduction)
    upstream = np.random.default_rng(2).uniform(0.5, 2, np.shape(function(scores, *rest)))
    spread = upstream[:, None] if upstream.ndim else upstream
    lost = np.isinf(function(scores, targets, input_lengths, target_lengths, blank, "none"))
    assert not lost.any()
    numerical = numerical_gradient(lambda x: np.sum(upstream * function(x, *rest)), scores)
    np.testing.assert_allclose(spread * function.grad(scores, *rest), numerical, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@by_name
def test_a_sample_without_an_alignment(function, reduction):
    """Three labels do not fit into two frames, nor do two equal ones."""
    scores = prepared(function, np.random.default_rng(0).normal(size=(3, 3, 4)))
    rest = ([[1, 2, 3], [1, 1, 0], [2, 3, 0]], [2, 2, 3], [3, 2, 2])
    value, gradient = function.value_and_grad(scores, *rest, reduction=reduction)
    assert np.isinf(value).any()
    assert np.isnan(gradient[:2, :2]).all()
    assert np.isfinite(gradient[:, 2]).all()
    assert not gradient[2, :2].any()
    value, gradient = function.value_and_grad(scores, *rest, reduction=reduction, zero_infinity=True)
    tensors = [torch.tensor(scores, requires_grad=True), *map(torch.tensor, rest)]
    log_probs = tensors[0].log_softmax(2) if function is ctc_loss_with_logits else tensors[0]
    wanted = F.ctc_loss(log_probs, *tensors[1:], reduction=reduction, zero_infinity=True)
    np.testing.assert_allclose(value, wanted.detach().numpy(), rtol=1e-12)
    assert not gradient[:, :2].any()
    assert gradient[:, 2].any()


@by_name
def test_no_frames_and_no_labels(function):
    """Nothing says nothing, with certainty; and nothing cannot say something."""
    scores = np.zeros((2, 2, 3))
    value, gradient = function.value_and_grad(scores, [[1], [1]], [0, 0], [0, 1], reduction="none")
    assert value.tolist() == [0, np.inf]
    assert not gradient.any()
    assert function(np.zeros((0, 1, 3)), np.zeros((1, 0), int), [0], [0]) == 0
    assert function.grad(np.zeros((0, 3)), [], 0, 0).shape == (0, 3)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@by_name
def test_an_empty_batch(function, reduction):
    scores = np.zeros((4, 0, 3), np.float32)
    value, gradient = function.value_and_grad(scores, np.zeros((0, 2), int), [], [], reduction=reduction)
    wanted = {"mean": np.nan, "sum": 0, "none": []}[reduction]
    np.testing.assert_array_equal(value, np.array(wanted, np.float32))
    assert (gradient.shape, gradient.dtype, value.dtype) == ((4, 0, 3), np.float32, np.float32)


@by_name
def test_nan_stays_nan_in_its_sample(function):
    scores, *rest = batch()
    scores = prepared(function, scores)
    scores[3, 1, 4] = np.nan
    with np.errstate(all="raise"):
        value, gradient = function.value_and_grad(scores, *rest, reduction="none")
        assert np.isnan(function(scores, *rest))
        assert np.isnan(function(scores, *rest, zero_infinity=True))
    assert np.isnan(value).tolist() == [False, True, False, False, False]
    assert np.isnan(gradient[: rest[1][1], 1]).all()
    assert np.isfinite(np.delete(gradient, 1, axis=1)).all()


def test_infinite_scores():
    """-inf is an impossible class, and one logit of inf a certain one."""
    log_probs = np.log([[0.5, 0.5, 1e-300], [0.25, 0.75, 1e-300]])
    log_probs[:, 2] = -np.inf
    value, gradient = ctc_loss.value_and_grad(log_probs, [1], 2, 1, reduction="sum")
    assert value == pytest.approx(-np.log(0.875))
    np.testing.assert_allclose(gradient.sum(axis=1), -1)
    assert not gradient[:, 2].any()
    assert ctc_loss(log_probs, [2], 2, 1) == np.inf
    logits = np.array([[0.0, np.inf, 3.0], [0.0, 1.0, 2.0]])
    value, gradient = ctc_loss_with_logits.value_and_grad(logits, [1], 2, 1, reduction="sum")
    p = np.exp(log_softmax(logits[1], 0))
    assert value == pytest.approx(-np.log(p[0] + p[1]))
    np.testing.assert_allclose(gradient[0], 0, atol=1e-300)
    np.testing.assert_allclose(gradient[1], p - np.array([p[0], p[1], 0]) / (p[0] + p[1]))
    assert np.isnan(ctc_loss_with_logits(np.full((2, 3), np.inf), [1], 2, 1))


def test_the_mean_divides_by_the_number_of_labels_and_then_by_the_batch():
    scores, *rest = batch()
    log_probs = log_softmax(scores, 2)
    each = ctc_loss(log_probs, *rest, reduction="none")
    assert ctc_loss(log_probs, *rest) == pytest.approx(np.mean(each / [4, 2, 1, 3, 1]))


@by_name
def test_blocks_of_samples_are_as_good_as_all_at_once(function, monkeypatch):
    scores, *rest = batch((12, 7, 6), seed=5)
    scores = prepared(function, scores)
    for reduction in ("mean", "none"):
        wanted = function.value_and_grad(scores, *rest, reduction=reduction)
        for size in (1, 12 * 11 * 3):
            monkeypatch.setattr(sequence, "LATTICE", size)
            found = function.value_and_grad(scores, *rest, reduction=reduction)
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-300)


@pytest.mark.parametrize(
    "layout",
    [
        np.copy,
        np.asfortranarray,
        lambda x: np.repeat(x, 2, axis=0)[::2],
        lambda x: x[::-1].copy()[::-1],
        lambda x: x.tolist(),
    ],
)
@by_name
def test_the_layout_of_an_array_does_not_matter_and_it_is_never_changed(function, layout):
    scores, *rest = batch()
    arguments = [prepared(function, scores), *rest]
    wanted = function.value_and_grad(*arguments)
    given = [layout(each) for each in arguments]
    before = [np.array(each) for each in given]
    for each in given:
        if isinstance(each, np.ndarray):
            each.flags.writeable = False
    for one, other in zip(function.value_and_grad(*given), wanted, strict=True):
        np.testing.assert_array_equal(one, other)
    for each, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(each, copy)


X = np.zeros((4, 2, 3))
LABELS, FRAMES, COUNTS = [[1, 2], [2, 2]], [4, 4], [2, 1]
REFUSED = [
    ((np.zeros(3), LABELS, FRAMES, COUNTS), {}, ValueError, "(3,); (T, N, K); (T, K)"),
    ((X[None], LABELS, FRAMES, COUNTS), {}, ValueError, "(1, 4, 2, 3); (T, N, K)"),
    ((X, [[1, 3], [2, 2]], FRAMES, COUNTS), {}, ValueError, "label 3; 3 classes; 0 to 2"),
    ((X, [[1, -1], [2, 2]], FRAMES, COUNTS), {}, ValueError, "label -1; 0 to 2"),
    ((X, [[1, 0], [2, 2]], FRAMES, COUNTS), {}, ValueError, "label 0; blank 0; other than the blank"),
    ((X, LABELS, FRAMES, COUNTS), {"blank": 2}, ValueError, "label 2; blank 2"),
    ((X, LABELS, FRAMES, COUNTS), {"blank": 3}, ValueError, "blank is 3; 3 classes; 0 to 2"),
    ((X, LABELS, FRAMES, COUNTS), {"blank": -1}, ValueError, "blank is -1"),
    ((X, LABELS, FRAMES, COUNTS), {"blank": 0.5}, TypeError, "blank is 0.5; integer"),
    ((X, [[1.0, 2.0], [2.0, 2.0]], FRAMES, COUNTS), {}, TypeError, "targets; float64; integer"),
    ((X, LABELS[:1], FRAMES, COUNTS), {}, ValueError, "targets; (1, 2); (2, S)"),
    ((X, [1, 2, 2, 2], FRAMES, COUNTS), {}, ValueError, "4 labels; add up to 3"),
    ((X, LABELS, [4, 5], COUNTS), {}, ValueError, "input_lengths holds 5; 0 to 4"),
    ((X, LABELS, [4, -1], COUNTS), {}, ValueError, "input_lengths holds -1; 0 to 4"),
    ((X, LABELS, [4, 4, 4], COUNTS), {}, ValueError, "input_lengths; (3,); (2,)"),
    ((X, LABELS, 4, COUNTS), {}, ValueError, "input_lengths; (); (2,)"),
    ((X, LABELS, [4.0, 4.0], COUNTS), {}, TypeError, "input_lengths; float64; integers"),
    ((X, LABELS, FRAMES, [2, 3]), {}, ValueError, "target_lengths holds 3; 0 to 2"),
    ((X, LABELS, FRAMES, [2, -1]), {}, ValueError, "target_lengths holds -1"),
    ((X, LABELS, FRAMES, COUNTS), {"reduction": "avg"}, ValueError, "reduction is 'avg'"),
    ((X, LABELS, FRAMES, COUNTS), {"zero_infinity": 1}, TypeError, "zero_infinity is 1; True or False"),
    ((X.astype(complex), LABELS, FRAMES, COUNTS), {}, TypeError, "complex128"),
    ((torch.zeros(4, 2, 3), LABELS, FRAMES, COUNTS), {}, TypeError, "torch.Tensor"),
    ((X, torch.tensor(LABELS), FRAMES, COUNTS), {}, TypeError, "targets; torch.Tensor"),
    ((X, [[1], [2, 2]], FRAMES, COUNTS), {}, ValueError, "targets; different lengths"),
    ((X[:, 0], [1, 2], [4, 4], 2), {}, ValueError, "input_lengths; (2,); one length"),
]


@pytest.mark.parametrize(("positional", "options", "error", "words"), REFUSED)
@by_name
def test_what_is_refused(function, positional, options, error, words):
    for call in (function, function.grad):
        with pytest.raises(error) as caught:
            call(*positional, **options)
        missing = [word for word in words.split("; ") if word not in str(caught.value)]
        assert not missing, caught.value


def test_what_they_are():
    for function in LOSSES:
        assert isinstance(function, Loss)
        assert function.differentiable == (("log_probs",) if function is ctc_loss else ("logits",))
        assert (function.facts.convex, function.facts.smooth) == (False, True)
        assert function.facts.lipschitz == np.inf
    # A chord below the curve, and a gradient that grows with the number of frames.
    a, b = np.log([[0.9, 0.1], [0.5, 0.5]]), np.log([[0.1, 0.9], [0.5, 0.5]])
    chord = (ctc_loss(a, [1], 2, 1) + ctc_loss(b, [1], 2, 1)) / 2
    assert ctc_loss((a + b) / 2, [1], 2, 1) > chord
    long = ctc_loss.grad(np.log(np.full((400, 2), 0.5)), [1], 400, 1)
    assert np.linalg.norm(long) > 10


always = settings(derandomize=True, deadline=None, max_examples=40)


@given(st.integers(1, 6), st.integers(2, 4), st.integers(0, 3), st.integers(0, 10_000))
@always
def test_laws(frames, classes, count, seed):
    """Posteriors add up to 1 in each frame, logits may be shifted, and a batch is its samples."""
    rng = np.random.default_rng(seed)
    logits = 3 * rng.normal(size=(frames, 2, classes))
    labels = rng.integers(1, classes, (2, count))
    rest = (labels, [frames, frames], [count, count])
    losses = ctc_loss_with_logits(logits, *rest, reduction="none")
    np.testing.assert_allclose(losses, ctc_loss(log_softmax(logits, 2), *rest, reduction="none"), rtol=1e-12)
    shifted = logits + rng.normal(size=(frames, 2, 1))
    np.testing.assert_allclose(ctc_loss_with_logits(shifted, *rest, reduction="none"), losses, rtol=1e-10)
    finite = np.isfinite(losses)
    slopes = ctc_loss.grad(log_softmax(logits, 2), *rest, reduction="none")[:, finite]
    np.testing.assert_allclose(slopes.sum(axis=2), -1, rtol=1e-12)
    slopes = ctc_loss_with_logits.grad(logits, *rest, reduction="none")[:, finite]
    np.testing.assert_allclose(slopes.sum(axis=2), 0, atol=1e-12)
    assert np.all(losses >= -1e-12)
