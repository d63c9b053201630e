"""Notebooks in one normal form, so that a diff shows what an author changed and nothing else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import nbformat

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def normalised(text: str, *, outputs: bool) -> str:
    """The text of a notebook without counters, timings and the author's machine.

    With `outputs=False` the stored outputs go too: only pages of the book keep them.
    """
    notebook = nbformat.reads(text, as_version=4)
    metadata = {key: value for key, value in notebook.metadata.items() if key == "lossact"}
    notebook.metadata = nbformat.from_dict(
        {**metadata, "kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in ("tags", "lossact") if cell.metadata.get(key)}
        )
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").split("\n"))
        cell.pop("attachments", None)
        if cell.cell_type == "code":
            cell.execution_count = None
            kept = cell.outputs if outputs else []
            cell.outputs = [_plain(output) for output in kept]
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1, sort_keys=True).rstrip("\n") + "\n"


def _plain(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if "execution_count" in output:
        output.execution_count = None
    if "metadata" in output:
        output.metadata = nbformat.NotebookNode()
    return output


def main(arguments: list[str] | None = None) -> int:
    """Normalise the notebooks named; exit 1 if any changed (or, with --check, would change)."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, only say what would change")
    parser.add_argument("notebooks", nargs="+", type=Path)
    options = parser.parse_args(arguments)
    changed = []
    for path in options.notebooks:
        before = path.read_text(encoding="utf-8")
        after = normalised(before, outputs="book" in path.parts)
        if before != after:
            changed.append(path)
            if not options.check:
                path.write_text(after, encoding="utf-8")
    for path in changed:
        print(f"{path}: {'is not in normal form' if options.check else 'normalised'}")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
