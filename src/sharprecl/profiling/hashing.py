"""Hashes of 64 bits."""

import numpy as np
from numpy.typing import NDArray

HashArray = NDArray[np.uint64]


def mix(numbers: HashArray) -> HashArray:
    """Spread numbers evenly over all 64 bits (the finalizer of SplitMix64; Steele, Lea and Flood 2014).

    Args:
        numbers: shape [N]; sums of hashes may have overflowed.

    Returns:
        Shape [N]; unlike numbers stay unlike.
    """
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
