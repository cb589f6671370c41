"""The contrastive loss with fewer anchors or class-averaged denominators: parity with the plain loop."""

import pytest
import torch
from torch.nn.functional import normalize

from sharprecl.functional import draw_target_recipe, prototype_contrastive_loss, recipe_contrastive_loss
from tests import naive
from tests.functional.pools import SCENARIOS, make_pool, make_target_set, rebuild, seeded


def text_mask(labels: torch.Tensor, num_classes: int) -> torch.Tensor:
    """False on the prototypes, the last C rows."""
    return torch.arange(len(labels)) < len(labels) - num_classes


@pytest.mark.parametrize("class_averaged", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_losses_and_gradients_equal_the_plain_loop(scenario, masked, class_averaged):
    texts, num_classes = SCENARIOS[scenario]
    pool = make_pool(texts, num_classes)
    rows = pool.rows.requires_grad_()
    mask = text_mask(pool.labels, num_classes) if masked else None
    draws = {"num_positives": 4, "num_negatives": 6, "num_candidates": 3}
    made = make_target_set(pool._replace(prototypes=rows[-num_classes:]), **draws)
    recipe = draw_target_recipe(rows, pool.labels, rows[-num_classes:], generator=seeded(1), **draws)
    weights = torch.linspace(0.3, 4.0, num_classes, dtype=torch.float64)
    options = {"temperature": 0.3, "class_averaged": class_averaged}
    expected = naive.prototype_contrastive_loss(
        rows,
        pool.labels.tolist(),
        rebuild(rows, made.positive_sources, made.positives, 2),
        rebuild(rows, made.negative_sources, made.negatives, 3),
        made.positive_sources.tolist(),
        class_weights=weights.tolist(),
        anchor_mask=None if mask is None else mask.tolist(),
        **options,
    )
    (expected_gradient,) = torch.autograd.grad(expected, rows)
    for loss_function, material in ((prototype_contrastive_loss, made), (recipe_contrastive_loss, recipe)):
        loss = loss_function(rows, pool.labels, material, class_weights=weights, anchor_mask=mask, **options)
        torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
        (gradient,) = torch.autograd.grad(loss, rows, retain_graph=True)
        torch.testing.assert_close(gradient, expected_gradient, rtol=0, atol=1e-9)


def test_gradcheck_of_fixed_draws():
    labels = make_pool([0, 0, 1], 3).labels
    raw = torch.randn(len(labels), 4, dtype=torch.float64, generator=seeded(3)).requires_grad_()
    unit = normalize(raw.detach(), dim=1)
    recipe = draw_target_recipe(
        unit, labels, unit[-3:], num_positives=3, num_negatives=4, num_candidates=3, generator=seeded()
    )

    def loss(raw_rows: torch.Tensor) -> torch.Tensor:
        return recipe_contrastive_loss(
            normalize(raw_rows, dim=1), labels, recipe, anchor_mask=text_mask(labels, 3), class_averaged=True
        )

    assert torch.autograd.gradcheck(loss, (raw,))


@pytest.mark.parametrize("class_averaged", [False, True])
def test_half_precision_gives_a_float32_loss(class_averaged):
    pool = make_pool([0, 1, 1], 3, dtype=torch.bfloat16)
    recipe = draw_target_recipe(*pool, num_candidates=3, generator=seeded())
    mask = text_mask(pool.labels, 3)
    loss = recipe_contrastive_loss(
        pool.rows, pool.labels, recipe, anchor_mask=mask, class_averaged=class_averaged
    )
    assert loss.dtype == torch.float32
    exact = recipe_contrastive_loss(
        pool.rows.double(), pool.labels, recipe, anchor_mask=mask, class_averaged=class_averaged
    )
    assert loss.item() == pytest.approx(exact.item(), rel=1e-5)
