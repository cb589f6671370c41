"""Arms of the methods that train no encoder."""

import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import numpy as np
import torch

from sharprecl import llm
from sharprecl.comparison.arm_store import StoredScores
from sharprecl.comparison.arms import Arm
from sharprecl.comparison.classical import SplitScorer, fit_classical
from sharprecl.comparison.corpus_splits import ComparisonData
from sharprecl.comparison.method_arms import FinishedArm
from sharprecl.comparison.peak_memory import peak_memory_gib, reset_peak_memory
from sharprecl.functional import log_class_prior
from sharprecl.parameters import FitParameters
from sharprecl.parameters.compare import ClassicalMethod, LlmParameters

logger = logging.getLogger(__name__)
T = TypeVar("T")

SURE = 20.0
"""Logit of the class that an answer names, where the model gives no scores of its own."""


def run_classical(
    method: ClassicalMethod, data: ComparisonData, fit: FitParameters, seeds: Sequence[int]
) -> list[FinishedArm]:
    """Fit a method that trains no encoder.

    Args:
        method: its name.
        data: the corpus.
        fit: the ``fit`` block, for a frozen encoder.
        seeds: those of the other methods, so that arms pair up; the fits draw nothing that matters, so one
            serves them all.

    Returns:
        One arm a seed.
    """
    score, facts = _measured(lambda: fit_classical(method, data, fit=fit, seed=seeds[0]))
    first = _finish(Arm(method, seeds[0]), score, facts)
    return [first._replace(arm=Arm(method, seed)) for seed in seeds]


def run_llm(
    data: ComparisonData, parameters: LlmParameters, seeds: Sequence[int], cache_folder: Path
) -> list[FinishedArm]:
    """Ask a causal language model; a seed draws the examples that it is shown.

    Args:
        data: the corpus.
        parameters: the ``compare.llm`` block.
        seeds: those of the other methods; without examples one asking serves them all.
        cache_folder: answers that are there already are not asked for again.

    Returns:
        One arm a seed.
    """
    drawn = seeds if parameters.shots_per_class else seeds[:1]
    asked = [_ask_seed(data, parameters, seed, cache_folder) for seed in drawn]
    return asked if len(drawn) == len(seeds) else [asked[0]._replace(arm=Arm("llm", seed)) for seed in seeds]


def _ask_seed(data: ComparisonData, parameters: LlmParameters, seed: int, cache_folder: Path) -> FinishedArm:
    validation, facts = _measured(lambda: _ask(data, parameters, seed, cache_folder, "validation"))
    # Equal texts are asked about once.
    if validation.cost.asked < len(set(data.split_texts("validation"))):
        facts["seconds"] = math.nan  # an answer from the cache says nothing of how long it took
    test = _ask(data, parameters, seed, cache_folder, "test")
    unreadable = {"unreadable": test.num_unreadable / max(len(test.predicted), 1)}
    return FinishedArm(
        Arm("llm", seed),
        StoredScores(answer_logits(validation.predicted, validation.scores, data.class_counts), facts),
        StoredScores(answer_logits(test.predicted, test.scores, data.class_counts), unreadable),
    )


def _ask(
    data: ComparisonData, parameters: LlmParameters, seed: int, cache_folder: Path, split: str
) -> llm.LlmResult:
    """What the model says of the texts of a split."""
    assert parameters.model is not None  # noqa: S101 - the block requires it
    result = llm.classify_with_llm(
        data.split_texts(split),
        data.label_names,
        model=parameters.model,
        examples=list(zip(data.split_texts("train"), data.labels("train").tolist(), strict=True)),
        shots_per_class=parameters.shots_per_class,
        batch_size=parameters.batch_size,
        max_answer_tokens=parameters.max_answer_tokens,
        endpoint=parameters.endpoint,
        api_key_variable=parameters.api_key_variable,
        cache_folder=cache_folder,
        seed=seed,
        price_per_million_tokens=parameters.price_per_million_tokens,
    )
    logger.info("%s split: %s", split, llm.describe_cost(result.cost))
    return result


def answer_logits(predicted: np.ndarray, scores: np.ndarray | None, class_counts: np.ndarray) -> np.ndarray:
    """Answers as logits.

    Args:
        predicted: class ids, shape [N]; −1 where the answer named no class.
        scores: log-likelihoods, shape [N, C], where the model gives them.
        class_counts: training texts per class, shape [C].

    Returns:
        Shape [N, C]: the scores, or the log-prior with the named class raised over all; an answer without
        a class so counts as the most frequent one.
    """
    if scores is not None:
        return scores
    log_prior = log_class_prior(torch.from_numpy(class_counts)).numpy()
    logits = np.tile(log_prior, (len(predicted), 1))
    named = np.flatnonzero(predicted >= 0)
    logits[named, predicted[named]] = SURE
    return logits


def _measured(work: Callable[[], T]) -> tuple[T, dict[str, float]]:
    """What some work gives, and the time and memory that it took."""
    reset_peak_memory()
    start = perf_counter()
    result = work()
    return result, {"seconds": perf_counter() - start, "peak_memory_gib": peak_memory_gib()}


def _finish(arm: Arm, score: SplitScorer, facts: dict[str, float]) -> FinishedArm:
    return FinishedArm(arm, StoredScores(score("validation"), facts), StoredScores(score("test"), {}))
