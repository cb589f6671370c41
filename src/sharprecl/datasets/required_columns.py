"""Tables that another version of the package may have saved."""

from typing import Any

from sharprecl.errors import CorpusError

REQUIRED_COLUMNS = {
    "labelled_corpus": ("ingest", ["row_id", "text", "label", "split"]),
    "token_table": ("tokenize", ["row_id", "split", "label_id", "input_ids", "word_ids", "num_tokens"]),
}
"""The pipeline that makes a table, and the columns that the stages after it rely on."""


def check_required_columns(name: str, table: Any) -> None:
    """Refuse a table that lacks columns, which the stages after it would fail on with a traceback.

    Args:
        name: of the dataset; others than those of :data:`REQUIRED_COLUMNS` pass.
        table: a pandas or Arrow table.

    Raises:
        CorpusError: naming the missing columns.
    """
    if name not in REQUIRED_COLUMNS:
        return
    pipeline, columns = REQUIRED_COLUMNS[name]
    present = getattr(table, "column_names", None) or list(table.columns)
    missing = [column for column in columns if column not in present]
    if missing:
        raise CorpusError(
            f"{name}: it has no {', '.join(missing)}: another version of sharprecl made it; "
            f"run `kedro run --pipeline={pipeline}` again"
        )
