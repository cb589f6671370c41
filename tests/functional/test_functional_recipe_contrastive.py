"""The loss from a recipe: equal, with its gradient, to the loss over the rows the recipe makes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from sharprecl.functional import (
    build_target_set,
    draw_target_recipe,
    prototype_contrastive_loss,
    recipe_contrastive_loss,
)
from sharprecl.functional.target_set import Recipe, TargetRecipe
from tests.functional.pools import SCENARIOS, make_pool, seeded


def both_losses(pool, rows, *, loss_options, **draw_options):
    """The loss over made rows and the loss from the recipe of the same draws."""
    prototypes = rows[-len(pool.prototypes) :]
    made = build_target_set(rows, pool.labels, prototypes, generator=seeded(1), **draw_options)
    recipe = draw_target_recipe(rows, pool.labels, prototypes, generator=seeded(1), **draw_options)
    return (
        prototype_contrastive_loss(rows, pool.labels, made, **loss_options),
        recipe_contrastive_loss(rows, pool.labels, recipe, **loss_options),
    )


def assert_equal_with_gradient(expected, loss, rows):
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    (expected_gradient,) = torch.autograd.grad(expected, rows)
    (gradient,) = torch.autograd.grad(loss, rows)
    torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("exclude_own_copies", [False, True])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_loss_and_gradient_equal_those_of_the_rows(scenario, exclude_own_copies, weighted):
    texts, num_classes = SCENARIOS[scenario]
    pool = make_pool(texts, num_classes)
    # Rows off the unit sphere show a norm that is taken for granted.
    rows = (pool.rows * torch.linspace(0.5, 2.0, len(pool.rows), dtype=torch.float64).unsqueeze(1)).detach()
    rows.requires_grad_()
    weights = torch.linspace(0.3, 4.0, num_classes, dtype=torch.float64) if weighted else None
    expected, loss = both_losses(
        pool,
        rows,
        loss_options={
            "temperature": 0.3,
            "class_weights": weights,
            "exclude_own_copies": exclude_own_copies,
        },
        num_positives=4,
        num_negatives=6,
        num_candidates=3,
    )
    assert_equal_with_gradient(expected, loss, rows)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=8),
    st.integers(0, 6),
    st.integers(0, 6),
    st.floats(0, 1),
    st.floats(0.1, 2),
    st.integers(0, 1000),
)
def test_loss_equals_that_of_the_rows_for_any_draw(
    texts, positives, negatives, hard_ratio, temperature, seed
):
    pool = make_pool(texts, 4, seed=seed)
    rows = pool.rows.clone().requires_grad_()
    expected, loss = both_losses(
        pool,
        rows,
        loss_options={"temperature": temperature},
        num_positives=positives,
        num_negatives=negatives,
        num_candidates=5,
        hard_ratio=hard_ratio,
    )
    assert_equal_with_gradient(expected, loss, rows)


def test_gradcheck_of_fixed_draws():
    labels = make_pool([0, 0, 1], 3).labels
    raw = torch.randn(len(labels), 4, dtype=torch.float64, generator=seeded(3)).requires_grad_()
    unit = normalize(raw.detach(), dim=1)
    recipe = draw_target_recipe(
        unit, labels, unit[-3:], num_positives=3, num_negatives=4, num_candidates=3, generator=seeded()
    )

    def loss(raw_rows: torch.Tensor) -> torch.Tensor:
        return recipe_contrastive_loss(normalize(raw_rows, dim=1), labels, recipe)

    assert torch.autograd.gradcheck(loss, (raw,))


def test_opposite_rows_that_mix_to_nothing_stay_finite():
    rows = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    rows.requires_grad_()
    labels = torch.tensor([0, 0, 0, 1])
    half = torch.full((2, 1), 0.5, dtype=torch.float64)
    recipe = TargetRecipe(
        Recipe(torch.tensor([[[0, 1]], [[3, 3]]]), half), Recipe(torch.tensor([[[3, 3]], [[0, 1]]]), half)
    )
    loss = recipe_contrastive_loss(rows, labels, recipe)
    loss.backward()
    assert loss.isfinite()
    assert rows.grad.isfinite().all()


def test_memory_does_not_hold_a_row_of_numbers_for_each_pair():
    """No tensor between pool and loss is larger than a few M × (M + P + Q)."""
    num_classes, width = 200, 64
    labels = torch.cat((torch.arange(num_classes), torch.arange(num_classes)))
    rows = normalize(torch.randn(len(labels), width, generator=seeded()), dim=1).requires_grad_()
    recipe = draw_target_recipe(rows, labels, rows[-num_classes:], generator=seeded())
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda kept: saved.append(kept.numel()) or kept, lambda kept: kept
    ):
        recipe_contrastive_loss(rows, labels, recipe)
    assert max(saved) <= len(labels) * (len(labels) + 80)


def test_half_precision_pool_gives_a_float32_loss():
    pool = make_pool([0, 1, 1], 3, dtype=torch.bfloat16)
    recipe = draw_target_recipe(*pool, num_candidates=3, generator=seeded())
    loss = recipe_contrastive_loss(pool.rows, pool.labels, recipe)
    assert loss.dtype == torch.float32
    assert loss.isfinite()


def test_what_does_not_fit_is_refused():
    pool = make_pool([0, 1], 2)
    recipe = draw_target_recipe(*pool, generator=seeded())
    with pytest.raises(ValueError, match="temperature must be positive, not 0"):
        recipe_contrastive_loss(pool.rows, pool.labels, recipe, temperature=0.0)
    with pytest.raises(ValueError, match=r"expected pool \[M, D\] and labels \[M\], not \[6, 5\] and \[5\]"):
        recipe_contrastive_loss(pool.rows, pool.labels[:-1], recipe)
    with pytest.raises(ValueError, match=r"class_weights must have shape \[2\], not \[3\]"):
        recipe_contrastive_loss(pool.rows, pool.labels, recipe, class_weights=torch.ones(3))
