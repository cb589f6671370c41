"""Single cases: packed files, files that grow out of proportion, Parquet's many types."""

import datetime
import decimal
import gzip
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sharprecl.corpora import WantedColumns, parquet_parts, read_table
from sharprecl.corpora.row_stream import stream_rows
from tests.robustness.laws import assert_refused

COLUMNS = WantedColumns(["text", "label"])
LETTERS = pa.array(["x", "y"])


def drain(file):
    """Read all that ``predict`` reads."""
    return [table.num_rows for table in stream_rows(file, "text", chunk_rows=1000).tables]


@pytest.mark.parametrize("suffix", [".gz", ".zip", ".bz2", ".xz", ".zst", ".GZ", ".tar", ".7z"])
@pytest.mark.parametrize("inner", [".csv", ".jsonl", ".parquet"])
def test_packed_files_are_refused_by_suffix_and_never_unpacked(tmp_path, suffix, inner):
    file = tmp_path / f"rows{inner}{suffix}"
    file.write_bytes(gzip.compress(b"text,label\na,b\n"))
    for read in (lambda: read_table(file, COLUMNS), lambda: drain(file)):
        message = assert_refused(read)
        assert f"cannot read {suffix.lower()!r} files; unpack it first" in message


@pytest.mark.parametrize("suffix", [".csv", ".json", ".jsonl", ".parquet"])
def test_a_packed_file_under_another_name_is_no_table(tmp_path, suffix):
    file = tmp_path / f"rows{suffix}"
    file.write_bytes(gzip.compress(b"text,label\na,b\n"))
    assert_refused(read_table, file, COLUMNS)
    assert_refused(drain, file)


def write_repeated(file, length: int, times: int, **options) -> None:
    """A text of some length that stands in a column many times, said once."""
    one = pa.DictionaryArray.from_arrays(pa.array(np.zeros(times, np.int32)), pa.array(["x" * length]))
    table = pa.table({"text": one, "label": one})
    with pq.ParquetWriter(file, table.schema, dictionary_pagesize_limit=2 * length, **options) as writer:
        writer.write_table(table, row_group_size=times)


def test_a_terabyte_in_a_megabyte_is_refused_before_it_fills_the_memory(tmp_path):
    file = tmp_path / "rows.parquet"
    write_repeated(file, 1 << 20, 1 << 20)
    assert file.stat().st_size < 1 << 20
    before = pa.default_memory_pool().max_memory()
    for read in (lambda: read_table(file, COLUMNS), lambda: drain(file)):
        assert "its values take more than 100 times the file's size" in assert_refused(read)
    assert pa.default_memory_pool().max_memory() < before + (1 << 28)


@pytest.mark.parametrize("length", [0, 1 << 10])
def test_many_short_values_are_counted_too(tmp_path, monkeypatch, length):
    monkeypatch.setattr(parquet_parts, "HARMLESS_BYTES", 1 << 24)
    file = tmp_path / "rows.parquet"
    write_repeated(file, length, (1 << 24) // (2 * length + 16) + (1 << 16))
    assert "its values take more than" in assert_refused(read_table, file, COLUMNS)
    assert "its values take more than" in assert_refused(drain, file)


def test_what_is_repeated_in_good_measure_is_read(tmp_path):
    file = tmp_path / "rows.parquet"
    write_repeated(file, 1 << 10, 1 << 14)
    table = read_table(file, COLUMNS)
    assert len(table) == 1 << 14
    assert set(table["text"]) == {"x" * (1 << 10)}


def test_strings_in_the_one_encoding_without_dictionaries_are_read_and_counted(tmp_path, monkeypatch):
    file = tmp_path / "rows.parquet"
    texts = [f"{'x' * 1000}{place}" for place in range(3000)]
    table = pa.table({"text": texts, "label": texts})
    encoding = dict.fromkeys(("text", "label"), "DELTA_BYTE_ARRAY")
    pq.write_table(table, file, use_dictionary=False, column_encoding=encoding, row_group_size=700)
    assert read_table(file, COLUMNS)["text"].tolist() == texts
    monkeypatch.setattr(parquet_parts, "HARMLESS_BYTES", 1 << 20)
    monkeypatch.setattr(parquet_parts, "MAX_EXPANSION", 2)
    assert "its values take more than" in assert_refused(read_table, file, COLUMNS)


def test_a_column_that_changes_to_that_encoding_on_its_way_is_read_once(tmp_path, monkeypatch):
    """Java's writer does so where a dictionary grows too large; Arrow's cannot, so its refusal is staged."""
    file = tmp_path / "rows.parquet"
    texts = [f"text {place}" for place in range(1000)]
    pq.write_table(pa.table({"text": texts, "label": texts}), file)
    parts = parquet_parts._parts

    def refuse_after_300(path, names, dictionaries, rows):
        if not dictionaries:
            yield from parts(path, names, dictionaries, rows)
            return
        yield next(parts(path, names, dictionaries, 300))
        raise OSError("Not yet implemented: DecodeArrow of DictAccumulator for DeltaByteArrayDecoder.")

    monkeypatch.setattr(parquet_parts, "_parts", refuse_after_300)
    assert read_table(file, COLUMNS)["text"].tolist() == texts


NOON = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.timezone.utc)
READABLE = {
    "binary": (pa.array([b"x", b"y"]), ["x", "y"]),
    "string view": (LETTERS.cast(pa.string_view()), ["x", "y"]),
    "categories": (LETTERS.dictionary_encode(), ["x", "y"]),
    "numbered categories": (pa.array([7, 8]).dictionary_encode(), ["7", "8"]),
    "whole numbers": (pa.array([1, 2**63], pa.uint64()), ["1", str(2**63)]),
    "half floats": (pa.array([1.5, 2], pa.float16()), ["1.5", "2.0"]),
    "decimals": (pa.array([decimal.Decimal("1.50"), decimal.Decimal(2)]), ["1.50", "2.00"]),
    "dates": (pa.array([NOON.date(), NOON.date()]), ["2020-01-01"] * 2),
    "times": (pa.array([NOON, NOON]), ["2020-01-01 12:00:00.000000Z"] * 2),
    "all missing": (pa.nulls(2), [None, None]),
    "JSON": (pa.array(["1", "2"], pa.json_()), ["1", "2"]),
}
UNREADABLE = {
    "lists": pa.array([["x"], ["y"]]),
    "records": pa.array([{"x": "y"}, None]),
    "maps": pa.array([[("x", "y")], []], pa.map_(pa.string(), pa.string())),
    "bytes that are no text": pa.array([b"\xff", b"y"]),
    "identifiers": pa.array([uuid.UUID(int=2**128 - 1).bytes] * 2, pa.uuid()),
}


