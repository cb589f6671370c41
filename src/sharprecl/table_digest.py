"""A name for a table's content."""

import hashlib

import numpy as np
import pyarrow as pa

from sharprecl.spilling import CHUNK_ROWS


def table_digest(table: pa.Table) -> str:
    """Digest of a table's columns, types and values, in whatever chunks they lie, without its metadata.

    Args:
        table: read part by part, so that it may be larger than memory.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256(table.schema.remove_metadata().serialize())
    for start in range(0, table.num_rows, CHUNK_ROWS):
        part = table.slice(start, CHUNK_ROWS)
        # Copied: what Arrow writes of a view of longer arrays depends on where it begins.
        copy = part.replace_schema_metadata().take(np.arange(part.num_rows)).combine_chunks()
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, copy.schema) as stream:
            stream.write_table(copy)
        digest.update(buffer.getvalue())
    return digest.hexdigest()
