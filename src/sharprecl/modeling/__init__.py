"""Encoder, heads and SharpReCL as a transformers model.

What stands here is loaded when it is first used, so that wiring pipelines loads neither torch nor
transformers.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.modeling.configuration import SharpReCLConfig
    from sharprecl.modeling.encoders import check_max_length, load_tokenizer
    from sharprecl.modeling.inference import encode_rows, score_rows
    from sharprecl.modeling.list_column import ListColumn
    from sharprecl.modeling.model import SharpReCL, SharpReCLOutput
    from sharprecl.modeling.model_files import load_model, save_model
    from sharprecl.modeling.prediction import PREDICTION_COLUMNS, predict_columns
    from sharprecl.modeling.predictor import Predictor
    from sharprecl.modeling.score_table import matrix_column, score_table
    from sharprecl.modeling.tokenization import token_statistics, tokenize_texts
    from sharprecl.modeling.trained_model import TrainedModel

__all__ = [
    "PREDICTION_COLUMNS",
    "ListColumn",
    "Predictor",
    "SharpReCL",
    "SharpReCLConfig",
    "SharpReCLOutput",
    "TrainedModel",
    "check_max_length",
    "encode_rows",
    "load_model",
    "load_tokenizer",
    "matrix_column",
    "predict_columns",
    "save_model",
    "score_rows",
    "score_table",
    "token_statistics",
    "tokenize_texts",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "configuration": ["SharpReCLConfig"],
        "encoders": ["check_max_length", "load_tokenizer"],
        "inference": ["encode_rows", "score_rows"],
        "list_column": ["ListColumn"],
        "model": ["SharpReCL", "SharpReCLOutput"],
        "model_files": ["load_model", "save_model"],
        "prediction": ["PREDICTION_COLUMNS", "predict_columns"],
        "predictor": ["Predictor"],
        "score_table": ["matrix_column", "score_table"],
        "tokenization": ["token_statistics", "tokenize_texts"],
        "trained_model": ["TrainedModel"],
    },
)
