"""How the share of hard-mixup grows over training."""


def scheduled_hard_ratio(initial_ratio: float, epoch: float, num_epochs: float) -> float:
    """ρ = min(ρ0 + (1 − ρ0)·t/T, 1) (METHOD section 3).

    Args:
        initial_ratio: ρ0 in [0, 1].
        epoch: t, 0-based.
        num_epochs: T > 0.

    Returns:
        ρ in [ρ0, 1].
    """
    return min(initial_ratio + (1.0 - initial_ratio) * epoch / num_epochs, 1.0)
