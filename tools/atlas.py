"""The atlas: a page of the book for each family of functions, made from what the package says of itself.

    python tools/atlas.py           writes book/reference/atlas/
    python tools/atlas.py --check   says which pages are not what the package says now

Formula, notes and sources come from the docstrings, the facts from the declarations (each is proved by a
test), the curves from the functions, the errors from benchmarks/accuracy.json. When to use a function, and
the pages that show it, stand in tools/atlas_entries.toml.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np

import lossact
from lossact import plotting
from lossact._declare import Activation, Loss, Similarity

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "book" / "reference" / "atlas"
POINTS = 161


@dataclass(frozen=True)
class Family:
    """A page of the atlas: its file, its title, what it says first, and the modules it covers."""

    file: str
    title: str
    lead: str
    modules: tuple[str, ...]


FAMILIES = (
    Family(
        "squashing", "Squashing functions", "They end in a plateau on both sides, or on one.", ("squashing",)
    ),
    Family(
        "rectifiers",
        "Rectifiers",
        "They cut off, bend or tilt the left half of the line and leave the right half alone.",
        ("rectifiers",),
    ),
    Family(
        "smooth",
        "Smooth and inverse links",
        "Outputs for positive amounts and for probabilities, and the identity.",
        ("smooth", "inverse_links", "linear"),
    ),
    Family("gated", "Gated functions", "The input, or one half of it, times a gate.", ("gated",)),
    Family(
        "normalising",
        "Functions of a whole vector",
        "Every output depends on every input. The curve is that of one output while one score moves.",
        ("normalising",),
    ),
    Family("shrinking", "Shrinking functions", "They bring small inputs to 0.", ("shrinking",)),
    Family(
        "regression", "Losses of a residual", "Losses of the difference of input and target.", ("regression",)
    ),
    Family(
        "deviances",
        "Losses of counts and amounts",
        "Negative log-likelihoods and deviances, and losses of ratios.",
        ("deviances",),
    ),
    Family(
        "classification",
        "Losses of classes",
        "Losses of logits, probabilities and margins against labels.",
        ("classification", "losses.linear"),
    ),
    Family("margin", "Losses of several margins", "Each class is held against the others.", ("margin",)),
    Family("divergence", "Losses of distributions", "One distribution against another.", ("divergence",)),
    Family(
        "embedding",
        "Losses and measures of distance",
        "They say what should be near and what should be far.",
        ("embedding", "similarity"),
    ),
    Family("sequence", "Losses of sequences", "Labels without their places.", ("sequence",)),
)


@dataclass(frozen=True)
class Path1D:
    """A straight line through the arguments of a function, along which it is drawn.

    The first argument is `base + t * direction`, the others stay. Of several outputs the first is drawn.
    """

    axis: str
    base: Any
    direction: Any
    others: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()
    low: float = -4.0
    high: float = 4.0


def residual(target: float = 0.0, low: float = -4.0, high: float = 4.0, **options: Any) -> Path1D:
    return Path1D(
        f"prediction, for the target {target:g}", [0.0], [1.0], ([target],), tuple(options.items()), low, high
    )


def label(target: float, what: str = "score") -> Path1D:
    return Path1D(f"{what}, for the label {target:g}", [0.0], [1.0], ([target],))


def share(*others: Any, low: float = 0.02, high: float = 0.98) -> Path1D:
    """The first of two probabilities moves, the second is what is left."""
    axis = "first of two probabilities" + (
        f", for the target ({others[0][0][0]:g}, {others[0][0][1]:g})" if others else ""
    )
    return Path1D(axis, [[0.0, 1.0]], [[1.0, -1.0]], others, (), low, high)


TARGET = [[0.7, 0.3]]
SCORES = Path1D("first of the scores (t, 0, -1)", [0.0, 0.0, -1.0], [1.0, 0.0, 0.0], (0,))
GATE = Path1D("gate t, in front of the number 1", [1.0, 0.0], [0.0, 1.0])
LOGITS = Path1D("logit of the right class, others 0 and -1", [[0.0, 0.0, -1.0]], [[1.0, 0.0, 0.0]], ([0],))
POINT = Path1D("place of the moving point on a line", [[0.0]], [[1.0]])
# By name, where the default of the family (an elementwise activation, a residual) is not the right one.
PATHS: dict[str, Path1D] = {
    **dict.fromkeys(("softmax", "log_softmax", "softmin", "sparsemax", "logsumexp"), SCORES),
    "gumbel_softmax": Path1D(SCORES.axis + ", noise fixed", SCORES.base, SCORES.direction, (), (("rng", 0),)),
    **dict.fromkeys(("glu", "swiglu", "geglu", "reglu"), GATE),
    "prelu": Path1D("input, for the weight 0.25", [0.0], [1.0], ([0.25],)),
    "threshold": Path1D("input, for threshold 1 and value -1", [0.0], [1.0], (1.0, -1.0)),
    "logit": Path1D("probability", [0.0], [1.0], low=0.005, high=0.995),
    "exponential": Path1D("input", [0.0], [1.0], low=-4, high=2),
    "pinball_loss": residual(tau=0.9),
    "huber_loss": residual(),
    "mape_loss": residual(2.0, -2, 6),
    "msle_loss": residual(2.0, 0.0, 8.0),
    "gaussian_nll_loss": Path1D("mean, for the target 0 and the variance 1", [0.0], [1.0], ([0.0], [1.0])),
    "poisson_nll_loss": Path1D("log-rate, for the count 3", [0.0], [1.0], ([3.0],), low=-2, high=3),
    "poisson_deviance_loss": residual(3.0, 0.2, 9.0),
    "gamma_deviance_loss": residual(3.0, 0.6, 9.0),
    "tweedie_deviance_loss": residual(3.0, 0.3, 9.0, power=1.5),
    **dict.fromkeys(("hinge_loss", "squared_hinge_loss", "soft_margin_loss", "exponential_loss"), label(1.0)),
    "binary_cross_entropy": Path1D(
        "probability, for the label 1", [0.0], [1.0], ([1.0],), low=0.02, high=0.98
    ),
    "binary_cross_entropy_with_logits": label(1.0, "logit"),
    "sigmoid_focal_loss": label(1.0, "logit"),
    "cross_entropy": LOGITS,
    "poly_loss": LOGITS,
    "multi_margin_loss": LOGITS,
    "linear_cross_entropy": Path1D(
        "the one feature, for weights 1, 0 and -1", [[0.0]], [[1.0]], ([[1.0], [0.0], [-1.0]], [0])
    ),
    "nll_loss": Path1D(
        "log-probability of the right class", [[0.0, -1.0]], [[1.0, 0.0]], ([0],), low=-4, high=0
    ),
    "multilabel_margin_loss": Path1D(
        "logit of the one right class, others 0 and -1",
        [[0.0, 0.0, -1.0]],
        [[1.0, 0.0, 0.0]],
        ([[0, -1, -1]],),
    ),
    "multilabel_soft_margin_loss": Path1D(
        "logit of the one right class, others 0 and -1",
        [[0.0, 0.0, -1.0]],
        [[1.0, 0.0, 0.0]],
        ([[1.0, 0.0, 0.0]],),
    ),
    "kl_div": Path1D("log-probability, for the target 0.3", [[0.0]], [[1.0]], ([[0.3]],), low=-4, high=0),
    **dict.fromkeys(("distribution_cross_entropy", "jensen_shannon_divergence"), share(TARGET)),
    "entropy": share(),
    "distillation_loss": Path1D(
        "student's first logit, for the teacher (1, 0)", [[0.0, 0.0]], [[1.0, 0.0]], ([[1.0, 0.0]],)
    ),
    **dict.fromkeys(
        ("dice_loss", "tversky_loss"),
        Path1D(
            "share predicted, for the region (1, 0)",
            [[[0.0, 0.2]]],
            [[[1.0, 0.0]]],
            ([[[1.0, 0.0]]],),
            low=0,
            high=1,
        ),
    ),
    "triplet_margin_loss": Path1D(
        POINT.axis + ": the anchor, positive at 0, negative at 3", [[0.0]], [[1.0]], ([[0.0]], [[3.0]])
    ),
    "contrastive_loss": Path1D(
        POINT.axis + ", a stranger at 0", [[0.0]], [[1.0]], ([[0.0]], [0.0]), (("margin", 2.0),)
    ),
    "cosine_embedding_loss": Path1D(
        "first component of (t, 1), a like one at (1, 0)", [[0.0, 1.0]], [[1.0, 0.0]], ([[1.0, 0.0]], [1.0])
    ),
    "hinge_embedding_loss": Path1D("distance, for the label -1", [0.0], [1.0], ([-1.0],), low=0, high=3),
    "margin_ranking_loss": Path1D(
        "first score, the second is 0 and should be lower", [0.0], [1.0], ([0.0], [1.0]), (("margin", 1.0),)
    ),
    "info_nce_loss": Path1D(
        "first component of the first query",
        [[0.0, 1.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.0, 0.0]],
        ([[1.0, 0.0], [0.0, 1.0]],),
        (("temperature", 0.5),),
    ),
    "nt_xent_loss": Path1D(
        "first component of one view",
        [[0.0, 1.0], [0.0, 1.0]],
        [[1.0, 0.0], [0.0, 0.0]],
        ([[1.0, 0.0], [0.0, 1.0]],),
    ),
    "circle_loss": Path1D(
        "similarity to the own class, 0.2 to another",
        [[0.0, 0.2]],
        [[1.0, 0.0]],
        ([[1.0, 0.0]],),
        (("gamma", 4.0),),
        -1,
        1,
    ),
    "cosine_similarity": Path1D(
        "first component of (t, 1), beside (1, 0)", [[0.0, 1.0]], [[1.0, 0.0]], ([[1.0, 0.0]],)
    ),
    "pairwise_distance": Path1D("place of one point, the other at 0", [[0.0]], [[1.0]], ([[0.0]],)),
    "ctc_loss": Path1D(
        "log-probability of the label in every one of 3 frames",
        np.zeros((3, 1, 2)),
        np.tile([[[0.0, 1.0]]], (3, 1, 1)),
        ([[1]], [3], [1]),
        low=-4,
        high=0,
    ),
    "ctc_loss_with_logits": Path1D(
        "logit of the label in every one of 3 frames",
        np.zeros((3, 1, 2)),
        np.tile([[[0.0, 1.0]]], (3, 1, 1)),
        ([[1]], [3], [1]),
    ),
}
PATHS["triplet_margin_with_distance_loss"] = PATHS["triplet_margin_loss"]


def functions_of(family: Family) -> list[Any]:
    """The functions of a page, in the order in which their modules define them."""
    found = [getattr(lossact, name) for name in lossact.__all__]
    found = [each for each in found if isinstance(each, Activation | Loss | Similarity)]
    here = [
        each
        for each in found
        if any(each.__module__.endswith(f".{module}") and _is_of(each, module) for module in family.modules)
    ]
    return sorted(here, key=lambda each: (each.__module__, inspect.unwrap(each).__code__.co_firstlineno))


def _is_of(function: Any, module: str) -> bool:
    """`linear` is a module of activations and another one of losses."""
    return module != "linear" or isinstance(function, Activation)


# --- what the docstring says ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    summary: str
    formula: str
    notes: str
    sources: tuple[str, ...]


def read(function: Any) -> Document:
    """The parts of a docstring that the atlas prints."""
    text = inspect.getdoc(function) or ""
    summary = text.split("\n\n")[0].replace("\n", " ")
    formula = re.search(r"\.\. math::(.*?)\n\n(?=\S|$)", text + "\n\n", re.DOTALL)
    sections = re.split(r"\n([A-Z][a-z]+)\n-{4,}\n", text)
    parts = dict(zip(sections[1::2], sections[2::2], strict=True))
    sources = re.split(r"\.\. \[\d+\] ", parts.get("References", ""))[1:]
    return Document(
        summary,
        dedent(formula[1]).strip() if formula else "",
        _as_markdown(parts.get("Notes", "")),
        tuple(" ".join(each.split()) for each in sources),
    )


def _as_markdown(text: str) -> str:
    text = re.sub(r"\.\. math::\s*(.*?)(?=\n\n|$)", r"$$\1$$", dedent(text).strip(), flags=re.DOTALL)
    return re.sub(r":math:`([^`]*)`", r"$\1$", text)


def narrow(formula: str) -> str:
    """A formula that a phone can show: its parts, which stand a quad apart, under one another."""
    parts = [part.strip().rstrip(",") for part in re.split(r"\\q?quad(?![a-z])", formula)]
    parts = [part for part in parts if part]
    if len(parts) == 1:
        return parts[0]
    return "\\begin{gathered}\n" + " \\\\[0.4em]\n".join(parts) + "\n\\end{gathered}"


# --- curves ---------------------------------------------------------------------------------------------


def curve(function: Any) -> tuple[Path1D, Any, Any, Any]:
    """The path on which a function is drawn, the points, its values and its slopes along the path."""
    path = PATHS.get(function.__name__) or (
        Path1D("input", [0.0], [1.0]) if isinstance(function, Activation) else residual()
    )
    points = np.linspace(path.low, path.high, POINTS)
    results = [_at(function, path, float(t)) for t in points]
    return path, points, *(np.array(each) for each in zip(*results, strict=True))


def _at(function: Any, path: Path1D, t: float) -> tuple[float, float]:
    base, direction = np.asarray(path.base, float), np.asarray(path.direction, float)
    others = tuple(np.asarray(each) if isinstance(each, list) else each for each in path.others)
    options = dict(path.options)
    first = base + t * direction
    value = np.asarray(function(first, *others, **options))
    name = next(iter(inspect.signature(function).parameters))
    if isinstance(function, Loss):
        slope = function.grad(first, *others, wrt=name, **options)
    else:
        one = np.zeros(value.shape)
        one[(0,) * value.ndim] = 1.0
        after = (one, *others) if isinstance(function, Activation) else (*others, one)
        slope = function.vjp(first, *after, wrt=name, **options)
    return float(np.ravel(value)[0]), float(np.sum(np.asarray(slope) * direction))


def drawn(function: Any) -> str:
    """The curve and its derivative as an inline picture with a text for whoever cannot see it."""
    path, points, values, slopes = curve(function)
    name = function.__name__
    ends = ", ".join(f"{_short(values[i])} at {_short(points[i])}" for i in (0, POINTS // 2, POINTS - 1))
    bends = ", ".join(f"{_short(slopes[i])} at {_short(points[i])}" for i in (0, POINTS // 2, POINTS - 1))
    picture, axes = plotting.figure(
        alt=f"{name} along the {path.axis}: {ends}. Its derivative, dashed: {bends}.", height=2.0
    )
    # A jump is no line: where the value or the slope jumps, the curve is cut.
    axes.plot(points, _cut(values), label=name)
    axes.plot(points, _cut(slopes), label="derivative")
    axes.set(xlabel=path.axis, xlim=(path.low, path.high), ylim=_limits(values, slopes))
    axes.legend()
    return picture._repr_mimebundle_()["text/html"]


def _cut(values: Any) -> Any:
    steps = np.abs(np.diff(values))
    usual = np.median(steps) + np.ptp(values) / POINTS
    broken = np.array(values, float)
    broken[1:][steps > 12 * usual] = np.nan
    return broken


def _limits(values: Any, slopes: Any) -> tuple[float, float]:
    """All of the value, and of the slope what has about the same size."""
    low, high = float(np.min(values)), float(np.max(values))
    room = max(high - low, 1e-3)
    low, high = (
        min(low, max(float(np.min(slopes)), low - room)),
        max(high, min(float(np.max(slopes)), high + room)),
    )
    return low - 0.06 * (high - low), high + 0.06 * (high - low)


def _short(number: float) -> str:
    return f"{number:.3g}".replace("-0.0", "0.0") if abs(number) > 1e-12 else "0"


# --- a page ---------------------------------------------------------------------------------------------

YES = {True: "yes", False: "no"}
DIFFERENTIABLE = "gradient by"
RAW = "```{{raw}} html\n{html}\n```"


def facts(function: Any) -> list[tuple[str, str]]:
    """What is declared of a function, as rows of a table."""
    declared = getattr(function, "facts", None)
    rows = []
    if isinstance(function, Activation):
        rows = [
            ("values between", f"{_number(declared.range[0])} and {_number(declared.range[1])}"),
            ("monotonic", YES[declared.monotonic]),
            ("derivative everywhere", YES[declared.smooth]),
            ("saturates", declared.saturates),
            ("symmetry", declared.symmetry),
            ("largest slope", _number(declared.lipschitz)),
        ]
    if isinstance(function, Loss):
        rows = [
            ("domain", f"{_number(declared.domain[0])} to {_number(declared.domain[1])}"),
            ("convex in the first argument", YES[declared.convex]),
            ("gradient everywhere", YES[declared.smooth]),
            ("largest gradient of a sample", _number(declared.lipschitz)),
        ]
    names = ", ".join(f"`{name}`" for name in function.differentiable)
    return [*rows, (DIFFERENTIABLE, names)]


def _number(number: float) -> str:
    if np.isinf(number):
        return "∞" if number > 0 else "-∞"
    return f"{number:.6g}"


def errors(name: str, accuracy: dict[str, Any]) -> str:
    """The largest errors found by the benchmark, or where the function is proved instead."""
    found = [
        (each["part"], each["libraries"]["lossact"])
        for each in accuracy["quantities"]
        if each["function"] == name and each["dtype"] == "float64"
    ]
    if not found:
        return "proved in tests of its own"
    return ", ".join(
        f"{'value' if part == 'value' else f'by `{part}`'} {result['ulp']:.1f}" for part, result in found
    )


def elsewhere(name: str) -> str:
    """What torch calls it."""
    import torch
    import torch.nn.functional

    if hasattr(torch.nn.functional, name):
        return f"`torch.nn.functional.{name}`"
    if hasattr(torch.special, name):
        return f"`torch.special.{name}`"
    if hasattr(torch, name):
        return f"`torch.{name}`"
    return "none in torch"


def entry(function: Any, texts: dict[str, Any], accuracy: dict[str, Any]) -> str:
    name = function.__name__
    document = read(function)
    own = texts[name]
    links = ", ".join(f"[{title_of(page)}](../../{page}.ipynb)" for page in own["pages"])
    rows = [
        *facts(function),
        ("largest error in ULP, float64", errors(name, accuracy)),
        ("elsewhere", elsewhere(name)),
    ]
    table = "\n".join(["| fact | |", "| --- | --- |", *(f"| {key} | {value} |" for key, value in rows)])
    parts = [
        f"({anchor(name)})=\n## {name}",
        document.summary,
        f"$$\n{narrow(document.formula)}\n$$" if document.formula else "",
        RAW.format(html=drawn(function)),
        f"**When to use it.** {own['when']} Shown in: {links}.",
        table,
        f"**Conventions.** {document.notes}" if document.notes else "",
        "**Source.** " + " ".join(document.sources),
    ]
    return "\n\n".join(part for part in parts if part)


def anchor(name: str) -> str:
    return f"atlas-{name.replace('_', '-')}"


def title_of(page: str) -> str:
    path = ROOT / "book" / f"{page}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    source = "".join(notebook["cells"][0]["source"])
    return source.splitlines()[0].removeprefix("# ").strip()


INDEX = """\
# Atlas of functions

