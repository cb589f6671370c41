import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.training.views import perturb_words

# [CLS] un ##believ ##able good story [SEP]
INPUT_IDS = np.array([101, 10, 11, 12, 20, 30, 102])
WORD_IDS = np.array([-1, 0, 0, 0, 1, 2, -1])


def view(word_dropout, word_swap, seed=0, input_ids=INPUT_IDS, word_ids=WORD_IDS):
    rng = np.random.default_rng(seed)
    return perturb_words(input_ids, word_ids, word_dropout=word_dropout, word_swap=word_swap, rng=rng)


def test_no_dropout_and_no_swap_is_the_text_itself():
    assert view(0.0, 0.0).tolist() == INPUT_IDS.tolist()


def test_whole_words_go_and_special_tokens_stay():
    seen = {tuple(view(0.5, 0.0, seed)) for seed in range(200)}
    words = [(10, 11, 12), (20,), (30,)]
    expected = {
        (101, *(token for word, kept in zip(words, mask, strict=False) if kept for token in word), 102)
        for mask in np.ndindex(2, 2, 2)
        if any(mask)
    }
    assert seen == expected


def test_one_word_remains_even_where_all_would_go():
    assert {len(view(0.999, 0.0, seed)) for seed in range(50)} == {3, 5}


def test_swapping_moves_whole_words():
    seen = {tuple(view(0.0, 0.5, seed)) for seed in range(100)}
    assert (101, 20, 10, 11, 12, 30, 102) in seen
    assert all(sorted(row) == sorted(INPUT_IDS) for row in seen)
    assert all(row[0] == 101 and row[-1] == 102 for row in seen)


def test_a_text_without_words_stays():
    assert view(0.5, 0.5, input_ids=np.array([101, 102]), word_ids=np.array([-1, -1])).tolist() == [101, 102]


def test_share_of_dropped_words_is_the_rate():
    ids = np.arange(1000)
    kept = view(0.3, 0.0, input_ids=ids, word_ids=ids)
    assert 0.25 < 1 - len(kept) / 1000 < 0.35


@given(seed=st.integers(0, 2**32 - 1), word_dropout=st.floats(0, 0.9), word_swap=st.floats(0, 0.9))
@settings(max_examples=50, deadline=None)
def test_equal_seeds_give_equal_views(seed, word_dropout, word_swap):
    assert view(word_dropout, word_swap, seed).tolist() == view(word_dropout, word_swap, seed).tolist()
