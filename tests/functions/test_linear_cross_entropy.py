"""linear_cross_entropy is cross_entropy of a linear layer: its value, every gradient, in little memory."""

import inspect
import itertools
import tracemalloc

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

import lossact.losses.linear as linear
from lossact import cross_entropy, linear_cross_entropy, softmax
from lossact.gradcheck import numerical_gradient
from tests.functions.truth import mp, number

DTYPES = (np.float32, np.float64)
ALL = ("input", "linear_weight", "linear_bias")
# Samples (none for a single one), features, and the outputs of the layer.
SHAPES = [(None, 3, (4,)), (5, 3, (4,)), (6, 2, (3, 2)), (4, 3, (2, 3, 2)), (1, 1, (1,)), (7, 5, (1,))]


def generic(shape, dtype=np.float64, seed=0, soft=False):
    """An input, a matrix, a target and a bias."""
    samples, features, outputs = shape
    rng = np.random.default_rng([seed, features, *outputs])
    batch = () if samples is None else (samples,)
    x = rng.normal(size=(*batch, features)).astype(dtype)
    matrix, bias = rng.normal(size=(*outputs, features)).astype(dtype), rng.normal(size=outputs).astype(dtype)
    if soft:
        target = softmax(rng.normal(size=(*batch, *outputs)), len(batch)).astype(dtype)
    else:
        target = rng.integers(0, outputs[0], batch + outputs[1:])
    return x, matrix, target, bias


def variants(outputs, soft):
    weight = np.linspace(0.4, 2, outputs[0])
    options = [{}, {"label_smoothing": 0.2}, {"weight": weight}, {"weight": weight, "label_smoothing": 0.2}]
    if not soft:
        options += [{"ignore_index": 0}, {"ignore_index": 0, "weight": weight, "label_smoothing": 0.1}]
    return options


