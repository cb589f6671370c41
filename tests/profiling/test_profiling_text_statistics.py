"""Text lengths in characters, words and tokens."""

import numpy as np
import pandas as pd
import pytest

from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.profiling.text_statistics import count_words, text_length_statistics, token_length_statistics


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("minilm")


def make_corpus(lengths, split="train"):
    texts = pd.Series([" ".join(["cat"] * n) for n in lengths], dtype="str")
    return pd.DataFrame({"text": texts, "split": split})


def test_words_are_runs_of_anything_but_blanks():
    assert count_words(pd.Series(["a  b\n c-d", "", " ", "语言"])).tolist() == [3, 0, 0, 1]


def test_length_quantiles_by_split():
    corpus = pd.concat([make_corpus(range(1, 102)), make_corpus([4], "test")], ignore_index=True)
    statistics = text_length_statistics(corpus)
    assert statistics["train"]["texts"] == 101
    assert statistics["train"]["words"] == {
        "mean": 51.0,
        "percentile_5": 6.0,
        "median": 51.0,
        "percentile_95": 96.0,
        "percentile_99": 100.0,
        "longest": 101.0,
    }
    assert statistics["test"]["characters"]["longest"] == len("cat cat cat cat")
    assert "validation" not in statistics


def test_token_lengths_count_special_tokens_and_the_share_cut(tokenizer):
    statistics = token_length_statistics(
        make_corpus([2, 6, 7, 30]), tokenizer, max_length=8, batch_size=3, max_texts=10, seed=0
    )
    assert statistics["train"]["longest"] == 32
    assert statistics["train"]["truncated_share"] == 0.5
    assert (statistics["max_length"], statistics["sampled_texts"]) == (8, 4)


def test_sample_follows_the_seed(tokenizer):
    corpus = make_corpus(np.arange(1, 200))

    def measure(seed):
        options = {"max_length": 64, "batch_size": 64, "max_texts": 20}
        return token_length_statistics(corpus, tokenizer, seed=seed, **options)

    assert measure(1) == measure(1)
    assert measure(1) != measure(2)
    assert measure(1)["sampled_texts"] == measure(1)["train"]["texts"] == 20
