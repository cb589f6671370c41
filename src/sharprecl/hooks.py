"""What the project adds to Kedro's own course of a run: the check of all parameters, and progress."""

import logging
from pathlib import Path
from time import perf_counter
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Node, Pipeline

from sharprecl.parameter_check import check_parameters

logger = logging.getLogger(__name__)


class ParameterHooks:
    """Refuses parameters that are unknown or do not fit."""

    @hook_impl(tryfirst=True)  # before kedro-mlflow makes its database
    def after_context_created(self, context: KedroContext) -> None:
        """Check all parameters, whichever pipeline runs.

        Raises:
            ParameterError: naming the key that is unknown or whose value does not fit.
        """
        check_parameters(context.config_loader["parameters"])


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
    def after_pipeline_run(self, run_params: dict[str, Any]) -> None:
        """One line at the end, with the version under which the run's outputs were saved."""
        data = Path(run_params["project_path"]) / "data"
        seconds = perf_counter() - self._start
        logger.info("Done in %.0f s; outputs are in %s, version %s", seconds, data, run_params["run_id"])
