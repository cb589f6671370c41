"""Text as bytes."""

import pytest

from sharprecl.corpora.utf8_stream import utf8_stream

BLOCKS = ["wörd ", "", "\U0001f600", "a" * 50, "é"]


@pytest.mark.parametrize("buffer_bytes", [1, 3, 7, 1000])
def test_every_read_but_the_last_is_full_and_no_byte_is_lost(buffer_bytes):
    stream = utf8_stream(iter(BLOCKS), buffer_bytes)
    parts = list(iter(lambda: stream.read(buffer_bytes), b""))
    assert b"".join(parts) == "".join(BLOCKS).encode()
    assert {len(part) for part in parts[:-1]} <= {buffer_bytes}


def test_no_text_is_no_byte():
    assert utf8_stream(iter([]), 8).read() == b""
