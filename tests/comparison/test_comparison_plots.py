import json

import numpy as np
import pandas as pd
import plotly.io as pio
import pytest
from plotly.graph_objects import Figure

from sharprecl.comparison import plot_class_size_f1_by_method, plot_ranking, plot_sensitivity
from sharprecl.pipelines.ablate.nodes import draw_sensitivity
from sharprecl.plotting import PALETTE, TEMPLATE


def _traces(figure: Figure) -> dict[str, object]:
    """Traces by name, of a figure that survives the round trip through JSON that the catalog makes."""
    stored = figure.to_json()
    assert json.loads(pio.from_json(stored).to_json()) == json.loads(stored)
    assert figure.layout.template == TEMPLATE
    return {trace.name: trace for trace in figure.data}


class TestRanking:
    @pytest.fixture
    def figure(self) -> Figure:
        rows = pd.DataFrame(
            {
                "method": ["b", "<i>", "b", "<i>", "c"],
                "seed": [0, 0, 1, 7, 0],
                "macro_f1": [0.2, 0.6, 0.4, 0.8, 0.1],
            }
        )
        summary = pd.DataFrame(
            {
                "method": ["<i>", "b", "c"],
                "num_seeds": [2, 2, 1],
                "macro_f1_mean": [0.7, 0.3, 0.1],
                "macro_f1_sd": [0.14, 0.15, np.nan],
            }
        )
        return plot_ranking(rows, summary)

    def test_a_dot_a_seed_on_the_line_of_its_method(self, figure):
        dots = _traces(figure)["one seed"]
        assert list(zip(dots.x, dots.y, strict=True)) == [(0.2, 1), (0.6, 0), (0.4, 1), (0.8, 0), (0.1, 2)]
        assert dots.text == ("b", "&lt;i&gt;", "b", "&lt;i&gt;", "c")
        assert [seed for (seed,) in dots.customdata] == [0, 0, 1, 7, 0]

    def test_mean_with_its_deviation(self, figure):
        means = _traces(figure)["mean ± standard deviation"]
        assert list(means.x) == [0.7, 0.3, 0.1]
        assert list(means.y) == [0, 1, 2]
        assert list(means.error_x.array) == [0.14, 0.15, 0.0]
        # Packed, they would be missing from the hover text in kedro-viz.
        stored = json.loads(figure.to_json())["data"][1]["customdata"]
        assert stored == [[" ± 0.1400", 2], [" ± 0.1500", 2], ["", 1]]
        assert "%{customdata[0]}, seeds: %{customdata[1]}" in means.hovertemplate

    def test_best_on_top_by_name(self, figure):
        axis = figure.layout.yaxis
        assert axis.ticktext == ("&lt;i&gt;", "b", "c")
        assert axis.tickvals == (0, 1, 2)
        assert axis.range == (2.5, -0.5)
        assert figure.layout.xaxis.title.text == "test macro-F1"

    def test_grows_with_the_methods(self):
        names = [f"m{index}" for index in range(40)]
        rows = pd.DataFrame({"method": names, "seed": 0, "macro_f1": 0.5})
        summary = pd.DataFrame({"method": names, "num_seeds": 1, "macro_f1_mean": 0.5, "macro_f1_sd": 0.1})
        assert plot_ranking(rows, summary).layout.height > 40 * 24


class TestClassSize:
    @pytest.fixture
    def per_class(self) -> pd.DataFrame:
        lines = [
            ("z", "big", 500, 0.8),
            ("z", "<b>", 5, 0.2),
            ("z", "big", 500, 0.6),
            ("z", "<b>", 5, np.nan),
            ("a", "big", 500, 0.9),
            ("a", "<b>", 5, 0.3),
            ("a", "none", 7, np.nan),
        ]
        return pd.DataFrame(lines, columns=["method", "label", "train_texts", "f1"])

    def test_a_trace_a_method_of_means_over_seeds(self, per_class):
        figure = plot_class_size_f1_by_method(per_class)
        traces = _traces(figure)
        assert list(traces) == ["z", "a"]  # as given
        assert list(traces["z"].x) == [5, 500]
        assert list(traces["z"].y) == pytest.approx([0.2, 0.7])
        assert list(traces["a"].y) == [0.3, 0.9]  # "none" has no F1
        assert traces["a"].text == ("&lt;b&gt;", "big")
        assert "%{text}" in traces["a"].hovertemplate
        assert figure.layout.xaxis.type == "log"

    def test_two_classes_of_one_size_are_two_points(self):
        per_class = pd.DataFrame({"method": "m", "label": ["a", "b"], "train_texts": 9, "f1": [0.2, 0.6]})
        (trace,) = plot_class_size_f1_by_method(per_class).data
        assert list(trace.y) == [0.2, 0.6]

    def test_many_methods_wait_in_the_legend_and_look_different(self):
        names = [f"<{index}>" for index in range(14)]
        per_class = pd.DataFrame({"method": names, "label": "c", "train_texts": 3, "f1": 0.5})
        figure = plot_class_size_f1_by_method(per_class)
        assert [trace.name for trace in figure.data] == [f"&lt;{index}&gt;" for index in range(14)]
        assert [trace.visible for trace in figure.data] == [True] * 4 + ["legendonly"] * 10
        assert len({(trace.line.color, trace.marker.symbol) for trace in figure.data}) == 14
        assert figure.layout.showlegend is True

    def test_one_method_is_in_the_legend_too(self, per_class):
        assert plot_class_size_f1_by_method(per_class[:2]).layout.showlegend is True


