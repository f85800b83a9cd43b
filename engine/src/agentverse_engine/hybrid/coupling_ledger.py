"""The ledger of the coupling: who acted where and when, on which signals, and what that moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.effects.effects import Effects, TickEffects
from agentverse_engine.effects.folding import applied_by_group


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What one effect did to a variable in one replicate.

    A decision variable: just before and after the change. A variable of the registry: the mean over
    the personas in the script's scope at the tick before and at the `tick` at which it begins,
    all scripts together. occurred: an effect by chance may not have.
    """

    variable: str
    tick: int
    occurred: bool
    before: float
    after: float


@dataclass(slots=True, kw_only=True)
class CouplingEntry:
    """An actor took an action at a tick of a replicate.

    use: 1 when it was the first time. signals: what it saw, of the tick before; spent: by the actor
    so far, this action included. moves: in the order in which they came into force, within the run.
    """

    tick: int
    replicate: int
    actor: str
    action: str
    use: int
    signals: Mapping[str, float]
    spent: float
    moves: list[Move] = field(default_factory=list[Move])


class Means:
    """Means of a registry's variables over the personas in a script's scope."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self._weights: dict[int, NDArray[np.int64]] = {}

    def of(self, now: TickEffects, position: int, batch_index: int) -> float:
        """Return the mean of a script's variable in one replicate; nan where it reaches nobody."""
        effects, pack = self.effects, self.effects.scenario.pack
        name = effects.scenario.event_scripts[position].variable
        weights = self._weights_of(position)
        if not weights.sum():
            return float("nan")
        pattern = int(now.pattern_of[batch_index])
        if name in pack.parameters:
            values = now.parameters[pattern, :, pack.parameters.index(name)]
            return float((values * weights).sum() / weights.sum())
        maps = now.attributes[pattern, :, pack.attributes.index(name)]
        inside = effects.masks.inside[position][effects.masks.groups]
        own = effects.scenario.population.attributes[name][inside]
        return float(applied_by_group(maps, effects.masks.groups[inside], own).mean())

    def _weights_of(self, position: int) -> NDArray[np.int64]:
        """Return int64[groups], how many personas of each group a script reaches."""
        if position not in self._weights:
            sizes = np.bincount(
                self.effects.masks.groups, minlength=self.effects.masks.cell_of.size
            )
            self._weights[position] = sizes * self.effects.masks.inside[position]
        return self._weights[position]
