"""Nodes of the ``profile`` pipeline."""

from __future__ import annotations

import logging
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sharprecl import modeling, profiling
from sharprecl.datasets.made_with import read_stamp
from sharprecl.parameters import (
    FitParameters,
    Preset,
    ProfileParameters,
    TokenizeParameters,
    apply_preset,
)

logger = logging.getLogger(__name__)


def list_near_duplicates(
    labelled_corpus: pd.DataFrame, profile: ProfileParameters
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Near-duplicate pairs, and how many there are within and across splits.

    Args:
        labelled_corpus: the labelled corpus.
        profile: the ``profile`` block.

    Returns:
        The listed pairs and the counts of all pairs.
    """
    return profiling.find_near_duplicates(
        labelled_corpus,
        threshold=profile.near_duplicate_threshold,
        max_listed_pairs=profile.max_listed_pairs,
    )


def measure_text_lengths(
    labelled_corpus: pd.DataFrame,
    profile: ProfileParameters,
    tokenize: TokenizeParameters,
    encoder: str,
    seed: int,
) -> dict[str, Any]:
    """Text lengths in characters, words and the encoder's tokens.

    Args:
        labelled_corpus: the labelled corpus.
        profile: the ``profile`` block.
        tokenize: the ``tokenize`` block.
        encoder: whose tokenizer.
        seed: of the sample that is tokenized.

    Returns:
        ``text_lengths`` and ``token_lengths``, each by split.
    """
    token_lengths = profiling.token_length_statistics(
        labelled_corpus,
        modeling.load_tokenizer(encoder),
        max_length=tokenize.max_length,
        batch_size=tokenize.batch_size,
        max_texts=profile.max_tokenized_texts,
        seed=seed,
    )
    return {"text_lengths": profiling.text_length_statistics(labelled_corpus), "token_lengths": token_lengths}


def draw_text_lengths(labelled_corpus: pd.DataFrame) -> go.Figure:
    """Histogram of the words per text, one line a split."""
    return profiling.plot_text_lengths(labelled_corpus)


def measure_imbalance(
    labelled_corpus: pd.DataFrame,
    text_statistics: dict[str, Any],
    near_duplicate_counts: dict[str, Any],
    profile: ProfileParameters,
    fit: FitParameters,
    preset: Preset,
) -> tuple[dict[str, Any], pd.DataFrame, go.Figure, go.Figure]:
    """The imbalance profile, with its table of classes and its plots of them.

    Args:
        labelled_corpus: the labelled corpus.
        text_statistics: from :func:`measure_text_lengths`.
        near_duplicate_counts: from :func:`list_near_duplicates`.
        profile: the ``profile`` block.
        fit: the ``fit`` block, for the batch size.
        preset: what ``fit`` takes where it sets nothing itself.

    Returns:
        The profile, with a note of what the corpus was made with; the class table, the class-size plot and
        the Lorenz plot.
    """
    batch_size = apply_preset(fit, preset).batch_size
    class_table = profiling.build_class_table(
        labelled_corpus,
        batch_size=batch_size,
        head_above=profile.head_above,
        tail_below=profile.tail_below,
    )
    measures = profiling.imbalance_measures(class_table, batch_size)
    imbalance_profile = {**measures, **text_statistics, "near_duplicates": near_duplicate_counts}
    imbalance_profile["made_with"] = read_stamp(labelled_corpus)
    imbalance_profile["advice"] = profiling.advise(imbalance_profile)
    for sentence in imbalance_profile["advice"]:
        logger.info("Note: %s", sentence)
    return (
        imbalance_profile,
        class_table,
        profiling.plot_class_sizes(class_table),
        profiling.plot_lorenz_curve(class_table),
    )
