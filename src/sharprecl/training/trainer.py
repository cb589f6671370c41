"""transformers' Trainer with our objective."""

from collections.abc import Sized
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import Trainer
from transformers.trainer_utils import EvalLoopOutput

from sharprecl.functional.precision import at_least_float32
from sharprecl.modeling import SharpReCL, SharpReCLOutput
from sharprecl.training.gathering import gather_batch, texts_in_batch
from sharprecl.training.memory import halve_micro_batches, is_out_of_memory
from sharprecl.training.objective import LossTerms, SharpReCLObjective


class SharpReCLTrainer(Trainer):
    """Trains with :class:`SharpReCLObjective`; validates with the plain negative log-likelihood.

    In several processes each has a part of every batch; the loss is that of the whole batch.

    Args:
        objective: the training objective.
        selection_tolerance: validation macro-F1 within which the later of two epochs is chosen.
        **kwargs: what the Trainer takes.
    """

    def __init__(
        self, *, objective: SharpReCLObjective, selection_tolerance: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.selection_tolerance = selection_tolerance
        self.objective: SharpReCLObjective = objective
        self._logged_terms: list[tuple[Tensor, Tensor]] = []

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any) -> bool:
        """Let a later epoch that is nearly as good as the best one take its place."""
        is_better: bool = super()._determine_best_metric(metrics, trial)
        best = self.state.best_metric
        if best is not None and metrics["eval_macro_f1"] >= best - self.selection_tolerance:
            self.state.best_global_step = self.state.global_step
        return is_better

    def training_step(self, model: nn.Module, inputs: dict[str, Tensor], *args: Any) -> Tensor:
        """The Trainer's; a batch that the device's memory does not hold is tried again in smaller parts.

        Only in a process by itself: others would be waiting at an exchange that this one never reached.
        """
        while True:
            logged = len(self._logged_terms)
            try:
                loss: Tensor = super().training_step(model, inputs, *args)
                return loss
            except RuntimeError as error:
                if self.args.world_size > 1 or not is_out_of_memory(error):
                    raise
            # Outside of the handler: the error's traceback holds the step's tensors.
            del self._logged_terms[logged:]
            halve_micro_batches(cast(SharpReCL, self.model), len(inputs["input_ids"]))

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor | tuple[Tensor, SharpReCLOutput]:
        """The objective in training, NLL of the prior-free logits otherwise."""
        labels = inputs["labels"]
        output = model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"])
        if model.training:
            if self.args.world_size > 1:
                output, labels = self._gather(output, labels)
            terms = self.objective(
                output, labels, step=self.state.global_step, num_steps=self.state.max_steps
            )
            self._remember(terms)
            loss = terms.total
        else:
            loss = cross_entropy(at_least_float32(output.logits), labels)
        return (loss, output) if return_outputs else loss

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        """The Trainer's, with the loss of all texts where several processes share them.

        The Trainer would take the first texts' share of the processes' mean losses.
        """
        result: EvalLoopOutput = super().evaluation_loop(*args, **kwargs)
        if self.args.world_size > 1 and result.metrics is not None:
            logits, labels = (torch.as_tensor(part) for part in (result.predictions, result.label_ids))
            result.metrics["eval_loss"] = cross_entropy(at_least_float32(logits), labels).item()
        return result

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Add the loss terms' means since the last line to what is logged."""
        if "loss" in logs and self._logged_terms:
            classification, contrastive = (
                torch.stack(terms).mean().item() for terms in zip(*self._logged_terms, strict=True)
            )
            logs = {**logs, "classification_loss": classification, "contrastive_loss": contrastive}
            self._logged_terms.clear()
        super().log(logs, *args, **kwargs)

    def _gather(self, output: SharpReCLOutput, labels: Tensor) -> tuple[SharpReCLOutput, Tensor]:
        parameters = self.objective.parameters
        total = len(cast(Sized, self.train_dataset))
        num_texts = texts_in_batch(self.state.global_step, total, parameters.batch_size)
        return gather_batch(output, labels, 1 if parameters.view == "none" else 2, num_texts)

    def _remember(self, terms: LossTerms) -> None:
        # Kept on the device: reading them every step would make the host wait.
        self._logged_terms.append((terms.classification.detach(), terms.contrastive.detach()))
