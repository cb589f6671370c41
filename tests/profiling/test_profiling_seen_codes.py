"""A growing set of numbers, against Python's own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sharprecl.profiling.seen_codes import SeenCodes


@given(st.lists(st.lists(st.integers(0, 40), max_size=12), max_size=30))
def test_only_new_numbers_come_back_each_once_and_sorted(batches):
    seen, known = SeenCodes(), set()
    for batch in batches:
        new = seen.take_new(np.array(batch, dtype=np.int64))
        assert new.tolist() == sorted(set(batch) - known)
        known |= set(batch)


def test_there_are_few_runs_whatever_comes():
    seen = SeenCodes()
    for start in range(1000):
        seen.take_new(np.arange(start, start + 1))
    assert len(seen._runs) <= 11
    assert sum(map(len, seen._runs)) == 1000
