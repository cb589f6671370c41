"""Records as files, written by other code than what reads them."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.robustness.hostile import Written

Records = list[dict[str, Any]]


def write_corpus(corpus: Written, folder: Path) -> dict[str, Any]:
    """Write one file a split.

    Returns:
        The ``corpus`` block that reads them.
    """
    names = {split: f"{split}{corpus.suffix}" for split in corpus.files}
    if corpus.suffix == ".parquet":
        for split, name in names.items():
            _write_parquet(corpus.files[split], folder / name, corpus.style)
        return {**corpus.parameters, **names}
    texts = {split: text_of(records, corpus.suffix, corpus.style) for split, records in corpus.files.items()}
    encoding = (
        corpus.encoding if all(_survives(text, corpus.encoding) for text in texts.values()) else "utf-8"
    )
    for split, name in names.items():
        (folder / name).write_bytes(texts[split].encode(encoding))
    read_as = "utf-8" if encoding == "utf-8-sig" else encoding
    return {**corpus.parameters, **names, "encoding": read_as}


def text_of(records: Records, suffix: str, style: dict[str, Any]) -> str:
    """Content of a text file."""
    if suffix in {".csv", ".tsv"}:
        return _delimited(records, "," if suffix == ".csv" else "\t", style)
    has_halves = "\\ud" in ascii(records)
    to_ascii = style["ascii"] or has_halves
    if suffix == ".json":
        return json.dumps(records, ensure_ascii=to_ascii, indent=1 if style["blank_lines"] else None)
    line_end = "\n\n" if style["blank_lines"] else "\n"
    return line_end.join(json.dumps(record, ensure_ascii=to_ascii) for record in records)


def _delimited(records: Records, delimiter: str, style: dict[str, Any]) -> str:
    header = list(records[0]) if records else ["text", "label"]
    rows = [header, *([record[name] for name in header] for record in records)]
    # Not every Python quotes a carriage return by itself.
    must_quote = style["quote_all"] or any(set(cell) & set("\r\n") for row in rows for cell in row)
    quoting = csv.QUOTE_ALL if must_quote else csv.QUOTE_MINIMAL
    buffer = io.StringIO(newline="")
    line_end = style["line_end"] * (2 if style["blank_lines"] else 1)
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows(rows)
    return buffer.getvalue()


def _survives(text: str, encoding: str) -> bool:
    try:
        return text.encode(encoding).decode(encoding) == text
    except UnicodeError:
        return False


def _write_parquet(records: Records, file: Path, style: dict[str, Any]) -> None:
    kinds = {"string": pa.string(), "large_string": pa.large_string(), "string_view": pa.string_view()}
    columns = {}
    for name in records[0] if records else ("text", "label"):
        column = pa.array([record[name] for record in records], kinds.get(style["type"], pa.string()))
        columns[name] = column.dictionary_encode() if style["type"] == "dictionary" else column
    pq.write_table(
        pa.table(columns), file, row_group_size=style["row_group"], compression=style["compression"]
    )
