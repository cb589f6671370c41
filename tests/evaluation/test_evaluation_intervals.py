import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import f1_score

from sharprecl.evaluation import intervals
from sharprecl.evaluation.intervals import bootstrap_intervals
from sharprecl.evaluation.tallies import decision_metrics, tally_decisions

GROUPS = np.array(["head", "medium", "tail"])


@pytest.fixture
def decisions() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    labels = rng.choice(3, size=200, p=[0.7, 0.2, 0.1])
    return np.where(rng.random(200) < 0.7, labels, rng.integers(0, 3, 200)), labels


def test_equal_seeds_give_equal_intervals(decisions):
    first = bootstrap_intervals(*decisions, GROUPS, num_samples=200, seed=0)
    assert first == bootstrap_intervals(*decisions, GROUPS, num_samples=200, seed=0)
    assert first != bootstrap_intervals(*decisions, GROUPS, num_samples=200, seed=1)


def test_estimates_are_the_metrics_of_the_texts_as_they_are(decisions):
    found = bootstrap_intervals(*decisions, GROUPS, num_samples=500, seed=0)
    metrics = decision_metrics(tally_decisions(*decisions, 3), GROUPS)
    assert {name: interval["estimate"] for name, interval in found.items()} == metrics
    for interval in found.values():
        assert interval["low"] < interval["high"]
    assert found["accuracy"]["low"] < found["accuracy"]["estimate"] < found["accuracy"]["high"]


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_accuracy_follows_the_binomial_law(decisions, confidence):
    predicted, labels = decisions
    found = bootstrap_intervals(predicted, labels, GROUPS, num_samples=20_000, confidence=confidence, seed=0)[
        "accuracy"
    ]
    accuracy = (predicted == labels).mean()
    exact = binom.ppf([(1 - confidence) / 2, (1 + confidence) / 2], len(labels), accuracy) / len(labels)
    np.testing.assert_allclose([found["low"], found["high"]], exact, atol=1.01 / len(labels))


def test_macro_f1_agrees_with_resampling_row_by_row(decisions):
    predicted, labels = decisions
    rng = np.random.default_rng(0)
    scores = []
    for _ in range(300):
        rows = rng.integers(0, len(labels), len(labels))
        present = np.unique(labels[rows])
        scores.append(f1_score(labels[rows], predicted[rows], labels=present, average="macro"))
    found = bootstrap_intervals(predicted, labels, GROUPS, num_samples=20_000, seed=0)["macro_f1"]
    unbiased = np.array(scores) - np.mean(scores) + found["estimate"]
    np.testing.assert_allclose(
        [found["low"], found["high"]], np.quantile(unbiased, [0.025, 0.975]), atol=0.015
    )


def test_a_tail_of_single_texts_does_not_move_the_interval_off_its_estimate():
    """Resamples miss each of these classes in more than a third of the cases, and score higher without."""
    labels = np.concatenate((np.repeat(np.arange(10), 40), np.arange(10, 30)))
    predicted = np.where(np.arange(len(labels)) % 10 == 0, 0, labels)
    predicted[400:] = 0
    groups = np.array(["head"] * 10 + ["tail"] * 20)
    found = bootstrap_intervals(predicted, labels, groups, num_samples=500, seed=0)
    for name in ("macro_f1", "balanced_accuracy", "accuracy"):
        assert found[name]["low"] < found[name]["estimate"] < found[name]["high"]


@pytest.mark.parametrize("seed", range(5))
def test_ends_stay_within_what_a_metric_can_be(seed):
    rng = np.random.default_rng(seed)
    labels, predicted = rng.integers(0, 3, 8), rng.integers(0, 3, 8)
    for name, interval in bootstrap_intervals(predicted, labels, GROUPS, num_samples=200, seed=0).items():
        assert (-1 if name == "mcc" else 0) <= interval["low"] <= interval["high"] <= 1


def test_the_least_correlation_is_below_zero():
    labels = np.array([0, 1] * 20)
    found = bootstrap_intervals(1 - labels, labels, GROUPS, num_samples=200, seed=0)["mcc"]
    assert tuple(found.values()) == (-1.0, -1.0, -1.0)


def test_memory_bound_does_not_change_the_result(decisions, monkeypatch):
    whole = bootstrap_intervals(*decisions, GROUPS, num_samples=150, seed=0)
    monkeypatch.setattr(intervals, "_CELLS_AT_ONCE", 70)
    assert bootstrap_intervals(*decisions, GROUPS, num_samples=150, seed=0) == whole


def test_perfect_decisions_have_no_width_even_where_resamples_miss_the_rare_class():
    labels = np.array([0] * 50 + [1] * 50 + [2])
    found = bootstrap_intervals(labels, labels, GROUPS, num_samples=200, seed=0)
    assert set(map(tuple, (interval.values() for interval in found.values()))) == {(1.0, 1.0, 1.0)}
    assert "tail_f1" in found


def test_metric_that_is_undefined_on_the_texts_has_no_interval():
    labels = np.array([0, 0, 1, 1])
    assert "tail_f1" not in bootstrap_intervals(labels, labels, GROUPS, num_samples=100, seed=0)
