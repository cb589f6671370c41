import pytest
from click.testing import CliRunner
from kedro.framework.startup import bootstrap_project
from kedro.io import DataCatalog, DatasetError, Version
from kedro_datasets.json import JSONDataset
from mlflow.tracking import MlflowClient
from pydantic import BaseModel

from sharprecl.__main__ import main
from sharprecl.cli import cli, run
from sharprecl.commands import shared
from sharprecl.error_lines import describe_error
from sharprecl.errors import CorpusError
from sharprecl.parameters import PRESETS
from tests.tracking.toy_runs import make_project

*FIRST_PRESETS, LAST_PRESET = (repr(name) for name in PRESETS)
PRESET_CHOICE = f"{', '.join(FIRST_PRESETS)} or {LAST_PRESET}"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def invoke(project, monkeypatch):
    """``kedro run`` with arguments, from a folder inside the project."""
    monkeypatch.chdir(project / "notebooks")
    monkeypatch.delenv("SHARPRECL_TRACEBACK", raising=False)
    metadata = bootstrap_project(project)
    return lambda *arguments: CliRunner().invoke(run, list(arguments), obj=metadata)


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        (
            "--params=fit.learning_rat=1",
            "fit.learning_rat: no such parameter; did you mean fit.learning_rate?",
        ),
        ("--params=fitt.epochs=2", "fitt: no such parameter; did you mean fit?"),
        ("--params=fit.learning_rate=-1", "fit.learning_rate: input should be greater than 0, got -1"),
        ("--params=preset=best", f"preset: input should be {PRESET_CHOICE}, got 'best'"),
        ("--env=trek", "--env=trek: no such name; did you mean trec?"),
        ("--pipeline=trian", "--pipeline=trian: no such name; did you mean train?"),
        (
            "--params=corpus.text=nowhere",
            "corpus.text: there is no column nowhere; choose one of text, title",
        ),
        ("--nodes=fold", "Pipeline does not contain nodes named ['fold']."),
    ],
)
def test_a_mendable_failure_is_one_line_on_standard_error(invoke, argument, line):
    result = invoke(argument)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {line}\n"
    assert "Traceback" not in result.stdout


