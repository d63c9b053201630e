"""The example for GitHub Classroom: its own commands, run as a runner runs them."""

import base64
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / "examples/github-classroom/.github/workflows/classroom.yml"

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks for full isolation, as its runner has")


@pytest.fixture(scope="module")
def workflow():
    return yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))


def step(workflow, name):
    return next(each for each in workflow["jobs"]["points"]["steps"] if each.get("name") == name)


@needs_linux
@pytest.mark.parametrize(
    ("source", "points", "status"), [("solutions", 15, "pass"), ("exercises", 0, "fail"), (None, 0, "error")]
)
def test_its_commands_report_the_points(workflow, tmp_path, source, points, status):
    notebook = workflow["env"]["NOTEBOOK"]
    if source is None:
        (tmp_path / notebook).write_text("{", encoding="utf-8")
    else:
        shutil.copy(ROOT / source / "loss" / notebook, tmp_path / notebook)
    programs = tmp_path / "programs"
    programs.mkdir()
    command = programs / "lossact"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lossact "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    output = tmp_path / "output"
    run = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(workflow, "Check")["run"]],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "NOTEBOOK": notebook,
            "GITHUB_OUTPUT": str(output),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    name, _, value = output.read_text(encoding="utf-8").strip().partition("=")
    assert name == "result"
    results = json.loads(base64.b64decode(value, validate=True))
    assert (sum(test["score"] for test in results["tests"]), results["status"]) == (points, status)
    assert results["max_score"] == (0 if source is None else 15)
    assert list(ET.parse(tmp_path / "points.xml").iter("testcase"))


def test_the_reporter_reads_what_the_check_writes(workflow):
    check, report = step(workflow, "Check"), step(workflow, "Report")
    runner = report["with"]["runners"]
    assert runner == check["id"]
    assert report["env"] == {f"{runner.upper()}_RESULTS": f"${{{{ steps.{runner}.outputs.result }}}}"}
    assert (ROOT / "exercises/loss" / workflow["env"]["NOTEBOOK"]).exists()
