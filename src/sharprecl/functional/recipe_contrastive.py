"""The same contrastive loss from a target set's recipe: no synthetic row is ever made."""

import torch
from torch import Tensor

from sharprecl.functional.checks import check_pool, check_temperature
from sharprecl.functional.contrastive import loss_of_similarities
from sharprecl.functional.mixup import smallest_squared_norm
from sharprecl.functional.precision import at_least_float32
from sharprecl.functional.sampling import take_rows
from sharprecl.functional.target_set import Recipe, TargetRecipe


def recipe_contrastive_loss(
    pool: Tensor,
    labels: Tensor,
    recipe: TargetRecipe,
    *,
    temperature: float = 0.3,
    class_weights: Tensor | None = None,
    exclude_own_copies: bool = True,
    anchor_mask: Tensor | None = None,
    class_averaged: bool = False,
) -> Tensor:
    """:func:`~sharprecl.functional.contrastive.prototype_contrastive_loss` in O(M·(M + P + Q)) memory.

    A synthetic row is a mixture of two pool rows, so its similarity to an anchor follows from the Gram
    matrix G = F Fᵀ alone::

        F_a·n(λ F_i + (1−λ) F_j) = (λ G_ai + (1−λ) G_aj) / √(λ² G_ii + (1−λ)² G_jj + 2 λ (1−λ) G_ij)

    Loss and gradient equal those of the rows themselves, without M·(P + Q) rows of D numbers.

    Args:
        pool: F, shape [M, D], unit rows. Half precision is raised to float32.
        labels: Y, class of each pool row, shape [M].
        recipe: of S⁺ and S⁻ of all C classes, from
            :func:`~sharprecl.functional.target_set.draw_target_recipe`.
        temperature: τ > 0.
        class_weights: w, shape [C]; all 1 if None.
        exclude_own_copies: as for the loss above; so are the two below.
        anchor_mask: shape [M].
        class_averaged: whether denominators are class-averaged.

    Returns:
        A scalar; 0 with zero gradients where no anchor has a positive.

    Raises:
        ValueError: if the temperature is not positive or the shapes do not fit.
    """
    check_temperature(temperature)
    check_pool(pool, labels)
    rows = at_least_float32(pool)
    gram = rows @ rows.T  # [M, M]
    similarities = (gram, *(_own_similarities(gram, labels, side) for side in recipe))
    return loss_of_similarities(
        torch.cat(similarities, dim=1),
        labels,
        recipe.positives.sources,
        temperature=temperature,
        class_weights=class_weights,
        exclude_own_copies=exclude_own_copies,
        anchor_mask=anchor_mask,
        class_averaged=class_averaged,
    )


def _own_similarities(gram: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    """Similarity of every anchor to the S synthetic rows of its class, shape [M, S]."""
    num_mixed = recipe.mixing_weights.shape[1]
    sources = recipe.sources[labels]  # [M, S, 2]
    to_first = gram.gather(1, sources[..., 0])  # [M, S]
    to_second = gram.gather(1, sources[:, :num_mixed, 1])  # [M, S_mix]
    first_share, second_share = _normalized_shares(gram, recipe)  # [C, S_mix] each
    mixed = take_rows(first_share, labels) * to_first[:, :num_mixed]
    mixed = mixed + take_rows(second_share, labels) * to_second
    return torch.cat((mixed, to_first[:, num_mixed:]), dim=1)


def _normalized_shares(gram: Tensor, recipe: Recipe) -> tuple[Tensor, Tensor]:
    """λ/‖λ F_i + (1−λ) F_j‖ and (1−λ)/‖λ F_i + (1−λ) F_j‖."""
    weight = recipe.mixing_weights.to(gram.dtype)
    other = 1 - weight
    first, second = recipe.sources[:, : weight.shape[1]].unbind(dim=2)
    squared_norm = (
        weight.square() * _entries(gram, first, first)
        + other.square() * _entries(gram, second, second)
        + 2 * weight * other * _entries(gram, first, second)
    )
    norm = squared_norm.clamp(min=smallest_squared_norm(gram.dtype)).sqrt()
    return weight / norm, other / norm


def _entries(gram: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """G_ij for arrays of i and j; gathered along one axis, which adds gradients up in a fixed order."""
    return gram.flatten().gather(0, (rows * gram.shape[1] + columns).flatten()).view_as(rows)
