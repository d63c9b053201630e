"""The page "How exact are they?" of the book, made from benchmarks/accuracy.json and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

PAGE = """\
# How exact are they?

`lossact` answers {share} of {quantities} quantities to within {limit} units in the last place of the exact
number, on every finite input tried. This page says how that was measured, how other libraries and the plain
formulas fare on the same inputs, and what `lossact` misses.

## What is measured

A float holds 24 binary digits in float32 and 53 in float64. One *unit in the last place*, a ULP, is what
its last digit counts. The best answer that a float can give is off by half a ULP. An answer that is off by
4 ULP may be wrong in its last three binary digits.

A *quantity* is the value or one gradient of one function in one precision. It is asked for at ordinary
inputs, at the neighbours of kinks and roots, and at magnitudes from the smallest to the largest that the
format holds. The truth is the definition, worked out to 400 decimal digits. What the rounding of an inner
difference does to the result, which nobody can avoid, is forgiven. At a kink or a jump every answer between
the limits of its two sides counts as right.

{verdicts}

torch and jax are asked for the gradients of their automatic differentiation. "scipy.special" is what you
would write with its functions, "textbook" the printed formula in NumPy. Each is asked only for the
functions and options that it has. Where torch leaves the definition by default, as `softplus` does from 20
on, the difference counts.

## All together

{summary}

The last two columns count quantities as well. *nan lost* means that nan came in and a number came out: a
slope of 0 or 1, for example.

## Function by function

Each cell tells float32, then float64. A number is the largest error in ULP on a finite input; *sub* and
*fails* mean the above; ∞ marks a wrong answer at infinity. An empty cell: the library has no such function.

{functions}

## What `lossact` misses

{misses}

## Where the others go wrong

One input for each quantity: where it fails, the most ordinary one at which it does; otherwise the one with
the largest error. Wrong answers at infinity follow.

{others}

## Measure it yourself

`make bench-accuracy` measures all of this again in a few minutes and writes this page. The versions here:
{versions}. The last digits depend on the processor, for which NumPy and torch choose their kernels.
"""

VERDICTS = """\
*clean*
: At most {limit} ULP from the truth on every finite input tried.

*sub*
: Clean but for subnormal numbers: further off only where an input or the truth is smaller than the smallest
  normal number, about $10^{{-38}}$ in float32 and $2 \\cdot 10^{{-308}}$ in float64. XLA, on which jax
  runs, takes such numbers as 0.

*off*
: More than {limit} ULP from the truth, but not without a correct digit.

*fails*
: At some finite input the answer has no correct digit, is nan, overflows, or is 0 where the truth is a normal
  number."""

NOTHING = "Nothing that was tried."
MISSES = "At these inputs it is more than {limit} ULP off."
REASONS = "The reasons:"

CALL = ["call", "why"]
FOUND = ("at", "answer", "truth")
EXAMPLE = ["function", "part", "precision", "input", "answer", "truth"]


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: str) -> str:
    return f"`{text}`"


def part(name: str) -> str:
    return "value" if name == "value" else f"gradient by `{name}`"


def units(ulp: float | None) -> str:
    """A number of ULP, as short as it can be."""
    if ulp is None:
        return "∞"
    if ulp < 99.95:
        return f"{ulp:.1f}"
    if ulp < 99_999.5:
        return f"{ulp:.0f}"
    digits, exponent = f"{ulp:.0e}".split("e")
    return f"${digits} \\cdot 10^{{{int(exponent)}}}$"


def summary(result: dict[str, Any]) -> str:
    rows = []
    for library in result["versions"]:
        found = [row["libraries"][library] for row in result["quantities"] if library in row["libraries"]]
        counts = [
            sum(each["verdict"] == verdict for each in found)
            for verdict in ("clean", "subnormal", "off", "fails")
        ]
        flaws = [sum(flaw in each for each in found) for flaw in ("infinity", "nan lost")]
        rows.append([library, *map(str, [len(found), *counts, *flaws])])
    head = ["", "quantities", "clean", "sub", "off", "fails", "wrong at infinity", "nan lost"]
    return table(head, rows)


def cell(found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    told = {"fails": "fails", "subnormal": "sub"}.get(found["verdict"]) or units(found["ulp"])
    return told + " ∞" * ("infinity" in found)


def functions(result: dict[str, Any]) -> str:
    by_function: dict[tuple[str, str], dict[str, Any]] = {}
    for row in result["quantities"]:
        by_function.setdefault((row["function"], row["part"]), {})[row["dtype"]] = row["libraries"]
    rows = []
    for (name, which), precisions in by_function.items():
        cells = [
            "; ".join(filter(None, (cell(found.get(library)) for found in precisions.values())))
            for library in result["versions"]
        ]
        rows.append([code(name), part(which), *cells])
    return table(["function", "part", *result["versions"]], rows)


def example(row: dict[str, Any], found: dict[str, str]) -> list[str]:
    return [code(row["function"]), part(row["part"]), row["dtype"], *(code(found[key]) for key in FOUND)]


def misses(result: dict[str, Any]) -> str:
    rows = []
    for row in result["quantities"]:
        mine = row["libraries"]["lossact"]
        if mine["verdict"] != "clean":
            rows.append([*example(row, mine), units(mine["ulp"])])
    if not rows:
        return NOTHING
    reasons = table(CALL, ([code(each["call"]), each["reason"]] for each in result["known"]))
    missed = table([*EXAMPLE, "ULP"], rows)
    return "\n\n".join([MISSES.format(limit=result["limit"]), missed, REASONS, reasons])


def others(result: dict[str, Any]) -> str:
    lists = []
    for library in result["versions"]:
        if library == "lossact":
            continue
        rows = []
        for row in result["quantities"]:
            found = row["libraries"].get(library, {"verdict": "clean"})
            if found["verdict"] in ("off", "fails"):
                rows.append(example(row, found))
            if "infinity" in found:
                rows.append(example(row, found["infinity"]))
        if rows:
            lists.append(f":::{{dropdown}} {library}\n{table(EXAMPLE, rows)}\n:::")
    return "\n\n".join(lists)


def page(result: dict[str, Any]) -> str:
    mine = [row["libraries"]["lossact"] for row in result["quantities"]]
    limit = result["limit"]
    return PAGE.format(
        share=sum(each["verdict"] == "clean" for each in mine),
        quantities=len(mine),
        limit=limit,
        verdicts=VERDICTS.format(limit=limit),
        summary=summary(result),
        functions=functions(result),
        misses=misses(result),
        others=others(result),
        versions=", ".join(f"{library} {version}" for library, version in result["versions"].items()),
    )
