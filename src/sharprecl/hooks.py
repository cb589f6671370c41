"""What the project adds to Kedro itself: configuration resolvers, the check of all parameters, progress."""

import logging
from pathlib import Path
from time import perf_counter
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Node, Pipeline
from omegaconf import OmegaConf

from sharprecl.errors import ParameterError
from sharprecl.parameter_check import check_parameters

logger = logging.getLogger(__name__)


class ParameterHooks:
    """Checks the parameters and makes the project's root and parameters known to the other YAML files."""

    @hook_impl(tryfirst=True)  # kedro-mlflow's hook reads mlflow.yml, which needs the resolvers
    def after_context_created(self, context: KedroContext) -> None:
        """Register the resolvers, then check the parameters.

        ``${project_root:}`` is the project's absolute folder; ``${parameters:corpus}`` is a parameter
        block as merged from the environments and ``--params``.

        Raises:
            ParameterError: naming the key that is unknown or whose value does not fit.
        """
        root = context.project_path.as_posix()
        parameters = context.config_loader["parameters"]
        OmegaConf.register_new_resolver("project_root", lambda: root, replace=True)
        OmegaConf.register_new_resolver("parameters", _reader(parameters), replace=True)
        check_parameters(parameters)


def _reader(parameters: dict[str, Any]) -> Any:
    def read(name: str) -> Any:
        if name not in parameters:
            raise ParameterError(f"{name}: not set, but a catalog entry needs it; set it in parameters.yml")
        return parameters[name]

    return read


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
