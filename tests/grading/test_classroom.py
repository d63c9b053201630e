"""A class is graded through interruptions: nothing is lost, nothing made twice, nobody pays for another."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures.process import BrokenProcessPool
from decimal import Decimal
from pathlib import Path

import pytest

from lossact.grading import gradebook, process
from lossact.grading.classroom import Progress, grade_class, local_pool
from lossact.grading.grade import Grade, Settings, grade_notebook
from lossact.grading.gradebook import FILE, Gradebook, GradebookError
from lossact.grading.submissions import find_submissions

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "solutions/loss/mean_squared_error.ipynb"
STUB = ROOT / "exercises/loss/mean_squared_error.ipynb"
FULL = Decimal(15)

needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def hand_in(folder, count, source=SOLUTION):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        shutil.copy(source, folder / f"learner{number:03}.ipynb")
    return folder


def command(submissions, out, *options):
    program = "from lossact.cli import main; main()"
    arguments = ["grade", str(submissions), "--out", str(out), *options]
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(run):
    out, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    return out


def stored(out):
    with sqlite3.connect(out / FILE) as database:
        return dict(database.execute("SELECT submission, grade FROM grades"))


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def descendants(pid):
    """Processes begun by `pid`, and by these."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                found += [int(entry.name), *descendants(int(entry.name))]
    return found


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
    except OSError:
        return ""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def has_some(out):
    try:
        return len(stored(out)) >= 3
    except sqlite3.Error:
        return False


@needs_proc
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, sent):
    submissions, out = hand_in(tmp_path / "in", 80), tmp_path / "out"
    run = command(submissions, out)
    wait_for(lambda: has_some(out))
    family = descendants(run.pid)
    run.send_signal(sent)
    run.communicate(timeout=60)
    assert run.returncode == (130 if sent == signal.SIGINT else -sent)
    before = stored(out)
    assert 3 <= len(before) < 80
    wait_for(lambda: not any(map(alive, family)), seconds=20)  # nothing outlives the command
    said = finish(command(submissions, out))
    after = stored(out)
    assert f"unchanged {len(before)}, of 80" in said
    assert {name: after[name] for name in before} == before
    assert {Grade.from_json(text).points for text in after.values()} == {FULL}
    assert len(after) == 80


@needs_proc
def test_a_worker_that_is_killed_loses_nothing(tmp_path):
    submissions, out = hand_in(tmp_path / "in", 60), tmp_path / "out"
    run = command(submissions, out)
    wait_for(lambda: has_some(out))
    workers = [pid for pid in descendants(run.pid) if "spawn_main" in command_line(pid)]
    assert workers
    os.kill(workers[0], signal.SIGKILL)
    finish(run)
    grades = stored(out)
    assert len(grades) == 60
    assert {Grade.from_json(text).points for text in grades.values()} == {FULL}


@pytest.mark.skipif(sys.platform == "win32", reason="orphans have no new parent there")
def test_a_worker_whose_command_ended_while_it_started_ends_too():
    program = "import os, time\nfrom lossact.grading.classroom import _begin_work\n"
    program += "_begin_work(os.getpid())\ntime.sleep(60)"  # not the number of its parent
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=30, check=False)
    assert run.returncode == 1


def test_a_pool_that_breaks_before_a_notebook_is_handed_over_is_replaced(tmp_path):
    submissions = hand_in(tmp_path / "in", 3)
    made = []

    def pool():
        executor = local_pool(1)()
        made.append(executor)
        if len(made) == 1:  # its only worker dies while nobody looks
            broken = executor.submit(os._exit, 1)
            with pytest.raises(BrokenProcessPool):
                broken.result(timeout=60)
        return executor

    with Gradebook(tmp_path / "out") as book:
        grade_class(find_submissions(submissions), book, Settings(isolation="basic"), pool)
        assert [grade.points for _, _, grade in book.grades()] == [FULL] * 3
    assert len(made) == 2


def test_a_nursery_that_is_killed_costs_no_points():
    text = SOLUTION.read_text(encoding="utf-8")
    assert grade_notebook(text, Settings(isolation="basic")).points == FULL
    for moment in ("before", "during"):
        home = process.nursery()
        if moment == "before":
            home._process.kill()
            home._process.wait()
            assert grade_notebook(text, Settings(isolation="basic")).points == FULL
            continue
        with process.Workspace([("1", "def f(x):\n    return x")]) as workspace:
            assert workspace.call("f", [1.5]).values[0] == 1.5
            home._process.kill()
            home._process.wait()
            assert workspace.call("f", [2.5]).values[0] == 2.5


def test_a_nursery_that_is_killed_while_a_cell_runs_costs_no_cell():
    cells = [
        ("1", "y = 2.0"),
        ("2", "import time\ntime.sleep(1)\nz = y"),
        ("3", "def f(x):\n    return x * z"),
    ]
    home = process.nursery()
    with process.Workspace(cells) as workspace:
        killer = threading.Timer(0.5, home._process.kill)
        killer.start()
        assert workspace.call("f", [1.5]).values[0] == 3.0
        killer.join()
        assert workspace.cell_errors == {}
    assert process.nursery() is not home


