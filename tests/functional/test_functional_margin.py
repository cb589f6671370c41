"""Label-distribution-aware margins."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from sharprecl.functional import label_margins, margin_cross_entropy
from tests.functional import naive_baselines as naive
from tests.functional.pools import seeded

LABELS = [0, 2, 1, 1]
WEIGHTS = torch.tensor([0.3, 1.0, 7.0], dtype=torch.float64)
MARGINS = torch.tensor([0.1, 0.25, 0.5], dtype=torch.float64)
COUNTS = st.lists(st.integers(1, 10_000), min_size=2, max_size=8)


def random_cosines(rows: int = 4, num_classes: int = 3, seed: int = 0) -> torch.Tensor:
    return torch.rand((rows, num_classes), dtype=torch.float64, generator=seeded(seed)).mul_(2).sub_(1)


def test_margins_by_hand():
    margins = label_margins(torch.tensor([1, 16, 81]))
    assert margins.dtype == torch.float64
    assert margins.tolist() == pytest.approx([1 / 2, 1 / 4, 1 / 6], abs=1e-15)
    assert label_margins(torch.tensor([16.0, 256.0]), max_margin=3.0).tolist() == pytest.approx([3.0, 1.5])
    assert label_margins(torch.tensor([16.0, 256.0])).dtype == torch.float32


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.floats(0, 2), st.integers(2, 9))
def test_margins_of_any_counts(counts, max_margin, factor):
    margins = label_margins(torch.tensor(counts), max_margin)
    assert margins.tolist() == pytest.approx(naive.label_margins(counts, max_margin), abs=1e-12)
    assert margins.max().item() == max_margin
    assert margins[counts.index(min(counts))] == margins.max()
    more = label_margins(torch.tensor(counts) * factor, max_margin)
    torch.testing.assert_close(more, margins, rtol=0, atol=1e-12)


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_loss_and_gradient_equal_the_plain_loop(scale, weights):
    cosines = random_cosines().requires_grad_()
    loss = margin_cross_entropy(
        scale * cosines, torch.tensor(LABELS), MARGINS, scale=scale, class_weights=weights
    )
    expected = naive.margin_cross_entropy(
        cosines, LABELS, MARGINS.tolist(), scale, None if weights is None else weights.tolist()
    )
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    (gradient,) = torch.autograd.grad(loss, cosines)
    (expected_gradient,) = torch.autograd.grad(expected, cosines)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


def test_gradcheck_through_a_learned_scale():
    labels, scale = torch.tensor(LABELS), torch.tensor(4.0, dtype=torch.float64)

    def loss(cosines: torch.Tensor, learned: torch.Tensor) -> torch.Tensor:
        return margin_cross_entropy(learned * cosines, labels, MARGINS, scale=learned, class_weights=WEIGHTS)

    assert torch.autograd.gradcheck(loss, (random_cosines().requires_grad_(), scale.requires_grad_()))


def test_margin_by_hand():
    # Equal cosines: the true class trails by s m_y, and costs log(1 + e^{s m_y}) among two classes.
    margins = torch.tensor([0.5, 0.2], dtype=torch.float64)
    logits = torch.ones(2, 2, dtype=torch.float64)
    loss = margin_cross_entropy(logits, torch.tensor([0, 1]), margins, scale=10.0)
    each = [math.log1p(math.exp(5)), math.log1p(math.exp(2))]
    assert loss.item() == pytest.approx(sum(each) / 2, abs=1e-12)
    weighted = margin_cross_entropy(
        logits, torch.tensor([0, 1]), margins, scale=10.0, class_weights=torch.tensor([1.0, 3.0])
    )
    assert weighted.item() == pytest.approx((each[0] + 3 * each[1]) / 4, abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 6), st.integers(2, 7), st.integers(0, 1000), st.floats(0.1, 50))
def test_invariants(rows, num_classes, seed, scale):
    logits = scale * random_cosines(rows, num_classes, seed)
    labels = torch.randint(num_classes, (rows,), generator=seeded(seed))
    margins = torch.rand(num_classes, dtype=torch.float64, generator=seeded(seed)) + 0.01
    weights = margins.flip(0) + 0.1
    loss = margin_cross_entropy(logits, labels, margins, scale=scale, class_weights=weights)
    order = torch.randperm(num_classes, generator=seeded(seed))
    for other in (
        margin_cross_entropy(logits + 11.0, labels, margins, scale=scale, class_weights=weights),
        margin_cross_entropy(logits, labels, margins, scale=scale, class_weights=weights * 3),
        margin_cross_entropy(
            logits[:, order],
            order.argsort()[labels],
            margins[order],
            scale=scale,
            class_weights=weights[order],
        ),
    ):
        torch.testing.assert_close(other, loss, rtol=0, atol=1e-9)
    plain = cross_entropy(logits, labels, weight=weights)
    none = margin_cross_entropy(logits, labels, 0 * margins, scale=scale, class_weights=weights)
    torch.testing.assert_close(none, plain, rtol=0, atol=1e-10)
    assert loss > plain or plain < 1e-12  # both are 0 in float64 where all lead by far


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_raised_to_float32(dtype):
    logits = (20 * random_cosines()).to(dtype).requires_grad_()
    options = {"scale": 20.0, "class_weights": WEIGHTS}
    loss = margin_cross_entropy(logits, torch.tensor(LABELS), MARGINS, **options)
    loss.backward()
    exact = margin_cross_entropy(logits.detach().double(), torch.tensor(LABELS), MARGINS, **options)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=1e-5)
    assert logits.grad.dtype == dtype


@pytest.mark.parametrize(
    ("counts", "options", "message"),
    [
        ([3, 0], {}, "class_counts has a class without texts: its margin would be infinite"),
        ([3, -1], {}, "class_counts has a negative count"),
        ([[3, 1]], {}, r"class_counts must have shape \[C\], not \[1, 2\]"),
        ([3, 1], {"max_margin": -0.5}, "max_margin must be at least 0, not -0.5"),
        ([3, 1], {"max_margin": math.nan}, "max_margin must be at least 0, not nan"),
    ],
)
def test_counts_without_margins_are_refused(counts, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        label_margins(torch.tensor(counts), **options)


@pytest.mark.parametrize(
    ("logits", "labels", "margins", "options", "message"),
    [
        ((3,), 3, 3, {}, r"expected logits \[B, C\] and labels \[B\], not \[3\] and \[3\]"),
        ((2, 3), 3, 3, {}, r"expected logits \[B, C\] and labels \[B\], not \[2, 3\] and \[3\]"),
        ((2, 3), 2, 2, {}, r"margins must have shape \[3\], not \[2\]"),
        ((2, 3), 2, 3, {"class_weights": torch.ones(4)}, r"class_weights must have shape \[3\], not \[4\]"),
        ((2, 3), 2, 3, {"scale": 0.0}, "scale must be positive, not 0.0"),
        ((2, 3), 2, 3, {"scale": math.nan}, "scale must be positive, not nan"),
    ],
)
def test_what_does_not_fit_is_refused(logits, labels, margins, options, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        margin_cross_entropy(
            torch.zeros(logits),
            torch.zeros(labels, dtype=torch.long),
            torch.zeros(margins),
            **{"scale": 1.0, **options},
        )
