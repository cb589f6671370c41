"""The ``evaluate``, ``predict`` and ``tracking`` blocks."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from sharprecl.parameters.block import Block, Count, Name, Probability


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
    """The file: .csv, .tsv, .json, .jsonl, .ndjson or .parquet."""
    text: Name = "text"
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
    """What a run logs, and what stays of earlier ones."""

    images: bool = True
    """Log plots as PNG, too; needs Chrome or Chromium, and without one a run goes on without images."""

    keep_versions: Count = 5
    """Saved versions of each artifact that stay on disk; older ones go after a successful run."""
