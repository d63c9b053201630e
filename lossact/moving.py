"""Figures that move: numbers computed here, drawn and interpolated by the script of the site.

A moving figure holds a static picture, for print and for readers without JavaScript, and the numbers between
which the script interpolates when something is moved. The script knows no function: whatever a curve shows
was computed by `lossact` when the page was run, is stored in the page, and is compared with a fresh run by
the tests.

Needs matplotlib: `pip install "lossact[plot]"`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import lossact
from lossact import plotting
from lossact.couplings import couple, exp_poisson, sigmoid_bce, softplus_poisson
from lossact.descent import descend
from lossact.networks import gradient_flow

DIGITS = 4  # of a stored number; a screen shows three


class Moving:
    """A figure that moves where the site's script is at hand, and is a picture elsewhere.

    Attributes
    ----------
    kind : the drawing that the script knows: "curves", "bars", "line" or "path".
    data : the numbers, by the names that the script asks for.
    picture : what is shown without the script.
    alt : what moves, and what one should notice, in words.
    """

    def __init__(self, kind: str, data: Mapping[str, Any], picture: plotting.Picture, alt: str) -> None:
        self.kind, self.data, self.picture, self.alt = kind, data, picture, " ".join(alt.split())

    def html(self) -> str:
        """The figure as HTML, the same bytes for the same numbers."""
        data = json.dumps(_short(self.data), separators=(",", ":")).replace("<", "\\u003c")
        label = html.escape(self.alt, quote=True)
        static = self.picture._repr_mimebundle_()["text/html"]
        return (
            f'<div class="la-moving" data-kind="{self.kind}" data-label="{label}">'
            f'<div class="la-static">{static}</div>'
            f'<script type="application/json">{data}</script></div>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": f"[moving figure: {self.alt}]"}


def _short(value: Any) -> Any:
    """Numbers with `DIGITS` significant digits; what is not finite becomes None, where a curve is cut."""
    if isinstance(value, Mapping):
        return {str(key): _short(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return _short(value.tolist())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_short(each) for each in value]
    if isinstance(value, float | np.floating):
        if not np.isfinite(value):
            return None
        number = float(f"{value:.{DIGITS}g}")
        return int(number) if number == int(number) and abs(number) < 1e6 else number
    return value


def _two_curves(
    title: str, x: Any, curves: Sequence[tuple[str, Any]], axis: str, alt: str, **limits: Any
) -> Any:
    picture, axes = plotting.figure(alt=alt, height=2.6)
    for name, values in curves:
        axes.plot(x, np.clip(values, *limits["ylim"]), label=name)
    axes.set(title=title, xlabel=axis, **limits)
    axes.legend()
    return picture


def leaky_relu_slope() -> Moving:
    """The leaky ReLU and its derivative, with a slider for the slope on the left."""
    x = np.array([-4, -1e-9, 1e-9, 4.0])
    slopes = np.linspace(0, 2, 41)
    value = [lossact.leaky_relu(x, negative_slope=float(a)) for a in slopes]
    slope = [lossact.leaky_relu.grad(x, negative_slope=float(a)) for a in slopes]
    alt = (
        "Leaky ReLU and its derivative from -4 to 4. Moving the slope from 0 to 2 turns the left half of "
        "the line and lifts "
        "the left half of the derivative; the right half stays. At 1 the kink is gone."
    )
    start = 4
    picture = _two_curves(
        "slope 0.2", x, [("f", value[start]), ("f′", slope[start])], "z", alt, xlim=(-4, 4), ylim=(-4, 4)
    )
    data = {
        "x": x,
        "xlabel": "z",
        "ylim": [-4, 4],
        "curves": ["f(z)", "f′(z)"],
        "slider": {"label": "slope α on the left", "values": slopes, "start": start},
        "frames": [[v, s] for v, s in zip(value, slope, strict=True)],
    }
    return Moving("curves", data, picture, alt)


GALLERY = (
    "sigmoid",
    "tanh",
    "softsign",
    "hardtanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "gelu",
    "silu",
    "mish",
    "relu_squared",
    "tanhshrink",
)


def activation_gallery() -> Moving:
    """Activations one at a time, with derivative; where the slope is nearly 0 the ground is shaded."""
    x = np.linspace(-6, 6, 121)
    alt = (
        "One activation at a time with its derivative, from -6 to 6, chosen from a list. Shaded is where "
        "the slope is below "
        "0.02 in size: there a unit has nothing to learn from."
    )
    frames = []
    for name in GALLERY:
        function = getattr(lossact, name)
        frames.append([function(x), function.grad(x)])
    picture = _two_curves(
        "gelu",
        x,
        [("f", lossact.gelu(x)), ("f′", lossact.gelu.grad(x))],
        "z",
        alt,
        xlim=(-6, 6),
        ylim=(-2, 4),
    )
    data = {
        "x": x,
        "xlabel": "z",
        "ylim": [-2, 4],
        "curves": ["f(z)", "f′(z)"],
        "choice": {"label": "activation", "values": list(GALLERY), "start": GALLERY.index("gelu")},
        "frames": frames,
        "shade": {"curve": 1, "below": 0.02, "label": "slope below 0.02"},
        "marker": {"label": "z", "start": 0},
    }
    return Moving("curves", data, picture, alt)


_HEADS = ("identity", "sigmoid", "tanh", "relu", "softplus", "exponential")
_LOSSES = ("mse_loss", "l1_loss", "huber_loss", "binary_cross_entropy", "poisson_nll_loss")
_LOSS_NAMES = {
    "mse_loss": "squared error",
    "l1_loss": "absolute error",
    "huber_loss": "Huber, δ = 1",
    "binary_cross_entropy": "cross-entropy",
    "poisson_nll_loss": "Poisson",
}


def loss_of_the_logit() -> Moving:
    """The loss as a function of the logit, and its gradient there, for each pair of loss and activation."""
    x = np.linspace(-6, 6, 121)
    target = np.ones_like(x)
    alt = (
        "The loss of one sample with target 1 over the logit from -6 to 6, and its gradient with respect "
        "to the logit, for "
        "a loss and an activation chosen from two lists. With sigmoid and squared error the gradient is "
        "nearly 0 far on "
        "the wrong side; with sigmoid and cross-entropy it is nearly -1 there."
    )
    frames: list[Any] = []
    for loss in _LOSSES:
        for head in _HEADS:
            frames.append(_pair(loss, head, x, target))
    start = (_LOSSES.index("mse_loss"), _HEADS.index("sigmoid"))
    shown = frames[start[0] * len(_HEADS) + start[1]]
    picture = _two_curves(
        "squared error of a sigmoid, target 1",
        x,
        [("loss", shown[0]), ("gradient at the logit", shown[1])],
        "logit z",
        alt,
        xlim=(-6, 6),
        ylim=(-2.5, 4),
    )
    data = {
        "x": x,
        "xlabel": "logit z, for the target 1",
        "ylim": [-2.5, 4],
        "curves": ["loss", "gradient dL/dz"],
        "choices": [
            {"label": "loss", "values": [_LOSS_NAMES[each] for each in _LOSSES], "start": start[0]},
            {"label": "activation", "values": list(_HEADS), "start": start[1]},
        ],
        "frames": frames,
        "marker": {"label": "logit z", "start": -4},
        "missing": "This loss takes no value that this activation gives.",
    }
    return Moving("curves", data, picture, alt)


def _pair(loss: str, head: str, x: Any, target: Any) -> Any:
    """Loss and gradient at the logit, sample by sample; None where the loss does not take what the head "
    "gives."""
    if loss == "binary_cross_entropy":
        pair = {"sigmoid": sigmoid_bce}.get(head)
    elif loss == "poisson_nll_loss":
        pair = {"exponential": exp_poisson, "softplus": softplus_poisson}.get(head)
    else:
        pair = couple(getattr(lossact, head), getattr(lossact, loss))
    if pair is None:
        return None
    value = pair(x, target, reduction="none")
    return [value, pair.grad(x, target, reduction="sum")]


