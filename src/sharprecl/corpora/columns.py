"""Which columns of a table to read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sharprecl.corpora.messages import list_names
from sharprecl.errors import CorpusError


@dataclass(frozen=True)
class WantedColumns:
    """Columns a table must have, and columns taken where it has them."""

    required: Sequence[str]
    optional: Sequence[str] = ()

    def choose(self, path: Path, available: Collection[str]) -> list[str]:
        """Those to read, required ones first.

        Args:
            path: the table's file, for the message.
            available: the table's column names.

        Returns:
            Names that are all in ``available``, each once.

        Raises:
            CorpusError: if a required column is missing.
        """
        missing = [name for name in self.required if name not in available]
        if missing and len(available) == 1 and ";" in next(iter(available)):
            raise CorpusError(
                f"{path}: the header has semicolons and no commas: {list_names(available)}; "
                "save the file with commas between its columns"
            )
        if missing:
            raise CorpusError(
                f"{path}: no column {missing[0]!r}; there are {list_names(available)}: "
                "name yours in corpus.text, corpus.label and corpus.aug_text"
            )
        present = (name for name in self.optional if name in available)
        return list(dict.fromkeys([*self.required, *present]))
