"""Encoding a batch in groups of like length, so that little work is spent on padding."""

from collections.abc import Callable

import torch
from torch import Tensor

GROUP_SIZE = 64


def encode_in_length_groups(
    encode: Callable[[Tensor, Tensor], Tensor],
    input_ids: Tensor,
    attention_mask: Tensor,
    group_size: int = GROUP_SIZE,
) -> Tensor:
    """Encode right-padded rows group by group, each cut to its own longest row.

    Which texts form a batch does not change: rows come back in their order, equal to the padded
    computation within float tolerance.

    Args:
        encode: token ids and mask, shapes [G, l], to states, shape [G, H].
        input_ids: shape [B, L], padded on the right.
        attention_mask: 1 on real tokens, shape [B, L].
        group_size: rows a group; 64 keeps matrix products large enough to be efficient.

    Returns:
        States, shape [B, H].
    """
    lengths = attention_mask.sum(dim=1)
    order = torch.argsort(lengths, stable=True)
    groups = order.split(group_size)
    longest = lengths[torch.stack([group[-1] for group in groups])].tolist()
    states = [
        encode(input_ids[group, :width], attention_mask[group, :width])
        for group, width in zip(groups, longest, strict=True)
    ]
    return torch.cat(states)[torch.argsort(order)]
