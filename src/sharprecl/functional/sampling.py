"""Uniform draws inside and outside every class at once, without a loop over classes."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn.functional import embedding


@dataclass(frozen=True)
class ClassIndex:
    """Pool rows grouped by class.

    Attributes:
        order: pool rows sorted by class, shape [M].
        starts: where each class begins in ``order``, shape [C].
        counts: rows of each class, |P_c|, shape [C].
    """

    order: Tensor
    starts: Tensor
    counts: Tensor

    @property
    def other_counts(self) -> Tensor:
        """Rows of all other classes, |N_c|, shape [C]."""
        return self.order.numel() - self.counts


def index_classes(labels: Tensor, num_classes: int) -> ClassIndex:
    """Group pool rows by class.

    Args:
        labels: class of each pool row, shape [M], integers in 0..C−1.
        num_classes: C.

    Returns:
        The grouping; it stays on the labels' device and makes no host wait.
    """
    order = torch.argsort(labels, stable=True)
    counts = count_rows(labels, num_classes)
    return ClassIndex(order, counts.cumsum(0) - counts, counts)


def count_rows(labels: Tensor, num_classes: int) -> Tensor:
    """How many pool rows each class has.

    Args:
        labels: class of each pool row, shape [M], integers in 0..C−1.
        num_classes: C.

    Returns:
        |P_c|, shape [C], int64; it stays on the labels' device and makes no host wait.
    """
    # scatter_add instead of bincount: bincount waits for the device to learn its output size.
    counts = torch.zeros(num_classes, dtype=torch.long, device=labels.device)
    return counts.scatter_add_(0, labels, torch.ones_like(labels))


def take_rows(pool: Tensor, rows: Tensor) -> Tensor:
    """Pool rows by number, with a gradient that adds up in the same order every time.

    Plain indexing adds its gradients atomically when several threads work, so that equal seeds would not
    give equal bits; the kernels behind an embedding look-up do not.

    Args:
        pool: shape [M, D].
        rows: row numbers, any shape.

    Returns:
        Shape [*rows.shape, D].
    """
    return embedding(rows, pool)


def draw_below(limits: Tensor, num_samples: int, generator: Generator | None) -> Tensor:
    """Uniform integers 0 ≤ r < limit, with replacement.

    Args:
        limits: one exclusive upper bound a row, shape [C], each ≥ 1.
        num_samples: draws a row.
        generator: source of randomness; the global one if None.

    Returns:
        Shape [C, num_samples], int64, on the limits' device.
    """
    shape = (limits.shape[0], num_samples)
    device = generator.device if generator is not None else limits.device
    # float32, which every device has; its 2^24 steps are plenty for the rows of a batch, and their largest,
    # 1 − 2^-24, stays below the limit when multiplied by it.
    uniform = torch.rand(shape, generator=generator, dtype=torch.float32, device=device)
    return (uniform.to(limits.device) * limits.unsqueeze(1)).long()


def draw_members(index: ClassIndex, num_samples: int, generator: Generator | None) -> Tensor:
    """Simple-sampling of positives: rows drawn uniformly from each P_c, with replacement.

    Returns:
        Pool rows, shape [C, num_samples].
    """
    ranks = draw_below(index.counts, num_samples, generator)
    return index.order[index.starts.unsqueeze(1) + ranks]


def draw_others(index: ClassIndex, num_samples: int, generator: Generator | None) -> Tensor:
    """Simple-sampling of negatives: rows drawn uniformly from each N_c, with replacement.

    Returns:
        Pool rows, shape [C, num_samples].
    """
    ranks = draw_below(index.other_counts, num_samples, generator)
    # Ranks count the rows of other classes; step over the class's own block in the sorted order.
    own_block_passed = ranks >= index.starts.unsqueeze(1)
    return index.order[ranks + own_block_passed * index.counts.unsqueeze(1)]


def draw_others_by_class(index: ClassIndex, num_samples: int, generator: Generator | None) -> Tensor:
    """Class-uniform sampling of negatives (method.md section 6, row 8).

    For each class c, first one of the C − 1 other classes is drawn uniformly, then a row of it, both with
    replacement: a class has the same share of the negatives however many rows the pool holds of it.

    Args:
        index: of a pool with at least one row of every class, C ≥ 2.
        num_samples: draws a class.
        generator: source of randomness; the global one if None.

    Returns:
        Pool rows, shape [C, num_samples].
    """
    classes = torch.arange(index.counts.shape[0], device=index.counts.device).unsqueeze(1)  # [C, 1]
    ranks = draw_below(torch.full_like(index.counts, index.counts.shape[0] - 1), num_samples, generator)
    # Ranks count the other classes; step over the class itself.
    others = ranks + (ranks >= classes)  # [C, num_samples]
    places = draw_below(index.counts[others].flatten(), 1, generator).view_as(others)
    return index.order[index.starts[others] + places]
