"""Supervised contrastive learning over the pool and the balanced target set."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from sharprecl.functional.checks import check_class_vector, check_pool, check_temperature
from sharprecl.functional.class_averaging import log_class_averaging_weights
from sharprecl.functional.precision import at_least_float32
from sharprecl.functional.sampling import take_rows
from sharprecl.functional.target_set import TargetSet


def prototype_contrastive_loss(
    pool: Tensor,
    labels: Tensor,
    target_set: TargetSet,
    *,
    temperature: float = 0.3,
    class_weights: Tensor | None = None,
    exclude_own_copies: bool = True,
    anchor_mask: Tensor | None = None,
    class_averaged: bool = False,
) -> Tensor:
    """Prototype-anchored supervised contrastive loss (method.md section 4).

    Every pool row a is an anchor, prototypes included; synthetic rows never are. With candidates
    A_a = F without a, S⁺ and S⁻ of a's class, and positives Q_a ⊂ A_a of a's class::

        ℓ_a = −(1/|Q_a|) Σ_{q∈Q_a} [ F_a·q/τ − log Σ_{r∈A_a} exp(F_a·r/τ) ]
        L_con = mean over anchors with at least one positive of w_{Y_a} ℓ_a

    Class-averaged (Zhu et al. 2022, "Balanced Contrastive Learning for Long-Tailed Visual Recognition"), the
    denominator takes the pool's rows as means of classes and the synthetic rows, balanced already, as before.
    With F_ac the rows of class c in F without a, K_a = Σ_c |F_ac| and C_a the number of classes that have
    such rows, which together keep the pool's total weight what it was, Σ_{r∈A_a} exp(F_a·r/τ) becomes::

        (K_a / C_a) Σ_{c: |F_ac| > 0} (1/|F_ac|) Σ_{r∈F_ac} exp(F_a·r/τ) + Σ_{r∈S⁺∪S⁻} exp(F_a·r/τ)

    Args:
        pool: F, shape [M, D], unit rows. Half precision is raised to float32.
        labels: Y, class of each pool row, shape [M].
        target_set: S⁺ and S⁻ of all C classes.
        temperature: τ > 0.
        class_weights: w, shape [C]; all 1 if None.
        exclude_own_copies: a synthetic positive made of the anchor alone is the anchor itself and
            teaches nothing: leave it out of the anchor's candidates, as the anchor itself is.
        anchor_mask: True where a pool row may be an anchor, shape [M], on the pool's device; all may if None.
            The other rows still are candidates and positives.
        class_averaged: average the pool's candidates within classes in the denominator.

    Returns:
        A scalar; 0 with zero gradients where no anchor has a positive.

    Raises:
        ValueError: if the temperature is not positive or the shapes do not fit.
    """
    _check_arguments(pool, labels, target_set, temperature)
    return loss_of_similarities(
        _candidate_similarities(at_least_float32(pool), labels, target_set),
        labels,
        target_set.positive_sources,
        temperature=temperature,
        class_weights=class_weights,
        exclude_own_copies=exclude_own_copies,
        anchor_mask=anchor_mask,
        class_averaged=class_averaged,
    )


def loss_of_similarities(
    similarities: Tensor,
    labels: Tensor,
    positive_sources: Tensor,
    *,
    temperature: float,
    class_weights: Tensor | None,
    exclude_own_copies: bool,
    anchor_mask: Tensor | None,
    class_averaged: bool,
) -> Tensor:
    """L_con from the similarities of every anchor to its candidates.

    Args:
        similarities: F_a·r for the M pool rows, the P synthetic positives and the Q synthetic negatives of
            the anchor's class, in this order, shape [M, M+P+Q].
        labels: Y, class of each pool row, shape [M].
        positive_sources: the pool rows each synthetic positive was made of, shape [C, P, 2].
        temperature: τ > 0.
        class_weights: w, shape [C]; all 1 if None.
        exclude_own_copies: as for :func:`prototype_contrastive_loss`; so are the two below.
        anchor_mask: shape [M].
        class_averaged: whether denominators are class-averaged.

    Returns:
        A scalar.

    Raises:
        ValueError: if the weights' or the mask's shape does not fit.
    """
    num_classes = positive_sources.shape[0]
    check_class_vector("class_weights", class_weights, num_classes)
    _check_anchor_mask(anchor_mask, labels)
    logits = similarities / temperature
    positive_mask, candidate_mask = _candidate_masks(
        labels, positive_sources, logits.shape[1], exclude_own_copies
    )
    weighted = _class_average(logits, labels, num_classes) if class_averaged else logits
    log_denominator = weighted.masked_fill(~candidate_mask, -torch.inf).logsumexp(dim=1)  # [M]
    num_positives = positive_mask.sum(dim=1)  # |Q_a|, [M]
    positive_mean = (logits * positive_mask).sum(dim=1) / num_positives.clamp(min=1)
    kept_mask = num_positives > 0 if anchor_mask is None else anchor_mask & (num_positives > 0)
    anchor_loss = torch.where(kept_mask, log_denominator - positive_mean, 0.0)
    if class_weights is not None:
        anchor_loss = anchor_loss * class_weights.to(logits.device, logits.dtype)[labels]
    return anchor_loss.sum() / kept_mask.sum().clamp(min=1)


def _class_average(logits: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """Logits of the pool's candidates plus their log-weights; those of synthetic rows as they are."""
    log_weights = log_class_averaging_weights(labels, num_classes, dtype=logits.dtype)  # [M, M]
    return logits + pad(log_weights, (0, logits.shape[1] - log_weights.shape[1]))


