import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.evaluation import abstention_curve, threshold_for_precision
from sharprecl.evaluation.abstention import MAX_POINTS

CONFIDENCE = [0.9, 0.8, 0.8, 0.6]
CORRECT = [True, True, False, False]


def scores(confidence, correct):
    """Two classes; class 0 is predicted everywhere."""
    confidence = np.asarray(confidence, dtype=float)
    return np.column_stack((confidence, 1 - confidence)), np.where(correct, 0, 1)


def test_curve_by_hand():
    curve = abstention_curve(*scores(CONFIDENCE, CORRECT))
    assert curve == [[0.0, 0.5, 1.0], [0.8, pytest.approx(2 / 3), 0.75], [0.9, 1.0, 0.25]]


@pytest.mark.parametrize(
    ("wanted", "threshold"), [(0.0, 0.0), (0.5, 0.0), (0.6, 0.8), (0.67, 0.9), (1.0, 0.9)]
)
def test_lowest_threshold_that_is_precise_enough(wanted, threshold):
    assert threshold_for_precision(abstention_curve(*scores(CONFIDENCE, CORRECT)), wanted) == threshold


def test_precision_out_of_reach_abstains_everywhere():
    assert threshold_for_precision(abstention_curve(*scores([0.9, 0.7], [False, False])), 0.5) == math.inf
    assert threshold_for_precision([], 0.5) == math.inf


def test_no_texts_no_points():
    assert abstention_curve(np.empty((0, 2)), np.empty(0, dtype=int)) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.5, 1), st.booleans()), min_size=1, max_size=600))
def test_each_point_is_what_its_threshold_keeps(pairs):
    probabilities, labels = scores(*zip(*pairs, strict=True))
    curve = abstention_curve(probabilities, labels)
    assert 1 <= len(curve) <= MAX_POINTS
    assert [point[0] for point in curve] == sorted({point[0] for point in curve})
    for threshold, precision, coverage in curve:
        kept = probabilities.max(axis=1) >= threshold
        assert coverage == pytest.approx(kept.mean())
        assert precision == pytest.approx((probabilities.argmax(axis=1) == labels)[kept].mean())
