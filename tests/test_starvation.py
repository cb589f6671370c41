"""Errors that say what the machine lacks."""

import errno

import pytest

from sharprecl.starvation import describe_starvation

ALLOCATION = "Unable to allocate 3.00 GiB for an array"


@pytest.mark.parametrize(
    ("error", "device"),
    [
        (MemoryError(), "the machine"),
        (MemoryError("malloc of size 1 failed"), "the machine"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "the machine"),
        (RuntimeError(ALLOCATION), "the machine"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), "CUDA"),
        (RuntimeError("CUDA error: out of memory"), "CUDA"),
        (RuntimeError("MPS backend out of memory"), "MPS backend"),
    ],
)
def test_too_little_memory(error, device):
    line = describe_starvation([ValueError("of something else"), error])
    assert line is not None
    assert line.startswith(f"memory: {device} has too little; raise fit.micro_batches")


def test_another_error_is_not_described():
    assert describe_starvation([ValueError("x"), OSError(errno.ENOENT, "No such file")]) is None
