from .configuration import SharpReCLConfig
from .encoders import check_max_length, load_tokenizer
from .inference import encode_rows, score_rows
from .list_column import ListColumn
from .model import SharpReCL, SharpReCLOutput
from .model_files import load_model, save_model
from .prediction import PREDICTION_COLUMNS, predict_columns
from .predictor import Predictor
from .score_table import matrix_column, score_table
from .temperature import apply_temperature
from .tokenization import first_tokens, token_statistics, tokenize_texts
from .trained_model import TrainedModel

__all__ = [
    "PREDICTION_COLUMNS",
    "ListColumn",
    "Predictor",
    "SharpReCL",
    "SharpReCLConfig",
    "SharpReCLOutput",
    "TrainedModel",
    "apply_temperature",
    "check_max_length",
    "encode_rows",
    "first_tokens",
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
