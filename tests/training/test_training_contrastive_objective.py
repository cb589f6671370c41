"""Each contrastive loss by its name, and that every option of the block reaches it."""

import pytest
import torch
from torch.nn.functional import normalize

from sharprecl.functional import balanced_contrastive_loss, build_target_set, prototype_contrastive_loss
from sharprecl.modeling import SharpReCLOutput
from sharprecl.parameters import FitParameters
from sharprecl.training.contrastive_objective import ContrastiveObjective, step_generator

COUNTS = torch.tensor([50, 10, 2])
LABELS = torch.tensor([0, 1, 0, 1, 0, 0])


@pytest.fixture
def output():
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: normalize(torch.randn(*shape, generator=generator), dim=1)  # noqa: E731
    return SharpReCLOutput(None, None, draw(6, 8), draw(3, 8))


def contrast(output, **options):
    return ContrastiveObjective(FitParameters(**options), COUNTS, seed=3)(output, LABELS, 4, 10)


def supervised_by_hand(rows, labels, temperature):
    """Khosla et al. 2020, equation 2: the mean over anchors with a positive, texts alone."""
    losses = []
    for anchor in range(len(rows)):
        others = [i for i in range(len(rows)) if i != anchor]
        positives = [i for i in others if labels[i] == labels[anchor]]
        if positives:
            denominator = torch.stack([torch.exp(rows[anchor] @ rows[i] / temperature) for i in others]).sum()
            terms = [rows[anchor] @ rows[i] / temperature - denominator.log() for i in positives]
            losses.append(-torch.stack(terms).mean())
    return torch.stack(losses).mean()


def test_supervised_contrast_is_the_equation(output):
    expected = supervised_by_hand(output.embeddings, LABELS, 0.2)
    torch.testing.assert_close(contrast(output, contrastive_loss="supervised", temperature=0.2), expected)


def test_balanced_contrast_takes_texts_and_prototypes(output):
    expected = balanced_contrastive_loss(output.embeddings, LABELS, output.prototypes, temperature=0.2)
    torch.testing.assert_close(contrast(output, contrastive_loss="balanced", temperature=0.2), expected)


@pytest.mark.parametrize(
    ("options", "draw_options", "loss_options"),
    [
        ({"uniform_negatives": True}, {"uniform_negatives": True}, {}),
        ({"prototype_anchors": False}, {}, {"anchor_mask": torch.arange(9) < 6}),
        ({"class_averaged": True}, {}, {"class_averaged": True}),
        ({"exclude_own_copies": False}, {}, {"exclude_own_copies": False}),
        ({"num_positives": 3, "num_negatives": 5}, {"num_positives": 3, "num_negatives": 5}, {}),
        ({"num_candidates": 2}, {"num_candidates": 2}, {}),
        ({"mixup_alpha": 2.0}, {"mixup_alpha": 2.0}, {}),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else None,
)
def test_options_reach_the_prototype_loss(output, options, draw_options, loss_options):
    pool = torch.cat((output.embeddings, output.prototypes))
    labels = torch.cat((LABELS, torch.arange(3)))
    draw = {"hard_ratio": 0.5 + 0.5 / 4, "generator": step_generator(3, 4, torch.device("cpu"))}
    target_set = build_target_set(pool, labels, output.prototypes, **draw, **draw_options)
    expected = prototype_contrastive_loss(pool, labels, target_set, temperature=0.1, **loss_options)
    found = contrast(output, epochs=4, **options)
    torch.testing.assert_close(found, expected)
    assert found != contrast(output, epochs=4)


def test_schedule_ends_where_it_is_told(output):
    constant = contrast(output, epochs=4, hard_ratio=0.5, final_hard_ratio=0.5)
    pool = torch.cat((output.embeddings, output.prototypes))
    labels = torch.cat((LABELS, torch.arange(3)))
    generator = step_generator(3, 4, torch.device("cpu"))
    target_set = build_target_set(pool, labels, output.prototypes, hard_ratio=0.5, generator=generator)
    torch.testing.assert_close(
        constant, prototype_contrastive_loss(pool, labels, target_set, temperature=0.1)
    )
