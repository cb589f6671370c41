"""Wiring of the ``profile`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.profile.nodes import (
    draw_text_lengths,
    list_near_duplicates,
    measure_imbalance,
    measure_text_lengths,
)


def create_pipeline(**_: Any) -> Pipeline:
    """Labelled corpus → imbalance profile, class table, near duplicates and plots."""
    return Pipeline(
        [
            Node(
                list_near_duplicates,
                ["labelled_corpus", "params:profile"],
                ["near_duplicates", "near_duplicate_counts"],
                name="list_near_duplicates",
            ),
            Node(
                measure_text_lengths,
                ["labelled_corpus", "params:profile", "params:tokenize", "params:encoder", "params:seed"],
                "text_statistics",
                name="measure_text_lengths",
            ),
            Node(draw_text_lengths, "labelled_corpus", "text_length_plot", name="draw_text_lengths"),
            Node(
                measure_imbalance,
                [
                    "labelled_corpus",
                    "text_statistics",
                    "near_duplicate_counts",
                    "params:profile",
                    "params:fit",
                    "params:preset",
                ],
                ["imbalance_profile", "class_table", "class_size_plot", "lorenz_plot"],
                name="measure_imbalance",
            ),
        ],
        namespace="profile",  # one box on the graph, which opens at a click
        prefix_datasets_with_namespace=False,
    )
