import gc
import json
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
    gc.collect()  # what other tests have left
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


def test_the_preview_is_the_first_rows_in_values_that_json_has(tmp_path):
    dataset = ArrowTableDataset(str(tmp_path / "t.arrow"))
    rows = {
        "ids": [list(range(13)), [1, 2], None],
        "share": [float("nan"), float("inf"), 0.25],
        "text": ["x" * 201, "y" * 200, None],
        "logits": [[0.123456, 2.0], [], [1e-9]],
        "day": pa.array([0, 1, 2], pa.date32()),
    }
    dataset.save(pa.table(rows))
    preview = dataset.preview(nrows=2)
    assert preview == {
        "index": [0, 1],
        "columns": ["ids", "share", "text", "logits", "day"],
        "data": [
            ["0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …", None, "x" * 200 + "…", "0.1235, 2", "1970-01-01"],
            ["1, 2", None, "y" * 200, "", "1970-01-02"],
        ],
    }
    assert json.loads(json.dumps(preview, allow_nan=False)) == preview
    assert len(dataset.preview()["data"]) == 3
