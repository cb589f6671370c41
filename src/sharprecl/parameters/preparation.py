"""The ``profile`` and ``tokenize`` blocks."""

from typing import Annotated

from pydantic import Field, model_validator

from sharprecl.parameters.block import Block, Count


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
