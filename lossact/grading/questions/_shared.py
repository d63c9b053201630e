"""What several exercises share: arguments of unlike shapes, and the faults that any of them can have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lossact.grading.question import Arguments, Inputs, Misconception


def residual(pred: Any, target: Any) -> Any:
    """Prediction minus target, as float64; unlike shapes are refused."""
    pred, target = np.asarray(pred), np.asarray(target)
    if pred.shape != target.shape:
        raise ValueError(f"pred has shape {pred.shape}, target has shape {target.shape}")
    return pred.astype(float) - target


def mixed_shapes(*options: Any) -> Inputs:
    """Pairs of arrays in (0, 1) that NumPy would broadcast, followed by `options`."""

    def inputs(rng: np.random.Generator) -> list[Arguments]:
        shapes = [((4, 1), (4,)), ((3,), (3, 1)), ((3, 1), (1, 3)), ((5,), (1,))]
        return [(rng.uniform(size=first), rng.uniform(size=second), *options) for first, second in shapes]

    return inputs


def broadcasts(function: Callable[..., Any]) -> Misconception:
    """The fault of not comparing shapes; `function` must be right but for it."""
    return Misconception(
        id="M05",
        name="You do not refuse shapes that differ, and NumPy broadcasts (n, 1) against (n,).",
        function=function,
        sees="Shapes (n, 1) and (n,) go through without an error.",
        why="NumPy stretches (n, 1) against (n,) to (n, n): every prediction meets every target, and the "
        "number that comes out looks plausible.",
        probe="import numpy as np\n(np.zeros((4, 1)) - np.zeros(4)).shape",
    )


def changes_input(function: Callable[..., Any], probe: str) -> Misconception:
    """The fault of writing into an argument; `function` must be right but for it."""
    return Misconception(
        id="M08",
        name="You changed the caller's array.",
        function=function,
        sees="After the call the array that was passed in holds other numbers.",
        why="The caller still holds that array. The second call with the same arguments gives another "
        "answer.",
        probe=probe,
    )
