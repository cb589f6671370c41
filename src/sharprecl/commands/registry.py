"""Commands on the registered versions of the model."""

from typing import Any

import click

from sharprecl.commands.shared import (
    check_environment,
    configure_project_logging,
    one_line_failures,
    project_folder,
)

_environment = click.option(
    "--env",
    "-e",
    default=None,
    help="Environment, as for kedro run; its mlflow.yml names the registry.",
)


@click.command()
@_environment
@click.pass_context
def models(context: click.Context, env: str | None) -> None:
    """List the registered versions of the model and which is champion."""
    with one_line_failures():
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


@click.command()
@click.argument("version")
@_environment
@click.pass_context
def promote(context: click.Context, version: str, env: str | None) -> None:
    """Make VERSION the champion, whatever its score."""
    with one_line_failures():
        registry, client = _open_registry(context, env)
        former = registry.promote(client, version)
        before = f"; it was version {former}" if former else ""
        click.echo(f"Version {version} is champion{before}")


@click.command()
@_environment
@click.pass_context
def rollback(context: click.Context, env: str | None) -> None:
    """Make the champion before this one champion again."""
    with one_line_failures():
        registry, client = _open_registry(context, env)
        click.echo(f"Version {registry.roll_back(client)} is champion again")


@click.command()
@click.argument("versions", nargs=-1, required=True, metavar="VERSION...")
@_environment
@click.pass_context
def remove(context: click.Context, versions: tuple[str, ...], env: str | None) -> None:
    """Delete each VERSION, and its files, for good; the champion stays."""
    with one_line_failures():
        from sharprecl.tracking.removal import remove_version  # noqa: PLC0415 - loads MLflow

        _, client = _open_registry(context, env)
        for version in dict.fromkeys(versions):
            files_too = remove_version(client, version)
            rest = "" if files_too else "; files that others use, or that a tracking server has, stay"
            click.echo(f"Version {version} is deleted{rest}")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=5001, show_default=True, help="Port to listen at."
)
@_environment
@click.pass_context
def serve(context: click.Context, host: str, port: int, env: str | None) -> None:
    """Answer over HTTP with the champion: POST {"inputs": ["a text"]} to /invocations."""
    with one_line_failures():
        from sharprecl.tracking.project_registry import serve_champion  # noqa: PLC0415 - loads MLflow

        _, client = _open_registry(context, env)
        raise SystemExit(serve_champion(client, host, port))


def _open_registry(context: click.Context, env: str | None) -> Any:
    """The module of registry functions and a client of the registry that the environment names."""
    from sharprecl.tracking import project_registry, registry  # noqa: PLC0415 - loads MLflow

    project = project_folder(context)
    configure_project_logging(project / "conf")
    check_environment(project, env)
    return registry, project_registry.open_registry(project, env)
