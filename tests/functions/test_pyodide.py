"""The package runs unchanged in Pyodide, the Python of the browser, and gives the numbers it gives here.

Pyodide runs in Node, from the folder that LOSSACT_PYODIDE names. Its Python is newer, its mathematical
functions are another library's (musl instead of glibc and NumPy's vector code), and its integers as wide as
an address have 32 bits.
"""

import os
import pickle
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lossact
from lossact.couplings.coupling import FITTING
from tests.functions import pyodide_side
from tests.functions.cases import (
    APART,
    DTYPES,
    ELEMENTWISE,
    FUNCTIONS,
    LOSSES,
    OPTIONS,
    PAIRED_LOSSES,
    arguments,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
GATHERER = ROOT.parent / "shared" / "tools" / "pyodide_mirror.py"
ADVICE = (
    "LOSSACT_PYODIDE names no folder with a Pyodide. Unpack a release with NumPy from "
    "https://github.com/pyodide/pyodide/releases (314.0.3 is what is tested), and set it to that folder."
)
# Of numbers; and the share of the largest number of its row that a gradient may differ by, where the row is
# a vector: its terms cancel, and what is left of them is their rounding.
TOLERANCE = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 1e-12}


def extremes(dtype):
    """Rows of three numbers: huge, far out, tiny, no number, and none of them finite."""
    info = np.finfo(dtype)
    big, tiny, least = float(info.max) / 4, float(info.tiny), float(info.smallest_subnormal)
    return np.array(
        [
            [big, -big, 1.0],
            [800.0, -800.0, 0.0],
            [-100.0, 37.0, -17.0],
            [8.0, -6.0, -0.0],
            [tiny, -tiny, least],
            [1e-4, -1e-9, 0.5],
            [np.inf, -np.inf, 1.0],
            [np.nan, 0.25, -1.0],
        ],
        dtype,
    )


def shares(dtype):
    """Rows of three numbers between 0 and 1, down to the least there is."""
    info = np.finfo(dtype)
    near_one = 1 - float(info.epsneg)
    return np.array(
        [
            [0.2, 0.3, 0.5],
            [0.7, 0.1, 0.2],
            [0.26, 0.5, 0.74],
            [0.999, 1e-3, 1e-9],
            [near_one, float(info.epsneg), float(info.tiny)],
            [1.0, 0.0, float(info.smallest_subnormal)],
        ],
        dtype,
    )


def generic(name, dtype):
    """Calls of a function of the shared tables: ordinary numbers, then one call with extreme rows."""
    positional, options = arguments(name, (6, 3), dtype)
    each = {"reduction": "none"} if name in LOSSES else {}
    for further in [{}, *OPTIONS.get(name, [])]:
        yield positional, {**options, **further}
        rows = extremes(dtype)
        wide, _ = arguments(name, (len(rows) + 6, 3), dtype, seed=1)
        wide = [np.array(part) for part in wide]
        wide[0][: len(rows)] = lossact.sigmoid(rows) if name == "binary_cross_entropy" else rows
        yield wide, {**options, **further, **each}


