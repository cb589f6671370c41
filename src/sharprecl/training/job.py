"""What is trained, as processes hand it on to each other."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from sharprecl.errors import ParameterError
from sharprecl.modeling.encoders import encoder_identity
from sharprecl.parameters import FitParameters
from sharprecl.spilling import map_table
from sharprecl.training.token_rows import count_training_texts
from sharprecl.whole_files import replacing

TABLE_FILE, SETTINGS_FILE = "token_table.arrow", "job.json"


class TrainingJob(NamedTuple):
    """One training: its data, its parameters, its seed.

    Attributes:
        token_table: token rows of all splits.
        label_names: class names in label order, length C.
        encoder: as for :func:`~sharprecl.modeling.encoders.load_encoder`.
        pad_token_id: the filler of short rows.
        parameters: the ``fit`` block with its preset applied.
        seed: of initial weights, batches, dropout, views and sampling.
    """

    token_table: pa.Table
    label_names: list[str]
    encoder: str
    pad_token_id: int
    parameters: FitParameters
    seed: int

    def class_counts(self) -> np.ndarray:
        """Training texts per class, shape [C]."""
        return count_training_texts(self.token_table, len(self.label_names))

    @property
    def first_class(self) -> int:
        """The class whose weight ``class_weights: first`` gives all.

        Raises:
            ParameterError: if ``first_class`` names no class.
        """
        label = self.parameters.first_class
        if self.parameters.class_weights != "first" or label is None:
            return 0
        if label not in self.label_names:
            raise ParameterError(
                f"fit.first_class: there is no class {label!r}; there are {', '.join(self.label_names)}"
            )
        return self.label_names.index(label)

    def save(self, folder: Path) -> None:
        """Write the job for other processes: an Arrow file that they map, and JSON.

        The settings come last and under their final name at once: where they stand, the job is whole.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with (
            pa.OSFile(str(folder / TABLE_FILE), "wb") as sink,
            pa.ipc.new_file(sink, self.token_table.schema) as writer,
        ):
            writer.write_table(self.token_table)
        settings = self._asdict() | {"parameters": self.parameters.model_dump(mode="json")}
        del settings["token_table"]
        with replacing(folder / SETTINGS_FILE) as file:
            file.write_text(json.dumps(settings), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "TrainingJob":
        """Read what :meth:`save` wrote; the table is mapped, so that processes share its pages."""
        settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        settings["parameters"] = FitParameters(**settings["parameters"])
        return cls(token_table=map_table(str(folder / TABLE_FILE)), **settings)


def run_fingerprint(
    digest: str, label_names: list[str], encoder: str, parameters: FitParameters, seed: int
) -> str:
    """A name for the run that changes with anything its result depends on.

    How many processes share the work is not among that: a run can go on with another number of them.

    Args:
        digest: of the token table, by :func:`~sharprecl.table_digest.table_digest`.
        label_names: class names in label order.
        encoder: as for :func:`~sharprecl.modeling.encoders.load_encoder`.
        parameters: the ``fit`` block with its preset applied.
        seed: of the training.

    Returns:
        16 hexadecimal digits.
    """
    identity = encoder_identity(encoder)
    settings = [parameters.dump_decisive(), label_names, identity, seed, digest]
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
