"""Dropout that spends sixteen random bits an element."""

import torch
from torch import Tensor, nn

STEPS = 2**16
"""Probabilities are met to one part in this many."""


def drop_by_bits(values: Tensor, probability: float) -> Tensor:
    """Inverted dropout on a CPU (Srivastava et al. 2014).

    torch's own kernel draws one number an element and takes a fifth of a training step of MiniLM; here one
    64-bit draw of the same global generator decides over four elements.

    Args:
        values: any shape.
        probability: that an element becomes 0, in [0, 1); met to 2⁻¹⁶.

    Returns:
        The values that stay, divided by the share that stays, so that the expectation is the input.
    """
    dropped_steps = round(probability * STEPS)
    if dropped_steps == 0:
        return values
    count = values.numel()
    words = torch.empty((count + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
    bits = words.view(torch.int16)[:count].view(values.shape)
    keep_mask = bits >= dropped_steps - STEPS // 2
    return values * keep_mask.to(values.dtype).mul_(STEPS / (STEPS - dropped_steps))


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
