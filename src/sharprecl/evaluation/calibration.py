"""Whether probabilities can be taken at their word, and temperature scaling, which mends them."""

import logging

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from sharprecl.errors import CorpusError

logger = logging.getLogger(__name__)

_TEMPERATURE_RANGE = (0.01, 100.0)


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Temperature T that minimises the negative log-likelihood of softmax(z / T) on held-out texts.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2. Where a text is classified
    wrongly the likelihood has a single optimum in log T, which a bounded Brent search finds. Where none is,
    it grows as T falls, and the texts cannot tell how sure to be.

    Args:
        logits: z, finite, shape [N, C].
        labels: class ids, shape [N], of texts that were not trained on.

    Returns:
        T in [0.01, 100]; 1 where no other T is better (all logits equal, say), or no text is classified
        wrongly.

    Raises:
        CorpusError: if there is no text.
    """
    if len(labels) == 0:
        raise CorpusError(
            "validation: the split has no text to calibrate on; raise corpus.validation_fraction"
        )
    if (logits.argmax(axis=1) == labels).all():
        logger.warning("No validation text is classified wrongly: probabilities are left uncalibrated")
        return 1.0
    logits = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=1)
        return float(-log_probabilities[np.arange(len(labels)), labels].mean())

    found = minimize_scalar(loss, bounds=np.log(_TEMPERATURE_RANGE), method="bounded")
    return float(np.exp(found.x)) if found.fun < loss(0.0) else 1.0


def reliability_table(probabilities: np.ndarray, labels: np.ndarray, bins: int) -> pd.DataFrame:
    """Accuracy against confidence, the largest probability, in bins of equal width.

    Args:
        probabilities: shape [N, C].
        labels: class ids, shape [N].
        bins: number of bins; bin b holds confidences in (b/bins, (b+1)/bins].

    Returns:
        One row a bin, empty ones too: ``bin_low``, ``bin_high``, ``confidence`` and ``accuracy`` (means
        over the bin's texts; NaN without texts) and ``count``.
    """
    confidence = probabilities.max(axis=1)
    correct = probabilities.argmax(axis=1) == labels
    bin_index = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    edges = np.linspace(0.0, 1.0, bins + 1)
    means = (
        pd.DataFrame({"confidence": confidence, "accuracy": correct.astype(float)}).groupby(bin_index).mean()
    )
    table = pd.DataFrame({"bin_low": edges[:-1], "bin_high": edges[1:]}).join(means)
    return table.assign(count=np.bincount(bin_index, minlength=bins))


def expected_calibration_error(table: pd.DataFrame) -> float:
    """ECE = Σ_b (n_b / N) |accuracy_b − confidence_b| (Naeini et al. 2015; Guo et al. 2017, equation 3).

    Args:
        table: from :func:`reliability_table`, with at least one text.

    Returns:
        In [0, 1]; 0 for perfect calibration.
    """
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float((gaps * table["count"]).sum() / table["count"].sum())
