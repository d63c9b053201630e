"""What a judged answer is worth and what it shows, as text, as HTML, and as data."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from lossact.grading import sentences
from lossact.grading.outcome import Outcome, array_text, error_text, values_text
from lossact.grading.question import Arguments, Misconception, Question

Status = Literal["right", "other convention", "untouched", "wrong"]


@dataclass(frozen=True)
class Failure:
    """One call whose outcome was not the expected one."""

    arguments: Arguments
    got: Outcome
    wanted: Outcome
    watch: str

    def lines(self, function: str) -> tuple[str, str, str]:
        """What was given, what came, what was expected."""
        call = f"{function}({', '.join(array_text(argument) for argument in self.arguments)})"
        return sentences.GIVEN.format(call=call), self._came(), self._due()

    def _came(self) -> str:
        got = self.got
        if got.error is not None:
            text = error_text(got.error)
            if got.error["type"]:
                return sentences.RAISED.format(error=text)
            kind = sentences.STOPPED if text.startswith(("did not end", "ended")) else sentences.NO_ANSWER
            return kind.format(error=text)
        if got.unusable is not None:
            return sentences.UNUSABLE.format(what=got.unusable)
        value = values_text(self._telling(got, self.wanted), self._digits())
        if got.measured is not None:
            return sentences.MEASURED.format(value=value)
        if self.watch == "inputs" and got.changed:
            return sentences.CHANGED.format(value=value)
        if self.watch == "warnings" and got.warned:
            return sentences.WARNED.format(value=value, warning=got.warned[0])
        return sentences.RETURNED.format(value=value)

    @staticmethod
    def _telling(outcome: Outcome, other: Outcome) -> Outcome:
        """The outcome; of what is measured only that in which it differs from the other."""
        if outcome.measured is None or other.measured is None:
            return outcome
        differs = {
            name: value for name, value in outcome.measured.items() if other.measured.get(name) != value
        }
        return replace(outcome, measured=differs or outcome.measured)

    def _digits(self) -> int:
        """Enough digits to see that two numbers differ."""
        return 7 if values_text(self.got) != values_text(self.wanted) else 17

    def _due(self) -> str:
        if self.wanted.error is not None:
            return sentences.EXPECTED_ERROR.format(type=self.wanted.error["type"])
        value = values_text(self._telling(self.wanted, self.got), self._digits())
        if self.watch == "inputs" and self.got.changed:
            return sentences.EXPECTED_UNCHANGED.format(value=value)
        if self.watch == "warnings" and self.got.warned:
            return sentences.EXPECTED_QUIET.format(value=value)
        return sentences.EXPECTED.format(value=value)


@dataclass(frozen=True)
class CheckResult:
    """One check: its title, the points it earned and could earn, and what failed."""

    title: str
    points: Decimal
    total: Decimal
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether every call of the check came out as expected."""
        return not self.failures

    @property
    def undecided(self) -> bool:
        """Whether what the check watches could not be seen, because the values are wrong already."""
        return bool(self.failures) and all(
            (failure.watch == "inputs" and not failure.got.changed)
            or (failure.watch == "warnings" and not failure.got.warned)
            for failure in self.failures
        )


