"""kedro-mlflow's hooks, which open and close the run, without its log of parameters."""

from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import DataCatalog
from kedro.pipeline import Node
from kedro_mlflow.framework.hooks.mlflow_hook import MlflowHook


class RunHooks(MlflowHook):  # type: ignore[misc] # kedro-mlflow has no types
    """Opens and closes the run; leaves its parameters to :class:`~sharprecl.tracking.hooks.TrackingHooks`.

    kedro-mlflow logs what each node is given, a whole block as one value and as configured: with a preset
    another value than the one that takes effect.
    """

    @hook_impl
    def before_node_run(
        self, node: Node, catalog: DataCatalog, inputs: dict[str, Any], is_async: bool
    ) -> None:
        """Go on with the run in the node's thread."""
        super().before_node_run(node, catalog, {}, is_async)
