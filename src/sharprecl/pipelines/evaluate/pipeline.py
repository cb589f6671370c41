"""Wiring of the ``evaluate`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.evaluate.nodes import (
    draw_class_size_f1,
    draw_confusion_matrix,
    draw_embedding_map,
    draw_reliability,
    list_predictions,
    measure_scores,
    score_texts,
    write_model_card,
)
from sharprecl.pipelines.evaluate.report_node import write_report

# What the report takes under the catalog's own names; the first six are the tables and numbers.
_REPORTED = (
    "ingest_report",
    "imbalance_profile",
    "class_table",
    "metrics",
    "per_class_table",
    "predictions",
    "class_size_plot",
    "lorenz_plot",
    "text_length_plot",
    "training_curves_plot",
    "class_size_f1_plot",
    "confusion_matrix_plot",
    "reliability_plot",
    "embedding_map_plot",
)
# In the order of the node's arguments, from whose types Kedro learns how to check the parameters.
_REPORTED_PARAMETERS = (
    "corpus",
    "profile",
    "tokenize",
    "fit",
    "evaluate",
    "launch",
    "encoder",
    "preset",
    "seed",
)


def create_pipeline(**_: Any) -> Pipeline:
    """Trained model and token table → scores → metrics, tables, plots and the report."""
    return Pipeline(
        [
            Node(score_texts, ["model", "token_table", "params:evaluate"], "scores", name="score_texts"),
            Node(
                measure_scores,
                ["scores", "model", "params:evaluate", "params:profile", "params:seed"],
                ["metrics", "per_class_table", "reliability_table"],
                name="measure_scores",
            ),
            Node(
                list_predictions,
                ["labelled_corpus", "scores", "model"],
                "predictions",
                name="list_predictions",
            ),
            Node(
                write_model_card,
                [
                    "metrics",
                    "per_class_table",
                    "imbalance_profile",
                    "params:corpus",
                    "params:encoder",
                    "params:preset",
                    "params:seed",
                    "params:evaluate",
                ],
                "model_card",
                name="write_model_card",
            ),
            Node(
                draw_confusion_matrix,
                ["scores", "model"],
                "confusion_matrix_plot",
                name="draw_confusion_matrix",
            ),
            Node(draw_class_size_f1, "per_class_table", "class_size_f1_plot", name="draw_class_size_f1"),
            Node(
                draw_reliability, ["reliability_table", "model"], "reliability_plot", name="draw_reliability"
            ),
            Node(
                draw_embedding_map,
                ["scores", "model", "labelled_corpus", "params:evaluate", "params:seed"],
                "embedding_map_plot",
                name="draw_embedding_map",
            ),
            Node(
                write_report,
                {
                    **{name: f"params:{name}" for name in _REPORTED_PARAMETERS},
                    **{name: name for name in _REPORTED},
                },
                "html_report",
                name="write_report",
            ),
        ],
        namespace="evaluate",  # one box on the graph, which opens at a click
        prefix_datasets_with_namespace=False,
    )
