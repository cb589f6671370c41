"""Running the toy project and finding its runs."""

from pathlib import Path

from mlflow.entities import Run
from mlflow.tracking import MlflowClient

from tests.configuration import copy_configuration

PROJECT_ROOT = Path(__file__).parents[2]


def make_project(folder: Path) -> Path:
    """A project folder with the real configuration; the code is ``toy_project``."""
    copy_configuration(folder)
    (folder / "pyproject.toml").write_text(
        '[tool.kedro]\npackage_name = "tests.tracking.toy_project"\n'
        'project_name = "toy"\nkedro_init_version = "1.7.0"\n'
    )
    # Drawing images takes longer than all else; a test of its own does it.
    (folder / "conf/local/parameters.yml").write_text("tracking: {images: false}\n")
    (folder / "src").mkdir()
    (folder / "notebooks").mkdir()
    (folder / ".telemetry").write_text("consent: false\n")
    return folder


def run_of(client: MlflowClient, version: str) -> Run:
    """The MLflow run of a save version."""
    experiment = client.get_experiment_by_name("sharprecl")
    (run,) = client.search_runs([experiment.experiment_id], f"tags.kedro_save_version = '{version}'")
    return run
