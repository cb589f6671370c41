"""Registering a trained model, and which version is the champion."""

import logging
from collections.abc import Mapping
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
from mlflow.tracking import MlflowClient

import sharprecl
from sharprecl.tracking.live_metrics import evaluation_metrics
from sharprecl.tracking.registry import CHAMPION, MODEL_NAME, set_champion

logger = logging.getLogger(__name__)

SERVING_REQUIREMENTS = (
    "torch",
    "transformers",
    "safetensors",
    "lazy-loader",
    "numpy",
    "pandas",
    "scipy",
    "pyarrow",
    "tqdm",
)


HEADLINE_METRICS = ("test/macro_f1", "test/accuracy", "test/tail_f1", "test/worst_recall")
HEADLINE_MEASURES = ("num_classes", "imbalance_ratio", "normalized_entropy", "effective_num_classes")


class Candidate(NamedTuple):
    """A model version's standing.

    Attributes:
        corpus_digest: of the corpus it was trained and validated on.
        val_macro_f1: validation macro-F1, in [0, 1].
        own_corpus: whether the corpus came from a file of the user's, not with the project.
    """

    corpus_digest: str
    val_macro_f1: float
    own_corpus: bool = False


class Evaluation(NamedTuple):
    """What is known of a model when it is registered.

    Attributes:
        metrics: by ``validation`` and ``test``, values by name.
        step: of the run, at which they were logged.
        profile: the imbalance profile; empty if there is none.
    """

    metrics: Mapping[str, Any]
    step: int
    profile: Mapping[str, Any]


def register_model(
    checkpoint: Path, candidate: Candidate, tags: dict[str, str], evaluation: Evaluation
) -> str:
    """Log a model folder to the active run, register it, and make it champion if it is the best.

    The package's own source travels with the model and nothing is pickled, so the model loads where
    sharprecl is not installed. The evaluation and the profile stand whole in the logged model's
    metadata, its numbers as metrics of the model, and the most asked for as tags of the version.

    Args:
        checkpoint: the model folder.
        candidate: the model's standing.
        tags: more tags of the model version.
        evaluation: what is known of it.

    Returns:
        The registered version's number.
    """
    standing = {key: str(value) for key, value in candidate._asdict().items()}
    metrics = evaluation_metrics(evaluation.metrics)
    info = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(Path(__file__).with_name("served_model.py")),
        artifacts={"checkpoint": str(checkpoint)},
        code_paths=[str(Path(sharprecl.__file__).parent)],
        pip_requirements=[f"{name}=={_public_version(name)}" for name in SERVING_REQUIREMENTS],
        input_example=["an example text"],
        metadata={
            **tags,
            **standing,
            "evaluation": dict(evaluation.metrics),
            "imbalance_profile": dict(evaluation.profile),
        },
    )
    mlflow.log_metrics(metrics, step=evaluation.step, run_id=info.run_id, model_id=info.model_id)
    client = MlflowClient()
    if not client.search_registered_models(f"name = '{MODEL_NAME}'"):
        client.create_registered_model(MODEL_NAME)
    version = client.create_model_version(
        MODEL_NAME,
        info.model_uri,
        info.run_id,
        tags={**tags, **standing, **_headline(metrics, evaluation.profile)},
        model_id=info.model_id,
    )
    promote_champion(client, str(version.version), candidate)
    return str(version.version)


def _headline(metrics: Mapping[str, float], profile: Mapping[str, Any]) -> dict[str, str]:
    """The most asked for numbers, as tags: names without a slash, which MLflow's searches do not take."""
    numbers = {name.replace("/", "_"): metrics[name] for name in HEADLINE_METRICS if name in metrics}
    measures = {name: profile[name] for name in HEADLINE_MEASURES if name in profile}
    return {name: f"{value:.6g}" for name, value in (numbers | measures).items()}


def _public_version(distribution: str) -> str:
    """The version without a local part such as ``+cpu``, which package indexes do not have."""
    return installed_version(distribution).split("+")[0]


def promote_champion(client: MlflowClient, version: str, candidate: Candidate) -> bool:
    """Move the champion alias to a version that beats the champion on the same corpus.

    Without a champion the version becomes it. A champion of another corpus keeps the alias: scores on
    different corpora do not compare. Only one of a built-in corpus, which is there to try the project
    with, gives way to the first model of a corpus of the user's own.

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
        if candidate.own_corpus and champion.get("own_corpus") == str(False):
            return None
        return "it is for another corpus; `kedro promote VERSION` makes the new one champion all the same"
    best = float(champion["val_macro_f1"])
    return (
        None
        if candidate.val_macro_f1 > best
        else f"validation macro-F1 {best:.4f} is not beaten by {candidate.val_macro_f1:.4f}"
    )
