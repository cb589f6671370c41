"""Notebook 01 executed: its numbers and plots are those of the profile that it wrote."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.notebooks.outputs import figure, printed, table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def notebook(execute):
    return execute("01_look_at_your_imbalance")


@pytest.fixture(scope="module")
def profile(notebook, project):
    return json.loads((project / "data/08_reporting/imbalance_profile.json").read_text())


@pytest.fixture(scope="module")
def classes(notebook, project):
    return pd.read_csv(project / "data/08_reporting/class_table.csv")


def test_the_measures_are_those_of_the_profile(notebook, profile):
    _, *rows = table(notebook, "measures")
    assert len(rows) == 5
    for name, value in rows:
        assert float(value) == pytest.approx(profile[name], abs=1e-5)


def test_every_class_is_in_the_table_with_its_size(notebook, classes):
    header, *rows = table(notebook, "class-table")
    place = header.index("train")
    assert [(row[1], int(row[place])) for row in rows] == list(
        zip(classes["label"], classes["train"], strict=True)
    )


def test_the_plots_show_all_classes(notebook, classes):
    bars = figure(notebook, "class-sizes")["data"]
    assert sorted(np.concatenate([bar["y"] for bar in bars])) == sorted(classes["train"])
    curve = figure(notebook, "lorenz")["data"][0]
    assert len(curve["x"]) == len(classes) + 1


def test_the_curve_of_absent_classes_goes_through_the_profiles_point(notebook, profile):
    (curve,) = figure(notebook, "absent-classes")["data"]
    absent = dict(zip(curve["x"], curve["y"], strict=True))
    assert absent[profile["batch_size"]] == pytest.approx(profile["expected_absent_classes"])
    assert (np.diff(curve["y"]) < 0).all()


def test_the_target_set_treats_classes_alike_whatever_the_batch_misses(notebook, profile):
    header, *rows = table(notebook, "target-table")
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    in_batch = np.array(columns["in_batch"], dtype=int)
    missed = in_batch == 0
    assert in_batch.sum() == profile["batch_size"]
    assert f"misses {missed.sum()} of {profile['num_classes']} classes" in printed(notebook)
    assert 0 < missed.sum() < profile["num_classes"]
    assert set(columns["positives"]) == {"20"}
    assert set(columns["negatives"]) == {"60"}
    source_rows = np.array(columns["source_rows"], dtype=int)
    assert (source_rows[missed] == 1).all()
    assert (source_rows[~missed] > 1).all()
    batch, target_set = figure(notebook, "target-plot")["data"]
    assert list(batch["y"]) == list(in_batch)
    assert set(target_set["y"]) == {20}
