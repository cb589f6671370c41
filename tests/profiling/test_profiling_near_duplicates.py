"""Near-duplicate search against a plain double loop over all pairs."""

from collections import Counter
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sharprecl.profiling import shingles, similarity_join
from sharprecl.profiling.near_duplicates import find_near_duplicates
from sharprecl.profiling.shingles import shingle_texts
from sharprecl.profiling.similarity_join import jaccard, join_similar_sets

SPLITS = ("train", "validation", "test")
PAIRS_OF_SPLITS = [(a, b) for i, a in enumerate(SPLITS) for b in SPLITS[i:]]


def make_corpus(rows):
    """Rows of (text, label, split); row ids are unlike the places."""
    corpus = pd.DataFrame(rows, columns=["text", "label", "split"], dtype="str")
    return corpus.assign(row_id=np.arange(len(rows), dtype=np.int64) * 10 + 7)


def plain_shingles(text):
    words = text.lower().split()
    return {tuple(words[i : i + 3]) for i in range(max(len(words) - 2, min(len(words), 1)))}


def plain_pairs(corpus, threshold):
    """Every near-duplicate pair of places and its similarity."""
    sets = [plain_shingles(text) for text in corpus["text"]]
    scored = {
        (i, j): len(sets[i] & sets[j]) / len(sets[i] | sets[j])
        for i, j in combinations(range(len(sets)), 2)
        if sets[i] and sets[j]
    }
    return {pair: score for pair, score in scored.items() if score >= threshold}


def plain_counts(corpus, pairs):
    rows = corpus.to_dict("records")
    counts = {"pairs": {"all": len(pairs)}, "label_conflicts": {"all": 0}}
    for a, b in PAIRS_OF_SPLITS:
        key = f"within_{a}" if a == b else f"{a}_{b}"
        chosen = [(i, j) for i, j in pairs if sorted((rows[i]["split"], rows[j]["split"])) == sorted((a, b))]
        counts["pairs"][key] = len(chosen)
        conflicts = sum(rows[i]["label"] != rows[j]["label"] for i, j in chosen)
        counts["label_conflicts"][key] = conflicts
        counts["label_conflicts"]["all"] += conflicts
    counts["texts_also_in_train"] = {
        split: len(
            {
                x
                for pair in pairs
                for x, y in (pair, pair[::-1])
                if rows[x]["split"] == split and rows[y]["split"] == "train"
            }
        )
        for split in ("validation", "test")
    }
    return counts


@pytest.fixture(params=["whole", "in parts"])
def _parts(request, monkeypatch):
    """As it is, and with bounds so low that the smallest corpus is worked on in many parts."""
    if request.param == "in parts":
        monkeypatch.setattr(shingles, "_CHUNK_CHARACTERS", 20)
        monkeypatch.setattr(shingles, "_BATCH_SHINGLES", 3)
        monkeypatch.setattr(similarity_join, "_BATCH_ELEMENTS", 5)
        monkeypatch.setattr(similarity_join, "_PART_ENTRIES", 2)
        monkeypatch.setattr(similarity_join, "_FREQUENCY_BITS", 1)


TEXT = st.lists(st.sampled_from("abc"), max_size=7).map(" ".join)
ROWS = st.lists(st.tuples(TEXT, st.sampled_from("XY"), st.sampled_from(SPLITS)), max_size=16)


