import pyarrow as pa
import pytest
import torch
from torch.nn.functional import normalize

from sharprecl.errors import ParameterError
from sharprecl.functional import (
    balanced_softmax_loss,
    build_target_set,
    consistency_loss,
    effective_number_weights,
    prototype_contrastive_loss,
    scheduled_hard_ratio,
)
from sharprecl.modeling import SharpReCLOutput
from sharprecl.parameters import FitParameters
from sharprecl.training.contrastive_objective import anchor_weights, step_generator
from sharprecl.training.job import TrainingJob
from sharprecl.training.objective import SharpReCLObjective, contrastive_weight_at

COUNTS = torch.tensor([50, 10, 2])
LABELS = torch.tensor([0, 1, 0, 1])


@pytest.fixture
def output() -> SharpReCLOutput:
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=generator)  # noqa: E731
    return SharpReCLOutput(None, draw(4, 3), normalize(draw(4, 8), dim=1), normalize(draw(3, 8), dim=1))


def test_total_is_the_method_put_together_by_hand(output):
    parameters = FitParameters(
        contrastive_weight=0.7, final_contrastive_weight=None, class_weights="raw", epochs=10
    )
    terms = SharpReCLObjective(parameters, COUNTS, seed=3)(output, LABELS, step=45, num_steps=100)
    pool = torch.cat((output.embeddings, output.prototypes))
    pool_labels = torch.cat((LABELS, torch.arange(3)))
    target_set = build_target_set(
        pool,
        pool_labels,
        output.prototypes,
        hard_ratio=scheduled_hard_ratio(0.5, 4, 10),  # step 45 of 100 is in the fifth of ten epochs
        generator=step_generator(3, 45, torch.device("cpu")),
    )
    contrastive = prototype_contrastive_loss(
        pool, pool_labels, target_set, temperature=0.1, class_weights=effective_number_weights(COUNTS)
    )
    classification = balanced_softmax_loss(output.logits, LABELS, COUNTS)
    torch.testing.assert_close(terms.classification, classification)
    torch.testing.assert_close(terms.contrastive, contrastive)
    torch.testing.assert_close(terms.total, classification + 0.7 * contrastive)


@pytest.mark.parametrize("contrastive_weight", [0.0, 0.7])
def test_agreement_of_the_views_is_added_with_its_weight(output, contrastive_weight):
    # Rows 0 and 1 are the first views, rows 2 and 3 the second ones of the same texts.
    agreement = consistency_loss(output.logits[:2], output.logits[2:])
    totals = [
        SharpReCLObjective(
            FitParameters(contrastive_weight=contrastive_weight, consistency_weight=weight), COUNTS, seed=3
        )(output, LABELS, step=0, num_steps=10).total
        for weight in (0.0, 2.0)
    ]
    torch.testing.assert_close(totals[1] - totals[0], 2.0 * agreement)


def test_no_contrast_is_balanced_softmax(output):
    terms = SharpReCLObjective(FitParameters(contrastive_weight=0.0), COUNTS, seed=0)(
        output, LABELS, step=0, num_steps=1
    )
    assert terms.total == terms.classification
    assert terms.contrastive == 0


def test_draws_depend_on_seed_and_step_alone(output):
    parameters = FitParameters(final_hard_ratio=0.5)  # so that the schedule makes no difference
    objective = SharpReCLObjective(parameters, COUNTS, seed=0)
    losses = [objective(output, LABELS, step=step, num_steps=9).contrastive for step in (1, 2, 1)]
    other_seed = SharpReCLObjective(parameters, COUNTS, seed=1)
    assert losses[0] == losses[2]
    assert losses[0] != losses[1]
    assert losses[0] != other_seed(output, LABELS, step=1, num_steps=9).contrastive


def test_published_preset_without_generated_samples_still_contrasts(output):
    parameters = FitParameters(num_positives=0, num_negatives=0, contrastive_weight=1.0)
    terms = SharpReCLObjective(parameters, COUNTS, seed=0)(output, LABELS, step=0, num_steps=1)
    assert terms.contrastive > 0


def test_anchor_weights():
    raw = effective_number_weights(COUNTS).float()
    assert anchor_weights(COUNTS, "none", 0.9999) is None
    torch.testing.assert_close(anchor_weights(COUNTS, "raw", 0.9999), raw)
    torch.testing.assert_close(anchor_weights(COUNTS, "mean1", 0.9999), raw / raw.mean())
    torch.testing.assert_close(anchor_weights(COUNTS, "first", 0.9999), raw[:1].repeat(3))
    torch.testing.assert_close(anchor_weights(COUNTS, "first", 0.9999, 2), raw[2:].repeat(3))


def test_the_contrast_takes_the_first_class_that_it_is_given(output):
    parameters = FitParameters(class_weights="first")
    losses = [
        SharpReCLObjective(parameters, COUNTS, 0, first)(output, LABELS, step=0, num_steps=9).contrastive
        for first in (0, 2)
    ]
    raw = effective_number_weights(COUNTS).float()
    torch.testing.assert_close(losses[1] / losses[0], raw[2] / raw[0])


@pytest.mark.parametrize(("progress", "expected"), [(0.0, 1.0), (0.25, 0.75), (1.0, 0.0)])
def test_contrastive_weight_moves_linearly(progress, expected):
    parameters = FitParameters(contrastive_weight=1.0, final_contrastive_weight=0.0)
    assert contrastive_weight_at(parameters, progress) == expected


def test_contrastive_weight_is_constant_where_no_other_is_given():
    parameters = FitParameters(contrastive_weight=0.3, final_contrastive_weight=None)
    assert contrastive_weight_at(parameters, 0.9) == 0.3


def job_with(first_class, class_weights="first"):
    parameters = FitParameters(class_weights=class_weights, first_class=first_class)
    return TrainingJob(pa.table({}), ["a", "b"], "random-tiny", 0, parameters, 0)


def test_the_first_class_is_the_one_that_is_named_or_the_first_by_name():
    assert [job_with(label).first_class for label in ("b", "a", None)] == [1, 0, 0]
    assert job_with("unused", class_weights="none").first_class == 0
    with pytest.raises(ParameterError, match=r"fit\.first_class: there is no class 'c'; there are a, b"):
        _ = job_with("c").first_class
