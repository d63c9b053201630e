"""What learners have handed in: notebooks in a folder, in folders of their own, or zipped."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath

from lossact.grading import sentences

LARGEST = 200 << 20
"""Bytes of the largest notebook that is read."""


@dataclass(frozen=True)
class Submission:
    """One notebook of one learner, or what stands in its place.

    Attributes
    ----------
    name : where it was found, relative to the folder of submissions; inside a zip after a "!".
    learner : whose it is: the first part of the name, without its ending.
    path : the file, None where there is none.
    member : the notebook inside `path`, if that is a zip.
    problem : why it cannot be read, for the learner; "" if it can.
    folder : the folder it was handed in with, which it may read; None if others' notebooks lie there too.
    """

    name: str
    learner: str
    path: Path | None
    member: str = ""
    problem: str = ""
    folder: Path | None = None

    def read(self) -> str:
        """The text of the notebook without its outputs, which may be a thousand times longer.

        Raises
        ------
        ValueError
            If it cannot be read; the message is for the learner.
        """
        if self.problem or self.path is None:
            raise ValueError(self.problem)
        try:
            data = self._bytes()
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise ValueError(sentences.UNREADABLE.format(path=self.name, error=error)) from error
        if len(data) > LARGEST:
            raise ValueError(sentences.TOO_LARGE.format(path=self.name, limit=LARGEST >> 20))
        try:
            return _without_outputs(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise ValueError(sentences.UNREADABLE.format(path=self.name, error=error)) from error

    def _bytes(self) -> bytes:
        assert self.path is not None
        if not self.member:
            with self.path.open("rb") as file:
                return file.read(LARGEST + 1)
        with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
            return file.read(LARGEST + 1)


def digest(text: str) -> str:
    """What tells whether a notebook has changed since it was graded."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find_submissions(folder: Path) -> list[Submission]:
    """Everything handed in below `folder`, in the order of the names.

    A notebook beside others is its learner's by its own name, one in a folder or zip by the name of that.
    Links that lead out of the folder are named, not followed.
    """
    found: list[Submission] = []
    for entry in sorted(folder.iterdir()):
        if _is_hidden(entry):
            continue
        if _leads_out(entry, folder):
            found.append(_refused(entry.name, entry.stem, sentences.LEADS_OUT))
        elif entry.is_dir():
            found += _in_folder(entry, folder) or [_refused(entry.name, entry.name, sentences.NO_NOTEBOOK)]
        elif entry.suffix == ".zip":
            found += _in_zip(entry, folder) or [_refused(entry.name, entry.stem, sentences.NO_NOTEBOOK)]
        elif entry.suffix == ".ipynb":
            found.append(Submission(entry.name, entry.stem, entry))
    return found


def _in_folder(entry: Path, top: Path) -> list[Submission]:
    found: list[Submission] = []
    for path in sorted(entry.rglob("*")):
        relative = path.relative_to(top)
        name = relative.as_posix()
        if any(map(_is_hidden, [path, *path.parents[: len(relative.parts) - 1]])):
            continue
        if path.suffix not in (".ipynb", ".zip"):
            continue
        if _leads_out(path, top):
            found.append(_refused(name, entry.name, sentences.LEADS_OUT))
        elif path.suffix == ".zip" and path.is_file():
            found += _in_zip(path, top, entry.name)
        elif path.is_file():
            found.append(Submission(name, entry.name, path, folder=entry))
    return found


def _in_zip(path: Path, top: Path, learner: str = "") -> list[Submission]:
    name = path.relative_to(top).as_posix()
    learner = learner or path.stem
    try:
        with zipfile.ZipFile(path) as archive:
            members = sorted(
                each.filename
                for each in archive.infolist()
                if each.filename.endswith(".ipynb")
                and not any(map(_is_hidden, [*PurePosixPath(each.filename).parents][:-1]))
                and not _is_hidden(PurePosixPath(each.filename))
            )
    except (OSError, zipfile.BadZipFile) as error:
        return [_refused(name, learner, sentences.BAD_ZIP, error=error)]
    return [Submission(f"{name}!{member}", learner, path, member) for member in members]


def _refused(name: str, learner: str, sentence: str, **details: object) -> Submission:
    return Submission(name, learner, None, problem=sentence.format(path=name, **details))


def _is_hidden(path: PurePath) -> bool:
    return (path.name.startswith(".") and path.name != "..") or path.name == "__MACOSX"


def _leads_out(path: Path, top: Path) -> bool:
    """Whether a link points to something outside (or to nothing); no link is followed to find out more."""
    if not path.is_symlink() and not any(parent.is_symlink() for parent in _between(path, top)):
        return False
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return True
    return top.resolve() not in target.parents


def _between(path: Path, top: Path) -> Iterator[Path]:
    for parent in path.parents:
        if parent == top:
            return
        yield parent


def _without_outputs(text: str) -> str:
    """A notebook without outputs and attachments; any other text as it is."""
    try:
        notebook = json.loads(text)
        cells = notebook["cells"]
        for cell in cells:
            if "outputs" in cell:
                cell["outputs"] = []
            cell.pop("attachments", None)
    except (ValueError, TypeError, KeyError, AttributeError):
        return text
    return json.dumps(notebook)
