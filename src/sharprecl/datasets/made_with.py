"""What a saved table was made with: the parameters that its rows depend on, kept in its Arrow metadata.

Every pipeline can run by itself on the tables that an earlier command saved. Without this a run about one
corpus would train on the tokens of another, and be tracked under the wrong name.
"""

import json
from typing import Any

import pandas as pd
import pyarrow as pa

from sharprecl.errors import CorpusError
from sharprecl.parameters import CorpusParameters, TokenizeParameters

Settings = dict[str, Any]
"""Values by dotted key, as JSON has them."""

CORPUS_TABLES = ("clean_corpus", "labelled_corpus")
TOKEN_TABLES = ("token_table",)
_KEY = "made_with"


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


def read_stamp(table: pd.DataFrame | pa.Table) -> Settings:
    """What a table says that it was made with; empty if it does not say."""
    if isinstance(table, pd.DataFrame):
        return dict(table.attrs.get(_KEY, {}))
    return dict(json.loads((table.schema.metadata or {}).get(_KEY.encode(), b"{}")))


def check_made_with(
    name: str, table: Any, corpus: CorpusParameters, encoder: str, tokenize: TokenizeParameters
) -> None:
    """Refuse a table that was made with other parameters than those of this run.

    Args:
        name: of the dataset; others than the corpus and the token table pass.
        table: as loaded; one that does not say what it was made with passes.
        corpus: the run's ``corpus`` block.
        encoder: the run's ``encoder``.
        tokenize: the run's ``tokenize`` block.

    Raises:
        CorpusError: naming the parameters that differ, with their values.
    """
    if name in CORPUS_TABLES:
        pipelines, wanted = "ingest", corpus_settings(corpus)
    elif name in TOKEN_TABLES:
        pipelines, wanted = "ingest,tokenize", token_settings(corpus_settings(corpus), encoder, tokenize)
    else:
        return
    made = read_stamp(table)
    # A pipeline of the user's own may have made the corpus; it is not asked for what only ours can know.
    told = {key.split(".")[0] for key in made}
    wanted = {key: value for key, value in wanted.items() if key.split(".")[0] in told}
    differing = [key for key in {**wanted, **made} if made.get(key) != wanted.get(key)]
    if differing:
        raise CorpusError(
            f"{name}: made with {_said(differing, made)}, this run has {_said(differing, wanted)}; "
            f"run `kedro run --pipelines={pipelines}` with this run's --env and --params first"
        )


def _said(keys: list[str], settings: Settings) -> str:
    """The values that there are of these keys."""
    values = [f"{key}={settings[key]}" for key in keys if settings.get(key) is not None]
    return ", ".join(values) or f"no {keys[0]}"
