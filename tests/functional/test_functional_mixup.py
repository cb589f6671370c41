"""Hard-mixup: pairs, mixing weights and mixtures."""

import math

import pytest
import torch
from scipy.stats import chisquare, kstest

from sharprecl.functional.mining import HardSet
from sharprecl.functional.mixup import draw_mixing_weights, draw_pairs, mix_pairs
from tests import naive
from tests.functional.pools import make_pool, seeded

# Three classes whose hard sets hold 1, 2 and 4 rows; 99 is filler that must never be drawn.
HARD_SET = HardSet(torch.tensor([[5, 99, 99, 99], [3, 8, 99, 99], [0, 2, 4, 6]]), torch.tensor([1, 2, 4]))


def test_pairs_are_uniform_over_different_rows():
    pairs = draw_pairs(HARD_SET, 6000, seeded())
    assert pairs.shape == (3, 6000, 2)
    assert (pairs[0] == 5).all()
    for c, valid in ((1, {3, 8}), (2, {0, 2, 4, 6})):
        seen, counts = pairs[c].unique(dim=0, return_counts=True)
        assert {tuple(pair) for pair in seen.tolist()} == {(i, j) for i in valid for j in valid if i != j}
        assert chisquare(counts.numpy()).pvalue > 1e-3


@pytest.mark.parametrize("alpha", [0.5, 1.0, 4.0])
def test_mixing_weights_follow_the_beta_distribution(alpha):
    weights = draw_mixing_weights((40, 50), alpha, seeded(), like=torch.zeros(1).double())
    assert weights.shape == (40, 50)
    assert kstest(weights.flatten().numpy(), "beta", args=(alpha, alpha)).pvalue > 1e-3
    assert weights.min() >= 0
    assert weights.max() <= 1


def test_the_smallest_alpha_still_gives_the_beta_distribution():
    # Below it both gamma variates of many draws underflow, and λ is 0.5 where it should be next to 0 or 1.
    weights = draw_mixing_weights((200, 200), 0.01, seeded(), like=torch.zeros(1).double())
    assert weights.var().item() == pytest.approx(1 / (4 * (2 * 0.01 + 1)), rel=1e-2)
    assert not (weights == 0.5).any()


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_mixing_weights_take_the_type_of_the_pool(dtype):
    assert draw_mixing_weights((2, 3), 0.5, seeded(), like=torch.zeros(1, dtype=dtype)).dtype == dtype


def test_mixtures_and_gradients_equal_the_plain_loop():
    pool = make_pool([0, 1, 1], 2).rows.requires_grad_()
    pairs = torch.tensor([[[0, 3], [2, 2]], [[5, 1], [7, 0]]])
    weights = torch.tensor([[0.3, 0.9], [0.0, 1.0]]).double()
    mixed = mix_pairs(pool, pairs, weights)
    probe = torch.randn(mixed.shape, dtype=torch.float64, generator=seeded(4))
    expected = torch.stack(
        [
            torch.stack(naive.mix(pool[i], pool[j], lam))
            for (i, j), lam in zip(pairs.flatten(0, 1).tolist(), weights.flatten().tolist(), strict=True)
        ]
    ).view_as(mixed)
    torch.testing.assert_close(mixed, expected, rtol=0, atol=1e-9)
    (gradient,) = torch.autograd.grad((mixed * probe).sum(), pool)
    (expected_gradient,) = torch.autograd.grad((expected * probe).sum(), pool)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


def test_opposite_rows_that_mix_to_nothing_have_moderate_gradients():
    pool = torch.tensor([[1.0, 0.0], [-1.0, 1e-7]], requires_grad=True)
    mixed = mix_pairs(pool, torch.tensor([[[0, 1]]]), torch.tensor([[0.5]]))
    mixed.sum().backward()
    assert mixed.norm() <= 1
    assert pool.grad.abs().max() < 1e3  # not the 1e7 of a direction that is rounding error


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_short_mixtures_are_unit_rows_in_half_precision_too(dtype):
    angle = torch.tensor(0.9 * math.pi)
    pool = torch.stack((torch.tensor([1.0, 0.0]), torch.stack((angle.cos(), angle.sin())))).to(dtype)
    mixed = mix_pairs(pool, torch.tensor([[[0, 1]]]), torch.tensor([[0.5]], dtype=dtype))
    assert mixed.float().norm().item() == pytest.approx(1, abs=1e-2)  # before it is 0.16


def test_mixture_by_hand():
    mixed = mix_pairs(torch.eye(2).double(), torch.tensor([[[0, 1]]]), torch.tensor([[0.75]]).double())
    torch.testing.assert_close(
        mixed.flatten(), torch.tensor([3.0, 1.0]).double() / 10**0.5, rtol=0, atol=1e-15
    )
