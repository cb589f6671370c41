"""Entries of the catalog that are kept on a disk."""

import re
from pathlib import Path

import pytest

from sharprecl.datasets import (
    ArrowFrameDataset,
    ArrowTableDataset,
    FolderDataset,
    ModelCardDataset,
    ModelFolderDataset,
    RowStreamDataset,
)
from sharprecl.datasets.local_path import local_path
from sharprecl.errors import ParameterError

REMOTE = "s3://bucket/rows.parquet"


@pytest.mark.parametrize("path", ["rows.csv", "/a b/rows.csv", "file:///a b/rows.csv"])
def test_a_path_on_a_disk(path):
    assert local_path(path) == Path(path.removeprefix("file://"))


@pytest.mark.parametrize(
    "make",
    [
        ArrowFrameDataset,
        ArrowTableDataset,
        FolderDataset,
        ModelCardDataset,
        ModelFolderDataset,
        lambda path: RowStreamDataset(filepath=path, project_root="/"),
    ],
)
def test_what_is_on_no_disk_does_not_become_a_folder_of_that_name(make):
    with pytest.raises(ParameterError, match=rf"^{re.escape(REMOTE)}: only files on a disk; mount"):
        make(REMOTE)
