"""pandas tables on the disk."""

import pandas as pd
import pyarrow as pa
import pytest
from kedro.io import DatasetError

from sharprecl.datasets import ArrowFrameDataset

FRAME = pd.DataFrame({"row_id": [3, 5], "text": ["a", "é"], "split": pd.Series([None, "test"], dtype="str")})


@pytest.fixture
def dataset(tmp_path) -> ArrowFrameDataset:
    return ArrowFrameDataset(str(tmp_path / "new" / "t.arrow"))


def test_a_frame_comes_back_and_pandas_reads_the_file(dataset):
    assert not dataset.exists()
    dataset.save(FRAME)
    assert dataset.exists()
    pd.testing.assert_frame_equal(dataset.load(), FRAME)
    pd.testing.assert_frame_equal(pd.read_feather(dataset._filepath), FRAME)


def test_strings_are_mapped(dataset):
    texts = [f"text {i} " * 10 for i in range(20_000)]
    dataset.save(pd.DataFrame({"text": texts}))
    before = pa.total_allocated_bytes()
    loaded = dataset.load()
    assert pa.total_allocated_bytes() - before < 10_000  # of two million
    assert loaded["text"].tolist() == texts


def test_a_frame_that_was_loaded_outlives_the_next_save(dataset):
    dataset.save(FRAME)
    loaded = dataset.load()
    dataset.save(loaded.head(1))
    pd.testing.assert_frame_equal(loaded, FRAME)
    assert len(dataset.load()) == 1


def test_a_failing_save_leaves_the_frame_that_was_there(dataset):
    dataset.save(FRAME)
    with pytest.raises(DatasetError):
        dataset.save(FRAME.assign(text=[1.5, "a"]))
    pd.testing.assert_frame_equal(dataset.load(), FRAME)


def test_preview_is_the_first_rows(dataset):
    dataset.save(FRAME)
    assert dataset.preview(nrows=1) == {
        "index": [0],
        "columns": ["row_id", "text", "split"],
        "data": [[3, "a", None]],
    }