def apart(dtype):
    """Calls of the functions whose arguments the shared tables cannot make."""
    rng = np.random.default_rng(5)
    far = extremes(dtype)
    n = len(far)
    x = np.concatenate([(2 * rng.normal(size=(6, 3))).astype(dtype), far])
    y, z = (rng.normal(size=(2, n + 6, 3)) * 1.5).astype(dtype)
    finite = np.concatenate([x[:6], far[:6]])
    some = len(finite)
    p = np.concatenate([rng.uniform(0.05, 0.95, (6, 3)).astype(dtype), shares(dtype)])
    q = p[::-1].copy()
    positive = np.concatenate(
        [rng.uniform(0.3, 4, (6, 3)), [[1e-30, 1e30, 1.0], [1e-5, 1e5, 7.0], [1.0, 1.0, 1.5]]]
    ).astype(dtype)
    counts = positive[::-1].copy()
    var = rng.uniform(0.1, 3, x.shape).astype(dtype)
    labels = rng.integers(0, 3, n + 6)
    bits = rng.integers(0, 2, x.shape)
    signs = rng.choice([-1, 1], x.shape).astype(dtype)
    first_signs, first_bits = signs[:, 0].copy(), bits[:, 0].astype(dtype)
    even = np.concatenate([x, z], axis=1)
    weight = rng.uniform(0.5, 2, 3).astype(dtype)
    frames = (2 * rng.normal(size=(12, 3, 6))).astype(dtype)
    frames[:, 2] *= 60
    ctc = [rng.integers(1, 6, (3, 4)), np.array([12, 10, 12]), np.array([4, 2, 3])]
    vocabulary = rng.normal(size=(5, 3)).astype(dtype)
    classes = rng.integers(0, 5, some)
    none = {"reduction": "none"}

    for name in ("glu", "geglu", "reglu", "swiglu"):
        yield name, [even], {"dim": 1}
    for name in ("softmin", "logsumexp", "sparsemax"):
        yield name, [x], {"dim": 1}
    for hard in (False, True):
        yield "gumbel_softmax", [x], {"dim": 1, "rng": 3, "hard": hard}
    yield "logit", [p], {}
    yield "logit", [p], {"eps": 0.1}
    yield "prelu", [x], {"weight": weight}
    yield "rrelu", [x], {}
    yield "rrelu", [x], {"training": True, "rng": 4}
    yield "threshold", [x, 0.4, -1.5], {}

    yield "msle_loss", [positive, counts], none
    for full in (False, True):
        yield "poisson_nll_loss", [finite, positive.repeat(2, 0)[:some]], {"full": full, **none}
        yield "poisson_nll_loss", [positive, counts], {"full": full, "log_input": False, **none}
        yield "gaussian_nll_loss", [x, y, var], {"full": full, **none}
    for name in ("gamma_deviance_loss", "poisson_deviance_loss"):
        yield name, [positive, counts], none
    for power in (0.0, -0.5, 1.0, 1.5, 2.0, 3.0):
        yield "tweedie_deviance_loss", [positive, counts], {"power": power, **none}

    for reduction in ("mean", "sum", "none"):
        yield "ctc_loss_with_logits", [frames, *ctc], {"reduction": reduction}
        yield "ctc_loss", [lossact.log_softmax(frames, -1), *ctc], {"reduction": reduction}
    yield "linear_cross_entropy", [finite, vocabulary, classes], {"linear_bias": vocabulary[:, 0], **none}
    yield "linear_cross_entropy", [finite[:6], vocabulary, classes[:6]], {}

    for power in (1, 2):
        yield "multi_margin_loss", [x, labels], {"p": power, "weight": weight, **none}
    yield "multilabel_margin_loss", [x, np.where(bits > 0, labels[:, None], -1)], none
    yield "multilabel_soft_margin_loss", [x, bits.astype(dtype)], {"weight": weight, **none}
    yield "poly_loss", [x, labels], none
    yield "sigmoid_focal_loss", [x, bits.astype(dtype)], none
    yield "sigmoid_focal_loss", [x, bits.astype(dtype)], {"gamma": 0.7, **none}

    yield "circle_loss", [np.tanh(x), bits.astype(dtype)], none
    yield "contrastive_loss", [x, y, first_bits], {"margin": 3.0, **none}
    yield "cosine_embedding_loss", [x, y, first_signs], {"margin": -0.5, **none}
    yield "hinge_embedding_loss", [abs(x), signs], none
    yield "margin_ranking_loss", [x, y, signs], {"margin": 0.5, **none}
    for symmetric in (False, True):
        yield "info_nce_loss", [finite, y[:some]], {"symmetric": symmetric}
    yield "nt_xent_loss", [finite, y[:some]], {}
    yield "cosine_similarity", [x, y], {}
    for power in (1.0, 2.0, 3.5, np.inf):
        yield "pairwise_distance", [x, y], {"p": power}
    for swap in (False, True):
        for name in ("triplet_margin_loss", "triplet_margin_with_distance_loss"):
            yield name, [x, y, z], {"margin": 2.0, "swap": swap, **none}

    yield "kl_div", [finite, p], none
    yield "kl_div", [finite, y[:some]], {"log_target": True, **none}
    yield "entropy", [p], none
    for name in ("jensen_shannon_divergence", "distribution_cross_entropy", "dice_loss", "tversky_loss"):
        yield name, [p, q], none
    yield "distillation_loss", [x, y], none


def couplings(dtype):
    """Calls of the couplings that are computed in one step."""
    z = np.concatenate([arguments("tanh", (6, 3), dtype)[0][0], extremes(dtype)])
    rng = np.random.default_rng(3)
    for name in FITTING:
        target = rng.integers(0, 3, len(z)) if name == "softmax_ce" else rng.integers(0, 2, z.shape)
        yield f"couplings.{name}", [z, target], {"reduction": "none"}


