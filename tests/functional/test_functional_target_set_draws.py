"""The draws behind the target set: their distributions and their generator."""

import pytest
import torch
from scipy.stats import chisquare, kstest

from sharprecl.functional import build_target_set, draw_target_recipe
from sharprecl.functional.sampling import draw_members, draw_others, draw_others_by_class, index_classes
from tests import naive
from tests.functional.pools import make_pool, make_target_set, seeded, sides


def test_simple_sampling_is_uniform_over_the_whole_class_and_its_complement():
    pool = make_pool([0, 0, 1, 2, 2, 2], 3)
    target_set = make_target_set(
        pool, num_positives=4000, num_negatives=4000, num_candidates=1, hard_ratio=0.0
    )
    for positive, _, sources in sides(target_set):
        for c in range(3):
            seen, counts = sources[c, :, 0].unique(return_counts=True)
            assert seen.tolist() == naive.members(pool.labels.tolist(), c, positive=positive)
            assert chisquare(counts.numpy()).pvalue > 1e-3


def test_uniform_negatives_give_every_other_class_the_same_share():
    # A class with 20 rows beside classes with one row each.
    pool = make_pool([0] * 10, 5)
    _, negatives = sides(
        make_target_set(pool, num_negatives=4000, hard_ratio=0.0, num_positives=0, uniform_negatives=True)
    )
    for c in range(5):
        seen, counts = pool.labels[negatives[2][c, :, 0]].unique(return_counts=True)
        assert seen.tolist() == [other for other in range(5) if other != c]
        assert chisquare(counts.numpy()).pvalue > 1e-3


@pytest.mark.parametrize(
    ("option", "draw_negatives"),
    [
        ({}, draw_others),
        ({"uniform_negatives": False}, draw_others),
        ({"uniform_negatives": True}, draw_others_by_class),
    ],
)
def test_simple_samples_are_the_generator_s_first_draws(option, draw_negatives):
    pool = make_pool([0, 0, 1, 2, 2, 2], 3)
    recipe = draw_target_recipe(*pool, num_positives=5, num_negatives=7, generator=seeded(4), **option)
    index, generator = index_classes(pool.labels, 3), seeded(4)
    expected_positives = draw_members(index, 3, generator)
    expected_negatives = draw_negatives(index, 4, generator)
    assert torch.equal(recipe.positives.sources[:, 2:], expected_positives.unsqueeze(2).expand(-1, -1, 2))
    assert torch.equal(recipe.negatives.sources[:, 3:], expected_negatives.unsqueeze(2).expand(-1, -1, 2))


@pytest.mark.parametrize("uniform_negatives", [False, True])
def test_target_set_holds_the_rows_of_the_recipe(uniform_negatives):
    pool = make_pool([0, 0, 1, 2, 2, 2], 3)
    made = make_target_set(pool, uniform_negatives=uniform_negatives)
    recipe = draw_target_recipe(
        *pool,
        num_positives=4,
        num_negatives=6,
        num_candidates=3,
        uniform_negatives=uniform_negatives,
        generator=seeded(1),
    )
    assert torch.equal(made.positive_sources, recipe.positives.sources)
    assert torch.equal(made.negative_sources, recipe.negatives.sources)


def test_mixed_pairs_are_uniform_over_the_hard_set():
    pool = make_pool([0, 1] * 5, 2)
    target_set = make_target_set(
        pool, num_positives=4000, num_negatives=4000, num_candidates=4, hard_ratio=1.0
    )
    for _, _, sources in sides(target_set):
        for pairs in sources:
            _, counts = pairs.unique(dim=0, return_counts=True)
            assert len(counts) == 12  # 4 · 3 ordered pairs
            assert chisquare(counts.numpy()).pvalue > 1e-3


@pytest.mark.parametrize("alpha", [0.5, 3.0])
def test_mixing_weights_follow_the_beta_distribution(alpha):
    # In an orthonormal pool a mixture's coordinates are λ and 1 − λ over their norm.
    rows, labels = torch.eye(8, dtype=torch.float64), torch.tensor([0, 0, 0, 1, 1, 1, 0, 1])
    target_set = build_target_set(
        rows,
        labels,
        rows[-2:],
        num_positives=2000,
        num_negatives=2000,
        hard_ratio=1.0,
        mixup_alpha=alpha,
        generator=seeded(),
    )
    for _, mixed, sources in sides(target_set):
        parts = mixed.gather(2, sources)  # [C, S, 2]
        weights = parts[..., 0] / parts.sum(dim=2)
        assert kstest(weights.flatten().numpy(), "beta", args=(alpha, alpha)).pvalue > 1e-3


def test_same_seed_same_set_and_the_global_state_is_untouched():
    pool = make_pool([0, 1, 1, 0], 2)
    state = torch.get_rng_state()
    first, again, other = (make_target_set(pool, generator=seeded(seed)) for seed in (5, 5, 6))
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first.positives, other.positives)
    assert torch.equal(torch.get_rng_state(), state)
