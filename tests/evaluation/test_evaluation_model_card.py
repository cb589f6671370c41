"""The model card."""

import pandas as pd
import pytest
import yaml

from sharprecl.evaluation.model_card import model_card

METRICS = {
    "validation": {"accuracy": 0.8, "macro_f1": 0.7},
    "test": {"accuracy": 0.756, "macro_f1": 0.6789, "worst_recall": 0.0, "ece": 0.1, "ece_calibrated": 0.02},
    "test_intervals": {"macro_f1": {"estimate": 0.6789, "low": 0.6, "high": 0.75}},
}
PROFILE = {
    "num_classes": 3,
    "num_texts": {"train": 1200, "validation": 100, "test": 200},
    "largest_class": {"label": "a", "texts": 1000},
    "smallest_class": {"label": "c", "texts": 5},
    "imbalance_ratio": 200.0,
    "groups": {name: {"classes": count} for name, count in (("head", 2), ("medium", 0), ("tail", 1))},
}


def card(labels=("a", "b", "c"), f1=(0.9, 0.3, None), support=(150, 50, 0), **options):
    table = pd.DataFrame(
        {
            "label": labels,
            "group": ["head", "head", "tail"],
            "train_count": [1000, 195, 5],
            "support": support,
            "precision": [0.95, 0.4, None],
            "recall": [0.9, 0.25, None],
            "f1": f1,
        }
    )
    named = {"corpus": "tickets", "encoder": "minilm", "method": "sharprecl", "seed": 3}
    return model_card(METRICS, table, PROFILE, **named, **options)


def test_front_matter_is_what_hubs_read():
    _, front, _ = card().split("---\n", 2)
    values = yaml.safe_load(front)
    assert values["pipeline_tag"] == "text-classification"
    (result,) = values["model-index"][0]["results"]
    assert {metric["type"]: metric["value"] for metric in result["metrics"]} == {
        "accuracy": 0.756,
        "f1": 0.6789,
    }


@pytest.mark.parametrize(
    "line",
    [
        "Trained by sharprecl with method `sharprecl`, seed 3, on corpus tickets, encoder minilm.",
        "1,200 training, 100 validation and 200 test texts in 3 classes.",
        "an imbalance ratio of 200. Head, medium and tail classes: 2, 0, 1.",
        "| macro_f1 | 67.9 | 60.0 to 75.0 | 70.0 |",
        "| accuracy | 75.6 | – | 80.0 |",
        "| worst_recall | 0.0 | – | – |",
        "Expected calibration error 0.100 before and 0.020 after",
        "| a | head | 1000 | 150 | 95.0 | 90.0 | 90.0 |",
        "| c | tail | 5 | 0 | – | – | – |",
        "- F1 below 50 % on: b.",
        "- No test text, so nothing is known of: c.",
    ],
)
def test_what_the_card_says(line):
    assert line in card()


def test_the_card_names_the_confidence_of_its_intervals():
    assert "| metric | test | 95 % interval | validation |" in card()
    assert "| metric | test | 80 % interval | validation |" in card(confidence=0.8)


def test_labels_stay_text():
    text = card(labels=("<script>alert(1)</script>", "a|b", "*c*"))
    assert "<script>" not in text
    assert "| a\\|b |" in text
    assert "\\*c\\*" in text


def test_nothing_is_said_of_weak_classes_where_there_are_none():
    text = card(f1=(0.9, 0.8, 0.7), support=(1, 1, 1))
    assert "F1 below" not in text
    assert "No test text" not in text
