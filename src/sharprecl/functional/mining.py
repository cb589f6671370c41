"""Hard positives and hard negatives of every class, measured against its prototype."""

from typing import NamedTuple

import torch
from torch import Tensor


class HardSet(NamedTuple):
    """The hardest rows of each class.

    Attributes:
        rows: pool rows, hardest first, shape [C, min(k, M)]; entries past ``counts`` are filler.
        counts: how many entries of each row are valid, shape [C].
    """

    rows: Tensor
    counts: Tensor


@torch.no_grad()
def mine_hard_sets(
    pool: Tensor, labels: Tensor, prototypes: Tensor, num_candidates: int
) -> tuple[HardSet, HardSet]:
    """Hard positives and hard negatives of all classes in one pass (method.md section 3).

    Hard positives of class c are the min(k, |P_c|) rows of P_c least similar to its prototype p_c,
    hard negatives the min(k, |N_c|) rows of N_c most similar to it. Only row numbers come out, so no
    gradient is needed here.

    Args:
        pool: F, shape [M, D], unit rows.
        labels: class of each pool row, shape [M].
        prototypes: p, shape [C, D], unit rows.
        num_candidates: k ≥ 1.

    Returns:
        Hard positives and hard negatives.
    """
    similarity = prototypes @ pool.T  # [C, M]
    classes = torch.arange(prototypes.shape[0], device=labels.device).unsqueeze(1)
    member_mask = labels.unsqueeze(0) == classes  # [C, M]
    hard_positives = _hardest(-similarity, member_mask, num_candidates)
    hard_negatives = _hardest(similarity, ~member_mask, num_candidates)
    return hard_positives, hard_negatives


def _hardest(hardness: Tensor, allowed_mask: Tensor, num_candidates: int) -> HardSet:
    k = min(num_candidates, hardness.shape[1])
    rows = hardness.masked_fill(~allowed_mask, -torch.inf).topk(k, dim=1).indices
    return HardSet(rows, allowed_mask.sum(dim=1).clamp(max=k))
