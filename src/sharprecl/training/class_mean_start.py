"""A classifier that starts where the pretrained encoder sees the classes."""

import numpy as np
import pyarrow as pa
import torch

from sharprecl.functional import class_mean_directions
from sharprecl.modeling import ListColumn, SharpReCL
from sharprecl.modeling.inference import encode_rows

TEXTS_PER_CLASS = 200
"""Texts of a class that its mean is taken over; more would only take longer."""


def start_from_class_means(model: SharpReCL, train_table: pa.Table, pad_token_id: int, seed: int) -> None:
    """Turn the classifier's rows, and with them the prototypes, towards their classes' mean states.

    Random rows would let the encoder follow them for the first epochs, and rare classes are seen too seldom
    to recover. A row keeps the length that it was drawn with; a class without a direction keeps its row.

    Args:
        model: on the device it is trained on; changed in place.
        train_table: token rows of the training split.
        pad_token_id: the filler of short rows.
        seed: of which texts stand for a class with more than :data:`TEXTS_PER_CLASS`.
    """
    all_labels = train_table["label_id"].to_numpy()
    chosen = sample_per_class(all_labels, TEXTS_PER_CLASS, seed)
    rows = ListColumn(train_table["input_ids"])
    was_training = model.training
    states = encode_rows(model, [rows[index] for index in chosen], pad_token_id, progress=False)
    model.train(was_training)
    weight = model.classifier.weight
    labels = torch.from_numpy(all_labels[chosen]).long()
    directions = class_mean_directions(torch.from_numpy(states), labels, len(weight)).to(weight)
    has_direction = directions.any(dim=1, keepdim=True)
    with torch.no_grad():
        turned = directions * weight.norm(dim=1, keepdim=True)
        weight.copy_(torch.where(has_direction, turned, weight))


def sample_per_class(labels: np.ndarray, limit: int, seed: int) -> np.ndarray:
    """Places of at most so many texts of each class, drawn without replacement, in ascending order.

    Args:
        labels: class ids, shape [N].
        limit: texts of a class.
        seed: of the draw.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    by_class = order[np.argsort(labels[order], kind="stable")]
    sorted_labels = labels[by_class]
    first = np.searchsorted(sorted_labels, sorted_labels, side="left")
    return np.sort(by_class[np.arange(len(labels)) - first < limit])
