"""What may go in, what comes out, and the sentence one gets for what may not go in."""

import itertools

import numpy as np
import pytest
import torch

import lossact
from tests.functions.cases import (
    ACTIVATIONS,
    CLASS_LOSSES,
    DTYPES,
    ELEMENTWISE,
    FUNCTIONS,
    LOSSES,
    MARGIN_LOSSES,
    PAIRED_LOSSES,
    WEIGHTED_LOSSES,
    arguments,
)

METHODS = [
    *((name, method) for name in ELEMENTWISE for method in ("__call__", "grad", "vjp")),
    *((name, method) for name in ("softmax", "log_softmax") for method in ("__call__", "vjp")),
    *((name, method) for name in LOSSES for method in ("__call__", "grad", "value_and_grad")),
]
each_method = pytest.mark.parametrize(("name", "method"), METHODS)


def call(name, method, positional, options):
    """All results of a method as a tuple; `vjp` gets an upstream gradient too."""
    if method == "vjp":
        positional = [positional[0], np.arange(12.0).reshape(4, 3), *positional[1:]]
    result = getattr(FUNCTIONS[name], method)(*positional, **options)
    return result if isinstance(result, tuple) else (result,)


def refuses(error, words, function, *positional, **options):
    with pytest.raises(error) as caught:
        function(*positional, **options)
    missing = [word for word in words if word not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"


# One argument of the right shape that is not made of float32 or float64 numbers, and what is said about it.
NOT_NUMBERS = {
    "complex": (lambda x: x.astype(complex), TypeError, ["complex128", "real numbers"]),
    "object": (lambda x: x.astype(object), TypeError, ["object", "real numbers"]),
    "text": (lambda x: x.astype(str), TypeError, ["<U", "real numbers"]),
    "none": (lambda x: None, TypeError, ["object", "real numbers"]),
    "dates": (lambda x: x.astype("M8[s]"), TypeError, ["datetime64", "real numbers"]),
    "masked": (lambda x: np.ma.masked_less(x, 0), TypeError, ["masked", "filled"]),
    "tensor": (lambda x: torch.from_numpy(x), TypeError, ["torch.Tensor", "NumPy array", "detach"]),
    "ragged": (lambda x: [[1.0, 2.0], [3.0]], ValueError, ["different lengths", "same length"]),
    "float16": (lambda x: x.astype(np.float16), TypeError, ["float16", "float32 or float64", "astype"]),
    "longdouble": (lambda x: x.astype(np.longdouble), TypeError, ["float32 or float64"]),
}


@each_method
@pytest.mark.parametrize("kind", NOT_NUMBERS)
def test_an_input_that_is_no_array_of_numbers(name, method, kind):
    change, error, words = NOT_NUMBERS[kind]
    (x, *rest), options = arguments(name)
    refuses(error, ["input", *words], call, name, method, [change(x), *rest], options)


@pytest.mark.parametrize("kind", NOT_NUMBERS)
@pytest.mark.parametrize("name", LOSSES)
def test_a_target_that_is_no_array_of_numbers(name, kind):
    change, error, words = NOT_NUMBERS[kind]
    (x, target), _ = arguments(name)
    if name == "nll_loss" and kind in ("float16", "longdouble"):
        words = ["float", "integer class labels"]
    y = change(x if name == "cross_entropy" else np.asarray(target, float))
    refuses(error, ["target", *words], FUNCTIONS[name], x, y)


@pytest.mark.parametrize("kind", [kind for kind in NOT_NUMBERS if kind != "none"])
@pytest.mark.parametrize(
    ("name", "key"),
    [*((name, "weight") for name in WEIGHTED_LOSSES), ("binary_cross_entropy_with_logits", "pos_weight")],
)
def test_a_weight_that_is_no_array_of_numbers(name, key, kind):
    change, error, words = NOT_NUMBERS[kind]
    positional, _ = arguments(name)
    refuses(error, [key, *words], FUNCTIONS[name], *positional, **{key: change(np.ones(3))})


@each_method
def test_a_missing_argument(name, method):
    (*positional, _), options = arguments(name)
    refuses(
        TypeError,
        [name, "missing", "target" if positional else "input"],
        getattr(FUNCTIONS[name], method),
        *positional,
        **options,
    )


def test_further_missing_and_unknown_arguments():
    refuses(TypeError, ["softmax(input, dim, *, dtype=None)", "missing", "'dim'"], lossact.softmax, [1.0])
    refuses(TypeError, ["softmax.vjp", "missing", "'grad_output'"], lossact.softmax.vjp, [1.0], dim=0)
    refuses(TypeError, ["huber_loss", "'beta'"], lossact.huber_loss, [1.0], [1.0], beta=2.0)
    refuses(TypeError, ["mse_loss", "too many"], lossact.mse_loss, [1.0], [1.0], "sum")


@pytest.mark.parametrize(
    ("shape", "other"), [((4, 1), (4,)), ((4,), (4, 1)), ((4,), ()), ((2, 3), (3, 2)), ((3,), (1,))]
)
@pytest.mark.parametrize("name", PAIRED_LOSSES)
def test_a_target_of_another_shape_is_not_broadcast(name, shape, other):
    half = np.full(shape, 0.5)
    for method in ("__call__", "grad", "value_and_grad"):
        refuses(
            ValueError, [name, str(shape), str(other), "must be the same"],
            getattr(FUNCTIONS[name], method), half, np.full(other, 0.5),
        )  # fmt: skip


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_upstream_gradient_of_another_shape(name):
    (x,), options = arguments(name)
    words = [f"{name}.vjp", "(4, 3)", "(4, 1)", "must be the same"]
    refuses(ValueError, words, FUNCTIONS[name].vjp, x, np.ones((4, 1)), **options)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["avg", "", "Mean", None, 0])
