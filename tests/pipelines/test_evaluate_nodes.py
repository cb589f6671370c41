"""Nodes of the ``evaluate`` pipeline that join tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.pipelines.evaluate.nodes import list_predictions

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


def test_a_score_without_its_text_is_no_other_row():
    with pytest.raises(KeyError):
        list_predictions(CORPUS, make_scores([50], ["test"]), MODEL)
