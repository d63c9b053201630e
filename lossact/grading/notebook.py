"""Notebooks of exercises: their normal form, their questions, and how one is made from its solution."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lossact.grading import sentences
from lossact.grading.question import find_question

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"
_SOLUTION = re.compile(
    rf"^(?P<indent>[ \t]*){_BEGIN}[ \t]*\n.*?^[ \t]*{_END}[ \t]*$", re.DOTALL | re.MULTILINE
)
_DEFINED = re.compile(r"^def (\w+)", re.MULTILINE)
_CHECKED = re.compile(r"""\bcheck\(\s*["'](\w+)["']""")


class NotebookError(ValueError):
    """A notebook that is not what it should be; the message says which, and what is wrong."""


@dataclass(frozen=True)
class Exercise:
    """A notebook handed in: its questions in order, and its code cells as (id, source)."""

    path: Path
    questions: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]


def read_exercise(path: Path) -> Exercise | None:
    """Read a notebook to be graded; None if it belongs to no exercise.

    The questions are those its metadata names. If an editor has dropped the metadata, they are those that
    its cells check.

    Raises
    ------
    NotebookError
        If the file is not a notebook.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise NotebookError(sentences.UNREADABLE.format(path=path, error=error)) from error
    return parse_exercise(text, str(path))


def parse_exercise(text: str, path: str) -> Exercise | None:
    """As `read_exercise`, of the text of a notebook; `path` is for the sentences."""
    try:
        notebook = _of_today(text) or _parse(text)
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        sources = [_joined(cell.get("source", "")) for cell in code]
        noted = notebook.get("metadata", {}).get("lossact", {})
    except (AttributeError, KeyError, TypeError, NotebookError) as error:
        raise NotebookError(sentences.UNREADABLE.format(path=path, error=error)) from error
    named = noted.get("questions") if isinstance(noted, dict) else None
    if not isinstance(named, list) or not named:
        named = [name for source in sources for name in _CHECKED.findall(source)]
    if not named:
        return None
    cells = tuple((str(number), source) for number, source in enumerate(sources, start=1))
    return Exercise(Path(path), tuple(dict.fromkeys(str(name) for name in named)), cells)


def _of_today(text: str) -> dict[str, Any] | None:
    """A notebook of the format of today, read without nbformat, whose import takes most of a second."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(notebook, dict) and notebook.get("nbformat") == 4
    return notebook if is_one and isinstance(notebook.get("cells"), list) else None


def _joined(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def normalised(text: str, *, outputs: bool) -> str:
    """The text of a notebook without counters, timings and the author's machine.

    With `outputs=False` the stored outputs go too: only pages of the book keep them.

    Raises
    ------
    NotebookError
        If the text is not that of a notebook.
    """
    import nbformat

    notebook = _parse(text)
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
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, cell in enumerate(code, start=1):
        # As if run once from top to bottom; nbval takes an output without a count for a stale one.
        cell.execution_count = number if outputs else None
        cell.outputs = _plain_outputs(cell) if outputs else []
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook, indent=1, sort_keys=True)).rstrip("\n") + "\n"


def exercise_from_solution(text: str, path: str) -> str:
    """The learner's notebook: the solution with what stands between its markers taken out.

    Parameters
    ----------
    text : the solution notebook.
    path : where it stands, for error messages.

    Raises
    ------
    NotebookError
        If its metadata or its markers are not right, or a question it names does not exist.
    """
    import nbformat

    notebook = _parse(text)
    questions = notebook.metadata.get("lossact", {}).get("questions", [])
    if not questions:
        raise NotebookError(f"{path}: metadata.lossact.questions is missing; name the questions in order.")
    answered = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or _BEGIN not in cell.source:
            continue
        if cell.source.count(_BEGIN) != 1 or not _SOLUTION.search(cell.source):
            raise NotebookError(
                f"{path}, cell {cell.id}: one '{_BEGIN}' and one '{_END}' behind it are wanted, each on a "
                "line of its own."
            )
        defined = _DEFINED.findall(cell.source)
        if len(defined) != 1:
            raise NotebookError(
                f"{path}, cell {cell.id}: one function is wanted beside the markers; found "
                f"{', '.join(defined) or 'none'}."
            )
        answered += defined
        stub = f'raise NotImplementedError("{sentences.STUB.format(function=defined[0])}")'
        cell.source = _SOLUTION.sub(rf"\g<indent>{stub}", cell.source)
    if answered != list(questions):
        raise NotebookError(
            f"{path}: metadata names the questions {', '.join(questions)}; the marked cells answer "
            f"{', '.join(answered) or 'none'}."
        )
    for name in questions:
        find_question(name)
    exercise = _parse(normalised(nbformat.writes(notebook), outputs=False))
    exercise.metadata.lossact["handed_out"] = _digest(exercise)
    return normalised(nbformat.writes(exercise), outputs=False)


Written = Literal["written", "unchanged", "kept"]


def write_exercise(text: str, path: Path) -> Written:
    """Write a learner's notebook to `path`, unless somebody has worked in the one that is there.

    Returns
    -------
    "written", "unchanged" if the file is already this text, or "kept" if its cells are not those that were
    handed out: then it is somebody's work, and stays as it is.
    """
    if path.exists():
        if path.read_text(encoding="utf-8") == text:
            return "unchanged"
        if not _as_handed_out(path):
            return "kept"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return "written"


def _as_handed_out(path: Path) -> bool:
    try:
        notebook = _read(path)
    except NotebookError:
        return False
    return bool(notebook.metadata.get("lossact", {}).get("handed_out") == _digest(notebook))


def _digest(notebook: Any) -> str:
    """Of what a learner can change: the kinds and texts of the cells, not outputs or an editor's notes."""
    content = "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def _read(path: Path) -> Any:
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotebookError(sentences.UNREADABLE.format(path=path, error=error)) from error


def _parse(text: str) -> Any:
    import nbformat

    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:
        # nbformat says in many ways, from KeyError to its own classes, that this is no notebook.
        reason = f"{type(error).__name__}: {error}".split("\n", maxsplit=1)[0][:200]
        raise NotebookError(reason) from error


def _plain_outputs(cell: Any) -> list[Any]:
    import nbformat

    plain: list[Any] = []
    for output in cell.outputs:
        if "execution_count" in output:
            output.execution_count = cell.execution_count
        if "metadata" in output:
            output.metadata = nbformat.NotebookNode()
        previous = plain[-1] if plain else None
        if output.output_type == "stream" and previous and previous.get("name") == output.name:
            # Where a stream is cut depends on the load of the machine.
            previous.text += output.text
        else:
            plain.append(output)
    return plain
