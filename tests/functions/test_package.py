"""The package as a whole: what importing it costs, what it offers, and that its functions can travel."""

import copy
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import lossact
from tests.functions.cases import ACTIVATIONS, APART, FUNCTIONS, LOSSES

ROOT = Path(lossact.__file__).parents[1]
HEAVY = {"scipy", "matplotlib", "torch", "nbformat", "pytest", "click", "pandas", "IPython"}


def imported_by(statement):
    """The top-level packages that are loaded in a fresh interpreter after `statement`."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
        text=True,
    )
    return {name.partition(".")[0] for name in run.stdout.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import lossact",
        "from lossact import couplings, datasets, descent, gradcheck, networks, plotting",
        "import lossact as l; l.cross_entropy.value_and_grad([[1.0, 2.0]], [0]); l.datasets.diabetes()",
    ],
)
def test_importing_it_takes_numpy_alone(statement):
    loaded = imported_by(statement)
    assert {"lossact", "numpy"} <= loaded
    assert not HEAVY & loaded


def test_a_submodule_is_imported_when_it_is_first_asked_for():
    code = "import lossact, sys; assert 'lossact.networks' not in sys.modules; lossact.networks.MLP"
    assert "lossact" in imported_by(code)


@pytest.mark.parametrize("name", APART)
def test_a_function_apart_is_proved_where_the_table_says(name):
    assert name in (Path(__file__).parent / f"{APART[name]}.py").read_text(encoding="utf-8")


def test_it_lists_what_it_has_and_has_what_it_lists():
    modules = set(dir(lossact)) - set(lossact.__all__) - {"__version__"}
    assert dir(lossact) == sorted([*lossact.__all__, *modules, "__version__"])
    assert {"couplings", "datasets", "descent", "gradcheck", "networks", "plotting"} <= modules
    assert all(inspect.ismodule(getattr(lossact, name)) for name in modules)
    assert set(ACTIVATIONS) | set(LOSSES) | set(APART) == set(lossact.__all__)
    with pytest.raises(AttributeError, match="'lossact' has no attribute 'sigmiod'"):
        lossact.sigmiod  # noqa: B018


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_pickled_by_its_name(name):
    function = FUNCTIONS[name]
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.deepcopy(function) is function
    assert function.__name__ == name
    assert repr(function).startswith((f"<activation {name}(input", f"<loss {name}(input, target"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_help_shows_the_signature_and_names_every_argument(name):
    function = FUNCTIONS[name]
    text = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Raises", "References", "Examples", ".. math::"):
        assert section in text
    for argument in inspect.signature(function).parameters:
        assert f"\n{argument} : " in text


def test_a_function_without_a_derivative_says_so():
    def cube(input):
        return input**3

    from lossact._declare import activation

    facts = {"range": (-1, 1), "monotonic": True, "smooth": True, "saturates": "no", "lipschitz": 1.0}
    declared = activation(**facts)(cube)
    assert declared([2.0]).tolist() == [8.0]
    with pytest.raises(NotImplementedError, match="cube has been declared without a derivative"):
        declared.grad([2.0])
