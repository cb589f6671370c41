"""The growing share of hard-mixup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharprecl.functional import scheduled_hard_ratio
from tests import naive

RATIO = st.floats(0.0, 1.0)
EPOCH = st.floats(0.0, 200.0)
EPOCHS = st.floats(0.5, 100.0)


@pytest.mark.parametrize(
    ("initial", "epoch", "num_epochs", "expected"),
    [
        (0.5, 0, 30, 0.5),
        (0.5, 15, 30, 0.75),
        (0.5, 30, 30, 1.0),
        (0.5, 45, 30, 1.0),
        (0.2, 1, 4, 0.4),
        (1.0, 3, 8, 1.0),
    ],
)
def test_ratio_by_hand(initial, epoch, num_epochs, expected):
    assert scheduled_hard_ratio(initial, epoch, num_epochs) == pytest.approx(expected, abs=1e-15)


@given(RATIO, EPOCH, EPOCH, EPOCHS)
def test_ratio_never_falls_and_stays_in_its_range(initial, epoch, other, num_epochs):
    early, late = sorted((epoch, other))
    ratio = scheduled_hard_ratio(initial, early, num_epochs)
    assert initial <= ratio <= scheduled_hard_ratio(initial, late, num_epochs) <= 1.0
    assert ratio == pytest.approx(naive.hard_ratio(initial, early, num_epochs), abs=1e-12)
