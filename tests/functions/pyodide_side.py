"""What both Pythons run: `test_pyodide` imports it here, `pyodide_runner.mjs` runs it in Pyodide."""

import pickle
import platform
import sys
from pathlib import Path


def answer(path, positional, options):
    """The value of the function at `path` below lossact, and its gradients by every array that is given."""
    import numpy as np

    import lossact

    function = lossact
    for name in path.split("."):
        function = getattr(function, name)
    if getattr(function, "elementwise", False):
        found = list(function.value_and_grad(*positional, **options))
        if "weight" in function.differentiable:
            found.append(function.vjp(*positional, np.ones_like(positional[0]), wrt="weight", **options))
        return found
    if path.startswith("couplings."):
        return list(function.value_and_grad(*positional, **options))
    if not hasattr(function, "vjp"):
        # Labels have no gradient; of what else need not be given, only what is.
        labels = any(part.dtype.kind == "i" for part in positional[1:])
        absent = {"weight", "linear_bias"} - options.keys() | ({"target"} if labels else set())
        wrt = tuple(each for each in function.differentiable if each not in absent)
        value, gradients = function.value_and_grad(*positional, wrt=wrt, **options)
        return [value, *gradients]
    value = function(*positional, **options)
    upstream = np.linspace(-1, 2, np.size(value), dtype=value.dtype).reshape(np.shape(value))
    gradients = function.vjp(*positional, upstream, wrt=function.differentiable, **options)
    return [value, *gradients]


def datasets():
    """The sums of the columns of each data set."""
    import lossact

    return {
        name: [*getattr(lossact.datasets, name)().x.sum(axis=0)] for name in ("diabetes", "breast_cancer")
    }


def answers(calls):
    """The answer to each call, or the exception that it raised in words."""
    found = []
    for call in calls:
        try:
            found.append(answer(*call))
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}")
    return found


def imported():
    """The top-level modules that `import lossact` loads and that are no part of Python."""
    import lossact  # noqa: F401

    return {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)


def main(folder):
    folder = Path(folder)
    sys.path.insert(0, str(folder))
    before = {name.partition(".")[0] for name in sys.modules}
    loaded = sorted(imported() - before)
    found = {
        "loaded": loaded,
        "platform": f"{sys.platform}, Python {platform.python_version()}",
        "datasets": datasets(),
        "answers": answers(pickle.loads((folder / "calls.pickle").read_bytes())),
    }
    (folder / "answers.pickle").write_bytes(pickle.dumps(found))
