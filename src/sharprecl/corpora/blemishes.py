"""What can be wrong with the rows of a labelled corpus: one finder a blemish.

A finder takes the rows, as :func:`list_rows` gives them, and the ``corpus`` block, and returns a mask, True
on the rows at fault (those that ``drop`` removes). Rows that are not split yet count as training rows.
"""

from collections.abc import Callable

import pandas as pd

from sharprecl.corpora.raw_table import TRAIN, UNSPLIT, number_splits
from sharprecl.corpora.text_order import rank_strings
from sharprecl.parameters import CorpusParameters

Finder = Callable[[pd.DataFrame, CorpusParameters], "pd.Series[bool]"]


def list_rows(table: pd.DataFrame) -> pd.DataFrame:
    """What the finders look at: numbers alone, so that millions of rows fit in memory.

    Args:
        table: columns ``text``, ``label`` and ``split``.

    Returns:
        Columns ``text_rank`` and ``label_rank``, the same for equal texts and labels; ``split``, its place in
        :data:`~sharprecl.split_names.SPLITS`, or UNSPLIT; and ``is_empty``.
    """
    ranks = {f"{name}_rank": rank_strings(table[name]).astype("int32") for name in ("text", "label")}
    return pd.DataFrame(ranks).assign(split=number_splits(table["split"]), is_empty=table["text"] == "")


def training_mask(rows: pd.DataFrame) -> "pd.Series[bool]":
    """True on rows of train, and on rows that are not split yet."""
    return rows["split"].isin([TRAIN, UNSPLIT])


def find_empty_texts(rows: pd.DataFrame, _: CorpusParameters) -> "pd.Series[bool]":
    """Rows without text."""
    return rows["is_empty"]


def find_duplicates(rows: pd.DataFrame, _: CorpusParameters) -> "pd.Series[bool]":
    """Rows whose text and label stood in an earlier row of the same split."""
    return rows.duplicated(["text_rank", "label_rank", "split"])


def find_label_conflicts(rows: pd.DataFrame, _: CorpusParameters) -> "pd.Series[bool]":
    """All rows of a text that has two or more labels within one split: which is right is unknown."""
    group = rows.groupby(["text_rank", "split"], sort=False).ngroup()
    labels = pd.DataFrame({"group": group, "label": rows["label_rank"]}).drop_duplicates()
    return group.isin(labels.loc[labels["group"].duplicated(), "group"])


def find_split_overlaps(rows: pd.DataFrame, _: CorpusParameters) -> "pd.Series[bool]":
    """Rows of train whose text is in validation or test, and rows of validation whose text is in test.

    Test rows are never at fault: the yardstick stays whole.
    """
    split = rows["split"].clip(lower=TRAIN)
    return split < split.groupby(rows["text_rank"], sort=False).transform("max")


def find_unseen_labels(rows: pd.DataFrame, _: CorpusParameters) -> "pd.Series[bool]":
    """Rows of validation and test whose label no training row has."""
    return ~rows["label_rank"].isin(rows.loc[training_mask(rows), "label_rank"].unique())


def find_small_classes(rows: pd.DataFrame, parameters: CorpusParameters) -> "pd.Series[bool]":
    """All rows, of every split, of classes with fewer than ``min_class_size`` training rows."""
    sizes = rows.loc[training_mask(rows), "label_rank"].value_counts()
    return rows["label_rank"].isin(sizes.index[sizes < parameters.min_class_size])


FINDERS: dict[str, tuple[Finder, str]] = {
    "empty_texts": (find_empty_texts, "have no text"),
    "duplicates": (find_duplicates, "repeat the text and label of an earlier row"),
    "label_conflicts": (find_label_conflicts, "share their text with a row of another label"),
    "split_overlaps": (find_split_overlaps, "have a text that is also in validation or test"),
    "unseen_labels": (find_unseen_labels, "have a label that no training row has"),
    "small_classes": (find_small_classes, "are of classes with too few texts (corpus.min_class_size)"),
}
"""Policy parameter → finder and what to say of its rows, in the order in which they apply."""
