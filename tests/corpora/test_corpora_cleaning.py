"""Blemishes: found, counted, and kept, dropped or refused."""

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.corpora import clean_corpus
from sharprecl.corpora.blemishes import FINDERS, find_label_conflicts, find_split_overlaps, list_rows
from sharprecl.errors import CorpusError
from sharprecl.parameters import CorpusParameters

SOUND = [("a1", "a", None), ("a2", "a", None), ("b1", "b", None), ("b2", "b", None)]
KEEP_ALL = {name: "keep" for name in FINDERS if name != "unseen_labels"} | {"unseen_labels": "drop"}


def make_table(rows):
    table = pd.DataFrame(rows, columns=["text", "label", "split"]).astype("str")
    table.insert(0, "row_id", range(len(table)))
    return table


def split_rows(split, rows):
    return [(text, label, split) for text, label in rows]


TRAIN = split_rows("train", [("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b")])

CASES = {
    "empty_texts": ([*SOUND, ("", "a", None), (" \u200b\x00", "b", None)], [4, 5]),
    "duplicates": ([*SOUND, ("a1 ", "a", None), ("b1", "b", None), ("a1", "a", None)], [4, 5, 6]),
    "label_conflicts": ([*SOUND, ("c", "a", None), ("c", "b", None)], [4, 5]),
    "split_overlaps": (
        [
            *TRAIN,
            *split_rows("train", [("t", "a"), ("v", "b"), ("tv", "a")]),
            *split_rows("validation", [("v", "b"), ("tv", "a"), ("own", "a")]),
            *split_rows("test", [("t", "b"), ("tv", "a")]),
        ],
        [4, 5, 6, 8],
    ),
    "unseen_labels": ([*TRAIN, *split_rows("test", [("t1", "a"), ("t2", "new")])], [5]),
    "small_classes": (
        [*TRAIN, *split_rows("train", [("s", "small")]), *split_rows("test", [("t", "small"), ("u", "a")])],
        [4, 5],
    ),
}


@pytest.mark.parametrize("name", FINDERS)
def test_drop_removes_the_rows_at_fault_and_counts_them(name):
    rows, at_fault = CASES[name]
    clean, report = clean_corpus(make_table(rows), CorpusParameters(**{**KEEP_ALL, name: "drop"}))
    assert sorted(set(range(len(rows))) - set(clean["row_id"])) == at_fault
    blemish = report["blemishes"][name]
    assert (blemish["found"], blemish["policy"], blemish["dropped"]) == (len(at_fault), "drop", len(at_fault))
    assert sum(blemish["by_split"].values()) == len(at_fault)
    assert clean.index.tolist() == list(range(len(clean)))


@pytest.mark.parametrize("name", [name for name in FINDERS if name != "unseen_labels"])
def test_keep_counts_and_keeps(name):
    rows, at_fault = CASES[name]
    clean, report = clean_corpus(make_table(rows), CorpusParameters(**KEEP_ALL))
    assert report["blemishes"][name] == {
        "found": len(at_fault),
        "policy": "keep",
        "dropped": 0,
        "by_split": {},
    }
    assert len(clean) == len(rows)


@pytest.mark.parametrize("name", FINDERS)
def test_fail_names_count_example_and_parameter_in_one_line(name):
    rows, at_fault = CASES[name]
    first = at_fault[0]
    split = rows[first][2]
    row = sum(given == split for _, _, given in rows[: first + 1])  # as a user counts, in each file
    place = f"row {row}" + (f" of corpus.{split}" if split else "")
    label = rows[first][1]
    message = (
        rf"^{len(at_fault)} rows .* {place} with label '{label}' .*row_id {first}\).*corpus.{name}=drop$"
    )
    with pytest.raises(CorpusError, match=message):
        clean_corpus(make_table(rows), CorpusParameters(**{**KEEP_ALL, name: "fail"}))


def test_labels_outside_the_model_cannot_be_kept():
    with pytest.raises(CorpusError, match=r"1 rows have a label that no training row has.*'new'"):
        clean_corpus(make_table(CASES["unseen_labels"][0]), CorpusParameters(unseen_labels="keep"))


def test_by_split_tells_where_rows_were_dropped():
    _, report = clean_corpus(make_table(CASES["split_overlaps"][0]), CorpusParameters())
    assert report["blemishes"]["split_overlaps"]["by_split"] == {"train": 3, "validation": 1}


def test_equal_rows_of_two_splits_are_no_duplicates_and_no_conflict():
    rows = list_rows(make_table([*TRAIN, ("a1", "b", "test")]))
    assert not find_label_conflicts(rows, CorpusParameters()).any()
    assert find_split_overlaps(rows, CorpusParameters()).tolist() == [True, False, False, False, False]


def test_rows_that_are_not_split_yet_are_like_rows_of_train():
    rows = list_rows(make_table([*TRAIN, ("a1", "a", None), ("new", "a", None), ("new", "a", "train")]))
    assert not find_split_overlaps(rows, CorpusParameters()).any()


def test_long_example_texts_are_cut():
    table = make_table([*SOUND, ("long " * 100, "a", None), ("long " * 100, "b", None)])
    with pytest.raises(CorpusError, match=r"corpus.label_conflicts=drop") as caught:
        clean_corpus(table, CorpusParameters(label_conflicts="fail"))
    assert len(str(caught.value)) < 300


