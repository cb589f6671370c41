"""Wiring of the ``tokenize`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.tokenize.nodes import list_label_names, tokenize_corpus


def create_pipeline(**_: Any) -> Pipeline:
    """Labelled corpus → label names and token table."""
    return Pipeline(
        [
            Node(list_label_names, "labelled_corpus", "label_names", name="list_label_names"),
            Node(
                tokenize_corpus,
                ["labelled_corpus", "label_names", "params:encoder", "params:tokenize"],
                ["token_table", "token_statistics"],
                name="tokenize_corpus",
            ),
        ],
        namespace="tokenize",  # one box on the graph, which opens at a click
        prefix_datasets_with_namespace=False,
    )
