"""Give the cells of the pages that can run in a browser the tag `run`.

A cell can, unless it or a cell that it needs imports torch, which the Python of a browser does not have. One
that only shows a moving figure needs no run: it moves anyway.
"""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import nbformat

from lossact.grading.notebook import normalised

ROOT = Path(__file__).resolve().parents[1]
TAG = "run"
ABSENT = re.compile(r"^\s*(?:import|from) torch\b", re.MULTILINE)


def tagged(text: str) -> str:
    """The notebook with the tag on the cells that should have it, and on no other."""
    needed = runpy.run_path(str(ROOT / "site" / "runner" / "boot.py"))["needed"]
    notebook = nbformat.reads(text, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    sources = [cell.source for cell in cells]
    for number, cell in enumerate(cells):
        wanted = [*needed(sources, number), number]
        runs = not any(ABSENT.search(sources[each]) for each in wanted) and "moving." not in cell.source
        tags = [tag for tag in cell.metadata.get("tags", []) if tag != TAG] + [TAG] * runs
        if tags:
            cell.metadata["tags"] = tags
        else:
            cell.metadata.pop("tags", None)
    return normalised(nbformat.writes(notebook), outputs=True)


def main() -> int:
    for page in sorted((ROOT / "book").rglob("*.ipynb")):
        text = page.read_text(encoding="utf-8")
        made = tagged(text)
        if made != text:
            page.write_text(made, encoding="utf-8")
            print(page.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
