"""How fast is the grading, beside nbgrader and otter-grader on the same work in the same run?

    python benchmarks/grading.py [--notebooks 1000] [--peers 20] [--json FILE]

The work is one exercise of five questions, answered right. nbgrader and otter get the same functions to
write and tests that compare with the same numbers; each is installed, pinned, into an environment of its
own, because their dependencies do not go together with the book's. They grade fewer notebooks, because
they take seconds for each; the ratio is of the time a notebook.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOLUTION = ROOT / "solutions/activation/sigmoid_and_tanh.ipynb"
PEERS = {
    "nbgrader": ["nbgrader==0.9.6"],
    "otter": ["otter-grader==7.0.0"],
}
LIBRARIES = ["numpy==2.4.6", "ipykernel==7.4.0"]
CACHE = ROOT / ".benchmarks"

# The exercise once more, for graders that hold answers and tests in the notebook itself.
SETUP = "import numpy as np"
_PAIRS = {
    "sigmoid": [("-2.0, 0.0, 2.0", "0.11920292, 0.5, 0.88079708"), ("-1000.0, 1000.0", "0.0, 1.0")],
    "sigmoid_grad": [("-2.0, 0.0, 2.0", "0.10499359, 0.25, 0.10499359"), ("-1000.0, 1000.0", "0.0, 0.0")],
    "sigmoid_grad_from_output": [("0.1, 0.5", "0.09, 0.25"), ("1.0, 0.0", "0.0, 0.0")],
    "tanh_from_sigmoid": [("-2.0, 0.5", "-0.96402758, 0.46211716"), ("-1000.0, 1000.0", "-1.0, 1.0")],
    "tanh_grad": [("-2.0, 0.5", "0.07065082, 0.78644773"), ("-1000.0, 1000.0", "0.0, 0.0")],
}
TESTS = {
    name: [f"assert np.allclose({name}(np.array([{given}])), [{wanted}])" for given, wanted in pairs]
    for name, pairs in _PAIRS.items()
}


def answers() -> dict[str, str]:
    """The right answers, cell by cell, out of the solution."""
    cells = json.loads(SOLUTION.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    found = {name: next(s for s in sources if s.startswith(f"def {name}(")) for name in TESTS}
    return {name: source.split("\n\ncheck(")[0] for name, source in found.items()}


def code(identity: str, source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "id": identity, "metadata": metadata, "source": source, "outputs": [],
            "execution_count": None}  # fmt: skip


def notebook(cells: list[dict[str, Any]]) -> str:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


def run(command: list[str], **options: Any) -> float:
    """Run a command, and how long it took; its output is shown if it fails."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return seconds


