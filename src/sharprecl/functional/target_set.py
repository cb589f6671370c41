"""The balanced target set: as many positives and negatives for every class, whatever the batch holds."""

import math
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from sharprecl.functional.mining import HardSet, mine_hard_sets
from sharprecl.functional.mixup import draw_mixing_weights, draw_pairs, mix_pairs
from sharprecl.functional.sampling import draw_members, draw_others, index_classes, take_rows


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
    generator: Generator | None = None,
) -> TargetSet:
    """Build equally many positives and negatives for all C classes at once (METHOD section 3).

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
        mixup_alpha: α > 0.
        generator: source of all randomness; the global one if None.

    Returns:
        The target set, on the pool's device.

    Raises:
        ValueError: if shapes do not fit or a number is out of its range.
    """
    _check_pool(pool, labels, prototypes)
    _check_numbers(num_positives, num_negatives, num_candidates, hard_ratio, mixup_alpha)
    index = index_classes(labels, prototypes.shape[0])
    hard_positives, hard_negatives = mine_hard_sets(pool, labels, prototypes, num_candidates)
    num_hard_positives = _num_mixed(hard_ratio, num_positives)
    num_hard_negatives = _num_mixed(hard_ratio, num_negatives)
    simple_positives = draw_members(index, num_positives - num_hard_positives, generator)
    simple_negatives = draw_others(index, num_negatives - num_hard_negatives, generator)
    positives, positive_sources = _assemble(
        pool,
        hard_positives,
        num_hard_positives,
        simple_positives,
        mixup_alpha=mixup_alpha,
        generator=generator,
    )
    negatives, negative_sources = _assemble(
        pool,
        hard_negatives,
        num_hard_negatives,
        simple_negatives,
        mixup_alpha=mixup_alpha,
        generator=generator,
    )
    return TargetSet(positives, negatives, positive_sources, negative_sources)


def _num_mixed(hard_ratio: float, num_rows: int) -> int:
    # 60 ρ of ρ = 0.5 + 0.5 · 2/3 comes out as 49.99…; the little that is added makes it the 50 it is.
    return math.floor(hard_ratio * num_rows + 1e-9)


def _assemble(
    pool: Tensor,
    hard_set: HardSet,
    num_hard: int,
    simple_rows: Tensor,
    *,
    mixup_alpha: float,
    generator: Generator | None,
) -> tuple[Tensor, Tensor]:
    pairs = draw_pairs(hard_set, num_hard, generator)  # [C, num_hard, 2]
    weights = draw_mixing_weights(tuple(pairs.shape[:2]), mixup_alpha, generator, like=pool)
    rows = torch.cat((mix_pairs(pool, pairs, weights), take_rows(pool, simple_rows)), dim=1)
    sources = torch.cat((pairs, simple_rows.unsqueeze(-1).expand(-1, -1, 2)), dim=1)
    return rows, sources


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
    if not mixup_alpha > 0.0:
        raise ValueError(f"mixup_alpha must be positive, not {mixup_alpha}")
