"""Confidence intervals of the decision metrics by resampling the test texts."""

from typing import TypedDict

import numpy as np

from sharprecl.evaluation.tallies import Tally, decision_metrics, one_hot_rows, tally_decisions

_CELLS_AT_ONCE = 2_000_000
"""Counts held at a time; bounds the memory, not the result."""

SMALLEST = {"mcc": -1.0}
"""The least that a metric can be, where it is not 0."""


class Interval(TypedDict):
    """A metric on the texts as they are, and the ends of its interval."""

    estimate: float
    low: float
    high: float


def bootstrap_intervals(
    predicted: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    num_samples: int = 1000,
    confidence: float = 0.95,
    seed: int,
) -> dict[str, Interval]:
    """Percentile bootstrap over texts (Efron and Tibshirani 1993, chapters 10 and 13), less its bias.

    Texts are resampled plainly, not class by class: a class of n texts resampled by itself shows (n − 1)/n
    of its variance, and one of a single text none. Each resample is scored over the classes that it holds;
    one without any text of a group says nothing of the group's F1 and is left out there. So a class of one
    text is missing from more than a third of the resamples, and averages over classes lean towards the well
    filled ones; a minimum over classes leans low. The mean distance of the resamples from the estimate is
    this bias, and the ends are moved back by it, within the metric's range. The interval covers the choice
    of test texts, not the choice of training texts or seeds.

    Args:
        predicted: class ids, shape [N], N ≥ 1.
        labels: class ids, shape [N].
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].
        num_samples: resamples.
        confidence: share of the resamples between the ends, in (0, 1).
        seed: of the resamples.

    Returns:
        An interval for each metric of :func:`~sharprecl.evaluation.tallies.decision_metrics` that is
        defined on the texts as they are.
    """
    estimates = decision_metrics(tally_decisions(predicted, labels, len(groups)), groups)
    resampled = decision_metrics(_resample(predicted, labels, len(groups), num_samples, seed), groups)
    ends = [(1 - confidence) / 2, (1 + confidence) / 2]
    intervals: dict[str, Interval] = {}
    for name, estimate in estimates.items():
        if not np.isnan(estimate):
            unbiased = resampled[name] - np.nanmean(resampled[name]) + estimate
            low, high = np.clip(np.nanquantile(unbiased, ends), SMALLEST.get(name, 0.0), 1.0)
            intervals[name] = {"estimate": float(estimate), "low": float(low), "high": float(high)}
    return intervals


def _resample(
    predicted: np.ndarray, labels: np.ndarray, num_classes: int, num_samples: int, seed: int
) -> Tally:
    """Tallies of resamples, shape [S, C].

    N texts drawn with replacement fall into the filled cells of the confusion matrix by a multinomial
    law, so that cells are drawn instead of texts.
    """
    cells, sizes = np.unique(labels * num_classes + predicted, return_counts=True)
    of_label, of_predicted = np.divmod(cells, num_classes)
    support = one_hot_rows(of_label, num_classes)  # [K, C]
    given = one_hot_rows(of_predicted, num_classes)  # [K, C]
    hits = support.multiply(given).tocsr()
    generator = np.random.default_rng(seed)
    chunk = max(1, _CELLS_AT_ONCE // len(cells))
    parts = []
    for start in range(0, num_samples, chunk):
        size = min(chunk, num_samples - start)
        draws = generator.multinomial(len(labels), sizes / len(labels), size=size)  # [S, K]
        parts.append((draws @ hits, draws @ support, draws @ given))
    return Tally(*(np.concatenate(counts) for counts in zip(*parts, strict=True)))
