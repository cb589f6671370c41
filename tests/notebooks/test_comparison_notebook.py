"""Notebook 02 executed: its tables and plots are those of the comparison that it ran."""

import pandas as pd
import pytest

from tests.notebooks.outputs import figure, newest, printed, shown, table

pytestmark = pytest.mark.slow
PRESETS = ["sharprecl", "cross-entropy"]


@pytest.fixture(scope="module")
def notebook(execute):
    return execute("02_train_and_compare_two_presets")


@pytest.fixture(scope="module")
def summary(notebook, project):
    return pd.read_csv(newest(project, "method_summary.csv")).set_index("method")


def test_both_presets_are_trained_with_all_seeds_and_progress_is_told(notebook, project):
    outcomes = pd.read_csv(newest(project, "method_outcomes.csv"))
    assert {(method, seed) for method in PRESETS for seed in (0, 1)} == set(
        zip(outcomes["method"], outcomes["seed"], strict=True)
    )
    assert "3 of 4 trainings done, 1 left, about 0:00:" in printed(notebook)


def test_what_sets_the_presets_apart_is_shown(notebook):
    header, *rows = table(notebook, "presets")
    assert header[1:] == PRESETS
    assert sorted(rows) == [
        ["classification_loss", "balanced_softmax", "cross_entropy"],
        ["contrastive_weight", "1.0", "0.0"],
        ["logit_adjustment", "validation", "none"],
    ]


def test_the_small_corpus_is_a_long_tail_and_the_one_that_was_compared(notebook, project):
    _, *rows = table(notebook, "small-corpus")[1:]
    sizes = {label: int(size) for label, size in rows}
    corpus = pd.read_csv(project / "data/01_raw/small_corpus.csv")
    assert sizes == corpus["label"].value_counts().to_dict()
    assert max(sizes.values()) > 10 * min(sizes.values())
    compared = pd.read_feather(project / "data/03_primary/labelled_corpus.arrow")
    assert set(compared["label"]) == set(sizes)


def test_the_table_has_both_presets_with_the_numbers_of_the_summary(notebook, summary):
    lines = shown(notebook, "method-table", "text/markdown").splitlines()
    rows = {line.split("|")[1].strip(): line for line in lines if line.startswith("|")}
    assert set(PRESETS) < set(rows)
    for preset in PRESETS:
        assert f"{100 * summary.loc[preset, 'macro_f1_mean']:.1f} ±" in rows[preset]


def test_the_difference_is_tested_against_the_second_preset(notebook, project, summary):
    saved = pd.read_csv(newest(project, "method_differences.csv")).iloc[0]
    _, _, (method, reference, difference, *_) = table(notebook, "differences")
    assert [method, reference] == [saved["method"], saved["reference"]] == PRESETS
    assert float(difference) == pytest.approx(saved["difference"], abs=1e-5)
    gap = summary["macro_f1_mean"]["sharprecl"] - summary["macro_f1_mean"]["cross-entropy"]
    assert float(difference) == pytest.approx(gap, abs=1e-5)


def test_plots_show_both_presets(notebook):
    by_size = figure(notebook, "class-sizes")["data"]
    assert {trace["name"] for trace in by_size} == set(PRESETS)
    seeds, means = figure(notebook, "ranking")["data"]
    assert len(seeds["x"]) == 4
    assert len(means["x"]) == 2


def test_the_gain_of_a_class_is_the_difference_of_its_mean_f1(notebook, project):
    saved = pd.read_csv(newest(project, "method_class_f1.csv")).dropna(subset="f1")
    f1 = saved.pivot_table(index="label", columns="method", values="f1")
    _, _, *rows = table(notebook, "classes")
    gains = {row[-4]: float(row[-1]) for row in rows}
    assert set(gains) == set(f1.index)
    for label, gain in gains.items():
        expected = f1.loc[label, "sharprecl"] - f1.loc[label, "cross-entropy"]
        assert gain == pytest.approx(expected, abs=1e-5)
