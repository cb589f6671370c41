"""How good the predictions are: metrics, intervals, calibration, and the figures that show them."""

from sharprecl.evaluation.calibration import fit_temperature
from sharprecl.evaluation.predictions import class_probabilities, predictions_table
from sharprecl.evaluation.report import Evaluation, evaluate_scores

__all__ = [
    "Evaluation",
    "class_probabilities",
    "evaluate_scores",
    "fit_temperature",
    "predictions_table",
]
