"""The look that all plots share."""

import html
import re
import unicodedata

import plotly.graph_objects as go
import plotly.io as pio

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000")
"""Colours that people with any common colour blindness can tell apart, without the yellow, which is faint
on white (Okabe and Ito 2008, "Color Universal Design")."""

GROUP_COLOURS = {"head": PALETTE[0], "medium": PALETTE[2], "tail": PALETTE[3]}
"""One colour for each class group."""

_GRID = "#E5E5E5"
_INK = "#262626"
_AXIS = {
    "gridcolor": _GRID,
    "zerolinecolor": _GRID,
    "linecolor": _INK,
    "showline": True,
    "ticks": "outside",
    "automargin": True,
    "title": {"standoff": 12},
}

TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": "Inter, Helvetica, Arial, sans-serif", "size": 14, "color": _INK},
        "title": {"font": {"size": 18}, "x": 0.02, "xanchor": "left"},
        "colorway": list(PALETTE),
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "margin": {"l": 72, "r": 24, "t": 72, "b": 64},
        "hoverlabel": {"font": {"size": 13}, "align": "left"},
        "legend": {"bgcolor": "rgba(255, 255, 255, 0.8)"},
    }
)
"""White ground, one font, :data:`PALETTE` in order; also known to plotly as ``sharprecl``."""

pio.templates["sharprecl"] = TEMPLATE
_MARKDOWN_MARKUP = re.compile(r"[\\`*\[\]|~]|(?<![^\W_])_|_(?![^\W_])")
"""Characters that Markdown reads as markup; an underscore inside a word is none."""


def display_label(text: str, max_length: int = 40) -> str:
    """A label or text as it may stand in a plot.

    Plotly reads tags in axis, legend and hover texts as markup: they are escaped, so that ``<b>`` shows as
    it is written. Control characters and runs of white space become one blank.

    Args:
        text: whatever the data holds.
        max_length: characters shown; a longer text is cut and ends in an ellipsis. At least 1.

    Returns:
        Escaped text on one line.
    """
    # Category C: control, format (bidirectional marks too), surrogates and unassigned characters. A cut first
    # keeps a text of megabytes cheap; 16 times leaves room for white space that is yet to go.
    head = text[: 16 * max_length]
    visible = " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in head).split())
    if len(visible) > max_length or len(text) > len(head):
        visible = visible[: max_length - 1].rstrip() + "…"
    return html.escape(visible, quote=False)


def markdown_label(text: str, max_length: int = 60) -> str:
    """A label or text as it may stand in a line or cell of Markdown; it shows as it is written.

    Args:
        text: whatever the data holds.
        max_length: as for :func:`display_label`.

    Returns:
        Escaped text on one line.
    """
    return _MARKDOWN_MARKUP.sub(lambda match: "\\" + match[0], display_label(text, max_length))


def new_figure(title: str, x_title: str, y_title: str) -> go.Figure:
    """An empty figure in the shared style.

    Args:
        title: of the figure.
        x_title: of the horizontal axis, with its unit.
        y_title: of the vertical axis, with its unit.

    Returns:
        A figure without traces.
    """
    layout = go.Layout(template=TEMPLATE, title={"text": title})
    return go.Figure(layout=layout).update_xaxes(title_text=x_title).update_yaxes(title_text=y_title)
