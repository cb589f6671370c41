"""How unequal the classes are: measures, class groups, and which classes a batch misses."""

import math

import torch
from torch import Tensor

from sharprecl.functional.priors import as_counts, log_class_prior

HEAD, MEDIUM, TAIL = 0, 1, 2
"""Group numbers of :func:`class_groups` and :func:`tertile_groups`."""
GROUP_NAMES = ("head", "medium", "tail")
"""Their names, in the order of the numbers."""


def imbalance_ratio(class_counts: Tensor) -> Tensor:
    """n_max / n_min over the classes that have a text: the imbalance factor of Cui et al. 2019.

    Args:
        class_counts: texts per class, shape [C], each ≥ 0, sum > 0.

    Returns:
        A number ≥ 1; 1 means that all classes that have texts have equally many.

    Raises:
        ValueError: if the counts are not a vector, are negative, or are all zero.
    """
    counts = as_counts(class_counts)
    if counts.sum() == 0:
        raise ValueError("class_counts are all zero: the imbalance ratio needs at least one text")
    return counts.max() / counts[counts > 0].min()


def normalized_entropy(class_counts: Tensor) -> Tensor:
    """H(π) / log C with π_c = n_c / N: Shannon's entropy as a share of its largest value (Pielou 1966).

    A class without texts adds nothing to H, yet counts in C.

    Args:
        class_counts: texts per class, shape [C], each ≥ 0, sum > 0.

    Returns:
        A number in [0, 1]: 1 for equal classes (and for C = 1, which cannot be unequal), 0 where a single
        one of several classes has all the texts.

    Raises:
        ValueError: if the counts are not a vector, are negative, or are all zero.
    """
    entropy = _entropy(class_counts)
    num_classes = class_counts.shape[0]
    return entropy / math.log(num_classes) if num_classes > 1 else torch.ones_like(entropy)


def effective_num_classes(class_counts: Tensor) -> Tensor:
    """exp H(π): how many equal classes would have the same entropy (Hill 1973, number of order 1).

    Args:
        class_counts: texts per class, shape [C], each ≥ 0, sum > 0.

    Returns:
        A number in [1, C].

    Raises:
        ValueError: if the counts are not a vector, are negative, or are all zero.
    """
    return _entropy(class_counts).exp()


def gini(class_counts: Tensor) -> Tensor:
    """Gini coefficient of the class sizes: Σ_i (2i − C − 1) n_(i) / (C N), n_(1) ≤ … ≤ n_(C).

    Twice the area between the Lorenz curve of the class sizes and the diagonal (Gini 1912; Yang et al.
    2022, "A Survey on Long-Tailed Visual Recognition", use it for long tails).

    Args:
        class_counts: texts per class, shape [C], each ≥ 0, sum > 0.

    Returns:
        A number in [0, 1 − 1/C]: 0 for equal classes.

    Raises:
        ValueError: if the counts are not a vector, are negative, or are all zero.
    """
    shares = log_class_prior(class_counts).exp().sort().values  # [C], ascending
    num_classes = shares.shape[0]
    ranks = torch.arange(1, num_classes + 1, dtype=shares.dtype, device=shares.device)
    return ((2 * ranks - num_classes - 1) * shares).sum() / num_classes


def class_groups(class_counts: Tensor, head_above: int = 100, tail_below: int = 20) -> Tensor:
    """Head, medium or tail by size: the many-, medium- and few-shot classes of Liu et al. 2019.

    "Large-Scale Long-Tailed Recognition in an Open World" draws the lines at 100 and 20.

    Args:
        class_counts: texts per class in the training split, shape [C].
        head_above: a class with more texts is head.
        tail_below: a class with fewer texts is tail; at most ``head_above``.

    Returns:
        Shape [C], int64: 0 head, 1 medium, 2 tail.

    Raises:
        ValueError: if ``tail_below`` exceeds ``head_above``.
    """
    if tail_below > head_above:
        raise ValueError(f"tail_below ({tail_below}) must not exceed head_above ({head_above})")
    groups = torch.full_like(class_counts, MEDIUM, dtype=torch.long)
    groups[class_counts > head_above] = HEAD
    groups[class_counts < tail_below] = TAIL
    return groups


def tertile_groups(class_counts: Tensor) -> Tensor:
    """Head, medium or tail by rank: the largest, middle and smallest third of the classes.

    Unlike :func:`class_groups` it leaves no group empty (C ≥ 3), whatever the size of the corpus. The class
    of rank r (0 the largest; of equal classes the first ranks first) is in group floor(3r / C).

    Args:
        class_counts: texts per class in the training split, shape [C].

    Returns:
        Shape [C], int64: 0 head, 1 medium, 2 tail.
    """
    num_classes = class_counts.shape[0]
    by_size = class_counts.argsort(descending=True, stable=True)
    groups = torch.empty_like(by_size)
    groups[by_size] = torch.arange(num_classes, device=by_size.device) * 3 // max(num_classes, 1)
    return groups


def absent_probability(class_counts: Tensor, batch_size: int) -> Tensor:
    """Chance that a batch, drawn without replacement, holds no text of a class.

    The hypergeometric chance of no hit, binom(N − n_c, B) / binom(N, B), through log Γ (Feller 1968, An
    Introduction to Probability Theory, II.6). A batch as large as the split is the whole split.

    Args:
        class_counts: texts per class in the training split, shape [C], each ≥ 0.
        batch_size: B ≥ 1.

    Returns:
        Shape [C], float64, in [0, 1]; 1 for a class without texts.

    Raises:
        ValueError: if the counts are not a vector or are negative, or the batch size is below 1.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    counts = as_counts(class_counts).double()
    total = counts.sum()
    batch = total.clamp(max=batch_size)
    others = total - counts  # [C]
    log_probability = (
        torch.lgamma(others + 1)
        - torch.lgamma((others - batch).clamp(min=0) + 1)
        + torch.lgamma(total - batch + 1)
        - torch.lgamma(total + 1)
    )
    # With fewer other texts than places in the batch, the class cannot be missed.
    return torch.where(others >= batch, log_probability.exp().clamp(max=1.0), 0.0)


def expected_absent_classes(class_counts: Tensor, batch_size: int) -> Tensor:
    """Number of classes that a batch misses on average: Σ_c of :func:`absent_probability`.

    Args:
        class_counts: texts per class in the training split, shape [C], each ≥ 0.
        batch_size: B ≥ 1.

    Returns:
        A number in [0, C], float64.

    Raises:
        ValueError: as for :func:`absent_probability`.
    """
    return absent_probability(class_counts, batch_size).sum()


def _entropy(class_counts: Tensor) -> Tensor:
    shares = log_class_prior(class_counts).exp()
    return -torch.xlogy(shares, shares).sum()
