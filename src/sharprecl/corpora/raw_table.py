"""The raw table: what every source of texts returns."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sharprecl.spilling import frame_chunks, spill_frame
from sharprecl.split_names import SPLITS

TRAIN, VALIDATION, TEST = range(3)
"""Places in :data:`~sharprecl.split_names.SPLITS`."""
UNSPLIT = -1
"""Stands for the place of a row that is not split yet."""


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


def number_splits(splits: pd.Series) -> NDArray[np.int8]:
    """Places of the rows' splits in ``SPLITS``; :data:`UNSPLIT` where a row is not split yet.

    Raises:
        ValueError: if there is a split of another name; that is a bug of this program.
    """
    numbers = pd.Index(SPLITS).get_indexer(pd.Index(splits)).astype(np.int8)
    unknown = splits[(numbers == UNSPLIT) & splits.notna()]
    if not unknown.empty:
        raise ValueError(f"there is no split {unknown.iloc[0]!r}; choose from {', '.join(SPLITS)}")
    return numbers


def name_splits(numbers: NDArray[np.int8], index: pd.Index) -> pd.Series:
    """Names of splits by their places in ``SPLITS``, none missing, under an index."""
    names = pa.DictionaryArray.from_arrays(numbers, pa.array(SPLITS, pa.large_string()))
    named: pd.Series = names.cast(pa.large_string()).to_pandas()
    return named.set_axis(index)


def _raw_chunks(parts: Mapping[str | None, pd.DataFrame], texts: list[str]) -> Iterator[pd.DataFrame]:
    done = 0
    for split, part in parts.items():
        for chunk in frame_chunks(part):
            columns = {name: chunk[name].fillna("") if name in chunk else "" for name in texts}
            row_ids = np.arange(done, done + len(chunk), dtype=np.int64)
            numbered = chunk.assign(row_id=row_ids, split=split, **columns)
            yield numbered[["row_id", "text", "label", *texts[1:], "split"]]
            done += len(chunk)
