"""Every report says the same points, and nothing that a learner or a file is called can break out of it."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from lossact.grading.grade import Grade, QuestionGrade, not_graded
from lossact.grading.reports import (
    by_learner,
    classroom_results,
    csv_table,
    feedback_page,
    gradescope_results,
    json_table,
    junit,
    write_reports,
)

EVIL = "<b>&\"'\x00\x1b]]></script><script>alert(1)</script>"


def question(name, points, total="5", text="text", misconceptions=()):
    points, total = Decimal(points), Decimal(total)
    status = "right" if points == total else "wrong"
    return QuestionGrade(name, points, total, status, text, "<p>a verdict</p>", misconceptions, 0.25)


def grade(*questions):
    return Grade("loss_mean_squared_error", questions, "", ("Landlock", "seccomp"), 1.5)


PARTS = (question("mse_loss", "0.1"), question("mse_loss_grad", "0.2"), question("l1_loss_grad", "5"))
CLASS = [
    ("ada", "ada.ipynb", grade(*PARTS)),
    ("ben", "ben/one.ipynb", grade(question("mse_loss", "5"))),
    ("ben", "ben/two.ipynb", not_graded("ben/two.ipynb cannot be read as a notebook: it is empty")),
    (EVIL, f"{EVIL}.ipynb", grade(question("mse_loss", "3", text=EVIL, misconceptions=(("M01", EVIL),)))),
    ("=cmd|' /C calc'!A0", "=cmd.ipynb", not_graded("=1+1")),
    ("../../etc/passwd", "../x.ipynb", grade(question("mse_loss", "5"))),
    ("a b", "a b.ipynb", grade(question("mse_loss", "1"))),
    ("a_b", "a_b.ipynb", grade(question("mse_loss", "2"))),
    ("a?b", "a?b.ipynb", grade(question("mse_loss", "4"))),
]
POINTS = {"ada": "5.3", "ben": "5", EVIL: "3", "../../etc/passwd": "5", "a b": "1", "a_b": "2", "a?b": "4"}


@pytest.fixture(scope="module")
def learners():
    return by_learner(CLASS)


def named(learners, name):
    return next(each for each in learners if each.name == name)


def test_points_add_up_exactly(learners):
    assert named(learners, "ada").points == Decimal("5.3")
    assert named(learners, "ada").total == 15
    assert [each.name for each in learners] == sorted({name for name, _, _ in CLASS})


def test_the_csv_has_a_row_for_each_question_and_each_problem(learners):
    rows = list(csv.DictReader(io.StringIO(csv_table(learners))))
    assert len(rows) == 11
    ada = [row for row in rows if row["learner"] == "ada"]
    assert sum(Decimal(row["points"]) for row in ada) == Decimal("5.3")
    (problem,) = [row for row in rows if row["submission"] == "ben/two.ipynb"]
    assert (problem["status"], problem["points"]) == ("not graded", "0")
    assert "it is empty" in problem["problem"]


def test_nothing_in_the_csv_is_taken_for_a_formula(learners):
    for row in csv.reader(io.StringIO(csv_table(learners))):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row), row
    assert "'=cmd|' /C calc'!A0" in csv_table(learners)


def test_the_json_has_exact_points_and_the_isolation(learners):
    data = {each["learner"]: each for each in json.loads(json_table(learners))}
    assert {name: data[name]["points"] for name in POINTS} == POINTS
    for learner in data.values():
        questions = [each for notebook in learner["notebooks"] for each in notebook["questions"]]
        assert sum((Decimal(each["points"]) for each in questions), Decimal(0)) == Decimal(learner["points"])
    assert data["ada"]["notebooks"][0]["isolation"] == ["Landlock", "seccomp"]
    assert data["ben"]["notebooks"][1]["problem"]


def test_the_junit_xml_can_be_read_and_agrees(learners):
    root = ET.fromstring(junit(learners))
    suites = {suite.get("name"): suite for suite in root.iter("testsuite")}
    assert len(suites) == len(CLASS)
    ada = suites["ada.ipynb"]
    assert (ada.get("tests"), ada.get("failures"), ada.get("errors")) == ("3", "2", "0")
    values = [p.get("value") for p in ada.iter("property") if p.get("name") == "points"]
    assert sum(map(Decimal, values)) == Decimal("5.3")
    assert len(ada.findall(".//failure")) == 2
    broken = suites["ben/two.ipynb"]
    assert (broken.get("tests"), broken.get("failures")) == ("1", "1")
    assert "it is empty" in broken.find(".//failure").get("message")
    (evil,) = [suite for name, suite in suites.items() if name.startswith("<b>")]
    assert evil.find(".//failure").text == EVIL.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")


def test_gradescope_gets_the_fields_it_reads(learners):
    results = json.loads(gradescope_results(named(learners, "ada")))
    assert results["score"] == pytest.approx(5.3)
    assert results["visibility"] == "visible"
    assert set(results["tests"][0]) == {
        "name", "score", "max_score", "status", "output", "output_format", "visibility"
    }  # fmt: skip
    assert [test["status"] for test in results["tests"]] == ["failed", "failed", "passed"]
    assert sum(test["score"] for test in results["tests"]) == pytest.approx(results["score"])
    # As text: what a learner's notebook says is never read as markup there.
    evil = json.loads(gradescope_results(named(learners, EVIL)))
    assert {test["output_format"] for test in evil["tests"]} == {"text"}
    ben = json.loads(gradescope_results(named(learners, "ben")))
    assert [test["max_score"] for test in ben["tests"]] == [5.0, 0.0]


def test_github_classroom_gets_scores_that_add_up(learners):
    ada = json.loads(classroom_results(named(learners, "ada")))
    assert (ada["version"], ada["status"], ada["max_score"]) == (1, "fail", 15)
    assert [test["status"] for test in ada["tests"]] == ["fail", "fail", "pass"]
    assert sum(test["score"] for test in ada["tests"]) == pytest.approx(5.3)
    assert json.loads(classroom_results(named(learners, "ben")))["status"] == "error"
    right = json.loads(classroom_results(named(learners, "../../etc/passwd")))
    assert (right["status"], right["max_score"], right["tests"][0]["score"]) == ("pass", 5, 5)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def test_pages_show_names_and_run_none_of_them(learners, tmp_path):
    write_reports(learners, tmp_path)
    pages = [tmp_path / "summary.html", *(tmp_path / "feedback").iterdir()]
    for page in pages:
        tags = Tags()
        tags.feed(page.read_text(encoding="utf-8"))
        assert not {"script", "b", "img", "iframe"} & set(tags.tags), page
    tags = Tags()
    tags.feed(feedback_page(named(learners, EVIL)))
    assert "alert(1)" in tags.text
    assert "3 of 5 points" in tags.text


def test_every_learner_has_files_of_their_own_inside_the_folder(learners, tmp_path):
    out = tmp_path / "out"
    written = write_reports(learners, out)
    for kind in ("feedback", "gradescope"):
        assert len(list(written[kind].iterdir())) == len(learners)
    scores = [json.loads(path.read_text())["score"] for path in written["gradescope"].iterdir()]
    assert sorted(scores) == sorted([*(float(points) for points in POINTS.values()), 0.0])
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    summary = written["summary"].read_text(encoding="utf-8")
    assert all(f'href="feedback/{path.name}"' in summary for path in written["feedback"].iterdir())
    assert not list(out.rglob("*.part"))


def test_no_name_can_take_the_file_of_another(tmp_path):
    """Not by its case, where that makes no difference, nor by guessing what another is changed into."""
    names = ["Ada", "ada", "b c"]
    for round in range(2):
        learners = by_learner((name, f"{name}.ipynb", grade(question("mse_loss", "5"))) for name in names)
        write_reports(learners, tmp_path / str(round))
        pages = [path.stem for path in (tmp_path / str(round) / "feedback").iterdir()]
        assert len({page.lower() for page in pages}) == len(names)
        names += pages[:]
        names = sorted(set(names))
