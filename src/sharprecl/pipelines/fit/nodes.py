"""Nodes of the ``fit`` pipeline."""

from pathlib import Path
from typing import get_args

import pandas as pd
import pyarrow as pa
from plotly.graph_objects import Figure
from sharprecl.evaluation.training_curves import plot_training_curves
from sharprecl.tracking.live_metrics import log_metrics

from sharprecl.errors import ParameterError
from sharprecl.modeling import TrainedModel
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.parameters import FitParameters, Preset, TokenizeParameters, apply_preset
from sharprecl.training import fit_model


def fit_sharprecl(
    token_table: pa.Table,
    label_names: list[str],
    encoder: str,
    tokenize: TokenizeParameters,
    fit: FitParameters,
    preset: Preset,
    seed: int,
    checkpoint_folder: Path,
) -> tuple[TrainedModel, pd.DataFrame]:
    """Train SharpReCL on the token table.

    Args:
        token_table: token rows of all splits.
        label_names: class names in label order.
        encoder: name of the encoder.
        tokenize: the ``tokenize`` block; its length is saved with the tokenizer.
        fit: the ``fit`` block.
        preset: what ``fit`` takes where it sets nothing itself.
        seed: of all randomness.
        checkpoint_folder: where checkpoints lie while training runs.

    Returns:
        The model with the best validation macro-F1, and the training history.

    Raises:
        ParameterError: if there is no such preset.
    """
    if preset not in get_args(Preset):
        raise ParameterError(f"preset: there is no {preset!r}; choose from {', '.join(get_args(Preset))}")
    tokenizer = load_tokenizer(encoder)
    tokenizer.model_max_length = tokenize.max_length
    return fit_model(
        token_table,
        label_names,
        tokenizer,
        encoder,
        parameters=apply_preset(fit, preset),
        seed=seed,
        checkpoint_folder=checkpoint_folder,
        metrics_sink=log_metrics,
    )


def draw_training_curves(training_history: pd.DataFrame) -> Figure:
    """Loss and validation metrics over epochs."""
    return plot_training_curves(training_history)
