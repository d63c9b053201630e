"""Where the Python of the browser comes from.

    python tools/pyodide.py FOLDER    gathers an official Pyodide into FOLDER, from npm and pip alone

FOLDER then holds what the content delivery network serves for this version: the core, and the wheels that
the course needs. Every file is checked against the SHA-256 in `site/pyodide-lock.json`, which holds the
entries of Pyodide's own lock. The site is built with it by `make site PYODIDE=FOLDER`; any copy of Pyodide's
release does as well.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "site" / "pyodide-lock.json"
VERSION = "314.0.3"
CDN = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
# A wheel that redistributes Pyodide's compiled wheels unchanged: pip reaches it where Pyodide's own host is
# out of reach.
CARRIER = "open-webui==0.12.4"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
# What the notebook application needs beside: its own wheels come with jupyterlite-pyodide-kernel.
KERNEL_WHEELS = ("piplite", "ipykernel", "pyodide_kernel")
KERNEL_DEPENDS = {
    "piplite": ["micropip"],
    "ipykernel": [],
    "pyodide-kernel": ["ipython", "comm", "ipykernel", "piplite", "jedi"],
}
KERNEL_PACKAGES = (
    "micropip",
    "piplite",
    "ipykernel",
    "comm",
    "pyodide-kernel",
    "jedi",
    "ipython",
    "numpy",
    "lossact",
)


def locked() -> dict[str, Any]:
    """The entries of Pyodide's own lock for what the course uses."""
    packages: dict[str, Any] = json.loads(LOCK.read_text(encoding="utf-8"))
    return packages


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


# --- gathering ------------------------------------------------------------------------------------------


def gather(folder: Path) -> None:
    """Fill `folder` with the core and every wheel of the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        run(["npm", "pack", "--silent", f"pyodide@{VERSION}"], cwd=scratch)
        with tarfile.open(next(Path(scratch).glob("pyodide-*.tgz"))) as core:
            for name in CORE:
                member = core.extractfile(f"package/{name}")
                if member is None:
                    raise SystemExit(f"pyodide@{VERSION} of npm holds no {name}.")
                (folder / name).write_bytes(member.read())
        download([CARRIER], Path(scratch))
        with zipfile.ZipFile(next(Path(scratch).glob("open_webui-*.whl"))) as carrier:
            held = {Path(member).name: member for member in carrier.namelist() if "/pyodide/" in member}
            for entry in locked()["packages"].values():
                if entry["file_name"] in held:
                    (folder / entry["file_name"]).write_bytes(carrier.read(held[entry["file_name"]]))
    complete(folder)


def complete(folder: Path) -> dict[str, Any]:
    """The lock for a folder with the core and the compiled wheels; missing pure wheels are fetched by pip.

    A wheel that Pyodide repacked differs in its bytes from the same version on the index; then its digest
    is noted as found.
    """
    lock = locked()
    missing = [entry for entry in lock["packages"].values() if not (folder / entry["file_name"]).exists()]
    compiled = [entry["file_name"] for entry in missing if "emscripten" in entry["file_name"]]
    absent = [name for name in CORE if not (folder / name).exists()] + compiled
    if absent:
        raise SystemExit(
            f"{folder} holds no {', '.join(absent)}; a folder with Pyodide {VERSION} is wanted. "
            f"'python tools/pyodide.py FOLDER' gathers one."
        )
    if missing:
        download([f"{entry['name']}=={entry['version']}" for entry in missing], folder, pure=True)
    for entry in lock["packages"].values():
        path = find(folder, entry["name"], entry["version"])
        found = digest(path)
        if found != entry["sha256"]:
            if "emscripten" in path.name:
                raise SystemExit(f"{path.name}: not the file that the lock of Pyodide {VERSION} names.")
            entry["file_name"], entry["sha256"] = path.name, found
    return lock


def find(folder: Path, name: str, version: str) -> Path:
    stem = name.replace("-", "_").lower()
    for path in sorted(folder.glob("*.whl")):
        if path.name.lower().startswith((f"{stem}-{version}-", f"{name.lower()}-{version}-")):
            return path
    raise SystemExit(f"{folder} holds no wheel of {name} {version}.")


def download(requirements: Iterable[str], folder: Path, *, pure: bool = False) -> None:
    options = ["--python-version", "3.14", "--platform", "any"] if pure else []
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    run([*command, *options, "--dest", str(folder), *requirements])


def run(command: list[str], cwd: Path | str | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


# --- what the site serves -------------------------------------------------------------------------------


def prepare(target: Path, source: Path | None) -> dict[str, Any]:
    """Put into `target` what the pages load, and say where it is.

    Parameters
    ----------
    target : a folder of the site; it gets the lock, the course's own wheel and those of the notebook kernel,
        and, if `source` is given, all of Pyodide.
    source : a folder with Pyodide; None if the pages are to take it from the public network.

    Returns
    -------
    dict with `module` (the address of pyodide.mjs, relative to `target` if it is there), `lock` (its name in
    `target`), `packages` (what a page loads at once) and `kernel` (what the notebook application loads).
    """
    target.mkdir(parents=True, exist_ok=True)
    if source is None:
        lock = locked()
        for entry in lock["packages"].values():
            entry["file_name"] = CDN + entry["file_name"]
        module = CDN + "pyodide.mjs"
    else:
        with tempfile.TemporaryDirectory() as scratch:
            # The folder handed in is somebody's: nothing is added to it.
            copy = Path(scratch)
            for path in source.iterdir():
                if path.is_file():
                    (copy / path.name).symlink_to(path.resolve())
            lock = complete(copy)
            for name in (*CORE, *(entry["file_name"] for entry in lock["packages"].values())):
                shutil.copyfile(copy / name, target / name)
        module = "pyodide.mjs"
    for name, path in kernel_wheels().items():
        shutil.copyfile(path, target / path.name)
        lock["packages"][name] = entry_of(target / path.name, KERNEL_DEPENDS[name])
    comm = repacked(distribution("comm"), target)
    lock["packages"]["comm"] = entry_of(comm, [])
    lock["packages"]["lossact"] = entry_of(course_wheel(target), ["numpy"])
    text = json.dumps({"info": lock["info"], "packages": dict(sorted(lock["packages"].items()))}, indent=1)
    name = f"lock-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    (target / name).write_text(text, encoding="utf-8")
    return {
        "module": module,
        "lock": name,
        "packages": ["numpy", "lossact"],
        "kernel": list(KERNEL_PACKAGES),
        "version": VERSION,
    }


def entry_of(wheel: Path, depends: list[str]) -> dict[str, Any]:
    """What Pyodide's lock says of a wheel."""
    name, version = wheel.name.split("-")[:2]
    return {
        "name": name.replace("_", "-").lower(),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": digest(wheel),
        "package_type": "package",
        "imports": [name],
        "depends": depends,
        "unvendored_tests": False,
    }


