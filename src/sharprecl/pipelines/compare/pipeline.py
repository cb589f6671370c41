"""Wiring of the ``compare`` pipeline."""

from collections.abc import Sequence
from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.parameters.compare import METHODS
from sharprecl.pipelines import ingest, tokenize
from sharprecl.pipelines.compare.nodes import (
    collect_outcomes,
    collect_scores,
    compare_methods,
    draw_class_sizes,
    draw_ranking,
    list_predictions,
    measure_classes,
    summarize,
    train_method,
)

ARM_INPUTS = ("token_table", "labelled_corpus", "label_names", "arm_folder")
ARM_PARAMETERS = ("encoder", "tokenize", "fit", "compare", "profile")


def arm_pipeline(name: str, function: Any) -> Pipeline:
    """A namespace of its own for what is trained under one name."""
    return Pipeline(
        [
            Node(
                function,
                [
                    "token_table",
                    "labelled_corpus",
                    "label_names",
                    "params:encoder",
                    "params:tokenize",
                    "params:fit",
                    "params:compare",
                    "params:profile",
                    "arm_folder",
                ],
                ["outcomes", "test_scores"],
                name=f"train_{name.replace('-', '_')}",
            )
        ],
        namespace=name,
        inputs=set(ARM_INPUTS),
        outputs={"outcomes": f"{name}_arm_outcomes", "test_scores": f"{name}_arm_scores"},
        parameters={f"params:{block}" for block in ARM_PARAMETERS},
    )


def table_pipeline(names: Sequence[str], compare: Any, blocks: Sequence[str], prefix: str) -> Pipeline:
    """From the outcomes of all arms to tests, which take some ``blocks`` of parameters, tables and plots."""
    of_each = [[f"{name}_arm_{output}" for name in names] for output in ("outcomes", "scores")]
    outcomes, scores = f"{prefix}_outcomes", f"{prefix}_scores"
    differences, class_f1 = f"{prefix}_differences", f"{prefix}_class_f1"
    tables = [f"{prefix}_summary", f"{prefix}_table", f"{prefix}_page"]
    corpus = ["token_table", "label_names"]
    return Pipeline(
        [
            Node(collect_outcomes, of_each[0], outcomes, name=f"collect_{outcomes}"),
            Node(collect_scores, of_each[1], scores, name=f"collect_{scores}"),
            Node(
                compare,
                [scores, *corpus, *(f"params:{block}" for block in blocks)],
                differences,
                name=f"test_{differences}",
            ),
            Node(summarize, [outcomes, differences], tables, name=f"summarize_{outcomes}"),
            Node(
                list_predictions,
                [scores, "label_names"],
                f"{prefix}_predictions",
                name=f"list_{prefix}_predictions",
            ),
            Node(measure_classes, [scores, *corpus], class_f1, name=f"measure_{class_f1}"),
            Node(
                draw_ranking,
                [outcomes, tables[0]],
                f"{prefix}_ranking_plot",
                name=f"draw_{prefix}_ranking",
            ),
            Node(
                draw_class_sizes,
                [class_f1, tables[0], differences],
                f"{prefix}_class_size_plot",
                name=f"draw_{prefix}_class_sizes",
            ),
        ]
    )


def create_pipeline(**_: Any) -> Pipeline:
    """Raw corpus → every method with every seed → tests, tables and plots."""
    arms = [arm_pipeline(method, train_method(method)) for method in METHODS]
    tables = table_pipeline(METHODS, compare_methods, ("profile", "compare", "seed"), "method")
    return ingest.create_pipeline() + tokenize.create_pipeline() + Pipeline(arms) + tables
