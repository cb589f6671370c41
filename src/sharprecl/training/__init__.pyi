from .fit import FitResult, fit_model
from .launch import join_training
from .token_rows import select_split

__all__ = [
    "FitResult",
    "fit_model",
    "join_training",
    "select_split",
]
