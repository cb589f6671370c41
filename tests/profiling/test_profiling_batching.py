"""Parts of bounded weight."""

import numpy as np

from sharprecl.profiling.batching import split_by_weight


def test_parts_hold_every_place_once_and_weigh_less_than_the_limit_but_for_their_first():
    weights = np.array([3, 3, 3, 3, 25, 1, 1, 0, 9, 9])
    parts = list(split_by_weight(weights, 10))
    assert np.concatenate(parts).tolist() == list(range(10))
    assert len(parts) > 3
    assert all(weights[part[1:]].sum() < 10 for part in parts)


def test_light_places_are_one_part_and_no_places_none():
    assert [part.tolist() for part in split_by_weight(np.array([0, 4, 5]), 10)] == [[0, 1, 2]]
    assert list(split_by_weight(np.empty(0, dtype=np.int64), 10)) == []
