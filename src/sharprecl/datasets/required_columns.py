"""Tables that another version of the package may have saved."""

from collections.abc import Sequence
from typing import Any

from sharprecl.errors import CorpusError


class RequiredColumns:
    """Refuses a saved table that lacks columns, which the stages after it would fail on with a traceback.

    A validator of Kedro's catalog, for pandas and Arrow tables.

    Args:
        name: of the dataset, for the message.
        columns: that the table must have.
        pipeline: that makes the table.
    """

    def __init__(self, *, name: str, columns: Sequence[str], pipeline: str) -> None:
        self._name = name
        self._columns = list(columns)
        self._pipeline = pipeline

    def validate(self, data: Any) -> Any:
        """Look at the column names alone.

        Args:
            data: the table.

        Returns:
            The same table.

        Raises:
            CorpusError: naming the missing columns.
        """
        present = getattr(data, "column_names", None) or list(data.columns)
        missing = [column for column in self._columns if column not in present]
        if missing:
            raise CorpusError(
                f"{self._name}: it has no {', '.join(missing)}: another version of sharprecl made it; "
                f"run `kedro run --pipeline={self._pipeline}` again"
            )
        return data
