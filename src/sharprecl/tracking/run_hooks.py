"""kedro-mlflow's hooks, which open and close the run, without its log of parameters."""

from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node
from kedro_mlflow.config.kedro_mlflow_config import KedroMlflowConfig
from kedro_mlflow.framework.hooks.mlflow_hook import MlflowHook
from pydantic import ValidationError

from sharprecl.errors import ParameterError
from sharprecl.parameter_check import describe_problems


class RunHooks(MlflowHook):  # type: ignore[misc] # kedro-mlflow has no types
    """Opens and closes the run; leaves its parameters to :class:`~sharprecl.tracking.hooks.TrackingHooks`.

    kedro-mlflow logs what each node is given, a whole block as one value and as configured: with a preset
    another value than the one that takes effect.
    """

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Read ``mlflow.yml``.

        Raises:
            ParameterError: if a key is unknown or its value does not fit.
        """
        try:
            super().after_context_created(context)
        except ValidationError as error:
            raise ParameterError(f"mlflow.yml: {describe_problems(error, KedroMlflowConfig)}") from error

    @hook_impl
    def before_node_run(
        self, node: Node, catalog: DataCatalog, inputs: dict[str, Any], is_async: bool
    ) -> None:
        """Go on with the run in the node's thread."""
        super().before_node_run(node, catalog, {}, is_async)
