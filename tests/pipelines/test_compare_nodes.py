"""Nodes that build the tables of a comparison."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.parameters import CompareParameters, ProfileParameters
from sharprecl.pipelines.compare.nodes import compare_methods, draw_class_sizes

LABELS = np.repeat([0, 1], [60, 20])
TOKENS = pa.table({"split": ["train"] * 3, "label_id": pa.array([0, 0, 1], pa.int32())})


def scores_of(method: str, share_right: float) -> pa.Table:
    rng = np.random.default_rng(len(method))
    said = np.where(rng.random(80) < share_right, LABELS, 1 - LABELS)
    logits = pa.FixedSizeListArray.from_arrays(pa.array(np.eye(2, dtype=np.float32)[said].ravel()), 2)
    columns = {"method": [method] * 80, "seed": [0] * 80, "row_id": range(80)}
    return pa.table({**columns, "label_id": pa.array(LABELS, pa.int32()), "logits": logits})


def differences(methods: list[str], **parameters) -> pd.DataFrame:
    tables = pa.concat_tables([scores_of(name, 0.8) for name in sorted(methods)])
    compare = CompareParameters(methods=methods, bootstrap_samples=100, **parameters)
    return compare_methods(tables, TOKENS, ["a", "b"], ProfileParameters(), compare, 0)


def test_every_method_is_held_against_balanced_softmax_and_against_sharprecl():
    found = differences(["sharprecl", "focal", "balanced-softmax"])
    assert list(zip(found["reference"], found["method"], strict=True)) == [
        ("balanced-softmax", "focal"),
        ("balanced-softmax", "sharprecl"),
        ("sharprecl", "balanced-softmax"),
        ("sharprecl", "focal"),
    ]
    there, back = found.iloc[1], found.iloc[2]
    assert there["difference"] == -back["difference"]


def test_where_no_reference_is_compared_the_first_method_that_was_named_is_it():
    found = differences(["tfidf-svm", "frozen-logistic-regression", "cross-entropy"])
    assert set(found["reference"]) == {"tfidf-svm"}


def test_saved_scores_of_methods_that_are_not_named_now_are_compared_all_the_same():
    tables = pa.concat_tables([scores_of(name, 0.8) for name in ("tfidf-svm", "focal", "ldam-drw")])
    compare = CompareParameters(methods=["sharprecl", "cross-entropy"], bootstrap_samples=100)
    found = compare_methods(tables, TOKENS, ["a", "b"], ProfileParameters(), compare, 0)
    assert set(found["reference"]) == {"tfidf-svm"}
    assert set(found["method"]) == {"focal", "ldam-drw"}


def test_the_references_are_seen_first_then_the_best():
    names = ["worst", "reference", "best", "good", "fair", "poor"]
    class_f1 = pd.DataFrame({"method": names, "label": "a", "train_texts": 3, "f1": 0.5})
    summary = pd.DataFrame({"method": ["best", "good", "fair", "poor", "reference", "worst"]})
    figure = draw_class_sizes(class_f1, summary, pd.DataFrame({"reference": ["reference"] * 5}))
    assert [trace.name for trace in figure.data] == ["reference", "best", "good", "fair", "poor", "worst"]
    assert [trace.visible for trace in figure.data] == [True] * 4 + ["legendonly"] * 2


@pytest.mark.parametrize("references", [["focal", "focal"], []])
def test_references_are_named_once_and_there_is_one(references):
    with pytest.raises(ValueError, match="references"):
        CompareParameters(references=references)
