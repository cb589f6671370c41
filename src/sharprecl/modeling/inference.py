"""Scoring token rows with a trained model."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from tqdm.auto import tqdm

from sharprecl.modeling.model import SharpReCL


class ModelScores(NamedTuple):
    """Scores of N texts.

    Attributes:
        logits: z, float32, shape [N, C].
        embeddings: f, unit rows, float32, shape [N, D].
    """

    logits: np.ndarray
    embeddings: np.ndarray


def pad_rows(rows: list[np.ndarray], pad_token_id: int) -> tuple[Tensor, Tensor]:
    """Right-pad token rows to the longest.

    Args:
        rows: B rows of token ids.
        pad_token_id: the filler.

    Returns:
        Token ids and mask (1 on real tokens), int64, shape [B, L].
    """
    lengths = torch.tensor([len(row) for row in rows])
    input_ids = torch.full((len(rows), int(lengths.max())), pad_token_id, dtype=torch.long)
    attention_mask = (torch.arange(input_ids.shape[1]) < lengths.unsqueeze(1)).long()
    input_ids[attention_mask.bool()] = torch.from_numpy(np.concatenate(rows)).long()
    return input_ids, attention_mask


TOKENS_PER_PASS = {"cpu": 2048}
"""On a CPU a pass is fastest while its activations fit the cache."""
TOKENS_PER_PASS_ELSEWHERE = 65_536


@torch.inference_mode()
def score_rows(
    model: SharpReCL,
    rows: Sequence[np.ndarray],
    pad_token_id: int,
    tokens_per_pass: int | None = None,
    *,
    progress: bool = True,
) -> ModelScores:
    """Logits and embeddings of token rows, in the order given.

    Rows are scored longest first, so that passes hold rows of like length and a lack of memory shows at
    once.

    Args:
        model: on any device; put into evaluation mode.
        rows: N rows of token ids.
        pad_token_id: the filler of short rows.
        tokens_per_pass: tokens a pass, padding included; what suits the device if None.
        progress: whether to draw a bar.

    Returns:
        Scores, in the order of the rows.
    """
    logits = np.empty((len(rows), model.config.num_classes), dtype=np.float32)
    embeddings = np.empty((len(rows), model.config.embedding_dim), dtype=np.float32)
    for chosen, input_ids, attention_mask in _passes(model, rows, pad_token_id, tokens_per_pass, progress):
        output = model(input_ids, attention_mask)
        logits[chosen] = output.logits.float().cpu().numpy()
        embeddings[chosen] = output.embeddings.float().cpu().numpy()
    return ModelScores(logits, embeddings)


@torch.inference_mode()
def encode_rows(
    model: SharpReCL, rows: Sequence[np.ndarray], pad_token_id: int, *, progress: bool = True
) -> np.ndarray:
    """Pooled states h of token rows, float32, shape [N, H], in the order given.

    Arguments are those of :func:`score_rows`.
    """
    states = np.empty((len(rows), model.config.hidden_size), dtype=np.float32)
    for chosen, input_ids, attention_mask in _passes(model, rows, pad_token_id, None, progress):
        states[chosen] = model.encode(input_ids, attention_mask).float().cpu().numpy()
    return states


def _passes(
    model: SharpReCL,
    rows: Sequence[np.ndarray],
    pad_token_id: int,
    tokens_per_pass: int | None,
    progress: bool,
) -> Iterator[tuple[np.ndarray, Tensor, Tensor]]:
    """Row numbers, token ids and mask of each pass, on the model's device, with a bar."""
    model.eval()
    device = model.device
    budget = tokens_per_pass or TOKENS_PER_PASS.get(device.type, TOKENS_PER_PASS_ELSEWHERE)
    with tqdm(total=len(rows), desc="score", unit="text", leave=False, disable=not progress) as bar:
        for chosen in split_into_passes([len(row) for row in rows], budget):
            input_ids, attention_mask = pad_rows([rows[index] for index in chosen], pad_token_id)
            yield chosen, input_ids.to(device), attention_mask.to(device)
            bar.update(len(chosen))


def split_into_passes(lengths: Sequence[int], tokens_per_pass: int) -> Iterator[np.ndarray]:
    """Which rows pass together, longest first.

    Args:
        lengths: tokens of each row.
        tokens_per_pass: rows of a pass times its longest row stay within this; a longer row passes alone.

    Yields:
        Row numbers of each pass.
    """
    order = np.argsort(-np.asarray(lengths), kind="stable")
    start = 0
    while start < len(order):
        size = max(1, tokens_per_pass // max(1, lengths[order[start]]))
        yield order[start : start + size]
        start += size
