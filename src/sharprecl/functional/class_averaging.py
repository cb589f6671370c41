"""Class-averaged denominators: every class of the pool counts alike, however many rows it has."""

import math

import torch
from torch import Tensor

from sharprecl.functional.sampling import count_rows


def log_candidate_counts(labels: Tensor, num_classes: int, num_anchors: int, *, dtype: torch.dtype) -> Tensor:
    """log K_{a,Y_k}: how many rows of candidate k's class the pool holds beside anchor a.

    Args:
        labels: Y, class of each pool row, shape [M], integers in 0..C−1.
        num_classes: C.
        num_anchors: A ≤ M; the first A pool rows are the anchors.
        dtype: of the result.

    Returns:
        Shape [A, M], without a table over classes; 0 where an anchor meets itself alone in its class.
    """
    row_counts = count_rows(labels, num_classes)[labels]  # [M]
    same_class_mask = labels[:num_anchors].unsqueeze(1) == labels.unsqueeze(0)  # [A, M]
    return (row_counts.unsqueeze(0) - same_class_mask.long()).clamp(min=1).to(dtype).log()


def log_class_averaging_weights(labels: Tensor, num_classes: int, *, dtype: torch.dtype) -> Tensor:
    """log of the weight that lets pool candidates of a class contribute their mean instead of their sum.

    With K_ac pool rows of class c beside anchor a, K_a = Σ_c K_ac = M − 1 and C_a = |{c : K_ac > 0}|, row k
    weighs (K_a / C_a) / K_{a,Y_k}: every class present weighs the same, and all of them together weigh K_a,
    as many rows do without weights. Class averaging is Zhu et al. 2022, "Balanced Contrastive Learning for
    Long-Tailed Visual Recognition"; the factor K_a / C_a keeps the pool's share beside synthetic rows.

    Args:
        labels: Y, class of each pool row, shape [M], integers in 0..C−1; every row is an anchor.
        num_classes: C.
        dtype: of the result.

    Returns:
        Shape [M, M]; what stands where an anchor meets itself means nothing.
    """
    counts = count_rows(labels, num_classes)
    # An anchor alone in its class leaves that class without a candidate.
    present = (counts > 0).sum() - (counts[labels] == 1).long()  # C_a, [M]
    log_factor = math.log(max(len(labels) - 1, 1)) - present.clamp(min=1).to(dtype).log()  # [M]
    return log_factor.unsqueeze(1) - log_candidate_counts(labels, num_classes, len(labels), dtype=dtype)
