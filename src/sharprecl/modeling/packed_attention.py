"""Attention within the rows of a packed batch, for transformers' attention interface."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from sharprecl.modeling.dropout import draw_keep_factors
from sharprecl.modeling.packing import Packing

PACKED = "sharprecl_packed"
"""Name under which transformers' encoders find :func:`packed_attention`."""


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
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Attention within each packed row, from each token to all of it.

    Args:
        module: the layer; not used.
        query: shape [1, heads, T, d].
        key: likewise.
        value: likewise.
        attention_mask: not used: the packing tells padding.
        scaling: factor of the scores.
        packing: how the rows lie.
        dropout: probability that an attention weight is dropped.
        sliding_window: of layers that see neighbours alone.

    Returns:
        Shape [1, T, heads, d], and no weights.

    Raises:
        ValueError: if the layer has a sliding window, or fewer heads of keys than of queries.
    """
    if sliding_window is not None:
        raise ValueError("packed rows are attended to as a whole, not in a sliding window")
    if key.shape[1] != query.shape[1]:
        raise ValueError("packed rows have as many heads of keys as of queries")
    heads, size = query.shape[1], query.shape[3]
    num_weights = sum(
        rows * heads * width**2 for rows, width in zip(packing.num_rows, packing.widths, strict=True)
    )
    # One draw for all groups: many small ones cost more than their numbers.
    factors = draw_keep_factors(num_weights, dropout, query.dtype)
    q, k, v = (part[0].transpose(0, 1).reshape(-1, size) for part in (query * scaling, key, value))
    if factors is None and query.dtype == torch.float32 and not torch.is_grad_enabled():
        states = _fused_attention(q, k, v, packing, heads)
    else:
        states = _GroupedAttention.apply(q, k, v, factors, packing, heads)
    return states.view(1, -1, heads, size), None


class _Group(NamedTuple):
    """Rows of one width among the grouped vectors."""

    vectors: slice
    weights: slice
    rows: int
    width: int
    mask: Tensor | None


def _groups(packing: Packing, heads: int) -> Iterator[_Group]:
    vectors = weights = 0
    for width, rows, mask in zip(packing.widths, packing.num_rows, packing.masks, strict=True):
        next_vectors, next_weights = vectors + rows * heads * width, weights + rows * heads * width**2
        yield _Group(slice(vectors, next_vectors), slice(weights, next_weights), rows, width, mask)
        vectors, weights = next_vectors, next_weights


def _fused_attention(query: Tensor, key: Tensor, value: Tensor, packing: Packing, heads: int) -> Tensor:
    """The CPU's fused kernel: without dropout; on short rows it is fast in float32 only."""
    order = packing.head_order(heads)
    grouped = [part.index_select(0, order.grouped) for part in (query, key, value)]
    states = torch.empty_like(grouped[0])
    for group in _groups(packing, heads):
        q, k, v = (part[group.vectors].view(group.rows, heads, group.width, -1) for part in grouped)
        mask = None if group.mask is None else group.mask[:, None, None, :]
        attended = scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)
        states[group.vectors] = attended.reshape(-1, states.shape[1])
    return states.index_select(0, order.packed)


class _GroupedAttention(torch.autograd.Function):
    """softmax(q kᵀ) v within each row, by plain products of whole groups.

    The vectors are brought into the groups' order once, so that each product reads and writes contiguous
    memory; left to autograd, a third of a training step of MiniLM went into copies of their parts.
    """

    @staticmethod
    def forward(
        ctx: Any,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        factors: Tensor | None,
        packing: Packing,
        heads: int,
    ) -> Tensor:
        """Attended vectors, shape [T · heads, d] like q, k and v; ``factors`` are dropout's."""
        order = packing.head_order(heads)
        q, k, v = (part.index_select(0, order.grouped) for part in (query, key, value))
        states, all_weights = torch.empty_like(v), []
        for group in _groups(packing, heads):
            q_part, k_part, v_part, out = _rows((q, k, v, states), group, heads)
            scores = q_part @ k_part.transpose(1, 2)  # [rows · heads, width, width]
            if group.mask is not None:
                by_row = scores.view(group.rows, heads, group.width, group.width)
                by_row.masked_fill_(~group.mask[:, None, None, :], -torch.inf)
            weights = torch.softmax(scores, dim=-1)
            torch.bmm(_dropped(weights, factors, group), v_part, out=out)
            all_weights.append(weights)
        ctx.packing, ctx.heads = packing, heads
        ctx.save_for_backward(q, k, v, factors, *all_weights)
        return states.index_select(0, order.packed)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        """Gradients of q, k and v."""
        order = ctx.packing.head_order(ctx.heads)
        q, k, v, factors, *all_weights = ctx.saved_tensors
        incoming = gradient.index_select(0, order.grouped)
        gradients = [torch.empty_like(part) for part in (q, k, v)]
        for group, weights in zip(_groups(ctx.packing, ctx.heads), all_weights, strict=True):
            q_part, k_part, v_part, d_out = _rows((q, k, v, incoming), group, ctx.heads)
            d_query, d_key, d_value = _rows(gradients, group, ctx.heads)
            torch.bmm(_dropped(weights, factors, group).transpose(1, 2), d_out, out=d_value)
            d_weights = _dropped(d_out @ v_part.transpose(1, 2), factors, group)
            d_scores = torch.ops.aten._softmax_backward_data(d_weights, weights, -1, weights.dtype)
            torch.bmm(d_scores, k_part, out=d_query)
            torch.bmm(d_scores.transpose(1, 2), q_part, out=d_key)
        return *(part.index_select(0, order.packed) for part in gradients), None, None, None


def _rows(vectors: Sequence[Tensor], group: _Group, heads: int) -> Iterator[Tensor]:
    """A group's part of grouped vectors, shape [rows · heads, width, d] each, as views."""
    return (part[group.vectors].view(group.rows * heads, group.width, -1) for part in vectors)


def _dropped(weights: Tensor, factors: Tensor | None, group: _Group) -> Tensor:
    return weights if factors is None else weights * factors[group.weights].view_as(weights)


AttentionInterface.register(PACKED, packed_attention)
