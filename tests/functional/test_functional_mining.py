"""Hard positives and hard negatives."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.functional.mining import mine_hard_sets
from tests import naive
from tests.functional.pools import SCENARIOS, make_pool


def assert_naive_sets(pool, k):
    for hard, positive in zip(mine_hard_sets(*pool, k), (True, False), strict=True):
        for c, prototype in enumerate(pool.prototypes):
            rows = hard.rows[c, : hard.counts[c]].tolist()
            expected = naive.hard_rows(pool.rows, pool.labels.tolist(), prototype, c, k, positive=positive)
            assert len(rows) == len(expected)
            assert set(rows) == expected


@pytest.mark.parametrize("k", [1, 3, 500])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_hard_sets_equal_the_plain_loop(scenario, k):
    assert_naive_sets(make_pool(*SCENARIOS[scenario]), k)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.integers(1, 30), st.integers(0, 1000))
def test_hard_sets_equal_the_plain_loop_on_any_pool(texts, k, seed):
    assert_naive_sets(make_pool(texts, 4, seed=seed), k)


def test_hardest_rows_by_hand():
    # Angles from the prototype of class 0, in degrees; class 1's prototype is the last row.
    angles = torch.tensor([10.0, 80.0, 40.0, 20.0, 60.0, 0.0, 90.0]).deg2rad()
    rows = torch.stack((angles.cos(), angles.sin()), dim=1)
    labels = torch.tensor([0, 0, 0, 1, 1, 0, 1])
    positives, negatives = mine_hard_sets(rows, labels, rows[-2:], 2)
    assert positives.rows.tolist() == [[1, 2], [3, 4]]
    assert negatives.rows.tolist() == [[3, 4], [1, 2]]


def test_counts_are_the_smaller_of_k_and_the_set():
    pool = make_pool([0, 0, 0], 3)  # 7 rows of class 0, one each of classes 1 and 2
    positives, negatives = mine_hard_sets(*pool, 4)
    assert positives.counts.tolist() == [4, 1, 1]
    assert negatives.counts.tolist() == [2, 4, 4]


def test_mining_leaves_no_graph():
    pool = make_pool([0, 1], 2)
    positives, _ = mine_hard_sets(pool.rows.requires_grad_(), pool.labels, pool.prototypes, 2)
    assert not positives.rows.requires_grad
