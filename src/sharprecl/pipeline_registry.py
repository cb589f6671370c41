"""The project's pipelines."""

from kedro.framework.project import find_pipelines
from kedro.pipeline import Pipeline


def register_pipelines() -> dict[str, Pipeline]:
    """Every package under ``pipelines/``; ``train`` is the default.

    Returns:
        Pipelines by name; only those asked for on the command line where it names some.
    """
    pipelines = find_pipelines(raise_errors=True)
    if "__default__" in pipelines:
        pipelines["__default__"] = pipelines["train"]
    return pipelines
