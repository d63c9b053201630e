"""What every loss must do with its arguments, for those whose arguments the shared tables cannot make.

Slopes against central differences with unequal upstream gradients, reductions, layouts, dtypes, empty arrays,
nan, facts, what is refused and in which words, and how much memory is taken.
"""

import inspect
import pickle
import tracemalloc
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lossact
from lossact.gradcheck import numerical_gradient
from tests.functions.cases import DTYPES
from tests.functions.test_arguments import LAYOUTS, NOT_NUMBERS, refuses


@dataclass(frozen=True)
class Case:
    """How valid arguments of a loss are made, and along which axes a sample lies."""

    kinds: dict[str, str]  # of each array: "real", "positive", "probability" or "mask"
    options: tuple[dict[str, Any], ...] = ({},)
    vectors: str = "none"  # "class" axis, or "rest" for all axes but the first
    wrong: tuple[tuple[dict[str, Any], type, str], ...] = field(default=())


POSITIVE = {"input": "positive", "target": "positive"}
REAL_COUNTS = {"input": "real", "target": "positive"}
PROBABILITIES = {"input": "probability", "target": "probability"}
Z, ONE = np.zeros((2, 3)), np.ones((2, 3))
BAD_POWERS = tuple(
    ({"power": p}, ValueError, f"power is {p!r}; Between 0 and 1") for p in (0.5, np.nan, np.inf)
)
BAD_FLAG = tuple(
    ({"full": value}, TypeError, f"full is {value!r}; True or False") for value in (1, None, "yes")
)
BAD_EPS = tuple(
    ({"eps": value}, ValueError, f"eps is {value!r}; not less than 0") for value in (-1.0, np.nan, np.inf)
)
NO_PROBABILITY = (
    ({"input": [[1.5, 0.0]], "target": [[0.5, 0.5]]}, ValueError, "input holds 1.5; between 0 and 1"),
    ({"input": [[-0.5, 0.0]], "target": [[0.5, 0.5]]}, ValueError, "input holds -0.5; between 0 and 1"),
    ({"input": [[0.5, 0.0]], "target": [[0.5, 2]]}, ValueError, "target holds 2; between 0 and 1"),
    ({"input": [[0.5, 0.0]], "target": [[0.5, np.inf]]}, ValueError, "target holds inf; between 0 and 1"),
)
SINGLE = (({"input": 0.5, "target": 0.5}, ValueError, "input is a single number"),)
NO_CLASS = (
    ({"input": np.ones((2, 0)), "target": np.ones((2, 0))}, ValueError, "(2, 0); at least one class"),
)

