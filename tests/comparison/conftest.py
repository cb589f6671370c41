"""A small corpus that a tiny encoder and a bag of words can learn."""

import random

import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.comparison import ComparisonData
from sharprecl.modeling import load_tokenizer, tokenize_texts

WORDS = {"animal": "cat dog horse lion", "colour": "red blue green pink", "vehicle": "car truck bus plane"}
LABELS = sorted(WORDS)


def make_data(seed: int = 0) -> ComparisonData:
    draw = random.Random(seed)  # noqa: S311 - texts of a test
    label_ids = [0] * 60 + [1] * 30 + [2] * 10
    texts = [" ".join(draw.choices([*WORDS[LABELS[label]].split(), "the", "of"], k=6)) for label in label_ids]
    splits = [{0: "validation", 1: "test"}.get(i % 5, "train") for i in range(100)]
    table = tokenize_texts(load_tokenizer("random-tiny"), texts, max_length=16, batch_size=64)
    columns = {"row_id": pa.array(range(100), pa.int64()), "split": splits}
    columns["label_id"] = pa.array(label_ids, pa.int32())
    columns |= {name: table[name] for name in table.column_names}
    return ComparisonData(pa.table(columns), pd.Series(texts, index=range(100)), LABELS, "random-tiny", 16)


@pytest.fixture(scope="session")
def data() -> ComparisonData:
    return make_data()
