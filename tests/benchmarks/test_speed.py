"""The benchmark measures every function, and says what it measures; how fast they are is not asked here."""

import json

import numpy as np
import pytest

import lossact
from benchmarks import speed


@pytest.mark.parametrize("name", lossact.__all__)
def test_every_function_is_measured(name, capsys, tmp_path):
    path = tmp_path / "speed.json"
    found = speed.main(["--only", name, "--sizes", "200", "--seconds", "0", "--json", str(path)])
    assert {(each.quantity, each.dtype) for each in found} == {
        (quantity, dtype) for quantity in speed.QUANTITIES for dtype in speed.DTYPES
    }
    assert all(each.seconds[key] >= 0 for each in found for key in ("lossact", "floor"))
    assert name in capsys.readouterr().out
    assert len(json.loads(path.read_text())["measurements"]) == len(found)


@pytest.mark.parametrize("name", [name for name in lossact.__all__ if speed.rival(name)])
def test_the_rival_computes_the_same(name):
    """A ratio says nothing about another function."""
    shape = speed.shapes(name, [300])[0]
    given = speed.arrays(name, shape, "float64")
    for quantity in speed.case(name).compared:
        found = speed.contestants(name, quantity, given)
        ours, theirs = found["lossact"](), found["torch"]()
        if quantity == "value":
            ours, theirs = (ours,), (theirs,)
        else:
            theirs = (theirs[0].detach(), theirs[1][0])
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b.numpy(), rtol=1e-6, atol=1e-9)
        if "scipy" in found:
            np.testing.assert_allclose(found["scipy"](), found["lossact"](), rtol=1e-6, atol=1e-9)


def test_no_exception_is_left_over():
    assert set(speed.EXCEPTIONS) <= set(lossact.__all__)


def test_an_unknown_function_is_named():
    with pytest.raises(SystemExit, match="lossact has no function sigmiod"):
        speed.main(["--only", "sigmiod"])


def test_what_misses_its_target_is_marked():
    slow = speed.Measurement(
        "relu",
        "value and gradient",
        "float32",
        (1000,),
        {},
        {"torch": 1.25, "floor": 3.0},
        2 << 20,
        1.0,
        True,
    )
    line = speed.row([slow], ["g 1e3", "f 1e3", "MB"])
    assert line.split() == ["1.25*", "3.0", "2.00*"]
