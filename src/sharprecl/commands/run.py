"""Kedro's ``run`` with one line in place of a traceback."""

import pkgutil
import time
from pathlib import Path
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.framework.cli.utils import KedroCliError

import sharprecl.pipelines
from sharprecl.commands.shared import (
    check_environment,
    check_name,
    configure_project_logging,
    one_line_failures,
    project_folder,
)
from sharprecl.errors import ParameterError
from sharprecl.interruption import stop_on_request


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


@click.command(name="run", cls=RunCommand, params=kedro_run.params)
@click.pass_context
def run(context: click.Context, /, **options: Any) -> Any:
    """Run a pipeline: train (default), ingest, profile, tokenize, fit, evaluate, predict, compare or ablate.

    An error that you can mend is one line; SHARPRECL_TRACEBACK=1 shows where it happened. --async,
    ParallelRunner and ThreadRunner are refused: a tracked run has one thread.
    """
    project = project_folder(context)
    with one_line_failures(), stop_on_request(_close_run):
        configure_project_logging(*filter(None, (options["conf_source"], project / "conf")))
        _check_async(options)
        check_names(project, options)
        try:
            return _run_once_more_if_beaten(context, _without_old_spelling(options))
        except Exception:
            _close_run("FAILED")
            raise


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


def check_names(project: Path, options: dict[str, Any]) -> None:
    """Refuse an environment or pipeline that there is not.

    Raises:
        ParameterError: naming it and the nearest that there is.
    """
    if not options["conf_source"]:
        check_environment(project, options["env"])
    known = [module.name for module in pkgutil.iter_modules(sharprecl.pipelines.__path__)]
    for name in [options["pipeline"], *options["pipelines"]]:
        if name:
            check_name("--pipeline", name, [*known, "__default__"])


def _check_async(options: dict[str, Any]) -> None:
    """Refuse to load and save in threads, which have no tracked run.

    Raises:
        ParameterError: if it is asked for.
    """
    if options["is_async"]:
        raise ParameterError("--async: a thread has no tracked run; leave it out")


def _close_run(status: str) -> None:
    from sharprecl.tracking.hooks import close_run  # noqa: PLC0415 - loads MLflow, loaded by now anyway

    close_run(status)
