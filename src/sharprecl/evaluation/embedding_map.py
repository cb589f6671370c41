"""A two-dimensional map of embeddings and prototypes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

_PCA_DIMENSIONS = 50
_PERPLEXITY = 30.0
_ITERATIONS = 500


def embedding_map(
    embeddings: np.ndarray,
    labels: np.ndarray,
    row_ids: np.ndarray,
    prototypes: np.ndarray | None,
    label_names: Sequence[str],
    *,
    max_points: int = 2000,
    seed: int,
) -> pd.DataFrame:
    """Lay texts and prototypes out in the plane: PCA to 50 dimensions, then t-SNE.

    Neighbours on the map are neighbours in the space (van der Maaten and Hinton 2008); far distances, axes
    and units mean nothing. Prototypes always stand on the map; texts are sampled by
    :func:`sample_evenly`.

    Args:
        embeddings: f, unit rows, shape [N, D].
        labels: class ids, shape [N].
        row_ids: shape [N].
        prototypes: p, unit rows, shape [C, D], C ≥ 2; None where the method trains none.
        label_names: length C.
        max_points: texts and prototypes at most.
        seed: of the sample and the map.

    Returns:
        Texts, then the prototypes, if any, in label order: ``x``, ``y``, ``label``, ``kind`` (``text`` or
        ``prototype``) and ``row_id`` (missing for prototypes).
    """
    stars = np.empty((0, embeddings.shape[1])) if prototypes is None else prototypes
    num_texts = max(0, max_points - len(stars))
    chosen = sample_evenly(labels, len(label_names), num_texts, seed)
    points = np.concatenate((embeddings[chosen], stars)).astype(np.float64)  # [T + C, D]
    plane = _lay_out(points, seed)
    names = np.array(label_names, dtype=object)
    return pd.DataFrame(
        {
            "x": plane[:, 0],
            "y": plane[:, 1],
            "label": np.concatenate((names[labels[chosen]], names[: len(stars)])),
            "kind": np.repeat(["text", "prototype"], [len(chosen), len(stars)]),
            "row_id": pd.Series(row_ids[chosen], dtype="Int64").reindex(range(len(points))),
        }
    )


def sample_evenly(labels: np.ndarray, num_classes: int, num_samples: int, seed: int) -> np.ndarray:
    """Sample texts with one upper limit for all classes, so that rare classes are kept whole.

    The limit is the largest whose sample fits; where one text a class does not, any texts are taken.

    Args:
        labels: class ids, shape [N].
        num_classes: C.
        num_samples: texts at most.
        seed: of the choice within classes.

    Returns:
        Chosen rows, ascending, at most ``num_samples``.
    """
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    counts = np.bincount(labels, minlength=num_classes)
    rank_in_class = np.arange(len(labels)) - np.repeat(counts.cumsum() - counts, counts)
    # taken[r] texts have rank r or lower: what a limit of r + 1 would keep.
    taken = np.bincount(rank_in_class).cumsum()
    limit = np.searchsorted(taken, num_samples, side="right")
    chosen = by_class[rank_in_class < limit] if limit else shuffled[:num_samples]
    return np.sort(chosen)


def _lay_out(points: np.ndarray, seed: int) -> np.ndarray:
    """Points in the plane, shape [M, 2]."""
    if len(points) < 2:
        return np.zeros((len(points), 2))
    components = min(_PCA_DIMENSIONS, *points.shape)
    with np.errstate(
        invalid="ignore"
    ):  # shares of the variance, unused here, are 0/0 where all points are one
        reduced = PCA(components, svd_solver="full").fit_transform(points)
    if components < 2:
        reduced = np.pad(reduced, ((0, 0), (0, 1)))
    # The first two principal components at the small scale that t-SNE starts from; its own option for
    # this divides by zero where all points are one.
    spread = max(reduced[:, 0].std(), np.finfo(np.float32).tiny)
    start = (reduced[:, :2] / spread * 1e-4).astype(np.float32)
    perplexity = min(_PERPLEXITY, (len(points) - 1) / 3)
    tsne = TSNE(perplexity=perplexity, init=start, max_iter=_ITERATIONS, random_state=seed)
    # One thread: sums run in the same order every time, and it is faster where cores are shared, since a
    # step is so short that threads mostly wait for each other.
    with threadpool_limits(1):
        return np.asarray(tsne.fit_transform(reduced))
