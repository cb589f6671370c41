"""From logits to probabilities."""

import numpy as np
from scipy.special import softmax


def apply_temperature(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities softmax(z / T).

    Args:
        logits: z, shape [N, C].
        temperature: T > 0; 1 leaves the logits as they are.

    Returns:
        float64, shape [N, C], rows that sum to 1.
    """
    return np.asarray(softmax(logits.astype(np.float64) / temperature, axis=1))
