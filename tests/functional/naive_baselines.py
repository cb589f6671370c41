"""The baselines' losses as plain loops over their papers' equations, in the manner of ``tests.naive``."""

from collections.abc import Sequence

import torch
from torch import Tensor

from tests.naive import dot, log_sum_exp


def weighted_mean(losses: Sequence[Tensor], weights: Sequence[float]) -> Tensor:
    """Σ w ℓ / Σ w."""
    total = torch.zeros((), dtype=torch.float64)
    for loss, weight in zip(losses, weights, strict=True):
        total = total + weight * loss
    return total / sum(weights)


def of_labels(class_weights: Sequence[float] | None, labels: Sequence[int]) -> list[float]:
    """w_y of every row."""
    return [1.0 if class_weights is None else class_weights[y] for y in labels]


def focal_loss(
    logits: Tensor, labels: Sequence[int], gamma: float, class_weights: Sequence[float] | None = None
) -> Tensor:
    """The (weighted) mean of −(1 − p_y)^γ log p_y (Lin et al. 2017)."""
    losses = []
    for z, y in zip(logits, labels, strict=True):
        p = torch.exp(z[y]) / torch.exp(log_sum_exp(list(z)))
        losses.append(-((1.0 - p) ** gamma) * torch.log(p))
    return weighted_mean(losses, of_labels(class_weights, labels))


def label_margins(class_counts: Sequence[int], max_margin: float) -> list[float]:
    """m_c = K n_c^{−1/4}, K such that the largest is m_max (Cao et al. 2019)."""
    raw = [1.0 / count**0.25 for count in class_counts]
    return [margin * max_margin / max(raw) for margin in raw]


def margin_cross_entropy(
    cosines: Tensor,
    labels: Sequence[int],
    margins: Sequence[float],
    scale: float,
    class_weights: Sequence[float] | None = None,
) -> Tensor:
    """The (weighted) mean of −log of e^{s (cos_y − m_y)} over itself plus Σ_{c≠y} e^{s cos_c}."""
    losses = []
    for row, y in zip(cosines, labels, strict=True):
        scores = [scale * (cos - margins[y] if c == y else cos) for c, cos in enumerate(row)]
        losses.append(log_sum_exp(scores) - scores[y])
    return weighted_mean(losses, of_labels(class_weights, labels))


def balanced_contrastive_loss(
    embeddings: Tensor, labels: Sequence[int], prototypes: Tensor, temperature: float
) -> Tensor:
    """The mean over embeddings of −(1/|P|) Σ_p [a·p/τ − log Σ_c mean_{k of class c, k≠a} exp(a·k/τ)]."""
    classes = range(len(prototypes))
    losses = []
    for a, label in enumerate(labels):
        others = {c: [embeddings[i] for i, y in enumerate(labels) if i != a and y == c] for c in classes}
        for c in classes:
            others[c].append(prototypes[c])
        denominator = torch.zeros((), dtype=torch.float64)
        for rows in others.values():
            for row in rows:
                denominator = denominator + torch.exp(dot(embeddings[a], row) / temperature) / len(rows)
        loss = torch.zeros((), dtype=torch.float64)
        for row in others[label]:
            loss = loss - (dot(embeddings[a], row) / temperature - torch.log(denominator))
        losses.append(loss / len(others[label]))
    return weighted_mean(losses, [1.0] * len(losses))
