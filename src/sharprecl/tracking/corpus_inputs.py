"""The corpus as input of a run: which rows, identified by their content."""

import hashlib
import warnings

import mlflow
import numpy as np
import pandas as pd
from mlflow.data.pandas_dataset import from_pandas

from sharprecl.spilling import frame_chunks, keep_rows

_CONTEXTS = {"train": "training", "validation": "validation", "test": "test"}


def corpus_digest(frame: pd.DataFrame) -> str:
    """Digest of a labelled corpus by content; the order of rows and other columns do not matter.

    Args:
        frame: columns ``text``, ``label`` and ``split``.

    Returns:
        16 hexadecimal digits.
    """
    hashes = np.concatenate([_hash_rows(chunk) for chunk in frame_chunks(frame)])
    hashes.sort()
    return hashlib.sha256(hashes.astype("<u8").tobytes()).hexdigest()[:16]


def _hash_rows(frame: pd.DataFrame) -> np.ndarray:
    content = frame[["text", "label", "split"]].astype(object)
    return pd.util.hash_pandas_object(content, index=False).to_numpy()


def log_corpus(frame: pd.DataFrame, corpus: str, source: str) -> None:
    """Log each split as dataset input of the active run.

    Args:
        frame: the labelled corpus.
        corpus: its name.
        source: where it lies.
    """
    for split, context in _CONTEXTS.items():
        rows = keep_rows(frame, (frame["split"] == split).to_numpy())
        if rows.empty:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it says that a path may be a path, twice
            dataset = from_pandas(
                rows[["text", "label"]],
                source=source,
                targets="label",
                name=f"{corpus}-{split}",
                digest=corpus_digest(rows),
            )
        mlflow.log_input(dataset, context=context)
