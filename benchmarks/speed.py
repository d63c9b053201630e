"""How long lossact takes, as a share of torch's time: `make bench-speed`.

Every function of `lossact.__all__` is measured: its value, and its value with gradient (torch: forward and
backward), one thread each, in float32 and float64, against torch, against `scipy.special` where that has the
function, and against the floor, which is to read the arguments and write the results once. The contestants
take turns in one loop, so that whatever else the machine does hits all of them, and what is reported is the
median of the ratios of one turn. Time is that of the processor, page faults included, because other programs
may run too. Absolute times are in the JSON file.

The timer is our own because pytest-benchmark, pyperf and asv measure one contestant after the other.
"""

import os

# Read when the libraries are loaded.
os.environ.update(OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import argparse
import functools
import inspect
import json
import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import torch
import torch.nn.functional as F
from scipy import special

import lossact
from lossact._declare import Loss, Similarity

DTYPES = ("float32", "float64")
QUANTITIES = ("value", "value and gradient")
SIZES = (1_000, 100_000, 10_000_000)
CLASSES = 100  # in the vectors of the functions that take vectors
BATCH = (4096, 1000)  # what those of them are measured on besides that torch has itself
FRAMES, SYMBOLS, LABELS = 50, 20, 10  # of a sequence
MEGABYTE = 1 << 20


Shape = tuple[int, ...]
Tensor = torch.Tensor

# What is measured on which arguments. `lossact.__all__` says which functions there are; what is not said in
# EXCEPTIONS is that a required argument is made of normal numbers, that options have their defaults, and that
# torch has the function under the same name.


@dataclass(frozen=True)
class Case:
    """How one function is measured, as far as it is not as usual.

    Attributes
    ----------
    kinds : for an argument by its name, which numbers it is made of (see `KINDS`).
    options : keyword arguments.
    vectors : whether it takes vectors, on axis 1.
    torch : what takes the same arguments in torch, where that has another name or must be put together.
    scipy : what computes the value from the same arrays in SciPy.
    target : the largest ratio to torch that is accepted, if not the usual one.
    shape : the shape of the input of a size, if it is neither numbers in a row nor vectors.
    largest : the largest size on which it is measured, where more would take too long.
    compared : the quantities in which torch computes the same numbers.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    vectors: bool = False
    torch: Callable[..., Any] | None = None
    scipy: Callable[..., Any] | None = None
    target: float | None = None
    shape: Callable[[int], Shape] | None = None
    largest: int | None = None
    compared: Sequence[str] = QUANTITIES


def sequences(size: int) -> Shape:
    """As the CTC losses take them: frames, sequences, symbols."""
    return FRAMES, max(1, size // (FRAMES * SYMBOLS)), SYMBOLS


# Compositions in torch that take more than a line.


def circle_loss(input: Tensor, target: Tensor) -> Tensor:
    margin, gamma = 0.25, 256.0
    other = gamma * F.relu(input + margin) * (input - margin)
    own = -gamma * F.relu(1 + margin - input) * (input - 1 + margin)
    others = torch.logsumexp(other.masked_fill(target == 1, -torch.inf), -1)
    return F.softplus(others + torch.logsumexp(own.masked_fill(target == 0, -torch.inf), -1)).mean()


def contrastive_loss(input1: Tensor, input2: Tensor, target: Tensor, margin: float) -> Tensor:
    distance = torch.linalg.vector_norm(input1 - input2, dim=-1)
    return 0.5 * torch.where(target == 0, distance, F.relu(margin - distance)).square().mean()


def distillation_loss(input: Tensor, target: Tensor) -> Tensor:
    student, teacher = F.log_softmax(input / 2, 1), F.log_softmax(target / 2, 1)
    return 4 * F.kl_div(student, teacher, reduction="batchmean", log_target=True)


def info_nce_loss(queries: Tensor, keys: Tensor) -> Tensor:
    similarities = F.normalize(queries) @ F.normalize(keys).T
    return F.cross_entropy(similarities / 0.07, torch.arange(len(keys)))


def jensen_shannon_divergence(input: Tensor, target: Tensor) -> Tensor:
    middle = (input + target) / 2
    both = torch.xlogy(input, input / middle) + torch.xlogy(target, target / middle)
    return 0.5 * both.sum(1).mean()


def nt_xent_loss(input1: Tensor, input2: Tensor) -> Tensor:
    views, count = F.normalize(torch.cat([input1, input2])), len(input1)
    similarities = (views @ views.T / 0.5).fill_diagonal_(-torch.inf)
    return F.cross_entropy(similarities, torch.arange(2 * count).roll(count))


def poly_loss(input: Tensor, target: Tensor) -> Tensor:
    losses = F.cross_entropy(input, target, reduction="none")
    return (losses + 2 * (1 - torch.exp(-losses))).mean()


def sigmoid_focal_loss(input: Tensor, target: Tensor) -> Tensor:
    losses = F.binary_cross_entropy_with_logits(input, target, reduction="none")
    right = torch.sigmoid(input) * target + torch.sigmoid(-input) * (1 - target)
    return (losses * (1 - right) ** 2 * (0.25 * target + 0.75 * (1 - target))).mean()


def tversky_loss(input: Tensor, target: Tensor, smooth: float = 1e-5) -> Tensor:
    hit = (input * target).sum(1)
    wrong, missed = (input * (1 - target)).sum(1), (target * (1 - input)).sum(1)
    return (1 - (hit + smooth) / (hit + 0.5 * wrong + 0.5 * missed + smooth)).mean()


MARGIN = {"target": "sign"}
REGION = {"input": "probability", "target": "bit"}
DISTRIBUTIONS = {"input": "distribution", "target": "distribution"}
SEQUENCES = {"targets": "symbols", "input_lengths": "all frames", "target_lengths": "all symbols"}
POSITIVE = {"input": "positive", "target": "positive"}
EXCEPTIONS = {
    "arctan": Case(torch=torch.atan),
    "binary_cross_entropy": Case({"input": "probability", "target": "probability"}),
    "binary_cross_entropy_with_logits": Case({"target": "probability"}),
    "circle_loss": Case(
        {"input": "cosine", "target": "bit"}, vectors=True, torch=circle_loss, largest=100_000
    ),
    "contrastive_loss": Case({"target": "bit a row"}, {"margin": 30.0}, vectors=True, torch=contrastive_loss),
    "cosine_embedding_loss": Case({"target": "sign a row"}, vectors=True),
    "cosine_similarity": Case(vectors=True),
    "cross_entropy": Case({"target": "label"}, vectors=True),
    "ctc_loss": Case(
        {"log_probs": "log distribution", **SEQUENCES},
        shape=sequences,
        largest=100_000,
        # torch's gradient is the right one only once it has gone back through log_softmax.
        compared=["value"],
    ),
    "ctc_loss_with_logits": Case(
        SEQUENCES,
        torch=lambda z, *rest: F.ctc_loss(F.log_softmax(z, -1), *rest),
        shape=sequences,
        largest=100_000,
    ),
    "dice_loss": Case(
        REGION,
        vectors=True,
        torch=lambda x, y: (1 - (2 * (x * y).sum(1) + 1e-5) / (x.sum(1) + y.sum(1) + 1e-5)).mean(),
    ),
    "distillation_loss": Case(vectors=True, torch=distillation_loss),
    "distribution_cross_entropy": Case(
        DISTRIBUTIONS, vectors=True, torch=lambda x, y: -torch.xlogy(y, x).sum(1).mean()
    ),
    "entropy": Case(
        {"input": "distribution"},
        vectors=True,
        torch=lambda x: torch.special.entr(x).sum(1).mean(),
        scipy=lambda x: special.entr(x).sum(1).mean(),
    ),
    "exponential": Case(torch=torch.exp),
    "exponential_loss": Case(MARGIN, torch=lambda x, y: torch.exp(-x * y).mean()),
    "gamma_deviance_loss": Case(POSITIVE, torch=lambda x, y: 2 * (torch.log(x / y) + y / x - 1).mean()),
    "gaussian_nll_loss": Case({"var": "positive"}),
    "geglu": Case(vectors=True, torch=lambda x: x.chunk(2, -1)[0] * F.gelu(x.chunk(2, -1)[1])),
    "gelu": Case(scipy=lambda x: x * special.ndtr(x), target=1.5),
    "glu": Case(vectors=True),
    "gumbel_minimum_cdf": Case(torch=lambda x: -torch.expm1(-torch.exp(x))),
    "gumbel_softmax": Case(vectors=True, compared=[]),
    "hinge_embedding_loss": Case({"input": "positive", "target": "sign"}),
    "hinge_loss": Case(MARGIN, torch=lambda x, y: F.relu(1 - x * y).mean()),
    "huber_loss": Case(scipy=lambda x, y: special.huber(1.0, x - y).mean()),
    "identity": Case(torch=torch.clone),
    "info_nce_loss": Case(vectors=True, torch=info_nce_loss, largest=100_000),
    "jensen_shannon_divergence": Case(
        DISTRIBUTIONS,
        vectors=True,
        torch=jensen_shannon_divergence,
    ),
    "kl_div": Case(
        {"input": "log distribution", "target": "distribution"}, {"reduction": "batchmean"}, vectors=True
    ),
    "linear_cross_entropy": Case({"linear_weight": "layer", "target": "label of the layer"}, vectors=True),
    "lisht": Case(torch=lambda x: x * torch.tanh(x)),
    "log_cosh_loss": Case(torch=lambda x, y: torch.log(torch.cosh(x - y)).mean()),
    "log_softmax": Case(options={"dim": 1}, vectors=True, scipy=lambda x: special.log_softmax(x, axis=1)),
    "logit": Case({"input": "probability"}, torch=torch.logit, scipy=special.logit),
    "logsigmoid": Case(scipy=special.log_expit),
    "logsumexp": Case(
        options={"dim": 1},
        vectors=True,
        torch=torch.logsumexp,
        scipy=lambda x: special.logsumexp(x, axis=1),
    ),
    "mape_loss": Case(POSITIVE, torch=lambda x, y: ((x - y).abs() / y.abs().clamp(2**-52)).mean()),
    "margin_ranking_loss": Case(MARGIN),
    "msle_loss": Case(POSITIVE, torch=lambda x, y: F.mse_loss(torch.log1p(x), torch.log1p(y))),
    "multi_margin_loss": Case({"target": "label"}, vectors=True),
    "multilabel_margin_loss": Case({"target": "some labels"}, vectors=True, largest=100_000),
    "multilabel_soft_margin_loss": Case({"target": "bit"}, vectors=True),
    "nll_loss": Case({"target": "label"}, vectors=True),
    "normal_cdf": Case(torch=torch.special.ndtr, scipy=special.ndtr),
    "nt_xent_loss": Case(vectors=True, torch=nt_xent_loss, largest=100_000),
    "pairwise_distance": Case(vectors=True),
    "pinball_loss": Case(torch=lambda x, y: torch.maximum(0.5 * (y - x), -0.5 * (y - x)).mean()),
    "poisson_deviance_loss": Case(POSITIVE, torch=lambda x, y: 2 * (torch.xlogy(y, y / x) - y + x).mean()),
    "poisson_nll_loss": Case({"target": "positive"}),
    "poly_loss": Case({"target": "label"}, vectors=True, torch=poly_loss),
    "prelu": Case({"weight": "slope"}),
    "pseudo_huber_loss": Case(
        torch=lambda x, y: (torch.sqrt(1 + (x - y) ** 2) - 1).mean(),
        scipy=lambda x, y: special.pseudo_huber(1.0, x - y).mean(),
    ),
    "quick_gelu": Case(torch=lambda x: x * torch.sigmoid(1.702 * x)),
    "reglu": Case(vectors=True, torch=lambda x: x.chunk(2, -1)[0] * F.relu(x.chunk(2, -1)[1])),
    "relu_squared": Case(torch=lambda x: F.relu(x).square()),
    "sigmoid": Case(scipy=special.expit),
    "sigmoid_focal_loss": Case({"target": "bit"}, torch=sigmoid_focal_loss),
    "soft_margin_loss": Case(MARGIN),
    "softmax": Case(options={"dim": 1}, vectors=True, scipy=lambda x: special.softmax(x, axis=1)),
    "softmin": Case(options={"dim": 1}, vectors=True, scipy=lambda x: special.softmax(-x, axis=1)),
    "sparse_plus": Case(torch=lambda x: torch.where(x < 1, F.relu(x + 1).square() / 4, x)),
    "sparse_sigmoid": Case(torch=lambda x: torch.clamp((x + 1) / 2, 0, 1)),
    "sparsemax": Case(options={"dim": 1}, vectors=True),
    "squared_hinge_loss": Case(MARGIN, torch=lambda x, y: F.relu(1 - x * y).square().mean()),
    "squareplus": Case(torch=lambda x: (x + torch.sqrt(x * x + 4)) / 2),
    "swiglu": Case(vectors=True, torch=lambda x: x.chunk(2, -1)[0] * F.silu(x.chunk(2, -1)[1])),
    "threshold": Case(options={"threshold": 0.5, "value": -1.0}),
    "triplet_margin_loss": Case(vectors=True),
    "triplet_margin_with_distance_loss": Case(vectors=True),
    "tversky_loss": Case(REGION, vectors=True, torch=tversky_loss),
    "tweedie_deviance_loss": Case(torch=F.mse_loss),
}
USUAL = Case()

# From the shape of the first argument: some arguments have another.
KINDS: dict[str, Callable[[np.random.Generator, Shape, str], np.ndarray]] = {
    "normal": lambda rng, shape, dtype: 2 * rng.standard_normal(shape, dtype),
    "probability": lambda rng, shape, dtype: rng.uniform(0.001, 0.999, shape).astype(dtype),
    "positive": lambda rng, shape, dtype: rng.uniform(0.1, 5, shape).astype(dtype),
    "sign": lambda rng, shape, dtype: rng.choice(np.array([-1, 1], dtype), shape),
    "bit": lambda rng, shape, dtype: rng.integers(0, 2, shape).astype(dtype),
    "cosine": lambda rng, shape, dtype: rng.uniform(-1, 1, shape).astype(dtype),
    "sign a row": lambda rng, shape, dtype: rng.choice(np.array([-1, 1], dtype), shape[:-1]),
    "bit a row": lambda rng, shape, dtype: rng.integers(0, 2, shape[:-1]).astype(dtype),
    "distribution": lambda rng, shape, dtype: special.softmax(rng.standard_normal(shape, dtype), axis=-1),
    "log distribution": lambda rng, shape, dtype: special.log_softmax(
        rng.standard_normal(shape, dtype), axis=-1
    ),
    "slope": lambda rng, shape, dtype: np.full(1, 0.25, dtype),
    "layer": lambda rng, shape, dtype: rng.standard_normal((CLASSES, shape[1]), dtype) / 10,
    "label of the layer": lambda rng, shape, dtype: rng.integers(0, CLASSES, shape[0]),
    "some labels": lambda rng, shape, dtype: np.where(
        np.arange(shape[1]) < 3,
        (rng.integers(0, shape[1], (shape[0], 1)) + np.arange(shape[1])) % shape[1],
        -1,
    ),
    "symbols": lambda rng, shape, dtype: rng.integers(1, SYMBOLS, (shape[1], LABELS)),
    "all frames": lambda rng, shape, dtype: np.full(shape[1], FRAMES),
    "all symbols": lambda rng, shape, dtype: np.full(shape[1], LABELS),
    "label": lambda rng, shape, dtype: rng.integers(0, shape[1], (shape[0], *shape[2:])),
}


@functools.lru_cache(maxsize=8)
def numbers(kind: str, shape: Shape, dtype: str, seed: int) -> np.ndarray:
    return KINDS[kind](np.random.default_rng(seed), shape, dtype)


def arrays(name: str, shape: Shape, dtype: str) -> list[np.ndarray]:
    """The positional arguments of the function `name`."""
    kinds, options = case(name).kinds, case(name).options
    required = [
        each.name
        for each in inspect.signature(getattr(lossact, name)).parameters.values()
        if each.name in kinds or (each.default is each.empty and each.name not in options)
    ]
    return [numbers(kinds.get(key, "normal"), shape, dtype, seed) for seed, key in enumerate(required)]


def case(name: str) -> Case:
    return EXCEPTIONS.get(name, USUAL)


def rival(name: str) -> Callable[..., Any] | None:
    """What computes the function in torch, if anything does."""
    return case(name).torch or getattr(F, name, None)


def shapes(name: str, sizes: Sequence[int]) -> list[Shape]:
    """The shapes of the input: numbers in a row, or vectors, or as the case has it."""
    own, largest = case(name).shape, case(name).largest
    kept = [size for size in sizes if largest is None or size <= largest]
    if own:
        return [own(size) for size in kept]
    if not case(name).vectors:
        return [(size,) for size in kept]
    return [
        *((max(1, size // CLASSES), CLASSES) for size in kept),
        *([BATCH] if tuple(kept) == SIZES and not case(name).torch else []),
    ]


# The contestants: each is a function without arguments.

Contestants = dict[str, Callable[[], Any]]


def contestants(name: str, quantity: str, given: list[np.ndarray]) -> Contestants:
    """Whoever computes the `quantity` of the function `name`: "value" or "value and gradient"."""
    ours = getattr(lossact, name)
    options, theirs = case(name).options, rival(name)
    tensors = [torch.from_numpy(array) for array in given]
    leaf = tensors[0].clone().requires_grad_()
    output = np.asarray(ours(*given, **options))
    upstream = np.ones_like(output)
    ones = torch.from_numpy(upstream)
    found: Contestants = {}

    def forward() -> Any:
        with torch.no_grad():
            return theirs(*tensors, **options)

    def forward_and_backward() -> Any:
        value = theirs(leaf, *tensors[1:], **options)
        return value, torch.autograd.grad(value, leaf, ones if value.ndim else None)

    def value_and_vjp() -> Any:
        if isinstance(ours, Similarity):
            return ours(*given, **options), ours.vjp(*given, upstream, **options)
        return ours.value_and_vjp(given[0], upstream, *given[1:], **options)

    if quantity == "value":
        found["lossact"] = lambda: ours(*given, **options)
        if theirs:
            found["torch"] = forward
        if scipys := case(name).scipy:
            found["scipy"] = lambda: scipys(*given)
    else:
        has_both = isinstance(ours, Loss) or getattr(ours, "elementwise", False)
        found["lossact"] = (lambda: ours.value_and_grad(*given, **options)) if has_both else value_and_vjp
        if theirs:
            found["torch"] = forward_and_backward

    row = given[0].ravel()
    written = [] if isinstance(ours, Loss) else [output.size]
    written += [row.size] * (quantity != "value")
    copies = [(np.empty_like(row[:size]), row[:size]) for size in written]
    left = [row[max(written, default=0) :], *given[1:]]

    def floor() -> None:
        for copy, part in copies:
            np.copyto(copy, part)
        for array in left:
            if array.size:
                np.min(array)

    found["floor"] = floor
    return found


def times(found: Contestants, seconds: float) -> dict[str, list[float]]:
    """Seconds of a call of each contestant, turn by turn, for about `seconds` and at least three turns."""
    calls = {}
    for key, call in found.items():
        taken = one_turn(call, 1)
        if taken < 0.01:
            taken = one_turn(call, 3)
        # Short calls are repeated until a turn is long against the clock.
        calls[key] = max(1, round(2e-4 / max(taken, 1e-9)))
    measured: dict[str, list[float]] = {key: [] for key in found}
    end, turns = time.perf_counter() + seconds, 0
    while turns < 3 or (time.perf_counter() < end and turns < 1000):
        for key, call in found.items():
            measured[key].append(one_turn(call, calls[key]))
        turns += 1
    return measured


def one_turn(call: Callable[[], Any], calls: int) -> float:
    start = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - start) / calls


def memory(call: Callable[[], Any]) -> int:
    """Bytes that a call needs at its peak beside its result."""
    tracemalloc.start()
    try:
        result = call()
        left, peak = tracemalloc.get_traced_memory()
        del result
        return peak - left
    finally:
        tracemalloc.stop()


@dataclass(frozen=True)
class Measurement:
    function: str
    quantity: str
    dtype: str
    shape: Shape
    seconds: dict[str, float]  # the median of each contestant
    ratio: dict[str, float]  # the median of lossact over each of the others
    memory: int | None  # bytes beside the result
    target: float | None  # of the ratio to torch
    missed: bool


def target(name: str, quantity: str, shape: Shape) -> float | None:
    """The largest accepted ratio to torch, if there is one."""
    if shape == BATCH and name == "cross_entropy" and quantity == "value and gradient":
        return 1.2
    own = case(name).target
    if case(name).vectors and not isinstance(getattr(lossact, name), Loss):
        return own
    if quantity == "value and gradient":
        return own or 1.0
    return own or {100_000: 1.5, 10_000_000: 1.0}.get(int(np.prod(shape)))


def measure(name: str, quantity: str, dtype: str, shape: Shape, seconds: float) -> Measurement:
    found = contestants(name, quantity, arrays(name, shape, dtype))
    measured = times(found, seconds)
    ratio = {
        key: statistics.median(a / b for a, b in zip(measured["lossact"], measured[key], strict=True))
        for key in found
        if key != "lossact"
    }
    wanted = target(name, quantity, shape)
    is_large = np.prod(shape) >= max(SIZES)
    needed = memory(found["lossact"]) if is_large else None
    missed = (wanted is not None and ratio.get("torch", 0) > wanted) or (needed or 0) > MEGABYTE
    medians = {key: statistics.median(values) for key, values in measured.items()}
    return Measurement(name, quantity, dtype, shape, medians, ratio, needed, wanted, bool(missed))


# What is printed.


def machine() -> dict[str, Any]:
    """Speed is that of a machine and of versions: these."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = lines[0].partition(":")[2].strip() if lines else cpu
    simd: Any = np.show_config(mode="dicts")
    return {
        "cpu": cpu,
        "simd": simd["SIMD Extensions"]["found"],
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "torch": torch.__version__,
        "lossact": lossact.__version__,
    }


ABOUT = """\
Numbers are lossact's time over the other's: below 1 lossact is faster. `*` misses its target; `-`: no match.
v: value against torch; g: value and gradient against torch's forward and backward; s: value against scipy;
f: value and gradient against reading and writing once; MB: memory beside the result.
"""


def label(shape: Shape) -> str:
    size = int(np.prod(shape))
    if shape == BATCH:
        return "x".join(map(str, shape))
    exponent = len(str(size)) - 1
    return f"1e{exponent}" if size == 10**exponent else str(size)


def row(found: Sequence[Measurement], columns: Sequence[str]) -> str:
    """One line: a function in one dtype."""
    cells = dict.fromkeys(columns, "-")
    for each in found:
        size, is_value = label(each.shape), each.quantity == "value"
        if "torch" in each.ratio:
            late = each.target is not None and each.ratio["torch"] > each.target
            cells[f"{'v' if is_value else 'g'} {size}"] = f"{each.ratio['torch']:.2f}{'*' * late}"
        if is_value and "scipy" in each.ratio:
            cells[f"s {size}"] = f"{each.ratio['scipy']:.2f}"
        if not is_value:
            cells[f"f {size}"] = f"{each.ratio['floor']:.1f}"
        if each.memory is not None:
            held = max(float(cells["MB"].strip("*-") or 0), each.memory / MEGABYTE)
            cells["MB"] = f"{held:.2f}{'*' * (held > 1)}"
    return "".join(f"{cells[column]:>9}" for column in columns)


def head(sizes: Sequence[str]) -> list[str]:
    largest = [size for size in sizes if "x" not in size][-1]
    return [
        *(f"v {size}" for size in sizes),
        *(f"g {size}" for size in sizes),
        f"s {largest}",
        f"f {largest}",
        "MB",
    ]


def summary(found: Sequence[Measurement]) -> Iterator[str]:
    """The median ratios, and what misses its target."""
    for quantity in QUANTITIES:
        for dtype in DTYPES:
            for size in dict.fromkeys(label(each.shape) for each in found):
                ratios = [
                    each.ratio["torch"]
                    for each in found
                    if (each.quantity, each.dtype, label(each.shape)) == (quantity, dtype, size)
                    and "torch" in each.ratio
                ]
                if ratios:
                    yield (
                        f"{quantity:>18}, {dtype}, {size:>9}: median {statistics.median(ratios):.2f}, "
                        f"worst {max(ratios):.2f} of torch's time, {len(ratios)} functions"
                    )
    gradients = [
        each.ratio["torch"] for each in found if each.quantity == QUANTITIES[1] and "torch" in each.ratio
    ]
    if gradients:
        yield f"value and gradient, all: median {statistics.median(gradients):.2f} (wanted: 0.5)"
    missed = [each for each in found if each.missed]
    yield f"{len(missed)} of {len(found)} measurements miss a target."


def chosen(names: Sequence[str] | None) -> list[str]:
    unknown = set(names or ()) - set(lossact.__all__)
    if unknown:
        raise SystemExit(f"lossact has no function {', '.join(sorted(unknown))}.")
    return list(names or lossact.__all__)


def main(arguments: Sequence[str] | None = None) -> list[Measurement]:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", metavar="FUNCTION", help="measure these functions")
    parser.add_argument("--sizes", nargs="+", type=lambda text: int(float(text)), default=list(SIZES))
    parser.add_argument("--dtypes", nargs="+", choices=DTYPES, default=list(DTYPES))
    parser.add_argument("--seconds", type=float, default=0.05, help="for each measurement, about")
    parser.add_argument("--json", type=Path, help="write all measurements to this file")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)

    about, found = machine(), []
    print("\n".join(f"{key:>8}: {value}" for key, value in about.items()), "", ABOUT, sep="\n")
    names = chosen(asked.only)
    sizes = list(dict.fromkeys(label(shape) for name in names for shape in shapes(name, asked.sizes)))
    columns = head(sorted(sizes, key=lambda size: ("x" in size, size)))
    width = max(map(len, names)) + 1
    print(" " * (width + 7), *(f"{column:>8}" for column in columns))
    for name in names:
        for dtype in asked.dtypes:
            row_of = [
                measure(name, quantity, dtype, shape, asked.seconds)
                for shape in shapes(name, asked.sizes)
                for quantity in QUANTITIES
            ]
            print(f"{name:<{width}}{dtype}", row(row_of, columns), flush=True)
            found += row_of
    print("", *summary(found), sep="\n")
    if asked.json:
        asked.json.write_text(
            json.dumps({"machine": about, "measurements": [asdict(each) for each in found]}, indent=1)
        )
    return found


if __name__ == "__main__":
    main()
