"""Nodes of the ``fit`` pipeline."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
from plotly.graph_objects import Figure

from sharprecl import evaluation, modeling, training
from sharprecl.datasets.made_with import training_settings
from sharprecl.parameters import (
    EvaluateParameters,
    FitParameters,
    LaunchParameters,
    Preset,
    TokenizeParameters,
    apply_preset,
)
from sharprecl.tracking.live_metrics import log_metrics


def fit_sharprecl(
    token_table: pa.Table,
    label_names: list[str],
    encoder: str,
    tokenize: TokenizeParameters,
    fit: FitParameters,
    preset: Preset,
    seed: int,
    launch: LaunchParameters,
    checkpoint_folder: Path,
) -> tuple[modeling.TrainedModel, pd.DataFrame, str]:
    """Train SharpReCL on the token table.

    Args:
        token_table: token rows of all splits.
        label_names: class names in label order.
        encoder: name of the encoder.
        tokenize: the ``tokenize`` block; its length is saved with the tokenizer.
        fit: the ``fit`` block.
        preset: what ``fit`` takes where it sets nothing itself.
        seed: of all randomness.
        launch: the ``launch`` block: which processes share the work.
        checkpoint_folder: where checkpoints lie while training runs.

    Returns:
        The model as of the epoch that validation chose, the training history, and the checkpoints' folder.

    Raises:
        ParameterError: if processes cannot share the work as they should.
        SharpreclError: if a process ended before its time.
    """
    tokenizer = modeling.load_tokenizer(encoder)
    tokenizer.model_max_length = tokenize.max_length
    parameters = apply_preset(fit, preset)
    result = training.fit_model(
        token_table,
        label_names,
        tokenizer,
        encoder,
        parameters=parameters,
        seed=seed,
        checkpoint_folder=checkpoint_folder,
        metrics_sink=log_metrics,
        launch=launch,
    )
    trained = result.trained_model.configured(made_with=training_settings(encoder, preset, parameters, seed))
    return trained, result.history, str(result.checkpoints)


def calibrate_model(
    fitted_model: modeling.TrainedModel, token_table: pa.Table, evaluate: EvaluateParameters
) -> modeling.TrainedModel:
    """Choose the temperature that makes the validation split's probabilities honest, and measure with them
    how precise the predictions are from each confidence on.

    Args:
        fitted_model: the trained model.
        token_table: token rows of all splits.
        evaluate: the ``evaluate`` block; its tokens a pass.

    Returns:
        The same weights with both in their configuration. Predicted labels do not change.
    """
    validation = training.select_split(token_table, "validation")
    scores = fitted_model.score(modeling.ListColumn(validation["input_ids"]).rows(), evaluate.tokens_per_pass)
    labels = validation["label_id"].to_numpy()
    temperature = evaluation.fit_temperature(scores.logits, labels)
    probabilities = modeling.apply_temperature(scores.logits, temperature)
    return fitted_model.configured(
        calibration_temperature=temperature,
        abstention_curve=evaluation.abstention_curve(probabilities, labels),
    )


def draw_training_curves(training_history: pd.DataFrame) -> Figure:
    """Loss and validation metrics over epochs."""
    return evaluation.plot_training_curves(training_history)
