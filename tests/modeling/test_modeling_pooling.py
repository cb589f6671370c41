import pytest
import torch

from sharprecl.modeling.pooling import pool_tokens

STATES = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [100.0, 100.0]]])
MASK = torch.tensor([[1, 1, 0]])


def test_first_token():
    torch.testing.assert_close(pool_tokens(STATES, MASK, "first"), torch.tensor([[1.0, 2.0]]))


def test_mean_leaves_padding_out():
    torch.testing.assert_close(pool_tokens(STATES, MASK, "mean"), torch.tensor([[2.0, 4.0]]))


@pytest.mark.parametrize("pooling", ["first", "mean"])
def test_half_precision_comes_out_in_float32(pooling):
    assert pool_tokens(STATES.bfloat16(), MASK, pooling).dtype == torch.float32


@pytest.mark.parametrize("pooling", ["first", "mean"])
def test_float64_stays(pooling):
    assert pool_tokens(STATES.double(), MASK, pooling).dtype == torch.float64


def test_other_names_are_refused():
    with pytest.raises(ValueError, match="pooling must be 'first' or 'mean', not 'max'"):
        pool_tokens(STATES, MASK, "max")
