"""One entry point for every method of a comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sharprecl.comparison.arm_store import ArmStore
from sharprecl.comparison.arms import Arm, arm_key, method_parameters
from sharprecl.comparison.corpus_splits import ComparisonData
from sharprecl.comparison.method_arms import ArmTracker, FinishedArm, TrainedArms
from sharprecl.comparison.other_methods import run_classical, run_llm
from sharprecl.comparison.progress import ComparisonProgress, plan_trainings
from sharprecl.parameters import CompareParameters, FitParameters
from sharprecl.parameters.compare import CLASSICAL_METHODS, TRAINED_METHODS, Method


def run_method(
    method: Method,
    data: ComparisonData,
    fit: FitParameters,
    compare: CompareParameters,
    *,
    arm_folder: Path,
    checkpoints: Path,
    track: ArmTracker,
) -> list[FinishedArm]:
    """All arms of a method, trained now as far as they are not there from an earlier run.

    Args:
        method: its name; one that ``compare.methods`` does not name has no arms.
        data: the corpus.
        fit: the ``fit`` block as configured.
        compare: the ``compare`` block.
        arm_folder: of finished arms, and of a language model's answers.
        checkpoints: folder for checkpoints while an arm trains.
        track: opens a tracked run for each arm that is trained.

    Returns:
        One arm a seed.
    """
    if method not in compare.methods:
        return []
    if method == "llm":
        return run_llm(data, compare.llm, compare.seeds, arm_folder / "answers")
    if method in CLASSICAL_METHODS:
        return run_classical(method, data, fit, compare.seeds)
    fits: dict[str, FitParameters] = {
        name: method_parameters(fit, name, has_aug_text=data.has_aug_text)
        for name in compare.methods
        if name in TRAINED_METHODS
    }
    rates = [factor * fit.learning_rate for factor in compare.learning_rate_factors]
    return run_trained(
        method,
        fits,
        data,
        compare.seeds,
        rates,
        arm_folder=arm_folder,
        checkpoints=checkpoints,
        track=track,
    )


def run_trained(
    name: str,
    fits: Mapping[str, FitParameters],
    data: ComparisonData,
    seeds: Sequence[int],
    learning_rates: Sequence[float],
    *,
    arm_folder: Path,
    checkpoints: Path,
    track: ArmTracker,
) -> list[FinishedArm]:
    """All arms of one of several ``fit`` blocks that are compared with each other.

    Args:
        name: of the block whose arms are wanted.
        fits: all blocks of the comparison, so that it can be told how many arms are left.
        data: the corpus.
        seeds: of the trainings.
        learning_rates: tried on the first seed.
        arm_folder: of finished arms.
        checkpoints: folder for checkpoints while an arm trains.
        track: opens a tracked run for each arm that is trained.

    Returns:
        One arm a seed.
    """
    store = ArmStore(arm_folder)
    progress = ComparisonProgress(plan_trainings(fits, seeds, learning_rates, data.digest), store)
    arms = TrainedArms(data, store, checkpoints, track, progress)
    shared = shares_with_later(name, fits)
    return arms.run(name, fits[name], seeds, learning_rates, keep_models=shared)


def shares_with_later(name: str, fits: Mapping[str, FitParameters]) -> bool:
    """Whether a method shares its trainings with one that comes after it in the comparison."""
    keys = {method: arm_key(Arm(method, 0, fit).training, "") for method, fit in fits.items()}
    after = list(keys)[list(keys).index(name) + 1 :]
    return any(keys[method] == keys[name] for method in after)