def calls():
    """All of them, each as `pyodide_side.answer` wants it."""
    for dtype in DTYPES:
        for name in FUNCTIONS:
            yield from ((name, *call) for call in generic(name, dtype))
        yield from apart(dtype)
        yield from couplings(dtype)


CALLS = list(calls())
ENTRYWISE = {*ELEMENTWISE, *PAIRED_LOSSES}
NAMES = [*lossact.__all__, *(f"couplings.{name}" for name in FITTING)]


@pytest.fixture(scope="session")
def pyodide():
    """The folder with a Pyodide."""
    if not os.environ.get("LOSSACT_PYODIDE"):
        if os.environ.get("CI") == "true" and GATHERER.exists():
            pytest.fail(f"{GATHERER} can gather a Pyodide, and .ci/run should have called it. {ADVICE}")
        pytest.skip(ADVICE)
    folder = Path(os.environ["LOSSACT_PYODIDE"]).resolve()
    if not (folder / "pyodide.mjs").exists():
        pytest.fail(f"{folder} holds no pyodide.mjs. {ADVICE}")
    if not shutil.which("node"):
        pytest.fail("LOSSACT_PYODIDE is set, but there is no Node (18 or newer) to run it.")
    return folder


@pytest.fixture(scope="session")
def there(pyodide, tmp_path_factory):
    """What the package does in Pyodide."""
    folder = tmp_path_factory.mktemp("pyodide")
    package = Path(lossact.__file__).parent
    with zipfile.ZipFile(folder / "proof.zip", "w") as archive:
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, path.relative_to(package.parent))
        archive.write(pyodide_side.__file__, "pyodide_side.py")
        archive.writestr("calls.pickle", pickle.dumps(CALLS))
    run = subprocess.run(
        ["node", HERE / "pyodide_runner.mjs", pyodide, folder / "proof.zip", folder / "answers.pickle"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return pickle.loads((folder / "answers.pickle").read_bytes())


def test_every_function_is_called():
    assert {call[0] for call in CALLS} == set(NAMES)
    assert APART.keys() <= {call[0] for call in CALLS}


@pytest.mark.parametrize("name", NAMES)
def test_here_every_call_has_an_answer_that_is_a_number_somewhere(name):
    for call in CALLS:
        if call[0] == name:
            assert all(np.isfinite(part).any() for part in pyodide_side.answer(*call)), call


def test_it_runs_in_the_browsers_python_on_numpy_alone(there):
    assert there["platform"].startswith("emscripten")
    assert there["loaded"] == ["lossact", "numpy"]


def test_the_data_sets_are_there(there):
    assert there["datasets"] == {
        name: pytest.approx(sums, rel=1e-12) for name, sums in pyodide_side.datasets().items()
    }


def agrees(found, wanted, is_vector, where):
    """The same numbers, nan and infinities."""
    relative = TOLERANCE[wanted.dtype]
    sizes = np.where(np.isfinite(wanted), abs(wanted), 0).astype(np.float64)
    scale = np.max(sizes, axis=-1, keepdims=True) if is_vector and wanted.ndim else sizes
    least = 4 * float(np.finfo(wanted.dtype).smallest_subnormal)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted), where)
    infinite = np.isinf(found) | np.isinf(wanted)
    np.testing.assert_array_equal(found[infinite], wanted[infinite], where)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(found.astype(np.float64) - wanted) / (relative * scale + least)
    worst = np.where(infinite | np.isnan(wanted), 0, off)
    at = np.unravel_index(np.argmax(worst), worst.shape)
    assert worst[at] <= 1, f"{where} at {at}: {found[at]!r} in Pyodide, {wanted[at]!r} here"


@pytest.mark.parametrize("name", NAMES)
def test_values_and_gradients_are_the_same_as_here(name, there):
    for call, theirs in zip(CALLS, there["answers"], strict=True):
        if call[0] != name:
            continue
        assert not isinstance(theirs, str), f"{theirs}\n{call}"
        for at, (found, wanted) in enumerate(zip(theirs, pyodide_side.answer(*call), strict=True)):
            assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
            agrees(
                found, wanted, at and name not in ENTRYWISE, f"{name} number {at} {call[2]} {wanted.dtype}"
            )
