"""The arms of a comparison: what is trained, with what, and by which name it is stored."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import pyarrow as pa
from pydantic import ValidationError

import sharprecl
from sharprecl.errors import ParameterError
from sharprecl.modeling.encoders import encoder_identity
from sharprecl.parameters import ABLATIONS, PRESETS, FitParameters, Preset, curve_points
from sharprecl.table_digest import table_digest

BUDGET = frozenset(
    {
        "learning_rate",
        "epochs",
        "batch_size",
        "weight_decay",
        "warmup_ratio",
        "max_grad_norm",
        "early_stopping_patience",
        "selection_tolerance",
        "precision",
        "device",
        "micro_batches",
        "eval_batch_size",
        "resume",
    }
)
"""Keys of the ``fit`` block that are the same for every method of a comparison."""


class Arm(NamedTuple):
    """One training of a comparison.

    Attributes:
        method: its name.
        seed: of the training.
        fit: the whole ``fit`` block; None for a method that has none.
    """

    method: str
    seed: int
    fit: FitParameters | None = None

    @property
    def learning_rate(self) -> float | None:
        """The encoder's rate; None for a method without."""
        return None if self.fit is None else self.fit.learning_rate

    @property
    def adjusts_logits(self) -> bool:
        """Whether a share of log π is taken off the logits after training."""
        return self.fit is not None and self.fit.logit_adjustment == "validation"

    @property
    def training(self) -> "Arm":
        """What is trained for it: an arm that adjusts its logits shares that with one that does not."""
        if self.fit is None or not self.adjusts_logits:
            return self
        return self._replace(fit=with_changes(self.fit, {"logit_adjustment": "none"}))


def method_parameters(fit: FitParameters, preset: Preset, *, has_aug_text: bool) -> FitParameters:
    """The ``fit`` block of a method: the user's block, the method's own keys, everyone's budget.

    Args:
        fit: the block as configured; its budget goes before the preset's.
        preset: the method.
        has_aug_text: whether the corpus has a second wording; word dropout stands in where it has none.

    Returns:
        The block.

    Raises:
        ParameterError: if the method cannot be combined with the user's block.
    """
    own = {key: value for key, value in PRESETS[preset].items() if key not in BUDGET}
    if own.get("view") == "aug_text" and not has_aug_text:
        own["view"] = "word_dropout"
    return variant_of(fit, own, preset)


def variant_of(fit: FitParameters, changes: Mapping[str, Any], name: str) -> FitParameters:
    """The ``fit`` block of a method or ablation.

    Raises:
        ParameterError: naming it, if it cannot be combined with the user's block.
    """
    try:
        return with_changes(fit, changes)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ParameterError(
            f"fit: {name} cannot be trained with these keys: {reason}; leave one of them out of fit, or "
            f"{name} out of the comparison"
        ) from error


def variant_parameters(fit: FitParameters, names: Sequence[str] | None) -> dict[str, FitParameters]:
    """The ``fit`` block of each ablation and point of a curve.

    Args:
        fit: of the full method.
        names: of those that are wanted; if None all, but for those that the user's block rules out.

    Returns:
        By name.

    Raises:
        ParameterError: naming the first that is wanted and cannot be combined with the user's block.
    """
    variants = ABLATIONS | curve_points()
    if names is not None:
        return {name: variant_of(fit, variants[name], name) for name in names}
    blocks = {}
    for name, changes in variants.items():
        with suppress(ParameterError):
            blocks[name] = variant_of(fit, changes, name)
    return blocks


def with_changes(fit: FitParameters, changes: Mapping[str, Any]) -> FitParameters:
    """The block with some keys set, checked anew."""
    return FitParameters(**{**fit.model_dump(exclude_unset=True), **changes})


def data_digest(token_table: pa.Table, label_names: list[str], encoder: str) -> str:
    """A name for the data of a comparison that changes with any token, label, split or the encoder's weights.

    Returns:
        64 hexadecimal digits.
    """
    content = [label_names, encoder_identity(encoder), table_digest(token_table)]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def arm_key(arm: Arm, data: str) -> str:
    """A name for an arm's result that changes with anything the result depends on.

    Args:
        arm: the arm.
        data: from :func:`data_digest`.

    Returns:
        16 hexadecimal digits.
    """
    fit = None if arm.fit is None else arm.fit.dump_decisive()
    # The method's name is left out: two names for the same parameters are the same arm.
    relevant = [fit if fit is not None else arm.method, arm.seed, data, sharprecl.__version__]
    digest = hashlib.sha256(json.dumps(relevant, sort_keys=True).encode())
    return digest.hexdigest()[:16]
