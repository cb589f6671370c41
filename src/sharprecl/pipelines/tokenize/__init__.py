"""The ``tokenize`` pipeline."""

from sharprecl.pipelines.tokenize.pipeline import create_pipeline

__all__ = ["create_pipeline"]
