"""The check of all parameters before a run."""

import logging
import os
from collections.abc import Sequence
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from sharprecl.config_loader import set_project_root
from sharprecl.errors import ParameterError
from sharprecl.parameter_check import ProjectParameters, check_parameters
from sharprecl.parameters import CompareParameters, overridden_keys
from sharprecl.parameters.compare import METHODS
from sharprecl.tracking.jobs import JOB_VARIABLE

logger = logging.getLogger(__name__)


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
