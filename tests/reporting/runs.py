"""A small run to report on, with hostile labels and texts, an untested class and missing numbers."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd

from sharprecl.evaluation import plot_confusion_matrix, plot_embedding_map, plot_f1_by_class_size
from sharprecl.profiling import plot_class_sizes
from sharprecl.reporting import report_page

SCRIPT = "<script>document.title='owned'</script>"
BREAK_OUT = "</script><img src=x onerror=\"document.title='owned'\">"
LABELS = ["white", SCRIPT, BREAK_OUT, "</td></table>&amp;"]
LONG_TEXT = "spam & <b>eggs</b> " * 600
TEXTS = [SCRIPT, BREAK_OUT, LONG_TEXT, "\u202e plain", "last"]

CLASS_TABLE = pd.DataFrame(
    {
        "label": LABELS,
        "train": [1000, 50, 9, 3],
        "validation": [100, 5, 1, 0],
        "test": [3, 1, 1, 0],
        "share": [1000 / 1062, 50 / 1062, 9 / 1062, 3 / 1062],
        "group": ["head", "medium", "tail", "tail"],
        "rank_group": ["head", "medium", "tail", "tail"],
        "absent_probability": [0.0, 0.05, 0.6, 0.8],
        "median_words": [10.0, 9.0, 8.0, np.nan],
    }
)
PER_CLASS = pd.DataFrame(
    {
        "label": [LABELS[3], *LABELS[:3]],
        "group": ["tail", "head", "medium", "tail"],
        "train_count": [3, 1000, 50, 9],
        "support": [0, 3, 1, 1],
        "predicted": [0, 4, 1, 0],
        "precision": [np.nan, 0.75, 0.0, np.nan],
        "recall": [np.nan, 1.0, 0.0, 0.0],
        "f1": [np.nan, 0.857, 0.0, 0.0],
        "pr_auc": [np.nan, 0.9, 0.4, 0.2],
    }
)
METRICS = {
    "validation": {"accuracy": 0.8, "macro_f1": 0.7, "nll": 0.5, "tail_f1": float("nan")},
    "test": {"accuracy": 0.6, "macro_f1": 0.2857, "worst_recall": 0.0, "nll": 1.25, "surprise": 2.5},
    "test_intervals": {
        "macro_f1": {"estimate": 0.2857, "low": 0.2, "high": 0.4},
        "accuracy": {"estimate": 0.6, "low": float("nan"), "high": float("nan")},
    },
}
PROFILE = {
    "num_classes": 4,
    "num_texts": {"train": 1062, "validation": 106, "test": 5},
    "largest_class": {"label": LABELS[0], "texts": 1000},
    "smallest_class": {"label": LABELS[3], "texts": 3},
    "imbalance_ratio": 333.3,
    "gini": 0.7,
    "normalized_entropy": 0.2,
    "effective_num_classes": 1.3,
    "groups": {name: {"classes": classes} for name, classes in (("head", 1), ("medium", 1), ("tail", 2))},
    "batch_size": 64,
    "expected_absent_classes": 1.45,
    "near_duplicates": {"texts_also_in_train": {"validation": 0, "test": 17}},
}
INGEST = {
    "cleaning": {
        "rows_in": 1200,
        "rows_out": 1173,
        "blemishes": {"split_overlaps": {"found": 27, "policy": "drop", "dropped": 27}},
    }
}
SETTINGS = {"encoder": "minilm", "preset": "sharprecl", "seed": 3, "corpus": {"train": "a, b.csv"}}


def predictions() -> pd.DataFrame:
    labels = [LABELS[0], LABELS[0], LABELS[0], LABELS[1], LABELS[2]]
    predicted = [LABELS[0], LABELS[0], LABELS[0], LABELS[0], LABELS[1]]
    table = pd.DataFrame({"row_id": range(5), "text": TEXTS[::-1], "label": labels, "predicted": predicted})
    table["correct"] = table["label"] == table["predicted"]
    table["probability"] = np.float32([0.9, 0.8, 0.7, 0.6, 0.5])
    return table.assign(**{f"p[{label}]": np.float32(0.125) for label in LABELS})


def figures() -> dict:
    points = pd.DataFrame(
        {
            "x": [0.0, 1.0, 2.0, 3.0, 4.0],
            "y": [4.0, 1.0, 2.0, 3.0, 0.0],
            "label": [*LABELS[:3], *LABELS[:2]],
            "kind": ["text"] * 3 + ["prototype"] * 2,
            "row_id": pd.array([0, 1, 2, None, None], dtype="Int64"),
        }
    )
    ids = np.array([0, 0, 0, 1, 2])
    return {
        "class_size_plot": plot_class_sizes(CLASS_TABLE),
        "class_size_f1_plot": plot_f1_by_class_size(PER_CLASS),
        "confusion_matrix_plot": plot_confusion_matrix(np.array([0, 0, 0, 0, 1]), ids, LABELS, [9, 5, 2, 1]),
        "embedding_map_plot": plot_embedding_map(points, LABELS, pd.Series(TEXTS)),
    }


def page(**changes) -> str:
    content = {
        "corpus": f"mails {SCRIPT}",
        "settings": SETTINGS,
        "ingest_report": INGEST,
        "imbalance_profile": PROFILE,
        "class_table": CLASS_TABLE,
        "metrics": METRICS,
        "per_class": PER_CLASS,
        "predictions": predictions(),
        "figures": figures(),
        "confidence": 0.9,
    }
    return report_page(**(content | changes))


class Page(HTMLParser):
    """The elements of a page in order with their attributes and text, its tables as rows of cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        if tag not in {"meta", "img"}:
            self._open.append(tag)
        if tag == "table":
            self._rows: list[list[str]] = []
        if tag == "tr":
            self._rows.append([])
        if tag in {"th", "td"}:
            self._rows[-1].append("")

    def handle_endtag(self, tag):
        assert self._open.pop() == tag  # nothing from the data closes or opens an element
        if tag == "table":
            self.tables[self.texts["caption"][-1]] = self._rows

    def handle_data(self, data):
        for tag in set(self._open):
            self.texts[tag][-1] += data
        if {"th", "td"} & set(self._open):
            self._rows[-1][-1] += data


def write(folder: Path, text: str) -> Path:
    file = folder / "report.html"
    file.write_text(text, encoding="utf-8")
    return file