Every function of `lossact` on the page of its family: formula, curve with derivative, facts, conventions,
what torch calls it, when to use it, and where it comes from. The facts are declared in the package, and each
is proved by a test; the curves and the errors are computed. How the errors are measured:
[How exact are they?](../exactness.md)

{families}
"""


def pages() -> dict[str, str]:
    """Every page of the atlas, by its file name."""
    texts = tomllib.loads((ROOT / "tools" / "atlas_entries.toml").read_text(encoding="utf-8"))
    accuracy = json.loads((ROOT / "benchmarks" / "accuracy.json").read_text(encoding="utf-8"))
    made, listed, covered = {}, [], set()
    for family in FAMILIES:
        functions = functions_of(family)
        covered |= {each.__name__ for each in functions}
        entries = [entry(each, texts, accuracy) for each in functions]
        made[f"{family.file}.md"] = f"# {family.title}\n\n{family.lead}\n\n" + "\n\n".join(entries) + "\n"
        rows = "\n".join(
            f"| {{ref}}`{each.__name__} <{anchor(each.__name__)}>` | {read(each).summary} |"
            for each in functions
        )
        listed.append(
            f"## [{family.title}]({family.file}.md)\n\n| function | what it is |\n| --- | --- |\n{rows}"
        )
    everything = {
        name for name in lossact.__all__ if isinstance(getattr(lossact, name), Activation | Loss | Similarity)
    }
    if covered != everything or set(texts) != everything:
        raise ValueError(
            f"without a page: {sorted(everything - covered)}; without a text in tools/atlas_entries.toml: "
            f"{sorted(everything - set(texts))}; texts of no function: {sorted(set(texts) - everything)}"
        )
    made["index.md"] = INDEX.format(families="\n\n".join(listed))
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a page is not current")
    options = parser.parse_args(arguments)
    made = pages()
    stale = [
        name
        for name, text in made.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != text
    ]
    if options.check:
        for name in stale:
            print(f"book/reference/atlas/{name} is not what the package says; 'make atlas' writes it anew.")
        return bool(stale)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FOLDER / name).write_text(made[name], encoding="utf-8")
    print(f"book/reference/atlas/: {len(made)} pages, {len(stale)} of them changed.")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
