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
from lossact._declare import Activation, Loss

DTYPES = ("float32", "float64")
SIZES = (1_000, 100_000, 10_000_000)
CLASSES = 100  # in the vectors of the functions that take vectors
BATCH = (4096, 1000)  # what those are measured on besides
MEGABYTE = 1 << 20


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
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    vectors: bool = False
    torch: Callable[..., Any] | None = None
    scipy: Callable[..., Any] | None = None
    target: float | None = None


MARGIN = {"target": "sign"}
POSITIVE = {"input": "positive", "target": "positive"}
EXCEPTIONS = {
    "binary_cross_entropy": Case({"input": "probability", "target": "probability"}),
    "binary_cross_entropy_with_logits": Case({"target": "probability"}),
    "cross_entropy": Case({"target": "label"}, vectors=True),
    "exponential_loss": Case(MARGIN, torch=lambda x, y: torch.exp(-x * y).mean()),
    "gamma_deviance_loss": Case(POSITIVE),
    "gaussian_nll_loss": Case({"var": "positive"}),
    "gelu": Case(scipy=lambda x: x * special.ndtr(x), target=1.5),
    "hinge_loss": Case(MARGIN, torch=lambda x, y: F.relu(1 - x * y).mean()),
    "huber_loss": Case(scipy=lambda x, y: special.huber(1.0, x - y).mean()),
    "identity": Case(torch=torch.clone),
    "lisht": Case(torch=lambda x: x * torch.tanh(x)),
    "log_cosh_loss": Case(torch=lambda x, y: torch.log(torch.cosh(x - y)).mean()),
    "log_softmax": Case(options={"dim": 1}, vectors=True, scipy=lambda x: special.log_softmax(x, axis=1)),
    "logsigmoid": Case(scipy=special.log_expit),
    "msle_loss": Case(POSITIVE),
    "nll_loss": Case({"target": "label"}, vectors=True),
    "pinball_loss": Case(torch=lambda x, y: torch.maximum(0.5 * (y - x), -0.5 * (y - x)).mean()),
    "poisson_deviance_loss": Case(POSITIVE),
    "poisson_nll_loss": Case({"target": "positive"}),
    "pseudo_huber_loss": Case(
        torch=lambda x, y: (torch.sqrt(1 + (x - y) ** 2) - 1).mean(),
        scipy=lambda x, y: special.pseudo_huber(1.0, x - y).mean(),
    ),
    "sigmoid": Case(scipy=special.expit),
    "soft_margin_loss": Case(MARGIN),
    "softmax": Case(options={"dim": 1}, vectors=True, scipy=lambda x: special.softmax(x, axis=1)),
    "squared_hinge_loss": Case(MARGIN, torch=lambda x, y: F.relu(1 - x * y).square().mean()),
    "squareplus": Case(torch=lambda x: (x + torch.sqrt(x * x + 4)) / 2),
}
USUAL = Case()

Shape = tuple[int, ...]
KINDS: dict[str, Callable[[np.random.Generator, Shape, str], np.ndarray]] = {
    "normal": lambda rng, shape, dtype: 2 * rng.standard_normal(shape, dtype),
    "probability": lambda rng, shape, dtype: rng.uniform(0.001, 0.999, shape).astype(dtype),
    "positive": lambda rng, shape, dtype: rng.uniform(0.1, 5, shape).astype(dtype),
    "sign": lambda rng, shape, dtype: rng.choice(np.array([-1, 1], dtype), shape),
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
    """The shapes of the input: numbers in a row, or vectors."""
    if not case(name).vectors:
        return [(size,) for size in sizes]
    return [
        *((max(1, size // CLASSES), CLASSES) for size in sizes),
        *([BATCH] if tuple(sizes) == SIZES else []),
    ]


# The contestants: each is a function without arguments.

Contestants = dict[str, Callable[[], Any]]


def contestants(name: str, quantity: str, given: list[np.ndarray]) -> Contestants:
    """Whoever computes the `quantity` of the function `name`: "value" or "value and gradient"."""
    ours = getattr(lossact, name)
    options, theirs = case(name).options, rival(name)
    tensors = [torch.from_numpy(array) for array in given]
    leaf = tensors[0].clone().requires_grad_()
    ones = torch.ones_like(tensors[0])
    upstream = ones.numpy()
    elementwise = isinstance(ours, Activation) and ours.elementwise
    found: Contestants = {}

    def forward() -> Any:
        with torch.no_grad():
            return theirs(*tensors, **options)

    def forward_and_backward() -> Any:
        value = theirs(leaf, *tensors[1:], **options)
        return value, torch.autograd.grad(value, leaf, ones if value.ndim else None)

    def value_and_vjp() -> Any:
        return ours.value_and_vjp(given[0], upstream, *given[1:], **options)

    if quantity == "value":
        found["lossact"] = lambda: ours(*given, **options)
        if theirs:
            found["torch"] = forward
        if scipys := case(name).scipy:
            found["scipy"] = lambda: scipys(*given)
        written = [np.empty_like(given[0])] if isinstance(ours, Activation) else []
    else:
        has_both = isinstance(ours, Loss) or elementwise
        found["lossact"] = (lambda: ours.value_and_grad(*given, **options)) if has_both else value_and_vjp
        if theirs:
            found["torch"] = forward_and_backward
        written = [np.empty_like(given[0]) for _ in range(1 + isinstance(ours, Activation))]

    def floor() -> None:
        for output in written:
            np.copyto(output, given[0])
        for array in given[bool(written) :]:
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
    if case(name).vectors and isinstance(getattr(lossact, name), Activation):
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


QUANTITIES = ("value", "value and gradient")
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
    parser.add_argument("--seconds", type=float, default=0.1, help="for each measurement, about")
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