CASES = {
    "msle_loss": Case(
        POSITIVE,
        wrong=(
            ({"input": [-1.0], "target": [0.0]}, ValueError, "input holds -1.0; greater than -1"),
            ({"input": [0.0], "target": [-3.0]}, ValueError, "target holds -3.0; greater than -1"),
        ),
    ),
    "poisson_nll_loss": Case(
        REAL_COUNTS,
        ({}, {"full": True}),
        wrong=(
            ({"target": -ONE}, ValueError, "target holds -1.0; not less than 0"),
            (
                {"input": -ONE, "log_input": False},
                ValueError,
                "input holds -1.0; log_input=False; not less than 0",
            ),
            ({"log_input": 1}, TypeError, "log_input is 1; True or False"),
            *BAD_FLAG,
            *BAD_EPS,
        ),
    ),
    "gaussian_nll_loss": Case(
        {"input": "real", "target": "real", "var": "positive"},
        ({}, {"full": True}, {"eps": 0.5}),
        wrong=(
            ({"var": -1.0}, ValueError, "var holds -1.0; not less than 0"),
            ({"var": np.ones(3)}, ValueError, "var has shape (3,); input has shape (2, 3)"),
            ({"var": np.ones((1, 1))}, ValueError, "var has shape (1, 1); input has shape (2, 3)"),
            ({"var": np.ones((2, 3, 1))}, ValueError, "var has shape (2, 3, 1)"),
            *BAD_FLAG,
            *BAD_EPS,
        ),
    ),
    "poisson_deviance_loss": Case(
        POSITIVE,
        wrong=(
            ({"input": Z}, ValueError, "input holds 0.0; greater than 0"),
            ({"target": -ONE}, ValueError, "target holds -1.0; not less than 0"),
        ),
    ),
    "gamma_deviance_loss": Case(
        POSITIVE,
        wrong=(
            ({"input": Z}, ValueError, "input holds 0.0; greater than 0"),
            ({"target": Z}, ValueError, "target holds 0.0; greater than 0"),
        ),
    ),
    "tweedie_deviance_loss": Case(
        POSITIVE,
        tuple({"power": p} for p in (0.0, -0.5, 1.0, 1.5, 2.0, 3.0)),
        wrong=(
            ({"input": Z, "power": -1.0}, ValueError, "power -1; input holds 0.0; greater than 0"),
            ({"input": Z, "power": 1.5}, ValueError, "power 1.5; input holds 0.0; greater than 0"),
            ({"target": -ONE, "power": 1.5}, ValueError, "power 1.5; target holds -1.0; not less than 0"),
            ({"target": Z, "power": 3.0}, ValueError, "power 3; target holds 0.0; greater than 0"),
            *BAD_POWERS,
        ),
    ),
    "kl_div": Case(
        REAL_COUNTS,
        ({}, {"log_target": True}),
        wrong=(
            ({"target": -ONE}, ValueError, "target holds -1.0; log_target=False; not less than 0"),
            ({"log_target": 1}, TypeError, "log_target is 1; True or False"),
        ),
    ),
    "jensen_shannon_divergence": Case(
        PROBABILITIES, vectors="class", wrong=(*NO_PROBABILITY, *SINGLE, *NO_CLASS)
    ),
    "entropy": Case(
        {"input": "probability"},
        vectors="class",
        wrong=(
            ({"input": [1.5]}, ValueError, "input holds 1.5; between 0 and 1"),
            ({"input": 0.5}, ValueError, "input is a single number"),
            ({"input": np.ones((2, 0))}, ValueError, "(2, 0); at least one class"),
        ),
    ),
    "distribution_cross_entropy": Case(
        PROBABILITIES, vectors="class", wrong=(*NO_PROBABILITY, *SINGLE, *NO_CLASS)
    ),
    "distillation_loss": Case(
        {"input": "real", "target": "real"},
        ({}, {"temperature": 0.7}, {"temperature": 5.0}),
        vectors="class",
        wrong=(
            *(
                ({"temperature": t}, ValueError, f"temperature is {t!r}; greater than 0")
                for t in (0.0, -1.0, np.nan)
            ),
            ({"temperature": np.inf}, ValueError, "temperature is inf; finite"),
            *SINGLE,
            *NO_CLASS,
        ),
    ),
    "dice_loss": Case(
        {"input": "probability", "target": "mask"},
        ({}, {"smooth": 0.0}, {"smooth": 1.0}),
        vectors="rest",
        wrong=(({"smooth": -1.0}, ValueError, "smooth is -1.0; not less than 0"), *NO_PROBABILITY, *SINGLE),
    ),
    "tversky_loss": Case(
        {"input": "probability", "target": "mask"},
        ({}, {"alpha": 0.3, "beta": 0.7}, {"alpha": 1.0, "beta": 1.0, "smooth": 0.5}),
        vectors="rest",
        wrong=(
            ({"alpha": -1.0}, ValueError, "alpha is -1.0; not less than 0"),
            ({"beta": np.nan}, ValueError, "beta is nan; not less than 0"),
            ({"smooth": np.inf}, ValueError, "smooth is inf; finite"),
            *NO_PROBABILITY,
            *SINGLE,
        ),
    ),
}
OPTIONS = [(name, options) for name, case in CASES.items() for options in case.options]
each_case = pytest.mark.parametrize("name", CASES)
each_option = pytest.mark.parametrize(("name", "options"), OPTIONS)
REDUCTIONS = ("mean", "sum", "none")


def reductions(name):
    return (*REDUCTIONS, "batchmean") if name == "kl_div" else REDUCTIONS


