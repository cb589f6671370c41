"""How much memory a piece of work took at most."""

from contextlib import suppress
from pathlib import Path

import torch

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


def reset_peak_memory() -> None:
    """Begin anew: the peak from here on is what :func:`peak_memory_gib` tells."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    if _CLEAR.exists():
        with suppress(OSError):  # some containers forbid it; the peak is then that of all work so far
            _CLEAR.write_text(_RESET_PEAK)


def peak_memory_gib(*, on_gpu: bool = False) -> float:
    """Most memory since the last reset, in GiB: the process's resident memory, or the GPU's.

    Args:
        on_gpu: whether the work was done on the GPU, if there is one for CUDA.

    Returns:
        NaN where the system does not tell.
    """
    if on_gpu and torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 2**30
    if not _STATUS.exists():
        return float("nan")
    values = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    peak = values.get("VmHWM")
    return float("nan") if peak is None else int(peak.split()[0]) / 2**20
