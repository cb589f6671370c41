"""Heads on top of the encoder: projection into the contrastive space, scale of the logits."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, normalize

INITIAL_LEARNED_SCALE = 16.0


class ProjectionHead(nn.Sequential):
    """Two-layer head g: Linear H→H, norm, ReLU, Linear H→D (method.md section 1).

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


class CosineClassifier(nn.Linear):
    """Normalised classifier: z_c = cos(W_c, h), no bias (Cao et al. 2019, section 3.2).

    Args:
        hidden_size: H.
        num_classes: C.
    """

    def __init__(self, hidden_size: int, num_classes: int) -> None:
        super().__init__(hidden_size, num_classes, bias=False)

    def forward(self, states: Tensor) -> Tensor:
        """Cosines of states, shape [N, H], and weight rows: shape [N, C], in [−1, 1]."""
        return linear(normalize(states, dim=-1), normalize(self.weight, dim=-1))


def build_classifier(kind: str, hidden_size: int, num_classes: int) -> nn.Linear:
    """The ``linear`` or the ``cosine`` classifier; its weight rows are what prototypes are made of."""
    kinds: dict[str, Callable[[int, int], nn.Linear]] = {"linear": nn.Linear, "cosine": CosineClassifier}
    if kind not in kinds:
        raise ValueError(f"classifier must be 'linear' or 'cosine', not {kind!r}")
    return kinds[kind](hidden_size, num_classes)


class LogitScale(nn.Module):
    """How classifier outputs z become logits: z, n(z), or s·n(z) with s fixed or learned.

    Args:
        mode: ``raw``, ``unit``, ``learned``, or a positive number for a fixed s.
        normalizes: False where the outputs are cosines, which are scaled as they are.
    """

    def __init__(self, mode: str | float, *, normalizes: bool = True) -> None:
        super().__init__()
        self.mode = mode
        self.normalizes = normalizes
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
        unit = normalize(outputs, dim=-1) if self.normalizes else outputs
        if self.mode == "unit":
            return unit
        scale = self.log_scale.exp() if self.mode == "learned" else float(self.mode)
        return scale * unit