def environment(name: str) -> Path:
    """The programs of an environment with the grader `name`, made on first use."""
    folder = CACHE / name
    if not (folder / "installed").exists():
        print(f"installing {name} into {folder.relative_to(ROOT)} ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        run([str(folder / "bin/pip"), "install", "--quiet", *PEERS[name], *LIBRARIES])
        (folder / "installed").touch()
    return folder / "bin"


# --- the graders ----------------------------------------------------------------------------------------


def ours(count: int, work: Path) -> dict[str, float]:
    """The whole class through the command, cold; seconds, and the memory of each process at its highest."""
    submissions = work / "submissions"
    submissions.mkdir()
    for number in range(count):
        shutil.copy(SOLUTION, submissions / f"learner{number:05}.ipynb")
    command = [sys.executable, "-m", "lossact", "grade", str(submissions), "--out", str(work / "grades")]
    peak = Peak()
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peak.watch(process.pid)
        code = process.wait()
    seconds = time.perf_counter() - start
    if code:
        sys.exit(f"our own grading ended with exit code {code}")
    grades = json.loads((work / "grades/grades.json").read_text(encoding="utf-8"))
    wrong = [each["learner"] for each in grades if each["points"] != each["total"]]
    if wrong or len(grades) != count:
        sys.exit(f"our own grading is wrong for {wrong[:5]}, {len(grades)} of {count} graded")
    return {"seconds": seconds, "command MB": peak.first, "largest process MB": peak.largest}


class Peak:
    """The resident memory of a process and its descendants, at its highest."""

    def __init__(self) -> None:
        self.first = self.largest = 0.0

    def watch(self, pid: int) -> None:
        def look() -> None:
            while Path(f"/proc/{pid}").exists():
                for each in [pid, *_descendants(pid)]:
                    size = _resident(each)
                    self.largest = max(self.largest, size)
                    if each == pid:
                        self.first = max(self.first, size)
                time.sleep(0.2)

        if Path("/proc").exists():
            threading.Thread(target=look, daemon=True).start()


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except (OSError, ValueError):
        return 0.0


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [found for child in map(int, children) for found in [child, *_descendants(child)]]


def one_cold() -> float:
    """One notebook from the command line."""
    return run([sys.executable, "-m", "lossact", "check", str(SOLUTION)], cwd=ROOT)


def checks() -> dict[str, float]:
    """Milliseconds of `check` in a running kernel, for every question answered right: median and worst."""
    from lossact.grading import all_questions, check

    times = []
    for name, question in all_questions().items():
        check(name, question.reference)
        laps = []
        for _ in range(5):
            start = time.perf_counter()
            check(name, question.reference)
            laps.append(time.perf_counter() - start)
        times.append(1000 * statistics.median(laps))
    return {"median ms": statistics.median(times), "worst ms": max(times)}


def nbgrader(count: int, work: Path) -> float:
    """Seconds of `nbgrader autograde` for `count` learners."""
    programs = environment("nbgrader")
    course = work / "nbgrader"
    (course / "source/ps1").mkdir(parents=True)
    cells = [code("setup", SETUP)]
    for name, source in answers().items():
        marked = {"grade": False, "locked": False, "solution": True, "schema_version": 3, "task": False}
        cells.append(code(f"a-{name}", source, nbgrader={**marked, "grade_id": f"a-{name}"}))
        for number, test in enumerate(TESTS[name]):
            graded = {"grade": True, "locked": True, "solution": False, "points": 1, "schema_version": 3,
                      "task": False}  # fmt: skip
            identity = f"t-{name}-{number}"
            cells.append(code(identity, test, nbgrader={**graded, "grade_id": identity}))
    text = notebook(cells)
    (course / "source/ps1/p.ipynb").write_text(text, encoding="utf-8")
    (course / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'bench'\n")
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    run([str(programs / "nbgrader"), "generate_assignment", "ps1"], cwd=course, env=env)
    for number in range(count):
        folder = course / f"submitted/learner{number:03}/ps1"
        folder.mkdir(parents=True)
        (folder / "p.ipynb").write_text(text, encoding="utf-8")
    return run([str(programs / "nbgrader"), "autograde", "ps1"], cwd=course, env=env)


def otter(count: int, work: Path) -> float:
    """Seconds of `otter run` for `count` notebooks, one after the other on each core."""
    programs = environment("otter")
    folder = work / "otter"
    (folder / "tests").mkdir(parents=True)
    lines = [f"{source}\n" for source in answers().values()]
    cells = [code("setup", SETUP), *(code(f"a{number}", line) for number, line in enumerate(lines))]
    for number in range(count):
        (folder / f"learner{number:03}.ipynb").write_text(notebook(cells), encoding="utf-8")
    tests = work / "autograder"
    (tests / "tests").mkdir(parents=True)
    for name, lines in TESTS.items():
        cases = [{"code": f">>> {line}", "hidden": False, "locked": False} for line in lines]
        suite = [{"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}]
        test = {"name": name, "points": len(lines), "suites": suite}
        (tests / f"tests/{name}.py").write_text(f"OK_FORMAT = True\n\ntest = {test!r}\n", encoding="utf-8")
    (tests / "otter_config.json").write_text(json.dumps({"lang": "python"}), encoding="utf-8")
    archive = shutil.make_archive(str(work / "autograder"), "zip", tests)
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    start = time.perf_counter()
    waiting = sorted(folder.glob("*.ipynb"))
    running: list[subprocess.Popen[bytes]] = []
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            path = waiting.pop()
            out = folder / path.stem
            out.mkdir()
            command = [str(programs / "otter"), "run", "-a", archive, "-o", str(out), "--no-logo", str(path)]
            running.append(
                subprocess.Popen(
                    command, cwd=out, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            )
        running[0].wait()
        running = [process for process in running if process.poll() is None]
    seconds = time.perf_counter() - start
    results = list(folder.rglob("results.json"))
    if len(results) != count:
        sys.exit(f"otter graded {len(results)} of {count} notebooks")
    return seconds


def main() -> None:
    """Measure, print a table, and write the numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--notebooks", type=int, default=1000, help="how many we grade")
    parser.add_argument("--peers", type=int, default=20, help="how many nbgrader and otter grade; 0 for none")
    parser.add_argument("--json", type=Path, help="where to write the numbers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        found: dict[str, Any] = {
            "cores": os.cpu_count(),
            "notebooks": options.notebooks,
            "check": checks(),
            "one notebook, cold, s": min(one_cold() for _ in range(3)),
            "class": ours(options.notebooks, work),
        }
        each = found["class"]["seconds"] / options.notebooks
        if options.peers:
            for peer in (nbgrader, otter):
                seconds = peer(options.peers, work) / options.peers
                found[peer.__name__] = {"s a notebook": seconds, "times ours": seconds / each}
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
