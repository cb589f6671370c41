import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from sharprecl.training import freed_memory
from sharprecl.training.freed_memory import keep_freed_memory

PROJECT_ROOT = Path(__file__).parents[2]
MEGABYTES_64 = 16 * 2**20  # float32 numbers


def page_faults_of_ten_allocations() -> int:
    for _ in range(3):  # where the heap's end was in use, the first one leaves a gap that is filled later
        torch.ones(MEGABYTES_64)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        torch.ones(MEGABYTES_64)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def page_faults_around() -> list[int]:
    """Of ten allocations before, within and after."""
    outside = page_faults_of_ten_allocations()
    with keep_freed_memory():
        inside = page_faults_of_ten_allocations()
    return [outside, inside, page_faults_of_ten_allocations()]


@pytest.mark.skipif(freed_memory._glibc() is None, reason="needs glibc")
def test_freed_memory_is_used_again_and_given_back_afterwards():
    """In a process of its own: gaps that other tests leave in the heap are used again by themselves."""
    code = "from tests.training.test_training_freed_memory import page_faults_around; print(page_faults_around())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(("src", "."))}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, env=environment, check=True, capture_output=True
    )
    outside, inside, afterwards = json.loads(told.stdout)
    assert inside < outside / 10
    assert afterwards > outside / 2


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_nothing_happens_elsewhere(monkeypatch, platform):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(freed_memory.ctypes, "CDLL", None)  # calling it would fail
    with keep_freed_memory():
        assert torch.ones(2).sum() == 2
