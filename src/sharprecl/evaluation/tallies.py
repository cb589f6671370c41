"""Per-class tallies of decisions, and every metric that follows from them alone."""

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from sharprecl.functional.imbalance import GROUP_NAMES


class Tally(NamedTuple):
    """What N decisions come to for each class; leading axes are resamples of the same texts.

    Attributes:
        hits: texts of the class that were given to it, shape [..., C].
        support: texts of the class, shape [..., C].
        predicted: texts given to the class, shape [..., C].
    """

    hits: np.ndarray
    support: np.ndarray
    predicted: np.ndarray

    @property
    def precision(self) -> np.ndarray:
        """Hits among the texts given to the class, shape [..., C]; NaN where none was."""
        return _ratio(self.hits, self.predicted)

    @property
    def recall(self) -> np.ndarray:
        """Hits among the texts of the class, shape [..., C]; NaN where it has none."""
        return _ratio(self.hits, self.support)

    @property
    def f1(self) -> np.ndarray:
        """2·hits / (support + predicted), shape [..., C]; NaN where the class has no text."""
        f1 = _ratio(2 * self.hits, self.support + self.predicted)
        return np.where(self.support > 0, f1, np.nan)


def tally_decisions(predicted: np.ndarray, labels: np.ndarray, num_classes: int) -> Tally:
    """Count hits, texts and decisions of each class.

    Args:
        predicted: class ids, shape [N].
        labels: class ids, shape [N].
        num_classes: C.

    Returns:
        Counts, each of shape [C].
    """
    hits = labels[labels == predicted]
    return Tally(*(np.bincount(ids, minlength=num_classes) for ids in (hits, labels, predicted)))


def one_hot_rows(class_ids: np.ndarray, num_classes: int) -> csr_array:
    """1 where a row is of a class, shape [K, C]: rows of counts, times these, are counts by class.

    Args:
        class_ids: shape [K].
        num_classes: C.

    Returns:
        A sparse matrix of integers.
    """
    num_rows = len(class_ids)
    ones = np.ones(num_rows, dtype=np.int64)
    return csr_array((ones, class_ids, np.arange(num_rows + 1)), shape=(num_rows, num_classes))


def decision_metrics(tally: Tally, groups: np.ndarray) -> dict[str, np.ndarray]:
    """Metrics of the decisions.

    Averages run over the classes that have a text in the tally: a class without one has no recall, and
    counting it as 0 or 1 would move the score without telling anything of the model. Texts wrongly given
    to such a class still cost the recall of their own.

    Args:
        tally: of one set of decisions, shape [C], or of resamples, shape [..., C].
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].

    Returns:
        Values of shape [...]: ``accuracy``, ``macro_f1``, ``weighted_f1`` (by support),
        ``balanced_accuracy`` (mean recall), ``g_mean`` (geometric mean of the recalls, 0 if one is 0),
        ``worst_recall``, each in [0, 1]; ``mcc`` in [−1, 1]; and ``head_f1``, ``medium_f1``, ``tail_f1``,
        the mean F1 of a group, NaN where none of its classes has a text.
    """
    present = tally.support > 0
    recall, f1 = tally.recall, tally.f1
    with np.errstate(divide="ignore"):  # log 0 = −inf, and exp(−inf) = 0 is what is meant
        log_recall = np.log(recall)
    return {
        "accuracy": _ratio(tally.hits.sum(axis=-1), tally.support.sum(axis=-1)),
        "macro_f1": _mean(f1, present),
        "weighted_f1": _mean(f1, present, weights=tally.support),
        "balanced_accuracy": _mean(recall, present),
        "mcc": _matthews(tally),
        "g_mean": np.exp(_mean(log_recall, present)),
        "worst_recall": np.min(recall, axis=-1, initial=1.0, where=present),
        **{f"{name}_f1": _mean(f1, present & (groups == name)) for name in GROUP_NAMES},
    }


def _matthews(tally: Tally) -> np.ndarray:
    """R_K of Gorodkin 2004, "Comparing two K-category assignments", equation 8; 0 where undefined."""
    hits, support, predicted = (counts.astype(float) for counts in tally)
    total = support.sum(axis=-1)
    covariance = hits.sum(axis=-1) * total - (support * predicted).sum(axis=-1)
    spread = (total**2 - (support**2).sum(axis=-1)) * (total**2 - (predicted**2).sum(axis=-1))
    return np.where(spread > 0, _ratio(covariance, np.sqrt(spread)), 0.0)


def _mean(values: np.ndarray, chosen: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Mean over the last axis of the chosen values; NaN where none is chosen."""
    weighing = chosen * (1.0 if weights is None else weights)
    total = np.sum(values * weighing, axis=-1, where=chosen)
    return _ratio(total, weighing.sum(axis=-1))


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Quotient in float64; NaN where the denominator is 0."""
    quotient = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=quotient, where=denominator != 0)
    return quotient