def huber_and_an_outlier() -> Moving:
    """Eleven points and a line fitted under the Huber loss: drag the last point, move delta."""
    x = np.linspace(0, 10, 11)
    noise = np.random.default_rng(0).normal(0, 0.6, size=11)
    y = 1 + 0.5 * x + noise
    heights = np.linspace(-10, 16, 27)
    deltas = np.array([0.1, 0.3, 0.6, 1, 2, 4, 8, 16, 40])
    lines = [[_huber_line(x, y, float(h), float(d)) for h in heights] for d in deltas]
    start = [3, 2]
    alt = (
        "Eleven points near a line, and the line fitted under the Huber loss. The last point can be "
        "dragged up and down and "
        "delta moved from 0.1 to 40. With a small delta the line follows the other ten; with a large one, "
        "where the loss "
        "is the squared error, it follows the dragged point."
    )
    picture, axes = plotting.figure(alt=alt, height=2.8)
    axes.plot(x[:-1], y[:-1], "o", label="points")
    axes.plot(x[-1], heights[start[1]], "s", label="the dragged point")
    a, b = lines[start[0]][start[1]]
    axes.plot(x, a + b * x, label="line for δ = 1")
    axes.set(xlabel="x", ylabel="y", xlim=(-0.5, 10.5), ylim=(-11, 17))
    axes.legend()
    data = {
        "points": np.column_stack([x[:-1], y[:-1]]),
        "handle": {"x": x[-1], "values": heights, "start": start[1], "label": "height"},
        "slider": {"label": "δ", "values": deltas, "start": start[0]},
        "lines": lines,
        "xlim": [-0.5, 10.5],
        "ylim": [-11, 17],
        "xlabel": "x",
        "says": "line: {a} + {b} x",
    }
    return Moving("line", data, picture, alt)


