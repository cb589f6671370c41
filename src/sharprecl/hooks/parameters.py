"""The check of all parameters before a run."""

import logging
import os
from collections.abc import Collection, Sequence
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.pipeline import Pipeline

from sharprecl import comparison, llm
from sharprecl.errors import ParameterError
from sharprecl.parameter_check import ProjectParameters, check_parameters
from sharprecl.parameters import (
    ABLATIONS,
    PRESETS,
    CompareParameters,
    ablation_arms,
    curve_points,
    overridden_keys,
)
from sharprecl.parameters.compare import METHODS
from sharprecl.project_root import set_project_root
from sharprecl.tracking.jobs import JOB_VARIABLE
from sharprecl.tracking.run_metadata import COMPARISONS

logger = logging.getLogger(__name__)

DEFAULT_PRESET = "sharprecl"


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
        """Say which keys of a preset are overridden; refuse what a comparison could not train.

        Raises:
            ParameterError: naming the method, or a runner that does not run one node at a time.
            ModelError: if the language model of a comparison is no folder.
        """
        check_runner(run_params.get("runner"))
        comparisons = COMPARISONS.intersection(run_params.get("pipeline_names") or [])
        if comparisons:
            check_comparison(comparisons, self._parameters)
            # An engine gives a command to each method, compared or not.
            if JOB_VARIABLE not in os.environ:
                check_namespaces(comparisons, run_params.get("namespaces") or [], self._parameters.compare)
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


def check_comparison(pipelines: Collection[str], parameters: ProjectParameters) -> None:
    """Refuse methods and ablations that cannot be trained with the user's keys, before the first is.

    Args:
        pipelines: ``compare``, ``ablate`` or both.
        parameters: of the run.

    Raises:
        ParameterError: naming the method or ablation, or what is wrong with the language model's endpoint.
        ModelError: if the language model is no folder.
    """
    fit, compare = parameters.fit, parameters.compare
    if parameters.preset != DEFAULT_PRESET:
        logger.warning(
            "preset %s takes no part here: compare.methods names the methods, and ablate is of %s",
            parameters.preset,
            DEFAULT_PRESET,
        )
    if "compare" in pipelines:
        for method in compare.methods:
            if method in PRESETS:
                comparison.method_parameters(fit, method, has_aug_text=True)
        if "llm" in compare.methods and compare.llm.model is not None:
            llm.check_source(compare.llm.model, compare.llm.endpoint, compare.llm.api_key_variable)
    if "ablate" in pipelines:
        possible = comparison.variant_parameters(fit, compare.ablations)
        if compare.ablations is None:
            left_out = [name for name in (*ABLATIONS, *curve_points()) if name not in possible]
            if left_out:
                logger.info("Left out, since fit's keys rule them out: %s", ", ".join(left_out))


def check_namespaces(
    pipelines: Collection[str], namespaces: Sequence[str], compare: CompareParameters
) -> None:
    """Refuse a method or ablation by itself that would train nothing.

    Args:
        pipelines: ``compare``, ``ablate`` or both.
        namespaces: given on the command line: of methods or ablations, or of the stages before them.
        compare: the ``compare`` block.

    Raises:
        ParameterError: naming the first that ``compare.methods`` or ``compare.ablations`` does not name.
    """
    arms = ablation_arms()
    for name in namespaces:
        key = None
        if "compare" in pipelines and name in METHODS and name not in compare.methods:
            key = "compare.methods"
        elif "ablate" in pipelines and compare.ablations is not None and name in arms:
            key = "compare.ablations" if set(arms[name]).isdisjoint(compare.ablations) else None
        if key is not None:
            raise ParameterError(
                f"--namespaces={name}: {key} does not name it, so nothing would be trained; add it there"
            )


def _tell_overridden(parameters: ProjectParameters) -> None:
    own = overridden_keys(parameters.fit, parameters.preset)
    if own:
        texts = [f"{key} {value} (the preset's: {preset})" for key, (value, preset) in own.items()]
        logger.info("Preset %s with fit keys as set: %s", parameters.preset, ", ".join(texts))
