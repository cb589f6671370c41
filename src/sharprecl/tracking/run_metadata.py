"""What a run is called, and the parameters and tags it is found by."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import mlflow
from kedro.pipeline import Pipeline
from mlflow.utils.validation import MAX_PARAM_VAL_LENGTH

from sharprecl.errors import ParameterError
from sharprecl.parameter_check import ProjectParameters
from sharprecl.parameters import dotted_values

PREDICT = "predict"
"""The pipeline that scores a file with a model of an earlier run."""
COMPARISONS = frozenset({"compare", "ablate"})
"""Pipelines of many methods, in which the preset takes no part."""
WITHOUT_MODEL = frozenset({"ingest", "profile", "tokenize"}) | COMPARISONS
"""Pipelines that leave or describe no trained model."""
RUN_NAME = "mlflow.runName"
JOB = "job"
"""Tag of a job's run: the job's name."""


def flatten_parameters(parameters: ProjectParameters) -> dict[str, str]:
    """Every parameter that takes effect, the preset's included.

    Args:
        parameters: as configured.

    Returns:
        Values by dotted key, cut to the length that MLflow stores.
    """
    return flatten_values(parameters.effective().model_dump())


def flatten_values(values: Mapping[str, Any]) -> dict[str, str]:
    """Nested values by dotted key, cut to the length that MLflow stores."""
    return {key: str(value)[:MAX_PARAM_VAL_LENGTH] for key, value in dotted_values(values)}


def git_state(folder: Path) -> dict[str, str]:
    """Tags ``git_commit`` and ``git_dirty`` of a working tree; none outside a repository."""
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        changes = _git(folder, "status", "--porcelain")
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"git_commit": commit, "git_dirty": str(bool(changes)).lower()}


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()  # noqa: S603


def stages_of(pipeline: Pipeline) -> list[str]:
    """The stages that a pipeline has nodes of, in the order of their nodes."""
    names = (node.namespace.partition(".")[0] for node in pipeline.nodes if node.namespace)
    return list(dict.fromkeys(names))


def describe_run(
    parameters: ProjectParameters, run_params: Mapping[str, Any], project: Path, stages: Sequence[str]
) -> None:
    """Name and tag the active run and log its parameters.

    A job's run has the job's name instead of a save version, and all its commands the same parameters. A run
    that only scores a file is named after the file and has the parameters of that alone. One that compares
    methods has ``fit`` as configured, which every method changes, and no preset.

    Args:
        parameters: as configured.
        run_params: Kedro's record of the run.
        project: the project's folder.
        stages: that the run has.

    Raises:
        ParameterError: naming a parameter that had another value when the run began.
    """
    run = mlflow.active_run()
    if run is None:
        return
    flat = flatten_parameters(parameters)
    version, job = run_params["run_id"], run.data.tags.get(JOB)
    pipelines = list(run_params.get("pipeline_names") or ["__default__"])
    if pipelines == [PREDICT] and job is None:
        # Corpus and method are those of the run that trained the model, not the ones configured now.
        flat = {key: value for key, value in flat.items() if key.startswith(f"{PREDICT}.")}
        subject = {RUN_NAME: f"{PREDICT} {Path(str(parameters.predict.input)).name} {version}"}
    else:
        corpus, encoder = parameters.corpus.display_name, Path(parameters.encoder).name
        # A run without a model of its own is told from trainings by what it does.
        has_model = job is not None or not WITHOUT_MODEL.issuperset(pipelines)
        kind = f"{corpus} {parameters.preset}" if has_model else f"{'+'.join(pipelines)} {corpus}"
        subject = {
            RUN_NAME: f"{kind} {encoder} {job or version}",
            "corpus": corpus,
            "encoder": parameters.encoder,
            "preset": parameters.preset,
        }
        if COMPARISONS.issuperset(pipelines):
            flat = flatten_values(parameters.model_dump(exclude={"preset"}))
            del subject["preset"]
    mlflow.set_tag(RUN_NAME, subject[RUN_NAME])  # kedro-mlflow has given a job's run the pipeline's
    _check_unchanged(run.data.params, flat)
    mlflow.set_tags(
        {
            **subject,
            "kedro_save_version": version,
            "pipeline": "+".join(pipelines),
            "env": str(run_params.get("env") or "base"),
            **{f"kedro_save_version.{stage}": version for stage in stages},
            **git_state(project),
        }
    )
    mlflow.log_params(flat)


def _check_unchanged(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    changed = [key for key, value in now.items() if before.get(key, value) != value]
    if changed:
        key = changed[0]
        raise ParameterError(
            f"{key}: it is {now[key]}, but the job that this is a part of began with {before[key]}; "
            "give all its commands the same parameters, or name another job"
        )
