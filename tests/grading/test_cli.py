"""The command as a learner and an instructor type it: exit codes, sentences, and nothing written over."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner

from lossact.cli import main
from lossact.grading import find_question
from lossact.grading.gradebook import FILE

ROOT = Path(__file__).parents[2]
EXERCISE = ROOT / "exercises/loss/mean_squared_error.ipynb"
SOLUTION = ROOT / "solutions/loss/mean_squared_error.ipynb"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, where the command remembers hints."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setattr("click.get_app_dir", lambda name: str(folder / name))
    return folder


@pytest.fixture
def mine(tmp_path):
    """A folder exercises with one notebook in it, not begun; and the folder it lies in is entered."""
    path = tmp_path / "work" / "exercises" / "loss" / "mse.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(EXERCISE, path)
    return path


@pytest.fixture
def run(mine, monkeypatch):
    monkeypatch.chdir(mine.parents[2])

    def run(*arguments):
        before = mine.read_bytes()
        result = CliRunner().invoke(main, [str(each) for each in arguments])
        assert mine.read_bytes() == before  # whatever the command is, the learner's notebook stays
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


def answer(path, name, line):
    text = path.read_text(encoding="utf-8")
    stub = f'raise NotImplementedError(\\"{name} is yours to write\\")'
    assert stub in text
    path.write_text(text.replace(stub, line), encoding="utf-8")


# --- check ----------------------------------------------------------------------------------------------


def test_check_of_a_solution_says_so_and_ends_with_0(run):
    result = run("check", SOLUTION)
    assert result.exit_code == 0
    assert "mse_loss: right. 5 of 5 points." in result.output
    assert result.output.endswith("15 of 15 points\n")


def test_check_of_an_untouched_exercise_ends_with_1(run, mine):
    result = run("check", mine)
    assert result.exit_code == 1
    assert result.output.count("not written yet") == 3
    assert result.output.endswith("0 of 15 points\n")


def test_check_shows_as_many_steps_as_are_asked_for(run, mine):
    answer(mine, "mse_loss", "return ((input - target) ** 2).sum()")
    one, all_of_them = run("check", mine).output, run("check", "--hints", "3", mine).output
    assert "You summed the squares instead of averaging them." in one
    assert "Hint 1:" in one
    assert "Hint 2:" not in one
    assert "Hint 3:" in all_of_them


def test_check_takes_a_seed(run, mine):
    answer(mine, "mse_loss", "assert input.size != 5, input.sum(); return ((input - target) ** 2).mean()")

    def complaint(seed):
        output = run("check", "--seed", seed, mine).output
        return next(line for line in output.splitlines() if "AssertionError" in line)

    assert complaint(1) == complaint(1)
    assert complaint(1) != complaint(2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read as a notebook"),
        ("", "cannot be read as a notebook"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "holds no question"),
    ],
)
def test_check_of_what_is_no_exercise_is_a_sentence(run, tmp_path, content, said):
    path = tmp_path / "odd.ipynb"
    path.write_text(content, encoding="utf-8")
    result = run("check", path)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert said in result.output


def test_check_of_no_file_is_a_usage_error(run, tmp_path):
    assert run("check", tmp_path / "nowhere.ipynb").exit_code == 2


def test_check_writes_the_points_where_it_is_told_to(run, mine, tmp_path):
    answer(mine, "mse_loss", "return ((input - target) ** 2).mean()")
    table, tests = tmp_path / "points.json", tmp_path / "points.xml"
    assert run("check", mine, "--json", table, "--junit", tests).exit_code == 1
    (learner,) = json.loads(table.read_text(encoding="utf-8"))
    assert (learner["points"], learner["total"]) == ("4", "15")
    assert {case.get("name") for case in ET.parse(tests).iter("testcase")} >= {"mse_loss", "mse_loss_grad"}


def test_check_never_writes_its_report_over_a_notebook(run, mine):
    for option in ("--json", "--junit", "--classroom"):
        result = run("check", SOLUTION, option, mine)
        assert result.exit_code == 1
        assert f"{mine} is a notebook. Name another file" in result.output


# --- status ---------------------------------------------------------------------------------------------


def test_status_shows_each_question_of_the_folder_exercises(run, mine):
    answer(mine, "mse_loss", "return ((input - target) ** 2).mean()")
    (mine.parent / "broken.ipynb").write_text("{", encoding="utf-8")
    result = run("status")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert "exercises/loss/broken.ipynb cannot be read as a notebook" in lines[0]
    start = lines.index("exercises/loss/mse.ipynb: 4 of 15 points")
    assert lines[start + 1] == "    mse_loss: not right yet (4 of 5 points)"
    assert lines[start + 2] == "    mse_loss_grad: not written yet (0 of 5 points)"


def test_status_takes_files_and_folders(run, mine, tmp_path):
    assert "15 of 15 points" in run("status", SOLUTION).output
    assert "0 of 15 points" in run("status", mine.parent).output
    result = run("status", tmp_path / "home")
    assert result.exit_code == 1
    assert "no notebook found in" in result.output


# --- hint -----------------------------------------------------------------------------------------------


def test_an_untouched_answer_gets_the_questions_own_steps(run, mine):
    steps = find_question("mse_loss").hints
    first = run("hint", "mse_loss")
    assert first.exit_code == 0
    assert first.output.splitlines()[0].startswith("mse_loss: not written yet.")
    assert f"Hint 1: {steps[0]}" in first.output
    assert "What it looks like" not in first.output
    assert f"Hint 2: {steps[1]}" in run("hint", "mse_loss", mine).output
    for _ in steps:
        last = run("hint", "mse_loss").output
    assert f"Hint {len(steps)}: {steps[-1]}" in last
    assert "That was the last step." in last
    assert f"Hint 1: {steps[0]}" in run("hint", "mse_loss", "--again").output


def test_another_fault_begins_with_its_own_first_step(run, mine):
    run("hint", "mse_loss")
    run("hint", "mse_loss")
    answer(mine, "mse_loss", "return ((input - target) ** 2).sum()")
    output = run("hint", "mse_loss").output
    assert "What it looks like: You summed the squares instead of averaging them." in output
    assert "Hint 1: Your value is the right one times" in output


def test_a_fault_without_a_name_gets_the_questions_own_steps(run, mine):
    answer(mine, "mse_loss", "return 7.0")
    output = run("hint", "mse_loss").output
    assert "No known misunderstanding gives these numbers." in output
    assert f"Hint 1: {find_question('mse_loss').hints[0]}" in output


def test_a_right_answer_gets_no_hint(run):
    result = run("hint", "mse_loss", SOLUTION)
    assert result.exit_code == 0
    assert result.output == "mse_loss: right. 5 of 5 points.\n"


def test_a_hint_that_cannot_be_given_says_why(run, mine):
    unknown = run("hint", "mse")
    assert unknown.exit_code == 1
    assert "there is no question 'mse'" in unknown.output
    assert "mse_loss" in unknown.output
    elsewhere = run("hint", "sigmoid")
    assert elsewhere.exit_code == 1
    assert "no notebook here asks sigmoid" in elsewhere.output
    (mine.parent / "broken.ipynb").write_text("{", encoding="utf-8")
    assert run("hint", "mse_loss").exit_code == 0  # a broken one beside it is no obstacle
    assert run("hint", "mse_loss", mine.parent / "broken.ipynb").exit_code == 1


def test_a_hint_is_given_even_if_it_cannot_be_remembered(run, home):
    (home / "lossact").write_text("a file where a folder is wanted", encoding="utf-8")
    output = run("hint", "mse_loss").output
    assert "Hint 1:" in output
    assert "cannot be remembered" in output


# --- grade ----------------------------------------------------------------------------------------------


@pytest.fixture
def submissions(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(SOLUTION, folder / "ada.ipynb")
    shutil.copy(EXERCISE, folder / "ben.ipynb")
    return folder


def test_grade_writes_what_it_says_and_goes_on_where_it_was(run, submissions, tmp_path):
    out = tmp_path / "out"
    first = run("grade", submissions, "--out", out, "--workers", "1")
    assert first.exit_code == 0
    assert "Graded 2, unchanged 0, of 2 notebooks." in first.output
    for line in first.stdout.splitlines()[1:]:
        assert Path(line.strip()).exists()
    assert sorted(path.name for path in (out / "feedback").iterdir()) == ["ada.html", "ben.html"]
    again = run("grade", submissions, "--out", out, "--workers", "1")
    assert "Graded 0, unchanged 2, of 2 notebooks." in again.output
    other_seed = run("grade", submissions, "--out", out, "--workers", "1", "--seed", "5")
    assert "Graded 2, unchanged 0, of 2 notebooks." in other_seed.output
    forced = run("grade", submissions, "--out", out, "--workers", "1", "--seed", "5", "--regrade")
    assert "Graded 2, unchanged 0, of 2 notebooks." in forced.output
    points = {each["learner"]: each["points"] for each in json.loads((out / "grades.json").read_text())}
    assert points == {"ada": "15", "ben": "0"}


def test_grade_of_an_empty_folder_is_a_sentence_and_writes_nothing(run, tmp_path):
    (tmp_path / "empty").mkdir()
    result = run("grade", tmp_path / "empty", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "no notebook found in" in result.output
    assert not (tmp_path / "out").exists()


def test_grade_refuses_where_learners_code_cannot_be_confined(run, submissions, tmp_path, monkeypatch):
    monkeypatch.setattr("lossact.grading.isolation.REQUIRED", ("a layer of lead",))
    result = run("grade", submissions, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "a layer of lead" in result.output
    assert "--isolation=basic" in result.output
    assert not (tmp_path / "out" / FILE).exists()
    checked = run("check", SOLUTION, "--isolation", "full")
    assert checked.exit_code == 1
    assert "a layer of lead" in checked.output


# --- exercises ------------------------------------------------------------------------------------------


def test_exercises_never_writes_over_work(run, mine):
    answer(mine, "mse_loss", "return 1.0")
    target = mine.parent / "mean_squared_error.ipynb"
    mine.rename(target)
    before = target.read_bytes()
    shutil.copy(EXERCISE, mine)
    result = run("exercises", ROOT / "solutions", mine.parents[1])
    assert result.exit_code == 1
    assert str(target) in result.output
    assert target.read_bytes() == before
