import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from sharprecl.evaluation.metrics import headline_metrics
from sharprecl.evaluation.per_class import per_class_table

GROUPS = np.array(["head", "medium", "tail"])
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.5, 0.4, 0.1]])
LABELS = np.array([0, 0, 1, 1])


@pytest.fixture
def table() -> pd.DataFrame:
    return per_class_table(PROBABILITIES, LABELS, ["a", "b", "c"], [200, 50, 3], GROUPS)


def test_rows_by_hand(table):
    assert table["label"].tolist() == ["a", "b", "c"]
    assert table["group"].tolist() == ["head", "medium", "tail"]
    assert table["train_count"].tolist() == [200, 50, 3]
    assert table["support"].tolist() == [2, 2, 0]
    assert table["predicted"].tolist() == [2, 2, 0]
    for column in ("precision", "recall", "f1"):
        np.testing.assert_allclose(table[column], [0.5, 0.5, np.nan])
    # Class a ranks a (0.8), b (0.5), a (0.3), b (0.2): precision 1/1 and 2/3 at its two texts.
    assert table["pr_auc"][0] == pytest.approx((1 + 2 / 3) / 2)
    assert table["pr_auc"][1] == pytest.approx(average_precision_score(LABELS == 1, PROBABILITIES[:, 1]))
    assert np.isnan(table["pr_auc"][2])


def test_mean_f1_is_the_headline_macro_f1(table):
    assert table["f1"].mean() == pytest.approx(headline_metrics(PROBABILITIES, LABELS, GROUPS)["macro_f1"])
