"""Class priors and class weights from class counts."""

import torch
from torch import Tensor


def log_class_prior(class_counts: Tensor) -> Tensor:
    """Logarithm of the class prior, log π with π_c = n_c / N (method.md section 2).

    Args:
        class_counts: texts per class in the training split, shape [C], each ≥ 0, sum > 0.

    Returns:
        Shape [C], float64 for integer counts and the counts' own type otherwise. A class
        without texts gets −inf.

    Raises:
        ValueError: if the counts are not a vector, are negative, or are all zero.
    """
    counts = as_counts(class_counts)
    if counts.sum() == 0:
        raise ValueError("class_counts are all zero: a prior needs at least one text")
    return counts.log() - counts.sum().log()


def effective_number_weights(class_counts: Tensor, beta: float = 0.9999) -> Tensor:
    """Class weights from the effective number of samples.

    w_c = mean_j(E_j) / E_c with E_c = (1 − β^{n_c}) / (1 − β) (Cui et al. 2019, "Class-Balanced Loss
    Based on Effective Number of Samples", equation 2; method.md section 4). β = 0 weighs all classes
    alike; β → 1 approaches inverse frequency.

    Args:
        class_counts: texts per class in the training split, shape [C], each ≥ 1.
        beta: 0 ≤ β < 1.

    Returns:
        Shape [C], positive; float64 for integer counts and the counts' own type otherwise.

    Raises:
        ValueError: if β is out of range, the counts are no vector or negative, or a class has no text (its
            weight would be infinite).
    """
    if not 0.0 <= beta < 1.0:
        raise ValueError(f"beta must be in [0, 1), not {beta}")
    counts = as_counts(class_counts)
    if (counts < 1).any():
        raise ValueError("class_counts has a class without texts: its effective number is 0")
    beta_power = torch.as_tensor(beta, dtype=torch.float64).log() * counts.double()
    # expm1 keeps the digits that 1 − β^n loses for β near 1 and small n.
    effective_number = (-torch.expm1(beta_power) / (1.0 - beta)).to(counts.dtype)
    return effective_number.mean() / effective_number


def as_counts(class_counts: Tensor) -> Tensor:
    """Class counts as numbers to compute with: float64 where they are whole numbers.

    Raises:
        ValueError: if they are no vector, or one is negative.
    """
    if class_counts.dim() != 1:
        raise ValueError(f"class_counts must have shape [C], not {list(class_counts.shape)}")
    if (class_counts < 0).any():
        raise ValueError("class_counts has a negative count")
    return class_counts if class_counts.is_floating_point() else class_counts.double()
