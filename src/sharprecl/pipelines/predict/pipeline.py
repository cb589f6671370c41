"""Wiring of the ``predict`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.predict.nodes import score_file


def create_pipeline(**_: Any) -> Pipeline:
    """A file of texts and a registered model → the file with predictions."""
    return Pipeline(
        [Node(score_file, ["input_rows", "champion", "params:predict"], "scored_rows", name="score_file")]
    )
