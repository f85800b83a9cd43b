"""Targets that fail rest, in every process at once; then one call at a time may probe them."""

import logging
import time
from typing import Any

from agentverse.llm import repository
from agentverse.platform.db.asynchronous import AsyncDatabase
from agentverse.platform.db.outages import DatabaseUnavailable

logger = logging.getLogger(__name__)

RESTS_AFTER_FAILURES = 10
REST_SECONDS = 5.0
LONGEST_REST_SECONDS = 60.0
# Failures longer ago than this are no failures in a row.
FORGOTTEN_AFTER_SECONDS = 300.0
# A probe that has not come back by then is lost, and another may go.
PROBE_SECONDS = 60.0


class SharedBreakers:
    """The breaker table as this process knows it: refreshed by every admission."""

    def __init__(self, database: AsyncDatabase) -> None:
        self._database = database
        # Target → failures in a row, and when its rest ends on this process's own clock.
        self._failing: dict[str, tuple[int, float]] = {}

    def learn(self, states: dict[str, dict[str, Any]]) -> None:
        moment = time.monotonic()
        self._failing = {
            target: (state["failures"], moment + float(state["resting_seconds"] or 0))
            for target, state in states.items()
        }

    async def admits(self, target: str) -> bool:
        """Whether the target may be asked now; a target whose rest has ended needs a probe."""
        failures, until = self._failing.get(target, (0, 0.0))
        if failures < RESTS_AFTER_FAILURES:
            return True
        if until > time.monotonic():
            return False
        try:
            async with self._database.connection() as connection:
                return await repository.claim_probe(connection, target, PROBE_SECONDS)
        except DatabaseUnavailable:
            return False

    async def failed(self, target: str) -> None:
        try:
            async with self._database.connection() as connection:
                failures, resting = await repository.count_failure(
                    connection,
                    target,
                    rests_after=RESTS_AFTER_FAILURES,
                    rest_seconds=REST_SECONDS,
                    longest_rest_seconds=LONGEST_REST_SECONDS,
                    forgotten_after_seconds=FORGOTTEN_AFTER_SECONDS,
                )
        except DatabaseUnavailable:
            logger.warning("A failure of %s could not be shared.", target)
            return
        self._failing[target] = (failures, time.monotonic() + resting)

    async def succeeded(self, target: str) -> None:
        if target not in self._failing:
            return
        del self._failing[target]
        try:
            async with self._database.connection() as connection:
                await repository.forget_failures(connection, target)
        except DatabaseUnavailable:
            logger.warning("A recovery of %s could not be shared.", target)

    def resting_seconds(self, targets: list[str]) -> float:
        """Until the first of these may be probed."""
        moment = time.monotonic()
        return max(
            min((self._failing.get(target, (0, 0.0))[1] for target in targets), default=0) - moment,
            0.0,
        )
