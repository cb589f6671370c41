"""The notebooks as they lie in the repository: whole, empty of outputs, formatted."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

PROJECT_ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((PROJECT_ROOT / "notebooks").glob("*.ipynb"))
MACHINE_PATH = re.compile(r"/(home|root|Users|tmp|work|mnt|opt|var)/|[A-Za-z]:\\\\|file://")


def test_there_are_three_notebooks():
    assert [notebook.name[:2] for notebook in NOTEBOOKS] == ["01", "02", "03"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda file: file.stem)
def file(request) -> Path:
    return request.param


@pytest.fixture
def notebook(file):
    return nbformat.read(file, as_version=nbformat.NO_CONVERT)


@pytest.fixture
def code(notebook) -> list[str]:
    return [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_format_and_cell_ids_are_valid(file, notebook):
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    nbformat.validate(notebook)
    # From the file: nbformat mends missing and doubled ids while it reads.
    ids = [cell.get("id") for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_outputs_are_stripped(notebook):
    for cell in notebook["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert not cell["metadata"]


def test_no_path_of_a_machine(file):
    assert not MACHINE_PATH.search(file.read_text(encoding="utf-8"))


def test_the_kedro_extension_comes_first_and_the_package_is_used(code):
    assert "%load_ext kedro.ipython" in code[0].splitlines()
    assert any(re.search(r"^from sharprecl", source, re.MULTILINE) for source in code)


def test_it_opens_with_a_title(notebook):
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown"
    assert first["source"].startswith("# ")


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_finds_nothing(file, command):
    found = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", str(file)],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
