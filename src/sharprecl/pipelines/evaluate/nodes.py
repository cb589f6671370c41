"""Nodes of the ``evaluate`` pipeline."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from plotly.graph_objects import Figure

from sharprecl import evaluation, modeling
from sharprecl.datasets.made_with import read_stamp, stamp_table
from sharprecl.errors import ModelError
from sharprecl.parameters import CorpusParameters, EvaluateParameters, ProfileParameters
from sharprecl.spilling import take_rows
from sharprecl.table_digest import table_digest


def score_texts(
    model: modeling.TrainedModel, token_table: pa.Table, evaluate: EvaluateParameters
) -> pa.Table:
    """Logits and embeddings of the validation and test texts: the one time that the test split is read.

    Args:
        model: the trained model.
        token_table: token rows of all splits.
        evaluate: the ``evaluate`` block; its tokens a pass.

    Returns:
        ``row_id``, ``split``, ``label_id``, ``logits`` and ``embedding`` of each text.

    Raises:
        ModelError: if the model was trained on other rows: its test texts may be among them, or its classes
            other ones.
    """
    if model.data_digest not in (None, table_digest(token_table)):
        raise ModelError(
            "model: trained on other rows than those of token_table (another corpus, encoder, text length or "
            "seed); run `kedro run --pipelines=fit,evaluate` to train on these, or `kedro run "
            "--pipelines=ingest,profile,tokenize,evaluate` with the --env and --params of its training"
        )
    held_out = token_table.filter(pc.is_in(token_table["split"], pa.array(["validation", "test"])))
    scores = modeling.score_table(model, held_out, evaluate.tokens_per_pass)
    return stamp_table(scores, {"model": model.fingerprint})


def measure_scores(
    scores: pa.Table,
    model: modeling.TrainedModel,
    evaluate: EvaluateParameters,
    profile: ProfileParameters,
    seed: int,
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Metrics of the validation and the test split, with intervals and tables of the test split.

    Args:
        scores: from :func:`score_texts`.
        model: for its label names, class counts and calibration.
        evaluate: the ``evaluate`` block.
        profile: the ``profile`` block, which draws the lines between head, medium and tail.
        seed: of the resamples.

    Returns:
        Metrics by split and the test split's intervals; the per-class table; the reliability bins.
    """
    _check_scores(scores, model)
    evaluations = {
        split: evaluation.evaluate_scores(
            modeling.matrix_column(rows, "logits"),
            rows["label_id"].to_numpy(),
            label_names=model.label_names,
            class_counts=model.class_counts,
            temperature=model.calibration_temperature,
            evaluate=evaluate,
            profile=profile,
            seed=seed,
        )
        for split in ("validation", "test")
        for rows in [scores.filter(pc.equal(scores["split"], split))]
    }
    metrics = {split: evaluation.metrics for split, evaluation in evaluations.items()}
    test = evaluations["test"]
    return metrics | {"test_intervals": test.intervals}, test.per_class, test.reliability


def list_predictions(
    labelled_corpus: pd.DataFrame, scores: pa.Table, model: modeling.TrainedModel
) -> pd.DataFrame:
    """The test texts with their predicted labels and calibrated probabilities.

    Args:
        labelled_corpus: the labelled corpus.
        scores: from :func:`score_texts`.
        model: for its label names and calibration.

    Returns:
        The predictions table.
    """
    _check_scores(scores, model)
    test = scores.filter(pc.equal(scores["split"], "test"))
    places = pd.Series(range(len(labelled_corpus)), labelled_corpus["row_id"]).loc[test["row_id"].to_numpy()]
    texts = take_rows(labelled_corpus, places.to_numpy())
    return evaluation.predictions_table(
        texts, modeling.matrix_column(test, "logits"), model.label_names, model.calibration_temperature
    )


def write_model_card(
    metrics: dict[str, Any],
    per_class_table: pd.DataFrame,
    imbalance_profile: dict[str, Any],
    corpus: CorpusParameters,
    encoder: str,
    preset: str,
    seed: int,
    evaluate: EvaluateParameters,
) -> str:
    """The card of the trained model.

    Args:
        metrics: by split, with the test split's intervals.
        per_class_table: the test split's classes.
        imbalance_profile: what the ``profile`` pipeline measured.
        corpus: the ``corpus`` block, for the corpus's name.
        encoder: name of the encoder.
        preset: name of the method.
        seed: of the training.
        evaluate: the ``evaluate`` block; its confidence.

    Returns:
        Markdown.
    """
    return evaluation.model_card(
        metrics,
        per_class_table,
        imbalance_profile,
        corpus=corpus.display_name,
        encoder=encoder,
        method=preset,
        seed=seed,
        confidence=evaluate.confidence,
    )


def draw_confusion_matrix(scores: pa.Table, model: modeling.TrainedModel) -> Figure:
    """Which class is taken for which."""
    _check_scores(scores, model)
    test = scores.filter(pc.equal(scores["split"], "test"))
    predicted = modeling.matrix_column(test, "logits").argmax(axis=1)
    labels = test["label_id"].to_numpy()
    return evaluation.plot_confusion_matrix(predicted, labels, model.label_names, model.class_counts)


def draw_class_size_f1(per_class_table: pd.DataFrame) -> Figure:
    """F1 of each class against its number of training texts."""
    return evaluation.plot_f1_by_class_size(per_class_table)


def draw_reliability(reliability_table: pd.DataFrame, model: modeling.TrainedModel) -> Figure:
    """Accuracy against confidence, before and after calibration."""
    return evaluation.plot_reliability(reliability_table, model.calibration_temperature)


def draw_embedding_map(
    scores: pa.Table,
    model: modeling.TrainedModel,
    labelled_corpus: pd.DataFrame,
    evaluate: EvaluateParameters,
    seed: int,
) -> Figure:
    """A 2-D map of test embeddings and class prototypes, if there are any, with the texts on hover."""
    _check_scores(scores, model)
    test = scores.filter(pc.equal(scores["split"], "test"))
    points = evaluation.embedding_map(
        modeling.matrix_column(test, "embedding"),
        test["label_id"].to_numpy(),
        test["row_id"].to_numpy(),
        model.prototypes() if model.has_trained_prototypes else None,
        model.label_names,
        max_points=evaluate.max_map_points,
        seed=seed,
    )
    texts = labelled_corpus.set_index("row_id")["text"]
    return evaluation.plot_embedding_map(points, model.label_names, texts)


def _check_scores(scores: pa.Table, model: modeling.TrainedModel) -> None:
    """Refuse scores of an earlier command that are another model's.

    Raises:
        ModelError: saying how to score anew.
    """
    scored_by = read_stamp(scores).get("model")
    if scored_by is not None and scored_by != model.fingerprint:
        raise ModelError(
            "scores: made by another model than the one that is evaluated; run the whole of "
            "`kedro run --pipeline=evaluate`"
        )
