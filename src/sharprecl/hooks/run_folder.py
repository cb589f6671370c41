"""A folder of its own for each run."""

import logging
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node

from sharprecl.datasets.made_with import MODEL
from sharprecl.datasets.run_folder import RunFolder, remove_if_free, runs_folder
from sharprecl.datasets.staging import StagedSaves
from sharprecl.tracking.dead_runs import announce_runs
from sharprecl.tracking.jobs import join_job

logger = logging.getLogger(__name__)

CHECKPOINTS = "finished_checkpoints"


class RunFolderHooks:
    """Gives each run a folder of its own, through which all that it saves goes.

    So a killed run leaves nothing half-written under a final name, and runs at the same time keep apart.
    """

    def __init__(self) -> None:
        self._folder: RunFolder | None = None
        self._saves: StagedSaves | None = None
        self._checkpoints: Path | None = None
        self._has_model = False

    @hook_impl(tryfirst=True)  # before kedro-mlflow opens its run
    def before_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """Make the folder, and find the job that this run is a part of.

        Raises:
            VersionTakenError: if another run has the same save version.
            OSError: if the project's data folder cannot be written.
            ParameterError: if the environment gives a job a name that it cannot have.
        """
        self._leave()  # a run that was interrupted in this process, as in a notebook
        self._folder = RunFolder.claim(runs_folder(Path(run_params["project_path"])), run_params["run_id"])
        self._saves = StagedSaves(self._folder.path)
        join_job(announce_runs(self._folder.path))

    @hook_impl
    def before_node_run(self, node: Node, catalog: DataCatalog) -> None:
        """Let what the node makes be saved in the folder first."""
        if self._saves is not None:
            for name in node.outputs:
                self._saves.stage(name, catalog.get(name))

    @hook_impl
    def after_node_run(self, outputs: dict[str, Any]) -> None:
        """Remember where training's checkpoints lie."""
        if CHECKPOINTS in outputs:
            self._checkpoints = Path(outputs[CHECKPOINTS])

    @hook_impl(tryfirst=True)  # before the file is logged as artifact
    def after_dataset_saved(self, dataset_name: str) -> None:
        """Give what was saved its final name."""
        if self._saves is not None:
            self._saves.publish(dataset_name)
        self._has_model = self._has_model or dataset_name == MODEL

    @hook_impl(trylast=True)  # once the model is registered and the tracked run closed
    def after_pipeline_run(self) -> None:
        """Delete the folder and, once the model is saved, the checkpoints that a run would go on from."""
        if self._checkpoints is not None and self._has_model:
            remove_if_free(self._checkpoints)
        elif self._checkpoints is not None:
            logger.warning("No model was saved: a whole run goes on from %s", self._checkpoints)
        self._leave()

    @hook_impl(trylast=True)
    def on_pipeline_error(self) -> None:
        """Delete the folder."""
        self._leave()

    def _leave(self) -> None:
        if self._saves is not None:
            self._saves.restore()
        if self._folder is not None:
            self._folder.remove()
        self._folder = self._saves = self._checkpoints = None
        self._has_model = False
