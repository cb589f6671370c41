"""The special part of SharpReCL as pure tensor functions; imports torch only."""

from sharprecl.functional.balanced_contrastive import balanced_contrastive_loss
from sharprecl.functional.class_means import class_mean_directions
from sharprecl.functional.classification import balanced_softmax_loss, prior_compensated_cross_entropy
from sharprecl.functional.consistency import consistency_loss
from sharprecl.functional.contrastive import prototype_contrastive_loss
from sharprecl.functional.focal import focal_loss
from sharprecl.functional.imbalance import (
    absent_probability,
    class_groups,
    effective_num_classes,
    expected_absent_classes,
    gini,
    imbalance_ratio,
    normalized_entropy,
    tertile_groups,
)
from sharprecl.functional.margin import label_margins, margin_cross_entropy
from sharprecl.functional.priors import effective_number_weights, log_class_prior
from sharprecl.functional.recipe_contrastive import recipe_contrastive_loss
from sharprecl.functional.schedule import scheduled_hard_ratio
from sharprecl.functional.target_set import (
    Recipe,
    TargetRecipe,
    TargetSet,
    build_target_set,
    draw_target_recipe,
)

__all__ = [
    "Recipe",
    "TargetRecipe",
    "TargetSet",
    "absent_probability",
    "balanced_contrastive_loss",
    "balanced_softmax_loss",
    "build_target_set",
    "class_groups",
    "class_mean_directions",
    "consistency_loss",
    "draw_target_recipe",
    "effective_num_classes",
    "effective_number_weights",
    "expected_absent_classes",
    "focal_loss",
    "gini",
    "imbalance_ratio",
    "label_margins",
    "log_class_prior",
    "margin_cross_entropy",
    "normalized_entropy",
    "prior_compensated_cross_entropy",
    "prototype_contrastive_loss",
    "recipe_contrastive_loss",
    "scheduled_hard_ratio",
    "tertile_groups",
]
