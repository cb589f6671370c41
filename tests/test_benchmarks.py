"""The baseline that the benchmarks measure against computes the same thing."""

import sys
from pathlib import Path

import pytest
import torch
from torch.nn.functional import normalize

from sharprecl.functional import build_target_set, prototype_contrastive_loss
from sharprecl.parameters import FitParameters

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))


def test_loops_over_the_classes_give_the_batched_loss():
    from per_class_loops import per_class_contrastive_loss

    labels = torch.tensor([0, 0, 1, 0, 1, 0, 1, 2, 2])
    generator = torch.Generator().manual_seed(0)
    pool = normalize(torch.randn(9, 4, dtype=torch.float64, generator=generator), dim=1)
    # Without synthetic rows nothing is drawn, so that the two can be compared.
    parameters = FitParameters(num_positives=0, num_negatives=0)
    looped = per_class_contrastive_loss(pool, labels, pool[-3:], parameters, 0.5)
    made = build_target_set(pool, labels, pool[-3:], num_positives=0, num_negatives=0)
    batched = prototype_contrastive_loss(pool, labels, made, temperature=parameters.temperature)
    assert looped.item() == pytest.approx(batched.item(), abs=1e-12)


def test_every_mutation_by_hand_fits_the_layer_as_it_is():
    from functional_mutations import MUTATIONS

    folder = Path(__file__).parents[1] / "src/sharprecl/functional"
    sources = {file.stem: file.read_text(encoding="utf-8") for file in folder.glob("*.py")}
    assert [
        mutation.name for mutation in MUTATIONS if sources[mutation.module].count(mutation.old) != 1
    ] == []
    assert [mutation.name for mutation in MUTATIONS if mutation.old == mutation.new] == []
