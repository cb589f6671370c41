"""A project in a folder of its own, and a skip with a reason where Spark or an engine is missing."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.configuration import copy_configuration
from tests.test_main_job import write_tickets

PROJECT_ROOT = Path(__file__).parents[2]


def make_project(folder: Path) -> Path:
    """The project's configuration in a folder of its own, with tickets.csv."""
    project = folder / "project"
    copy_configuration(project)
    (project / "src").mkdir()
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    write_tickets(project / "tickets.csv")
    return project


@pytest.fixture(scope="session")
def spark_installed() -> None:
    """Without PySpark and Java the tests are skipped."""
    if find_spec("pyspark") is None:
        pytest.skip("there is no PySpark: install the extra spark, see docs/how-to/spark.md")
    if shutil.which("java") is None:
        pytest.skip("there is no Java: install Debian's default-jre-headless to run Spark")
