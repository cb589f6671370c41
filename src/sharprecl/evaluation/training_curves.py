"""The course of a training as a figure."""

import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, new_figure

_LOSSES = {"train/loss": PALETTE[3], "val/loss": PALETTE[0]}
_SCORES = {"val/macro_f1": PALETTE[2], "val/accuracy": PALETTE[4]}
_DASHES = {"train/loss": "dot", "val/accuracy": "dash"}


def plot_training_curves(training_history: pd.DataFrame) -> go.Figure:
    """Losses above, validation macro-F1 and accuracy below, with the chosen epoch marked.

    Args:
        training_history: one row an epoch: ``epoch`` (1-based), ``train/loss``, ``val/loss``,
            ``val/macro_f1``, ``val/accuracy``, and ``chosen``, true for the epoch whose weights the model
            has; other columns are left out.

    Returns:
        Two panels over one epoch axis.
    """
    figure = new_figure("Training curves", "epoch", "loss (nats)")
    for column, colour in _LOSSES.items():
        _add_curve(figure, training_history, column, colour, axis="y")
    for column, colour in _SCORES.items():
        _add_curve(figure, training_history, column, colour, axis="y2")
    _mark_chosen(figure, training_history)
    figure.update_xaxes(anchor="y2", tickformat="d")
    return figure.update_layout(
        yaxis={"domain": [0.55, 1]},
        yaxis2={"domain": [0, 0.45], "title": {"text": "validation score"}, "anchor": "x"},
        hovermode="x unified",
        height=640,
    )


def _add_curve(figure: go.Figure, history: pd.DataFrame, column: str, colour: str, axis: str) -> None:
    figure.add_scatter(
        x=history["epoch"],
        y=history[column],
        yaxis=axis,
        name=column,
        mode="lines+markers",
        connectgaps=True,
        line={"color": colour, "dash": _DASHES.get(column, "solid")},
        hovertemplate="%{y:.4f}",
    )


def _mark_chosen(figure: go.Figure, history: pd.DataFrame) -> None:
    """A line at the epoch whose weights the model has, if the table says which."""
    rows = history[history["chosen"]]
    if rows.empty:
        return
    chosen = rows.iloc[0]
    note = f"chosen: epoch {chosen['epoch']:.0f}, macro-F1 {chosen['val/macro_f1']:.4f}"
    figure.add_shape(
        type="line",
        x0=chosen["epoch"],
        x1=chosen["epoch"],
        y0=0,
        y1=1,
        yref="paper",
        line={"dash": "dot", "color": "#737373"},
    )
    figure.add_annotation(x=chosen["epoch"], y=1, yref="paper", yanchor="bottom", text=note, showarrow=False)
