"""What is tracked when; kedro-mlflow's own hooks open and close the run."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import AbstractDataset, DataCatalog
from kedro.pipeline import Node, Pipeline
from plotly.graph_objects import Figure

from sharprecl.parameter_check import ProjectParameters, check_parameters
from sharprecl.tracking.artifacts import artifact_folder, log_artifact, log_figures, saved_path
from sharprecl.tracking.corpus_inputs import corpus_digest, log_corpus
from sharprecl.tracking.live_metrics import log_evaluation
from sharprecl.tracking.quiet import quiet_mlflow
from sharprecl.tracking.registration import Candidate, register_model
from sharprecl.tracking.retention import prune_datasets
from sharprecl.tracking.run_metadata import corpus_name, describe_run

logger = logging.getLogger(__name__)

CORPUS, MODEL, METRICS = "labelled_corpus", "model", "metrics"


@dataclass
class TrackedRun:
    """What the hooks remember of the run they follow."""

    run_id: str
    parameters: ProjectParameters
    catalog: DataCatalog
    save_version: str
    saved: dict[str, AbstractDataset[Any, Any]] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    digest: str | None = None


class TrackingHooks:
    """Follows a run: parameters, inputs, artifacts, metrics, the registered model, old versions."""

    def __init__(self) -> None:
        quiet_mlflow()
        self._run: TrackedRun | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Keep the parameters as configured and the project's folder."""
        self._parameters = check_parameters(context.config_loader["parameters"])
        self._project_path = context.project_path

    @hook_impl(trylast=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: DataCatalog
    ) -> None:
        """Describe the run that kedro-mlflow has opened; without one nothing is tracked."""
        active = mlflow.active_run()
        self._run = None
        if active is not None:
            self._run = TrackedRun(active.info.run_id, self._parameters, catalog, run_params["run_id"])
            describe_run(self._parameters, run_params, self._project_path)

    @hook_impl
    def after_node_run(self, node: Node, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Log the corpus when a node first makes or reads it."""
        run = self._run
        corpus = {**inputs, **outputs}.get(CORPUS)
        if run is not None and run.digest is None and isinstance(corpus, pd.DataFrame):
            run.digest = corpus_digest(corpus)
            log_corpus(corpus, corpus_name(run.parameters), str(saved_path(run.catalog[CORPUS])))

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
        if dataset_name == METRICS:
            run.metrics = data
            log_evaluation(run.run_id, data)

    @hook_impl(tryfirst=True)  # while the run is still open
    def after_pipeline_run(self) -> None:
        """Log the figures' page, register the model, delete old versions."""
        run, self._run = self._run, None
        if run is None:
            return
        try:
            mlflow.flush_async_logging()
            log_figures(run.run_id, run.figures)
            _register(run)
        except BaseException:
            mlflow.end_run("FAILED")
            raise
        deleted = prune_datasets(run.saved.values(), run.parameters.tracking.keep_versions)
        if deleted:
            logger.info(
                "Deleted %d saved versions older than the newest %d",
                deleted,
                run.parameters.tracking.keep_versions,
            )

    @hook_impl(tryfirst=True)
    def on_pipeline_error(self) -> None:
        """Store the metrics that are still on their way before kedro-mlflow closes the run."""
        self._run = None
        mlflow.flush_async_logging()


def _register(run: TrackedRun) -> None:
    """Register the model if this run both trained and evaluated one."""
    if MODEL not in run.saved or METRICS not in run.saved:
        return
    digest = run.digest or corpus_digest(run.catalog.load(CORPUS))
    candidate = Candidate(digest, float(run.metrics["validation"]["macro_f1"]))
    tags = {
        "corpus": corpus_name(run.parameters),
        "encoder": run.parameters.encoder,
        "preset": run.parameters.preset,
        "kedro_save_version": run.save_version,
    }
    register_model(Path(saved_path(run.saved[MODEL])), candidate, tags)


def close_run(status: str) -> None:
    """End the run that is still open, if any.

    Args:
        status: ``FAILED`` or ``KILLED``.
    """
    if mlflow.active_run() is not None:
        mlflow.flush_async_logging()
        mlflow.end_run(status)
