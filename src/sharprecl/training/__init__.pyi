from .fit import FitResult, fit_model
from .launch import join_training
from .token_rows import count_training_texts, select_split

__all__ = [
    "FitResult",
    "count_training_texts",
    "fit_model",
    "join_training",
    "select_split",
]
