import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gmean
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    matthews_corrcoef,
    precision_score,
    recall_score,
)

from sharprecl.evaluation.groups import name_groups
from sharprecl.evaluation.tallies import Tally, decision_metrics, tally_decisions

# Class 0: 3 texts, 2 hits. Class 1: 2 texts, 1 hit. Class 2: 1 text, missed. Class 3: no text, one decision.
LABELS = np.array([0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 1, 1, 3, 0])
GROUPS = np.array(["head", "medium", "tail", "tail"])


def test_counts_by_hand():
    tally = tally_decisions(PREDICTED, LABELS, 4)
    assert tally.hits.tolist() == [2, 1, 0, 0]
    assert tally.support.tolist() == [3, 2, 1, 0]
    assert tally.predicted.tolist() == [3, 2, 0, 1]


def test_metrics_by_hand_average_over_classes_with_texts():
    metrics = decision_metrics(tally_decisions(PREDICTED, LABELS, 4), GROUPS)
    assert metrics["accuracy"] == pytest.approx(3 / 6)
    assert metrics["macro_f1"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert metrics["weighted_f1"] == pytest.approx((3 * 2 / 3 + 2 * 1 / 2 + 0) / 6)
    assert metrics["balanced_accuracy"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert metrics["g_mean"] == 0.0
    assert metrics["worst_recall"] == 0.0
    assert metrics["head_f1"] == pytest.approx(2 / 3)
    assert metrics["medium_f1"] == pytest.approx(1 / 2)
    assert metrics["tail_f1"] == 0.0  # of class 2 alone: class 3 has no text


def test_group_without_texts_has_no_f1():
    metrics = decision_metrics(tally_decisions(PREDICTED, LABELS, 4), np.array(["head"] * 3 + ["tail"]))
    assert np.isnan(metrics["tail_f1"])
    assert np.isnan(metrics["medium_f1"])


def test_undefined_ratios_are_missing_not_zero():
    tally = tally_decisions(PREDICTED, LABELS, 4)
    assert np.isnan(tally.recall[3])
    assert np.isnan(tally.f1[3])
    assert np.isnan(tally.precision[2])
    assert tally.precision[3] == 0.0


@pytest.mark.filterwarnings("ignore:A single label was found:UserWarning")
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(2, 7))
def test_parity_with_scikit_learn(seed, num_texts, num_classes):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes, num_texts)
    predicted = np.where(rng.random(num_texts) < 0.6, labels, rng.integers(0, num_classes, num_texts))
    tally = tally_decisions(predicted, labels, num_classes)
    metrics = decision_metrics(tally, np.array(["head"] * num_classes))
    present = np.unique(labels)
    averaged = {"labels": present, "zero_division": 0}
    recalls = recall_score(labels, predicted, average=None, **averaged)
    macro_f1 = f1_score(labels, predicted, average="macro", **averaged)
    assert metrics["accuracy"] == pytest.approx(accuracy_score(labels, predicted))
    assert metrics["macro_f1"] == pytest.approx(macro_f1)
    assert metrics["head_f1"] == pytest.approx(macro_f1)
    assert metrics["weighted_f1"] == pytest.approx(
        f1_score(labels, predicted, average="weighted", **averaged)
    )
    assert metrics["balanced_accuracy"] == pytest.approx(recalls.mean())
    assert metrics["worst_recall"] == pytest.approx(recalls.min())
    assert metrics["g_mean"] == pytest.approx(gmean(recalls) if recalls.min() > 0 else 0.0)
    assert metrics["mcc"] == pytest.approx(matthews_corrcoef(labels, predicted))
    precisions = precision_score(
        labels, predicted, average=None, labels=range(num_classes), zero_division=np.nan
    )
    np.testing.assert_allclose(tally.precision, precisions)


def test_leading_axes_are_separate_sets_of_decisions():
    first = tally_decisions(PREDICTED, LABELS, 4)
    second = tally_decisions(LABELS, LABELS, 4)
    both = decision_metrics(Tally(*(np.stack(pair) for pair in zip(first, second, strict=True))), GROUPS)
    for name, value in decision_metrics(first, GROUPS).items():
        assert both[name][0] == pytest.approx(value, nan_ok=True)
    for name, value in decision_metrics(second, GROUPS).items():
        assert both[name][1] == pytest.approx(value, nan_ok=True)
        assert both[name][1] == pytest.approx(1.0, nan_ok=True)


def test_groups_by_training_size():
    assert name_groups([101, 100, 20, 19], head_above=100, tail_below=20).tolist() == [
        "head",
        "medium",
        "medium",
        "tail",
    ]
