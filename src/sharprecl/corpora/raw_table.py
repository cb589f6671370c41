"""The raw table: what every source of texts returns."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from sharprecl.spilling import frame_chunks, spill_frame

SPLITS = ("train", "validation", "test")


def assemble_raw_table(parts: Mapping[str | None, pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of a corpus under one another.

    Args:
        parts: split name, or None where rows are not split yet → columns ``text``, ``label`` and perhaps
            ``aug_text``.

    Returns:
        Columns ``row_id`` (0, 1, ... over all parts in their order), ``text``, ``label``, ``aug_text`` if any
        part has one, and ``split``. Missing texts are "". The table lies on the disk.
    """
    texts = ["text", "aug_text"] if any("aug_text" in part for part in parts.values()) else ["text"]
    return spill_frame(_raw_chunks(parts, texts))


def _raw_chunks(parts: Mapping[str | None, pd.DataFrame], texts: list[str]) -> Iterator[pd.DataFrame]:
    done = 0
    for split, part in parts.items():
        for chunk in frame_chunks(part):
            columns = {name: chunk[name].fillna("") if name in chunk else "" for name in texts}
            row_ids = np.arange(done, done + len(chunk), dtype=np.int64)
            numbered = chunk.assign(row_id=row_ids, split=split, **columns)
            yield numbered[["row_id", "text", "label", *texts[1:], "split"]]
            done += len(chunk)
