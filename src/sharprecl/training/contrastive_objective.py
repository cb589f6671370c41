"""The contrastive term of the objective."""

import numpy as np
import torch
from pytorch_metric_learning.losses import SupConLoss
from torch import Generator, Tensor

from sharprecl.functional import (
    balanced_contrastive_loss,
    draw_target_recipe,
    effective_number_weights,
    recipe_contrastive_loss,
    scheduled_hard_ratio,
)
from sharprecl.functional.precision import at_least_float32
from sharprecl.modeling import SharpReCLOutput
from sharprecl.parameters import FitParameters


class ContrastiveObjective:
    """L_con as the ``fit`` block names it.

    ``prototype``: method.md sections 3 and 4. ``supervised``: the texts of the batch alone (Khosla et al.
    2020; Gunel et al. 2021); 0 on a batch of one class, as the library has it. ``balanced``: class averages,
    with the prototypes as complement (Zhu et al. 2022).

    Args:
        parameters: the ``fit`` block.
        class_counts: training texts per class, shape [C].
        seed: of sampling and mixup; each step draws from (seed, step).
        first_class: the class whose weight ``class_weights: first`` gives all.
    """

    def __init__(
        self, parameters: FitParameters, class_counts: Tensor, seed: int, first_class: int = 0
    ) -> None:
        self.parameters = parameters
        self.seed = seed
        self.class_weights = anchor_weights(
            class_counts, parameters.class_weights, parameters.effective_number_beta, first_class
        )
        self.supervised = SupConLoss(temperature=parameters.temperature)

    def __call__(self, output: SharpReCLOutput, labels: Tensor, step: int, num_steps: int) -> Tensor:
        """The term for one batch.

        Args:
            output: of all V views, V·B rows.
            labels: shape [V·B].
            step: 0-based training step.
            num_steps: of the whole training, ≥ 1.

        Returns:
            A scalar; ``prototype`` and ``balanced`` make no host wait.
        """
        assert output.embeddings is not None  # noqa: S101 - for the type checker
        assert output.prototypes is not None  # noqa: S101 - for the type checker
        embeddings = at_least_float32(output.embeddings)  # [V·B, D]
        prototypes = at_least_float32(output.prototypes)  # [C, D]
        if self.parameters.contrastive_loss == "supervised":
            loss: Tensor = self.supervised(embeddings, labels)
            return loss
        if self.parameters.contrastive_loss == "balanced":
            return balanced_contrastive_loss(
                embeddings, labels, prototypes, temperature=self.parameters.temperature
            )
        return self._prototype_loss(embeddings, labels, prototypes, step, num_steps)

    def _prototype_loss(
        self, embeddings: Tensor, labels: Tensor, prototypes: Tensor, step: int, num_steps: int
    ) -> Tensor:
        options = self.parameters
        classes = torch.arange(prototypes.shape[0], device=labels.device)
        pool = torch.cat((embeddings, prototypes))  # [M, D]
        pool_labels = torch.cat((labels, classes))  # [M]
        epoch = step * options.epochs // num_steps
        recipe = draw_target_recipe(
            pool,
            pool_labels,
            prototypes,
            num_positives=options.num_positives,
            num_negatives=options.num_negatives,
            num_candidates=options.num_candidates,
            hard_ratio=scheduled_hard_ratio(
                options.hard_ratio, epoch, options.epochs, options.final_hard_ratio
            ),
            mixup_alpha=options.mixup_alpha,
            uniform_negatives=options.uniform_negatives,
            generator=step_generator(self.seed, step, labels.device),
        )
        is_text = torch.arange(len(pool), device=labels.device) < len(embeddings)
        return recipe_contrastive_loss(
            pool,
            pool_labels,
            recipe,
            temperature=options.temperature,
            class_weights=self._weights_on(labels.device),
            exclude_own_copies=options.exclude_own_copies,
            anchor_mask=None if options.prototype_anchors else is_text,
            class_averaged=options.class_averaged,
        )

    def _weights_on(self, device: torch.device) -> Tensor | None:
        if self.class_weights is not None and self.class_weights.device != device:
            self.class_weights = self.class_weights.to(device)
        return self.class_weights


def anchor_weights(class_counts: Tensor, kind: str, beta: float, first_class: int = 0) -> Tensor | None:
    """Weights of the contrastive anchors.

    Args:
        class_counts: training texts per class, shape [C].
        kind: ``none``; ``raw``, the effective-number weights w (method.md section 4); ``mean1``, w divided by
            its mean; ``first``, w of one class for all, as the released program has it (method.md 6.2).
        beta: β of the effective number.
        first_class: the one class.

    Returns:
        Shape [C] in float32, or None.
    """
    if kind == "none":
        return None
    weights = effective_number_weights(class_counts, beta).float()
    if kind == "mean1":
        return weights / weights.mean()
    if kind == "first":
        return weights[first_class].expand_as(weights).clone()
    return weights


def step_generator(seed: int, step: int, device: torch.device) -> Generator:
    """A generator that depends on (seed, step) alone, so that a resumed run draws the same."""
    state = np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0]
    # MPS lacks the kernels that draw mixing weights; what is drawn on the CPU is small and moves over.
    drawing_device = torch.device("cpu") if device.type == "mps" else device
    return Generator(drawing_device).manual_seed(int(state >> np.uint64(1)))
