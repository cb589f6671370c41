"""From token states to one state a text."""

from torch import Tensor

from sharprecl.functional.precision import at_least_float32


def pool_tokens(token_states: Tensor, attention_mask: Tensor, pooling: str) -> Tensor:
    """One state a text.

    Args:
        token_states: the encoder's last layer, shape [B, L, H].
        attention_mask: True or 1 on real tokens, shape [B, L].
        pooling: ``first`` takes the first token's state (method.md section 1), ``mean`` averages real tokens.

    Returns:
        h, shape [B, H], in float32 or wider.

    Raises:
        ValueError: if the pooling has another name.
    """
    if pooling == "first":
        return at_least_float32(token_states[:, 0])
    if pooling == "mean":
        states = at_least_float32(token_states)
        keep = attention_mask.unsqueeze(-1).to(states.dtype)  # [B, L, 1]
        return (states * keep).sum(dim=1) / keep.sum(dim=1).clamp(min=1)
    raise ValueError(f"pooling must be 'first' or 'mean', not {pooling!r}")
