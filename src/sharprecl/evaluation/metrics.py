"""Headline metrics of one set of scores."""

import numpy as np

from sharprecl.evaluation.calibration import expected_calibration_error, reliability_table
from sharprecl.evaluation.tallies import decision_metrics, tally_decisions


def headline_metrics(
    probabilities: np.ndarray, labels: np.ndarray, groups: np.ndarray, *, bins: int = 15
) -> dict[str, float]:
    """All headline metrics: those of the decisions and those of the probabilities.

    Args:
        probabilities: shape [N, C], N ≥ 1, rows that sum to 1.
        labels: class ids, shape [N].
        groups: ``head``, ``medium`` or ``tail`` for each class, shape [C].
        bins: of the expected calibration error.

    Returns:
        The metrics of :func:`~sharprecl.evaluation.tallies.decision_metrics`, less the F1 of a group
        whose classes have no text here, and those of :func:`probability_metrics`.
    """
    tally = tally_decisions(probabilities.argmax(axis=1), labels, probabilities.shape[1])
    decisions = decision_metrics(tally, groups)
    defined = {name: float(value) for name, value in decisions.items() if not np.isnan(value)}
    return defined | probability_metrics(probabilities, labels, bins=bins)


def probability_metrics(probabilities: np.ndarray, labels: np.ndarray, *, bins: int = 15) -> dict[str, float]:
    """How good the probabilities themselves are; lower is better.

    Args:
        probabilities: shape [N, C], N ≥ 1, rows that sum to 1.
        labels: class ids, shape [N].
        bins: of the expected calibration error.

    Returns:
        ``nll``, mean negative log-likelihood in nats; ``brier``, mean over texts of
        Σ_c (p_c − [c = y])², in [0, 2] (Brier 1950); ``ece`` in [0, 1].
    """
    of_label = probabilities[np.arange(len(labels)), labels]
    # Σ_c (p_c − [c = y])² = Σ_c p_c² − 2 p_y + 1 needs no one-hot copy.
    brier = np.square(probabilities).sum(axis=1) - 2 * of_label + 1
    # A probability that underflowed to 0 counts as the smallest double: 708 nats, not infinity.
    nll = -np.log(np.maximum(of_label, np.finfo(np.float64).tiny))
    return {
        "nll": float(nll.mean()),
        "brier": float(brier.mean()),
        "ece": expected_calibration_error(reliability_table(probabilities, labels, bins)),
    }