def test_an_unknown_reduction(name, reduction):
    words = [name, repr(reduction), "'mean', 'sum', 'none'"]
    refuses(ValueError, words, FUNCTIONS[name], *arguments(name)[0], reduction=reduction)


Z = np.zeros((2, 3))
INTEGER_ONE_HOT = np.eye(3, dtype=int)[:2]
PROBABILITY, LOGIT = "binary_cross_entropy", "binary_cross_entropy_with_logits"
WEIGHTED = " ".join(name for name in PAIRED_LOSSES if name in WEIGHTED_LOSSES)
CLASSES, MARGIN = " ".join(CLASS_LOSSES), " ".join(MARGIN_LOSSES)
AxisError = np.exceptions.AxisError

# Functions, positional arguments, named arguments, the error, and what its message says.
SPECIAL = [
    ("huber_loss", (Z, Z), {"delta": 0.0}, ValueError, "delta is 0.0; greater than 0"),
    ("huber_loss", (Z, Z), {"delta": -1.0}, ValueError, "delta is -1.0; greater than 0"),
    ("huber_loss", (Z, Z), {"delta": np.nan}, ValueError, "delta is nan; greater than 0"),
    ("huber_loss", (Z, Z), {"delta": [1.0, 2.0]}, ValueError, "huber_loss: delta; (2,); one number"),
    ("huber_loss", (Z, Z), {"delta": "1"}, TypeError, "huber_loss: delta; <U1; real numbers"),
    ("celu", (Z,), {"alpha": 0.0}, ValueError, "alpha is 0.0; greater than 0"),
    ("celu", (Z,), {"alpha": -1.0}, ValueError, "alpha is -1.0; greater than 0"),
    ("celu", (Z,), {"alpha": np.nan}, ValueError, "alpha is nan; greater than 0"),
    ("celu", (Z,), {"alpha": np.inf}, ValueError, "alpha is inf; finite"),
    ("hardtanh", (Z,), {"min_val": 2.0}, ValueError, "min_val is 2.0; max_val is 1.0; greater"),
    ("hardtanh", (Z,), {"max_val": np.nan}, ValueError, "max_val is nan"),
    ("softshrink", (Z,), {"lambd": -0.5}, ValueError, "lambd is -0.5; at least 0"),
    ("softshrink", (Z,), {"lambd": np.nan}, ValueError, "lambd is nan; at least 0"),
    ("pseudo_huber_loss", (Z, Z), {"delta": 0.0}, ValueError, "delta is 0.0; greater than 0"),
    ("pseudo_huber_loss", (Z, Z), {"delta": np.nan}, ValueError, "delta is nan; greater than 0"),
    ("smooth_l1_loss", (Z, Z), {"beta": -0.5}, ValueError, "beta is -0.5; not less than 0"),
    ("smooth_l1_loss", (Z, Z), {"beta": np.nan}, ValueError, "beta is nan; not less than 0"),
    ("pinball_loss", (Z, Z), {"tau": 0.0}, ValueError, "tau is 0.0; between 0 and 1"),
    ("pinball_loss", (Z, Z), {"tau": 1.0}, ValueError, "tau is 1.0; between 0 and 1"),
    ("pinball_loss", (Z, Z), {"tau": np.nan}, ValueError, "tau is nan; between 0 and 1"),
    (MARGIN, ([0.5, 2.0], [1.0, 0.0]), {}, ValueError, "target holds 0.0; -1 and 1; 2 * target - 1"),
    (MARGIN, ([0.5, 2.0], [-1.0, np.inf]), {}, ValueError, "target holds inf; -1 and 1"),
    (MARGIN, ([0.5, 2.0], [0, 1]), {}, ValueError, "target holds 0.0; -1 and 1"),
    ("gelu", (Z,), {"approximate": "erf"}, ValueError, "approximate is 'erf'; 'none' or 'tanh'"),
    ("gelu", (Z,), {"approximate": None}, ValueError, "approximate is None; 'none' or 'tanh'"),
    ("softplus", (Z,), {"beta": 0.0}, ValueError, "beta is 0.0; finite; greater than 0"),
    ("softplus", (Z,), {"beta": np.nan}, ValueError, "beta is nan; greater than 0"),
    ("softplus", (Z,), {"threshold": "20"}, TypeError, "softplus: threshold; real numbers"),
    ("squareplus", (Z,), {"b": -1.0}, ValueError, "b is -1.0; greater than 0"),
    ("squareplus", (Z,), {"b": np.inf}, ValueError, "b is inf; finite"),
    ("leaky_relu", (Z,), {"negative_slope": None}, TypeError, "leaky_relu: negative_slope; real numbers"),
    ("softmax log_softmax", (Z, 2), {}, AxisError, "softmax: dim; axis 2; dimension 2"),
    ("softmax log_softmax", (0.0, 0), {}, AxisError, "softmax: dim; axis 0; dimension 0"),
    ("softmax log_softmax", (Z, 1.0), {}, TypeError, "softmax: dim is 1.0; an integer"),
    ("softmax log_softmax", (Z, None), {}, TypeError, "softmax: dim is None; an integer"),
    (PROBABILITY, ([0.5, 1.5], [1.0, 1.0]), {}, ValueError, "1.5; between 0 and 1; with_logits"),
    (PROBABILITY, ([-0.25], [1.0]), {}, ValueError, "-0.25; between 0 and 1"),
    (PROBABILITY, ([np.inf], [1.0]), {}, ValueError, "inf; between 0 and 1"),
    (LOGIT, (Z, Z), {"pos_weight": np.ones(2)}, ValueError, "pos_weight; (2,); broadcasts to (2, 3)"),
    (WEIGHTED, (Z, Z), {"weight": np.ones(2)}, ValueError, ": weight; (2,); broadcasts to (2, 3)"),
    (WEIGHTED, (Z, Z), {"weight": np.ones((5, 2, 3))}, ValueError, ": weight; (5, 2, 3); (2, 3)"),
    (CLASSES, (Z, [0, 3]), {}, ValueError, "label 3; 3 classes; from 0 to 2"),
    (CLASSES, (Z, [-1, 0]), {}, ValueError, "label -1; 3 classes; from 0 to 2"),
    (CLASSES, (Z, [0, 1, 2]), {}, ValueError, "(2, 3); labels of shape (2,); target has shape (3,)"),
    (CLASSES, (Z, INTEGER_ONE_HOT), {}, ValueError, "shape (2,); shape (2, 3); One-hot; floats"),
    (CLASSES, (0.0, 0), {}, ValueError, "single number; vector of class scores"),
    (CLASSES, (np.zeros((2, 0)), [0, 0]), {}, ValueError, "(2, 0); at least one class"),
    (CLASSES, (Z, [0, 1]), {"weight": [1.0, 2.0]}, ValueError, "weight; (2,); shape (3,)"),
    (CLASSES, (Z, [0, 1]), {"ignore_index": 0.5}, TypeError, ": ignore_index is 0.5; an integer"),
    ("cross_entropy", (Z, [0.0, 1.0]), {}, ValueError, "float64; (2,); (2, 3); integer class labels"),
    ("cross_entropy", (Z, Z), {"ignore_index": 1}, ValueError, "ignore_index is 1; probabilities; integer"),
    ("cross_entropy", (Z, [0, 1]), {"label_smoothing": -0.1}, ValueError, "label_smoothing is -0.1; 0 and 1"),
    ("cross_entropy", (Z, [0, 1]), {"label_smoothing": 1.5}, ValueError, "label_smoothing is 1.5; 0 and 1"),
    ("cross_entropy", (Z, [0, 1]), {"label_smoothing": np.nan}, ValueError, "label_smoothing is nan"),
    ("nll_loss", (Z, [0.0, 1.0]), {}, TypeError, "nll_loss; float64; integer class labels"),
]


