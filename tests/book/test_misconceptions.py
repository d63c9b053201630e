"""The catalogue in the book is what the questions say, and all of it is named somewhere."""

import re
import sys
import tomllib
from pathlib import Path

import pytest

from tests.grading.exercises import DATA

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
import misconceptions  # noqa: E402

CATALOGUE = tomllib.loads(misconceptions.DATA.read_text(encoding="utf-8"))


def test_the_page_is_current():
    assert misconceptions.PAGE.read_text(encoding="utf-8") == misconceptions.page()


def test_every_misconception_has_one_entry_that_leads_somewhere():
    text = misconceptions.PAGE.read_text(encoding="utf-8")
    entries = re.findall(r"^\*\*(M\d+)\*\*: (.+)\n: (.+)$", text, re.MULTILINE)
    named = misconceptions.by_id()
    told = {identity for identity in CATALOGUE if identity in named or "name" in CATALOGUE[identity]}
    assert sorted(identity for identity, _, _ in entries) == sorted(told)
    for identity, _, rest in entries:
        assert re.search(r"(Named|Taught) in \[[^\]]+\]\(", rest), identity
        assert all(link in rest for link in CATALOGUE[identity].get("threads", [])), identity


def test_the_catalogue_is_complete_and_most_of_it_is_named_by_a_grader():
    assert len(CATALOGUE) == 140
    named = misconceptions.by_id()
    assert len(named) >= 117
    planned = {identity for data in DATA.values() for identity in data.PLANNED.split()}
    assert planned <= set(named)


def test_links_to_threads_have_the_form_of_one():
    for identity, data in CATALOGUE.items():
        for address in data.get("threads", []):
            assert re.fullmatch(
                r"https://(github\.com/[\w.-]+/[\w.-]+/issues|(stackoverflow|[a-z]+\.stackexchange)\.com/questions)/\d+",
                address,
            ), f"{identity}: {address}"


def test_one_that_the_catalogue_does_not_know_is_reported(monkeypatch):
    monkeypatch.setattr(misconceptions, "by_id", lambda: {"M999": []})
    with pytest.raises(ValueError, match=r"not in misconceptions.toml: \['M999'\]"):
        misconceptions.page()


def test_no_character_of_a_sentence_becomes_markup():
    assert misconceptions._plain("a * b_c `x_y` $5 <b>") == r"a \* b\_c `x_y` \$5 \<b\>"
