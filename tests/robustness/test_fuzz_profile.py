"""Profile and tokenization of labelled corpora with any text in them."""

import io
import json

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sharprecl import modeling
from sharprecl.parameters import FitParameters, ProfileParameters, TokenizeParameters
from sharprecl.pipelines.profile.nodes import (
    draw_text_lengths,
    list_near_duplicates,
    measure_imbalance,
    measure_text_lengths,
)
from sharprecl.pipelines.tokenize.nodes import list_label_names, tokenize_corpus
from tests.conftest import PROJECT_ROOT
from tests.robustness.fuzz_settings import examples
from tests.robustness.hostile import labels, texts
from tests.robustness.naive_cleaning import normalize

ENCODER = "random-tiny"
MAX_LENGTH = 16


@pytest.fixture(autouse=True, scope="module")
def one_tokenizer():
    """The tokenizer loaded once: it is the same one every time."""
    tokenizer = modeling.load_tokenizer(ENCODER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modeling, "load_tokenizer", lambda _: tokenizer)
        yield


@st.composite
def labelled_corpora(draw: st.DrawFn) -> pd.DataFrame:
    """What ingest may hand on: two classes or more in train, any of them anywhere else."""
    names = draw(st.lists(labels.map(normalize), min_size=2, max_size=5, unique=True))
    pairs = st.tuples(
        texts.map(normalize), st.sampled_from(names), st.sampled_from(["train", "validation", "test"])
    )
    rows = [("", name, "train") for name in names] + draw(st.lists(pairs, max_size=15))
    table = pd.DataFrame(rows, columns=["text", "label", "split"], dtype="str")
    if draw(st.booleans()):
        table["text"] = draw(texts.map(normalize))
    if draw(st.booleans()):
        table["aug_text"] = table["text"].to_numpy()[::-1]
    table.insert(0, "row_id", range(len(table)))
    return table


def csv_round_trip(table: pd.DataFrame, entry: str) -> pd.DataFrame:
    """As the catalog saves and loads it."""
    catalog = yaml.safe_load((PROJECT_ROOT / "conf/base/catalog_profile.yml").read_text(encoding="utf-8"))
    file = io.StringIO(table.to_csv(**catalog[entry]["save_args"]))
    return pd.read_csv(file, **catalog[entry].get("load_args", {}))


def check_profile(corpus: pd.DataFrame) -> None:
    """Every text is in every count, every label comes back from the disk, every output can be written."""
    profile, tokenize = ProfileParameters(), TokenizeParameters(max_length=MAX_LENGTH)
    pairs, counts = list_near_duplicates(corpus, profile)
    lengths = measure_text_lengths(corpus, profile, tokenize, ENCODER, 0)
    measures, classes, *figures = measure_imbalance(
        corpus, lengths, counts, profile, FitParameters(), "sharprecl"
    )
    assert classes[["train", "validation", "test"]].to_numpy().sum() == len(corpus)
    assert csv_round_trip(classes, "class_table")["label"].tolist() == classes["label"].tolist()
    assert set(classes["label"]) == set(corpus["label"])
    assert sum(measures["num_texts"].values()) == len(corpus)
    for part in lengths.values():
        assert sum(row["texts"] for row in part.values() if isinstance(row, dict)) == len(corpus)
    json.dumps(measures, allow_nan=False)
    assert len(csv_round_trip(pairs, "near_duplicates")) == len(pairs) <= counts["pairs"]["all"]
    for figure in (*figures, draw_text_lengths(corpus)):
        json.loads(figure.to_json())


def check_tokens(corpus: pd.DataFrame) -> None:
    """One token row a text, in order, with its label."""
    names = list_label_names(corpus)
    table, statistics = tokenize_corpus(corpus, names, ENCODER, TokenizeParameters(max_length=MAX_LENGTH))
    assert table["row_id"].to_pylist() == corpus["row_id"].tolist()
    assert [names[label] for label in table["label_id"].to_pylist()] == corpus["label"].tolist()
    for name in {"input_ids", "word_ids", "aug_input_ids"} & set(table.column_names):
        sizes = [len(row) for row in table[name].to_pylist()]
        assert 2 <= min(sizes) <= max(sizes) <= MAX_LENGTH
    assert ("aug_input_ids" in table.column_names) == ("aug_text" in corpus)
    json.dumps(statistics, allow_nan=False)


@given(labelled_corpora())
@examples(120)
def test_any_labelled_corpus_is_profiled_and_tokenized(corpus):
    check_profile(corpus)
    check_tokens(corpus)
