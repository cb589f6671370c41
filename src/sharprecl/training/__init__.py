"""Training: views and collation, the objective, and the Trainer's wiring."""

from sharprecl.training.fit import FitResult, fit_model

__all__ = ["FitResult", "fit_model"]
