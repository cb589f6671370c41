"""Nodes of the ``evaluate`` pipeline that join tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sharprecl import evaluation
from sharprecl.datasets.made_with import read_stamp, stamp_table
from sharprecl.errors import ModelError
from sharprecl.parameters import EvaluateParameters, ProfileParameters
from sharprecl.pipelines.evaluate.nodes import (
    draw_confusion_matrix,
    draw_embedding_map,
    list_predictions,
    measure_scores,
    score_texts,
)
from sharprecl.table_digest import table_digest

CORPUS = pd.DataFrame(
    {
        "row_id": [40, 10, 30, 20],
        "text": ["forty", "ten", "thirty", "twenty"],
        "label": ["b", "a", "a", "b"],
        "split": ["test", "train", "test", "test"],
    }
)
MODEL = SimpleNamespace(label_names=["a", "b"], calibration_temperature=1.0)


def make_scores(row_ids: list[int], splits: list[str]) -> pa.Table:
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [0.0, 0.5]], dtype=np.float32)[: len(row_ids)]
    return pa.table(
        {
            "row_id": row_ids,
            "split": splits,
            "logits": pa.FixedSizeListArray.from_arrays(pa.array(logits.ravel()), 2),
        }
    )


def test_predictions_stand_beside_their_own_texts():
    scores = make_scores([30, 10, 40], ["test", "train", "test"])
    table = list_predictions(CORPUS, scores, MODEL)
    assert table["row_id"].tolist() == [30, 40]
    assert table["text"].tolist() == ["thirty", "forty"]
    assert table["label"].tolist() == ["a", "b"]
    assert table["predicted"].tolist() == ["a", "b"]


def scores_of_both_splits() -> pa.Table:
    """Three test rows and five of validation, which are all of class b and taken for a."""
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [0.0, 0.5], *[[4.0, 0.0]] * 5], dtype=np.float32)
    embeddings = np.eye(8, 3, dtype=np.float32) + 0.1
    return pa.table(
        {
            "row_id": [30, 40, 20, 1, 2, 3, 4, 5],
            "split": ["test"] * 3 + ["validation"] * 5,
            "label_id": [0, 1, 1, *[1] * 5],
            "logits": pa.FixedSizeListArray.from_arrays(pa.array(logits.ravel()), 2),
            "embedding": pa.FixedSizeListArray.from_arrays(pa.array(embeddings.ravel()), 3),
        }
    )


@pytest.mark.parametrize("has_prototypes", [True, False])
def test_the_plots_show_the_test_split(monkeypatch, has_prototypes):
    model = SimpleNamespace(
        label_names=["a", "b"],
        class_counts=[3, 2],
        prototypes=lambda: np.eye(2, 3, dtype=np.float32),
        has_trained_prototypes=has_prototypes,
    )
    seen = {}
    for name in ("plot_confusion_matrix", "embedding_map", "plot_embedding_map"):
        monkeypatch.setattr(evaluation, name, lambda *a, name=name, **k: seen.update({name: a}))
    draw_confusion_matrix(scores_of_both_splits(), model)
    predicted, labels = seen["plot_confusion_matrix"][:2]
    assert (predicted.tolist(), labels.tolist()) == ([0, 1, 1], [0, 1, 1])
    draw_embedding_map(scores_of_both_splits(), model, CORPUS, EvaluateParameters(), 0)
    embeddings, labels, row_ids = seen["embedding_map"][:3]
    assert (labels.tolist(), row_ids.tolist(), len(embeddings)) == ([0, 1, 1], [30, 40, 20], 3)
    assert (seen["embedding_map"][3] is not None) == has_prototypes


@pytest.mark.parametrize("temperature", [1.0, 3.0])
def test_metrics_are_of_their_split_and_calibrated_with_the_models_temperature(temperature):
    model = SimpleNamespace(label_names=["a", "b"], class_counts=[3, 2], calibration_temperature=temperature)
    evaluate = EvaluateParameters(bootstrap_samples=100)
    metrics, per_class, _ = measure_scores(scores_of_both_splits(), model, evaluate, ProfileParameters(), 0)
    assert (metrics["test"]["accuracy"], metrics["validation"]["accuracy"]) == (1.0, 0.0)
    assert per_class["support"].tolist() == [1, 2]
    assert (metrics["test"]["ece_calibrated"] == metrics["test"]["ece"]) == (temperature == 1.0)


def test_a_score_without_its_text_is_no_other_row():
    with pytest.raises(KeyError):
        list_predictions(CORPUS, make_scores([50], ["test"]), MODEL)


@pytest.mark.parametrize("known", [True, False])
def test_held_out_rows_are_scored_by_the_model_of_the_same_table(known):
    table = pa.table({"split": ["train", "validation", "test"], "label_id": [0, 1, 0], "row_id": [1, 2, 3]})
    table = table.append_column("input_ids", pa.array([[1], [2], [3]], pa.list_(pa.int32())))
    logits, embeddings = np.zeros((2, 2), np.float32), np.zeros((2, 3), np.float32)
    model = SimpleNamespace(
        data_digest=table_digest(table) if known else None,
        fingerprint="its own",
        score=lambda rows, tokens_per_pass: SimpleNamespace(logits=logits, embeddings=embeddings),
    )
    scores = score_texts(model, table, EvaluateParameters())
    assert scores["row_id"].to_pylist() == [2, 3]
    assert read_stamp(scores) == {"model": "its own"}


def test_a_model_that_was_trained_on_other_rows_is_refused():
    table = pa.table({"split": ["train", "test"]})
    model = SimpleNamespace(data_digest=table_digest(table.slice(0, 1)))
    with pytest.raises(ModelError, match=r"^model: trained on other rows .*--pipelines=fit,evaluate`"):
        score_texts(model, table, EvaluateParameters())


def test_scores_of_another_model_are_refused():
    scores = stamp_table(scores_of_both_splits(), {"model": "another"})
    model = SimpleNamespace(**vars(MODEL), fingerprint="this one", class_counts=[3, 2])
    message = "scores: made by another model than the one that is evaluated; run the whole of"
    for node in (
        lambda: measure_scores(scores, model, EvaluateParameters(), ProfileParameters(), 0),
        lambda: list_predictions(CORPUS, scores, model),
        lambda: draw_confusion_matrix(scores, model),
        lambda: draw_embedding_map(scores, model, CORPUS, EvaluateParameters(), 0),
    ):
        with pytest.raises(ModelError, match=message):
            node()
    own = SimpleNamespace(**vars(model) | {"fingerprint": "another"})
    assert list_predictions(CORPUS, scores, own)["row_id"].tolist() == [30, 40, 20]
