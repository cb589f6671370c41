"""When the environment is made anew: `make` is asked what it would do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path) -> Path:
    """A clone whose environment was made after its lock file, and there."""
    project = tmp_path / "project"
    (project / ".venv").mkdir(parents=True)
    for name in ("Makefile", "requirements.lock", "pyproject.toml"):
        shutil.copy(PROJECT_ROOT / name, project)
    (project / ".venv/.ready").write_text(f"{project}\n")
    return project


def plan(project: Path, target: str = "models") -> str:
    command = ["make", "--dry-run", "--directory", str(project), target]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_an_environment_that_is_ready_is_kept(project):
    assert plan(project).count("\n") <= 3
    assert "venv --clear" not in plan(project)
    assert "pip install" not in plan(project)


def test_a_newer_lock_file_is_installed_into_it(project):
    later = (project / ".venv/.ready").stat().st_mtime + 10
    os.utime(project / "requirements.lock", (later, later))
    assert "pip install" in plan(project)
    assert "--clear" not in plan(project)


def test_after_a_move_it_is_made_anew(project):
    moved = project.rename(project.with_name("moved"))
    assert "-m venv --clear .venv" in plan(moved)
    assert f'echo "{moved}" > .venv/.ready' in plan(moved)
