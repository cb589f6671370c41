"""Heads on top of the encoder: projection into the contrastive space, scale of the logits."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

INITIAL_LEARNED_SCALE = 16.0


class ProjectionHead(nn.Sequential):
    """Two-layer head g: Linear H→H, norm, ReLU, Linear H→D (METHOD section 1).

    Args:
        hidden_size: H.
        embedding_dim: D.
        norm: ``layer`` treats each row by itself; ``batch`` mixes rows, as published.
    """

    def __init__(self, hidden_size: int, embedding_dim: int, norm: str) -> None:
        norms = {"layer": nn.LayerNorm, "batch": nn.BatchNorm1d}
        if norm not in norms:
            raise ValueError(f"head_norm must be 'layer' or 'batch', not {norm!r}")
        super().__init__(
            nn.Linear(hidden_size, hidden_size),
            norms[norm](hidden_size),
            nn.ReLU(),
            nn.Linear(hidden_size, embedding_dim),
        )

    def forward(self, states: Tensor) -> Tensor:
        """Project and normalise.

        Args:
            states: shape [N, H].

        Returns:
            Unit rows, shape [N, D].
        """
        return normalize(super().forward(states), dim=-1)


class LogitScale(nn.Module):
    """How classifier outputs z become logits: z, n(z), or s·n(z) with s fixed or learned.

    Args:
        mode: ``raw``, ``unit``, ``learned``, or a positive number for a fixed s.
    """

    def __init__(self, mode: str | float) -> None:
        super().__init__()
        self.mode = mode
        if mode == "learned":
            # log s is learned, so that s stays positive.
            self.log_scale = nn.Parameter(torch.tensor(math.log(INITIAL_LEARNED_SCALE)))
        elif not (mode in {"raw", "unit"} or (isinstance(mode, int | float) and mode > 0)):
            raise ValueError(
                f"logit_scale must be 'raw', 'unit', 'learned' or a positive number, not {mode!r}"
            )

    def forward(self, outputs: Tensor) -> Tensor:
        """Scale the classifier's outputs, shape [N, C] in and out."""
        if self.mode == "raw":
            return outputs
        unit = normalize(outputs, dim=-1)
        if self.mode == "unit":
            return unit
        scale = self.log_scale.exp() if self.mode == "learned" else float(self.mode)
        return scale * unit
