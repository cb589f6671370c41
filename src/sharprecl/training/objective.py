"""The training objective L = L_cls + μ L_con, perhaps with a term for the views' agreement."""

from typing import NamedTuple

import torch
from torch import Tensor

from sharprecl.functional import consistency_loss
from sharprecl.modeling import SharpReCLOutput
from sharprecl.parameters import FitParameters
from sharprecl.training.classification_objective import ClassificationObjective
from sharprecl.training.contrastive_objective import ContrastiveObjective


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
    """Classification loss plus weighted contrast (method.md sections 2–4, and what it is compared with).

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
        self.classify = ClassificationObjective(parameters, class_counts)
        self.contrast = ContrastiveObjective(parameters, class_counts, seed, first_class)

    def __call__(self, output: SharpReCLOutput, labels: Tensor, *, step: int, num_steps: int) -> LossTerms:
        """The loss of one batch.

        Args:
            output: of all V views, V·B rows.
            labels: shape [V·B].
            step: 0-based training step.
            num_steps: of the whole training, ≥ 1.

        Returns:
            The loss and its terms, free of host waits.
        """
        assert output.logits is not None  # noqa: S101 - for the type checker
        progress = step / num_steps
        classification = self.classify(output.logits, labels, progress)
        total = classification
        if self.parameters.consistency_weight > 0.0:
            first, second = output.logits.chunk(2)  # all first views, then all second ones
            total = total + self.parameters.consistency_weight * consistency_loss(first, second)
        weight = contrastive_weight_at(self.parameters, progress)
        if weight == 0.0:
            return LossTerms(total, classification, torch.zeros_like(classification))
        contrastive = self.contrast(output, labels, step, num_steps)
        return LossTerms(total + weight * contrastive, classification, contrastive)


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
