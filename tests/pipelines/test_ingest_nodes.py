"""The ingest pipeline, run by Kedro on real files."""

import json
import logging

import pandas as pd
import pytest
from kedro.io import DataCatalog
from kedro.runner import SequentialRunner
from kedro_datasets.json import JSONDataset
from kedro_datasets.pandas import ParquetDataset

from sharprecl.datasets import CorpusDataset
from sharprecl.parameters import CorpusParameters
from sharprecl.pipelines.ingest import create_pipeline


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"text": f"text {label} {i}", "label": label} for label, n in (("a", 40), ("b", 10)) for i in range(n)
    ]
    rows += [{"text": " text a 0", "label": "a"}, {"text": "", "label": "b"}]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    return tmp_path


def run_ingest(folder, **parameters):
    corpus = CorpusParameters(train="rows.json", **parameters)
    catalog = DataCatalog(
        {
            "raw_corpus": CorpusDataset(source=corpus.model_dump(), project_root=str(folder)),
            "clean_corpus": ParquetDataset(filepath=str(folder / "clean.parquet")),
            "labelled_corpus": ParquetDataset(filepath=str(folder / "labelled.parquet")),
            "ingest_report": JSONDataset(filepath=str(folder / "report.json")),
        }
    )
    catalog["params:corpus"] = corpus
    catalog["params:seed"] = 0
    SequentialRunner().run(create_pipeline(), catalog)
    return pd.read_parquet(folder / "labelled.parquet"), json.loads((folder / "report.json").read_text())


def test_labelled_corpus_and_report(folder):
    table, report = run_ingest(folder)
    assert list(table.columns) == ["row_id", "text", "label", "split"]
    assert table["split"].value_counts().to_dict() == {"train": 36, "validation": 4, "test": 10}
    assert report["cleaning"]["rows_out"] == len(table) == 50
    assert report["cleaning"]["blemishes"]["duplicates"]["dropped"] == 1
    assert report["splits"]["carved"] == ["test", "validation"]
    assert report["long_tail"] is None
    assert len(pd.read_parquet(folder / "clean.parquet")) == 50


def test_long_tail(folder, caplog):
    with caplog.at_level(logging.INFO, "sharprecl.pipelines.ingest.nodes"):
        table, report = run_ingest(folder, long_tail={"profile": "step", "imbalance_ratio": 29})
    line = "Thinned the training texts to an imbalance ratio of 29; asked for 29"
    assert [record.levelname for record in caplog.records if record.message == line] == ["INFO"]
    assert table[table["split"] == "train"]["label"].value_counts().to_dict() == {"a": 29, "b": 1}
    assert report["long_tail"]["achieved_ratio"] == 29.0


def test_a_ratio_that_texts_do_not_give_is_a_warning(folder, caplog):
    _, report = run_ingest(folder, long_tail={"profile": "step", "imbalance_ratio": 200})
    assert report["long_tail"]["achieved_ratio"] == 29.0
    warnings = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == [
        "Thinned the training texts to an imbalance ratio of 29; asked for 200: no text can be added, and "
        "sizes are whole numbers"
    ]


def test_same_seed_same_table(folder):
    pd.testing.assert_frame_equal(run_ingest(folder)[0], run_ingest(folder)[0])


def test_names_of_the_pipeline():
    pipeline = create_pipeline()
    assert pipeline.inputs() == {"raw_corpus", "params:corpus", "params:seed"}
    assert pipeline.outputs() == {"labelled_corpus", "ingest_report"}
