"""The ``compare`` pipeline."""

from sharprecl.pipelines.compare.pipeline import create_pipeline

__all__ = ["create_pipeline"]
