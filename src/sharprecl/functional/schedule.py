"""How the share of hard-mixup moves over training."""


def scheduled_hard_ratio(
    initial_ratio: float, epoch: float, num_epochs: float, final_ratio: float = 1.0
) -> float:
    """ρ = ρ0 + (ρ_T − ρ0)·t/T, kept between the two (method.md section 3; the paper's ρ_T is 1).

    Args:
        initial_ratio: ρ0 in [0, 1].
        epoch: t, 0-based.
        num_epochs: T > 0.
        final_ratio: ρ_T in [0, 1], reached at t = T; ρ0 for a share that stays, less for one that falls.

    Returns:
        ρ between ρ0 and ρ_T.
    """
    lowest, highest = sorted((initial_ratio, final_ratio))
    ratio = initial_ratio + (final_ratio - initial_ratio) * epoch / num_epochs
    return min(max(ratio, lowest), highest)
