"""Tests of the variants against the full method."""

import numpy as np
import pyarrow as pa
import pytest

from sharprecl.evaluation.multiple_testing import holm
from sharprecl.parameters import CompareParameters, FitParameters, ProfileParameters
from sharprecl.pipelines.ablate.nodes import FULL, compare_variants

ABLATED = ["without-contrast", "one-view", "uniform-negatives"]
POINTS = ["temperature=0.05", "temperature=0.1", "num_candidates=5"]
LABELS = np.repeat([0, 1], [60, 20])
TOKENS = pa.table({"split": ["train"] * 3, "label_id": pa.array([0, 0, 1], pa.int32())})


def scores_of(method: str, share_right: float, seed: int) -> pa.Table:
    rng = np.random.default_rng(seed)
    said = np.where(rng.random(80) < share_right, LABELS, 1 - LABELS)
    logits = pa.FixedSizeListArray.from_arrays(pa.array(np.eye(2, dtype=np.float32)[said].ravel()), 2)
    columns = {"method": [method] * 80, "seed": [0] * 80, "row_id": range(80)}
    return pa.table({**columns, "label_id": pa.array(LABELS, pa.int32()), "logits": logits})


def test_ablations_and_curves_are_adjusted_apart_and_copies_of_the_full_method_left_out():
    shares = {FULL: 0.9, **dict.fromkeys([*ABLATED, *POINTS], 0.75), "temperature=0.1": 0.9}
    tables = [scores_of(name, share, 7 if share == 0.9 else place) for place, (name, share) in
              enumerate(shares.items())]  # fmt: skip
    compare = CompareParameters(ablations=[*ABLATED, *POINTS], bootstrap_samples=200)
    found = compare_variants(
        pa.concat_tables(tables), TOKENS, ["a", "b"], ProfileParameters(), FitParameters(), compare, 0
    )
    assert found["method"].tolist() == [*ABLATED, "temperature=0.05", "num_candidates=5"]
    assert (found["reference"] == FULL).all()
    for family in (found[:3], found[3:]):
        assert family["p_randomization_holm"].tolist() == pytest.approx(
            holm(family["p_randomization"].tolist())
        )


def test_where_the_user_moves_the_full_method_another_point_is_the_copy():
    compare = CompareParameters(ablations=POINTS[:2], bootstrap_samples=100)
    tables = [scores_of(name, 0.8, place) for place, name in enumerate([FULL, *POINTS[:2]])]
    found = compare_variants(
        pa.concat_tables(tables), TOKENS, ["a", "b"], ProfileParameters(), FitParameters(temperature=0.05),
        compare, 0,
    )  # fmt: skip
    assert found["method"].tolist() == ["temperature=0.1"]
