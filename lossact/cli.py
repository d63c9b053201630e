"""The command `lossact`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    import click
    import rich.console
    import rich.progress
except ImportError:
    sys.exit("The command lossact needs more than the package: pip install 'lossact[grading]'")

import lossact
from lossact.grading import sentences
from lossact.grading.notebook import (
    NotebookError,
    exercise_from_solution,
    normalised,
    write_exercise,
)
from lossact.grading.process import CALL_SECONDS, CELL_SECONDS

if TYPE_CHECKING:
    from lossact.grading.classroom import Progress
    from lossact.grading.grade import Grade, Settings
    from lossact.grading.notebook import Exercise

_NOTEBOOK = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_REPORT = click.Path(dir_okay=False, path_type=Path)


def _isolation_option(default: str) -> Callable[[Any], Any]:
    return click.option(
        "--isolation",
        type=click.Choice(["full", "basic"]),
        default=default,
        show_default=True,
        help="basic: grade also where learners' code cannot be confined.",
    )


@click.group()
@click.version_option(lossact.__version__, prog_name="lossact")
def main() -> None:
    """Check your answers, grade a class, and make exercises from solutions."""


# --- for a learner --------------------------------------------------------------------------------------


@main.command()
@click.option("--hints", default=1, show_default=True, help="How many steps of each hint to show.")
@click.option("--seed", default=0, show_default=True, help="Of the inputs that are drawn.")
@_isolation_option("basic")
@click.option("--json", "json_file", type=_REPORT, help="Write the points there as JSON.")
@click.option("--junit", "junit_file", type=_REPORT, help="Write the points there as JUnit XML.")
@click.option("--classroom", "classroom_file", type=_REPORT, help="Write them there for GitHub Classroom.")
@click.argument("notebook", type=_NOTEBOOK)
def check(
    notebook: Path,
    hints: int,
    seed: int,
    isolation: str,
    json_file: Path | None,
    junit_file: Path | None,
    classroom_file: Path | None,
) -> None:
    """Grade NOTEBOOK and say what each answer still lacks. Ends with exit code 1 if it lacks anything."""
    from lossact.grading.grade import Settings
    from lossact.grading.process import IsolationError
    from lossact.grading.reports import by_learner, classroom_results, json_table, junit, write_text

    for report in (json_file, junit_file, classroom_file):
        if report is not None and report.suffix == ".ipynb":
            raise click.ClickException(sentences.REPORT_OVER_NOTEBOOK.format(path=report))
    try:
        grade = _grade(notebook, Settings(seed=seed, isolation=isolation, hints=hints))
    except IsolationError as error:
        raise click.ClickException(str(error)) from error
    learners = by_learner([(notebook.stem, str(notebook), grade)])
    try:
        if json_file is not None:
            write_text(json_file, json_table(learners))
        if junit_file is not None:
            write_text(junit_file, junit(learners))
        if classroom_file is not None:
            write_text(classroom_file, classroom_results(learners[0]))
    except OSError as error:
        raise click.ClickException(str(error)) from error
    if grade.problem:
        raise click.ClickException(grade.problem)
    for question in grade.questions:
        click.echo(question.text + "\n")
    click.echo(sentences.REPORT_TOTAL.format(points=grade.points, total=grade.total))
    sys.exit(grade.points < grade.total)


@main.command()
@click.argument("notebooks", nargs=-1, type=click.Path(exists=True, path_type=Path))
def status(notebooks: tuple[Path, ...]) -> None:
    """Show how far you are, question by question, in NOTEBOOKS (files or folders; by default exercises/)."""
    from lossact.grading.grade import Settings

    for path in _notebooks(notebooks):
        grade = _grade(path, Settings(isolation="basic"))
        if grade.problem:
            click.echo(grade.problem if str(path) in grade.problem else f"{path}: {grade.problem}")
            continue
        click.echo(f"{path}: {sentences.REPORT_TOTAL.format(points=grade.points, total=grade.total)}")
        for question in grade.questions:
            earned = sentences.REPORT_TOTAL.format(points=question.points, total=question.total)
            click.echo(f"    {question.name}: {sentences.STATUS[question.status]} ({earned})")


@main.command()
@click.option("--again", is_flag=True, help="Begin with the first step again.")
@click.option("--seed", default=0, show_default=True, help="Of the inputs that are drawn.")
@click.argument("question")
@click.argument("notebook", required=False, type=_NOTEBOOK)
def hint(question: str, notebook: Path | None, again: bool, seed: int) -> None:
    """Give the next step of the hint for QUESTION, from what your answer in NOTEBOOK does.

    Without NOTEBOOK the one in the folder exercises that asks the question is taken. Which step is next is
    remembered, until your answer shows another fault.
    """
    from lossact.grading.judge import judge
    from lossact.grading.process import Workspace
    from lossact.grading.question import find_question, handed_out

    try:
        find_question(question)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    path, exercise = _that_asks(question, notebook)
    with Workspace(exercise.cells, handed_out(exercise.questions)) as workspace:
        verdict = judge(question, workspace.function(question), seed=seed)
    click.echo(verdict.headline)
    fault, ladder = verdict.first_ladder
    if not ladder:
        return
    step = _next_step(f"{path.absolute()}::{question}", fault, len(ladder), again)
    if fault:
        click.echo(fault)
    click.echo(sentences.HINT.format(number=step + 1, hint=ladder[step]))
    left = len(ladder) - step - 1
    click.echo(sentences.HINTS_LEFT.format(left=left) if left else sentences.NO_HINT_LEFT)


def _that_asks(question: str, notebook: Path | None) -> tuple[Path, Exercise]:
    """The notebook that asks a question: the one that is named, or the first in the folder exercises."""
    from lossact.grading.notebook import read_exercise

    for path in [notebook] if notebook else _notebooks(()):
        try:
            exercise = read_exercise(path)
        except NotebookError as error:
            if notebook:
                raise click.ClickException(str(error)) from error
            continue  # a broken notebook does not stand in the way of another
        if exercise is not None and question in exercise.questions:
            return path, exercise
    raise click.ClickException(sentences.NOT_ASKED.format(question=question))


def _next_step(key: str, fault: str, steps: int, again: bool) -> int:
    """Which step of a ladder comes now; remembered in the user's own folder for applications."""
    store = Path(click.get_app_dir("lossact")) / "hints.json"
    try:
        known = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    before = known.get(key, {})
    step = 0 if again or before.get("fault") != fault else min(before.get("step", -1) + 1, steps - 1)
    known[key] = {"fault": fault, "step": step}
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        part = store.with_suffix(".part")
        part.write_text(json.dumps(known, indent=1), encoding="utf-8")
        os.replace(part, store)
    except OSError as error:
        click.echo(sentences.NOT_REMEMBERED.format(path=store, error=error), err=True)
    return step