@pytest.mark.parametrize(
    ("name", "positional", "options", "error", "words"),
    [(name, *row) for names, *row in SPECIAL for name in names.split()],
)
def test_what_one_function_refuses(name, positional, options, error, words):
    refuses(error, [name, *words.split("; ")], FUNCTIONS[name], *positional, **options)
    if name in LOSSES + ELEMENTWISE:
        refuses(error, words.split("; "), FUNCTIONS[name].grad, *positional, **options)


def test_a_vector_activation_has_no_elementwise_derivative():
    refuses(TypeError, ["softmax", "not elementwise", "softmax.vjp"], lossact.softmax.grad, [1.0], 0)


SOME_OPTIONS = {
    "huber_loss": {"delta": 0.5, "weight": np.linspace(0.5, 2, 3)},
    "binary_cross_entropy_with_logits": {"pos_weight": np.linspace(0.5, 2, 3), "weight": np.ones((4, 1))},
    "cross_entropy": {"weight": np.linspace(0.5, 2, 3), "label_smoothing": 0.1},
    "nll_loss": {"weight": np.linspace(0.5, 2, 3)},
}
LAYOUTS = {
    "read-only": lambda x: x.copy(),
    "every other": lambda x: np.repeat(x, 2, axis=0)[::2],
    "reversed": lambda x: x[::-1].copy()[::-1],
    "Fortran order": np.asfortranarray,
    "nested list": lambda x: x.tolist(),
}


