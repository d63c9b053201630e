"""The command `lossact`."""

from __future__ import annotations

import sys
from pathlib import Path

try:
    import click
except ImportError:
    sys.exit("The command lossact needs more than the package: pip install 'lossact[grading]'")

import lossact
from lossact.grading.notebook import (
    NotebookError,
    exercise_from_solution,
    normalised,
    write_exercise,
)

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
@click.version_option(lossact.__version__, prog_name="lossact")
def main() -> None:
    """Make exercises from solutions, and keep notebooks in their normal form."""


@main.command()
@click.argument("solutions", type=_FOLDER)
@click.argument("exercises", type=click.Path(file_okay=False, path_type=Path))
def exercises(solutions: Path, exercises: Path) -> None:
    """Generate the learners' notebooks in EXERCISES from the notebooks in SOLUTIONS.

    A notebook that somebody has worked in is never written over: it is named, and the command ends with
    exit code 1 after it has written the others.
    """
    sources = sorted(path for path in solutions.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
    if not sources:
        raise click.ClickException(f"{solutions} holds no notebook (*.ipynb).")
    kept = []
    for source in sources:
        try:
            text = exercise_from_solution(source.read_text(encoding="utf-8"), str(source))
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        target = exercises / source.relative_to(solutions)
        result = write_exercise(text, target)
        click.echo(f"{target}: {result}")
        if result == "kept":
            kept.append(target)
    if kept:
        names = "\n".join(f"  {path}" for path in kept)
        click.echo(
            f"Somebody has worked in these notebooks, so they were left as they are:\n{names}\n"
            "Move or delete them to have them made anew.",
            err=True,
        )
        sys.exit(1)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; only say what would change.")
@click.argument("notebooks", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def normalise(check: bool, notebooks: tuple[Path, ...]) -> None:
    """Bring NOTEBOOKS into their normal form: no counters, no timings, no traces of a machine.

    Pages below a folder `book` keep their outputs, all others lose them. Ends with exit code 1 if a
    notebook changed, or with --check would change.
    """
    changed = False
    for path in notebooks:
        try:
            before = path.read_text(encoding="utf-8")
            after = normalised(before, outputs="book" in path.absolute().parts)
        except NotebookError as error:
            raise click.ClickException(f"{path}: {error}") from error
        if before != after:
            changed = True
            click.echo(f"{path}: {'is not in normal form' if check else 'normalised'}")
            if not check:
                path.write_text(after, encoding="utf-8")
    sys.exit(1 if changed else 0)