def make(name, shape, dtype=np.float64, seed=0):
    """Valid arguments by name."""
    rng = np.random.default_rng([seed, *shape])
    makers = {
        "real": lambda: rng.normal(size=shape),
        "positive": lambda: rng.uniform(0.3, 4, shape),
        "probability": lambda: rng.uniform(0.1, 0.9, shape),
        "mask": lambda: rng.uniform(0.01, 0.99, shape),
    }
    return {key: np.asarray(makers[kind](), dtype) for key, kind in CASES[name].kinds.items()}


def spread_to(upstream, shape, vectors):
    """The upstream gradient of each loss, repeated for the entries of its vector."""
    if upstream.shape == shape or not upstream.ndim:
        return upstream
    if vectors == "rest":
        return upstream.reshape(upstream.shape + (1,) * (len(shape) - upstream.ndim))
    return np.expand_dims(upstream, min(1, len(shape) - 1))


def weighted_sum(loss, arrays, options, weights, key, x):
    return np.sum(weights * loss(**{**arrays, key: x}, **options))


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 3, 4)])
@each_option
def test_every_slope_is_the_one_of_the_value(name, options, shape):
    loss, arrays = getattr(lossact, name), make(name, shape)
    for reduction in reductions(name):
        chosen = {**options, "reduction": reduction}
        value, slopes = loss.value_and_grad(**arrays, **chosen, wrt=loss.differentiable)
        np.testing.assert_array_equal(value, loss(**arrays, **chosen))
        upstream = np.asarray(np.random.default_rng(1).uniform(0.3, 2, np.shape(value)))
        upstream = upstream * np.where(np.arange(upstream.size) % 2, -1, 1).reshape(upstream.shape)
        for key, slope in zip(loss.differentiable, slopes, strict=True):
            moved = partial(weighted_sum, loss, arrays, chosen, upstream, key)
            wanted = numerical_gradient(moved, arrays[key])
            ours = slope * spread_to(upstream, shape, CASES[name].vectors)
            np.testing.assert_allclose(ours, wanted, rtol=2e-6, atol=1e-8)
            np.testing.assert_array_equal(slope, loss.grad(**arrays, **chosen, wrt=key))


@each_case
def test_there_is_a_slope_by_every_array(name):
    assert getattr(lossact, name).differentiable == tuple(CASES[name].kinds)


@each_option
def test_the_reductions_agree_and_a_doubled_batch_changes_no_mean(name, options):
    loss, arrays = getattr(lossact, name), make(name, (4, 3))
    each, slopes = loss.value_and_grad(**arrays, **options, reduction="none")
    np.testing.assert_allclose(loss(**arrays, **options, reduction="sum"), each.sum(), rtol=1e-13)
    np.testing.assert_allclose(loss(**arrays, **options), each.mean(), rtol=1e-13)
    mean_slope = loss.grad(**arrays, **options)
    np.testing.assert_allclose(mean_slope * each.size, slopes, rtol=1e-13)
    doubled = {key: np.concatenate([part, part]) for key, part in arrays.items()}
    np.testing.assert_allclose(loss(**doubled, **options), each.mean(), rtol=1e-13)
    np.testing.assert_allclose(
        loss.grad(**doubled, **options), np.concatenate([mean_slope] * 2) / 2, rtol=1e-13
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@each_case
def test_the_layout_does_not_matter_and_nothing_is_changed(name, layout):
    loss, arrays = getattr(lossact, name), make(name, (6, 5))
    wanted, slopes = loss.value_and_grad(**arrays, wrt=loss.differentiable, reduction="none")
    given = {key: LAYOUTS[layout](part) for key, part in arrays.items()}
    before = {key: np.array(part) for key, part in given.items()}
    for part in given.values():
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    found, found_slopes = loss.value_and_grad(**given, wrt=loss.differentiable, reduction="none")
    for key, part in given.items():
        np.testing.assert_array_equal(part, before[key])
    np.testing.assert_allclose(found, wanted, rtol=1e-14)
    for ours, theirs in zip(found_slopes, slopes, strict=True):
        assert not any(np.shares_memory(ours, part) for part in given.values())
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("other", DTYPES)
@each_case
def test_results_have_the_dtype_of_the_input(name, other, dtype):
    loss, arrays = getattr(lossact, name), make(name, (4, 3), other)
    arrays["input"] = arrays["input"].astype(dtype)
    for options in CASES[name].options:
        for reduction in reductions(name):
            chosen = {**options, "reduction": reduction}
            value, slopes = loss.value_and_grad(**arrays, **chosen, wrt=loss.differentiable)
            assert {value.dtype, *(slope.dtype for slope in slopes)} == {np.dtype(dtype)}


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, bool])
@each_case
def test_integers_and_booleans_become_float64(name, dtype):
    loss = getattr(lossact, name)
    arrays = {key: np.ones((4, 3), dtype) for key in CASES[name].kinds}
    floats = {key: part.astype(float) for key, part in arrays.items()}
    value, slope = loss.value_and_grad(**arrays)
    wanted, wanted_slope = loss.value_and_grad(**floats)
    assert value.dtype == slope.dtype == np.float64
    np.testing.assert_array_equal(value, wanted)
    np.testing.assert_array_equal(slope, wanted_slope)


