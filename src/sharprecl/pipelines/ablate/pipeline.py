"""Wiring of the ``ablate`` pipeline."""

from typing import Any

from kedro.pipeline import Node, Pipeline

from sharprecl.parameters import ablation_arms
from sharprecl.pipelines import ingest, tokenize
from sharprecl.pipelines.ablate.nodes import FULL, compare_variants, draw_sensitivity, train_variants
from sharprecl.pipelines.compare.pipeline import arm_pipeline, table_pipeline


def create_pipeline(**_: Any) -> Pipeline:
    """Raw corpus → SharpReCL, less or changed in one thing at a time → tests, tables and plots."""
    variants = {f"full-{FULL}": [str(FULL)]} | ablation_arms()
    arms = [arm_pipeline(arm, train_variants(names)) for arm, names in variants.items()]
    tables = table_pipeline(
        tuple(variants), compare_variants, ("profile", "fit", "compare", "seed"), "variant"
    )
    sensitivity = Node(draw_sensitivity, "variant_outcomes", "sensitivity_plot", name="draw_sensitivity")
    return (
        ingest.create_pipeline()
        + tokenize.create_pipeline()
        + Pipeline(arms)
        + tables
        + Pipeline([sensitivity])
    )
