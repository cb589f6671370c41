"""Several commands that are one job: an engine runs each stage by itself, MLflow shows one run."""

import json
import logging
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

import mlflow
from kedro.io import AbstractDataset, AbstractVersionedDataset, DataCatalog, DatasetError, Version
from mlflow.environment_variables import MLFLOW_RUN_ID
from mlflow.tracking import MlflowClient

from sharprecl.datasets.made_with import MODEL
from sharprecl.errors import ParameterError
from sharprecl.tracking.artifacts import FIGURES_PAGE
from sharprecl.tracking.dead_runs import CONTEXT_VARIABLE, KEY
from sharprecl.tracking.run_metadata import JOB

logger = logging.getLogger(__name__)

CURVES = "training_curves_plot"
"""What a training leaves beside its model, under the same version."""
JOB_VARIABLE = "SHARPRECL_JOB"
"""Environment variable with the job's name; commands that have the same one are tracked as one run."""

MAX_NAME = 100
"""Characters of stages in a file's name; file systems take 255 bytes in all."""

TRAINED_VERSION = "model_save_version"
"""Tag of a run that trained a model: the version under which the model was saved."""


def join_job(key: str) -> None:
    """Let the run that this process opens next be the job's, where the environment names a job.

    The first command of a job opens a new run, and marks it; the others go on with that run.

    Args:
        key: of the runs that this process opens.

    Raises:
        ParameterError: if the name is one by which no run can be found.
    """
    name = os.environ.get(JOB_VARIABLE)
    run_id = _run_of(name) if name else None
    tags = json.loads(os.environ.get(CONTEXT_VARIABLE, "{}"))
    tags.pop(JOB, None)  # of a job before this one in the same process
    if run_id is not None:
        MlflowClient().set_tag(run_id, KEY, key)
        os.environ[MLFLOW_RUN_ID.name] = run_id
        logger.info("Going on with the run of job %s", name)
    elif name:
        tags[JOB] = name
    os.environ[CONTEXT_VARIABLE] = json.dumps(tags)


def _run_of(job: str) -> str | None:
    """The id of a job's run in the experiment that is active; None if none of its commands ran yet."""
    if "'" in job:
        raise ParameterError(f"{JOB_VARIABLE}={job}: a job's name has no quotes")
    runs = mlflow.search_runs(filter_string=f"tags.{JOB} = '{job}'", output_format="list")
    whole = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    return str(whole[0].info.run_id) if whole else None


def figures_page(stages: Sequence[str], save_version: str) -> str:
    """Name of the page with a run's figures; in a job each command has a page of its own.

    Args:
        stages: that the run has.
        save_version: of the run; names it where it has no stage, or too many for a name.
    """
    if not os.environ.get(JOB_VARIABLE):
        return FIGURES_PAGE
    of_stages = "-".join(stages)
    return f"figures-{of_stages if 0 < len(of_stages) <= MAX_NAME else save_version}.html"


def trained_version(run_id: str) -> str | None:
    """The version of the model that a run has trained, perhaps in an earlier command of its job."""
    version = MlflowClient().get_run(run_id).data.tags.get(TRAINED_VERSION)
    return None if version is None else str(version)


def load_version(dataset: AbstractDataset[Any, Any], version: str) -> None:
    """Let a versioned dataset load one version, unless the command line names another.

    Args:
        dataset: as the catalog has it; one without versions stays as it is.
        version: a save version.
    """
    if isinstance(dataset, AbstractVersionedDataset) and dataset._version and not dataset._version.load:
        dataset._version = Version(version, dataset.resolve_save_version())
        dataset.release()  # forget the path that it would load


def load_with_model(catalog: DataCatalog, names: Collection[str]) -> None:
    """Let what a training left beside its model be that of the model that is loaded, not of the newest one.

    Args:
        catalog: of a run.
        names: of the datasets that the run loads and does not make.
    """
    model = catalog[MODEL] if {MODEL, CURVES} <= set(names) else None
    if isinstance(model, AbstractVersionedDataset):
        with suppress(DatasetError):  # no model: the node that needs it says so
            version = model.resolve_load_version()
            if version is not None:
                _load_if_there(catalog[CURVES], version)


def _load_if_there(dataset: AbstractDataset[Any, Any], version: str) -> None:
    if isinstance(dataset, AbstractVersionedDataset):
        before = dataset._version
        load_version(dataset, version)
        if not dataset.exists():
            logger.warning(
                "The curves of the model's training (%s) are gone; the newest ones stand in", version
            )
            dataset._version = before
            dataset.release()