def test_only_what_has_changed_is_graded_again(tmp_path):
    submissions = hand_in(tmp_path / "in", 4)

    def grade(**options):
        with Gradebook(tmp_path / "out") as book:
            found = find_submissions(submissions)
            settings = options.pop("settings", Settings())
            progress = grade_class(found, book, settings, local_pool(1), **options)
            return progress.graded, progress.known, [g.points for _, _, g in book.grades()]

    assert grade() == (4, 0, [FULL] * 4)
    assert grade() == (0, 4, [FULL] * 4)
    shutil.copy(STUB, submissions / "learner001.ipynb")
    (submissions / "learner003.ipynb").unlink()
    assert grade() == (1, 2, [FULL, 0, FULL])
    assert grade(regrade=True) == (3, 0, [FULL, 0, FULL])
    assert grade(settings=Settings(seed=7)) == (3, 0, [FULL, 0, FULL])


def test_outputs_do_not_count_as_a_change(tmp_path):
    submissions = hand_in(tmp_path / "in", 1)
    path = submissions / "learner000.ipynb"
    (before,) = find_submissions(submissions)
    text = before.read()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": "x" * 1_000_000}
    ]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    (after,) = find_submissions(submissions)
    assert json.loads(after.read()) == json.loads(text)


def test_a_full_disk_is_said_and_what_is_kept_stays(tmp_path):
    grade = Grade("exercise", (), "", (), 0.0)
    with Gradebook(tmp_path) as book:
        book.store("a", "a", "digest", "settings", grade)
        book._database.execute("PRAGMA max_page_count = 3")
        with pytest.raises(GradebookError, match=r"full.*What has been written is kept"):
            book.store("b", "b", "digest", "settings", Grade("e", (), "x" * 100_000, (), 0.0))
    with Gradebook(tmp_path) as book:
        assert [submission for _, submission, _ in book.grades()] == ["a"]


def test_a_locked_gradebook_is_waited_for_and_then_said(tmp_path, monkeypatch):
    monkeypatch.setattr(gradebook, "_PATIENCE", 0.2)
    with Gradebook(tmp_path) as book:
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(GradebookError, match="locked"):
            book.store("a", "a", "digest", "settings", Grade("exercise", (), "", (), 0.0))
        other.execute("ROLLBACK")
        book.store("a", "a", "digest", "settings", Grade("exercise", (), "", (), 0.0))
        assert len(list(book.grades())) == 1
        other.close()


def test_another_folder_is_never_filled_or_mixed_up(tmp_path):
    submissions = hand_in(tmp_path / "in", 1)
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.txt").write_text("mine", encoding="utf-8")
    for out, word in ((full, "holds files that are not grades"), (submissions / "out", "lies inside")):
        run = command(submissions, out)
        _, err = run.communicate(timeout=60)
        assert run.returncode == 1
        assert word in err.replace("\n", " ")
        assert "Traceback" not in err
    assert [path.name for path in full.iterdir()] == ["thesis.txt"]


