"""The training objective L = L_cls + μ L_con, perhaps with a term for the views' agreement."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from sharprecl.functional import (
    consistency_loss,
    draw_target_recipe,
    effective_number_weights,
    log_class_prior,
    prior_compensated_cross_entropy,
    recipe_contrastive_loss,
    scheduled_hard_ratio,
)
from sharprecl.modeling import SharpReCLOutput
from sharprecl.parameters import FitParameters


class LossTerms(NamedTuple):
    """The objective and its terms, scalars.

    Attributes:
        total: L.
        classification: L_cls.
        contrastive: L_con before its weight; 0 where the weight is 0.
    """

    total: Tensor
    classification: Tensor
    contrastive: Tensor


class SharpReCLObjective:
    """Balanced softmax plus weighted prototype-anchored contrast (METHOD sections 2–4).

    Args:
        parameters: the ``fit`` block.
        class_counts: training texts per class, shape [C].
        seed: of sampling and mixup; each step draws from (seed, step).
    """

    def __init__(self, parameters: FitParameters, class_counts: Tensor, seed: int) -> None:
        self.parameters = parameters
        self.seed = seed
        self.log_prior = log_class_prior(class_counts).float()
        self.class_weights = anchor_weights(
            class_counts, parameters.class_weights, parameters.effective_number_beta
        )

    def __call__(self, output: SharpReCLOutput, labels: Tensor, *, step: int, num_steps: int) -> LossTerms:
        """The loss of one batch.

        Args:
            output: of both views, 2B rows.
            labels: shape [2B].
            step: 0-based training step.
            num_steps: of the whole training, ≥ 1.

        Returns:
            The loss and its terms, free of host waits.
        """
        assert output.logits is not None  # noqa: S101 - for the type checker
        self._move(output.logits.device)
        classification = prior_compensated_cross_entropy(output.logits, labels, self.log_prior)
        total = classification
        if self.parameters.consistency_weight > 0.0:
            first, second = output.logits.chunk(2)  # all first views, then all second ones
            total = total + self.parameters.consistency_weight * consistency_loss(first, second)
        weight = contrastive_weight_at(self.parameters, step / num_steps)
        if weight == 0.0:
            return LossTerms(total, classification, torch.zeros_like(classification))
        contrastive = self._contrast(output, labels, step, num_steps)
        return LossTerms(total + weight * contrastive, classification, contrastive)

    def _contrast(self, output: SharpReCLOutput, labels: Tensor, step: int, num_steps: int) -> Tensor:
        assert output.embeddings is not None  # noqa: S101 - for the type checker
        assert output.prototypes is not None  # noqa: S101 - for the type checker
        prototypes = output.prototypes.float()  # [C, D]
        classes = torch.arange(prototypes.shape[0], device=labels.device)
        pool = torch.cat((output.embeddings.float(), prototypes))  # [M, D]
        pool_labels = torch.cat((labels, classes))  # [M]
        epoch = step * self.parameters.epochs // num_steps
        recipe = draw_target_recipe(
            pool,
            pool_labels,
            prototypes,
            num_positives=self.parameters.num_positives,
            num_negatives=self.parameters.num_negatives,
            num_candidates=self.parameters.num_candidates,
            hard_ratio=scheduled_hard_ratio(self.parameters.hard_ratio, epoch, self.parameters.epochs),
            mixup_alpha=self.parameters.mixup_alpha,
            generator=step_generator(self.seed, step, labels.device),
        )
        return recipe_contrastive_loss(
            pool,
            pool_labels,
            recipe,
            temperature=self.parameters.temperature,
            class_weights=self.class_weights,
            exclude_own_copies=self.parameters.exclude_own_copies,
        )

    def _move(self, device: torch.device) -> None:
        if self.log_prior.device != device:
            self.log_prior = self.log_prior.to(device)
            self.class_weights = None if self.class_weights is None else self.class_weights.to(device)


def anchor_weights(class_counts: Tensor, kind: str, beta: float) -> Tensor | None:
    """Weights of the contrastive anchors.

    Args:
        class_counts: training texts per class, shape [C].
        kind: ``none``; ``raw``, the effective-number weights w (METHOD section 4); ``mean1``, w divided by
            its mean; ``first``, w of class 0 for all, as the released program has it (METHOD 6.2).
        beta: β of the effective number.

    Returns:
        Shape [C] in float32, or None.
    """
    if kind == "none":
        return None
    weights = effective_number_weights(class_counts, beta).float()
    if kind == "mean1":
        return weights / weights.mean()
    if kind == "first":
        return weights[0].expand_as(weights).clone()
    return weights


def contrastive_weight_at(parameters: FitParameters, progress: float) -> float:
    """μ, moving linearly from ``contrastive_weight`` to ``final_contrastive_weight``.

    Args:
        parameters: the ``fit`` block.
        progress: share of the steps done, in [0, 1).

    Returns:
        μ ≥ 0.
    """
    start = parameters.contrastive_weight
    end = start if parameters.final_contrastive_weight is None else parameters.final_contrastive_weight
    return start + (end - start) * progress


def step_generator(seed: int, step: int, device: torch.device) -> Generator:
    """A generator that depends on (seed, step) alone, so that a resumed run draws the same."""
    state = np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0]
    # MPS lacks the kernels that draw mixing weights; what is drawn on the CPU is small and moves over.
    drawing_device = torch.device("cpu") if device.type == "mps" else device
    return Generator(drawing_device).manual_seed(int(state >> np.uint64(1)))
