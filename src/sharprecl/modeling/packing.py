"""Token rows end to end in one long row: no work on padding.

Everything in a text encoder but attention treats each token by itself, so a batch can pass as one row of
all its real tokens. Attention then works on rows of equal length together, a batched product for each
length, and needs no mask.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, PreTrainedModel

from sharprecl.modeling.dropout import drop_by_bits

PACKED = "sharprecl_packed"
"""Name under which transformers' encoders find :func:`packed_attention`."""


@dataclass(frozen=True)
class Packing:
    """How B rows lie in one row of T tokens: longest first, rows of equal length side by side.

    Attributes:
        order: batch row of each packed row, shape [B].
        lengths: each length that occurs, descending.
        num_rows: how many rows have it.
    """

    order: Tensor
    lengths: list[int]
    num_rows: list[int]

    def split(self, tokens: Tensor) -> Iterator[Tensor]:
        """Packed tokens, shape [T, …], as one [rows, length, …] a length."""
        sizes = [length * rows for length, rows in zip(self.lengths, self.num_rows, strict=True)]
        for part, length in zip(tokens.split(sizes), self.lengths, strict=True):
            yield part.unflatten(0, (-1, length))

    def unpack(self, rows: Tensor) -> Tensor:
        """Rows in packed order, shape [B, …], in the batch's order."""
        return rows[torch.argsort(self.order)]


def pack(input_ids: Tensor, attention_mask: Tensor, first_place: int = 0) -> tuple[Tensor, Tensor, Packing]:
    """Lay right-padded rows end to end.

    Reads the lengths, so on an accelerator the host would wait here.

    Args:
        input_ids: shape [B, L], padded on the right.
        attention_mask: 1 on real tokens, shape [B, L]; at least one in each row.
        first_place: number of a text's first place.

    Returns:
        Token ids and each token's place in its text, shape [1, T] both, and the packing.
    """
    lengths, order = torch.sort(attention_mask.sum(dim=1), descending=True, stable=True)
    different, num_rows = torch.unique_consecutive(lengths, return_counts=True)
    real_mask = attention_mask[order].bool()
    places = torch.arange(input_ids.shape[1], device=input_ids.device).expand_as(input_ids) + first_place
    packing = Packing(order, different.tolist(), num_rows.tolist())
    return input_ids[order][real_mask].unsqueeze(0), places[real_mask].unsqueeze(0), packing


def packed_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    scaling: float,
    packing: Packing,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention within each packed row, for transformers' attention interface.

    Args:
        module: the layer; not used.
        query: shape [1, heads, T, d].
        key: likewise.
        value: likewise.
        attention_mask: not used: packed rows have no padding.
        scaling: factor of the scores.
        packing: how the rows lie.
        dropout: probability that an attention weight is dropped.

    Returns:
        Shape [1, T, heads, d], and no weights.
    """
    parts = zip(*(packing.split(tokens[0].transpose(0, 1)) for tokens in (query, key, value)), strict=True)
    attended = [_attend(*part, scaling=scaling, dropout=dropout).flatten(0, 1) for part in parts]
    return torch.cat(attended).unsqueeze(0), None


def _attend(query: Tensor, key: Tensor, value: Tensor, *, scaling: float, dropout: float) -> Tensor:
    """Rows of one length, shape [R, l, heads, d] in and out."""
    query, key, value = (tokens.transpose(1, 2) for tokens in (query, key, value))  # [R, heads, l, d]
    if dropout == 0.0 and query.dtype == torch.float32:
        return scaled_dot_product_attention(query, key, value, scale=scaling).transpose(1, 2)
    # The CPU's fused kernel has no dropout, and is several times slower in bfloat16 on short rows.
    weights = torch.softmax(query @ key.transpose(2, 3) * scaling, dim=-1)
    return (drop_by_bits(weights, dropout) @ value).transpose(1, 2)


AttentionInterface.register(PACKED, packed_attention)


def encode_packed(
    encoder: PreTrainedModel, input_ids: Tensor, attention_mask: Tensor, pooling: str
) -> Tensor:
    """Pooled states of right-padded rows, computed without padding.

    Args:
        encoder: with :data:`PACKED` as its attention.
        input_ids: shape [B, L].
        attention_mask: 1 on real tokens, shape [B, L].
        pooling: ``first`` or ``mean``.

    Returns:
        Shape [B, H], equal to the padded computation within float tolerance.
    """
    packed_ids, places, packing = pack(input_ids, attention_mask, _first_place(encoder))
    states = encoder(input_ids=packed_ids, position_ids=places, packing=packing).last_hidden_state[0]
    states = states.float() if states.itemsize < 4 else states
    rows = packing.split(states)  # [rows, length, H] for each length
    pooled = [group[:, 0] if pooling == "first" else group.mean(dim=1) for group in rows]
    return packing.unpack(torch.cat(pooled))


def _first_place(encoder: PreTrainedModel) -> int:
    """RoBERTa and its kin keep the place numbers up to the padding token's for themselves."""
    places = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    padding = getattr(places, "padding_idx", None)
    return 0 if padding is None else int(padding) + 1
