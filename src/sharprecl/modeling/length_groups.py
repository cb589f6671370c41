"""Encoding a batch in groups of like length, so that little work is spent on padding."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

MAX_PADDING = 0.3
"""Rows join a group while they are at most this much shorter than its longest."""
MIN_GROUP_TOKENS = 384
"""Smaller groups are not worth a pass of their own: matrix products of fewer rows are less efficient."""


def group_sizes(lengths: Sequence[int]) -> list[int]:
    """How many rows each group takes, longest rows first.

    Args:
        lengths: tokens of each row, descending.

    Returns:
        Sizes that add up to the number of rows.
    """
    sizes: list[int] = []
    width = 0
    for length in lengths:
        too_short = length < (1 - MAX_PADDING) * width
        if sizes and not (too_short and sizes[-1] * width >= MIN_GROUP_TOKENS):
            sizes[-1] += 1
        else:
            sizes.append(1)
            width = length
    return sizes


def encode_in_length_groups(
    encode: Callable[[Tensor, Tensor], Tensor], input_ids: Tensor, attention_mask: Tensor
) -> Tensor:
    """Encode right-padded rows group by group, each cut to its own longest row.

    Which texts form a batch does not change: rows come back in their order, equal to the padded
    computation within float tolerance.

    Args:
        encode: token ids and mask, shapes [G, l], to states, shape [G, H].
        input_ids: shape [B, L], padded on the right.
        attention_mask: 1 on real tokens, shape [B, L].

    Returns:
        States, shape [B, H].
    """
    lengths, order = torch.sort(attention_mask.sum(dim=1), descending=True, stable=True)
    groups = order.split(group_sizes(lengths.tolist()))
    widths = [int(attention_mask[group[0]].sum()) for group in groups]
    states = [
        encode(input_ids[group, :width], attention_mask[group, :width])
        for group, width in zip(groups, widths, strict=True)
    ]
    return torch.cat(states)[torch.argsort(order)]