@each_method
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_an_array_does_not_matter_and_it_is_never_changed(name, method, layout):
    positional, options = arguments(name)
    options = {**options, **SOME_OPTIONS.get(name, {})}
    wanted = call(name, method, positional, options)
    given = [LAYOUTS[layout](part) for part in positional]
    before = [np.array(part) for part in given]
    for part in [*given, *options.values()]:
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    results = call(name, method, given, options)
    for part, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(part, copy)
    for result, correct, part in itertools.product(results, wanted, given):
        assert not np.shares_memory(result, part)
        if np.shape(result) == np.shape(correct):
            np.testing.assert_allclose(result, correct, rtol=1e-14)


@each_method
@pytest.mark.parametrize("target_dtype", DTYPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_result_has_the_dtype_of_the_input(name, method, dtype, target_dtype):
    """Also where target and weights have another one, and in every reduction."""
    (x, *target), options = arguments(name, dtype=dtype)
    if name in PAIRED_LOSSES:
        target = [target[0].astype(target_dtype)]
    options = {**options, **SOME_OPTIONS.get(name, {})}
    for reduction in ("mean", "sum", "none") if name in LOSSES else [None]:
        chosen = {**options, "reduction": reduction} if reduction else options
        assert [result.dtype for result in call(name, method, [x, *target], chosen)] in (
            [dtype],
            [dtype, dtype],
        )


def test_class_probabilities_of_float64_leave_float32_logits_alone():
    x, target = np.zeros((2, 3), np.float32), np.full((2, 3), 1 / 3)
    assert [part.dtype for part in lossact.cross_entropy.value_and_grad(x, target)] == [np.float32] * 2


@each_method
@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, bool])
def test_integers_and_booleans_become_float64(name, method, dtype):
    (x, *target), options = arguments(name)
    x = (x > 0).astype(dtype)
    low = 0 if name not in MARGIN_LOSSES else -1 if np.dtype(dtype).kind == "i" else 1
    target = [np.where(part > 0.3, 1, low).astype(dtype) for part in target]
    floats = [
        x.astype(float),
        *([part.astype(float) for part in target] if name in PAIRED_LOSSES else target),
    ]
    for result, wanted in zip(
        call(name, method, [x, *target], options), call(name, method, floats, options), strict=True
    ):
        assert result.dtype == np.float64
        np.testing.assert_array_equal(result, wanted)


