"""Balanced contrastive learning."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from sharprecl.functional import balanced_contrastive_loss
from tests.functional import naive_baselines as naive
from tests.functional.pools import SCENARIOS, make_pool, orthonormal, seeded

TEXTS = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def parts(texts, num_classes, **options):
    """Embeddings of two views, their labels and the prototypes."""
    pool = make_pool(texts, num_classes, **options)
    return pool.rows[:-num_classes], pool.labels[:-num_classes], pool.prototypes


@pytest.mark.parametrize("temperature", [0.1, 0.3, 1.0])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_loss_and_gradients_equal_the_plain_loop(scenario, temperature):
    embeddings, labels, prototypes = parts(*SCENARIOS[scenario])
    leaves = (embeddings.clone().requires_grad_(), prototypes.clone().requires_grad_())
    loss = balanced_contrastive_loss(leaves[0], labels, leaves[1], temperature=temperature)
    expected = naive.balanced_contrastive_loss(leaves[0], labels.tolist(), leaves[1], temperature)
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-9)
    gradients = torch.autograd.grad(loss, leaves)
    for gradient, wanted in zip(gradients, torch.autograd.grad(expected, leaves), strict=True):
        torch.testing.assert_close(gradient, wanted, rtol=0, atol=1e-9)
        assert (wanted.abs().sum(dim=1) > 0).all()


def test_gradcheck():
    embeddings, labels, prototypes = parts([0, 0, 1], 3)

    def loss(rows: torch.Tensor, of_classes: torch.Tensor) -> torch.Tensor:
        unit = normalize(rows, dim=1), normalize(of_classes, dim=1)
        return balanced_contrastive_loss(unit[0], labels, unit[1], temperature=0.3)

    leaves = (embeddings.clone().requires_grad_(), prototypes.clone().requires_grad_())
    assert torch.autograd.gradcheck(loss, leaves)


def test_rows_at_right_angles_cost_the_logarithm_of_the_classes():
    # Every similarity is 0, so every class's mean is 1, however many rows it has.
    axes = orthonormal(9)
    loss = balanced_contrastive_loss(axes[:6], torch.tensor([0, 0, 0, 0, 1, 1]), axes[6:], temperature=0.2)
    assert loss.item() == pytest.approx(math.log(3), abs=1e-12)


@pytest.mark.parametrize("num_others", [1, 2, 50])
def test_two_classes_by_hand_whatever_the_size_of_the_other(num_others):
    # Every row lies on its prototype, at a right angle to the other class: log(e^{1/τ} + 1) − 1/τ for each.
    axes = orthonormal(2)
    labels = torch.tensor([0] + [1] * num_others)
    loss = balanced_contrastive_loss(axes[labels], labels, axes, temperature=0.5)
    assert loss.item() == pytest.approx(math.log1p(math.exp(-2)), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(TEXTS, st.integers(0, 1000), st.sampled_from([0.05, 0.3, 1.0]))
def test_invariants_and_bounds(texts, seed, temperature):
    """0 < L ≤ log C + 2/τ: Jensen below, similarities in [−1, 1] above."""
    embeddings, labels, prototypes = parts(texts, 4, seed=seed)
    loss = balanced_contrastive_loss(embeddings, labels, prototypes, temperature=temperature)
    assert 0 < loss.item() <= math.log(4) + 2 / temperature
    order = torch.randperm(len(labels), generator=seeded(seed))
    shuffled = balanced_contrastive_loss(
        embeddings[order], labels[order], prototypes, temperature=temperature
    )
    torch.testing.assert_close(shuffled, loss, rtol=0, atol=1e-10)
    classes = torch.randperm(4, generator=seeded(seed))
    renamed = balanced_contrastive_loss(
        embeddings, classes.argsort()[labels], prototypes[classes], temperature=temperature
    )
    torch.testing.assert_close(renamed, loss, rtol=0, atol=1e-10)
    # A class more, even without a text, is one more term of every denominator.
    more = torch.cat((prototypes, embeddings[:1]))
    assert balanced_contrastive_loss(embeddings, labels, more, temperature=temperature) > loss


def test_thousand_classes_and_one_text():
    embeddings, labels, prototypes = parts([7], 1000, dtype=torch.float32)
    leaves = (embeddings.clone().requires_grad_(), prototypes.clone().requires_grad_())
    loss = balanced_contrastive_loss(leaves[0], labels, leaves[1], temperature=0.1)
    loss.backward()
    assert loss > 0
    for leaf in leaves:
        assert leaf.grad.isfinite().all()
        assert (leaf.grad.abs().sum(dim=1) > 0).all()


def test_gradient_repeats_bit_for_bit():
    embeddings, labels, prototypes = parts([0, 1, 1, 2] * 50, 40, width=32, dtype=torch.float32)
    leaves = (embeddings.clone().requires_grad_(), prototypes.clone().requires_grad_())
    first, *others = (
        torch.autograd.grad(balanced_contrastive_loss(leaves[0], labels, leaves[1], temperature=0.1), leaves)
        for _ in range(3)
    )
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_raised_to_float32(dtype):
    embeddings, labels, prototypes = parts([0, 0, 1, 2], 3, dtype=dtype)
    leaf = embeddings.clone().requires_grad_()
    loss = balanced_contrastive_loss(leaf, labels, prototypes, temperature=0.1)
    loss.backward()
    exact = balanced_contrastive_loss(embeddings.double(), labels, prototypes.double(), temperature=0.1)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(exact.item(), rel=1e-5)
    assert leaf.grad.dtype == dtype
    assert leaf.grad.isfinite().all()


@pytest.mark.parametrize(("temperature", "shown"), [(0.0, "0.0"), (-1.0, "-1.0"), (math.nan, "nan")])
def test_temperature_out_of_range_is_refused(temperature, shown):
    with pytest.raises(ValueError, match=f"temperature must be positive, not {shown}"):
        balanced_contrastive_loss(*parts([0, 1], 2), temperature=temperature)


@pytest.mark.parametrize(
    ("embeddings", "labels", "prototypes"),
    [((4,), (4,), (2, 3)), ((4, 3), (5,), (2, 3)), ((4, 3), (4,), (2, 2)), ((4, 3), (4,), (3,))],
)
def test_shapes_that_do_not_fit_are_refused(embeddings, labels, prototypes):
    with pytest.raises(ValueError, match="expected embeddings") as error:
        balanced_contrastive_loss(
            torch.ones(embeddings),
            torch.zeros(labels, dtype=torch.long),
            torch.ones(prototypes),
            temperature=0.3,
        )
    assert str(error.value) == (
        "expected embeddings [N, D], labels [N] and prototypes [C, D], "
        f"not {list(embeddings)}, {list(labels)} and {list(prototypes)}"
    )
