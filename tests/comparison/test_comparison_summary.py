import numpy as np
import pandas as pd
import pytest

from sharprecl.comparison import compare_to_reference, summarize_methods
from sharprecl.comparison.summary import MEASURES
from sharprecl.errors import ParameterError
from sharprecl.evaluation.multiple_testing import holm
from sharprecl.evaluation.significance import approximate_randomization, paired_bootstrap

GROUPS = np.array(["head", "medium", "tail"])


def _rows(scores: dict[str, list[float]]) -> pd.DataFrame:
    """Every measure is macro-F1 plus its place in the list, so that none can stand for another."""
    lines = [
        {"method": method, "seed": seed, **{name: value + place for place, name in enumerate(MEASURES)}}
        for method, values in scores.items()
        for seed, value in enumerate(values)
    ]
    rows = pd.DataFrame(lines)
    rows["macro_f1"] -= MEASURES.index("macro_f1")
    return rows


class TestSummarizeMethods:
    def test_best_first_with_mean_and_sample_deviation(self):
        summary = summarize_methods(_rows({"low": [0.1, 0.2, 0.6], "high": [0.5, 0.7]}))
        assert summary["method"].tolist() == ["high", "low"]
        assert summary["rank"].tolist() == [1, 2]
        assert summary["num_seeds"].tolist() == [2, 3]
        assert summary["macro_f1_mean"].tolist() == pytest.approx([0.6, 0.3])
        assert summary["macro_f1_sd"].tolist() == pytest.approx([np.sqrt(0.02), np.sqrt(0.07)])  # n − 1

    def test_every_measure_has_both_columns(self):
        summary = summarize_methods(_rows({"a": [0.1, 0.3]}))
        expected = [f"{measure}_{how}" for measure in MEASURES for how in ("mean", "sd")]
        assert list(summary.columns) == ["rank", "method", "num_seeds", *expected]
        for place, measure in enumerate(MEASURES):
            mean = 0.2 + (place if measure != "macro_f1" else 0)
            assert summary[f"{measure}_mean"].item() == pytest.approx(mean)
            assert summary[f"{measure}_sd"].item() == pytest.approx(np.sqrt(0.02))

    def test_one_seed_has_no_deviation(self):
        summary = summarize_methods(_rows({"a": [0.4]}))
        assert summary["macro_f1_mean"].item() == pytest.approx(0.4)
        assert summary.filter(like="_sd").isna().all(axis=None)

    def test_equal_means_share_the_rank_in_the_order_given(self):
        summary = summarize_methods(_rows({"z": [0.5], "a": [0.5], "b": [0.1], "c": [0.9]}))
        assert summary["method"].tolist() == ["c", "z", "a", "b"]
        assert summary["rank"].tolist() == [1, 2, 2, 4]

    def test_what_is_undefined_stays_undefined(self):
        rows = _rows({"a": [0.2, 0.4], "b": [0.1, 0.3]})
        rows["peak_memory_gib"] = None
        rows["tail_f1"] = rows["tail_f1"].where(rows["method"] == "a")
        rows["note"] = "text"
        summary = summarize_methods(rows)
        assert summary[["peak_memory_gib_mean", "peak_memory_gib_sd"]].isna().all(axis=None)
        assert summary["tail_f1_mean"].isna().tolist() == [False, True]
        assert "note_mean" not in summary

    def test_method_without_a_score_comes_last(self):
        summary = summarize_methods(_rows({"broken": [np.nan], "good": [0.2]}))
        assert summary["method"].tolist() == ["good", "broken"]
        assert summary["rank"].tolist() == [1, 2]