def _candidate_similarities(pool: Tensor, labels: Tensor, target_set: TargetSet) -> Tensor:
    synthetic = torch.cat((target_set.positives, target_set.negatives), dim=1).to(pool.dtype)  # [C, P+Q, D]
    own_synthetic = take_rows(synthetic.flatten(1), labels).view(
        len(labels), *synthetic.shape[1:]
    )  # [M, P+Q, D]
    synthetic_similarity = torch.bmm(own_synthetic, pool.unsqueeze(2)).squeeze(2)  # [M, P+Q]
    return torch.cat((pool @ pool.T, synthetic_similarity), dim=1)


def _candidate_masks(
    labels: Tensor, positive_sources: Tensor, num_candidates: int, exclude_own_copies: bool
) -> tuple[Tensor, Tensor]:
    num_rows = labels.shape[0]
    rows = torch.arange(num_rows, device=labels.device)
    other_mask = rows.unsqueeze(0) != rows.unsqueeze(1)  # [M, M], False on the anchor itself
    same_class_mask = labels.unsqueeze(0) == labels.unsqueeze(1)
    sources = positive_sources[labels]  # [M, P, 2]
    made_positive_mask = torch.ones_like(sources[..., 0], dtype=torch.bool)
    if exclude_own_copies:
        made_positive_mask = (sources != rows.view(-1, 1, 1)).any(dim=2)
    made_negative_mask = torch.ones(
        (num_rows, num_candidates - num_rows - sources.shape[1]), dtype=torch.bool, device=labels.device
    )
    candidate_mask = torch.cat((other_mask, made_positive_mask, made_negative_mask), dim=1)
    positive_mask = torch.cat(
        (other_mask & same_class_mask, made_positive_mask, torch.zeros_like(made_negative_mask)), dim=1
    )
    return positive_mask, candidate_mask


def _check_arguments(pool: Tensor, labels: Tensor, target_set: TargetSet, temperature: float) -> None:
    check_temperature(temperature)
    check_pool(pool, labels)
    positives, negatives, sources, _ = target_set
    fits = (
        positives.dim() == negatives.dim() == 3
        and positives.shape[::2] == negatives.shape[::2] == (len(sources), pool.shape[1])
        and sources.shape == (*positives.shape[:2], 2)
    )
    if not fits:
        raise ValueError(
            f"expected positives [C, P, {pool.shape[1]}], negatives [C, Q, {pool.shape[1]}] and "
            f"positive_sources [C, P, 2], not {list(positives.shape)}, {list(negatives.shape)} and "
            f"{list(sources.shape)}"
        )


def _check_anchor_mask(anchor_mask: Tensor | None, labels: Tensor) -> None:
    if anchor_mask is not None and (anchor_mask.shape != labels.shape or anchor_mask.dtype != torch.bool):
        raise ValueError(
            f"anchor_mask must be boolean with shape {list(labels.shape)}, "
            f"not {anchor_mask.dtype} with shape {list(anchor_mask.shape)}"
        )
