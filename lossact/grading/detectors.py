"""Faults that any function can have, found from its numbers alone, without an entry in a catalogue.

A question's own misconceptions know more and are asked first. What they leave unexplained is looked at
here: the right answer times a telling number, transposed, right for ordinary inputs only, and so on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossact.grading import sentences
from lossact.grading.outcome import Outcome
from lossact.grading.question import Arguments, Check, Misconception

EXTREME = 25.0
"""An input of this size or more is not an ordinary one: an exponential of it hides 1 in float64's digits."""

Call = Callable[[Arguments], Outcome]


@dataclass(frozen=True)
class Evidence:
    """What is known of one failed check: its calls, what came and what was due; and more calls on request."""

    check: Check
    arguments: Sequence[Arguments]
    got: Sequence[Outcome]
    wanted: Sequence[Outcome]
    call: Call
    reference: Call

    def values(self) -> Iterator[tuple[Arguments, tuple[Any, ...], tuple[Any, ...]]]:
        """The calls that returned as many arrays as were due, with both."""
        for arguments, got, wanted in zip(self.arguments, self.got, self.wanted, strict=True):
            if got.values is None or wanted.values is None or len(got.values) != len(wanted.values):
                continue
            if all(value.dtype.kind != "U" for value in (*got.values, *wanted.values)):
                yield arguments, got.values, wanted.values

    def is_near(self, value: Any, wanted: Any) -> bool:
        """Whether two arrays are the same for this check."""
        if "U" in (value.dtype.kind, wanted.dtype.kind):
            return False
        return value.shape == wanted.shape and np.allclose(
            value, wanted, rtol=max(self.check.rtol, 1e-7), atol=self.check.atol, equal_nan=True
        )


Finds = Callable[[Evidence], bool]


def _times(factor: Callable[[Arguments, Any], float | None]) -> Finds:
    """Finds answers that are the right one times `factor(arguments, value)`, wherever they are not right."""

    def finds(evidence: Evidence) -> bool:
        found = complete = 0
        for arguments, got, wanted in evidence.values():
            complete += 1
            for value, due in zip(got, wanted, strict=True):
                if evidence.is_near(value, due):
                    continue
                number = factor(arguments, due)
                if number is None or abs(number) == 0 or not evidence.is_near(value, number * due):
                    return False
                found += 1
        return found > 0 and complete == len(evidence.arguments)

    return finds


def _size(position: int | None) -> Callable[[Arguments, Any], float | None]:
    """The number of elements of the first array, or its length along an axis."""

    def factor(arguments: Arguments, due: Any) -> float | None:
        first = next((each for each in arguments if isinstance(each, np.ndarray) and each.ndim), None)
        if first is None or (position is not None and first.ndim <= position):
            return None
        size = first.size if position is None else first.shape[position]
        return float(size) if size > 1 else None

    return factor


def _inverse(size: Callable[[Arguments, Any], float | None]) -> Callable[[Arguments, Any], float | None]:
    def factor(arguments: Arguments, due: Any) -> float | None:
        number = size(arguments, due)
        return None if number is None else 1 / number

    return factor


def _constant(number: float) -> Callable[[Arguments, Any], float | None]:
    return lambda arguments, due: number


def _transposed(evidence: Evidence) -> bool:
    found = complete = 0
    for _, got, wanted in evidence.values():
        complete += 1
        for value, due in zip(got, wanted, strict=True):
            if evidence.is_near(value, due):
                continue
            if value.ndim != 2 or not evidence.is_near(value.T, due):
                return False
            found += 1
    return found > 0 and complete == len(evidence.arguments)


def _passes(evidence: Evidence, got: Outcome, wanted: Outcome) -> bool:
    return (
        got.values is not None
        and wanted.values is not None
        and len(got.values) == len(wanted.values)
        and all(evidence.is_near(value, due) for value, due in zip(got.values, wanted.values, strict=True))
    )


