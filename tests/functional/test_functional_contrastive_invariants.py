"""What the contrastive loss must not depend on, and between which bounds it lies."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from sharprecl.functional import TargetSet, build_target_set, prototype_contrastive_loss
from tests.functional.pools import SCENARIOS, Pool, make_pool, make_target_set, seeded

TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=8)
SEED = st.integers(0, 1000)
WEIGHTS = torch.tensor([0.4, 1.0, 2.0, 9.0], dtype=torch.float64)


def loss_of(pool: Pool, target_set: TargetSet, weights: torch.Tensor = WEIGHTS) -> torch.Tensor:
    return prototype_contrastive_loss(pool.rows, pool.labels, target_set, class_weights=weights)


@settings(max_examples=25, deadline=None)
@given(TEXTS, SEED)
def test_order_of_the_rows_does_not_matter(texts, seed):
    pool = make_pool(texts, 4, seed=seed)
    made = make_target_set(pool)
    order = torch.randperm(len(pool.labels), generator=seeded(seed))
    new_row = order.argsort()
    moved = made._replace(
        positive_sources=new_row[made.positive_sources], negative_sources=new_row[made.negative_sources]
    )
    shuffled = Pool(pool.rows[order], pool.labels[order], pool.prototypes)
    torch.testing.assert_close(loss_of(shuffled, moved), loss_of(pool, made), rtol=0, atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(TEXTS, SEED)
def test_names_of_the_classes_do_not_matter(texts, seed):
    pool = make_pool(texts, 4, seed=seed)
    made = make_target_set(pool)
    order = torch.randperm(4, generator=seeded(seed))
    renamed = Pool(pool.rows, order.argsort()[pool.labels], pool.prototypes[order])
    moved = TargetSet(*(part[order] for part in made))
    torch.testing.assert_close(
        loss_of(renamed, moved, WEIGHTS[order]), loss_of(pool, made), rtol=0, atol=1e-10
    )


@settings(max_examples=25, deadline=None)
@given(TEXTS, SEED, st.sampled_from([0.05, 0.3, 1.0]))
def test_loss_lies_between_its_bounds(texts, seed, temperature):
    """log min|Q| ≤ L ≤ log max|A| + 2/τ: Jensen below, similarities in [−1, 1] above."""
    pool = make_pool(texts, 4, seed=seed)
    made = make_target_set(pool)
    loss = prototype_contrastive_loss(
        pool.rows, pool.labels, made, temperature=temperature, exclude_own_copies=False
    )
    fewest = pool.labels.bincount().min().item() - 1 + made.positives.shape[1]
    most = len(pool.labels) - 1 + made.positives.shape[1] + made.negatives.shape[1]
    assert math.log(fewest) <= loss.item() <= math.log(most) + 2 / temperature


@settings(max_examples=25, deadline=None)
@given(TEXTS, SEED, st.floats(0.01, 100.0))
def test_loss_is_linear_in_the_weights(texts, seed, factor):
    pool = make_pool(texts, 4, seed=seed)
    made = make_target_set(pool)
    assert loss_of(pool, made, WEIGHTS * factor).item() == pytest.approx(
        factor * loss_of(pool, made).item(), rel=1e-10
    )
    parts = sum(loss_of(pool, made, weights) for weights in torch.diag(WEIGHTS))
    torch.testing.assert_close(parts, loss_of(pool, made), rtol=0, atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(TEXTS, SEED)
def test_another_negative_never_lowers_the_loss(texts, seed):
    pool = make_pool(texts, 4, seed=seed)
    made = make_target_set(pool)
    fewer = made._replace(negatives=made.negatives[:, 1:], negative_sources=made.negative_sources[:, 1:])
    assert loss_of(pool, fewer) < loss_of(pool, made)


@pytest.mark.parametrize("num_rows", [(0, 0), (0, 3), (3, 0)])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_gradients_are_finite_with_few_or_no_synthetic_rows(scenario, num_rows):
    texts, num_classes = SCENARIOS[scenario]
    pool = make_pool(texts, num_classes)
    rows = pool.rows.requires_grad_()
    made = make_target_set(
        pool._replace(prototypes=rows[-num_classes:]), num_positives=num_rows[0], num_negatives=num_rows[1]
    )
    loss = prototype_contrastive_loss(rows, pool.labels, made, temperature=0.01)
    loss.backward()
    assert loss > 0
    assert rows.grad.isfinite().all()


@pytest.mark.parametrize("num_classes", [2, 1000])
def test_one_text_among_few_and_many_classes(num_classes):
    labels = torch.tensor([1, 1, *range(num_classes)])
    raw = torch.randn(len(labels), 8, generator=seeded()).requires_grad_()
    rows = normalize(raw, dim=1)
    made = build_target_set(rows, labels, rows[-num_classes:], generator=seeded())
    loss = prototype_contrastive_loss(rows, labels, made, class_weights=torch.linspace(0.5, 1.5, num_classes))
    loss.backward()
    assert loss > 0
    assert raw.grad.isfinite().all()
    # Every class learns, the ones without a text through their prototype.
    assert (raw.grad.abs().sum(dim=1) > 0).all()