def test_min_class_size():
    _, report = clean_corpus(make_table(SOUND), CorpusParameters(min_class_size=2))
    assert report["blemishes"]["small_classes"]["found"] == 0
    with pytest.raises(
        CorpusError, match=r"4 rows are of classes with too few texts \(corpus.min_class_size\)"
    ):
        clean_corpus(make_table(SOUND), CorpusParameters(min_class_size=3))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (SOUND[:2], r"only one class \('a'\) after cleaning"),
        ([("", "a", None), ("", "b", None)], r"no training rows after cleaning"),
    ],
)
def test_a_classifier_needs_two_classes(rows, message):
    with pytest.raises(CorpusError, match=message):
        clean_corpus(make_table(rows), CorpusParameters())


def test_that_all_training_texts_are_in_another_split_is_said():
    rows = [*TRAIN, *split_rows("test", [(text, label) for text, label, _ in TRAIN])]
    with pytest.raises(CorpusError, match=r"^corpus\.train: cleaning leaves none of its 4 rows"):
        clean_corpus(make_table(rows), CorpusParameters())


def test_misread_characters_are_counted():
    _, report = clean_corpus(make_table([*SOUND, ("bad \ufffd", "a", None)]), CorpusParameters())
    assert report["texts_with_replacement_characters"] == 1


row = st.tuples(
    st.sampled_from(["", "a", " a", "b", "c", "d", "e"]),
    st.sampled_from(["x", "y", "z"]),
    st.sampled_from(["train", "validation", "test"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(row, max_size=25), st.sampled_from(["keep", "drop"]))
def test_no_row_is_lost_uncounted_and_nothing_is_left_to_clean(rows, policy):
    table = make_table([*TRAIN, *rows])
    policies = dict.fromkeys(("empty_texts", "duplicates", "label_conflicts", "split_overlaps"), policy)
    parameters = CorpusParameters(**policies, unseen_labels="drop", small_classes="drop")
    try:
        clean, report = clean_corpus(table, parameters)
    except CorpusError:  # cleaning can leave less than two classes
        return
    dropped = sum(blemish["dropped"] for blemish in report["blemishes"].values())
    assert report["rows_in"] == len(table) == report["rows_out"] + dropped
    assert report["rows_out"] == len(clean)
    assert json.loads(json.dumps(report)) == report
    if policy == "drop":
        for split in ("train", "validation"):
            others = clean[clean["split"] != split]
            assert not clean.loc[clean["split"] == split, "text"].isin(others["text"]).any()
        assert not clean.duplicated(["text", "split"]).any()


def test_test_split_survives_overlaps_whole():
    rows = [*TRAIN, *split_rows("test", [("a1", "b"), ("b1", "b"), ("new", "a")])]
    clean, _ = clean_corpus(make_table(rows), CorpusParameters(min_class_size=1))
    assert (clean["split"] == "test").sum() == 3


def test_the_known_blemishes_of_the_released_corpora(released_data, monkeypatch):
    from sharprecl.corpora import read_released_corpus

    monkeypatch.setenv("SHARPRECL_DATA", str(released_data))
    found = {}
    for name in ("trec", "ohsumed"):
        _, report = clean_corpus(read_released_corpus(name, released_data), CorpusParameters())
        found[name] = {key: row["by_split"] for key, row in report["blemishes"].items() if row["found"]}
    assert found == {
        "trec": {"duplicates": {"train": 73}, "split_overlaps": {"train": 11}},
        "ohsumed": {"duplicates": {"train": 1}, "split_overlaps": {"train": 2}},
    }


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (split_rows("test", [("", "a"), ("  ", "b")]), {}),
        (split_rows("test", [("t", "a"), ("t", "b")]), {}),
        (split_rows("test", [("t", "A"), ("u", "A")]), {"unseen_labels": "drop"}),
    ],
)
def test_a_given_split_of_which_nothing_is_left_is_not_carved_anew(rows, options):
    with pytest.raises(CorpusError, match=r"corpus\.test: cleaning leaves none of its 2 rows; mend them"):
        clean_corpus(make_table([*TRAIN, *rows]), CorpusParameters(**options))


def test_a_validation_file_that_is_the_test_file_is_refused():
    rows = [("t", "a"), ("u", "b")]
    table = make_table([*TRAIN, *split_rows("validation", rows), *split_rows("test", rows)])
    with pytest.raises(CorpusError, match=r"corpus\.validation: cleaning leaves none of its 2 rows"):
        clean_corpus(table, CorpusParameters())


@pytest.mark.parametrize(
    "rows",
    [
        [("", "rare", None), (" ", "rare", None)],
        [("c", "rare", None), ("c", "a", None), ("d", "rare", None), ("d", "b", None)],
    ],
)
def test_a_class_that_cleaning_takes_whole_is_a_small_class(rows):
    table = make_table([*SOUND, *rows])
    with pytest.raises(CorpusError, match=r"no training text of class 'rare' \(all 2 are empty, have two"):
        clean_corpus(table, CorpusParameters())
    clean, _ = clean_corpus(table, CorpusParameters(small_classes="drop"))
    assert set(clean["label"]) == {"a", "b"}