@pytest.mark.parametrize(("column", "expected"), READABLE.values(), ids=READABLE)
def test_parquet_types_that_are_words(tmp_path, column, expected):
    pq.write_table(pa.table({"text": column, "label": LETTERS}), tmp_path / "rows.parquet")
    texts = read_table(tmp_path / "rows.parquet", COLUMNS)["text"]
    assert texts.astype(object).where(texts.notna(), None).tolist() == expected
    assert drain(tmp_path / "rows.parquet") == [2]


@pytest.mark.parametrize("column", UNREADABLE.values(), ids=UNREADABLE)
def test_parquet_types_that_are_none(tmp_path, column):
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"text": column, "label": LETTERS}), file)
    assert "column 'text' holds" in assert_refused(read_table, file, COLUMNS)
    # A nested column beside the text harms nothing.
    pq.write_table(pa.table({"text": LETTERS, "text.x": LETTERS, "other": column, "label": LETTERS}), file)
    assert read_table(file, COLUMNS)["text"].tolist() == ["x", "y"]
    assert drain(file) == [2]


def test_strings_that_are_not_utf_8_are_refused(tmp_path):
    file = tmp_path / "rows.parquet"
    pq.write_table(
        pa.table({"text": ["qqqq", "y"], "label": LETTERS}), file, use_dictionary=False, compression="none"
    )
    file.write_bytes(file.read_bytes().replace(b"qqqq", b"q\xffqq"))
    assert "Invalid UTF8 sequence at string index 0); write it anew" in assert_refused(
        read_table, file, COLUMNS
    )
    assert_refused(drain, file)


def test_a_column_that_a_parquet_file_has_twice_is_refused(tmp_path):
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_arrays([LETTERS] * 3, names=["text", "label", "text"]), file)
    assert "there are two columns 'text'; rename one" in assert_refused(read_table, file, COLUMNS)
    assert_refused(drain, file)


def test_the_name_of_the_folder_is_no_column(tmp_path):
    file = tmp_path / "label=folder" / "rows.parquet"
    file.parent.mkdir()
    pq.write_table(pa.table({"text": LETTERS}), file)
    assert "no column 'label'; there are 'text'" in assert_refused(read_table, file, COLUMNS)


def test_an_empty_row_group_in_front_hides_no_rows(tmp_path):
    table = pa.table({"text": LETTERS, "label": LETTERS})
    with pq.ParquetWriter(tmp_path / "rows.parquet", table.schema) as writer:
        writer.write_table(table.slice(0, 0))
        writer.write_table(table)
    assert drain(tmp_path / "rows.parquet") == [2]
    assert len(read_table(tmp_path / "rows.parquet", COLUMNS)) == 2
