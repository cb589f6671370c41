"""The user's own corpus: one file, or one file a split."""

from pathlib import Path

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.raw_table import assemble_raw_table
from sharprecl.corpora.readers import read_table
from sharprecl.errors import CorpusError, ParameterError
from sharprecl.local_names import expand_home
from sharprecl.parameters import CorpusParameters
from sharprecl.text_normalization import normalize_strings


def read_user_files(parameters: CorpusParameters, project_root: Path) -> pd.DataFrame:
    """Read ``corpus.train`` and, where given, ``corpus.validation`` and ``corpus.test``.

    Args:
        parameters: the ``corpus`` block.
        project_root: folder at which relative paths start.

    Returns:
        The raw table; ``split`` is missing everywhere where only ``corpus.train`` is given.

    Raises:
        CorpusError: if a file cannot be read, or a row has no label.
        ParameterError: if there is no ``corpus.train``.
    """
    given = {
        name: project_root / expand_home(path)
        for name in ("train", "validation", "test")
        if (path := getattr(parameters, name)) is not None
    }
    if "train" not in given:
        raise ParameterError(f"corpus.{next(iter(given))} needs corpus.train beside it; give both")
    is_split = len(given) > 1
    return assemble_raw_table(
        {
            name if is_split else None: _read_labelled_file(path, parameters, is_train=name == "train")
            for name, path in given.items()
        }
    )


def _read_labelled_file(path: Path, parameters: CorpusParameters, *, is_train: bool) -> pd.DataFrame:
    table = read_table(path, _wanted_columns(parameters, is_train), encoding=parameters.encoding)
    # Built by name, so that one file column may serve as text and as augmented text.
    sources = {"text": parameters.text, "label": parameters.label, "aug_text": parameters.aug_text}
    frame = pd.DataFrame({name: table[source] for name, source in sources.items() if source in table})
    # Blank is what cleaning leaves nothing of, such as a zero-width space.
    labels = pd.Series(frame["label"].dropna().unique(), dtype="str")
    unlabelled = ~frame["label"].isin(labels[normalize_strings(labels) != ""])
    if unlabelled.any():
        raise CorpusError(
            f"{path}: {unlabelled.sum()} rows have no {parameters.label!r} "
            f"(first: row {unlabelled.argmax() + 1} of the data); label or remove them"
        )
    return frame


def _wanted_columns(parameters: CorpusParameters, is_train: bool) -> WantedColumns:
    """A second wording that the user names has to be there where it is used, in train."""
    is_default = parameters.aug_text == CorpusParameters.model_fields["aug_text"].default
    pair = [parameters.text, parameters.label]
    return (
        WantedColumns(pair, [parameters.aug_text])
        if is_default or not is_train
        else WantedColumns([*pair, parameters.aug_text])
    )
