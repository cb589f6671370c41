"""Stratified splits that leave every class something to learn from."""

from typing import Any

import numpy as np
import pandas as pd

from sharprecl.corpora.blemishes import training_mask
from sharprecl.corpora.raw_table import SPLITS
from sharprecl.corpora.text_order import rank_strings
from sharprecl.errors import CorpusError, ParameterError
from sharprecl.parameters import CorpusParameters

MIN_SHARED_TEXTS = 3
"""Classes with fewer texts stay in train whole; others give at least one to each split that is carved."""


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
    is_pool = training_mask(table)
    split = table["split"].fillna("train")
    pool_ranks = rank_strings(table["text"])[is_pool]
    split.loc[is_pool] = _carve(pool_ranks, table.loc[is_pool, "label"], fractions, seed)
    _check_carved(split, fractions)
    labels = table["label"].groupby(split)
    report = {
        "carved": sorted(fractions),
        "rows": {name: int(count) for name, count in labels.size().reindex(SPLITS).items()},
        "classes": {name: int(count) for name, count in labels.nunique().reindex(SPLITS).items()},
    }
    return table.assign(split=split), report


def _carve(
    text_ranks: "pd.Series[int]", pool_labels: pd.Series, fractions: dict[str, float], seed: int
) -> "pd.Series[str]":
    """The split of each pool row."""
    # Texts are numbered in sorted order, so that the order of the rows does not matter.
    text_ids = pd.Series(pd.factorize(text_ranks, sort=True)[0], index=text_ranks.index)
    labels = _rarest_labels(text_ids, pool_labels)  # one a text
    draw = pd.Series(np.random.default_rng(seed).permutation(len(labels)))
    position = draw.groupby(labels).rank(method="first") - 1  # 0, 1, ... within the class
    num_texts = labels.groupby(labels).transform("size")
    reserve = 1 + ("validation" in fractions)
    num_test = _share(num_texts, num_texts, fractions.get("test", 0.0), reserve)
    num_validation = _share(num_texts, num_texts - num_test, fractions.get("validation", 0.0), reserve=1)
    conditions = [position < num_test, position < num_test + num_validation]
    carved = np.select(conditions, ["test", "validation"], "train")
    split = pd.Series(carved[text_ids], index=text_ranks.index)
    # Kept label conflicts can carry all texts of a class away: they go back.
    is_lost = ~pool_labels.isin(pool_labels[split == "train"])
    return split.mask(text_ids.isin(text_ids[is_lost]), "train")


def _rarest_labels(text_ids: "pd.Series[int]", labels: pd.Series) -> pd.Series:
    """The label of each text 0, 1, ...; the rarest one of a text that has several."""
    pairs = pd.DataFrame({"text_id": text_ids, "label": labels}).drop_duplicates()
    by_rarity = pairs["label"].value_counts().sort_index().sort_values(kind="stable").index
    rarity = pd.Categorical(pairs["label"], categories=by_rarity).codes
    rarest = pd.Series(rarity, index=pairs["text_id"]).groupby(level=0).min()
    return pd.Series(by_rarity[rarest])


def _share(num_texts: pd.Series, num_left: pd.Series, fraction: float, reserve: int) -> "pd.Series[int]":
    """Texts that each class gives: the rounded fraction of what is left, within bounds."""
    if fraction == 0.0:
        return num_texts * 0
    wanted = (num_left * fraction + 0.5).astype("int64").clip(lower=1)
    return wanted.clip(upper=num_left - reserve).where(num_texts >= MIN_SHARED_TEXTS, 0)


def _check_fractions(fractions: dict[str, float]) -> None:
    for name, fraction in fractions.items():
        if fraction == 0.0:
            raise ParameterError(
                f"there is no {name} split: give a file in corpus.{name} "
                f"or set corpus.{name}_fraction above 0"
            )


def _check_carved(split: pd.Series, fractions: dict[str, float]) -> None:
    for name in fractions:
        if not (split == name).any():
            raise CorpusError(
                f"the classes are too small to carve a {name} split "
                f"(it takes {MIN_SHARED_TEXTS} texts of a class); add texts or give a file in corpus.{name}"
            )
