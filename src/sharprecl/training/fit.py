"""One training run: from token rows to a trained model."""

import hashlib
import json
import logging
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedTokenizerFast,
    ProgressCallback,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_utils import get_last_checkpoint

from sharprecl.modeling import SharpReCL, SharpReCLConfig, TrainedModel
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.device import select_bf16, select_device
from sharprecl.modeling.encoders import default_pooling, load_encoder
from sharprecl.modeling.quiet import quiet_transformers
from sharprecl.parameters import FitParameters
from sharprecl.training.callbacks import EpochProgress, LogEveryEpoch, MetricsCallback, MetricsSink
from sharprecl.training.collation import ViewCollator
from sharprecl.training.freed_memory import keep_freed_memory
from sharprecl.training.history import training_history
from sharprecl.training.objective import SharpReCLObjective
from sharprecl.training.optimizer import build_optimizer
from sharprecl.training.post_hoc import finish_classifier
from sharprecl.training.token_rows import EvaluationRows, TrainingRows, select_split
from sharprecl.training.trainer import SharpReCLTrainer

logger = logging.getLogger(__name__)


class FitResult(NamedTuple):
    """What training leaves.

    Attributes:
        trained_model: the checkpoint that the validation split chose.
        history: one row an epoch.
        checkpoints: folder of the run's checkpoints; of no use once the model is saved.
    """

    trained_model: TrainedModel
    history: pd.DataFrame
    checkpoints: Path


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
            from the last one made with the same data and parameters.
        metrics_sink: takes metrics while training runs.

    Returns:
        The trained model, on the device it was trained on, and its history. The epoch is the last one whose
        validation macro-F1 is within ``selection_tolerance`` of the best.
    """
    set_seed(seed)
    train_table = select_split(token_table, "train")
    class_counts = np.bincount(train_table["label_id"].to_numpy(), minlength=len(label_names))
    device = select_device(parameters.device)
    model = build_model(encoder, label_names, class_counts.tolist(), parameters)
    if device == "cpu":
        prepare_for_cpu(model.encoder)
    run_folder = checkpoint_folder / run_fingerprint(token_table, label_names, encoder, parameters, seed)
    trainer = SharpReCLTrainer(
        objective=SharpReCLObjective(parameters, torch.from_numpy(class_counts), seed),
        selection_tolerance=parameters.selection_tolerance,
        model=model,
        args=_training_arguments(parameters, device, seed, run_folder),
        train_dataset=TrainingRows(train_table, parameters, seed),
        eval_dataset=EvaluationRows(select_split(token_table, "validation")),
        data_collator=ViewCollator(int(tokenizer.pad_token_id)),
        compute_metrics=validation_metrics,
        optimizers=(build_optimizer(model, parameters), None),
        callbacks=[EarlyStoppingCallback(parameters.early_stopping_patience), LogEveryEpoch()],
    )
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(EpochProgress())
    if metrics_sink is not None:
        trainer.add_callback(MetricsCallback(metrics_sink))
    with quiet_transformers(), keep_freed_memory() if device == "cpu" else nullcontext():
        trainer.train(resume_from_checkpoint=_checkpoint_to_resume(run_folder, parameters.resume))
    history = training_history(trainer.state.log_history)
    trained_model = TrainedModel(model.eval(), tokenizer)
    finish_classifier(trained_model, token_table, parameters)
    return FitResult(trained_model, history, run_folder)


def build_model(
    encoder: str, label_names: list[str], class_counts: list[int], parameters: FitParameters
) -> SharpReCL:
    """SharpReCL with a pretrained encoder and new heads.

    Args:
        encoder: as for :func:`~sharprecl.modeling.encoders.load_encoder`.
        label_names: class names in label order, length C.
        class_counts: training texts per class, length C.
        parameters: the ``fit`` block.

    Returns:
        The model, on the CPU, in float32.
    """
    pretrained = load_encoder(encoder, parameters.dropout)
    pooling = default_pooling(encoder) if parameters.pooling == "auto" else parameters.pooling
    config = SharpReCLConfig(
        encoder=pretrained.config.to_dict(),
        pooling=pooling,
        embedding_dim=parameters.embedding_dim,
        head_norm=parameters.head_norm,
        classifier=parameters.classifier,
        logit_scale=parameters.logit_scale,
        class_counts=class_counts,
        id2label=dict(enumerate(label_names)),
        label2id={label: index for index, label in enumerate(label_names)},
    )
    return SharpReCL(config, pretrained)


def validation_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """Accuracy and macro-F1 over the classes that validation holds.

    Args:
        prediction: logits, shape [N, C], and labels, shape [N].

    Returns:
        ``accuracy`` and ``macro_f1``, each in [0, 1].
    """
    predicted = np.asarray(prediction.predictions).argmax(axis=1)
    labels = np.asarray(prediction.label_ids)
    macro_f1 = f1_score(labels, predicted, labels=np.unique(labels), average="macro", zero_division=0)
    return {"accuracy": float(accuracy_score(labels, predicted)), "macro_f1": float(macro_f1)}


def run_fingerprint(
    token_table: pa.Table, label_names: list[str], encoder: str, parameters: FitParameters, seed: int
) -> str:
    """A name for the run that changes with anything its result depends on.

    Returns:
        16 hexadecimal digits.
    """
    digest = hashlib.sha256()
    relevant = parameters.model_dump(mode="json", exclude={"resume", "eval_batch_size"})
    digest.update(json.dumps([relevant, label_names, encoder, seed], sort_keys=True).encode())
    buffer = pa.BufferOutputStream()
    with pa.ipc.new_stream(buffer, token_table.schema) as stream:
        stream.write_table(token_table.combine_chunks())
    digest.update(buffer.getvalue())
    return digest.hexdigest()[:16]


def _training_arguments(parameters: FitParameters, device: str, seed: int, folder: Path) -> TrainingArguments:
    options: dict[str, Any] = {
        "num_train_epochs": parameters.epochs,
        "per_device_train_batch_size": parameters.batch_size,
        "per_device_eval_batch_size": parameters.eval_batch_size,
        "learning_rate": parameters.learning_rate,
        "warmup_steps": parameters.warmup_ratio,
        "lr_scheduler_type": "linear",
        "max_grad_norm": parameters.max_grad_norm,
        "weight_decay": parameters.weight_decay,
    }
    return TrainingArguments(
        output_dir=str(folder),
        **options,
        seed=seed,
        data_seed=seed,
        use_cpu=device == "cpu",
        bf16=select_bf16(parameters.precision, device),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=1,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_steps=10,
        report_to="none",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=device == "cuda",
    )


def _checkpoint_to_resume(folder: Path, resume: bool) -> str | None:
    if not resume or not folder.is_dir():
        return None
    checkpoint: str | None = get_last_checkpoint(str(folder))
    if checkpoint is not None:
        logger.info("Going on from %s.", Path(checkpoint).name)
    return checkpoint
