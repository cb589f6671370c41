"""The project's configuration for projects that tests make."""

import shutil
from pathlib import Path

from tests.conftest import PROJECT_ROOT


def copy_configuration(project: Path) -> None:
    """Copy ``conf`` into a project, but not what whoever runs the tests has set in ``conf/local``."""
    shutil.copytree(PROJECT_ROOT / "conf", project / "conf", ignore=shutil.ignore_patterns("local"))
    (project / "conf" / "local").mkdir()