@each_case
def test_more_than_one_block_gives_the_same(name):
    """Blocks hold 16384 elements."""
    loss, arrays = getattr(lossact, name), make(name, (20, 3000))
    some = {key: part[15:17] for key, part in arrays.items()}
    for options in CASES[name].options:
        whole, slopes = loss.value_and_grad(**arrays, **options, reduction="none")
        part, part_slopes = loss.value_and_grad(**some, **options, reduction="none")
        np.testing.assert_allclose(whole[15:17], part, rtol=1e-14)
        np.testing.assert_allclose(slopes[15:17], part_slopes, rtol=1e-13)
        np.testing.assert_allclose(loss(**arrays, **options), whole.mean(), rtol=1e-13)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (0, 3, 2)])
@each_case
def test_empty_arrays(name, shape):
    """The mean of nothing is nan, its sum 0; nobody is warned."""
    loss = getattr(lossact, name)
    empty = {key: np.empty(shape, np.float32) for key in CASES[name].kinds}
    if shape == (0,) and CASES[name].vectors == "class":
        refuses(ValueError, [name, "(0,)", "at least one class"], loss, **empty)
        return
    # A single vector without entries is one sample; all others are no sample at all.
    is_sample = shape == (0,) and CASES[name].vectors == "rest"
    with np.errstate(all="raise"):
        for reduction in REDUCTIONS:
            value, slope = loss.value_and_grad(**empty, reduction=reduction)
            assert (slope.shape, slope.dtype, value.dtype) == (shape, np.float32, np.float32)
            if reduction == "none" and not is_sample:
                assert value.size == 0
            else:
                assert np.isnan(value) if reduction == "mean" and not is_sample else value == 0


@each_case
def test_single_numbers(name):
    if CASES[name].vectors != "none":
        return
    loss = getattr(lossact, name)
    for kind in (int, float, np.float32, np.float64, np.array):
        given = {key: kind(1) for key in CASES[name].kinds}
        wanted = np.float32 if kind is np.float32 else np.float64
        for reduction in reductions(name):
            value, slopes = loss.value_and_grad(**given, reduction=reduction, wrt=loss.differentiable)
            assert {type(value), *map(type, slopes)} == {wanted}


@pytest.mark.parametrize("dtype", DTYPES)
@each_case
def test_nan_stays_nan_where_it_belongs(name, dtype):
    """In the value of its own sample and the slope by the argument that is nan, and in no other sample."""
    loss, vectors = getattr(lossact, name), CASES[name].vectors
    for options in CASES[name].options:
        for key in CASES[name].kinds:
            arrays = make(name, (4, 3), dtype)
            arrays[key][1, 2] = np.nan
            with np.errstate(all="raise"):
                value, slopes = loss.value_and_grad(
                    **arrays, **options, reduction="none", wrt=loss.differentiable
                )
                assert np.isnan(loss(**arrays, **options))
            if vectors == "none":
                assert np.array_equal(np.isnan(value), np.isnan(arrays[key]))
            else:
                assert np.isnan(value).tolist() == [False, True, False, False]
            for slope in slopes:
                touched = np.argwhere(np.isnan(slope))
                assert set(touched[:, 0]) <= {1}
            own = slopes[loss.differentiable.index(key)]
            linear = (name, key) in {("poisson_nll_loss", "target"), ("distribution_cross_entropy", "target")}
            assert np.isnan(own[1, 2]) or linear


