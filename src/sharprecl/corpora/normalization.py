"""One spelling for texts that look alike."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sharprecl.spilling import frame_chunks, spill_frame

BLANKS = r"[\p{Z}\p{Cc}\x{200B}\x{FEFF}]+"
"""Separators and control characters of all scripts, the zero-width space and the byte order mark."""
REPLACEMENT_CHARACTER = "\ufffd"


def normalize_strings(strings: pd.Series) -> pd.Series:
    """Unicode NFC, every run of blanks and control characters one space, none at the ends.

    Args:
        strings: no missing values.

    Returns:
        Strings with the same index. Applying it again changes nothing.
    """
    # Not Arrow's utf8_normalize: it decomposes and leaves it at that (Arrow 25).
    composed = pa.array(strings.str.normalize("NFC"), pa.large_string())
    collapsed = pc.replace_substring_regex(composed, pattern=BLANKS, replacement=" ")
    trimmed: pd.Series = pc.utf8_trim(collapsed, characters=" ").to_pandas()
    return trimmed.set_axis(strings.index)


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
