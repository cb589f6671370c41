"""A pipeline as an Airflow DAG: one task a stage, which leave together what one ``kedro run`` leaves."""

import json
import os
import shutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from mlflow.tracking import MlflowClient

from tests.scaling.airflow_stand_in import DAG, load_dag
from tests.scaling.conftest import PROJECT_ROOT, make_project
from tests.test_main_job import kedro, newest

pytestmark = pytest.mark.slow

STAGES = ("ingest", "profile", "tokenize", "fit", "evaluate")
DAG_ID = "sharprecl-test-train"
OPTIONS = "--params=corpus.train=tickets.csv,corpus.text=Ticket text,corpus.label=Team,fit.epochs=3"
ENVIRONMENT = {"PYTHONPATH": str(PROJECT_ROOT / "src"), "OMP_NUM_THREADS": "1"}


def make_dag_file(project: Path, pipeline: str = "train") -> Path:
    """What ``kedro airflow create`` writes, with this interpreter and options for the tickets."""
    if find_spec("kedro_airflow") is None:
        pytest.skip("there is no kedro-airflow: run make, or install it")
    values = {"default": {"python": sys.executable, "options": [OPTIONS]}}
    (project / "conf/test/airflow.yml").write_text(yaml.safe_dump(values))
    template = f"--jinja-file={PROJECT_ROOT / 'deploy' / 'airflow_dag.j2'}"
    wanted = [f"--pipelines={pipeline}", "--group-by=namespace", "--env=test", template]
    created = kedro(project, "airflow", "create", *wanted)
    assert created.returncode == 0, created.stderr
    return project / "airflow_dags" / f"sharprecl_test_{pipeline}_dag.py"


def airflow() -> str:
    """Airflow's program, which has an environment of its own; without it the test is skipped."""
    program = os.environ.get("SHARPRECL_AIRFLOW") or shutil.which("airflow")
    if program is None:
        pytest.skip("there is no Airflow: name its program in SHARPRECL_AIRFLOW")
    return program


def run_on_airflow(file: Path, home: Path) -> None:
    """Let Airflow itself run the DAG of a file."""
    program, environment = airflow(), {**os.environ, **ENVIRONMENT, "AIRFLOW_HOME": str(home)}
    environment |= {"AIRFLOW__CORE__DAGS_FOLDER": str(file.parent), "AIRFLOW__CORE__LOAD_EXAMPLES": "false"}
    for arguments in (["db", "migrate"], ["dags", "test", DAG_ID]):
        done = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]


@pytest.fixture(scope="module")
def dag_file(tmp_path_factory) -> Path:
    return make_dag_file(make_project(tmp_path_factory.mktemp("dag")))


@pytest.fixture(scope="module", params=["stand-ins", "airflow"])
def finished(request, tmp_path_factory) -> Path:
    """A project in which every task of the DAG has run."""
    folder = tmp_path_factory.mktemp("run with blanks")
    if request.param == "airflow":
        airflow()
    file = make_dag_file(project := make_project(folder))
    if request.param == "airflow":
        run_on_airflow(file, folder / "home")
    else:
        load_dag(file).run("manual__2026-11-25T00:00:00+00:00", ENVIRONMENT)
    return project


def waits_for(dag: DAG) -> dict[str, set[str]]:
    return {name: task.upstream for name, task in dag.tasks.items()}


def test_each_stage_is_a_task_that_waits_for_what_it_reads(dag_file):
    dag = load_dag(dag_file)
    assert waits_for(dag) == {
        "ingest": set(),
        "profile": {"ingest"},
        "tokenize": {"ingest"},
        "fit": {"tokenize"},
        "evaluate": {"ingest", "profile", "tokenize", "fit"},
    }
    assert dag.dag_id == DAG_ID
    assert dag.settings["max_active_runs"] == 1
    assert {task.cwd for task in dag.tasks.values()} == {str(dag_file.parents[1])}


def test_each_method_of_a_comparison_is_a_task(dag_file):
    dag = load_dag(make_dag_file(dag_file.parents[1], "compare"))
    assert waits_for(dag)["focal"] == {"ingest", "tokenize"}
    assert {"focal", "sharprecl", "tfidf-svm"} <= waits_for(dag)["collect_method_scores"]


def test_what_passes_between_stages_lies_on_the_disk():
    files = (PROJECT_ROOT / "conf/base").glob("catalog_*.yml")
    entries = {name: entry for file in files for name, entry in yaml.safe_load(file.read_text()).items()}
    stages = [import_module(f"sharprecl.pipelines.{stage}").create_pipeline() for stage in STAGES]
    made = set().union(*(stage.outputs() | stage.all_outputs() for stage in stages))
    passed = {name for stage in stages for name in stage.inputs() & made}
    assert {"labelled_corpus", "token_table", "model"} <= passed
    for name in passed:
        assert "MemoryDataset" not in entries[name]["type"]


def test_the_tasks_are_one_tracked_run_with_a_registered_champion(finished):
    address = f"sqlite:///{finished / 'mlflow.db'}"
    client = MlflowClient(address, address)
    (run,) = client.search_runs([client.get_experiment_by_name("sharprecl").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.tags["job"].startswith(f"{DAG_ID} manual__")
    assert {f"kedro_save_version.{stage}" for stage in STAGES} <= set(run.data.tags)
    assert {"train/loss", "val/macro_f1", "test/macro_f1"} <= set(run.data.metrics)
    assert len(run.inputs.dataset_inputs) == 3
    champion = client.get_model_version_by_alias("sharprecl", "champion")
    assert champion.run_id == run.info.run_id
    assert champion.tags["kedro_save_version"] == run.data.tags["kedro_save_version.fit"]
    metrics = json.loads(newest(finished, "metrics.json").read_text())
    assert run.data.metrics["test/macro_f1"] == metrics["test"]["macro_f1"]
    folders = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert {"figures-profile.html", "figures-fit.html", "figures-evaluate.html", *STAGES} <= folders


def test_the_model_of_the_tasks_has_its_card_and_no_checkpoint_is_left(finished):
    (model,) = finished.glob("data/06_models/model/*/model")
    assert (model / "README.md").is_file()
    assert (model / "config.json").is_file()
    assert list((finished / "data/06_models/checkpoints").iterdir()) == []
