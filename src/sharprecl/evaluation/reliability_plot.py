"""Reliability diagram before and after temperature scaling."""

import pandas as pd
import plotly.graph_objects as go

from sharprecl.evaluation.calibration import expected_calibration_error
from sharprecl.plotting import PALETTE, new_figure

_STYLES = {"before": (PALETTE[3], "square"), "after": (PALETTE[0], "circle")}
_HOVER = "confidence %{x:.3f}<br>accuracy %{y:.3f}<br>%{customdata:,} texts<extra>%{fullData.name}</extra>"


def plot_reliability(reliability: pd.DataFrame, temperature: float) -> go.Figure:
    """Accuracy against confidence above, texts a bin below.

    Args:
        reliability: columns of :func:`~sharprecl.evaluation.calibration.reliability_table` and
            ``scaling``, ``before`` or ``after``.
        temperature: T, for the title.

    Returns:
        Two panels over one confidence axis; points on the diagonal are calibrated.
    """
    title = f"Reliability of the probabilities (temperature {temperature:.2f})"
    figure = new_figure(title, "confidence: probability of the predicted class", "accuracy")
    diagonal = {"color": "#737373", "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=diagonal, name="calibrated", hoverinfo="skip")
    for scaling in _STYLES:
        _add_scaling(figure, reliability[reliability["scaling"] == scaling], scaling)
    figure.update_xaxes(range=[0, 1.02], anchor="y2")
    return figure.update_layout(
        yaxis={"domain": [0.32, 1], "range": [0, 1.02]},
        yaxis2={"domain": [0, 0.24], "title": {"text": "texts"}, "anchor": "x"},
        barmode="group",
        height=640,
    )


def _add_scaling(figure: go.Figure, table: pd.DataFrame, scaling: str) -> None:
    colour, symbol = _STYLES[scaling]
    name = f"{scaling} scaling (ECE {expected_calibration_error(table):.3f})"
    filled = table[table["count"] > 0]
    figure.add_scatter(
        x=filled["confidence"],
        y=filled["accuracy"],
        customdata=filled["count"],
        mode="lines+markers",
        name=name,
        legendgroup=scaling,
        marker={"symbol": symbol, "size": 8},
        line={"color": colour},
        hovertemplate=_HOVER,
    )
    figure.add_bar(
        x=(table["bin_low"] + table["bin_high"]) / 2,
        y=table["count"],
        yaxis="y2",
        name=name,
        legendgroup=scaling,
        showlegend=False,
        marker={"color": colour},
        hovertemplate="%{y:,} texts<extra>%{fullData.name}</extra>",
    )
