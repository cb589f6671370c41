"""A training step never makes the host wait for the device."""

import pytest
import torch

from sharprecl.functional import (
    build_target_set,
    effective_number_weights,
    log_class_prior,
    prior_compensated_cross_entropy,
    prototype_contrastive_loss,
)
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
