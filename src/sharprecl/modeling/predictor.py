"""Scoring at the speed of the device with the labels of float32."""

import copy
import warnings
from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import nn

from sharprecl.errors import ParameterError
from sharprecl.modeling.device import select_bf16
from sharprecl.modeling.inference import ModelScores
from sharprecl.modeling.model import SharpReCL
from sharprecl.modeling.trained_model import TrainedModel

Precision = Literal["auto", "fp32", "bf16", "int8"]

NEAR_TIE = 1 / 32
"""Two best logits nearer than this share of the largest one are scored again in float32: several times what
bfloat16's rounding (2⁻⁸ a step) was seen to move them by."""


class Predictor:
    """Scores token rows with a trained model, in a precision of choice.

    In bfloat16 the rows whose two best classes nearly tie are scored again in float32, so that the labels
    are those of float32; the other rows' logits carry the rounding of bfloat16. In int8 labels can differ.

    Args:
        trained: the trained model; it is not changed.
        precision: ``auto`` takes bf16 where the device multiplies it (see
            :func:`~sharprecl.modeling.device.select_bf16`), ``fp32``, ``bf16``, or ``int8`` (linear layers
            with weights rounded to eight bits, CPU only).

    Raises:
        ParameterError: if the device cannot.
    """

    def __init__(self, trained: TrainedModel, precision: Precision = "auto") -> None:
        self.trained = trained
        device = trained.model.device.type
        self._rough: TrainedModel | None = None
        self._verifies = precision != "int8"
        if precision == "int8":
            if device != "cpu":
                raise ParameterError(
                    f"predict.precision: int8 runs on the CPU, not on {device}; set it to auto"
                )
            self._rough = trained._replace(model=_quantize(trained.model))
        elif select_bf16(precision, device, "predict.precision"):
            self._rough = trained._replace(model=_round_encoder(trained.model))

    def score(
        self, rows: Sequence[np.ndarray], tokens_per_pass: int | None = None, *, progress: bool = True
    ) -> ModelScores:
        """Logits [N, C] and embeddings [N, D] of token rows, in their order."""
        if self._rough is None:
            return self.trained.score(rows, tokens_per_pass, progress=progress)
        scores = self._rough.score(rows, tokens_per_pass, progress=progress)
        if self._verifies:
            doubtful = np.flatnonzero(near_ties(scores.logits)).tolist()
            exact = self.trained.score([rows[row] for row in doubtful], tokens_per_pass, progress=False)
            scores.logits[doubtful] = exact.logits
            scores.embeddings[doubtful] = exact.embeddings
        return scores


def near_ties(logits: np.ndarray) -> np.ndarray:
    """Rows whose two largest logits differ by less than :data:`NEAR_TIE` of the largest magnitude.

    Args:
        logits: shape [N, C], C ≥ 2.

    Returns:
        Mask, shape [N].
    """
    two_best = np.partition(logits, -2, axis=1)[:, -2:]
    mask: np.ndarray = two_best[:, 1] - two_best[:, 0] < NEAR_TIE * np.abs(logits).max(axis=1, initial=0.0)
    return mask


def _round_encoder(model: SharpReCL) -> SharpReCL:
    """The model with its encoder in bfloat16; the heads stay in float32."""
    rounded = copy.deepcopy(model)
    rounded.encoder.bfloat16()
    return rounded


def _quantize(model: SharpReCL) -> SharpReCL:
    with warnings.catch_warnings():
        # torch announces that this moves to a package of its own; until then it is the one that needs none.
        warnings.simplefilter("ignore")
        from torch.ao.quantization import quantize_dynamic  # noqa: PLC0415 - warns when imported

        quantized: SharpReCL = quantize_dynamic(copy.deepcopy(model), {nn.Linear}, dtype=torch.qint8)
    return quantized