@pytest.mark.usefixtures("_parts")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.sampled_from([0.2, 0.5, 0.8, 1.0]))
@example([], 0.8)
@example([("", "X", "train"), ("", "X", "test")], 0.8)
def test_list_and_counts_equal_the_plain_double_loop(rows, threshold):
    corpus = make_corpus(rows)
    expected = plain_pairs(corpus, threshold)
    table, counts = find_near_duplicates(corpus, threshold=threshold, max_listed_pairs=10_000)
    assert counts == plain_counts(corpus, expected) | {"threshold": threshold, "exhaustive": True}
    place = {row_id: i for i, row_id in enumerate(corpus["row_id"])}
    listed = {
        tuple(sorted((place[row.row_id_a], place[row.row_id_b]))): row.similarity
        for row in table.itertuples()
    }
    assert len(listed) == len(table)
    assert listed == {pair: pytest.approx(expected[pair], abs=1e-12) for pair in listed}
    keys = [(frozenset(plain_shingles(text)), label, split) for text, label, split in rows]
    # Of more than two copies only two are listed.
    assert len(listed) == len(expected) or max(Counter(keys).values()) > 2


def test_listed_rows_are_those_of_the_corpus():
    corpus = make_corpus(
        [
            ("one two three four five", "X", "test"),
            ("nothing like the others at all", "X", "train"),
            ("One, two: THREE four five!", "Y", "train"),
        ]
    )
    table, _ = find_near_duplicates(corpus, threshold=0.8, max_listed_pairs=5)
    assert table.to_dict("records") == [
        {
            "row_id_a": 7,
            "split_a": "test",
            "label_a": "X",
            "text_a": "one two three four five",
            "row_id_b": 27,
            "split_b": "train",
            "label_b": "Y",
            "text_b": "One, two: THREE four five!",
            "similarity": 1.0,
        }
    ]


def test_conflicts_come_first_then_leaks_then_the_most_similar():
    corpus = make_corpus(
        [
            ("t u v w x y", "X", "train"),
            ("t u v w x y z", "X", "train"),
            ("p q r s", "X", "train"),
            ("p q r s", "X", "train"),
            ("k l m n", "X", "train"),
            ("k l m n", "X", "test"),
            ("a b c d e f", "X", "train"),
            ("a b c d e f g", "Y", "train"),
        ]
    )
    table, _ = find_near_duplicates(corpus, threshold=0.8, max_listed_pairs=10)
    assert table["row_id_a"].tolist() == [67, 47, 27, 7]
    cut, counts = find_near_duplicates(corpus, threshold=0.8, max_listed_pairs=1)
    pd.testing.assert_frame_equal(cut, table.head(1))
    assert counts["pairs"]["all"] == 4


def test_copies_of_one_text_neither_cost_nor_fill_the_list():
    rows = [("the very same text again", "X", "train")] * 3000 + [("the very same text again", "Y", "test")]
    table, counts = find_near_duplicates(make_corpus(rows), threshold=0.8, max_listed_pairs=100)
    assert counts["pairs"]["within_train"] == 3000 * 2999 // 2
    assert counts["label_conflicts"]["train_test"] == 3000
    assert table[["split_a", "split_b"]].to_numpy().tolist() == [["train", "train"]] + [["train", "test"]] * 2


def test_a_long_search_shows_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(similarity_join, "_SILENT_SECONDS", 0.0)
    monkeypatch.setattr(similarity_join, "_BATCH_ELEMENTS", 1000)
    monkeypatch.setattr(similarity_join, "_FREE_COMPARISONS", 0)
    sets = shingle_texts(pd.Series([f"all of these begin alike {i} then end alike too" for i in range(100)]))
    join_similar_sets(sets, 0.3, comparisons_per_set=100)
    bar = capsys.readouterr().err
    assert "compare:   0%" in bar
    assert "/10000" in bar


def test_pairs_are_told_as_they_are_compared(monkeypatch):
    monkeypatch.setattr(similarity_join, "_BATCH_ELEMENTS", 10)
    sets = shingle_texts(pd.Series(["one two three four", "one two three five", "six seven eight nine"]))
    told: list[int] = []
    jaccard(sets, np.array([0, 0, 1, 1]), np.array([1, 2, 2, 0]), on_compared=told.append)
    assert sum(told) == 4
    assert len(told) > 1


