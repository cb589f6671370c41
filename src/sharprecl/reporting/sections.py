"""What the report says of the classes, the mistakes and the command: one function a section."""

import html
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import yaml

from sharprecl.plotting import display_label
from sharprecl.reporting.command import training_command
from sharprecl.reporting.mistakes import confident_mistakes
from sharprecl.reporting.tables import (
    count,
    html_table,
    number_column,
    percent,
    text_column,
)

_MAX_TEXT_LENGTH = 400
_MAX_NAMED = 10


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Short facts side by side.

    Args:
        pairs: names and values; values come from the data and show as they are written.

    Returns:
        A description list.
    """
    items = "".join(
        f"<div><dt>{name}</dt><dd>{display_label(value, 120)}</dd></div>" for name, value in pairs
    )
    return f"<dl>{items}</dl>"


def per_class_section(per_class: pd.DataFrame) -> str:
    """How good each class's predictions are, the largest class first.

    Args:
        per_class: the test split's per-class table.

    Returns:
        HTML.
    """
    rows = per_class.sort_values("train_count", ascending=False, kind="stable")
    columns = [
        text_column("class", rows["label"]),
        text_column("group", rows["group"]),
        number_column("train texts", rows["train_count"], count),
        number_column("test texts", rows["support"], count),
        number_column("predicted", rows["predicted"], count),
        *(
            number_column(title, rows[name], percent)
            for title, name in (
                ("precision, %", "precision"),
                ("recall, %", "recall"),
                ("F1, %", "f1"),
                ("PR-AUC, %", "pr_auc"),
            )
        ),
    ]
    table = html_table(columns, "Classes of the test split", sorted_by=(2, "descending"))
    return table + _untested_note(rows.loc[rows["support"] == 0, "label"].tolist())


def _untested_note(labels: list[Any]) -> str:
    if not labels:
        return ""
    named = ", ".join(display_label(str(label)) for label in labels[:_MAX_NAMED])
    more = f" and {len(labels) - _MAX_NAMED} more" if len(labels) > _MAX_NAMED else ""
    return f"<p>No test text, so nothing is known of: {named}{more}.</p>"


def mistakes_section(predictions: pd.DataFrame) -> str:
    """The mistakes that the model is surest of.

    Args:
        predictions: the predictions table.

    Returns:
        HTML.
    """
    mistakes = confident_mistakes(predictions)
    if mistakes.empty:
        return "<p>Every test text has the label that the model gives it.</p>"
    columns = [
        text_column("text", mistakes["text"], _MAX_TEXT_LENGTH),
        text_column("label", mistakes["label"]),
        text_column("predicted", mistakes["predicted"]),
        number_column("probability, %", mistakes["probability"], percent),
        number_column("of the label, %", mistakes["true_probability"], percent),
        number_column("row", mistakes["row_id"], "{:.0f}".format),
    ]
    wrong = int((~predictions["correct"].astype(bool)).sum())
    note = (
        f'<p class="note">{len(mistakes)} of {wrong:,} wrong among {len(predictions):,} test texts. Where a '
        "model is sure and wrong, look at the label as well as at the model. Probabilities are "
        "calibrated.</p>"
    )
    return note + html_table(columns, "Most confident mistakes", sorted_by=(3, "descending"))


def command_section(settings: Mapping[str, Any]) -> str:
    """The command that trains and evaluates with the same parameters.

    Args:
        settings: for :func:`~sharprecl.reporting.command.training_command`.

    Returns:
        HTML.
    """
    command, left_over = training_command(settings)
    parts = [
        "<p>This command gives the run's parameters explicitly, whether an environment, a file or the "
        "command line set them: it names the corpus, encoder, preset and seed, and whatever else differs "
        "from the defaults. It reads the corpus as it is now; that and the installed versions decide "
        "whether the numbers come out the same.</p>",
        f"<pre><code>{html.escape(command)}</code></pre>",
    ]
    if left_over:
        nested = yaml.safe_dump(_nest(left_over), allow_unicode=True, sort_keys=False)
        parts.append(
            "<p>These values cannot be typed; put them into <code>conf/local/parameters.yml</code>:</p>"
        )
        parts.append(f"<pre><code>{html.escape(nested)}</code></pre>")
    return "\n".join(parts)


def _nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys as blocks of blocks."""
    nested: dict[str, Any] = {}
    for key, value in values.items():
        *blocks, last = key.split(".")
        block = nested
        for name in blocks:
            block = block.setdefault(name, {})
        block[last] = value
    return nested
