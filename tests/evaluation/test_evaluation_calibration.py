import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from sharprecl.errors import CorpusError
from sharprecl.evaluation.calibration import (
    expected_calibration_error,
    fit_temperature,
    reliability_table,
)
from sharprecl.modeling.temperature import apply_temperature


@pytest.mark.parametrize("logit", [0.7, 2.0, 30.0])
def test_temperature_in_closed_form(logit):
    # All texts score (logit, 0) and three in four are class 0: the optimum says 3/4, at logit / T = ln 3.
    logits = np.tile([logit, 0.0], (8, 1))
    labels = np.array([0, 0, 0, 1] * 2)
    temperature = fit_temperature(logits, labels)
    assert temperature == pytest.approx(logit / np.log(3), rel=1e-4)
    np.testing.assert_allclose(apply_temperature(logits, temperature)[:, 0], 0.75, atol=1e-4)


@pytest.mark.parametrize("factor", [0.05, 1.0, 3.0])
def test_temperature_recovers_a_known_factor(factor):
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(20_000, 5)) * 2
    labels = (honest + rng.gumbel(size=honest.shape)).argmax(axis=1)  # a draw from softmax(honest)
    assert fit_temperature((honest * factor).astype(np.float32), labels) == pytest.approx(factor, rel=0.03)


def test_temperature_of_uninformative_logits_is_one():
    assert fit_temperature(np.zeros((4, 3)), np.array([0, 1, 2, 0])) == 1.0


def test_texts_that_are_all_right_do_not_say_how_sure_to_be(caplog):
    logits = np.array([[0.4, 0.0], [0.0, 0.3], [0.2, 0.1]])
    assert fit_temperature(logits, np.array([0, 1, 0])) == 1.0
    assert caplog.messages == [
        "No validation text is classified wrongly: probabilities are left uncalibrated"
    ]
    assert fit_temperature(logits, np.array([0, 1, 1])) != 1.0


def test_temperature_needs_texts():
    with pytest.raises(CorpusError, match=r"validation: .*corpus\.validation_fraction"):
        fit_temperature(np.empty((0, 3)), np.empty(0, dtype=int))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 100.0))
def test_fitted_temperature_beats_any_other(seed, other):
    rng = np.random.default_rng(seed)
    logits, labels = rng.normal(size=(30, 3)) * 4, rng.integers(0, 3, 30)

    def loss(temperature):
        return -log_softmax(logits / temperature, axis=1)[np.arange(30), labels].mean()

    assert loss(fit_temperature(logits, labels)) <= min(loss(other), loss(1.0)) + 1e-6


def test_probabilities_are_rows_of_one_and_keep_the_order():
    logits = np.array([[1000.0, 0.0, -1000.0], [0.0, 1.0, 2.0]], dtype=np.float32)
    for temperature in (0.01, 1.0, 50.0):
        probabilities = apply_temperature(logits, temperature)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
        assert probabilities.argmax(axis=1).tolist() == [0, 2]
    assert apply_temperature(logits, 2.0)[1] == pytest.approx(apply_temperature(logits / 2, 1.0)[1])


def test_reliability_bins_by_hand():
    probabilities = np.array([[0.5, 0.5], [0.6, 0.4], [0.25, 0.75], [1.0, 0.0]])
    table = reliability_table(probabilities, np.array([0, 1, 1, 0]), bins=4)
    assert table["bin_low"].tolist() == [0.0, 0.25, 0.5, 0.75]
    assert table["bin_high"].tolist() == [0.25, 0.5, 0.75, 1.0]
    assert table["count"].tolist() == [0, 1, 2, 1]  # an upper edge belongs to its bin
    np.testing.assert_allclose(table["confidence"], [np.nan, 0.5, 0.675, 1.0])
    np.testing.assert_allclose(table["accuracy"], [np.nan, 1.0, 0.5, 1.0])
    assert expected_calibration_error(table) == pytest.approx((0.5 + 2 * 0.175 + 0.0) / 4)


def test_one_bin_compares_the_means():
    rng = np.random.default_rng(1)
    probabilities, labels = rng.dirichlet(np.ones(4), 50), rng.integers(0, 4, 50)
    gap = abs(probabilities.max(axis=1).mean() - (probabilities.argmax(axis=1) == labels).mean())
    assert expected_calibration_error(reliability_table(probabilities, labels, bins=1)) == pytest.approx(gap)


def test_honest_confidence_has_no_error():
    probabilities = np.tile([0.75, 0.25], (8, 1))
    labels = np.array([0, 0, 0, 1] * 2)
    assert expected_calibration_error(reliability_table(probabilities, labels, bins=15)) == pytest.approx(0.0)
