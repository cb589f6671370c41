import numpy as np
import pytest

from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.modeling.tokenization import token_statistics, tokenize_texts


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("minilm")


def test_rows_are_what_the_tokenizer_gives_text_by_text(tokenizer):
    texts = ["Hello world", "", "unbelievably long wordpieces", "naïve café"]
    table = tokenize_texts(tokenizer, texts, max_length=16, batch_size=3)
    assert table["input_ids"].to_pylist() == [tokenizer(text)["input_ids"] for text in texts]


def test_word_ids_keep_pieces_of_a_word_together(tokenizer):
    table = tokenize_texts(tokenizer, ["unbelievably good"], max_length=16, batch_size=1)
    word_ids = table["word_ids"][0].as_py()
    assert word_ids[0] == word_ids[-1] == -1
    assert word_ids[1:-1] == sorted(word_ids[1:-1])
    assert set(word_ids[1:-1]) == {0, 1}


def test_long_texts_are_cut_and_their_full_length_is_kept(tokenizer):
    text = " ".join(["word"] * 50)
    table = tokenize_texts(tokenizer, [text], max_length=8, batch_size=1)
    assert len(table["input_ids"][0]) == 8
    assert table["num_tokens"][0].as_py() == 52  # fifty words, [CLS] and [SEP]


def test_statistics_by_split():
    lengths = np.array([4, 8, 12, 40])
    splits = np.array(["train", "train", "train", "test"], dtype=object)
    statistics = token_statistics(lengths, splits, max_length=10)
    assert list(statistics) == ["train", "test", "max_length"]
    assert statistics["train"] == {
        "texts": 3,
        "mean": 8.0,
        "median": 8.0,
        "percentile_95": pytest.approx(11.6),
        "percentile_99": pytest.approx(11.92),
        "longest": 12,
        "truncated_share": pytest.approx(1 / 3, abs=1e-6),
    }
    assert statistics["test"]["truncated_share"] == 1.0