def test_an_option_that_kedro_refuses_is_told_as_click_does(invoke):
    result = invoke("--load-versions=model")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith("Error: Expected the form of 'load_versions'")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("serverr: {a: 1}", "mlflow.yml: serverr: no such parameter; did you mean server?"),
        ("tracking: {run: {nme: x}}", "mlflow.yml: tracking.run.nme: no such parameter; did you mean "),
        ("server: 3", "mlflow.yml: server: input should be a valid dictionary"),
        ("server: [3", "Invalid YAML or JSON file "),
    ],
)
def test_a_configuration_of_mlflow_that_does_not_fit_is_one_line(invoke, project, content, line):
    file = project / "conf" / "local" / "mlflow.yml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content, encoding="utf-8")
    try:
        result = invoke()
    finally:
        file.unlink()
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {line}")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("content", ["a: [b", "version: 1\nhandlers: {a: {class: logging.Nothing}}", "x"])
def test_a_logging_configuration_that_does_not_fit_is_one_line(invoke, tmp_path, content):
    (tmp_path / "logging.yml").write_text(content, encoding="utf-8")
    result = invoke(f"--conf-source={tmp_path}")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path / 'logging.yml'}: cannot be used (")
    assert result.stderr.endswith("); mend it or delete it\n")


@pytest.mark.parametrize("command", [["models"], ["promote", "1"], ["rollback"], ["remove", "1"], ["serve"]])
def test_the_registrys_commands_take_an_environment(invoke, project, command):
    result = CliRunner().invoke(cli, [*command, "--env=trek"], obj=bootstrap_project(project))
    assert result.exit_code == 1
    assert result.stderr == "Error: --env=trek: no such name; did you mean trec?\n"


def test_a_parameter_fails_before_any_node_runs(invoke, project):
    invoke("--params=fit.learning_rat=1")
    assert not list(project.glob("data/0*"))


def test_a_stage_whose_input_is_not_there_says_what_to_run(invoke):
    result = invoke("--pipeline=evaluate")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: model: not made yet; run `kedro run --pipeline=train`")


def test_an_interrupt_says_how_to_go_on_and_marks_the_run_killed(invoke, project):
    result = invoke("--params=corpus.text=interrupt")
    assert result.exit_code == 130
    assert (
        result.stderr
        == "Interrupted: run the same command again; a training goes on from its last checkpoint\n"
    )
    client = MlflowClient(f"sqlite:///{project}/mlflow.db")
    experiment = client.get_experiment_by_name("sharprecl")
    (run,) = client.search_runs([experiment.experiment_id], "params.`corpus.text` = 'interrupt'")
    assert run.info.status == "KILLED"


def test_the_traceback_is_there_for_who_asks(invoke, monkeypatch):
    monkeypatch.setenv("SHARPRECL_TRACEBACK", "1")
    result = invoke("--params=corpus.text=nowhere")
    assert isinstance(result.exception, CorpusError)


def test_a_fault_in_the_program_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    assert describe_error(caught.value) is None


def load_badly():
    try:
        raise CorpusError("tickets.csv: empty")
    except CorpusError as error:
        raise DatasetError("Failed while loading\ndata") from error


def test_an_error_of_ours_is_found_under_kedros():
    with pytest.raises(DatasetError) as caught:
        load_badly()
    assert describe_error(caught.value) == "tickets.csv: empty"


@pytest.mark.parametrize(
    ("version", "start"),
    [
        (Version(None, None), "metrics: not made yet; run `kedro run --pipeline=train`"),
        (
            Version("2026-11-25T00.00.00.000Z", None),
            "metrics: there is no version 2026-11-25T00.00.00.000Z; name",
        ),
    ],
)
def test_a_version_that_is_not_there_is_told_from_a_dataset_that_is_not_made(tmp_path, version, start):
    catalog = DataCatalog({"metrics": JSONDataset(filepath=str(tmp_path / "m.json"), version=version)})
    with pytest.raises(DatasetError) as caught:
        catalog.load("metrics")
    assert describe_error(caught.value).startswith(start)


def test_a_saved_file_that_is_damaged_is_named_with_what_makes_it_again(tmp_path):
    file = tmp_path / "label_names.json"
    file.write_text('["a", b', encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        DataCatalog({"label_names": JSONDataset(filepath=str(file))}).load("label_names")
    line = describe_error(caught.value)
    assert line.startswith(f"{file}: cannot be read (Expecting value: line 1 column 7")
    assert line.endswith("; run `kedro run --pipeline=train`, or the pipeline that makes it, again")


def test_a_long_message_is_cut_to_a_line():
    line = describe_error(DatasetError("x\n" * 1000))
    assert "\n" not in line
    assert len(line) == 1000
    assert line.endswith("…")


def test_an_operating_system_error_names_the_file(tmp_path):
    with pytest.raises(OSError, match="directory") as caught:
        tmp_path.read_text()
    assert describe_error(caught.value) == f"{tmp_path}: Is a directory"


def test_validation_of_something_else_is_a_fault_of_the_program():
    class Row(BaseModel):
        number: int

    with pytest.raises(ValueError, match="number") as caught:
        Row(number="x")
    assert describe_error(caught.value) is None


def test_the_module_takes_arguments_and_a_file_of_options(project, monkeypatch, tmp_path):
    """As engines call it, and as ``kedro run --config`` reads its file."""
    monkeypatch.chdir(project)
    options = tmp_path / "options.yml"
    options.write_text("run:\n  pipelines: fit\n  env: nowhere\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main([f"--config={options}"])
    assert ended.value.code == 1


@pytest.mark.parametrize(("own", "taken"), [(True, "elsewhere"), (False, "project")])
def test_the_log_follows_the_configuration_that_is_given_or_else_the_projects(
    tmp_path, monkeypatch, own, taken
):
    for name in ("elsewhere", "project"):
        (tmp_path / name).mkdir()
        if own or name == "project":
            (tmp_path / name / "logging.yml").write_text(f"version: {name}\n", encoding="utf-8")
    configured = []
    monkeypatch.delenv("KEDRO_LOGGING_CONFIG", raising=False)
    monkeypatch.setattr(shared, "configure_logging", configured.append)
    shared.configure_project_logging(str(tmp_path / "elsewhere"), tmp_path / "project")
    assert configured == [{"version": taken}]
