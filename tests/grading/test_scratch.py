"""What learners' code writes: bounded while it runs, gone afterwards, however the grading ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lossact.grading import child, process
from lossact.grading.process import Workspace

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "solutions/loss/mean_squared_error.ipynb"

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
DEEP = "import os\nfor _ in range(3000):\n    os.mkdir('d')\n    os.chdir('d')\nopen('f', 'w').close()"
RIGHT = "def f(x):\n    return x"


def wait_for(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def canary(tmp_path):
    folder = tmp_path / "canary"
    folder.mkdir(mode=0o755)
    (folder / "mine").write_text("mine", encoding="utf-8")
    yield folder
    assert (folder / "mine").read_text(encoding="utf-8") == "mine"
    assert folder.stat().st_mode & 0o777 == 0o755


@needs_fork
def test_a_command_that_is_killed_leaves_no_folder_behind(tmp_path, canary):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    cell = (
        f"import os\nos.symlink({str(canary)!r}, 'link')\nos.makedirs('a/b')\n"
        f"os.symlink({str(canary / 'mine')!r}, 'a/b/link')\nos.mkdir('closed', 0)\n"
        "open('f', 'w').write('x')\n"
    )
    program = (
        "import sys, time\nfrom lossact.grading.process import Workspace\n"
        f"workspace = Workspace([('1', {cell!r}), ('2', 'def f(x):\\n    return x')])\n"
        "workspace.call('f', [1.0])\nprint(workspace.cell_errors, flush=True)\ntime.sleep(60)\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert run.stdout.readline() == "{}\n"
    assert list(temporary.rglob("link"))
    run.send_signal(signal.SIGKILL)
    run.communicate()
    wait_for(lambda: not list(temporary.iterdir()))


@needs_fork
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_class_that_is_interrupted_leaves_no_folder_behind(tmp_path, sent):
    temporary, submissions, out = tmp_path / "temporary", tmp_path / "in", tmp_path / "out"
    temporary.mkdir()
    submissions.mkdir()
    for number in range(60):
        (submissions / f"{number}.ipynb").write_bytes(SOLUTION.read_bytes())
    run = subprocess.Popen(
        [sys.executable, "-m", "lossact", "grade", str(submissions), "--out", str(out)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    wait_for(lambda: list(temporary.glob("lossact-*/scratch-*")))
    run.send_signal(sent)
    run.wait(timeout=30)
    wait_for(lambda: not list(temporary.iterdir()))


@needs_fork
def test_a_closed_workspace_leaves_nothing_in_the_folder():
    home = process.nursery()
    with Workspace([("1", "open('f', 'w').write('x')"), ("2", RIGHT)]) as workspace:
        assert workspace.call("f", [1.0]).values
        assert (home.folder / workspace._scratch / "f").exists()
    assert [path.name for path in home.folder.iterdir()] == ["handout"]


def test_folders_as_deep_as_they_may_be_are_bounded_and_removed():
    with Workspace([("1", DEEP), ("2", RIGHT)]) as workspace:
        assert workspace.call("f", [1.0]).values
        scratch = workspace._scratch
    assert not scratch.exists()


@pytest.mark.parametrize(
    "cell",
    [
        "import time\nfor n in range(100):\n    open(f'f{n}', 'wb').write(bytes(1 << 20))\n"
        "    time.sleep(0.01)",
        "for n in range(40_000):\n    open(f'f{n}', 'w').close()\nimport time; time.sleep(1)",
        DEEP + "\nimport time; time.sleep(1)",
    ],
    ids=["bytes", "files", "levels"],
)
def test_what_a_cell_writes_is_bounded(cell):
    with Workspace([("1", cell), ("2", RIGHT)]) as workspace:
        assert workspace.call("f", [1.0]).values
        assert "wrote more than 64 MB" in workspace.cell_errors["1"]["message"]


def test_removing_follows_no_link_and_opens_closed_folders(tmp_path, canary):
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    (top / "a" / "b" / "file").write_text("x", encoding="utf-8")
    os.symlink(canary, top / "link")
    os.symlink(canary / "mine", top / "a" / "b" / "link")
    os.symlink(canary, top / "a" / "link")
    (top / "a" / "b").chmod(0)
    (top / "a").chmod(0)
    child.remove(str(top))
    assert not top.exists()
    os.symlink(canary, tmp_path / "to the canary")
    child.remove(str(tmp_path / "to the canary"))
    child.remove(str(tmp_path / "nowhere"))
