"""What a decision maker can do: actions with preconditions, effects by chance, costs and rules."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agentverse_engine.inputs.events import COMPARE, Comparison, EventScript

Floats = NDArray[np.float64]
ChangeOperation = Literal["add", "set", "multiply"]
HELD = -np.inf  # how far from its bound what holds is
NO_VALUE = 1.0  # how far from any bound what has no value is: a share's whole range


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionVariable:
    """A number that the decision maker alone moves, e.g. a capacity, from `start` at tick 0."""

    name: str
    start: float
    minimum: float
    maximum: float
    unit: str = "1"
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A comparison with a decision variable or a signal of the society.

    A decision variable is read with all that is complete by then; a signal as it was at the tick
    before, the last that is known; where that has no value (nan), the requirement does not hold.
    """

    quantity: str
    comparison: Comparison
    value: float

    @property
    def words(self) -> str:
        """The condition in words, such as "budget >= 3"."""
        return f"{self.quantity} {self.comparison} {self.value:g}"

    def distance(self, values: Floats) -> Floats:
        """Return float64[...]: how far values [...] are from the bound, HELD where it holds."""
        far = np.where(np.isnan(values), NO_VALUE, np.abs(values - self.value))
        return np.where(COMPARE[self.comparison](values, self.value), HELD, far)

    def depth(self, values: Floats) -> Floats:
        """Return float64[...]: how far values [...] are past the bound, HELD where it fails."""
        return np.where(
            COMPARE[self.comparison](values, self.value), np.abs(values - self.value), HELD
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an effect does to a decision variable, from the tick at which the action completes."""

    variable: str
    operation: ChangeOperation
    value: float

    def applied(self, values: Floats) -> Floats:
        """Return float64[...], what becomes of float64[...] values."""
        if self.operation == "add":
            return values + self.value
        if self.operation == "multiply":
            return values * self.value
        return np.full_like(values, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an action brings about, all of it together, with a probability (0 to 1).

    event_scripts: on the society; their ticks count from the action's completion (0: at once) and
    they have no probability of their own.
    """

    changes: tuple[Change, ...] = ()
    event_scripts: tuple[EventScript, ...] = ()
    probability: float = 1.0

    @property
    def by_chance(self) -> bool:
        """Whether it may fail to happen."""
        return self.probability < 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something one decision maker can do at a decision tick.

    money: its cost, due when it starts, 0 or more. time_ticks: how long it keeps its maker busy;
    its effects set in then. cooldown_ticks: the wait after its end before it may be done again.
    requires: actions done before it; blocks: actions that it rules out from then on.
    """

    name: str
    effects: tuple[Effect, ...] = ()
    preconditions: tuple[Requirement, ...] = ()
    money: float = 0.0
    time_ticks: int = 0
    cooldown_ticks: int = 0
    requires: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    most_uses: int = 1
    label: str = ""

    @property
    def spacing(self) -> int:
        """The fewest ticks between two starts of it."""
        return max(1, self.time_ticks + self.cooldown_ticks)

    @property
    def by_chance(self) -> bool:
        """Whether one of its effects may fail to happen."""
        return any(effect.by_chance for effect in self.effects)
