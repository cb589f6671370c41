"""How good the predictions are: metrics, intervals, calibration, and the figures that show them.

What stands here is loaded when it is first used, so that wiring pipelines loads neither torch nor
transformers.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.evaluation.abstention import abstention_curve, threshold_for_precision
    from sharprecl.evaluation.calibration import apply_temperature, fit_temperature
    from sharprecl.evaluation.class_size_plot import plot_f1_by_class_size
    from sharprecl.evaluation.confusion_plot import plot_confusion_matrix
    from sharprecl.evaluation.embedding_map import embedding_map
    from sharprecl.evaluation.embedding_plot import plot_embedding_map
    from sharprecl.evaluation.model_card import model_card
    from sharprecl.evaluation.predictions import class_probabilities, predictions_table
    from sharprecl.evaluation.reliability_plot import plot_reliability
    from sharprecl.evaluation.report import Evaluation, evaluate_scores
    from sharprecl.evaluation.training_curves import plot_training_curves

__all__ = [
    "Evaluation",
    "abstention_curve",
    "apply_temperature",
    "class_probabilities",
    "embedding_map",
    "evaluate_scores",
    "fit_temperature",
    "model_card",
    "plot_confusion_matrix",
    "plot_embedding_map",
    "plot_f1_by_class_size",
    "plot_reliability",
    "plot_training_curves",
    "predictions_table",
    "threshold_for_precision",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "abstention": ["abstention_curve", "threshold_for_precision"],
        "calibration": ["apply_temperature", "fit_temperature"],
        "class_size_plot": ["plot_f1_by_class_size"],
        "confusion_plot": ["plot_confusion_matrix"],
        "embedding_map": ["embedding_map"],
        "embedding_plot": ["plot_embedding_map"],
        "model_card": ["model_card"],
        "predictions": ["class_probabilities", "predictions_table"],
        "reliability_plot": ["plot_reliability"],
        "report": ["Evaluation", "evaluate_scores"],
        "training_curves": ["plot_training_curves"],
    },
)
