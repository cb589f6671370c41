"""transformers' Trainer with our objective."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import Trainer

from sharprecl.modeling import SharpReCLOutput
from sharprecl.training.objective import LossTerms, SharpReCLObjective


class SharpReCLTrainer(Trainer):
    """Trains with :class:`SharpReCLObjective`; validates with the plain negative log-likelihood.

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
            terms = self.objective(
                output, labels, step=self.state.global_step, num_steps=self.state.max_steps
            )
            self._remember(terms)
            loss = terms.total
        else:
            loss = cross_entropy(output.logits.float(), labels)
        return (loss, output) if return_outputs else loss

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Add the loss terms' means since the last line to what is logged."""
        if "loss" in logs and self._logged_terms:
            classification, contrastive = (
                torch.stack(terms).mean().item() for terms in zip(*self._logged_terms, strict=True)
            )
            logs = {**logs, "classification_loss": classification, "contrastive_loss": contrastive}
            self._logged_terms.clear()
        super().log(logs, *args, **kwargs)

    def _remember(self, terms: LossTerms) -> None:
        # Kept on the device: reading them every step would make the host wait.
        self._logged_terms.append((terms.classification.detach(), terms.contrastive.detach()))
