import html
import json

import numpy as np
import pandas as pd
import plotly.io as pio
import pytest
from plotly.graph_objects import Figure

from sharprecl.evaluation.class_size_plot import plot_f1_by_class_size
from sharprecl.evaluation.confusion_plot import plot_confusion_matrix
from sharprecl.evaluation.embedding_plot import plot_embedding_map
from sharprecl.evaluation.reliability_plot import plot_reliability
from sharprecl.evaluation.training_curves import plot_training_curves
from sharprecl.plotting import GROUP_COLOURS, PALETTE


def _traces(figure: Figure) -> dict[str, object]:
    """Traces by name, of a figure that survives the round trip through JSON that the catalog makes."""
    stored = figure.to_json()
    assert json.loads(pio.from_json(stored).to_json()) == json.loads(stored)
    return {trace.name: trace for trace in figure.data}


class TestConfusionMatrix:
    labels = np.array([0, 0, 0, 0, 1, 1])
    predicted = np.array([0, 0, 0, 1, 1, 2])

    def test_shares_of_the_true_class_largest_first(self):
        figure = plot_confusion_matrix(self.predicted, self.labels, ["a", "b", "c"], [5, 50, 7])
        heatmap = figure.data[0]
        assert heatmap.x == heatmap.y == ("b", "c", "a")
        np.testing.assert_allclose(heatmap.z, [[0.5, 0.5, 0], [np.nan] * 3, [0.25, 0, 0.75]])
        np.testing.assert_array_equal(heatmap.customdata, [[1, 1, 0], [0, 0, 0], [1, 0, 3]])
        assert "%{customdata} texts" in heatmap.hovertemplate
        # Packed, as z is, the counts would be missing from the hover text in kedro-viz.
        assert json.loads(figure.to_json())["data"][0]["customdata"] == [[1, 1, 0], [0, 0, 0], [1, 0, 3]]
        _traces(figure)

    def test_hostile_labels_show_literally_and_stay_apart(self):
        names = ["<b>x</b>", "y" * 10_000, "y" * 10_001]
        figure = plot_confusion_matrix(self.predicted, self.labels, names, [3, 2, 1])
        shown = figure.data[0].y
        assert shown[0] == "&lt;b&gt;x&lt;/b&gt;"
        assert shown[1].startswith("yyy")
        assert len(shown[1]) < 40
        assert shown[1] == shown[2].rstrip("\u200b") != shown[2]  # look alike once cut, yet are two rows

    def test_thousand_classes_have_readable_ticks(self):
        labels = np.arange(1000)
        figure = plot_confusion_matrix(labels, labels, [f"c{i}" for i in labels], np.ones(1000))
        assert 1000 / figure.layout.xaxis.dtick <= 60
        assert figure.layout.width < 2000

    def test_few_classes_are_all_named_even_by_numbers(self):
        figure = plot_confusion_matrix(self.predicted, self.labels, ["1", "2", "3"], [3, 2, 1])
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert (axis.type, axis.dtick) == ("category", 1)


class TestClassSize:
    @pytest.fixture
    def per_class(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "label": ["<i>", "b", "c", "d"],
                "group": ["head", "tail", "tail", "tail"],
                "train_count": [500, 9, 8, 7],
                "support": [50, 2, 1, 0],
                "precision": [0.9, 0.5, np.nan, np.nan],
                "recall": [0.8, 1.0, 0.0, np.nan],
                "f1": [0.8, 0.6, 0.1, np.nan],
            }
        )

    def test_a_trace_a_group(self, per_class):
        figure = plot_f1_by_class_size(per_class)
        traces = _traces(figure)
        assert set(traces) == {"head (1 class)", "tail (2 classes)"}  # d has no F1, medium no class
        assert list(traces["tail (2 classes)"].x) == [9, 8]
        assert list(traces["tail (2 classes)"].y) == [0.6, 0.1]
        assert traces["tail (2 classes)"].marker.color == GROUP_COLOURS["tail"]
        assert traces["head (1 class)"].text[0] == "&lt;i&gt;"
        assert figure.layout.xaxis.type == "log"

    def test_macro_f1_is_a_line(self, per_class):
        figure = plot_f1_by_class_size(per_class)
        assert figure.layout.shapes[0].y0 == pytest.approx(0.5)
        assert figure.layout.annotations[0].text == "macro-F1 0.500"


