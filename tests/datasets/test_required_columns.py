"""Tables of another version of the package end in one line instead of a KeyError in the midst of training."""

import pandas as pd
import pyarrow as pa
import pytest

from sharprecl import settings
from sharprecl.datasets.required_columns import check_required_columns
from sharprecl.errors import CorpusError
from sharprecl.hooks.saved_tables import SavedTableHooks

CORPUS = pd.DataFrame({"row_id": [1], "text": ["a"], "label": ["x"], "split": ["train"], "aug_text": ["b"]})
TOKENS = pa.table(
    {
        **{"row_id": [1], "split": ["train"], "label_id": [0], "num_tokens": [2]},
        **{"input_ids": [[1, 2]], "word_ids": [[0, 1]]},
    }
)


@pytest.mark.parametrize(
    ("name", "table"), [("labelled_corpus", CORPUS), ("token_table", TOKENS), ("metrics", {})]
)
def test_what_this_version_saves_passes(name, table):
    check_required_columns(name, table)


@pytest.mark.parametrize(
    ("name", "table", "missing", "pipeline"),
    [
        ("labelled_corpus", CORPUS.drop(columns="split"), "split", "ingest"),
        ("token_table", TOKENS.drop_columns(["word_ids", "num_tokens"]), "word_ids, num_tokens", "tokenize"),
    ],
)
def test_a_table_that_lacks_columns_is_one_line_with_the_mend(name, table, missing, pipeline):
    with pytest.raises(CorpusError) as caught:
        SavedTableHooks().after_dataset_loaded(name, table)
    assert str(caught.value) == (
        f"{name}: it has no {missing}: another version of sharprecl made it; "
        f"run `kedro run --pipeline={pipeline}` again"
    )


def test_the_project_looks_at_what_it_loads():
    assert any(isinstance(hook, SavedTableHooks) for hook in settings.HOOKS)
