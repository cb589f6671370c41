"""Wiring of the ``fit`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.fit.nodes import (
    calibrate_model,
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
                    "params:launch",
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
                draw_training_curves, "training_history", "training_curves_plot", name="draw_training_curves"
            ),
        ],
        namespace="fit",  # one box on the graph, which opens at a click
        prefix_datasets_with_namespace=False,
    )
