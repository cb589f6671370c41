"""Imbalance measures, class groups and batch coverage."""

import math
from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.functional import (
    absent_probability,
    class_groups,
    effective_num_classes,
    expected_absent_classes,
    gini,
    imbalance_ratio,
    normalized_entropy,
    tertile_groups,
)

COUNTS = st.lists(st.integers(0, 5_000), min_size=1, max_size=30).filter(any)
MEASURES = [imbalance_ratio, normalized_entropy, effective_num_classes, gini]


def test_imbalance_ratio_leaves_out_classes_without_texts():
    assert imbalance_ratio(torch.tensor([190, 0, 7, 2])).item() == 95.0
    assert imbalance_ratio(torch.tensor([5, 1, 2])).item() == 5.0


def test_entropy_measures_by_hand():
    # H = ½ log 2 + 2 · ¼ log 4 = 1.5 log 2.
    counts = torch.tensor([2, 1, 1])
    assert effective_num_classes(counts).item() == pytest.approx(2**1.5, rel=1e-14)
    assert normalized_entropy(counts).item() == pytest.approx(1.5 * math.log(2) / math.log(3), rel=1e-14)


def test_class_without_texts_counts_as_a_class_in_the_normalized_entropy():
    assert normalized_entropy(torch.tensor([3, 3, 0, 0])).item() == pytest.approx(0.5, rel=1e-14)
    assert normalized_entropy(torch.tensor([4, 0])).item() == 0.0


def test_single_class_is_perfectly_even():
    assert [measure(torch.tensor([7])).item() for measure in MEASURES] == [1.0, 1.0, 1.0, 0.0]


@settings(max_examples=50, deadline=None)
@given(COUNTS)
def test_gini_is_half_the_relative_mean_difference(counts):
    mean = sum(counts) / len(counts)
    difference = sum(abs(a - b) for a in counts for b in counts) / len(counts) ** 2
    assert gini(torch.tensor(counts)).item() == pytest.approx(difference / (2 * mean), abs=1e-12)


def test_one_class_with_all_texts_has_the_largest_gini():
    assert gini(torch.tensor([0, 0, 9, 0])).item() == pytest.approx(0.75, rel=1e-14)


@pytest.mark.parametrize("measure", MEASURES)
@settings(max_examples=30, deadline=None)
@given(counts=COUNTS)
def test_measures_stay_in_range_and_ignore_order_and_scale(measure, counts):
    value = measure(torch.tensor(counts)).item()
    upper = {
        imbalance_ratio: max(counts),
        normalized_entropy: 1.0,
        effective_num_classes: len(counts),
        gini: 1 - 1 / len(counts),
    }[measure]
    lower = 1.0 if measure in {imbalance_ratio, effective_num_classes} else 0.0
    assert lower - 1e-12 <= value <= upper + 1e-9
    assert measure(torch.tensor(counts[::-1]) * 3).item() == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0, 0], "class_counts are all zero: (a prior|the imbalance ratio) needs at least one text"),
        ([3, -1], "class_counts has a negative count"),
        ([[1, 2]], r"class_counts must have shape \[C\], not \[1, 2\]"),
    ],
)
def test_measures_refuse_counts_that_are_none(measure, counts, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        measure(torch.tensor(counts))


def test_groups_by_size_change_past_the_bounds_not_at_them():
    counts = torch.tensor([101, 100, 20, 19, 0])
    assert class_groups(counts).tolist() == [0, 1, 1, 2, 2]
    assert class_groups(counts, head_above=19, tail_below=19).tolist() == [0, 0, 0, 1, 2]
    for kind in (torch.int32, torch.float64):  # numbers of groups, whatever counts are
        assert class_groups(counts.to(kind)).dtype == torch.long


def test_crossed_group_bounds_are_refused():
    with pytest.raises(ValueError, match=r"tail_below \(30\) must not exceed head_above \(20\)"):
        class_groups(torch.tensor([5]), head_above=20, tail_below=30)


@pytest.mark.parametrize(
    ("counts", "groups"),
    [
        ([1, 50, 9, 700, 3, 80], [2, 1, 1, 0, 2, 0]),
        ([5, 5, 5], [0, 1, 2]),
        ([9, 8, 7, 6, 5], [0, 0, 1, 1, 2]),
        ([4], [0]),
        ([], []),
    ],
)
def test_groups_by_rank(counts, groups):
    assert tertile_groups(torch.tensor(counts, dtype=torch.long)).tolist() == groups


def test_absent_probability_equals_counting_all_batches():
    labels = [0] * 4 + [1] * 2 + [2]
    batches = list(combinations(labels, 3))
    expected = [sum(label not in batch for batch in batches) / len(batches) for label in range(3)]
    probability = absent_probability(torch.tensor([4, 2, 1]), batch_size=3)
    torch.testing.assert_close(probability, torch.tensor(expected, dtype=torch.float64), rtol=1e-12, atol=0)


@settings(max_examples=50, deadline=None)
@given(COUNTS, st.integers(1, 300))
def test_absent_probability_equals_exact_binomials(counts, batch_size):
    total, batch = sum(counts), min(batch_size, sum(counts))
    expected = [math.comb(total - n, batch) / math.comb(total, batch) for n in counts]
    probability = absent_probability(torch.tensor(counts), batch_size)
    assert probability.tolist() == pytest.approx(expected, rel=1e-8, abs=1e-300)
    assert expected_absent_classes(torch.tensor(counts), batch_size).item() == pytest.approx(
        sum(expected), rel=1e-8, abs=1e-300
    )


def test_absent_probability_is_stable_for_millions_of_texts():
    counts = torch.tensor([10_000_000, 1])
    assert absent_probability(counts, 128)[1].item() == pytest.approx(1 - 128 / 10_000_001, rel=1e-6)


def test_whole_split_in_a_batch_misses_only_classes_without_texts():
    assert absent_probability(torch.tensor([3, 0, 1]), batch_size=100).tolist() == [0.0, 1.0, 0.0]


def test_float32_counts_lose_no_digits():
    counts = torch.tensor([30_000, 7])
    torch.testing.assert_close(absent_probability(counts.float(), 64), absent_probability(counts, 64))


def test_batch_of_nothing_is_refused():
    with pytest.raises(ValueError, match="batch_size must be at least 1, not 0"):
        absent_probability(torch.tensor([3]), 0)


def test_rounding_makes_no_chance_larger_than_one():
    assert absent_probability(torch.tensor([67, 0]), 47)[1].item() == 1.0  # log Γ alone gives 3e-14 more
