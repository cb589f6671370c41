"""First rows of a table, as the lineage shows them."""

import math
from typing import Any

import pyarrow as pa
from kedro_datasets._typing import TablePreview

SHOWN_ITEMS = 12
SHOWN_CHARACTERS = 200


def table_preview(table: pa.Table) -> TablePreview:
    """A table as kedro-viz draws it.

    Args:
        table: the rows to show.

    Returns:
        ``index``, ``columns`` and ``data``, plain values; long lists and texts are cut, with an ellipsis.
    """
    rows = [[_shown(value) for value in row.values()] for row in table.to_pylist()]
    return TablePreview({"index": list(range(len(rows))), "columns": table.column_names, "data": rows})


def _shown(value: Any) -> str | float | bool | None:
    if isinstance(value, list):
        cut = ", …" if len(value) > SHOWN_ITEMS else ""
        return ", ".join(_number(item) for item in value[:SHOWN_ITEMS]) + cut
    if isinstance(value, str):
        return value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON, in which a preview travels, has no word for it
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
