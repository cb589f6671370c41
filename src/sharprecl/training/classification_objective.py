"""The classification term of the objective."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from sharprecl.functional import (
    effective_number_weights,
    focal_loss,
    label_margins,
    log_class_prior,
    margin_cross_entropy,
    prior_compensated_cross_entropy,
)
from sharprecl.functional.precision import at_least_float32
from sharprecl.parameters import FitParameters


class ClassificationObjective:
    """L_cls as the ``fit`` block names it.

    ``balanced_softmax``: method.md section 2. ``cross_entropy``. ``class_balanced``: cross-entropy weighted
    by effective numbers (Cui et al. 2019). ``focal`` (Lin et al. 2017). ``ldam_drw``: margins that grow as
    classes shrink, with deferred re-weighting (Cao et al. 2019).

    Args:
        parameters: the ``fit`` block.
        class_counts: training texts per class, shape [C].
    """

    def __init__(self, parameters: FitParameters, class_counts: Tensor) -> None:
        self.parameters = parameters
        self.log_prior = log_class_prior(class_counts).float()
        self.class_weights = effective_number_weights(
            class_counts.clamp(min=1), parameters.effective_number_beta
        ).float()
        self.margins = label_margins(class_counts.clamp(min=1), parameters.max_margin).float()

    def __call__(self, logits: Tensor, labels: Tensor, progress: float) -> Tensor:
        """The term for one batch.

        Args:
            logits: z, shape [N, C].
            labels: shape [N].
            progress: share of the steps done, in [0, 1).

        Returns:
            A scalar, free of host waits.
        """
        self._move(logits.device)
        kind = self.parameters.classification_loss
        if kind == "balanced_softmax":
            return prior_compensated_cross_entropy(logits, labels, self.log_prior)
        if kind == "focal":
            return focal_loss(logits, labels, gamma=self.parameters.focal_gamma)
        if kind == "ldam_drw":
            weighs = progress >= self.parameters.reweighting_start
            return margin_cross_entropy(
                logits,
                labels,
                self.margins,
                scale=float(self.parameters.logit_scale),
                class_weights=self.class_weights if weighs else None,
            )
        raised = at_least_float32(logits)
        weights = self.class_weights.to(raised.dtype) if kind == "class_balanced" else None
        return cross_entropy(raised, labels, weight=weights)

    def _move(self, device: torch.device) -> None:
        if self.log_prior.device != device:
            self.log_prior = self.log_prior.to(device)
            self.class_weights = self.class_weights.to(device)
            self.margins = self.margins.to(device)
