"""List columns of a columnar table as flat arrays."""

import numpy as np
import pyarrow as pa


class ListColumn:
    """A column of lists as flat arrays with offsets: no Python object a row, and no copy of a mapped table.

    Args:
        column: a list column of integers, N rows.
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        chunks = [chunk for chunk in column.chunks if len(chunk)]
        self._values: list[np.ndarray] = [chunk.values.to_numpy(zero_copy_only=True) for chunk in chunks]
        self._offsets = [chunk.offsets.to_numpy(zero_copy_only=True) for chunk in chunks]
        self._ends = np.cumsum([len(chunk) for chunk in chunks], dtype=np.int64)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, index: int) -> np.ndarray:
        chunk = int(np.searchsorted(self._ends, index, side="right"))
        offsets = self._offsets[chunk]
        place = index - int(self._ends[chunk]) + len(offsets) - 1
        row: np.ndarray = self._values[chunk][offsets[place] : offsets[place + 1]]
        return row

    def rows(self) -> list[np.ndarray]:
        """All rows, as views into the flat arrays."""
        return [
            row
            for values, offsets in zip(self._values, self._offsets, strict=True)
            for row in np.split(values[offsets[0] : offsets[-1]], offsets[1:-1] - offsets[0])
        ]