def _is_extreme(arguments: Arguments) -> bool:
    numbers = (each for each in arguments if isinstance(each, int | float | np.ndarray | np.generic))
    return any(
        np.asarray(each).dtype.kind in "fiu" and np.size(each) and np.nanmax(np.abs(each)) >= EXTREME
        for each in numbers
    )


def _only_extremes(evidence: Evidence) -> bool:
    """Wrong for extreme inputs, and right when each of them is brought to an ordinary size."""
    wrong = [
        arguments
        for arguments, got, wanted in zip(evidence.arguments, evidence.got, evidence.wanted, strict=True)
        if not _passes(evidence, got, wanted)
    ]
    if not wrong or not all(map(_is_extreme, wrong)):
        return False
    for arguments in wrong:
        milder = tuple(_milder(each) for each in arguments)
        if not _passes(evidence, evidence.call(milder), evidence.reference(milder)):
            return False
    return True


def _milder(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.clip(value, -3, 3)
    return min(max(value, -3.0), 3.0) if isinstance(value, float) else value


def _changes_input(evidence: Evidence) -> bool:
    return any(outcome.changed for outcome in evidence.got) and not any(
        outcome.changed for outcome in evidence.wanted
    )


def _returns_none(evidence: Evidence) -> bool:
    return all(outcome.unusable == "None" for outcome in evidence.got)


def _grows_with_the_batch(evidence: Evidence) -> bool:
    """The answer changes when every sample is given twice, and the right one does not."""
    for arguments, got, wanted in evidence.values():
        arrays = [each for each in arguments if isinstance(each, np.ndarray) and each.ndim]
        if not arrays or len({each.shape[0] for each in arrays}) != 1 or any(due.ndim for due in wanted):
            continue
        twice = tuple(
            np.concatenate([each, each]) if isinstance(each, np.ndarray) and each.ndim else each
            for each in arguments
        )
        here, due = evidence.call(twice), evidence.reference(twice)
        if here.values is None or due.values is None or not evidence.is_near(due.values[0], wanted[0]):
            continue
        if here.values[0].shape == got[0].shape and not evidence.is_near(here.values[0], got[0]):
            return True
    return False


def _general(identity: str, finds: Finds) -> tuple[Misconception, Finds]:
    name, sees, why, probe = sentences.GENERAL[identity]
    return Misconception(identity, name, _nothing, sees, why, probe), finds


def _nothing(*args: Any) -> None:
    """A general fault has no one function that shows it."""


DETECTORS: tuple[tuple[Misconception, Finds], ...] = (
    _general("no value", _returns_none),
    _general("times -1", _times(_constant(-1.0))),
    _general("times 1/2", _times(_constant(0.5))),
    _general("times 2", _times(_constant(2.0))),
    _general("times n", _times(_size(None))),
    _general("times 1/n", _times(_inverse(_size(None)))),
    _general("times N", _times(_size(0))),
    _general("times 1/N", _times(_inverse(_size(0)))),
    _general("times K", _times(_size(1))),
    _general("times 1/K", _times(_inverse(_size(1)))),
    _general("times log 2", _times(_constant(math.log(2)))),
    _general("times 1/log 2", _times(_constant(1 / math.log(2)))),
    _general("times log 10", _times(_constant(math.log(10)))),
    _general("times 1/log 10", _times(_constant(1 / math.log(10)))),
    _general("transposed", _transposed),
    _general("only ordinary inputs", _only_extremes),
    _general("input changed", _changes_input),
    _general("grows with the batch", _grows_with_the_batch),
)


def detect(evidence: Evidence) -> tuple[Misconception, ...]:
    """Every general fault that fits; the vaguer ones only if no exact one does."""
    exact = tuple(fault for fault, finds in DETECTORS[:-1] if finds(evidence))
    return exact or tuple(fault for fault, finds in DETECTORS[-1:] if finds(evidence))
