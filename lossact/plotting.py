"""The one style of every figure: readable in light and dark, never without alternative text.

A figure is inline SVG. Its text and axes take the colour of the page around it, so that the same stored
output serves a light and a dark theme, and its curves have colours that stand out from both. The SVG is
deterministic: the same data give the same bytes, so a stored figure can be compared with a fresh one.

Needs matplotlib: `pip install "lossact[plot]"`.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#0d7fc2", "#c8500b", "#178a64", "#b0559c", "#8a7a12")
"""Series colours. Each has a contrast of at least 3 to a white and to a near-black page."""

DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (7, 2, 1.5, 2)), (0, (3, 1, 1, 1)))
"""Line styles that go with the colours, so that no curve is told apart by its colour alone."""

# matplotlib leaves black unsaid where it fills and writes it out where it strokes; both become the colour
# of the page's text. So whatever a page draws in black follows the theme.
_INK = "#000000"
_WIDTH = 5.2  # inches; 374 SVG units, so a 10-point label is still 10 pixels high on a phone
_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "grid.alpha": 0.18,
    "grid.color": _INK,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "patch.facecolor": COLOURS[0],
    "svg.fonttype": "none",
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
}
_SHORTEST_ALT = 20


class Picture:
    """A matplotlib figure with its alternative text; notebooks show it as inline SVG."""

    def __init__(self, figure: Figure, alt: str) -> None:
        self.figure = figure
        self.alt = alt

    def svg(self) -> str:
        """The figure as one `<svg>` element that follows the colours of the page."""
        import matplotlib

        salt = hashlib.sha256(self.alt.encode()).hexdigest()[:8]
        stream = io.StringIO()
        with matplotlib.rc_context({**_STYLE, "svg.hashsalt": salt}):
            self.figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
        drawing = stream.getvalue()
        return _for_the_page(drawing[drawing.index("<svg") :].strip(), salt, self.alt)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {
            "text/html": f'<figure class="lossact-figure" style="{_FRAME}">{self.svg()}</figure>',
            "text/plain": f"[figure: {self.alt}]",
        }


def figure(
    *, alt: str, rows: int = 1, columns: int = 1, height: float = 3.1, **subplots: Any
) -> tuple[Picture, Any]:
    """An empty figure in the course's style, and its axes.

    Parameters
    ----------
    alt : what the figure shows, in words, for whoever cannot see it: what is drawn over what, and what
        one should notice.
    rows, columns : the grid of axes. One axes object is returned for one, an array of them for more.
    height : in inches; the width is always that of a column of text.
    subplots : passed on to `matplotlib.figure.Figure.subplots`.

    Returns
    -------
    picture, axes : leave `picture` as the last expression of a cell to show it.

    Raises
    ------
    ValueError
        If `alt` says too little to stand for the figure.
    """
    if len(alt.strip()) < _SHORTEST_ALT:
        raise ValueError(
            f"alt is {alt!r}; a sentence that says what the figure shows is wanted, for readers who cannot "
            "see it."
        )
    import matplotlib
    from cycler import cycler
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    class CourseAxes(Axes):
        """Axes whose title stands left and whose legend has no box, also when they are added later."""

        def set_title(self, label: str, *args: Any, **kwargs: Any) -> Any:
            return super().set_title(label, *args, **{"loc": "left", "fontsize": 10, **kwargs})

        def legend(self, *args: Any, **kwargs: Any) -> Any:
            style = {"frameon": False, "fontsize": 9, "handlelength": 2.6}
            return super().legend(*args, **{**style, **kwargs})

    with matplotlib.rc_context(_STYLE):
        drawn = Figure(figsize=(_WIDTH, height), layout="constrained")
        subplots["subplot_kw"] = {"axes_class": CourseAxes, **subplots.get("subplot_kw", {})}
        axes = drawn.subplots(rows, columns, **subplots)
    for part in np.ravel(np.asarray(axes, dtype=object)):
        part.set_prop_cycle(cycler(color=COLOURS) + cycler(linestyle=DASHES))
    return Picture(drawn, " ".join(alt.split())), axes


def curve_and_derivative(
    axes: Axes, x: Any, value: Any, derivative: Any, *, name: str, derivative_name: str
) -> None:
    """A function and its derivative on one pair of axes, with a legend."""
    axes.plot(x, value, label=name)
    axes.plot(x, derivative, label=derivative_name)
    axes.set_xlim(float(np.min(x)), float(np.max(x)))
    axes.legend()


_FRAME = (
    "margin:0.5em 0;max-width:36rem;"
    "color:var(--pst-color-text-base,var(--jp-content-font-color1,var(--vscode-editor-foreground,#1f2328)))"
)
_NUMBER = re.compile(r"-?\d+\.\d+")
_COORDINATES = re.compile(r'(?<= )(d|x|y|width|height|transform|points)="([^"]*)"')


def _for_the_page(svg: str, salt: str, alt: str) -> str:
    """matplotlib's SVG made fit to stand in a page beside others."""
    svg = svg.replace(_INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    # A style element inside inline SVG would speak to the whole page.
    svg = re.sub(r"<defs>\s*<style.*?</defs>\s*", "", svg, count=1, flags=re.DOTALL)
    svg = " ".join(svg.split()).replace("> <", "><")
    # Two decimals are a thirtieth of a pixel; what lies below differs between processors.
    svg = _COORDINATES.sub(
        lambda found: f'{found[1]}="{_NUMBER.sub(lambda number: _short(float(number[0])), found[2])}"',
        svg,
    )
    # Names that nothing refers to go; the others must not meet their namesakes in the next figure.
    used = set(re.findall(r"#([A-Za-z0-9_]+)", svg))
    svg = re.sub(
        r' id="([^"]+)"',
        lambda found: f' id="f{salt}-{found[1]}"' if found[1] in used else "",
        svg,
    )
    svg = re.sub(r'(href="|url\()#', rf"\g<1>#f{salt}-", svg)
    svg = re.sub(r"font-family: [^;\"]*", "font-family: system-ui, sans-serif", svg)
    label = html.escape(alt, quote=True)
    opening = re.sub(r' (width|height)="[^"]*"', "", svg[: svg.index(">")])
    attributes = f'role="img" aria-label="{label}" fill="currentColor" stroke-linejoin="round"'
    return f'{opening} {attributes} style="width:100%;height:auto"' + svg[svg.index(">") :]


def _short(number: float) -> str:
    text = f"{number:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
