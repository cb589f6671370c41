"""Wiring of the ``ablate`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.comparison.ablations import ABLATIONS, CURVES, curve_points
from sharprecl.pipelines import ingest, tokenize
from sharprecl.pipelines.ablate.nodes import FULL, compare_variants, draw_sensitivity, train_variants
from sharprecl.pipelines.compare.pipeline import arm_pipeline, table_pipeline


def create_pipeline(**_: Any) -> Pipeline:
    """Raw corpus → SharpReCL, less or changed in one thing at a time → tests, tables and plots."""
    variants: dict[str, dict[str, dict[str, Any]]] = {FULL: {FULL: {}}}
    variants |= {name: {name: changes} for name, changes in ABLATIONS.items()}
    for key in CURVES:
        points = {name: point for name, point in curve_points().items() if key in point}
        variants[f"varied-{key}"] = points
    names = {name: f"full-{FULL}" if name == FULL else name for name in variants}
    arms = [arm_pipeline(names[name], train_variants(changes)) for name, changes in variants.items()]
    tables = table_pipeline(
        tuple(names.values()), compare_variants, ("profile", "fit", "compare", "seed"), "variant"
    )
    sensitivity = Node(draw_sensitivity, "variant_outcomes", "sensitivity_plot", name="draw_sensitivity")
    return (
        ingest.create_pipeline()
        + tokenize.create_pipeline()
        + Pipeline(arms)
        + tables
        + Pipeline([sensitivity])
    )
