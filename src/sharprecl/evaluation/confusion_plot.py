"""Which classes are taken for which."""

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
    figure = new_figure("Confusion matrix", "predicted class, largest first", "true class, largest first")
    figure.add_heatmap(
        z=shares.astype(np.float32),
        customdata=counts.astype(np.int32),
        colorscale=_SCALE,
        zmin=0,
        zmax=1,
        hoverongaps=False,
        hovertemplate="true: %{y}<br>predicted: %{x}<br>%{customdata} texts, %{z:.1%} of the true class"
        "<extra></extra>",
        colorbar={"title": {"text": "share of<br>true class"}, "tickformat": ".0%"},
    )
    return _name_axes(figure, [display_label(label_names[index], max_length=28) for index in order])


def _name_axes(figure: go.Figure, names: list[str]) -> go.Figure:
    """Put names to the numbered cells: two labels that look alike once cut must stay two rows."""
    every = -(-len(names) // _MAX_TICKS)
    ticks = {"tickmode": "array", "tickvals": list(range(0, len(names), every)), "ticktext": names[::every]}
    figure.update_xaxes(ticks, tickangle=-60, constrain="domain", showgrid=False)
    figure.update_yaxes(ticks, autorange="reversed", scaleanchor="x", constrain="domain", showgrid=False)
    side = min(1600, 360 + 20 * len(names))
    return figure.update_layout(width=side + 80, height=side)
