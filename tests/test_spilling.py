"""Tables on the disk that look as if they lay in memory."""

import gc
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.spilling import (
    CHUNK_ROWS,
    frame_chunks,
    frame_schema,
    keep_rows,
    spill_array,
    spill_frame,
    spill_groups,
    spill_table,
    take_rows,
)
from sharprecl.starvation import describe_starvation
from tests.robustness.scarce import small_disk

DEFAULT_POOL = pa.default_memory_pool()
POOL = pa.proxy_memory_pool(DEFAULT_POOL)
"""Counts what is taken from it; has to outlive that."""
SCHEMA = pa.schema({"number": pa.int64(), "text": pa.large_string()})


def table(start: int, stop: int) -> pa.Table:
    return pa.table({"number": range(start, stop), "text": [f"t{i}" for i in range(start, stop)]}, SCHEMA)


def test_parts_come_back_in_order_and_take_no_memory():
    before = pa.total_allocated_bytes()
    spilled = spill_table((table(start, start + 1000) for start in range(0, 50_000, 1000)), SCHEMA)
    gc.collect()
    assert pa.total_allocated_bytes() - before < 2000  # the map of 50,000 rows lies outside
    assert spilled.equals(table(0, 50_000))


def test_no_part_is_a_table_without_rows():
    assert spill_table([], SCHEMA).equals(table(0, 0))


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spilled = spill_table([table(0, 10)], SCHEMA)
    assert not list(tmp_path.iterdir())
    assert spilled.num_rows == 10


def test_a_failure_midway_leaves_nothing_behind(tmp_path, monkeypatch):
    def parts():
        yield table(0, 10)
        raise ValueError("no more")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="no more"):
        spill_table(parts(), SCHEMA)
    assert not list(Path(tmp_path).iterdir())


def test_a_column_of_nothing_but_missing_values_is_one_of_strings():
    parts = [
        pd.DataFrame({"row_id": [0], "split": [None]}),
        pd.DataFrame({"row_id": [1], "split": ["test"]}),
    ]
    frame = spill_frame(parts)
    assert frame["split"].isna().tolist() == [True, False]
    assert frame["split"][1] == "test"
    assert frame.index.tolist() == [0, 1]
    assert frame_schema(frame) == pa.schema({"row_id": pa.int64(), "split": pa.large_string()})


@pytest.mark.parametrize("num_rows", [0, 1, CHUNK_ROWS, CHUNK_ROWS + 1])
def test_chunks_are_all_rows_once(num_rows):
    frame = pd.DataFrame({"number": np.arange(num_rows)}, index=np.arange(num_rows) + 5)
    chunks = list(frame_chunks(frame))
    assert len(chunks) == max(-(-num_rows // CHUNK_ROWS), 1)
    pd.testing.assert_frame_equal(pd.concat(chunks), frame)


@pytest.mark.parametrize("num_rows", [0, 1, 2 * CHUNK_ROWS + 3])
def test_rows_are_kept_by_their_place(num_rows):
    frame = pd.DataFrame({"number": np.arange(num_rows)}, index=np.arange(num_rows)[::-1])
    mask = np.arange(num_rows) % 3 == 0
    kept = keep_rows(frame, mask)
    assert kept["number"].tolist() == list(range(0, num_rows, 3))
    assert kept.index.tolist() == list(range(len(kept)))


def test_arrays_come_back_in_order_and_leave_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    parts = [np.arange(5), np.empty(0, dtype=np.int64), np.arange(10)[::-2]]
    array = spill_array(iter(parts), np.dtype(np.uint16))
    assert array.dtype == np.uint16
    assert array.tolist() == [0, 1, 2, 3, 4, 9, 7, 5, 3, 1]
    assert list(tmp_path.iterdir()) == []


def test_no_numbers_are_an_array_without_any():
    assert spill_array([np.empty(0)], np.dtype(np.uint64)).tolist() == []


def test_rows_are_taken_in_the_order_asked_for_without_a_copy_of_all():
    frame = spill_frame(
        pd.DataFrame({"number": np.arange(start, start + 1000), "text": f"{'x' * 1000}{start}"})
        for start in range(0, 64_000, 1000)
    )
    pa.set_memory_pool(POOL)
    try:
        taken = take_rows(frame, np.array([15_000, 3, 15_000, 8001]))
    finally:
        pa.set_memory_pool(DEFAULT_POOL)
    assert POOL.max_memory() < 20_000_000  # of 64
    pd.testing.assert_frame_equal(taken, frame.iloc[[15_000, 3, 15_000, 8001]])
    assert taken["text"].str[1000:].tolist() == ["15000", "0", "15000", "8000"]
    assert take_rows(frame, np.array([], dtype=np.int64)).empty


def test_groups_hold_their_numbers_in_the_order_in_which_they_came(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pairs = np.dtype([("element", np.uint64), ("owner", np.int32)])
    batches = []
    for start in (0, 10):
        numbers = np.zeros(5, pairs)
        numbers["element"], numbers["owner"] = np.arange(start, start + 5), -1
        batches.append((np.array([2, 0, 2, 0, 4], dtype=np.uint64), numbers))
    groups = spill_groups(iter(batches), 5, pairs)
    assert [group["element"].tolist() for group in groups] == [
        [1, 3, 11, 13],
        [],
        [0, 2, 10, 12],
        [],
        [4, 14],
    ]
    assert set(groups[2]["owner"].tolist()) == {-1}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["table", "array", "groups"])
def test_a_full_temporary_folder_is_named(tmp_path, monkeypatch, kind):
    numbers = np.zeros(200_000)
    spill = {
        "table": lambda: spill_table([table(0, 100_000)], SCHEMA),
        "array": lambda: spill_array([numbers], numbers.dtype),
        "groups": lambda: spill_groups([(np.zeros(len(numbers), np.int64), numbers)], 2, numbers.dtype),
    }[kind]
    with small_disk(tmp_path / "scratch", 1) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        with pytest.raises(OSError, match="No space left") as caught:
            spill()
        line = describe_starvation([caught.value])
        assert line is not None
        assert line.startswith(f"{disk} (TMPDIR names another folder): no space left on the disk; free some")
        assert list(disk.iterdir()) == []
        del caught
