"""The ``profile`` pipeline, run whole on a small corpus."""

import json

import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from sharprecl.parameters import FitParameters, ProfileParameters, TokenizeParameters
from sharprecl.pipelines.profile import create_pipeline
from sharprecl.pipelines.profile.nodes import measure_imbalance

OUTPUTS = {
    "imbalance_profile",
    "class_table",
    "near_duplicates",
    "class_size_plot",
    "lorenz_plot",
    "text_length_plot",
}


@pytest.fixture(name="outputs", scope="module")
def run_pipeline():
    texts = [f"text number {i} says that {i * i} cats sleep" for i in range(29)]
    labelled_corpus = pd.DataFrame(
        {
            "row_id": range(30),
            "text": [*texts, texts[0]],
            "label": ["cats"] * 20 + ["dogs"] * 10,
            "split": (["train"] * 3 + ["validation", "test"]) * 6,
        }
    )
    inputs = {
        "labelled_corpus": labelled_corpus,
        "params:profile": ProfileParameters(head_above=8, tail_below=8),
        "params:tokenize": TokenizeParameters(max_length=8),
        "params:encoder": "minilm",
        "params:fit": FitParameters(batch_size=4),
        "params:preset": "sharprecl",
        "params:seed": 0,
    }
    catalog = DataCatalog({name: MemoryDataset(data) for name, data in inputs.items()})
    return {
        name: dataset.load() for name, dataset in SequentialRunner().run(create_pipeline(), catalog).items()
    }


def test_pipeline_gives_the_outputs_of_the_catalog(outputs):
    assert set(outputs) == OUTPUTS


def test_profile_holds_every_part_and_is_json(outputs):
    profile = json.loads(json.dumps(outputs["imbalance_profile"], allow_nan=False))
    assert profile["imbalance_ratio"] == 2.0
    assert profile["batch_size"] == 4
    assert profile["groups"]["head"]["classes"] == 1
    assert profile["text_lengths"]["train"]["texts"] == 18
    assert profile["token_lengths"]["train"]["truncated_share"] == 1.0
    assert profile["near_duplicates"]["pairs"]["train_test"] == 1
    assert profile["near_duplicates"]["label_conflicts"]["train_test"] == 1


def test_classes_are_looked_for_in_batches_of_the_size_that_the_preset_has(outputs):
    corpus = pd.DataFrame({"text": ["a"] * 9, "label": list("aaaabbbcc"), "split": "train"})
    statistics = {"text_lengths": {}, "token_lengths": {}}
    profile = measure_imbalance(
        corpus,
        {name: outputs["imbalance_profile"][name] for name in statistics},
        outputs["imbalance_profile"]["near_duplicates"],
        ProfileParameters(),
        FitParameters(),
        "sharprecl-published",
    )[0]
    assert profile["batch_size"] == 128


def test_near_duplicates_name_both_rows(outputs):
    listed = outputs["near_duplicates"]
    assert listed[["row_id_a", "row_id_b", "label_a", "label_b"]].to_numpy().tolist() == [
        [0, 29, "cats", "dogs"]
    ]


def test_parameters_reach_the_class_table(outputs):
    assert outputs["class_table"]["group"].tolist() == ["head", "tail"]
