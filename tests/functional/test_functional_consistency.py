import math

import pytest
import torch

from sharprecl.functional import consistency_loss
from tests import naive
from tests.functional.pools import seeded


def two_views(texts=4, classes=3):
    return tuple(
        torch.randn(texts, classes, dtype=torch.float64, generator=seeded(seed)).requires_grad_()
        for seed in (1, 2)
    )


def test_loss_and_gradients_equal_the_plain_loop():
    views = two_views()
    loss, expected = consistency_loss(*views), naive.consistency_loss(*views)
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    for gradient, wanted in zip(
        torch.autograd.grad(loss, views), torch.autograd.grad(expected, views), strict=True
    ):
        torch.testing.assert_close(gradient, wanted, rtol=0, atol=1e-9)


def test_gradcheck():
    assert torch.autograd.gradcheck(consistency_loss, two_views())


def test_two_classes_by_hand():
    # p = (3/4, 1/4) and (1/4, 3/4): either divergence is ½ log 3.
    first = torch.tensor([[math.log(3.0), 0.0]], dtype=torch.float64)
    assert consistency_loss(first, -first).item() == pytest.approx(math.log(3) / 2, abs=1e-12)


def test_views_that_agree_cost_nothing_whatever_is_added_to_their_logits():
    first, _ = two_views()
    assert consistency_loss(first, first + 5.0).item() == pytest.approx(0, abs=1e-12)


def test_half_precision_gives_float32():
    first, second = (view.detach().bfloat16() for view in two_views())
    loss = consistency_loss(first, second)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(consistency_loss(first.double(), second.double()).item(), abs=1e-5)


def test_shapes_that_differ_are_refused():
    with pytest.raises(
        ValueError, match=r"^expected two logits \[B, C\] of the same texts, not \[4, 3\] and \[3, 3\]$"
    ):
        consistency_loss(torch.zeros(4, 3), torch.zeros(3, 3))
