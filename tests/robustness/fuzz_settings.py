"""How many examples a property gets."""

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("SHARPRECL_FUZZ", "1"))
"""Set it to 50 for an hour-long hunt with new examples; the default draws the same ones every time."""


def examples(number: int) -> settings:
    """Settings of a property.

    Args:
        number: of examples in a usual run.
    """
    return settings(
        max_examples=number * FACTOR,
        derandomize=FACTOR == 1,
        deadline=None,  # the machine may be busy with other things
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