def shift(arrays):
    return {key: part for key, part in arrays.items() if key != "input"}


@pytest.mark.parametrize("kind", NOT_NUMBERS)
@each_case
def test_arguments_that_are_no_arrays_of_numbers(name, kind):
    change, error, words = NOT_NUMBERS[kind]
    loss = getattr(lossact, name)
    for key in CASES[name].kinds:
        arrays = make(name, (4, 3))
        arrays[key] = change(arrays[key])
        for method in (loss, loss.grad, loss.value_and_grad):
            refuses(error, [key, *words], method, **arrays)


@pytest.mark.parametrize(("shape", "other"), [((4, 1), (4,)), ((4,), (4, 1)), ((2, 3), (3, 2)), ((3,), (1,))])
@each_case
def test_a_target_of_another_shape_is_not_broadcast(name, shape, other):
    loss, arrays = getattr(lossact, name), make(name, shape)
    if "target" not in arrays:
        return
    arrays["target"] = make(name, other)["target"]
    refuses(ValueError, [name, str(shape), str(other), "must be the same"], loss, **arrays)
    refuses(ValueError, [name, str(shape), str(other), "must be the same"], loss.grad, **arrays)


@pytest.mark.parametrize("reduction", ["avg", "", "Mean", None, 0])
@each_case
def test_an_unknown_reduction(name, reduction):
    words = [name, repr(reduction), "'mean', 'sum', 'none'"]
    refuses(ValueError, words, getattr(lossact, name), **make(name, (4, 3)), reduction=reduction)


@each_case
def test_missing_and_unknown_arguments(name):
    loss, arrays = getattr(lossact, name), make(name, (4, 3))
    for key in arrays:
        without = {other: part for other, part in arrays.items() if other != key}
        refuses(TypeError, [name, "missing", key], loss, **without)
    refuses(TypeError, [name, "'gamma'"], loss, **arrays, gamma=1)
    refuses(ValueError, [name, "wrt is 'size'", "'input'"], loss.grad, **arrays, wrt="size")


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [(name, *row) for name, case in CASES.items() for row in case.wrong],
)
def test_what_one_loss_refuses(name, options, error, words):
    loss = getattr(lossact, name)
    arguments = {**{key: np.ones((2, 3)) for key in CASES[name].kinds}, **options}
    if "var" in arguments and "var" not in options:
        arguments["var"] = 1.0
    for method in (loss, loss.grad):
        refuses(error, [name, *words.split("; ")], method, **arguments)


@each_option
def test_a_number_among_the_options_must_be_one(name, options):
    for key in options:
        if isinstance(options[key], float):
            loss, arrays = getattr(lossact, name), make(name, (4, 3))
            refuses(TypeError, [name, key, "real numbers"], loss, **arrays, **{key: "1"})
            refuses(ValueError, [name, key, "one number"], loss, **arrays, **{key: [1.0, 2.0]})


# --- facts, of the first argument, the others held still


def along_one_entry(name, points, options):
    """The loss of one sample for each of `points` as its first entry."""
    loss, count = getattr(lossact, name), len(points)
    if CASES[name].vectors == "none":
        others = {"target": 1.0, "var": 0.25}
        rest = {key: np.full(count, others[key]) for key in CASES[name].kinds if key != "input"}
        return loss(points, **rest, reduction="none", **options)
    first = 0.0 if CASES[name].vectors == "rest" else 0.5
    rest = {key: np.tile([first, 0.3, 0.2], (count, 1)) for key in CASES[name].kinds if key != "input"}
    rows = np.stack([points, np.full(count, 0.3), np.full(count, 0.4)], axis=1)
    return loss(rows, **rest, reduction="none", **options)


