"""Class-averaged denominators of the contrastive loss, in closed form."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize
from torch.utils._python_dispatch import TorchDispatchMode

from sharprecl.functional import (
    TargetSet,
    draw_target_recipe,
    prototype_contrastive_loss,
    recipe_contrastive_loss,
)
from sharprecl.functional.class_averaging import log_candidate_counts, log_class_averaging_weights
from tests.functional.pools import empty_target_set, orthonormal, seeded


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=2, max_size=12))
def test_classes_present_weigh_alike_and_together_as_much_as_their_rows(texts):
    weights = log_class_averaging_weights(torch.tensor(texts), 6, dtype=torch.float64).exp()
    assert weights.isfinite().all()
    for anchor in range(len(texts)):
        of_class = [0.0] * 6
        for row, c in enumerate(texts):
            of_class[c] += weights[anchor, row].item() if row != anchor else 0.0
        present = set(texts[:anchor] + texts[anchor + 1 :])
        assert sum(of_class) == pytest.approx(len(texts) - 1, abs=1e-9)
        assert [of_class[c] for c in present] == pytest.approx(
            [(len(texts) - 1) / len(present)] * len(present), abs=1e-9
        )


def test_candidates_are_counted_without_the_anchor():
    counts = log_candidate_counts(torch.tensor([0, 1, 0, 2, 0]), 4, 2, dtype=torch.float64).exp()
    assert counts.flatten().tolist() == pytest.approx([2, 1, 2, 1, 2, 3, 1, 3, 1, 3], abs=1e-12)


def test_equal_similarities_cost_the_same_with_and_without_class_averaging():
    # The pool's total weight beside the seven synthetic rows stays what it was: 4 of 11 candidates.
    axes = orthonormal(12)
    made = TargetSet(
        axes[5:8].expand(2, 3, 12),
        axes[8:12].expand(2, 4, 12),
        torch.zeros(2, 3, 2, dtype=torch.long),
        torch.zeros(2, 4, 2, dtype=torch.long),
    )
    loss = prototype_contrastive_loss(
        axes[:5],
        torch.tensor([0, 0, 1, 0, 0]),
        made,
        temperature=1.0,
        exclude_own_copies=False,
        class_averaged=True,
    )
    assert loss.item() == pytest.approx(math.log(4 + 3 + 4), abs=1e-12)


def test_class_average_by_hand():
    # Two coinciding rows of class 0; three rows of class 1 and a synthetic negative at right angles to all.
    # Anchors of class 0 see one row of it (mean e) and three of class 1 (mean 1), K/C = 4/2; those of class 1
    # see two rows of either class (mean 1).
    rows, labels = orthonormal(6)[[0, 0, 1, 2, 3]], torch.tensor([0, 0, 1, 1, 1])
    made = TargetSet(
        torch.zeros(2, 0, 6).double(),
        orthonormal(6)[4].expand(2, 1, 6),
        torch.zeros(2, 0, 2, dtype=torch.long),
        torch.zeros(2, 1, 2, dtype=torch.long),
    )
    loss = prototype_contrastive_loss(rows, labels, made, temperature=1.0, class_averaged=True)
    of_class_0 = math.log(4 / 2 * (math.e + 1) + 1) - 1
    assert loss.item() == pytest.approx((2 * of_class_0 + 3 * math.log(4 + 1)) / 5, abs=1e-12)


def test_class_of_a_lone_anchor_is_no_class_among_its_candidates():
    # Class 1 has the anchor alone: the pool's candidates are the two rows of class 0 at right angles to it
    # (mean 1, K/C = 2/1). Its synthetic positive coincides with it without being made of it.
    axes = orthonormal(3)
    anchor = (axes[0] + axes[1]) / math.sqrt(2)
    rows = torch.stack((axes[2], axes[2], anchor))
    made = TargetSet(
        anchor.expand(2, 1, 3),
        torch.zeros(2, 0, 3).double(),
        torch.tensor([[[0, 1]], [[0, 1]]]),
        torch.zeros(2, 0, 2, dtype=torch.long),
    )
    loss = prototype_contrastive_loss(
        rows,
        torch.tensor([0, 0, 1]),
        made,
        temperature=1.0,
        anchor_mask=torch.tensor([False, False, True]),
        class_averaged=True,
    )
    assert loss.item() == pytest.approx(math.log(2 + math.e) - 1, abs=1e-12)


def test_lone_row_with_class_averaging_costs_nothing_and_back_propagates():
    rows = orthonormal(1).requires_grad_()
    loss = prototype_contrastive_loss(rows, torch.tensor([0]), empty_target_set(2, 1), class_averaged=True)
    loss.backward()
    assert loss.item() == 0.0
    assert (rows.grad == 0.0).all()


def test_no_table_over_anchors_candidates_and_classes_is_made():
    num_classes = 200
    labels = torch.cat((torch.arange(num_classes), torch.arange(num_classes)))
    rows = normalize(torch.randn(len(labels), 8, generator=seeded()), dim=1).requires_grad_()
    recipe = draw_target_recipe(rows, labels, rows[-num_classes:], generator=seeded())
    largest = 0

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            nonlocal largest
            result = function(*args, **(kwargs or {}))
            if isinstance(result, torch.Tensor):
                largest = max(largest, result.numel())
            return result

    with Watch():
        recipe_contrastive_loss(rows, labels, recipe, class_averaged=True).backward()
    assert largest <= len(labels) * (len(labels) + 80)
