"""How far a comparison is, whichever process trains its arms."""

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sharprecl.comparison.arm_store import ArmStore
from sharprecl.comparison.arms import Arm, arm_key, with_changes
from sharprecl.parameters import FitParameters

logger = logging.getLogger(__name__)


PlannedTraining = tuple[str, ...]
"""Names of the results that a training may have; its rate may not be chosen yet, and one will be there."""


def plan_trainings(
    fits: Mapping[str, FitParameters], seeds: Sequence[int], learning_rates: Sequence[float], data: str
) -> list[PlannedTraining]:
    """All trainings of a comparison: each method's grid on the first seed, then one a further seed.

    Args:
        fits: the ``fit`` block of each method.
        seeds: of the trainings.
        learning_rates: of the grid.
        data: from :func:`~sharprecl.comparison.arms.data_digest`.

    Returns:
        The trainings in the order in which they run one after the other, a shared one once.
    """
    plan: list[PlannedTraining] = []
    for method, fit in fits.items():
        blocks = [with_changes(fit, {"learning_rate": rate}) for rate in learning_rates]
        plan += [(_key(Arm(method, seeds[0], block), data),) for block in blocks]
        plan += [tuple(_key(Arm(method, seed, block), data) for block in blocks) for seed in seeds[1:]]
    return list(dict.fromkeys(plan))


def _key(arm: Arm, data: str) -> str:
    return arm_key(arm.training, data)


class ComparisonProgress:
    """Tells before each training how many are left and how long they will take.

    Args:
        plan: all trainings of the comparison.
        store: the results that are there.
    """

    def __init__(self, plan: Sequence[PlannedTraining], store: ArmStore) -> None:
        self.plan = list(plan)
        self.store = store

    def expect(self, keys: Sequence[str]) -> None:
        """Plan for trainings that are certain now that the rate is chosen.

        Where two methods share trainings and choose different rates, the plan has too few.

        Args:
            keys: from :func:`~sharprecl.comparison.arms.arm_key`.
        """
        for key in keys:
            planned = next((choices for choices in self.plan if key in choices), (key,))
            if self.store.load_facts(key, "validation") is None and self._facts(planned) is not None:
                self.plan.append((key,))

    def announce(self, arm: Arm) -> None:
        """One line for an arm that is about to be trained."""
        results = [self._facts(planned) for planned in self.plan]
        done = [float(facts["seconds"]) for facts in results if facts is not None]
        # Of a resumed training it is not known how long it took.
        seconds = [duration for duration in done if not math.isnan(duration)]
        left = max(results.count(None), 1)  # one that is there may have lost its model
        logger.info(
            "%s, seed %d, learning rate %g: %d of %d trainings done, %d left%s",
            arm.method,
            arm.seed,
            arm.learning_rate or 0.0,
            len(done),
            len(done) + left,
            left,
            f", about {_duration(left * sum(seconds) / len(seconds))}" if seconds else "",
        )

    def _facts(self, planned: PlannedTraining) -> dict[str, Any] | None:
        results = (self.store.load_facts(key, "validation") for key in planned)
        return next((facts for facts in results if facts is not None), None)


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds, such as ``1:02:03``."""
    return str(timedelta(seconds=round(seconds)))
