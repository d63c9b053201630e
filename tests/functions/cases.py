"""What several of the tests ask: which functions there are, and valid arguments for each of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import lossact
from lossact import log_softmax, sigmoid
from lossact._declare import Activation, Loss

DTYPES = (np.float32, np.float64)
FUNCTIONS = {name: getattr(lossact, name) for name in lossact.__all__}
ACTIVATIONS = [name for name, function in FUNCTIONS.items() if isinstance(function, Activation)]
ELEMENTWISE = [name for name in ACTIVATIONS if FUNCTIONS[name].elementwise]
LOSSES = [name for name, function in FUNCTIONS.items() if isinstance(function, Loss)]
CLASS_LOSSES = ["cross_entropy", "nll_loss"]
PAIRED_LOSSES = [name for name in LOSSES if name not in CLASS_LOSSES]


def class_axis(shape: tuple[int, ...]) -> int:
    return 0 if len(shape) == 1 else 1


def without_classes(shape: tuple[int, ...]) -> tuple[int, ...]:
    axis = class_axis(shape)
    return shape[:axis] + shape[axis + 1 :]


def arguments(
    name: str, shape: tuple[int, ...] = (4, 3), dtype: Any = np.float64, seed: int = 0
) -> tuple[list[np.ndarray], dict[str, Any]]:
    """Valid generic arguments of the function `name` for an input of `shape`: positional ones and others."""
    rng = np.random.default_rng([seed, len(name), *shape])
    x = np.asarray(2 * rng.normal(size=shape), dtype)
    if name in ("softmax", "log_softmax"):
        return [x], {"dim": class_axis(shape)}
    if name in ACTIVATIONS:
        return [x], {}
    if name in CLASS_LOSSES:
        labels = rng.integers(0, shape[class_axis(shape)], without_classes(shape))
        return [log_softmax(x, class_axis(shape)) if name == "nll_loss" else x, labels], {}
    if name == "binary_cross_entropy":
        return [np.asarray(sigmoid(x)), np.asarray(rng.uniform(size=shape), dtype)], {}
    if name == "binary_cross_entropy_with_logits":
        return [x, np.asarray(rng.uniform(size=shape), dtype)], {}
    return [x, np.asarray(rng.normal(size=shape), dtype)], {}
