"""Is this answer right, and if not, which misunderstanding does it show?"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

import numpy as np

from lossact.grading import sentences
from lossact.grading.detectors import Evidence, detect
from lossact.grading.outcome import Outcome, same_values, values_text
from lossact.grading.question import Arguments, Check, Misconception, Question, find_question
from lossact.grading.verdict import CheckResult, CurveDrawn, Failure, Verdict

_VISIBLE = 0.01  # of the height of the curve: less cannot be seen in a small picture


@runtime_checkable
class Remote(Protocol):
    """A function that lives in another process and is asked for outcomes instead of being called."""

    def outcome(self, arguments: Sequence[Any]) -> Outcome:
        """What a call with these arguments does."""
        ...


def judge(
    question_name: str, function: Callable[..., Any] | Remote, *, seed: int = 0, picture: bool = False
) -> Verdict:
    """Judge an answer to a question.

    Parameters
    ----------
    question_name : the question, as in `check("mse_loss", ...)`.
    function : the learner's function, or a function of a `lossact.grading.process.Workspace`.
    seed : of the inputs that are drawn; another seed judges on inputs nobody has seen.
    picture : whether to trace the function along the question's curve, to be drawn in the verdict.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        If there is no such question.
    """
    question = find_question(question_name)
    calls = [inputs_of(question, number, seed) for number in range(len(question.checks))]
    answer = _answers(question, calls, function)
    expected = _answers(question, calls, question.reference)
    answer = [
        [_no_word_for_a_number(got, wanted) for got, wanted in zip(group, wants, strict=True)]
        for group, wants in zip(answer, expected, strict=True)
    ]
    right = _right(question, answer, expected)

    convention = None
    if not all(right):
        for other in question.misconceptions:
            if other.accepted:
                alternative = _answers(question, calls, other.function)
                if all(_right(question, answer, alternative)):
                    convention, expected, right = other, alternative, [True] * len(right)
                    break

    results = tuple(
        CheckResult(
            title=check.title,
            points=check.points if passed else Decimal(0),
            total=check.points,
            failures=() if passed else _failures(check, group, got, wanted),
        )
        for check, passed, group, got, wanted in zip(
            question.checks, right, calls, answer, expected, strict=True
        )
    )
    verdict = Verdict(question=question, results=results)
    if all(right):
        return replace(verdict, causes=() if convention is None else ((convention,),))
    if all(outcome.untouched(question_name) for group in answer for outcome in group):
        return replace(verdict, untouched=True)
    causes, unexplained = _explain(question, calls, answer, expected, right)
    general, unexplained = _detect(question, function, calls, answer, expected, unexplained)
    causes += general
    return replace(
        verdict,
        causes=causes,
        unexplained=unexplained,
        curve=_trace(question, function) if picture else None,
    )


def inputs_of(question: Question, number: int, seed: int) -> Sequence[Arguments]:
    """The calls of a check, by its number."""
    rng = np.random.default_rng([seed, zlib.crc32(question.name.encode()), number])
    return question.checks[number].inputs(rng)


def _outcome(function: Callable[..., Any] | Remote, arguments: Arguments) -> Outcome:
    if isinstance(function, Remote):
        return function.outcome(arguments)
    return Outcome.of(function, arguments)


def _answers(
    question: Question, calls: Sequence[Sequence[Arguments]], function: Callable[..., Any] | Remote
) -> list[list[Outcome]]:
    return [
        [measured(check, arguments, _outcome(function, arguments)) for arguments in group]
        for check, group in zip(question.checks, calls, strict=True)
    ]


def _no_word_for_a_number(got: Outcome, wanted: Outcome) -> Outcome:
    """A word can be used only where one is wanted."""
    if _holds_a_word(got) and not _holds_a_word(wanted):
        return replace(got, values=None, several=False, unusable="a str")
    return got


def _holds_a_word(outcome: Outcome) -> bool:
    return outcome.values is not None and any(value.dtype.kind == "U" for value in outcome.values)


def measured(check: Check, arguments: Arguments, outcome: Outcome) -> Outcome:
    """The outcome, or what the check measures of it."""
    if check.measure is None or outcome.values is None:
        return outcome
    try:
        found = check.measure(arguments, outcome.values)
    except (IndexError, TypeError, ValueError) as error:
        what = sentences.NOT_MEASURABLE.format(what=values_text(outcome), error=error)
        return replace(outcome, values=None, several=False, unusable=what)
    numbers = tuple(np.asarray(float(each)) for each in found.values())
    return replace(outcome, values=numbers, several=True, measured=found)


def _right(question: Question, answer: list[list[Outcome]], expected: list[list[Outcome]]) -> list[bool]:
    return [
        all(passes(check, got, wanted) for got, wanted in zip(group, wants, strict=True))
        for check, group, wants in zip(question.checks, answer, expected, strict=True)
    ]


def passes(check: Check, got: Outcome, wanted: Outcome) -> bool:
    """Whether a call came out as it should, for this check."""
    watched = (check.watch == "inputs" and got.changed) or (check.watch == "warnings" and got.warned)
    return not watched and same_values(got, wanted, rtol=check.rtol, atol=check.atol)


def _failures(
    check: Check, group: Sequence[Arguments], got: list[Outcome], wanted: list[Outcome]
) -> tuple[Failure, ...]:
    return tuple(
        Failure(arguments, outcome, expectation, check.watch)
        for arguments, outcome, expectation in zip(group, got, wanted, strict=True)
        if not passes(check, outcome, expectation)
    )


def _explain(
    question: Question,
    calls: Sequence[Sequence[Arguments]],
    answer: list[list[Outcome]],
    expected: list[list[Outcome]],
    right: list[bool],
) -> tuple[tuple[tuple[Misconception, ...], ...], frozenset[int]]:
    """The misconceptions that give the learner's numbers on the checks that failed, by fault.

    Each known misconception has one fault. It explains a failed check if it fails there with the same
    outcomes. The one that explains most is named first, and beside it all that explain exactly the same
    checks; what it leaves open is explained in the same way, so that two faults in one answer are both
    named. The second value holds the failed checks, by number, that nothing explains.
    """
    explains: dict[Misconception, frozenset[int]] = {}
    for misconception in question.misconceptions:
        explains[misconception] = frozenset(
            number
            for number, check in enumerate(question.checks)
            if not right[number]
            and _explains(check, misconception, calls[number], answer[number], expected[number])
        )
    open_checks = frozenset(number for number, passed in enumerate(right) if not passed)
    causes: list[tuple[Misconception, ...]] = []
    while open_checks:
        most = max((len(explained & open_checks) for explained in explains.values()), default=0)
        if most == 0:
            break
        chosen = [m for m, explained in explains.items() if len(explained & open_checks) == most]
        first = explains[chosen[0]] & open_checks
        causes.append(tuple(m for m in chosen if explains[m] & open_checks == first))
        open_checks -= first
    return tuple(causes), open_checks


def _detect(
    question: Question,
    function: Callable[..., Any] | Remote,
    calls: Sequence[Sequence[Arguments]],
    answer: list[list[Outcome]],
    expected: list[list[Outcome]],
    unexplained: frozenset[int],
) -> tuple[tuple[tuple[Misconception, ...], ...], frozenset[int]]:
    """The general faults that explain what no misconception of the question does; and what is left."""
    causes: list[tuple[Misconception, ...]] = []
    left = set(unexplained)
    for number in sorted(unexplained):
        if question.checks[number].measure is not None:
            continue  # a multiple of what is measured says nothing of the answer
        found = detect(
            Evidence(
                question.checks[number],
                calls[number],
                answer[number],
                expected[number],
                call=lambda arguments: _outcome(function, arguments),
                reference=lambda arguments: Outcome.of(question.reference, arguments),
            )
        )
        if found:
            left.discard(number)
            if found not in causes:
                causes.append(found)
    return tuple(causes), frozenset(left)


def _explains(
    check: Check,
    misconception: Misconception,
    group: Sequence[Arguments],
    answer: list[Outcome],
    expected: list[Outcome],
) -> bool:
    """Whether a wrong function fails a check, and does so just as the answer does."""
    fails = False
    for arguments, got, wanted in zip(group, answer, expected, strict=True):
        # Most misconceptions part from the answer in the first call, and are not asked for the others.
        other = measured(check, arguments, Outcome.of(misconception.function, arguments))
        if not _same_failure(check, got, other, wanted):
            return False
        fails = fails or not passes(check, other, wanted)
    return fails


def _same_failure(check: Check, got: Outcome, other: Outcome, wanted: Outcome) -> bool:
    if wanted.error is not None:
        # An error was due. Whoever does not raise it makes the same mistake, whatever comes instead.
        return (got.error is None) == (other.error is None)
    if check.watch == "inputs" and got.changed:
        return other.changed
    alike = same_values(got, other, rtol=max(check.rtol, 1e-7), atol=check.atol)
    if check.watch == "warnings" and got.warned and other.warned:
        # Of two faults in one answer, the one that only warns explains the warning.
        only_warns = same_values(other, wanted, rtol=check.rtol, atol=check.atol)
        return alike or (only_warns and got.values is not None and all(map(_finite, got.values)))
    return alike


def _finite(values: Any) -> bool:
    return bool(np.all(np.isfinite(values)))


def _trace(question: Question, function: Callable[..., Any] | Remote) -> CurveDrawn | None:
    """The answer and the reference along the question's curve, if they differ to the eye."""
    curve = question.curve
    if curve is None:
        return None

    def height(target: Callable[..., Any] | Remote, point: float) -> float:
        outcome = _outcome(target, curve.call(point))
        if outcome.values is None:
            return np.nan
        try:
            return curve.pick(outcome.values)
        except (IndexError, TypeError, ValueError):
            return np.nan  # another shape than the reference's: there is nothing to draw

    reference = np.array([height(question.reference, point) for point in curve.points])
    yours = np.array([height(function, point) for point in curve.points])
    drawn = np.isfinite(yours)
    apart = np.abs(yours - reference)[drawn]
    if not drawn.any() or np.max(apart) <= _VISIBLE * np.ptp(reference):
        return None
    return CurveDrawn(curve.axis, tuple(curve.points), tuple(yours), tuple(reference))
