"""The notebooks in a project of their own, run by a real kernel."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

PROJECT_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """Configuration and notebooks as in a fresh clone, with a blank in the folder's name."""
    project = tmp_path_factory.mktemp("notebooks") / "my project"
    for name in ("conf", "notebooks"):
        shutil.copytree(PROJECT_ROOT / name, project / name, ignore=shutil.ignore_patterns(".*"))
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    for name in ("src", "data/01_raw"):
        (project / name).mkdir(parents=True)
    return project


@pytest.fixture(scope="session")
def execute(project, tmp_path_factory) -> Callable[[str], NotebookNode]:
    """Run a notebook from its folder with this interpreter and the environment ``test``."""
    scratch = tmp_path_factory.mktemp("jupyter")
    _write_kernel(scratch / "kernels" / "python3")
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT / "src"),
        "KEDRO_ENV": "test",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",  # a tiny encoder has nothing to share out
        "IPYTHONDIR": str(scratch / "ipython"),  # no start-up files of whoever runs the tests
    }

    def execute(name: str) -> NotebookNode:
        kernels = KernelSpecManager(kernel_dirs=[str(scratch / "kernels")])
        kernel = AsyncKernelManager(kernel_spec_manager=kernels, connection_file=str(scratch / "kernel.json"))
        folder = project / "notebooks"
        client = NotebookClient(
            nbformat.read(folder / f"{name}.ipynb", as_version=4),
            km=kernel,
            timeout=300,
            resources={"metadata": {"path": str(folder)}},
        )
        # The client ends only a kernel that it made itself, unless told so.
        return client.execute(env=environment, cleanup_kc=True)

    return execute


def _write_kernel(folder: Path) -> None:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
