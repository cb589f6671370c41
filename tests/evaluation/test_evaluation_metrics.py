import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from sharprecl.evaluation.metrics import headline_metrics, probability_metrics

GROUPS = np.array(["head", "medium", "medium"])


def test_probability_metrics_by_hand():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])
    metrics = probability_metrics(probabilities, np.array([0, 1]), bins=10)
    assert metrics["nll"] == pytest.approx(-(np.log(0.7) + np.log(0.3)) / 2)
    assert metrics["brier"] == pytest.approx((0.09 + 0.04 + 0.01 + 0.01 + 0.49 + 0.36) / 2)
    assert metrics["ece"] == pytest.approx((0.3 + 0.6) / 2)


def test_probability_metrics_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    probabilities, labels = rng.dirichlet(np.ones(4), 80), rng.integers(0, 4, 80)
    metrics = probability_metrics(probabilities, labels)
    assert metrics["nll"] == pytest.approx(log_loss(labels, probabilities, labels=range(4)))
    assert metrics["brier"] == pytest.approx(
        brier_score_loss(labels, probabilities, labels=range(4), scale_by_half=False)
    )


def test_probability_zero_for_the_truth_stays_finite():
    metrics = probability_metrics(np.array([[0.0, 1.0]]), np.array([0]))
    assert metrics["nll"] == pytest.approx(-np.log(np.finfo(float).tiny))
    assert metrics["brier"] == 2.0
    assert metrics["ece"] == 1.0


def test_perfect_predictions():
    metrics = headline_metrics(np.eye(3), np.arange(3), GROUPS)
    assert {name for name, value in metrics.items() if value == 0.0} == {"nll", "brier", "ece"}
    assert {value for name, value in metrics.items() if name not in {"nll", "brier", "ece"}} == {1.0}


def test_f1_of_a_group_without_classes_is_left_out():
    metrics = headline_metrics(np.eye(3), np.arange(3), GROUPS)
    assert "tail_f1" not in metrics
    assert set(metrics) == {
        "accuracy",
        "macro_f1",
        "weighted_f1",
        "balanced_accuracy",
        "mcc",
        "g_mean",
        "worst_recall",
        "head_f1",
        "medium_f1",
        "nll",
        "brier",
        "ece",
    }
    assert all(type(value) is float for value in metrics.values())
