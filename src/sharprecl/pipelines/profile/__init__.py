"""The ``profile`` pipeline."""

from sharprecl.pipelines.profile.pipeline import create_pipeline

__all__ = ["create_pipeline"]
