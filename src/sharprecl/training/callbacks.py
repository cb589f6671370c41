"""What is told about a training while it runs."""

from collections.abc import Callable
from typing import Any

from transformers import ProgressCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from sharprecl.training.token_rows import TrainingRows

MetricsSink = Callable[[dict[str, float], int], None]
"""Takes metrics by name and the step they belong to."""

TRAIN_METRICS = ("loss", "classification_loss", "contrastive_loss", "learning_rate", "grad_norm")
VALIDATION_METRICS = ("loss", "macro_f1", "accuracy")


def public_metrics(logs: dict[str, Any]) -> dict[str, float]:
    """The Trainer's log names as ours: ``loss`` → ``train/loss``, ``eval_macro_f1`` → ``val/macro_f1``.

    Args:
        logs: one line of the Trainer's log.

    Returns:
        Metrics by public name; the Trainer's own timings are left out.
    """
    train = {f"train/{name}": float(logs[name]) for name in TRAIN_METRICS if name in logs}
    validation = {
        f"val/{name}": float(logs[f"eval_{name}"]) for name in VALIDATION_METRICS if f"eval_{name}" in logs
    }
    return train | validation


class MetricsCallback(TrainerCallback):
    """Hands every log line on while training runs; of one that goes on, those from before first.

    Args:
        sink: takes the metrics.
    """

    def __init__(self, sink: MetricsSink) -> None:
        self.sink = sink

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Send what was logged before the training was interrupted."""
        for line in state.log_history if state.is_world_process_zero else ():
            metrics = public_metrics(line)
            if metrics:
                self.sink(metrics, int(line["step"]))

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Send the line's metrics, if it has any."""
        metrics = public_metrics(logs or {})
        if metrics and state.is_world_process_zero:
            self.sink(metrics, state.global_step)


class ViewsEveryEpoch(TrainerCallback):
    """Tells the training rows which epoch's views to draw.

    Accelerate does, but not where several processes share the batches.

    Args:
        rows: the training rows.
    """

    def __init__(self, rows: TrainingRows) -> None:
        self.rows = rows

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Set the epoch that begins, from 0."""
        self.rows.set_epoch(int((state.epoch or 0.0) + 1e-6))


class LogEveryEpoch(TrainerCallback):
    """Logs the training loss at each epoch's end, too, however few steps the epoch has."""

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Ask for a log line."""
        control.should_log = True


class EpochProgress(ProgressCallback):
    """The Trainer's bar with the latest losses beside it and one line an epoch."""

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Show the training loss on the bar, the validation metrics as a line of their own."""
        if not state.is_world_process_zero or self.training_bar is None:
            return
        metrics = public_metrics(logs or {})
        if "train/loss" in metrics:
            self.training_bar.set_postfix_str(f"loss {metrics['train/loss']:.3f}")
        if "val/macro_f1" in metrics:
            self.training_bar.write(
                f"epoch {state.epoch:.0f}/{args.num_train_epochs:.0f}: "
                f"validation macro-F1 {metrics['val/macro_f1']:.4f}, accuracy {metrics['val/accuracy']:.4f}, "
                f"loss {metrics['val/loss']:.4f}"
            )
