"""Work in parts of bounded size."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]


def split_by_weight(weights: IntArray, limit: int) -> Iterator[IntArray]:
    """Places 0, 1, … N − 1 in parts of which all but the first place weigh less than a limit.

    Args:
        weights: at least 0, shape [N].
        limit: of a part, above 0.

    Yields:
        Ascending places, shape [n], n > 0.
    """
    part = np.cumsum(weights) // limit
    yield from np.split(np.arange(len(weights)), np.flatnonzero(np.diff(part)) + 1) if len(weights) else ()
