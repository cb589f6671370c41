"""The node of the ``predict`` pipeline, and the served model beside it."""

import math
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import torch

from sharprecl.corpora.row_stream import RowStream
from sharprecl.modeling import TrainedModel, load_tokenizer
from sharprecl.parameters import FitParameters, PredictParameters
from sharprecl.pipelines.predict.nodes import score_file
from sharprecl.tracking.served_model import ServedModel
from sharprecl.training.build import build_model

TEXTS = ["cat dog", "red blue", "car truck", "lion", "green pink plane", "bus", "the horse of", ""]


@pytest.fixture
def trained() -> TrainedModel:
    torch.manual_seed(0)
    model = build_model("random-tiny", ["a", "b", "c"], [4, 2, 1], FitParameters()).eval()
    model.config.calibration_temperature = 3.0
    return TrainedModel(model, load_tokenizer("random-tiny"))


def scored(trained: TrainedModel, precision: str = "fp32", **predict: float):
    rows = RowStream(iter([pa.table({"text": TEXTS[:5]}), pa.table({"text": TEXTS[5:]})]), len(TEXTS))
    stream = score_file(rows, trained, PredictParameters(input="x.csv", precision=precision, **predict))
    return pa.concat_tables(stream.tables).to_pandas()


def test_rows_abstain_below_the_threshold_of_the_wanted_precision(trained):
    trained.model.config.abstention_curve = [[0.0, 0.0, 1.0]]
    probabilities = scored(trained, wanted_precision=0.0)["probability"].to_numpy()[:-1]
    low, high = np.sort(probabilities)[[2, 3]]
    threshold = float((low + high) / 2)
    trained.model.config.abstention_curve = [[0.0, 0.5, 1.0], [threshold, 0.9, 0.5]]
    table = scored(trained, wanted_precision=0.9)
    assert table["abstain"].tolist() == [*(probabilities < threshold).tolist(), True]  # empty texts always
    assert 0 < table["abstain"].sum() < len(table)
    assert scored(trained, wanted_precision=0.5)["abstain"].tolist() == [False] * 7 + [True]


def test_where_no_confidence_was_precise_enough_every_row_abstains(trained, caplog):
    trained.model.config.abstention_curve = [[0.0, 0.5, 1.0]]
    assert scored(trained, wanted_precision=0.95)["abstain"].all()
    assert caplog.messages == [
        "No confidence reached a precision of 0.95 on the validation split: every row is marked abstain"
    ]


def test_the_served_model_says_what_predict_says(trained, tmp_path):
    """Label and calibrated probability: not that of temperature 1."""
    folder = tmp_path / "model"
    trained.save(folder)
    served = ServedModel()
    served.load_context(SimpleNamespace(artifacts={"checkpoint": str(folder)}))
    answers = served.predict(None, TEXTS)
    table = scored(trained, "auto")
    assert answers["label"].tolist() == table["predicted"].tolist()
    np.testing.assert_allclose(answers["probability"], table["probability"], atol=1e-3)
    trained.model.config.calibration_temperature = 1.0
    assert (
        math.isclose(scored(trained, "auto")["probability"][0], table["probability"][0], abs_tol=1e-2)
        is False
    )
