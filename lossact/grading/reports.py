"""Grades in the forms that people and other systems read.

Everything that comes from a notebook or a file name is escaped where it is written. Each file appears at
once and whole, in place of the one before.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lossact.grading import sentences
from lossact.grading.grade import Grade, QuestionGrade

Graded = tuple[str, str, Grade]
"""Learner, submission, grade."""


@dataclass(frozen=True)
class Learner:
    """Everything graded of one learner, by submission."""

    name: str
    grades: tuple[tuple[str, Grade], ...]

    @property
    def points(self) -> Decimal:
        """The points earned in all notebooks."""
        return sum((grade.points for _, grade in self.grades), Decimal(0))

    @property
    def total(self) -> Decimal:
        """The points that could be earned in them."""
        return sum((grade.total for _, grade in self.grades), Decimal(0))


def by_learner(graded: Iterable[Graded]) -> list[Learner]:
    """The grades of a class, gathered by learner, in the order of the names."""
    found: dict[str, list[tuple[str, Grade]]] = defaultdict(list)
    for learner, submission, grade in graded:
        found[learner].append((submission, grade))
    return [Learner(name, tuple(sorted(grades))) for name, grades in sorted(found.items())]


def write_reports(learners: list[Learner], folder: Path, seconds: float = 0.0) -> dict[str, Path]:
    """Write every report into `folder`; returns what was written, by its kind."""
    feedback, gradescope = folder / "feedback", folder / "gradescope"
    for subfolder in (feedback, gradescope):
        subfolder.mkdir(parents=True, exist_ok=True)
    pages = {learner.name: f"{_file_name(learner.name)}.html" for learner in learners}
    for learner in learners:
        write_text(feedback / pages[learner.name], feedback_page(learner))
        write_text(gradescope / f"{_file_name(learner.name)}.json", gradescope_results(learner))
    written = {
        "csv": (folder / "grades.csv", csv_table(learners)),
        "json": (folder / "grades.json", json_table(learners)),
        "junit": (folder / "junit.xml", junit(learners)),
        "summary": (folder / "summary.html", summary_page(learners, pages, seconds)),
    }
    for path, text in written.values():
        write_text(path, text)
    return {kind: path for kind, (path, _) in written.items()} | {
        "feedback": feedback,
        "gradescope": gradescope,
    }


def csv_table(learners: list[Learner]) -> str:
    """A row for each question of each notebook, and one for each notebook that has none."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(
        [
            "learner",
            "submission",
            "exercise",
            "question",
            "points",
            "total",
            "status",
            "misconceptions",
            "problem",
        ]
    )
    for learner in learners:
        for submission, grade in learner.grades:
            start = [_cell(learner.name), _cell(submission), grade.exercise]
            for question in grade.questions:
                named = " ".join(each for each, _ in question.misconceptions)
                table.writerow(
                    [*start, question.name, question.points, question.total, question.status, named, ""]
                )
            if not grade.questions:
                table.writerow([*start, "", 0, 0, "not graded", "", _cell(grade.problem)])
    return out.getvalue()


def json_table(learners: list[Learner]) -> str:
    """Everything but the feedback's HTML; points as strings, because they are exact decimals."""
    return (
        json.dumps(
            [
                {
                    "learner": learner.name,
                    "points": str(learner.points),
                    "total": str(learner.total),
                    "notebooks": [
                        {
                            "submission": submission,
                            "exercise": grade.exercise,
                            "problem": grade.problem,
                            "isolation": list(grade.layers),
                            "questions": [
                                {
                                    "question": question.name,
                                    "points": str(question.points),
                                    "total": str(question.total),
                                    "status": question.status,
                                    "misconceptions": [each for each, _ in question.misconceptions],
                                    "seconds": round(question.seconds, 3),
                                }
                                for question in grade.questions
                            ],
                        }
                        for submission, grade in learner.grades
                    ],
                }
                for learner in learners
            ],
            indent=1,
        )
        + "\n"
    )


