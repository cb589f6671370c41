import pytest

from sharprecl.profiling import advise

BALANCED = {
    "num_classes": 4,
    "imbalance_ratio": 1.5,
    "smallest_class": {"label": "d", "texts": 80},
    "groups": {"tail": {"classes": 0}},
    "near_duplicates": {"texts_also_in_train": {"test": 0}},
    "token_lengths": {"train": {"truncated_share": 0.049}},
}


def test_a_balanced_corpus_gets_one_line():
    assert advise(BALANCED) == [
        "The classes are nearly balanced: preset=cross-entropy is simpler; compare it first."
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"groups": {"tail": {"classes": 2}}, "smallest_class": {"label": "d", "texts": 3}},
            "2 of 4 classes are in the tail, the smallest with 3 training texts",
        ),
        ({"near_duplicates": {"texts_also_in_train": {"test": 7}}}, "7 test texts have a near duplicate"),
        ({"token_lengths": {"train": {"truncated_share": 0.05}}}, "5% of the training texts are cut"),
        ({"imbalance_ratio": 2.0}, "kedro run --pipeline=compare shows which wins on this corpus"),
    ],
)
def test_what_stands_out_is_said(change, expected):
    assert any(expected in sentence for sentence in advise(BALANCED | change))
    assert not any(expected in sentence for sentence in advise(BALANCED))


def test_the_tail_comes_first():
    skewed = BALANCED | {"groups": {"tail": {"classes": 2}}, "imbalance_ratio": 50.0}
    assert ["tail" in sentence for sentence in advise(skewed)] == [True, False]
