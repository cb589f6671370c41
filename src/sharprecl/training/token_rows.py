"""Token rows of one split as a torch data set."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from torch.utils.data import Dataset

from sharprecl.errors import CorpusError
from sharprecl.modeling.list_column import ListColumn
from sharprecl.parameters import FitParameters
from sharprecl.spilling import spill_table
from sharprecl.training.views import perturb_words

TEXT_COLUMNS = ("label_id", "input_ids")
"""What every training and every scoring needs of a row."""


def select_split(token_table: pa.Table, split: str, columns: Sequence[str] | None = None) -> pa.Table:
    """The rows of one split, on the disk.

    Args:
        token_table: token rows of all splits.
        split: its name.
        columns: those that are wanted; all if not given.

    Returns:
        The rows in their order.
    """
    wanted = token_table.column_names if columns is None else list(columns)
    batches = token_table.to_batches()
    rows = (batch.select(wanted).filter(pc.equal(batch["split"], split)) for batch in batches)
    return spill_table(rows, token_table.select(wanted).schema)


def count_training_texts(token_table: pa.Table, num_classes: int) -> np.ndarray:
    """Training texts per class, shape [C]."""
    in_train = pc.equal(token_table["split"], "train")
    labels = token_table["label_id"].filter(in_train).to_numpy()
    return np.bincount(labels, minlength=num_classes)


class EvaluationRows(Dataset[dict[str, Any]]):
    """Token rows in order, one view each.

    Args:
        table: token rows of one split.
    """

    def __init__(self, table: pa.Table) -> None:
        self.input_ids = ListColumn(table["input_ids"])
        self.labels: np.ndarray = table["label_id"].to_numpy()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"views": (self.input_ids[index],), "label": self.labels[index]}


class TrainingRows(EvaluationRows):
    """Token rows with their second view, if they are to have one.

    The view of a row depends on the seed, the epoch and the row alone, so that a resumed run draws the
    same views as an uninterrupted one.

    Args:
        table: token rows of the training split.
        parameters: the ``fit`` block; says which view.
        seed: of the views.

    Raises:
        CorpusError: if the view is ``aug_text`` and the corpus has none.
    """

    def __init__(self, table: pa.Table, parameters: FitParameters, seed: int) -> None:
        super().__init__(table)
        self.parameters = parameters
        self.seed = seed
        self.epoch = 0
        if parameters.view == "aug_text":
            if "aug_input_ids" not in table.column_names:
                others = "word_dropout" if parameters.dropout == 0.0 else "dropout or word_dropout"
                raise CorpusError(
                    "fit.view is aug_text, but the corpus has no such column: name it with corpus.aug_text, "
                    f"or set fit.view to {others}"
                )
            self.aug_input_ids = ListColumn(table["aug_input_ids"])
        elif parameters.view == "word_dropout":
            self.word_ids = ListColumn(table["word_ids"])

    def set_epoch(self, epoch: int) -> None:
        """Tell which epoch's views to draw."""
        self.epoch = epoch

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = self.input_ids[index]
        has_second = self.parameters.view != "none"
        views = (row, self._second_view(index, row)) if has_second else (row,)
        return {"views": views, "label": self.labels[index]}

    def _second_view(self, index: int, row: np.ndarray) -> np.ndarray:
        if self.parameters.view == "aug_text":
            return self.aug_input_ids[index]
        if self.parameters.view == "word_dropout":
            return perturb_words(
                row,
                self.word_ids[index],
                word_dropout=self.parameters.word_dropout,
                word_swap=self.parameters.word_swap,
                rng=np.random.default_rng((self.seed, self.epoch, index)),
            )
        return row
