"""Files that a disk, a network or an editor has spoilt."""

import encodings
import io
import pkgutil

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

ALL_CODECS = sorted(module.name for module in pkgutil.iter_modules(encodings.__path__))
TELLING_BYTES = b'",\n\r\t {}[]:\\\x00\xef\xbb\xbf\xff\xed\xa0\x80\xc3ntf0e'

damages = st.lists(
    st.tuples(
        st.sampled_from(["replace", "insert", "delete", "cut", "repeat"]),
        st.floats(0, 1, exclude_max=True),
        st.one_of(st.sampled_from(TELLING_BYTES), st.integers(0, 255)),
    ),
    min_size=1,
    max_size=4,
)
"""What is done, where (a share of the length), and with which byte."""


def do_damage(content: bytes, damage: list[tuple[str, float, int]]) -> bytes:
    """The content after each deed in turn."""
    for kind, share, byte in damage:
        place = int(share * len(content))
        before, after = content[:place], content[place:]
        content = {
            "replace": before + bytes([byte]) + after[1:],
            "insert": before + bytes([byte]) + after,
            "delete": before + after[1 + byte % 8 :],
            "cut": before,
            "repeat": before + after + after,
        }[kind]
    return content


def parquet_bytes(table: pa.Table) -> bytes:
    """A table as a Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=2)
    return file.getvalue()
