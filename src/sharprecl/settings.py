"""Kedro's settings of the project."""

from sharprecl.config_loader import ProjectConfigLoader
from sharprecl.hooks import ParameterHooks, ProgressHooks, RunFolderHooks, SavedTableHooks
from sharprecl.launch_hooks import LaunchHooks
from sharprecl.tracking.hooks import TrackingHooks

# kedro-mlflow and kedro-viz register their own hooks by entry point.
HOOKS = (
    ParameterHooks(),
    RunFolderHooks(),
    SavedTableHooks(),
    ProgressHooks(),
    LaunchHooks(),
    TrackingHooks(),
)
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry",)

CONFIG_LOADER_CLASS = ProjectConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    # An environment that sets one key keeps the key's siblings.
    "merge_strategy": dict.fromkeys(("parameters", "mlflow", "catalog", "airflow"), "soft"),
}
