"""Long-tail construction: closed-form sizes, nested rows, only train touched."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.corpora import build_long_tail
from sharprecl.parameters import LongTailParameters


def make_table(class_sizes, num_test=4):
    rows = [
        (f"{label} {split} {i}", label, split)
        for label, size in class_sizes.items()
        for split, count in (("train", size), ("validation", 2), ("test", num_test))
        for i in range(count)
    ]
    table = pd.DataFrame(rows, columns=["text", "label", "split"])
    table.insert(0, "row_id", range(len(table)))
    return table


def train_sizes(table):
    return table[table["split"] == "train"]["label"].value_counts().to_dict()


def test_exponential_profile_is_geometric():
    table, report = build_long_tail(
        make_table(dict.fromkeys("abc", 1000)),
        LongTailParameters(profile="exponential", imbalance_ratio=100),
        0,
    )
    assert train_sizes(table) == {"a": 1000, "b": 100, "c": 10}
    assert report["requested_ratio"] == report["achieved_ratio"] == 100.0
    assert report["classes"]["b"] == {"available": 1000, "kept": 100}
    assert (report["rows_in"], report["rows_out"]) == (3018, 1128)


def test_step_profile_has_two_sizes():
    parameters = LongTailParameters(profile="step", imbalance_ratio=10, step_fraction=0.4)
    table, _ = build_long_tail(make_table(dict.fromkeys("abcde", 50)), parameters, 0)
    assert train_sizes(table) == {"a": 50, "b": 50, "c": 50, "d": 5, "e": 5}


@pytest.mark.parametrize("fraction", [0.01, 0.99])
def test_step_profile_keeps_a_frequent_and_a_rare_class(fraction):
    parameters = LongTailParameters(profile="step", imbalance_ratio=10, step_fraction=fraction)
    table, _ = build_long_tail(make_table(dict.fromkeys("abcd", 50)), parameters, 0)
    assert set(train_sizes(table).values()) == {50, 5}


def test_available_texts_limit_the_profile_and_the_achieved_ratio_says_so():
    table, report = build_long_tail(
        make_table({"a": 100, "b": 5, "c": 3}), LongTailParameters(imbalance_ratio=4), 0
    )
    assert train_sizes(table) == {"a": 100, "b": 5, "c": 3}
    assert report["requested_ratio"] == 4.0
    assert report["achieved_ratio"] == pytest.approx(100 / 3)


def test_every_class_keeps_a_text():
    table, report = build_long_tail(
        make_table(dict.fromkeys("abc", 5)), LongTailParameters(imbalance_ratio=1e6), 0
    )
    assert min(train_sizes(table).values()) == 1
    assert report["achieved_ratio"] == 5.0


def test_seed_decides():
    table = make_table(dict.fromkeys("ab", 100))
    kept = [set(build_long_tail(table, LongTailParameters(), seed)[0]["row_id"]) for seed in (0, 0, 1)]
    assert kept[0] == kept[1] != kept[2]


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 30), min_size=2),
    st.sampled_from(["exponential", "step"]),
    st.floats(1, 100),
    st.floats(1, 100),
    st.integers(0, 3),
)
def test_higher_ratios_are_nested_and_other_splits_whole(sizes, profile, one, other, seed):
    table = make_table(sizes)
    rows = {}
    for ratio in sorted((one, other)):
        thinned, report = build_long_tail(
            table, LongTailParameters(profile=profile, imbalance_ratio=ratio), seed
        )
        rows[ratio] = set(thinned["row_id"])
        assert (thinned["split"] != "train").sum() == (table["split"] != "train").sum()
        assert set(train_sizes(thinned)) == set(sizes)
        assert {label: row["kept"] for label, row in report["classes"].items()} == train_sizes(thinned)
        assert report["rows_out"] == len(thinned)
    assert rows[max(one, other)] <= rows[min(one, other)]


def test_which_rows_stay_does_not_depend_on_their_order():
    table = make_table({"a": 40, "b": 40, "c": 40})
    mixed = table.sample(frac=1, random_state=1).reset_index(drop=True)
    kept, of_mixed = (
        build_long_tail(rows, LongTailParameters(imbalance_ratio=10), 0)[0] for rows in (table, mixed)
    )
    assert sorted(kept["text"]) == sorted(of_mixed["text"])
