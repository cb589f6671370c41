from pathlib import Path

import pyarrow as pa
import pytest
from kedro.io import DatasetError

from sharprecl.datasets import ArrowTableDataset, FolderDataset


@pytest.fixture
def table() -> pa.Table:
    rows = pa.array([[1, 2], [], [3]], pa.list_(pa.int32()))
    return pa.table({"row_id": pa.array([5, 6, 7], pa.int64()), "input_ids": rows})


def test_a_table_comes_back_with_its_types(tmp_path, table):
    dataset = ArrowTableDataset(str(tmp_path / "new" / "t.arrow"))
    assert not dataset.exists()
    dataset.save(table)
    assert dataset.exists()
    assert dataset.load().equals(table)
    assert dataset.load().schema == table.schema


def test_a_load_is_a_memory_map(tmp_path, table):
    dataset = ArrowTableDataset(str(tmp_path / "t.arrow"))
    dataset.save(table)
    before = pa.total_allocated_bytes()
    loaded = dataset.load()
    assert pa.total_allocated_bytes() == before
    assert loaded.num_rows == 3


def test_a_mapped_table_outlives_the_next_save(tmp_path, table):
    dataset = ArrowTableDataset(str(tmp_path / "t.arrow"))
    dataset.save(table)
    loaded = dataset.load()
    dataset.save(loaded.slice(1))
    assert loaded.equals(table)
    assert dataset.load().num_rows == 2


def test_a_failing_save_leaves_the_table_that_was_there(tmp_path, table):
    dataset = ArrowTableDataset(str(tmp_path / "t.arrow"))
    dataset.save(table)
    with pytest.raises(DatasetError):
        dataset.save("not a table")
    assert dataset.load().equals(table)


def test_a_folder_is_given_as_path_and_never_saved(tmp_path):
    dataset = FolderDataset(str(tmp_path))
    assert dataset.load() == Path(tmp_path)
    with pytest.raises(DatasetError, match="is an input"):
        dataset.save("x")
