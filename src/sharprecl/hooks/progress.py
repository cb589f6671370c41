"""How far a run is."""

import logging
from pathlib import Path
from time import perf_counter
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node, Pipeline

from sharprecl.local_names import expand_home
from sharprecl.parameters import PredictParameters

logger = logging.getLogger(__name__)

SCORED_ROWS = "scored_rows"


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
