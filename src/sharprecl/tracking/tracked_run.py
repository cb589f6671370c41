"""What is remembered of a run while it goes on, and the registration at its end."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, AbstractVersionedDataset, DataCatalog
from plotly.graph_objects import Figure

from sharprecl.datasets.made_with import MODEL
from sharprecl.datasets.model_card import move_card
from sharprecl.parameter_check import ProjectParameters
from sharprecl.tracking.artifacts import saved_path
from sharprecl.tracking.corpus_inputs import corpus_digest
from sharprecl.tracking.jobs import trained_version
from sharprecl.tracking.registration import Candidate, Evaluation, register_model

CORPUS, METRICS, PROFILE = "labelled_corpus", "metrics", "imbalance_profile"
CARD = "model_card"


@dataclass
class TrackedRun:
    """What the hooks remember of the run they follow."""

    run_id: str
    parameters: ProjectParameters
    catalog: DataCatalog
    save_version: str
    corpus_path: Path
    runs: Path  # the folders of the project's runs
    stages: list[str] = field(default_factory=list)
    saved: dict[str, AbstractDataset[Any, Any]] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    metrics_step: int = 0
    digest: str | None = None


def register_trained(run: TrackedRun) -> None:
    """Register the model if this run evaluated one that it, or an earlier command of its job, trained.

    Args:
        run: still open.
    """
    if METRICS not in run.saved:
        return
    model, version = _trained_model(run)
    if model is None:
        return
    digest = run.digest or corpus_digest(run.catalog.load(CORPUS))
    candidate = Candidate(
        digest,
        float(run.metrics["validation"]["macro_f1"]),
        own_corpus=run.parameters.corpus.train is not None,
    )
    tags = {
        "corpus": run.parameters.corpus.display_name,
        "encoder": run.parameters.encoder,
        "preset": run.parameters.preset,
        "kedro_save_version": version,
    }
    profile = dict(run.catalog.load(PROFILE)) if run.catalog.exists(PROFILE) else {}
    profile.pop("made_with", None)  # paths of this machine, which a model that travels need not tell
    register_model(model, candidate, tags, Evaluation(run.metrics, run.metrics_step, profile))


def _trained_model(run: TrackedRun) -> tuple[Path | None, str]:
    """The model's folder and version; an earlier command's model gets its card, which this one wrote."""
    if MODEL in run.saved:
        return saved_path(run.saved[MODEL]), run.save_version
    dataset = run.catalog[MODEL]
    if not isinstance(dataset, AbstractVersionedDataset):
        return None, ""
    version = dataset.resolve_load_version()
    if version is None:  # its entry has no versions: the card lies in the model's folder already
        return None, ""
    model = Path(dataset._get_versioned_path(version))
    if CARD in run.saved:
        move_card(saved_path(run.saved[CARD]), model)
    # To be registered it has to be of the same job; the command line may have named another.
    return (model, version) if version == trained_version(run.run_id) else (None, "")