def test_reliability_shows_both_scalings():
    bins = {"bin_low": [0.0, 0.5], "bin_high": [0.5, 1.0]}
    before = pd.DataFrame({**bins, "confidence": [np.nan, 0.9], "accuracy": [np.nan, 0.6], "count": [0, 10]})
    after = pd.DataFrame({**bins, "confidence": [0.4, 0.7], "accuracy": [0.5, 0.7], "count": [5, 5]})
    table = pd.concat([before.assign(scaling="before"), after.assign(scaling="after")])
    figure = plot_reliability(table, temperature=2.5)
    lines = {trace.name: trace for trace in figure.data if trace.type == "scatter"}
    bars = {trace.name: trace for trace in figure.data if trace.type == "bar"}
    assert set(lines) == {"calibrated", "before scaling (ECE 0.300)", "after scaling (ECE 0.050)"}
    assert list(lines["before scaling (ECE 0.300)"].x) == [0.9]
    assert list(lines["before scaling (ECE 0.300)"].y) == [0.6]
    assert list(bars["after scaling (ECE 0.050)"].x) == [0.25, 0.75]
    assert list(bars["before scaling (ECE 0.300)"].y) == [0, 10]
    assert "2.50" in figure.layout.title.text
    _traces(figure)


class TestEmbeddingMap:
    texts = pd.Series(["a plain text", "b < c & <script>"], index=[7, 8])

    @pytest.fixture
    def points(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "x": [0.0, 1.0, 2.0, 3.0],
                "y": [0.0, 1.0, 2.0, 3.0],
                "label": ["b", "<b>", "<b>", "b"],
                "kind": ["text", "text", "prototype", "prototype"],
                "row_id": pd.array([7, 8, None, None], dtype="Int64"),
            }
        )

    def test_prototypes_are_stars_of_their_class(self, points):
        traces = _traces(plot_embedding_map(points, ["<b>", "b"], self.texts))
        assert list(traces) == ["&lt;b&gt;", "b"]
        escaped = traces["&lt;b&gt;"]
        assert list(escaped.x) == [1.0, 2.0]
        assert list(escaped.marker.symbol) == ["circle", "star"]
        assert list(escaped.text) == ["row 8<br>b &lt; c &amp; &lt;script&gt;", "prototype"]
        assert escaped.marker.size[1] > escaped.marker.size[0]

    def test_a_long_text_is_shortened_and_wrapped_without_cutting_an_entity(self, points):
        texts = pd.Series(["<" * 10_000, "word " * 2_000], index=[7, 8])
        traces = _traces(plot_embedding_map(points, ["<b>", "b"], texts))
        for label, start in (("b", "<" * 45), ("&lt;b&gt;", "word " * 8 + "word")):
            lines = [html.unescape(line) for line in traces[label].text[0].split("<br>")[1:]]
            assert "<" not in traces[label].text[0].replace("<br>", "")
            assert lines[0] == start
            assert 160 < sum(map(len, lines)) <= 180
            assert max(map(len, lines)) <= 45
            assert lines[-1].endswith("…")

    def test_colours_follow_label_order_not_the_points(self, points):
        names = ["<b>", *(f"absent {i}" for i in range(len(PALETTE) - 1)), "b"]
        traces = _traces(plot_embedding_map(points, names, self.texts))
        assert traces["&lt;b&gt;"].marker.color == traces["b"].marker.color == PALETTE[0]
        assert traces["&lt;b&gt;"].marker.symbol[0] != traces["b"].marker.symbol[0]

    def test_many_classes_have_no_legend(self, points):
        assert plot_embedding_map(points, ["<b>", "b"], self.texts).layout.showlegend is True
        assert (
            plot_embedding_map(points, ["<b>", "b", *map(str, range(50))], self.texts).layout.showlegend
            is False
        )


def test_training_curves_mark_the_chosen_epoch_not_the_best():
    history = pd.DataFrame(
        {
            "epoch": [1, 2, 3],
            "step": [10, 20, 30],
            "train/loss": [3.0, 2.0, 1.0],
            "train/learning_rate": [0.1, 0.1, 0.0],
            "val/loss": [2.0, 1.0, 1.5],
            "val/macro_f1": [0.2, 0.5, 0.49],
            "val/accuracy": [0.3, 0.6, 0.7],
            "chosen": [False, False, True],
        },
        index=[4, 4, 4],
    )
    figure = plot_training_curves(history)
    traces = _traces(figure)
    assert set(traces) == {"train/loss", "val/loss", "val/macro_f1", "val/accuracy"}
    assert list(traces["val/macro_f1"].y) == [0.2, 0.5, 0.49]
    assert {traces[name].yaxis for name in ("val/macro_f1", "val/accuracy")} == {"y2"}
    assert figure.layout.shapes[0].x0 == figure.layout.shapes[0].x1 == 3
    assert figure.layout.annotations[0].text == "chosen: epoch 3, macro-F1 0.4900"
