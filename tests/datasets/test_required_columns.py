"""Tables of another version of the package end in one line instead of a KeyError in the midst of training."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from kedro.io import DataCatalog

from sharprecl import settings
from sharprecl.config_loader import ProjectConfigLoader
from sharprecl.error_lines import describe_error

PROJECT_ROOT = Path(__file__).parents[2]
TABLES = {
    "labelled_corpus": pd.DataFrame({"row_id": [1], "text": ["a"], "label": ["x"], "split": ["train"]}),
    "token_table": pa.table(
        {
            **{"row_id": [1], "split": ["train"], "label_id": [0], "num_tokens": [2]},
            **{"input_ids": [[1, 2]], "word_ids": [[0, 1]]},
        }
    ),
}


@pytest.fixture
def catalog(tmp_path) -> DataCatalog:
    """The project's own entries, in another folder."""
    loader = ProjectConfigLoader(str(PROJECT_ROOT / "conf"), "base", **settings.CONFIG_LOADER_ARGS)
    entries = {name: loader["catalog"][name] for name in TABLES}
    for entry in entries.values():
        entry["filepath"] = str(tmp_path / Path(entry["filepath"]).name)
    return DataCatalog.from_config(entries)


@pytest.mark.parametrize("name", TABLES)
def test_what_this_version_saves_loads(catalog, name):
    catalog.save(name, TABLES[name])
    loaded = catalog.load(name)
    assert loaded.equals(TABLES[name])


@pytest.mark.parametrize(
    ("name", "missing", "pipeline"),
    [("labelled_corpus", "split", "ingest"), ("token_table", "word_ids, num_tokens", "tokenize")],
)
def test_a_table_that_lacks_columns_is_one_line_with_the_mend(catalog, name, missing, pipeline):
    table, names = TABLES[name], missing.split(", ")
    old = table.drop(columns=names) if isinstance(table, pd.DataFrame) else table.drop_columns(names)
    catalog.save(name, old)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - Kedro's, around ours
        catalog.load(name)
    assert describe_error(caught.value) == (
        f"{name}: it has no {missing}: another version of sharprecl made it; "
        f"run `kedro run --pipeline={pipeline}` again"
    )


def test_another_column_more_is_no_matter(catalog):
    catalog.save("labelled_corpus", TABLES["labelled_corpus"].assign(aug_text="b"))
    assert "aug_text" in catalog.load("labelled_corpus").columns
