"""A verdict as it is shown in a notebook."""

import html.parser
import sys

import numpy as np
import pytest

from lossact.grading import check, judge


class Outline(html.parser.HTMLParser):
    """Collects the tags and the text, and insists that they are balanced."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self._open = [], [], []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def summed(input, target):
    return np.sum((input - target) ** 2)


def test_text_and_html_say_the_same():
    bundle = check("mse_loss", summed, hints=3)._repr_mimebundle_()
    outline = Outline(bundle["text/html"])
    shown = " ".join(" ".join(outline.text).split())
    for line in bundle["text/plain"].splitlines():
        sentence = line.strip().removeprefix("Hint 1: ").removeprefix("Hint 2: ").removeprefix("Hint 3: ")
        assert " ".join(sentence.split()) in shown
    assert outline.tags.count("details") == 6


def test_the_picture_shows_both_curves_and_has_alternative_text():
    shown = check("mse_loss", summed).html()
    assert 'role="img" aria-label="Your function, a dashed line, over the reference' in shown
    assert shown.count("<svg") == 1


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("mse_loss", lambda input, target: np.mean((input - target) ** 2)),  # only the shapes are wrong
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),  # only a warning
        ("sigmoid", lambda x: None),  # nothing to draw
        ("sigmoid_grad", lambda x: np.zeros(())),  # another shape than the reference
    ],
)
def test_there_is_no_picture_where_a_curve_says_nothing(name, function):
    assert "<svg" not in check(name, function).html()


def test_a_right_answer_is_said_in_one_line_and_its_checks():
    verdict = check("mse_loss", judge("mse_loss", summed).question.reference)
    assert str(verdict).splitlines()[0] == "mse_loss: right. 5 of 5 points."
    assert "details" not in Outline(verdict.html()).tags


def test_what_a_learner_wrote_cannot_become_html():
    def hostile(input, target):
        raise ValueError("<script>alert(1)</script>")

    shown = check("mse_loss", hostile).html()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_without_matplotlib_the_verdict_comes_without_a_picture(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    shown = check("mse_loss", summed).html()
    assert "<svg" not in shown
    assert "You summed" in shown


def test_long_arrays_are_shown_by_their_shape():
    def grows(x):
        return np.zeros(1000)

    assert "array of shape (1000,)" in str(judge("sigmoid", grows))
