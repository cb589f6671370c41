"""Balanced contrastive learning: class averaging and class complement."""

import torch
from torch import Tensor

from sharprecl.functional.checks import check_temperature
from sharprecl.functional.class_averaging import log_candidate_counts
from sharprecl.functional.precision import at_least_float32


def balanced_contrastive_loss(
    embeddings: Tensor, labels: Tensor, prototypes: Tensor, *, temperature: float
) -> Tensor:
    """Supervised contrast in which every class has one say in the denominator and one prototype.

    The pool F is the N embeddings and the C prototypes (class complement: every class is in every batch);
    prototypes are not anchors. With F_ac the pool rows of class c other than anchor a and P_a = F_{a,y_a}::

        ℓ_a = −(1/|P_a|) Σ_{p∈P_a} [ a·p/τ − log Σ_c (1/|F_ac|) Σ_{k∈F_ac} exp(a·k/τ) ]

    and L = mean over embeddings of ℓ_a (Zhu et al. 2022, "Balanced Contrastive Learning for Long-Tailed
    Visual Recognition"). Gradients reach embeddings and prototypes.

    Args:
        embeddings: shape [N, D], unit rows, of all views. Half precision is raised to float32.
        labels: y, class of each embedding, shape [N], integers in 0..C−1.
        prototypes: shape [C, D], unit rows.
        temperature: τ > 0.

    Returns:
        A scalar.

    Raises:
        ValueError: if the temperature is not positive or the shapes do not fit.
    """
    _check_arguments(embeddings, labels, prototypes, temperature)
    num_anchors, num_classes = embeddings.shape[0], prototypes.shape[0]
    pool = at_least_float32(torch.cat((embeddings, prototypes)))  # [N+C, D]
    pool_labels = torch.cat((labels, torch.arange(num_classes, device=labels.device)))  # [N+C]
    other_mask = _other_mask(num_anchors, len(pool), labels.device)
    logits = pool[:num_anchors] @ pool.T / temperature  # [N, N+C]
    averaged = logits - log_candidate_counts(pool_labels, num_classes, num_anchors, dtype=pool.dtype)
    log_denominator = averaged.masked_fill(~other_mask, -torch.inf).logsumexp(dim=1)  # [N]
    positive_mask = other_mask & (labels.unsqueeze(1) == pool_labels)
    positive_mean = (logits * positive_mask).sum(dim=1) / positive_mask.sum(dim=1)  # ≥ 1: the prototype
    return (log_denominator - positive_mean).mean()


def _other_mask(num_anchors: int, num_rows: int, device: torch.device) -> Tensor:
    """False where an anchor meets itself, shape [N, N+C]."""
    rows = torch.arange(num_rows, device=device)
    return rows[:num_anchors].unsqueeze(1) != rows


def _check_arguments(embeddings: Tensor, labels: Tensor, prototypes: Tensor, temperature: float) -> None:
    check_temperature(temperature)
    fits = embeddings.dim() == 2 and labels.shape == embeddings.shape[:1]
    if not fits or prototypes.dim() != 2 or prototypes.shape[1:] != embeddings.shape[1:]:
        raise ValueError(
            "expected embeddings [N, D], labels [N] and prototypes [C, D], not "
            f"{list(embeddings.shape)}, {list(labels.shape)} and {list(prototypes.shape)}"
        )
