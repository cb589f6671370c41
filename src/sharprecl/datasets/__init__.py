"""Kedro dataset classes of the project."""

from sharprecl.datasets.arrow_frame import ArrowFrameDataset
from sharprecl.datasets.arrow_table import ArrowTableDataset
from sharprecl.datasets.corpus import CorpusDataset
from sharprecl.datasets.folder import FolderDataset
from sharprecl.datasets.model_card import ModelCardDataset
from sharprecl.datasets.model_folder import ModelFolderDataset
from sharprecl.datasets.row_stream import RowStreamDataset, TextFileDataset

__all__ = [
    "ArrowFrameDataset",
    "ArrowTableDataset",
    "CorpusDataset",
    "FolderDataset",
    "ModelCardDataset",
    "ModelFolderDataset",
    "RowStreamDataset",
    "TextFileDataset",
]