def kernel_wheels() -> dict[str, Path]:
    folder = (
        Path(sys.prefix) / "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
    )
    return {name.replace("_", "-"): next(folder.glob(f"{name}-*.whl")) for name in KERNEL_WHEELS}


def course_wheel(target: Path) -> Path:
    """The course's own package as a wheel whose name changes with its content."""
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
        run([*command, "--wheel-dir", scratch, str(ROOT)])
        built = next(Path(scratch).glob("lossact-*.whl"))
        name, version, *tags = built.name.split("-")
        wheel = target / "-".join([name, f"{version}+{content_of(built)}", *tags])
        shutil.copyfile(built, wheel)
    return wheel


def content_of(wheel: Path) -> str:
    """A short hash of the files in a wheel, whenever it was built."""
    with zipfile.ZipFile(wheel) as archive:
        text = "".join(
            f"{each.filename} {each.CRC}\n" for each in sorted(archive.infolist(), key=lambda e: e.filename)
        )
    return "h" + hashlib.sha256(text.encode()).hexdigest()[:8]


def repacked(installed: Distribution, target: Path) -> Path:
    """The wheel of an installed pure-Python package, so that nothing need be downloaded for it."""
    wheel = target / f"{installed.name.replace('-', '_')}-{installed.version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(installed.files or [], key=str):
            if (
                ".." not in file.parts
                and "__pycache__" not in file.parts
                and file.name not in ("INSTALLER", "REQUESTED")
            ):
                stamped = zipfile.ZipInfo(str(file), (2020, 1, 1, 0, 0, 0))
                archive.writestr(
                    stamped, Path(str(installed.locate_file(file))).read_bytes(), zipfile.ZIP_DEFLATED
                )
    return wheel


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        raise SystemExit(__doc__)
    gather(Path(sys.argv[1]))
    print(f"{sys.argv[1]} holds Pyodide {VERSION}. Next: make site PYODIDE={sys.argv[1]}")
