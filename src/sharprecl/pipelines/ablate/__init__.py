"""The ``ablate`` pipeline."""

from sharprecl.pipelines.ablate.pipeline import create_pipeline

__all__ = ["create_pipeline"]
