"""The node of the ``evaluate`` pipeline that writes the report."""

from __future__ import annotations

from typing import Any

import pandas as pd
from plotly.graph_objects import Figure

from sharprecl import reporting
from sharprecl.parameters import (
    Block,
    CorpusParameters,
    EvaluateParameters,
    FitParameters,
    LaunchParameters,
    Preset,
    ProfileParameters,
    TokenizeParameters,
)

_NOWHERE = LaunchParameters().rendezvous


def write_report(
    corpus: CorpusParameters,
    profile: ProfileParameters,
    tokenize: TokenizeParameters,
    fit: FitParameters,
    evaluate: EvaluateParameters,
    launch: LaunchParameters,
    encoder: str,
    preset: Preset,
    seed: int,
    ingest_report: dict[str, Any],
    imbalance_profile: dict[str, Any],
    class_table: pd.DataFrame,
    metrics: dict[str, Any],
    per_class_table: pd.DataFrame,
    predictions: pd.DataFrame,
    **figures: Figure,
) -> str:
    """The report of the run, one page that needs no other file.

    ``ingest_report`` is made by ``ingest``; the profile, the class table and their plots by ``profile``; the
    training curves by ``fit``. So ``kedro run --pipeline=evaluate`` needs all three to have run before.

    Args:
        corpus: the ``corpus`` block.
        profile: the ``profile`` block.
        tokenize: the ``tokenize`` block.
        fit: the ``fit`` block, as configured.
        evaluate: the ``evaluate`` block; its confidence.
        launch: the ``launch`` block; which machine this is, and where the first one is, changes anyway.
        encoder: name of the encoder.
        preset: name of the method.
        seed: of the training.
        ingest_report: what was found and dropped.
        imbalance_profile: the imbalance in numbers.
        class_table: sizes of all classes.
        metrics: by split, with the test split's intervals.
        per_class_table: the test split's classes.
        predictions: the test texts with their predictions.
        figures: plots by their catalog names.

    Returns:
        HTML.
    """
    named = {} if corpus.train else {"name": corpus.name}
    settings = {
        "encoder": encoder,
        "preset": preset,
        "seed": seed,
        "corpus": named | _changed(corpus),
        "profile": _changed(profile),
        "tokenize": _changed(tokenize),
        # What is not set is the preset's; a default that is set is not.
        "fit": fit.model_dump(exclude_unset=True),
        "evaluate": _changed(evaluate),
        "launch": _changed(launch.model_copy(update={"node_rank": 0, "rendezvous": _NOWHERE})),
    }
    return reporting.report_page(
        corpus=corpus.display_name,
        settings=settings,
        ingest_report=ingest_report,
        imbalance_profile=imbalance_profile,
        class_table=class_table,
        metrics=metrics,
        per_class=per_class_table,
        predictions=predictions,
        figures=figures,
        confidence=evaluate.confidence,
    )


def _changed(block: Block) -> dict[str, Any]:
    """The values of a block that are not the defaults."""
    defaults = type(block)().model_dump()
    return {key: value for key, value in block.model_dump().items() if value != defaults[key]}
