"""The raw corpus as a Kedro dataset."""

from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import pyarrow as pa
from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import TablePreview

from sharprecl.corpora import read_corpus
from sharprecl.datasets.previews import table_preview
from sharprecl.parameters import CorpusParameters


class CorpusDataset(AbstractDataset[NoReturn, pd.DataFrame]):
    """Labelled texts from wherever the ``corpus`` parameters say; read-only.

    Example:
        ::

            raw_corpus:
              type: sharprecl.datasets.CorpusDataset
              source: "${parameters:corpus}"
              project_root: "${project_root:}"
    """

    def __init__(
        self, *, source: dict[str, Any], project_root: str, metadata: dict[str, Any] | None = None
    ) -> None:
        """Nothing is read yet.

        Args:
            source: the ``corpus`` parameter block.
            project_root: the project's folder, at which relative paths start.
            metadata: for Kedro plugins.
        """
        self._source = source
        self._project_root = Path(project_root)
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Read the corpus.

        Returns:
            Columns ``row_id``, ``text``, ``label``, perhaps ``aug_text``, and ``split`` (missing where the
            source is not split).
        """
        return read_corpus(CorpusParameters.model_validate(self._source), self._project_root)

    def preview(self, nrows: int = 10) -> TablePreview:
        """The first rows, for kedro-viz, before anything is cleaned."""
        return table_preview(pa.Table.from_pandas(self.load().head(nrows), preserve_index=False))

    def save(self, data: NoReturn) -> NoReturn:
        """Refuse: a corpus is what others wrote."""
        raise DatasetError(
            f"{type(self).__name__} is read-only; write the texts to a file and name it in corpus.train"
        )

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "project_root": str(self._project_root)}
