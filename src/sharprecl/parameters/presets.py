"""Methods by name: what each sets in the ``fit`` block."""

from typing import Any, Literal

from sharprecl.parameters.fit import FitParameters

Preset = Literal[
    "sharprecl",
    "sharprecl-published",
    "balanced-softmax",
    "cross-entropy",
    "class-balanced",
    "focal",
    "ldam-drw",
    "logit-adjustment",
    "classifier-retraining",
    "supervised-contrastive",
    "balanced-contrastive",
]

NO_CONTRAST = {"contrastive_weight": 0.0, "final_contrastive_weight": 0.0}
"""μ is zero at the first step and at the last."""
ENCODER_ONLY = {"retrain_classifier": False}
"""The classifier stays as it was trained."""

# Each says what makes it the method that it is, a default too: in a comparison a key that the user sets for
# SharpReCL must not turn one method into another.
PRESETS: dict[Preset, dict[str, Any]] = {
    "sharprecl": {},
    # method.md section 5, and the rows of section 6 marked † kept as released.
    "sharprecl-published": {
        "learning_rate": 5e-5,
        "weight_decay": 4e-5,
        "epochs": 30,
        "batch_size": 128,
        "early_stopping_patience": 30,
        "selection_tolerance": 0.0,
        "temperature": 0.3,
        "classification_loss": "balanced_softmax",
        "contrastive_loss": "prototype",
        "contrastive_weight": 1.0,
        "final_contrastive_weight": None,
        "num_positives": 0,
        "num_negatives": 0,
        "prototype_anchors": True,
        "class_averaged": False,
        "class_weights": "first",
        "effective_number_beta": 0.9999,
        "classifier": "linear",
        "classifier_start": "random",
        "logit_scale": "unit",
        "logit_adjustment": "none",
        "pooling": "first",
        "embedding_dim": 100,
        "head_norm": "layer",
        "dropout": 0.0,
        "view": "aug_text",
        "consistency_weight": 0.0,
        **ENCODER_ONLY,
    },
    # Ren et al. 2020: the balanced branch alone.
    "balanced-softmax": {"classification_loss": "balanced_softmax", **NO_CONTRAST, **ENCODER_ONLY},
    "cross-entropy": {
        "classification_loss": "cross_entropy",
        "logit_adjustment": "none",
        **NO_CONTRAST,
        **ENCODER_ONLY,
    },
    # Cui et al. 2019.
    "class-balanced": {"classification_loss": "class_balanced", **NO_CONTRAST, **ENCODER_ONLY},
    # Lin et al. 2017.
    "focal": {"classification_loss": "focal", **NO_CONTRAST, **ENCODER_ONLY},
    # Cao et al. 2019, with its normalised classifier.
    "ldam-drw": {
        "classification_loss": "ldam_drw",
        "classifier": "cosine",
        "logit_scale": 30.0,
        **NO_CONTRAST,
        **ENCODER_ONLY,
    },
    # Menon et al. 2021, section 4.1, with τ from validation.
    "logit-adjustment": {
        "classification_loss": "cross_entropy",
        "logit_adjustment": "validation",
        **NO_CONTRAST,
        **ENCODER_ONLY,
    },
    # Kang et al. 2020: cRT.
    "classifier-retraining": {
        "classification_loss": "cross_entropy",
        "classifier": "linear",
        "logit_scale": "raw",
        "retrain_classifier": True,
        **NO_CONTRAST,
    },
    # Gunel et al. 2021.
    "supervised-contrastive": {
        "classification_loss": "cross_entropy",
        "contrastive_loss": "supervised",
        **ENCODER_ONLY,
    },
    # Zhu et al. 2022.
    "balanced-contrastive": {
        "classification_loss": "balanced_softmax",
        "contrastive_loss": "balanced",
        **ENCODER_ONLY,
    },
}


def apply_preset(fit: FitParameters, preset: Preset) -> FitParameters:
    """The preset's values, with every key that the user set kept as the user set it.

    Args:
        fit: the block as configured.
        preset: name of the preset.

    Returns:
        A new block.
    """
    return FitParameters(**{**PRESETS[preset], **fit.model_dump(exclude_unset=True)})


def overridden_keys(fit: FitParameters, preset: Preset) -> dict[str, tuple[Any, Any]]:
    """Keys of a preset to which the user gave another value.

    Args:
        fit: the block as configured.
        preset: name of the preset.

    Returns:
        The user's value and the preset's, by key.
    """
    own = fit.model_dump(exclude_unset=True)
    values = {key: (own[key], value) for key, value in PRESETS[preset].items() if key in own}
    return {key: pair for key, pair in values.items() if pair[0] != pair[1]}
