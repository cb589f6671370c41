"""A model of the registry, or a model folder, as a Kedro dataset."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import mlflow
from kedro.io import AbstractDataset, DatasetError
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from sharprecl.errors import ModelError, first_line
from sharprecl.local_names import expand_home
from sharprecl.starvation import describe_starvation
from sharprecl.tracking.registry import MODEL_NAME, describe_version
from sharprecl.tracking.store_failures import describe_store_failure

if TYPE_CHECKING:  # importing the class loads torch, which listing the catalog must not
    from sharprecl.modeling import TrainedModel

USED_VERSION, USED_RUN = "model_version", "model_run_id"
"""Tags of a run that scored with a registered model: its version, and the run that trained it."""

logger = logging.getLogger(__name__)


class RegisteredModelDataset(AbstractDataset[NoReturn, "TrainedModel"]):
    """Loads a trained model by alias, version or folder; read-only.

    Args:
        model: an alias such as ``champion``, a version's number, or a model folder.
        project_root: the project's folder, at which a relative path starts.
        metadata: for plugins.
    """

    def __init__(self, *, model: str, project_root: str, metadata: dict[str, Any] | None = None) -> None:
        self._model = str(model)
        self._project_root = Path(project_root)
        self.metadata = metadata

    def load(self) -> "TrainedModel":
        """Read the model.

        Raises:
            ModelError: if there is no such model, or it does not load.
        """
        from sharprecl.modeling import TrainedModel  # noqa: PLC0415 - loads torch

        folder = self._project_root / expand_home(self._model)
        return TrainedModel.load(folder if folder.is_dir() else self._registered_folder())

    def save(self, data: NoReturn) -> NoReturn:
        """Refuse: models are registered by the run that trains them."""
        raise DatasetError(f"{type(self).__name__} is read-only; train a model to register one")

    def _registered_folder(self) -> Path:
        version, place = self._registered_version(), "the registry"
        try:
            place = MlflowClient().get_model_version_download_uri(MODEL_NAME, version.version)
            folder = mlflow.artifacts.download_artifacts(f"models:/{MODEL_NAME}/{version.version}")
            artifacts = mlflow.models.Model.load(folder).flavors["python_function"]["artifacts"]
            checkpoint = Path(folder, artifacts["checkpoint"]["path"])
        except (MlflowException, OSError, KeyError) as error:
            if describe_starvation([error]) or describe_store_failure([error]):
                raise
            raise ModelError(
                f"registry: the files of version {version.version} cannot be read from {place} "
                f"({first_line(error)}); bring them back, or name another version with predict.model"
            ) from error
        logger.info("Using %s", describe_version(version))
        if mlflow.active_run() is not None:
            # An alias moves on: only the version says later which model scored the rows.
            mlflow.set_tags({USED_VERSION: version.version, USED_RUN: version.run_id or ""})
        return checkpoint

    def _registered_version(self) -> ModelVersion:
        client = MlflowClient()
        try:
            if self._model.isdecimal():
                return client.get_model_version(MODEL_NAME, self._model)
            return client.get_model_version_by_alias(MODEL_NAME, self._model)
        except MlflowException as error:
            if describe_starvation([error]) or describe_store_failure([error]):
                raise
            raise ModelError(
                f"predict.model: no registered version or alias and no folder {self._model!r}; train one "
                "with `kedro run --pipeline=train`, name a champion with `kedro promote VERSION`, or name a "
                "version or model folder"
            ) from error

    def _describe(self) -> dict[str, Any]:
        return {"model": self._model}


def load_registered(version: str) -> "TrainedModel":
    """The model of a registered version.

    Raises:
        ModelError: if there is no such version, or it does not load.
    """
    from sharprecl.modeling import TrainedModel  # noqa: PLC0415 - loads torch

    return TrainedModel.load(RegisteredModelDataset(model=version, project_root="")._registered_folder())
