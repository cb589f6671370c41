"""What the project's commands have in common."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import click
import yaml
from kedro.framework.project import configure_logging

from sharprecl.error_lines import describe_error
from sharprecl.errors import ParameterError
from sharprecl.interruption import end_progress_bars

TRACEBACK_VARIABLE = "SHARPRECL_TRACEBACK"


def project_folder(context: click.Context) -> Path:
    """The folder of the project that the command is for."""
    return Path(context.obj.project_path) if context.obj else Path.cwd()


@contextmanager
def one_line_failures() -> Iterator[None]:
    """A failure that you can mend ends the command with one line."""
    try:
        yield
    except Exception as error:
        line = describe_error(error)
        if line is None or os.environ.get(TRACEBACK_VARIABLE):
            raise
        end_progress_bars()
        click.echo(f"Error: {line}", err=True)
        raise SystemExit(1) from error


def check_environment(project: Path, env: str | None) -> None:
    """Refuse an environment that there is not; one that a variable names, too.

    Raises:
        ParameterError: naming it and the nearest that there is.
    """
    environment = env or os.environ.get("KEDRO_ENV")
    if environment:
        check_name("--env", environment, (folder.name for folder in (project / "conf").iterdir()))


def check_name(option: str, name: str, known: Iterable[str]) -> None:
    """Refuse an option's value that is none of the known names.

    Raises:
        ParameterError: naming it and the nearest that there is.
    """
    names = sorted(known)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise ParameterError(f"{option}={name}: no such name; {mend}")


def configure_project_logging(*folders: Path | str) -> None:
    """Take the first ``logging.yml`` of some folders; Kedro finds the project's only from its own folder.

    Raises:
        ParameterError: if it is none that ``logging`` takes.
    """
    files = (Path(folder, "logging.yml") for folder in folders)
    file = next((file for file in files if file.is_file()), None)
    if file is None or "KEDRO_LOGGING_CONFIG" in os.environ:
        return
    try:
        configure_logging(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, ImportError) as error:
        reason = " ".join(str(error).split())
        raise ParameterError(f"{file}: cannot be used ({reason}); mend it or delete it") from error