@dataclass(frozen=True)
class CurveDrawn:
    """An answer and the reference along one axis."""

    axis: str
    points: tuple[float, ...]
    yours: tuple[float, ...]
    reference: tuple[float, ...]

    def svg(self) -> str:
        """A small picture of both; empty where matplotlib is not installed."""
        try:
            from lossact import plotting

            picture, axes = plotting.figure(alt=sentences.PICTURE_ALT.format(axis=self.axis), height=2.1)
        except ImportError:
            return ""
        axes.plot(self.points, self.reference, label=sentences.PICTURE_REFERENCE)
        axes.plot(self.points, self.yours, label=sentences.PICTURE_YOURS)
        axes.set_xlabel(self.axis)
        axes.legend()
        return picture.svg()


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth, and which misunderstanding it shows.

    Attributes
    ----------
    question : the question that was answered.
    results : one entry a check, in the order of the question.
    causes : one entry a fault, the one that explains most first; each entry holds the misconceptions that
        give the same numbers as the answer, more than one if these inputs cannot tell them apart. For an
        answer that is accepted under another convention, that convention.
    unexplained : the failed checks, by number, that fail as no known misconception does.
    untouched : whether the function is still the one that was handed out.
    curve : the answer over the reference, where that helps.
    hints_shown : how many steps of the hints the text shows.
    """

    question: Question
    results: tuple[CheckResult, ...]
    causes: tuple[tuple[Misconception, ...], ...] = ()
    unexplained: frozenset[int] = frozenset()
    untouched: bool = False
    curve: CurveDrawn | None = None
    hints_shown: int = 1

    @property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """All misconceptions named, the likeliest first."""
        return tuple(misconception for cause in self.causes for misconception in cause)

    @property
    def points(self) -> Decimal:
        """The points earned."""
        return sum((result.points for result in self.results), Decimal(0))

    @property
    def total(self) -> Decimal:
        """The points that could be earned."""
        return self.question.points

    @property
    def status(self) -> Status:
        """Right, right under another convention, not begun, or wrong."""
        if self.untouched:
            return "untouched"
        if self.causes and not self.unexplained and all(m.convention for m in self.misconceptions):
            return "other convention"
        return "right" if self.points == self.total else "wrong"

    @property
    def hints(self) -> tuple[tuple[str, ...], ...]:
        """The ladders of hints, one for each cause; empty where nothing is left to mend."""
        return tuple(ladder for _, ladder in self._named_ladders() if ladder)

    @property
    def first_ladder(self) -> tuple[str, tuple[str, ...]]:
        """What is said of the likeliest cause, and the steps of its hint; nothing where nothing is left to
        mend, and for an answer that is not begun the question's own steps."""
        if self.untouched:
            return "", self.question.hints
        return next((each for each in self._named_ladders() if each[1]), ("", ()))

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        template = {
            "right": sentences.RIGHT,
            "untouched": sentences.UNTOUCHED,
            "wrong": sentences.WRONG,
            "other convention": sentences.RIGHT_BY_CONVENTION
            if self.points == self.total
            else sentences.OTHER_CONVENTION,
        }[self.status]
        return template.format(function=self.question.name, points=self.points, total=self.total)

    def __str__(self) -> str:
        if self.untouched:
            return self.headline
        lines: list[str] = []
        failure = self._first_failure()
        if failure is not None:
            lines += failure.lines(self.question.name)
        for name, ladder in self._named_ladders():
            lines.append(name)
            lines += [
                sentences.HINT.format(number=number, hint=hint.replace("\n", "\n    "))
                for number, hint in enumerate(ladder[: self.hints_shown], start=1)
            ]
        if any(len(ladder) > self.hints_shown for ladder in self.hints):
            name, number = self.question.name, self.hints_shown + 1
            lines.append(sentences.NEXT_HINT.format(function=name, number=number))
        lines += self._points_by_check()
        return "\n  ".join([self.headline, *lines])

    def html(self) -> str:
        """The verdict for a notebook: the same sentences, with the hints to unfold, and the picture."""
        parts = [f"<p><strong>{_escape(self.headline)}</strong></p>"]
        failure = self._first_failure()
        if failure is not None:
            parts.append(_list(failure.lines(self.question.name), "code"))
            if self.curve is not None:
                parts.append(f'<div style="max-width:26rem">{self.curve.svg()}</div>')
        for name, ladder in self._named_ladders():
            parts.append(f"<p><strong>{_escape(name)}</strong></p>")
            parts += [_unfolding(number, hint) for number, hint in enumerate(ladder, start=1)]
        if not self.untouched:
            parts.append(_list(self._points_by_check(), "span"))
        colour = "#178a64" if self.points == self.total else "#c8500b"
        return (
            f'<div class="lossact-verdict" role="status" style="border-inline-start:4px solid {colour};'
            "padding:0.2em 0 0.2em 0.9em;margin:0.4em 0;"
            'color:var(--pst-color-text-base,var(--jp-content-font-color1,inherit))">'
            f"{''.join(parts)}</div>"
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": str(self)}

    def _first_failure(self) -> Failure | None:
        if self.untouched:
            return None
        return next((result.failures[0] for result in self.results if result.failures), None)

    def _named_ladders(self) -> list[tuple[str, tuple[str, ...]]]:
        """What is said of each cause, with the hints that belong to it."""
        if self.untouched:
            return []
        full = self.points == self.total
        named: list[tuple[str, tuple[str, ...]]] = []
        for cause in self.causes:
            for misconception in cause:
                name = _name(misconception)
                if len(cause) > 1:
                    name += " " + sentences.SEVERAL
                named.append((name, () if full else misconception.hints))
        if self.unexplained:
            # What is shown first belongs to the failure that is shown first.
            failed = [number for number, result in enumerate(self.results) if not result.passed]
            if failed[0] in self.unexplained:
                return [(sentences.WITHOUT_NAME, self.question.hints), *named]
            named.append((sentences.ALSO_WITHOUT_NAME, self.question.hints))
        return named

    def _points_by_check(self) -> list[str]:
        lines = []
        for result in self.results:
            template = sentences.CHECK_PASSED if result.passed else sentences.CHECK_FAILED
            if result.undecided and result is not self.results[0]:
                template = sentences.CHECK_UNDECIDED
            lines.append(template.format(title=result.title, points=result.points, total=result.total))
        return lines


def _name(misconception: Misconception) -> str:
    template = sentences.NAMED_CONVENTION if misconception.convention else sentences.NAMED
    return template.format(name=misconception.name)


def _unfolding(number: int, hint: str) -> str:
    summary = _escape(sentences.HINT_SUMMARY.format(number=number))
    text, _, code = hint.partition("\n")
    shown = f"<pre><code>{_escape(code)}</code></pre>" if code else ""
    return f"<details><summary>{summary}</summary><p>{_escape(text)}</p>{shown}</details>"


def _list(items: Sequence[str], element: str) -> str:
    rows = "".join(f"<li><{element}>{_escape(item)}</{element}></li>" for item in items)
    return f"<ul>{rows}</ul>"


def _escape(text: str) -> str:
    return html.escape(text, quote=True)
