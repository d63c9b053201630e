"""The page that says how exact the functions are is what the benchmark measured, and that is still so."""

import json
from importlib import import_module

import numpy as np
import pytest

from benchmarks.accuracy import PAGE, RESULT, Record, judge_one, known_exceptions, verdict_on
from benchmarks.exactness import page
from benchmarks.libraries import Lossact, Torch
from tests.functions.cases import APART, DTYPES, ELEMENTWISE, FUNCTIONS, PAIRED_LOSSES
from tests.functions.quantities import Call, Quantity
from tests.functions.test_against_truth import activation, paired_loss, parts, rows, softmaxes
from tests.functions.truth import Truth, mp

MEASURED = json.loads(RESULT.read_text(encoding="utf-8"))
ROWS = {(row["function"], row["part"], row["dtype"]): row["libraries"] for row in MEASURED["quantities"]}
SAMPLE = {
    **dict.fromkeys(["sigmoid", "softsign", "elu", "tanhshrink"], activation),
    **dict.fromkeys(["huber_loss", "hinge_loss", "mse_loss"], paired_loss),
}
STALE = "run 'make bench-accuracy'"


def sample(dtype):
    for name, part in parts(SAMPLE):
        yield from SAMPLE[name](name, part, dtype)
    for x in [*rows(dtype), np.array([0.3, np.nan, 2], dtype)]:
        yield from (quantity for quantity in softmaxes(x) if quantity.name == "log_softmax")


def test_the_page_is_made_of_the_measurements():
    assert PAGE.read_text(encoding="utf-8") == page(MEASURED), STALE


# What it computes is not a function of its arguments alone, so that there is no one truth.
DRAWN_BY_LOT = {"gumbel_softmax"}


def test_every_quantity_has_been_measured():
    tables = {(name, part) for name, part in parts([*ELEMENTWISE, *PAIRED_LOSSES])}
    measured = {(name, part) for name, part, _ in ROWS}
    assert tables <= measured, f"{STALE}: {sorted(tables - measured)}"
    assert all({(name, part, each.__name__) for each in DTYPES} <= ROWS.keys() for name, part in measured)
    named = {name for name, _ in measured}
    apart = {name for name in APART if hasattr(import_module(f"tests.functions.{APART[name]}"), "quantities")}
    assert named <= {*FUNCTIONS, *APART}, f"{STALE}: {sorted(named - {*FUNCTIONS, *APART})} are gone"
    wanted = {*FUNCTIONS, *apart} - DRAWN_BY_LOT
    assert wanted <= named, f"{STALE}: {sorted(wanted - named)}"


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_was_measured_is_still_so(dtype):
    """For a sample, with a unit to spare for other processors than that of the benchmark."""
    records = {}
    for quantity in sample(dtype):
        assert not list(judge_one(quantity, [Lossact(), Torch()], dtype, records))
    assert len(records) >= 12
    for key, found in records.items():
        for library, record in found.items():
            stored, now = ROWS[key][library], record.result(True)
            assert (stored["verdict"], stored["tried"]) == (now["verdict"], now["tried"]), (STALE, key)
            if now["verdict"] == "clean":
                assert abs(stored["ulp"] - now["ulp"]) <= 1, (STALE, key)


def test_each_miss_of_lossact_has_its_reason():
    reasons = {(each["function"], each["part"]) for each in known_exceptions()}
    missed = {key[:2] for key, row in ROWS.items() if row["lossact"]["verdict"] != "clean"}
    assert missed <= reasons


def test_lossact_is_right_at_infinity_and_keeps_nan():
    assert not [key for key, row in ROWS.items() if {"infinity", "nan lost"} & row["lossact"].keys()]


@pytest.mark.parametrize(
    ("value", "answer", "inputs", "verdict"),
    [
        (mp.mpf(1), 1 + 4 * 2.0**-52, [], "clean"),
        (mp.mpf(1), 1 + 5 * 2.0**-52, [], "off"),
        (mp.mpf(1), 1.49, [], "off"),
        (mp.mpf(1), 1.51, [], "fails"),
        (mp.mpf(1), -1.0, [], "fails"),
        (mp.mpf(1), np.nan, [], "fails"),
        (mp.mpf(1), np.inf, [], "fails"),
        (mp.mpf(10) ** 400, np.inf, [], "clean"),
        (mp.mpf("1e-17"), 0.0, [], "fails"),
        (mp.mpf("1e-310"), 0.0, [], "subnormal"),
        (mp.mpf(1), 0.0, [1e-310], "subnormal"),
        (mp.mpf(0), 1e-17, [], "fails"),
    ],
)
def test_a_verdict(value, answer, inputs, verdict):
    true, answer = Truth(value), np.float64(answer)
    assert verdict_on(true, answer, true.error(answer), inputs) == verdict


def test_a_kink_allows_both_sides_and_what_lies_between():
    true = Truth(mp.mpf(0), sides=lambda: (mp.mpf(1), mp.mpf(0)))
    assert [true.allows(np.float64(x), 4) for x in (0, 0.5, 1 + 2.0**-52, 1.1, -1e-9)] == [
        *(True, True, True),
        *(False, False),
    ]


def test_the_record_keeps_the_most_ordinary_failure_and_what_goes_wrong_beyond_the_finite():
    x = np.array([1e200, 40, 1e-9, np.inf, np.nan])
    truths = [Truth(mp.mpf(2)) for _ in x[:4]] + [Truth(mp.nan)]
    record = Record()
    record.add(Quantity("relu", "value", Call({"input": x}, each=True), truths), np.array([0, 0, 2, 0, 0.0]))
    found = record.result(False)
    assert found["verdict"] == "fails"
    assert found["at"] == "input=40.0"
    assert found["infinity"]["at"] == "input=inf"
    assert found["nan lost"]
