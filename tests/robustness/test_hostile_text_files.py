"""Single text files that once ended in a traceback, or lost or changed a row without a word."""

import csv
import json
import subprocess
import sys
import time

import pandas as pd
import pytest

from benchmarks.scratch_project import make_project, project_environment
from sharprecl.corpora import WantedColumns, read_corpus, read_table
from sharprecl.corpora.messages import list_names, quote_line
from sharprecl.corpora.row_stream import stream_rows
from sharprecl.errors import SharpreclError
from sharprecl.parameters import CorpusParameters
from tests.robustness.laws import assert_refused, outcome_of

COLUMNS = WantedColumns(["text", "label"])
DEEP = "[" * 100_000 + "]" * 100_000


def stream(file, encoding="utf-8"):
    """Rows as ``predict`` reads them."""
    tables = stream_rows(file, "text", encoding=encoding, chunk_rows=9).tables
    return [row for table in tables for row in table.to_pylist()]


REFUSED = {
    "an open quote that swallows rows": (
        ".csv",
        b'text,label\na,"x\nb,y\nc,z\n',
        "Row #2: a quote is out of place",
    ),
    "a closed quote with more behind": (
        ".csv",
        b'text,label\n"a"b,x\n"c",y\n',
        "Row #2: a quote is out of place",
    ),
    "quotes that pair across rows": (
        ".tsv",
        b'text\tlabel\na\t"x\nb\t"y"\n',
        "Row #2: a quote is out of place",
    ),
    "a quote in a name": (".csv", b'te"xt,label\na,x\n', "no column 'text'; there are 'te\"xt', 'label'"),
    "an open quote in the header": (".csv", b'text,"label\na,x\n', "no column 'label'; there are"),
    "escape sequences": (".csv", b"text,label\n\x1b[2Jgone,x,\xe2\x80\xae\n", r"got 3: \x1b[2Jgone,x,\u202e"),
    "brackets without end": (
        ".jsonl",
        f'{{"text": {DEEP}}}'.encode(),
        "line 1: brackets are nested too deeply",
    ),
    "a deep list": (".json", DEEP.encode(), "brackets are nested too deeply"),
    "a number without end": (".jsonl", b'{"text": 1' + b"0" * 5000 + b"}", "line 1: a number cannot be read"),
    "a key twice": (".jsonl", b'{"text": "a", "label": "x", "text": "b"}', "has the key 'text' twice"),
}


