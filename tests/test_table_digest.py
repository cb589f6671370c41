"""The digest of a table."""

import pyarrow as pa
import pytest

from sharprecl import table_digest as module
from sharprecl.table_digest import table_digest

TABLE = pa.table(
    {
        "split": pa.array(["train", "test", "train", "validation"], pa.large_string()),
        "label_id": pa.array([0, 1, 1, 0], pa.int32()),
        "input_ids": pa.array([[1, 5], [1, 2, 3], [], [9]], pa.list_(pa.int32())),
    }
)


def with_label(value: int) -> pa.Table:
    return TABLE.set_column(1, "label_id", pa.array([0, 1, 1, value], pa.int32()))


@pytest.mark.parametrize("rows", [1, 2, 3, 16])
def test_chunks_do_not_matter(monkeypatch, rows):
    monkeypatch.setattr(module, "CHUNK_ROWS", rows)
    cuts = [pa.concat_tables([TABLE[:cut], TABLE[cut:]]) for cut in range(5)]
    doubled = pa.concat_tables([TABLE, TABLE])
    assert {table_digest(cut) for cut in [*cuts, doubled[4:], doubled[:4]]} == {table_digest(TABLE)}


def test_a_value_a_type_a_name_and_the_order_do():
    changed = [
        TABLE,
        with_label(1),
        TABLE.set_column(1, "label_id", TABLE["label_id"].cast(pa.int64())),
        TABLE.rename_columns(["split", "label", "input_ids"]),
        TABLE.take([1, 0, 2, 3]),
        TABLE[:3],
        TABLE[:0],
    ]
    assert len({table_digest(table) for table in changed}) == len(changed)
    assert table_digest(with_label(0)) == table_digest(TABLE)


def test_what_is_noted_beside_the_values_does_not():
    assert table_digest(TABLE.replace_schema_metadata({"made_with": "{}"})) == table_digest(TABLE)


def test_words_of_a_dictionary_count():
    digests = {
        table_digest(pa.table({"x": pa.array(list(words)).dictionary_encode()})) for words in ("ab", "cd")
    }
    assert len(digests) == 2
