"""Dropout that spends sixteen random bits an element."""

import torch
from torch import Tensor, nn

STEPS = 2**16
"""Probabilities are met to one part in this many."""


def draw_keep_factors(count: int, probability: float, dtype: torch.dtype) -> Tensor | None:
    """Factors of inverted dropout on a CPU (Srivastava et al. 2014).

    torch's own kernel draws one number an element and takes a fifth of a training step of MiniLM; here one
    64-bit draw of the same global generator decides over four elements.

    Args:
        count: how many.
        probability: that a factor is 0, in [0, 1); met to 2⁻¹⁶, and at most 1 − 2⁻¹⁶.
        dtype: of the factors.

    Returns:
        0, or one over the share that stays, so that the expectation is 1; shape [count]. None where nothing
        is dropped.
    """
    dropped_steps = min(round(probability * STEPS), STEPS - 1)
    if dropped_steps == 0:
        return None
    words = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    keep_mask = words.view(torch.int16)[:count] >= dropped_steps - STEPS // 2
    return keep_mask.to(dtype).mul_(STEPS / (STEPS - dropped_steps))


def drop_by_bits(values: Tensor, probability: float) -> Tensor:
    """Inverted dropout: values times the factors of :func:`draw_keep_factors`, any shape in and out."""
    factors = draw_keep_factors(values.numel(), probability, values.dtype)
    return values if factors is None else values * factors.view(values.shape)


class BitDropout(nn.Dropout):
    """:func:`drop_by_bits` as a module, a stand-in for :class:`torch.nn.Dropout` on the CPU."""

    def forward(self, values: Tensor) -> Tensor:
        """Drop in training mode."""
        return drop_by_bits(values, self.p) if self.training else values


def replace_dropout(module: nn.Module) -> None:
    """Put a :class:`BitDropout` of the same probability in place of every :class:`torch.nn.Dropout`."""
    for child in list(module.modules()):
        for name, dropout in list(child.named_children()):
            if type(dropout) is nn.Dropout:
                setattr(child, name, BitDropout(dropout.p).train(dropout.training))
