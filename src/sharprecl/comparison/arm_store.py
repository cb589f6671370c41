"""Results of finished arms on disk, so that an interrupted comparison goes on where it stopped."""

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from sharprecl.errors import first_line
from sharprecl.modeling import TrainedModel
from sharprecl.whole_files import replacing

logger = logging.getLogger(__name__)


class StoredScores(NamedTuple):
    """Scores of one split and what is known of how they came about.

    Attributes:
        logits: shape [N, C], float32.
        facts: numbers and words, such as ``seconds``.
    """

    logits: np.ndarray
    facts: dict[str, Any]


class ArmStore:
    """One safetensors file an arm and split, and the model of an arm whose test texts are not scored yet.

    A file is written beside its final place and renamed: under its final name it is whole.

    Args:
        folder: the store's folder; made when the first result is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def claim(self, key: str) -> Iterator[None]:
        """Hold a training against other processes; waits while one of them is at it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f".{key}.lock", thread_local=False)
        try:
            held = lock.acquire(blocking=False)
        except Timeout:
            logger.info("Another process is running the same training; waiting for its result.")
            held = lock.acquire()
        with held:
            yield

    def load(self, key: str, split: str) -> StoredScores | None:
        """Scores of an arm; None where there are none, or the file is not readable."""
        path = self._path(key, split)
        if not path.is_file():
            return None
        try:
            with safe_open(path, "numpy") as file:
                return StoredScores(file.get_tensor("logits"), json.loads(file.metadata()["facts"]))
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            logger.warning("%s cannot be read (%s); its training is done again.", path, first_line(error))
            return None

    def load_facts(self, key: str, split: str) -> dict[str, Any] | None:
        """The facts of an arm without its scores; None where there are none, or the file is not readable."""
        try:
            with safe_open(self._path(key, split), "numpy") as file:
                return cast(dict[str, Any], json.loads(file.metadata()["facts"]))
        except (FileNotFoundError, SafetensorError, KeyError, TypeError, ValueError):
            return None

    def save(self, key: str, split: str, scores: StoredScores) -> None:
        """Keep the scores of an arm."""
        logits = np.ascontiguousarray(scores.logits, dtype=np.float32)
        with replacing(self._path(key, split), sole_writer=True) as file:
            save_file({"logits": logits}, file, metadata={"facts": json.dumps(scores.facts)})

    def discard(self, key: str, split: str) -> None:
        """Delete the scores of an arm, if any."""
        self._path(key, split).unlink(missing_ok=True)

    def save_model(self, key: str, model: TrainedModel) -> None:
        """Keep a model until its test texts are scored."""
        with replacing(self._model_folder(key), sole_writer=True) as folder:
            model.save(folder)

    def load_model(self, key: str, device: str = "auto") -> TrainedModel | None:
        """The model that was kept, if any, on the device that ``fit.device`` names."""
        folder = self._model_folder(key)
        return TrainedModel.load(folder, device) if folder.is_dir() else None

    def discard_model(self, key: str) -> None:
        """Delete the model that was kept, if any."""
        shutil.rmtree(self._model_folder(key), ignore_errors=True)

    def _path(self, key: str, split: str) -> Path:
        return self.folder / f"{key}-{split}.safetensors"

    def _model_folder(self, key: str) -> Path:
        return self.folder / f"{key}-model"
