"""Answers as learners write them, and what the verdict says of them."""

import numpy as np
import pytest

from lossact.grading import check, judge
from lossact.grading.verdict import Verdict


def ids(verdict: Verdict) -> list[str]:
    return [misconception.id for misconception in verdict.misconceptions]


def test_a_plain_formula_without_a_shape_check_is_told_about_broadcasting():
    verdict = judge("mse_loss", lambda input, target: np.mean((input - target) ** 2))
    assert ids(verdict) == ["M05"]
    assert (verdict.points, verdict.total) == (4, 5)


def test_two_faults_in_one_answer_are_both_named():
    verdict = judge("mse_loss", lambda input, target: np.sum((input - target) ** 2))
    assert ids(verdict) == ["M01", "M05"]
    assert len(verdict.causes) == 2
    assert not verdict.unexplained


def test_a_fault_in_the_value_and_a_changed_input_are_both_named():
    def in_place_sum(input, target):
        if input.shape != target.shape:
            raise ValueError("shapes differ")
        input -= target
        return np.sum(input**2)

    named = ids(judge("mse_loss", in_place_sum))
    assert {"M01", "M08"} <= set(named)


def test_half_the_squared_error_is_called_another_convention_not_wrong():
    def half(input, target):
        if input.shape != target.shape:
            raise ValueError("shapes differ")
        return np.mean((input - target) ** 2) / 2

    verdict = judge("mse_loss", half)
    assert verdict.status == "other convention"
    assert "right under another convention" in verdict.headline
    assert "not right yet" not in str(verdict)


@pytest.mark.parametrize("at_zero", [-1.0, 1.0])
def test_another_value_at_the_kink_is_accepted_with_a_note(at_zero):
    def sign(input, target):
        if input.shape != target.shape:
            raise ValueError("shapes differ")
        e = input - target
        return np.where(e == 0, at_zero, np.sign(e)) / e.size

    verdict = judge("l1_loss_grad", sign)
    assert verdict.points == verdict.total
    assert verdict.status == "other convention"
    assert "accepted" in verdict.headline
    assert "subgradients" in str(verdict)


def test_a_naive_sigmoid_is_right_but_told_of_the_overflow():
    verdict = judge("sigmoid", lambda x: 1 / (1 + np.exp(-x)))
    assert ids(verdict) == ["S5"]
    assert (verdict.points, verdict.total) == (3, 4)


def test_an_overflow_in_a_branch_that_is_not_used_is_noticed_too():
    def both_branches(x):
        return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))

    # inf / inf gives nan in the unused branch only: the values are right, the warning stays.
    verdict = judge("sigmoid", both_branches)
    assert ids(verdict) == ["S5"]


def test_a_mirrored_sigmoid_that_also_overflows_is_told_of_the_mirror_first():
    assert ids(judge("sigmoid", lambda x: 1 / (1 + np.exp(x)))) == ["M59"]


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "None"),
        ([1.0, 2.0], "a list"),
        ("1.0", "a str"),
        (np.array([1 + 2j]), "an array of dtype complex128 and shape (1,)"),
        (np.ma.masked_array([1.0]), "a MaskedArray"),
        (np.array([object()]), "an array of dtype object and shape (1,)"),
    ],
)
def test_what_is_no_number_is_named_as_what_it_is(returned, said):
    verdict = judge("sigmoid", lambda x: returned)
    assert verdict.points == 0
    assert f"Your function returned {said};" in str(verdict)


def test_an_array_that_equals_everything_earns_nothing():
    class AlwaysEqual(np.ndarray):
        def __eq__(self, other):
            return np.ones(self.shape, dtype=bool)

        def __array_ufunc__(self, *arguments, **options):
            return True

    assert judge("mse_loss", lambda input, target: np.zeros(()).view(AlwaysEqual)).points == 0


def test_an_exception_is_shown_with_the_learners_own_line():
    def broken(x):
        return x @ np.zeros((99, 99))

    text = str(judge("sigmoid", broken))
    assert "Your function raised: ValueError: matmul" in text
    assert "return x @ np.zeros((99, 99))" in text
    assert "lossact" not in text


