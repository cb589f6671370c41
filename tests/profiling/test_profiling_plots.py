"""Plots of the imbalance profile."""

import json

import numpy as np
import pandas as pd
import plotly.io as pio
import pytest

from sharprecl.plotting import GROUP_COLOURS
from sharprecl.profiling.class_table import build_class_table
from sharprecl.profiling.plots import plot_class_sizes, plot_lorenz_curve, plot_text_lengths


def make_corpus(counts):
    labels = [label for label, count in counts.items() for _ in range(count)]
    return pd.DataFrame({"label": labels, "text": "some words here", "split": "train"})


def make_table(counts):
    return build_class_table(make_corpus(counts), batch_size=4, head_above=10, tail_below=3)


def test_class_bars_are_coloured_by_group_and_labels_escaped():
    figure = plot_class_sizes(make_table({"<b>x</b>": 12, "mid": 5, "few": 1}))
    bars = {bar.name: (list(bar.x), list(bar.y), bar.marker.color) for bar in figure.data}
    assert bars == {
        "head": ([0], [12], GROUP_COLOURS["head"]),
        "medium": ([1], [5], GROUP_COLOURS["medium"]),
        "tail": ([2], [1], GROUP_COLOURS["tail"]),
    }
    assert figure.layout.xaxis.ticktext == ("&lt;b&gt;x&lt;/b&gt;", "mid", "few")
    assert figure.data[0].hovertext[0].startswith("&lt;b&gt;x&lt;/b&gt;<br>train 12 ")
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.range[0] < 0 < np.log10(12) < figure.layout.yaxis.range[1]
    assert figure.layout.barmode == "overlay"


def test_labels_alike_once_shortened_keep_their_own_bars():
    figure = plot_class_sizes(make_table({"y" * 90 + "1": 4, "y" * 90 + "2": 4}))
    assert len(set(figure.data[1].x)) == 2
    assert len(set(figure.layout.xaxis.ticktext)) == 1


@pytest.mark.parametrize(("num_classes", "shown"), [(60, True), (61, False)])
def test_names_of_many_classes_are_left_to_the_hover(num_classes, shown):
    figure = plot_class_sizes(make_table({f"class {i}": 1 for i in range(num_classes)}))
    assert figure.layout.xaxis.showticklabels is shown


def test_lorenz_curve_by_hand():
    figure = plot_lorenz_curve(make_table({"a": 6, "b": 3, "c": 1}))
    curve, diagonal = figure.data
    assert list(curve.x) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert list(curve.y) == pytest.approx([0.0, 0.1, 0.4, 1.0])
    assert list(diagonal.x) == list(diagonal.y) == [0, 1]
    assert "(Gini 0.33)" in figure.layout.title.text


def test_length_shares_add_up_in_every_split():
    lengths = [1, 2, 2, 3, 500] + [4] * 200
    texts = pd.DataFrame({"text": ["w " * n for n in lengths], "split": "train"})
    corpus = pd.concat([texts, pd.DataFrame({"text": ["w w", "w"], "split": "test"})], ignore_index=True)
    figure = plot_text_lengths(corpus)
    assert [line.name for line in figure.data] == ["train", "test"]
    train, test = figure.data
    assert sum(train.y) == pytest.approx(1.0)
    assert dict(zip(train.x, train.y, strict=True))[2] == pytest.approx(2 / 205)
    assert dict(zip(test.x, test.y, strict=True)) == {0: 0, 1: 0.5, 2: 0.5, 3: 0, 4: 0}
    assert len(train.x) < 50
    assert "are counted at 4)" in figure.layout.xaxis.title.text


def test_figures_survive_json():
    figure = plot_class_sizes(make_table({"a": 2, "b": 1}))
    again = pio.from_json(figure.to_json())
    assert json.loads(again.to_json()) == json.loads(figure.to_json())
    (bars,) = (bar for bar in figure.data if len(bar.x))
    assert (bars.name, list(bars.x), list(bars.y)) == ("tail", [0, 1], [2, 1])
    assert json.loads(figure.to_json())["layout"]["template"]["layout"]["colorway"]
