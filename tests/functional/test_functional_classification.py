"""Balanced softmax."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from sharprecl.functional import balanced_softmax_loss, log_class_prior, prior_compensated_cross_entropy
from tests import naive
from tests.functional.pools import seeded


def random_logits(rows: int, num_classes: int, seed: int = 0) -> torch.Tensor:
    return torch.randn((rows, num_classes), dtype=torch.float64, generator=seeded(seed)).mul_(3)


@pytest.mark.parametrize(
    ("labels", "counts"),
    [([0, 1, 1], [90, 10]), ([2], [5, 1, 300]), ([3, 3, 3, 3], [1, 1, 1, 7])],
)
def test_loss_and_gradient_equal_the_plain_loop(labels, counts):
    logits = random_logits(len(labels), len(counts)).requires_grad_()
    loss = balanced_softmax_loss(logits, torch.tensor(labels), torch.tensor(counts))
    expected = naive.balanced_softmax_loss(logits, labels, counts)
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    (gradient,) = torch.autograd.grad(loss, logits)
    (expected_gradient,) = torch.autograd.grad(expected, logits)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


def test_zero_logits_cost_the_prior_of_the_label():
    loss = balanced_softmax_loss(torch.zeros(3, 2).double(), torch.tensor([0, 0, 1]), torch.tensor([3, 1]))
    assert loss.item() == pytest.approx(-(2 * math.log(0.75) + math.log(0.25)) / 3, abs=1e-12)


def test_logits_that_cancel_the_prior_cost_log_c():
    counts = torch.tensor([50, 7, 1])
    logits = -log_class_prior(counts).expand(4, 3)
    loss = balanced_softmax_loss(logits, torch.tensor([0, 1, 2, 2]), counts)
    assert loss.item() == pytest.approx(math.log(3), abs=1e-12)


def test_gradcheck():
    logits = random_logits(4, 3).requires_grad_()
    labels, counts = torch.tensor([0, 2, 2, 1]), torch.tensor([20, 4, 1])
    assert torch.autograd.gradcheck(lambda z: balanced_softmax_loss(z, labels, counts), (logits,))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(2, 7), st.integers(0, 1000))
def test_invariants(rows, num_classes, seed):
    logits = random_logits(rows, num_classes, seed)
    labels = torch.randint(num_classes, (rows,), generator=seeded(seed))
    counts = torch.randint(1, 500, (num_classes,), generator=seeded(seed + 1))
    loss = balanced_softmax_loss(logits, labels, counts)
    rows_order = torch.randperm(rows, generator=seeded(seed))
    classes_order = torch.randperm(num_classes, generator=seeded(seed))
    relabelled = classes_order.argsort()[labels]
    same = [
        balanced_softmax_loss(logits[rows_order], labels[rows_order], counts),
        balanced_softmax_loss(logits[:, classes_order], relabelled, counts[classes_order]),
        balanced_softmax_loss(logits + 11.0, labels, counts),
        balanced_softmax_loss(logits, labels, counts * 3),
    ]
    for other in same:
        torch.testing.assert_close(other, loss, rtol=0, atol=1e-10)
    flat = balanced_softmax_loss(logits, labels, torch.full_like(counts, 4))
    torch.testing.assert_close(flat, cross_entropy(logits, labels), rtol=0, atol=1e-10)
    assert loss >= 0


def test_thousand_classes_and_a_class_without_texts():
    counts = torch.arange(1000)
    logits = random_logits(1, 1000).requires_grad_()
    loss = balanced_softmax_loss(logits, torch.tensor([999]), counts)
    (gradient,) = torch.autograd.grad(loss, logits)
    assert loss.isfinite()
    assert gradient.isfinite().all()
    assert gradient[0, 0] == 0.0
    # Softmax rows sum to one, so that a row's gradient sums to zero.
    assert gradient.sum().item() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_raised_to_float32(dtype):
    logits = random_logits(6, 4).to(dtype).requires_grad_()
    labels, counts = torch.tensor([0, 1, 2, 3, 3, 0]), torch.tensor([1000, 100, 10, 1])
    loss = balanced_softmax_loss(logits, labels, counts)
    expected = balanced_softmax_loss(logits.double(), labels, counts)
    loss.backward()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(expected.item(), abs=1e-5)
    assert logits.grad.dtype == dtype
    assert logits.grad.isfinite().all()


def test_ready_prior_gives_the_same_loss():
    logits, labels, counts = random_logits(3, 4), torch.tensor([0, 1, 3]), torch.tensor([9, 4, 2, 1])
    ready = prior_compensated_cross_entropy(logits, labels, log_class_prior(counts).float())
    torch.testing.assert_close(ready, balanced_softmax_loss(logits, labels, counts), rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("logits", "labels", "counts", "message"),
    [
        ((3,), (3,), (3,), r"expected logits \[B, C\] and labels \[B\], not \[3\] and \[3\]"),
        ((2, 3), (3,), (3,), r"expected logits \[B, C\] and labels \[B\], not \[2, 3\] and \[3\]"),
        ((2, 3), (2,), (2,), r"class_counts must have shape \[3\], not \[2\]"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(logits, labels, counts, message):
    with pytest.raises(ValueError, match=message):
        balanced_softmax_loss(
            torch.zeros(logits), torch.zeros(labels, dtype=torch.long), torch.ones(counts, dtype=torch.long)
        )


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0, 0], "class_counts are all zero: a prior needs at least one text"),
        ([2, -1], "class_counts has a negative count"),
    ],
)
def test_counts_out_of_range_are_refused(counts, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        balanced_softmax_loss(torch.zeros(1, 2), torch.tensor([0]), torch.tensor(counts))
