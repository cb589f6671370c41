"""The map of embeddings as a figure."""

import html
import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, display_label, new_figure

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
_MAX_LEGEND_CLASSES = 40
_MAX_TEXT_LENGTH = 180
_LINE_LENGTH = 45  # of hover texts, so that they fit a phone


def plot_embedding_map(points: pd.DataFrame, label_names: Sequence[str], texts: pd.Series) -> go.Figure:
    """Texts as small marks, prototypes as stars; a class keeps its colour and mark in every plot.

    Args:
        points: from :func:`~sharprecl.evaluation.embedding_map.embedding_map`.
        label_names: length C, in label order, which sets colours and marks.
        texts: by row id, at least those of the points; on hover they show shortened, as they are written.

    Returns:
        A scatter plot, one trace a class, so that the legend shows and hides classes; above 40 classes
        there is no legend.
    """
    has_prototypes = (points["kind"] == "prototype").any()
    title = "Embeddings and prototypes (stars)" if has_prototypes else "Embeddings"
    figure = new_figure(title, "t-SNE dimension 1", "t-SNE dimension 2")
    by_label = dict(iter(points.groupby("label", sort=False)))
    for class_id, label in enumerate(label_names):
        if label in by_label:
            members = by_label[label]
            _add_class(figure, members, class_id, display_label(label), _hover_texts(members, texts))
    # Equal units on both axes: t-SNE distances mean something, its axes do not.
    figure.update_yaxes(scaleanchor="x", showticklabels=False, ticks="")
    figure.update_xaxes(showticklabels=False, ticks="")
    return figure.update_layout(showlegend=len(label_names) <= _MAX_LEGEND_CLASSES, height=720)


def _add_class(
    figure: go.Figure, members: pd.DataFrame, class_id: int, name: str, hover_texts: list[str]
) -> None:
    lap, colour = divmod(class_id, len(PALETTE))
    is_prototype = (members["kind"] == "prototype").to_numpy()
    figure.add_scatter(
        x=members["x"],
        y=members["y"],
        mode="markers",
        name=name,
        marker={
            "color": PALETTE[colour],
            "symbol": np.where(is_prototype, "star", _SYMBOLS[lap % len(_SYMBOLS)]),
            "size": np.where(is_prototype, 17, 6),
            "opacity": np.where(is_prototype, 1.0, 0.6),
            "line": {"color": "black", "width": np.where(is_prototype, 1.5, 0.0)},
        },
        text=hover_texts,
        hovertemplate="%{fullData.name}<br>%{text}<extra></extra>",
    )


def _hover_texts(members: pd.DataFrame, texts: pd.Series) -> list[str]:
    return [
        "prototype" if pd.isna(row_id) else f"row {row_id}<br>{_wrap(str(texts.loc[row_id]))}"
        for row_id in members["row_id"]
    ]


def _wrap(text: str) -> str:
    """The text shortened, in lines. They are cut before they are escaped: no cut may part an entity."""
    shown = html.unescape(display_label(text, _MAX_TEXT_LENGTH))
    return "<br>".join(html.escape(line, quote=False) for line in textwrap.wrap(shown, _LINE_LENGTH))
