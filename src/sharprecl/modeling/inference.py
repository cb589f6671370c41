"""Scoring token rows with a trained model."""

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


@torch.inference_mode()
def score_rows(
    model: SharpReCL, rows: list[np.ndarray], pad_token_id: int, batch_size: int, *, progress: bool = True
) -> ModelScores:
    """Logits and embeddings of token rows, in the order given.

    Rows are scored longest first, so that batches hold rows of like length and a lack of memory
    shows at once.

    Args:
        model: on any device; put into evaluation mode.
        rows: N rows of token ids.
        pad_token_id: the filler of short rows.
        batch_size: rows a pass.
        progress: whether to draw a bar.

    Returns:
        Scores, in the order of the rows.
    """
    model.eval()
    order = np.argsort([-len(row) for row in rows], kind="stable")
    logits = np.empty((len(rows), model.config.num_classes), dtype=np.float32)
    embeddings = np.empty((len(rows), model.config.embedding_dim), dtype=np.float32)
    starts = range(0, len(rows), batch_size)
    for start in tqdm(starts, desc="score", unit="batch", leave=False, disable=not progress):
        chosen = order[start : start + batch_size]
        input_ids, attention_mask = pad_rows([rows[index] for index in chosen], pad_token_id)
        output = model(input_ids.to(model.device), attention_mask.to(model.device))
        logits[chosen] = output.logits.float().cpu().numpy()
        embeddings[chosen] = output.embeddings.float().cpu().numpy()
    return ModelScores(logits, embeddings)
