"""`exercises/` is what `solutions/` says, and nobody's work is written over."""

import json
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from lossact.cli import main
from lossact.grading import all_questions
from lossact.grading.notebook import (
    NotebookError,
    exercise_from_solution,
    normalised,
    read_exercise,
    write_exercise,
)

ROOT = Path(__file__).parents[2]
SOLUTIONS = sorted((ROOT / "solutions").rglob("*.ipynb"))


def stems(folder):
    found = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()}
    # Folders that begin with a dot belong to an editor or a tool.
    return {path for path in found if not any(part.startswith(".") for part in path.parts)}


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_each_exercise_is_what_its_solution_says_byte_for_byte(solution):
    exercise = ROOT / "exercises" / solution.relative_to(ROOT / "solutions")
    wanted = exercise_from_solution(solution.read_text(encoding="utf-8"), solution.name)
    assert exercise.read_text(encoding="utf-8") == wanted, (
        f"{exercise} is not what {solution} says. Run `make exercises`. If you solved it here, move your "
        "notebook out of the checkout first."
    )


def test_no_stray_file_lies_about():
    assert stems("exercises") == stems("solutions")
    assert len(SOLUTIONS) >= 3


def test_every_question_is_asked_in_exactly_one_exercise():
    asked = [name for path in SOLUTIONS for name in read_exercise(path).questions]
    assert sorted(asked) == sorted(all_questions())


@pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.stem)
def test_an_exercise_says_what_it_asks_of_a_learner(solution):
    notebook = nbformat.read(solution, as_version=4)
    about = notebook.metadata.lossact
    assert 1 <= about.difficulty <= 4
    assert 5 <= about.minutes <= 180
    for page in about.prerequisites:
        assert (ROOT / f"{page}.ipynb").exists()
    text = "\n".join(cell.source for cell in notebook.cells)
    for name in about.questions:
        assert f'check("{name}", {name})' in text


def solution_text(source, questions=("sigmoid",)):
    notebook = nbformat.v4.new_notebook(
        metadata={"lossact": {"questions": list(questions)}}, cells=[nbformat.v4.new_code_cell(source)]
    )
    return nbformat.writes(notebook)


GOOD = "def sigmoid(x):\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"


def test_what_stands_between_the_markers_is_replaced_and_nothing_else():
    text = exercise_from_solution(solution_text("limit = 3\n" + GOOD + "\n\n\nprint(limit)"), "here")
    (cell,) = nbformat.reads(text, as_version=4).cells
    assert cell.source == (
        'limit = 3\ndef sigmoid(x):\n    raise NotImplementedError("sigmoid is yours to write")'
        "\n\n\nprint(limit)"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (solution_text(GOOD, questions=()), "questions is missing"),
        (solution_text(GOOD, questions=("sigmoid", "tanh_grad")), "the marked cells answer sigmoid"),
        (solution_text("def sigmoid(x): return 1"), "the marked cells answer none"),
        (solution_text(GOOD.replace("    ### END SOLUTION", "")), "one '### END SOLUTION' behind it"),
        (solution_text(GOOD + "\n" + GOOD), "one '### BEGIN SOLUTION'"),
        (solution_text("def f(): pass\n" + GOOD), "one function is wanted beside the markers"),
        (solution_text(GOOD.replace("sigmoid", "sigmid"), ("sigmid",)), "there is no question 'sigmid'"),
        ("no json", "JSON"),
    ],
)
def test_a_solution_that_is_not_right_is_refused_with_a_reason(text, said):
    with pytest.raises(ValueError, match=said):
        exercise_from_solution(text, "here")


@pytest.fixture
def handed_out(tmp_path):
    text = exercise_from_solution(SOLUTIONS[0].read_text(encoding="utf-8"), "here")
    path = tmp_path / "exercise.ipynb"
    assert write_exercise(text, path) == "written"
    return path, text


def test_an_exercise_nobody_has_worked_in_is_made_anew(handed_out):
    path, text = handed_out
    assert write_exercise(text, path) == "unchanged"
    opened = json.loads(text)
    opened["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    path.write_text(json.dumps(opened), encoding="utf-8")
    newer = text.replace("Exercise:", "Exercise, second edition:")
    assert write_exercise(newer, path) == "written"
    assert path.read_text(encoding="utf-8") == newer


@pytest.mark.parametrize("change", ["a cell edited", "a cell added", "not a notebook any more"])
def test_somebodys_work_is_never_written_over(handed_out, change):
    path, text = handed_out
    worked = nbformat.reads(text, as_version=4)
    if change == "a cell edited":
        worked.cells[-1].source += "\n# mine"
    else:
        worked.cells.append(nbformat.v4.new_markdown_cell("my notes"))
    mine = nbformat.writes(worked) if "notebook" not in change else "notes"
    path.write_text(mine, encoding="utf-8")
    assert write_exercise(text.replace("Exercise:", "Other:"), path) == "kept"
    assert path.read_text(encoding="utf-8") == mine


def test_the_command_names_what_it_kept_and_writes_the_rest(tmp_path):
    run = CliRunner().invoke
    target = tmp_path / "exercises"
    first = run(main, ["exercises", str(ROOT / "solutions"), str(target)])
    assert first.exit_code == 0, first.output
    mine, *others = sorted(target.rglob("*.ipynb"))
    mine.write_text(mine.read_text(encoding="utf-8").replace("yours to write", "mine"), encoding="utf-8")
    others[0].unlink()
    second = run(main, ["exercises", str(ROOT / "solutions"), str(target)])
    assert second.exit_code == 1
    assert f"{mine}: kept" in second.output
    assert f"{others[0]}: written" in second.output
    assert "mine" in mine.read_text(encoding="utf-8")


def test_the_command_says_when_there_is_nothing_to_generate(tmp_path):
    result = CliRunner().invoke(main, ["exercises", str(tmp_path), str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "holds no notebook" in result.output


def test_the_normal_form_drops_what_a_machine_leaves_behind(tmp_path):
    outputs = [
        nbformat.v4.new_output("stream", text="a"),
        nbformat.v4.new_output("stream", text="b"),
        nbformat.v4.new_output("execute_result", {"text/plain": "3"}, execution_count=7),
    ]
    cell = nbformat.v4.new_code_cell("1 + 2  \n", execution_count=7, outputs=outputs)
    cell.metadata = {"tags": ["kept"], "execution": {"iopub.execute_input": "today"}}
    text = nbformat.writes(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}}))
    page = nbformat.reads(normalised(text, outputs=True), as_version=4)
    assert page.cells[0].metadata == {"tags": ["kept"]}
    stream, result = page.cells[0].outputs
    assert stream.text == "ab"
    assert result.execution_count == page.cells[0].execution_count == 1
    assert page.cells[0].source == "1 + 2"
    assert normalised(nbformat.writes(page), outputs=True) == normalised(text, outputs=True)
    assert not nbformat.reads(normalised(text, outputs=False), as_version=4).cells[0].outputs


@pytest.mark.parametrize("folder", ["book", "solutions", "exercises"])
def test_every_notebook_is_in_normal_form(folder):
    for path in (ROOT / folder).rglob("*.ipynb"):
        if ".ipynb_checkpoints" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert text == normalised(text, outputs=folder == "book"), f"run `lossact normalise {path}`"


def test_the_normalise_command_refuses_what_is_no_notebook(tmp_path):
    path = tmp_path / "x.ipynb"
    path.write_text("{", encoding="utf-8")
    result = CliRunner().invoke(main, ["normalise", str(path)])
    assert result.exit_code == 1
    assert str(path) in result.output
    with pytest.raises(NotebookError):
        normalised("{", outputs=False)
