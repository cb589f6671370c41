import numpy as np
import pandas as pd
import pytest

from sharprecl.evaluation.predictions import class_probabilities, predictions_table

LABEL_NAMES = ["probability", "text", "a,b; ()"]
LOGITS = np.array([[2.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=np.float32)


@pytest.fixture
def rows() -> pd.DataFrame:
    frame = {"row_id": [7, 3], "text": ["one", "two"], "label": ["probability", "text"], "split": "test"}
    return pd.DataFrame(frame, index=[40, 11])


def test_rows_by_hand(rows):
    table = predictions_table(rows, LOGITS, LABEL_NAMES, temperature=2.0)
    names = ["row_id", "text", "label", "predicted", "correct", "probability"]
    assert table.columns.tolist() == [*names, "p[probability]", "p[text]", "p[a,b; ()]"]
    assert table["row_id"].tolist() == [7, 3]
    assert table["text"].tolist() == ["one", "two"]
    assert table["predicted"].tolist() == ["probability", "a,b; ()"]
    assert table["correct"].tolist() == [True, False]
    np.testing.assert_allclose(
        table["probability"], [np.e / (np.e + 2), np.exp(0.5) / (np.exp(0.5) + 2)], rtol=1e-6
    )
    np.testing.assert_allclose(table.filter(like="p[").sum(axis=1), 1.0, rtol=1e-6)
    assert set(table.dtypes.iloc[5:]) == {np.dtype("float32")}


def test_parquet_keeps_the_table(rows, tmp_path):
    table = predictions_table(rows, LOGITS, LABEL_NAMES)
    table.to_parquet(tmp_path / "predictions.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "predictions.parquet"), table)


def test_temperature_changes_probabilities_not_predictions():
    cold, hot = (class_probabilities(LOGITS, LABEL_NAMES, temperature) for temperature in (0.5, 5.0))
    assert cold["predicted"].equals(hot["predicted"])
    assert (cold["probability"] > hot["probability"]).all()


def test_no_texts_give_an_empty_table(rows):
    table = predictions_table(rows.iloc[:0], LOGITS[:0], LABEL_NAMES)
    assert table.empty
    assert "p[text]" in table.columns


def test_rows_and_logits_must_match(rows):
    with pytest.raises(ValueError, match="2 rows, but 1 rows of logits"):
        predictions_table(rows, LOGITS[:1], LABEL_NAMES)
