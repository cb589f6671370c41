"""The raw corpus as a catalog entry."""

import pandas as pd
import pytest
from kedro.io import DataCatalog, DatasetError

from sharprecl.errors import CorpusError


@pytest.fixture
def catalog(tmp_path):
    (tmp_path / "train.csv").write_text("text,label\na b,x\nc d,y\n")
    entry = {
        "type": "sharprecl.datasets.CorpusDataset",
        "source": {"train": "train.csv"},
        "project_root": str(tmp_path),
        "metadata": {"kedro-viz": {"layer": "raw"}},
    }
    return DataCatalog.from_config({"raw_corpus": entry})


def test_load_from_a_catalog_entry(catalog):
    table = catalog.load("raw_corpus")
    assert table["text"].tolist() == ["a b", "c d"]
    assert table["split"].isna().all()
    assert catalog["raw_corpus"].metadata == {"kedro-viz": {"layer": "raw"}}


def test_read_only(catalog):
    with pytest.raises(DatasetError, match="CorpusDataset is read-only; write the texts to a file"):
        catalog.save("raw_corpus", pd.DataFrame())


def test_a_known_error_stays_the_cause(catalog, tmp_path):
    (tmp_path / "train.csv").unlink()
    with pytest.raises(DatasetError, match="there is no such file") as caught:
        catalog.load("raw_corpus")
    error: BaseException | None = caught.value
    while isinstance(error, DatasetError):
        error = error.__cause__
    assert isinstance(error, CorpusError)


def test_describes_its_source(catalog):
    assert "train.csv" in str(catalog["raw_corpus"])


def test_the_preview_is_the_first_rows_as_they_came(catalog):
    preview = catalog["raw_corpus"].preview(nrows=1)
    row = dict(zip(preview["columns"], *preview["data"], strict=True))
    assert (row["text"], row["label"], row["split"]) == ("a b", "x", None)
