"""The ``corpus`` block."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from sharprecl.parameters.block import Block, Count, Fraction, Name, Policy


class LongTailParameters(Block):
    """Long-tail construction: thin the training split to a wanted imbalance ratio."""

    profile: Literal["exponential", "step"] = "exponential"
    imbalance_ratio: Annotated[float, Field(ge=1.0, allow_inf_nan=False)] = 50.0
    step_fraction: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.5
    """Share of classes made rare by the step profile."""


class CorpusParameters(Block):
    """Where the text comes from, how blemishes are handled, how it is split."""

    name: Literal["stdlib", "trec", "ohsumed"] = "stdlib"
    """A built-in corpus, used where ``train`` is not given."""
    train: str | None = None
    validation: str | None = None
    test: str | None = None
    text: Name = "text"
    label: Name = "label"
    aug_text: Name = "aug_text"
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
    """Classes with fewer than ``min_class_size`` training texts; rows that are not split yet count."""
    long_tail: LongTailParameters | None = None

    @property
    def display_name(self) -> str:
        """The built-in corpus's name, or the stem of the user's own training file."""
        return Path(self.train).stem if self.train else self.name
