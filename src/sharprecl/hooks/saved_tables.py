"""The check of what earlier commands saved."""

from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl

from sharprecl.datasets.made_with import (
    Settings,
    check_made_with,
    corpus_settings,
    token_settings,
    training_settings,
)
from sharprecl.datasets.required_columns import check_required_columns
from sharprecl.parameter_check import check_parameters


class SavedTableHooks:
    """Refuses what an earlier command saved for another corpus, another training or another version."""

    def __init__(self) -> None:
        self._settings: Settings | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Remember the parameters of the run."""
        run = check_parameters(context.config_loader["parameters"]).effective()
        self._settings = {
            **token_settings(corpus_settings(run.corpus), run.encoder, run.tokenize),
            **training_settings(run.encoder, run.preset, run.fit, run.seed),
        }

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Check the columns, and what it was made with.

        Raises:
            CorpusError: naming the table and the columns that it lacks, or the parameter that differs.
            ModelError: naming the parameter with which the model was trained otherwise.
        """
        check_required_columns(dataset_name, data)
        if self._settings is not None:
            check_made_with(dataset_name, data, self._settings)
