"""Stratified splits that leave every class something to learn from."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sharprecl.corpora.carving import MIN_SHARED_TEXTS, carve_splits
from sharprecl.corpora.raw_table import TRAIN, UNSPLIT, name_splits, number_splits
from sharprecl.corpora.text_order import rank_strings
from sharprecl.errors import CorpusError, ParameterError
from sharprecl.parameters import CorpusParameters
from sharprecl.split_names import SPLITS


def split_corpus(
    table: pd.DataFrame, parameters: CorpusParameters, seed: int
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Carve the splits that the source did not give out of the training rows.

    ``test_fraction`` is of each class's texts, ``validation_fraction`` of what is then left, both rounded,
    at least one and leaving at least one to train. Rows of equal text go together. The outcome depends on
    the texts, labels and seed alone, not on the order of the rows.

    Args:
        table: a clean table; ``split`` is missing on rows that are not split yet.
        parameters: the ``corpus`` block.
        seed: of the draw, ≥ 0.

    Returns:
        The table with ``split`` in train, validation, test on every row, and a report: ``carved`` (names of
        splits) and ``rows`` and ``classes`` of each split.

    Raises:
        CorpusError: if no class is large enough to be split.
        ParameterError: if a split is neither given nor given a fraction.
    """
    fractions = {
        name: float(getattr(parameters, f"{name}_fraction"))
        for name in ("test", "validation")
        if not (table["split"] == name).any()
    }
    _check_fractions(fractions)
    splits = number_splits(table["split"])
    labels = rank_strings(table["label"]).to_numpy(np.int64)
    pool = np.flatnonzero((splits == TRAIN) | (splits == UNSPLIT))
    if len(pool):
        text_ids = pd.factorize(rank_strings(table["text"]).to_numpy()[pool], sort=True)[0]
        splits[pool] = carve_splits(text_ids, labels[pool], fractions, seed)
    _check_carved(splits, fractions)
    report = {
        "carved": sorted(fractions),
        "rows": {name: int((splits == number).sum()) for number, name in enumerate(SPLITS)},
        "classes": {name: len(np.unique(labels[splits == number])) for number, name in enumerate(SPLITS)},
    }
    return table.assign(split=name_splits(splits, table.index)), report


def _check_fractions(fractions: dict[str, float]) -> None:
    for name, fraction in fractions.items():
        if fraction == 0.0:
            raise ParameterError(
                f"there is no {name} split: give a file in corpus.{name} "
                f"or set corpus.{name}_fraction above 0"
            )


def _check_carved(splits: NDArray[np.int8], fractions: dict[str, float]) -> None:
    for name in fractions:
        if SPLITS.index(name) not in splits:
            raise CorpusError(
                f"the classes are too small to carve a {name} split "
                f"(it takes {MIN_SHARED_TEXTS} texts of a class); add texts or give a file in corpus.{name}"
            )
