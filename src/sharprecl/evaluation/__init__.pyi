from .abstention import abstention_curve, threshold_for_precision
from .calibration import fit_temperature
from .class_size_plot import plot_f1_by_class_size
from .confusion_plot import plot_confusion_matrix
from .embedding_map import embedding_map
from .embedding_plot import plot_embedding_map
from .model_card import model_card
from .predictions import class_probabilities, predictions_table
from .reliability_plot import plot_reliability
from .report import Evaluation, evaluate_scores
from .training_curves import plot_training_curves

__all__ = [
    "Evaluation",
    "abstention_curve",
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
