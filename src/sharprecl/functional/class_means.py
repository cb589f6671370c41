"""Where each class lies before anything is trained."""

import torch
from torch import Tensor
from torch.nn.functional import normalize


def class_mean_directions(states: Tensor, labels: Tensor, num_classes: int) -> Tensor:
    """u_c = n(m_c − m̄): the direction in which a class's texts lie from the middle of all classes.

    m_c is the mean of the class's unit states n(h), m̄ the mean of the m_c over the classes that have texts,
    so that rare classes pull the middle as much as frequent ones. Without m̄ the directions of a pretrained
    encoder are nearly alike: its states share a large common part.

    Args:
        states: h of the training texts, shape [N, H], floating point.
        labels: class of each, shape [N], integers in 0..C−1.
        num_classes: C.

    Returns:
        Unit rows, shape [C, H]; a row of zeros for a class without texts or whose texts lie in the middle.
    """
    sums = states.new_zeros(num_classes, states.shape[1])
    sums = sums.index_add(0, labels, normalize(states, dim=1))  # [C, H]
    counts = torch.bincount(labels, minlength=num_classes)
    present = counts > 0
    means = sums / counts.clamp(min=1).unsqueeze(1)
    offsets = torch.where(present.unsqueeze(1), means - means[present].mean(dim=0), 0)  # [C, H]
    # Means of equal texts differ from their middle by rounding alone: that is no direction.
    noise = 8 * torch.finfo(states.dtype).eps
    has_direction = offsets.norm(dim=1, keepdim=True) > noise
    return torch.where(has_direction, normalize(offsets, dim=1), 0)
