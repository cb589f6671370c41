"""Whether a command that a document shows can be given as it stands there."""

import re
import shlex
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click
import yaml
from kedro.framework.cli.cli import cli as kedro_cli
from kedro.framework.cli.cli import global_commands, project_commands
from kedro.framework.cli.utils import load_entry_points
from kedro.pipeline import Pipeline
from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig
from mlflow.cli import cli as mlflow_cli
from pydantic import ValidationError

import sharprecl.pipelines
from sharprecl import settings
from sharprecl.cli import cli
from sharprecl.commands.run import check_names
from sharprecl.config_loader import ProjectConfigLoader
from sharprecl.errors import ParameterError
from sharprecl.parameter_check import check_parameters

PROJECT_ROOT = Path(__file__).parents[2]
RUN = cli.commands["run"]
PLACEHOLDER = re.compile(r"<[^>]*>|…")
MAKE_TARGET = re.compile(r"^([\w.-]+):(?!=)", re.MULTILINE)
PARTS = {
    "namespaces": "node_namespaces",
    "node_names": "node_names",
    "from_nodes": "from_nodes",
    "to_nodes": "to_nodes",
}
"""Options of ``kedro run`` by what a pipeline's filter calls them."""


class DocumentError(Exception):
    """What a document says is not so; the message says what."""


def check_command(words: Sequence[str]) -> None:
    """Check a command of kedro, make, mlflow or python.

    Raises:
        DocumentError: saying what is wrong.
    """
    program, *arguments = words
    if program == "kedro":
        check_kedro(arguments)
    elif program == "make":
        check_make(arguments)
    elif program == "mlflow":
        parse(mlflow_cli, arguments)
    else:
        check_python(arguments)


def check_kedro(arguments: Sequence[str]) -> None:
    """A subcommand that there is, with options that it has; of ``run`` also the values."""
    context = parse(kedro_commands(), without_ellipses(arguments))
    if context.command is RUN:
        check_run(context.params)


def check_options(arguments: Sequence[str]) -> None:
    """Options of ``kedro run`` by themselves, for whichever pipeline."""
    every = [module.name for module in iter_modules(sharprecl.pipelines.__path__)]
    check_run(parse(RUN, without_ellipses(arguments)).params, pipeline_names=every)


def check_run(options: dict[str, Any], pipeline_names: Sequence[str] = ()) -> None:
    """Pipelines, environment, namespaces, nodes and parameters of a ``kedro run``.

    Args:
        options: as click parsed them, with Kedro's own parser of ``--params``.
        pipeline_names: where namespaces and nodes may be; the pipelines that the options name if not given.
    """
    try:
        check_names(PROJECT_ROOT, options)
    except ParameterError as error:
        raise DocumentError(str(error)) from error
    named = pipeline_names or [*filter(None, [options["pipeline"]]), *options["pipelines"]] or ["train"]
    pipeline = sum((create_pipeline(name) for name in named), start=Pipeline([]))
    parts = {PARTS[name]: list(options[name]) for name in PARTS if options[name]}
    try:
        pipeline.filter(**parts)
    except ValueError as error:
        raise DocumentError(str(error)) from error
    check_run_parameters(options["env"], options["params"])


def check_run_parameters(environment: str | None, parameters: dict[str, Any]) -> None:
    """Parameters on top of an environment's; of a placeholder's key only that there is one."""
    conf = str(PROJECT_ROOT / "conf")
    loader = ProjectConfigLoader(conf, environment or "base", parameters, **settings.CONFIG_LOADER_ARGS)
    try:
        check_parameters(loader["parameters"])
    except ParameterError as error:
        cause = error.__cause__
        assert isinstance(cause, ValidationError)
        if not all(is_placeholder(problem["input"], problem["type"]) for problem in cause.errors()):
            raise DocumentError(str(error)) from error


def check_configuration(text: str) -> None:
    """A YAML block that names its place, such as ``# conf/local/parameters.yml``, in its first line."""
    named = re.match(r"# *conf/[\w-]+/(parameters|mlflow)\.yml", text)
    if named is None:
        return
    values = yaml.safe_load(text)
    if named[1] == "parameters":
        check_run_parameters(None, values)
        return
    try:
        KedroMlflowConfig.model_validate(values)
    except ValidationError as error:
        raise DocumentError(f"{named[0]}: {error}") from error


def is_placeholder(value: object, problem: str) -> bool:
    """Whether a value was refused only because it stands for another."""
    return problem != "extra_forbidden" and PLACEHOLDER.fullmatch(str(value)) is not None


def check_make(arguments: Sequence[str]) -> None:
    """Targets and variables that the Makefile has; what RUN_ARGS hands to ``kedro run`` is checked, too."""
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    for argument in arguments:
        variable, is_set, value = argument.partition("=")
        if is_set and f"$({variable})" not in makefile:
            raise DocumentError(f"make {argument}: the Makefile has no variable {variable}")
        if not is_set and argument not in MAKE_TARGET.findall(makefile):
            raise DocumentError(f"make {argument}: the Makefile has no such target")
        if variable == "RUN_ARGS":
            check_kedro(["run", "--pipeline=train", *shlex.split(value)])


def check_python(arguments: Sequence[str]) -> None:
    """A script that there is."""
    script = next((argument for argument in arguments if argument.endswith(".py")), None)
    if script is not None and not (PROJECT_ROOT / script).is_file():
        raise DocumentError(f"python {script}: there is no such file")


def parse(command: click.Command, arguments: Sequence[str]) -> click.Context:
    """The context in which click would run the innermost command.

    Raises:
        DocumentError: if there is no such command or option, or a value does not fit.
    """
    context, name, rest = click.Context(command), command.name, list(arguments)
    try:
        while isinstance(command, click.Group) and rest:
            name, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command = found
        return command.make_context(name, rest, parent=context)
    except click.UsageError as error:
        raise DocumentError(f"{' '.join(arguments)}: {error.format_message()}") from error


@cache
def kedro_commands() -> click.CommandCollection:
    """Kedro's commands in this project: the project's own go before plugins', those before Kedro's."""
    sources = [cli, *load_entry_points("project"), project_commands]
    sources += [kedro_cli, *load_entry_points("global"), global_commands]
    return click.CommandCollection(sources=sources)


@cache
def create_pipeline(name: str) -> Pipeline:
    """A registered pipeline."""
    pipeline: Pipeline = import_module(f"sharprecl.pipelines.{name}").create_pipeline()
    return pipeline


def without_ellipses(arguments: Sequence[str]) -> list[str]:
    """The arguments without ``,…`` at an end, and without options whose whole value is a placeholder."""
    cut = (argument.removesuffix(",…") for argument in arguments)
    return [
        argument for argument in cut if not re.fullmatch(rf"(--[\w-]+=)?({PLACEHOLDER.pattern})", argument)
    ]