def _huber_line(x: Any, y: Any, height: float, delta: float) -> list[float]:
    """Intercept and slope under the Huber loss, by reweighted least squares."""
    features, target = np.column_stack([np.ones_like(x), x]), np.append(y[:-1], height)
    beta = np.linalg.lstsq(features, target, rcond=None)[0]
    for _ in range(200):
        before, residual = beta, features @ beta - target
        pull = lossact.huber_loss.grad(residual, np.zeros_like(residual), reduction="sum", delta=delta)
        safe = np.where(residual == 0, 1.0, residual)
        root = np.sqrt(np.where(residual == 0, 1.0, pull / safe))
        beta = np.linalg.lstsq(features * root[:, None], target * root, rcond=None)[0]
        if np.allclose(beta, before, rtol=1e-8, atol=1e-8):
            break
    return [float(beta[0]), float(beta[1])]


def softmax_temperature() -> Moving:
    """The softmax of four scores as bars, with a slider for the temperature."""
    scores = np.array([2.0, 1.0, 0.2, -1.0])
    temperatures = np.round(np.geomspace(0.1, 10, 41), 4)
    frames = [lossact.softmax(scores / t, 0) for t in temperatures]
    start = 20
    alt = (
        "The softmax of the scores 2, 1, 0.2 and -1 as four bars. Moving the temperature from 0.1 to 10 "
        "takes the bars from "
        "one that holds everything to four of nearly equal height."
    )
    picture, axes = plotting.figure(alt=alt, height=2.4)
    axes.bar(range(4), frames[start], tick_label=["z = 2", "z = 1", "z = 0.2", "z = -1"])
    axes.set(title="temperature 1", ylim=(0, 1), ylabel="probability")
    data = {
        "labels": ["z = 2", "z = 1", "z = 0.2", "z = −1"],
        "slider": {"label": "temperature T", "values": temperatures, "start": start, "log": True},
        "frames": frames,
        "ylim": [0, 1],
        "ylabel": "probability",
    }
    return Moving("bars", data, picture, alt)


