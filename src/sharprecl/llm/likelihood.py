"""How likely a causal model finds each of a few answers."""

import copy
import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

Cache = Any
"""A model's keys and values of the tokens that it has read."""


def answer_log_likelihoods(
    model: PreTrainedModel,
    rows: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
    *,
    batch_size: int,
) -> Iterator[tuple[list[int], Tensor]]:
    """Score every answer after every prompt: log P(a | x) = Σ_t log P(a_t | x, a_<t).

    What all prompts begin with is read once, each prompt's rest once, and each answer goes on from there;
    equal to reading every prompt with every answer, within float tolerance. Long prompts come first, so that
    a lack of memory shows at once.

    Args:
        model: a causal model in evaluation mode.
        rows: N prompts as token ids, at least one each.
        answers: C answers as token ids, at least one each.
        batch_size: prompts a pass.

    Yields:
        Row numbers [B] and their scores, float32, shape [B, C], on the CPU.
    """
    num_shared = _common_length(rows)
    prefix = _read_prefix(model, rows[0][:num_shared]) if num_shared else None
    if prefix is not None and _shortest_window(prefix) < max(map(len, rows)) + max(map(len, answers)):
        # Windows are counted in columns, padding included: it must stand before the prompt, not inside.
        num_shared, prefix = 0, None
    order = sorted(range(len(rows)), key=lambda index: -len(rows[index]))
    for start in range(0, len(order), batch_size):
        chosen = order[start : start + batch_size]
        rest = [rows[index][num_shared:] for index in chosen]
        yield chosen, _score_batch(model, prefix, num_shared, rest, answers).cpu()


def pad_left(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Rows of tokens that all end in the last column.

    Args:
        rows: B rows.
        device: where to put them.

    Returns:
        Token ids (0 as the filler) and mask (1 on real tokens), int64, shape [B, L].
    """
    width = max(map(len, rows))
    ids = [[0] * (width - len(row)) + list(row) for row in rows]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in rows]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _common_length(rows: Sequence[Sequence[int]]) -> int:
    """Tokens that all rows begin with; at least one token of every row is left over."""
    shortest = min(map(len, rows))
    first = rows[0]
    for position in range(shortest - 1):
        if any(row[position] != first[position] for row in rows):
            return position
    return shortest - 1


def _shortest_window(read: Cache) -> float:
    """How many columns back the most short-sighted layer sees."""
    return min((layer.sliding_window for layer in read.layers if layer.is_sliding), default=math.inf)


@torch.inference_mode()
def _read_prefix(model: PreTrainedModel, prefix: Sequence[int]) -> Cache:
    ids = torch.tensor([list(prefix)], device=model.device)
    return model(input_ids=ids, use_cache=True, logits_to_keep=1).past_key_values


@torch.inference_mode()
def _score_batch(
    model: PreTrainedModel,
    prefix: Cache,
    num_shared: int,
    rest: Sequence[Sequence[int]],
    answers: Sequence[Sequence[int]],
) -> Tensor:
    """Scores [B, C] of answers after the prefix and each row's rest."""
    ids, rest_mask = pad_left(rest, model.device)  # [B, L]
    mask = torch.cat([rest_mask.new_ones(len(rest), num_shared), rest_mask], dim=1)  # [B, S + L]
    read = copy.deepcopy(prefix)
    if read is not None:
        read.batch_repeat_interleave(len(rest))
    output = model(
        input_ids=ids,
        attention_mask=mask,
        # The padding stands between prefix and rest, and takes no positions.
        position_ids=(mask.cumsum(dim=1) - 1).clamp(min=0)[:, num_shared:],
        past_key_values=read,
        use_cache=True,
        logits_to_keep=1,
    )
    first = output.logits[:, -1].float().log_softmax(dim=-1)  # [B, vocabulary]
    scores = [
        first[:, answer[0]] + _score_continuation(model, output.past_key_values, mask, answer)
        for answer in answers
    ]
    return torch.stack(scores, dim=1)


def _score_continuation(model: PreTrainedModel, read: Cache, mask: Tensor, answer: Sequence[int]) -> Tensor:
    """Σ_{t≥1} log P(a_t | x, a_<t), shape [B]."""
    tokens = torch.tensor(list(answer), device=mask.device)
    given, wanted = tokens[:-1].expand(len(mask), -1), tokens[1:].expand(len(mask), -1)  # [B, A - 1]
    if not given.shape[1]:
        return torch.zeros(len(mask), device=mask.device)
    positions = mask.sum(dim=1, keepdim=True) + torch.arange(given.shape[1], device=mask.device)
    output = model(
        input_ids=given,
        attention_mask=torch.cat([mask, torch.ones_like(given)], dim=1),
        position_ids=positions,
        # A model writes into the cache that it is given, and the other answers need it as it is.
        past_key_values=copy.deepcopy(read),
        use_cache=True,
    )
    log_probabilities = output.logits.float().log_softmax(dim=-1)  # [B, A - 1, vocabulary]
    of_wanted: Tensor = log_probabilities.gather(2, wanted.unsqueeze(2)).squeeze(2)  # [B, A - 1]
    return of_wanted.sum(dim=1)
