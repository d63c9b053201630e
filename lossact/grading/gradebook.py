"""Grades kept in one SQLite file: each as soon as it is known, none lost, none made twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lossact.grading import sentences
from lossact.grading.grade import Grade

FILE = "grades.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS grades (
    submission TEXT PRIMARY KEY,
    learner TEXT NOT NULL,
    digest TEXT NOT NULL,
    settings TEXT NOT NULL,
    grade TEXT NOT NULL
)
"""
_PATIENCE = 30.0  # seconds to wait for another process that writes


class GradebookError(RuntimeError):
    """The grades cannot be read or written; what has been written stays. The message says what to do."""


class Gradebook:
    """The grades of one class, in the folder `folder`.

    Each `store` is one transaction that is on the disk when it returns.

    Raises
    ------
    GradebookError
        If the file cannot be opened, is locked for too long, or the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute(_SCHEMA)

    def find(self, submission: str, digest: str, settings: str) -> bool:
        """Whether this very notebook has been graded in this very way."""
        with self._explained():
            row = self._database.execute(
                "SELECT 1 FROM grades WHERE submission = ? AND digest = ? AND settings = ?",
                (submission, digest, settings),
            ).fetchone()
        return row is not None

    def store(self, submission: str, learner: str, digest: str, settings: str, grade: Grade) -> None:
        """Keep a grade; an older one of the same submission makes way for it."""
        with self._explained():
            self._database.execute(
                "INSERT OR REPLACE INTO grades VALUES (?, ?, ?, ?, ?)",
                (submission, learner, digest, settings, grade.to_json()),
            )

    def forget_all_but(self, submissions: set[str]) -> None:
        """Drop the grades of submissions that are no longer there."""
        with self._explained():
            self._database.execute("BEGIN IMMEDIATE")
            kept = [name for (name,) in self._database.execute("SELECT submission FROM grades")]
            for name in kept:
                if name not in submissions:
                    self._database.execute("DELETE FROM grades WHERE submission = ?", (name,))
            self._database.execute("COMMIT")

    def grades(self) -> Iterator[tuple[str, str, Grade]]:
        """Every grade as (learner, submission, grade), by learner and submission, one at a time."""
        with self._explained():
            cursor = self._database.execute(
                "SELECT learner, submission, grade FROM grades ORDER BY learner, submission"
            )
            for learner, submission, text in cursor:
                yield learner, submission, Grade.from_json(text)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise GradebookError(sentences.GRADEBOOK.format(path=self.path, error=error)) from error