def gradient_through_depth() -> Moving:
    """The size of the gradient at each of 20 layers, by activation and gain."""
    depth, width = 20, 64
    names = ["sigmoid", "tanh", "relu", "selu", "gelu", "identity"]
    gains = np.array([0.5, 0.75, 1, 1.25, 2**0.5, 1.6, 2, 3, 4])
    layers = np.arange(1, depth + 1)
    frames = [
        [_gradient_norms(getattr(lossact, name), float(g), depth, width) for g in gains] for name in names
    ]
    start = [2, 4]
    alt = (
        "The size of the gradient at layers 1 to 20 of a network of width 64, over that at the last one, "
        "on a logarithmic "
        "axis, by activation and gain. For ReLU the line is level at a gain of 1.41 and falls or rises to "
        "either side; for "
        "the sigmoid it falls towards the first layer at every gain shown."
    )
    picture, axes = plotting.figure(alt=alt, height=2.6)
    for g in (2, 4, 6):
        axes.semilogy(layers, frames[2][g], label=f"gain {gains[g]:.2f}")
    axes.set(title="relu", xlabel="layer", ylabel="gradient / that at layer 20", xlim=(1, depth))
    axes.legend()
    data = {
        "x": layers,
        "xlabel": "layer",
        "ylog": True,
        "ylim": [1e-12, 1e6],
        "curves": ["size of the gradient, over that at layer 20"],
        "choice": {"label": "activation", "values": names, "start": start[0]},
        "slider": {"label": "gain", "values": gains, "start": start[1]},
        "grid": [[[frame] for frame in row] for row in frames],
    }
    return Moving("curves", data, picture, alt)


def _gradient_norms(activation: Any, gain: float, depth: int, width: int) -> Any:
    """The gradient at each layer over that of the last, for one network."""
    flow = gradient_flow(activation, gain, rng=np.random.default_rng(0), depth=depth, width=width)
    return flow.gradient_norm / flow.gradient_norm[-1]


def descent_in_a_valley() -> Moving:
    """Gradient descent in a valley eight times as steep across as along, with a slider for the learning "
    "rate."""
    curvatures = np.array([1.0, 8.0])

    def value_and_grad(point: Any) -> tuple[float, Any]:
        return float(np.sum(curvatures * point**2) / 2), curvatures * point

    rates = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 2 / 9, 0.24, 0.25, 0.255, 0.26])
    start = np.array([-2.6, 0.9])
    paths = [descend(value_and_grad, start, learning_rate=float(r), steps=30) for r in rates]
    alt = (
        "The path of gradient descent in an elliptic valley with curvatures 1 and 8, thirty steps from one "
        "start. With a small "
        "learning rate it creeps along the floor; near 0.22 it is fastest; at 0.25 it jumps from wall to "
        "wall without end, "
        "and beyond that it climbs out."
    )
    picture, axes = plotting.figure(alt=alt, height=2.6)
    grid = np.linspace(0, 2 * np.pi, 100)
    for level in (0.5, 2, 4):
        axes.plot(
            np.sqrt(2 * level) * np.cos(grid),
            np.sqrt(level / 4) * np.sin(grid),
            color="#808080",
            lw=0.8,
            ls="-",
        )
    axes.plot(*paths[2].parameters.T, "o-", ms=3, label="η = 0.1")
    axes.set(xlim=(-3, 3), ylim=(-1.2, 1.2))
    axes.legend()
    data = {
        "slider": {"label": "learning rate η", "values": rates, "start": 2},
        "paths": [np.clip(run.parameters, -50, 50) for run in paths],
        "losses": [run.losses for run in paths],
        "curvatures": curvatures,
        "levels": [0.05, 0.5, 2, 4],
        "xlim": [-3, 3],
        "ylim": [-1.2, 1.2],
        "says": "loss after 30 steps: {loss}",
    }
    return Moving("path", data, picture, alt)