@pytest.mark.parametrize("name", ELEMENTWISE + PAIRED_LOSSES)
def test_single_numbers(name):
    """Python numbers, NumPy scalars and 0-d arrays give one NumPy number."""
    function, count = FUNCTIONS[name], 1 if name in ELEMENTWISE else 2
    one = 1 if "binary" not in name else 0.5
    for kind in (type(one), np.float64, np.float32, np.array):
        arguments = [kind(one)] * count
        wanted = np.float32 if kind is np.float32 else np.float64
        options = [{}] if count == 1 else [{"reduction": reduction} for reduction in ("mean", "sum", "none")]
        for chosen in options:
            assert type(function(*arguments, **chosen)) is wanted
            assert type(function.grad(*arguments, **chosen)) is wanted


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_empty_arrays(name, shape):
    empty = np.empty(shape, np.float32)
    for dim in range(len(shape)):
        options = {} if name in ELEMENTWISE else {"dim": dim}
        for result in (FUNCTIONS[name](empty, **options), FUNCTIONS[name].vjp(empty, empty, **options)):
            assert (result.shape, result.dtype) == (shape, np.float32)


@pytest.mark.parametrize("name", LOSSES)
def test_arguments_can_be_named(name):
    function = FUNCTIONS[name]
    (x, target), _ = arguments(name)
    assert function(target=target, input=x) == function(x, target)
    assert function.value_and_grad(input=x, target=target)[0] == function(x, target)


@pytest.mark.parametrize("name", [*FUNCTIONS])
def test_no_warning_even_for_a_caller_who_wants_errors(name):
    """Overflow on the way into float32 too: of a target, of a weight, of an upstream gradient."""
    huge = np.full(3, 1e300)
    x = np.full(3, 0.5, np.float32)
    with np.errstate(all="raise"):
        if name in CLASS_LOSSES:
            FUNCTIONS[name].value_and_grad(x, 0, weight=huge)
            return
        if name in LOSSES:
            target = np.ones(3) if name in MARGIN_LOSSES else huge
            weight = {"weight": huge} if name in WEIGHTED_LOSSES else {}
            FUNCTIONS[name].value_and_grad(x, target, **weight, reduction="none")
            return
        options = {} if name in ELEMENTWISE else {"dim": 0}
        FUNCTIONS[name].vjp(x, huge, **options)
