"""Refusals that several losses share; none of them reads a value on the device."""

from torch import Tensor


def check_logits(logits: Tensor, labels: Tensor) -> None:
    """Refuse shapes that are not logits [B, C] and labels [B].

    Raises:
        ValueError: naming both shapes.
    """
    if logits.dim() != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            f"expected logits [B, C] and labels [B], not {list(logits.shape)} and {list(labels.shape)}"
        )


def check_pool(pool: Tensor, labels: Tensor) -> None:
    """Refuse shapes that are not a pool [M, D] and labels [M].

    Raises:
        ValueError: naming both shapes.
    """
    if pool.dim() != 2 or labels.shape != pool.shape[:1]:
        raise ValueError(
            f"expected pool [M, D] and labels [M], not {list(pool.shape)} and {list(labels.shape)}"
        )


def check_class_vector(name: str, vector: Tensor | None, num_classes: int) -> None:
    """Refuse an argument that is not one number a class; None passes.

    Raises:
        ValueError: naming the argument and both shapes.
    """
    if vector is not None and vector.shape != (num_classes,):
        raise ValueError(f"{name} must have shape [{num_classes}], not {list(vector.shape)}")


def check_temperature(temperature: float) -> None:
    """Refuse a temperature that is not positive.

    Raises:
        ValueError: naming the temperature.
    """
    if not temperature > 0.0:
        raise ValueError(f"temperature must be positive, not {temperature}")
