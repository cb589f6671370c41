"""The predictions as a table."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sharprecl.modeling.temperature import apply_temperature


def class_probabilities(
    logits: np.ndarray, label_names: Sequence[str], temperature: float = 1.0
) -> pd.DataFrame:
    """Predicted label and calibrated probabilities of N texts.

    Args:
        logits: z, shape [N, C].
        label_names: length C, unique.
        temperature: T > 0 by which the logits are divided.

    Returns:
        Columns ``predicted`` (label with the largest logit), ``probability`` (its probability, float32)
        and ``p[LABEL]`` for each class (float32, in label order). The brackets keep a label called
        ``text`` or ``probability`` apart from the column of that name.
    """
    probabilities = apply_temperature(logits, temperature)
    names = np.array(label_names, dtype=object)
    columns = pd.Index([f"p[{name}]" for name in label_names])
    per_class = pd.DataFrame(probabilities.astype(np.float32), columns=columns)
    per_class.insert(0, "predicted", pd.Series(names[logits.argmax(axis=1)], dtype="str"))
    per_class.insert(1, "probability", probabilities.max(axis=1).astype(np.float32))
    return per_class


def predictions_table(
    rows: pd.DataFrame, logits: np.ndarray, label_names: Sequence[str], temperature: float = 1.0
) -> pd.DataFrame:
    """Labelled texts with what was predicted for them.

    Args:
        rows: N labelled texts with columns ``row_id``, ``text``, ``label``, in the order of the logits.
        logits: z, shape [N, C].
        label_names: length C, unique.
        temperature: T > 0 by which the logits are divided.

    Returns:
        Columns ``row_id``, ``text``, ``label``, ``predicted``, ``correct`` and those of
        :func:`class_probabilities`, in the order given.

    Raises:
        ValueError: if rows and logits differ in number.
    """
    if len(rows) != len(logits):
        raise ValueError(f"{len(rows)} rows, but {len(logits)} rows of logits")
    texts = rows[["row_id", "text", "label"]].reset_index(drop=True)
    scores = class_probabilities(logits, label_names, temperature)
    table = pd.concat([texts, scores], axis=1)
    table.insert(4, "correct", table["label"] == table["predicted"])
    return table
