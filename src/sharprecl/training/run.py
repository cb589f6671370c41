"""One process's part of a training: the Trainer, wired."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.distributed as dist
from sklearn.metrics import accuracy_score, f1_score
from transformers import (
    EarlyStoppingCallback,
    EvalPrediction,
    TrainerState,
    TrainingArguments,
    set_seed,
)
from transformers.trainer import DEFAULT_PROGRESS_CALLBACK

from sharprecl.errors import TrainingError
from sharprecl.modeling import SharpReCL
from sharprecl.modeling.device import select_bf16, select_device
from sharprecl.modeling.quiet import quiet_transformers
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model_of
from sharprecl.training.callbacks import (
    EpochProgress,
    LogEveryEpoch,
    MetricsCallback,
    MetricsSink,
    ViewsEveryEpoch,
)
from sharprecl.training.checkpoints import epochs_until_early_stop, step_of
from sharprecl.training.class_mean_start import start_from_class_means
from sharprecl.training.collation import ViewCollator
from sharprecl.training.freed_memory import keep_freed_memory
from sharprecl.training.job import TrainingJob
from sharprecl.training.objective import SharpReCLObjective
from sharprecl.training.optimizer import build_optimizer
from sharprecl.training.token_rows import TEXT_COLUMNS, EvaluationRows, TrainingRows, select_split
from sharprecl.training.trainer import SharpReCLTrainer


class TrainedWeights(NamedTuple):
    """What the Trainer leaves.

    Attributes:
        model: with the weights of the chosen epoch, on the device it was trained on.
        state: the Trainer's log and which step was chosen.
    """

    model: SharpReCL
    state: TrainerState


def run_training(
    job: TrainingJob, run_folder: Path, checkpoint: Path | None, metrics_sink: MetricsSink | None
) -> TrainedWeights:
    """Train in this process; in a process group, as one of its members.

    Args:
        job: what is trained.
        run_folder: where checkpoints lie; the same for all members.
        checkpoint: to go on from.
        metrics_sink: takes metrics while training runs, in the first process.

    Returns:
        The model and the Trainer's state; other members than the first may lack the chosen weights.
    """
    set_seed(job.seed)
    device = select_device(job.parameters.device)
    model = build_model_of(job, device)
    trainer = _build_trainer(job, model, device, run_folder)
    if job.parameters.classifier_start == "class_means" and checkpoint is None:
        train_table = select_split(job.token_table, "train", TEXT_COLUMNS)
        start_from_class_means(model, train_table, job.pad_token_id, job.seed)
    _reseed(job.seed, trainer.args.process_index, checkpoint)
    if metrics_sink is not None:
        trainer.add_callback(MetricsCallback(metrics_sink))
    if checkpoint is not None:
        # Where training had stopped early, the Trainer would not know and train one epoch more.
        trainer.args.num_train_epochs = epochs_until_early_stop(checkpoint) or job.parameters.epochs
    with quiet_transformers(), keep_freed_memory() if device == "cpu" else nullcontext():
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    # Accelerate leaves its mixed precision around the model; from here it scores as the saved one does.
    model = trainer.accelerator.unwrap_model(model, keep_fp32_wrapper=False)
    return TrainedWeights(model, trainer.state)


def validation_metrics(prediction: EvalPrediction) -> dict[str, float]:
    """Accuracy and macro-F1 over the classes that validation holds.

    Args:
        prediction: logits, shape [N, C], and labels, shape [N].

    Returns:
        ``accuracy`` and ``macro_f1``, each in [0, 1].

    Raises:
        TrainingError: if a logit is not a number.
    """
    logits = np.asarray(prediction.predictions)
    if not np.isfinite(logits).all():
        raise TrainingError(
            "fit: training diverged, the model's outputs are no longer finite; lower fit.learning_rate, "
            "or look at the encoder's weights"
        )
    predicted = logits.argmax(axis=1)
    labels = np.asarray(prediction.label_ids)
    macro_f1 = f1_score(labels, predicted, labels=np.unique(labels), average="macro", zero_division=0)
    return {"accuracy": float(accuracy_score(labels, predicted)), "macro_f1": float(macro_f1)}


def _build_trainer(job: TrainingJob, model: SharpReCL, device: str, run_folder: Path) -> SharpReCLTrainer:
    parameters = job.parameters
    rows = TrainingRows(select_split(job.token_table, "train"), parameters, job.seed)
    validation = EvaluationRows(select_split(job.token_table, "validation", TEXT_COLUMNS))
    trainer = SharpReCLTrainer(
        objective=SharpReCLObjective(
            parameters, torch.from_numpy(job.class_counts()), job.seed, job.first_class
        ),
        selection_tolerance=parameters.selection_tolerance,
        model=model,
        args=_training_arguments(parameters, device, job.seed, run_folder, len(rows), len(validation)),
        train_dataset=rows,
        eval_dataset=validation,
        data_collator=ViewCollator(job.pad_token_id),
        compute_metrics=validation_metrics,
        optimizers=(build_optimizer(model, parameters), None),
        callbacks=[
            EarlyStoppingCallback(parameters.early_stopping_patience),
            LogEveryEpoch(),
            ViewsEveryEpoch(rows),
        ],
    )
    trainer.remove_callback(DEFAULT_PROGRESS_CALLBACK)  # in a notebook it is another than on a terminal
    trainer.add_callback(EpochProgress())
    return trainer


def _training_arguments(
    parameters: FitParameters,
    device: str,
    seed: int,
    folder: Path,
    num_training_texts: int,
    num_validation_texts: int,
) -> TrainingArguments:
    world_size = dist.get_world_size() if dist.is_initialized() else 1
    is_single_step = parameters.epochs == 1 and num_training_texts <= parameters.batch_size
    options: dict[str, Any] = {
        "num_train_epochs": parameters.epochs,
        "per_device_train_batch_size": parameters.batch_size // world_size,
        "per_device_eval_batch_size": parameters.eval_batch_size,
        "learning_rate": parameters.learning_rate,
        # A single step would be the first of the warm-up, whose rate is 0.
        "warmup_steps": 0 if is_single_step else parameters.warmup_ratio,
        "lr_scheduler_type": "linear",
        "max_grad_norm": parameters.max_grad_norm,
        "weight_decay": parameters.weight_decay,
    }
    if world_size > 1:
        options["ddp_backend"] = "gloo" if device == "cpu" else None
        options["per_device_eval_batch_size"] = even_batch_size(
            num_validation_texts, world_size, parameters.eval_batch_size
        )
    arguments = TrainingArguments(
        output_dir=str(folder),
        **options,
        seed=seed,
        data_seed=seed,
        use_cpu=device == "cpu",
        bf16=select_bf16(parameters.precision, device),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,  # the best and the last: with 1 the Trainer deletes the last at the end
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,  # early stopping counts on where it was
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_steps=10,
        logging_nan_inf_filter=False,  # a loss that is not a number must not look like 0
        report_to="none",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=device == "cuda",
    )
    # With more, the Trainer would split batches among GPUs by itself, and the contrast with them; processes
    # (`launch`) are our way to use several.
    arguments._n_gpu = min(1, arguments.n_gpu)
    return arguments


def even_batch_size(num_texts: int, world_size: int, limit: int) -> int:
    """The batch size with which processes need the least filler, as few batches as can be.

    Accelerate fills every process's last batch up.

    Args:
        num_texts: to share out.
        world_size: processes.
        limit: the largest batch.

    Returns:
        At most the limit.
    """
    batches = world_size * -(-num_texts // (world_size * limit))
    return -(-num_texts // max(1, batches)) or 1


def _reseed(seed: int, process_index: int, checkpoint: Path | None) -> None:
    """Let every process draw its own dropout, and other draws after a checkpoint than before it.

    The Trainer loads the generators' states with a checkpoint if this process saved some there.
    """
    step = 0 if checkpoint is None else step_of(checkpoint)
    if process_index > 0 or step > 0:
        set_seed(int(np.random.SeedSequence((seed, process_index, step)).generate_state(1)[0]))
