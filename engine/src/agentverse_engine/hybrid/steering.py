"""Steered effects: scripts in slots start in the replicates in which an actor took their action."""

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import BatchEffects, Effects, Observe, TickEffects
from agentverse_engine.hybrid.preallocated_scripts import Allocation


class SteeredEffects(Effects):
    """The effects of a layout's scripts."""

    def __init__(self, layout: Allocation) -> None:
        super().__init__(layout.scenario)
        self.first_slot = layout.first

    def batch(self, first: int = 0, count: int | None = None) -> "SteeredBatch":
        """Return the effects on `count` replicates from `first` on (default: on all)."""
        size = self.scenario.replicates - first if count is None else count
        return SteeredBatch(self, first, size)


class SteeredBatch(BatchEffects):
    """starting: bool[replicates, slots], whether an actor starts a script at the next tick."""

    def __init__(self, effects: SteeredEffects, first: int, size: int) -> None:
        super().__init__(effects, first, size)
        self.first_slot = effects.first_slot
        slots = self.occurrence.shape[1] - self.first_slot
        self.starting = np.zeros((size, slots), dtype=np.bool_)

    def at(self, tick: int, observe: Observe | None = None) -> TickEffects:
        """Return the effects at a tick; `starting` stands in for the conditions of the slots."""
        if observe is None:
            return super().at(tick)

        def decided(position: int) -> NDArray[np.bool_]:
            if position < self.first_slot:
                return observe(position)
            return self.starting[:, position - self.first_slot]

        return super().at(tick, decided)
