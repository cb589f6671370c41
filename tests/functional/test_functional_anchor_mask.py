"""Which pool rows may be anchors of the contrastive loss."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.functional import draw_target_recipe, prototype_contrastive_loss, recipe_contrastive_loss
from tests.functional.pools import empty_target_set, make_pool, make_target_set, orthonormal, seeded

TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=8)
SEED = st.integers(0, 1000)


def test_masked_row_is_no_anchor_yet_a_candidate_and_a_positive():
    # Anchor 0 coincides with row 1; row 2 is at a right angle to both. τ = 1.
    rows, labels = orthonormal(2)[[0, 0, 1]], torch.tensor([0, 0, 0])
    losses = [math.log(math.e + 1) - 1 / 2] * 2 + [math.log(2)]
    for kept in ([True, False, False], [False, False, True], [True, True, False], [True, True, True]):
        loss = prototype_contrastive_loss(
            rows, labels, empty_target_set(1, 2), temperature=1.0, anchor_mask=torch.tensor(kept)
        )
        own = [loss for loss, keep in zip(losses, kept, strict=True) if keep]
        assert loss.item() == pytest.approx(sum(own) / len(own), abs=1e-12)


def test_masked_anchors_that_lack_a_positive_do_not_enter_the_mean():
    rows, labels = orthonormal(2)[[0, 0, 1]], torch.tensor([0, 0, 1])
    loss = prototype_contrastive_loss(
        rows, labels, empty_target_set(2, 2), temperature=1.0, anchor_mask=torch.tensor([True, False, True])
    )
    assert loss.item() == pytest.approx(math.log(math.e + 1) - 1, abs=1e-12)


def test_no_anchor_allowed_costs_nothing_and_back_propagates():
    pool = make_pool([0, 1], 2)
    rows = pool.rows.requires_grad_()
    loss = prototype_contrastive_loss(
        rows, pool.labels, make_target_set(pool), anchor_mask=torch.zeros(6, dtype=torch.bool)
    )
    loss.backward()
    assert loss.item() == 0.0
    assert (rows.grad == 0.0).all()


@settings(max_examples=25, deadline=None)
@given(TEXTS, SEED, st.booleans())
def test_parts_of_the_anchors_add_up_and_all_of_them_are_the_default(texts, seed, class_averaged):
    pool = make_pool(texts, 4, seed=seed)
    made = make_target_set(pool)
    mask = torch.rand(len(pool.labels), generator=seeded(seed)) < 0.5

    def loss_of(anchor_mask: torch.Tensor | None) -> torch.Tensor:
        return prototype_contrastive_loss(
            pool.rows,
            pool.labels,
            made,
            exclude_own_copies=False,  # so that every anchor has a positive
            anchor_mask=anchor_mask,
            class_averaged=class_averaged,
        )

    assert torch.equal(loss_of(torch.ones_like(mask)), loss_of(None))
    parts = loss_of(mask) * mask.sum() + loss_of(~mask) * (~mask).sum()
    torch.testing.assert_close(parts / len(mask), loss_of(None), rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (torch.ones(5, dtype=torch.bool), r"boolean with shape \[6\], not torch.bool with shape \[5\]"),
        (torch.ones(6), r"boolean with shape \[6\], not torch.float32 with shape \[6\]"),
    ],
)
def test_mask_that_does_not_fit_is_refused(mask, message):
    pool = make_pool([0, 1], 2)
    made, recipe = make_target_set(pool), draw_target_recipe(*pool, generator=seeded())
    with pytest.raises(ValueError, match="anchor_mask must be " + message):
        prototype_contrastive_loss(pool.rows, pool.labels, made, anchor_mask=mask)
    with pytest.raises(ValueError, match="anchor_mask must be " + message):
        recipe_contrastive_loss(pool.rows, pool.labels, recipe, anchor_mask=mask)
