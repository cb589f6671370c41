"""Label-distribution-aware margins: the rarer the class, the wider the margin it must win by."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from sharprecl.functional.checks import check_class_vector, check_logits
from sharprecl.functional.precision import at_least_float32
from sharprecl.functional.priors import as_counts


def label_margins(class_counts: Tensor, max_margin: float = 0.5) -> Tensor:
    """Margins that shrink with the fourth root of the class size.

    m_c = m_max (n_min / n_c)^{1/4}: proportional to n_c^{−1/4}, and the rarest class has the largest (Cao
    et al. 2019, "Learning Imbalanced Datasets with Label-Distribution-Aware Margin Loss").

    Args:
        class_counts: texts per class in the training split, shape [C], each ≥ 1.
        max_margin: m_max ≥ 0, a difference of cosines.

    Returns:
        Shape [C]; float64 for integer counts and the counts' own type otherwise.

    Raises:
        ValueError: if the counts are not a vector, a class has no text (its margin would be infinite), or
            the margin is negative.
    """
    if not max_margin >= 0.0:
        raise ValueError(f"max_margin must be at least 0, not {max_margin}")
    counts = as_counts(class_counts)
    if (counts < 1).any():
        raise ValueError("class_counts has a class without texts: its margin would be infinite")
    return max_margin * (counts.min() / counts) ** 0.25


def margin_cross_entropy(
    logits: Tensor,
    labels: Tensor,
    margins: Tensor,
    *,
    scale: float | Tensor,
    class_weights: Tensor | None = None,
) -> Tensor:
    """Cross-entropy of scaled cosines that must win by their class's margin (LDAM, Cao et al. 2019).

    L = mean over rows of CE(z − s m_y e_y, y) with z = s cos: the margin is taken off the true class's
    cosine alone. Prediction afterwards is argmax z, with no margin.

    Args:
        logits: z = s cos, shape [B, C]. Half precision is raised to float32.
        labels: y, shape [B], integers in 0..C−1.
        margins: m, shape [C], from :func:`label_margins`.
        scale: s > 0, the one the logits were multiplied by; a scalar tensor where it is learned.
        class_weights: w, shape [C]; the mean is then Σ w_y ℓ / Σ w_y. All 1 if None. Their deferred
            re-weighting is None at first and the effective-number weights later.

    Returns:
        A scalar ≥ 0.

    Raises:
        ValueError: if the shapes do not fit or a scale that is a number is not positive.
    """
    check_logits(logits, labels)
    num_classes = logits.shape[1]
    check_class_vector("margins", margins, num_classes)
    check_class_vector("class_weights", class_weights, num_classes)
    # A learned scale lies on the device: to look at it would make the host wait.
    if not isinstance(scale, Tensor) and not scale > 0.0:
        raise ValueError(f"scale must be positive, not {scale}")
    raised = at_least_float32(logits)
    own_mask = labels.unsqueeze(1) == torch.arange(num_classes, device=labels.device)  # [B, C]
    required = own_mask * (scale * margins.to(raised.device, raised.dtype))
    weights = None if class_weights is None else class_weights.to(raised.device, raised.dtype)
    return cross_entropy(raised - required, labels, weight=weights)
