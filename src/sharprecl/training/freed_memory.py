"""Keeping freed memory in the process while a training runs on a CPU."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# <malloc.h> of the GNU C library.
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8
_DEFAULT_TRIM_THRESHOLD, _DEFAULT_MMAP_MAX = 128 * 1024, 65_536
_NEVER = 2**31 - 1


@contextmanager
def keep_freed_memory() -> Iterator[None]:
    """Have the C library reuse the memory of freed tensors instead of handing it back to the system.

    A training step allocates the same large tensors again and again. By default each comes as new pages that
    the system has to clear, a tenth of a CPU step of MiniLM. Elsewhere than on glibc nothing happens.
    """
    library = _glibc()
    if library is None:
        yield
        return
    library.mallopt(_ARENA_MAX, 1)  # Arenas of other threads give memory back whatever the threshold.
    library.mallopt(_MMAP_MAX, 0)
    library.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        library.mallopt(_MMAP_MAX, _DEFAULT_MMAP_MAX)
        library.mallopt(_TRIM_THRESHOLD, _DEFAULT_TRIM_THRESHOLD)
        library.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The process's C library, if it is the one with these knobs."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") and hasattr(library, "mallopt") else None
