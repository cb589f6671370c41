"""One spelling for texts that look alike."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.corpora.normalization import normalize_table
from sharprecl.text_normalization import normalize_strings


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  a \t b\r\n", "a b"),
        ("cafe\u0301", "café"),
        ("a\x00b\x1b[0m", "a b [0m"),
        ("a\u00a0\u2003\u2028b", "a b"),
        ("\ufeff\u200b", ""),
        ("a\u200db", "a\u200db"),  # a joiner is part of words and emoji
        ("ﬁ ①", "ﬁ ①"),  # compatibility characters stay
    ],
)
def test_examples(raw, clean):
    assert normalize_strings(pd.Series([raw])).tolist() == [clean]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_idempotent_storable_and_without_blank_runs(texts):
    once = normalize_strings(pd.Series(texts, dtype="str", index=range(5, 5 + len(texts))))
    assert once.index.tolist() == list(range(5, 5 + len(texts)))
    assert normalize_strings(once).tolist() == once.tolist()
    for text in once:
        assert text == " ".join(text.split())
        assert "\x00" not in text


def test_labels_are_normalised_and_missing_augmentation_is_the_text():
    table = pd.DataFrame({"text": [" a ", "b"], "label": ["x ", "x"], "aug_text": ["\t", " c"]})
    clean = normalize_table(table)
    assert clean.to_dict("list") == {"text": ["a", "b"], "label": ["x", "x"], "aug_text": ["a", "c"]}
    assert table["text"].tolist() == [" a ", "b"]
