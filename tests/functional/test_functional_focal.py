"""Focal loss."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from sharprecl.functional import focal_loss
from tests.functional import naive_baselines as naive
from tests.functional.pools import seeded

LABELS = [0, 2, 1, 1]
WEIGHTS = torch.tensor([0.3, 1.0, 7.0], dtype=torch.float64)


def random_logits(rows: int = 4, num_classes: int = 3, seed: int = 0) -> torch.Tensor:
    return torch.randn((rows, num_classes), dtype=torch.float64, generator=seeded(seed)).mul_(2)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 5.0])
def test_loss_and_gradient_equal_the_plain_loop(gamma, weights):
    logits = random_logits().requires_grad_()
    loss = focal_loss(logits, torch.tensor(LABELS), gamma=gamma, class_weights=weights)
    expected = naive.focal_loss(logits, LABELS, gamma, None if weights is None else weights.tolist())
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    (gradient,) = torch.autograd.grad(loss, logits)
    (expected_gradient,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_gradcheck(gamma):
    labels = torch.tensor(LABELS)
    assert torch.autograd.gradcheck(
        lambda z: focal_loss(z, labels, gamma=gamma, class_weights=WEIGHTS),
        (random_logits().requires_grad_()),
    )


def test_probabilities_by_hand():
    # p_y = 3/4 and 1/4: (1/4)² log(4/3) and (3/4)² log 4.
    logits = torch.tensor([[math.log(3.0), 0.0], [math.log(3.0), 0.0]], dtype=torch.float64)
    loss = focal_loss(logits, torch.tensor([0, 1]))
    assert loss.item() == pytest.approx((math.log(4 / 3) / 16 + math.log(4) * 9 / 16) / 2, abs=1e-12)
    weighted = focal_loss(logits, torch.tensor([0, 1]), class_weights=torch.tensor([1.0, 4.0]))
    assert weighted.item() == pytest.approx((math.log(4 / 3) / 16 + 4 * math.log(4) * 9 / 16) / 5, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(2, 7), st.integers(0, 1000), st.floats(0, 5), st.floats(0, 5))
def test_invariants(rows, num_classes, seed, gamma, other_gamma):
    logits = random_logits(rows, num_classes, seed)
    labels = torch.randint(num_classes, (rows,), generator=seeded(seed))
    weights = torch.rand(num_classes, dtype=torch.float64, generator=seeded(seed)) + 0.1
    loss = focal_loss(logits, labels, gamma=gamma, class_weights=weights)
    order = torch.randperm(num_classes, generator=seeded(seed))
    for other in (
        focal_loss(logits + 11.0, labels, gamma=gamma, class_weights=weights),
        focal_loss(logits, labels, gamma=gamma, class_weights=weights * 3),
        focal_loss(logits[:, order], order.argsort()[labels], gamma=gamma, class_weights=weights[order]),
    ):
        torch.testing.assert_close(other, loss, rtol=0, atol=1e-10)
    small, large = sorted((gamma, other_gamma))
    assert 0 <= focal_loss(logits, labels, gamma=large) <= focal_loss(logits, labels, gamma=small) + 1e-12
    torch.testing.assert_close(
        focal_loss(logits, labels, gamma=0.0, class_weights=weights),
        cross_entropy(logits, labels, weight=weights),
        rtol=0,
        atol=1e-10,
    )


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("lead", [-1e4, -60.0, 0.0, 60.0, 1e4])
def test_gradient_stays_finite_where_a_probability_rounds_to_0_or_1(gamma, lead):
    logits = torch.tensor([[lead, 0.0]], requires_grad=True)
    loss = focal_loss(logits, torch.tensor([0]), gamma=gamma)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()
    if lead < -1:
        # 1 − p_y rounds to 1: the loss is −log p_y, and falls by one for each unit of the lead.
        assert loss.item() == pytest.approx(-lead)
        assert logits.grad[0].tolist() == pytest.approx([-1.0, 1.0])


def test_digits_of_a_small_loss_are_kept():
    # p_y = 1/(1 + e^{−20}): to first order (1 − p)·(−log p) = e^{−40}, which 1 − p in float32 would lose.
    loss = focal_loss(torch.tensor([[20.0, 0.0]]), torch.tensor([0]), gamma=1.0)
    assert loss.item() == pytest.approx(math.exp(-40), rel=1e-5)


def test_default_gamma_is_two():
    logits, labels = random_logits(), torch.tensor(LABELS)
    assert focal_loss(logits, labels) == focal_loss(logits, labels, gamma=2.0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_raised_to_float32(dtype):
    logits = random_logits().to(dtype).requires_grad_()
    loss = focal_loss(logits, torch.tensor(LABELS), class_weights=WEIGHTS)
    loss.backward()
    exact = focal_loss(logits.detach().double(), torch.tensor(LABELS), class_weights=WEIGHTS)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=1e-5)
    assert logits.grad.dtype == dtype


@pytest.mark.parametrize(
    ("logits", "labels", "options", "message"),
    [
        ((3,), 3, {}, r"expected logits \[B, C\] and labels \[B\], not \[3\] and \[3\]"),
        ((2, 3), 3, {}, r"expected logits \[B, C\] and labels \[B\], not \[2, 3\] and \[3\]"),
        ((2, 1), 2, {}, "focal_loss needs at least two classes: with one every probability is 1"),
        ((2, 3), 2, {"class_weights": torch.ones(2)}, r"class_weights must have shape \[3\], not \[2\]"),
        ((2, 3), 2, {"gamma": -0.5}, "gamma must be at least 0, not -0.5"),
        ((2, 3), 2, {"gamma": math.nan}, "gamma must be at least 0, not nan"),
    ],
)
def test_what_does_not_fit_is_refused(logits, labels, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        focal_loss(torch.zeros(logits), torch.zeros(labels, dtype=torch.long), **options)
