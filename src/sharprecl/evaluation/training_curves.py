"""The course of a training as a figure."""

import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, new_figure

_LOSSES = {"train/loss": PALETTE[3], "val/loss": PALETTE[0]}
_SCORES = {"val/macro_f1": PALETTE[2], "val/accuracy": PALETTE[4]}
_DASHES = {"train/loss": "dot", "val/accuracy": "dash"}


def plot_training_curves(training_history: pd.DataFrame) -> go.Figure:
    """Losses above, validation macro-F1 and accuracy below, with the epoch that was kept marked.

    Args:
        training_history: one row an epoch: ``epoch`` (1-based), ``train/loss``, ``val/loss``,
            ``val/macro_f1``, ``val/accuracy``; other columns are left out.

    Returns:
        Two panels over one epoch axis.
    """
    figure = new_figure("Training curves", "epoch", "loss (nats)")
    for column, colour in _LOSSES.items():
        _add_curve(figure, training_history, column, colour, axis="y")
    for column, colour in _SCORES.items():
        _add_curve(figure, training_history, column, colour, axis="y2")
    _mark_best(figure, training_history)
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


def _mark_best(figure: go.Figure, history: pd.DataFrame) -> None:
    """A line at the epoch of the best validation macro-F1; of equal ones the first is kept."""
    best = history.iloc[int(history["val/macro_f1"].argmax())]
    note = f"best: epoch {best['epoch']:.0f}, macro-F1 {best['val/macro_f1']:.4f}"
    figure.add_shape(
        type="line",
        x0=best["epoch"],
        x1=best["epoch"],
        y0=0,
        y1=1,
        yref="paper",
        line={"dash": "dot", "color": "#737373"},
    )
    figure.add_annotation(x=best["epoch"], y=1, yref="paper", yanchor="bottom", text=note, showarrow=False)
