"""What the project adds to Kedro's own course of a run: a check of all parameters, a folder, and progress."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from sharprecl.config_loader import set_project_root
from sharprecl.datasets.made_with import (
    MODEL,
    Settings,
    check_made_with,
    corpus_settings,
    token_settings,
    training_settings,
)
from sharprecl.datasets.required_columns import check_required_columns
from sharprecl.datasets.run_folder import RunFolder, remove_if_free, runs_folder
from sharprecl.datasets.staging import StagedSaves
from sharprecl.errors import ParameterError
from sharprecl.local_names import expand_home
from sharprecl.parameter_check import ProjectParameters, check_parameters
from sharprecl.parameters import CompareParameters, PredictParameters, overridden_keys
from sharprecl.parameters.compare import METHODS
from sharprecl.tracking.dead_runs import announce_runs
from sharprecl.tracking.jobs import JOB_VARIABLE, join_job

logger = logging.getLogger(__name__)

CHECKPOINTS = "finished_checkpoints"
SCORED_ROWS = "scored_rows"


class ParameterHooks:
    """Refuses parameters that are unknown or do not fit."""

    @hook_impl(tryfirst=True)  # before kedro-mlflow makes its database
    def after_context_created(self, context: KedroContext) -> None:
        """Check all parameters, whichever pipeline runs.

        Raises:
            ParameterError: naming the key that is unknown or whose value does not fit.
        """
        set_project_root(context.project_path)
        self._parameters = check_parameters(context.config_loader["parameters"])

    @hook_impl(tryfirst=True)  # before the run has a folder or a tracked run
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Say which keys of a preset are overridden; refuse a method by itself that is not compared.

        Raises:
            ParameterError: naming the method, or a runner that does not run one node at a time.
        """
        check_runner(run_params.get("runner"))
        in_job = JOB_VARIABLE in os.environ  # an engine gives a command to each method, compared or not
        if "compare" in (run_params.get("pipeline_names") or []) and not in_job:
            check_compared(run_params.get("namespaces") or [], self._parameters.compare)
        elif any("params:preset" in node.inputs for node in pipeline.nodes):
            _tell_overridden(self._parameters)


def check_runner(name: str | None) -> None:
    """Refuse to run nodes at the same time: trainings share random state, and a thread has no tracked run.

    Args:
        name: what Kedro records of the runner: its name, or what it prints as; None for the default.

    Raises:
        ParameterError: if it is one of Kedro's that runs several nodes at once.
    """
    for kind in ("ThreadRunner", "ParallelRunner"):
        if kind in (name or ""):
            raise ParameterError(
                f"--runner={kind}: nodes run one after the other here; leave it out (a training uses "
                "all cores, launch.nproc shares it among GPUs, --namespaces runs one method of a comparison)"
            )


def check_compared(namespaces: Sequence[str], compare: CompareParameters) -> None:
    """Refuse a method that would train nothing.

    Args:
        namespaces: given on the command line: of methods, or of the stages before them.
        compare: the ``compare`` block.

    Raises:
        ParameterError: naming the first that ``compare.methods`` does not name.
    """
    for name in namespaces:
        if name in METHODS and name not in compare.methods:
            raise ParameterError(
                f"--namespaces={name}: compare.methods does not name it, so nothing would be trained; add it "
                "there"
            )


def _tell_overridden(parameters: ProjectParameters) -> None:
    own = overridden_keys(parameters.fit, parameters.preset)
    if own:
        texts = [f"{key} {value} (the preset's: {preset})" for key, (value, preset) in own.items()]
        logger.info("Preset %s with fit keys as set: %s", parameters.preset, ", ".join(texts))


class SavedTableHooks:
    """Refuses what an earlier command saved for another corpus, another training or another version."""

    def __init__(self) -> None:
        self._settings: Settings | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Remember the parameters of the run."""
        run = check_parameters(context.config_loader["parameters"]).effective()
        self._settings = {
            **token_settings(corpus_settings(run.corpus), run.encoder, run.tokenize),
            **training_settings(run.encoder, run.preset, run.fit, run.seed),
        }

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Check the columns, and what it was made with.

        Raises:
            CorpusError: naming the table and the columns that it lacks, or the parameter that differs.
            ModelError: naming the parameter with which the model was trained otherwise.
        """
        check_required_columns(dataset_name, data)
        if self._settings is not None:
            check_made_with(dataset_name, data, self._settings)


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


class ProgressHooks:
    """Tells which node runs."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Count the nodes."""
        self._total, self._begun, self._start = len(pipeline.nodes), 0, perf_counter()

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """One line a node."""
        self._begun += 1
        logger.info("[%d/%d] %s", self._begun, self._total, node.name)

    @hook_impl
    def after_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """One line at the end, with the version under which the run's outputs were saved."""
        project = Path(run_params["project_path"])
        seconds = perf_counter() - self._start
        if pipeline.outputs() == {SCORED_ROWS}:
            predict = PredictParameters.model_validate(catalog.load("params:predict"))
            scored = project / expand_home(predict.output)
            logger.info("Done in %.0f s; the scored rows are in %s", seconds, scored)
            return
        logger.info(
            "Done in %.0f s; outputs are in %s, version %s", seconds, project / "data", run_params["run_id"]
        )
