"""Which texts go to the splits that are carved: the draw itself, on numbers alone."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sharprecl.corpora.raw_table import TEST, TRAIN, VALIDATION

MIN_SHARED_TEXTS = 3
"""Classes with fewer texts stay in train whole; others give at least one to each split that is carved."""

IntArray = NDArray[np.int64]


def carve_splits(
    text_ids: IntArray, labels: IntArray, fractions: Mapping[str, float], seed: int
) -> NDArray[np.int8]:
    """Draw the split of each row.

    Rows of equal text go together, with the text's rarest label. The outcome does not depend on the order of
    the rows.

    Args:
        text_ids: place of the row's text among the different ones in sorted order, each of 0, 1, …, T − 1
            used, shape [P], P > 0.
        labels: place of its label among the labels in sorted order, shape [P].
        fractions: of each class's texts that ``test`` takes, and of what is then left that ``validation``
            takes, rounded, at least one and leaving at least one to train.
        seed: of the draw, ≥ 0.

    Returns:
        Places in :data:`~sharprecl.split_names.SPLITS`, shape [P].
    """
    label_of_text = _rarest_labels(text_ids, labels)  # [T]
    places = _draw_places(label_of_text, seed)
    num_texts = np.bincount(label_of_text, minlength=labels.max() + 1)  # of each class, like the next two
    reserve = 1 + ("validation" in fractions)
    num_test = _share(num_texts, num_texts, fractions.get("test", 0.0), reserve)
    num_validation = _share(num_texts, num_texts - num_test, fractions.get("validation", 0.0), reserve=1)
    split_of_text = np.full(len(label_of_text), TRAIN, dtype=np.int8)
    split_of_text[places < (num_test + num_validation)[label_of_text]] = VALIDATION
    split_of_text[places < num_test[label_of_text]] = TEST
    # Kept label conflicts can carry all texts of a class away: they go back.
    is_trained = np.zeros(len(num_texts), dtype=bool)
    is_trained[labels[split_of_text[text_ids] == TRAIN]] = True
    split_of_text[text_ids[~is_trained[labels]]] = TRAIN
    return split_of_text[text_ids]


def _rarest_labels(text_ids: IntArray, labels: IntArray) -> IntArray:
    """The label of each text; of one that has several the rarest, the first in order among equally rare."""
    num_labels = labels.max() + 1
    pair_texts, pair_labels = np.divmod(np.unique(text_ids * num_labels + labels), num_labels)
    by_rarity = np.argsort(np.bincount(pair_labels, minlength=num_labels), kind="stable")
    rarity = np.argsort(by_rarity)
    firsts = np.flatnonzero(np.diff(pair_texts, prepend=-1))
    return by_rarity[np.minimum.reduceat(rarity[pair_labels], firsts)]


def _draw_places(labels: IntArray, seed: int) -> IntArray:
    """Shuffle the texts of each class: 0, 1, … within it."""
    order = np.lexsort((np.random.default_rng(seed).permutation(len(labels)), labels))
    sizes = np.bincount(labels)
    places = np.empty(len(labels), dtype=np.int64)
    places[order] = np.arange(len(labels)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return places


def _share(num_texts: IntArray, num_left: IntArray, fraction: float, reserve: int) -> IntArray:
    """Texts that each class gives: the rounded fraction of what is left, within bounds."""
    if fraction == 0.0:
        return num_texts * 0
    wanted = np.maximum((num_left * fraction + 0.5).astype(np.int64), 1)
    return np.where(num_texts >= MIN_SHARED_TEXTS, np.minimum(wanted, num_left - reserve), 0)
