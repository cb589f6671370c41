"""Wiring of the ``train`` pipeline: all stages in one run."""

from typing import Any

from kedro.pipeline import Pipeline

from sharprecl.pipelines import evaluate, fit, ingest, profile, tokenize


def create_pipeline(**_: Any) -> Pipeline:
    """Raw corpus → trained and evaluated model."""
    stages = (ingest, profile, tokenize, fit, evaluate)
    return sum((stage.create_pipeline() for stage in stages), start=Pipeline([]))
