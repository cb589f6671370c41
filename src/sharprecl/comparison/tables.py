"""The comparison of methods as a table to read, in Markdown or HTML."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sharprecl.plotting import display_label, markdown_label

_NOTE = (
    "Scores in percent, mean ± standard deviation over seeds; train time and peak memory are means; the best "
    "value of a column is bold. Memory is the GPU's of what is trained on one, else the process's. "
    "Δ macro-F1: mean difference over paired seeds, its 95 % interval by a paired bootstrap over test texts, "
    "p by approximate randomization, adjusted by Holm within its column (ablations and "
    "points of curves apart)."
)
_MISSING = "–"
_MAX_NAME_LENGTH = 60

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Method comparison</title>
<style>
:root {{ color-scheme: light dark; --ink: #262626; --ground: #ffffff; --line: #d4d4d4; --head: #f5f5f5; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ink: #e5e5e5; --ground: #171717; --line: #404040; --head: #262626; }}
}}
body {{ margin: 1.5rem; color: var(--ink); background: var(--ground);
       font: 15px/1.5 Inter, Helvetica, Arial, sans-serif; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
th, td {{ padding: 0.35rem 0.75rem; border-bottom: 1px solid var(--line);
         text-align: right; white-space: nowrap; }}
thead th {{ background: var(--head); }}
th:first-child {{ text-align: left; }}
tbody th {{ font-weight: normal; }}
p {{ max-width: 48rem; font-size: 0.875rem; }}
</style>
</head>
<body>
<div><table>
<thead><tr>{head}</tr></thead>
<tbody>
{body}
</tbody>
</table></div>
<p>{note}</p>
</body>
</html>
"""


class _Column(NamedTuple):
    """A title, and for each method a text and whether it is the best."""

    title: str
    texts: list[str]
    is_best: list[bool]


def markdown_table(summary: pd.DataFrame, differences: pd.DataFrame) -> str:
    """The comparison as a GitHub-flavoured Markdown table with a note below.

    Args:
        summary: from :func:`~sharprecl.comparison.summary.summarize_methods`.
        differences: from :func:`~sharprecl.comparison.summary.compare_to_reference`; may be empty.

    Returns:
        Lines of text, one a method in the summary's order; method names show as they are written.
    """
    columns = _columns(summary, differences, _escape_markdown)
    rows = [[column.title for column in columns], [":---", *["---:"] * (len(columns) - 1)]]
    rows += _cells(columns, "**{}**")
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([*lines, "", _NOTE, ""])


def comparison_page(summary: pd.DataFrame, differences: pd.DataFrame) -> str:
    """The comparison as a web page that needs no other file and follows the reader's light or dark theme.

    Args:
        summary: from :func:`~sharprecl.comparison.summary.summarize_methods`.
        differences: from :func:`~sharprecl.comparison.summary.compare_to_reference`; may be empty.

    Returns:
        A whole page without scripts; method names show as they are written.
    """
    columns = _columns(summary, differences, _escape_html)
    head = "".join(f'<th scope="col">{column.title}</th>' for column in columns)
    rows = [
        f'<tr><th scope="row">{name}</th>{"".join(f"<td>{text}</td>" for text in texts)}</tr>'
        for name, *texts in _cells(columns, "<strong>{}</strong>")
    ]
    return _PAGE.format(head=head, body="\n".join(rows), note=_NOTE)


def _columns(summary: pd.DataFrame, differences: pd.DataFrame, escape: Callable[[str], str]) -> list[_Column]:
    plain = [False] * len(summary)
    return [
        _Column("method", [escape(name) for name in summary["method"]], plain),
        _score_column("accuracy", summary, "accuracy"),
        _score_column("macro-F1", summary, "macro_f1"),
        _score_column("tail F1", summary, "tail_f1"),
        _score_column("worst recall", summary, "worst_recall"),
        *_difference_columns(summary, differences, escape),
        _cost_column("train time", summary["seconds_mean"], _duration),
        _cost_column("peak memory", summary["peak_memory_gib_mean"], "{:.1f} GiB".format),
        _Column("seeds", [str(number) for number in summary["num_seeds"]], plain),
    ]


def _cells(columns: Sequence[_Column], bold: str) -> list[list[str]]:
    """Texts row by row, the best ones in bold."""
    marked = [
        [bold.format(text) if is_best else text for text, is_best in zip(texts, best, strict=True)]
        for _, texts, best in columns
    ]
    return [list(row) for row in zip(*marked, strict=True)]


def _score_column(title: str, summary: pd.DataFrame, measure: str) -> _Column:
    means, deviations = summary[f"{measure}_mean"], summary[f"{measure}_sd"]
    shown = [_MISSING if np.isnan(mean) else f"{100 * mean:.1f}" for mean in means]
    texts = [
        text if np.isnan(deviation) else f"{text} ± {100 * deviation:.1f}"
        for text, deviation in zip(shown, deviations, strict=True)
    ]
    return _Column(title, texts, _best(means, shown))


def _cost_column(title: str, costs: pd.Series, show: Callable[[float], str]) -> _Column:
    shown = [_MISSING if np.isnan(cost) else show(cost) for cost in costs]
    return _Column(title, shown, _best(-costs, shown))


def _difference_columns(
    summary: pd.DataFrame, differences: pd.DataFrame, escape: Callable[[str], str]
) -> list[_Column]:
    """A column for each reference."""
    if differences.empty:
        return [_Column("Δ macro-F1", [_MISSING] * len(summary), [False] * len(summary))]
    references = differences.groupby("reference", sort=False)
    return [_difference_column(summary, str(name), rows, escape) for name, rows in references]


def _difference_column(
    summary: pd.DataFrame, reference: str, differences: pd.DataFrame, escape: Callable[[str], str]
) -> _Column:
    """Differences in points; the reference itself counts as 0."""
    by_method = {row["method"]: row for row in differences.to_dict("records")}
    values, shown, texts = [], [], []
    for method in summary["method"]:
        row = by_method.get(method)
        values.append(row["difference"] if row else 0.0 if method == reference else np.nan)
        shown.append(_points(values[-1]))
        texts.append(_difference_text(row) if row else "reference" if method == reference else _MISSING)
    return _Column(f"Δ macro-F1 to {escape(reference)}", texts, _best(values, shown))


def _difference_text(row: Mapping[Hashable, float]) -> str:
    p_value = row["p_randomization_holm"]
    shown = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return f"{_points(row['difference'])} ({_points(row['low'])} to {_points(row['high'])}), {shown}"


def _best(values: Iterable[float], shown: Sequence[str]) -> list[bool]:
    """Which show the same as the largest value; none where all are NaN."""
    numbers = np.asarray(list(values), dtype=float)
    if np.isnan(numbers).all():
        return [False] * len(numbers)
    best = shown[int(np.nanargmax(numbers))]
    return [text == best for text in shown]


def _points(difference: float) -> str:
    """Percentage points with a sign; what rounds to nothing has none."""
    points = round(100 * difference, 1)
    return f"{points:+.1f}".replace("-", "−") if points else "0.0"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


def _escape_html(name: str) -> str:
    return display_label(name, _MAX_NAME_LENGTH)


def _escape_markdown(name: str) -> str:
    return markdown_label(name, _MAX_NAME_LENGTH)
