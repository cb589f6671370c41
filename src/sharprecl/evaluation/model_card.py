"""The model card: what a model was trained on, how good it is, and where it ends."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import yaml

from sharprecl.plotting import markdown_label

HEADLINE = ("accuracy", "macro_f1", "balanced_accuracy", "head_f1", "medium_f1", "tail_f1", "worst_recall")
WEAK_F1 = 0.5
_MAX_NAMED = 10


def model_card(
    metrics: Mapping[str, Any],
    per_class: pd.DataFrame,
    profile: Mapping[str, Any],
    *,
    corpus: str,
    encoder: str,
    method: str,
    seed: int,
    confidence: float = 0.95,
) -> str:
    """A model card in Markdown, with the front matter that model hubs read.

    Args:
        metrics: by ``validation``, ``test`` and ``test_intervals``.
        per_class: the test split's per-class table.
        profile: the imbalance profile.
        corpus: its name.
        encoder: its name.
        method: the preset.
        seed: of the training.
        confidence: of the intervals, in (0, 1).

    Returns:
        The text of a ``README.md``.
    """
    front_matter = {
        "library_name": "transformers",
        "pipeline_tag": "text-classification",
        "tags": list(dict.fromkeys(["sharprecl", "imbalanced", method])),
        "model-index": [{"name": "sharprecl", "results": [_hub_result(metrics, corpus)]}],
    }
    sections = [
        "---\n" + yaml.safe_dump(front_matter, sort_keys=False, allow_unicode=True) + "---",
        "# Text classifier for imbalanced classes",
        f"Trained by sharprecl with method `{markdown_label(method)}`, seed {seed}, on corpus "
        f"{markdown_label(corpus)}, encoder {markdown_label(encoder)}.",
        "## Training data\n\n" + _data_sentence(profile),
        "## Results on the test split\n\n" + _metric_table(metrics, confidence),
        "## Classes\n\n" + _class_table(per_class),
        "## Limits\n\n" + _limits(per_class),
        "## Use\n\n```python\nimport sharprecl  # makes transformers know the model type\nfrom transformers "
        'import pipeline\n\nclassify = pipeline("text-classification", "path/to/this/folder", '
        "truncation=True)\n```\n\nIts `score` is the softmax before calibration; "
        "`kedro run --pipeline=predict`, `kedro serve` and `mlflow.pyfunc` give calibrated probabilities.",
    ]
    return "\n\n".join(sections) + "\n"


def _hub_result(metrics: Mapping[str, Any], corpus: str) -> dict[str, Any]:
    return {
        "task": {"type": "text-classification"},
        "dataset": {"name": corpus, "type": corpus},
        "metrics": [
            {"type": kind, "name": f"test {name}", "value": round(float(metrics["test"][name]), 4)}
            for kind, name in (("accuracy", "accuracy"), ("f1", "macro_f1"))
        ],
    }


def _data_sentence(profile: Mapping[str, Any]) -> str:
    texts, groups = profile["num_texts"], profile["groups"]
    largest, smallest = (profile[f"{which}_class"]["texts"] for which in ("largest", "smallest"))
    return (
        f"{texts['train']:,} training, {texts['validation']:,} validation and {texts['test']:,} test texts "
        f"in {profile['num_classes']} classes. The largest class has {largest:,} training texts, the "
        f"smallest {smallest:,}: an imbalance ratio of {profile['imbalance_ratio']:.3g}. "
        f"Head, medium and tail classes: {groups['head']['classes']}, {groups['medium']['classes']}, "
        f"{groups['tail']['classes']}."
    )


def _metric_table(metrics: Mapping[str, Any], confidence: float) -> str:
    interval_title = f"{100 * confidence:g} % interval"
    rows = [f"| metric | test | {interval_title} | validation |", "|:---|---:|---:|---:|"]
    for name in HEADLINE:
        if name in metrics["test"]:
            interval = metrics["test_intervals"].get(name)
            ends = f"{100 * interval['low']:.1f} to {100 * interval['high']:.1f}" if interval else "–"
            validation = metrics["validation"].get(name)
            rows.append(
                f"| {name} | {100 * metrics['test'][name]:.1f} | {ends} | "
                f"{'–' if validation is None else f'{100 * validation:.1f}'} |"
            )
    test = metrics["test"]
    rows.append(
        f"\nIn percent. Expected calibration error {test['ece']:.3f} before and {test['ece_calibrated']:.3f} "
        "after temperature scaling on the validation split. The intervals cover the choice of test texts, "
        "not of seeds."
    )
    return "\n".join(rows)


def _class_table(per_class: pd.DataFrame) -> str:
    rows = ["| class | group | training texts | test texts | precision | recall | F1 |"]
    rows.append("|:---|:---|" + "---:|" * 5)
    for row in per_class.to_dict("records"):
        scores = " | ".join(_percent(row[name]) for name in ("precision", "recall", "f1"))
        label = markdown_label(str(row["label"]))
        rows.append(f"| {label} | {row['group']} | {row['train_count']} | {row['support']} | {scores} |")
    return "\n".join(rows)


def _limits(per_class: pd.DataFrame) -> str:
    weak = per_class[(per_class["f1"] < WEAK_F1) & (per_class["support"] > 0)].sort_values("f1")
    untested = per_class[per_class["support"] == 0]
    lines = [
        "- It gives one of its classes to any text, also to one that belongs to none; a low calibrated "
        "probability is the only sign.",
        "- It knows the language and the kind of text that it was trained on; on others it was not measured.",
    ]
    if len(weak):
        lines.append(f"- F1 below {100 * WEAK_F1:.0f} % on: {_name_labels(weak)}.")
    if len(untested):
        lines.append(f"- No test text, so nothing is known of: {_name_labels(untested)}.")
    return "\n".join(lines)


def _name_labels(rows: pd.DataFrame) -> str:
    labels = [markdown_label(str(label)) for label in rows["label"]]
    more = len(labels) - _MAX_NAMED
    return ", ".join(labels[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")


def _percent(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else f"{100 * value:.1f}"
