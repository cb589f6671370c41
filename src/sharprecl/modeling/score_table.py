"""Scores of a whole token table as a columnar table."""

import numpy as np
import pyarrow as pa

from sharprecl.modeling.list_column import ListColumn
from sharprecl.modeling.trained_model import TrainedModel


def score_table(model: TrainedModel, token_table: pa.Table, tokens_per_pass: int | None = None) -> pa.Table:
    """Score token rows.

    Args:
        model: the trained model.
        token_table: N rows with ``row_id``, ``split``, ``label_id`` and ``input_ids``.
        tokens_per_pass: as for :func:`~sharprecl.modeling.inference.score_rows`.

    Returns:
        N rows with ``row_id``, ``split``, ``label_id``, ``logits`` (C float32) and ``embedding`` (D float32).
    """
    scores = model.score(ListColumn(token_table["input_ids"]).rows(), tokens_per_pass)
    table = token_table.select(["row_id", "split", "label_id"])
    table = table.append_column("logits", _matrix_array(scores.logits))
    return table.append_column("embedding", _matrix_array(scores.embeddings))


def matrix_column(table: pa.Table, name: str) -> np.ndarray:
    """A column of equally long lists as a matrix, shape [N, K]."""
    array = table[name].combine_chunks()
    return np.asarray(array.flatten().to_numpy(zero_copy_only=False)).reshape(len(array), -1)


def _matrix_array(matrix: np.ndarray) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), matrix.shape[1])
