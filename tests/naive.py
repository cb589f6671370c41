"""method.md sections 2-4 as plain loops over the equations: what the batched code is held against.

Every sum is a Python loop over torch scalars, so that autograd yields the gradients of the equations
too. Nothing here shares code with ``sharprecl.functional``; float64 inputs are meant.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

Row = Sequence[Tensor]
"""One vector as its scalars."""


def dot(a: Row, b: Row) -> Tensor:
    """Σ_d a_d b_d."""
    total = torch.zeros((), dtype=torch.float64)
    for x, y in zip(a, b, strict=True):
        total = total + x * y
    return total


def normalize(a: Row) -> list[Tensor]:
    """n(a) = a / ‖a‖."""
    norm = torch.sqrt(dot(a, a))
    return [x / norm for x in a]


def log_sum_exp(values: Sequence[Tensor]) -> Tensor:
    """log Σ exp(v)."""
    total = torch.zeros((), dtype=torch.float64)
    for value in values:
        total = total + torch.exp(value)
    return torch.log(total)


def prior(class_counts: Sequence[int]) -> list[float]:
    """π_c = n_c / N."""
    return [count / sum(class_counts) for count in class_counts]


def balanced_softmax_loss(logits: Tensor, labels: Sequence[int], class_counts: Sequence[int]) -> Tensor:
    """Section 2: the mean over rows of CE(z + log π, y)."""
    log_prior = [torch.log(torch.tensor(p, dtype=torch.float64)) for p in prior(class_counts)]
    total = torch.zeros((), dtype=torch.float64)
    for z, y in zip(logits, labels, strict=True):
        adjusted = [z[c] + log_prior[c] for c in range(len(class_counts))]
        total = total + log_sum_exp(adjusted) - adjusted[y]
    return total / len(labels)


def consistency_loss(first_logits: Tensor, second_logits: Tensor) -> Tensor:
    """Section 7 (R-Drop): the mean over texts of ½ [KL(p¹ ‖ p²) + KL(p² ‖ p¹)]."""
    total = torch.zeros((), dtype=torch.float64)
    for first, second in zip(first_logits, second_logits, strict=True):
        p = [torch.exp(z - log_sum_exp(list(first))) for z in first]
        q = [torch.exp(z - log_sum_exp(list(second))) for z in second]
        for a, b in zip(p, q, strict=True):
            total = total + (a * torch.log(a / b) + b * torch.log(b / a)) / 2
    return total / len(first_logits)


def effective_number_weights(class_counts: Sequence[int], beta: float) -> list[float]:
    """Section 4: w_c = mean_j(E_j) / E_c, where E_c = (1 − β^{n_c}) / (1 − β)."""
    effective = [(1.0 - beta**count) / (1.0 - beta) for count in class_counts]
    mean = sum(effective) / len(effective)
    return [mean / number for number in effective]


def hard_ratio(initial: float, epoch: float, epochs: float, final: float = 1.0) -> float:
    """Section 3: ρ = min(ρ0 + (1 − ρ0)·t/T, 1); likewise towards another ρ_end, where it stays."""
    return final if epoch >= epochs else initial + (final - initial) * epoch / epochs


def members(labels: Sequence[int], class_id: int, *, positive: bool) -> list[int]:
    """P_c or N_c as pool rows."""
    return [i for i, label in enumerate(labels) if (label == class_id) == positive]


def hard_rows(
    pool: Tensor, labels: Sequence[int], prototype: Row, class_id: int, k: int, *, positive: bool
) -> set[int]:
    """The min(k, |P_c|) rows of P_c least similar to p_c, or the min(k, |N_c|) rows of N_c most similar."""
    rows = members(labels, class_id, positive=positive)
    similarity = {i: float(dot(pool[i], prototype)) for i in rows}
    ranked = sorted(rows, key=lambda i: similarity[i], reverse=not positive)
    return set(ranked[:k])


def mix(a: Row, b: Row, lam: float | Tensor) -> list[Tensor]:
    """s = n(λ a + (1 − λ) b)."""
    return normalize([lam * x + (1.0 - lam) * y for x, y in zip(a, b, strict=True)])


def synthetic_rows(pool: Tensor, sources: Sequence[Sequence[int]], lams: Sequence[float | None]) -> list[Row]:
    """Rows of S⁺_c or S⁻_c from their sources: a mixture where λ is given, else the source row itself."""
    return [
        pool[i] if lam is None else mix(pool[i], pool[j], lam)
        for (i, j), lam in zip(sources, lams, strict=True)
    ]


def class_averaged_sum(similarities: Sequence[Tensor], classes: Sequence[int]) -> Tensor:
    """(K_a / C_a) Σ_c (1/K_ac) Σ exp(v) over the pool's candidates, K_ac of them of class c."""
    total = torch.zeros((), dtype=torch.float64)
    present = set(classes)
    for c in present:
        terms = [torch.exp(v) for v, k in zip(similarities, classes, strict=True) if k == c]
        for term in terms:
            total = total + term / len(terms)
    return total * len(classes) / len(present)


def anchor_loss(
    pool: Tensor,
    labels: Sequence[int],
    anchor: int,
    synthetic_positives: Sequence[Row],
    synthetic_negatives: Sequence[Row],
    temperature: float,
    class_averaged: bool = False,
) -> Tensor | None:
    """ℓ_a of section 4, None where Q_a is empty; with class-averaged denominators if so wanted."""
    others = [i for i in range(len(labels)) if i != anchor]
    positives: list[Row] = [pool[i] for i in others if labels[i] == labels[anchor]]
    positives += list(synthetic_positives)
    candidates = [pool[i] for i in others] + list(synthetic_positives) + list(synthetic_negatives)
    if not positives:
        return None
    logits = [dot(pool[anchor], r) / temperature for r in candidates]
    log_denominator = log_sum_exp(logits)
    if class_averaged:
        denominator = class_averaged_sum(logits[: len(others)], [labels[i] for i in others])
        for v in logits[len(others) :]:
            denominator = denominator + torch.exp(v)
        log_denominator = torch.log(denominator)
    total = torch.zeros((), dtype=torch.float64)
    for q in positives:
        total = total + dot(pool[anchor], q) / temperature - log_denominator
    return -total / len(positives)


def prototype_contrastive_loss(
    pool: Tensor,
    labels: Sequence[int],
    positives: Sequence[Sequence[Row]],
    negatives: Sequence[Sequence[Row]],
    positive_sources: Sequence[Sequence[Sequence[int]]],
    *,
    temperature: float,
    class_weights: Sequence[float] | None = None,
    exclude_own_copies: bool = True,
    anchor_mask: Sequence[bool] | None = None,
    class_averaged: bool = False,
) -> Tensor:
    """Section 4: the mean of w_{Y_a} ℓ_a over the anchors that have at least one positive (0 where none has).

    A synthetic positive with the anchor as both its sources is the anchor itself (section 6, row 6).
    """
    losses = []
    for anchor, label in enumerate(labels):
        if anchor_mask is not None and not anchor_mask[anchor]:
            continue
        kept = [
            row
            for row, (i, j) in zip(positives[label], positive_sources[label], strict=True)
            if not (exclude_own_copies and i == anchor and j == anchor)
        ]
        loss = anchor_loss(pool, labels, anchor, kept, negatives[label], temperature, class_averaged)
        if loss is not None:
            losses.append(loss * (1.0 if class_weights is None else class_weights[label]))
    total = (pool * 0.0).sum()
    for loss in losses:
        total = total + loss
    return total / max(len(losses), 1)