@pytest.mark.parametrize(("suffix", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_in_one_line(tmp_path, suffix, content, message):
    file = tmp_path / f"rows{suffix}"
    file.write_bytes(content)
    assert message in assert_refused(read_table, file, COLUMNS)
    if "no column" not in message:
        assert message in assert_refused(stream, file)


def test_of_ten_thousand_columns_a_few_are_named_and_the_mend_is_seen(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text(",".join(f"column {place} {'x' * 90}" for place in range(10_000)), encoding="utf-8")
    start = time.process_time()
    message = assert_refused(read_table, file, COLUMNS)
    assert time.process_time() - start < 1  # seconds; comparing each name with each takes longer
    assert message.endswith("9992 more: name yours in corpus.text, corpus.label and corpus.aug_text")


def test_records_that_share_no_key_make_no_endless_table(tmp_path):
    file = tmp_path / "rows.jsonl"
    lines = [json.dumps({"text": "a", "label": "x", f"key {place}": 1}) for place in range(9000)]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert len(read_table(file, COLUMNS)) == 9000
    assert "9,002 different keys; give them all the same few" in assert_refused(stream, file)


def test_whole_numbers_that_no_float_holds_are_words(tmp_path):
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([{"text": "a", "label": 10**400}]), encoding="utf-8")
    assert read_table(file, COLUMNS)["label"].tolist() == [str(10**400)]


@pytest.mark.parametrize("depth", [10, *range(800, 1010, 10)])
def test_brackets_of_any_depth_beside_the_text_end_in_rows_or_one_line(tmp_path, depth):
    file = tmp_path / "rows.jsonl"
    file.write_text(f'{{"text": "a", "label": "x", "more": {"[" * depth}{"]" * depth}}}', encoding="utf-8")
    for read in (lambda: read_table(file, COLUMNS), lambda: stream(file)):
        outcome = outcome_of(read)
        assert isinstance(outcome, SharpreclError) or len(outcome) == 1
        assert depth > 500 or len(outcome) == 1


@pytest.mark.parametrize("label", ["\u200b", "\ufeff", "\x00", "\u2003\u3000"])
def test_a_label_that_cleaning_leaves_nothing_of_is_none(tmp_path, label):
    file = tmp_path / "rows.json"
    file.write_text(
        json.dumps([{"text": "a", "label": "x"}, {"text": "b", "label": label}]), encoding="utf-8"
    )
    parameters = CorpusParameters(train=str(file))
    assert "1 rows have no 'label' (first: row 2" in assert_refused(read_corpus, parameters, tmp_path)


@pytest.mark.parametrize("encoding", ["punycode", "undefined", "a\x00b", "\ud800", "hex", "x" * 300])
def test_an_encoding_that_is_none_for_texts_is_named(tmp_path, encoding):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"text,label\na\xff,x\n")
    for read in (lambda: read_table(file, COLUMNS, encoding=encoding), lambda: stream(file, encoding)):
        assert "encoding" in assert_refused(read)


def test_half_a_surrogate_pair_in_utf_7_is_replaced(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"text,label\na+2AA-b,x\n")
    assert read_table(file, COLUMNS, encoding="utf-7")["text"].tolist() == ["a\ufffdb"]


def test_numbers_stay_words_in_predict_where_the_header_is_quoted_behind_a_mark(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text('\ufeff"text","n"\n"007","1.50"\n', encoding="utf-8")
    assert stream(file) == [{"text": "007", "n": "1.50"}]


def test_a_carriage_return_ends_no_record_in_predict_as_in_training(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"text":\r "a",\r "label": "x"}\r\n\r\n{"text": "b", "label": "y"}')
    assert [row["text"] for row in stream(file)] == read_table(file, COLUMNS)["text"].tolist() == ["a", "b"]


def test_what_is_no_number_is_missing_in_predict_as_in_training(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"text": NaN, "label": "x"}\n{"text": "NaN", "label": "x"}\n', encoding="utf-8")
    assert [row["text"] for row in stream(file)] == [None, "NaN"]
    assert read_table(file, COLUMNS)["text"].fillna("missing").tolist() == ["missing", "NaN"]


def test_fields_longer_than_pythons_reader_takes_by_itself(tmp_path):
    limit = csv.field_size_limit()
    name, text = "n" * 2 * limit, 'quote " and\nmore' * limit
    file = tmp_path / "rows.csv"
    with file.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([("text", "label", name), (text, "x", "y")])
    assert read_table(file, COLUMNS)["text"].tolist() == [text]
    assert stream(file)[0][name] == "y"
    assert csv.field_size_limit() == limit


def test_a_home_folder_of_nobody_is_no_file(tmp_path):
    parameters = CorpusParameters(train="~no-such-user/rows.csv")
    assert "~no-such-user/rows.csv: there is no such file" in assert_refused(
        read_corpus, parameters, tmp_path
    )


def test_what_a_message_quotes_is_short_and_printable():
    assert quote_line("a\n\tb  \x1b[2J\u202e\ud800") == r"a b \x1b[2J\u202e\ud800"
    assert quote_line("x" * 1000, 10) == "xxxxxxxxx…"
    assert list_names([]) == "none"
    assert list_names(["a", "b\n"]) == r"'a', 'b\n'"


def test_commands_end_in_one_line_or_in_every_row(tmp_path):
    """The same in processes of their own, from a folder whose name looks like a column."""
    folder = tmp_path / "label=x"
    folder.mkdir()
    project = make_project(folder)
    rows = [{"text": f"{place} \ud800\x00\u202e", "label": place % 3} for place in range(30)]
    (project / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    (project / "rows.parquet").write_bytes(b"PAR1 no table PAR1")
    read, refused = (ingest(project, name) for name in ("rows.json", "rows.parquet"))
    assert read.returncode == 0, read.stderr
    assert len(pd.read_feather(project / "data/03_primary/labelled_corpus.arrow")) == 30
    assert refused.returncode == 1
    (line,) = [line for line in refused.stderr.splitlines() if line.startswith("Error: ")]
    assert "rows.parquet: not a Parquet file" in line
    assert "Traceback" not in refused.stdout + refused.stderr


def ingest(project, name: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kedro", "run", "--pipeline=ingest", f"--params=corpus.train={name}"]
    return subprocess.run(
        command, cwd=project, env=project_environment(), capture_output=True, text=True, check=False
    )
