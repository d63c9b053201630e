"""A learner's notebook in a process of its own: what it does there costs only what it breaks."""

import base64
import pickle

import numpy as np
import pytest

from lossact.grading import child, judge, process
from lossact.grading.process import Workspace

RIGHT = "import numpy as np\ndef sigmoid_grad_from_output(s):\n    return s * (1 - s)"
NAME = "sigmoid_grad_from_output"


def graded(*sources, name=NAME):
    with Workspace([(str(number), source) for number, source in enumerate(sources, start=1)]) as workspace:
        return judge(name, workspace.function(name))


@pytest.fixture
def short_limits(monkeypatch):
    monkeypatch.setattr(process, "CELL_SECONDS", 1.0)
    monkeypatch.setattr(process, "CALL_SECONDS", 1.0)


@pytest.mark.parametrize(
    "other",
    [
        "print('x' * 100_000)",
        "raise RuntimeError('in a cell')",
        "def (: this is no Python",
        "%matplotlib inline\n!ls\nx = 1",
        "%%bash\necho hello",
        "%%time\nlist?\nfiles = !ls\nnumber = %timeit -o 1\ndisplay(1)",
        "input('your name? ')",
        "import os; os._exit(0)",
        "import sys; sys.exit(1)",
        "from lossact.grading import check\ncheck('sigmoid', 3)",
        "import warnings; warnings.warn('look out')",
        "from lossact import datasets, plotting\nassert len(datasets.diabetes().y) == 442",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_another_cell_does_not_cost_the_answer(other, first):
    verdict = graded(*([other, RIGHT] if first else [RIGHT, other]))
    assert verdict.status == "right", str(verdict)


@pytest.mark.parametrize("first", [True, False])
def test_an_endless_cell_does_not_cost_the_answer(first, short_limits):
    endless = "while True: pass"
    assert graded(*([endless, RIGHT] if first else [RIGHT, endless])).status == "right"


def test_an_endless_function_costs_its_own_points_and_says_so(short_limits):
    endless = "def sigmoid(x):\n    while True: pass"
    cells = [("1", endless), ("2", RIGHT)]
    with Workspace(cells) as workspace:
        verdict = judge("sigmoid", workspace.function("sigmoid"))
        assert verdict.points == 0
        assert "did not end within 1 seconds" in str(verdict)
        assert judge(NAME, workspace.function(NAME)).status == "right"


def test_a_function_that_ends_the_process_costs_its_own_points():
    cells = [("1", "import os\ndef sigmoid(x):\n    os._exit(0)"), ("2", RIGHT)]
    with Workspace(cells) as workspace:
        assert "ended the process" in str(judge("sigmoid", workspace.function("sigmoid")))
        assert judge(NAME, workspace.function(NAME)).status == "right"


def test_a_missing_function_is_explained_by_the_cell_that_failed():
    text = str(graded("import numpy as np\nx = 1 / 0\ndef sigmoid_grad_from_output(s): return s * (1 - s)"))
    assert "defines no function sigmoid_grad_from_output" in text
    assert "ZeroDivisionError: division by zero (line 2: x = 1 / 0)" in text


def test_an_answer_in_a_cell_that_is_timed_counts():
    assert graded("%%time\n" + RIGHT).status == "right"


def test_a_missing_function_is_explained_by_its_own_cell():
    cells = ["def other(:\n    pass", "def sigmoid_grad_from_output(s):\n    return 1\n\n\nunknown_name"]
    broken = ["x = y", "def sigmoid_grad_from_output(s) return s"]
    assert graded(*cells).status == "wrong"
    assert "SyntaxError" in str(graded(*broken))


@pytest.mark.parametrize(
    "source",
    [
        "from lossact import sigmoid",
        "import lossact\nsigmoid = lossact.sigmoid",
        "from lossact.activations import sigmoid",
        "import lossact.activations.squashing as s\nsigmoid = s.sigmoid",
        "from lossact.grading.question import find_question\nsigmoid = find_question('sigmoid').reference",
        "import importlib\nsigmoid = importlib.import_module('lossact.losses')",
    ],
)
def test_the_reference_is_not_at_hand(source):
    verdict = graded(source, name="sigmoid")
    assert verdict.points == 0
    assert "the reference package is not at hand" in str(verdict)


def test_an_exception_of_the_learner_comes_with_their_line():
    source = "import numpy as np\ndef sigmoid(x):\n    y = 2 * x\n    return y @ np.zeros((99, 9))"
    text = str(graded(source, name="sigmoid"))
    assert "(line 4: return y @ np.zeros((99, 9)))" in text
    assert "child.py" not in text


def test_misconceptions_are_named_across_the_processes():
    source = "import numpy as np\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
    assert [m.id for m in graded(source, name="sigmoid").misconceptions] == ["S5"]


def test_a_changed_input_is_noticed_across_the_processes():
    source = "def mse_loss(input, target):\n    input -= target\n    return (input**2).mean()"
    assert not graded(source, name="mse_loss").results[-1].passed


def test_what_is_written_into_the_pipe_cannot_pass_for_a_verdict():
    source = (
        "import os\n"
        "def sigmoid(x):\n"
        "    for fd in range(3, 20):\n"
        "        try: os.write(fd, b'{\"values\": 7}\\n')\n"
        "        except OSError: pass\n"
        "    return x"
    )
    assert graded(source, name="sigmoid").points == 0


END = ', "changed": false, "warned": []}'


@pytest.mark.parametrize(
    "reply",
    [
        '{"values": null, "several": false, "unusable": null, "error": {"type": "X"}' + END,
        '{"values": null, "several": false, "unusable": null, "error": "boo"' + END,
        '{"values": {"list": ["nan"]}, "several": true, "unusable": null, "error": null' + END,
        '{"values": null, "several": false, "unusable": null, "error": null' + END,
        "[1, 2]",
        "no json",
    ],
)
def test_a_forged_reply_is_no_answer_and_no_crash(reply):
    source = (
        "import os\n"
        "def sigmoid(x):\n"
        "    for fd in range(3, 20):\n"
        f"        try: os.write(fd, {reply!r}.encode() + b'\\n')\n"
        "        except OSError: pass\n"
        "    return x"
    )
    with Workspace([("1", source), ("2", RIGHT)]) as workspace:
        verdict = judge("sigmoid", workspace.function("sigmoid"))
        assert verdict.points == 0
        assert str(verdict)
        assert judge(NAME, workspace.function(NAME)).status == "right"


def test_arrays_cross_the_pipe_unchanged():
    for value in (np.arange(6.0).reshape(2, 3), np.float32(0.1), np.array([np.nan, -0.0, np.inf]), 3, None):
        back = child.decode(child.encode(value))
        np.testing.assert_equal(back, value)
        assert getattr(back, "dtype", None) == getattr(np.asarray(value), "dtype", None) or not hasattr(
            back, "dtype"
        )


def test_floats_cross_the_pipe_to_the_last_bit():
    for value in (0.1, -0.0, float("inf"), 5e-324):
        back = child.decode(child.encode(value))
        assert str(back) == str(value)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"dtype": "|O", "shape": [1], "bytes": base64.b64encode(pickle.dumps(1)).decode()}, "dtype object"),
        ({"dtype": "<f8", "shape": [10**9], "bytes": ""}, "not accepted"),
        ({"dtype": "<f8", "shape": [-1], "bytes": ""}, "not accepted"),
        ({"dtype": "<f8", "shape": [2], "bytes": "AAAA"}, "not accepted"),
    ],
)
def test_messages_that_are_no_plain_array_are_refused(message, said):
    with pytest.raises(ValueError, match=said):
        child.decode(message)
