"""Nobody earns points for an attack, nobody loses any for somebody else's, and nothing outside is touched."""

import json
import os
import socket
import subprocess
import sys
import threading

import pytest

import lossact
from lossact.grading import isolation
from lossact.grading.gradebook import FILE
from tests.grading.hostile.attacks import ATTACKS, FULL, RIGHT

PACKAGE = os.path.dirname(lossact.__file__)
LEARNER = "honest learner"

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has Landlock and seccomp")


def notebook(*cells):
    return json.dumps(
        {
            "cells": [
                {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": cell, "outputs": [],
                 "execution_count": None}
                for number, cell in enumerate(cells)
            ],
            "metadata": {"lossact": {"questions": ["sigmoid"]}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """All attacks and an honest learner, graded in one run of the command, as a class would be."""
    folder = tmp_path_factory.mktemp("class")
    submissions, out, canary = folder / "submissions", folder / "grades", folder / "canary.py"
    submissions.mkdir()
    canary.write_text(RIGHT, encoding="utf-8")
    heard = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            heard.append(connection.recv(100))

    threading.Thread(target=listen, daemon=True).start()
    port = str(server.getsockname()[1])
    names = {}
    for number, (name, attack) in enumerate(ATTACKS.items()):
        cell = attack.cell
        for word, path in {"CANARY": canary, "PACKAGE": PACKAGE, "GRADES": out / FILE, "PORT": port}.items():
            cell = cell.replace(word, str(path))
        names[f"attack{number:02}"] = name
        cells = [RIGHT, cell] if attack.honest else [cell]
        (submissions / f"attack{number:02}.ipynb").write_text(notebook(*cells), encoding="utf-8")
    (submissions / f"{LEARNER}.ipynb").write_text(notebook(RIGHT), encoding="utf-8")
    command = [sys.executable, "-c", "from lossact.cli import main; main()", "grade", str(submissions)]
    limits = ["--out", str(out), "--cell-seconds", "1", "--call-seconds", "1"]
    run = subprocess.run(
        [*command, *limits],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=os.path.dirname(PACKAGE),
        check=False,
    )
    assert run.returncode == 0, run.stderr
    server.close()
    points = {
        names.get(each["learner"], each["learner"]): each
        for each in json.loads((out / "grades.json").read_text(encoding="utf-8"))
    }
    return points, canary, heard, out


@needs_linux
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_earns_what_it_is_worth(graded, name):
    points, _, _, _ = graded
    assert points[name]["total"] == str(FULL)
    assert points[name]["points"] == str(ATTACKS[name].worth)


@needs_linux
def test_the_learner_beside_keeps_all_points(graded):
    points, _, _, _ = graded
    assert points[LEARNER]["points"] == str(FULL)


@needs_linux
def test_nothing_outside_was_touched(graded):
    _, canary, heard, out = graded
    assert canary.read_text(encoding="utf-8") == RIGHT
    assert canary.stat().st_nlink == 1
    assert canary.stat().st_mode & 0o111 == 0
    assert heard == []
    assert not list(out.parent.glob("results.json"))


@needs_linux
def test_the_isolation_in_force_is_said_with_the_grades(graded):
    points, _, _, out = graded
    for each in points.values():
        assert set(isolation.REQUIRED) <= set(each["notebooks"][0]["isolation"])
    assert "Landlock" in (out / "summary.html").read_text(encoding="utf-8")


@needs_linux
def test_markup_from_a_notebook_is_escaped(graded):
    _, _, _, out = graded
    pages = [path.read_text(encoding="utf-8") for path in out.rglob("*.html")]
    assert any("&lt;script&gt;" in page for page in pages)
    assert not any("<script" in page for page in pages)


def test_there_are_at_least_thirty_kinds():
    assert len(ATTACKS) >= 30
