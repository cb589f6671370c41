"""A corpus as the methods of a comparison see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from sharprecl.comparison.arms import data_digest
from sharprecl.modeling import ListColumn
from sharprecl.training import count_training_texts, select_split


@dataclass(frozen=True)
class ComparisonData:
    """Texts, tokens and labels of all splits.

    Attributes:
        token_table: token rows of all splits.
        texts: text by ``row_id``.
        label_names: class names in label order, length C.
        encoder: name of the encoder.
        max_length: tokens of a text at most.
    """

    token_table: pa.Table
    texts: pd.Series
    label_names: list[str]
    encoder: str
    max_length: int

    @cached_property
    def digest(self) -> str:
        """Names the data; see :func:`~sharprecl.comparison.arms.data_digest`."""
        return data_digest(self.token_table, self.label_names, self.encoder)

    @property
    def has_aug_text(self) -> bool:
        """Whether every text has a second wording."""
        return "aug_input_ids" in self.token_table.column_names

    @cached_property
    def class_counts(self) -> np.ndarray:
        """Training texts per class, shape [C]."""
        return count_training_texts(self.token_table, len(self.label_names))

    def split(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Token rows of one split; see :func:`~sharprecl.training.select_split`."""
        return select_split(self.token_table, name, columns)

    def labels(self, split: str) -> np.ndarray:
        """Class ids of one split, shape [N]."""
        labels: np.ndarray = self.split(split, ["label_id"])["label_id"].to_numpy()
        return labels

    def row_ids(self, split: str) -> np.ndarray:
        """Row numbers of one split, shape [N]."""
        row_ids: np.ndarray = self.split(split, ["row_id"])["row_id"].to_numpy()
        return row_ids

    def split_texts(self, split: str) -> list[str]:
        """Texts of one split, in the order of its token rows."""
        return [str(text) for text in self.texts.loc[self.row_ids(split)]]

    def token_rows(self, split: str) -> list[np.ndarray]:
        """Token ids of one split's texts."""
        return ListColumn(self.split(split, ["input_ids"])["input_ids"]).rows()
