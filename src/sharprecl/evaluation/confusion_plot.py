"""Which classes are taken for which."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from sharprecl.plotting import display_label, new_figure

_MAX_TICKS = 60
_SCALE = ((0.0, "#FFFFFF"), (0.5, "#6BAED6"), (1.0, "#08306B"))


def plot_confusion_matrix(
    predicted: np.ndarray,
    labels: np.ndarray,
    label_names: Sequence[str],
    class_counts: Sequence[int] | np.ndarray,
) -> go.Figure:
    """Confusion matrix as shares of the true class, largest classes first.

    In that order, mass left of the diagonal is rare classes lost to frequent ones. The hover text has the
    count; the row of a class without texts stays empty.

    Args:
        predicted: class ids, shape [N].
        labels: class ids, shape [N].
        label_names: length C.
        class_counts: texts per class in the training split, length C.

    Returns:
        A square heat map.
    """
    num_classes = len(label_names)
    order = np.argsort(-np.asarray(class_counts), kind="stable")
    cells = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    counts = cells.reshape(num_classes, num_classes)[order][:, order]
    support = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, support, out=np.full(counts.shape, np.nan), where=support > 0)
    names = _tell_apart([display_label(label_names[index], max_length=28) for index in order])
    figure = new_figure("Confusion matrix", "predicted class, largest first", "true class, largest first")
    figure.add_heatmap(
        x=names,
        y=names,
        z=shares.astype(np.float32),
        customdata=counts.astype(object),  # stored as lists: hover texts of a heat map read no packed array
        colorscale=_SCALE,
        zmin=0,
        zmax=1,
        hoverongaps=False,
        hovertemplate="true: %{y}<br>predicted: %{x}<br>%{customdata} texts, %{z:.1%} of the true class"
        "<extra></extra>",
        colorbar={"title": {"text": "share of<br>true class"}, "tickformat": ".0%"},
    )
    return _size_axes(figure, num_classes)


def _tell_apart(names: list[str]) -> list[str]:
    """Lengthen equal names by zero-width spaces, which no displayed label has.

    Two labels that look alike once cut are still two rows.
    """
    seen: Counter[str] = Counter()
    distinct = []
    for name in names:
        distinct.append(name + "\u200b" * seen[name])
        seen[name] += 1
    return distinct


def _size_axes(figure: go.Figure, num_classes: int) -> go.Figure:
    # Without a step of its own plotly leaves out every other name; without a type it takes "1" for a number.
    axis = {"type": "category", "dtick": math.ceil(num_classes / _MAX_TICKS), "showgrid": False}
    figure.update_xaxes(axis, tickangle=-60, constrain="domain")
    figure.update_yaxes(axis, autorange="reversed", scaleanchor="x", constrain="domain")
    side = min(1600, 360 + 20 * num_classes)
    return figure.update_layout(width=side + 80, height=side)
