import subprocess
import sys
from pathlib import Path

import pytest

from sharprecl import settings
from sharprecl.config_loader import ProjectConfigLoader
from sharprecl.errors import ParameterError
from sharprecl.parameter_check import ProjectParameters, check_parameters
from tests.tracking.toy_runs import make_project

PROJECT_ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project")


@pytest.fixture
def load(project, monkeypatch, tmp_path):
    """The project's configuration, read from a folder outside the project."""
    monkeypatch.chdir(tmp_path)

    def read(env=None, **parameters):
        return ProjectConfigLoader(str(project / "conf"), env, parameters, **settings.CONFIG_LOADER_ARGS)

    return read


def test_paths_do_not_depend_on_the_working_directory(load, project):
    loader = load()
    assert loader["catalog"]["raw_corpus"]["project_root"] == str(project)
    config_patterns = {"mlflow": ["mlflow*"]}
    loader.config_patterns.update(config_patterns)
    assert loader["mlflow"]["server"]["mlflow_tracking_uri"] == f"sqlite:///{project}/mlflow.db"


def test_the_corpus_entry_takes_the_merged_parameters(load):
    source = load("trec", corpus={"text": "title"})["catalog"]["raw_corpus"]["source"]
    assert source["name"] == "trec"
    assert source["text"] == "title"
    assert source["label"] == "label"  # base's, which neither trec nor the command line sets


def test_an_environment_keeps_the_siblings_of_the_key_it_sets(load):
    assert load("test")["parameters"]["evaluate"]["confidence"] == 0.95


def test_a_catalog_entry_that_asks_for_an_unknown_parameter_is_named(load):
    with pytest.raises(ParameterError, match="corpse: not set"):
        load()._parameter("corpse")


@pytest.mark.parametrize("env", ["base", "trec", "ohsumed", "test"])
def test_the_parameters_of_every_environment_are_valid(load, env):
    check_parameters(load(env)["parameters"])


def test_every_catalog_entry_has_a_layer_and_known_metadata(load):
    for name, entry in load()["catalog"].items():
        assert entry["metadata"].keys() <= {"mlflow", "kedro-viz"}, name
        assert "layer" in entry["metadata"]["kedro-viz"], name


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ({"fit": {"epochs": 0}}, "fit.epochs: input should be greater than or equal to 1, got 0"),
        (
            {"corpus": {"long_tail": {"ratio": 3}}},
            "corpus.long_tail.ratio: no such parameter; there are imbalance_ratio, profile, step_fraction",
        ),
        ({"profile": {"tail_below": 200}}, "profile: tail_below must not exceed head_above"),
        ({"encodr": "minilm"}, "encodr: no such parameter; did you mean encoder?"),
    ],
)
def test_a_bad_parameter_is_named_with_its_mend(parameters, line):
    with pytest.raises(ParameterError) as caught:
        check_parameters(parameters)
    assert str(caught.value).startswith(line)


def test_all_bad_parameters_are_told_at_once():
    with pytest.raises(ParameterError, match=r"seed: .*; fit\.epochs: "):
        check_parameters({"fit": {"epochs": "many"}, "seed": -1})


def test_the_preset_fills_what_is_not_set():
    effective = ProjectParameters(preset="sharprecl-published", fit={"epochs": 2}).effective()
    assert effective.fit.epochs == 2
    assert effective.fit.logit_scale == "unit"


def test_wiring_the_pipelines_and_checking_parameters_loads_neither_torch_nor_transformers():
    code = (
        "import sys; from pathlib import Path\n"
        "from kedro.framework.startup import bootstrap_project\n"
        "from kedro.framework.project import pipelines\n"
        "from kedro.validation.type_extractor import TypeExtractor\n"
        f"bootstrap_project(Path({str(PROJECT_ROOT)!r}))\n"
        "assert 'train' in sorted(pipelines)\n"
        # What Kedro does before each run: the types of all nodes.
        "types = TypeExtractor(dict(pipelines)).extract_types_from_pipelines()\n"
        "assert types['fit'].__name__ == 'FitParameters'\n"
        "print(*{'torch', 'transformers', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
