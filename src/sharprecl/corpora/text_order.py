"""Texts as numbers that say which are equal and which comes first."""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def rank_strings(strings: pd.Series) -> pd.Series:
    """Place of each string among the different ones in sorted order (by code point).

    Args:
        strings: N strings, none missing.

    Returns:
        0 for the smallest; equal strings share a place. The same index.
    """
    column = pa.array(strings, pa.large_string())
    ranks = pc.rank(column, sort_keys="ascending", tiebreaker="dense")  # from 1 on
    return pd.Series(ranks.to_numpy().astype("int64") - 1, index=strings.index)
