"""``python -m sharprecl``: the same as ``kedro run`` in the working directory's project."""

from typing import Any

from kedro.framework.project import configure_project

from sharprecl.cli import run


def main(*args: Any, **kwargs: Any) -> Any:
    """Run the command line.

    Args:
        args: as of a click command: a list of arguments; those of the process if not given.
        kwargs: options of click.
    """
    configure_project("sharprecl")
    # Kedro takes the section of a file of --config by the program's name.
    return run(*args, **{"prog_name": "run", **kwargs})


if __name__ == "__main__":
    main()
