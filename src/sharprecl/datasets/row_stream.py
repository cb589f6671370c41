"""Tables that are read or written in parts, so that they may be larger than memory."""

from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import TablePreview

from sharprecl.corpora.row_stream import RowStream, stream_rows
from sharprecl.datasets.local_path import local_path
from sharprecl.datasets.previews import table_preview
from sharprecl.errors import CorpusError, ParameterError
from sharprecl.local_names import expand_home
from sharprecl.parameters import PredictParameters
from sharprecl.whole_files import replacing


class TextFileDataset(AbstractDataset[NoReturn, RowStream]):
    """The file that ``predict.input`` names, in parts; read-only.

    Args:
        source: the ``predict`` block.
        project_root: the project's folder, at which relative paths start.
        metadata: for plugins.
    """

    def __init__(
        self, *, source: dict[str, Any], project_root: str, metadata: dict[str, Any] | None = None
    ) -> None:
        self._source = source
        self._project_root = Path(project_root)
        self.metadata = metadata

    def load(self) -> RowStream:
        """Open the file.

        Raises:
            ParameterError: if no file is named.
        """
        parameters = PredictParameters.model_validate(self._source)
        if parameters.input is None:
            raise ParameterError("predict.input: name the file to score, as in --params=predict.input=FILE")
        return stream_rows(
            self._project_root / expand_home(parameters.input),
            parameters.text,
            encoding=parameters.encoding,
            chunk_rows=parameters.chunk_rows,
        )

    def save(self, data: NoReturn) -> NoReturn:
        """Refuse: the file is an input."""
        raise DatasetError(f"{type(self).__name__} is read-only")

    def _describe(self) -> dict[str, Any]:
        return {"source": self._source, "project_root": str(self._project_root)}


class RowStreamDataset(AbstractDataset[RowStream, pa.Table]):
    """Writes a table part by part, as CSV or Parquet by the suffix; loads it whole.

    Args:
        filepath: the file.
        project_root: the project's folder, at which a relative path starts.
        source: the file that the table is made from, which it must not replace.
        metadata: for plugins.
    """

    def __init__(
        self,
        *,
        filepath: str,
        project_root: str,
        source: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = Path(project_root) / expand_home(local_path(filepath))
        self.metadata = metadata
        if self._filepath.suffix.lower() not in {".csv", ".parquet"}:
            raise ParameterError(f"predict.output: {filepath} must end in .csv or .parquet")
        if self._filepath.is_dir():
            raise ParameterError(f"predict.output: {filepath} is a folder; name a file")
        if source and self._filepath.resolve() == (Path(project_root) / expand_home(source)).resolve():
            raise ParameterError(f"predict.output: {filepath} is predict.input; name another file")

    def load(self) -> pa.Table:
        """Read the whole file."""
        if self._filepath.suffix.lower() == ".csv":
            return pyarrow.csv.read_csv(self._filepath)
        return pq.read_table(self._filepath)

    def preview(self, nrows: int = 10) -> TablePreview:
        """The first rows, for kedro-viz; of a file larger than memory no more is read."""
        if self._filepath.suffix.lower() == ".csv":
            with pyarrow.csv.open_csv(self._filepath) as parts:
                table = pa.Table.from_batches(islice(parts, 1), parts.schema)
        else:
            with pq.ParquetFile(self._filepath) as file:
                table = pa.Table.from_batches(islice(file.iter_batches(nrows), 1), file.schema_arrow)
        return table_preview(table.slice(0, nrows))

    def save(self, data: RowStream) -> None:
        """Write the parts as they come."""
        first = next(data.tables)
        self._check_types(first.schema)
        with replacing(self._filepath) as file, self._writer(file, first.schema) as writer:
            writer.write_table(first)
            for table in data.tables:
                writer.write_table(table)

    def _check_types(self, schema: pa.Schema) -> None:
        """Refuse columns that CSV cannot hold.

        Raises:
            CorpusError: naming one.
        """
        if self._filepath.suffix.lower() != ".csv":
            return
        unfit = (
            pa.types.is_nested,
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
        )
        for field in schema:
            if any(check(field.type) for check in unfit):
                raise CorpusError(
                    f"predict.output: column {field.name!r} holds {field.type} values, which CSV cannot; "
                    "name a .parquet file"
                )

    def _writer(self, file: Path, schema: pa.Schema) -> pq.ParquetWriter | pyarrow.csv.CSVWriter:
        if self._filepath.suffix.lower() == ".csv":
            return pyarrow.csv.CSVWriter(file, schema)
        return pq.ParquetWriter(file, schema)

    def _exists(self) -> bool:
        return self._filepath.is_file()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
