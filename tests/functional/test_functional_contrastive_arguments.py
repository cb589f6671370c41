"""The contrastive loss's arguments: defaults, types and refusals."""

import math

import pytest
import torch

from sharprecl.functional import prototype_contrastive_loss
from tests.functional.pools import empty_target_set, make_pool, make_target_set, orthonormal


def test_temperature_default_is_the_published_one():
    pool = make_pool([0, 1, 1], 2)
    made = make_target_set(pool)
    default = prototype_contrastive_loss(pool.rows, pool.labels, made)
    assert default == prototype_contrastive_loss(pool.rows, pool.labels, made, temperature=0.3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_raised_to_float32(dtype):
    pool = make_pool([0, 0, 1, 2], 3, dtype=dtype)
    rows = pool.rows.requires_grad_()
    made = make_target_set(pool._replace(prototypes=rows[-3:]))
    loss = prototype_contrastive_loss(rows, pool.labels, made, temperature=0.1)
    loss.backward()
    exact = prototype_contrastive_loss(
        rows.detach().double(),
        pool.labels,
        made._replace(positives=made.positives.double(), negatives=made.negatives.double()),
        temperature=0.1,
    )
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=1e-5)
    assert rows.grad.dtype == dtype
    assert rows.grad.isfinite().all()


@pytest.mark.parametrize(("temperature", "shown"), [(0.0, "0.0"), (-1.0, "-1.0"), (math.nan, "nan")])
def test_temperature_out_of_range_is_refused(temperature, shown):
    with pytest.raises(ValueError, match=f"temperature must be positive, not {shown}"):
        prototype_contrastive_loss(
            orthonormal(2), torch.tensor([0, 1]), empty_target_set(2, 2), temperature=temperature
        )


@pytest.mark.parametrize(
    ("rows", "labels", "width", "weights", "message"),
    [
        ((3,), 3, 2, None, r"expected pool \[M, D\] and labels \[M\], not \[3\] and \[3\]"),
        ((3, 2), 4, 2, None, r"expected pool \[M, D\] and labels \[M\], not \[3, 2\] and \[4\]"),
        (
            (3, 2),
            3,
            5,
            None,
            r"expected positives \[C, P, 2\], .* not \[2, 0, 5\], \[2, 0, 5\] and \[2, 0, 2\]",
        ),
        ((3, 2), 3, 2, 3, r"class_weights must have shape \[2\], not \[3\]"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(rows, labels, width, weights, message):
    with pytest.raises(ValueError, match=message):
        prototype_contrastive_loss(
            torch.ones(rows),
            torch.zeros(labels, dtype=torch.long),
            empty_target_set(2, width),
            class_weights=None if weights is None else torch.ones(weights),
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"positive_sources": slice(1)},  # would count synthetic positives as negatives
        {"positives": slice(1)},
        {"negatives": slice(2)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_parts_of_a_target_set_that_do_not_belong_together_are_refused(changes):
    pool = make_pool([0, 1, 1], 3)
    made = make_target_set(pool)
    cut = {name: getattr(made, name)[:, part] for name, part in changes.items() if name != "negatives"}
    cut |= {name: getattr(made, name)[part] for name, part in changes.items() if name == "negatives"}
    with pytest.raises(ValueError, match="expected positives"):
        prototype_contrastive_loss(pool.rows, pool.labels, made._replace(**cut))
