"""The draw of splits against a plain loop over texts and classes."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.corpora.carving import carve_splits
from sharprecl.corpora.raw_table import TEST, TRAIN, VALIDATION


def plain_share(size: int, left: int, fraction: float, reserve: int) -> int:
    return min(max(int(left * fraction + 0.5), 1), left - reserve) if fraction and size >= 3 else 0


def plain_carve(rows: list[tuple[int, int]], fractions: dict[str, float], seed: int) -> list[int]:
    """Rows of (text, label)."""
    pairs = set(rows)
    texts_of_label = Counter(label for _, label in pairs)
    num_texts = max(text for text, _ in rows) + 1
    own = [min((texts_of_label[b], b) for a, b in pairs if a == text)[1] for text in range(num_texts)]
    draw = np.random.default_rng(seed).permutation(num_texts)
    split = dict.fromkeys(range(num_texts), TRAIN)
    for label in set(own):
        texts = sorted((text for text in range(num_texts) if own[text] == label), key=lambda text: draw[text])
        size = len(texts)
        reserve = 2 if "validation" in fractions else 1
        num_test = plain_share(size, size, fractions.get("test", 0), reserve)
        num_validation = plain_share(size, size - num_test, fractions.get("validation", 0), 1)
        split.update(dict.fromkeys(texts[:num_test], TEST))
        split.update(dict.fromkeys(texts[num_test : num_test + num_validation], VALIDATION))
    trained = {label for text, label in rows if split[text] == TRAIN}
    lost = {text for text, label in rows if label not in trained}
    return [TRAIN if text in lost else split[text] for text, _ in rows]


ROWS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), min_size=1, max_size=60)
FRACTIONS = st.sampled_from([0.1, 0.25, 0.5, 0.9])


@settings(max_examples=200, deadline=None)
@given(ROWS, st.dictionaries(st.sampled_from(["test", "validation"]), FRACTIONS), st.integers(0, 9))
def test_equals_the_plain_loop(rows, fractions, seed):
    numbers = {text: place for place, text in enumerate(sorted({text for text, _ in rows}))}
    rows = [(numbers[text], label) for text, label in rows]
    text_ids, labels = np.array(rows).T
    assert carve_splits(text_ids, labels, fractions, seed).tolist() == plain_carve(rows, fractions, seed)
