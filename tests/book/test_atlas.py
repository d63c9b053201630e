"""The atlas says what the package says, of every function, and shows what the functions do."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

import lossact
from lossact._declare import Activation, Loss, Similarity

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import atlas  # noqa: E402

NAMES = [n for n in lossact.__all__ if isinstance(getattr(lossact, n), Activation | Loss | Similarity)]


@pytest.fixture(scope="module")
def made():
    return atlas.pages()


def test_the_pages_in_the_book_are_current(made):
    there = {path.name: path.read_text(encoding="utf-8") for path in atlas.FOLDER.glob("*.md")}
    assert set(there) == set(made)
    stale = [name for name, text in made.items() if there[name] != text]
    assert not stale, f"'make atlas' writes them anew: {stale}"


def test_every_function_has_one_entry_with_all_its_parts(made):
    text = "\n".join(made[name] for name in made if name != "index.md")
    entries = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert sorted(each.split("\n")[0] for each in entries) == sorted(NAMES)
    for each in entries:
        name = each.split("\n")[0]
        for part in (
            "$$",
            "<svg",
            "**When to use it.**",
            "**Source.**",
            "| largest error in ULP",
            "| elsewhere |",
        ):
            assert part in each, f"{name}: {part}"
        assert not re.search(r"\bnan\b", re.findall(r'aria-label="([^"]*)"', each)[0]), name


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_that_is_drawn_is_that_of_the_curve(name):
    _, points, values, slopes = atlas.curve(getattr(lossact, name))
    assert np.isfinite(values).all()
    assert np.isfinite(slopes).all()
    middle = (values[2:] - values[:-2]) / (points[2:] - points[:-2])
    # A kink or a jump spoils the difference at its two neighbours; a strong bend at a few more.
    off = np.abs(middle - slopes[1:-1]) > 0.03 * (1 + np.abs(slopes[1:-1]))
    assert np.count_nonzero(off) <= 8, points[1:-1][off]
    assert np.ptp(values) > 0.1


def test_a_formula_with_several_parts_stands_on_several_lines():
    assert atlas.narrow(r"a = b") == "a = b"
    assert atlas.narrow(r"a = b, \qquad c = d, \quad e").count("\\\\") == 2


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(lossact, "__all__", [n for n in lossact.__all__ if n != "relu"])
    with pytest.raises(ValueError, match=r"texts of no function: \['relu'\]"):
        atlas.pages()


def test_a_stale_page_is_named(monkeypatch, tmp_path, capsys, made):
    for name, text in made.items():
        (tmp_path / name).write_text(text + ("x" if name == "gated.md" else ""), encoding="utf-8")
    monkeypatch.setattr(atlas, "FOLDER", tmp_path)
    monkeypatch.setattr(atlas, "pages", lambda: made)
    assert atlas.main(["--check"]) == 1
    assert "gated.md is not what the package says" in capsys.readouterr().out
    assert atlas.main([]) == 0
    assert atlas.main(["--check"]) == 0


def test_titles_are_those_of_the_pages():
    page = json.loads((ROOT / "book/coupling/wrong_and_confident.ipynb").read_text(encoding="utf-8"))
    assert "".join(page["cells"][0]["source"]).startswith(
        "# " + atlas.title_of("coupling/wrong_and_confident")
    )
