"""Which numbers were there before, for millions that come little by little."""

import numpy as np

from sharprecl.profiling.batching import IntArray


class SeenCodes:
    """A growing set of numbers.

    It lies in sorted runs that are merged when they are of like length, so that there are few and each number
    is moved few times (O'Neil et al. 1996, "The log-structured merge-tree").
    """

    def __init__(self) -> None:
        self._runs: list[IntArray] = []

    def take_new(self, codes: IntArray) -> IntArray:
        """Add numbers.

        Args:
            codes: shape [K].

        Returns:
            Those that were not there before, each once, in ascending order.
        """
        new = np.unique(codes)
        for run in self._runs:
            places = np.searchsorted(run, new).clip(max=len(run) - 1)
            new = new[run[places] != new]
        if len(new):
            self._runs.append(new)
        while len(self._runs) > 1 and 2 * len(self._runs[-1]) > len(self._runs[-2]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate((self._runs[-1], last)), kind="stable")
        return new
