"""Agreement between the predictions for two views of the same text."""

from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

from sharprecl.functional.precision import at_least_float32


def consistency_loss(first_logits: Tensor, second_logits: Tensor) -> Tensor:
    """Symmetric Kullback-Leibler divergence between the predictions for two views.

    L = mean over texts of ½ [KL(p¹ ‖ p²) + KL(p² ‖ p¹)], p = softmax(z) (Liang et al. 2021, "R-Drop:
    Regularized Dropout for Neural Networks", equation 2; method.md section 7). Gradients reach both views.

    Args:
        first_logits: z of the first views, shape [B, C]. Half precision is raised to float32.
        second_logits: z of the second views of the same texts, shape [B, C].

    Returns:
        A scalar ≥ 0; 0 where the views agree.

    Raises:
        ValueError: if the shapes differ.
    """
    if first_logits.dim() != 2 or first_logits.shape != second_logits.shape:
        raise ValueError(
            "expected two logits [B, C] of the same texts, not "
            f"{list(first_logits.shape)} and {list(second_logits.shape)}"
        )
    first, second = (log_softmax(at_least_float32(logits), dim=1) for logits in (first_logits, second_logits))
    forward = kl_div(second, first, reduction="batchmean", log_target=True)
    backward = kl_div(first, second, reduction="batchmean", log_target=True)
    return (forward + backward) / 2
