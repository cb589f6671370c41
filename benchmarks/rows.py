"""The rows of a benchmark's table."""

import csv
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One figure.

    Attributes:
        part: what was measured.
        case: on what.
        figure: name and unit.
        value: the number.
        bar: what is to be reached; empty for a figure that only informs.
    """

    part: str
    case: str
    figure: str
    value: float
    bar: str = ""


def print_rows(rows: list[Row]) -> None:
    """Print a Markdown table."""
    print("| part | case | figure | value | bar |\n| --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row.part} | {row.case} | {row.figure} | {row.value:.4g} | {row.bar} |", flush=True)


def write_rows(rows: list[Row], file: Path) -> None:
    """Write the rows as CSV."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle)
        writer.writerow(Row._fields)
        writer.writerows(rows)


def read_rows(file: Path) -> list[Row]:
    """Read what :func:`write_rows` wrote."""
    with file.open(newline="", encoding="utf-8") as handle:
        return [Row(**{**fields, "value": float(fields["value"])}) for fields in csv.DictReader(handle)]
