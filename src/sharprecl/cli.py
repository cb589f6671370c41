"""The project's command line, as Kedro finds it."""

import click
from kedro.framework.cli.utils import CONTEXT_SETTINGS

from sharprecl.commands.registry import models, promote, remove, rollback, serve
from sharprecl.commands.run import run

__all__ = ["cli", "run"]  # Kedro looks for both


@click.group(context_settings=CONTEXT_SETTINGS, name="sharprecl")
def cli() -> None:
    """Commands of the project."""


for command in (run, models, promote, rollback, remove, serve):
    cli.add_command(command)
