import subprocess
import sys

import pytest
import torch

from sharprecl.training import freed_memory
from sharprecl.training.freed_memory import keep_freed_memory

# In a process of its own: what other tests freed leaves gaps in the heap, which are used again by themselves.
PROGRAM = """
import resource
import torch
from sharprecl.training.freed_memory import keep_freed_memory

def page_faults_of_ten_allocations(size):
    # Aligned allocations leave gaps a little too small for the next one, until one is found that fits.
    for _ in range(20):
        torch.ones(size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(size)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

size = 16 * 2**20  # float32 numbers: 64 MiB
outside = page_faults_of_ten_allocations(size)
with keep_freed_memory():
    inside = page_faults_of_ten_allocations(size)
# Of a size that fits in no gap that is left of those within.
print(outside, inside, page_faults_of_ten_allocations(4 * size))
"""


@pytest.mark.skipif(freed_memory._glibc() is None, reason="needs glibc")
def test_freed_memory_is_used_again_and_given_back_afterwards():
    printed = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    outside, inside, afterwards = map(int, printed.stdout.split())
    assert outside > 0
    assert inside < outside / 10
    assert afterwards > outside / 2


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_happens_elsewhere(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", None)  # calling it would fail
    with keep_freed_memory():
        assert torch.ones(2).sum() == 2
