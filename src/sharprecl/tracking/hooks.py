"""What is tracked when; kedro-mlflow's own hooks open and close the run."""

import logging
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from kedro.config import MissingConfigException, OmegaConfigLoader
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline
from mlflow.exceptions import MlflowException
from plotly.graph_objects import Figure

from sharprecl.datasets.made_with import MODEL
from sharprecl.datasets.run_folder import runs_folder
from sharprecl.parameter_check import check_parameters
from sharprecl.project_root import set_project_root
from sharprecl.tracking.artifacts import artifact_folder, log_artifact, log_figures, saved_path
from sharprecl.tracking.connection import (
    is_store_failure,
    lose_patience,
    quick_answers,
    registration_lock,
    say_failures_once,
    setup_lock,
)
from sharprecl.tracking.corpus_inputs import corpus_digest, log_corpus
from sharprecl.tracking.dead_runs import close_dead_runs
from sharprecl.tracking.environment import set_mlflow_defaults
from sharprecl.tracking.jobs import (
    TRAINED_VERSION,
    figures_page,
    load_version,
    load_with_model,
    trained_version,
)
from sharprecl.tracking.live_metrics import log_evaluation
from sharprecl.tracking.moved_project import follow_moved_artifacts
from sharprecl.tracking.new_database import make_database
from sharprecl.tracking.plot_images import log_images
from sharprecl.tracking.retention import prune_datasets
from sharprecl.tracking.run_metadata import describe_run, stages_of
from sharprecl.tracking.tracked_run import CORPUS, METRICS, TrackedRun, register_trained

logger = logging.getLogger(__name__)


class TrackingHooks:
    """Follows a run: parameters, inputs, artifacts, metrics, the registered model, old versions."""

    def __init__(self) -> None:
        set_mlflow_defaults()
        say_failures_once()
        self._run: TrackedRun | None = None

    @hook_impl(wrapper=True)
    def after_context_created(self, context: KedroContext) -> Generator[None, Any, Any]:
        """Keep the parameters as configured, and let one process at a time make or mend the database."""
        self._parameters = check_parameters(context.config_loader["parameters"])
        self._project_path = Path(context.project_path)
        self._leave()
        with setup_lock(self._project_path), quick_answers():
            self._make_database(context)
            result = yield  # kedro-mlflow reads its configuration
            configuration = getattr(context, "mlflow", None)  # kedro-mlflow may be switched off
            if configuration is not None:
                experiment = configuration.tracking.experiment
                artifacts = experiment.create_experiment_kwargs.artifact_location
                uri = mlflow.get_tracking_uri()
                follow_moved_artifacts(uri, experiment.name, artifacts, self._project_path)
            return result

    def _make_database(self, context: KedroContext) -> None:
        """Make the store that the configuration names, which kedro-mlflow has not read yet."""
        loader = context.config_loader
        if not isinstance(loader, OmegaConfigLoader):
            return
        set_project_root(self._project_path)  # with --conf-source the loader knows another one
        loader.config_patterns.setdefault("mlflow", ["mlflow*", "mlflow*/**", "**/mlflow*"])
        try:
            configured = loader["mlflow"]
            store = configured["server"]["mlflow_tracking_uri"]
            artifacts = configured["tracking"]["experiment"]["create_experiment_kwargs"]["artifact_location"]
        except (KeyError, TypeError, MissingConfigException):
            return  # another store, or what kedro-mlflow will refuse
        if isinstance(store, str) and isinstance(artifacts, str):
            make_database(store, artifacts)

    def _leave(self) -> None:
        """Close a run that was interrupted in this process, as in a notebook."""
        active, run = mlflow.active_run(), self._run
        if run is not None and active is not None and active.info.run_id == run.run_id:
            close_run("KILLED")
        self._run = None

    @hook_impl(trylast=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """Describe the run that kedro-mlflow has opened; without one nothing is tracked."""
        close_dead_runs(runs_folder(self._project_path))
        active = mlflow.active_run()
        self._run = None
        if active is not None:
            self._run = TrackedRun(
                active.info.run_id,
                self._parameters,
                catalog,
                run_params["run_id"],
                saved_path(catalog[CORPUS]),
                runs_folder(self._project_path),
                stages_of(pipeline),
            )
            describe_run(self._parameters, run_params, self._project_path, self._run.stages)
            trained = trained_version(active.info.run_id)
            if trained is not None and MODEL not in pipeline.all_outputs():
                load_version(catalog[MODEL], trained)  # the job's own, whatever was trained since
        load_with_model(catalog, pipeline.inputs())

    @hook_impl
    def after_node_run(self, node: Node, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Log the corpus when a node first makes or reads it."""
        run = self._run
        corpus = {**inputs, **outputs}.get(CORPUS)
        if run is not None and run.digest is None and isinstance(corpus, pd.DataFrame):
            run.digest = corpus_digest(corpus)
            log_corpus(corpus, run.parameters.corpus.display_name, str(run.corpus_path))

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Log what the catalog marks as artifact, and the evaluation's numbers as metrics."""
        run = self._run
        dataset = run.catalog.get(dataset_name) if run else None
        if run is None or dataset is None:
            return
        run.saved[dataset_name] = dataset
        folder = artifact_folder(dataset)
        if folder is not None:
            log_artifact(run.run_id, dataset, folder)
        if isinstance(data, Figure):
            run.figures[f"{folder}/{dataset_name}"] = data
        if dataset_name == MODEL:
            mlflow.set_tag(TRAINED_VERSION, run.save_version)
        if dataset_name == METRICS:
            run.metrics = data
            run.metrics_step = log_evaluation(run.run_id, data)

    @hook_impl(tryfirst=True)  # while the run is still open
    def after_pipeline_run(self) -> None:
        """Log the figures' page, register the model, delete old versions."""
        run, self._run = self._run, None
        if run is None:
            return
        try:
            mlflow.flush_async_logging()
            log_figures(run.run_id, run.figures, figures_page(run.stages, run.save_version))
            if run.parameters.tracking.images:
                log_images(run.run_id, run.figures)
            with registration_lock(run.runs):
                register_trained(run)
        except Exception:
            close_run("FAILED")
            raise
        keep = run.parameters.tracking.keep_versions
        # A run that is going on at the same time still needs what it has saved.
        others = {folder.name for folder in run.runs.iterdir()} - {run.save_version}
        deleted = prune_datasets(run.saved.values(), keep, others)
        if deleted:
            logger.info("Deleted %d saved versions older than the newest %d", deleted, keep)

    @hook_impl(tryfirst=True)
    def on_pipeline_error(self, error: Exception) -> None:
        """Store the metrics that are still on their way before kedro-mlflow closes the run."""
        self._run = None
        if is_store_failure(error):
            lose_patience()
        else:
            mlflow.flush_async_logging()


def close_run(status: str) -> None:
    """End the run that is still open, if any; where its store does not answer, the next run does it.

    Args:
        status: ``FAILED`` or ``KILLED``.
    """
    if mlflow.active_run() is None:
        return
    with quick_answers(), suppress(MlflowException):
        mlflow.flush_async_logging()
        mlflow.end_run(status)
