"""The ``predict`` pipeline."""

from sharprecl.pipelines.predict.pipeline import create_pipeline

__all__ = ["create_pipeline"]
