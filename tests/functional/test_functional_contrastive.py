"""The prototype contrastive loss: parity with the plain loops, closed forms, anchors and weights."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from sharprecl.functional import TargetSet, build_target_set, prototype_contrastive_loss
from tests import naive
from tests.functional.pools import (
    SCENARIOS,
    empty_target_set,
    make_pool,
    make_target_set,
    orthonormal,
    rebuild,
    seeded,
)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("exclude_own_copies", [False, True])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_loss_and_gradient_equal_the_plain_loop(scenario, exclude_own_copies, weighted):
    texts, num_classes = SCENARIOS[scenario]
    pool = make_pool(texts, num_classes)
    rows = pool.rows.requires_grad_()
    weights = torch.linspace(0.3, 4.0, num_classes, dtype=torch.float64) if weighted else None
    # Two of four positives and three of six negatives are mixtures.
    made = make_target_set(pool._replace(prototypes=rows[-num_classes:]))
    loss = prototype_contrastive_loss(
        rows,
        pool.labels,
        made,
        temperature=0.3,
        class_weights=weights,
        exclude_own_copies=exclude_own_copies,
    )
    expected = naive.prototype_contrastive_loss(
        rows,
        pool.labels.tolist(),
        rebuild(rows, made.positive_sources, made.positives, 2),
        rebuild(rows, made.negative_sources, made.negatives, 3),
        made.positive_sources.tolist(),
        temperature=0.3,
        class_weights=None if weights is None else weights.tolist(),
        exclude_own_copies=exclude_own_copies,
    )
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    (gradient,) = torch.autograd.grad(loss, rows)
    (expected_gradient,) = torch.autograd.grad(expected, rows)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


def test_gradcheck_through_the_target_set():
    labels = make_pool([0, 0, 1], 3).labels
    raw = torch.randn(len(labels), 4, dtype=torch.float64, generator=seeded(3)).requires_grad_()

    def loss(raw_rows: torch.Tensor) -> torch.Tensor:
        rows = normalize(raw_rows, dim=1)
        made = build_target_set(
            rows, labels, rows[-3:], num_positives=3, num_negatives=4, num_candidates=3, generator=seeded()
        )
        return prototype_contrastive_loss(rows, labels, made)

    assert torch.autograd.gradcheck(loss, (raw,))


def test_orthonormal_rows_cost_the_logarithm_of_the_candidates():
    # Five rows and seven synthetic rows a class, all at right angles: every similarity is 0.
    axes = orthonormal(12)
    made = TargetSet(
        axes[5:8].expand(2, 3, 12),
        axes[8:12].expand(2, 4, 12),
        torch.zeros(2, 3, 2, dtype=torch.long),
        torch.zeros(2, 4, 2, dtype=torch.long),
    )
    loss = prototype_contrastive_loss(axes[:5], torch.tensor([0, 0, 1, 0, 1]), made, exclude_own_copies=False)
    assert loss.item() == pytest.approx(math.log(4 + 3 + 4), abs=1e-12)


@pytest.mark.parametrize("temperature", [0.1, 0.3, 2.0])
def test_lonely_anchor_is_left_out_of_the_mean(temperature):
    # Anchors 0 and 1 coincide, anchor 2 has no positive: ℓ = log(e^{1/τ} + 1) − 1/τ for two of three anchors.
    rows = orthonormal(2)[[0, 0, 1]]
    loss = prototype_contrastive_loss(
        rows, torch.tensor([0, 0, 1]), empty_target_set(2, 2), temperature=temperature
    )
    assert loss.item() == pytest.approx(math.log1p(math.exp(-1 / temperature)), abs=1e-12)


def test_own_copy_leaves_candidates_and_positives():
    # Each class's one synthetic positive is a copy of its first row (rows 0 and 2).
    rows, labels = orthonormal(4), torch.tensor([0, 0, 1, 1])
    made = TargetSet(
        rows[[0, 2]].unsqueeze(1),
        torch.zeros(2, 0, 4).double(),
        torch.tensor([[[0, 0]], [[2, 2]]]),
        torch.zeros(2, 0, 2, dtype=torch.long),
    )
    copied = math.log(4)  # anchors 1 and 3: three other rows and the copy, all at right angles
    for exclude, own in ((True, math.log(3)), (False, math.log(3 + math.exp(2)) - 1)):
        loss = prototype_contrastive_loss(rows, labels, made, temperature=0.5, exclude_own_copies=exclude)
        assert loss.item() == pytest.approx((own + copied) / 2, abs=1e-12)
    default = prototype_contrastive_loss(rows, labels, made, temperature=0.5)
    assert default.item() == pytest.approx((math.log(3) + copied) / 2, abs=1e-12)


def test_mixture_with_another_row_is_no_own_copy():
    rows, labels = orthonormal(3), torch.tensor([0, 0, 1])
    mixture = torch.tensor([0.6, 0.8, 0.0], dtype=torch.float64)
    made = TargetSet(
        mixture.expand(2, 1, 3),
        torch.zeros(2, 0, 3).double(),
        torch.tensor([[[0, 1]], [[1, 0]]]),
        torch.zeros(2, 0, 2, dtype=torch.long),
    )
    loss = prototype_contrastive_loss(rows, labels, made, temperature=1.0)
    # Similarities to the mixture: 0.6 and 0.8 from anchors 0 and 1, 0 from anchor 2; to all else 0.
    expected = [math.log(2 + math.exp(s)) - s / 2 for s in (0.6, 0.8)] + [math.log(3)]
    assert loss.item() == pytest.approx(sum(expected) / 3, abs=1e-12)


def test_class_weights_are_those_of_the_anchor_and_do_not_change_the_divisor():
    # Two coinciding rows of class 0 and of class 1: all four anchors cost the same.
    rows, labels = orthonormal(2)[[0, 0, 1, 1]], torch.tensor([0, 0, 1, 1])
    each = math.log(math.exp(1) + 2) - 1
    loss = prototype_contrastive_loss(
        rows, labels, empty_target_set(2, 2), temperature=1.0, class_weights=torch.tensor([0.5, 8.0])
    )
    assert loss.item() == pytest.approx((2 * 0.5 + 2 * 8.0) * each / 4, abs=1e-12)


@pytest.mark.parametrize("labels", [[0], [0, 1, 2]])
@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 2.0, 3.0])])
def test_no_anchor_with_a_positive_costs_nothing_and_back_propagates(labels, weights):
    rows = orthonormal(3)[: len(labels)].requires_grad_()
    loss = prototype_contrastive_loss(
        rows, torch.tensor(labels), empty_target_set(3, 3), class_weights=weights
    )
    loss.backward()
    assert loss.item() == 0.0
    assert (rows.grad == 0.0).all()


def test_lone_copies_are_no_positives():
    # One text a class and only copies of it: with the copies excluded nothing is left to learn.
    rows = orthonormal(2).requires_grad_()
    made = TargetSet(
        rows.unsqueeze(1),
        rows.flip(0).unsqueeze(1),
        torch.tensor([[[0, 0]], [[1, 1]]]),
        torch.tensor([[[1, 1]], [[0, 0]]]),
    )
    loss = prototype_contrastive_loss(rows, torch.tensor([0, 1]), made)
    loss.backward()
    assert loss.item() == 0.0
    assert (rows.grad == 0.0).all()


def test_gradient_reaches_the_pool_through_synthetic_rows_alone():
    pool = make_pool([0, 0, 1, 2], 3)
    rows = pool.rows.requires_grad_()
    made = make_target_set(pool._replace(prototypes=rows[-3:]))
    for side in ("positives", "negatives"):
        only = made._replace(
            **{other: getattr(made, other).detach() for other in ("positives", "negatives") if other != side}
        )
        loss = prototype_contrastive_loss(rows.detach(), pool.labels, only)
        (gradient,) = torch.autograd.grad(loss, rows, retain_graph=True)
        sources = getattr(made, side[:-1] + "_sources")
        assert set(gradient.abs().sum(dim=1).nonzero().flatten().tolist()) <= set(sources.flatten().tolist())
        assert gradient.abs().sum() > 1e-3