class TestCompareToReference:
    @pytest.fixture
    def labels(self) -> np.ndarray:
        return np.repeat([0, 1, 2], [40, 20, 10])

    @pytest.fixture
    def predictions(self, labels) -> dict[str, np.ndarray]:
        rng = np.random.default_rng(0)

        def predict(share_right: float) -> np.ndarray:
            return np.where(rng.random((3, 70)) < share_right, labels, rng.integers(0, 3, (3, 70)))

        return {"near": predict(0.62), "base": predict(0.6), "far": predict(0.9), "worse": predict(0.35)}

    def _compare(self, predictions, labels, **options) -> pd.DataFrame:
        settings = {"reference": "base", "num_samples": 300, "confidence": 0.9, "seed": 4} | options
        return compare_to_reference(predictions, labels, GROUPS, **settings)

    def test_one_row_for_each_other_method(self, predictions, labels):
        table = self._compare(predictions, labels)
        assert table["method"].tolist() == ["near", "far", "worse"]
        assert set(table["reference"]) == {"base"}
        assert list(table.columns[2:]) == [
            "difference",
            "low",
            "high",
            "p_bootstrap",
            "p_randomization",
            "p_bootstrap_holm",
            "p_randomization_holm",
            "tail_f1_difference",
            "tail_f1_low",
            "tail_f1_high",
            "worst_recall_difference",
        ]

    def test_tests_are_those_of_the_pair(self, predictions, labels):
        table = self._compare(predictions, labels).set_index("method")
        for method in ("near", "far", "worse"):
            pair = predictions[method], predictions["base"], labels, GROUPS
            found = table.loc[method, ["difference", "low", "high", "p_bootstrap"]]
            assert tuple(found) == paired_bootstrap(*pair, num_samples=300, confidence=0.9, seed=4)
            expected = approximate_randomization(*pair, num_samples=300, seed=4)
            assert table.loc[method, "p_randomization"] == expected
            found = table.loc[method, [f"tail_f1_{name}" for name in ("difference", "low", "high")]]
            of_tail = paired_bootstrap(*pair, metric="tail_f1", num_samples=300, confidence=0.9, seed=4)
            assert tuple(found) == of_tail[:3]
        assert table.loc["far", "difference"] > 0 > table.loc["worse", "difference"]

    def test_adjusted_over_the_rows(self, predictions, labels):
        table = self._compare(predictions, labels)
        for test in ("p_bootstrap", "p_randomization"):
            assert table[f"{test}_holm"].tolist() == holm(table[test].tolist())
            assert (table[f"{test}_holm"] > table[test]).any()

    def test_other_differences_are_means_over_seeds(self, labels):
        base = np.stack([labels, labels])
        method = base.copy()
        method[0, -5:] = 1  # half of the tail class goes to class 1 on the first seed: F1 2/3, recall 1/2
        table = self._compare({"m": method, "base": base}, labels, num_samples=10)
        assert table["tail_f1_difference"].item() == pytest.approx((2 / 3 - 1) / 2)
        assert table["worst_recall_difference"].item() == pytest.approx((1 / 2 - 1) / 2)

    def test_groups_without_a_tail(self, predictions, labels):
        groups = np.array(["head", "medium", "medium"])
        table = compare_to_reference(
            predictions, labels, groups, reference="base", num_samples=10, confidence=0.95, seed=0
        )
        tail = [f"tail_f1_{name}" for name in ("difference", "low", "high")]
        assert table[tail].isna().all(axis=None)
        assert table["difference"].notna().all()

    def test_unequal_seeds_are_paired_from_the_first(self, predictions, labels):
        whole = self._compare({"far": predictions["far"][:2], "base": predictions["base"][:2]}, labels)
        pd.testing.assert_frame_equal(
            self._compare({"far": predictions["far"][:2], "base": predictions["base"]}, labels), whole
        )
        pd.testing.assert_frame_equal(
            self._compare({"far": predictions["far"], "base": predictions["base"][:2]}, labels), whole
        )

    def test_reference_alone_gives_an_empty_table(self, predictions, labels):
        table = self._compare({"base": predictions["base"]}, labels)
        assert table.empty
        assert "p_randomization_holm" in table

    def test_unknown_reference(self, predictions, labels):
        message = (
            r"^compare\.references: no method 'bse' was compared; "
            r"choose one of 'near', 'base', 'far', 'worse'$"
        )
        with pytest.raises(ParameterError, match=message):
            self._compare(predictions, labels, reference="bse")
