"""From which confidence on predictions are precise enough."""

import math
from collections.abc import Sequence

import numpy as np

MAX_POINTS = 200


def abstention_curve(probabilities: np.ndarray, labels: np.ndarray) -> list[list[float]]:
    """Precision of the predictions kept at each confidence threshold, on held-out texts.

    The risk-coverage curve of selective classification (El-Yaniv and Wiener 2010), with precision in place
    of risk: a prediction is kept if its probability is at least the threshold.

    Args:
        probabilities: calibrated, shape [N, C].
        labels: shape [N].

    Returns:
        At most 200 points ``[threshold, precision, coverage]``, thresholds ascending from 0.
    """
    if len(labels) == 0:
        return []
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    descending = confidence[order]
    correct = (probabilities.argmax(axis=1) == labels)[order]
    # A threshold keeps all texts of equal confidence: only the last of them is a point.
    last = np.flatnonzero(np.append(descending[1:] < descending[:-1], True))
    chosen = last[np.unique(np.linspace(0, len(last) - 1, min(MAX_POINTS, len(last))).round().astype(int))]
    precision = np.cumsum(correct)[chosen] / (chosen + 1)
    coverage = (chosen + 1) / len(labels)
    points = np.column_stack((descending[chosen], precision, coverage))[::-1]
    points[0, 0] = 0.0  # the point that keeps everything
    return [[float(value) for value in point] for point in points]


def threshold_for_precision(curve: Sequence[Sequence[float]], wanted_precision: float) -> float:
    """The lowest threshold from which on the held-out predictions were precise enough.

    Args:
        curve: from :func:`abstention_curve`.
        wanted_precision: share of kept predictions that should be right, in [0, 1].

    Returns:
        A confidence in [0, 1]; infinity where no threshold reaches the precision, so that all is abstained.
    """
    return next((point[0] for point in curve if point[1] >= wanted_precision), math.inf)
