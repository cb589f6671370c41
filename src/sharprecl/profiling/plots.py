"""Plots of the imbalance profile."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import torch

from sharprecl.functional.imbalance import gini
from sharprecl.plotting import GROUP_COLOURS, PALETTE, display_label, new_figure
from sharprecl.profiling.text_statistics import count_words
from sharprecl.split_names import SPLITS

MAX_TICK_LABELS = 60
"""More classes than this are named on hover only."""


def plot_class_sizes(class_table: pd.DataFrame) -> go.Figure:
    """Training texts of every class on a logarithmic axis, coloured by head, medium and tail.

    Args:
        class_table: from :func:`build_class_table`, largest class first.

    Returns:
        One bar a class, one trace a group.
    """
    figure = new_figure("Class sizes", "class, by training texts", "training texts")
    names = [display_label(label) for label in class_table["label"]]
    hover = [
        f"{name}<br>train {row.train:,} · validation {row.validation:,} · test {row.test:,}"
        f"<br>absent from {row.absent_probability:.1%} of batches"
        for name, row in zip(names, class_table.itertuples(index=False), strict=True)
    ]
    for group, colour in GROUP_COLOURS.items():
        places = np.flatnonzero(class_table["group"] == group)
        figure.add_bar(
            # Places, not names: two long labels may look the same once shortened.
            x=places,
            y=class_table["train"].iloc[places],
            name=group,
            marker_color=colour,
            hovertext=[hover[place] for place in places],
            hoverinfo="text",
        )
    figure.update_layout(barmode="overlay")  # each place holds one bar: leave no room for the other groups
    # From 0.7, so that the bar of a class with a single text can be seen.
    top = max(class_table["train"].max(), 1) * 1.5
    figure.update_yaxes(type="log", range=[np.log10(0.7), np.log10(top)], dtick=1)
    show_names = len(names) <= MAX_TICK_LABELS
    return figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names, showticklabels=show_names)


def plot_lorenz_curve(class_table: pd.DataFrame) -> go.Figure:
    """Share of training texts that the smallest classes hold together (Lorenz 1905).

    Args:
        class_table: from :func:`build_class_table`; classes without training texts are left out.

    Returns:
        The curve, and the diagonal of equal classes; the title states the Gini coefficient.
    """
    counts = np.sort(class_table["train"][class_table["train"] > 0])
    texts = np.concatenate(([0.0], np.cumsum(counts) / counts.sum()))
    classes = np.linspace(0.0, 1.0, len(texts))
    figure = new_figure(
        f"Lorenz curve of the class sizes (Gini {gini(torch.tensor(counts)).item():.2f})",
        "share of classes, smallest first",
        "share of training texts",
    )
    figure.add_scatter(x=classes, y=texts, name="this corpus", fill="tozeroy", line_color=PALETTE[0])
    figure.add_scatter(
        x=[0, 1], y=[0, 1], name="equal classes", mode="lines", line={"color": PALETTE[-1], "dash": "dash"}
    )
    figure.update_traces(hovertemplate="%{x:.0%} of classes<br>%{y:.1%} of texts<extra></extra>")
    return figure.update_xaxes(tickformat=".0%", range=[0, 1]).update_yaxes(tickformat=".0%", range=[0, 1])


def plot_text_lengths(corpus: pd.DataFrame, num_bins: int = 40) -> go.Figure:
    """Histogram of the words per text, one line a split.

    Binned here, so that the figure stays small whatever the size of the corpus.

    Args:
        corpus: columns ``text`` and ``split``.
        num_bins: at most so many bins, of whole words.

    Returns:
        Shares of each split; texts past the 99th percentile of all are in the last bin.
    """
    words = count_words(corpus["text"])
    longest = max(int(np.quantile(words, 0.99)), 1)
    width = -(-longest // num_bins)
    edges = np.arange(0, longest + 2 * width, width)
    figure = new_figure(
        "Text lengths", f"words (longer texts are counted at {edges[-2]})", "share of the split's texts"
    )
    for split, colour in zip(SPLITS, PALETTE, strict=False):
        lengths = words[corpus["split"] == split]
        if lengths.empty:
            continue
        shares = np.histogram(lengths.clip(upper=edges[-2]), edges)[0] / len(lengths)
        figure.add_scatter(
            x=edges[:-1],
            y=shares,
            name=split,
            line={"color": colour, "shape": "hv"},
            hovertemplate=f"{split}: %{{y:.1%}} from %{{x}} words<extra></extra>",
        )
    return figure.update_yaxes(tickformat=".0%", rangemode="tozero")