def _notebooks(given: tuple[Path, ...]) -> Iterator[Path]:
    """The notebooks among `given`, and in the folders among them."""
    places = given or (Path("exercises"),)
    found = False
    for place in places:
        paths = [place] if place.is_file() else sorted(place.rglob("*.ipynb")) if place.is_dir() else []
        for path in paths:
            if ".ipynb_checkpoints" not in path.parts:
                found = True
                yield path
    if not found:
        raise click.ClickException(sentences.NO_NOTEBOOKS.format(places=", ".join(map(str, places))))


def _grade(path: Path, settings: Settings) -> Grade:
    from lossact.grading.grade import grade_notebook, not_graded
    from lossact.grading.submissions import Submission

    try:
        text = Submission(str(path), path.stem, path).read()
    except ValueError as error:
        return not_graded(str(error))
    return grade_notebook(text, settings, str(path))


# --- for an instructor ----------------------------------------------------------------------------------


@main.command()
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where grades go."
)
@click.option("--seed", default=0, show_default=True, help="Of the inputs; another one nobody has seen.")
@click.option("--workers", type=click.IntRange(1), help="Processes that grade; by default one a core.")
@click.option("--cell-seconds", default=CELL_SECONDS, show_default=True, help="How long a cell may run.")
@click.option("--call-seconds", default=CALL_SECONDS, show_default=True, help="How long a call may take.")
@click.option("--regrade", is_flag=True, help="Grade again what has been graded and has not changed.")
@_isolation_option("full")
@click.option("--scheduler", metavar="ADDRESS", help="Of a dask.distributed cluster that grades.")
@click.argument("submissions", type=_FOLDER)
def grade(
    submissions: Path,
    out: Path,
    seed: int,
    workers: int | None,
    cell_seconds: float,
    call_seconds: float,
    regrade: bool,
    isolation: str,
    scheduler: str | None,
) -> None:
    """Grade every notebook in SUBMISSIONS, and write grades and feedback into the folder --out.

    A notebook, a folder or a zip file in SUBMISSIONS is one learner's. What has been graded is kept as it
    comes: after an interruption the same command goes on where it stopped, and later it grades only what
    has changed.
    """
    from lossact.grading import classroom
    from lossact.grading.grade import Settings
    from lossact.grading.gradebook import FILE, Gradebook, GradebookError
    from lossact.grading.process import IsolationError, layers_in_force
    from lossact.grading.reports import by_learner, write_reports
    from lossact.grading.submissions import find_submissions

    if out.exists() and any(out.iterdir()) and not (out / FILE).exists():
        raise click.ClickException(sentences.NOT_OURS.format(path=out))
    if out.absolute() == submissions.absolute() or submissions.absolute() in out.absolute().parents:
        raise click.ClickException(sentences.OUT_INSIDE.format(out=out, submissions=submissions))
    start = time.monotonic()
    found = find_submissions(submissions)
    if not found:
        raise click.ClickException(sentences.NO_NOTEBOOKS.format(places=submissions))
    settings = Settings(seed, cell_seconds, call_seconds, isolation)
    try:
        if scheduler is None:
            layers = layers_in_force(isolation)
            click.echo(
                sentences.SUMMARY_LAYERS.format(layers=", ".join(layers) or sentences.NO_LAYERS), err=True
            )
        pool = classroom.cluster_pool(scheduler) if scheduler else classroom.local_pool(workers)
        with Gradebook(out) as book, _progress(len(found)) as report:
            progress = classroom.grade_class(
                found, book, settings, pool, regrade=regrade, share_folders=scheduler is None, report=report
            )
            learners = by_learner(book.grades())
        written = write_reports(learners, out, time.monotonic() - start)
    except KeyboardInterrupt:
        click.echo(sentences.STOPPED_EARLY, err=True)
        sys.exit(130)
    except ModuleNotFoundError as error:
        raise click.ClickException(sentences.NO_CLUSTER) from error
    except (IsolationError, GradebookError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(sentences.GRADED.format(graded=progress.graded, known=progress.known, total=progress.total))
    for kind in ("summary", "csv", "feedback"):
        click.echo(f"  {written[kind]}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Progress], None]]:
    columns = (
        rich.progress.BarColumn(),
        rich.progress.MofNCompleteColumn(),
        rich.progress.TextColumn("{task.fields[rate]:.1f}/s"),
        rich.progress.TimeRemainingColumn(),
    )
    with rich.progress.Progress(*columns, console=rich.console.Console(stderr=True)) as bar:
        task = bar.add_task("", total=total, rate=0.0)

        def report(progress: Progress) -> None:
            bar.update(task, completed=progress.known + progress.graded, rate=progress.rate)

        yield report


# --- for an author --------------------------------------------------------------------------------------


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
