"""Each classification loss by its name."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from sharprecl.functional import (
    balanced_softmax_loss,
    effective_number_weights,
    focal_loss,
    label_margins,
    margin_cross_entropy,
)
from sharprecl.parameters import FitParameters
from sharprecl.training.classification_objective import ClassificationObjective

COUNTS = torch.tensor([50, 10, 2])
LABELS = torch.tensor([0, 1, 2, 1])
LDAM = {"classification_loss": "ldam_drw", "classifier": "cosine", "logit_scale": 30.0}
LOGITS = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))


def loss(progress=0.0, **options):
    return ClassificationObjective(FitParameters(**options), COUNTS)(LOGITS, LABELS, progress)


def test_balanced_softmax_is_the_default():
    torch.testing.assert_close(loss(), balanced_softmax_loss(LOGITS, LABELS, COUNTS))


def test_cross_entropy_knows_no_class_sizes():
    torch.testing.assert_close(loss(classification_loss="cross_entropy"), cross_entropy(LOGITS, LABELS))


def test_class_balanced_weighs_by_effective_numbers():
    weights = effective_number_weights(COUNTS, 0.99).float()
    expected = cross_entropy(LOGITS, LABELS, weight=weights)
    torch.testing.assert_close(
        loss(classification_loss="class_balanced", effective_number_beta=0.99), expected
    )
    assert not torch.isclose(expected, cross_entropy(LOGITS, LABELS))


def test_focal_takes_its_gamma():
    expected = focal_loss(LOGITS, LABELS, gamma=1.5)
    torch.testing.assert_close(loss(classification_loss="focal", focal_gamma=1.5), expected)


@pytest.mark.parametrize(("progress", "weighs"), [(0.0, False), (0.79, False), (0.8, True), (0.99, True)])
def test_ldam_weighs_classes_only_at_the_end(progress, weighs):
    expected = margin_cross_entropy(
        LOGITS,
        LABELS,
        label_margins(COUNTS, 0.4).float(),
        scale=30.0,
        class_weights=effective_number_weights(COUNTS).float() if weighs else None,
    )
    torch.testing.assert_close(loss(progress, **LDAM, max_margin=0.4), expected)