class TestSensitivity:
    @pytest.fixture
    def rows(self) -> pd.DataFrame:
        lines = [
            ("temperature", 1.0, 0, 0.5, 0.1),
            ("temperature", 0.3, 0, 0.6, 0.2),
            ("temperature", 0.3, 1, 0.8, 0.6),
            ("<pooling>", "mean", 0, 0.7, 0.3),
            ("<pooling>", None, 0, 0.4, np.nan),
        ]
        return pd.DataFrame(lines, columns=["parameter", "value", "seed", "macro_f1", "tail_f1"])

    def _panel(self, figure: Figure, axis: str) -> dict[str, object]:
        _traces(figure)
        return {trace.name: trace for trace in figure.data if trace.xaxis == axis}

    def test_without_a_varied_key_it_says_so(self):
        outcomes = pd.DataFrame({"method": ["sharprecl"], "seed": [0], "macro_f1": [0.5], "tail_f1": [0.1]})
        figure = draw_sensitivity(outcomes)
        _traces(figure)
        assert figure.layout.title.text == "Sensitivity to the parameters: none was varied"

    def test_line_through_the_means_and_a_dot_a_seed(self, rows):
        panel = self._panel(plot_sensitivity(rows), "x")
        assert set(panel) == {"macro-F1", "macro-F1, one seed", "tail F1", "tail F1, one seed"}
        assert list(panel["macro-F1"].x) == [0, 1]
        assert list(panel["macro-F1"].y) == pytest.approx([0.7, 0.5])
        assert list(panel["tail F1"].y) == pytest.approx([0.4, 0.1])
        dots = panel["macro-F1, one seed"]
        assert list(zip(dots.x, dots.y, dots.text, strict=True)) == [
            (1, 0.5, "seed 0"),
            (0, 0.6, "seed 0"),
            (0, 0.8, "seed 1"),
        ]
        assert panel["macro-F1"].line.color == dots.marker.color == PALETTE[0]

    def test_numbers_ascend_and_others_stay_as_given(self, rows):
        layout = plot_sensitivity(rows).layout
        assert layout.xaxis.ticktext == ("0.3", "1")
        assert layout.xaxis2.ticktext == ("mean", "none")
        assert layout.xaxis2.tickvals == (0, 1)

    def test_numbers_that_were_read_as_text_ascend_too(self, rows):
        values = ["1e-4", "0.00002", "0.001", "x", "y"]
        layout = plot_sensitivity(rows.assign(value=values)).layout
        assert layout.xaxis.ticktext == ("0.00002", "1e-4", "0.001")

    def test_panels_in_order_with_escaped_titles_and_one_scale(self, rows):
        figure = plot_sensitivity(rows)
        assert [note.text for note in figure.layout.annotations] == ["temperature", "&lt;pooling&gt;"]
        assert figure.layout.yaxis2.matches == "y"
        assert figure.layout.yaxis.title.text == "test F1"

    def test_undefined_tail_has_no_point(self, rows):
        panel = self._panel(plot_sensitivity(rows), "x2")
        assert list(panel["tail F1"].x) == [0]
        without = plot_sensitivity(rows.assign(tail_f1=np.nan))
        assert {trace.legendgroup for trace in without.data} == {"macro_f1"}

    def test_each_score_is_once_in_the_legend(self, rows):
        rows.loc[rows["parameter"] == "temperature", "tail_f1"] = np.nan
        figure = plot_sensitivity(rows)
        assert [trace.name for trace in figure.data if trace.showlegend] == ["macro-F1", "tail F1"]

    @pytest.mark.parametrize(("num_parameters", "num_rows"), [(1, 1), (3, 1), (4, 2), (7, 3)])
    def test_three_panels_a_row_and_none_is_empty(self, num_parameters, num_rows):
        rows = pd.DataFrame(
            {
                "parameter": [f"p{index}" for index in range(num_parameters)],
                "value": 1,
                "seed": 0,
                "macro_f1": 0.5,
                "tail_f1": 0.5,
            }
        )
        figure = plot_sensitivity(rows)
        axes = list(figure.select_xaxes())
        assert len(axes) == num_parameters == len({trace.xaxis for trace in figure.data})
        assert len({axis.domain for axis in axes}) == min(num_parameters, 3)
        assert len({axis.domain for axis in figure.select_yaxes()}) == num_rows
