"""The project's command line: Kedro's ``run`` with one line in place of a traceback."""

import os
import pkgutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import yaml
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import CONTEXT_SETTINGS, KedroCliError
from kedro.framework.project import configure_logging

import sharprecl.pipelines
from sharprecl.error_lines import describe_error
from sharprecl.errors import ParameterError
from sharprecl.interruption import end_progress_bars, stop_on_request

TRACEBACK_VARIABLE = "SHARPRECL_TRACEBACK"


@click.group(context_settings=CONTEXT_SETTINGS, name="sharprecl")
def cli() -> None:
    """Commands of the project."""


class RunCommand(click.Command):
    """``run`` with Kedro's refusals of an option told as click tells its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line.

        Raises:
            UsageError: if an option does not fit.
        """
        try:
            return super().parse_args(ctx, args)
        except KedroCliError as error:  # shown without its text while click parses
            raise click.UsageError(error.message, ctx) from error


@cli.command(name="run", cls=RunCommand, params=kedro_run.params)
@click.pass_context
def run(context: click.Context, /, **options: Any) -> Any:
    """Run a pipeline: train (default), ingest, profile, tokenize, fit, evaluate, predict, compare or ablate.

    An error that you can mend is one line; SHARPRECL_TRACEBACK=1 shows where it happened. --async,
    ParallelRunner and ThreadRunner are refused: a tracked run has one thread.
    """
    project = _project_folder(context)
    with _one_line_failures(), stop_on_request(_close_run):
        _configure_logging(*filter(None, (options["conf_source"], project / "conf")))
        _check_async(options)
        _check_names(project, options)
        try:
            return _run_once_more_if_beaten(context, _without_old_spelling(options))
        except Exception:
            _close_run("FAILED")
            raise


_environment = click.option(
    "--env",
    "-e",
    default=None,
    help="Environment, as for kedro run; its mlflow.yml names the registry.",
)


@cli.command()
@_environment
@click.pass_context
def models(context: click.Context, env: str | None) -> None:
    """List the registered versions of the model and which is champion."""
    with _one_line_failures():
        registry, client = _open_registry(context, env)
        rows = registry.list_versions(client)
        header = ("", "version", "corpus", "encoder", "preset", "validation macro-F1", "saved")
        table = [header] + [
            (
                "champion" if row.is_champion else "",
                row.version,
                row.corpus,
                row.encoder,
                row.preset,
                _four_digits(row.val_macro_f1),
                row.saved,
            )
            for row in rows
        ]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for line in table:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            click.echo("  ".join(cells).rstrip())


def _four_digits(score: str) -> str:
    """A stored score; a version that was registered by hand has none."""
    return f"{float(score):.4f}" if score else ""


@cli.command()
@click.argument("version")
@_environment
@click.pass_context
def promote(context: click.Context, version: str, env: str | None) -> None:
    """Make VERSION the champion, whatever its score."""
    with _one_line_failures():
        registry, client = _open_registry(context, env)
        former = registry.promote(client, version)
        before = f"; it was version {former}" if former else ""
        click.echo(f"Version {version} is champion{before}")


@cli.command()
@_environment
@click.pass_context
def rollback(context: click.Context, env: str | None) -> None:
    """Make the champion before this one champion again."""
    with _one_line_failures():
        registry, client = _open_registry(context, env)
        click.echo(f"Version {registry.roll_back(client)} is champion again")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=5001, show_default=True, help="Port to listen at."
)
@_environment
@click.pass_context
def serve(context: click.Context, host: str, port: int, env: str | None) -> None:
    """Answer over HTTP with the champion: POST {"inputs": ["a text"]} to /invocations."""
    with _one_line_failures():
        from sharprecl.tracking.project_registry import serve_champion  # noqa: PLC0415 - loads MLflow

        _, client = _open_registry(context, env)
        raise SystemExit(serve_champion(client, host, port))


def _project_folder(context: click.Context) -> Path:
    return Path(context.obj.project_path) if context.obj else Path.cwd()


def _open_registry(context: click.Context, env: str | None) -> Any:
    """The module of registry functions and a client of the registry that the environment names."""
    from sharprecl.tracking import project_registry, registry  # noqa: PLC0415 - loads MLflow

    project = _project_folder(context)
    _configure_logging(project / "conf")
    _check_environment(project, env)
    return registry, project_registry.open_registry(project, env)


@contextmanager
def _one_line_failures() -> Iterator[None]:
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


def _run_once_more_if_beaten(context: click.Context, options: dict[str, Any]) -> Any:
    """Kedro's run; where another one began in the same millisecond, under the next save version."""
    from sharprecl.datasets.run_folder import VersionTakenError  # noqa: PLC0415 - loads pandas and pyarrow

    while True:
        try:
            return context.invoke(kedro_run, **options)
        except VersionTakenError:
            time.sleep(0.002)


def _without_old_spelling(options: dict[str, Any]) -> dict[str, Any]:
    """``--pipeline=x`` as ``--pipelines=x``, for which Kedro does not warn."""
    if options["pipeline"] and not options["pipelines"]:
        return {**options, "pipeline": None, "pipelines": [options["pipeline"]]}
    return options


def _check_names(project: Path, options: dict[str, Any]) -> None:
    """Refuse an environment or pipeline that there is not.

    Raises:
        ParameterError: naming it and the nearest that there is.
    """
    if not options["conf_source"]:
        _check_environment(project, options["env"])
    known = [module.name for module in pkgutil.iter_modules(sharprecl.pipelines.__path__)]
    for name in [options["pipeline"], *options["pipelines"]]:
        if name:
            _check_name("--pipeline", name, [*known, "__default__"])


def _check_environment(project: Path, env: str | None) -> None:
    environment = env or os.environ.get("KEDRO_ENV")
    if environment:
        _check_name("--env", environment, (folder.name for folder in (project / "conf").iterdir()))


def _check_name(option: str, name: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if name not in names:
        near = get_close_matches(name, names, n=1)
        mend = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise ParameterError(f"{option}={name}: no such name; {mend}")


def _check_async(options: dict[str, Any]) -> None:
    """Refuse to load and save in threads, which have no tracked run.

    Raises:
        ParameterError: if it is asked for.
    """
    if options["is_async"]:
        raise ParameterError("--async: a thread has no tracked run; leave it out")


def _configure_logging(*folders: Path | str) -> None:
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


def _close_run(status: str) -> None:
    from sharprecl.tracking.hooks import close_run  # noqa: PLC0415 - loads MLflow, loaded by now anyway

    close_run(status)
