"""The map of embeddings as a figure."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, display_label, new_figure

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross")
_MAX_LEGEND_CLASSES = 40


def plot_embedding_map(points: pd.DataFrame, label_names: Sequence[str]) -> go.Figure:
    """Texts as small marks, prototypes as stars; a class keeps its colour and mark in every plot.

    Args:
        points: from :func:`~sharprecl.evaluation.embedding_map.embedding_map`.
        label_names: length C, in label order, which sets colours and marks.

    Returns:
        A scatter plot, one trace a class, so that the legend shows and hides classes; above 40 classes
        there is no legend.
    """
    figure = new_figure("Embeddings and prototypes (stars)", "t-SNE dimension 1", "t-SNE dimension 2")
    by_label = dict(iter(points.groupby("label", sort=False)))
    for class_id, label in enumerate(label_names):
        if label in by_label:
            _add_class(figure, by_label[label], class_id, display_label(label))
    # Equal units on both axes: t-SNE distances mean something, its axes do not.
    figure.update_yaxes(scaleanchor="x", showticklabels=False, ticks="")
    figure.update_xaxes(showticklabels=False, ticks="")
    return figure.update_layout(showlegend=len(label_names) <= _MAX_LEGEND_CLASSES, height=720)


def _add_class(figure: go.Figure, members: pd.DataFrame, class_id: int, name: str) -> None:
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
        text=_point_names(members),
        hovertemplate="%{fullData.name}<br>%{text}<extra></extra>",
    )


def _point_names(members: pd.DataFrame) -> list[str]:
    return ["prototype" if pd.isna(row_id) else f"row {row_id}" for row_id in members["row_id"]]
