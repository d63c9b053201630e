"""How exact lossact and other libraries are, measured with the truths and the inputs of the tests.

    python -m benchmarks.accuracy       # writes benchmarks/accuracy.json and book/reference/exactness.md

A quantity is the value or one gradient of one function in one precision. What "clean", "off" and "fails"
mean stands in `VERDICTS`, and on the page. Nothing in the result depends on the day or the folder; the
last digits depend on the processor, for which NumPy and torch choose their kernels.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import lossact
from benchmarks.exactness import page
from benchmarks.libraries import NotOfferedError, present, version_of
from tests.functions.cases import DTYPES
from tests.functions.quantities import Quantity, everything, tests_of
from tests.functions.test_against_truth import LIMIT
from tests.functions.truth import Truth, mp, number

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "accuracy.json"
PAGE = ROOT / "book" / "reference" / "exactness.md"

# The worst that happened on a finite input, from good to bad.
VERDICTS = {
    "clean": f"at most {LIMIT} ULP from the truth",
    "subnormal": "the same, but for where an input or the truth is below the smallest normal number",
    "off": f"more than {LIMIT} ULP from the truth",
    "fails": "no correct digit, nan, an overflow, or 0 where the truth is a normal number",
}
RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}


def verdict_on(true: Truth, answer: Any, error: float, inputs: Iterable[float]) -> str:
    """What one answer is worth, which is `error` ULP from the truth."""
    info = np.finfo(np.asarray(answer).dtype)
    if error <= LIMIT:
        return "clean"
    if np.isnan(answer):
        return "fails"
    tiny, largest = number(info.tiny), mp.mpf(2) ** int(info.maxexp)
    value, given = (min(max(each, -largest), largest) for each in (true.value, number(answer)))
    if any(0 < x < info.tiny for x in inputs):
        return "subnormal"
    # Off by more than half; below the smallest normal number the format itself takes digits away.
    if abs(given - value) - true.slack > max(max(abs(value), true.scale) / 2, tiny):
        return "fails"
    return "subnormal" if abs(value) < tiny else "off"


def shown(x: Any) -> str:
    """A number with the digits that tell it from its neighbours; of an array, all of them."""
    if np.ndim(x):
        return f"[{', '.join(map(shown, x))}]"
    return str(x if isinstance(x, str) or x is None else np.asarray(x)[()])


def place(quantity: Quantity, at: int) -> str:
    """The arguments of answer number `at`, in words; without those that are at their defaults."""
    defaults = {
        key: each.default
        for key, each in inspect.signature(getattr(lossact, quantity.name)._formula).parameters.items()
    }
    arguments = quantity.call.where(at)
    named = [
        f"{key}={shown(value)}"
        for key, value in arguments.items()
        if key not in ("reduction", "dim") and not (np.isscalar(value) and value == defaults.get(key, ...))
    ]
    entry = f"entry {at} of " if not quantity.call.each and len(quantity.truths) > 1 else ""
    return entry + ", ".join(named)


def sizes(quantity: Quantity, at: int) -> list[float]:
    """The absolute values of all numbers among the arguments of answer number `at`."""
    given = [value for value in quantity.call.where(at).values() if not isinstance(value, str)]
    return [abs(float(x)) for value in given if value is not None for x in np.ravel(value)]


def strangeness(inputs: Iterable[float]) -> float:
    """How many orders of magnitude the inputs are away from 1; 0 counts as an ordinary number."""
    return max((abs(np.log10(x)) for x in inputs if x), default=0.0)


class Record:
    """The worst that one library did for one quantity.

    Of the inputs with the worst verdict the one of the largest error is kept; but where it fails, the most
    ordinary one, because there the error is as large for many.
    """

    def __init__(self) -> None:
        self.tried = 0
        self.verdict = "clean"
        self.ulp = 0.0
        self.worst: dict[str, str] = {}
        self.order = (0, -np.inf)
        self.at_infinity: dict[str, str] = {}
        self.nan_lost = False

    def add(self, quantity: Quantity, answers: np.ndarray) -> None:
        truths = quantity.truths
        for at, kind in enumerate(quantity.call.kinds(len(truths))):
            true, answer = truths[at], answers[at]
            error = true.error(answer)
            self.tried += 1
            if error > LIMIT and true.allows(answer, LIMIT):
                continue
            if kind == "nan":
                self.nan_lost |= error > 0
            elif kind == "infinite":
                if error > LIMIT and not self.at_infinity:
                    self.at_infinity = self.told(true, answer, place(quantity, at))
            elif error > LIMIT or error > self.ulp:
                inputs = sizes(quantity, at) if error > LIMIT else []
                verdict = verdict_on(true, answer, error, inputs)
                self.keep(
                    true, answer, verdict, error, strangeness(inputs), lambda at=at: place(quantity, at)
                )

    def keep(
        self, true: Truth, answer: Any, verdict: str, error: float, strange: float, where: Callable[[], str]
    ) -> None:
        order = RANK[verdict], -strange if verdict == "fails" else error
        self.ulp = max(self.ulp, error)
        if order > self.order:
            self.order, self.verdict, self.worst = order, verdict, self.told(true, answer, where())

    @staticmethod
    def told(true: Truth, answer: Any, where: str) -> dict[str, str]:
        exact = np.asarray(answer).dtype.type(float(true.value))
        return {"at": where, "answer": shown(answer), "truth": shown(exact)}

    def result(self, whole: bool) -> dict[str, Any]:
        """The record as plain data; `whole` keeps the worst input even where nothing is wrong."""
        found: dict[str, Any] = {"verdict": self.verdict, "tried": self.tried}
        found["ulp"] = None if np.isinf(self.ulp) else float(f"{self.ulp:.3g}")
        found |= self.worst if whole or self.verdict != "clean" else {}
        if self.at_infinity:
            found["infinity"] = self.at_infinity
        if self.nan_lost:
            found["nan lost"] = True
        return found


def known_exceptions() -> Iterator[dict[str, Any]]:
    """What the tests list as worse than the limit: `KNOWN` of each module, with its calls as written."""
    for name in tests_of():
        module = import_module(f"tests.functions.{name}")
        if not hasattr(module, "KNOWN"):
            continue
        table = next(
            node.value
            for node in ast.parse(inspect.getsource(module)).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "KNOWN"
        )
        for (label, reason, answer, true), row in zip(module.KNOWN, table.elts, strict=True):
            function, method, by = re.match(r"(\w+)(\.\w+)?(?:.* by (\w+))?", label).groups()
            part = (by or "input") if method else "value"
            call = ast.unparse(row.elts[2].body).removeprefix("lossact.")
            yield {
                "function": function,
                "part": part,
                "reason": reason,
                "call": call,
                "answer": answer(),
                "true": true(),
            }


Records = dict[tuple[str, ...], dict[str, Record]]


def judge_one(quantity: Quantity, libraries: Iterable[Any], dtype: Any, records: Records) -> Iterator[str]:
    """Ask every library that has it for a quantity; yields which refused the call, and why."""
    name, part, call, _ = quantity
    record = records.setdefault((name, part, dtype.__name__), {})
    for library in libraries:
        try:
            answers = library.answer(name, part, call)
        except NotOfferedError:
            continue
        except (TypeError, ValueError, RuntimeError) as error:
            yield f"{library.title}: {name}, {part}: {str(error).splitlines()[0]}"
            continue
        record.setdefault(library.title, Record()).add(quantity, answers)


def measure(libraries: list[Any]) -> dict[str, Any]:
    records: Records = {}
    refusals: dict[str, None] = {}
    for dtype in DTYPES:
        for quantity in everything(dtype):
            refusals |= dict.fromkeys(judge_one(quantity, libraries, dtype, records))
    for line in refusals:
        print(f"Left out where it is refused: {line}", file=sys.stderr)
    known = []
    for each in known_exceptions():
        answer, true = each.pop("answer"), each.pop("true")
        dtype = np.asarray(answer).dtype.name
        key = each["function"], each["part"], dtype
        if key in records and "lossact" in records[key]:
            # Where the tests keep an exception off their grid, it counts all the same.
            error = true.error(answer)
            verdict = verdict_on(true, answer, error, [])
            records[key]["lossact"].keep(true, answer, verdict, error, 0, lambda call=each["call"]: call)
        known.append({**each, "dtype": dtype, **Record.told(true, answer, each["call"])})
    return {
        "limit": LIMIT,
        "versions": {library.title: version_of(library) for library in libraries},
        "known": known,
        "quantities": [
            {
                "function": function,
                "part": part,
                "dtype": dtype,
                "libraries": {title: record.result(title == "lossact") for title, record in found.items()},
            }
            for (function, part, dtype), found in sorted(
                records.items(), key=lambda item: (item[0][0], item[0][1] != "value", *item[0])
            )
        ],
    }


def as_json(result: dict[str, Any]) -> str:
    """One line for each quantity, so that a change can be read."""
    head = {key: value for key, value in result.items() if key != "quantities"}
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in result["quantities"])
    lines = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    return f'{lines},\n "quantities": [\n{rows}\n]}}\n'


def main() -> None:
    libraries, missing = present()
    for name in missing:
        print(f"{name} is not installed; its column is left out.", file=sys.stderr)
    result = measure(libraries)
    RESULT.write_text(as_json(result), encoding="utf-8")
    PAGE.write_text(page(result), encoding="utf-8")
    print(
        f"Written: {RESULT.relative_to(ROOT)}, {PAGE.relative_to(ROOT)}. Next: 'git diff' shows what moved."
    )


if __name__ == "__main__":
    main()
