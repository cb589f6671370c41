"""The tables of docs/results say what the predictions beside them say, by today's code."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sharprecl.evaluation.multiple_testing import holm
from sharprecl.evaluation.significance import paired_bootstrap
from sharprecl.evaluation.tallies import decision_metrics, tally_decisions

FOLDER = Path(__file__).parents[2] / "docs" / "results"
PREFIXES = sorted(path.name.removesuffix("_predictions.parquet") for path in FOLDER.glob("*.parquet"))


class Published:
    """Predictions by method and seed, as class ids."""

    def __init__(self, prefix: str) -> None:
        table = pd.read_parquet(FOLDER / f"{prefix}_predictions.parquet")
        names = sorted(table["label"].unique())
        self.labels = pd.Index(names).get_indexer(table["label"])
        self.groups = np.full(len(names), "head")
        columns = [name for name in table if " seed " in name]
        ids = pd.Index(names).get_indexer
        self.predicted = {tuple(name.rsplit(" seed ", 1)): ids(table[name]) for name in columns}
        self.outcomes = pd.read_csv(FOLDER / f"{prefix}_outcomes.csv")
        self.differences = pd.read_csv(FOLDER / f"{prefix}_differences.csv")

    def of_all_seeds(self, method: str) -> np.ndarray:
        return np.stack([ids for (name, _), ids in self.predicted.items() if name == method])

    def metrics(self, predicted: np.ndarray) -> dict[str, float]:
        return decision_metrics(tally_decisions(predicted, self.labels, len(self.groups)), self.groups)


@pytest.fixture(params=PREFIXES)
def published(request) -> Published:
    return Published(request.param)


def test_there_is_a_table_for_each_corpus():
    assert {prefix.split("_")[0] for prefix in PREFIXES} == {"ohsumed", "stdlib", "trec"}


def test_metrics_are_those_of_the_predictions(published):
    rows = published.outcomes.set_index(["method", "seed"])
    assert set(rows.index) == {(method, int(seed)) for method, seed in published.predicted}
    for (method, seed), predicted in published.predicted.items():
        assert (predicted >= 0).all()
        expected = published.metrics(predicted)
        for name in ("accuracy", "macro_f1", "weighted_f1", "balanced_accuracy", "worst_recall", "mcc"):
            assert rows.loc[(method, int(seed)), name] == pytest.approx(expected[name], abs=1e-9)


def test_differences_are_those_of_the_predictions(published):
    methods = {method for method, _ in published.predicted}
    for reference, rows in published.differences.groupby("reference"):
        assert set(rows["method"]) == methods - {reference}
        for row in rows.to_dict("records"):
            means = [
                np.mean([published.metrics(ids)["macro_f1"] for ids in published.of_all_seeds(name)])
                for name in (row["method"], reference)
            ]
            assert row["difference"] == pytest.approx(means[0] - means[1], abs=1e-9)
            assert row["low"] <= row["difference"] <= row["high"]
            tails = [
                published.outcomes.set_index("method").loc[[name], "tail_f1"]
                for name in (row["method"], reference)
            ]
            assert row["tail_f1_difference"] == pytest.approx(tails[0].mean() - tails[1].mean(), nan_ok=True)
        for test in ("p_bootstrap", "p_randomization"):
            assert rows[f"{test}_holm"].tolist() == pytest.approx(holm(rows[test].tolist()))


def test_intervals_are_those_of_the_bootstrap(published):
    for row in published.differences.to_dict("records"):
        again = paired_bootstrap(
            published.of_all_seeds(row["method"]),
            published.of_all_seeds(row["reference"]),
            published.labels,
            published.groups,
            num_samples=2000,
            seed=0,
        )
        assert (row["low"], row["high"]) == pytest.approx((again.low, again.high), abs=1e-9)
        assert row["p_bootstrap"] == pytest.approx(again.p_value, abs=1e-9)
