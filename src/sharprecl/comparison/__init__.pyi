from .arms import Arm, method_parameters, variant_of, variant_parameters
from .class_size_plot import plot_class_size_f1_by_method
from .corpus_splits import ComparisonData
from .method_arms import FinishedArm
from .methods import run_method, run_trained
from .outcomes import arm_score_table, outcome_table, public_metrics
from .rank_plot import plot_ranking
from .scored_methods import (
    choose_references,
    class_f1_table,
    differences_from_scores,
    prediction_table,
)
from .sensitivity_plot import plot_sensitivity
from .summary import compare_to_reference, summarize_methods
from .tables import comparison_page, markdown_table

__all__ = [
    "Arm",
    "ComparisonData",
    "FinishedArm",
    "arm_score_table",
    "choose_references",
    "class_f1_table",
    "compare_to_reference",
    "comparison_page",
    "differences_from_scores",
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
    "variant_of",
    "variant_parameters",
]
