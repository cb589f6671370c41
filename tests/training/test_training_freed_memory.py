import resource
import sys

import pytest
import torch

from sharprecl.training import freed_memory
from sharprecl.training.freed_memory import keep_freed_memory

MEGABYTES_64 = 16 * 2**20  # float32 numbers
SIZES = [MEGABYTES_64, 4 * MEGABYTES_64, 16 * MEGABYTES_64]


def page_faults_of_ten_allocations(size: int) -> int:
    # Aligned allocations leave gaps a little too small for the next one, until one is found that fits.
    for _ in range(20):
        torch.ones(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(size)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(freed_memory._glibc() is None, reason="needs glibc")
def test_freed_memory_is_used_again_and_given_back_afterwards():
    # Trainings of other tests may have left a gap in the heap, which is used again by itself: take a size
    # that does not fit in.
    size, outside = next(
        (size, faults) for size in SIZES if (faults := page_faults_of_ten_allocations(size)) > 0
    )
    with keep_freed_memory():
        inside = page_faults_of_ten_allocations(size)
    assert inside < outside / 10
    # Of a size that fits in no gap that is left of those within.
    assert page_faults_of_ten_allocations(4 * size) > outside / 2


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_happens_elsewhere(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", None)  # calling it would fail
    with keep_freed_memory():
        assert torch.ones(2).sum() == 2
