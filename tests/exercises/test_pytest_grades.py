"""`pytest exercises/` as an instructor or a learner runs it."""

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lossact.grading.process import layers_in_force

ROOT = Path(__file__).parents[2]
EXERCISE = "loss/mean_squared_error.ipynb"


def run_pytest(*arguments, cwd):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def handed_in(tmp_path):
    """A folder with one exercise, to be answered."""
    path = tmp_path / "ada.ipynb"
    shutil.copy(ROOT / "exercises" / EXERCISE, path)
    return path


def answer(path, name, line):
    text = path.read_text(encoding="utf-8")
    stub = f'raise NotImplementedError(\\"{name} is yours to write\\")'
    assert stub in text
    path.write_text(text.replace(stub, line), encoding="utf-8")


def test_an_untouched_exercise_earns_nothing_and_each_question_fails(handed_in):
    result = run_pytest(handed_in.name, cwd=handed_in.parent)
    assert result.returncode == 1
    assert "3 failed" in result.stdout
    assert "ada.ipynb: 0 of 15 points" in result.stdout
    assert result.stdout.count("not written yet") >= 3


def test_a_solution_earns_all(tmp_path):
    shutil.copy(ROOT / "solutions" / EXERCISE, tmp_path / "solved.ipynb")
    result = run_pytest("solved.ipynb", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    assert "solved.ipynb: 15 of 15 points" in result.stdout


def test_the_failure_names_the_file_the_fault_and_the_hints(handed_in):
    answer(handed_in, "mse_loss", "return ((input - target) ** 2).sum()")
    result = run_pytest(handed_in, "-k", "mse_loss", f"--junitxml={handed_in.parent}/out.xml", cwd=ROOT)
    assert str(handed_in) in result.stdout
    assert "You summed the squares instead of averaging them." in result.stdout
    assert "Hint 3: Run this and look:" in result.stdout
    assert "Traceback" not in result.stdout
    cases = {case.get("name"): case for case in ET.parse(handed_in.parent / "out.xml").iter("testcase")}
    properties = {item.get("name"): item.get("value") for item in cases["mse_loss"].iter("property")}
    layers = properties.pop("lossact_isolation")
    assert layers == ", ".join(layers_in_force("basic"))
    assert properties == {
        "lossact_points": "0",
        "lossact_total": "5",
        "lossact_misconceptions": "M01 M05",
    }


def test_the_summary_says_in_one_line_what_confined_the_code(handed_in):
    output = run_pytest(handed_in.name, cwd=handed_in.parent).stdout
    said = [line for line in output.splitlines() if line.startswith("Learners' code ran behind: ")]
    assert said == [f"Learners' code ran behind: {', '.join(layers_in_force('basic')) or 'none'}."]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all layers")
def test_code_is_confined_as_in_every_other_way_of_grading(handed_in, tmp_path):
    canary = tmp_path.parent / f"{tmp_path.name}-canary"
    answer(handed_in, "mse_loss", f"open({str(canary)!r}, 'w')")
    output = run_pytest(handed_in.name, "--lossact-isolation=full", cwd=handed_in.parent).stdout
    assert not canary.exists()
    assert "PermissionError" in output


def test_full_isolation_fails_where_a_layer_is_missing(handed_in):
    (handed_in.parent / "conftest.py").write_text(
        "from lossact.grading import isolation\nisolation.REQUIRED = ('a layer of lead',)\n", encoding="utf-8"
    )
    refused = run_pytest(handed_in.name, "--lossact-isolation=full", cwd=handed_in.parent)
    assert refused.returncode == 1
    assert "a layer of lead" in refused.stdout
    assert "Traceback" not in refused.stdout
    assert "0 of 15 points" in run_pytest(handed_in.name, cwd=handed_in.parent).stdout


def test_partial_points_are_counted(handed_in):
    answer(handed_in, "mse_loss", "return ((input - target) ** 2).mean()")
    result = run_pytest(handed_in.name, cwd=handed_in.parent)
    assert "ada.ipynb: 4 of 15 points" in result.stdout
    assert "mse_loss: 4 of 5 points" in result.stdout


def test_the_seed_chooses_the_inputs(handed_in):
    answer(
        handed_in, "mse_loss", "assert input.size != 5, input.sum(); return ((input - target) ** 2).mean()"
    )

    def complaint(seed):
        output = run_pytest(handed_in.name, f"--lossact-seed={seed}", cwd=handed_in.parent).stdout
        return next(line for line in output.splitlines() if "AssertionError" in line)

    assert complaint(1) == complaint(1)
    assert complaint(1) != complaint(2)


def test_it_works_with_xdist(handed_in):
    result = run_pytest(handed_in.name, "-n", "2", "--dist", "loadfile", cwd=handed_in.parent)
    assert "ada.ipynb: 0 of 15 points" in result.stdout


def test_without_metadata_the_questions_are_those_that_are_checked(handed_in):
    text = handed_in.read_text(encoding="utf-8")
    start = text.index(' "metadata": {\n  "kernelspec"')
    handed_in.write_text(text[:start] + ' "metadata": {},\n "nbformat": 4,\n "nbformat_minor": 5\n}\n')
    result = run_pytest(handed_in.name, cwd=handed_in.parent)
    assert "ada.ipynb: 0 of 15 points" in result.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "cannot be read as a notebook"),
        ("", "cannot be read as a notebook"),
        ('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "holds no question"),
    ],
)
def test_a_notebook_that_cannot_be_graded_fails_with_a_reason(tmp_path, content, said):
    (tmp_path / "odd.ipynb").write_text(content, encoding="utf-8")
    result = run_pytest("odd.ipynb", cwd=tmp_path)
    assert result.returncode == 1
    assert said in result.stdout
    assert "Traceback" not in result.stdout


def test_a_broken_notebook_does_not_cost_another_its_points(tmp_path):
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    shutil.copy(ROOT / "solutions" / EXERCISE, tmp_path / "solved.ipynb")
    result = run_pytest(".", cwd=tmp_path)
    assert result.returncode == 1
    assert "solved.ipynb: 15 of 15 points" in result.stdout


def test_a_folder_without_a_question_is_a_failure(tmp_path):
    assert run_pytest(".", cwd=tmp_path).returncode == 5


def test_a_question_that_does_not_exist_fails_and_says_so(handed_in):
    text = handed_in.read_text(encoding="utf-8").replace('"mse_loss",\n', '"msr_loss",\n')
    handed_in.write_text(text, encoding="utf-8")
    result = run_pytest(handed_in.name, cwd=handed_in.parent)
    assert "there is no question 'msr_loss'" in result.stdout
    assert result.returncode == 1
