import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.evaluation.embedding_map import embedding_map, sample_evenly

NAMES = ["a", "b", "c"]


def _clusters(num_texts: int, width: int = 8) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    prototypes = np.eye(width)[:3]
    labels = np.arange(num_texts) % 3
    return prototypes[labels] + 0.05 * rng.normal(size=(num_texts, width)), labels, prototypes


def test_each_text_lies_nearest_to_its_prototype():
    embeddings, labels, prototypes = _clusters(90)
    points = embedding_map(embeddings, labels, np.arange(90) + 500, prototypes, NAMES, seed=0)
    texts, stars = points[points["kind"] == "text"], points[points["kind"] == "prototype"]
    gaps = np.linalg.norm(texts[["x", "y"]].to_numpy()[:, None] - stars[["x", "y"]].to_numpy(), axis=2)
    assert np.array(NAMES)[gaps.argmin(axis=1)].tolist() == texts["label"].tolist()
    assert texts["label"].tolist() == [NAMES[label] for label in labels]
    assert texts["row_id"].tolist() == list(range(500, 590))
    assert stars["label"].tolist() == NAMES
    assert stars["row_id"].isna().all()


def test_equal_seeds_give_equal_maps_within_the_limit():
    embeddings, labels, prototypes = _clusters(90)
    first, again, other = (
        embedding_map(embeddings, labels, np.arange(90), prototypes, NAMES, max_points=33, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first.equals(again)
    assert not first.equals(other)
    assert len(first) == 33


@pytest.mark.parametrize(("num_texts", "width"), [(1, 8), (0, 8), (9, 3)])
def test_few_points(num_texts, width):
    embeddings, labels, prototypes = _clusters(num_texts, width)
    points = embedding_map(embeddings, labels, np.arange(num_texts), prototypes, NAMES, seed=0)
    assert len(points) == num_texts + 3
    assert np.isfinite(points[["x", "y"]].to_numpy()).all()


@pytest.mark.parametrize("width", [1, 4])
def test_collapsed_embeddings_still_have_places(width):
    points = embedding_map(
        np.ones((6, width)), np.arange(6) % 3, np.arange(6), np.ones((3, width)), NAMES, seed=0
    )
    assert np.isfinite(points[["x", "y"]].to_numpy()).all()


def test_rare_classes_are_kept_whole():
    labels = np.repeat([0, 1, 2], [1000, 30, 4])
    chosen = sample_evenly(labels, 3, 100, seed=0)
    assert np.bincount(labels[chosen]).tolist() == [66, 30, 4]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(0, 100), st.integers(0, 1000))
def test_sample_has_one_limit_and_it_is_the_largest(counts, num_samples, seed):
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    chosen = sample_evenly(labels, len(counts), num_samples, seed)
    taken = np.bincount(labels[chosen], minlength=len(counts))
    if np.minimum(counts, 1).sum() > num_samples:  # one text a class does not fit
        assert len(np.unique(chosen)) == len(chosen) == num_samples
        return
    limit = taken.max()
    assert len(np.unique(chosen)) == len(chosen) <= num_samples
    assert taken.tolist() == np.minimum(counts, limit).tolist()
    assert len(chosen) == sum(counts) or np.minimum(counts, limit + 1).sum() > num_samples


@pytest.mark.parametrize(("num_texts", "shown"), [(0, 0), (1, 1), (2, 2), (90, 48)])
def test_a_model_without_prototypes_has_a_map_of_its_texts(num_texts, shown):
    embeddings, labels, _ = _clusters(num_texts)
    points = embedding_map(embeddings, labels, np.arange(num_texts), None, NAMES, max_points=50, seed=0)
    assert len(points) == shown  # sixteen of each class, where there are so many
    assert (points["kind"] == "text").all()
    assert np.isfinite(points[["x", "y"]].to_numpy(dtype=float)).all()
