import math

import pytest
import torch
from torch import nn

from sharprecl.modeling.dropout import BitDropout, drop_by_bits, replace_dropout


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("probability", [0.1, 0.5, 0.9])
def test_share_and_scale(probability, dtype):
    torch.manual_seed(0)
    count = 400_003
    dropped = drop_by_bits(torch.ones(count, dtype=dtype), probability)
    kept = dropped != 0
    tolerance = 4 * math.sqrt(probability * (1 - probability) / count)
    assert kept.float().mean().item() == pytest.approx(1 - probability, abs=tolerance)
    scale = torch.tensor(1 / (1 - probability), dtype=dtype)
    torch.testing.assert_close(dropped[kept], scale.expand(int(kept.sum())), rtol=1e-4, atol=0)


def test_neighbours_are_dropped_independently():
    # Four elements share one draw of 64 bits: each pair of lanes must be as independent as any.
    torch.manual_seed(0)
    kept = (drop_by_bits(torch.ones(400_000), 0.5) != 0).float().view(-1, 4)
    assert (torch.corrcoef(kept.T) - torch.eye(4)).abs().max() < 0.02
    assert kept.mean(dim=0).tolist() == pytest.approx([0.5] * 4, abs=0.01)


def test_zero_probability_keeps_everything():
    values = torch.randn(5, 3)
    assert drop_by_bits(values, 0.0) is values


def test_a_probability_next_to_one_keeps_finite_values():
    torch.manual_seed(0)
    dropped = drop_by_bits(torch.ones(400_000), 0.999999)
    assert set(dropped.unique().tolist()) <= {0.0, 2.0**16}


def test_gradient_is_the_mask_that_was_drawn():
    torch.manual_seed(3)
    values = torch.ones(50, 7, dtype=torch.float64, requires_grad=True)
    dropped = drop_by_bits(values, 0.3)
    dropped.sum().backward()
    assert torch.equal(values.grad, dropped.detach())


def test_same_seed_same_mask():
    masks = []
    for _ in range(2):
        torch.manual_seed(5)
        masks.append(drop_by_bits(torch.ones(1000), 0.1))
    assert torch.equal(*masks)


def test_every_dropout_is_replaced_and_sleeps_in_evaluation():
    model = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.4), nn.Sequential(nn.Dropout(0.2)))
    replace_dropout(model)
    assert [module.p for module in model.modules() if type(module) is BitDropout] == [0.4, 0.2]
    assert not [module for module in model.modules() if type(module) is nn.Dropout]
    values = torch.randn(4, 2)
    model.eval()
    assert torch.equal(model(values), model[0](values))
    model.train()
    assert not torch.equal(model(values), model[0](values))
