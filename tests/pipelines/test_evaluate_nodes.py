"""Nodes of the ``evaluate`` pipeline that join tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.errors import ModelError
from sharprecl.parameters import EvaluateParameters
from sharprecl.pipelines.evaluate.nodes import list_predictions, score_texts
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
        score=lambda rows, tokens_per_pass: SimpleNamespace(logits=logits, embeddings=embeddings),
    )
    assert score_texts(model, table, EvaluateParameters())["row_id"].to_pylist() == [2, 3]


def test_a_model_that_was_trained_on_other_rows_is_refused():
    table = pa.table({"split": ["train", "test"]})
    model = SimpleNamespace(data_digest=table_digest(table.slice(0, 1)))
    with pytest.raises(ModelError, match=r"^model: trained on other rows .*--pipelines=fit,evaluate`"):
        score_texts(model, table, EvaluateParameters())
