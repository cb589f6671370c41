"""Precision in which losses are computed."""

import torch
from torch import Tensor


def at_least_float32(numbers: Tensor) -> Tensor:
    """Half precision raised to float32; wider numbers as they are."""
    return numbers.to(torch.promote_types(numbers.dtype, torch.float32))
