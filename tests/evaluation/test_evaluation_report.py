import numpy as np
import pytest

from sharprecl.errors import CorpusError, ModelError
from sharprecl.evaluation.calibration import expected_calibration_error
from sharprecl.evaluation.metrics import headline_metrics, probability_metrics
from sharprecl.evaluation.report import evaluate_scores
from sharprecl.modeling import apply_temperature
from sharprecl.parameters import EvaluateParameters, ProfileParameters

SETTINGS = {
    "label_names": ["a", "b", "c"],
    "class_counts": [300, 50, 5],
    "temperature": 3.0,
    "evaluate": EvaluateParameters(bootstrap_samples=100, calibration_bins=5),
    "profile": ProfileParameters(),
    "seed": 0,
}
GROUPS = np.array(["head", "medium", "tail"])


@pytest.fixture
def scores() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    return (np.eye(3)[labels] + rng.normal(size=(60, 3))).astype(np.float32) * 3, labels


def test_metrics_before_and_after_scaling(scores):
    logits, labels = scores
    metrics = evaluate_scores(logits, labels, **SETTINGS).metrics
    after = probability_metrics(apply_temperature(logits, 3.0), labels, bins=5)
    before = headline_metrics(apply_temperature(logits, 1.0), labels, GROUPS, bins=5)
    assert metrics == {
        **before,
        "temperature": 3.0,
        **{f"{name}_calibrated": value for name, value in after.items()},
    }
    assert metrics["nll_calibrated"] < metrics["nll"]


def test_tables_and_intervals(scores):
    found = evaluate_scores(*scores, **SETTINGS)
    assert found.per_class["group"].tolist() == GROUPS.tolist()
    assert found.intervals["tail_f1"]["estimate"] == found.metrics["tail_f1"]
    for scaling, name in (("before", "ece"), ("after", "ece_calibrated")):
        bins = found.reliability[found.reliability["scaling"] == scaling]
        assert len(bins) == 5
        assert bins["count"].sum() == 60
        assert expected_calibration_error(bins) == pytest.approx(found.metrics[name])


def test_empty_split_is_named():
    with pytest.raises(CorpusError, match=r"test: .*corpus\.test_fraction"):
        evaluate_scores(np.empty((0, 3)), np.empty(0, dtype=int), **SETTINGS)


def test_broken_logits_are_named(scores):
    logits, labels = scores
    logits[[4, 9], 1] = np.nan
    with pytest.raises(ModelError, match=r"not finite for 2 of 60 texts, .* text 4 .*fit\.learning_rate"):
        evaluate_scores(logits, labels, **SETTINGS)
