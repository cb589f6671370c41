"""Tables in HTML whose columns sort at a click."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from sharprecl.plotting import display_label

MISSING = "–"
_MANY_ROWS = 40


class Column(NamedTuple):
    """One column of a table.

    Attributes:
        title: of the column, plain words.
        cells: HTML of each row.
        sort_keys: numbers by which rows sort, NaN last; None for a column of words.
    """

    title: str
    cells: list[str]
    sort_keys: list[float] | None = None


def text_column(title: str, values: Iterable[Any], max_length: int = 80) -> Column:
    """A column of labels or texts, which show as they are written, shortened.

    Args:
        title: of the column.
        values: one a row.
        max_length: characters shown.

    Returns:
        A column that sorts by words.
    """
    return Column(title, [display_label(str(value), max_length) for value in values])


def number_column(title: str, values: Iterable[Any], show: Callable[[float], str]) -> Column:
    """A column of numbers; a dash stands for a missing one.

    Args:
        title: of the column.
        values: one a row; None and NaN are missing.
        show: a number as text.

    Returns:
        A column that sorts by number.
    """
    numbers = [float("nan") if pd.isna(value) else float(value) for value in values]
    return Column(title, [MISSING if np.isnan(number) else show(number) for number in numbers], numbers)


def count(value: float) -> str:
    """A whole number with separators."""
    return f"{value:,.0f}"


def percent(value: float) -> str:
    """A share in percent, without its sign."""
    return f"{100 * value:.1f}"


def decimal(value: float) -> str:
    """Three digits after the point."""
    return f"{value:.3f}"


def html_table(
    columns: Sequence[Column],
    caption: str,
    *,
    sorted_by: tuple[int, Literal["ascending", "descending"]] | None = None,
    sortable: bool = True,
) -> str:
    """A table in a box of its own, in which it scrolls where the page is too narrow or the table too long.

    Args:
        columns: of equal length; the first names the rows.
        caption: what the table shows, plain words.
        sorted_by: the column by which the rows are sorted already, and how.
        sortable: whether the headers are buttons that sort.

    Returns:
        HTML. A header's ``aria-sort`` tells how its column is sorted.
    """
    states = ["none"] * len(columns)
    if sorted_by is not None:
        states[sorted_by[0]] = sorted_by[1]
    head = "".join(
        _sortable_header(column, state) if sortable else f'<th scope="col">{column.title}</th>'
        for column, state in zip(columns, states, strict=True)
    )
    rows = zip(*(_cells(column, index == 0) for index, column in enumerate(columns)), strict=True)
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    kind = "table-box long" if len(columns[0].cells) > _MANY_ROWS else "table-box"
    # The box scrolls, so it must be reachable by keyboard.
    return (
        f'<div class="{kind}" role="region" tabindex="0" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _sortable_header(column: Column, state: str) -> str:
    kind = "words" if column.sort_keys is None else "number"
    return (
        f'<th scope="col" aria-sort="{state}" data-kind="{kind}">'
        f'<button type="button">{column.title}</button></th>'
    )


def _cells(column: Column, is_first: bool) -> list[str]:
    if column.sort_keys is not None:
        return [
            f'<td data-sort="{"" if np.isnan(key) else repr(float(key))}">{cell}</td>'
            for cell, key in zip(column.cells, column.sort_keys, strict=True)
        ]
    opening, closing = ('<th scope="row" dir="auto">', "</th>") if is_first else ('<td dir="auto">', "</td>")
    return [f"{opening}{cell}{closing}" for cell in column.cells]
