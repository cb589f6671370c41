"""A training step never makes the host wait for the device.

On a CUDA device waiting is made an error. The meta device, which holds no values, shows on any machine that
none is read; it lacks the kernel that draws mixing weights, so that hard-mixup is left to the former.
"""

import pytest
import torch

from sharprecl.functional import (
    Recipe,
    TargetRecipe,
    balanced_contrastive_loss,
    build_target_set,
    effective_number_weights,
    focal_loss,
    log_class_prior,
    margin_cross_entropy,
    prior_compensated_cross_entropy,
    prototype_contrastive_loss,
    recipe_contrastive_loss,
)
from sharprecl.functional.sampling import draw_members, draw_others_by_class, index_classes
from tests.functional.pools import make_pool

NUM_CLASSES = 200  # enough rows a look-up for the kernels of large batches


@pytest.fixture
def _waiting_is_an_error():
    mode = torch.cuda.get_sync_debug_mode()
    torch.cuda.set_sync_debug_mode("error")
    yield
    torch.cuda.set_sync_debug_mode(mode)


@pytest.fixture
def batch():
    """Pool, logits, log-prior, weights and generator on the device, ready before waiting is forbidden."""
    device, counts = torch.device("cuda"), torch.arange(1, NUM_CLASSES + 1)
    pool = make_pool([0, 0, 1, 0], NUM_CLASSES, dtype=torch.float32)
    return {
        "rows": pool.rows.to(device).requires_grad_(),
        "labels": pool.labels.to(device),
        "logits": torch.zeros(len(pool.labels), NUM_CLASSES, device=device, requires_grad=True),
        "log_prior": log_class_prior(counts).to(device),
        "weights": effective_number_weights(counts).to(device),
        "anchor_mask": (torch.arange(len(pool.labels)) < len(pool.labels) - NUM_CLASSES).to(device),
        "scale": torch.tensor(10.0, device=device, requires_grad=True),
        "generator": torch.Generator(device).manual_seed(0),
    }


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.usefixtures("batch", "_waiting_is_an_error")
def test_step_makes_no_host_wait(batch):
    rows, labels = batch["rows"], batch["labels"]
    made = build_target_set(rows, labels, rows[-NUM_CLASSES:], generator=batch["generator"])
    loss = prototype_contrastive_loss(rows, labels, made, class_weights=batch["weights"])
    loss = loss + prior_compensated_cross_entropy(batch["logits"], labels, batch["log_prior"])
    loss.backward()
    torch.cuda.set_sync_debug_mode("default")
    assert loss.isfinite()
    assert rows.grad.isfinite().all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.usefixtures("batch", "_waiting_is_an_error")
def test_step_of_a_baseline_or_ablation_makes_no_host_wait(batch):
    rows, labels = batch["rows"], batch["labels"]
    prototypes = rows[-NUM_CLASSES:]
    made = build_target_set(rows, labels, prototypes, uniform_negatives=True, generator=batch["generator"])
    loss = prototype_contrastive_loss(
        rows, labels, made, anchor_mask=batch["anchor_mask"], class_averaged=True
    )
    loss = loss + balanced_contrastive_loss(rows, labels, prototypes, temperature=0.1)
    loss = loss + baseline_losses(batch["logits"], labels, batch["weights"], batch["scale"])
    loss.backward()
    torch.cuda.set_sync_debug_mode("default")
    assert loss.isfinite()
    assert rows.grad.isfinite().all()
    assert batch["logits"].grad.isfinite().all()


def test_no_loss_of_a_baseline_or_ablation_reads_a_value():
    with torch.device("meta"):
        rows = torch.zeros(12, 4, requires_grad=True)
        labels = torch.zeros(12, dtype=torch.long)
        index = index_classes(labels, 3)
        recipe = TargetRecipe(
            *(
                Recipe(draw(index, 5, None).unsqueeze(2).expand(-1, -1, 2), torch.zeros(3, 2))
                for draw in (draw_members, draw_others_by_class)
            )
        )
        loss = recipe_contrastive_loss(rows, labels, recipe, anchor_mask=labels > 0, class_averaged=True)
        loss = loss + balanced_contrastive_loss(rows, labels, rows[-3:], temperature=0.1)
        loss = loss + baseline_losses(rows, labels, torch.zeros(4), torch.zeros((), requires_grad=True))
        loss.backward()
    assert rows.grad.shape == rows.shape


def baseline_losses(
    logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor, scale: torch.Tensor
) -> torch.Tensor:
    return focal_loss(logits, labels, class_weights=weights) + margin_cross_entropy(
        logits, labels, weights, scale=scale, class_weights=weights
    )
