"""Tables in parts: every row once, in order, with all columns; bad ones in one line."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sharprecl.corpora.row_stream import stream_rows
from sharprecl.errors import CorpusError

ROWS = [{"id": str(i), "body": f'text "{i}", with a comma\nand a line'} for i in range(25)]


def write(folder, suffix):
    file = folder / f"rows{suffix}"
    frame = pd.DataFrame(ROWS)
    if suffix in {".csv", ".tsv"}:
        frame.to_csv(file, sep="," if suffix == ".csv" else "\t", index=False)
    elif suffix == ".json":
        file.write_text(json.dumps(ROWS), encoding="utf-8")
    elif suffix == ".parquet":
        frame.to_parquet(file)
    else:
        file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return file


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"])
def test_parts_hold_every_row_once_in_order(tmp_path, suffix):
    stream = stream_rows(write(tmp_path, suffix), "body", chunk_rows=10)
    parts = list(stream.tables)
    assert [part.num_rows for part in parts] == [10, 10, 5]
    assert pa.concat_tables(parts).to_pylist() == ROWS


def test_parquet_tells_its_number_of_rows_and_keeps_types(tmp_path):
    pq.write_table(pa.table({"body": ["a", "b"], "n": [1, 2]}), tmp_path / "rows.parquet")
    stream = stream_rows(tmp_path / "rows.parquet", "body", chunk_rows=10)
    assert stream.num_rows == 2
    assert next(stream.tables).schema.field("n").type == pa.int64()


def test_values_of_text_files_stay_the_strings_they_are(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("\ufeffbody,n\nNA,007\n,1.50\n", encoding="utf-8")
    assert next(stream_rows(file, "body", chunk_rows=5).tables).to_pydict() == {
        "body": ["NA", ""],
        "n": ["007", "1.50"],
    }


def test_json_values_become_strings_and_missing_keys_null(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"body": "é\\ud800", "tags": ["x"], "n": 1}\n\n{"body": null}\n', encoding="utf-8")
    table = next(stream_rows(file, "body", chunk_rows=5).tables)
    assert table.to_pydict() == {"body": ["é\ufffd", None], "tags": ['["x"]', None], "n": ["1", None]}


def test_another_encoding(tmp_path):
    for suffix, content in ((".csv", "body\ncafé\n"), (".jsonl", '{"body": "café"}')):
        file = tmp_path / f"rows{suffix}"
        file.write_bytes(content.encode("latin-1"))
        stream = stream_rows(file, "body", encoding="latin-1", chunk_rows=5)
        assert next(stream.tables)["body"].to_pylist() == ["café"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.csv", b"text\na\n", "no column 'body'; there are 'text': name yours in predict.text"),
        ("rows.csv", b"body\n", "no rows"),
        ("rows.csv", b"", "empty"),
        ("rows.csv", b"body,body\na,b\n", "names column 'body' twice"),
        ("rows.csv", b"body,n\na\n", "quote or mend that row"),
        ("rows.csv", b"body\n\xff\xfe\n", r"byte 5 \(line 2\) is not utf-8; .* in predict\.encoding"),
        ("rows.jsonl", b'{"body": "a"}\n{"body"\n', "line 2 is not JSON"),
        ("rows.jsonl", b'{"body": "a"}\n[1]\n', "record 2 is not an object"),
        ("rows.jsonl", b'{"body": "\xff"}\n', r"byte 10 \(line 1\) is not utf-8; .* in predict\.encoding"),
        ("rows.jsonl", b"\n", "the file is empty"),
        ("rows.json", b"[]", "no rows"),
        ("rows.json", b'{"body": "a"}', "expected a list of records"),
        ("rows.json", b'[{"body": "a"}', "is not JSON"),
        ("rows.parquet", b"PAR0", "not a Parquet file"),
        ("rows.xlsx", b"x", "cannot read '.xlsx' files"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, name, content, message):
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(CorpusError, match=message) as error:
        list(stream_rows(file, "body", chunk_rows=5).tables)
    assert "\n" not in str(error.value)
    assert str(file) in str(error.value)


def test_a_key_that_comes_late_is_refused_not_lost(tmp_path):
    file = tmp_path / "rows.jsonl"
    lines = ['{"body": "a"}'] * 10_000 + ['{"body": "a", "late": 1}']
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(CorpusError, match="after record 10000 comes a key 'late'"):
        list(stream_rows(file, "body", chunk_rows=5000).tables)


def test_no_file_and_an_unknown_encoding(tmp_path):
    with pytest.raises(CorpusError, match="there is no such file"):
        stream_rows(tmp_path / "rows.csv", "body", chunk_rows=5)
    file = write(tmp_path, ".csv")
    with pytest.raises(CorpusError, match=r"predict\.encoding: Python knows no encoding 'klingon'"):
        stream_rows(file, "body", encoding="klingon", chunk_rows=5)
