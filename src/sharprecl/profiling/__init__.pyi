from .advice import advise
from .class_table import build_class_table, imbalance_measures
from .near_duplicates import find_near_duplicates
from .plots import plot_class_sizes, plot_lorenz_curve, plot_text_lengths
from .text_statistics import text_length_statistics, token_length_statistics

__all__ = [
    "advise",
    "build_class_table",
    "find_near_duplicates",
    "imbalance_measures",
    "plot_class_sizes",
    "plot_lorenz_curve",
    "plot_text_lengths",
    "text_length_statistics",
    "token_length_statistics",
]
