"""Ablations of SharpReCL: what each changes in its ``fit`` block, and curves over one key."""

from typing import Any

ABLATIONS: dict[str, dict[str, Any]] = {
    "without-contrast": {"contrastive_weight": 0.0, "final_contrastive_weight": 0.0},
    "constant-contrastive-weight": {"final_contrastive_weight": None},
    "without-target-set": {"num_positives": 0, "num_negatives": 0},
    "without-simple-sampling": {"hard_ratio": 1.0, "final_hard_ratio": 1.0},
    "without-hard-mixup": {"hard_ratio": 0.0, "final_hard_ratio": 0.0},
    "without-ratio-schedule": {"hard_ratio": 0.5, "final_hard_ratio": 0.5},
    "without-prototype-anchors": {"prototype_anchors": False},
    "class-weights-raw": {"class_weights": "raw"},
    "class-weights-mean1": {"class_weights": "mean1"},
    "linear-classifier": {"classifier": "linear", "logit_scale": "raw"},
    "unit-logits": {"classifier": "linear", "logit_scale": "unit"},
    "scaled-unit-logits": {"classifier": "linear", "logit_scale": 16.0},
    "fixed-scale-cosine": {"classifier": "cosine", "logit_scale": 16.0},
    "random-classifier-start": {"classifier_start": "random"},
    "without-logit-adjustment": {"logit_adjustment": "none"},
    "uniform-negatives": {"uniform_negatives": True},
    "class-averaged-denominator": {"class_averaged": True},
    "batch-norm-heads": {"head_norm": "batch"},
    "own-copies-kept": {"exclude_own_copies": False},
    "one-view": {"view": "none", "consistency_weight": 0.0},
    "cross-entropy-branch": {"classification_loss": "cross_entropy"},
}
"""By name; each is held against the default in the same comparison."""

CURVES: dict[str, list[float]] = {
    "temperature": [0.05, 0.1, 0.3, 1.0],
    "num_candidates": [5, 20, 80],
    "num_positives": [5, 20, 80],
    "num_negatives": [15, 60, 240],
    "mixup_alpha": [0.1, 0.5, 2.0],
    "contrastive_weight": [0.1, 0.3, 1.0, 3.0],
}
"""Keys of the ``fit`` block and the values they take in the sensitivity curves."""


def curve_points() -> dict[str, dict[str, Any]]:
    """Every value of every curve as an ablation, named ``key=value``."""
    return {f"{key}={value:g}": {key: value} for key, values in CURVES.items() for value in values}


def ablation_arms() -> dict[str, list[str]]:
    """By namespace of the ``ablate`` pipeline: the ablations and points that are trained there."""
    arms = {name: [name] for name in ABLATIONS}
    for key in CURVES:
        arms[f"varied-{key}"] = [name for name, point in curve_points().items() if key in point]
    return arms