def junit(learners: list[Learner]) -> str:
    """JUnit XML: a suite for each notebook, a test for each question."""
    root = ET.Element("testsuites")
    for learner in learners:
        for submission, grade in learner.grades:
            failed = sum(question.points < question.total for question in grade.questions)
            suite = ET.SubElement(
                root,
                "testsuite",
                name=_xml_text(submission),
                tests=str(len(grade.questions) or 1),
                failures=str(failed if grade.questions else 1),
                errors="0",
                time=f"{grade.seconds:.3f}",
            )
            if not grade.questions:
                case = ET.SubElement(suite, "testcase", classname=_xml_text(submission), name="notebook")
                ET.SubElement(case, "failure", message=_xml_text(grade.problem))
            for question in grade.questions:
                case = ET.SubElement(
                    suite,
                    "testcase",
                    classname=_xml_text(submission),
                    name=question.name,
                    time=f"{question.seconds:.3f}",
                )
                properties = ET.SubElement(case, "properties")
                for name, value in (("points", question.points), ("total", question.total)):
                    ET.SubElement(properties, "property", name=name, value=str(value))
                if question.points < question.total:
                    message = f"{question.points} of {question.total}"
                    ET.SubElement(case, "failure", message=message).text = _xml_text(question.text)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def gradescope_results(learner: Learner) -> str:
    """The `results.json` that Gradescope reads from an autograder."""
    tests = []
    for submission, grade in learner.grades:
        for question in grade.questions:
            tests.append(
                {
                    "name": question.name,
                    "score": float(question.points),
                    "max_score": float(question.total),
                    "status": "passed" if question.points == question.total else "failed",
                    "output": question.text,
                    "output_format": "text",
                    "visibility": "visible",
                }
            )
        if not grade.questions:
            tests.append(
                {
                    "name": submission,
                    "score": 0.0,
                    "max_score": 0.0,
                    "status": "failed",
                    "output": grade.problem,
                    "output_format": "text",
                    "visibility": "visible",
                }
            )
    results = {
        "score": float(learner.points),
        "output_format": "text",
        "visibility": "visible",
        "tests": tests,
    }
    return json.dumps(results, indent=1) + "\n"


def classroom_results(learner: Learner) -> str:
    """What GitHub Classroom's `autograding-grading-reporter` takes, before it is encoded as base64."""
    tests = [
        {
            "name": question.name,
            "status": "pass" if question.points == question.total else "fail",
            "score": _number(question.points),
            "message": None if question.points == question.total else question.text,
            "test_code": f"check({question.name!r})",
            "filename": submission,
            "line_no": 0,
            "execution_time": f"{question.seconds:.3f}s",
        }
        for submission, grade in learner.grades
        for question in grade.questions
    ]
    problems = [
        {"name": submission, "status": "error", "score": 0, "message": grade.problem}
        for submission, grade in learner.grades
        if grade.problem
    ]
    complete = "pass" if learner.points == learner.total else "fail"
    results = {
        "version": 1,
        "status": "error" if problems else complete,
        "max_score": _number(learner.total),
        "tests": tests + problems,
    }
    return json.dumps(results, indent=1) + "\n"


def _number(points: Decimal) -> int | float:
    """JSON has no decimals; a whole number stays one."""
    return int(points) if points == points.to_integral_value() else float(points)


