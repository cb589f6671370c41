"""Text of any encoding as the bytes that Arrow reads."""

import io
from collections.abc import Iterator


def utf8_stream(blocks: Iterator[str], buffer_bytes: int) -> io.BufferedReader:
    """Blocks of text as a file of UTF-8.

    Args:
        blocks: of text that UTF-8 can encode.
        buffer_bytes: what one read gives, but for the last.
    """
    return io.BufferedReader(_Utf8(blocks), buffer_bytes)


class _Utf8(io.RawIOBase):
    def __init__(self, blocks: Iterator[str]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # as BufferedReader calls it
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block.encode())
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
