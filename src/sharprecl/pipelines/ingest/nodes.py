"""Nodes of the ``ingest`` pipeline."""

import logging
import math
from typing import Any

import pandas as pd

from sharprecl.corpora import build_long_tail, clean_corpus, split_corpus, validate_labelled_corpus
from sharprecl.datasets.made_with import corpus_settings, stamp_frame
from sharprecl.parameters import CorpusParameters

logger = logging.getLogger(__name__)

_RATIO_TOLERANCE = 0.1
"""Of the imbalance ratio that was asked for; sizes are whole numbers."""


def clean_texts(raw_corpus: pd.DataFrame, corpus: CorpusParameters) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Normalise the texts; keep, drop or refuse blemished rows.

    Args:
        raw_corpus: the raw table.
        corpus: the ``corpus`` block.

    Returns:
        The clean table and the report of what was found.
    """
    table, report = clean_corpus(raw_corpus, corpus)
    counts = [
        f"{row['found']} {name} ({row['policy']})"
        for name, row in report["blemishes"].items()
        if row["found"]
    ]
    logger.info(
        "Cleaned %d texts of %s: %d left; found %s",
        report["rows_in"],
        corpus.display_name,
        report["rows_out"],
        ", ".join(counts) or "no blemish",
    )
    return stamp_frame(table, corpus_settings(corpus)), report


def split_texts(
    clean_corpus: pd.DataFrame, cleaning_report: dict[str, Any], corpus: CorpusParameters, seed: int
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Carve the splits that were not given, then thin train to a long tail if asked to.

    Args:
        clean_corpus: the clean table.
        cleaning_report: report of the cleaning.
        corpus: the ``corpus`` block.
        seed: of the draws.

    Returns:
        The labelled corpus, and the whole report: ``cleaning``, ``splits`` and ``long_tail`` (None if not
        asked for).
    """
    table, split_report = split_corpus(clean_corpus, corpus, seed)
    long_tail_report = None
    if corpus.long_tail is not None:
        table, long_tail_report = build_long_tail(table, corpus.long_tail, seed)
        asked, achieved = (long_tail_report[f"{name}_ratio"] for name in ("requested", "achieved"))
        is_off = not math.isclose(asked, achieved, rel_tol=_RATIO_TOLERANCE)
        logger.log(
            logging.WARNING if is_off else logging.INFO,
            "Thinned the training texts to an imbalance ratio of %.3g; asked for %.3g%s",
            achieved,
            asked,
            ": no text can be added, and sizes are whole numbers" if is_off else "",
        )
    rows = ", ".join(f"{count} {name}" for name, count in table["split"].value_counts().items())
    logger.info("Split into %s; carved: %s", rows, ", ".join(split_report["carved"]) or "nothing")
    report = {"cleaning": cleaning_report, "splits": split_report, "long_tail": long_tail_report}
    settings = corpus_settings(corpus)
    if split_report["carved"] or long_tail_report is not None:
        settings["seed"] = seed
    return stamp_frame(validate_labelled_corpus(table), settings), report
