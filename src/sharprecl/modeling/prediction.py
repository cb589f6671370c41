"""Predictions for texts as columns."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from sharprecl.modeling.predictor import Predictor
from sharprecl.modeling.temperature import apply_temperature

TOP = 3
PREDICTION_COLUMNS = (
    "predicted",
    "probability",
    *(f"{what}_{rank}" for rank in range(2, TOP + 1) for what in ("predicted", "probability")),
    "prototype_similarity",
    "abstain",
)


def predict_columns(
    predictor: Predictor, texts: Sequence[str], threshold: float, *, tokens_per_pass: int | None = None
) -> dict[str, pa.Array]:
    """What the model says of each text.

    Args:
        predictor: of a trained, calibrated model.
        texts: N texts, normalised as the training texts were.
        threshold: predictions with less probability are marked ``abstain``, and so are texts without any
            character.
        tokens_per_pass: as for :func:`~sharprecl.modeling.inference.score_rows`.

    Returns:
        :data:`PREDICTION_COLUMNS`: the most probable label and its calibrated probability, the next two
        (missing where there are fewer classes), the cosine similarity of the text's embedding to the
        predicted class's prototype (missing where the method trains none), and whether to abstain.
    """
    trained = predictor.trained
    scores = predictor.score(trained.token_rows(list(texts)), tokens_per_pass, progress=False)
    probabilities = apply_temperature(scores.logits, trained.calibration_temperature)
    ranked = np.argsort(-scores.logits, axis=1, kind="stable")[:, :TOP]  # [N, min(3, C)]
    labels = np.array(trained.label_names, dtype=object)
    columns: dict[str, pa.Array] = {}
    for rank in range(TOP):
        suffix = "" if rank == 0 else f"_{rank + 1}"
        known = rank < ranked.shape[1]
        best = ranked[:, rank] if known else None
        columns[f"predicted{suffix}"] = pa.array(
            [None] * len(texts) if best is None else labels[best], pa.string()
        )
        columns[f"probability{suffix}"] = pa.array(
            [None] * len(texts) if best is None else probabilities[np.arange(len(texts)), best], pa.float32()
        )
    similarity = None
    if trained.has_trained_prototypes:
        similarity = (scores.embeddings * trained.prototypes()[ranked[:, 0]]).sum(axis=1)  # [N]
    columns["prototype_similarity"] = pa.array(
        [None] * len(texts) if similarity is None else similarity, pa.float32()
    )
    empty = np.array([not text for text in texts], dtype=bool)
    columns["abstain"] = pa.array(empty | ~(probabilities.max(axis=1, initial=0.0) >= threshold))
    return {name: columns[name] for name in PREDICTION_COLUMNS}
