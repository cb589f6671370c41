"""A trained model with its tokenizer: what a model folder holds."""

import logging
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np
import torch
from safetensors import SafetensorError
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from sharprecl.errors import ModelError
from sharprecl.modeling.inference import ModelScores, score_rows
from sharprecl.modeling.model import SharpReCL
from sharprecl.modeling.quiet import quiet_transformers

logger = logging.getLogger(__name__)


class TrainedModel(NamedTuple):
    """A model that can classify text.

    Attributes:
        model: the trained SharpReCL model; label names and calibration live in its configuration.
        tokenizer: the encoder's fast tokenizer, with ``model_max_length`` set to the training length.
    """

    model: SharpReCL
    tokenizer: PreTrainedTokenizerFast

    @property
    def label_names(self) -> list[str]:
        """Class names in label order, length C."""
        return list(self.model.config.label_names)

    @property
    def class_counts(self) -> list[int]:
        """Training texts per class, in label order, length C."""
        return list(self.model.config.class_counts or [])

    @property
    def calibration_temperature(self) -> float:
        """T > 0 by which logits are divided before probabilities are read off."""
        return float(self.model.config.calibration_temperature)

    @torch.no_grad()
    def prototypes(self) -> np.ndarray:
        """Class prototypes p, unit rows, float32, shape [C, D]."""
        self.model.eval()
        return self.model.prototypes().float().cpu().numpy()

    def score(self, rows: list[np.ndarray], batch_size: int, *, progress: bool = True) -> ModelScores:
        """Logits [N, C] and embeddings [N, D] of token rows."""
        pad_token_id = int(self.tokenizer.pad_token_id)
        return score_rows(self.model, rows, pad_token_id, batch_size, progress=progress)

    def predict_logits(self, texts: list[str], batch_size: int = 256) -> np.ndarray:
        """Logits z of texts, float32, shape [N, C], without a progress bar."""
        if not texts:
            return np.empty((0, self.model.config.num_classes), dtype=np.float32)
        encoded = self.tokenizer(texts, truncation=True, return_attention_mask=False)["input_ids"]
        rows = [np.asarray(row, dtype=np.int32) for row in encoded]
        return self.score(rows, batch_size, progress=False).logits

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), configuration and tokenizer into a folder."""
        with quiet_transformers():
            self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)

    @classmethod
    def load(cls, folder: Path) -> "TrainedModel":
        """Read a folder written by :meth:`save`.

        Raises:
            ModelError: if the folder is missing or not a SharpReCL model.
        """
        if not (folder / "config.json").is_file():
            raise ModelError(f"{folder}: no trained model there; train one with `kedro run --pipeline=train`")
        try:
            with quiet_transformers():
                model = SharpReCL.from_pretrained(folder, use_safetensors=True, local_files_only=True)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            reason = str(error).strip().splitlines()[0]
            raise ModelError(
                f"{folder}: not a readable SharpReCL model ({reason}); train it again"
            ) from error
        return cls(model.eval(), cast(PreTrainedTokenizerFast, tokenizer))
