"""The user's own files: columns renamed, splits as given, labels on every row."""

import pandas as pd
import pytest

from sharprecl.corpora import read_corpus, read_user_files
from sharprecl.errors import CorpusError, ParameterError
from sharprecl.parameters import CorpusParameters


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.csv").write_text("body,topic,other wording\nfirst,a,erst\nsecond,b,\n")
    (tmp_path / "test.csv").write_text("body,topic\nthird,a\n")
    return tmp_path


def test_one_file_is_not_split(folder):
    table = read_user_files(CorpusParameters(train="train.csv", text="body", label="topic"), folder)
    assert list(table.columns) == ["row_id", "text", "label", "split"]
    assert table["row_id"].tolist() == [0, 1]
    assert table["row_id"].dtype == "int64"
    assert table["split"].isna().all()


def test_given_splits_keep_their_names_and_row_ids_run_on(folder):
    parameters = CorpusParameters(
        train="train.csv", test=str(folder / "test.csv"), validation="test.csv", text="body", label="topic"
    )
    table = read_user_files(parameters, folder)
    assert table["split"].tolist() == ["train", "train", "validation", "test"]
    assert table["row_id"].tolist() == [0, 1, 2, 3]
    assert table["text"].tolist() == ["first", "second", "third", "third"]


def test_augmented_texts_may_lack_in_rows(folder):
    parameters = CorpusParameters(train="train.csv", text="body", label="topic", aug_text="other wording")
    assert read_user_files(parameters, folder)["aug_text"].tolist() == ["erst", ""]


def test_augmented_column_that_the_user_named_must_be_there(folder):
    parameters = CorpusParameters(train="test.csv", text="body", label="topic", aug_text="other wording")
    with pytest.raises(CorpusError, match="no column 'other wording'; there are 'body', 'topic'"):
        read_user_files(parameters, folder)


def test_one_column_may_serve_twice(folder):
    parameters = CorpusParameters(train="test.csv", text="body", label="topic", aug_text="body")
    table = read_user_files(parameters, folder)
    assert table["aug_text"].tolist() == table["text"].tolist() == ["third"]


def test_missing_texts_are_empty(tmp_path):
    pd.DataFrame({"text": ["a", None], "label": [1, 2]}).to_parquet(tmp_path / "rows.parquet")
    table = read_user_files(CorpusParameters(train="rows.parquet"), tmp_path)
    assert table["text"].tolist() == ["a", ""]
    assert table["label"].tolist() == ["1", "2"]


def test_missing_labels_are_counted_and_the_first_named(tmp_path):
    (tmp_path / "rows.jsonl").write_text(
        '{"text": "a", "label": "x"}\n{"text": "b"}\n{"text": "c", "label": "  "}\n'
    )
    with pytest.raises(CorpusError, match=r"rows.jsonl: 2 rows have no 'label' \(first: row 2 of the data\)"):
        read_user_files(CorpusParameters(train="rows.jsonl"), tmp_path)


@pytest.mark.parametrize("name", ["validation", "test"])
def test_other_splits_need_train(folder, name):
    with pytest.raises(ParameterError, match=f"corpus.{name} needs corpus.train beside it"):
        read_corpus(CorpusParameters(**{name: "test.csv"}), folder)


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"text": "body"}, "corpus.text"),
        ({"label": "team"}, "corpus.label"),
        ({"text": "body", "label": "team"}, "corpus.text and corpus.label"),
    ],
)
def test_columns_without_a_file_are_not_taken_for_the_built_in_corpus(folder, columns, named):
    """As where the shell's variable in corpus.train=$FILE is empty."""
    with pytest.raises(
        ParameterError, match=f"^{named}: no file is given that could have such a column; set"
    ):
        read_corpus(CorpusParameters(train=None, **columns), folder)


def test_a_given_file_goes_before_the_built_in_corpus(folder):
    parameters = CorpusParameters(name="trec", train="train.csv", text="body", label="topic")
    assert read_corpus(parameters, folder)["text"].tolist() == ["first", "second"]


def test_only_train_needs_the_augmented_column(folder):
    (folder / "train.csv").write_text("body,topic,other wording\nfirst,x,erst\n")
    (folder / "plain.csv").write_text("body,topic\nsecond,x\n")
    parameters = CorpusParameters(
        train="train.csv", test="plain.csv", text="body", label="topic", aug_text="other wording"
    )
    assert read_user_files(parameters, folder)["aug_text"].tolist() == ["erst", ""]
