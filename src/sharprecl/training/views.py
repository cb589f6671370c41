"""The second view of a text."""

import numpy as np
from numpy.random import Generator


def perturb_words(
    input_ids: np.ndarray, word_ids: np.ndarray, *, word_dropout: float, word_swap: float, rng: Generator
) -> np.ndarray:
    """Drop words, then swap neighbours; needs no download (after Wei and Zou 2019, "EDA").

    Whole words are moved, never parts of them; special tokens stay where they are, and at least one
    word remains.

    Args:
        input_ids: tokens of one text, shape [L].
        word_ids: word of each token, −1 on special tokens, shape [L].
        word_dropout: probability that a word goes, in [0, 1).
        word_swap: probability that a word changes places with the next one, in [0, 1).
        rng: source of randomness.

    Returns:
        Tokens of the view, shape [l] with l ≤ L.
    """
    inside = np.flatnonzero(word_ids >= 0)
    if inside.size == 0:
        return input_ids
    first, last = inside[0], inside[-1] + 1
    breaks = np.flatnonzero(np.diff(word_ids[first:last])) + 1
    words = np.split(input_ids[first:last], breaks)
    kept_mask = rng.random(len(words)) >= word_dropout
    if not kept_mask.any():
        kept_mask[rng.integers(len(words))] = True
    order = _swap_neighbours(np.flatnonzero(kept_mask), word_swap, rng)
    return np.concatenate([input_ids[:first], *(words[index] for index in order), input_ids[last:]])


def _swap_neighbours(order: np.ndarray, word_swap: float, rng: Generator) -> np.ndarray:
    swap_mask = rng.random(max(len(order) - 1, 0)) < word_swap
    for place in np.flatnonzero(swap_mask):
        order[place], order[place + 1] = order[place + 1], order[place]
    return order
