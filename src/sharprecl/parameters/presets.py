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

PRESETS: dict[Preset, dict[str, Any]] = {
    "sharprecl": {},
    # METHOD section 5, and the rows of section 6 marked † kept as released.
    "sharprecl-published": {
        "learning_rate": 5e-5,
        "weight_decay": 4e-5,
        "epochs": 30,
        "batch_size": 128,
        "temperature": 0.3,
        "contrastive_weight": 1.0,
        "final_contrastive_weight": None,
        "num_positives": 0,
        "num_negatives": 0,
        "class_weights": "first",
        "classifier": "linear",
        "classifier_start": "random",
        "logit_scale": "unit",
        "logit_adjustment": "none",
        "pooling": "first",
        "dropout": 0.0,
        "view": "aug_text",
    },
    # Ren et al. 2020: the balanced branch alone.
    "balanced-softmax": {"contrastive_weight": 0.0},
    "cross-entropy": {
        "classification_loss": "cross_entropy",
        "logit_adjustment": "none",
        "contrastive_weight": 0.0,
    },
    # Cui et al. 2019.
    "class-balanced": {"classification_loss": "class_balanced", "contrastive_weight": 0.0},
    # Lin et al. 2017.
    "focal": {"classification_loss": "focal", "contrastive_weight": 0.0},
    # Cao et al. 2019, with its normalised classifier.
    "ldam-drw": {
        "classification_loss": "ldam_drw",
        "classifier": "cosine",
        "logit_scale": 30.0,
        "contrastive_weight": 0.0,
    },
    # Menon et al. 2021, section 4.1, with τ from validation.
    "logit-adjustment": {
        "classification_loss": "cross_entropy",
        "logit_adjustment": "validation",
        "contrastive_weight": 0.0,
    },
    # Kang et al. 2020: cRT.
    "classifier-retraining": {
        "classification_loss": "cross_entropy",
        "classifier": "linear",
        "logit_scale": "raw",
        "retrain_classifier": True,
        "contrastive_weight": 0.0,
    },
    # Gunel et al. 2021.
    "supervised-contrastive": {"classification_loss": "cross_entropy", "contrastive_loss": "supervised"},
    # Zhu et al. 2022.
    "balanced-contrastive": {"contrastive_loss": "balanced"},
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
