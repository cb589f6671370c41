"""``python -m sharprecl``: the same as ``kedro run`` in the working directory's project."""

from kedro.framework.project import configure_project

from sharprecl.cli import run


def main() -> None:
    """Run the command line."""
    configure_project("sharprecl")
    run()


if __name__ == "__main__":
    main()
