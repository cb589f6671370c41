"""Splits: stratified, seeded, whole texts, every class trained."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.corpora import split_corpus
from sharprecl.errors import CorpusError, ParameterError
from sharprecl.parameters import CorpusParameters


def make_table(class_sizes, split=None):
    rows = [(f"text {label} {i}", label) for label, size in class_sizes.items() for i in range(size)]
    table = pd.DataFrame(rows, columns=["text", "label"]).assign(split=split).astype("str")
    table.insert(0, "row_id", range(len(table)))
    return table


def count(table):
    return table.groupby(["label", "split"]).size().to_dict()


def test_sizes_by_class():
    table, report = split_corpus(
        make_table({"big": 100, "three": 3, "two": 2, "one": 1}), CorpusParameters(), 0
    )
    # 100·0.2 = 20, then 80·0.1 = 8; three texts give one to each; fewer stay whole.
    assert count(table) == {
        ("big", "train"): 72,
        ("big", "validation"): 8,
        ("big", "test"): 20,
        ("three", "train"): 1,
        ("three", "validation"): 1,
        ("three", "test"): 1,
        ("two", "train"): 2,
        ("one", "train"): 1,
    }
    assert report == {
        "carved": ["test", "validation"],
        "rows": {"train": 76, "validation": 9, "test": 21},
        "classes": {"train": 4, "validation": 2, "test": 2},
    }


def test_large_fractions_leave_one_text_to_train():
    table, _ = split_corpus(
        make_table({"a": 10, "b": 3}), CorpusParameters(test_fraction=0.99, validation_fraction=0.99), 0
    )
    assert count(table) == {
        ("a", "train"): 1,
        ("a", "validation"): 1,
        ("a", "test"): 8,
        ("b", "train"): 1,
        ("b", "validation"): 1,
        ("b", "test"): 1,
    }


@pytest.mark.parametrize("given_split", ["test", "validation"])
def test_given_split_stays_and_the_other_is_carved_from_train(given_split):
    fixed = make_table({"a": 7, "b": 2}, given_split).assign(text=lambda t: "fixed " + t["text"])
    table = pd.concat([make_table({"a": 50, "b": 3}, "train"), fixed], ignore_index=True)
    labelled, report = split_corpus(table, CorpusParameters(), 0)
    carved = "validation" if given_split == "test" else "test"
    assert report["carved"] == [carved]
    assert (labelled["split"] == given_split).tolist() == (table["split"] == given_split).tolist()
    size = {"validation": 5, "test": 10}[carved]
    assert count(labelled)["a", carved] == size
    assert count(labelled)["b", carved] == 1
    assert count(labelled)["a", "train"] == 50 - size


def test_nothing_to_carve():
    parts = [make_table({"a": 3, "b": 3}, split) for split in ("train", "validation", "test")]
    table = pd.concat(parts, ignore_index=True)
    labelled, report = split_corpus(table, CorpusParameters(test_fraction=0, validation_fraction=0), 0)
    assert labelled["split"].tolist() == table["split"].tolist()
    assert report["carved"] == []


def test_nothing_but_validation_and_test_stays_as_it_is():
    parts = [make_table({"a": 3, "b": 3}, split) for split in ("validation", "test")]
    labelled, report = split_corpus(pd.concat(parts, ignore_index=True), CorpusParameters(), 0)
    assert labelled["split"].tolist() == ["validation"] * 6 + ["test"] * 6
    assert report["rows"] == {"train": 0, "validation": 6, "test": 6}


def test_seed_decides_and_row_order_does_not():
    table = make_table({"a": 40, "b": 20, "c": 3})
    first, _ = split_corpus(table, CorpusParameters(), 1)
    shuffled, _ = split_corpus(table.sample(frac=1, random_state=3), CorpusParameters(), 1)
    other, _ = split_corpus(table, CorpusParameters(), 2)
    assert shuffled.sort_values("row_id")["split"].tolist() == first["split"].tolist()
    assert other["split"].tolist() != first["split"].tolist()


def test_validation_fraction_does_not_move_the_test_split():
    table = make_table({"a": 40, "b": 20})
    tests = [
        split_corpus(table, CorpusParameters(validation_fraction=fraction), 0)[0]["split"] == "test"
        for fraction in (0.1, 0.4)
    ]
    assert tests[0].tolist() == tests[1].tolist()


class_sizes = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 12), min_size=2).filter(
    lambda sizes: max(sizes.values()) >= 3
)


@settings(max_examples=25, deadline=None)
@given(class_sizes, st.integers(0, 5), st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_every_class_is_trained_and_classes_of_three_are_in_all_splits(sizes, seed, test, validation):
    # Each text twice, once with another label: kept duplicates and conflicts must not straddle splits.
    table = make_table(sizes)
    twin = table.assign(label=table["label"].iloc[::-1].to_numpy())
    table = pd.concat([table, table, twin], ignore_index=True)
    parameters = CorpusParameters(test_fraction=test, validation_fraction=validation)
    try:
        labelled, _ = split_corpus(table, parameters, seed)
    except CorpusError:  # returning the texts of a lost class to train can empty a split
        return
    assert labelled.groupby("text")["split"].nunique().max() == 1
    assert set(labelled.loc[labelled["split"] == "train", "label"]) == set(table["label"])


@settings(max_examples=25, deadline=None)
@given(class_sizes, st.integers(0, 5), st.floats(0.01, 0.9), st.floats(0.01, 0.9))
def test_classes_of_three_are_in_all_splits(sizes, seed, test, validation):
    parameters = CorpusParameters(test_fraction=test, validation_fraction=validation)
    labelled, _ = split_corpus(make_table(sizes), parameters, seed)
    num_splits = labelled.groupby("label")["split"].nunique()
    assert num_splits.to_dict() == {label: 3 if size >= 3 else 1 for label, size in sizes.items()}
    assert set(labelled.loc[labelled["split"] == "train", "label"]) == set(sizes)


def test_a_class_that_only_conflicts_carry_goes_back_to_train():
    # Each text of b is also of a rarer class, which sends two of its three texts away.
    rows = [
        row
        for i in range(4)
        for row in ((f"shared {i}", "b"), (f"shared {i}", f"x{i}"), (f"{i} 1", f"x{i}"), (f"{i} 2", f"x{i}"))
    ]
    table = pd.DataFrame(rows, columns=["text", "label"]).assign(split=None)
    for seed in range(20):
        labelled, _ = split_corpus(table, CorpusParameters(test_fraction=0.5), seed)
        assert "b" in set(labelled.loc[labelled["split"] == "train", "label"])


@pytest.mark.parametrize("name", ["test", "validation"])
def test_no_fraction_and_no_file(name):
    with pytest.raises(
        ParameterError, match=rf"no {name} split: give a file in corpus.{name} or set corpus.{name}_f"
    ):
        split_corpus(make_table({"a": 5, "b": 5}), CorpusParameters(**{f"{name}_fraction": 0.0}), 0)


def test_too_few_texts_to_split():
    with pytest.raises(CorpusError, match=r"too small to carve a test split \(it takes 3 texts of a class\)"):
        split_corpus(make_table({"a": 2, "b": 2}), CorpusParameters(), 0)
