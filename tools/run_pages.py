"""Run pages of the book and store their outputs anew."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from lossact.grading.notebook import normalised

ROOT = Path(__file__).parent.parent
SECONDS_PER_CELL = 60
# The pages' matrices are small: more than one thread only makes them wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> int:
    """Run the pages named, or all of them."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("pages", nargs="*", type=Path)
    pages = parser.parse_args().pages or sorted((ROOT / "book").rglob("*.ipynb"))
    for page in pages:
        start = time.perf_counter()
        notebook = nbformat.read(page, as_version=4)
        NotebookClient(
            notebook,
            timeout=SECONDS_PER_CELL,
            record_timing=False,
            resources={"metadata": {"path": str(page.parent)}},
        ).execute()
        text = normalised(nbformat.writes(notebook), outputs=True)
        page.write_text(text, encoding="utf-8")
        print(f"{page}: {time.perf_counter() - start:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
