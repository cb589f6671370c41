"""Memory at most, where the system tells."""

import math
import os
import subprocess
import sys

from sharprecl.comparison import peak_memory

_ALLOCATE_AN_EIGHTH_OF_A_GIB = """
import numpy as np
from sharprecl.comparison.peak_memory import peak_memory_gib, reset_peak_memory

earlier = np.ones(2**28 // 8)
del earlier
reset_peak_memory()
before = peak_memory_gib()
block = np.ones(2**27 // 8)
del block
print(peak_memory_gib(on_gpu=True) - before)  # without a GPU to ask, the process's own
"""


def test_the_peak_is_that_of_the_process_since_the_reset():
    # In a process of its own: in one that has run other tests, libraries' threads give memory back meanwhile.
    told = subprocess.run(
        [sys.executable, "-c", _ALLOCATE_AN_EIGHTH_OF_A_GIB],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0.12 < float(told.stdout) < 0.2


def test_a_system_that_forbids_the_reset_does_not_end_a_comparison(tmp_path, monkeypatch):
    monkeypatch.setattr(peak_memory, "_CLEAR", tmp_path)  # cannot be written
    peak_memory.reset_peak_memory()
    assert peak_memory.peak_memory_gib() > 0


def test_a_system_that_does_not_tell_gives_nan(tmp_path, monkeypatch):
    monkeypatch.setattr(peak_memory, "_STATUS", tmp_path / "status")
    assert math.isnan(peak_memory.peak_memory_gib())
    (tmp_path / "status").write_text("Name:\tpython\nVmRSS:\t1 kB\n")
    assert math.isnan(peak_memory.peak_memory_gib())
    (tmp_path / "status").write_text("Name:\tpython\nVmHWM:\t 1048576 kB\n")
    assert peak_memory.peak_memory_gib() == 1.0