def test_endless_repetition_is_cut_short_and_said_to_be(monkeypatch):
    monkeypatch.setattr(similarity_join, "_FREE_COMPARISONS", 0)
    texts = pd.Series([f"all of these begin alike {i} then end alike too" for i in range(300)])
    sets = shingle_texts(texts)
    cut = join_similar_sets(sets, 0.3)
    assert cut.exhaustive is False
    assert 0 < len(cut.first) < 31 * 300  # no more than were compared
    full = join_similar_sets(sets, 0.3, comparisons_per_set=10**6)
    assert full.exhaustive is True
    assert len(full.first) == 300 * 299 // 2


WORDS = " ".join(f"w{i}" for i in range(30))


@pytest.mark.parametrize(("free", "exhaustive"), [(10**6, True), (0, False)])
def test_a_template_that_leaks_into_the_test_split_is_found_though_rows_stand_by_split(
    monkeypatch, free, exhaustive
):
    """A search that is cut short looks at all splits alike, not at the rows of one first."""
    monkeypatch.setattr(similarity_join, "_FREE_COMPARISONS", free)
    rows = [
        (f"{WORDS} {split}{i}", "X", split) for split in ("train", "validation", "test") for i in range(60)
    ]
    _, counts = find_near_duplicates(make_corpus(rows), threshold=0.8, max_listed_pairs=10)
    assert counts["exhaustive"] is exhaustive
    found = counts["texts_also_in_train"]
    if exhaustive:
        assert found == {"validation": 60, "test": 60}
    else:
        assert min(found.values()) > 30


def test_long_texts_that_are_alike_are_compared_once(monkeypatch):
    compared = []
    compare = similarity_join.jaccard
    monkeypatch.setattr(
        similarity_join,
        "jaccard",
        lambda sets, a, b, **rest: compared.extend(zip(a, b, strict=True)) or compare(sets, a, b, **rest),
    )
    text = " ".join(f"w{i}" for i in range(500))
    pairs = join_similar_sets(shingle_texts(pd.Series([f"{text} {i}" for i in range(20)])), 0.8)
    assert len(pairs.first) == 190
    assert pairs.exhaustive
    assert len(compared) == len(set(compared)) == 190


def test_short_texts_are_one_shorter_shingle():
    sets = shingle_texts(pd.Series(["a b c d", "a b", "a", "", "?!", "a b c a b c a b c"]))
    assert sets.sizes.tolist() == [2, 1, 1, 0, 0, 3]


def test_sets_stand_one_after_the_other_in_ascending_order():
    sets = shingle_texts(pd.Series(["a b c d e f g", "b a b a b a", "x"]))
    assert sets.starts.tolist() == [0, 5, 7]
    assert len(sets) == 3
    assert all((np.diff(part.astype(object)) > 0).all() for part in np.split(sets.shingles, [5, 7]))


def test_shingles_tell_the_order_and_number_of_words():
    texts = ["a b c", "c b a", "b a c", "a b", "b a", "a", "b", "a a", "a a a", "ab c", "abc"]
    assert len(np.unique(shingle_texts(pd.Series(texts)).shingles)) == len(texts)


def test_symbols_tell_short_texts_apart():
    texts = ["super 😀", "super 😡", "super", "c++", "c", "c#", "super!"]
    shingles = shingle_texts(pd.Series(texts)).shingles
    assert len(np.unique(shingles[:5])) == 5
    assert shingles[5] == shingles[4]  # number sign and exclamation mark are punctuation
    assert shingles[6] == shingles[2]


def test_chosen_sets_are_flattened_in_the_order_asked_for():
    sets = shingle_texts(pd.Series(["a b c d", "", "x y z", "a b c"]))
    owners, elements = sets.select(np.array([3, 1, 0])).flatten()
    assert owners.tolist() == [0, 2, 2]
    assert elements[0] in elements[1:]


def test_jaccard_of_pairs_that_name_a_set_twice():
    sets = shingle_texts(pd.Series(["a b c d", "b c d e", "b c d"]))
    similarity = jaccard(sets, np.array([0, 0, 2, 1]), np.array([1, 0, 0, 2]))
    np.testing.assert_allclose(similarity, [1 / 3, 1, 1 / 2, 1 / 2])


