"""Wiring of the ``ingest`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.pipelines.ingest.nodes import clean_texts, split_texts


def create_pipeline(**_: Any) -> Pipeline:
    """Raw corpus → labelled corpus and the report of what was found, dropped and split."""
    return Pipeline(
        [
            Node(
                clean_texts,
                ["raw_corpus", "params:corpus"],
                ["clean_corpus", "cleaning_report"],
                name="clean_texts",
            ),
            Node(
                split_texts,
                ["clean_corpus", "cleaning_report", "params:corpus", "params:seed"],
                ["labelled_corpus", "ingest_report"],
                name="split_texts",
            ),
        ],
        namespace="ingest",  # one box on the graph, which opens at a click
        prefix_datasets_with_namespace=False,
    )
