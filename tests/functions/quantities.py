"""What is judged: a quantity is the value or one gradient of one function in one precision.

A module that proves functions exposes `quantities(dtype)`, a generator of `Quantity`, and with it joins
`make bench-accuracy`, where other libraries answer the same calls. `part` is "value" or the name of an
argument to differentiate by. A call holds the arguments by name; those of lossact's own names are what
the libraries are given too. There is one `Truth` for each number of the answer, in its flat order. Yield
a quantity as often as it has options or rows; `tests_of` is where the modules are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from tests.functions.cases import APART
from tests.functions.truth import Truth


@dataclass(frozen=True)
class Call:
    """The arguments of one call by name, a loss's `reduction="none"` among them.

    `each` says that number i of the answer depends on number i of every array alone, so that many inputs
    are tried at once. `upstream` is the `grad_output` of a vector-Jacobian product.
    """

    arguments: Mapping[str, Any]
    upstream: np.ndarray | None = None
    each: bool = False

    def arrays(self) -> dict[str, np.ndarray]:
        found = {key: value for key, value in self.arguments.items() if isinstance(value, np.ndarray)}
        return found if self.upstream is None else {**found, "grad_output": self.upstream}

    def where(self, at: int) -> dict[str, Any]:
        """The arguments on which number `at` of the answer depends."""
        if not self.each:
            return {**self.arguments, **self.arrays()}
        return {key: value[at] if key in self.arrays() else value for key, value in self.arguments.items()}

    def one_by_one(self) -> Iterator[Call]:
        """A call for each of the inputs that are tried at once here."""
        arrays = self.arrays() if self.each else {}
        for at in range(len(next(iter(arrays.values()), ()))):
            yield Call(
                {**self.arguments, **{key: array[at : at + 1] for key, array in arrays.items()}}, each=True
            )

    def kinds(self, size: int) -> list[str]:
        """For each of the `size` numbers of the answer, "finite", "infinite" or "nan": what it is made of."""
        arrays = [array for array in self.arrays().values() if array.dtype.kind == "f"]
        if not self.each:
            arrays = [np.full(size, x) for array in arrays for x in np.ravel(array)]
        nan = np.logical_or.reduce([np.isnan(array) for array in arrays])
        infinite = np.logical_or.reduce([np.isinf(array) for array in arrays])
        return np.where(nan, "nan", np.where(infinite, "infinite", "finite")).tolist()


class Quantity(NamedTuple):
    name: str
    part: str
    call: Call
    truths: list[Truth]


def ask(function: Any, part: str, call: Call) -> np.ndarray:
    """The answer of a function of lossact, flat."""
    if part == "value":
        answer = function(**call.arguments)
    elif call.upstream is not None:
        answer = function.vjp(**call.arguments, grad_output=call.upstream, wrt=part)
    elif hasattr(function, "vjp"):
        answer = function.grad(**call.arguments)
    else:
        answer = function.grad(**call.arguments, wrt=part)
    return np.ravel(answer)


def tests_of() -> list[str]:
    """The modules of tests that prove the functions: the shared tables, and those apart."""
    return ["test_against_truth", *dict.fromkeys(APART.values())]


def everything(dtype: Any) -> Iterator[Quantity]:
    """All quantities of all modules, in the order of the modules."""
    for name in tests_of():
        module = import_module(f"tests.functions.{name}")
        if hasattr(module, "quantities"):
            yield from module.quantities(dtype)
