"""Readers on files that are well written, damaged, or no tables at all."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharprecl.corpora import WantedColumns, read_table
from sharprecl.corpora.row_stream import stream_rows
from sharprecl.corpora.text_file import TextFile
from sharprecl.errors import SharpreclError
from tests.robustness.corpus_writing import text_of, write_corpus
from tests.robustness.damage import ALL_CODECS, damages, do_damage, parquet_bytes
from tests.robustness.fuzz_settings import examples
from tests.robustness.hostile import SUFFIXES, Written, corpora
from tests.robustness.laws import outcome_of
from tests.robustness.naive_cleaning import as_words
from tests.robustness.naive_reading import naive_rows

COLUMNS = WantedColumns(["text", "label"])
TEXT_SUFFIXES = [suffix for suffix in SUFFIXES if suffix != ".parquet"]
RECORDS = [
    {"text": 'one, "two"\nthree', "label": "a"},
    {"text": "vier fünf", "label": "b"},
    {"text": "", "label": "b"},
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def stream(file: Path, text: str, encoding: str = "utf-8") -> list[str | None]:
    """The text column as ``predict`` reads it."""
    tables = stream_rows(file, text, encoding=encoding, chunk_rows=3).tables
    return [value for table in tables for value in table[text].cast(pa.large_string()).to_pylist()]


def cells(table: pd.DataFrame) -> list[list[str | None]]:
    """The values, None where they are missing."""
    return table.astype(object).where(table.notna(), None).to_numpy().tolist()


@given(corpora())
@examples(700)
def test_a_table_reads_as_it_was_written_by_train_and_by_predict(folder, corpus: Written):
    parameters = write_corpus(corpus, folder)
    file, text, label = (parameters[name] for name in ("train", "text", "label"))
    encoding = parameters.get("encoding", "utf-8")
    records = corpus.files["train"]
    expected = [[as_words(record[name]) for name in (text, label)] for record in records]
    table = outcome_of(read_table, folder / file, WantedColumns([text, label]), encoding=encoding)
    streamed = outcome_of(stream, folder / file, text, encoding)
    if not records:
        assert isinstance(table, SharpreclError)
        assert isinstance(streamed, SharpreclError)
        return
    assert cells(table) == expected
    assert [value or "" for value in streamed] == [row[0] or "" for row in expected]


@given(st.sampled_from(TEXT_SUFFIXES), damages)
@examples(700)
def test_a_damaged_text_file_is_read_whole_or_refused(folder, suffix, damage):
    style = {"quote_all": False, "line_end": "\n", "blank_lines": False, "ascii": False}
    content = do_damage(text_of(RECORDS, suffix, style).encode(), damage)
    file = folder / f"damaged{suffix}"
    file.write_bytes(content)
    table = outcome_of(read_table, file, COLUMNS)
    expected = naive_rows(content, suffix)
    if not expected:
        assert isinstance(table, SharpreclError)
        return
    assert cells(table) == expected
    assert stream(file, "text") == [row[0] for row in expected]


@given(damages)
@examples(400)
def test_a_damaged_parquet_file_is_read_or_refused(folder, damage):
    """Damage can hit a value and leave the file whole: then only the number of rows is known."""
    names = {name: [record[name] for record in RECORDS] for name in ("text", "label")}
    file = folder / "damaged.parquet"
    file.write_bytes(do_damage(parquet_bytes(pa.table(names)), damage))
    table = outcome_of(read_table, file, COLUMNS)
    texts = outcome_of(stream, file, "text")
    if not isinstance(table, SharpreclError):
        assert len(table) == pq.read_metadata(file).num_rows
    if not isinstance(texts, SharpreclError):
        assert len(texts) == pq.read_metadata(file).num_rows


@given(st.sampled_from(ALL_CODECS), st.binary(max_size=40), st.sampled_from(TEXT_SUFFIXES))
@examples(300)
def test_any_bytes_in_any_encoding_are_text_or_one_line(folder, encoding, content, suffix):
    file = folder / f"bytes{suffix}"
    file.write_bytes(b"text,label\n" * (len(content) % 2) + content)
    text = outcome_of(TextFile(file, encoding).read)
    if isinstance(text, str):
        text.encode()
    outcome_of(lambda: read_table(file, COLUMNS, encoding=encoding))
    outcome_of(stream, file, "text", encoding)


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
)


@given(st.lists(st.one_of(values, st.fixed_dictionaries({"text": values, "label": values})), max_size=3))
@examples(300)
def test_any_json_is_a_table_or_one_line(folder, records):
    for suffix in (".json", ".jsonl"):
        file = folder / f"values{suffix}"
        file.write_text(text_of(records, suffix, {"ascii": True, "blank_lines": False}), encoding="utf-8")
        table = outcome_of(read_table, file, COLUMNS)
        texts = outcome_of(stream, file, "text")
        expected = naive_rows(file.read_bytes(), suffix)
        if not expected:
            assert isinstance(table, SharpreclError)
            continue
        assert cells(table) == expected
        assert len(texts) == len(records)
