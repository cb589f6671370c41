"""How F1 depends on the size of the class, method by method."""

import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, display_label, new_figure

_SYMBOLS = ("circle", "diamond", "square", "cross")
_METHODS_SHOWN = 4
"""More lines than this hide one another: the others wait in the legend."""

_HOVER = "<b>%{text}</b><br>F1 %{y:.3f}, %{x:,} training texts<extra>%{fullData.name}</extra>"


def plot_class_size_f1_by_method(per_class: pd.DataFrame) -> go.Figure:
    """F1 of each class against its number of training texts, one line a method.

    Args:
        per_class: ``method``, ``label``, ``train_texts`` and ``f1``, one row a method and class, or several
            (seeds), of which the mean is shown; NaN F1 is left out. The methods to see first come first.

    Returns:
        A plot with a logarithmic horizontal axis. The first four methods are visible, the others once they
        are chosen in the legend.
    """
    figure = new_figure("F1 by class size and method", "training texts of the class (log scale)", "test F1")
    by_method = per_class.dropna(subset="f1").groupby("method", sort=False)
    for place, (method, rows) in enumerate(by_method):
        _add_method(figure, str(method), rows, place)
    figure.update_xaxes(type="log", dtick=1)
    figure.update_yaxes(range=[-0.03, 1.03])
    return figure.update_layout(height=560, showlegend=True)


def _add_method(figure: go.Figure, method: str, rows: pd.DataFrame, place: int) -> None:
    classes = rows.groupby("label", sort=False).agg({"train_texts": "first", "f1": "mean"})
    classes = classes.sort_values("train_texts", kind="stable")
    lap, colour = divmod(place, len(PALETTE))
    figure.add_scatter(
        x=classes["train_texts"],
        y=classes["f1"],
        name=display_label(method),
        mode="lines+markers",
        line={"color": PALETTE[colour], "width": 1},
        marker={"symbol": _SYMBOLS[lap % len(_SYMBOLS)], "size": 9, "opacity": 0.85},
        text=[display_label(label) for label in classes.index],
        hovertemplate=_HOVER,
        visible=True if place < _METHODS_SHOWN else "legendonly",
    )
