import resource
import sys

import pytest
import torch

from sharprecl.training import freed_memory
from sharprecl.training.freed_memory import keep_freed_memory

MEGABYTES_64 = 16 * 2**20  # float32 numbers


def page_faults_of_ten_allocations() -> int:
    for _ in range(3):  # where the heap's end was in use, the first one leaves a gap that is filled later
        torch.ones(MEGABYTES_64)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(MEGABYTES_64)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(freed_memory._glibc() is None, reason="needs glibc")
def test_freed_memory_is_used_again_and_given_back_afterwards():
    outside = page_faults_of_ten_allocations()
    with keep_freed_memory():
        inside = page_faults_of_ten_allocations()
    assert inside < outside / 10
    assert page_faults_of_ten_allocations() > outside / 2


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_happens_elsewhere(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", None)  # calling it would fail
    with keep_freed_memory():
        assert torch.ones(2).sum() == 2