# --- pages ----------------------------------------------------------------------------------------------

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>
:root {{
  color-scheme: light dark;
  --line: light-dark(#c9ccd1, #4a4f57);
  --soft: light-dark(#5a6068, #a9b0b8);
}}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 56rem; margin: 1.5rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{
  text-align: left; padding: 0.3rem 0.6rem; border-bottom: 1px solid var(--line); vertical-align: top;
}}
td.number, th.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
.wide {{ overflow-x: auto; }}
.soft {{ color: var(--soft); }}
pre {{ overflow-x: auto; }}
code {{ overflow-wrap: anywhere; }}
meter {{ width: 8rem; }}
</style>
<main>
{body}
</main>
</html>
"""


def _page(title: str, body: Iterable[str]) -> str:
    return _PAGE.format(title=_escape(title), body="\n".join(body))


def feedback_page(learner: Learner) -> str:
    """What one learner is told: every verdict of every notebook."""
    of_all = sentences.REPORT_TOTAL.format(points=learner.points, total=learner.total)
    body = [f"<h1>{_escape(learner.name)}</h1>", f"<p><strong>{_escape(of_all)}</strong></p>"]
    for submission, grade in learner.grades:
        body.append(f"<h2>{_escape(submission)}</h2>")
        if grade.problem:
            body.append(f"<p>{_escape(grade.problem)}</p>")
        body += [
            f'<section aria-label="{_escape(each.name)}">{each.html}</section>' for each in grade.questions
        ]
    return _page(sentences.FEEDBACK_TITLE.format(learner=learner.name), body)


def summary_page(learners: list[Learner], pages: dict[str, str], seconds: float) -> str:
    """What the instructor sees: who has how much, which question is hard, what is misunderstood."""
    grades = [grade for learner in learners for _, grade in learner.grades]
    layers = sorted({", ".join(grade.layers) for grade in grades if grade.questions})
    body = [
        f"<h1>{_escape(sentences.SUMMARY_TITLE)}</h1>",
        f"<p>{_escape(sentences.SUMMARY_COUNTS.format(learners=len(learners), notebooks=len(grades)))}</p>",
    ]
    for each in layers:
        line = sentences.SUMMARY_LAYERS.format(layers=each or sentences.NO_LAYERS)
        body.append(f'<p class="soft">{_escape(line)}</p>')
    body += [f"<h2>{_escape(sentences.SUMMARY_QUESTIONS)}</h2>", _questions_table(grades)]
    body += [f"<h2>{_escape(sentences.SUMMARY_MISCONCEPTIONS)}</h2>", _misconceptions_table(grades)]
    problems = [
        (learner.name, submission, grade.problem)
        for learner in learners
        for submission, grade in learner.grades
        if grade.problem
    ]
    if problems:
        body += [
            f"<h2>{_escape(sentences.SUMMARY_PROBLEMS)}</h2>",
            _table(sentences.SUMMARY_PROBLEMS_HEAD, problems),
        ]
    rows = [
        (
            f'<a href="feedback/{_escape(pages[learner.name])}">{_escape(learner.name)}</a>',
            str(learner.points),
            str(learner.total),
            _escape(" ".join(sorted({grade.exercise for _, grade in learner.grades if grade.exercise}))),
        )
        for learner in learners
    ]
    body += [
        f"<h2>{_escape(sentences.SUMMARY_LEARNERS)}</h2>",
        _table(sentences.SUMMARY_LEARNERS_HEAD, rows, escaped=True),
    ]
    spent = sum(grade.seconds for grade in grades)
    body.append(f'<p class="soft">{_escape(sentences.SUMMARY_TIME.format(spent=spent, seconds=seconds))}</p>')
    return _page(sentences.SUMMARY_TITLE, body)


def _questions_table(grades: list[Grade]) -> str:
    answers: dict[tuple[str, str], list[QuestionGrade]] = defaultdict(list)
    for grade in grades:
        for question in grade.questions:
            answers[grade.exercise, question.name].append(question)
    rows = []
    for (exercise, name), given in sorted(answers.items()):
        mean = sum((each.points for each in given), Decimal(0)) / len(given)
        right = sum(each.points == each.total for each in given)
        untouched = sum(each.status == "untouched" for each in given)
        rows.append(
            (exercise, name, f"{mean:.2f}", str(given[0].total), str(right), str(untouched), str(len(given)))
        )
    return _table(sentences.SUMMARY_QUESTIONS_HEAD, rows)


def _misconceptions_table(grades: list[Grade]) -> str:
    """The misunderstandings of the class, the commonest first; each counts once a question and learner."""
    counted: Counter[tuple[str, str, str]] = Counter(
        (identity, name, question.name)
        for grade in grades
        for question in grade.questions
        for identity, name in question.misconceptions
    )
    rows = [
        (str(count), identity, name, question) for (identity, name, question), count in counted.most_common()
    ]
    return _table(sentences.SUMMARY_MISCONCEPTIONS_HEAD, rows)


_NUMBER = re.compile(r"^-?[\d.]+$")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]], *, escaped: bool = False) -> str:
    top = "".join(f'<th scope="col">{_escape(each)}</th>' for each in head)
    lines = []
    for row in rows:
        cells = (
            f"<td{' class=number' if _NUMBER.match(each) else ''}>{each if escaped else _escape(each)}</td>"
            for each in row
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


# --- small things ---------------------------------------------------------------------------------------


def _escape(text: str) -> str:
    return html.escape(str(text), quote=True)


def _cell(text: str) -> str:
    """A spreadsheet takes what begins so for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _xml_text(text: str) -> str:
    """XML has no way to write most control characters."""
    return "".join(each if each in "\t\n\r" or (each.isprintable()) else "\ufffd" for each in text)


_MARKED = re.compile(r"-[0-9a-f]{8}$")  # as if another name had been changed into it


def _file_name(learner: str) -> str:
    """A name that every system takes; two learners never share one, even where case makes no difference."""
    plain = re.sub(r"[^\w.-]+", "_", learner).strip(".")[:80] or "learner"
    if plain == learner == learner.lower() and not _MARKED.search(plain):
        return plain
    return f"{plain}-{hashlib.sha256(learner.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def write_text(path: Path, text: str) -> None:
    """Write a file that appears at once and whole, in the place of the one before."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8", errors="backslashreplace")
    os.replace(part, path)
