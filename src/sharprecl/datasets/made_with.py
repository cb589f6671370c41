"""What a saved artifact was made with: the parameters that it depends on, which travel with it.

Every pipeline can run by itself on what an earlier command saved. Without this a run about one corpus would
train on the tokens of another, or report a model under the name of another method, and be tracked so.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from sharprecl.errors import CorpusError, ModelError, SharpreclError
from sharprecl.parameters import CorpusParameters, FitParameters, TokenizeParameters

Settings = dict[str, Any]
"""Values by dotted key, as JSON has them."""

MODEL = "model"
PIPELINES = {
    "clean_corpus": "ingest",
    "labelled_corpus": "ingest",
    "imbalance_profile": "ingest,profile",
    "token_table": "ingest,profile,tokenize",
}
"""By table: the pipelines that make it anew, and what goes with it in a report."""
_KEY = "made_with"
_WHEREVER_IT_RUNS = {"device", "precision"}
"""Keys of ``fit`` that another machine may need otherwise for the same model."""


def corpus_settings(corpus: CorpusParameters) -> Settings:
    """What a corpus depends on.

    Args:
        corpus: the ``corpus`` block.

    Returns:
        Its values; the built-in corpus' name only where no file is given.
    """
    values = corpus.model_dump(mode="json")
    long_tail = values.pop("long_tail") or {}
    if corpus.train is not None:
        del values["name"]
    values |= {f"long_tail.{key}": value for key, value in long_tail.items()}
    return {f"corpus.{key}": value for key, value in values.items()}


def token_settings(corpus: Settings, encoder: str, tokenize: TokenizeParameters) -> Settings:
    """What a token table depends on.

    Args:
        corpus: settings of the corpus.
        encoder: the parameter of that name, whose tokenizer is used.
        tokenize: the ``tokenize`` block.

    Returns:
        The corpus' settings and those of the tokens.
    """
    return {**corpus, "encoder": encoder, "tokenize.max_length": tokenize.max_length}


def training_settings(encoder: str, preset: str, fit: FitParameters, seed: int) -> Settings:
    """What a model depends on beside its token table.

    Args:
        encoder: its name or folder.
        preset: name of the method.
        fit: the ``fit`` block with its preset applied.
        seed: of the training.

    Returns:
        The values, but for where the training ran.
    """
    values = {key: value for key, value in fit.dump_decisive().items() if key not in _WHEREVER_IT_RUNS}
    return {
        "encoder": encoder,
        "preset": preset,
        "seed": seed,
        **{f"fit.{key}": value for key, value in values.items()},
    }


def stamp_frame(frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Note in a pandas table what it was made with; Arrow files keep it.

    Returns:
        The same table.
    """
    frame.attrs[_KEY] = settings
    return frame


def stamp_table(table: pa.Table, settings: Settings) -> pa.Table:
    """The same Arrow table with a note of what it was made with."""
    return table.replace_schema_metadata({**(table.schema.metadata or {}), _KEY: json.dumps(settings)})


def read_stamp(artifact: Any) -> Settings:
    """What a table, a profile or a trained model says that it was made with; empty if it does not say."""
    if isinstance(artifact, pd.DataFrame):
        return dict(artifact.attrs.get(_KEY, {}))
    if isinstance(artifact, pa.Table):
        return dict(json.loads((artifact.schema.metadata or {}).get(_KEY.encode(), b"{}")))
    if isinstance(artifact, dict):
        return dict(artifact.get(_KEY, {}))
    return dict(getattr(artifact, _KEY, None) or {})


def check_made_with(name: str, artifact: Any, run: Settings) -> None:
    """Refuse what was made with other parameters than those of this run.

    Args:
        name: of the dataset; others than those of :data:`PIPELINES` and the model pass.
        artifact: as loaded; one that does not say what it was made with passes.
        run: all settings of the run: those of the corpus, the tokens and the training.

    Raises:
        CorpusError: naming the parameters that differ, with their values.
        ModelError: likewise, of a model.
    """
    if name != MODEL and name not in PIPELINES:
        return
    made = read_stamp(artifact)
    # A pipeline of the user's own may have made the corpus; it is not asked for what only ours can know.
    told = {key.split(".")[0] for key in made}
    wanted = {key: value for key, value in run.items() if key.split(".")[0] in told}
    if name == MODEL:
        made, wanted = _comparable(made, wanted), _comparable(wanted, made)
    differing = [key for key in {**wanted, **made} if made.get(key) != wanted.get(key)]
    if differing:
        raise _refusal(name, _said(differing, made), _said(differing, wanted))


def _comparable(settings: Settings, others: Settings) -> Settings:
    """What can be held against another training, which is dear to make again.

    A key that only another version has, or another place of the encoder's folder, makes no model useless.
    """
    shared = {key: value for key, value in settings.items() if key in others}
    return shared | {key: Path(shared[key]).name for key in ("encoder",) if key in shared}


def _refusal(name: str, made: str, wanted: str) -> SharpreclError:
    if name == MODEL:
        return ModelError(
            f"model: trained with {made}, this run has {wanted}; give it the --env and --params of that "
            "training, or train with this run's by `kedro run --pipeline=train`"
        )
    return CorpusError(
        f"{name}: made with {made}, this run has {wanted}; "
        f"run `kedro run --pipelines={PIPELINES[name]}` with this run's --env and --params first"
    )


def _said(keys: list[str], settings: Settings) -> str:
    """The values that there are of these keys."""
    values = [f"{key}={settings[key]}" for key in keys if settings.get(key) is not None]
    return ", ".join(values) or f"no {keys[0]}"
