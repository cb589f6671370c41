"""A table of one corpus is not taken for that of another."""

import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.datasets.arrow_frame import ArrowFrameDataset
from sharprecl.datasets.arrow_table import ArrowTableDataset
from sharprecl.datasets.made_with import (
    check_made_with,
    corpus_settings,
    read_stamp,
    stamp_frame,
    stamp_table,
    token_settings,
)
from sharprecl.errors import CorpusError
from sharprecl.parameters import CorpusParameters, TokenizeParameters
from sharprecl.pipelines.ingest.nodes import clean_texts, split_texts
from sharprecl.pipelines.tokenize.nodes import tokenize_corpus

TREC = CorpusParameters(name="trec")
TOKENIZE = TokenizeParameters(max_length=64)
ROWS = pd.DataFrame(
    {"row_id": range(40), "text": [f"t {i}" for i in range(40)], "label": ["a", "b"] * 20, "split": "train"}
)


def corpus_of(corpus: CorpusParameters) -> pd.DataFrame:
    return stamp_frame(pd.DataFrame({"text": ["a"]}), corpus_settings(corpus))


def tokens_of(corpus: CorpusParameters, encoder: str = "minilm", max_length: int = 64) -> pa.Table:
    tokenize = TokenizeParameters(max_length=max_length)
    return stamp_table(pa.table({"x": [1]}), token_settings(corpus_settings(corpus), encoder, tokenize))


def test_the_nodes_of_the_pipelines_stamp_what_the_run_checks(tmp_path):
    corpus = CorpusParameters(train="x.csv", validation_fraction=0.2)
    clean, report = clean_texts(ROWS, corpus)
    labelled, _ = split_texts(clean, report, corpus, 0)
    file = ArrowFrameDataset(str(tmp_path / "labelled_corpus.arrow"))
    file.save(labelled)
    tokens, _ = tokenize_corpus(file.load(), ["a", "b"], "minilm", TOKENIZE)
    token_file = ArrowTableDataset(str(tmp_path / "token_table.arrow"))
    token_file.save(tokens)
    for name, table in (
        ("clean_corpus", clean),
        ("labelled_corpus", file.load()),
        ("token_table", token_file.load()),
        ("metrics", {}),
    ):
        check_made_with(name, table, corpus, "minilm", TOKENIZE)
    assert read_stamp(token_file.load())["corpus.train"] == "x.csv"


@pytest.mark.parametrize("name", ["clean_corpus", "labelled_corpus"])
def test_a_corpus_of_another_name(name):
    with pytest.raises(CorpusError) as refused:
        check_made_with(name, corpus_of(CorpusParameters(name="ohsumed")), TREC, "minilm", TOKENIZE)
    assert str(refused.value) == (
        f"{name}: made with corpus.name=ohsumed, this run has corpus.name=trec; "
        "run `kedro run --pipelines=ingest` with this run's --env and --params first"
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (tokens_of(CorpusParameters(name="ohsumed")), "corpus.name=ohsumed, this run has corpus.name=trec"),
        (tokens_of(CorpusParameters(train="x.csv")), "corpus.train=x.csv, this run has corpus.name=trec"),
        (tokens_of(TREC, encoder="./mine"), "encoder=./mine, this run has encoder=minilm"),
        (tokens_of(TREC, max_length=32), "tokenize.max_length=32, this run has tokenize.max_length=64"),
        (
            tokens_of(CorpusParameters(name="trec", long_tail={"imbalance_ratio": 10})),
            "corpus.long_tail.profile=exponential, corpus.long_tail.imbalance_ratio=10.0, "
            "corpus.long_tail.step_fraction=0.5, this run has no corpus.long_tail.profile",
        ),
    ],
)
def test_tokens_made_with_something_else(table, expected):
    with pytest.raises(CorpusError) as refused:
        check_made_with("token_table", table, TREC, "minilm", TOKENIZE)
    assert str(refused.value) == (
        f"token_table: made with {expected}; "
        "run `kedro run --pipelines=ingest,tokenize` with this run's --env and --params first"
    )


def test_a_corpus_of_the_users_own_pipeline_passes_and_its_tokens_are_held_to_the_encoder():
    corpus = pd.DataFrame({"text": ["a"]})
    check_made_with("labelled_corpus", corpus, TREC, "minilm", TOKENIZE)
    check_made_with("token_table", pa.table({"x": [1]}), TREC, "minilm", TOKENIZE)
    tokens = stamp_table(pa.table({"x": [1]}), token_settings(read_stamp(corpus), "minilm", TOKENIZE))
    check_made_with("token_table", tokens, TREC, "minilm", TOKENIZE)
    with pytest.raises(
        CorpusError, match=r"token_table: made with encoder=minilm, this run has encoder=\./mine;"
    ):
        check_made_with("token_table", tokens, TREC, "./mine", TOKENIZE)


def test_a_stamp_leaves_other_metadata_alone():
    table = pa.table({"x": [1]}).replace_schema_metadata({"mine": "1"})
    assert stamp_table(table, {"encoder": "minilm"}).schema.metadata[b"mine"] == b"1"
