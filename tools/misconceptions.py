"""The catalogue of misconceptions as a page of the book, made from the questions that name them.

    python tools/misconceptions.py           writes book/reference/misconceptions.md
    python tools/misconceptions.py --check   says whether the page is what the questions say now

Names, and why they matter, are those of the questions. Where each was seen in public stands in
tools/misconceptions.toml, with the text of those that no exercise can show and a page teaches instead.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lossact.grading.question import Misconception, all_questions, exercises

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "book" / "reference" / "misconceptions.md"
DATA = ROOT / "tools" / "misconceptions.toml"

GROUPS = {
    "shapes": "Reductions, shapes, types, order of arguments",
    "regression": "Regression and robust losses",
    "stability": "Probabilities, logarithms, stability",
    "activations": "Activations and their derivatives",
    "coupling": "Coupling",
    "confidence": "Confidence, imbalance, distillation, metrics",
    "mathematics": "Mathematics and optimisation",
}
LEAD = """\
# What is misunderstood?

{count} misunderstandings about losses and activations, each with its reason, the exercise whose grader names
it when your numbers show it, and the public threads in which others met it. Some of these threads are false
alarms: what was reported was no fault. That is the better evidence of a misconception.
"""
TAUGHT = "Taught in {pages}."
NAMED = "Named in {exercises}."
THREADS = "Seen in {threads}."
ALSO = "Also: {also}."


def by_id() -> dict[str, list[tuple[str, Misconception]]]:
    """Every misconception of the catalogue that an exercise names, with the exercises."""
    found: dict[str, list[tuple[str, Misconception]]] = {}
    for exercise, names in exercises().items():
        for name in names:
            for each in all_questions()[name].misconceptions:
                if re.fullmatch(r"M\d+", each.id):
                    found.setdefault(each.id, []).append((exercise, each))
    return found


def path_of(exercise: str) -> str:
    chapter, _, name = exercise.partition("_")
    return f"exercises/{chapter}/{name}"


def exercise_link(exercise: str) -> str:
    path = path_of(exercise)
    notebook = json.loads((ROOT / f"{path}.ipynb").read_text(encoding="utf-8"))
    title = notebook["metadata"]["lossact"]["title"]
    return f"[{title}](../../{path}.ipynb)"


def page_link(page: str) -> str:
    notebook = json.loads((ROOT / "book" / f"{page}.ipynb").read_text(encoding="utf-8"))
    title = "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ").strip()
    return f"[{title}](../{page}.ipynb)"


def thread_link(address: str) -> str:
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)/issues/(\d+)", address)
    text = f"{found[1]} #{found[2]}" if found else address.removeprefix("https://")
    return f"[{text}]({address})"


def entry(identity: str, data: dict[str, Any], named: list[tuple[str, Misconception]]) -> str:
    if named:
        # The question that says most of it stands for all of them.
        name, why = named[0][1].name, named[0][1].why
        links = dict.fromkeys(exercise_link(exercise) for exercise, _ in named)
        where = NAMED.format(exercises=", ".join(links))
    else:
        name, why = data["name"], data["why"]
        where = TAUGHT.format(pages=", ".join(page_link(page) for page in data["pages"]))
    parts = [_plain(why), where]
    if "threads" in data:
        parts.append(THREADS.format(threads=", ".join(thread_link(each) for each in data["threads"])))
    if "also" in data:
        parts.append(ALSO.format(also=data["also"]))
    return f"**{identity}**: {_plain(name)}\n: {' '.join(parts)}"


def _plain(text: str) -> str:
    """A sentence of a question, in which no character is Markdown's."""
    outside = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(
        part if part.startswith("`") else re.sub(r"([*_$<>\[\]|])", r"\\\1", part) for part in outside
    )


def page() -> str:
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    named = by_id()
    unknown = sorted(set(named) - set(data))
    if unknown:
        raise ValueError(f"not in {DATA.name}: {unknown}")
    # One that no exercise names and no page teaches is not in the book.
    data = {each: about for each, about in data.items() if each in named or "name" in about}
    parts = [LEAD.format(count=len(data))]
    for group, title in GROUPS.items():
        here = [entry(each, data[each], named.get(each, [])) for each in data if data[each]["group"] == group]
        parts.append(f"## {title}\n\n" + "\n\n".join(here) + "\n")
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not current")
    options = parser.parse_args(arguments)
    made = page()
    current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == made
    if options.check:
        if not current:
            print(f"{PAGE.relative_to(ROOT)} is not what the questions say; 'make misconceptions' writes it.")
        return not current
    PAGE.write_text(made, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {'unchanged' if current else 'written'}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
