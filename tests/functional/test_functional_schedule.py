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


@pytest.mark.parametrize(
    ("initial", "final", "epoch", "expected"),
    [
        (0.2, 0.6, 0, 0.2),
        (0.2, 0.6, 2, 0.4),
        (0.2, 0.6, 9, 0.6),
        (0.8, 0.0, 1, 0.6),
        (0.8, 0.0, 4, 0.0),
        (0.8, 0.0, 5, 0.0),
        (0.3, 0.3, 3, 0.3),
    ],
)
def test_ratio_moves_up_or_down_to_the_final_one_and_stays(initial, final, epoch, expected):
    assert scheduled_hard_ratio(initial, epoch, 4, final) == pytest.approx(expected, abs=1e-15)


@given(RATIO, RATIO, EPOCH, EPOCH, EPOCHS)
def test_ratio_stays_between_its_ends_and_never_turns(initial, final, epoch, other, num_epochs):
    early, late = (
        scheduled_hard_ratio(initial, t, num_epochs, final_ratio=final) for t in sorted((epoch, other))
    )
    low, high = sorted((initial, final))
    assert low <= early <= high
    assert abs(late - final) <= abs(early - final)
    expected = naive.hard_ratio(initial, min(epoch, other), num_epochs, final)
    assert early == pytest.approx(expected, abs=1e-12)


@given(RATIO, EPOCH, EPOCHS)
def test_ratio_without_a_final_one_is_the_published_one_bit_for_bit(initial, epoch, num_epochs):
    published = min(initial + (1.0 - initial) * epoch / num_epochs, 1.0)
    assert scheduled_hard_ratio(initial, epoch, num_epochs) == published


@given(RATIO, EPOCH, EPOCH, EPOCHS)
def test_ratio_never_falls_and_stays_in_its_range(initial, epoch, other, num_epochs):
    early, late = sorted((epoch, other))
    ratio = scheduled_hard_ratio(initial, early, num_epochs)
    assert initial <= ratio <= scheduled_hard_ratio(initial, late, num_epochs) <= 1.0
    assert ratio == pytest.approx(naive.hard_ratio(initial, early, num_epochs), abs=1e-12)
