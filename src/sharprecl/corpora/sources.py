"""The corpus that the parameters ask for."""

from pathlib import Path

import pandas as pd

from sharprecl.corpora.released import read_released_corpus
from sharprecl.corpora.standard_library import read_standard_library
from sharprecl.corpora.user_files import read_user_files
from sharprecl.errors import ParameterError
from sharprecl.parameters import CorpusParameters


def read_corpus(parameters: CorpusParameters, project_root: Path) -> pd.DataFrame:
    """Read the user's files where any is given, else the built-in corpus.

    Args:
        parameters: the ``corpus`` block.
        project_root: the project's folder, at which relative paths start.

    Returns:
        The raw table: ``row_id``, ``text``, ``label``, perhaps ``aug_text``, and ``split`` (missing where the
        source is not split).

    Raises:
        CorpusError: if the source cannot be read.
        ParameterError: if the block does not fit together.
    """
    given = (parameters.train, parameters.validation, parameters.test)
    if any(path is not None for path in given):
        return read_user_files(parameters, project_root)
    _check_no_columns(parameters)
    if parameters.name == "stdlib":
        return read_standard_library()
    return read_released_corpus(parameters.name, project_root)


def _check_no_columns(parameters: CorpusParameters) -> None:
    """Refuse columns without a file: an empty ``corpus.train=$FILE`` would train on the built-in corpus.

    Raises:
        ParameterError: naming the columns' keys.
    """
    renamed = [f"corpus.{key}" for key in ("text", "label") if getattr(parameters, key) != key]
    if renamed:
        raise ParameterError(
            f"{' and '.join(renamed)}: no file is given that could have such a column; set corpus.train"
        )
