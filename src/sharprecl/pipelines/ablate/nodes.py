"""Nodes of the ``ablate`` pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from plotly.graph_objects import Figure

from sharprecl import comparison
from sharprecl.parameters import (
    ABLATIONS,
    CompareParameters,
    FitParameters,
    Preset,
    ProfileParameters,
    TokenizeParameters,
    apply_preset,
    curve_points,
)
from sharprecl.pipelines.compare.nodes import (
    ArmOutputs,
    comparison_data,
    describe_arms,
    differences_to,
    track_arm,
)

FULL: Preset = "sharprecl"
"""The arm that every ablation is held against."""


def train_variants(names: Sequence[str]) -> Callable[..., ArmOutputs]:
    """A node function that trains some variants of SharpReCL.

    Args:
        names: of the variants; those that ``compare.ablations`` leaves out have no arms.

    Returns:
        The function.
    """

    def train(
        token_table: pa.Table,
        labelled_corpus: pd.DataFrame,
        label_names: list[str],
        encoder: str,
        tokenize: TokenizeParameters,
        fit: FitParameters,
        compare: CompareParameters,
        profile: ProfileParameters,
        arm_folder: Path,
    ) -> ArmOutputs:
        """Train each variant with each seed; arms that are finished already are taken as they are."""
        data = comparison_data(token_table, labelled_corpus, label_names, encoder, tokenize)
        fits = fits_by_variant(fit, compare)
        arms = [
            arm
            for name in names
            if name in fits
            for arm in comparison.run_trained(
                name,
                fits,
                data,
                compare.seeds,
                [fits[name].learning_rate],
                arm_folder=arm_folder,
                checkpoints=arm_folder / "checkpoints" / name,
                track=track_arm,
            )
        ]
        return describe_arms(arms, data, profile)

    train.__name__ = f"train_{names[0].split('=')[0].replace('-', '_')}"
    return train


def fits_by_variant(fit: FitParameters, compare: CompareParameters) -> dict[str, FitParameters]:
    """The ``fit`` block of each variant that is compared, the full method first."""
    full = apply_preset(fit, FULL)
    return {FULL: full} | comparison.variant_parameters(full, compare.ablations)


def compare_variants(
    arm_scores: pa.Table,
    token_table: pa.Table,
    label_names: list[str],
    profile: ProfileParameters,
    fit: FitParameters,
    compare: CompareParameters,
    seed: int,
) -> pd.DataFrame:
    """Every variant held against the full method; p-values of ablations and of curves adjusted apart.

    A variant that sets what the full method has anyway, such as the middle of a curve, is no test of its own.
    """
    fits = fits_by_variant(fit, compare)
    full = fits[FULL].dump_decisive()
    tables = []
    for family in (ABLATIONS, curve_points()):
        tested = [name for name in family if name in fits and fits[name].dump_decisive() != full]
        rows = arm_scores.filter(pc.is_in(arm_scores["method"], pa.array([FULL, *tested])))
        tables.append(
            differences_to(rows, token_table, label_names, profile, [FULL], compare.bootstrap_samples, seed)
        )
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


def draw_sensitivity(outcomes: pd.DataFrame) -> Figure:
    """Macro-F1 over the values of each key that was varied."""
    named = outcomes[outcomes["method"].str.contains("=")]
    points = named["method"].str.split("=", n=1, expand=True).reindex(columns=[0, 1])
    rows = named.assign(parameter=points[0], value=points[1].astype(float))
    return comparison.plot_sensitivity(rows[["parameter", "value", "seed", "macro_f1", "tail_f1"]])
