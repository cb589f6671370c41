"""Encoding a batch part by part, for less memory in training."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint


def encode_in_micro_batches(
    encode: Callable[[Tensor, Tensor], Tensor], input_ids: Tensor, attention_mask: Tensor, num_parts: int
) -> Tensor:
    """Encode a batch whose activations would not fit at once.

    The forward pass keeps no activations; the backward pass makes each part's anew, with the same dropout,
    and is done with them before the next part's turn (Chen et al. 2016, arXiv 1604.06174). What comes out
    are the states of the whole batch, so that losses see every row: unlike gradient accumulation, which
    would cut the contrastive pool into pieces.

    Args:
        encode: token ids and mask, shapes [b, L], to states, shape [b, H].
        input_ids: shape [B, L].
        attention_mask: 1 on real tokens, shape [B, L].
        num_parts: how many micro-batches, ≥ 1; at most one a row is made.

    Returns:
        States, shape [B, H].
    """
    parts = zip(
        input_ids.tensor_split(min(num_parts, len(input_ids))),
        attention_mask.tensor_split(min(num_parts, len(input_ids))),
        strict=True,
    )
    states: list[Tensor] = [checkpoint(encode, ids, mask, use_reentrant=False) for ids, mask in parts]
    return torch.cat(states)
