"""Runs that several modules look at."""

import pytest

from tests.robustness.run_process import RunProcess, make_project


@pytest.fixture(scope="session")
def at_once(tmp_path_factory) -> dict[str, RunProcess]:
    """Three runs that began together in a fresh project: two equal ones and one on another corpus."""
    project = make_project(tmp_path_factory.mktemp("at once"))
    runs = {
        "tickets": RunProcess(project),
        "reviews": RunProcess(project, corpus="reviews"),
        "tickets again": RunProcess(project),
    }
    for run in runs.values():
        run.succeed()
    return runs


@pytest.fixture(scope="session")
def versions(at_once) -> dict[str, str]:
    """The save version of each of them, as its last line says."""
    return {name: run.output.rpartition("version ")[2].split()[0] for name, run in at_once.items()}
