"""Kedro's settings of the project."""

from sharprecl.config_loader import ProjectConfigLoader
from sharprecl.hooks.launch import LaunchHooks
from sharprecl.hooks.parameters import ParameterHooks
from sharprecl.hooks.progress import ProgressHooks
from sharprecl.hooks.run_folder import RunFolderHooks
from sharprecl.hooks.saved_tables import SavedTableHooks
from sharprecl.tracking.hooks import TrackingHooks
from sharprecl.tracking.run_hooks import RunHooks

# kedro-viz registers its own hooks by entry point. Without RunHooks nothing is tracked.
HOOKS = (
    RunFolderHooks(),
    SavedTableHooks(),
    ProgressHooks(),
    LaunchHooks(),
    TrackingHooks(),
    ParameterHooks(),  # of those that want to come first the last named does
    RunHooks(),
)
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry", "kedro_mlflow", "kedro-mlflow")

CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment that sets one key keeps the key's siblings.
    "merge_strategy": dict.fromkeys(("parameters", "mlflow", "catalog", "airflow"), "soft"),
}
