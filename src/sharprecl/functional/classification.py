"""The loss of the balanced classification branch."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from sharprecl.functional.priors import log_class_prior


def balanced_softmax_loss(logits: Tensor, labels: Tensor, class_counts: Tensor) -> Tensor:
    """Balanced softmax: cross-entropy of prior-compensated logits (method.md section 2).

    L_cls = mean over rows of CE(z + log π, y), π_c = n_c / N (Ren et al. 2020, "Balanced
    Meta-Softmax for Long-Tailed Visual Recognition"; Menon et al. 2021, "Long-Tail Learning via
    Logit Adjustment"). Prediction afterwards is argmax z, with no prior added.

    Args:
        logits: z, shape [B, C]. Half-precision logits are raised to float32.
        labels: y, shape [B], integers in 0..C−1, each of a class with at least one training text.
        class_counts: texts per class in the training split, shape [C].

    Returns:
        A scalar ≥ 0.

    Raises:
        ValueError: if the shapes do not fit, or the counts are negative or all zero.
    """
    if logits.dim() != 2 or labels.shape != logits.shape[:1] or class_counts.shape != logits.shape[1:]:
        raise ValueError(
            "expected logits [B, C], labels [B] and class_counts [C], not "
            f"{list(logits.shape)}, {list(labels.shape)} and {list(class_counts.shape)}"
        )
    return prior_compensated_cross_entropy(logits, labels, log_class_prior(class_counts))


def prior_compensated_cross_entropy(logits: Tensor, labels: Tensor, log_prior: Tensor) -> Tensor:
    """The same loss from a ready log-prior, free of checks that would wait for the device.

    Args:
        logits: shape [B, C].
        labels: shape [B].
        log_prior: log π, shape [C], from :func:`~sharprecl.functional.priors.log_class_prior`.

    Returns:
        A scalar ≥ 0.
    """
    dtype = torch.promote_types(logits.dtype, torch.float32)
    return cross_entropy(logits + log_prior.to(logits.device, dtype), labels)
