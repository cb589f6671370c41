"""Small pools F = [f¹; f²; p] for the tests of the functional layer."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import normalize

from sharprecl.functional import TargetSet, build_target_set
from tests import naive


class Pool(NamedTuple):
    """Unit rows [M, D], their classes [M], and the prototypes [C, D] that are the last C rows."""

    rows: Tensor
    labels: Tensor
    prototypes: Tensor


# Texts' classes and the number of classes; the names say what is tried.
SCENARIOS = {
    "class missing from the batch, classes with one text": ([0, 0, 1, 0, 3], 4),
    "two classes": ([0, 1, 1], 2),
    "one text": ([1], 3),
    "all texts of one class": ([2, 2, 2], 3),
    "many classes": ([5, 0, 5], 9),
}


def seeded(seed: int = 0) -> torch.Generator:
    """A generator of its own for each draw that must repeat."""
    return torch.Generator().manual_seed(seed)


def make_pool(
    texts: Sequence[int],
    num_classes: int,
    *,
    width: int = 5,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> Pool:
    """A random pool of two views of the texts and the prototypes; leaves of the graph."""
    labels = torch.tensor([*texts, *texts, *range(num_classes)])
    rows = torch.randn((len(labels), width), dtype=torch.float64, generator=seeded(seed))
    rows = normalize(rows, dim=1).to(dtype)
    return Pool(rows, labels, rows[-num_classes:])


def orthonormal(size: int) -> torch.Tensor:
    """Rows at right angles: every similarity of two of them is 0."""
    return torch.eye(size, dtype=torch.float64)


def make_target_set(pool: Pool, **arguments: object) -> TargetSet:
    """A small target set of the pool, from seed 1 unless a generator is given."""
    defaults = {"num_positives": 4, "num_negatives": 6, "num_candidates": 3, "generator": seeded(1)}
    return build_target_set(*pool, **{**defaults, **arguments})


def empty_target_set(num_classes: int, width: int) -> TargetSet:
    """No synthetic rows."""
    rows = torch.zeros((num_classes, 0, width), dtype=torch.float64)
    sources = torch.zeros((num_classes, 0, 2), dtype=torch.long)
    return TargetSet(rows, rows, sources, sources)


def sides(target_set: TargetSet) -> list[tuple[bool, Tensor, Tensor]]:
    """(is it the positives?, rows, sources) of both sides."""
    return [
        (True, target_set.positives, target_set.positive_sources),
        (False, target_set.negatives, target_set.negative_sources),
    ]


def rebuild(pool: Tensor, sources: Tensor, rows: Tensor, num_mixed: int) -> list[list[list[Tensor]]]:
    """The synthetic rows made anew by the naive loops, λ being read off the given rows."""
    return [
        naive.synthetic_rows(
            pool,
            pairs.tolist(),
            [
                mixing_weight(row.detach(), pool.detach()[pair]) if s < num_mixed else None
                for s, (row, pair) in enumerate(zip(of_class, pairs, strict=True))
            ],
        )
        for of_class, pairs in zip(rows, sources, strict=True)
    ]


def mixing_weight(row: Tensor, pair: Tensor) -> float:
    """λ of row ∝ λ·pair[0] + (1 − λ)·pair[1]; fails where the row is not on that segment."""
    if torch.equal(pair[0], pair[1]):
        torch.testing.assert_close(row, pair[0], rtol=0, atol=1e-12)
        return 1.0
    parts = torch.linalg.lstsq(pair.T, row.unsqueeze(1)).solution.squeeze(1)
    torch.testing.assert_close(parts @ pair, row, rtol=0, atol=1e-10)
    assert (parts >= -1e-12).all(), f"{parts} is outside of the segment"
    return float(parts[0] / parts.sum())