def odd_notebooks(folder):
    """Notebooks as they really come; each with the points it is worth, or words of the sentence it gets."""
    good = json.loads(SOLUTION.read_text(encoding="utf-8"))
    code = [number for number, cell in enumerate(good["cells"]) if cell["cell_type"] == "code"]

    def variant(change):
        notebook = json.loads(json.dumps(good))
        change(notebook)
        return json.dumps(notebook)

    def cell(source):
        return {"cell_type": "code", "id": "odd", "metadata": {}, "outputs": [], "execution_count": None,
                "source": source}  # fmt: skip

    def prepend(source):
        return variant(lambda notebook: notebook["cells"].insert(0, cell(source)))

    big = [{"output_type": "stream", "name": "stdout", "text": "x" * 40_000_000}]
    return {
        "magics": (prepend("%matplotlib inline\n!pip list\nfiles = !ls\n%time 1\nnp?"), FULL),
        "syntax error": (prepend("def broken(:"), FULL),
        "prints and warns": (prepend("import warnings\nprint('x')\nwarnings.warn('y')"), FULL),
        "input": (prepend("name = input('your name? ')\nassert name == ''"), FULL),
        "figure": (
            prepend("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('a.png')\nplt.show()"),
            FULL,
        ),
        "figures of the course": (
            prepend(
                "from lossact import datasets, plotting\n"
                "plotting.figure(alt='x' * 30)\n"
                "datasets.diabetes()"
            ),
            FULL,
        ),
        "duplicated cells": (variant(lambda n: n["cells"].extend(n["cells"])), FULL),
        "reversed cells": (variant(lambda n: n["cells"].reverse()), FULL),
        "a deleted answer": (variant(lambda n: n["cells"].pop(code[1])), Decimal(10)),
        "wrong kernel": (variant(lambda n: n["metadata"].update(kernelspec={"name": "julia"})), FULL),
        "no metadata": (variant(lambda n: n.update(metadata={})), FULL),
        "forty megabytes": (variant(lambda n: n["cells"][code[0]].update(outputs=big)), FULL),
        "Übung 练习 «1»": (json.dumps(good), FULL),
        "byte order mark": ("\ufeff" + json.dumps(good), FULL),
        "old format": (
            json.dumps(
                {
                    "metadata": good["metadata"],
                    "nbformat": 3,
                    "nbformat_minor": 0,
                    "worksheets": [
                        {
                            "cells": [
                                {"cell_type": "code", "input": "".join(each["source"]), "outputs": [],
                                 "language": "python", "collapsed": False, "metadata": {}}
                                for each in good["cells"] if each["cell_type"] == "code"
                            ],
                            "metadata": {},
                        }
                    ],
                }
            ),
            FULL,
        ),
        "truncated": (json.dumps(good)[:500], "cannot be read as a notebook"),
        "not json": ("Dear professor, my dog ate it", "cannot be read as a notebook"),
        "empty": ("", "cannot be read as a notebook"),
        "a list": ("[]", "cannot be read as a notebook"),
        "nested deep": ("[" * 200_000, "cannot be read as a notebook"),
        "another course": (
            variant(lambda n: (n.update(metadata={}), n.update(cells=[cell("x = 1")]))),
            "holds no question",
        ),
        "unknown question": (
            variant(lambda n: n["metadata"]["lossact"].update(questions=["fame"])),
            "names no question of this course",
        ),
        "cells of the wrong kind": (
            variant(lambda n: n.update(cells={"a": 1})),
            "cannot be read as a notebook",
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def odd_class(tmp_path_factory):
    """A folder of odd notebooks, graded by the command."""
    top = tmp_path_factory.mktemp("odd")
    folder, out = top / "in", top / "out"
    folder.mkdir()
    for name, (text, _) in odd_notebooks(folder).items():
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
    (folder / "no notebook").mkdir()
    (folder / "no notebook" / "essay.txt").write_text("x", encoding="utf-8")
    (folder / "own folder").mkdir()
    shutil.copy(SOLUTION, folder / "own folder" / "a.ipynb")
    os.symlink(SOLUTION, folder / "link.ipynb")
    (folder / "link folder").mkdir()
    os.symlink(SOLUTION.parent, folder / "link folder" / "away")
    with zipfile.ZipFile(folder / "zipped.zip", "w") as archive:
        archive.write(SOLUTION, "deep/inside/a.ipynb")
        archive.writestr("__MACOSX/._a.ipynb", "x")
        archive.writestr("../../escape.ipynb", SOLUTION.read_text(encoding="utf-8"))
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 not a zip")
    run = command(folder, out)
    finish(run)
    grades = json.loads((out / "grades.json").read_text(encoding="utf-8"))
    return {each["learner"]: each for each in grades}, top, out


@pytest.mark.parametrize("name", odd_notebooks(None))
def test_an_odd_notebook_gets_its_grade_or_a_clear_sentence(odd_class, name):
    wanted = odd_notebooks(None)[name][1]
    learner = odd_class[0][name]
    (notebook,) = learner["notebooks"]
    if isinstance(wanted, str):
        assert wanted in notebook["problem"]
        assert learner["points"] == "0"
    else:
        assert notebook["problem"] == ""
        assert learner["points"] == str(wanted)
        assert learner["total"] == str(FULL)


def test_folders_links_and_zips(odd_class):
    learners, top, _ = odd_class
    assert "holds no notebook" in learners["no notebook"]["notebooks"][0]["problem"]
    assert learners["own folder"]["points"] == str(FULL)
    assert "leads out of the folder" in learners["link"]["notebooks"][0]["problem"]
    assert learners["link folder"]["points"] == "0"
    assert [each["submission"] for each in learners["zipped"]["notebooks"]] == [
        "zipped.zip!../../escape.ipynb",
        "zipped.zip!deep/inside/a.ipynb",
    ]
    assert "cannot be opened as a zip" in learners["broken"]["notebooks"][0]["problem"]
    assert not list(top.rglob("escape*"))
    assert not list(top.parent.glob("escape*"))


def test_points_are_exact_and_add_up(odd_class):
    learners, _, out = odd_class
    for learner in learners.values():
        questions = [question for each in learner["notebooks"] for question in each["questions"]]
        assert sum((Decimal(q["points"]) for q in questions), Decimal(0)) == Decimal(learner["points"])
    for page in (out / "feedback").glob("*.html"):
        assert "Traceback" not in page.read_text(encoding="utf-8")


def test_the_rate_is_of_this_run_alone():
    progress = Progress(total=10, known=5, graded=2, started=time.monotonic() - 4)
    assert progress.rate == pytest.approx(0.5, rel=0.1)
