"""Build the site: the book with cells that run, moving figures, and the notebook application.

    python tools/site.py                     Pyodide from the public network, nothing to download
    python tools/site.py --pyodide FOLDER    Pyodide from the site itself: no request to another host

The result is plain files in _build/site, for any server of folders, at any depth below its root.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lossact.grading.question import find_question

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import pyodide  # noqa: E402  (a tool beside this one)

SITE = ROOT / "site"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pyodide", type=Path, help="a folder with Pyodide; without it, the public network")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "site")
    parser.add_argument("--draft", action="store_true", help="go on when a page has a warning")
    options = parser.parse_args()
    if options.pyodide is not None and not options.pyodide.is_dir():
        raise SystemExit(f"{options.pyodide} is no folder; one with Pyodide {pyodide.VERSION} is wanted.")
    build(options.out.resolve(), options.pyodide, options.draft)
    where = "from the site itself" if options.pyodide else "from the public network"
    print(f"The site is in {options.out}; Python comes {where}. Next: 'make serve-site'.")
    return 0


def build(out: Path, source: Path | None, draft: bool = False) -> None:
    work = out.with_name(out.name + "-work")
    for folder in (out, work):
        shutil.rmtree(folder, ignore_errors=True)
    assets = work / "assets"
    manifest = bundle(assets)
    folder = f"pyodide-{pyodide.VERSION}"
    python = pyodide.prepare(work / "extra" / folder, source)
    settings = {
        **manifest,
        "python": {
            "module": python["module"] if "://" in python["module"] else f"{folder}/{python['module']}",
            "lock": f"{folder}/{python['lock']}",
            "packages": python["packages"],
        },
    }
    book(work, settings, draft)
    shutil.move(work / "_build" / "html", out)
    notebooks(work, out / "lite", folder, python)
    shutil.rmtree(work)


def bundle(assets: Path) -> dict[str, Any]:
    """The scripts of the pages, bundled; their names by what they are."""
    if not (SITE / "node_modules" / ".package-lock.json").exists():
        pyodide.run(["npm", "ci", "--silent", "--no-fund", "--no-audit"], cwd=SITE)
    pyodide.run(["node", "bundle.mjs", str(assets)], cwd=SITE)
    manifest: dict[str, Any] = json.loads((assets / "manifest.json").read_text(encoding="utf-8"))
    (assets / "manifest.json").unlink()
    manifest["exercises"] = exercises(assets)
    return manifest


def exercises(assets: Path) -> str:
    """What the pages need to show a learner's progress: each exercise, its questions and their points."""
    known = {}
    for entry in in_order(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["chapters"]):
        if entry.startswith("exercises/"):
            notebook = json.loads((ROOT / f"{entry}.ipynb").read_text(encoding="utf-8"))
            about = notebook["metadata"]["lossact"]
            questions = [[name, float(find_question(name).points)] for name in about["questions"]]
            known[entry] = {"title": about["title"], "questions": questions}
    text = json.dumps(known)
    name = f"app/exercises-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    (assets / name).write_text(text, encoding="utf-8")
    return name


def in_order(entries: list[dict[str, Any]]) -> Iterator[str]:
    """The pages of the book as they follow one another."""
    for entry in entries:
        yield entry["file"]
        yield from in_order(entry.get("sections", []))


def book(work: Path, settings: dict[str, Any], draft: bool) -> None:
    """The pages, by Jupyter Book, with what the site adds to its settings."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["local_extensions"]["site_pages"] = str(ROOT / "tools")
    config["sphinx"]["local_extensions"]["offline_html"] = str(ROOT / "tools")
    added = config["sphinx"]["config"]
    added["html_static_path"] = [*added["html_static_path"], str(work / "assets")]
    added["html_extra_path"] = [str(work / "extra")]
    added["lossact_site"] = settings
    path = work / "config.yml"
    path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    start = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
    command = [
        sys.executable,
        "-c",
        start,
        "build",
        str(ROOT),
        "--all",
        "--quiet",
        *([] if draft else ["-W"]),
        "-n",
        "--keep-going",
    ]
    pyodide.run([*command, "--config", str(path), "--path-output", str(work)])


def notebooks(work: Path, out: Path, folder: str, python: dict[str, Any]) -> None:
    """The notebook application with all exercises in it."""
    lite = work / "lite"
    shutil.copytree(SITE / "lite", lite)
    shutil.copytree(ROOT / "exercises", work / "contents" / "exercises")
    module = python["module"]
    settings = {
        "disablePyPIFallback": True,
        # The leading dot is what makes it be looked up from the application's own folder.
        "pyodideUrl": module if "://" in module else f"./../{folder}/{module}",
        "loadPyodideOptions": {"lockFileURL": f"../{folder}/{python['lock']}", "packages": python["kernel"]},
    }
    path = lite / "jupyter-lite.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["jupyter-config-data"].setdefault("litePluginSettings", {})[
        "@jupyterlite/pyodide-kernel-extension:kernel"
    ] = settings
    path.write_text(json.dumps(config, indent=1), encoding="utf-8")
    command = [sys.executable, "-m", "jupyterlite_core.app", "build", "--lite-dir", str(lite)]
    command += [
        "--contents",
        str(work / "contents"),
        "--output-dir",
        str(out),
        "--apps",
        "notebooks",
        "--apps",
        "tree",
    ]
    done = subprocess.run(command, cwd=lite, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"jupyter lite build failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
