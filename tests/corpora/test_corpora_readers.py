"""Tables by suffix: same strings from every format, one line from every broken file."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from sharprecl.corpora import WantedColumns, delimited_parts, read_table
from sharprecl.corpora.row_stream import stream_rows
from sharprecl.errors import CorpusError

COLUMNS = WantedColumns(["text", "label"], ["aug_text"])
ROWS = [
    {"text": "plain", "label": "1", "other": "x"},
    {"text": 'with "quotes", commas\tand\nlines', "label": "NA", "other": "y"},
    {"text": "Ünïcode 中文 \U0001f600", "label": "null", "other": "z"},
    {"text": "", "label": "007", "other": ""},
]


def write_rows(path: Path) -> None:
    frame = pd.DataFrame(ROWS)
    if path.suffix in {".csv", ".tsv"}:
        frame.to_csv(path, index=False, sep="," if path.suffix == ".csv" else "\t")
    elif path.suffix == ".json":
        path.write_text(json.dumps(ROWS))
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"])
def test_every_format_gives_the_same_strings(tmp_path, suffix):
    write_rows(tmp_path / f"rows{suffix}")
    table = read_table(tmp_path / f"rows{suffix}", COLUMNS)
    assert table.to_dict("records") == [{"text": row["text"], "label": row["label"]} for row in ROWS]


def test_upper_case_suffix_and_optional_column(tmp_path):
    (tmp_path / "rows.CSV").write_text("aug_text,label,text\nc,b,a\n")
    table = read_table(tmp_path / "rows.CSV", COLUMNS)
    assert table.to_dict("records") == [{"text": "a", "label": "b", "aug_text": "c"}]


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.jsonl", "rows.json"])
def test_byte_order_mark_is_tolerated(tmp_path, name):
    write_rows(tmp_path / name)
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (tmp_path / name).read_bytes())
    assert list(read_table(tmp_path / name, COLUMNS)["text"]) == [row["text"] for row in ROWS]


def test_windows_line_ends(tmp_path):
    (tmp_path / "rows.csv").write_bytes(b"text,label\r\na b,x\r\nc,y\r\n")
    (tmp_path / "rows.jsonl").write_bytes(
        b'{"text": "a b", "label": "x"}\r\n\r\n{"text": "c", "label": "y"}\r\n'
    )
    for name in ("rows.csv", "rows.jsonl"):
        assert read_table(tmp_path / name, COLUMNS).to_dict("list") == {
            "text": ["a b", "c"],
            "label": ["x", "y"],
        }


@pytest.mark.parametrize(
    ("name", "content"),
    [("rows.csv", b"text,label\na+2AA-b,x\n"), ("rows.jsonl", b'{"text": "a+2AA-b", "label": "x"}\n')],
)
def test_half_a_surrogate_pair_in_the_bytes_is_replaced(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    table = read_table(tmp_path / name, COLUMNS, encoding="utf-7")
    assert table.to_dict("list") == {"text": ["a\ufffdb"], "label": ["x"]}


def test_blank_lines_at_the_end_are_no_empty_file(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "a", "label": "x"}\n \n\n')
    (tmp_path / "rows.csv").write_text("text,label\na,x\n" + "\n" * 2_000_000)  # more than a block
    for name in ("rows.jsonl", "rows.csv"):
        assert read_table(tmp_path / name, COLUMNS).to_dict("list") == {"text": ["a"], "label": ["x"]}


def test_records_are_numbered_through_all_parts_of_a_file(tmp_path):
    lines = [json.dumps({"text": f"t{i}", "label": "x"}) for i in range(40_000)]
    (tmp_path / "rows.jsonl").write_text("\n".join([*lines, '{"text": ["a"], "label": "x"}']))
    with pytest.raises(CorpusError, match=r"record 40001 has a list in 'text'"):
        read_table(tmp_path / "rows.jsonl", COLUMNS)
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    assert read_table(tmp_path / "rows.jsonl", COLUMNS)["text"].tolist() == [f"t{i}" for i in range(40_000)]


def test_a_row_far_down_a_large_file_is_named(tmp_path):
    rows = [f"{'wörd ' * 200}{i},x" for i in range(40_000)]  # 48 MB: several blocks, cut inside characters
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    texts = read_table(tmp_path / "rows.csv", COLUMNS)["text"]
    assert (texts == pd.Series([row.removesuffix(",x") for row in rows])).all()
    (tmp_path / "rows.csv").write_text("\n".join(["text,label", *rows, "a,b,c"]), encoding="utf-8")
    with pytest.raises(CorpusError, match=r"Row #40002: Expected 2 columns, got 3: a,b,c"):
        read_table(tmp_path / "rows.csv", COLUMNS)


def test_long_multi_line_values_are_not_torn(tmp_path):
    long_text = "line\n" * 500_000
    (tmp_path / "rows.csv").write_text(f'text,label\n"{long_text}",x\nshort,y\n')
    assert list(read_table(tmp_path / "rows.csv", COLUMNS)["text"]) == [long_text, "short"]


def test_multi_line_values_are_whole_where_blocks_meet(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited_parts, "BLOCK_BYTES", 1 << 16)
    texts = [f"{i}\n" + "line\n" * 3000 for i in range(30)]  # 15 KB each
    rows = "".join(f'"{text}",x\n' for text in texts)
    (tmp_path / "rows.csv").write_text(f"text,label\n{rows}")
    assert list(read_table(tmp_path / "rows.csv", COLUMNS)["text"]) == texts


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings(tmp_path, encoding):
    (tmp_path / "rows.csv").write_text("text,label\ncafé,é\n", encoding=encoding)
    table = read_table(tmp_path / "rows.csv", COLUMNS, encoding=encoding)
    assert table.to_dict("list") == {"text": ["café"], "label": ["é"]}


def test_json_scalars_become_the_words_of_json(tmp_path):
    records = [
        {"text": 5, "label": 1},
        {"text": None, "label": True},
        {"label": 1.5},
        {"text": float("nan"), "label": "x"},
    ]
    (tmp_path / "rows.json").write_text(json.dumps(records))
    table = read_table(tmp_path / "rows.json", COLUMNS)
    assert list(table["label"]) == ["1", "true", "1.5", "x"]
    assert table["text"].fillna("missing").tolist() == ["5", "missing", "missing", "missing"]


def test_parquet_scalars_become_the_same_words(tmp_path):
    frame = pd.DataFrame(
        {"text": ["a", None, "c"], "label": [1, 2, 30], "aug_text": [1.5, float("nan"), 2.5]}
    )
    frame.to_parquet(tmp_path / "rows.parquet")
    table = read_table(tmp_path / "rows.parquet", COLUMNS)
    assert list(table["label"]) == ["1", "2", "30"]
    assert table["text"].isna().tolist() == [False, True, False]
    assert table["aug_text"].fillna("missing").tolist() == ["1.5", "missing", "2.5"]


def test_whole_numbers_among_decimals_are_the_same_words_in_every_format(tmp_path):
    frame = pd.DataFrame({"text": ["a", "b", "c"], "label": [1.0, 2.5, 1e20]})
    frame.to_parquet(tmp_path / "rows.parquet")
    frame.to_csv(tmp_path / "rows.csv", index=False)
    frame.to_json(tmp_path / "rows.jsonl", orient="records", lines=True)
    (tmp_path / "rows.json").write_text(json.dumps(frame.to_dict("records")))
    labels = [list(read_table(file, COLUMNS)["label"]) for file in sorted(tmp_path.glob("rows.*"))]
    assert labels[0][:2] == ["1.0", "2.5"]
    assert [each[:2] for each in labels] == [labels[0][:2]] * 4


def test_semicolons_between_columns_are_named(tmp_path):
    (tmp_path / "rows.csv").write_text("id;text;label\n1;a;b\n")
    with pytest.raises(
        CorpusError, match=r"rows\.csv: the header has semicolons and no commas: .*; save the file"
    ):
        read_table(tmp_path / "rows.csv", COLUMNS)


def test_parquet_categories_and_truth_values(tmp_path):
    frame = pd.DataFrame({"text": pd.Categorical(["a", "b"]), "label": [True, False]})
    frame.to_parquet(tmp_path / "rows.parquet")
    assert read_table(tmp_path / "rows.parquet", COLUMNS).to_dict("list") == {
        "text": ["a", "b"],
        "label": ["true", "false"],
    }


def test_half_a_surrogate_pair_is_replaced_and_a_whole_one_read(tmp_path):
    (tmp_path / "rows.jsonl").write_text(r'{"text": "a\ud800b", "label": "\ud83d\ude00"}')
    table = read_table(tmp_path / "rows.jsonl", COLUMNS)
    assert table.to_dict("list") == {"text": ["a\ufffdb"], "label": ["\U0001f600"]}
    table.to_parquet(tmp_path / "out.parquet")


def test_line_separators_inside_json_strings_end_no_record(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"text": "a\u2028b\x85c", "label": "x"}', encoding="utf-8")
    assert list(read_table(tmp_path / "rows.jsonl", COLUMNS)["text"]) == ["a\u2028b\x85c"]


BROKEN = {
    "unknown suffix": (
        "rows.xlsx",
        b"x",
        r"cannot read '.xlsx' files; give one of .csv, .tsv, .json, .jsonl",
    ),
    "empty csv": ("rows.csv", b"", r"the file is empty"),
    "blank jsonl": ("rows.jsonl", b"\n \n", r"the file is empty"),
    "only a header": ("rows.csv", b"text,label\n", r"the table has no rows"),
    "no column": (
        "rows.csv",
        b"text, label\na,b\n",
        r"no column 'label'; there are 'text', ' label'.*corpus.label",
    ),
    "no key": (
        "rows.json",
        b'[{"text": "a", "category": "b"}]',
        r"no column 'label'; there are 'text', 'category'",
    ),
    "twice": ("rows.csv", b"text,label,text\na,b,c\n", r"the header names column 'text' twice"),
    "not utf-8": (
        "rows.csv",
        b"text,label\na,b\ncaf\xe9,c\n",
        r"byte 18 \(line 3\) is not utf-8.*corpus.encoding",
    ),
    "long row": (
        "rows.csv",
        b"text,label\na,b\nc,d,e\n",
        r"Row #3: Expected 2 columns, got 3: c,d,e \(row 1 is",
    ),
    "short row": ("rows.tsv", b"text\tlabel\na\tb\nc\n", r"Row #3: Expected 2 columns, got 1"),
    "open quote": ("rows.csv", b'text,label\n"a,b\nc,d\n', r"Row #2"),
    "text behind a quote": (
        "rows.csv",
        b'text,label\n"a"b,x\nc,y\n',
        r"Row #2: a quote is out of place .*close the field",
    ),
    "broken json": ("rows.json", b'[{"text": "a",\n "label": }]', r"line 2 is not JSON"),
    "lines in json": ("rows.json", b'{"text": "a"}\n{"text": "b"}', r"line 2 is not JSON .*is named .jsonl"),
    "no list": ("rows.json", b'{"text": ["a"]}', r"expected a list of records"),
    "no records": ("rows.json", b"[]", r"no column 'text'; there are none"),
    "no object": ("rows.json", b'[{"text": "a", "label": "b"}, 3]', r"record 2 is not an object"),
    "broken line": ("rows.jsonl", b'{"text": "a", "label": "b"}\n{"text": ', r"line 2 is not JSON"),
    "nested": ("rows.json", b'[{"text": "a", "label": ["b", "c"]}]', r"record 1 has a list in 'label'"),
    "no parquet": ("rows.parquet", b"text,label\n", r"not a Parquet file"),
}


@pytest.mark.parametrize(("name", "content", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_files_are_named_with_place_and_mend_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusError, match=re.escape(str(tmp_path / name)) + ".*" + message) as caught:
        read_table(tmp_path / name, COLUMNS)
    assert "\n" not in str(caught.value)


def test_missing_file(tmp_path):
    with pytest.raises(CorpusError, match=r"rows.csv: there is no such file"):
        read_table(tmp_path / "rows.csv", COLUMNS)


def test_nested_parquet_column(tmp_path):
    pd.DataFrame({"text": ["a"], "label": [["b", "c"]]}).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(CorpusError, match=r"rows.parquet: column 'label' holds list"):
        read_table(tmp_path / "rows.parquet", COLUMNS)


def test_unknown_encoding(tmp_path):
    (tmp_path / "rows.csv").write_text("text,label\na,b\n")
    with pytest.raises(CorpusError, match=r"corpus.encoding: Python knows no encoding 'utf-9'"):
        read_table(tmp_path / "rows.csv", COLUMNS, encoding="utf-9")


def test_lines_of_joined_files_keep_their_byte_order_marks_out_of_the_way(tmp_path):
    file = tmp_path / "rows.jsonl"
    part = '\ufeff{"text": "a", "label": "x"}\n'
    file.write_text(part + "\ufeff\n" + part, encoding="utf-8")
    assert read_table(file, COLUMNS)["text"].tolist() == ["a", "a"]
    assert [part["text"].to_pylist() for part in stream_rows(file, "text", chunk_rows=9).tables] == [
        ["a", "a"]
    ]
