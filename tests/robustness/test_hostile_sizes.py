"""The largest and the smallest: megabyte texts, five thousand classes, one class, one text."""

from pathlib import Path

import pandas as pd
import pytest

from sharprecl import modeling, training
from sharprecl.corpora import read_corpus
from sharprecl.parameters import CorpusParameters, FitParameters, TokenizeParameters
from sharprecl.pipelines.ingest.nodes import clean_texts, split_texts
from sharprecl.pipelines.tokenize.nodes import list_label_names, tokenize_corpus
from tests.robustness.corpus_writing import write_corpus
from tests.robustness.hostile import Written
from tests.robustness.laws import assert_refused, run_ingest
from tests.robustness.test_fuzz_profile import ENCODER, check_profile, check_tokens, one_tokenizer

__all__ = ["one_tokenizer"]  # a fixture

MEGABYTE = 1 << 20
STYLE = {
    **{"quote_all": False, "line_end": "\r\n", "blank_lines": False, "ascii": False},
    **{"row_group": 5000, "compression": "zstd", "type": "string"},
}
TOKENIZE = TokenizeParameters(max_length=16)
KEEP = dict.fromkeys(("duplicates", "label_conflicts", "split_overlaps", "small_classes"), "keep")


def corpus_of(rows: list[tuple[str, str]], suffix: str, **parameters) -> Written:
    records = [{"text": text, "label": label} for text, label in rows]
    return Written(
        {"train": records}, suffix, "utf-8", STYLE, {"text": "text", "label": "label", **parameters}
    )


def labelled(rows: list[tuple[str, str]], split: str = "train") -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["text", "label"], dtype="str")
    return table.assign(row_id=range(len(table)), split=split)


def fit(corpus: pd.DataFrame, folder: Path, **parameters):
    names = list_label_names(corpus)
    tokens, _ = tokenize_corpus(corpus, names, ENCODER, TOKENIZE)
    return training.fit_model(
        tokens,
        names,
        modeling.load_tokenizer(ENCODER),
        ENCODER,
        parameters=FitParameters(epochs=1, **parameters),
        seed=0,
        checkpoint_folder=folder,
    )


def test_texts_of_a_megabyte_pass_through_every_step(tmp_path):
    huge = [
        "word and " * (MEGABYTE // 9),
        "x" * MEGABYTE,
        "日" * (MEGABYTE // 3),
        'a"\r\n,' * (MEGABYTE // 12),
    ]
    rows = [(f"text number {place}", f"class {place % 2}") for place in range(8)]
    rows += [(text, "class 0") for text in huge]
    for suffix in (".csv", ".json", ".jsonl", ".parquet"):
        corpus = corpus_of(rows, suffix)
        table = run_ingest(corpus, write_corpus(corpus, tmp_path), tmp_path)
        assert len(table) == 12
        assert table["text"].str.len().max() >= MEGABYTE
    check_profile(table)
    check_tokens(table)


def test_five_thousand_classes_are_ingested_profiled_and_trained(tmp_path):
    rows = [(f"word{label} text{place}", f"class {label}") for label in range(5000) for place in range(3)]
    corpus = corpus_of(rows, ".csv", small_classes="keep")
    block = CorpusParameters.model_validate(write_corpus(corpus, tmp_path))
    clean, report = clean_texts(read_corpus(block, tmp_path), block)
    table, _ = split_texts(clean, report, block, 0)
    assert table["split"].value_counts().to_dict() == {"train": 5000, "validation": 5000, "test": 5000}
    check_profile(table)
    few = {"num_positives": 1, "num_negatives": 1, "num_candidates": 1, "batch_size": 2500}
    seen = pd.concat([table[table["split"] == "train"], table[table["split"] == "validation"].head(50)])
    result = fit(seen, tmp_path, **few)
    assert result.trained_model.predict_logits(["word7 text1"]).shape == (1, 5000)


@pytest.mark.parametrize("policy", ["drop", "keep"])
def test_one_class_is_refused_in_one_line(tmp_path, policy):
    corpus = corpus_of([(f"text {place}", "only") for place in range(9)], ".csv", small_classes=policy)
    assert run_ingest(corpus, write_corpus(corpus, tmp_path), tmp_path) is None


@pytest.mark.parametrize("policies", [{}, KEEP], ids=["drop", "keep"])
def test_one_text_in_all_rows_cannot_be_split(tmp_path, policies):
    corpus = corpus_of([("the same", f"class {place % 3}") for place in range(30)], ".csv", **policies)
    assert run_ingest(corpus, write_corpus(corpus, tmp_path), tmp_path) is None


def test_one_text_in_all_rows_can_be_trained_on_where_it_is_wanted(tmp_path):
    rows = [("the same", f"class {place % 3}") for place in range(30)]
    corpus = corpus_of(rows, ".csv", **KEEP)
    corpus.files["validation"] = corpus.files["test"] = corpus.files["train"][:6]
    table = run_ingest(corpus, write_corpus(corpus, tmp_path), tmp_path)
    assert len(table) == 42
    check_profile(table)
    check_tokens(table)
    result = fit(table, tmp_path)
    assert result.trained_model.predict_logits(["the same", ""]).shape == (2, 3)


def test_classes_of_one_text_are_trained_on(tmp_path):
    rows = [(f"text {label}", f"class {label}") for label in range(40)]
    table = pd.concat([labelled(rows), labelled(rows[:5], "validation")], ignore_index=True)
    check_profile(table)
    assert fit(table, tmp_path).trained_model.class_counts == [1] * 40


def test_no_row_at_all_is_refused(tmp_path):
    for suffix in (".csv", ".json", ".jsonl", ".parquet"):
        corpus = corpus_of([], suffix)
        block = CorpusParameters.model_validate(write_corpus(corpus, tmp_path))
        assert_refused(read_corpus, block, tmp_path)
