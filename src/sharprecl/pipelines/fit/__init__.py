"""The ``fit`` pipeline."""

from sharprecl.pipelines.fit.pipeline import create_pipeline

__all__ = ["create_pipeline"]
