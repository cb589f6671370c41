"""One training run: from token rows to a trained model."""

import logging
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
from transformers import PreTrainedTokenizerFast

from sharprecl.errors import CorpusError
from sharprecl.modeling import TrainedModel
from sharprecl.parameters import FitParameters, LaunchParameters
from sharprecl.table_digest import table_digest
from sharprecl.training.callbacks import MetricsSink
from sharprecl.training.checkpoints import (
    claim_run_folder,
    discard_checkpoints,
    find_best_beside,
    newest_checkpoint,
)
from sharprecl.training.history import training_history
from sharprecl.training.job import TrainingJob, run_fingerprint
from sharprecl.training.launch import train_in_processes
from sharprecl.training.post_hoc import finish_classifier
from sharprecl.training.run import run_training

logger = logging.getLogger(__name__)


class FitResult(NamedTuple):
    """What training leaves.

    Attributes:
        trained_model: the checkpoint that the validation split chose.
        history: one row an epoch.
        checkpoints: folder of the run's checkpoints; of no use once the model is saved.
        resumed: whether it went on from a checkpoint of an earlier process.
    """

    trained_model: TrainedModel
    history: pd.DataFrame
    checkpoints: Path
    resumed: bool


def fit_model(
    token_table: pa.Table,
    label_names: list[str],
    tokenizer: PreTrainedTokenizerFast,
    encoder: str,
    *,
    parameters: FitParameters,
    seed: int,
    checkpoint_folder: Path,
    metrics_sink: MetricsSink | None = None,
    launch: LaunchParameters | None = None,
) -> FitResult:
    """Train SharpReCL on the training split; choose the epoch on the validation split.

    Args:
        token_table: token rows with ``split``, ``label_id``, ``input_ids``, ``word_ids`` and perhaps
            ``aug_input_ids``.
        label_names: class names in label order, length C.
        tokenizer: the encoder's tokenizer, saved with the model.
        encoder: as for :func:`~sharprecl.modeling.encoders.load_encoder`.
        parameters: the ``fit`` block with its preset applied.
        seed: of initial weights, batches, dropout, views and sampling.
        checkpoint_folder: where checkpoints lie while training runs; a run that was interrupted goes on
            from the last one made with the same data and parameters, also with another number of processes.
        metrics_sink: takes metrics while training runs.
        launch: the ``launch`` block; this process alone if None.

    Returns:
        The trained model, on the device it was trained on, and its history. The epoch is the last one whose
        validation macro-F1 is within ``selection_tolerance`` of the best.

    Raises:
        CorpusError: if a class has no training text.
        ParameterError: if the work cannot be shared as the ``launch`` block says.
        SharpreclError: if a process ended before its time.
    """
    job = TrainingJob(token_table, label_names, encoder, int(tokenizer.pad_token_id), parameters, seed)
    digest = table_digest(token_table)
    fingerprint = run_fingerprint(digest, label_names, encoder, parameters, seed)
    _check_counts(job)
    with claim_run_folder(checkpoint_folder, fingerprint) as run_folder:
        if not parameters.resume:
            discard_checkpoints(run_folder)
        checkpoint = newest_checkpoint(run_folder) if parameters.resume else None
        if checkpoint is not None:
            logger.info("Going on from %s.", checkpoint.name)
            find_best_beside(checkpoint)
        if launch is not None and launch.num_processes > 1:
            trained = train_in_processes(job, run_folder, launch, metrics_sink)
        else:
            trained = run_training(job, run_folder, checkpoint, metrics_sink)
    history = training_history(trained.state.log_history, trained.state.best_global_step)
    trained_model = TrainedModel(trained.model.eval(), tokenizer)
    finish_classifier(trained_model, token_table, parameters)
    trained_model.model.config.data_digest = digest
    return FitResult(trained_model, history, run_folder, checkpoint is not None)


def _check_counts(job: TrainingJob) -> None:
    """Refuse classes whose prior would be 0.

    Raises:
        CorpusError: naming one.
    """
    for label, count in zip(job.label_names, job.class_counts(), strict=True):
        if count == 0:
            raise CorpusError(
                f"class {label!r} has no training text; give it some, or leave it out of the labels"
            )
