"""Texts and labels of a raw table in one spelling."""

import pandas as pd

from sharprecl.spilling import frame_chunks, spill_frame
from sharprecl.text_normalization import normalize_strings

REPLACEMENT_CHARACTER = "\ufffd"


def normalize_table(raw_table: pd.DataFrame) -> pd.DataFrame:
    """Normalise texts and labels.

    Args:
        raw_table: columns ``text``, ``label`` and perhaps ``aug_text``.

    Returns:
        A new table, on the disk. A row without augmented text has its text there instead.
    """
    return spill_frame(_normalize(chunk) for chunk in frame_chunks(raw_table))


def _normalize(raw_table: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in ("text", "label", "aug_text") if name in raw_table]
    table = raw_table.assign(**{name: normalize_strings(raw_table[name]) for name in names})
    if "aug_text" in table:
        table["aug_text"] = table["aug_text"].where(table["aug_text"] != "", table["text"])
    return table
