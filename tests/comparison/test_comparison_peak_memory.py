"""Memory at most, where the system tells."""

import math

import numpy as np

from sharprecl.comparison import peak_memory


def test_the_peak_is_that_of_the_process_since_the_reset():
    peak_memory.reset_peak_memory()
    before = peak_memory.peak_memory_gib()
    block = np.ones(2**27 // 8)  # an eighth of a GiB
    after = peak_memory.peak_memory_gib(on_gpu=True)  # here there is no GPU to ask
    assert block.sum() == len(block)
    assert 0.12 < after - before < 0.2


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
