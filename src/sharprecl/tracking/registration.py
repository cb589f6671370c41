"""Registering a trained model, and which version is the champion."""

import logging
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import NamedTuple

import mlflow
from mlflow.tracking import MlflowClient

import sharprecl
from sharprecl.tracking.registry import CHAMPION, MODEL_NAME, set_champion

logger = logging.getLogger(__name__)

SERVING_REQUIREMENTS = ("torch", "transformers", "safetensors", "numpy", "pandas", "scipy", "pyarrow", "tqdm")


class Candidate(NamedTuple):
    """A model version's standing.

    Attributes:
        corpus_digest: of the corpus it was trained and validated on.
        val_macro_f1: validation macro-F1, in [0, 1].
    """

    corpus_digest: str
    val_macro_f1: float


def register_model(checkpoint: Path, candidate: Candidate, tags: dict[str, str]) -> str:
    """Log a model folder to the active run, register it, and make it champion if it is the best.

    The package's own source travels with the model and nothing is pickled, so the model loads where
    sharprecl is not installed.

    Args:
        checkpoint: the model folder.
        candidate: the model's standing.
        tags: more tags of the model version.

    Returns:
        The registered version's number.
    """
    info = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("served_model.py")),
        artifacts={"checkpoint": str(checkpoint)},
        code_paths=[str(Path(sharprecl.__file__).parent)],
        pip_requirements=[f"{name}=={_public_version(name)}" for name in SERVING_REQUIREMENTS],
        input_example=["an example text"],
    )
    client = MlflowClient()
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        client.create_registered_model(MODEL_NAME)
    standing = {key: str(value) for key, value in candidate._asdict().items()}
    version = client.create_model_version(
        MODEL_NAME, info.model_uri, info.run_id, tags={**tags, **standing}, model_id=info.model_id
    )
    promote_champion(client, str(version.version), candidate)
    return str(version.version)


def _public_version(distribution: str) -> str:
    """The version without a local part such as ``+cpu``, which package indexes do not have."""
    return installed_version(distribution).split("+")[0]


def promote_champion(client: MlflowClient, version: str, candidate: Candidate) -> bool:
    """Move the champion alias to a version that beats the champion on the same corpus.

    Without a champion the version becomes it. A champion of another corpus keeps the alias: scores on
    different corpora do not compare.

    Args:
        client: of the registry.
        version: the new version.
        candidate: its standing.

    Returns:
        Whether the alias moved.
    """
    champion = client.get_registered_model(MODEL_NAME).aliases.get(CHAMPION)
    if champion is not None:
        tags = client.get_model_version(MODEL_NAME, champion).tags
        reason = _reason_to_stay(tags, candidate)
        if reason:
            logger.info(
                "Registered as %s version %s; version %s stays champion: %s",
                MODEL_NAME,
                version,
                champion,
                reason,
            )
            return False
    set_champion(client, version)
    logger.info(
        "Registered as %s version %s, now champion (validation macro-F1 %.4f)",
        MODEL_NAME,
        version,
        candidate.val_macro_f1,
    )
    return True


def _reason_to_stay(champion: dict[str, str], candidate: Candidate) -> str | None:
    if champion.get("corpus_digest") != candidate.corpus_digest:
        return "it is for another corpus; `kedro promote VERSION` makes the new one champion all the same"
    best = float(champion["val_macro_f1"])
    return (
        None
        if candidate.val_macro_f1 > best
        else f"validation macro-F1 {best:.4f} is not beaten by {candidate.val_macro_f1:.4f}"
    )
