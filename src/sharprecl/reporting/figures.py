"""Plotly figures as parts of a page that holds plotly.js once."""

import html
import json

from plotly.graph_objects import Figure

DARK_COLOURS = {
    "white": "#171717",
    "black": "#ffffff",
    "#000000": "#ffffff",
    "#262626": "#e5e5e5",
    "#E5E5E5": "#404040",
    "#737373": "#a3a3a3",
    "rgba(255, 255, 255, 0.8)": "rgba(23, 23, 23, 0.8)",
    # The scale of the confusion matrix: from the ground to its opposite there as here.
    "#FFFFFF": "#262626",
    "#6BAED6": "#2171b5",
    "#08306B": "#deebf7",
}
"""What stands on a dark ground for the colours of ink, ground and scales; the others suit both grounds."""

_HEIGHT = 450  # of figures that set none


def figure_block(name: str, figure: Figure) -> str:
    """A figure with its title as caption; the page's program draws it from the data that stand beside it.

    Args:
        name: unique on the page; letters, digits and underscores.
        figure: whose title is plain words.

    Returns:
        HTML with the figure's JSON; no text in it can end the element that holds it.
    """
    title = html.unescape(figure.layout.title.text or name.replace("_", " "))
    # The caption wraps on a narrow page, as a title inside the figure would not.
    drawing = Figure(figure).update_layout(title=None, margin_t=32, height=figure.layout.height or _HEIGHT)
    return (
        f'<figure aria-labelledby="{name}-title"><figcaption id="{name}-title">{html.escape(title)}'
        f'</figcaption>\n<div class="figure-box" role="region" tabindex="0" aria-labelledby="{name}-title">'
        f'<div class="drawing" data-figure="{name}-data"></div></div>\n'
        f"{data_block(f'{name}-data', drawing.to_json())}</figure>"
    )


def data_block(name: str, text: str) -> str:
    """JSON that the page's program reads by id.

    Args:
        name: the id.
        text: JSON.

    Returns:
        An element whose content holds no character that HTML reads as markup.
    """
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


def dark_colours_block() -> str:
    """:data:`DARK_COLOURS` for the page's program."""
    return data_block("dark-colours", json.dumps(DARK_COLOURS))
