"""How much the result hangs on each parameter."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, display_label, new_figure

_PANELS_IN_A_ROW = 3
_SCORES = {"macro_f1": ("macro-F1", PALETTE[0]), "tail_f1": ("tail F1", PALETTE[3])}


def plot_sensitivity(rows: pd.DataFrame) -> go.Figure:
    """Macro-F1 and tail F1 over the values of each parameter: a dot a seed, a line through the means.

    Args:
        rows: one row a parameter, value and seed: ``parameter``, ``value`` (number, text or
            None), ``seed``, ``macro_f1`` and ``tail_f1`` (NaN where no class is tail); without a row the
            figure says so.

    Returns:
        One panel a parameter, in the order given, all with one vertical scale. Values are evenly spaced,
        numbers in ascending order and others in the order given.
    """
    if rows.empty:
        return new_figure("Sensitivity to the parameters: none was varied", "", "")
    panels = list(rows.groupby("parameter", sort=False))
    figure = _empty_panels([display_label(str(parameter)) for parameter, _ in panels])
    for index, (_, panel) in enumerate(panels):
        row, column = divmod(index, _PANELS_IN_A_ROW)
        _add_panel(figure, panel, {"row": row + 1, "col": column + 1})
    return figure


def _empty_panels(titles: list[str]) -> go.Figure:
    num_columns = min(_PANELS_IN_A_ROW, len(titles))
    num_rows = -(-len(titles) // num_columns)
    places = [range(start, start + num_columns) for start in range(0, num_rows * num_columns, num_columns)]
    figure = new_figure("Sensitivity to the parameters", "", "").set_subplots(
        rows=num_rows,
        cols=num_columns,
        shared_yaxes="all",
        subplot_titles=titles,
        specs=[[{} if place < len(titles) else None for place in row] for row in places],
        horizontal_spacing=0.04,
        vertical_spacing=0.3 / num_rows,
    )
    figure.update_yaxes(title_text="test F1", col=1)
    return figure.update_layout(height=180 + 260 * num_rows, legend={"orientation": "h", "y": -0.12})


def _add_panel(figure: go.Figure, panel: pd.DataFrame, cell: dict[str, int]) -> None:
    shown = panel["value"].map(_show_value)
    names = _order(list(dict.fromkeys(shown)))
    place_of = {name: place for place, name in enumerate(names)}
    placed = panel.assign(place=[place_of[name] for name in shown])
    for score in _SCORES:
        _add_score(figure, placed.dropna(subset=score), score, cell)
    ticks = {"tickvals": list(range(len(names))), "ticktext": [display_label(name, 20) for name in names]}
    figure.update_xaxes(ticks, range=[-0.5, len(names) - 0.5], **cell)


def _add_score(figure: go.Figure, placed: pd.DataFrame, score: str, cell: dict[str, int]) -> None:
    if placed.empty:
        return
    title, colour = _SCORES[score]
    means = placed.groupby("place")[score].mean()
    figure.add_scatter(
        x=means.index,
        y=means,
        name=title,
        mode="lines",
        line={"color": colour},
        legendgroup=score,
        showlegend=all(trace.legendgroup != score for trace in figure.data),
        hovertemplate=f"mean {title} %{{y:.4f}}<extra></extra>",
        **cell,
    )
    figure.add_scatter(
        x=placed["place"],
        y=placed[score],
        name=f"{title}, one seed",
        mode="markers",
        marker={"color": colour, "size": 7, "opacity": 0.6},
        text=[f"seed {seed}" for seed in placed["seed"]],
        legendgroup=score,
        showlegend=False,
        hovertemplate=f"%{{text}}: {title} %{{y:.4f}}<extra></extra>",
        **cell,
    )


def _show_value(value: Any) -> str:
    """0.00005 as 5e-05 and 30.0 as 30, so that equal numbers have one name."""
    if pd.isna(value):  # NaN stands for None in a column of numbers
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _order(names: list[str]) -> list[str]:
    numbers = pd.to_numeric(pd.Series(names), errors="coerce")
    return [names[index] for index in numbers.argsort(kind="stable")] if numbers.notna().all() else names
