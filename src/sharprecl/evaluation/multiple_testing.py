"""Several tests at once."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values so that the chance of any false rejection stays below the level (Holm 1979).

    The i-th smallest of m becomes max over j ≤ i of (m − j + 1)·p_(j), at most 1.

    Args:
        p_values: of one family of tests, each in [0, 1].

    Returns:
        Adjusted p-values in the order given.

    Raises:
        ValueError: if a p-value is not in [0, 1].
    """
    values = np.asarray(p_values, dtype=float)
    if not np.all((values >= 0) & (values <= 1)):  # NaN, too
        raise ValueError(f"p-values must lie between 0 and 1, not {list(p_values)}")
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]
