"""Nodes of the ``compare`` pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from plotly.graph_objects import Figure

from sharprecl import comparison, training
from sharprecl.errors import ParameterError
from sharprecl.parameters import CompareParameters, FitParameters, ProfileParameters, TokenizeParameters
from sharprecl.parameters.compare import Method
from sharprecl.tracking.child_runs import child_run, log_child_result

ArmOutputs = tuple[pd.DataFrame, pa.Table]


def train_method(method: Method) -> Callable[..., ArmOutputs]:
    """A node function that trains one method.

    Args:
        method: its name.

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
        """Train a method with each seed; arms that are finished already are taken as they are."""
        data = comparison_data(token_table, labelled_corpus, label_names, encoder, tokenize)
        arms = comparison.run_method(
            method,
            data,
            fit,
            compare,
            arm_folder=arm_folder,
            checkpoints=arm_folder / "checkpoints" / method,
            track=track_arm,
        )
        return describe_arms(arms, data, profile)

    train.__name__ = f"train_{method.replace('-', '_')}"
    return train


def comparison_data(
    token_table: pa.Table,
    labelled_corpus: pd.DataFrame,
    label_names: list[str],
    encoder: str,
    tokenize: TokenizeParameters,
) -> comparison.ComparisonData:
    """The corpus as the methods see it."""
    texts = labelled_corpus.set_index("row_id")["text"]
    return comparison.ComparisonData(token_table, texts, label_names, encoder, tokenize.max_length)


def describe_arms(
    arms: list[comparison.FinishedArm], data: comparison.ComparisonData, profile: ProfileParameters
) -> ArmOutputs:
    """Metrics and test scores of finished arms; each is tracked as a run of its own."""
    outcomes = comparison.outcome_table(arms, data, profile)
    for outcome in outcomes.to_dict("records"):
        log_child_result(
            f"{outcome['method']} seed {outcome['seed']}",
            {"method": str(outcome["method"]), "kind": "result"},
            {"seed": outcome["seed"]}
            | ({"fit": {"learning_rate": outcome["learning_rate"]}} if outcome["learning_rate"] else {}),
            comparison.public_metrics(outcome),
        )
    return outcomes, comparison.arm_score_table(arms, data)


def track_arm(arm: comparison.Arm) -> AbstractContextManager[Callable[[dict[str, float], int], None]]:
    """A tracked run for an arm that is being trained."""
    name = f"{arm.method} seed {arm.seed} training"
    fit = {} if arm.fit is None else arm.fit.model_dump()
    tags = {"method": arm.method, "kind": "training"}
    return child_run(name, tags, {"seed": arm.seed, "fit": fit})


def collect_outcomes(*outcomes: pd.DataFrame) -> pd.DataFrame:
    """One line a method and seed.

    Raises:
        ParameterError: if no method has any.
    """
    filled = [frame for frame in outcomes if not frame.empty]
    if not filled:
        raise ParameterError("compare: nothing was compared; name methods in compare.methods")
    return pd.concat(filled, ignore_index=True)


def collect_scores(*scores: pa.Table) -> pa.Table:
    """Test scores of all methods and seeds."""
    return pa.concat_tables([table for table in scores if len(table)])


def differences_to(
    arm_scores: pa.Table,
    token_table: pa.Table,
    label_names: list[str],
    profile: ProfileParameters,
    references: Sequence[str],
    bootstrap_samples: int,
    seed: int,
) -> pd.DataFrame:
    """Whether methods differ from the references by more than the choice of test texts explains.

    Args:
        arm_scores: test scores of all methods and seeds.
        token_table: token rows, for the class counts of the training split.
        label_names: class names in label order.
        profile: the ``profile`` block, which draws the lines between head, medium and tail.
        references: methods that the others are held against.
        bootstrap_samples: resamples of each test.
        seed: of the resamples.

    Returns:
        One row a reference and other method.
    """
    return comparison.differences_from_scores(
        arm_scores,
        training.count_training_texts(token_table, len(label_names)),
        profile,
        references=references,
        num_samples=bootstrap_samples,
        seed=seed,
    )


def compare_methods(
    arm_scores: pa.Table,
    token_table: pa.Table,
    label_names: list[str],
    profile: ProfileParameters,
    compare: CompareParameters,
    seed: int,
) -> pd.DataFrame:
    """Every method held against each of ``compare.references``."""
    scored = pc.unique(arm_scores["method"]).to_pylist()
    # An earlier command may have compared methods that are not named now.
    compared = [method for method in dict.fromkeys([*compare.methods, *scored]) if method in scored]
    references = comparison.choose_references(compare.references, compared)
    return differences_to(
        arm_scores, token_table, label_names, profile, references, compare.bootstrap_samples, seed
    )


def summarize(outcomes: pd.DataFrame, differences: pd.DataFrame) -> tuple[pd.DataFrame, str, str]:
    """The table over seeds: as data, as Markdown, as a page."""
    summary = comparison.summarize_methods(outcomes)
    return (
        summary,
        comparison.markdown_table(summary, differences),
        comparison.comparison_page(summary, differences),
    )


def measure_classes(arm_scores: pa.Table, token_table: pa.Table, label_names: list[str]) -> pd.DataFrame:
    """F1 of each class under each method and seed."""
    counts = training.count_training_texts(token_table, len(label_names))
    return comparison.class_f1_table(arm_scores, label_names, counts)


def list_predictions(arm_scores: pa.Table, label_names: list[str]) -> pd.DataFrame:
    """What each method said of each test text, with each seed."""
    return comparison.prediction_table(arm_scores, label_names)


def draw_ranking(outcomes: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Methods from best to worst, with their seeds."""
    return comparison.plot_ranking(outcomes, summary)


def draw_class_sizes(class_f1: pd.DataFrame, summary: pd.DataFrame, differences: pd.DataFrame) -> Figure:
    """F1 against class size, method by method: the references first, then from best to worst."""
    order = list(dict.fromkeys([*differences["reference"], *summary["method"]]))
    ordered = class_f1.sort_values("method", key=lambda names: names.map(order.index), kind="stable")
    return comparison.plot_class_size_f1_by_method(ordered)