@pytest.mark.parametrize(
    ("text", "same"),
    [("ＡＢＣ def ghi", "abc DEF ghi"), ("naïve été là", "naïve  ÉTÉ, là"), ("x2 y_3 z", "X2 y 3 z")],
)
def test_case_punctuation_and_unicode_forms_do_not_matter(text, same):
    sets = shingle_texts(pd.Series([text, same]))
    assert sets.sizes[0] == sets.sizes[1] > 0
    np.testing.assert_array_equal(*np.split(sets.shingles, 2))


def test_rarest_shingles_stand_in_the_prefix():
    sets = shingle_texts(pd.Series(["a b c d", "a b c e", "a b c", "a b c f g"]))
    (entries,) = similarity_join._prefixes(sets, 1.0)
    assert entries["owner"].tolist() == [0, 1, 2, 3]
    assert entries["element"][2] not in entries["element"][[0, 1, 3]]


def test_entries_of_one_element_are_in_one_part(monkeypatch):
    monkeypatch.setattr(similarity_join, "_PART_ENTRIES", 3)
    monkeypatch.setattr(similarity_join, "_MAX_PARTS", 4)
    sets = shingle_texts(pd.Series([f"a b {word}" for word in "cdefg" * 4]))
    parts = similarity_join._prefixes(sets, 0.8)
    assert len(parts) == 4
    assert sum(map(len, parts)) == 20
    assert sum(len(np.unique(part["element"])) for part in parts) == 5


def test_sets_without_elements_are_in_no_pair():
    sets = shingle_texts(pd.Series(["a b c d", ""] * 3))
    pairs = join_similar_sets(sets, 0.8)
    assert list(zip(pairs.first, pairs.second, strict=True)) == [(0, 2), (0, 4), (2, 4)]
    assert pairs.similarity.tolist() == [1, 1, 1]


def test_repetition_in_one_part_does_not_take_the_comparisons_of_the_others(monkeypatch):
    texts = [f"{word} near {word} {i} near {word}" for word in ("x", "y", "z") for i in range(40)]
    alike = [f"u{i} v w x{i} y z{i}" for i in range(30)] * 2
    sets = shingle_texts(pd.Series(texts + alike))
    monkeypatch.setattr(similarity_join, "_PART_ENTRIES", 10)
    monkeypatch.setattr(similarity_join, "_FREE_COMPARISONS", 0)
    pairs = join_similar_sets(sets, 0.2, comparisons_per_set=8)
    assert pairs.exhaustive is False
    found = set(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))
    assert {(120 + i, 150 + i) for i in range(30)} <= found


def test_arrow_backed_and_chunked_columns_are_read():
    halves = [pd.Series(["a b c", "d e f"], dtype="str"), pd.Series(["a b c"], dtype="str")]
    sets = shingle_texts(pd.concat(halves, ignore_index=True))
    assert sets.shingles[0] == sets.shingles[2] != sets.shingles[1]


def test_released_questions_leak_from_train_to_test(released_data):
    splits = {split: pd.read_json(released_data / "trec" / f"{split}.json") for split in ("train", "test")}
    frames = [frame.assign(split=split) for split, frame in splits.items()]
    corpus = pd.concat(frames, ignore_index=True).assign(row_id=lambda frame: np.arange(len(frame)))
    _, counts = find_near_duplicates(corpus, threshold=0.8, max_listed_pairs=10)
    in_test = corpus["split"] == "test"
    num_copies = corpus.loc[in_test, "text"].isin(corpus.loc[~in_test, "text"]).sum()
    assert counts["texts_also_in_train"]["test"] >= num_copies > 0
    assert counts["pairs"]["train_test"] == 11
    assert counts["label_conflicts"]["train_test"] == 1
