"""The raw table: what every source of texts returns."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

SPLITS = ("train", "validation", "test")


def assemble_raw_table(parts: Mapping[str | None, pd.DataFrame]) -> pd.DataFrame:
    """Put the parts of a corpus under one another.

    Args:
        parts: split name, or None where rows are not split yet → columns ``text``, ``label`` and perhaps
            ``aug_text``.

    Returns:
        Columns ``row_id`` (0, 1, ... over all parts in their order), ``text``, ``label``, ``aug_text`` if any
        part has one, and ``split``. Missing texts are "".
    """
    table = pd.concat([part.assign(split=split) for split, part in parts.items()], ignore_index=True)
    texts = [name for name in ("text", "aug_text") if name in table]
    table = table.fillna(dict.fromkeys(texts, "")).astype({"split": "str"})
    table.insert(0, "row_id", np.arange(len(table), dtype=np.int64))
    return table[["row_id", "text", "label", *texts[1:], "split"]]
