from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest
from kedro.framework.project import configure_project
from kedro.framework.session import KedroSession
from mlflow.tracking import MlflowClient

from tests.tracking.toy_runs import make_project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="module")
def run_project(project: Path) -> Callable[..., str]:
    """Run the toy project with parameters; gives the save version."""

    def run(pipeline: str = "__default__", **parameters: object) -> str:
        configure_project("tests.tracking.toy_project")
        with KedroSession.create(project_path=project, runtime_params=parameters) as session:
            session.run(pipeline_names=[pipeline])
            return str(session.session_id)

    return run


@pytest.fixture(scope="module")
def first_version(run_project: Callable[..., str]) -> str:
    """Save version of the first run, whose model is the first champion."""
    return run_project(fit={"learning_rate": 0.5}, corpus={"name": "trec"})


@pytest.fixture
def client(project: Path, first_version: str) -> MlflowClient:
    mlflow.set_tracking_uri(f"sqlite:///{project}/mlflow.db")
    return MlflowClient()
