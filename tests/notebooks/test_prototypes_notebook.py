"""Notebook 03 executed: what it shows of the embeddings is what the saved model gives."""

import re

import numpy as np
import pyarrow.compute as pc
import pytest

from sharprecl.datasets import ArrowTableDataset
from sharprecl.modeling import TrainedModel, matrix_column
from sharprecl.plotting import display_label
from tests.notebooks.outputs import figure, newest, printed, table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def notebook(execute):
    return execute("03_explore_embeddings_and_prototypes")


@pytest.fixture(scope="module")
def model(notebook, project):
    return TrainedModel.load(newest(project, "model"))


@pytest.fixture(scope="module")
def embedded(notebook, project):
    """Labels and embeddings of the test texts, as the pipeline saved them."""
    scores = ArrowTableDataset(filepath=str(project / "data/07_model_output/scores.arrow")).load()
    test = scores.filter(pc.equal(scores["split"], "test"))
    return test["label_id"].to_numpy(), matrix_column(test, "embedding")


def test_a_missing_model_is_trained_and_the_reader_is_told(notebook):
    assert "There is no trained model yet: running the pipeline `train`" in printed(notebook)


def test_all_test_texts_are_embedded(notebook, model, embedded):
    num_classes, num_dimensions = model.prototypes().shape
    line = f"{len(embedded[0]):,} texts and {num_classes} prototypes in {num_dimensions} dimensions"
    assert line in printed(notebook)


def test_the_map_has_a_star_for_every_class(notebook, model):
    traces = figure(notebook, "map")["data"]
    stars = [list(trace["marker"]["symbol"]).count("star") for trace in traces]
    assert stars == [1] * len(model.label_names)
    assert 500 < sum(len(trace["x"]) for trace in traces) <= 600


def test_the_heat_map_has_the_cosine_of_every_two_prototypes(notebook, model):
    shown_figure = figure(notebook, "heat-map")
    names = [display_label(name) for name in model.label_names]
    ticks = shown_figure["layout"]["xaxis"]["ticktext"]
    assert sorted(ticks) == sorted(names)
    prototypes = model.prototypes()[[names.index(tick) for tick in ticks]]
    cosines = np.array(shown_figure["data"][0]["z"])
    assert cosines.shape == (len(names), len(names))
    assert shown_figure["layout"]["yaxis"]["ticktext"] == ticks
    np.testing.assert_allclose(cosines, prototypes @ prototypes.T, atol=1e-5)


def test_the_closest_pair_is_the_closest(notebook, model):
    prototypes = model.prototypes()
    cosines = prototypes @ prototypes.T - 2 * np.eye(len(prototypes))
    _, (_, first, second, cosine), *_ = table(notebook, "closest-pairs")
    pair = cosines[model.label_names.index(first), model.label_names.index(second)]
    assert pair == pytest.approx(cosines.max(), abs=1e-6)
    assert float(cosine) == pytest.approx(pair, abs=1e-5)


def test_the_rare_class_is_the_smallest_and_its_texts_the_nearest(notebook, model, embedded):
    rare = int(np.argmin(model.class_counts))
    assert f"{model.label_names[rare]}: {model.class_counts[rare]} training texts" in printed(notebook)
    cosines = np.sort(embedded[1] @ model.prototypes()[rare])[::-1]
    _, *rows = table(notebook, "rare-class")
    np.testing.assert_allclose([float(row[-1]) for row in rows], cosines[:10], atol=1e-5)


def test_the_hardest_texts_have_the_smallest_margins(notebook, model, embedded):
    margins = [
        cosines[label_id] - np.delete(cosines, label_id).max()
        for label_id, cosines in zip(embedded[0], embedded[1] @ model.prototypes().T, strict=True)
    ]
    share = float(re.search(r"([\d.]+)% of the texts lie nearer", printed(notebook))[1])
    assert share == pytest.approx(100 * np.mean(np.array(margins) < 0), abs=0.051)
    _, *rows = table(notebook, "hardest-texts")
    np.testing.assert_allclose([float(row[-1]) for row in rows], np.sort(margins)[:15], atol=1e-5)
