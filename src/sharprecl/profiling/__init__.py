"""What a corpus is like before anything is trained on it: class sizes, text lengths, near duplicates.

What stands here is loaded when it is first used, so that wiring pipelines loads neither torch nor
transformers.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.profiling.advice import advise
    from sharprecl.profiling.class_table import build_class_table, imbalance_measures
    from sharprecl.profiling.near_duplicates import find_near_duplicates
    from sharprecl.profiling.plots import plot_class_sizes, plot_lorenz_curve, plot_text_lengths
    from sharprecl.profiling.text_statistics import text_length_statistics, token_length_statistics

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

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "advice": ["advise"],
        "class_table": ["build_class_table", "imbalance_measures"],
        "near_duplicates": ["find_near_duplicates"],
        "plots": ["plot_class_sizes", "plot_lorenz_curve", "plot_text_lengths"],
        "text_statistics": ["text_length_statistics", "token_length_statistics"],
    },
)
