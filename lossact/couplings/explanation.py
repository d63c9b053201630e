"""What a coupling is and whether it fits, in words, with numbers that are computed for it.

The words are in `lossact.couplings.sentences`; here is which of them apply, and what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lossact._arrays import FloatArray
from lossact.activations import exponential, identity, log_softmax, softmax, softplus
from lossact.couplings import sentences
from lossact.couplings.noise import BERNOULLI, CATEGORICAL, POISSON
from lossact.losses import binary_cross_entropy, mse_loss, nll_loss

if TYPE_CHECKING:
    from lossact.couplings.coupling import Coupling

Numbers = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One logit and target, and what the coupling makes of them.

    Attributes
    ----------
    name : which of the cases of `lossact.couplings.sentences` it is.
    logit, target : what goes in; with classes a vector of logits, and a label or a one-hot vector.
    prediction : what the network says.
    loss, gradient : what comes out; None where the loss refuses the prediction.
    refusal : the error of the loss where it refuses the prediction, and None otherwise.
    """

    name: str
    logit: FloatArray
    target: Any
    prediction: FloatArray
    loss: FloatArray | None = None
    gradient: FloatArray | None = None
    refusal: str | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether it is one of the wrong ones, and the prediction of this pair is wrong there indeed."""
        if self.name in ("unsure", "near", "right"):
            return False
        return np.ndim(self.logit) > 0 or abs(self.prediction - self.target) > 0.25

    @property
    def pull(self) -> float:
        """The gradient by the logit; of several, by that of the class that is right. nan if there is none."""
        # Plus 0, so that it is never -0.
        if self.gradient is None:
            return np.nan
        if np.ndim(self.logit) == 0:
            return float(self.gradient) + 0.0
        return (
            float(self.gradient[self.target if np.ndim(self.target) == 0 else np.argmax(self.target)]) + 0.0
        )


@dataclass(frozen=True)
class Explanation:
    """What a coupling is, whether it fits, and why.

    Attributes
    ----------
    pair : the names of the parts.
    noise : the name of the noise model whose likelihood the loss is, or None.
    model : a sentence about it.
    formula : the gradient with respect to the logit.
    canonical : whether the activation is the inverse of the canonical link.
    reason : a sentence that says why, or why not.
    fault : what is wrong, one of the keys of `sentences.FAULTS`, or None. "harmless" and "in two steps"
        say that nothing is.
    consequence : a sentence about that, with numbers; or None.
    numbers : the numbers in these sentences, by name.
    cases : a few logits and targets, with prediction, loss and gradient.
    """

    pair: str
    noise: str | None
    model: str
    formula: str
    canonical: bool
    reason: str
    fault: str | None
    consequence: str | None
    numbers: Numbers = field(repr=False)
    cases: tuple[Case, ...] = field(repr=False)

    def __str__(self) -> str:
        lines = [self.pair, self.model, self.formula, self.reason]
        if self.consequence is not None:
            lines.append(self.consequence)
        return "\n".join([*lines, "", *_table(self.cases)])


def explain(coupling: Coupling) -> Explanation:
    """The explanation of `coupling`."""
    cases = tuple(_case(coupling, *given) for given in _given(coupling))
    fault = _fault(coupling, cases)
    names, noise = _names(coupling), coupling.noise
    weights, measured = _weights(coupling), _measured(coupling, fault, cases)
    return Explanation(
        pair=coupling.name,
        noise=None if noise is None else noise.name,
        model=sentences.NO_NOISE if noise is None else sentences.NOISE[noise.name],
        formula=_formula(coupling).format(**names),
        canonical=coupling.canonical,
        reason=_reason(coupling).format(**names, **weights),
        fault=fault,
        consequence=None if fault is None else _consequence(fault, names, measured),
        numbers={**weights, **measured},
        cases=cases,
    )


def _consequence(fault: str, names: Numbers, measured: Numbers) -> str:
    parts = [sentences.FAULTS[fault]]
    if fault == "outside":
        parts.insert(0, sentences.REFUSED_HERE if np.isnan(measured["value"]) else sentences.TAKEN_HERE)
    if "floor" in measured:
        parts.append(sentences.FLOORS[measured["floor"]])
    if "matched" in measured and np.ndim(measured["logit"]):
        parts.append(sentences.OF_CLASS)
    shown = {key: _text(measured[key]) for key in ("logit", "target", "prediction") if key in measured}
    return " ".join(parts).format(**{**names, **measured, **shown})


def _fits(coupling: Coupling) -> bool:
    """Whether the parts are the ones of a coupling without a fault, computed in one step or in two."""
    fitting = coupling.fitting
    return coupling.activation is fitting.activation and coupling.loss is fitting.loss


def _fault(coupling: Coupling, cases: tuple[Case, ...]) -> str | None:
    """What is wrong with the pair: a key of `sentences.FAULTS`."""
    activation, loss, then = coupling.activation, coupling.loss, coupling.then
    low, high = activation.facts.range
    least, greatest = _domain(coupling)
    if then is not None:
        if activation is log_softmax and then.activation is softmax:
            return "harmless"
        if activation is then.activation:
            return "twice"
        return "slope stays" if (low, high) == (-np.inf, np.inf) else "narrowed"
    if _fits(coupling):
        return None
    if loss is nll_loss:
        return "in two steps" if activation is log_softmax else "not logarithms"
    if activation is softmax and loss is binary_cross_entropy:
        return "competing"
    if low < least or high > greatest:
        return "outside"
    if activation.facts.saturates != "no":
        return "undefined" if any(np.isnan(case.pull) for case in _taken(cases)) else "vanishing"
    return None if activation is identity else "slope stays"


def _domain(coupling: Coupling) -> tuple[float, float]:
    """The predictions that the loss takes."""
    return coupling.last.facts.domain if coupling.noise is None else coupling.noise.domain


def _given(coupling: Coupling) -> list[tuple[str, Any, Any]]:
    """Names, logits and targets of the cases that show what the pair does."""
    activation, noise = coupling.activation, coupling.noise
    low, high = activation.facts.range
    if noise is CATEGORICAL or not activation.elementwise:
        target: Any = 1 if noise is CATEGORICAL else np.array([0.0, 1.0, 0.0])
        # To a softmax the same as one 10 and two 0; other activations are shown negative scores too.
        rows = {"wrong": [5.0, -5.0, -5.0], "unsure": [0.0, 0.0, 0.0], "right": [-5.0, 5.0, -5.0]}
        return [(name, np.array(row), target) for name, row in rows.items()]
    if noise is BERNOULLI or (noise is not POISSON and low >= 0 and high <= 1):
        numbers = [("wrong", -10, 1), ("wrong for 0", 10, 0), ("unsure", 0, 1), ("right", 10, 1)]
    elif noise is POISSON or activation in (exponential, softplus):
        numbers = [("too low", -10, 3), ("near", 1, 3), ("too high", 5, 3)]
    else:
        numbers = [("too low", -10, 1), ("near", 0, 1), ("too high", 10, 1)]
    return [(name, np.array(float(z)), np.array(float(y))) for name, z, y in numbers]


def _case(coupling: Coupling, name: str, logit: FloatArray, target: Any) -> Case:
    prediction = coupling.predict(logit)
    try:
        loss, gradient = coupling.value_and_grad(logit, target, reduction="sum")
    except ValueError as error:
        return Case(name, logit, target, prediction, refusal=str(error))
    return Case(name, logit, target, prediction, loss, gradient)


def _slope(coupling: Coupling, logit: FloatArray) -> float:
    """The absolutely largest derivative of an entry of the activation by an entry of the logit."""
    if coupling.activation.elementwise:
        return float(np.max(np.abs(coupling.activation.grad(logit))))
    rows = [coupling.activation.vjp(logit, row, 0) for row in np.eye(len(logit))]
    return float(np.max(np.abs(rows)))


def _measured(coupling: Coupling, fault: str | None, cases: tuple[Case, ...]) -> dict[str, Any]:
    """The numbers that the sentence about the fault is filled with."""
    if fault is None or fault == "competing":
        return {}
    if fault in ("harmless", "in two steps"):
        return _differences(coupling)
    if fault == "slope stays":
        slopes = coupling.activation.grad(np.linspace(-10, 10, 2001))
        return {"least_slope": np.min(slopes), "greatest_slope": np.max(slopes)}
    case = _telling(cases, fault)
    matched = _case(coupling.fitting, case.name, case.logit, case.target)
    numbers = {
        "logit": case.logit,
        "target": case.target,
        "prediction": case.prediction,
        "value": np.nan if case.loss is None else float(case.loss),
        "gradient": case.pull,
        "slope": _slope(coupling, case.logit),
        "matched": matched.pull,
        "matched_value": matched.loss,
    }
    numbers["range_low"], numbers["range_high"] = coupling.activation.facts.range
    numbers["domain_low"], numbers["domain_high"] = _domain(coupling)
    if fault in ("twice", "narrowed"):
        numbers |= _narrow(coupling)
    return numbers


def _taken(cases: tuple[Case, ...]) -> list[Case]:
    """The cases that the loss does not refuse."""
    return [case for case in cases if case.refusal is None]


def _telling(cases: tuple[Case, ...], fault: str) -> Case:
    """The case that shows the fault best."""
    if fault == "outside":
        return next((case for case in cases if case.refusal), cases[0])
    if fault == "not logarithms":
        return cases[-1]
    wrong = [case for case in _taken(cases) if case.is_wrong]
    return min(wrong, key=lambda case: abs(np.nan_to_num(case.pull)))


def _differences(coupling: Coupling) -> dict[str, float]:
    """How far the loss and the gradient are from those of the fitting pair, over many logits."""
    logits = np.random.default_rng(0).normal(scale=5, size=(100, 4))
    labels = np.arange(100) % 4
    ours, theirs = (
        pair.value_and_grad(logits, labels, reduction="sum") for pair in (coupling, coupling.fitting)
    )
    each = [pair(logits, labels, reduction="none") for pair in (coupling, coupling.fitting)]
    return {
        "difference": float(np.max(np.abs(each[0] - each[1]))),
        "gradient_difference": float(np.max(np.abs(ours[1] - theirs[1]))),
    }


def _narrow(coupling: Coupling) -> dict[str, Any]:
    """What a second activation can say after the first, and how small its loss can become."""
    then, activation = coupling.then, coupling.activation
    assert then is not None
    low, high = activation.facts.range
    numbers: dict[str, Any] = {"inner_low": low, "inner_high": high}
    if not then.activation.elementwise:
        # One entry at an end and the others at the other; softmax can give (1, 0, 0), but not (1, 1, 0).
        low, high = max(low, -1e3), min(high, 1e3)
        most = [high, low, low]
        least = most[1:] + most[:1] if activation is softmax else [low, high, high]
        first = 1 if activation is softmax else 0
        numbers |= {"low": then.predict(least)[first], "high": then.predict(most)[0]}
        if activation is softmax:
            numbers |= {
                f"floor_{classes}": then(np.eye(classes)[0], 0, reduction="sum") for classes in (2, 10, 1000)
            }
            numbers["floor"] = "softmax"
        return numbers
    ends = np.array([low, high])
    numbers["low"], numbers["high"] = np.sort(then.predict(ends))
    # Seen from what it is given, each of these losses falls towards one end for one target.
    numbers["floor_0"] = np.min(then(ends, np.zeros(2), reduction="none"))
    numbers["floor_1"] = np.min(then(ends, np.ones(2), reduction="none"))
    numbers["floor"] = "two labels" if then.noise is BERNOULLI else "counts"
    return numbers


def _weights(coupling: Coupling) -> dict[str, float]:
    """The weight f'(z) / V(f(z)) of the residual on both sides, where it is not 1."""
    if coupling.canonical or coupling.noise is None or not _fits(coupling):
        return {}
    z = np.array([-3.0, 3.0])
    mean, slope = coupling.activation.value_and_grad(z)
    weight = slope / coupling.noise.variance(mean)
    return {"low": z[0], "high": z[1], "low_weight": weight[0], "high_weight": weight[1]}


