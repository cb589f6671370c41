"""Typed parameter blocks: one model a block of ``conf/base/parameters*.yml``, unknown keys forbidden."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Policy = Literal["keep", "drop", "fail"]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
Count = Annotated[int, Field(ge=1)]


class Block(BaseModel):
    """A parameter block: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LongTailParameters(Block):
    """Long-tail construction: thin the training split to a wanted imbalance ratio."""

    profile: Literal["exponential", "step"] = "exponential"
    imbalance_ratio: Annotated[float, Field(ge=1.0)] = 50.0
    step_fraction: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    """Share of classes made rare by the step profile."""


class CorpusParameters(Block):
    """Where the text comes from, how blemishes are handled, how it is split."""

    name: Literal["stdlib", "trec", "ohsumed"] = "stdlib"
    """A built-in corpus, used where ``train`` is not given."""
    train: str | None = None
    validation: str | None = None
    test: str | None = None
    text: str = "text"
    label: str = "label"
    aug_text: str = "aug_text"
    encoding: str = "utf-8"
    empty_texts: Policy = "drop"
    duplicates: Policy = "drop"
    label_conflicts: Policy = "drop"
    split_overlaps: Policy = "drop"
    """Texts that stand in two splits; ``drop`` removes them from train first, then from validation."""
    unseen_labels: Policy = "fail"
    """Rows of validation or test whose label no training row has."""
    validation_fraction: Fraction = 0.1
    test_fraction: Fraction = 0.2
    min_class_size: Count = 2
    small_classes: Policy = "fail"
    """Classes with fewer than ``min_class_size`` texts."""
    long_tail: LongTailParameters | None = None


class ProfileParameters(Block):
    """What the imbalance profile measures."""

    head_above: Count = 100
    """A class with more training texts than this is head."""
    tail_below: Count = 20
    """A class with fewer training texts than this is tail; medium lies between."""
    near_duplicate_threshold: Annotated[float, Field(gt=0.0, le=1.0)] = 0.8
    """Jaccard similarity of word 3-shingles from which two texts count as near duplicates."""
    max_listed_pairs: Count = 1000
    max_tokenized_texts: Count = 100_000
    """Texts sampled for the token-length and truncation statistics."""

    @model_validator(mode="after")
    def _ordered(self) -> "ProfileParameters":
        if self.tail_below > self.head_above:
            raise ValueError("tail_below must not exceed head_above")
        return self


class TokenizeParameters(Block):
    """How texts become token rows."""

    max_length: Annotated[int, Field(ge=4)] = 256
    batch_size: Count = 1024


class FitParameters(Block):
    """Training of SharpReCL; defaults are the ``sharprecl`` preset (METHOD sections 1–5)."""

    learning_rate: Positive = 1.5e-4
    head_learning_rate: Positive | None = None
    """Rate of the classifier and the projection heads; the encoder's own rate if not given."""
    epochs: Count = 4
    batch_size: Count = 64
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.01
    warmup_ratio: Probability = 0.1
    max_grad_norm: Positive = 1.0
    early_stopping_patience: Count = 6
    """Epochs without a better validation macro-F1; the rate decays to the end, and gains come late."""
    selection_tolerance: Probability = 0.01
    """The last epoch within this of the best validation macro-F1 is chosen: so little is noise on a
    validation split, and later epochs have the lower rate. 0 takes the best."""
    temperature: Positive = 0.3
    num_positives: Annotated[int, Field(ge=0)] = 20
    num_negatives: Annotated[int, Field(ge=0)] = 60
    num_candidates: Count = 20
    hard_ratio: Probability = 0.5
    mixup_alpha: Positive = 0.5
    contrastive_weight: Annotated[float, Field(ge=0.0)] = 0.1
    """μ at the first step."""
    final_contrastive_weight: Annotated[float, Field(ge=0.0)] | None = None
    """μ at the last step, reached linearly; constant if not given."""
    consistency_weight: Annotated[float, Field(ge=0.0)] = 0.0
    """Weight of the divergence between the predictions for the two views (R-Drop)."""
    class_weights: Literal["none", "raw", "mean1", "first"] = "none"
    """Weights of the contrastive anchors; ``first``: class 0's weight for all, as released (METHOD 6.2)."""
    effective_number_beta: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.9999
    logit_scale: Literal["raw", "unit", "learned"] | Positive = "raw"
    """Logits z as they are, z/‖z‖, or s·z/‖z‖ with s learned or the number given."""
    exclude_own_copies: bool = True
    pooling: Literal["auto", "first", "mean"] = "auto"
    embedding_dim: Count = 100
    head_norm: Literal["layer", "batch"] = "layer"
    dropout: Fraction | None = None
    """Dropout inside the encoder; the encoder's own if not given."""
    view: Literal["dropout", "word_dropout", "aug_text"] = "dropout"
    """Second view: the same text under other dropout, seeded word dropout and swap, or ``aug_text``."""
    word_dropout: Fraction = 0.1
    word_swap: Fraction = 0.1
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    eval_batch_size: Count = 256
    resume: bool = True


class EvaluateParameters(Block):
    """How the test split is scored."""

    tokens_per_pass: Count | None = None
    """Tokens that pass through the encoder together; what suits the device if not given."""
    bootstrap_samples: Annotated[int, Field(ge=100)] = 1000
    confidence: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.95
    calibration_bins: Count = 15
    max_map_points: Count = 2000


class PredictParameters(Block):
    """Scoring a file with a trained model."""

    input: str | None = None
    """The file: .csv, .tsv, .json, .jsonl or .parquet."""
    text: str = "text"
    encoding: str = "utf-8"
    output: str = "data/07_model_output/scored_rows.parquet"
    """Where the rows go with their predictions: .parquet or .csv."""
    model: Annotated[str, BeforeValidator(str)] = "champion"
    """Alias or version of the registered model, or a model folder."""
    precision: Literal["auto", "fp32", "bf16", "int8"] = "auto"
    """Numbers inside the encoder; ``auto`` takes bf16 where the device multiplies it, with fp32's labels."""
    wanted_precision: Probability = 0.9
    """Share of predictions that should be right; those below the confidence that gave it on validation
    are marked ``abstain``."""
    chunk_rows: Count = 10_000
    tokens_per_pass: Count | None = None
    """Tokens that pass through the encoder together; what suits the device if not given."""


class TrackingParameters(Block):
    """What stays of earlier runs."""

    keep_versions: Count = 5
    """Saved versions of each artifact that stay on disk; older ones go after a successful run."""


Preset = Literal["sharprecl", "sharprecl-published"]

PRESETS: dict[Preset, dict[str, Any]] = {
    "sharprecl": {},
    # METHOD section 5, and the rows of section 6 marked † kept as released.
    "sharprecl-published": {
        "learning_rate": 5e-5,
        "weight_decay": 4e-5,
        "epochs": 30,
        "batch_size": 128,
        "contrastive_weight": 1.0,
        "final_contrastive_weight": None,
        "num_positives": 0,
        "num_negatives": 0,
        "class_weights": "first",
        "logit_scale": "unit",
        "pooling": "first",
        "dropout": 0.0,
        "view": "aug_text",
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
