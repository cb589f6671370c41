"""The loss of the balanced classification branch."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from sharprecl.functional.checks import check_class_vector, check_logits
from sharprecl.functional.precision import at_least_float32
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
    check_logits(logits, labels)
    check_class_vector("class_counts", class_counts, logits.shape[1])
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
    raised = at_least_float32(logits)
    return cross_entropy(raised + log_prior.to(raised.device, raised.dtype), labels)
