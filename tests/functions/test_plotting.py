"""A figure has words, follows the theme of the page, is the same each time, and minds its neighbours."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import lossact
from lossact import plotting

ALT = "A parabola and its slope over the numbers from -1 to 1."
HREF = "{http://www.w3.org/1999/xlink}href"


def drawn(alt=ALT, bend=2):
    """A picture with everything on it that a page may draw, much of it black."""
    picture, axes = plotting.figure(alt=alt)
    x = np.linspace(-1, 1, 30)
    plotting.curve_and_derivative(axes, x, x**bend, bend * x, name="x²", derivative_name="2x")
    axes.plot(x, x**3, color="black")
    axes.plot(x, -x, marker="o", color="k")
    axes.axhline(0, color=(0, 0, 0))
    axes.text(0, 0, "σ < 1 & more", color="black")
    axes.annotate("here", (0.5, 0.5), (0, 1), arrowprops={"arrowstyle": "->"})
    axes.fill_between(x, 0, x**2, alpha=0.2)
    axes.scatter(x, x**2)
    axes.set(title="A parabola", xlabel="x", ylabel="y")
    return picture


@pytest.fixture(scope="module")
def svg():
    return drawn().svg()


@pytest.mark.parametrize("alt", ["", "too short", "   spaces are no words    "])
def test_a_figure_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="a sentence that says what the figure shows") as caught:
        plotting.figure(alt=alt)
    assert repr(alt) in str(caught.value)


def test_words_are_demanded_by_name():
    with pytest.raises(TypeError, match="alt"):
        plotting.figure()


def test_the_words_are_the_label_of_the_image_whatever_is_in_them():
    alt = 'The "loss" of y < 1 & y > 0,\n  it\'s <b>steep</b> at 0'
    root = ElementTree.fromstring(drawn(alt).svg())
    assert root.get("role") == "img"
    assert root.get("aria-label") == " ".join(alt.split())
    assert root.find(".//{*}b") is None


def test_it_is_one_well_formed_element_without_style_sheet_or_date(svg):
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("}svg")
    assert not [tag for tag in ("style", "metadata", "script") if root.findall(f".//{{*}}{tag}")]
    assert root.findall(".//{*}path")
    assert "width" not in root.attrib
    assert root.get("viewBox").startswith("0 0 374.4 ")


def test_black_is_the_colour_of_the_text_of_the_page(svg):
    assert not re.search(r"#000\b|#000000|black|rgba?\(0", svg)
    assert ElementTree.fromstring(svg).get("fill") == "currentColor"
    colours = set(re.findall(r"(?:fill|stroke)(?::\s*|=\")([^;\"]+)", svg))
    assert "currentColor" in colours
    assert colours <= {"currentColor", "none", *plotting.COLOURS}


def test_the_same_figure_is_the_same_text(svg):
    picture = drawn()
    assert picture.svg() == picture.svg() == svg
    assert svg in picture._repr_mimebundle_()["text/html"]
    assert ALT in picture._repr_mimebundle_()["text/plain"]


def test_the_same_figure_is_the_same_text_in_another_process(svg):
    root = Path(__file__).parents[2]
    code = "from tests.functions.test_plotting import drawn; import sys; sys.stdout.write(drawn().svg())"
    for seed in "12":
        environment = {"PYTHONPATH": f"{Path(lossact.__file__).parents[1]}:{root}", "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, check=True
        )
        assert run.stdout.decode() == svg


def names(svg):
    return {part.get("id") for part in ElementTree.fromstring(svg).iter()} - {None}


def test_every_reference_finds_its_name_and_no_name_is_idle(svg):
    references = re.findall(r'(?:href="|url\()#([^")]+)', svg)
    assert set(references) == names(svg) != set()
    assert len(re.findall(r' id="', svg)) == len(names(svg))


def test_two_figures_share_no_name(svg):
    other = drawn(alt="Another figure with the same curves on it.", bend=2).svg()
    assert names(other)
    assert not names(other) & names(svg)


def luminance(colour):
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(first, second):
    """The contrast of the Web Content Accessibility Guidelines 2.2."""
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_the_one_of_the_guidelines():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("page", ["#ffffff", "#14181e"])
@pytest.mark.parametrize("colour", plotting.COLOURS)
def test_a_curve_stands_out_from_a_light_and_a_dark_page(colour, page):
    assert contrast(colour, page) >= 3


def test_curves_differ_in_colour_and_in_dashes():
    _, axes = plotting.figure(alt=ALT)
    lines = [axes.plot([0, 1])[0] for _ in plotting.COLOURS]
    assert [line.get_color() for line in lines] == list(plotting.COLOURS)
    assert len({str(line._unscaled_dash_pattern) for line in lines}) == len(plotting.COLOURS)


def test_a_grid_of_axes():
    _, axes = plotting.figure(alt=ALT, rows=2, columns=3, sharex=True)
    assert axes.shape == (2, 3)
    assert axes[1, 2].plot([0, 1])[0].get_color() == plotting.COLOURS[0]


def test_coordinates_have_two_decimals_and_no_minus_zero(svg):
    """What lies below differs between processors, and would make a stored figure look changed."""
    places = " ".join(re.findall(r' (?:d|x|y|width|height|points|transform)="([^"]*)"', svg))
    assert re.search(r"\d\.\d\d\b", places)
    assert not re.search(r"\.\d{3}", places)
    assert not re.search(r"(^| )-0( |$)", places)
