"""The project's configuration in a folder of its own, so that benchmarks leave the real one alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).parents[1]


def make_project(folder: Path) -> Path:
    """Copy the configuration.

    Returns:
        The new project's folder.
    """
    project = folder / "project"
    shutil.copytree(PROJECT_ROOT / "conf", project / "conf")
    (project / "src").mkdir()
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT_ROOT / name, project)
    return project


def project_environment() -> dict[str, str]:
    """This process's environment with the package on the path."""
    return {
        **os.environ,
        "PYTHONPATH": str(PROJECT_ROOT / "src"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }


def run_python(project: Path, *arguments: str, quiet: bool = False) -> None:
    """Run this interpreter in a project's folder with the package on its path.

    Raises:
        subprocess.CalledProcessError: if it fails.
    """
    subprocess.run(
        [sys.executable, *arguments], cwd=project, env=project_environment(), check=True, capture_output=quiet
    )
