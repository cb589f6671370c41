"""Everything is made where the inputs are, in a type fit for them.

The meta device stands in for an accelerator: it holds no values, and refuses to be mixed with the CPU.
Weights, margins and priors may come from the CPU; so may the random numbers, from the generator's device.
"""

import pytest
import torch

from sharprecl.functional import (
    balanced_contrastive_loss,
    build_target_set,
    draw_target_recipe,
    focal_loss,
    margin_cross_entropy,
    prior_compensated_cross_entropy,
    prototype_contrastive_loss,
    recipe_contrastive_loss,
    tertile_groups,
)
from sharprecl.functional.mixup import draw_mixing_weights
from tests.functional.pools import make_pool, make_target_set, seeded

C, M = 3, 12
METHOD = {"num_positives": 20, "num_negatives": 60, "num_candidates": 20, "mixup_alpha": 0.5}
"""method.md sections 3 and 5."""


@pytest.fixture
def pool():
    """Rows, labels and prototypes on the meta device."""
    rows = torch.zeros(M, 4, device="meta", requires_grad=True)
    return rows, torch.zeros(M, dtype=torch.long, device="meta"), rows[-C:]


@pytest.mark.parametrize("uniform_negatives", [False, True])
def test_a_target_set_is_made_on_the_pools_device(pool, uniform_negatives):
    options = {"uniform_negatives": uniform_negatives, "generator": seeded()}
    made = build_target_set(*pool, **options)
    recipe = draw_target_recipe(*pool, **options)
    parts = [*made, *recipe.positives, *recipe.negatives]
    assert {part.device.type for part in parts} == {"meta"}
    assert made.negatives.shape == (C, 60, 4)


@pytest.mark.parametrize("options", [{}, {"class_averaged": True, "class_weights": torch.ones(C)}])
def test_the_contrast_takes_weights_from_the_cpu(pool, options):
    rows, labels, _ = pool
    made, recipe = (make(*pool, generator=seeded()) for make in (build_target_set, draw_target_recipe))
    loss = prototype_contrastive_loss(rows, labels, made, **options)
    loss = loss + recipe_contrastive_loss(rows, labels, recipe, **options)
    loss.backward()
    assert (loss.device.type, rows.grad.device.type) == ("meta", "meta")


def test_the_other_losses_take_weights_and_priors_from_the_cpu(pool):
    logits, labels, _ = pool
    vector = torch.ones(4)
    losses = [
        balanced_contrastive_loss(logits, labels, logits[-C:], temperature=0.1),
        focal_loss(logits, labels, class_weights=vector),
        margin_cross_entropy(logits, labels, vector, scale=10.0, class_weights=vector),
        prior_compensated_cross_entropy(logits, labels, vector),
    ]
    assert {loss.device.type for loss in losses} == {"meta"}


def test_double_precision_weights_leave_a_float32_loss_in_float32():
    pool = make_pool([0, 1, 0], C, dtype=torch.float32)
    weights = torch.ones(C, dtype=torch.float64)
    made = make_target_set(pool)
    recipe = draw_target_recipe(*pool, generator=seeded())
    recipe = recipe._replace(
        positives=recipe.positives._replace(mixing_weights=recipe.positives.mixing_weights.double())
    )
    for loss in (
        prototype_contrastive_loss(pool.rows, pool.labels, made, class_weights=weights),
        recipe_contrastive_loss(pool.rows, pool.labels, recipe, class_weights=weights),
    ):
        assert loss.dtype == torch.float32


def test_mixing_weights_are_drawn_in_double_precision():
    """Near 0 and 1, where most lie for α = 0.5, float32 has steps that show."""
    drawn = draw_mixing_weights((50,), 0.5, seeded(), like=torch.zeros((), dtype=torch.float64))
    assert (drawn.float().double() != drawn).all()


def test_thirds_by_size_are_made_on_the_counts_device():
    assert tertile_groups(torch.zeros(7, device="meta")).device.type == "meta"


@pytest.mark.parametrize("make", [build_target_set, draw_target_recipe])
def test_numbers_of_a_target_set_are_the_papers_by_default(make):
    """On a pool with more candidates than k."""
    pool = make_pool([0] * 30 + [1] * 30, 2)
    made, wanted = make(*pool, generator=seeded()), make(*pool, **METHOD, generator=seeded())
    for part, expected in zip(leaves(made), leaves(wanted), strict=True):
        assert torch.equal(part, expected)


def test_the_losses_are_the_papers_by_default():
    pool = make_pool([0, 1, 0], 2)
    made, recipe = (make(*pool, generator=seeded()) for make in (build_target_set, draw_target_recipe))
    for loss, drawn in ((prototype_contrastive_loss, made), (recipe_contrastive_loss, recipe)):
        given = loss(pool.rows, pool.labels, drawn, temperature=0.3, class_averaged=False)
        assert torch.equal(loss(pool.rows, pool.labels, drawn), given)


def leaves(made):
    return [leaf for part in made for leaf in (part if isinstance(part, tuple) else (part,))]
