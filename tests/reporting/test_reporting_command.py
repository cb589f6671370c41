"""The command that makes a run again, read back as Kedro reads it."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kedro.framework.cli.utils import _split_params

from sharprecl.parameter_check import ProjectParameters, check_parameters
from sharprecl.reporting import training_command


def read_back(command: str) -> dict:
    """The parameters that Kedro takes from a command."""
    words = shlex.split(command)
    assert words[:3] == ["kedro", "run", "--pipeline=train"]
    return _split_params(None, None, words[3].removeprefix("--params="))


def test_kedro_reads_the_same_parameters():
    settings = {
        "encoder": "minilm",
        "seed": 7,
        "corpus": {
            "train": "/data/it's mine.csv",
            "text": "Ticket text",
            "validation": None,
            "long_tail": {"profile": "step", "imbalance_ratio": 20.0},
        },
        "fit": {"learning_rate": 5e-5, "resume": False, "dropout": None, "view": "none"},
        "compare": {"seeds": [0, 1]},
    }
    command, left_over = training_command(settings)
    assert left_over == {}
    parameters = check_parameters(read_back(command))
    assert parameters == ProjectParameters.model_validate(settings)


@pytest.mark.parametrize("value", ["Ticket text", "/data/it's mine.csv", "C:\\data\\x.csv", "a=b", "données"])
def test_ordinary_names_are_typed(value):
    command, left_over = training_command({"corpus": {"text": value}})
    assert left_over == {}
    assert read_back(command) == {"corpus": {"text": value}}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=20))
def test_every_path_comes_back_or_is_left_over(name):
    command, left_over = training_command({"seed": 0, "corpus": {"train": f"data/{name}.csv"}})
    if left_over:
        assert left_over == {"corpus.train": f"data/{name}.csv"}
        assert read_back(command) == {"seed": 0}
    else:
        assert read_back(command)["corpus"]["train"] == f"data/{name}.csv"


@pytest.mark.parametrize(
    "value", ["a,b", " a", "a\n", "", "1", "1e5", "12E3", ".5", "nan", "null", "a: b", "a #b", "[a", "{"]
)
def test_a_value_that_kedro_would_change_is_left_over(value):
    command, left_over = training_command({"corpus": {"text": value}})
    assert command == "kedro run --pipeline=train"
    assert left_over == {"corpus.text": value}