def inside(name, low=-6.0, high=40.0):
    bounds = getattr(lossact, name).facts.domain
    low, high = max(low, bounds[0] + 1e-3), min(high, bounds[1] - 1e-3)
    return np.linspace(low, high, 400)


@each_case
def test_convex(name):
    points = inside(name)
    a, b = np.meshgrid(points, points[::7])
    shape = a.shape
    middle = along_one_entry(name, np.ravel((a + b) / 2), {}).reshape(shape)
    chord = (along_one_entry(name, a.ravel(), {}) + along_one_entry(name, b.ravel(), {})).reshape(shape) / 2
    is_convex = np.all(middle <= chord + 1e-12 * (1 + abs(chord)))
    assert is_convex == getattr(lossact, name).facts.convex


@each_case
def test_smooth(name):
    assert getattr(lossact, name).facts.smooth
    points, step = inside(name)[20:-20], 1e-5
    left, here, right = (along_one_entry(name, points + h, {}) for h in (-step, 0, step))
    bend = np.abs(left - 2 * here + right) / step
    assert np.max(bend / (1 + np.abs(right - left) / step)) < 1e-3


def test_the_steepest_slope_of_those_that_have_one():
    """The largest gradient of one sample: of a certain class, and of two certain but different choices."""
    kl_div, distillation = lossact.kl_div, lossact.distillation_loss
    assert kl_div(-3.0, 1.0) - kl_div(-2.0, 1.0) == kl_div.facts.lipschitz
    step = np.array([1.0, -1.0, 0.0]) / np.sqrt(2)
    student, teacher = np.array([100.0, 0.0, -90.0]), np.array([0.0, 100.0, -90.0])
    rise = distillation(student + step, teacher) - distillation(student, teacher)
    assert rise == pytest.approx(distillation.facts.lipschitz, rel=1e-9)
    rng = np.random.default_rng(0)
    slopes = distillation.grad(*rng.normal(scale=30, size=(2, 500, 4)), reduction="none")
    assert np.max(np.linalg.norm(slopes, axis=1)) <= distillation.facts.lipschitz


# Two inputs each, as near to one another as the slope is large, and the rest of the arguments.
STEEP = {
    "msle_loss": (-1 + 1e-12, -1 + 2e-12, {"target": 1.0}),
    "poisson_nll_loss": (40.0, 40.1, {"target": 1.0}),
    "gaussian_nll_loss": (1e9, 1.1e9, {"target": 1.0, "var": 1.0}),
    "poisson_deviance_loss": (1e-12, 2e-12, {"target": 1.0}),
    "gamma_deviance_loss": (1e-12, 2e-12, {"target": 1.0}),
    "tweedie_deviance_loss": (1e9, 1.1e9, {"target": 1.0}),
    # These two are as steep as a logarithm.
    "jensen_shannon_divergence": ([1e-300, 0.5], [2e-300, 0.5], {"target": [1.0, 0.5]}),
    "entropy": ([1e-300, 0.5], [2e-300, 0.5], {}),
    "distribution_cross_entropy": ([1e-12, 0.5], [2e-12, 0.5], {"target": [1.0, 0.5]}),
    # Many false findings that are small, beside nothing that is to be found.
    "dice_loss": ([1e-12] * 1000, [2e-12] * 1000, {"target": [0.0] * 1000}),
    "tversky_loss": ([1e-12] * 1000, [2e-12] * 1000, {"target": [0.0] * 1000}),
}


def test_every_loss_has_a_steepest_slope_or_has_none():
    finite = {name for name in CASES if np.isfinite(getattr(lossact, name).facts.lipschitz)}
    assert finite == {"kl_div", "distillation_loss"} == set(CASES) - set(STEEP)


@pytest.mark.parametrize("name", STEEP)
def test_slopes_without_a_bound(name):
    loss, (here, there, rest) = getattr(lossact, name), STEEP[name]
    slope = np.linalg.norm(loss.grad(there, **rest))
    if name in ("entropy", "jensen_shannon_divergence"):
        assert slope > 300
        return
    distance = np.linalg.norm(np.subtract(there, here))
    assert abs(loss(there, **rest) - loss(here, **rest)) / distance > 1e6
    assert slope > 1e6 / 2


