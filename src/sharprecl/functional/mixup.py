"""Hard-mixup: convex combinations of two hard rows of the same set."""

import math

import torch
from torch import Generator, Tensor
from torch.nn.functional import normalize

from sharprecl.functional.mining import HardSet
from sharprecl.functional.sampling import draw_below, take_rows

ROUNDING_STEPS = 8
"""Squared norms below this many roundings of 1 are what is left of two opposite rows that mix to nothing."""


def draw_pairs(hard_set: HardSet, num_samples: int, generator: Generator | None) -> Tensor:
    """Pairs of different hard rows, uniform with replacement between pairs.

    Where a hard set holds a single row, both members of the pair are that row.

    Args:
        hard_set: the hardest rows of each class.
        num_samples: pairs a class.
        generator: source of randomness.

    Returns:
        Pool rows, shape [C, num_samples, 2].
    """
    first = draw_below(hard_set.counts, num_samples, generator)
    # A second draw among the other rows of the set: ranks at or past the first move up by one.
    second = draw_below((hard_set.counts - 1).clamp(min=1), num_samples, generator)
    second = torch.where(hard_set.counts.unsqueeze(1) > 1, second + (second >= first), second)
    ranks = torch.stack((first, second), dim=2)  # [C, num_samples, 2]
    return hard_set.rows.gather(1, ranks.flatten(1)).view_as(ranks)


def draw_mixing_weights(
    shape: tuple[int, ...], mixup_alpha: float, generator: Generator | None, like: Tensor
) -> Tensor:
    """λ ~ Beta(α, α).

    Args:
        shape: of the result.
        mixup_alpha: α ≥ 0.01, below which the gamma variates behind λ underflow; below 1 most λ lie near 0 or
            1.
        generator: source of randomness.
        like: a tensor whose device and type the result takes.

    Returns:
        λ in [0, 1], of the given shape.
    """
    device = generator.device if generator is not None else like.device
    concentration = torch.full((*shape, 2), mixup_alpha, dtype=torch.float64, device=device)
    # torch.distributions.Beta draws from the same kernel but takes no generator.
    draws = torch._sample_dirichlet(concentration, generator=generator)
    return draws[..., 0].to(like.device, like.dtype)


def mix_pairs(pool: Tensor, pairs: Tensor, mixing_weights: Tensor) -> Tensor:
    """s = n(λ F_i + (1 − λ) F_j) (method.md section 3); gradients reach both rows.

    Args:
        pool: F, shape [M, D].
        pairs: rows i and j, shape [C, S, 2].
        mixing_weights: λ, shape [C, S].

    Returns:
        Unit rows, shape [C, S, D]; shorter where two opposite rows mix to nothing.
    """
    weight = mixing_weights.unsqueeze(-1)  # [C, S, 1]
    mixed = weight * take_rows(pool, pairs[..., 0]) + (1 - weight) * take_rows(pool, pairs[..., 1])
    return normalize(mixed, dim=-1, eps=math.sqrt(smallest_squared_norm(mixed.dtype)))


def smallest_squared_norm(dtype: torch.dtype) -> float:
    """The squared norm below which a mixture of unit rows is rounding error and is not scaled up further."""
    return ROUNDING_STEPS * torch.finfo(torch.promote_types(dtype, torch.float32)).eps
