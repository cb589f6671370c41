"""Deleting a registered version with the files that it is made of."""

import io
import logging
from contextlib import redirect_stdout, suppress

import mlflow
from mlflow.cli import gc
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode
from mlflow.tracking import MlflowClient

from sharprecl.errors import ModelError
from sharprecl.tracking.registry import MODEL_NAME, current_champion, require_version

logger = logging.getLogger(__name__)

_LOGGED_MODEL = "models:/"
"""How the source of a version begins that is made of one of MLflow's logged models."""


def remove_version(client: MlflowClient, version: str) -> bool:
    """Delete a version, and its files where no other version is made of them.

    MLflow by itself deletes the version and leaves the logged model, which is nearly all of the space.

    Args:
        client: of the registry, which is also MLflow's own store.
        version: its number.

    Returns:
        Whether its files are gone, too. A tracking server keeps them until its own ``mlflow gc``.

    Raises:
        ModelError: if there is no such version, or it is champion.
    """
    require_version(client, version)
    if version == current_champion(client):
        raise ModelError(
            f"registry: version {version} is champion; make another one champion first, with "
            "`kedro promote VERSION`"
        )
    source = client.get_model_version(MODEL_NAME, version).source or ""
    client.delete_model_version(MODEL_NAME, version)
    if not source.startswith(_LOGGED_MODEL) or client.search_model_versions(f"source_path = '{source}'"):
        return False
    model_id = source.removeprefix(_LOGGED_MODEL)
    with suppress(MlflowException):  # marked as deleted by hand before
        client.delete_logged_model(model_id)
    if mlflow.get_tracking_uri().startswith(("http://", "https://")):
        return False
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            gc.main(["--logged-model-ids", model_id], standalone_mode=False)
    except MlflowException as error:
        if error.error_code != ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):  # deleted for good by hand before
            raise
    logger.debug("mlflow gc: %s", printed.getvalue().strip())
    return True
