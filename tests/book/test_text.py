"""What the texts around the pages promise: their numbers, their commands, their links."""

import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
TEXTS = ["intro.md", "README.md"]
CODE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
RESULT = re.compile(r"^(?P<call>\S.*?)\s+# (?P<shown>(array\()?[\[\d].*?)(;.*)?$", re.MULTILINE)


@pytest.mark.parametrize("name", TEXTS)
def test_results_in_comments_are_what_comes_out(name):
    compared = 0
    for block in CODE.findall((ROOT / name).read_text(encoding="utf-8")):
        names = {"array": np.array}
        exec(block, names)
        for line in RESULT.finditer(block):
            np.testing.assert_allclose(eval(line["call"], names), eval(line["shown"], names), rtol=1e-6)
            compared += 1
    assert compared >= 2


def test_the_readme_names_the_targets_of_the_makefile():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - {"help"}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert targets == set(re.findall(r"`?make ([a-z-]+)`?", readme)) & targets
    assert targets == set(re.findall(r'@echo "make ([a-z-]+) ', makefile))


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_to_files_lead_somewhere(name):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target


def test_no_text_names_a_machine_or_a_registry():
    private = re.compile(r"/work/|/root/|/tmp/|pypi\.org/simple|files\.pythonhosted|registry\.npmjs")
    for path in [
        *ROOT.glob("*.*"),
        ROOT / "Makefile",
        *(ROOT / "book").rglob("*.*"),
        *(ROOT / "lossact").rglob("*.py"),
    ]:
        if path.is_file() and path.name != ".git" and path.suffix not in (".gz", ".png"):
            assert not private.search(path.read_text(encoding="utf-8")), path
