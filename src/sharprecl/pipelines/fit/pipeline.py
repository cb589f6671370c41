"""Wiring of the ``fit`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.fit.nodes import (
    calibrate_model,
    discard_checkpoints,
    draw_training_curves,
    fit_sharprecl,
)


def create_pipeline(**_: Any) -> Pipeline:
    """Token table → trained, calibrated model and its history."""
    return Pipeline(
        [
            Node(
                fit_sharprecl,
                [
                    "token_table",
                    "label_names",
                    "params:encoder",
                    "params:tokenize",
                    "params:fit",
                    "params:preset",
                    "params:seed",
                    "checkpoint_folder",
                ],
                ["fitted_model", "training_history", "finished_checkpoints"],
                name="fit_sharprecl",
            ),
            Node(
                calibrate_model,
                ["fitted_model", "token_table", "params:evaluate"],
                "model",
                name="calibrate_model",
            ),
            Node(
                discard_checkpoints,
                ["finished_checkpoints", "model"],
                None,
                name="discard_checkpoints",
            ),
            Node(
                draw_training_curves, "training_history", "training_curves_plot", name="draw_training_curves"
            ),
        ]
    )
