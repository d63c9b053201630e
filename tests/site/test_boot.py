"""Which cells a cell needs, and how the browser's Python runs one: the part that needs no browser."""

import json
import runpy
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def boot():
    return runpy.run_path(str(ROOT / "site" / "runner" / "boot.py"))


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (["import numpy as np", "x = 1", "np.zeros(3)"], [0]),
        (["import numpy as np", "def f(x):\n    return np.exp(x)", "y = 2", "f(3)"], [0, 1]),
        (["x = 1", "x = 2", "x"], [1]),
        (["x = 1", "x += 1", "x"], [0, 1]),
        (["a = [1]", "a[0] = 2", "a"], [0, 1]),
        (["row = 1", "for row in range(3):\n    print(row)"], []),
        (["y = 1", "[y for y in range(3)]"], []),
        (["y = 1", "def f(y):\n    return y", "f(2)"], [1]),
        (["y = 1", "y = 2\nprint(y)"], []),
        (["K = 3", "def f():\n    return K", "f()"], [0, 1]),
        (["broken = (", "1 + 1"], []),
        (["import os.path", "os.getcwd()"], [0]),
        (["print('a')", "len([])"], []),
    ],
)
def test_a_cell_needs_what_defines_its_names(boot, cells, wanted):
    assert boot["needed"](cells, len(cells) - 1) == wanted


@pytest.mark.parametrize("page", sorted((ROOT / "solutions").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_each_check_of_an_exercise_runs_with_the_cells_it_needs_alone(boot, page):
    cells = [cell.source for cell in nbformat.read(page, as_version=4).cells if cell.cell_type == "code"]
    for number, source in enumerate(cells):
        if source.startswith("check("):
            names = {"__name__": "__main__"}
            for each in [*boot["needed"](cells, number), number]:
                if each != number:
                    exec(cells[each], names)
            function = source.split(",")[1].strip(" )")
            assert callable(names[function])


def run(boot, source):
    return json.loads(boot["run"](source, "<cell a>"))


def test_the_last_value_is_shown_and_none_is_not(boot):
    assert run(boot, "1 + 1")["outputs"] == [{"text": "2"}]
    assert run(boot, "x = 3\nNone")["outputs"] == []
    assert run(boot, "x;")["outputs"] == []
    assert run(boot, "display(x)\nx + 1")["outputs"] == [{"text": "3"}, {"text": "4"}]


def test_an_error_shows_the_learners_lines_and_what_it_says(boot):
    error = run(boot, "def f(a):\n    return a / 0\n\nf(1)")["error"]
    assert error["text"].splitlines() == [
        "line 4: f(1)",
        "line 2 in f: return a / 0",
        "ZeroDivisionError: division by zero",
    ]
    assert error["line"] == 2
    assert "line 1" in run(boot, "x = (")["error"]["text"]


def test_what_is_too_long_for_a_page_is_cut(boot):
    (output,) = run(boot, "'x' * 100_000")["outputs"]
    assert len(output["text"]) < 21_000
    assert "cut" in output["text"]


def test_a_verdict_comes_with_its_points(boot):
    source = "from lossact.grading import check\nfrom lossact import mse_loss\ncheck('mse_loss', mse_loss)"
    (output,) = run(boot, source)["outputs"]
    assert output["verdict"] == {"question": "mse_loss", "points": 5.0, "total": 5.0, "status": "right"}
    assert "lossact-verdict" in output["html"]


def test_a_missing_package_is_named(boot):
    assert run(boot, "import no_such_package")["missing"] == "no_such_package"


@pytest.mark.parametrize("page", sorted((ROOT / "book").rglob("*.ipynb")), ids=lambda path: path.stem)
def test_the_cells_that_can_run_have_the_tag(page):
    sys.path.insert(0, str(ROOT / "tools"))
    import tag_cells

    text = page.read_text(encoding="utf-8")
    assert tag_cells.tagged(text) == text, "python tools/tag_cells.py gives the cells their tags"