def test_arguments_are_those_of_torch():
    """Names, order, kinds and defaults; but for `options`, which would only say how large a block is."""
    wanted, found = (
        [(each.name, each.default, each.kind) for each in inspect.signature(function).parameters.values()]
        for function in (F.linear_cross_entropy, linear_cross_entropy)
    )
    assert found == [each for each in wanted if each[0] != "options"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_values_and_gradients_are_those_of_torch(shape, soft, dtype):
    x, matrix, target, bias = generic(shape, dtype, soft=soft)
    for options, with_bias, reduction in itertools.product(
        variants(shape[2], soft), (False, True), ("mean", "sum", "none")
    ):
        weight = options.get("weight")
        options = {**options, "reduction": reduction}
        if weight is not None:
            options["weight"] = weight.astype(dtype)
        given = {
            "input": x,
            "linear_weight": matrix,
            "target": target,
            "linear_bias": bias if with_bias else None,
        }
        wrt = [name for name in ALL if given[name] is not None]
        if soft:
            wrt += ["target"] + ["weight"] * (weight is not None)
        tensors = {
            key: torch.tensor(value, requires_grad=key in wrt) if isinstance(value, np.ndarray) else value
            for key, value in {**given, **options}.items()
        }
        if isinstance(tensors["target"], np.integer):
            tensors["target"] = torch.tensor(int(target))
        wanted = F.linear_cross_entropy(**tensors)
        wanted.sum().backward()
        value, slopes = linear_cross_entropy.value_and_grad(**given, **options, wrt=wrt)
        tolerance = {"rtol": 1e-4, "atol": 2e-6} if dtype == np.float32 else {"rtol": 1e-11, "atol": 1e-13}
        np.testing.assert_allclose(value, wanted.detach().numpy(), **tolerance)
        assert value.dtype == dtype
        for name, slope in zip(wrt, slopes, strict=True):
            assert slope.dtype == dtype
            np.testing.assert_allclose(slope, tensors[name].grad.numpy(), **tolerance, err_msg=name)


def exact_slopes(x, matrix, target, bias):
    """The summed loss, and each gradient with the sum of the sizes of its terms, with 400 digits."""
    x, matrix, bias = (
        [[number(e) for e in row] for row in np.atleast_2d(part)] for part in (x, matrix, bias)
    )
    bias = bias[0]
    value = mp.mpf(0)
    deltas = []
    for row, label in zip(x, target, strict=True):
        logits = [
            mp.fsum(a * b for a, b in zip(row, line, strict=True)) + b
            for line, b in zip(matrix, bias, strict=True)
        ]
        total = mp.fsum(mp.exp(z) for z in logits)
        p = [mp.exp(z) / total for z in logits]
        value -= mp.log(p[label])
        deltas.append([q - (k == label) for k, q in enumerate(p)])
    by_input = [
        [[d * line[f] for d, line in zip(delta, matrix, strict=True)] for f in range(len(x[0]))]
        for delta in deltas
    ]
    by_weight = [
        [[delta[k] * row[f] for delta, row in zip(deltas, x, strict=True)] for f in range(len(x[0]))]
        for k in range(len(matrix))
    ]
    by_bias = [[delta[k] for delta in deltas] for k in range(len(matrix))]
    return value, by_input, by_weight, by_bias


@pytest.mark.parametrize("dtype", DTYPES)
def test_against_the_truth(dtype):
    """Each gradient is a sum of products; its rounding is counted against the sum of their sizes, and the
    rounding of a logit moves each probability by as much as it is off."""
    x, matrix, target, bias = generic((6, 5, (4,)), dtype, seed=1)
    value, *parts = exact_slopes(x, matrix, target, bias)
    found, slopes = linear_cross_entropy.value_and_grad(
        x, matrix, target, linear_bias=bias, reduction="sum", wrt=ALL
    )
    unit = np.finfo(dtype).eps
    size = float(np.max(abs(x) @ abs(matrix).T + abs(bias)))
    assert abs(found - float(value)) <= 4 * unit * (abs(float(value)) + len(x) * size)
    for slope, terms in zip(slopes, parts, strict=True):
        for answer, summands in zip(slope.ravel(), _leaves(terms, slope.ndim), strict=True):
            scale = float(mp.fsum(abs(term) for term in summands))
            assert abs(number(answer) - mp.fsum(summands)) <= 4 * unit * scale * (1 + size)


def _leaves(terms, depth):
    return terms if depth == 1 else itertools.chain.from_iterable(_leaves(part, depth - 1) for part in terms)


def test_a_confident_right_answer_keeps_its_small_loss_and_gradient():
    """As cross_entropy does: nothing is lost on the way through the layer."""
    x, matrix = np.array([[1.0, 0.0]], np.float32), np.array([[20.0, 0], [0, 1]], np.float32)
    value, (by_input, by_weight) = linear_cross_entropy.value_and_grad(
        x, matrix, [0], wrt=("input", "linear_weight")
    )
    tail = np.exp(-20.0) / (1 + np.exp(-20.0))
    assert value == pytest.approx(tail, rel=1e-6)
    np.testing.assert_allclose(by_input, [[-20 * tail, tail]], rtol=1e-6)
    np.testing.assert_allclose(by_weight, [[-tail, 0], [tail, 0]], rtol=1e-6)


def unequal(shape):
    return np.random.default_rng(7).uniform(0.2, 3, shape) * np.where(
        np.indices(shape).sum(axis=0) % 2, -1, 1
    )


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("shape", SHAPES[:4], ids=str)
def test_central_differences(shape, soft, reduction):
    x, matrix, target, bias = generic(shape, seed=2, soft=soft)
    for options in variants(shape[2], soft):
        given = {
            "input": x,
            "linear_weight": matrix,
            "target": target,
            "linear_bias": bias,
            **options,
            "reduction": reduction,
        }
        wrt = [*ALL, *(["target"] if soft else []), *(["weight"] if soft and "weight" in options else [])]
        for name, slope in zip(wrt, linear_cross_entropy.grad(**given, wrt=wrt), strict=True):
            numerical = numerical_gradient(
                lambda at: linear_cross_entropy(**{**given, name: at}),  # noqa: B023
                given[name],
            )
            np.testing.assert_allclose(slope, numerical, rtol=1e-6, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("shape", SHAPES[:4], ids=str)
def test_each_loss_has_its_own_gradient_by_its_sample(shape):
    """With reduction="none" and an upstream gradient that differs from sample to sample."""
    x, matrix, target, bias = generic(shape, seed=3)
    outputs = shape[2][1:]
    upstream = unequal(np.shape(linear_cross_entropy(x, matrix, target, reduction="none")))
    if outputs:
        upstream = np.broadcast_to(
            upstream.reshape(len(x), -1)[:, :1].reshape(-1, *[1] * len(outputs)), upstream.shape
        )
    row = upstream if not outputs else upstream.reshape(len(x), -1)[:, 0]
    slope = linear_cross_entropy.grad(x, matrix, target, linear_bias=bias, reduction="none")
    numerical = numerical_gradient(
        lambda x: np.sum(
            upstream * linear_cross_entropy(x, matrix, target, linear_bias=bias, reduction="none")
        ),
        x,
    )
    np.testing.assert_allclose(
        (row[:, None] if x.ndim == 2 else row) * slope, numerical, rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize("logits", [1, 7, 64])
@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_blocks_of_any_size_give_the_same(shape, soft, logits, monkeypatch):
    x, matrix, target, bias = generic(shape, seed=4, soft=soft)
    names = (*ALL, "target", "weight") if soft else ALL
    options = {"linear_bias": bias, "weight": np.linspace(0.5, 2, shape[2][0]), "wrt": names}
    for reduction in ("mean", "sum", "none"):
        wanted = linear_cross_entropy.value_and_grad(x, matrix, target, reduction=reduction, **options)
        with monkeypatch.context() as patch:
            patch.setattr(linear, "LOGITS", logits)
            found = linear_cross_entropy.value_and_grad(x, matrix, target, reduction=reduction, **options)
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-12)
        for one, other in zip(found[1], wanted[1], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


def test_the_logits_are_never_all_in_memory():
    """Of 8000 samples and 4000 classes they would take 128 MB, and their gradient as much again."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8000, 16)).astype(np.float32)
    matrix = rng.normal(size=(4000, 16)).astype(np.float32)
    target = rng.integers(0, 4000, 8000)
    linear_cross_entropy.value_and_grad(x[:2], matrix, target[:2], wrt=ALL[:2])
    tracemalloc.start()
    linear_cross_entropy.value_and_grad(x, matrix, target, wrt=ALL[:2])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24e6


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_an_empty_batch(reduction):
    x, matrix, _, bias = generic((5, 3, (4, 2)), np.float32)
    value, slopes = linear_cross_entropy.value_and_grad(
        x[:0], matrix, np.empty((0, 2), int), linear_bias=bias, reduction=reduction, wrt=ALL
    )
    wanted = {"mean": np.nan, "sum": 0, "none": np.empty((0, 2))}[reduction]
    np.testing.assert_array_equal(value, np.asarray(wanted, np.float32))
    assert [slope.shape for slope in slopes] == [(0, 3), (4, 2, 3), (4, 2)]
    assert all(slope.dtype == np.float32 and not slope.any() for slope in slopes)


def test_nothing_but_ignored_labels():
    x, matrix, target, _ = generic((5, 3, (4,)))
    value, slopes = linear_cross_entropy.value_and_grad(x, matrix, np.full_like(target, -100), wrt=ALL[:2])
    assert np.isnan(value)
    assert not any(slope.any() for slope in slopes)


def test_nan_stays_nan_in_its_sample():
    x, matrix, target, _ = generic((5, 3, (4,)))
    x[2, 1] = np.nan
    with np.errstate(all="raise"):
        value, (by_input, by_weight) = linear_cross_entropy.value_and_grad(
            x, matrix, target, reduction="none", wrt=ALL[:2]
        )
    lost = [False, False, True, False, False]
    assert np.isnan(value).tolist() == lost
    assert np.isnan(by_input).all(axis=1).tolist() == np.isnan(by_input).any(axis=1).tolist() == lost
    assert np.isnan(by_weight).all()


@pytest.mark.parametrize("kind", [np.int64, np.int8, bool])
def test_integers_become_float64(kind):
    x = np.array([[1, 0], [0, 1]]).astype(kind)
    value, slope = linear_cross_entropy.value_and_grad(x, [[1, 0], [2, 1]], [0, 1])
    assert value.dtype == slope.dtype == np.float64
    assert value == linear_cross_entropy(x.astype(float), [[1.0, 0.0], [2.0, 1.0]], [0, 1])


def test_layouts_and_that_nothing_is_changed():
    arguments = generic((6, 3, (4,)))
    wanted = linear_cross_entropy.value_and_grad(*arguments[:3], linear_bias=arguments[3], wrt=ALL)
    for layout in (np.asfortranarray, lambda x: np.repeat(x, 2, axis=0)[::2], lambda x: x.tolist(), np.copy):
        given = [layout(each) for each in arguments]
        before = [np.array(each) for each in given]
        for each in given:
            if isinstance(each, np.ndarray):
                each.flags.writeable = False
        found = linear_cross_entropy.value_and_grad(*given[:3], linear_bias=given[3], wrt=ALL)
        np.testing.assert_allclose(found[0], wanted[0], rtol=1e-13)
        for one, other in zip(found[1], wanted[1], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)
        for each, copy in zip(given, before, strict=True):
            np.testing.assert_array_equal(each, copy)


X, A = np.zeros((2, 3)), np.zeros((4, 3))
REFUSED = [
    ((X[None], A, [0, 1]), {}, ValueError, "(1, 2, 3); (N, features)"),
    ((0.0, A, 0), {}, ValueError, "input has shape (); (features,)"),
    ((X, A[:, :2], [0, 1]), {}, ValueError, "linear_weight; (4, 2); (2, 3); (K, 3)"),
    ((X, A[0], [0, 1]), {}, ValueError, "linear_weight; (3,); (K, 3)"),
    ((X[0], A[:, None], [0]), {}, ValueError, "(4, 1, 3); batch; (3,); single"),
    ((X, A, [0, 4]), {}, ValueError, "label 4; 4 classes"),
    ((X, A, [0, 1, 2]), {}, ValueError, "logits have shape (2, 4); shape (2,); (3,)"),
    ((X, A, [0.0, 1.0]), {}, ValueError, "float64; (2,); (2, 4)"),
    ((X, A, np.zeros((2, 4))), {"ignore_index": -100}, ValueError, "ignore_index is -100; probabilities"),
    ((X, A, [0, 1]), {"ignore_index": 0.5}, TypeError, "ignore_index is 0.5; integer"),
    ((X, A, [0, 1]), {"linear_bias": np.zeros(3)}, ValueError, "linear_bias; (3,); (4,)"),
    ((X, A, [0, 1]), {"weight": np.zeros(3)}, ValueError, "weight; (3,); (4,)"),
    ((X, A, [0, 1]), {"label_smoothing": -1.0}, ValueError, "label_smoothing is -1.0"),
    ((X, A, [0, 1]), {"reduction": "avg"}, ValueError, "reduction is 'avg'"),
    ((X.astype(complex), A, [0, 1]), {}, TypeError, "input; complex128"),
    ((X, A.astype(str), [0, 1]), {}, TypeError, "linear_weight; <U"),
    ((X, torch.zeros(4, 3), [0, 1]), {}, TypeError, "linear_weight; torch.Tensor"),
    ((X, A, [0, 1]), {"linear_bias": "0"}, TypeError, "linear_bias; <U1"),
    ((X, np.zeros((0, 3)), [0, 1]), {}, ValueError, "(2, 0); at least one class"),
    ((X, A, [0, 1], np.zeros(4)), {}, TypeError, "too many"),
]


@pytest.mark.parametrize(("positional", "options", "error", "words"), REFUSED)
def test_what_is_refused(positional, options, error, words):
    for call in (linear_cross_entropy, linear_cross_entropy.grad):
        with pytest.raises(error) as caught:
            call(*positional, **options)
        missing = [word for word in words.split("; ") if word not in str(caught.value)]
        assert not missing, caught.value


def test_gradients_that_there_are_not():
    with pytest.raises(ValueError, match="wrt is 'linear_bias', but linear_bias is not given"):
        linear_cross_entropy.grad(X, A, [0, 1], wrt="linear_bias")
    with pytest.raises(TypeError, match="wrt is 'target', but target holds integer class labels"):
        linear_cross_entropy.grad(X, A, [0, 1], wrt="target")
    with pytest.raises(TypeError, match="wrt is 'weight', but target holds integer class labels"):
        linear_cross_entropy.grad(X, A, [0, 1], weight=np.ones(4), wrt="weight")
    assert linear_cross_entropy.differentiable == (*ALL, "target", "weight")


def test_facts():
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=(2, 50, 3)) * 5
    matrix, target = rng.normal(size=(4, 3)), rng.integers(0, 4, 50)
    middle = linear_cross_entropy(0.3 * a + 0.7 * b, matrix, target, reduction="none")
    ends = [linear_cross_entropy(x, matrix, target, reduction="none") for x in (a, b)]
    assert np.all(middle <= 0.3 * ends[0] + 0.7 * ends[1] + 1e-12)
    steep = linear_cross_entropy.grad(a, 1e6 * matrix, target, reduction="none")
    assert np.linalg.norm(steep, axis=1).max() > 1e5
    facts = linear_cross_entropy.facts
    assert (facts.convex, facts.smooth, facts.lipschitz) == (True, True, np.inf)


@given(st.integers(1, 6), st.integers(1, 4), st.integers(1, 5), st.integers(0, 10_000))
@settings(derandomize=True, deadline=None, max_examples=60)
def test_it_is_cross_entropy_of_a_linear_layer(samples, features, classes, seed):
    x, matrix, target, bias = generic((samples, features, (classes,)), seed=seed)
    found = linear_cross_entropy(x, matrix, target, linear_bias=bias)
    np.testing.assert_allclose(found, cross_entropy(x @ matrix.T + bias, target), rtol=1e-12, atol=1e-14)
    # The bias is the weight of a feature that is always 1, and a common shift of all classes is forgotten.
    wider = np.hstack([x, np.ones((samples, 1))]), np.hstack([matrix, bias[:, None]])
    np.testing.assert_allclose(found, linear_cross_entropy(*wider, target), rtol=1e-12, atol=1e-14)
    shifted = linear_cross_entropy(x, matrix + x[0], target, linear_bias=bias + 1)
    np.testing.assert_allclose(found, shifted, rtol=1e-9, atol=1e-11)
