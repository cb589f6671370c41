"""The balanced target set: as many positives and negatives for every class, whatever the batch holds."""

import math
from functools import partial
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from sharprecl.functional.mining import HardSet, mine_hard_sets
from sharprecl.functional.mixup import draw_mixing_weights, draw_pairs, mix_pairs
from sharprecl.functional.sampling import (
    draw_members,
    draw_others,
    draw_others_by_class,
    index_classes,
    take_rows,
)


class Recipe(NamedTuple):
    """What the synthetic rows of one side are made of: S rows a class, the first S_mix by hard-mixup.

    Attributes:
        sources: pool rows i and j of each, shape [C, S, 2]; a simple sample names its row twice.
        mixing_weights: λ of the mixtures s = n(λ F_i + (1 − λ) F_j), shape [C, S_mix].
    """

    sources: Tensor
    mixing_weights: Tensor


class TargetRecipe(NamedTuple):
    """A target set before its rows are made.

    Attributes:
        positives: recipe of S⁺.
        negatives: recipe of S⁻.
    """

    positives: Recipe
    negatives: Recipe


class TargetSet(NamedTuple):
    """Synthetic rows for every class: hard-mixup rows first, simple samples after them.

    Attributes:
        positives: S⁺, shape [C, P, D].
        negatives: S⁻, shape [C, Q, D].
        positive_sources: the pool rows each positive was made of, shape [C, P, 2]; a simple sample
            names its row twice.
        negative_sources: likewise for the negatives, shape [C, Q, 2].
    """

    positives: Tensor
    negatives: Tensor
    positive_sources: Tensor
    negative_sources: Tensor


def build_target_set(
    pool: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    *,
    num_positives: int = 20,
    num_negatives: int = 60,
    num_candidates: int = 20,
    hard_ratio: float = 0.5,
    mixup_alpha: float = 0.5,
    uniform_negatives: bool = False,
    generator: Generator | None = None,
) -> TargetSet:
    """Build equally many positives and negatives for all C classes at once (method.md section 3).

    For each class, floor(ρ·n) rows come from hard-mixup and the rest from simple-sampling. Nothing is
    detached: gradients reach pool rows through every synthetic row.

    Args:
        pool: F = [f¹; f²; p], shape [M, D], unit rows, at least one row of every class (the
            prototypes see to that).
        labels: class of each pool row, shape [M], integers in 0..C−1.
        prototypes: p, shape [C, D], unit rows, C ≥ 2.
        num_positives: P ≥ 0.
        num_negatives: Q ≥ 0.
        num_candidates: k ≥ 1, size of the hard sets.
        hard_ratio: ρ in [0, 1].
        mixup_alpha: α ≥ 0.01.
        uniform_negatives: draw simple negatives by class, then by row in it (method.md section 6, row 8).
        generator: source of all randomness; the global one if None.

    Returns:
        The target set, on the pool's device.

    Raises:
        ValueError: if shapes do not fit or a number is out of its range.
    """
    recipe = draw_target_recipe(
        pool,
        labels,
        prototypes,
        num_positives=num_positives,
        num_negatives=num_negatives,
        num_candidates=num_candidates,
        hard_ratio=hard_ratio,
        mixup_alpha=mixup_alpha,
        uniform_negatives=uniform_negatives,
        generator=generator,
    )
    return TargetSet(
        _make_rows(pool, recipe.positives),
        _make_rows(pool, recipe.negatives),
        recipe.positives.sources,
        recipe.negatives.sources,
    )


def draw_target_recipe(
    pool: Tensor,
    labels: Tensor,
    prototypes: Tensor,
    *,
    num_positives: int = 20,
    num_negatives: int = 60,
    num_candidates: int = 20,
    hard_ratio: float = 0.5,
    mixup_alpha: float = 0.5,
    uniform_negatives: bool = False,
    generator: Generator | None = None,
) -> TargetRecipe:
    """All random choices of a target set, without its C·(P+Q) rows of D numbers.

    Arguments and errors are those of :func:`build_target_set`, which makes the rows of the same recipe.
    """
    _check_pool(pool, labels, prototypes)
    _check_numbers(num_positives, num_negatives, num_candidates, hard_ratio, mixup_alpha)
    index = index_classes(labels, prototypes.shape[0])
    hard_positives, hard_negatives = mine_hard_sets(pool, labels, prototypes, num_candidates)
    num_hard_positives = _num_mixed(hard_ratio, num_positives)
    num_hard_negatives = _num_mixed(hard_ratio, num_negatives)
    simple_positives = draw_members(index, num_positives - num_hard_positives, generator)
    draw_negatives = draw_others_by_class if uniform_negatives else draw_others
    simple_negatives = draw_negatives(index, num_negatives - num_hard_negatives, generator)
    draw = partial(_draw_recipe, mixup_alpha=mixup_alpha, generator=generator, like=pool)
    return TargetRecipe(
        draw(hard_positives, num_hard_positives, simple_positives),
        draw(hard_negatives, num_hard_negatives, simple_negatives),
    )


def _num_mixed(hard_ratio: float, num_rows: int) -> int:
    # 60 ρ of ρ = 0.5 + 0.5 · 2/3 comes out as 49.99…; the little that is added makes it the 50 it is.
    return math.floor(hard_ratio * num_rows + 1e-9)


def _draw_recipe(
    hard_set: HardSet,
    num_hard: int,
    simple_rows: Tensor,
    *,
    mixup_alpha: float,
    generator: Generator | None,
    like: Tensor,
) -> Recipe:
    pairs = draw_pairs(hard_set, num_hard, generator)  # [C, num_hard, 2]
    weights = draw_mixing_weights(tuple(pairs.shape[:2]), mixup_alpha, generator, like=like)
    simple_pairs = simple_rows.unsqueeze(-1).expand(-1, -1, 2)
    return Recipe(torch.cat((pairs, simple_pairs), dim=1), weights)


def _make_rows(pool: Tensor, recipe: Recipe) -> Tensor:
    num_mixed = recipe.mixing_weights.shape[1]
    mixed = mix_pairs(pool, recipe.sources[:, :num_mixed], recipe.mixing_weights)
    return torch.cat((mixed, take_rows(pool, recipe.sources[:, num_mixed:, 0])), dim=1)  # [C, S, D]


def _check_pool(pool: Tensor, labels: Tensor, prototypes: Tensor) -> None:
    fits = pool.dim() == 2 and labels.shape == pool.shape[:1] and prototypes.shape[1:] == pool.shape[1:]
    if not fits:
        raise ValueError(
            "expected pool [M, D], labels [M] and prototypes [C, D], not "
            f"{list(pool.shape)}, {list(labels.shape)} and {list(prototypes.shape)}"
        )
    if prototypes.shape[0] < 2:
        raise ValueError("a target set needs at least two classes: with one there are no negatives")


def _check_numbers(
    num_positives: int, num_negatives: int, num_candidates: int, hard_ratio: float, mixup_alpha: float
) -> None:
    if num_positives < 0 or num_negatives < 0:
        raise ValueError("num_positives and num_negatives must be at least 0")
    if num_candidates < 1:
        raise ValueError("num_candidates must be at least 1")
    if not 0.0 <= hard_ratio <= 1.0:
        raise ValueError(f"hard_ratio must be in [0, 1], not {hard_ratio}")
    if not 0.01 <= mixup_alpha < math.inf:
        raise ValueError(f"mixup_alpha must be finite and at least 0.01, not {mixup_alpha}")
