import pytest
import torch
from torch import nn

from sharprecl.modeling.heads import (
    INITIAL_LEARNED_SCALE,
    CosineClassifier,
    LogitScale,
    ProjectionHead,
    build_classifier,
)

OUTPUTS = torch.tensor([[3.0, 4.0], [0.0, -2.0]])
UNIT = torch.tensor([[0.6, 0.8], [0.0, -1.0]])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("raw", OUTPUTS),
        ("unit", UNIT),
        (5.0, 5 * UNIT),
        (8, 8 * UNIT),
        ("learned", INITIAL_LEARNED_SCALE * UNIT),
    ],
)
def test_logit_scale(mode, expected):
    torch.testing.assert_close(LogitScale(mode)(OUTPUTS), expected)


def test_learned_scale_learns():
    scale = LogitScale("learned")
    scale(OUTPUTS).sum().backward()
    # d/d log s of s·Σ n(z) is s·Σ n(z) itself.
    torch.testing.assert_close(scale.log_scale.grad, INITIAL_LEARNED_SCALE * UNIT.sum())


@pytest.mark.parametrize("mode", ["big", 0.0, -1.0, None])
def test_logit_scale_refuses_other_modes(mode):
    with pytest.raises(ValueError, match="logit_scale must be"):
        LogitScale(mode)


@pytest.mark.parametrize(("norm", "kind"), [("layer", nn.LayerNorm), ("batch", nn.BatchNorm1d)])
def test_projection_head_has_the_norm_asked_for(norm, kind):
    head = ProjectionHead(8, 5, norm)
    assert isinstance(head[1], kind)
    rows = head(torch.randn(4, 8))
    assert rows.shape == (4, 5)
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(4))


def test_layer_norm_head_does_not_mix_rows():
    head = ProjectionHead(8, 5, "layer")
    states = torch.randn(4, 8)
    torch.testing.assert_close(head(states)[:1], head(states[:1]))


def test_projection_head_refuses_other_norms():
    with pytest.raises(ValueError, match="head_norm must be 'layer' or 'batch'"):
        ProjectionHead(8, 5, "group")


def test_cosine_classifier_gives_cosines():
    torch.manual_seed(0)
    classifier, states = CosineClassifier(8, 3), torch.randn(5, 8)
    expected = torch.nn.functional.cosine_similarity(states.unsqueeze(1), classifier.weight, dim=2)
    torch.testing.assert_close(classifier(states), expected)
    torch.testing.assert_close(classifier(7 * states), expected)
    assert classifier.bias is None


def test_scaled_cosines_are_not_normalised_again():
    outputs = torch.tensor([[0.5, -0.25]])
    torch.testing.assert_close(LogitScale(30.0, normalizes=False)(outputs), 30 * outputs)


def test_there_are_two_classifiers():
    assert type(build_classifier("linear", 4, 2)) is torch.nn.Linear
    assert type(build_classifier("cosine", 4, 2)) is CosineClassifier
    with pytest.raises(ValueError, match="classifier must be 'linear' or 'cosine', not 'quadratic'"):
        build_classifier("quadratic", 4, 2)
