"""How F1 depends on the size of the class."""

import pandas as pd
import plotly.graph_objects as go

from sharprecl.plotting import GROUP_COLOURS, display_label, new_figure

_SYMBOLS = {"head": "circle", "medium": "square", "tail": "diamond"}
_HOVER = (
    "<b>%{text}</b><br>F1 %{y:.3f}, precision %{customdata[1]:.3f}, recall %{customdata[2]:.3f}<br>"
    "%{x:,} training texts, %{customdata[0]:,} test texts<extra>%{fullData.name}</extra>"
)


def plot_f1_by_class_size(per_class: pd.DataFrame) -> go.Figure:
    """F1 of each class against its number of training texts.

    Args:
        per_class: from :func:`~sharprecl.evaluation.per_class.per_class_table`; classes without test texts
            have no F1 and no point.

    Returns:
        A scatter plot with a logarithmic horizontal axis, one colour and symbol a group, and the
        macro-F1 as a line.
    """
    scored = per_class.dropna(subset="f1")
    figure = new_figure("F1 by class size", "training texts of the class (log scale)", "test F1")
    for group, colour in GROUP_COLOURS.items():
        members = scored[scored["group"] == group]
        if not members.empty:
            figure.add_scatter(
                x=members["train_count"],
                y=members["f1"],
                name=f"{group} ({len(members)} {'class' if len(members) == 1 else 'classes'})",
                mode="markers",
                marker={"color": colour, "symbol": _SYMBOLS[group], "size": 10, "opacity": 0.85},
                text=[display_label(label) for label in members["label"]],
                customdata=members[["support", "precision", "recall"]],
                hovertemplate=_HOVER,
            )
    macro_f1 = scored["f1"].mean()
    figure.add_hline(
        macro_f1, line={"dash": "dot", "color": "#737373"}, annotation_text=f"macro-F1 {macro_f1:.3f}"
    )
    figure.update_xaxes(type="log", dtick=1)
    return figure.update_yaxes(range=[-0.03, 1.03])
