"""Cleaning: every blemish counted, then kept, dropped or refused as its policy says."""

from typing import Any

import numpy as np
import pandas as pd

from sharprecl.corpora.blemishes import FINDERS, list_rows, training_mask
from sharprecl.corpora.normalization import REPLACEMENT_CHARACTER, normalize_table
from sharprecl.corpora.raw_table import UNSPLIT
from sharprecl.errors import CorpusError
from sharprecl.parameters import CorpusParameters, Policy
from sharprecl.spilling import keep_rows, take_rows
from sharprecl.split_names import SPLITS

EXAMPLE_LENGTH = 60
LAST_OF_SINGLE_ROWS = "split_overlaps"
"""The last blemish of rows; the ones after it are of classes."""
_SPLIT_NAMES = {**dict(enumerate(SPLITS)), UNSPLIT: "unsplit"}


def clean_corpus(
    raw_table: pd.DataFrame, parameters: CorpusParameters
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Normalise the texts and handle every blemish.

    Each blemish is looked for among the rows that the ones before it left, in the order of
    :data:`~sharprecl.corpora.blemishes.FINDERS`.

    Args:
        raw_table: ``row_id``, ``text``, ``label``, perhaps ``aug_text``, and ``split``.
        parameters: the ``corpus`` block, with one policy a blemish.

    Returns:
        The clean table, and a report that can be written as JSON: ``rows_in``, ``rows_out``, ``blemishes``
        (each ``found``, ``policy``, ``dropped`` and dropped rows ``by_split``; ``rows_in`` is ``rows_out``
        plus all dropped) and ``texts_with_replacement_characters``, which some earlier program misread.

    Raises:
        CorpusError: if a blemish was found whose policy is ``fail``, nothing is left of a split or of a class
            that should stay, or fewer than two classes are left.
    """
    table = normalize_table(raw_table)
    rows = given = list_rows(table)
    blemishes: dict[str, dict[str, Any]] = {}
    for name, (find, description) in FINDERS.items():
        mask = find(rows, parameters)
        policy: Policy = getattr(parameters, name)
        _check_policy(name, policy, description, table, rows.index[mask])
        dropped = rows[mask] if policy == "drop" else rows.head(0)
        blemishes[name] = {
            "found": int(mask.sum()),
            "policy": policy,
            "dropped": len(dropped),
            "by_split": dropped["split"].map(_SPLIT_NAMES).value_counts().to_dict(),
        }
        rows = rows[~mask] if len(dropped) else rows
        if name == LAST_OF_SINGLE_ROWS:
            _check_splits(given, rows)
            _check_lost_classes(table["label"], given, rows, parameters.small_classes)
    _check_classes(table["label"], rows)
    _check_splits(given, rows)
    is_kept = np.zeros(len(table), dtype=bool)
    is_kept[rows.index] = True
    clean = keep_rows(table, is_kept)
    damaged = clean["text"].str.contains(REPLACEMENT_CHARACTER, regex=False)
    report = {
        "rows_in": len(raw_table),
        "rows_out": len(clean),
        "blemishes": blemishes,
        "texts_with_replacement_characters": int(damaged.sum()),
    }
    return clean, report


def _check_policy(
    name: str, policy: Policy, description: str, table: pd.DataFrame, at_fault: pd.Index
) -> None:
    # A label outside the model's classes has no label id: such rows cannot be kept.
    is_refused = policy == "fail" or (name == "unseen_labels" and policy == "keep")
    if at_fault.empty or not is_refused:
        return
    place = int(at_fault[0])
    first = take_rows(table, np.array([place])).iloc[0]
    splits = table["split"]
    beside = splits.isna() if pd.isna(first["split"]) else splits == first["split"]
    given = "" if pd.isna(first["split"]) else f" of corpus.{first['split']}"
    raise CorpusError(
        f"{len(at_fault)} rows {description}, first row {int(beside[: place + 1].sum())}{given} with label "
        f"{_shorten(first['label'])} and text {_shorten(first['text'])} (row_id {first['row_id']}); "
        f"mend the data or set corpus.{name}=drop"
    )


def _shorten(text: str) -> str:
    return repr(text if len(text) <= EXAMPLE_LENGTH else f"{text[:EXAMPLE_LENGTH]}…")


def _check_lost_classes(names: pd.Series, given: pd.DataFrame, rows: pd.DataFrame, policy: Policy) -> None:
    """Refuse that cleaning took all texts of a class, unless small classes are dropped anyway."""
    trained = given[training_mask(given)]
    lost = trained[~trained["label_rank"].isin(rows.loc[training_mask(rows), "label_rank"].unique())]
    if lost.empty or policy == "drop" or len(lost) == len(trained):
        return  # of a corpus of which nothing is left another line tells
    of_first = lost["label_rank"] == lost["label_rank"].iloc[0]
    raise CorpusError(
        f"cleaning leaves no training text of class {_shorten(names[lost.index[0]])} (all {of_first.sum()} "
        "are empty, have two labels or stand in another split); mend the data, or set "
        "corpus.small_classes=drop to train without it"
    )


def _check_splits(given: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Refuse that cleaning emptied a split that was given: another would be carved in its place."""
    for place, name in enumerate(SPLITS):
        number = int((given["split"] == place).sum())
        if number and not (rows["split"] == place).any():
            raise CorpusError(
                f"corpus.{name}: cleaning leaves none of its {number} rows; mend them, or change the policy "
                "that takes them (corpus.empty_texts and those after it)"
            )


def _check_classes(names: pd.Series, rows: pd.DataFrame) -> None:
    firsts = rows[training_mask(rows)].drop_duplicates("label_rank").index
    if len(firsts) < 2:
        found = f"only one class ({_shorten(names[firsts[0]])})" if len(firsts) else "no training rows"
        raise CorpusError(
            f"the corpus has {found} after cleaning, and a classifier needs texts of two classes or more; "
            "add some, or name another column in corpus.label"
        )
