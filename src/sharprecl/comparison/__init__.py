"""Methods compared on one corpus over several seeds: summary, tests, tables and figures.

What stands here is loaded when it is first used, so that wiring pipelines loads neither torch nor plotly.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.comparison.ablations import ABLATIONS, CURVES, curve_points
    from sharprecl.comparison.arms import Arm, method_parameters, variant_of
    from sharprecl.comparison.class_size_plot import plot_class_size_f1_by_method
    from sharprecl.comparison.corpus_splits import ComparisonData
    from sharprecl.comparison.method_arms import FinishedArm
    from sharprecl.comparison.methods import run_method, run_trained
    from sharprecl.comparison.outcomes import arm_score_table, outcome_table, public_metrics
    from sharprecl.comparison.rank_plot import plot_ranking
    from sharprecl.comparison.scored_methods import (
        class_f1_table,
        differences_from_scores,
        prediction_table,
        training_counts,
    )
    from sharprecl.comparison.sensitivity_plot import plot_sensitivity
    from sharprecl.comparison.summary import compare_to_reference, summarize_methods
    from sharprecl.comparison.tables import html_table, markdown_table

__all__ = [
    "ABLATIONS",
    "CURVES",
    "Arm",
    "ComparisonData",
    "FinishedArm",
    "arm_score_table",
    "class_f1_table",
    "compare_to_reference",
    "curve_points",
    "differences_from_scores",
    "html_table",
    "markdown_table",
    "method_parameters",
    "outcome_table",
    "plot_class_size_f1_by_method",
    "plot_ranking",
    "plot_sensitivity",
    "prediction_table",
    "public_metrics",
    "run_method",
    "run_trained",
    "summarize_methods",
    "training_counts",
    "variant_of",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "ablations": ["ABLATIONS", "CURVES", "curve_points"],
        "arms": ["Arm", "method_parameters", "variant_of"],
        "class_size_plot": ["plot_class_size_f1_by_method"],
        "corpus_splits": ["ComparisonData"],
        "method_arms": ["FinishedArm"],
        "methods": ["run_method", "run_trained"],
        "outcomes": ["outcome_table", "public_metrics", "arm_score_table"],
        "rank_plot": ["plot_ranking"],
        "scored_methods": [
            "class_f1_table",
            "differences_from_scores",
            "prediction_table",
            "training_counts",
        ],
        "sensitivity_plot": ["plot_sensitivity"],
        "summary": ["compare_to_reference", "summarize_methods"],
        "tables": ["html_table", "markdown_table"],
    },
)
