"""The same grading on a cluster: a worker that dies loses nothing."""

import os
import shutil
import signal
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from lossact.cli import main
from lossact.grading import process
from lossact.grading.classroom import cluster_pool, grade_class
from lossact.grading.grade import Settings
from lossact.grading.gradebook import Gradebook
from lossact.grading.submissions import find_submissions

distributed = pytest.importorskip("distributed")
dask = pytest.importorskip("dask")

pytestmark = [
    # dask's own threads and sockets end a moment after they were closed.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).parents[2]
SOLUTION = ROOT / "solutions/loss/mean_squared_error.ipynb"
FULL = Decimal(15)


@pytest.fixture
def cluster(monkeypatch):
    """Two worker processes on this machine, which import this very package."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, dashboard_address=":0", silence_logs=50
    ) as local:
        yield local


@pytest.fixture
def submissions(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):
        shutil.copy(SOLUTION, folder / f"learner{number:03}.ipynb")
    return folder


def test_a_worker_that_is_killed_while_grading_loses_nothing(cluster, submissions, tmp_path):
    victim = next(iter(cluster.workers.values())).pid
    before = threading.active_count()
    killed = []

    def report(progress):
        if progress.graded >= 5 and not killed:
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    with Gradebook(tmp_path / "out") as book:
        progress = grade_class(
            find_submissions(submissions),
            book,
            Settings(isolation="basic"),
            cluster_pool(cluster.scheduler_address),
            share_folders=False,
            report=report,
        )
        grades = list(book.grades())
    assert killed
    assert progress.graded == 40
    assert [(grade.points, grade.problem) for _, _, grade in grades] == [(FULL, "")] * 40
    # Each worker confines by itself, as this machine does.
    assert {grade.layers for _, _, grade in grades} == {process.layers_in_force("basic")}
    # The client has been closed: the scheduler knows of none but the cluster's own.
    assert not [name for name in cluster.scheduler.clients if name.startswith("Client-")]
    assert threading.active_count() <= before + 2


def test_a_scheduler_that_goes_away_is_said_and_the_run_can_go_on(cluster, submissions, tmp_path):
    closing = []

    def report(progress):
        if progress.graded >= 3 and not closing:
            closing.append(threading.Thread(target=cluster.close))
            closing[0].start()

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        Gradebook(tmp_path / "out") as book,
        pytest.raises(OSError, match="What has been graded is kept"),
    ):
        grade_class(
            find_submissions(submissions),
            book,
            Settings(isolation="basic"),
            cluster_pool(cluster.scheduler_address),
            share_folders=False,
            report=report,
        )
    closing[0].join()
    with Gradebook(tmp_path / "out") as book:
        kept = [grade.points for _, _, grade in book.grades()]
    assert 3 <= len(kept) < 40
    assert set(kept) == {FULL}


def test_the_command_grades_on_a_cluster(cluster, submissions, tmp_path):
    out = tmp_path / "out"
    result = CliRunner().invoke(
        main,
        ["grade", str(submissions), "--out", str(out), "--scheduler", cluster.scheduler_address],
    )
    assert result.exit_code == 0, result.output
    assert "Graded 40, unchanged 0, of 40 notebooks." in result.output
    assert "resource limits" in (out / "summary.html").read_text(encoding="utf-8")


def test_a_scheduler_that_is_not_there_is_said_without_a_traceback(submissions, tmp_path):
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        result = CliRunner().invoke(
            main,
            ["grade", str(submissions), "--out", str(tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"],
        )
    assert result.exit_code == 1
    assert "Error: Timed out trying to connect to tcp://127.0.0.1:9" in result.output
