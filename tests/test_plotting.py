"""The shared plot style."""

import plotly.io as pio
import pytest

from sharprecl.plotting import GROUP_COLOURS, PALETTE, TEMPLATE, display_label, new_figure


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b> & more", "&lt;b&gt;bold&lt;/b&gt; &amp; more"),
        ("two\nlines\tand\x00nul", "two lines and nul"),
        ("right\u202eto left", "right to left"),
        ("  blanks   around ", "blanks around"),
        ("Ünïcode 语", "Ünïcode 语"),
        ("", ""),
    ],
)
def test_labels_show_as_written(text, shown):
    assert display_label(text) == shown


def test_long_labels_are_cut_before_they_are_escaped():
    assert display_label("<" * 10_000, max_length=5) == "&lt;" * 4 + "…"
    assert display_label("abcde", max_length=5) == "abcde"
    assert display_label("abcdef", max_length=5) == "abcd…"
    assert display_label("a" + " " * 10_000 + "b", max_length=5) == "a…"


def test_new_figure_carries_template_and_titles():
    figure = new_figure("Title", "x (words)", "y (texts)")
    assert figure.layout.template == TEMPLATE
    assert pio.templates["sharprecl"] == TEMPLATE
    assert tuple(TEMPLATE.layout.colorway) == PALETTE
    titles = (figure.layout.title.text, figure.layout.xaxis.title.text, figure.layout.yaxis.title.text)
    assert titles == ("Title", "x (words)", "y (texts)")


def test_groups_have_different_colours_of_the_palette():
    assert list(GROUP_COLOURS) == ["head", "medium", "tail"]
    assert len(set(GROUP_COLOURS.values()) & set(PALETTE)) == 3
