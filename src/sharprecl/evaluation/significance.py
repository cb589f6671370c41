"""Whether two methods that were trained with the same seeds differ on the same test texts."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, hstack

from sharprecl.evaluation.tallies import Tally, decision_metrics, one_hot_rows

_CELLS_AT_ONCE = 2_000_000
"""Counts held at a time; bounds the memory, not the result."""

MIN_STRATUM = 20
"""Texts that are resampled together, at least. A class of n texts resampled by itself shows (n − 1)/n of its
variance, and one of a single text none."""

_TIE = 1e-12
"""Differences closer than this are equal: the same sum in another order may differ in its last bits."""


class Difference(NamedTuple):
    """How much better a method is than the reference: the mean over seeds, its interval and p-value."""

    estimate: float
    low: float
    high: float
    p_value: float


class _Cells(NamedTuple):
    """Texts with equal labels and equal predictions throughout fall into one of K cells, sorted by class."""

    labels: np.ndarray  # [K]
    predicted: np.ndarray  # [K, 2S]: the seeds of the method, then those of the reference
    sizes: np.ndarray  # [K], texts


def paired_bootstrap(
    predicted: np.ndarray,
    reference: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    metric: str = "macro_f1",
    num_samples: int = 2000,
    confidence: float = 0.95,
    seed: int,
) -> Difference:
    """Paired percentile bootstrap over texts (Efron and Tibshirani 1993, chapters 13 and 16).

    The statistic is the mean over seeds of metric(predicted) − metric(reference). Texts are resampled
    within strata, the same for both methods and all seeds, which so meet the same classes in every
    resample. A stratum is a class; classes of fewer than :data:`MIN_STRATUM` texts share theirs (collapsed
    strata, Cochran 1977, section 5A.12), so that whether a rare class is met, and with which of its texts,
    counts as the chance that it is. Interval and p-value cover the choice of test texts for the models as
    they were trained, not the choice of seeds.

    Args:
        predicted: class ids by the method, one row a seed, shape [S, N], S ≥ 1, N ≥ 1.
        reference: class ids by the reference, paired by seed, shape [S, N].
        labels: class ids, shape [N].
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].
        metric: a name from :func:`~sharprecl.evaluation.tallies.decision_metrics`.
        num_samples: B resamples.
        confidence: share of the resamples between the ends, in (0, 1).
        seed: of the resamples.

    Returns:
        The difference, with the two-sided p = 2·min(#{Δ* ≤ 0} + 1, #{Δ* ≥ 0} + 1) / (B + 1), at most 1;
        all NaN where the metric is undefined on these texts.

    Raises:
        ValueError: if shapes or class ids do not fit together, or the metric is unknown.
    """
    cells = _distinct_cells(predicted, reference, labels, len(groups))
    table = _tally_table(cells, len(groups))
    classes = one_hot_rows(cells.labels, len(groups))
    whole = cells.sizes[None]
    (estimate,) = _mean_differences(whole @ table, whole @ classes, groups, metric)
    if np.isnan(estimate):
        return Difference(*[float("nan")] * 4)
    chunks = _resampled_sizes(cells, num_samples, table.shape[1], seed)
    parts = [_mean_differences(sizes @ table, sizes @ classes, groups, metric) for sizes in chunks]
    resampled = np.concatenate(parts)  # [B]
    # Where a resample misses every class of a group, neither method is better.
    resampled = np.nan_to_num(resampled, nan=0.0)
    low, high = np.quantile(resampled, [(1 - confidence) / 2, (1 + confidence) / 2])
    fewer = min(np.sum(resampled <= _TIE), np.sum(resampled >= -_TIE))
    p_value = min(2 * (fewer + 1) / (num_samples + 1), 1.0)
    return Difference(float(estimate), float(low), float(high), float(p_value))


def approximate_randomization(
    predicted: np.ndarray,
    reference: np.ndarray,
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    metric: str = "macro_f1",
    num_samples: int = 2000,
    seed: int,
) -> float:
    """Approximate randomization test (Noreen 1989; Yeh 2000) of the statistic of :func:`paired_bootstrap`.

    Were the methods alike, it would not matter which of them made which of two predictions: each text's
    predictions, of all seeds together, change sides with probability ½.

    Args:
        predicted: class ids by the method, one row a seed, shape [S, N].
        reference: class ids by the reference, paired by seed, shape [S, N].
        labels: class ids, shape [N].
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].
        metric: a name from :func:`~sharprecl.evaluation.tallies.decision_metrics`.
        num_samples: B draws of who changes sides.
        seed: of the draws.

    Returns:
        The two-sided p = (#{|Δ*| ≥ |Δ|} + 1) / (B + 1); NaN where the metric is undefined on these texts.

    Raises:
        ValueError: if shapes or class ids do not fit together, or the metric is unknown.
    """
    cells = _distinct_cells(predicted, reference, labels, len(groups))
    table = _tally_table(cells, len(groups))
    exchanged = cells._replace(predicted=np.roll(cells.predicted, len(predicted), axis=1))
    change = _tally_table(exchanged, len(groups)) - table
    support = np.bincount(labels, minlength=len(groups))[None]
    tallies = (cells.sizes @ table)[None]
    (observed,) = _mean_differences(tallies, support, groups, metric)
    if np.isnan(observed):
        return float("nan")
    generator = np.random.default_rng(seed)
    extreme = 0
    for size in _chunks(num_samples, sum(table.shape)):
        # Of the n texts of a cell a binomial number changes sides: [B, K].
        swapped = generator.binomial(cells.sizes, 0.5, size=(size, len(cells.sizes)))
        differences = _mean_differences(tallies + swapped @ change, support, groups, metric)
        extreme += np.sum(np.abs(differences) >= abs(observed) - _TIE)
    return float((extreme + 1) / (num_samples + 1))


def _distinct_cells(
    predicted: np.ndarray, reference: np.ndarray, labels: np.ndarray, num_classes: int
) -> _Cells:
    if predicted.shape != reference.shape or predicted.shape[1:] != labels.shape:
        shapes = f"{predicted.shape} and {reference.shape} for {len(labels)} labels"
        raise ValueError(f"predictions of both methods must be of one shape [seeds, texts], not {shapes}")
    rows = np.column_stack((labels, predicted.T, reference.T))  # [N, 1 + 2S]
    if rows.min() < 0 or rows.max() >= num_classes:
        raise ValueError(f"class ids must lie between 0 and {num_classes - 1}")
    cells, sizes = np.unique(rows, axis=0, return_counts=True)
    return _Cells(cells[:, 0], cells[:, 1:], sizes)


def _tally_table(cells: _Cells, num_classes: int) -> csr_array:
    """What one text of each cell adds to the hits and to the predicted texts: shape [K, 2·2S·C]."""
    num_cells, width = cells.predicted.shape
    columns = (cells.predicted + num_classes * np.arange(width)).ravel()
    starts = width * np.arange(num_cells + 1)
    shape = (num_cells, width * num_classes)
    is_hit = (cells.predicted == cells.labels[:, None]).ravel().astype(np.int64)
    hits = csr_array((is_hit, columns, starts), shape=shape)
    given = csr_array((np.ones_like(is_hit), columns, starts), shape=shape)
    return hstack((hits, given), format="csr")


def _mean_differences(
    tallies: np.ndarray, support: np.ndarray, groups: np.ndarray, metric: str
) -> np.ndarray:
    """The statistic of B sets of tallies, [B, 2·2S·C], and class sizes, [B, C] or [1, C] → [B]."""
    by_method = tallies.reshape(len(tallies), 2, 2, -1, len(groups))
    hits, given = np.moveaxis(by_method, 1, 0)  # each [B, 2, S, C]
    texts = np.broadcast_to(support[:, None, None], hits.shape)
    scores = decision_metrics(Tally(hits, texts, given), groups)
    if metric not in scores:
        raise ValueError(f"metric {metric!r} is none of {', '.join(scores)}")
    method, reference = np.moveaxis(scores[metric], 1, 0)  # each [B, S]
    return np.asarray((method - reference).mean(axis=-1))


def _resampled_sizes(cells: _Cells, num_samples: int, width: int, seed: int) -> Iterator[np.ndarray]:
    """Cell sizes of resamples, in chunks [B, K].

    The texts of a stratum, drawn with replacement, fall into its cells by a multinomial law. A stream of
    its own for each stratum keeps the draws independent of where the chunks end.
    """
    strata = _strata(cells)
    streams = np.random.default_rng(seed).spawn(len(strata))
    for size in _chunks(num_samples, len(cells.sizes) + width):
        drawn = np.empty((size, len(cells.sizes)), dtype=np.int64)
        for stream, places in zip(streams, strata, strict=True):
            sizes = cells.sizes[places]
            drawn[:, places] = stream.multinomial(sizes.sum(), sizes / sizes.sum(), size=size)
        yield drawn


def _strata(cells: _Cells) -> list[np.ndarray]:
    """Places of the cells of each stratum: the one of the small classes, if any, then one a class by size.

    The smallest classes share a stratum: all small ones, and as many more as make it large enough.
    """
    sizes = np.bincount(cells.labels, weights=cells.sizes)
    alone = [label for label in np.argsort(sizes, kind="stable") if sizes[label] > 0]
    shared: list[int] = []
    while alone and (sizes[alone[0]] < MIN_STRATUM or 0 < sizes[shared].sum() < MIN_STRATUM):
        shared.append(alone.pop(0))
    strata = [shared, *([label] for label in alone)]
    return [np.flatnonzero(np.isin(cells.labels, labels)) for labels in strata if labels]


def _chunks(num_samples: int, width: int) -> Iterator[int]:
    """Sizes of chunks of at most ``_CELLS_AT_ONCE`` numbers, ``width`` of them a sample."""
    chunk = max(1, _CELLS_AT_ONCE // width)
    for start in range(0, num_samples, chunk):
        yield min(chunk, num_samples - start)
