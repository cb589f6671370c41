"""Target sets and the contrastive loss with a Python call for each class: what the batched code replaces."""

import torch
from torch import Tensor
from torch.distributions import Beta
from torch.nn.functional import normalize

from sharprecl.parameters import FitParameters


def per_class_contrastive_loss(
    pool: Tensor, labels: Tensor, prototypes: Tensor, parameters: FitParameters, hard_ratio: float
) -> Tensor:
    """method.md sections 3 and 4, class by class, in plain torch.

    Args:
        pool: F, shape [M, D].
        labels: shape [M].
        prototypes: shape [C, D].
        parameters: the ``fit`` block.
        hard_ratio: ρ.

    Returns:
        L_con without anchor weights.
    """
    losses = []
    for c, prototype in enumerate(prototypes):
        member = labels == c
        positives = _synthetic_rows(
            pool, member, -(pool @ prototype), parameters.num_positives, parameters, hard_ratio
        )
        negatives = _synthetic_rows(
            pool, ~member, pool @ prototype, parameters.num_negatives, parameters, hard_ratio
        )
        for anchor in member.nonzero().flatten().tolist():
            others = torch.arange(len(pool)) != anchor
            candidates = torch.cat((pool[others], positives, negatives))
            logits = candidates @ pool[anchor] / parameters.temperature
            is_positive = torch.cat(
                (member[others], torch.ones(len(positives)).bool(), torch.zeros(len(negatives)).bool())
            )
            losses.append(logits.logsumexp(0) - logits[is_positive].mean())
    return torch.stack(losses).mean()


def _synthetic_rows(
    pool: Tensor, mask: Tensor, hardness: Tensor, num_rows: int, parameters: FitParameters, hard_ratio: float
) -> Tensor:
    rows = mask.nonzero().flatten()
    hard = rows[hardness[rows].topk(min(parameters.num_candidates, len(rows))).indices]
    num_mixed = int(hard_ratio * num_rows)
    first, second = hard[torch.randint(len(hard), (2, num_mixed))]
    weight = Beta(parameters.mixup_alpha, parameters.mixup_alpha).sample((num_mixed, 1))
    mixed = normalize(weight * pool[first] + (1 - weight) * pool[second], dim=1)
    simple = pool[rows[torch.randint(len(rows), (num_rows - num_mixed,))]]
    return torch.cat((mixed, simple))