def _reason(coupling: Coupling) -> str:
    if coupling.canonical:
        return sentences.CANONICAL
    if coupling.noise is None:
        return sentences.NEVER_CANONICAL
    return sentences.NOT_CANONICAL if _fits(coupling) else sentences.NOT_CANONICAL_AND_WRONG


def _formula(coupling: Coupling) -> str:
    if coupling.canonical:
        return sentences.RESIDUAL
    weighted = coupling.noise not in (None, CATEGORICAL) and coupling.then is None
    return (
        sentences.WEIGHTED_RESIDUAL if weighted and coupling.activation.elementwise else sentences.CHAIN_RULE
    )


def _names(coupling: Coupling) -> dict[str, Any]:
    noise = coupling.noise
    canonical = None if noise is None else noise.canonical.__name__
    return {
        "activation": coupling.activation.__name__,
        # What a log-softmax before a softmax comes to is the softmax.
        "head": canonical if coupling.canonical else coupling.activation.__name__,
        "loss": coupling.loss_name,
        "noise": None if noise is None else noise.name,
        "canonical": canonical,
        "remedy": coupling.fitting.short_name,
        "factor": "2 " if coupling.last is mse_loss else "",
    }


def _text(value: Any) -> str:
    """A number or a vector in five digits."""
    if np.ndim(value) == 0:
        return f"{float(value):.5g}"
    return "[" + ", ".join(f"{float(entry):.5g}" for entry in value) + "]"


def _table(cases: tuple[Case, ...]) -> list[str]:
    rows = [list(sentences.COLUMNS)]
    for case in cases:
        row = [sentences.CASES[case.name], _text(case.logit), _text(case.target), _text(case.prediction)]
        row += [sentences.REFUSED, ""] if case.refusal else [_text(case.loss), _text(case.gradient)]
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(f"{entry:<{width}}" for entry, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
