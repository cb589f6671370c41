import pytest
from pydantic import ValidationError

from sharprecl.parameters import FitParameters, ProfileParameters, apply_preset


def test_default_preset_is_the_block_itself():
    assert apply_preset(FitParameters(), "sharprecl") == FitParameters()


def test_published_preset_is_section_5_with_the_marked_rows_as_released():
    published = apply_preset(FitParameters(), "sharprecl-published")
    assert (published.learning_rate, published.weight_decay, published.epochs) == (5e-5, 4e-5, 30)
    assert (published.batch_size, published.temperature, published.contrastive_weight) == (128, 0.3, 1.0)
    assert (published.num_positives, published.num_negatives) == (0, 0)  # row 1
    assert published.class_weights == "first"  # row 2
    assert published.dropout == 0.0  # row 3
    assert published.logit_scale == "unit"  # row 4
    assert published.exclude_own_copies  # rows without a mark are done right
    assert published.head_norm == "layer"


def test_what_the_user_sets_goes_before_the_preset():
    fit = apply_preset(FitParameters(epochs=2, num_positives=20), "sharprecl-published")
    assert (fit.epochs, fit.num_positives, fit.num_negatives) == (2, 20, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"epoch": 3},
        {"epochs": 0},
        {"temperature": 0.0},
        {"hard_ratio": 1.1},
        {"logit_scale": -1.0},
        {"view": "x"},
    ],
)
def test_unknown_keys_and_values_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        FitParameters(**values)


def test_tail_cannot_reach_above_head():
    with pytest.raises(ValidationError, match="tail_below must not exceed head_above"):
        ProfileParameters(head_above=10, tail_below=20)
