"""The class table and the measures taken from it."""

import pandas as pd
import pytest

from sharprecl.profiling.class_table import build_class_table, imbalance_measures

COUNTS = {"big": (30, 3, 6), "mid": (10, 1, 2), "small": (2, 0, 1), "unseen": (0, 0, 4)}


@pytest.fixture(name="corpus")
def make_corpus():
    rows = [
        {"label": label, "split": split, "text": "word " * (len(label) + number % 2)}
        for label, counts in COUNTS.items()
        for split, count in zip(("train", "validation", "test"), counts, strict=True)
        for number in range(count)
    ]
    return pd.DataFrame(rows).sample(frac=1.0, random_state=0)


@pytest.fixture(name="table")
def make_table(corpus):
    return build_class_table(corpus, batch_size=4, head_above=20, tail_below=10)


def test_table_lists_every_class_largest_first(table):
    assert table["label"].tolist() == list(COUNTS)
    assert table[["train", "validation", "test"]].to_numpy().tolist() == [
        list(row) for row in COUNTS.values()
    ]
    assert table["share"].tolist() == pytest.approx([30 / 42, 10 / 42, 2 / 42, 0.0])
    assert table["group"].tolist() == ["head", "medium", "tail", "tail"]
    assert table["rank_group"].tolist() == ["head", "head", "medium", "tail"]


def test_absence_from_a_batch(table):
    # binom(40, 4) / binom(42, 4) for the class with two of 42 texts.
    expected = (38 * 37) / (42 * 41)
    assert table["absent_probability"].iloc[2:].tolist() == pytest.approx([expected, 1.0])


def test_median_words_cover_all_splits(table):
    assert table["median_words"].tolist() == [3.0, 3.0, 5.0, 6.5]


def test_missing_splits_count_as_empty(corpus):
    training = corpus[corpus["split"] == "train"]
    table = build_class_table(training, batch_size=4, head_above=20, tail_below=10)
    assert table[["validation", "test"]].to_numpy().sum() == 0


def test_measures_are_over_classes_with_training_texts(table):
    measures = imbalance_measures(table, batch_size=4)
    assert measures["num_classes"] == 3
    assert measures["num_texts"] == {"train": 42, "validation": 4, "test": 13}
    assert measures["largest_class"] == {"label": "big", "texts": 30}
    assert measures["smallest_class"] == {"label": "small", "texts": 2}
    assert measures["imbalance_ratio"] == 15.0
    assert measures["gini"] == pytest.approx(2 * (30 - 2) / (3 * 42))
    assert 1 < measures["effective_num_classes"] < 3
    assert 0 < measures["normalized_entropy"] < 1
    assert measures["groups"]["tail"] == {"classes": 1, "texts": 2, "share": pytest.approx(2 / 42)}
    absent = table["absent_probability"].iloc[:3].sum()
    assert measures["expected_absent_classes"] == pytest.approx(absent)
