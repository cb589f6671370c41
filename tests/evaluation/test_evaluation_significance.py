"""Paired tests, held against plain loops over resamples, full enumeration and hand-computed values."""

import itertools
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import f1_score

from sharprecl.evaluation import significance
from sharprecl.evaluation.multiple_testing import holm
from sharprecl.evaluation.significance import approximate_randomization, paired_bootstrap
from sharprecl.evaluation.tallies import decision_metrics, tally_decisions

GROUPS = np.array(["head", "medium", "tail"])
METRICS = list(decision_metrics(tally_decisions(np.array([0]), np.array([0]), 3), GROUPS))


def _predict(rng: np.random.Generator, labels: np.ndarray, share_right: float, num_seeds: int) -> np.ndarray:
    shape = (num_seeds, len(labels))
    return np.where(rng.random(shape) < share_right, labels, rng.integers(0, 3, shape))


@pytest.fixture
def decisions() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two methods, three seeds, 120 texts."""
    rng = np.random.default_rng(3)
    labels = np.concatenate((rng.choice(3, size=114, p=[0.7, 0.2, 0.1]), [0, 0, 1, 1, 2, 2]))
    return _predict(rng, labels, 0.70, 3), _predict(rng, labels, 0.66, 3), labels


def _plain_difference(predicted, reference, labels) -> float:
    """The mean over seeds of macro-F1 less macro-F1, by scikit-learn."""
    present = np.unique(labels)
    scores = [
        [f1_score(labels, row, labels=present, average="macro", zero_division=0) for row in rows]
        for rows in (predicted, reference)
    ]
    return float(np.mean(np.subtract(*scores)))


def _plain_bootstrap(predicted, reference, labels, strata, num_samples, rng) -> np.ndarray:
    differences = []
    for _ in range(num_samples):
        members = [np.flatnonzero(np.isin(labels, classes)) for classes in strata]
        rows = np.concatenate([rng.choice(rows, len(rows)) for rows in members])
        differences.append(_plain_difference(predicted[:, rows], reference[:, rows], labels[rows]))
    return np.array(differences)


class TestPairedBootstrap:
    @pytest.mark.parametrize("metric", METRICS)
    def test_estimate_is_the_mean_over_seeds(self, decisions, metric):
        predicted, reference, labels = decisions
        found = paired_bootstrap(*decisions, GROUPS, metric=metric, num_samples=10, seed=0)
        expected = [
            np.mean([decision_metrics(tally_decisions(row, labels, 3), GROUPS)[metric] for row in rows])
            for rows in (predicted, reference)
        ]
        assert found.estimate == pytest.approx(expected[0] - expected[1], abs=1e-12)

    def test_every_resample_is_scored_as_plain_rows_are(self, decisions, monkeypatch):
        """The same resamples, written out text by text, give the same quantiles and p-value."""
        drawn = []
        draw = significance._resampled_sizes

        def remember(cells, *args):
            for sizes in draw(cells, *args):
                drawn.append((cells, sizes))
                yield sizes

        monkeypatch.setattr(significance, "_resampled_sizes", remember)
        found = paired_bootstrap(*decisions, GROUPS, num_samples=60, confidence=0.9, seed=0)
        differences = []
        for cells, chunk in drawn:
            for sizes in chunk:
                labels = np.repeat(cells.labels, sizes)
                assert len(labels) == len(decisions[2])
                assert np.sum(labels == 0) == np.sum(decisions[2] == 0)  # a stratum of its own
                predicted, reference = np.split(np.repeat(cells.predicted, sizes, axis=0).T, 2)
                differences.append(_plain_difference(predicted, reference, labels))
        assert len(differences) == 60
        np.testing.assert_allclose(found[1:3], np.quantile(differences, [0.05, 0.95]), atol=1e-12)
        fewer = min(np.sum(np.array(differences) <= 0), np.sum(np.array(differences) >= 0))
        assert found.p_value == pytest.approx(2 * (fewer + 1) / 61)

    def test_agrees_with_resampling_text_by_text(self, decisions):
        assert sorted(np.bincount(decisions[2]))[0] < significance.MIN_STRATUM
        differences = _plain_bootstrap(*decisions, [[2, 1], [0]], 400, np.random.default_rng(1))
        found = paired_bootstrap(*decisions, GROUPS, num_samples=20_000, seed=0)
        spread = differences.std()
        np.testing.assert_allclose(found[1:3], np.quantile(differences, [0.025, 0.975]), atol=0.3 * spread)
        assert found.high - found.low == pytest.approx(2 * 1.96 * spread, rel=0.12)

    @pytest.mark.parametrize(("min_stratum", "num_resamples"), [(1, 3**3 * 2**2), (20, 5**5)])
    def test_follows_the_law_of_all_resamples(self, monkeypatch, min_stratum, num_resamples):
        """Within each class or, where they are small, of both together: all resamples are as likely, and
        give the exact quantiles and the exact p-value."""
        monkeypatch.setattr(significance, "MIN_STRATUM", min_stratum)
        labels = np.array([0, 0, 0, 1, 1])
        predicted = np.array([[0, 1, 0, 1, 0]])
        reference = np.array([[0, 0, 1, 0, 0]])
        strata = [[0, 1, 2], [3, 4]] if min_stratum == 1 else [[0, 1, 2, 3, 4]]
        draws = [itertools.product(places, repeat=len(places)) for places in strata]
        rows = [np.concatenate(parts).astype(int) for parts in itertools.product(*draws)]
        assert len(rows) == num_resamples
        exact = np.array(
            [_plain_difference(predicted[:, row], reference[:, row], labels[row]) for row in rows]
        )
        found = paired_bootstrap(predicted, reference, labels, GROUPS, num_samples=40_000, seed=0)
        shares = min(np.mean(exact < 1e-9), np.mean(exact > -1e-9))
        assert found.p_value == pytest.approx(2 * shares, abs=0.015)
        np.testing.assert_allclose(
            found[1:3], np.quantile(exact, [0.025, 0.975], method="inverted_cdf"), atol=1e-12
        )

    def test_equal_methods_do_not_differ(self, decisions):
        predicted, _, labels = decisions
        found = paired_bootstrap(predicted, predicted, labels, GROUPS, num_samples=50, seed=0)
        assert found == (0.0, 0.0, 0.0, 1.0)

    def test_all_right_against_all_wrong(self):
        labels = np.array([0, 0, 1, 1, 2])
        found = paired_bootstrap(labels[None], (labels[None] + 1) % 3, labels, GROUPS, num_samples=99, seed=0)
        assert found == pytest.approx((1.0, 1.0, 1.0, 2 / 100))

    def test_methods_in_turn_give_the_opposite(self, decisions):
        predicted, reference, labels = decisions
        found = paired_bootstrap(predicted, reference, labels, GROUPS, num_samples=8000, seed=0)
        turned = paired_bootstrap(reference, predicted, labels, GROUPS, num_samples=8000, seed=0)
        assert turned.estimate == pytest.approx(-found.estimate)
        np.testing.assert_allclose([turned.low, turned.high], [-found.high, -found.low], atol=0.006)

    def test_wider_with_more_confidence(self, decisions):
        narrow, wide = (
            paired_bootstrap(*decisions, GROUPS, confidence=confidence, seed=0) for confidence in (0.5, 0.99)
        )
        assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high

    @pytest.mark.parametrize("metric", ["macro_f1", "tail_f1"])
    def test_one_text_alone_decides_nothing(self, metric):
        """Resampled within its class it would be in every resample, and the interval a point."""
        labels = np.array([0] * 30 + [1] * 30 + [2])
        reference = labels.copy()
        reference[-1] = 0
        found = paired_bootstrap(
            labels[None], reference[None], labels, GROUPS, metric=metric, num_samples=200, seed=0
        )
        assert found.low == 0.0
        assert 0.3 < found.estimate <= found.high
        assert found.p_value > 0.5

    @pytest.mark.parametrize(
        ("sizes", "expected"),
        [
            ([30, 20, 25], [[1], [2], [0]]),
            ([30, 19, 25], [[1, 2], [0]]),  # 19 are too few, and the next larger class joins them
            ([60, 10, 12, 25], [[1, 2], [3], [0]]),
            ([60, 1, 0, 25], [[1, 3], [0]]),
            ([5, 6], [[0, 1]]),
        ],
    )
    def test_strata_have_enough_texts_and_as_few_classes_as_that_takes(self, sizes, expected):
        labels = np.repeat(np.arange(len(sizes)), sizes)
        cells = significance._distinct_cells(labels[None], labels[None], labels, len(sizes))
        found = [sorted(set(cells.labels[places])) for places in significance._strata(cells)]
        assert found == [sorted(classes) for classes in expected]


class TestApproximateRandomization:
    def test_accuracy_follows_the_sign_test(self):
        """Of texts that one method alone has right, each is a fair coin: the exact binomial test."""
        labels = np.zeros(40, dtype=int)
        predicted, reference = np.zeros((1, 40), dtype=int), np.zeros((1, 40), dtype=int)
        reference[0, :12] = 1  # 12 texts right by the method alone
        predicted[0, 12:16] = 1  # 4 by the reference alone
        found = approximate_randomization(
            predicted, reference, labels, GROUPS, metric="accuracy", num_samples=40_000, seed=0
        )
        assert found == pytest.approx(binomtest(12, 16).pvalue, abs=0.006)

    def test_follows_the_law_of_all_swaps(self):
        """2⁸ ways to change sides, seeds together."""
        rng = np.random.default_rng(5)
        labels = np.array([0, 0, 0, 1, 1, 1, 2, 2])
        predicted, reference = _predict(rng, labels, 0.8, 2), _predict(rng, labels, 0.3, 2)
        exact = []
        for swaps in itertools.product([False, True], repeat=8):
            sides = np.where(swaps, reference, predicted), np.where(swaps, predicted, reference)
            exact.append(abs(_plain_difference(*sides, labels)))
        p_value = np.mean(np.array(exact) >= exact[0] - 1e-9)
        assert 0.02 < p_value < 0.6  # else any test would agree
        found = approximate_randomization(predicted, reference, labels, GROUPS, num_samples=40_000, seed=0)
        assert found == pytest.approx(p_value, abs=0.01)

    def test_equal_methods_do_not_differ(self, decisions):
        predicted, _, labels = decisions
        assert approximate_randomization(predicted, predicted, labels, GROUPS, num_samples=50, seed=0) == 1.0

    def test_all_right_against_all_wrong(self):
        labels = np.repeat([0, 1, 2], 20)
        found = approximate_randomization(
            labels[None], (labels[None] + 1) % 3, labels, GROUPS, num_samples=99, seed=0
        )
        assert found == pytest.approx(1 / 100)

    def test_two_sided(self, decisions):
        predicted, reference, labels = decisions
        found = approximate_randomization(predicted, reference, labels, GROUPS, num_samples=8000, seed=0)
        turned = approximate_randomization(reference, predicted, labels, GROUPS, num_samples=8000, seed=1)
        assert 0.0001 < found < 0.5
        assert turned == pytest.approx(found, abs=0.02)


def test_few_texts_a_class_do_not_make_a_difference_of_none():
    """Among alike methods a nominal 5 % test finds no more than 5 % different, however small the classes."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(9), [60, 30, 12, 5, 4, 3, 2, 1, 1])
    groups = np.array(["head"] * 9)
    found = []
    for trial in range(200):
        both = rng.random(len(labels)) < 0.6
        pair = [
            np.where(both | (rng.random(len(labels)) < 0.5), labels, rng.integers(0, 9, len(labels)))[None]
            for _ in range(2)
        ]
        found.append(paired_bootstrap(*pair, labels, groups, num_samples=200, seed=trial).p_value)
    assert np.mean(np.array(found) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_p_values_are_uniform_where_the_methods_are_alike():
    rng = np.random.default_rng(0)
    bootstrap, randomization = [], []
    for trial in range(150):
        labels = np.repeat([0, 1, 2], [60, 40, 30])
        pair = _predict(rng, labels, 0.5, 2), _predict(rng, labels, 0.5, 2)
        bootstrap.append(paired_bootstrap(*pair, labels, GROUPS, num_samples=200, seed=trial).p_value)
        randomization.append(approximate_randomization(*pair, labels, GROUPS, num_samples=200, seed=trial))
    for p_values in (np.array(bootstrap), np.array(randomization)):
        # Three standard errors of a share of 150.
        for level in (0.1, 0.25, 0.5, 0.75):
            allowed = 3 * np.sqrt(level * (1 - level) / 150)
            assert np.mean(p_values <= level) == pytest.approx(level, abs=allowed)


def _bootstrap_p(*args, **options) -> float:
    return paired_bootstrap(*args, **options).p_value


@pytest.mark.parametrize("test", [paired_bootstrap, approximate_randomization])
class TestBoth:
    def test_equal_seeds_give_equal_results(self, test, decisions):
        first = test(*decisions, GROUPS, num_samples=300, seed=0)
        assert first == test(*decisions, GROUPS, num_samples=300, seed=0)
        assert first != test(*decisions, GROUPS, num_samples=300, seed=1)

    def test_memory_bound_does_not_change_the_result(self, test, decisions, monkeypatch):
        whole = test(*decisions, GROUPS, num_samples=150, seed=0)
        monkeypatch.setattr(significance, "_CELLS_AT_ONCE", 700)
        assert test(*decisions, GROUPS, num_samples=150, seed=0) == whole

    def test_order_of_texts_is_of_no_account(self, test, decisions):
        order = np.random.default_rng(0).permutation(len(decisions[2]))
        shuffled = (rows[..., order] for rows in decisions)
        whole = test(*decisions, GROUPS, num_samples=150, seed=0)
        assert test(*shuffled, GROUPS, num_samples=150, seed=0) == whole

    def test_metric_that_is_undefined_gives_nan(self, test):
        labels = np.array([0, 1])
        found = test(labels[None], labels[None], labels, GROUPS, metric="tail_f1", num_samples=10, seed=0)
        assert np.isnan(found).all()

    def test_more_evidence_with_more_texts(self, test, decisions):
        p_value = _bootstrap_p if test is paired_bootstrap else test
        few = p_value(*decisions, GROUPS, num_samples=1000, seed=0)
        many = p_value(*(np.tile(rows, 4) for rows in decisions), GROUPS, num_samples=1000, seed=0)
        assert many < few

    def test_unknown_metric(self, test, decisions):
        with pytest.raises(ValueError, match=r"metric 'f2' is none of accuracy, macro_f1, .*tail_f1$"):
            test(*decisions, GROUPS, metric="f2", seed=0)

    @pytest.mark.parametrize(
        ("predicted", "reference"), [((3, 4), (2, 4)), ((3, 5), (3, 5)), ((4,), (4,)), ((1, 3, 4), (1, 3, 4))]
    )
    def test_shapes_that_do_not_fit(self, test, predicted, reference):
        message = f"of one shape [seeds, texts], not {predicted} and {reference} for 4 labels"
        rows = np.zeros(predicted, dtype=int), np.zeros(reference, dtype=int), np.zeros(4, dtype=int)
        with pytest.raises(ValueError, match=re.escape(message)):
            test(*rows, GROUPS, seed=0)

    @pytest.mark.parametrize("wrong", [-1, 3])
    @pytest.mark.parametrize("where", [0, 1, 2])
    def test_class_ids_out_of_range(self, test, where, wrong):
        rows = [np.zeros((2, 4), dtype=int), np.zeros((2, 4), dtype=int), np.zeros(4, dtype=int)]
        rows[where][..., 1] = wrong
        with pytest.raises(ValueError, match=r"^class ids must lie between 0 and 2$"):
            test(*rows, GROUPS, seed=0)


class TestHolm:
    @pytest.mark.parametrize(
        ("p_values", "adjusted"),
        [
            ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),  # 3·.01, max(2·.03, .04), 2·.03, 4·.005
            ([0.04, 0.02], [0.04, 0.04]),
            ([0.5, 0.4, 0.9], [1.0, 1.0, 1.0]),
            ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
            ([0.3], [0.3]),
            ([], []),
        ],
    )
    def test_hand_computed(self, p_values, adjusted):
        assert holm(p_values) == pytest.approx(adjusted)

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
    @settings(max_examples=50, deadline=None)
    def test_keeps_the_order_and_lies_between_none_and_bonferroni(self, p_values):
        adjusted = np.array(holm(p_values))
        plain = np.array(p_values)
        assert (adjusted >= plain).all()
        assert (adjusted <= np.minimum(len(plain) * plain, 1.0) + 1e-12).all()
        assert (np.diff(adjusted[np.argsort(plain, kind="stable")]) >= 0).all()

    @pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
    def test_refuses_what_is_no_probability(self, wrong):
        with pytest.raises(ValueError, match=r"p-values must lie between 0 and 1, not \[0\.5, "):
            holm([0.5, wrong])
