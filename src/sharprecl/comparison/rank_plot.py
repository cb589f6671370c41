"""Methods ranked, with every seed in sight."""

import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import PALETTE, display_label, new_figure


def plot_ranking(rows: pd.DataFrame, summary: pd.DataFrame) -> go.Figure:
    """Macro-F1 of each method: a dot a seed, and the mean with one standard deviation either way.

    Args:
        rows: one row a method and seed: ``method``, ``seed``, ``macro_f1``.
        summary: from :func:`~sharprecl.comparison.summary.summarize_methods`.

    Returns:
        A horizontal plot, the best method on top; one seed has no bar.
    """
    figure = new_figure("Methods by macro-F1", "test macro-F1", "")
    names = [display_label(method) for method in summary["method"]]
    # Places, not names: two long names may look the same once shortened.
    places = {method: place for place, method in enumerate(summary["method"])}
    figure.add_scatter(
        x=rows["macro_f1"],
        y=[places[method] for method in rows["method"]],
        name="one seed",
        mode="markers",
        marker={"color": PALETTE[1], "size": 8, "opacity": 0.7},
        text=[names[places[method]] for method in rows["method"]],
        customdata=[[seed] for seed in rows["seed"]],
        hovertemplate="<b>%{text}</b><br>seed %{customdata[0]}: %{x:.4f}<extra></extra>",
    )
    figure.add_scatter(
        x=summary["macro_f1_mean"],
        y=list(places.values()),
        error_x={"type": "data", "array": summary["macro_f1_sd"].fillna(0.0), "thickness": 2, "width": 6},
        name="mean ± standard deviation",
        mode="markers",
        marker={"color": PALETTE[0], "symbol": "diamond", "size": 11},
        text=names,
        customdata=[
            ["" if pd.isna(sd) else f" ± {sd:.4f}", num_seeds]
            for sd, num_seeds in zip(summary["macro_f1_sd"], summary["num_seeds"], strict=True)
        ],
        hovertemplate="<b>%{text}</b><br>%{x:.4f}%{customdata[0]}, seeds: %{customdata[1]}<extra></extra>",
    )
    figure.update_yaxes(
        tickvals=list(places.values()), ticktext=names, range=[len(names) - 0.5, -0.5], zeroline=False
    )
    return figure.update_layout(
        height=200 + 36 * len(names), legend={"orientation": "h", "y": 1, "yanchor": "bottom"}
    )
