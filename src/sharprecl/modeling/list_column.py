"""List columns of a columnar table as flat arrays."""

import numpy as np
import pyarrow as pa


class ListColumn:
    """A column of lists as one flat array with offsets: no Python object a row.

    Args:
        column: a list column of integers, N rows.
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        array = column.combine_chunks()
        self.values: np.ndarray = array.values.to_numpy(zero_copy_only=True)
        self.offsets: np.ndarray = array.offsets.to_numpy(zero_copy_only=True)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def rows(self) -> list[np.ndarray]:
        """All rows, as views into the flat array."""
        first, last = self.offsets[0], self.offsets[-1]
        return np.split(self.values[first:last], self.offsets[1:-1] - first)
