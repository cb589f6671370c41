"""Focal loss: cross-entropy that spends less on what is already predicted well."""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from sharprecl.functional.checks import check_class_vector, check_logits
from sharprecl.functional.precision import at_least_float32


def focal_loss(
    logits: Tensor, labels: Tensor, *, gamma: float = 2.0, class_weights: Tensor | None = None
) -> Tensor:
    """Focal loss over softmax probabilities.

    L = mean over rows of −(1 − p_y)^γ log p_y, p = softmax(z) (Lin et al. 2017, "Focal Loss for Dense
    Object Detection", equation 4, with softmax in place of their sigmoid). γ = 0 is cross-entropy.

    Args:
        logits: z, shape [B, C], C ≥ 2. Half precision is raised to float32.
        labels: y, shape [B], integers in 0..C−1.
        gamma: γ ≥ 0, how fast a row loses its say as p_y grows.
        class_weights: w, shape [C], their α; the mean is then Σ w_y ℓ / Σ w_y, as torch's cross-entropy
            has it. All 1 if None.

    Returns:
        A scalar ≥ 0.

    Raises:
        ValueError: if the shapes do not fit, there is a single class, or γ is negative.
    """
    _check_arguments(logits, labels, gamma, class_weights)
    lead = _lead_over_others(at_least_float32(logits), labels)  # [B]
    # p_y = σ(lead): log p_y and log (1 − p_y) keep their digits and finite slopes where p_y rounds to 0 or 1.
    losses = -logsigmoid(lead) * torch.exp(gamma * logsigmoid(-lead))
    if class_weights is None:
        return losses.mean()
    weights = class_weights.to(losses.device, losses.dtype)[labels]  # [B]
    return (weights * losses).sum() / weights.sum()


def _lead_over_others(logits: Tensor, labels: Tensor) -> Tensor:
    """z_y − log Σ_{c≠y} exp z_c, the log-odds of the true class."""
    classes = torch.arange(logits.shape[1], device=labels.device)
    own_mask = labels.unsqueeze(1) == classes  # [B, C]
    others = logits.masked_fill(own_mask, -torch.inf).logsumexp(dim=1)
    return logits.gather(1, labels.unsqueeze(1)).squeeze(1) - others


def _check_arguments(logits: Tensor, labels: Tensor, gamma: float, class_weights: Tensor | None) -> None:
    check_logits(logits, labels)
    if logits.shape[1] < 2:
        raise ValueError("focal_loss needs at least two classes: with one every probability is 1")
    check_class_vector("class_weights", class_weights, logits.shape[1])
    if not gamma >= 0.0:
        raise ValueError(f"gamma must be at least 0, not {gamma}")
