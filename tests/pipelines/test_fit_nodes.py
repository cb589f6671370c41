"""Nodes of the ``fit`` pipeline."""

import numpy as np
import pyarrow as pa
import pytest
import torch

from sharprecl.evaluation import abstention_curve, fit_temperature
from sharprecl.modeling import TrainedModel, apply_temperature, load_tokenizer
from sharprecl.parameters import EvaluateParameters, FitParameters
from sharprecl.pipelines.fit.nodes import calibrate_model
from sharprecl.training.build import build_model


@pytest.fixture
def trained() -> TrainedModel:
    torch.manual_seed(0)
    model = build_model("random-tiny", ["a", "b"], [2, 2], FitParameters()).eval()
    return TrainedModel(model, load_tokenizer("random-tiny"))


def test_calibration_reads_the_validation_split_alone(trained):
    rows = [np.array(ids, dtype=np.int32) for ids in np.random.default_rng(0).integers(5, 60, (40, 6))]
    logits = trained.score(rows, progress=False).logits
    # Mostly right on validation and mostly wrong on the others.
    right = logits.argmax(axis=1)
    splits = np.array(["validation", "test", "train", "validation"] * 10)
    labels = np.where((splits == "validation") ^ (np.arange(40) % 8 == 0), right, 1 - right)
    table = pa.table(
        {
            "row_id": range(40),
            "split": splits,
            "label_id": pa.array(labels, pa.int32()),
            "input_ids": pa.array([row.tolist() for row in rows], pa.list_(pa.int32())),
        }
    )
    calibrated = calibrate_model(trained, table, EvaluateParameters())
    config = calibrated.model.config
    assert trained.model.config.calibration_temperature == 1.0  # what comes in stays as it is
    assert calibrated.model.encoder is trained.model.encoder
    np.testing.assert_array_equal(calibrated.score(rows, progress=False).logits, logits)
    held_out = splits == "validation"
    temperature = fit_temperature(logits[held_out], labels[held_out])
    assert config.calibration_temperature == pytest.approx(temperature)
    assert temperature != pytest.approx(fit_temperature(logits[splits == "test"], labels[splits == "test"]))
    probabilities = apply_temperature(logits[held_out], temperature)
    expected = abstention_curve(probabilities, labels[held_out])
    np.testing.assert_allclose(config.abstention_curve, expected, atol=1e-6)
