"""Token rows end to end in one long row: next to no work on padding.

Everything in a text encoder but attention treats each token by itself, so a batch can pass as one row of
all its tokens. Attention then works on the rows of like length together, one batched product a group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor
from transformers import PreTrainedModel

from sharprecl.functional.precision import at_least_float32
from sharprecl.modeling.pooling import pool_tokens

MAX_PADDING = 0.04
"""Tokens of padding that a batch may hold for each real one, so that there are fewer groups."""


class HeadOrder(NamedTuple):
    """Two orders of T · heads vectors: as packed, [T, heads], and as [rows, heads, width] group by group.

    Attributes:
        grouped: where each vector of the second stands in the first, shape [T · heads].
        packed: the inverse.
    """

    grouped: Tensor
    packed: Tensor


@dataclass(frozen=True)
class Packing:
    """How B rows lie in one row of T tokens: longest first, in groups of one width.

    Attributes:
        order: batch row of each packed row, shape [B].
        widths: tokens a row takes in each group, descending.
        num_rows: rows of each group.
        masks: True on real tokens of each group, shape [rows, width]; None where no row is padded.
    """

    order: Tensor
    widths: list[int]
    num_rows: list[int]
    masks: list[Tensor | None]
    _head_orders: dict[int, HeadOrder] = field(default_factory=dict, repr=False, compare=False)

    def split(self, tokens: Tensor) -> Iterator[Tensor]:
        """Packed tokens, shape [T, …], as one [rows, width, …] a group."""
        sizes = [width * rows for width, rows in zip(self.widths, self.num_rows, strict=True)]
        for part, width in zip(tokens.split(sizes), self.widths, strict=True):
            yield part.unflatten(0, (-1, width))

    def head_order(self, heads: int) -> HeadOrder:
        """How attention wants to have the tokens; worked out once a batch.

        Args:
            heads: attention heads.
        """
        if heads not in self._head_orders:
            places = torch.arange(len(self) * heads, device=self.order.device).view(-1, heads)
            grouped = torch.cat([group.transpose(1, 2).flatten() for group in self.split(places)])
            packed = torch.empty_like(grouped)
            packed[grouped] = places.flatten()
            self._head_orders[heads] = HeadOrder(grouped, packed)
        return self._head_orders[heads]

    def __len__(self) -> int:
        """T, the tokens of all rows with their padding."""
        return sum(width * rows for width, rows in zip(self.widths, self.num_rows, strict=True))

    def unpack(self, rows: Tensor) -> Tensor:
        """Rows in packed order, shape [B, …], in the batch's order."""
        return rows[torch.argsort(self.order)]


def group_lengths(lengths: Sequence[int], num_rows: Sequence[int]) -> list[int]:
    """Join neighbouring lengths, those first whose joint group needs least padding.

    Every group costs a few dozen operations a layer, so a batch of many lengths pays for fewer groups with
    a little padding.

    Args:
        lengths: the different lengths, descending.
        num_rows: how many rows have each.

    Returns:
        How many of the lengths each group takes; padding stays within :data:`MAX_PADDING`.
    """
    tokens = sum(length * rows for length, rows in zip(lengths, num_rows, strict=True))
    budget = MAX_PADDING * tokens
    sizes, widths, rows = [1] * len(lengths), list(lengths), list(num_rows)
    while len(sizes) > 1:
        costs = [rows[i + 1] * (widths[i] - widths[i + 1]) for i in range(len(sizes) - 1)]
        place = min(range(len(costs)), key=costs.__getitem__)
        budget -= costs[place]
        if budget < 0:
            break
        sizes[place] += sizes.pop(place + 1)
        rows[place] += rows.pop(place + 1)
        del widths[place + 1]
    return sizes


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
    different, counts = (part.tolist() for part in torch.unique_consecutive(lengths, return_counts=True))
    widths: list[int] = []
    num_rows: list[int] = []
    start = 0
    for size in group_lengths(different, counts):
        widths.append(different[start])
        num_rows.append(sum(counts[start : start + size]))
        start += size
    places = torch.arange(input_ids.shape[1], device=input_ids.device)
    groups = [
        (input_ids[rows, :width], places[:width] < lengths_of_rows.unsqueeze(1))
        for rows, lengths_of_rows, width in zip(
            order.split(num_rows), lengths.split(num_rows), widths, strict=True
        )
    ]
    masks = [None if bool(mask.all()) else mask for _, mask in groups]
    packed_ids = torch.cat([ids.flatten() for ids, _ in groups]).unsqueeze(0)
    packed_places = torch.cat(
        [places[:width].repeat(rows) for width, rows in zip(widths, num_rows, strict=True)]
    )
    return packed_ids, packed_places.unsqueeze(0) + first_place, Packing(order, widths, num_rows, masks)


def encode_packed(
    encoder: PreTrainedModel, input_ids: Tensor, attention_mask: Tensor, pooling: str
) -> Tensor:
    """Pooled states of right-padded rows, computed without their padding.

    Args:
        encoder: with :data:`~sharprecl.modeling.packed_attention.PACKED` as its attention.
        input_ids: shape [B, L].
        attention_mask: 1 on real tokens, shape [B, L].
        pooling: ``first`` or ``mean``.

    Returns:
        Shape [B, H], equal to the padded computation within float tolerance.
    """
    packed_ids, places, packing = pack(input_ids, attention_mask, _first_place(encoder))
    output = encoder(input_ids=packed_ids, position_ids=places, packing=packing)
    states = at_least_float32(output.last_hidden_state[0])
    groups = zip(packing.split(states), packing.masks, strict=True)
    return packing.unpack(torch.cat([_pool(rows, mask, pooling) for rows, mask in groups]))


def _pool(rows: Tensor, mask: Tensor | None, pooling: str) -> Tensor:
    """Rows of one width, shape [R, w, H], to shape [R, H]."""
    if mask is None and pooling == "mean":
        return rows.mean(dim=1)
    return pool_tokens(rows, rows.new_ones(rows.shape[:2]) if mask is None else mask, pooling)


def _first_place(encoder: PreTrainedModel) -> int:
    """RoBERTa and its kin keep the place numbers up to the padding token's for themselves."""
    places = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    padding = getattr(places, "padding_idx", None)
    return 0 if padding is None else int(padding) + 1
