"""Blocks and their shortcuts change nothing: neither a number nor an argument nor another result."""

import math
import tracemalloc

import numpy as np
import pytest

from lossact import _blocks, relu
from tests.functions.cases import ACTIVATIONS, DTYPES, ELEMENTWISE, FUNCTIONS, LOSSES, arguments

LARGE = _blocks.WHOLE // 8 + 777  # float64 numbers, or twice as many float32 ones, are not taken as a whole


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_large_array_has_the_values_of_its_parts(name, dtype):
    function = FUNCTIONS[name]
    x = (3 * np.random.default_rng(0).normal(size=2 * LARGE)).astype(dtype)
    x[12_345] = np.nan
    x[-1] = -np.inf
    whole = function.value_and_grad(x)
    parts = [function.value_and_grad(part) for part in np.array_split(x, 7)]
    for result, pieces in zip(whole, zip(*parts, strict=True), strict=True):
        together = np.concatenate(pieces)
        # A part without nan and inf may take a shorter way: the same number up to the last digits.
        np.testing.assert_allclose(result, together, rtol=30 * np.finfo(dtype).eps, atol=1e-6)
        assert np.array_equal(np.isnan(result), np.isnan(x))


@pytest.mark.parametrize("shape", [(1, 1), (6, 5)])
@pytest.mark.parametrize("name", [*ACTIVATIONS, *LOSSES])
def test_results_are_new_arrays(name, shape):
    """A caller may write into a result: it is no argument, no other result, nothing that is used again."""
    function = FUNCTIONS[name]
    positional, options = arguments(name, shape)
    if name in LOSSES:
        call = lambda: function.value_and_grad(*positional, **options, reduction="none")  # noqa: E731
    else:
        upstream = np.ones(shape)
        call = lambda: function.value_and_vjp(positional[0], upstream, **options)  # noqa: E731
    given = [np.array(array) for array in positional]
    first = call()
    kept = [np.array(result) for result in first]
    assert not np.shares_memory(*first)
    for result in first:
        assert not any(np.shares_memory(result, array) for array in positional)
        result[...] = 17
    for again, before in zip(call(), kept, strict=True):
        assert np.array_equal(again, before)
    for array, before in zip(positional, given, strict=True):
        assert np.array_equal(array, before)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_and_vjp_are_the_two(name):
    (x,), options = arguments(name, (4, 3))
    upstream = np.linspace(-1, 2, 12).reshape(4, 3)
    value, gradient = FUNCTIONS[name].value_and_vjp(x, upstream, **options)
    assert np.array_equal(value, FUNCTIONS[name](x, **options))
    assert np.array_equal(gradient, FUNCTIONS[name].vjp(x, upstream, **options))


def test_a_sum_of_float32_is_that_of_their_exact_values():
    rng = np.random.default_rng(0)
    for size in (1, 1000, 4096, 16_384, 100_001, 131_072):
        for values in (rng.exponential(size=size), np.full(size, 0.1), np.full(size, 3e38)):
            x = values.astype(np.float32)
            exact = math.fsum(map(float, x))
            with np.errstate(over="ignore"):
                found = _blocks.total(x)
            assert abs(found - exact) <= exact * float(np.finfo(np.float32).eps)


@pytest.mark.parametrize("dtype", DTYPES)
def test_helpers_are_what_they_stand_for(dtype):
    info = np.finfo(dtype)
    x = np.array(
        [-np.inf, -info.max, -1.5, -0.0, 0.0, info.smallest_subnormal, 0.7, 7, np.inf, np.nan], dtype
    )
    y = x[::-1].copy()
    for ours, numpys in (
        (_blocks.select(x > y, x, y), np.where(x > y, x, y)),
        (_blocks.select(x > 0, dtype(2), y), np.where(x > 0, dtype(2), y)),
        (_blocks.select_by_sign(x, y, dtype(1)), np.where(np.signbit(x), y, dtype(1))),
        (_blocks.minus_abs(x), -np.abs(x)),
        (_blocks.positive_part(x), np.maximum(x, 0)),
        (_blocks.at_least(x, -1), np.maximum(x, -1)),
        (_blocks.at_most(x, 1), np.minimum(x, 1)),
        (_blocks.clamp(x, -1, 1), np.clip(x, -1, 1)),
        (_blocks.is_not_zero(np.abs(x)), np.abs(np.sign(x))),
        (_blocks.where_true(x > 1, x), np.where(np.isnan(x), np.nan, x > 1)),
    ):
        assert ours.dtype == dtype
        assert np.array_equal(ours, numpys, equal_nan=True)


def test_within_is_about_every_number():
    assert _blocks.within(np.array([]), 0, 1)
    assert _blocks.within(np.array([[0.0, 1.0]]), 0, 1)
    assert not _blocks.within(np.array([0.5, 1.5]), 0, 1)
    assert not _blocks.within(np.array([0.5, -1.5]), 0, 1)
    assert not _blocks.within(np.array([0.5, np.nan]), 0, np.inf)
    assert not _blocks.within(np.array([0.5, np.nan]), -np.inf, 1)
    assert _blocks.within(np.array([0.5, np.inf]), 0, np.inf)


def test_a_step_is_shared_within_a_block_only():
    taken = []

    @_blocks.shared
    def step(x):
        taken.append(x)
        return x + 1

    x, y = np.zeros(3), np.ones(3)
    step(x), step(x)
    assert len(taken) == 2
    with _blocks.sharing() as steps:
        assert step(x) is step(x)
        assert step(y) is not step(x)
        steps.clear()
        step(x)
    assert len(taken) == 5


def test_only_blocks_are_needed_beside_the_results():
    x = np.zeros(4_000_000, np.float32)
    relu.value_and_grad(x)
    tracemalloc.start()
    try:
        result = relu.value_and_grad(x)
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left >= sum(each.nbytes for each in result)
    assert peak - left < 1 << 20
