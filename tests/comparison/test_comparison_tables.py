import html
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt

from sharprecl.comparison import comparison_page, markdown_table

COLUMNS = ["method", "accuracy", "macro-F1", "tail F1", "worst recall", "train time", "peak memory", "seeds"]
HOSTILE = ["<script>alert(1)</script>", "a | b", "**x** `y` [z](u) \\", "_it_ a_b ~s~", "two\nlines", "&amp;"]


@pytest.fixture
def summary() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": ["new", "base", "old"],
            "num_seeds": [3, 3, 1],
            "accuracy_mean": [0.7, 0.7001, 0.5],
            "accuracy_sd": [0.01, 0.0049, np.nan],
            "macro_f1_mean": [0.6621, 0.65, 0.4],
            "macro_f1_sd": [0.0042, 0.01, np.nan],
            "tail_f1_mean": [0.3, 0.35, np.nan],
            "tail_f1_sd": [0.1, 0.0, np.nan],
            "worst_recall_mean": [0.0, 0.0, 0.0],
            "worst_recall_sd": [0.0, 0.0, np.nan],
            "seconds_mean": [5400.0, 150.0, 4.25],
            "peak_memory_gib_mean": [3.14, 1.23, np.nan],
        }
    )


@pytest.fixture
def differences() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "method": ["new", "old"],
            "reference": ["base", "base"],
            "difference": [0.0121, -0.25],
            "low": [-0.0001, -0.3],
            "high": [0.024, -0.2],
            "p_bootstrap_holm": [0.9, 0.9],
            "p_randomization_holm": [0.0621, 0.0004],
        }
    )


class _Page(HTMLParser):
    """Rows of texts of a page, and its elements."""

    def __init__(self, page: str):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True
        if tag == "strong":
            self.rows[-1][-1] += "*"

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.in_cell = False

    def handle_data(self, data):
        if self.in_cell:
            self.rows[-1][-1] += data


def _markdown_rows(text: str) -> list[list[str]]:
    return _Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(text)).rows


def _html_rows(text: str) -> list[list[str]]:
    return _Page(text).rows


BOTH = pytest.mark.parametrize(
    ("render", "read"), [(markdown_table, _markdown_rows), (comparison_page, _html_rows)]
)


@BOTH
class TestBoth:
    def test_cells(self, render, read, summary, differences):
        """A star marks what stands in bold."""
        head, *rows = read(render(summary, differences))
        assert head == [*COLUMNS[:5], "Δ macro-F1 to base", *COLUMNS[5:]]
        best_difference = "*+1.2 (0.0 to +2.4), p = 0.062"
        worst_difference = "−25.0 (−30.0 to −20.0), p < 0.001"
        assert [row[:5] for row in rows] == [
            ["new", "*70.0 ± 1.0", "*66.2 ± 0.4", "30.0 ± 10.0", "*0.0 ± 0.0"],
            ["base", "*70.0 ± 0.5", "65.0 ± 1.0", "*35.0 ± 0.0", "*0.0 ± 0.0"],
            ["old", "50.0", "40.0", "–", "*0.0"],
        ]
        assert [row[5:] for row in rows] == [
            [best_difference, "1.5 h", "3.1 GiB", "3"],
            ["reference", "2.5 min", "*1.2 GiB", "3"],
            [worst_difference, "*4.2 s", "–", "1"],
        ]

    def test_reference_is_best_where_all_others_are_worse(self, render, read, summary, differences):
        rows = read(render(summary, differences.assign(difference=[-0.1, -0.2])))
        assert [row[5].startswith("*") for row in rows[1:]] == [False, True, False]

    def test_a_column_for_each_reference(self, render, read, summary, differences):
        to_new = differences.assign(method=["base", "old"], reference="new", difference=[-0.0121, -0.3])
        head, *rows = read(render(summary, pd.concat([differences, to_new])))
        assert head[5:7] == ["Δ macro-F1 to base", "Δ macro-F1 to new"]
        assert [[cell.split(" (")[0] for cell in row[5:7]] for row in rows] == [
            ["*+1.2", "*reference"],
            ["reference", "−1.2"],
            ["−25.0", "−30.0"],
        ]

    def test_without_differences(self, render, read, summary, differences):
        head, *rows = read(render(summary, differences.iloc[:0]))
        assert head[5] == "Δ macro-F1"
        assert [row[5] for row in rows] == ["–"] * 3

    def test_method_that_was_not_compared(self, render, read, summary, differences):
        rows = read(render(summary, differences.iloc[:1]))
        assert rows[3][5] == "–"

    @pytest.mark.parametrize("name", HOSTILE)
    def test_names_show_as_written(self, render, read, summary, differences, name):
        names = {"new": name, "base": f"{name}2"}
        text = render(
            summary.assign(method=summary["method"].replace(names)),
            differences.assign(method=[name, "old"], reference=f"{name}2"),
        )
        head, *rows = read(text)
        shown = name.replace("\n", " ")
        assert [row[0] for row in rows] == [shown, f"{shown}2", "old"]
        assert head[5] == f"Δ macro-F1 to {shown}2"
        assert {len(row) for row in [head, *rows]} == {9}
        assert rows[0][5].startswith("*+1.2")
        assert "<script" not in text

    def test_long_name_is_cut(self, render, read, summary, differences):
        rows = read(render(summary.assign(method=["x" * 10_000, "base", "old"]), differences))
        assert rows[1][0] == "x" * 59 + "…"


def test_markdown_is_plain_to_read(summary, differences):
    summary["method"] = summary["method"].replace("old", "balanced_softmax")
    lines = markdown_table(summary, differences).splitlines()
    assert lines[1] == "| :--- |" + " ---: |" * 8
    assert lines[4].startswith("| balanced_softmax | 50.0 | 40.0 |")
    assert lines[5] == ""
    assert "Holm" in lines[6]


def test_page_stands_alone_in_light_and_dark(summary, differences):
    page = comparison_page(summary, differences)
    parsed = _Page(page)
    assert page.startswith("<!doctype html>")
    assert not {"script", "link", "img", "iframe"} & set(parsed.tags)
    assert not {"src", "href", "onload"} & {name for name, _ in parsed.attributes}
    assert not re.search(r"https?:|@import|url\(", page)
    assert "@media (prefers-color-scheme: dark)" in page
    assert "{" not in page.partition("</style>")[2]  # every place was filled
    assert html.unescape(page).count("Holm") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ink_on_ground_has_contrast(summary, differences, theme):
    """At least 7 : 1 (WCAG 2.2, success criterion 1.4.6)."""
    page = comparison_page(summary, differences)
    light, dark = re.findall(r"--ink: (#\w{6}); --ground: (#\w{6}); --line: #\w{6}; --head: (#\w{6})", page)
    ink, *grounds = light if theme == "light" else dark
    for ground in grounds:
        darker, lighter = sorted((_luminance(ink), _luminance(ground)))
        assert (lighter + 0.05) / (darker + 0.05) >= 7


def _luminance(colour: str) -> float:
    """Relative luminance of sRGB, as WCAG defines it."""
    channels = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
