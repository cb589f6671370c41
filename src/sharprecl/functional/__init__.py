"""The special part of SharpReCL as pure tensor functions; imports torch only."""

from sharprecl.functional.classification import balanced_softmax_loss, prior_compensated_cross_entropy
from sharprecl.functional.contrastive import prototype_contrastive_loss
from sharprecl.functional.priors import effective_number_weights, log_class_prior
from sharprecl.functional.schedule import scheduled_hard_ratio
from sharprecl.functional.target_set import TargetSet, build_target_set

__all__ = [
    "TargetSet",
    "balanced_softmax_loss",
    "build_target_set",
    "effective_number_weights",
    "log_class_prior",
    "prior_compensated_cross_entropy",
    "prototype_contrastive_loss",
    "scheduled_hard_ratio",
]
