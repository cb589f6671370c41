"""The ``evaluate`` pipeline."""

from sharprecl.pipelines.evaluate.pipeline import create_pipeline

__all__ = ["create_pipeline"]