def test_an_answer_that_calls_one_not_written_yet_is_not_called_untouched():
    def sigmoid_grad(x):
        raise NotImplementedError("sigmoid is yours to write")

    verdict = judge("sigmoid_grad", sigmoid_grad)
    assert verdict.status == "wrong"
    assert "sigmoid is yours to write" in str(verdict)


def test_the_order_is_given_returned_expected_name_hint():
    lines = str(judge("mse_loss", lambda input, target: np.sum((input - target) ** 2))).splitlines()
    starts = [
        "mse_loss: not right yet. 0 of 5",
        "  The call: mse_loss([3, -0.5, 2, 7], [2.5, 0, 2, 1])",
        "  Your function returned: 36.5",
        "  Expected: 9.125",
        "  What it looks like: You summed",
        "  Hint 1: Your value is the right one times",
    ]
    assert all(line.startswith(start) for line, start in zip(lines, starts, strict=False))


def test_another_seed_judges_on_other_inputs():
    seen = set()

    def spy(x):
        seen.add(x.tobytes())
        return x

    judge("sigmoid", spy, seed=1)
    first = len(seen)
    judge("sigmoid", spy, seed=1)
    assert len(seen) == first
    judge("sigmoid", spy, seed=2)
    assert len(seen) > first


def test_the_inputs_of_a_later_call_are_not_touched_by_an_earlier_one():
    def spoils(input, target):
        result = np.mean((input - target) ** 2)
        input[...] = np.nan
        target[...] = np.nan
        return result

    assert judge("mse_loss", spoils).results[0].passed


def test_an_unknown_question_names_the_known_ones():
    with pytest.raises(ValueError, match=r"no question 'mse'.*mse_loss"):
        judge("mse", lambda: None)


def test_check_finds_the_function_by_its_name():
    names = {"check": check, "np": np}
    exec("def sigmoid(x):\n    return np.tanh(x)\nverdict = check('sigmoid')", names)
    assert names["verdict"].points < names["verdict"].total


def test_check_says_what_is_missing():
    with pytest.raises(TypeError, match=r"Run the cell that defines tanh_grad"):
        check("tanh_grad")
    with pytest.raises(TypeError, match=r"3 was given"):
        check("tanh_grad", 3)


def test_numbers_that_look_alike_are_shown_with_the_digits_that_differ():
    def rounded(input, target):
        return np.float64(np.float32(np.mean((input - target) ** 2)) * (1 + 3e-8) + 2e-6)

    _, returned, expected = str(judge("mse_loss", rounded)).splitlines()[1:4]
    assert returned.split(": ")[1] != expected.split(": ")[1]


def test_what_cannot_be_judged_because_the_values_are_wrong_is_said_so():
    text = str(judge("mse_loss", lambda input, target: np.sum((input - target) ** 2)))
    assert "not judged, because the values are wrong: the inputs are left as they were (0 of 1)" in text


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("sigmoid_grad", lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
        ("sigmoid", lambda x: 1 / (1 + np.exp(-np.clip(x, -30, 30)))),
        ("tanh_grad", lambda x: 4 / (np.exp(x) + np.exp(-x)) ** 2),
        (
            "log_softmax_rows",
            lambda Z: (
                (Z - Z.mean(1, keepdims=True))
                - np.log(np.exp(Z - Z.mean(1, keepdims=True)).sum(1, keepdims=True))
            ),
        ),
    ],
)
def test_answers_that_break_only_at_the_extremes_do_not_earn_all(name, function):
    verdict = judge(name, function)
    assert 0 < verdict.points < verdict.total


def test_hints_come_in_steps():
    def summed(input, target):
        return np.sum((input - target) ** 2)

    shown = [str(check("mse_loss", summed, hints=number)) for number in (1, 2, 3)]
    assert "Hint 2" not in shown[0]
    assert "hints=2" in shown[0]
    assert "Hint 2" in shown[1]
    assert "Run this and look:" in shown[2]
    assert "Next hint" not in shown[2]
    assert "(input - target)" not in shown[2]
