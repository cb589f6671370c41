"""A trained model with its tokenizer: what a model folder holds.

Nodes are typed with it, and Kedro evaluates the types of all nodes before it runs any. So this file loads
neither torch nor transformers: what needs them is taken from the package when it is used.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sharprecl import modeling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

    from sharprecl.modeling.inference import ModelScores
    from sharprecl.modeling.model import SharpReCL


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

    @property
    def made_with(self) -> dict[str, Any] | None:
        """Parameters of the training by dotted key; None where they are not known."""
        made_with: dict[str, Any] | None = self.model.config.made_with
        return made_with

    @property
    def data_digest(self) -> str | None:
        """Digest of the token table that it was trained on; None where it is not known."""
        digest: str | None = self.model.config.data_digest
        return digest

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits of configuration and classifier, which differ between trainings."""
        keys = ("made_with", "data_digest", "label_names", "calibration_temperature", "logit_offset")
        values = [getattr(self.model.config, key) for key in keys]
        digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
        for weights in self.model.classifier.state_dict().values():
            digest.update(weights.float().cpu().numpy().tobytes())
        return digest.hexdigest()

    def configured(self, **values: Any) -> TrainedModel:
        """The same weights, which are shared, under a configuration in which some keys are others."""
        model = copy.copy(self.model)
        model.config = copy.deepcopy(self.model.config)
        model.config.update(values)
        return self._replace(model=model)

    @property
    def has_trained_prototypes(self) -> bool:
        """Whether the training had a contrast with prototypes: without one their head stays as it was drawn.

        True where the parameters of the training are not known.
        """
        made_with = self.made_with or {}
        weights = [made_with.get(f"fit.{key}") for key in ("contrastive_weight", "final_contrastive_weight")]
        is_contrasted = any(weights) or weights == [None, None]
        return is_contrasted and made_with.get("fit.contrastive_loss") != "supervised"

    def prototypes(self) -> np.ndarray:
        """Class prototypes p, unit rows, float32, shape [C, D]."""
        self.model.eval()
        return self.model.prototypes().detach().float().cpu().numpy()

    def score(
        self, rows: Sequence[np.ndarray], tokens_per_pass: int | None = None, *, progress: bool = True
    ) -> ModelScores:
        """Logits [N, C] and embeddings [N, D] of token rows; see :func:`score_rows`."""
        pad_token_id = int(self.tokenizer.pad_token_id)
        return modeling.score_rows(self.model, rows, pad_token_id, tokens_per_pass, progress=progress)

    def encode(self, rows: Sequence[np.ndarray], *, progress: bool = True) -> np.ndarray:
        """Pooled states h [N, H] of token rows; see :func:`encode_rows`."""
        return modeling.encode_rows(self.model, rows, int(self.tokenizer.pad_token_id), progress=progress)

    def token_rows(self, texts: list[str]) -> list[np.ndarray]:
        """Token ids of texts, cut at the length of the training."""
        return modeling.first_tokens(self.tokenizer, texts)

    def predict_logits(self, texts: list[str], tokens_per_pass: int | None = None) -> np.ndarray:
        """Logits z of texts, float32, shape [N, C], without a progress bar."""
        return self.score(self.token_rows(texts), tokens_per_pass, progress=False).logits

    def save(self, folder: Path) -> None:
        """Write weights (safetensors), configuration and tokenizer into a folder."""
        modeling.save_model(self, folder)

    @classmethod
    def load(cls, folder: Path, device: str = "auto") -> TrainedModel:
        """Read a folder written by :meth:`save`.

        Args:
            folder: of the model.
            device: ``auto``, the best that there is, or one by name.

        Raises:
            ModelError: if the folder is missing or not a SharpReCL model.
            ParameterError: if the device is not on this machine.
        """
        return modeling.load_model(folder, device)
