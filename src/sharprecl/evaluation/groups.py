"""Head, medium and tail classes by name."""

from collections.abc import Sequence

import numpy as np
import torch

from sharprecl.functional.imbalance import GROUP_NAMES, class_groups


def name_groups(class_counts: Sequence[int] | np.ndarray, head_above: int, tail_below: int) -> np.ndarray:
    """Group of each class by its training texts.

    Args:
        class_counts: texts per class in the training split, length C.
        head_above: a class with more texts is head.
        tail_below: a class with fewer texts is tail.

    Returns:
        ``head``, ``medium`` or ``tail``, strings, shape [C].
    """
    groups = class_groups(torch.as_tensor(class_counts), head_above, tail_below)
    return np.take(GROUP_NAMES, groups.numpy())