@each_case
def test_domain(name):
    loss = getattr(lossact, name)
    low, high = loss.facts.domain
    rest = {key: 1.0 for key in CASES[name].kinds if key != "input"}
    for end, beyond in ((low, low - 1e-9), (high, high + 1e-9)):
        if not np.isfinite(end):
            continue
        if CASES[name].vectors == "none":
            if name == "kl_div":
                assert loss(0.0, 1.0) == 0 > loss(beyond, 1.0)
            else:
                with pytest.raises(ValueError, match="input holds"):
                    loss(beyond, **rest)
        else:
            with pytest.raises(ValueError, match="input holds"):
                loss([beyond, 0.5], **{key: [0.5, 0.5] for key in rest})


always = settings(derandomize=True, deadline=None, max_examples=40)


@each_case
@given(seed=st.integers(0, 10**6), share=st.floats(0, 1))
@always
def test_a_convex_loss_lies_above_its_tangents_and_a_distance_is_never_negative(name, seed, share):
    loss = getattr(lossact, name)
    here, there = make(name, (3, 4), seed=seed), make(name, (3, 4), seed=seed + 1)
    there = {**here, "input": there["input"]}
    value, slope = loss.value_and_grad(**here, reduction="sum")
    if loss.facts.convex:
        rise = np.sum(slope * (there["input"] - here["input"]))
        assert loss(**there, reduction="sum") >= value + rise - 1e-9 * (1 + abs(value) + abs(rise))
    if name not in ("kl_div", "poisson_nll_loss", "gaussian_nll_loss"):
        assert np.all(loss(**here, reduction="none") >= 0)


DISTANCES = [
    *("msle_loss", "poisson_deviance_loss", "gamma_deviance_loss", "tweedie_deviance_loss"),
    *("jensen_shannon_divergence", "distillation_loss"),
]


@pytest.mark.parametrize("name", DISTANCES)
@given(seed=st.integers(0, 10**6))
@always
def test_a_perfect_prediction_costs_nothing_and_has_no_slope(name, seed):
    loss = getattr(lossact, name)
    target = make(name, (3, 4), seed=seed)["target"]
    for options in CASES[name].options:
        value, slopes = loss.value_and_grad(target, target, wrt=("input", "target"), **options)
        assert value == 0
        assert not np.any(slopes)


@each_case
def test_it_is_pickled_and_helps(name):
    loss = getattr(lossact, name)
    assert pickle.loads(pickle.dumps(loss)) is loss
    assert repr(loss).startswith(f"<loss {name}(input")
    text = inspect.getdoc(loss)
    for section in ("Parameters", "Returns", "Raises", "Notes", "References", "Examples", ".. math::"):
        assert section in text
    for argument in inspect.signature(loss).parameters:
        assert f"\n{argument} : " in text


@each_option
def test_no_more_memory_than_the_result(name, options):
    """Of whatever can be cut into blocks; the samples here are short."""
    loss, arrays = getattr(lossact, name), make(name, (10**5, 10), np.float32)
    loss.value_and_grad(**{key: part[:10] for key, part in arrays.items()}, **options)
    tracemalloc.start()
    result = loss.value_and_grad(**arrays, **options, wrt=loss.differentiable)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < sum(part.nbytes for part in result[1]) + 2**21


@each_case
def test_no_warning_from_numbers_that_overflow_on_their_way(name):
    huge = {"real": 1e300, "positive": 1e300, "probability": 1.0, "mask": 1.0}
    loss, kinds = getattr(lossact, name), CASES[name].kinds
    for options in CASES[name].options:
        arrays = {key: np.full((3, 2), huge[kind]) for key, kind in kinds.items()}
        arrays["input"] = np.full((3, 2), 0.5, np.float32)
        with np.errstate(all="raise"):
            loss.value_and_grad(**arrays, **options, wrt=loss.differentiable)
